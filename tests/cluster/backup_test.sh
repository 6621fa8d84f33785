#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Backups of a cluster under load: full, what came since, killed in the middle. One node comes back from its
# backup while the others go on; all four come back; all four come back as they were at a moment. Nothing that
# was acknowledged before is lost, and nothing of a customer who was erased since comes back, not for a moment.
. "$(dirname "$0")/lib.sh"
left=wvqorj41 right=kxeuft90
marker=$left$right
shelf=$dir/shelf key=$dir/backup.key
found() { { grep -rlaF -e "$left" -e "$right" "$@" || true; } | wc -l; }
backup() { "$BIN/liaison" backup --dir "$dir" --to "$shelf" "$@" >>"$dir/backup.log" 2>&1 || fail "no backup: $(tail -3 "$dir/backup.log")"; }
restore() { "$BIN/liaison" restore --from "$shelf" --key "$key" --dir "$dir" "$@" || fail "not restored"; }
# How many seconds ago a node has given its last whole backup; "never".
given() { curl -fs -m 5 "$(url "$1")/metrics" | awk -v now="$(date +%s)" '$1 == "liaison_backup_timestamp_seconds" { print $2 == 0 ? "never" : int(now - $2) }'; }
doctor_says() { "$BIN/liaison" doctor --dir "$dir" --node "$1" | jq -e --arg w "$2" 'any(.findings[]; .check == "node.backup" and .verdict == $w)' >/dev/null || fail "the doctor does not say '$2' of the backup of $1"; }
pieces() { jq ".pieces | length" "$shelf/$1/index"; }
is_bad() { # what the sentence must say [another key]
  local words=$1 status=0
  "$BIN/liaison" backup verify --from "$shelf" --key "${2:-$key}" --name sales >"$dir/verify.out" 2>&1 || status=$?
  [ $status -ne 0 ] || fail "a backup is called good although: $words"
  grep -q -- "$words" "$dir/verify.out" || fail "not said: $words, but: $(cat "$dir/verify.out")"
}

cluster_make
cluster_start
"$BIN/liaison" backup --dir "$dir" --to "$shelf" --node sales >"$dir/out" 2>&1 && fail "a backup that nobody could open"
grep -q 'liaison backup key' "$dir/out" || fail "it is not said what to do: $(cat "$dir/out")"
[ "$(given sales)" = never ] || fail "a backup that was never given: $(given sales)"
doctor_says sales warning
"$BIN/liaison" backup key --dir "$dir" --out "$key" >/dev/null 2>&1
"$BIN/liaison" backup key --dir "$dir" --out "$key" >/dev/null 2>&1 && fail "a key was overwritten"

erased=$(post marketing customers "{\"name\":\"Mei $marker\",\"note\":\"likes $marker\"}" | jq -er .id)
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "customers/$erased" .name "Mei $marker"
  for i in 1 2 3; do post "$name" interactions "{\"customer\":\"$erased\",\"type\":\"call\",\"text\":\"said $marker $i\"}" | jq -er .id >/dev/null; done
done

# ---- under load: all, and what came since -------------------------------------------------------
drive_start
for name in "${departments[@]}"; do goes_on "$name"; done
backup
for i in 1 2; do
  for name in "${departments[@]}"; do goes_on "$name"; done
  backup --keep 2
done
[ "$(pieces sales)" = 3 ] || fail "not three pieces"
[ "$(given sales)" -lt 60 ] || fail "the last backup is $(given sales) s old"
doctor_says sales ok
[ "$(jq '[.pieces[].full] | map(if . then 1 else 0 end) | add' "$shelf/sales/index")" = 1 ] || fail "what came since was copied in full"
[ "$(jq '.pieces[2].bytes < .pieces[0].bytes * 20' "$shelf/sales/index")" = true ]
[ "$(found "$shelf")" = 0 ] || fail "the shelf can be read"

# Killed in the middle, again and again until it was in the middle: it counts for nothing, and is cleaned up.
hit=
for i in $(seq 40); do
  before=$(jq -r '.pieces[-1].id' "$shelf/sales/index")
  "$BIN/liaison" backup --dir "$dir" --to "$shelf" --node sales --full >/dev/null 2>&1 & runner=$!
  while kill -0 $runner 2>/dev/null && ! grep -q '^ "doomed": \[$' "$shelf/sales/index"; do :; done
  kill -9 $runner 2>/dev/null || true; wait $runner 2>/dev/null || true
  [ "$(jq '.doomed | length' "$shelf/sales/index")" = 0 ] || { hit=$(jq -r '.doomed[0]' "$shelf/sales/index"); break; }
done
[ -n "$hit" ] || fail "never hit the middle"
[ "$(jq -r '.pieces[-1].id' "$shelf/sales/index")" = "$before" ] || fail "half a piece counts"
"$BIN/liaison" backup verify --from "$shelf" --key "$key" --name sales >/dev/null || fail "a killed run has spoilt what was there"
backup
[ ! -e "$shelf/sales/$hit" ] || fail "what was left of a killed run is still there"

# ---- erased since; one comes back, the others go on ---------------------------------------------
erasure=$(post sales "customers/$erased:erase" '{"reason":"asked for it"}' | jq -er .id)
for name in "${departments[@]}"; do until_true 60 shows "$name" "erasures/$erasure" .complete true; done
goes_on sales
node_kill sales
cp "$dir/marketing/erasures" "$dir/erasures.known"
"$BIN/liaison" restore --from "$shelf" --key "$key" --dir "$dir" --name sales >"$dir/out" 2>&1 && fail "a store was overwritten"
restore --name sales --replace --erasures "$dir/erasures.known" >"$dir/restored"
rm -rf "$dir"/sales.before-*
[ "$(found "$dir/sales")" = 0 ] || fail "the erased customer is back on the disk: $(grep -rlaF -e "$left" -e "$right" "$dir/sales")"
node_start sales; node_ready sales
[ "$(given sales)" = never ] || fail "what a restored node writes is in no backup, but it says so: $(given sales)"
[ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "$(url sales)/api/v1/customers/$erased")" = 410 ] || fail "the restored node knows the erased customer"
for name in "${departments[@]}"; do goes_on "$name" 60; done
drive_stop
equal_in 90
history_check

