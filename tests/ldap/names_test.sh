#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A resolver that never answers: a question ends in time all the same, and many of them cost no more than a few
# threads. In a network and with a resolv.conf of this test's own.
if [ -z "${ALONE:-}" ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v ip >/dev/null || ! unshare --net --mount true 2>/dev/null; then
    echo "SKIPPED: network namespaces are not allowed here"
    exit 77
  fi
  ALONE=1 exec unshare --net --mount bash "$0"
fi
set -euo pipefail
dir=$(mktemp -d)
resolver=
trap '[ -z "$resolver" ] || kill "$resolver"; rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
ip link set lo up
printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n' >"$dir/resolv.conf"
printf 'hosts: files dns\n' >"$dir/nsswitch.conf"
mount --bind "$dir/resolv.conf" "$(realpath /etc/resolv.conf)"
mount --bind "$dir/nsswitch.conf" /etc/nsswitch.conf

# Answers for here.test, for others never; every name that it was asked is in a file.
cat >"$dir/resolver.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
open(sys.argv[1], "w").close()
while True:
    asked, who = s.recvfrom(1500)
    end = asked.index(0, 12)
    with open(sys.argv[1], "ab") as heard: heard.write(asked[12:end] + b"\n")
    if b"\x04here" not in asked: continue
    kind = asked[end + 1:end + 3]
    answers = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1" if kind == b"\0\1" else b""
    s.sendto(asked[:2] + b"\x81\x80\0\1" + (b"\0\1" if answers else b"\0\0") + b"\0\0\0\0" + asked[12:end + 5] + answers, who)
PY
python3 "$dir/resolver.py" "$dir/heard" & resolver=$!
for _ in $(seq 200); do [ -e "$dir/heard" ] && break; sleep 0.05; done
[ -e "$dir/heard" ] || fail "the resolver has not begun"

printf 'secret\n' >"$dir/secret"; chmod 600 "$dir/secret"
ask() { timeout 25 "$BIN/ldap_ask" ca=/etc/ssl/certs/ca-certificates.crt bind=cn=x,dc=x secret="$dir/secret" base=dc=x user=anna password=x "$@"; }

# The name of somebody who is there: the resolver is asked, and nobody listens at the address.
got=$(ask url=ldaps://here.test:9 ms=20000)
[[ $got == "LIA_EIO connecting: Connection refused"* ]] || fail "a name that is known: $got"

# Never an answer: the resolver itself would go on for five times 30 seconds.
got=$(ask url=ldaps://never.test ms=700) || fail "it did not end in time ($?)"
[[ $got == "LIA_EIO connecting: the resolver does not answer in time"* ]] || fail "a resolver that is silent: $got"
grep -q never "$dir/heard" || fail "the resolver was not asked"

# Many questions: four lookups stay, and whoever comes then is told at once.
ask url=ldaps://never.test ms=200 times=50 >"$dir/many" || fail "many did not end in time ($?)"
[ "$(grep -c "does not answer in time" "$dir/many")" = 4 ] || fail "not four were looked up: $(sort "$dir/many" | uniq -c)"
[ "$(grep -c "has not answered for 4 names before" "$dir/many")" = 46 ] || fail "others were not told at once: $(sort "$dir/many" | uniq -c)"
