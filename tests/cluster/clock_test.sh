#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Wall clocks that are wrong: 50 s ahead at sales, 50 s behind at analytics, while everybody writes;
# then sales' clock jumps an hour ahead while it runs, and back. What a person corrects beats what
# that person saw, whoever's clock was ahead when that was written; a clock that is far off drags
# nobody else's along; all agree, and no reply was wrong.
. "$(dirname "$0")/lib.sh"
cluster_make
set_clock() { echo "$2" >"$dir/$1.clock.new" && mv "$dir/$1.clock.new" "$dir/$1.clock"; }
set_clock sales 50000
set_clock analytics -50000
for name in sales analytics; do shaky_start "$name" SHAKY_CLOCK="$dir/$name.clock"; done
for name in marketing service; do node_start "$name"; done
for name in "${departments[@]}"; do node_ready "$name"; done
[ "$(get sales status | jq -r '.started_at | fromdateiso8601? // (.[0:19] + "Z" | fromdateiso8601)')" -gt $(($(date +%s) + 40)) ] || fail "the clock of sales is not wrong"

change() { # node id note
  curl -s -m 20 -X PATCH -H 'Content-Type: application/merge-patch+json' -d "{\"note\":\"setup $3\"}" "$(url "$1")/api/v1/customers/$2" |
    jq -e --arg note "setup $3" '.note == $note' >/dev/null || fail "$1 did not take: $3"
}
# Each corrects what the one before it wrote, from the fastest clock to the slowest and back.
customer=$(post sales customers '{"name":"setup"}' | jq -er .id)
for round in 1 2; do
  for name in sales marketing analytics service; do
    until_true 20 shows "$name" "customers/$customer" .name setup
    [ -z "${last:-}" ] || until_true 20 shows "$name" "customers/$customer" .note "setup $last"
    last="$round $name"
    change "$name" "$customer" "$last"
    get "$name" "customers/$customer" | jq -e '.conflicts == null' >/dev/null || fail "a correction at $name left a conflict"
  done
done
for name in "${departments[@]}"; do until_true 20 shows "$name" "customers/$customer" .note "setup $last"; done

drive_start
for name in "${departments[@]}"; do goes_on "$name"; done

# An hour ahead, while it runs: it refuses commands and says why. The others go on, at their own time.
set_clock sales 3600000
refuses() {
  [ "$(curl -s -m 5 -o "$dir/refusal" -w '%{http_code}' -H 'Content-Type: application/json' -d '{"name":"setup, refused"}' "$(url sales)/api/v1/customers")" = 503 ] &&
    grep -q "clock is [0-9]* s ahead" "$dir/refusal"
}
until_true 30 refuses
for name in marketing service analytics; do goes_on "$name"; goes_on "$name"; done
said_skewed() { [ "$(get marketing status | jq '[.peers[] | select(.name == "sales")][0].skew_ms > 3000000')" = true ]; }
until_true 30 said_skewed
# It says so, and takes no commands meanwhile.
until_true 30 eval 'curl -s -m 5 "$(url sales)/readyz" | grep -q "clock is"'
latest=$(post marketing customers '{"name":"setup, by the clock of marketing"}' | jq -r '.created_at[0:19] + "Z" | fromdateiso8601')
[ "$latest" -le $(($(date +%s) + 62)) ] || fail "the clock of marketing was dragged along"

# And back again: sales goes on, and does not stamp below what it wrote.
set_clock sales 0
goes_on sales 60
drive_stop
equal_in 60
agree || fail "the nodes differ"
history_check
