#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# liaison top on a terminal of 80 columns: every line fits, keys do what they say, the terminal is given back as it
# was; and for scripts, with figures that follow load, a node that hangs, and one that is away.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
cluster_make
cluster_start
drive_start
for name in "${departments[@]}"; do goes_on "$name"; done

# ---- for scripts --------------------------------------------------------------------------------
top() { "$BIN/liaison" top --dir "$dir" --json >"$dir/said"; }
top || { cat "$dir/said"; fail "not all nodes are fine"; }
jq -e '[.nodes[].node] | sort == ["analytics","marketing","sales","service"]' "$dir/said" >/dev/null || { cat "$dir/said"; fail "not all nodes"; }
jq -e 'all(.nodes[]; .events_per_s > 0 and .requests_per_s > 0 and .memory_bytes > 1e6 and .disk_free_bytes > 0 and .flush_p99_ms > 0 and .connections >= 1 and .jobs >= 0)' "$dir/said" >/dev/null ||
  { jq . "$dir/said"; fail "a figure is missing under load"; }
"$BIN/liaison" top --dir "$dir" --once </dev/null >"$dir/page" || fail "no page"

# ---- on a terminal ------------------------------------------------------------------------------
cat >"$dir/terminal.py" <<'EOF'
import os, pty, re, select, struct, sys, termios, fcntl, time
def screen(data):  # the last page: what stands behind the last "home"
    return [re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', l) for l in data.rsplit('\x1b[H', 1)[-1].split('\n')]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
data, end = '', time.monotonic() + 60
def until(what, *keys):
    global data
    for key in keys: os.write(fd, key)
    while not what(data):
        if time.monotonic() > end: sys.exit('waited too long: ' + repr(screen(data)))
        if select.select([fd], [], [], 1)[0]:
            try: more = os.read(fd, 65536).decode()
            except OSError: more = ''
            if not more: break
            data += more
        wide = [l for l in screen(data) if len(l.rstrip('\r')) > 80]
        if wide: sys.exit('too wide: ' + repr(wide))
pages = lambda d: d.count('\x1b[H')
until(lambda d: pages(d) >= 3 and 'by name' in d and all(n in d for n in ('sales', 'marketing', 'service', 'analytics')))
before = termios.tcgetattr(fd)[3] & (termios.ECHO | termios.ICANON)
if before: sys.exit('keys are shown')
until(lambda d: 'by events' in screen(d)[-1], b's')
until(lambda d: 'by behind' in screen(d)[-1], b's')
until(lambda d: '\x1b[?1049l' in d, b'q')
_, status = os.waitpid(pid, 0)
if status: sys.exit('ended with %d' % status)
if '\x1b[?1049h' not in data: sys.exit('no screen of its own')
print(screen(data)[0])
EOF
python3 "$dir/terminal.py" "$BIN/liaison" top --dir "$dir" >"$dir/head" || fail "the terminal: $(cat "$dir/head")"
grep -q 'node .*ev/s .*p99 ms' "$dir/head" || fail "no headings"
drive_stop

# ---- one away, one that hangs -------------------------------------------------------------------
node_kill analytics
kill -STOP "${pid[service]}"
top && fail "all is fine with a node that is away"
jq -e '[.nodes[] | select(.state == "silent" and .reason != "") | .node | split(":")[0]] | length == 2' "$dir/said" >/dev/null || { jq . "$dir/said"; fail "not said who is silent"; }
kill -CONT "${pid[service]}"
"$BIN/liaison" top --dir "$dir" --interval 0 2>/dev/null && fail "an interval of nothing"
echo "top"
