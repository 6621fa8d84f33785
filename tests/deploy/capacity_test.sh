#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The script that makes the tables of capacity, at sizes that say nothing but that it works: all rows, numbers in
# them, disk that grows with customers. (Longer than others: a cluster is loaded three times and opened four times.)
set -euo pipefail
: "${BIN:?}" "${SOURCE:?}"
fail() { echo "$*" >&2; exit 1; }
out=$(mktemp) json=$(mktemp)
trap 'rm -f "$out" "$json"' EXIT
"$SOURCE/tools/capacity" --sizes "20 60 100" 2>/dev/null --rates "10 20" && fail "a line through two points"
"$SOURCE/tools/capacity" --bin "$BIN" --sizes "20 60 100" --rates "10 20 30" --seconds 1 --json "$json" >"$out" 2>&1 || { cat "$out"; fail "it failed"; }
[ "$(grep -cE '^\| (20|60|100) \|' "$out")" = 4 ] || { cat "$out"; fail "rows are missing"; }
[ "$(grep -c 'more\*\*' "$out")" = 2 ] || fail "no slopes"
jq -se 'map(select(.part == "customers")) | length == 3 and all(.memory_opened > 1 and .disk > 0 and .events > 0) and (.[2].disk > .[0].disk) and (.[2].events > .[0].events)' "$json" >/dev/null ||
  { cat "$json"; fail "sizes do not grow"; }
jq -se 'map(select(.part == "rates")) | length == 3 and all(.cpu_percent > 0 and .memory > 1 and .p99 > 0)' "$json" >/dev/null || { cat "$json"; fail "rates say nothing"; }
