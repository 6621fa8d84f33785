#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A member that means harm (villain.c has analytics' keys), strangers in crowds, and a process that
# stands still, each against sales, while sales takes commands and marketing hears of them. The rate
# of replies, the rate at which events arrive at marketing, and the memory of sales stay within
# bounds: generous ones, since everybody shares this machine; the figures are printed. Afterwards
# nothing is missing.
. "$(dirname "$0")/lib.sh"
seconds=${ROUNDS:-1} # for each deed
ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=8"
cluster_make
departments=(sales marketing service)
for name in "${departments[@]}"; do node_start "$name"; done
for name in "${departments[@]}"; do node_ready "$name"; done
# Enough behind it that there is something to ask for again and again: about 15 MB.
note=$(printf 'x%.0s' $(seq 7000))
for part in 1 2; do
  seq 1000 | sed "s/.*/{\"name\":\"setup $part &\",\"note\":\"setup $note\"}/" |
    curl -s -m 60 -H 'Content-Type: application/jsonl' --data-binary @- "$(url sales)/api/v1/customers:batchCreate" |
    jq -e '.created == 1000' >/dev/null || fail "the customers were not taken"
done
until_true 60 same

arrival() { get "$1" status | jq .arrival; }
memory() { awk "/^$1:/ {print int(\$2 / 1024)}" "/proc/${pid[sales]}/status"; }
rest_for() { read -r -t "$1" <> <(:) || true; }
# Sets replies, arrived (a second) and peak (MiB).
measure() {
  local r a
  echo 5 >"/proc/${pid[sales]}/clear_refs" # the peak is counted anew
  r=$(replies_of sales) a=$(arrival marketing)
  rest_for "$seconds"
  replies=$((($(replies_of sales) - r) / seconds)) arrived=$((($(arrival marketing) - a) / seconds))
  peak=$(memory VmHWM)
}
DRIVE="--workers 4 --pause-ms 1" drive_start sales
until_true 30 answered sales 200
measure
good_replies=$replies good_arrived=$arrived
echo "nobody means harm: $replies replies/s, $arrived events/s at marketing, $peak MiB"

check() { # what
  echo "$1: $replies replies/s, $arrived events/s at marketing, at most $peak MiB (before: $before)"
  [ $((replies * 5)) -ge "$good_replies" ] || fail "$1: replies fell to $replies of $good_replies a second"
  [ $((arrived * 5)) -ge "$good_arrived" ] || fail "$1: only $arrived of $good_arrived events a second arrived"
  [ "$peak" -le $((before + 200)) ] || fail "$1: sales grew from $before to $peak MiB"
}
for deed in ${DEEDS:-frames hellos fetches noack trickle parts many knock pub http}; do
  before=$(memory VmRSS)
  : >"$dir/villain"
  nice -n 19 "$BIN/villain" "$dir" analytics sales "$deed" $((seconds + 1)) >"$dir/villain" &
  villain=$!
  until_true 30 grep -q in "$dir/villain"
  measure
  wait "$villain" || fail "the villain gave up: $deed"
  check "$deed $(tail -1 "$dir/villain")"
done

# A member stands still while it is being sent to.
before=$(memory VmRSS)
kill -STOP "${pid[service]}"
measure
check "service stands still"
kill -CONT "${pid[service]}"

drive_stop
equal_in 60
echo "all equal ${took_ms} ms later"
history_check
