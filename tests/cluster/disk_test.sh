#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The disk below sales breaks while everybody is at work: flushes and writes fail with EIO, writes
# with ENOSPC, and a small disk really fills up. Sales stops saying yes and says
# why; the others go on. A disk that was full it takes up again by itself when there is room; one that
# failed when it is started anew. No reply was wrong.
if [ -z "${IN_MOUNTS:-}" ] && [ "$(id -u)" -eq 0 ] && unshare --mount --pid --fork --kill-child --mount-proc true 2>/dev/null; then
  IN_MOUNTS=1 exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0"
fi
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS:-1}
cluster_make
orders=$dir/orders
sales_start() {
  rm -f "$orders"
  shaky_start sales SHAKY_ORDERS="$orders"
  node_ready sales
}
disk_does() { echo "$*" >"$orders.new" && mv "$orders.new" "$orders"; }

said_no() { ! ready sales; }
# It stops, says why to whoever asks and to whoever writes, and serves reads.
check_stopped() { # word of the reason
  local answer reply=$dir/reply
  until_true 30 said_no
  answer=$(curl -s -m 5 -w '%{http_code}' "$(url sales)/readyz")
  [[ $answer == *'"not-ready"'*"$1"*503 ]] || fail "readyz: $answer"
  answer=$(curl -s -m 5 -o "$reply" -w '%{http_code}' -H 'Content-Type: application/json' -d '{"name":"setup, refused"}' "$(url sales)/api/v1/customers")
  [ "$answer" = 503 ] && grep -q "$1" "$reply" || fail "a write was answered with $answer: $(cat "$reply")"
  jq -e '.title and .detail' "$reply" >/dev/null || fail "no problem document: $(cat "$reply")"
  [ "$(get sales status | jq -r .health.ok)" = false ] || fail "status is silent"
  # Reads go on. Only where the failed write was LMDB's own root does it refuse them too; then it says so.
  answer=$(curl -s -m 5 -o "$reply" -w '%{http_code}' "$(url sales)/api/v1/customers/$shared")
  case $answer in
    200) jq -e '.name == "setup, changed by everybody"' "$reply" >/dev/null || fail "a wrong answer: $(cat "$reply")" ;;
    50[03]) jq -e '.title' "$reply" >/dev/null || fail "no problem document: $(cat "$reply")" ;;
    *) fail "a read was answered with $answer: $(cat "$reply")" ;;
  esac
  before=$(replies_of sales)
  for name in marketing service analytics; do goes_on "$name"; done
  [ "$(replies_of sales)" = "$before" ] || fail "sales said yes with a broken disk"
}

# Reads go on, too, whatever LMDB had refused.
shows_shared() { get sales "customers/$shared" | jq -e '.name == "setup, changed by everybody"' >/dev/null || fail "reads do not go on"; }

sales_start
for name in marketing service analytics; do node_start "$name"; done
for name in marketing service analytics; do node_ready "$name"; done
drive_start
for round in $(seq "$rounds"); do
  for fault in "EIO flush $((RANDOM % 40 + 1))" "EIO write $((RANDOM % 80 + 1))" "ENOSPC write $((RANDOM % 80 + 1))"; do
    for name in "${departments[@]}"; do goes_on "$name"; done
    disk_does "$fault"
    check_stopped "$([ "${fault%% *}" = ENOSPC ] && echo "is full" || echo "Input/output error")"
    echo "$fault: $(curl -s -m 5 "$(url sales)/readyz" | jq -r .reason)"
    process=${pid[sales]}
    if [ "${fault%% *}" = ENOSPC ]; then
      rm "$orders"
      node_ready sales
      [ "${pid[sales]}" = "$process" ] && kill -0 "$process" || fail "it is another process"
      shows_shared
    else
      node_kill sales
      sales_start
    fi
  done
done

# A disk that really is full.
if [ -n "${IN_MOUNTS:-}" ]; then
  node_stop sales
  mkdir "$dir/small" && mount -t tmpfs -o size=24m none "$dir/small"
  mv "$dir"/sales/* "$dir/small/" && mount --bind "$dir/small" "$dir/sales"
  sales_start
  goes_on sales
  dd if=/dev/zero of="$dir/small/filler" bs=64k 2>/dev/null || true
  check_stopped "is full"
  rm "$dir/small/filler"
  node_ready sales
  shows_shared
  goes_on sales
  echo "a full disk: stopped, and went on by itself with room"
else
  echo "no mounts are allowed here: the full disk was left out"
fi
drive_stop
equal_in 60
agree || fail "the nodes differ"
history_check
if [ -n "${IN_MOUNTS:-}" ]; then node_stop sales; umount "$dir/sales" "$dir/small"; fi
