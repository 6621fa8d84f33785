#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Members come, go and change their keys while commands are sent to all of them. marketing is away for
# all of it and comes back with the list of the beginning. No reply is contradicted afterwards by what
# any node shows, and keys that count no more open no door.
. "$(dirname "$0")/lib.sh"
cluster_make
cp "$dir/members" "$dir/members.first"
cluster_start
post analytics customers '{"name":"setup by analytics"}' >"$dir/analyst"
analyst=$(jq -er .id "$dir/analyst")
until_true 30 get marketing "customers/$analyst" >/dev/null

liaison() { "$BIN/liaison" "$@"; }
incarnation() { get "$1" status | jq -r .incarnation; }
writes_anew() { [ "$(incarnation "$1")" != "$2" ]; }
has_list() { [ "$(get "$1" members | jq -r .in_force)" -ge "$2" ]; }
# A process that nobody lets in: those that run refuse it, nobody is connected, and nobody sees it.
is_locked_out() { # name, others that run ...
  local name=$1 status; shift
  status=$(get "$name" status) || return 1
  [ "$(jq '[.peers[] | select(.connected)] | length' <<<"$status")" = 0 ] || return 1
  for other in "$@"; do
    jq -e --arg n "$other" '.peers[] | select(.name == $n) | .refuses' <<<"$status" >/dev/null || return 1
  done
}
# Somebody starts a copy of a node's folder as it was, with the list of that time.
thief_start() { # name, copy
  mkdir "$dir/thief-$1"
  mv "$2" "$dir/thief-$1/$1"
  cp "$dir/admin.first" "$dir/thief-$1/admin.pub"
  cp "$dir/members.first" "$dir/thief-$1/members"
  "$BIN/liaison-$1" --dir "$dir/thief-$1" --name "$1" --map-gib 4 </dev/null >>"$dir/$1.log" 2>&1 &
  pid[$1]=$!
}

cp "$dir/admin.pub" "$dir/admin.first"
drive_start sales service analytics
node_stop marketing

# ---- a fifth node, in a folder of its own
mkdir "$dir/far"
free_base
port[service2]=$free
liaison keys make --dir "$dir/far" --name service2 >/dev/null 2>&1
added=$(liaison peer add service2 --department service --http "127.0.0.1:$free" --bus "127.0.0.1:$((free + 1))" \
  --keys "$dir/far/service2/node.pub" --dir "$dir" --wait 3 --json || true)
[ "$(jq -r .epoch <<<"$added")" = 2 ] || fail "not added: $added"
jq -r .missing <<<"$added" | grep -q marketing || fail "who is away is not named: $added"
cp "$dir/members" "$dir/admin.pub" "$dir/far/"
departments+=(service2)
"$BIN/liaison-service" --dir "$dir/far" --name service2 --map-gib 4 </dev/null >>"$dir/service2.log" 2>&1 &
pid[service2]=$!
node_ready service2
until_true 60 get service2 "customers/$analyst" >/dev/null
drive_start service2

# ---- service gets other keys; commands go on
cp -r "$dir/service" "$dir/copy-service"
before=$(incarnation service)
liaison keys rotate --dir "$dir" --name service --wait 3 --json >/dev/null 2>&1 || true # marketing is away
for name in sales service analytics service2; do until_true 60 has_list "$name" 3; done
until_true 60 writes_anew service "$before"
for name in sales service analytics service2; do goes_on "$name" 60; done

# ---- analytics is removed; it says so, and nothing that it has said yes to is lost
cp -r "$dir/analytics" "$dir/copy-analytics"
removed=$(liaison peer remove analytics --dir "$dir" --wait 30 --json 2>/dev/null || true)
[ "$(jq -r .epoch <<<"$removed")" = 4 ] || fail "not removed: $removed"
for name in sales service service2; do until_true 60 has_list "$name" 4; done
until_true 30 eval 'curl -s -m 5 "$(url analytics)/readyz" | grep -q removed'
[ "$(post analytics customers '{"name":"Too late"}' | jq -r .status)" = 503 ] || fail "a removed node takes commands"
node_stop analytics
for name in sales service service2; do goes_on "$name" 60; done

# ---- its keys open no door
thief_start analytics "$dir/copy-analytics"
until_true 90 is_locked_out analytics sales service service2
get sales members | jq -e '.members[] | select(.name == "analytics")' >/dev/null && fail "sales knows it as a member"
node_kill analytics
departments=(sales marketing service service2)

# ---- who was away learns from those whom it still knows
node_start marketing
until_true 90 has_list marketing 4
node_ready marketing
drive_start marketing
goes_on marketing 60

# ---- all are there: former keys are settled, and the administrators' key is replaced
settled=$(liaison peer close --dir "$dir" --wait 90 --json) || fail "not settled: $settled"
[ "$(get sales members | jq '[.former[] | select(.incarnation == null)] | length')" = 0 ] || fail "a former key is still open"
for name in analytics service; do
  [ "$(get sales members | jq --arg n $name '[.former[] | select(.name == $n)] | length')" -ge 1 ] || fail "no former key of $name"
done
mkdir "$dir/old"
cp "$dir/admin.key" "$dir/old/"
liaison keys rotate-admin --dir "$dir" --wait 90 >/dev/null || fail "the administrators' key was not replaced"
liaison peer set sales --http "127.0.0.1:${port[sales]}" --dir "$dir" --admin "$dir/old" >/dev/null 2>&1 &&
  fail "the old administrators' key still signs"

# ---- the former keys of service open no door either
drive_stop
node_stop service
mv "$dir/service" "$dir/true-service"
thief_start service "$dir/copy-service"
until_true 90 is_locked_out service sales marketing service2
node_kill service
mv "$dir/true-service" "$dir/service"
node_start service
node_ready service

# ---- every reply counts, everywhere, once
equal_in 90
agree || fail "the nodes differ"
epoch=$(get sales members | jq -r .in_force)
for name in marketing service service2; do has_list "$name" "$epoch" || fail "$name has another list"; done
for name in marketing service service2; do
  for what in "added service2" "other keys of service" "removed analytics" "settled former keys" "other keys of the administrators"; do
    get "$name" member_changes | jq -e --arg w "$what" '.member_changes[] | select(.summary == $w)' >/dev/null || fail "$name has no note: $what"
  done
done
echo "member list $epoch"
history_check

# ---- whoever left is asked for nothing more
erasure=$(post sales "customers/$analyst:erase" '{"reason":"asked for it"}' erase-1 | jq -er .id)
for name in "${departments[@]}"; do
  until_true 90 shows "$name" "erasures/$erasure" '"\(.complete) \(.missing | join(" "))"' "true "
done
level() { curl -s -m 20 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{"name":"setup"}' "$(url sales)/api/v1/customers?replicated=$1"; }
[ "$(level 3)" = 201 ] || fail "a write does not reach the three others"
[ "$(level 4)" = 400 ] || fail "somebody who left still counts"
