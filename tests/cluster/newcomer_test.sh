#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three departments work with a short log until its beginning is gone at all of them. Then analytics
# comes with an empty disk: it is not ready and says how far it is, is killed in the middle again and
# again, and ends with the state, the timelines and the figures of everything that was ever written.
. "$(dirname "$0")/lib.sh"
people=${PEOPLE:-600}
kills=${KILLS:-3}
liaison() { "$BIN/liaison" "$@"; }

cluster_make
for name in sales marketing service; do program[$name]="$BIN/liaison-$name --log-keep 1s"; done
departments=(sales marketing service)
cluster_start
# It was never there: nobody waits for it any more.
removed=$(liaison peer remove analytics --dir "$dir" --force --wait 30 --json 2>/dev/null || true)
[ "$(jq -r .done <<<"$removed")" = removed ] || fail "not removed: $removed"

# ---- work
create() { # node kind; objects, one a line, from stdin; tells their ids
  local answer
  answer=$(curl -fs -m 60 -H 'Content-Type: application/jsonl' --data-binary @- "$(url "$1")/api/v1/$2:batchCreate")
  [ "$(jq .failed <<<"$answer")" = 0 ] || fail "not all $2 were created: $(jq -c '[.results[] | select(.error)][0]' <<<"$answer")"
  jq -r '.results[].id' <<<"$answer"
}
has_people() { [ "$(get "$1" 'customers?page_size=1000' | jq '.customers | length')" = "$people" ]; }

seq "$people" | jq -c '{name: "Customer \(.)", country: "DE"}' | create sales customers >"$dir/ids"
for name in marketing service; do until_true 60 has_people "$name"; done
note=$(printf '%09000d' 7)
# The n-th customer has n mod 3 calls and one purchase of n cents.
jq -Rc --arg note "$note" '{customer: ., type: "purchase", occurred_at: "2026-11-01T10:00:00Z", text: $note,
  amount: {amount_minor: input_line_number, currency: "EUR"}}' "$dir/ids" | create marketing interactions >/dev/null
jq -Rc --arg note "$note" '. as $id | range(input_line_number % 3) | {customer: $id, type: "call", text: $note,
  occurred_at: "2026-11-02T10:00:00Z"}' "$dir/ids" | create service interactions >/dev/null
jq -Rc 'select(input_line_number % 5 == 0) | {customer: ., name: "A loom", amount: {amount_minor: 100, currency: "EUR"}}' \
  "$dir/ids" | create sales deals >/dev/null
calls=$(jq -n "[range(1; $people + 1) % 3] | add")
cents=$((people * (people + 1) / 2))

# ---- the beginning goes, at all three and of all three: a lane's last block stays
begins_late() { get "$1" status | jq -e '[.lanes[] | select(.head > 0) | .first > 1] | length == 3 and all' >/dev/null; }
name_changed() { curl -fs -o /dev/null -m 20 -X PATCH -H 'Content-Type: application/json' -d "{\"note\":\"by $1\"}" "$(url "$1")/api/v1/customers/$2"; }
last=$(tail -1 "$dir/ids")
for name in "${departments[@]}"; do name_changed "$name" "$last"; done
for name in "${departments[@]}"; do until_true 60 begins_late "$name"; done
get sales 'events?from=start&until=now' >"$dir/events"
grep -q '^event: stream.gap$' "$dir/events" || fail "a stream passes over what was dropped"

# ---- the fourth
free_base
liaison keys make --dir "$dir" --name analytics2 >/dev/null 2>&1
added=$(liaison peer add analytics2 --department analytics --http "127.0.0.1:$free" --bus "127.0.0.1:$((free + 1))" \
  --keys "$dir/analytics2/node.pub" --dir "$dir" --wait 1 --json 2>/dev/null || true)
jq -e '.epoch > 1' <<<"$added" >/dev/null || fail "not added: $added"
departments+=(analytics2)
port[analytics2]=$free
program[analytics2]="$BIN/liaison-analytics --log-keep 1s"
readyz() { curl -s -m 5 "$(url analytics2)/readyz"; }
# Some of the state is here, and not all.
is_importing() { get analytics2 status 2>/dev/null | jq -e '.import | .received > 0 and .all > 0' >/dev/null; }
is_whole() { ready analytics2 && has_people analytics2; }
is_caught_or_whole() { is_importing || is_whole; }
answers() { readyz | jq -e .status >/dev/null 2>&1; }
peers() { kill "-$1" "${pid[sales]}" "${pid[marketing]}" "${pid[service]}"; }
killed=0
for round in $(seq "$kills"); do
  node_start analytics2
  if [ $killed -gt 0 ]; then # it knows of that by itself, before it has met anybody
    until_true 60 answers
    is_whole || readyz | jq -e '.status == "not-ready"' >/dev/null || is_whole || fail "ready with half of the state"
  fi
  until_true 60 is_caught_or_whole
  peers STOP # so that it is still so when it is asked
  if is_importing; then
    readyz | jq -e '.status == "not-ready" and (.reason | test("fetched as state from [a-z]+"))' >/dev/null || fail "ready before it has the state: $(readyz)"
    killed=$((killed + 1))
  fi
  node_kill analytics2
  peers CONT
done
[ $killed -ge 1 ] || fail "never killed in the middle"
node_start analytics2
node_ready analytics2
has_people analytics2 || fail "ready without all customers"

# ---- it has all
agree || fail "the nodes differ"
counted() { get analytics2 'figures?by=type' | jq -r '.rows | map({key: .type, value: .}) | from_entries |
  "\(.purchase.count) \(.purchase.amounts[0].amount_minor) \(.call.count)"'; }
[ "$(counted)" = "$people $cents $calls" ] || fail "counted $(counted), not $people $cents $calls"
all_classed() { [ "$(get analytics2 classes | jq '[.classes[].customers] | add')" = "$people" ]; }
until_true 60 all_classed
same_timeline() { # customer
  for name in sales analytics2; do get "$name" "customers/$1/timeline" | jq -S . >"$dir/$name.timeline"; done
  cmp -s "$dir/sales.timeline" "$dir/analytics2.timeline"
}
n=1
while read -r id; do
  until_true 30 same_timeline "$id" # it has just been classified
  logged=$(jq '[.timeline[] | select(.event == "interaction.logged")] | length' "$dir/analytics2.timeline")
  [ "$logged" = $((n % 3 + 1)) ] || fail "$logged interactions of $id, not $((n % 3 + 1))"
  n=$((n + 29))
done < <(sed -n '1~29p' "$dir/ids")
agree || fail "the nodes differ after that"
echo "$people people, $((people + calls)) interactions; killed $killed times"
