#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The examples of subscribers miss nothing: each is killed again and again while events come, and so is the
# node. What they wrote down, each event once, is what the node tells from the start.
. "$(dirname "$0")/lib.sh"
departments=(sales marketing)
examples=$(cd "$(dirname "$0")/../../tools/examples" && pwd)
command -v node >/dev/null || { echo "no Node here" >&2; exit 77; }

cluster_make
node_start sales; node_start marketing
node_ready sales; node_ready marketing

# A key of its own for the one that listens to the public stream.
"$BIN/liaison" keys make --dir "$dir" --name tool >/dev/null
"$BIN/liaison" tool admit warehouse --keys "$dir/tool/node.pub" --node "$(url sales)" >/dev/null
get sales members >"$dir/members.json"
node_key=$(jq -r '.members[] | select(.name == "sales") | .curve_key' "$dir/members.json")
public=$(jq -r '.members[] | select(.name == "sales") | .pub' "$dir/members.json")

declare -A command subscriber
command[python]="python3 $examples/subscribe.py $(url sales) $dir/python.state $dir/python.out"
command[javascript]="node $examples/subscribe.mjs $(url sales) $dir/javascript.state $dir/javascript.out"
command[c]="$BIN/example_subscribe $(url sales) $public $node_key $dir/tool/node.keys $dir/c.state $dir/c.out"

begin() {
  # shellcheck disable=SC2086
  ${command[$1]} >>"$dir/$1.log" 2>&1 </dev/null &
  subscriber[$1]=$!
  drivers+=($!)
}
end_hard() { kill -9 "${subscriber[$1]}"; wait "${subscriber[$1]}" 2>/dev/null || true; }

for name in "${!command[@]}"; do : >"$dir/$name.out"; begin "$name"; done
write() { post "$1" customers "{\"name\":\"customer $2\"}" | jq -er .id >/dev/null; }
for round in 1 2 3; do
  for i in $(seq 10); do write sales "$round.$i"; write marketing "$round.$i"; done
  for name in "${!command[@]}"; do end_hard "$name"; done
  for i in $(seq 5); do write sales "unheard $round.$i"; done
  for name in "${!command[@]}"; do begin "$name"; done
  if [ $round = 2 ]; then node_kill sales; node_start sales; node_ready sales; fi
done
write sales last

ids_of() { # what was written down: positions, each once
  case $1 in c) cat "$dir/c.out" ;; *) jq -r .id "$dir/$1.out" ;; esac 2>/dev/null | sort -u
}
told() { get sales 'events?from=start&until=now' | sed -n 's/^data: //p' | jq -r .id | sort -u; }
has_all() { told >"$dir/told"; ids_of "$1" | cmp -s - "$dir/told"; }
for name in "${!command[@]}"; do
  until_true 40 has_all "$name"
  [ "$(wc -l <"$dir/told")" -ge 76 ] || fail "nothing much was told"
done

# Withdrawn, the key opens nothing any more.
"$BIN/liaison" tool withdraw warehouse --node "$(url sales)" >/dev/null
shows sales tools '.tools[0].admitted' false || fail "it is admitted still"
echo ok
