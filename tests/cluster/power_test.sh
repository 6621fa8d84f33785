#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The power fails below a real node under load, at many moments of one run: every write and flush
# is recorded, the disk is built anew as it was at that moment without what had not been flushed,
# and a node is started on it. Whatever anybody had been told until then is there.
. "$(dirname "$0")/lib.sh"
points=${POINTS:-8}
departments=(sales)
cluster_make
node_start sales && node_ready sales
shared=$(post sales customers '{"name":"setup, changed by everybody"}' | jq -er .id)
node_stop sales
cp -a "$dir/sales" "$dir/before"

shaky_start sales SHAKY_RECORD="$dir/record"
node_ready sales
DRIVE="--workers 6 --pause-ms 0" drive_start
until_true 60 answered sales "${COMMANDS:-1500}"
# The views are written out as well, by the idle writer.
touch "$dir/stop"
flushed_views() { [ "$(grep -ac views.mdb "$dir/record")" -gt 0 ]; }
until_true 30 flushed_views
drive_stop
node_kill sales
moments=$("$BIN/disk_replay" "$dir/record")
mv "$dir/sales.replies" "$dir/all"

# Starts a node on what is left of the disk, and compares.
check_at() { # moment, seed
  rm -rf "$dir/sales" && cp -a "$dir/before" "$dir/sales"
  at_us=$("$BIN/disk_replay" "$dir/record" "$1" "$2" "$dir/sales")
  # What was answered later is uncertain.
  jq -c "if .at_us > $at_us then .status = 0 | .position = \"\" | .record = \"\" else . end" "$dir/all" >"$dir/sales.replies"
  node_start sales
  until ready sales; do kill -0 "${pid[sales]}" 2>/dev/null || return 1; done
  said=$(history_check 2>&1)
}
for point in $(seq "$points"); do
  # From the first to the last, with chance in between.
  moment=$(((moments - 1) * (point - 1) / points + RANDOM % (moments / points)))
  check_at "$moment" "$point" || fail "power cut before operation $moment of $moments (seed $point): $said"
  echo "before operation $moment of $moments: $said"
  node_kill sales
done

# A disk that lies about flushes must show.
export DISK_LIES=1
if check_at $((moments - 1)) 1; then fail "nothing was missed when flushes did nothing"; fi
echo "a disk that lies was noticed"
