#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two nodes of the next release (tests/next) and one of today's between them: sales and service never
# run at the same time, so all that they know of one another came through marketing, which knows
# neither the new fields nor the new kind, and edits beside them.
. "$(dirname "$0")/lib.sh"
cluster_make
program[sales]="$BIN/liaison-next sales"
program[service]="$BIN/liaison-next service"
run() { node_start "$1"; node_ready "$1"; }
patch() { at "$1" curl -fs -m 20 -X PATCH -H 'Content-Type: application/json' -d "$3" "$(url "$1")/api/v1/$2" >/dev/null; }
equal() { [ "$(digest "${now[0]}")" = "$(digest "${now[1]}")" ]; } # the two that run
differences() { get "$1" status | jq '[.peers[]? | select(.differs == true)] | length'; }

run sales; run marketing
mei=$(post sales customers '{"name":"Mei Example","pronouns":"she","preferred_channel":"hologram",
  "emails":[{"value":"mei@example.com","label":"work","source":"fair"}]}' | jq -er .id)
gift=$(post sales gifts "{\"name\":\"Teapot\",\"customer\":\"$mei\",\"ribbons\":[\"red\"],
  \"price\":{\"amount_minor\":900,\"currency\":\"EUR\",\"rate\":\"net\"}}" | jq -er .id)
[ "$(post sales "gifts/$gift:open" '{}' | jq -r .state)" = opened ] || fail "the gift stays wrapped"
now=(sales marketing)
until_true 30 equal

# Today's release shows what it knows of it, and does not break on the rest.
shows marketing "customers/$mei" '[.name, .emails[0].value, .pronouns] | tostring' '["Mei Example","mei@example.com",null]'
get marketing "customers/$mei" | jq -e .preferred_channel >/dev/null || fail "a new value of an enum is hidden"
get marketing 'customers?page_size=10' | jq -e '.customers | length == 1' >/dev/null
get marketing "customers/$mei?timeline=20" >/dev/null
[ "$(curl -s -o /dev/null -w '%{http_code}' "$(url marketing)/api/v1/gifts/$gift")" = 404 ]
get marketing "events?from=start&limit=$(get marketing status | jq .arrival)" >"$dir/events"
grep -q '^data:' "$dir/events" || fail "no events"
"$BIN/liaison" export --node "$(url marketing)" --kind customers --format jsonl -o "$dir/export" 2>/dev/null
grep -q 'Mei Example' "$dir/export"

# Edits of today's release: another field, another element, and the element that says more than it knows.
patch marketing "customers/$mei" '{"name":"Mei Sample"}'
patch marketing "customers/$mei" '{"emails":[{"value":"mei@example.com","label":"home"},{"value":"m@example.net"}]}'
until_true 30 equal
node_stop sales

# Who has never met sales knows all of it.
run service
now=(marketing service)
until_true 30 equal
knows() {
  shows "$1" "customers/$mei" '[.name, .pronouns, .preferred_channel, (.emails | length)] | tostring' \
    '["Mei Sample","she","hologram",2]' || fail "$1: $(get "$1" "customers/$mei")"
  shows "$1" "customers/$mei" '.emails[] | select(.value == "mei@example.com") | [.label, .source] | tostring' \
    '["home","fair"]' || fail "$1: $(get "$1" "customers/$mei")"
  shows "$1" "gifts/$gift" '[.name, .state, .ribbons[0], .price.rate] | tostring' '["Teapot","opened","red","net"]' ||
    fail "$1: $(get "$1" "gifts/$gift")"
}
knows service
get service "customers/$mei?timeline=20" | jq -e '[.. | strings | select(. == "gift.opened")] | length > 0' >/dev/null ||
  fail "a new fact is not on the timeline"
get service 'customers?filter=pronouns%3D%22she%22' | jq -e '.customers | length == 1' >/dev/null ||
  fail "a new field that came through today's release is not indexed"

# And the other way.
patch service "customers/$mei" '{"pronouns":"they"}'
patch service "gifts/$gift" '{"name":"Cup"}'
until_true 30 equal
node_stop service
run sales
now=(sales marketing)
until_true 30 equal
shows sales "customers/$mei" .pronouns they
shows sales "gifts/$gift" .name Cup

# Rows made anew from the log are the same, at both.
digest_before=$(digest marketing)
for name in sales marketing; do
  node_stop "$name"
  ${program[$name]:-$BIN/liaison-$name} --dir "$dir" --name "$name" --map-gib 4 --rebuild 2>>"$dir/$name.log"
  run "$name"
done
[ "$(digest marketing)" = "$digest_before" ] || fail "marketing makes other rows of its log than before"
until_true 30 equal

# Today's release takes over a store that the next one wrote, and gives it back.
node_stop sales; saved=${program[sales]}; unset 'program[sales]'
run sales
until_true 30 equal
patch sales "customers/$mei" '{"name":"Mei Instance"}'
node_stop sales; program[sales]=$saved
run sales
until_true 30 equal
shows sales "customers/$mei" '[.name, .pronouns] | tostring' '["Mei Instance","they"]'

# Views of two versions are not compared, and nobody complains.
[ "$(differences sales)$(differences marketing)" = 00 ] || fail "a false alarm"
if grep -E '"level":"error"' "$dir"/*.log; then fail "errors in the logs"; fi
echo "today's release and the next one live together"
