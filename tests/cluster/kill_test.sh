#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Nodes are killed again and again while customers are created at all of them. Whatever was
# acknowledged is there afterwards, once, at all four.
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS:-6}
cluster_make
cluster_start

# One writer per node: creates with a key, tries again under the same key until it is acknowledged.
writer() { # node
  local name=$1 i=0 id
  while [ ! -e "$dir/stop" ]; do
    i=$((i + 1))
    until id=$(post "$name" customers "{\"name\":\"$name $i\",\"external_ids\":[{\"value\":\"$name:$i\"}]}" "$name-$i" | jq -er .id 2>/dev/null); do
      [ ! -e "$dir/stop" ] || return 0
    done
    echo "$name $i $id" >>"$dir/acknowledged"
  done
}
: >"$dir/acknowledged"
writers=()
for name in "${departments[@]}"; do writer "$name" & writers+=($!); done

lines() { [ "$(wc -l <"$dir/acknowledged")" -ge "$1" ]; }
for round in $(seq "$rounds"); do
  victim=${departments[$((RANDOM % 4))]}
  until_true 60 lines $((round * 40))
  node_kill "$victim"
  node_start "$victim"
  node_ready "$victim"
done
until_true 60 lines $(((rounds + 1) * 40))
touch "$dir/stop"
for w in "${writers[@]}"; do wait "$w"; done
agree || fail "the nodes differ"

for name in "${departments[@]}"; do
  "$BIN/liaison" export --node "$(url "$name")" --kind customers --format jsonl -o "$dir/$name.jsonl" 2>/dev/null
  jq -r '[.name, .id] | join(" ")' "$dir/$name.jsonl" | sort >"$dir/$name.found"
  # Nothing acknowledged is missing ...
  missing=$(sort "$dir/acknowledged" | comm -23 - "$dir/$name.found")
  [ -z "$missing" ] || fail "$name lost: $missing"
  # ... and nothing is there twice.
  twice=$(cut -d' ' -f1,2 "$dir/$name.found" | uniq -d)
  [ -z "$twice" ] || fail "$name has twice: $twice"
done
echo "$(wc -l <"$dir/acknowledged") acknowledged, $rounds kills, nothing lost, nothing twice"
