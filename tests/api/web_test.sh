#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The web app at a real node: files whole in each form, what browsers are told to keep and to refuse, pages at
# every path that is not the API's, nothing of the disk beside; and a node without an app.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cluster/lib.sh"

app=$dir/app
mkdir -p "$app/assets" "$app/.vite"
printf '<!doctype html><script type="module" src="/assets/a-B3f0aZ91.js" nonce="liaison-nonce"></script><meta property="csp-nonce" nonce="liaison-nonce">' >"$app/index.html"
seq 1000000 >"$app/assets/a-B3f0aZ91.js"
gzip -9 -k "$app/assets/a-B3f0aZ91.js"
printf 'not brotli, but smaller' >"$app/assets/a-B3f0aZ91.js.br"
echo '<svg/>' >"$app/favicon.svg"
echo secret >"$app/.vite/manifest.json"
echo secret >"$dir/secret.txt"
ln -s "$dir/secret.txt" "$app/link.txt"
ln -s "$dir" "$app/out"

departments=(sales)
cluster_make
program[sales]="$BIN/liaison-sales --web $app"
node_start sales
node_ready sales
site=$(url sales)
script=$site/assets/a-B3f0aZ91.js
browser=(-H "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
ask() { curl -sS -m 20 --path-as-is "$@"; }
status() { ask -o "$dir/body" -w '%{http_code}' "$@"; }
head_of() { ask -D - -o /dev/null "$@" | tr -d '\r'; }
wants() { grep -qiF "$2" <<<"$1" || fail "no '$2' in: $1"; }

# Files, each form whole and under a tag of its own.
ask "$script" | cmp - "$app/assets/a-B3f0aZ91.js" || fail "a file is not what it was"
ask -H 'Accept-Encoding: gzip' "$script" | cmp - "$app/assets/a-B3f0aZ91.js.gz" || fail "gzip is not what was built"
ask -H 'Accept-Encoding: gzip, br' "$script" | cmp - "$app/assets/a-B3f0aZ91.js.br" || fail "br is not what was built"
tags=()
for coding in identity gzip br; do
  told=$(head_of -H "Accept-Encoding: $coding" "$script")
  wants "$told" "Content-Type: text/javascript"
  wants "$told" "Vary: Accept-Encoding"
  wants "$told" "Cache-Control: public, max-age=31536000, immutable"
  wants "$told" "X-Content-Type-Options: nosniff"
  wants "$told" "Cross-Origin-Resource-Policy: same-origin"
  [ $coding = identity ] || wants "$told" "Content-Encoding: $coding"
  tag=$(grep -i '^etag:' <<<"$told" | cut -d' ' -f2)
  tags+=("$tag")
  [ "$(status -H "Accept-Encoding: $coding" -H "If-None-Match: $tag" "$script")" = 304 ] || fail "$coding: sent again"
  [ ! -s "$dir/body" ] || fail "304 has a body"
done
[ "$(printf '%s\n' "${tags[@]}" | sort -u | wc -l)" = 3 ] || fail "two forms have one tag"
[ "$(status -H "If-None-Match: ${tags[1]}" "$script")" = 200 ] || fail "another form's tag counts"
wants "$(head_of -I "$script")" "Content-Length: $(stat -c %s "$app/assets/a-B3f0aZ91.js")"
wants "$(head_of "$site/favicon.svg")" "Cache-Control: no-cache"
wants "$(head_of "$site/favicon.svg")" "Content-Type: image/svg+xml"

# Pages: index.html at every path of one, each time with a nonce of its own.
nonces=()
for path in / /customers /customers/0190f3a2 /settings/roles /index.html; do
  page=$(ask -D "$dir/head" "${browser[@]}" "$site$path")
  nonce=$(grep -o "'nonce-[0-9a-f]*'" "$dir/head" | cut -d- -f2 | tr -d "'")
  [ "${#nonce}" = 32 ] || fail "$path: no nonce"
  [ "$(grep -o "nonce=\"$nonce\"" <<<"$page" | wc -l)" = 2 ] || fail "$path: the page's nonce is not the header's: $page"
  ! grep -q liaison-nonce <<<"$page" || fail "$path: a placeholder is left"
  nonces+=("$nonce")
  told=$(tr -d '\r' <"$dir/head")
  for wanted in "Cache-Control: no-cache" "default-src 'none'; script-src 'self';" "frame-ancestors 'none'" \
    "Cross-Origin-Opener-Policy: same-origin" "Permissions-Policy: camera=()" "Content-Type: text/html"; do
    wants "$told" "$wanted"
  done
  ! grep -qi "unsafe-" <<<"$told" || fail "$path: the policy lets inline code run"
done
[ "$(printf '%s\n' "${nonces[@]}" | sort -u | wc -l)" = 5 ] || fail "two pages have one nonce"
[ "$(status -I "${browser[@]}" "$site/customers")" = 200 ] || fail "HEAD of a page"

# A worker's script may speak to its own address and to nothing else.
wants "$(head_of "$script")" "default-src 'none'; script-src 'self'; connect-src 'self'"

# The API is what it was, also for browsers; and programs hear that a path is not there.
for path in /api/v1/status /healthz /readyz /metrics; do
  [ "$(status "${browser[@]}" "$site$path")" = 200 ] || fail "$path is not answered"
  ! grep -q 'csp-nonce' "$dir/body" || fail "$path is a page"
done
[ "$(status "${browser[@]}" "$site/api/v1/nothing")" = 404 ] || fail "the API's 404 is a page"
[ "$(status "$site/customers")" = 404 ] || fail "a program gets a page"
[ "$(status -X POST "${browser[@]}" "$site/customers")" = 404 ] || fail "a page takes a POST"
[ "$(status -X POST "$script")" = 404 ] || fail "a file takes a POST"

# Nothing of the disk beside the app.
for path in /../secret.txt /assets/../../secret.txt /%2e%2e/secret.txt /assets/%2e%2e/%2e%2e/secret.txt \
  /..%2fsecret.txt /assets%2f..%2f..%2fsecret.txt /assets/..%5c..%5csecret.txt /link.txt /out/secret.txt \
  /.vite/manifest.json /%2evite/manifest.json //.vite/manifest.json /index.html%00.js /assets/a-B3f0aZ91.js.br \
  /assets/a-B3f0aZ91.js%00 /assets/ /assets //assets/a-B3f0aZ91.js /%61ssets%2fa-B3f0aZ91.js; do
  code=$(status "${browser[@]}" "$site$path")
  [ "$code" = 404 ] || [ "$code" = 400 ] || fail "$path: $code"
  ! grep -q secret "$dir/body" || [ "$(grep -c 'nothing is at' "$dir/body")" = 1 ] || fail "$path: $(cat "$dir/body")"
done
echo later >"$app/later.txt"
[ "$(status "$site/later.txt")" = 404 ] || fail "what came later is told"
node_stop sales

# The same through TLS, where a body leaves in many records.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=localhost" \
  -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
program[sales]="$BIN/liaison-sales --web $app --tls-cert $dir/cert.pem --tls-key $dir/key.pem"
node_start sales
secure=https${script#http}
until_true 60 curl -fsk -o /dev/null "https${site#http}/readyz"
ask -k "$secure" "$secure" | cmp - <(cat "$app/assets/a-B3f0aZ91.js" "$app/assets/a-B3f0aZ91.js") || fail "TLS: not what it was"
node_stop sales

# A program that no app lies beside says how to get one, and works; one that was named must be there.
mkdir "$dir/bin"
cp "$BIN/liaison-sales" "$dir/bin/"
program[sales]="$dir/bin/liaison-sales"
node_start sales
node_ready sales
ask "$site/" | grep -q 'tools/web build' || fail "the first page does not say how to build the app"
[ "$(status "${browser[@]}" "$site/customers")" = 404 ] || fail "a page without an app"
node_stop sales
! "$BIN/liaison-sales" --dir "$dir" --web "$dir/nowhere" 2>"$dir/said" >/dev/null || fail "an app that is nowhere is served"
grep -q "nowhere.*tools/web build" "$dir/said" || fail "it does not say what is wrong: $(cat "$dir/said")"
