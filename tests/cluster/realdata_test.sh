#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The purchases of 23,570 real people, imported into sales through the public API, are the same at
# all four departments, with the same classes; importing them again adds nothing. The data is not
# part of the project: without it this test is skipped.
data="${LIAISON_DATA:-$(dirname "$0")/../../../shared/data}/CDNOW_master.txt"
if [ ! -f "$data" ]; then
  echo "SKIPPED: there is no $data (set LIAISON_DATA to the folder that holds it)"
  exit 77
fi
. "$(dirname "$0")/lib.sh"
people=$(awk 'NR > 1 {print $1}' "$data" | sort -u | wc -l)
rows=$(($(wc -l <"$data") - 1))
cents=$(awk 'NR > 1 {sum += int($4 * 100 + 0.5)} END {printf "%d", sum}' "$data")
cluster_make
cluster_start

result=$("$BIN/liaison" import --node "$(url sales)" --kind purchases --format cdnow "$data")
[ "$(jq .created <<<"$result")" = "$rows" ] || fail "not all rows were created: $result"
[ "$(jq .customers.created <<<"$result")" = "$people" ] || fail "not all people were created: $result"
agree || fail "the nodes differ"

again=$("$BIN/liaison" import --node "$(url sales)" --kind purchases --format cdnow "$data")
[ "$(jq '.created + .customers.created' <<<"$again")" = 0 ] || fail "a repeated import added something: $again"

# Analytics counted every purchase and every cent.
counted() { get analytics 'figures?by=type' | jq -r '[.rows[] | select(.type == "purchase")] | "\(map(.count) | add) \([.[].amounts[]? | .amount_minor] | add)"'; }
[ "$(counted)" = "$rows $cents" ] || fail "analytics counted $(counted), not $rows $cents"

# Everybody gets a class, and it is the same everywhere.
all_classed() { [ "$(get analytics classes | jq '[.classes[].customers] | add')" = "$people" ]; }
until_true 120 all_classed
agree
for name in "${departments[@]}"; do
  "$BIN/liaison" export --node "$(url "$name")" --kind customers --format jsonl -o "$dir/$name.jsonl" 2>/dev/null
  jq -r '[.external_ids[0].value, .class.name, .class.purchases] | @tsv' "$dir/$name.jsonl" | sort | sha256sum >"$dir/$name.sum"
  cmp "$dir/sales.sum" "$dir/$name.sum" || fail "$name shows other classes than sales"
done
echo "$people people, $rows purchases, the same at all four"
