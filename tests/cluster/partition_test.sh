#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Four hosts on a LAN, each with one department; cables are pulled and put back. Every department
# goes on taking commands while it is cut off, says how far behind it is, and after healing all
# four show the same, by themselves. Hosts are network namespaces of this test's own; where the
# kernel does not allow them, it is skipped.
if [ -z "${IN_LAN:-}" ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v ip >/dev/null ||
     ! unshare --net --mount --pid --fork --kill-child --mount-proc true 2>/dev/null; then
    echo "SKIPPED: network namespaces are not allowed here"
    exit 77
  fi
  IN_LAN=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
fi
mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up
ip link add br0 type bridge && ip link set br0 up || { echo "SKIPPED: no bridges in this kernel"; exit 77; }
for i in 1 2 3 4; do
  ip netns add h$i
  ip link add p$i type veth peer name eth0 netns h$i
  ip link set p$i master br0 up
  ip -n h$i addr add 10.77.0.$i/24 dev eth0
  ip -n h$i link set lo up
  ip -n h$i link set eth0 up
done
. "$(dirname "$0")/lib.sh"

# HTTP is on each host's own loopback.
declare -A host=([sales]=1 [marketing]=2 [service]=3 [analytics]=4)
on() { local name=$1; shift; ip netns exec "h${host[$name]}" "$@"; }
curl_at() { local name=$1; shift; on "$name" curl "$@"; }
ready() { curl_at "$1" -fs -o /dev/null -m 2 "$(url "$1")/readyz"; }
get() { curl_at "$1" -fs -m 20 "$(url "$1")/api/v1/$2"; }
post() { curl_at "$1" -s -m 20 -H 'Content-Type: application/json' -d "$3" "$(url "$1")/api/v1/$2"; }
pull() { ip link set "p${host[$1]}" down; }
plug() { ip link set "p${host[$1]}" up; }

base=21000
"$BIN/liaison" keys init --dir "$dir" --base $base --host 10.77.0.1 --host 10.77.0.2 --host 10.77.0.3 --host 10.77.0.4 >/dev/null
i=0; for name in "${departments[@]}"; do port[$name]=$((base + i)); i=$((i + 1)); done
for name in "${departments[@]}"; do node_start "$name" ip netns exec "h${host[$name]}"; done
for name in "${departments[@]}"; do node_ready "$name"; done

create() { post "$1" customers "{\"name\":\"$2\"}" | jq -er .id; }
digest() { get "$1" digest | jq -r .digest; }
same() { local d n; d=$(digest sales); for n in "${departments[@]}"; do [ "$(digest "$n")" = "$d" ] || return 1; done; }
# Nobody holds anything that sales does not know of, and the other way round.
count() { get "$1" status | jq '[.lanes[].head] | add'; }
settled() { local c n; c=$(count sales); for n in "${departments[@]}"; do [ "$(count "$n")" = "$c" ] || return 1; done; same; }

first=$(create marketing "Before")
for name in "${departments[@]}"; do until_true 20 shows "$name" "customers/$first" .name Before; done

# One department alone: it and the others go on.
pull sales
alone=$(create sales "Made alone")
others=$(create service "Made by the others")
until_true 20 shows analytics "customers/$others" .name "Made by the others"
shows sales "customers/$alone" .name "Made alone"
[ "$(get sales "customers/$others" 2>/dev/null | jq -r .name)" != "Made by the others" ] || fail "the cable was not pulled"
# It says within seconds that it hears nobody.
until_true 15 sh -c "ip netns exec h1 curl -fs '$(url sales)/api/v1/status' | jq -e '[.peers[] | select(.connected)] | length == 0'" >/dev/null
plug sales
until_true 40 shows sales "customers/$others" .name "Made by the others"
until_true 40 shows analytics "customers/$alone" .name "Made alone"

# Everybody alone: all write, one field is changed by two at once.
for name in "${departments[@]}"; do pull "$name"; done
for name in "${departments[@]}"; do for n in 1 2 3 4 5; do create "$name" "$name $n" >/dev/null; done; done
change() { curl_at "$1" -s -m 20 -X PATCH -H 'Content-Type: application/merge-patch+json' -d "{\"note\":\"$2\"}" "$(url "$1")/api/v1/customers/$first" >/dev/null; }
change sales "says sales"
change service "says service"
for name in "${departments[@]}"; do plug "$name"; done
until_true 60 settled
for name in "${departments[@]}"; do
  [ "$(get "$name" 'customers?page_size=100' | jq '.customers | length')" = 23 ] || fail "$name has not all customers"
  get "$name" "customers/$first" | jq -e '.conflicts.note | length == 2' >/dev/null || fail "$name hides a conflict"
done
# Choosing settles it everywhere.
change analytics "says somebody who has seen both"
for name in "${departments[@]}"; do
  until_true 20 shows "$name" "customers/$first" .note "says somebody who has seen both"
  get "$name" "customers/$first" | jq -e '.conflicts == null' >/dev/null || fail "$name still shows a conflict"
done

# A host that hangs (no cable is pulled) stops nobody either.
kill -STOP "${pid[marketing]}"
hung=$(create sales "While marketing hung")
until_true 20 shows service "customers/$hung" .name "While marketing hung"
kill -CONT "${pid[marketing]}"
until_true 60 settled
echo "cut off one by one and all at once, everybody wrote, nobody lost anything, all agree"
