#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a node tells systemd, or whoever has started it: that it is ready when it is and not before, how it is, a
# sign of life from its loop as often as was wanted and none when the loop hangs, and that it stops.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
departments=(sales)
cluster_make
cat >"$dir/listen.py" <<'EOF'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\0' + sys.argv[1][1:] if sys.argv[1][0] == '@' else sys.argv[1])
print('listening', flush=True)
while True:
    for line in s.recv(65536).decode().split('\n'):
        print(line, flush=True)
EOF
listener=
listen() { # address
  [ -z "$listener" ] || kill "$listener" 2>/dev/null || true
  : >"$dir/heard"
  python3 "$dir/listen.py" "$1" >"$dir/heard" & listener=$!
  drivers=("$listener")
  until_true 10 grep -q listening "$dir/heard"
}
heard() { [ "$(grep -c "$1" "$dir/heard")" -ge "${2:-1}" ]; }

# Ready when it answers, and stays alive.
listen "$dir/socket"
NOTIFY_SOCKET="$dir/socket" WATCHDOG_USEC=400000 node_start sales
until_true 60 heard '^READY=1$'
ready sales || fail "it said that it is ready, and is not"
until_true 20 heard '^WATCHDOG=1$' 3
until_true 20 heard "^STATUS=takes commands at 127.0.0.1:${port[sales]}; 0 events behind\$"
[ "$(grep -c '^READY=1$' "$dir/heard")" = 1 ] || fail "ready more than once"

# A loop that hangs gives no sign of life; the socket is quiet for four times what was agreed.
kill -STOP "${pid[sales]}"
beats=$(grep -c '^WATCHDOG=1$' "$dir/heard")
quiet_since=$(now_ms)
until_true 20 eval '[ $(($(now_ms) - quiet_since)) -ge 1600 ]'
[ $(($(grep -c '^WATCHDOG=1$' "$dir/heard") - beats)) -le 1 ] || fail "signs of life of a process that hangs"
kill -CONT "${pid[sales]}"
until_true 20 heard '^WATCHDOG=1$' $((beats + 2))
! heard '^STOPPING=1$' || fail "stopping too early"
node_stop sales
until_true 10 heard '^STOPPING=1$'

# In the journal each line has its level as journalctl -p reads it; nowhere else, also when the environment
# speaks of a journal that another file has taken the place of.
: >"$dir/sales.log"
JOURNAL_STREAM=$(stat -c %d:%i "$dir/sales.log") NOTIFY_SOCKET="$dir/nobody" node_start sales; node_ready sales; node_stop sales
! grep -q '^{' "$dir/sales.log" || fail "a line without its level"
grep '"level":"info"' "$dir/sales.log" | grep -q '^<6>' || fail "info has another priority"
grep '"level":"warn"' "$dir/sales.log" | grep -q '^<4>' || fail "warn has another priority"
: >"$dir/sales.log"
JOURNAL_STREAM=$(stat -c %d:%i "$dir/members") node_start sales; node_ready sales; node_stop sales
! grep -q '^<' "$dir/sales.log" || fail "levels in a file"

# A name without a file; the watchdog of another process; one that cannot be reached; none at all.
listen "@liaison-$BASHPID-$RANDOM"
name=$(tr '\0' ' ' <"/proc/$listener/cmdline" | awk '{ print $3 }')
NOTIFY_SOCKET=$name WATCHDOG_USEC=400000 WATCHDOG_PID=1 node_start sales
until_true 60 heard '^READY=1$'
node_stop sales
until_true 10 heard '^STOPPING=1$'
! heard '^WATCHDOG=1$' || fail "signs of life that nobody asked it for"
NOTIFY_SOCKET="$dir/nobody" node_start sales; node_ready sales
grep -q '"supervisor.not_told"' "$dir/sales.log" || fail "it is not said that nobody hears"
node_stop sales
NOTIFY_SOCKET=sales WATCHDOG_USEC=x node_start sales; node_ready sales; node_stop sales
node_start sales; node_ready sales; node_stop sales

# A store that cannot be opened is never ready.
listen "$dir/socket2"
printf 'x' >"$dir/sales/log/log.mdb"
NOTIFY_SOCKET="$dir/socket2" "$BIN/liaison-sales" --dir "$dir" --name sales >>"$dir/sales.log" 2>&1 && fail "a damaged store was opened"
! heard '^READY=1$' || fail "ready with a damaged store"
echo "notified"
