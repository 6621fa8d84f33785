#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A retention rule is applied by four departments that are killed again and again meanwhile, at any
# step: before anything is announced, in between, and while files are overwritten. Afterwards no
# byte of what it took is in any file, everything else is there, and all nodes agree.
. "$(dirname "$0")/lib.sh"
# Its halves are looked for too: a page's edge may cut it.
left=quoggl7x right=zimbrw29
marker=$left$right
each=400
cluster_make
cluster_start

found() { # node: how many of its files hold a half
  { grep -rlaF -e "$left" -e "$right" "$dir/$1" || true; } | wc -l
}
many() { # node type days-ago text
  local when
  when=$(date -u -d "$3 days ago" +%FT%TZ)
  for i in $(seq "$each"); do
    echo "{\"customer\":\"$customer\",\"type\":\"$2\",\"occurred_at\":\"$when\",\"text\":\"$4 $i\"}"
  done | at "$1" curl -fs -m 60 -o /dev/null -H 'Content-Type: application/jsonl' --data-binary @- \
    "$(url "$1")/api/v1/interactions:batchCreate" || fail "$1 takes no batch"
}
# Each has run the rule to its end, and overwritten all that anybody had announced by then.
wiped() { # node
  [ "$(get "$1" "retention_rules/$rule" | jq "(.nodes | length) == 4 and all(.nodes[]; .done_at and .wiped == $((4 * each))) and
    ([.nodes[].blanked_ever] | add) == $((4 * each))")" = true ]
}
ran() { # node
  [ "$(get "$1" "retention_rules/$rule" | jq "[.nodes[]? | select(.done_at)] | length")" = 4 ]
}

counts() { shows "$1" "retention_rules/$2:preview?samples=0" .count "$3"; }

customer=$(post marketing customers '{"name":"Mei"}' | jq -r .id)
# This one is never applied: its dry run counts them.
calls=$(post marketing retention_rules '{"name":"old calls","types":["call"],"older_than_days":400}' | jq -r .id)
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "customers/$customer" .name Mei
  many "$name" page_view 500 "looked at $marker"
  many "$name" call 500 "said hello"
done
for name in "${departments[@]}"; do
  until_true 60 counts "$name" "$calls" $((4 * each))
done
for name in "${departments[@]}"; do
  node_stop "$name"
  [ "$(found "$name")" -gt 0 ] || fail "the marker is not in the files of $name to begin with"
  node_start "$name"
done
for name in "${departments[@]}"; do node_ready "$name"; done

rule=$(post sales retention_rules '{"name":"old views","types":["page_view"],"older_than_days":400}' | jq -r .id)
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "retention_rules/$rule:preview" '"\(.count) \(.types[0].type) \(.nodes | length)"' "$((4 * each)) page_view 4"
done
[ "$("$BIN/liaison" retention try "$rule" --dir "$dir" --node sales --json | jq .count)" = $((4 * each)) ] || fail "the command line tries in vain"
"$BIN/liaison" retention apply "$rule" --dir "$dir" --node marketing || fail "not applied"
for round in $(seq "${ROUNDS:-6}"); do
  name=${departments[$((RANDOM % 4))]}
  node_kill "$name"
  sleep 0.0$((RANDOM % 10))
  node_start "$name"; node_ready "$name"
done
for name in "${departments[@]}"; do until_true 60 ran "$name"; done
# Whoever was wiping while others still announced does so again.
for name in "${departments[@]}"; do until_true 120 wiped "$name"; done
[ "$("$BIN/liaison" retention list --dir "$dir" --node sales --json | jq "[.retention_rules[] | select(.id == \"$rule\").nodes[].wiped] | unique | .[0]")" = $((4 * each)) ] || fail "the command line lists something else"
agree || fail "the nodes differ"
for name in "${departments[@]}"; do
  [ "$(found "$name")" = 0 ] || fail "$name keeps the marker: $(grep -rlaF -e "$left" -e "$right" "$dir/$name")"
  counts "$name" "$calls" $((4 * each)) || fail "$name has lost calls"
  counts "$name" "$rule" 0 || fail "$name would blank more"
done

# Built anew from what is left, and after a kill, all is the same.
node_stop sales
rm -r "$dir/sales/views"
node_start sales; node_ready sales
node_kill marketing
node_start marketing; node_ready marketing
agree || fail "views built anew differ"
for name in "${departments[@]}"; do [ "$(found "$name")" = 0 ] || fail "$name has the marker again"; done
grep -lF -e "$left" -e "$right" "$dir"/*.log && fail "a node logged the marker"
echo "blanked at four, nothing left"
