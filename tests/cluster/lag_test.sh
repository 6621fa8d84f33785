#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No silent wait: within 2 s of falling behind, a node says which lane, how far, why and from whom it
# asks, in status, readyz and metrics; and when the origin stands still, it says who is not heard.
. "$(dirname "$0")/lib.sh"
cluster_make
cluster_start

origin=$(get sales status | jq -r .incarnation)
lane() { # node jq-of-the-lane-of-sales
  get "$1" status | jq -r ".lanes[] | select(.incarnation == \"$origin\") | $2"
}
peer() { get "$1" status | jq -r ".peers[] | select(.name == \"$2\") | $3"; }
write_some() { local i; for i in $(seq "$1"); do post sales customers "{\"name\":\"$2 $i\"}" >/dev/null; done; }
now_ms() { date +%s%3N; }
# Waits for a command at most 2 s, the time of one answer more.
within_two_seconds() {
  local began; began=$(now_ms)
  until "$@"; do [ $(($(now_ms) - began)) -le 2300 ] || fail "not within 2 s: $*, but $(lane analytics . 2>&1)"; done
}

is_whole() { [ "$(lane "$1" .behind)" = 0 ] && [ "$(lane "$1" .head)" = "$(lane sales .head)" ]; }
write_some 5 first
for name in marketing service analytics; do until_true 20 is_whole "$name"; done

# The origin stands still. Nobody knows of anything missing, but everybody says who is not heard.
kill -STOP "${pid[sales]}"
not_heard() { [ "$(peer "$1" sales .connected)" = false ]; }
for name in marketing service; do within_two_seconds not_heard "$name"; done
[ "$(peer marketing sales '.heard_ms_ago >= 1000')" = true ] || fail "no time since it was heard"
in_metrics() { curl -fs -m 5 "$(url marketing)/metrics" | grep -F "$1" >/dev/null; }
in_metrics 'liaison_peer_connected{peer="sales"} 0' || fail "metrics do not say that sales is not heard"
kill -CONT "${pid[sales]}"
heard() { ! not_heard "$1"; }
for name in marketing service; do until_true 20 heard "$name"; done

# Analytics comes back far behind, and all who have what it lacks stand still while it fetches.
node_stop analytics
note=$(printf 'x%.0s' $(seq 1200)) # more in all than may be under way at once
flood() { seq "$1" | sed "s/.*/{\"name\":\"Flood &\",\"note\":\"$note\"}/" | curl -s -m 60 -H 'Content-Type: application/jsonl' --data-binary @- "$(url sales)/api/v1/customers:batchCreate" | jq .created; }
is_behind() { [ "$(lane analytics '.behind > 0' 2>/dev/null)" = true ]; }
caught_behind() {
  node_start analytics
  until_true 30 is_behind
  kill -STOP "${pid[sales]}" "${pid[marketing]}" "${pid[service]}"
  is_behind
}
go_on() { kill -CONT "${pid[sales]}" "${pid[marketing]}" "${pid[service]}"; }
for round in 1 2 3 4 5; do
  for part in 1 2 3; do [ "$(flood 5000)" = 5000 ] || fail "the flood was not taken"; done
  caught_behind && break
  go_on # it was faster
  node_stop analytics
  [ "$round" -lt 5 ] || fail "it was never behind"
done
[ -n "$(lane analytics .from)" ] && [ -n "$(lane analytics .cause)" ] || fail "neither peer nor cause"
unreachable() { [ "$(lane analytics .cause)" = "nobody who is ahead can be reached" ]; }
within_two_seconds unreachable
[ "$(curl -s -m 5 "$(url analytics)/readyz" | jq '.lanes_behind > 0 and .behind > 0')" = true ] || fail "readyz is silent"
curl -fs -m 5 "$(url analytics)/metrics" | grep -F "liaison_lane_behind_events{node=\"sales\",incarnation=\"$origin\"}" |
  grep -qv ' 0$' || fail "metrics are silent"
[ "$(lane analytics '.behind_ms > 0')" = true ] || fail "since when is not said"

# The origin stays away; the others go on, and it gets the rest from them.
kill -CONT "${pid[marketing]}" "${pid[service]}"
all_is_here() { [ "$(lane analytics .head)" = "$(lane marketing .head)" ] && ! is_behind; }
until_true 60 all_is_here
go_on
agree
echo "a node that is behind said so within 2 s: lane, distance, cause and peer"
