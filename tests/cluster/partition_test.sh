#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Four hosts on a LAN, each with one department; cables are pulled and put back. Every department
# goes on taking commands while it is cut off, says how far behind it is, and after healing all
# four show the same, by themselves.
. "$(dirname "$0")/lan.sh"
pull() { ip link set "p${host[$1]}" down; }
plug() { ip link set "p${host[$1]}" up; }
lan_start

create() { post "$1" customers "{\"name\":\"$2\"}" | jq -er .id; }

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
# Its picture shows that: nobody has said to have what it wrote meanwhile; the others' picture lacks it.
get sales network | jq -e '([.members[] | select(.connected)] | length) == 1 and
  (.lanes[] | select(.node == 1) | .head as $head | [.held[] | select(.seq == $head)] | length == 1)' >/dev/null ||
  fail "wrong picture: $(get sales network)"
plug sales
until_true 40 shows sales "customers/$others" .name "Made by the others"
until_true 40 shows analytics "customers/$alone" .name "Made alone"

# Everybody alone: all write, one field is changed by two at once.
for name in "${departments[@]}"; do pull "$name"; done
for name in "${departments[@]}"; do for n in 1 2 3 4 5; do create "$name" "$name $n" >/dev/null; done; done
change() { at "$1" curl -s -m 20 -X PATCH -H 'Content-Type: application/merge-patch+json' -d "{\"note\":\"$2\"}" "$(url "$1")/api/v1/customers/$first" >/dev/null; }
change sales "says sales"
change service "says service"
for name in "${departments[@]}"; do plug "$name"; done
until_true 60 same
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
until_true 60 same
# Whoever is asked: all are there and have all of each.
all_hold() { get "$1" network | jq -e '(.members | length == 4 and all(.connected)) and
  ([.lanes[] | .head as $head | .held | length == 4 and all(.seq == $head)] | all)' >/dev/null; }
for name in "${departments[@]}"; do until_true 20 all_hold "$name"; done
echo "cut off one by one and all at once, everybody wrote, nobody lost anything, all agree"