# ---- all of them --------------------------------------------------------------------------------
backup
# Of sales' new lane everything was copied anew, of the others only what came since.
[ "$(jq '.pieces[-1].full' "$shelf/sales/index")" = true ] || fail "an increment onto another lane"
[ "$(jq '.pieces[-1].full' "$shelf/service/index")" = false ]
node_kill service; node_start service; node_ready service
[ "$(given service)" -lt 60 ] || fail "a node that was started anew forgot its backup: $(given service)"
want=$(digest sales | jq -r '.[1]')
for name in "${departments[@]}"; do node_kill "$name"; rm -rf "${dir:?}/$name"; done
restore >/dev/null
[ "$(found "${departments[@]/#/$dir/}")" = 0 ] || fail "the erased customer is back in a restored cluster"
for name in "${departments[@]}"; do node_start "$name"; done
for name in "${departments[@]}"; do node_ready "$name"; done
equal_in 60
history_check
[ "$(digest sales | jq -r '.[1]')" = "$want" ] || fail "another state than before"

# ---- as it was at a moment ----------------------------------------------------------------------
declare -A kept
backup --full
for name in "${departments[@]}"; do kept[$name]=$(post "$name" customers "{\"name\":\"before, $name\"}" | jq -er .id); done
sales_deal=$(post sales deals "{\"name\":\"before\",\"customer\":\"${kept[sales]}\"}" | jq -er .id)
until_true 30 same
moment=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
until_true 5 test "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" '>' "$moment"
late=$(post service customers '{"name":"too late"}' | jq -er .id)
post marketing interactions "{\"customer\":\"${kept[marketing]}\",\"type\":\"call\",\"text\":\"too late\"}" | jq -er .id >/dev/null
until_true 30 same
backup
"$BIN/liaison" restore --from "$shelf" --key "$key" --dir "$dir/elsewhere" --name sales --until 2020-01-01T00:00:00Z >"$dir/out" 2>&1 && fail "restored from before there was anything"
grep -q 'the oldest piece of sales is of' "$dir/out" || fail "not said which is the oldest: $(cat "$dir/out")"
for name in "${departments[@]}"; do node_stop "$name"; done
restore --replace --until "$moment" >/dev/null
rm -rf "$dir"/*.before-*
for name in "${departments[@]}"; do node_start "$name"; done
for name in "${departments[@]}"; do node_ready "$name"; done
equal_in 60
for name in "${departments[@]}"; do
  for other in "${departments[@]}"; do shows "$other" "customers/${kept[$name]}" .name "before, $name" || fail "$other lost what $name acknowledged before the moment"; done
  [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "$(url "$name")/api/v1/customers/$late")" = 404 ] || fail "$name has what came after the moment"
  post "$name" customers '{"name":"goes on"}' | jq -er .id >/dev/null || fail "$name takes no commands"
done
get sales "deals/$sales_deal" | jq -e '.name == "before"' >/dev/null || fail "the deal is lost"
shows marketing "customers/${kept[marketing]}?timeline=10" '.timeline | length' 0 || fail "a call after the moment is there"
agree || fail "the nodes differ"

# ---- what is not good is called so, with its place ----------------------------------------------
"$BIN/liaison" backup verify --from "$shelf" --key "$key" --dir "$dir" >"$dir/out" 2>&1 || fail "good backups are called bad: $(cat "$dir/out")"
piece=$(jq -r '.pieces[-1].id' "$shelf/sales/index"); volume=$shelf/sales/$piece/0001
cp -r "$shelf/sales" "$dir/good"
mend() { rm -rf "$shelf/sales"; cp -r "$dir/good" "$shelf/sales"; }
printf X | dd of="$volume" bs=1 seek=400 conv=notrunc status=none
is_bad "$piece/0001 is not what was written"
mend; truncate -s -1 "$volume"; is_bad "$piece/0001 is not what was written"
mend; rm "$volume"; is_bad "$piece/0001 is missing"
mend; jq 'del(.pieces[-2])' "$dir/good/index" >"$shelf/sales/index"; is_bad "goes on from another piece"
mend; head -c 300 "$dir/good/index" >"$shelf/sales/index"; is_bad "sales/index: line"
mend; jq '.format = 2' "$dir/good/index" >"$shelf/sales/index"; is_bad "a newer release"
# Another cluster's administrators made the list that it comes with.
mend; "$BIN/liaison" keys init --dir "$dir/other" --base 30000 >/dev/null
sed "s/^admin .*/admin $(tr -d '\n' <"$dir/other/admin.pub" | tail -c 64)/" "$key" >"$dir/wrong.key"; chmod 600 "$dir/wrong.key"
is_bad "sign" "$dir/wrong.key"
"$BIN/liaison" backup key --dir "$dir/other" --out "$dir/other.key" >/dev/null 2>&1
is_bad "of another cluster\|for another key" "$dir/other.key"
chmod 644 "$dir/wrong.key"; is_bad "wrong.key" "$dir/wrong.key"
if grep -lF -e "$left" -e "$right" "$dir"/*.log; then fail "the marker was logged"; fi
echo "backed up under load, killed, restored: one, all, and as of a moment"
