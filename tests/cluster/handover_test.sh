#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Marketing hands a customer to sales while sales is down; sales answers when it is back, exactly
# once, also when it is killed right after; all four show the same.
. "$(dirname "$0")/lib.sh"
cluster_make
cluster_start

customer=$(post marketing customers '{"name":"Mei Example","emails":[{"value":"mei@example.com"}]}' | jq -r .id)
until_true 20 shows sales "customers/$customer" .name "Mei Example"

node_kill sales
offer=$(post marketing handovers "{\"customer\":\"$customer\",\"to\":\"sales\",\"reason\":\"asked for a price\"}" offer-1)
handover=$(jq -r .id <<<"$offer")
[ "$handover" != null ] || fail "no hand-over: $offer"
# The same command again is the same hand-over.
[ "$(post marketing handovers "{\"customer\":\"$customer\",\"to\":\"sales\",\"reason\":\"asked for a price\"}" offer-1 | jq -r .id)" = "$handover" ]
shows marketing "handovers/$handover" .state offered
until_true 20 shows service "handovers/$handover" .state offered

node_start sales; node_ready sales
until_true 30 shows marketing "handovers/$handover" .state accepted
node_kill sales; node_start sales; node_ready sales
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "handovers/$handover" .state accepted
  until_true 30 shows "$name" "customers/$customer?timeline=20" '.deals | length' 1
done
[ "$(get sales 'deals?page_size=50' | jq '.deals | length')" = 1 ] || fail "not exactly one deal"
agree
echo "a hand-over was answered exactly once"
