#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two departments, cut off from one another, make records of one person. Together again every node
# asks about them; what a person decides at one joins them at all, and takes them apart at all.
. "$(dirname "$0")/lib.sh"
cluster_make
for name in sales service; do node_start "$name"; done
for name in sales service; do node_ready "$name"; done
mei=$(post sales customers '{"name":"Mei Tan","job_title":"weaver"}' | jq -er .id)
until_true 30 shows service "customers/$mei" .name "Mei Tan"
node_stop sales
other=$(post service customers '{"name":"Mei Tan","job_title":"master weaver","note":"likes looms"}' | jq -er .id)
post service interactions "{\"customer\":\"$other\",\"type\":\"call\",\"subject\":\"cut off\"}" >/dev/null
for name in sales marketing analytics; do node_start "$name"; done
for name in "${departments[@]}"; do node_ready "$name"; done
agree || fail "the nodes differ"
for name in "${departments[@]}"; do
  until_true 30 shows "$name" 'duplicates?wait_ms=1000' '[.duplicates[] | .a.id, .b.id] | join(" ")' "$mei $other"
  shows "$name" "duplicates?customer=$other" '.duplicates[0].b.id' "$mei" || fail "$name does not find it from the other side"
done
"$BIN/liaison" duplicates --node "$(url analytics)" | jq -e ".duplicates[0].reasons | length > 0" >/dev/null || fail "no reasons on the command line"

[ "$(post marketing "customers/$mei:link" "{\"other\":\"$other\"}" | jq -r .id)" = "$mei" ] || fail "not linked"
shows marketing "customers/$other" '"\(.id) \(.members | length) \(.note)"' "$mei 2 likes looms" || fail "who has just decided it does not see it"
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "customers/$other?timeline=5" '"\(.id) \(.members | length) \(.timeline | length)"' "$mei 2 2"
  # Sales owns the title, whatever was written later; who made which record is known.
  shows "$name" "customers/$mei" '"\(.job_title) \(.conflicts.job_title | length) \([.members[].department] | join(" "))"' "weaver 2 sales service" || fail "$name: $(get "$name" "customers/$mei")"
  shows "$name" 'customers' '[.customers[].id] | join(" ")' "$mei" || fail "$name lists both"
  shows "$name" 'duplicates' '.duplicates | length' 0 || fail "$name still asks"
done
# The same words everywhere: the golden view is a function of the records.
for name in "${departments[@]}"; do get "$name" "customers/$mei" >"$dir/$name.golden"; cmp "$dir/sales.golden" "$dir/$name.golden" || fail "$name sees somebody else"; done
"$BIN/liaison" export --node "$(url analytics)" --kind customers --format jsonl -o "$dir/all" 2>/dev/null
[ "$(jq -s length "$dir/all")" = 2 ] || fail "an export of records lacks one"
# What is no file is written to, and stays what it is: root's -o /dev/null would take it from everybody.
mkfifo "$dir/pipe"
"$BIN/liaison" export --node "$(url analytics)" --kind customers --format jsonl -o "$dir/pipe" 2>/dev/null &
drivers+=($!)
[ "$(timeout 20 jq -s length <"$dir/pipe")" = 2 ] || fail "an export into a pipe lacks a record"
[ -p "$dir/pipe" ] || fail "a pipe was replaced by a file"

post analytics "customers/$other:notSame" "{\"other\":\"$mei\"}" >/dev/null
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "customers/$mei" '"\(.id) \(.members) \(.note)"' "$mei null null"
  shows "$name" "customers/$other" '"\(.id) \(.note)"' "$other likes looms" || fail "$name lost what was recorded"
done
agree || fail "the nodes differ"
