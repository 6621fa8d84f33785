#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The doctor finds nothing wrong with a sound cluster, running, under load or stopped, and changes nothing; and
# names each of many things that are wrong, with a remedy: keys, settings, certificates, damage, clocks, peers.
. "$(dirname "$0")/lib.sh"
doctor() { # options; the answer goes to $dir/said
  local status=0
  "$BIN/liaison" doctor --dir "$dir" "$@" >"$dir/said" 2>"$dir/errors" || status=$?
  [ $status -lt 2 ] || { cat "$dir/errors"; fail "the doctor ended with $status"; }
  [ "$(jq '.errors > 0' "$dir/said")" = "$([ $status = 1 ] && echo true || echo false)" ] || fail "its status says otherwise than its words"
  jq -e 'all(.findings[]; .verdict == "ok" or (.remedy | length > 0))' "$dir/said" >/dev/null || fail "a finding without a remedy"
}
says() { # check, what stands in place or words, verdict
  jq -e --arg c "$1" --arg w "$2" --arg v "$3" 'any(.findings[]; .check == $c and .verdict == $v and (.at + ": " + .says | contains($w)))' "$dir/said" >/dev/null ||
    { jq -c '.findings[] | select(.verdict != "ok")' "$dir/said"; fail "not said: $1 $2 $3"; }
}
sound() { jq -e '.errors == 0' "$dir/said" >/dev/null || { jq -c '.findings[] | select(.verdict == "error")' "$dir/said"; fail "errors at a sound cluster"; }; }

# ---- sound -------------------------------------------------------------------------------------
cluster_make
cluster_start
drive_start
for name in "${departments[@]}"; do goes_on "$name"; done
doctor --deep
sound
for name in "${departments[@]}"; do
  says log.whole "$name: all" ok; says views.version "$name" ok; says node.answers "$name: it takes commands" ok
  says keys.match "$name" ok; says limits.files "$name: it runs (process ${pid[$name]})" ok
  goes_on "$name"
done
for check in clock.synchronised memory.free limits.core disk.file_system disk.room disk.flush node.peers node.clock node.members node.jobs; do
  jq -e --arg c $check 'any(.findings[]; .check == $c)' "$dir/said" >/dev/null || fail "nothing of $check"
done
drive_stop
equal_in 60
"$BIN/liaison" doctor --dir "$dir" --json | jq -e .findings >/dev/null || fail "no JSON"
script -qec "'$BIN/liaison' doctor --dir '$dir' --strict" /dev/null >"$dir/page" || true
grep -q 'fine, .*warnings, 0 errors' "$dir/page" || { cat "$dir/page"; fail "nothing for people"; }

# ---- stopped: not a byte is changed -------------------------------------------------------------
for name in "${departments[@]}"; do node_stop "$name"; done
bytes() { (cd "$dir" && find . -path './*/*' -type f ! -name '*-lock' ! -name said | sort | xargs sha256sum); }
before=$(bytes)
doctor --deep
sound
[ "$(bytes)" = "$before" ] || fail "the doctor has changed something"
says node.answers "sales: it does not run" warning

# ---- what is wrong is named ---------------------------------------------------------------------
chmod 644 "$dir/sales/node.keys"
cp "$dir/service/node.keys" "$dir/kept.keys"; cp "$dir/analytics/node.keys" "$dir/service/node.keys"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout "$dir/tls.key" -out "$dir/tls.pem" 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout "$dir/other.key" -out "$dir/other.pem" 2>/dev/null
printf 'dir: %s\nname: sales\ntls-cert: %s\ntls-key: %s\n' "$dir" "$dir/tls.pem" "$dir/tls.key" >"$dir/sales.yaml"
printf 'dir: %s\nname: marketing\ntls-cert: %s\ntls-key: %s\n' "$dir" "$dir/tls.pem" "$dir/other.key" >"$dir/marketing.yaml"
printf 'dir: %s\nname: service\ncolour: red\n' "$dir" >"$dir/service.yaml"
doctor --config "$dir/sales.yaml" --config "$dir/marketing.yaml" --config "$dir/service.yaml"
says keys.file "sales/node.keys: others than its owner" error
says keys.match "service: node.keys are not the keys" error
says tls.certificate "sales: the certificate counts for" error
says tls.certificate "marketing" error
says settings "service.yaml:3:1: there is no setting 'colour'" error
! grep -q "PRIVATE KEY" "$dir/said" || fail "a key is told"
chmod 600 "$dir/sales/node.keys"; cp "$dir/kept.keys" "$dir/service/node.keys"

# A bit of the log's events is another one; a file that is cut; a file that is no log.
# Pages that LMDB has left may hold an older copy of it: each one is damaged.
places=$(grep -abo 'setup, changed by everybody' "$dir/marketing/log/log.mdb" | cut -d: -f1)
[ -n "$places" ] || fail "no event to damage"
for place in $places; do printf 'X' | dd of="$dir/marketing/log/log.mdb" bs=1 seek="$place" conv=notrunc 2>/dev/null; done
truncate -s -40960 "$dir/service/log/log.mdb"
cp "$dir/analytics/log/log.mdb" "$dir/kept.log"; head -c 65536 /dev/urandom >"$dir/noise"; dd if="$dir/noise" of="$dir/analytics/log/log.mdb" bs=4096 seek=2 conv=notrunc 2>/dev/null
doctor --deep
says log.whole "marketing: events" error
says log.whole "service: " error
says log.whole "analytics: " error
says log.whole "sales: all" ok
# The node asks the others for it, and the doctor is content.
cp "$dir/kept.log" "$dir/analytics/log/log.mdb"
rm -rf "$dir/service/log" "$dir/service/views"
cluster_start
equal_in 60
mended() { doctor --deep; jq -e 'all(.findings[] | select(.check == "log.whole" and (.at == "marketing")); .verdict == "ok")' "$dir/said" >/dev/null; }
until_true 60 mended

# ---- one that hangs, one that is away, a list that is not here ----------------------------------
node_kill analytics
kill -STOP "${pid[service]}"
apart() { "$BIN/liaison" status --dir "$dir" --node sales --json 2>/dev/null | jq -e '[.nodes[0].status.peers[] | select(.connected == false)] | length == 2' >/dev/null; }
until_true 30 apart
doctor
says node.answers "service: it does not answer" error
says node.answers "analytics: it does not run" warning
says node.peers "sales: it does not hear" warning
kill -CONT "${pid[service]}"
mv "$dir/members" "$dir/members.kept"; mkdir "$dir/empty"
"$BIN/liaison" doctor --dir "$dir/empty" >"$dir/said" && fail "a folder without a cluster is fine"
says members.list "empty" error
mv "$dir/members.kept" "$dir/members"

# Where nobody said that there are nodes none is missed.
"$BIN/liaison" doctor >"$dir/said" || true
jq -e 'any(.findings[]; .check == "clock.synchronised")' "$dir/said" >/dev/null || fail "nothing about the machine alone"
