#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command line at nodes that speak HTTPS only, with a certificate of the operator's own authority: what it
# trusts is said once, all that it does works then, and without it, or with another authority, it tells nobody
# its token.
. "$(dirname "$0")/lib.sh"
cluster_make
authority() { # name: one's own authority, and a certificate by it
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=authority $1" \
    -keyout "$dir/$1.ca.key" -out "$dir/$1.ca.pem" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
    -keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null
  openssl x509 -req -in "$dir/$1.csr" -CA "$dir/$1.ca.pem" -CAkey "$dir/$1.ca.key" -CAcreateserial -days 90 \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$dir/$1.pem" 2>/dev/null
}
authority ours
authority theirs
for name in "${departments[@]}"; do
  program[$name]="$BIN/liaison-$name --tls-cert $dir/ours.pem --tls-key $dir/ours.key"
  node_start "$name"
done
up() { curl -fs -m 5 -o /dev/null --cacert "$dir/ours.ca.pem" "https://localhost:${port[$1]}/readyz"; }
for name in "${departments[@]}"; do until_true 60 up "$name"; done
liaison() { "$BIN/liaison" "$@"; }

# What is missing is said, in words that help; the token goes to nobody who has no certificate that is trusted.
no() { # what is said, command
  local words=$1; shift
  liaison "$@" >"$dir/out" 2>&1 && fail "works: liaison $*"
  grep -q -- "$words" "$dir/out" || fail "not said: $words, but: $(cat "$dir/out")"
}
no 'want HTTPS? Then give --ca' status --dir "$dir" --node sales
no 'names certificates to trust' status --node "https://localhost:${port[sales]}"
no 'names certificates to trust' status --dir "$dir" --ca "$dir/theirs.ca.pem"
no 'cannot be read as certificates' status --dir "$dir" --ca "$dir/nowhere.pem"
no 'cannot be read as certificates' status --dir "$dir" --ca "$dir/ours.key"
no 'or an address with http' status --dir "$dir" --node nobody
free_base; stranger=$free
openssl s_server -quiet -accept "127.0.0.1:$stranger" -cert "$dir/theirs.pem" -key "$dir/theirs.key" >"$dir/heard" 2>&1 </dev/null & drivers+=($!)
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$stranger") 2>/dev/null; }
until_true 20 listens
no 'names certificates to trust' status --node "https://localhost:$stranger" --token lia_secret --ca "$dir/ours.ca.pem"
! grep -q lia_secret "$dir/heard" || fail "the token was told to somebody else"

# By an option, by the environment; with the list's addresses, with --base, with names of one's own.
liaison status --dir "$dir" --ca "$dir/ours.ca.pem" --json >"$dir/out" || fail "status: $(cat "$dir/out")"
[ "$(jq '[.nodes[] | select(.ok)] | length' "$dir/out")" = 4 ] || fail "not all four: $(cat "$dir/out")"
export LIA_CA="$dir/ours.ca.pem"
liaison status --dir "$dir" --node "https://localhost:${port[sales]}" --node marketing --json >"$dir/out" || fail "both forms: $(cat "$dir/out")"
[ "$(jq -c '[.nodes[].name] | sort' "$dir/out")" = "[\"localhost:${port[sales]}\",\"marketing\"]" ] || fail "$(cat "$dir/out")"
id=$(liaison create --base "$base" customer name=Ana | jq -er .id) || fail "create"
liaison verify --dir "$dir" >"$dir/out" || fail "verify: $(cat "$dir/out")"
[ "$(liaison get --dir "$dir" --node analytics "customers/$id" | jq -r .name)" = Ana ] || fail "get"
liaison watch --dir "$dir" --node service --from start --limit 1 --json | grep -q . || fail "the stream"
liaison top --dir "$dir" --once --json >"$dir/out" || fail "top: $(cat "$dir/out")"
liaison doctor --dir "$dir" --json >"$dir/out" || fail "doctor: $(jq -c ".findings[] | select(.verdict != \"ok\")" "$dir/out")"
liaison keys rotate --name service --dir "$dir" >"$dir/out" 2>&1 || fail "rotate: $(cat "$dir/out")"
liaison backup key --dir "$dir" --out "$dir/backup.key" >"$dir/out" 2>&1
liaison backup --dir "$dir" --to "$dir/shelf" >"$dir/out" 2>&1 || fail "backup: $(cat "$dir/out")"
# A node that runs is not taken for one that has stopped, also by whoever forgot the certificate.
for ca in "$LIA_CA" ""; do
  LIA_CA=$ca liaison rebuild --dir "$dir" --name sales >"$dir/out" 2>&1 && fail "the views of a running node were made anew"
  grep -q 'is running\|is open in another process' "$dir/out" || fail "not said that it runs: $(cat "$dir/out")"
done

# A newcomer over HTTPS: it trusts the same authority.
free_base; joiner=$free
liaison peer invite sales2 --department sales --dir "$dir" --node sales >"$dir/code" 2>"$dir/invite.err" & drivers+=($!); inviter=$!
until_true 20 grep -q '^join-' "$dir/code"
LIA_CA='' no 'names certificates to trust' join "$(cat "$dir/code")" --at "https://localhost:${port[sales]}" --dir "$dir/joined" \
  --http "127.0.0.1:$joiner" --bus "127.0.0.1:$((joiner + 1))"
liaison join "$(cat "$dir/code")" --at "https://localhost:${port[sales]}" --dir "$dir/joined" --http "127.0.0.1:$joiner" \
  --bus "127.0.0.1:$((joiner + 1))" >"$dir/out" 2>&1 || fail "join: $(cat "$dir/out" "$dir/invite.err")"
[ -f "$dir/joined/members" ] || fail "no list"
kill "$inviter" 2>/dev/null || true # it waits for the newcomer, which is not started here
