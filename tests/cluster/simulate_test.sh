#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A load profile is replayed as it says, and the report agrees with what the nodes hold; requests that wait for
# a node that stands still are counted as slow, not left out; mistakes in a profile are named with their place.
. "$(dirname "$0")/lib.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
cluster_make
cluster_start
simulate() { "$BIN/liaison" simulate "$@" --dir "$dir" >"$dir/report" 2>"$dir/errors"; }

# ---- the smallest of the ready ones --------------------------------------------------------------
simulate "$source/deploy/profiles/smoke.yaml" || { cat "$dir/errors" "$dir/report"; fail "the profile failed"; }
jq -e '.wanted == 40 and .sent == 40 and .all.answered == 40 and .all.failed == 0 and .settled_ms >= 0 and .seconds >= 2' "$dir/report" >/dev/null ||
  { jq . "$dir/report"; fail "not what the profile says"; }
jq -e '.all | .p50_ms > 0 and .p50_ms <= .p90_ms and .p90_ms <= .p99_ms and .p99_ms <= .max_ms' "$dir/report" >/dev/null || fail "percentiles out of order"
jq -e '[.operations[].answered] | add == 40' "$dir/report" >/dev/null || fail "parts are not the whole"
jq -e '.nodes | length == 4 and all(.memory_bytes_most > 0)' "$dir/report" >/dev/null || fail "nothing of the nodes"
made=$(jq '[.operations[] | select(.name == "new customer") | .answered] | add // 0' "$dir/report")
for name in "${departments[@]}"; do
  [ "$(get "$name" 'customers?page_size=1000' | jq '.customers | length')" = $((20 + made)) ] || fail "$name: other customers than were made"
done
for name in office rush; do # read whole, and refused for where it would write
  post sales customers '{"name":"Mei Real"}' | jq -e .id >/dev/null
  simulate "$source/deploy/profiles/$name.yaml" && fail "among customers that are not made up"
  grep -q -- --beside "$dir/errors" || fail "$name: $(cat "$dir/errors")"
done
same || until_true 30 same

# ---- a node that stands still --------------------------------------------------------------------
printf 'customers: 4\nclients: 64\nphases:\n  - {for: 5s, rate: 30}\nmix: {new task: 1}\n' >"$dir/still.yaml"
tasks() { get marketing 'tasks?page_size=1000' | jq '.tasks | length'; }
first=$(tasks)
simulate "$dir/still.yaml" --beside & runner=$!
begun() { [ "$(tasks)" -gt "$first" ]; }
until_true 60 begun
kill -STOP "${pid[service]}"
still_since=$(now_ms)
until_true 20 eval '[ $(($(now_ms) - still_since)) -ge 1500 ]'
kill -CONT "${pid[service]}"
wait $runner || { cat "$dir/errors" "$dir/report"; fail "the run failed"; }
jq -e '.all.answered == 150 and .all.max_ms >= 700 and .all.p50_ms < .all.max_ms' "$dir/report" >/dev/null || { jq .all "$dir/report"; fail "a node that stood still does not show"; }

# ---- mistakes ------------------------------------------------------------------------------------
refused() { # text, words
  printf '%b' "$1" >"$dir/wrong.yaml"
  local status=0
  simulate "$dir/wrong.yaml" || status=$?
  [ $status = 2 ] || fail "taken: $1"
  grep -qF -- "$2" "$dir/errors" || { cat "$dir/errors"; fail "not said: $2"; }
}
refused 'phases:\n  - {for: 2s, rate: x}\nmix: {search: 1}\n' 'phases, 1: rate: a number'
refused 'phases:\n  - {for: 2s, rate: 1}\nmix: {serch: 1}\n' "mix: 'serch' is not known here; was 'search' meant?"
refused 'phases:\n  - {for: soon, rate: 1}\nmix: {search: 1}\n' 'phases, 1: for: a period'
refused 'phases: []\nmix: {search: 1}\n' 'phases: a list'
refused 'customers: 1.5\nphases:\n  - {for: 2s, rate: 1}\nmix: {search: 1}\n' 'customers: a whole number'
refused 'phases:\n  - {for: 2s, rate: 1}\nmix: {search: 0}\n' 'mix: says what is done'
refused 'phases:\n  - {for: 2s, rate: 1}\nphases: 1\n' 'wrong.yaml:3:1: this name is there twice'
refused 'mix: [\n' 'wrong.yaml:'
refused 'mix: &a {search: 1}\n' 'no references'
refused '' 'there is nothing in it'
status=0; "$BIN/liaison" simulate "$source/deploy/profiles/smoke.yaml" --node "$(url marketing)" --beside >/dev/null 2>"$dir/errors" || status=$?
[ $status = 2 ] && grep -q "'new deal' wants a node of sales" "$dir/errors" || fail "deals without a node of sales: $(cat "$dir/errors")"
if grep -hE '"level":"error"' "$dir"/*.log; then fail "errors in the logs"; fi
echo "simulated"
