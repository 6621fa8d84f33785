#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node's work goes on when its wall clock is put back by an hour and nobody says a word to it: what
# waits for a moment waits by a clock that nobody sets. Turned around, since no test may set the
# machine's clock: the node's own runs an hour ahead of the one that the kernel wakes it by. An
# erasure then has several short waits before its receipt, and no command to wake the writer.
. "$(dirname "$0")/lib.sh"
cluster_make
shaky_start sales SHAKY_CLOCK="$dir/sales.clock"
node_ready sales
customer=$(post sales customers '{"name":"Mei Chen"}' | jq -er .id)
echo 3600000 >"$dir/sales.clock.new" && mv "$dir/sales.clock.new" "$dir/sales.clock"
erasure=$(post sales "customers/$customer:erase" '{"reason":"asked for it"}' | jq -er .id)
until_true 30 shows sales "erasures/$erasure" '[.receipts[]?.node] | join(" ")' sales
node_stop sales
