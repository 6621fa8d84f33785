#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A new node comes into a running cluster by a one-time code, without a file being carried: it makes its keys,
# is taken into the list, starts and holds what the others hold. A code that is used again, too old, not copied
# right or made up lets nobody in; and whoever sits between the two, and changes what they say, neither.
. "$(dirname "$0")/lib.sh"
cluster_make
cluster_start
first=$(post sales customers '{"name":"Mei, before"}' | jq -er .id)
free_base; joiner=$free
addresses=(--http "127.0.0.1:$joiner" --bus "127.0.0.1:$((joiner + 1))" --pub "127.0.0.1:$((joiner + 2))")
members() { get sales members | jq '.members | length'; }
invited= code= inviter=
invite() { # name, more
  local name=$1; shift
  invited=$dir/invite.$name; : >"$invited"
  "$BIN/liaison" peer invite "$name" --department sales --dir "$dir" --node sales "$@" >"$invited" 2>"$invited.err" &
  inviter=$!; drivers+=("$inviter")
  until_true 20 grep -q '^join-' "$invited"
  code=$(cat "$invited")
}
call_off() { kill "$inviter" 2>/dev/null || true; wait "$inviter" 2>/dev/null || true; }
join() { "$BIN/liaison" join "$1" --at "${at:-$(url sales)}" --dir "$2" "${addresses[@]}" --wait "${wait:-5}" >"$dir/out" 2>&1; }
no() { # what is said, code, folder
  join "$2" "$3" && fail "let in: $1"
  grep -q -- "$1" "$dir/out" || fail "not said: $1, but: $(cat "$dir/out")"
  [ ! -e "$3/members" ] || fail "a list was believed: $1"
  [ "$(members)" = "${4:-4}" ] || fail "the list has another length: $1"
}

# ---- attempts ------------------------------------------------------------------------------------
"$BIN/liaison" peer invite service --department sales --dir "$dir" --node sales >"$dir/out" 2>&1 && fail "a name was given twice"
grep -q "belongs" "$dir/out" || fail "not said that the name is taken"
no 'this is no code' welcome "$dir/new"
invite stranger
slip=$(tr 0-9a-f 1-9a-f0 <<<"${code:5:1}")
no 'not copied right' "join-$slip${code:6}" "$dir/new"
# Made up, and right in itself: another cluster's.
"$BIN/liaison" keys init --dir "$dir/other" --base "$((joiner + 3))" >/dev/null 2>&1 || true
no 'no such box' "$(python3 - <<'PY'
import hashlib
body = bytes(32)
print("join-" + body.hex() + hashlib.blake2b(body, digest_size=16, person=b"liaison j check").digest()[:2].hex())
PY
)" "$dir/new"
call_off
# Who called it off answers no more; nobody is let in.
wait=2 no 'no answer yet' "$code" "$dir/new"

# Too old: the administrators have gone, and the box is closed.
invite late --valid 1s
wait "$inviter" && fail "an invitation that nobody took ended well"
grep -q 'nobody used the code in time' "$invited.err" || fail "not said that it is over: $(cat "$invited.err")"
no 'has expired' "$code" "$dir/new"

# ---- somebody in the middle ------------------------------------------------------------------------
# Passes on what is said, and changes what it is told to: a digit of a value, in requests or in answers.
cat >"$dir/middle.py" <<'PY'
import http.server, re, sys, urllib.request, urllib.error
to, name, where = sys.argv[1], sys.argv[2], sys.argv[3]
def change(body, side):
    if side != where: return body
    return re.sub(rb'"%s": ?"([0-9a-f]{8})([0-9a-f])' % name.encode(),
                  lambda m: m.group(0)[:-1] + (b"1" if m.group(2) == b"0" else b"0"), body)
class Middle(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = change(self.rfile.read(int(self.headers["Content-Length"])), "ask")
        ask = urllib.request.Request(to + self.path, body, {"Content-Type": "application/json"})
        try: answer = urllib.request.urlopen(ask); status = answer.status
        except urllib.error.HTTPError as error: answer = error; status = error.code
        body = change(answer.read(), "answer")
        self.send_response(status); self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *unused): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Middle)
print(server.server_port, flush=True)
server.serve_forever()
PY
middle=
between() { # what is changed, on which way; sets at
  : >"$dir/middle.port"
  python3 "$dir/middle.py" "$(url sales)" "$1" "$2" >"$dir/middle.port" & middle=$!; drivers+=("$middle")
  until_true 20 test -s "$dir/middle.port"
  at=http://127.0.0.1:$(cat "$dir/middle.port")
}
invite robbed
between ask ask # other keys than the new node's
wait=2 no 'no answer yet' "$code" "$dir/new"
grep -q 'asked without having the code' "$invited.err" || fail "the administrators are not told: $(cat "$invited.err")"
kill "$middle"; call_off; rm -rf "$dir/new"
invite fooled
between answer answer # another answer than the administrators'
no 'not from whoever made the code' "$code" "$dir/new" 5
kill "$middle"
wait "$inviter" || fail "the administrators' side ended badly"
# The same question again, without anybody between, gets the right one.
at= ; join "$code" "$dir/new" || fail "the honest way is shut: $(cat "$dir/out")"
# Whoever has heard the code, or seen the box, cannot use it for other keys.
no 'used by another node' "$code" "$dir/second" 5

# ---- and it works -----------------------------------------------------------------------------------
[ "$(stat -c %a "$dir/new/fooled/node.keys")" = 600 ] || fail "keys that others can read"
secret=$(grep -oE '[0-9a-f]{64,}' "$dir/new/fooled/node.keys" | tail -1)
[ -n "$secret" ] || fail "no secret to look for"
if grep -rqF "${secret:0:64}" "$dir"/*.log "$dir"/out "$dir"/invite.*; then fail "a secret left its folder"; fi
"$BIN/liaison-sales" --dir "$dir/new" --name fooled --map-gib 4 </dev/null >"$dir/fooled.log" 2>&1 &
pid[fooled]=$!; port[fooled]=$joiner; departments+=(fooled)
node_ready fooled
until_true 60 shows fooled "customers/$first" .name "Mei, before"
second=$(post fooled customers '{"name":"Ben, of the new node"}' | jq -er .id)
for name in "${departments[@]}"; do until_true 60 shows "$name" "customers/$second" .name "Ben, of the new node"; done
until_true 60 same
echo "let in by a code, and nobody else"
