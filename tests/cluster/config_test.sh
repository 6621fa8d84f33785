#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node with a file, an environment and flags: which of them counts, what it says to mistakes, what SIGHUP
# takes and what it leaves, and that no secret of any of them stands in its log.
. "$(dirname "$0")/lib.sh"
cluster_make
departments=(sales)
file="$dir/sales.yaml"
other=$(($(free_base) + 5))
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$dir/tls.key" -out "$dir/tls.pem" 2>/dev/null
mkdir "$dir/credentials"
cp "$dir/tls.key" "$dir/credentials/tls-key"

# Every mistake of every layer in one run, with its place; nothing is started, no secret is repeated.
printf 'dir: %s\ntls-crt: x\nmap-gib: much\nsmtp-login: crm:Hunter2\nverbose: yes\n' "$dir" >"$file"
status=0
LIAISON_PROXY=nowhere "$BIN/liaison-sales" --config "$file" --http 0.0.0.0:1 2>"$dir/said" || status=$?
[ "$status" = 2 ] || fail "a node with mistakes ended with $status"
for wanted in "$file:2:1: there is no setting 'tls-crt'; was 'tls-cert' meant?" "$file:3:10: map-gib: 'much'" \
  "$file:4:13: smtp-login: the file that it names cannot be read" "$file:5:10: verbose: 'yes'" \
  "LIAISON_PROXY: proxy: 'nowhere'"; do
  grep -qF "$wanted" "$dir/said" || { cat "$dir/said"; fail "not told: $wanted"; }
done
! grep -q Hunter2 "$dir/said" || fail "a secret is repeated"
[ ! -e "$dir/sales/log" ] || fail "a store was made"

# The tool finds the same of the file, for people and for programs.
status=0
"$BIN/liaison" config check "$file" >"$dir/found" || status=$?
[ "$status" = 1 ] || fail "config check ended with $status"
jq -e 'length == 5 and .[0].line == 2 and .[0].column == 1 and .[3].line == 5' "$dir/found" >/dev/null || fail "$(cat "$dir/found")"
"$BIN/liaison" config example sales >"$dir/example.yaml"
[ "$("$BIN/liaison" config check "$dir/example.yaml")" = "[]" ] || fail "the example has mistakes"

# The file says where, the environment says otherwise, and a flag has the last word.
printf 'dir: %s\nname: nobody\nmap-gib: 4\nhttp: 127.0.0.1:1\ntls-cert: %s\ntls-key: credential:tls-key\n' \
  "$dir" "$dir/tls.pem" >"$file"
"$BIN/liaison" config check "$file" >/dev/null || fail "a right file has mistakes"
CREDENTIALS_DIRECTORY="$dir/credentials" LIAISON_CONFIG="$file" LIAISON_NAME=sales LIAISON_HTTP=127.0.0.1:2 \
  "$BIN/liaison-sales" --http "127.0.0.1:$other" >>"$dir/sales.log" 2>&1 &
pid[sales]=$!
ask() { curl -sS -m 5 --cacert "$dir/tls.pem" "$@"; }
until_true 60 ask -f -o /dev/null "https://localhost:$other/readyz"
port_is_free "${port[sales]}" || fail "it listens where the list says, too"

# SIGHUP: mistakes change nothing and are told; what can be taken is; the rest is named.
noted() { [ "$(grep -c "\"$1\"" "$dir/sales.log")" -ge "$2" ]; }
echo 'colour: red' >>"$file"
kill -HUP "${pid[sales]}"
until_true 10 noted config.kept 1
grep -q '"config.mistake".*colour' "$dir/sales.log" || fail "the mistake is not told"
printf 'dir: %s\nname: nobody\nmap-gib: 5\nverbose: true\ntls-cert: %s\ntls-key: credential:tls-key\n' \
  "$dir" "$dir/tls.pem" >"$file"
kill -HUP "${pid[sales]}"
until_true 10 noted config.reloaded 1
grep -q '"config.wants_restart".*map-gib' "$dir/sales.log" || fail "what wants a restart is not named"
! grep -q '"config.wants_restart".*"verbose"' "$dir/sales.log" || fail "verbose wants a restart"
ask -f -o /dev/null "https://localhost:$other/healthz" || fail "it does not answer any more"
kill -TERM "${pid[sales]}"
wait "${pid[sales]}" || fail "it ended with $?"
pid[sales]=
! grep -q "PRIVATE KEY" "$dir/sales.log" || fail "a key is in the log"

# Names by which it may be asked: others are turned away, whoever asks.
code() { curl -s -o /dev/null -w '%{http_code}' -m 5 -H "Host: $1" "$(url sales)/healthz"; }
LIAISON_HOSTS="sales.example 10.9.8.7" node_start sales
node_ready sales
[ "$(code sales.example)$(code 10.9.8.7:9)$(code localhost)" = 200200200 ] || fail "a name that was given is turned away"
[ "$(code evil.example)" != 200 ] || fail "any name is answered"
node_stop sales
