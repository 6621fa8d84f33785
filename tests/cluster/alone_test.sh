#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Always writable: with nobody else there, a node takes every command of its department, from its
# first start on, and at the speed that it has among its peers.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cluster_make

# Every command of the API, in conversations with a node that has never heard a peer. What says how
# a cluster of one looks is left out.
for talk in "$here"/../api/sales_*.http; do
  case "$talk" in */sales_status.http | */sales_members.http) continue ;; esac
  node_start sales
  node_ready sales
  link=$(grep -o 'http://[^ ]*#setup=[^ "]*' "$dir/sales.log" | tail -1) # it also says how somebody signs in first
  "$BIN/converse" "${link:-$(url sales)}" "$talk" || fail "alone, $(basename "$talk") goes another way"
  node_stop sales
  find "$dir/sales" -mindepth 1 -not -name node.keys -delete
done

# The same speed. Rounds alternate, so that a busy machine is busy for both; peers that are held
# neither answer nor close their connections, which is the worst way to be away.
cluster_start
rounds=${ROUNDS:-4} each=150
heard() { get sales status | jq -e "[.peers[] | select(.connected)] | length == $1" >/dev/null; }
hold() { kill "-$1" "${pid[marketing]}" "${pid[service]}" "${pid[analytics]}"; }
round=0
spend() { # name: one more round of writes, one after the other over one connection; their milliseconds
  round=$((round + 1))
  local i began
  for i in $(seq "$each"); do
    printf 'next\nurl = "%s/api/v1/interactions"\nheader = "Content-Type: application/json"\noutput = "/dev/null"\n' "$(url sales)"
    printf 'write-out = "%%{http_code}\\n"\ndata = "{\\"customer\\":\\"%s\\",\\"type\\":\\"call\\",\\"subject\\":\\"%s\\"}"\n' "$customer" "$1 $round $i"
  done | sed 1d >"$dir/round"
  began=$(date +%s%3N)
  [ "$(curl -s -m 60 -K "$dir/round" | grep -c '^201$')" = "$each" ] || fail "$1: a command was not taken"
  echo $(($(date +%s%3N) - began))
}
customer=$(post sales customers '{"name":"Always there"}' | jq -er .id)
together=() alone=()
for i in $(seq "$rounds"); do
  until_true 30 heard 3
  together+=("$(spend together)")
  hold STOP
  until_true 30 heard 0
  alone+=("$(spend alone)")
  hold CONT
done
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
with=$(median "${together[@]}") without=$(median "${alone[@]}")
echo "$each commands in a row: $with ms among peers, $without ms alone"
# The margin is the clock's and the machine's, not the node's: alone it has less to do.
[ "$without" -le $((with * 3 / 2 + 100)) ] || fail "alone it is slower: $without ms, $with ms among peers"
until_true 30 heard 3
agree || fail "not equal after all were back"
[ "$(get service "customers/$customer?timeline=1" | jq -r '.timeline | length')" = 1 ] || fail "service has not seen them"
