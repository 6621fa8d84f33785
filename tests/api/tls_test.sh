#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HTTPS at a real node, with curl and openssl as clients: what is spoken and what is not, cookies and what
# browsers are told, a certificate that is renewed while connections are open, and a proxy in front.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cluster/lib.sh"

certificate() { # name serial
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=localhost" \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -set_serial "$2" \
    -keyout "$dir/$1.key" -out "$dir/$1.pem" 2>/dev/null
}
serve() { # name, more arguments
  local name=$1; shift
  program[$name]="$BIN/liaison-$name $*"
  node_start "$name"
}
https="https://localhost"
ask() { curl -sS -m 20 --cacert "$dir/now.pem" "$@"; }
serial() { openssl s_client -connect "127.0.0.1:${port[sales]}" </dev/null 2>/dev/null | openssl x509 -noout -serial; }
speaks() { openssl s_client -connect "127.0.0.1:${port[sales]}" "$@" </dev/null >/dev/null 2>&1; }

cluster_make
certificate first 1001
certificate second 1002
cp "$dir/first.pem" "$dir/now.pem"; cp "$dir/first.key" "$dir/now.key"
departments=(sales marketing)

# Nobody becomes the machine itself through a proxy on it that nobody told us of.
serve marketing
node_ready marketing
code() { curl -s -o /dev/null -w '%{http_code}' "$@" "$(url marketing)/api/v1/customers"; }
[ "$(code)" = 200 ] || fail "who sits at the machine is not let in"
for sign in "X-Forwarded-For: 192.0.2.7" "Forwarded: for=192.0.2.7" "Via: 1.1 proxy"; do
  [ "$(code -H "$sign")" = 401 ] || fail "$sign: somebody from outside is let in"
done
node_stop marketing

serve sales --tls-cert "$dir/now.pem" --tls-key "$dir/now.key"
site="$https:${port[sales]}"
until_true 60 ask -f -o /dev/null "$site/readyz"

# What is spoken.
for version in 1.2 1.3; do
  ask -f -o /dev/null "--tlsv$version" --tls-max "$version" "$site/healthz" || fail "no TLS $version"
done
! speaks -tls1_1 -cipher 'ALL:@SECLEVEL=0' || fail "TLS 1.1 is spoken"
! speaks -tls1_2 -cipher 'AES128-SHA:@SECLEVEL=0' || fail "a cipher without forward secrecy is spoken"
! curl -sf -m 5 "http://127.0.0.1:${port[sales]}/healthz" >/dev/null || fail "plain HTTP is answered"
ready_again() { ask -f -o /dev/null "$site/healthz"; }
head -c 100000 /dev/urandom | timeout 1 openssl s_client -connect "127.0.0.1:${port[sales]}" >/dev/null 2>&1 || true
(exec 3<>"/dev/tcp/127.0.0.1/${port[sales]}"; head -c 20000 /dev/urandom >&3) 2>/dev/null || true
ready_again || fail "noise did harm"

# What browsers are told.
head=$(ask -D - -o /dev/null "$site/healthz")
for wanted in "Strict-Transport-Security: max-age=" "X-Content-Type-Options: nosniff" "frame-ancestors 'none'"; do
  grep -q "$wanted" <<<"$head" || fail "no $wanted"
done
secret=$(grep -o '#setup=[^"]*' "$dir/sales.log" | head -1 | cut -d= -f2)
grep -q '"link":"https://' "$dir/sales.log" || fail "the link is not of HTTPS"
json=(-H 'Content-Type: application/json')
head=$(ask -D - -o /dev/null "${json[@]}" -c "$dir/jar" "$site/api/v1/setup" \
  -d '{"secret":"'"$secret"'","name":"Ada","email":"ada@example.com","password":"a sea of green tea"}')
grep -q 'Set-Cookie: __Host-liaison=.*; HttpOnly; SameSite=Strict; Secure' <<<"$head" || fail "the cookie: $head"
[ "$(ask -b "$dir/jar" "$site/api/v1/session" | jq -r .user.name)" = Ada ] || fail "the cookie is not taken"
status() { ask -o /dev/null -w '%{http_code}' -b "$dir/jar" "${json[@]}" -d '{"name":"Mei"}' "$@" "$site/api/v1/customers"; }
[ "$(status -H "Origin: $site")" = 201 ] || fail "a page of this address may not write"
[ "$(status -H "Origin: http://localhost:${port[sales]}")" = 403 ] || fail "a page that came in the clear may write"

# Much at once, and a stream.
seq 1 5000 | sed 's/.*/{"name":"Customer &"}/' >"$dir/lines"
token=$(ask "${json[@]}" -d '{"email":"ada@example.com","password":"a sea of green tea","token":true}' "$site/api/v1/session" | jq -r .token)
bearer=(-H "Authorization: Bearer $token")
[ "$(ask "${bearer[@]}" -H 'Content-Type: application/jsonl' --data-binary "@$dir/lines" "$site/api/v1/customers:batchCreate" | jq .created)" = 5000 ] || fail "a large body"
[ "$(ask "${bearer[@]}" "$site/api/v1/customers?page_size=1000" | jq '.customers | length')" = 1000 ] || fail "a large answer"
[ "$(ask "${bearer[@]}" "$site/api/v1/events?from=start&until=now" | grep -c '^id:')" -ge 5000 ] || fail "a stream"

# A certificate that is renewed; a connection of before goes on.
exec {line}> >(openssl s_client -quiet -connect "127.0.0.1:${port[sales]}" >"$dir/heard" 2>/dev/null)
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n' >&"$line"
until_true 20 grep -q "200 OK" "$dir/heard"
[ "$(serial)" = serial=03E9 ] || fail "the first certificate is not shown"
cp "$dir/second.pem" "$dir/now.pem"
kill -HUP "${pid[sales]}"
until_true 20 grep -q certificate.not_read "$dir/sales.log" # the key is still the former one
[ "$(serial)" = serial=03E9 ] || fail "half a renewal was taken"
cp "$dir/second.key" "$dir/now.key"
kill -HUP "${pid[sales]}"
until_true 20 grep -q '"certificate.read"' "$dir/sales.log"
[ "$(serial)" = serial=03EA ] || fail "the second certificate is not shown"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&"$line"
until_true 20 grep -q "Connection: close" "$dir/heard"
exec {line}>&-
node_stop sales

# A proxy in front: it says who came how, and nobody else does.
serve sales --url https://crm.example.com --proxy 127.0.0.1
node_ready sales
forward=(-H 'Host: crm.example.com' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 192.0.2.7')
head=$(curl -s -D - -o /dev/null "${json[@]}" "${forward[@]}" "$(url sales)/api/v1/session" \
  -d '{"email":"ada@example.com","password":"a sea of green tea"}')
grep -q 'Set-Cookie: __Host-liaison=.*; Secure' <<<"$head" || fail "the proxy's word does not count: $head"
node_stop sales
serve sales
node_ready sales
head=$(curl -s -D - -o /dev/null "${json[@]}" "${forward[@]:2}" "$(url sales)/api/v1/session" \
  -d '{"email":"ada@example.com","password":"a sea of green tea"}')
grep -q 'Set-Cookie: liaison=' <<<"$head" || fail "anybody's word counts: $head"
