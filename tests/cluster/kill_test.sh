#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Nodes are killed again and again, one or several at once, while commands are sent to all of them
# and repeated until somebody answers. No reply is contradicted afterwards by what any node shows.
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS:-6}
cluster_make
cluster_start
drive_start

for round in $(seq "$rounds"); do
  for name in "${departments[@]}"; do goes_on "$name" 60; done
  victims=("${departments[$((RANDOM % 4))]}")
  [ $((round % 3)) -ne 0 ] || victims=("${departments[@]}")
  for name in "${victims[@]}"; do node_kill "$name"; done
  for name in "${victims[@]}"; do node_start "$name"; done
  for name in "${victims[@]}"; do node_ready "$name"; done
done
for name in "${departments[@]}"; do goes_on "$name" 60; done
drive_stop
equal_in 60
agree || fail "the nodes differ"
agreement 12 || fail "their own comparisons are not told, or say that they differ"
echo "$rounds times killed"
history_check
