#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A customer known to all four departments is erased while one of them is down and another one is
# killed in the middle. Afterwards no byte of the customer is in any file, all nodes agree, and
# views that are built anew say the same.
. "$(dirname "$0")/lib.sh"
# Its halves are looked for too: a page's edge may cut it.
left=quoggl7x right=zimbrw29
marker=$left$right
cluster_make
cluster_start

found() { # node: how many of its files hold a half
  { grep -rlaF -e "$left" -e "$right" "$dir/$1" || true; } | wc -l
}
answers() { # node path status
  [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "$(url "$1")/api/v1/$2")" = "$3" ]
}

customer=$(post marketing customers "{\"name\":\"Mei $marker\",\"note\":\"likes $marker\",\"emails\":[{\"value\":\"$marker@example.com\"}]}" | jq -r .id)
other=$(post marketing customers '{"name":"Ben Example"}' | jq -r .id)
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "customers/$customer" .name "Mei $marker"
  until_true 30 shows "$name" "customers/$other" .name "Ben Example"
  for i in $(seq 20); do
    post "$name" interactions "{\"customer\":\"$customer\",\"type\":\"call\",\"subject\":\"$i\",\"text\":\"said $marker $i\"}" >/dev/null
    post "$name" interactions "{\"customer\":\"$other\",\"type\":\"call\",\"text\":\"hello $i\"}" >/dev/null
  done
done
post sales deals "{\"name\":\"$marker\",\"customer\":\"$customer\"}" | jq -er .id >/dev/null || fail "no deal"
post service tickets "{\"subject\":\"$marker\",\"customer\":\"$customer\"}" | jq -er .id >/dev/null || fail "no ticket"
post marketing handovers "{\"customer\":\"$customer\",\"to\":\"sales\",\"reason\":\"wants $marker\"}" | jq -er .id >/dev/null || fail "no hand-over"
agree || fail "the nodes differ before anything is erased"
# Stopped in order, views are written out: the search must find what is there.
for name in "${departments[@]}"; do
  node_stop "$name"
  [ "$(found "$name")" -gt 0 ] || fail "the marker is not in the files of $name to begin with"
  [ "$(found "$name/search")" -gt 0 ] || fail "the marker is not in the search index of $name to begin with"
done
for name in sales marketing service; do node_start "$name"; done
for name in sales marketing service; do node_ready "$name"; done

erasure=$(post sales "customers/$customer:erase" '{"reason":"asked for it"}' erase-1 | jq -r .id)
[ "$erasure" != null ] || fail "no erasure"
# Killed in the middle: the request is durable, and so the rest follows.
node_kill sales
node_start sales; node_ready sales
[ "$(post sales "customers/$customer:erase" '{"reason":"asked for it"}' erase-1 | jq -r .id)" = "$erasure" ] || fail "the same command again is another erasure"
for name in sales marketing service; do
  until_true 60 shows "$name" "erasures/$erasure" '[.receipts[].node] | sort | join(" ")' "marketing sales service"
  shows "$name" "erasures/$erasure" '"\(.complete) \(.missing | join(" "))"' "false analytics" || fail "$name does not say who is missing"
  answers "$name" "customers/$customer" 410 || fail "$name still answers for the customer"
  answers "$name" "customers/$customer/timeline" 410 || fail "$name still has a timeline"
  [ "$(found "$name")" = 0 ] || fail "$name keeps the marker: $(grep -rlaF -e "$left" -e "$right" "$dir/$name")"
done
[ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{"name":"x"}' "$(url sales)/api/v1/customers/$customer")" = 410 ] || fail "an erased customer was changed"
shows sales 'customers?page_size=50' '[.customers[].id] | join(" ")' "$other" || fail "the list shows an erased customer"

# The one that was away, killed as well.
[ "$(found analytics)" -gt 0 ] || fail "analytics had nothing to erase"
node_start analytics; node_ready analytics
until_true 60 answers analytics "customers/$customer" 410
node_kill analytics
node_start analytics; node_ready analytics
for name in "${departments[@]}"; do
  until_true 60 shows "$name" "erasures/$erasure" .complete true
  [ "$(found "$name")" = 0 ] || fail "$name keeps the marker"
  shows "$name" "customers/$other?timeline=100" '.timeline | length' 80 || fail "$name lost what belongs to another customer"
done
agree || fail "the nodes differ"

# Built anew from the erased log, and after a plain restart, all is the same.
node_stop service
node_start service; node_ready service
node_stop sales
rm -r "$dir/sales/views"
node_start sales; node_ready sales
answers sales "customers/$customer" 410 || fail "views built anew know the customer"
agree || fail "views built anew differ"
for name in "${departments[@]}"; do [ "$(found "$name")" = 0 ] || fail "$name has the marker again"; done
grep -lF -e "$left" -e "$right" "$dir"/*.log && fail "a node logged the marker"
echo "erased at four, nothing left"
