# SPDX-License-Identifier: Apache-2.0
# lib - a real cluster of four processes for a test, in a folder of its own, on free ports, ended by
# pid when the test ends. Sourced by *_test.sh; needs BIN, the folder of the executables.
set -euo pipefail
: "${BIN:?the folder of the executables}"
dir=$(mktemp -d "$PWD/cluster-XXXXXX")
departments=(sales marketing service analytics)
declare -A pid port
declare -A program # of a node, with its first arguments, when it is not today's
drivers=()
runs=0

finish() {
  local status=$? name
  [ -d "$dir" ] && touch "$dir/stop"
  [ ${#drivers[@]} -eq 0 ] || kill "${drivers[@]}" 2>/dev/null || true
  # What each node says of itself when a test fails.
  [ "$status" = 0 ] || for name in "${departments[@]}"; do
    [ -z "${pid[$name]:-}" ] || [ -z "${port[$name]:-}" ] || at "$name" curl -s -m 2 "$(url "$name")/readyz" >"$dir/$name.last" 2>&1 || true
  done
  for name in "${departments[@]}"; do
    { [ -n "${pid[$name]:-}" ] && kill -9 "${pid[$name]}" && wait "${pid[$name]}"; } 2>/dev/null || true
  done
  if [ "$status" = 0 ]; then rm -rf "$dir"; else
    echo "FAILED; logs:" >&2
    for name in "${departments[@]}"; do echo "--- $name" >&2; tail -8 "$dir/$name.log" >&2 || true; cat "$dir/$name.last" >&2 2>/dev/null || true; done
    grep -l "ERROR: AddressSanitizer\|runtime error" "$dir"/*.log 2>/dev/null | while read -r f; do grep -m1 -A12 "ERROR: AddressSanitizer\|runtime error" "$f" >&2; done
  fi
  exit "$status"
}
trap finish EXIT

fail() { echo "$*" >&2; exit 1; }

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Sets free to a base with twelve free ports behind it: ours until this test and its nodes have ended, also while
# nobody listens on them, since tests that run beside this one ask for the same lock.
free_base() {
  local base try i lock
  for try in $(seq 200); do
    base=$((20000 + (RANDOM % 600) * 12))
    exec {lock}>"${TMPDIR:-/tmp}/liaison-ports-$base"
    flock -n "$lock" || { exec {lock}>&-; continue; }
    for i in $(seq 0 11); do port_is_free $((base + i)) || continue 2; done
    free=$base
    return
  done
  fail "no free ports"
}

cluster_make() {
  free_base
  base=$free
  "$BIN/liaison" keys init --dir "$dir" --base "$base" >/dev/null
  local i=0 name
  for name in "${departments[@]}"; do port[$name]=$((base + i)); i=$((i + 1)); done
}

node_start() { # name [command before it ...]
  local name=$1; shift
  # shellcheck disable=SC2086
  "$@" ${program[$name]:-"$BIN/liaison-$name"} --dir "$dir" --name "$name" --map-gib 4 </dev/null >>"$dir/$name.log" 2>&1 &
  pid[$name]=$!
}
# The same with shaky.c before it; NAME=VALUE... say what is shaky.
shaky_start() { # name NAME=VALUE ...
  local name=$1; shift
  node_start "$name" env LD_PRELOAD="$BIN/shaky.so" ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" "$@"
}
node_kill() { kill -9 "${pid[$1]}"; wait "${pid[$1]}" 2>/dev/null || true; pid[$1]=; }
node_stop() { kill -TERM "${pid[$1]}"; wait "${pid[$1]}" || fail "$1 ended with $?"; pid[$1]=; }

# Runs a command where a node is; a test with several hosts says so differently.
at() { shift; "$@"; }

url() { echo "http://127.0.0.1:${port[$1]}"; }
ready() { at "$1" curl -fs -o /dev/null -m 2 "$(url "$1")/readyz"; }

# Waits until a command holds; it is asked again, not slept for.
until_true() { # seconds, command ...
  local limit=$((SECONDS + $1)); shift
  until "$@"; do
    [ $SECONDS -lt $limit ] || fail "waited too long for: $*"
    read -r -t 0.05 <> <(:) || true
  done
}
node_ready() { until_true 60 ready "$1"; }
cluster_start() {
  local name
  for name in "${departments[@]}"; do node_start "$name"; done
  for name in "${departments[@]}"; do node_ready "$name"; done
}

post() { # node path json [key]
  local key=(); [ -n "${4:-}" ] && key=(-H "Idempotency-Key: $4")
  at "$1" curl -s -m 20 -H 'Content-Type: application/json' "${key[@]}" -d "$3" "$(url "$1")/api/v1/$2"
}
get() { at "$1" curl -fs -m 20 "$(url "$1")/api/v1/$2"; }
# What jq finds in a GET equals the wanted text.
shows() { [ "$(get "$1" "$2" | jq -r "$3")" = "$4" ]; }
agree() { "$BIN/liaison" verify --dir "$dir" --wait 60 >/dev/null; }
# What verify tells of the nodes' own comparisons: one for each pair that is named, none found another state.
agreement() { # how many comparisons
  "$BIN/liaison" verify --dir "$dir" --wait 60 --json |
    jq -e --argjson n "$1" '.equal and (.agreement | length == $n and all(.agrees and has("comparisons")))' >/dev/null
}
now_ms() { date +%s%3N; }

# ---- the history of every reply ----------------------------------------------------------------

# Lets drivers send commands to the nodes, all of them or those named, until drive_stop.
drive_start() { # [name ...]
  local name
  [ $# -gt 0 ] || set -- "${departments[@]}"
  rm -f "$dir/stop"
  runs=$((runs + 1))
  shared=${shared:-$(post "$1" customers '{"name":"setup, changed by everybody"}' | jq -er .id)}
  for name in "$@"; do
    at "$name" "$BIN/history" drive --node "$name" --url "$(url "$name")" --replies "$dir/$name.replies" \
      --stop "$dir/stop" --shared "$shared" --run $runs ${DRIVE:-} &
    drivers+=($!)
  done
}
drive_stop() {
  local driver
  touch "$dir/stop"
  for driver in "${drivers[@]}"; do wait "$driver" || fail "a driver failed"; done
  drivers=()
}
# So many replies of yes were given by that node.
replies_of() { local n; n=$(grep -c '"status":20[01]' "$dir/$1.replies" 2>/dev/null) || true; echo "${n:-0}"; }
answered() { [ "$(replies_of "$1")" -ge "$2" ]; }
# That node goes on saying yes.
goes_on() { until_true "${2:-20}" answered "$1" $(($(replies_of "$1") + 20)); }

digest() { get "$1" digest | jq -r '[(.vector | map(select(.seq > 0)) | sort_by(.node, .incarnation)), .digest] | tostring'; }
# All nodes hold the same events, and make the same of them.
same() {
  local d n
  d=$(digest "${departments[0]}")
  for n in "${departments[@]}"; do [ "$(digest "$n")" = "$d" ] || return 1; done
}
# Reads from each node what it holds and shows, and has it compared with what was answered.
history_check() {
  local name kind
  for name in "${departments[@]}"; do
    # Up to the event that is the last now; the stream ends by itself.
    get "$name" "events?from=start&limit=$(get "$name" status | jq .arrival)" >"$dir/$name.events"
    for kind in customers interactions handovers; do
      at "$name" "$BIN/liaison" export --node "$(url "$name")" --kind $kind --format jsonl -o "$dir/$name.$kind" 2>/dev/null
    done
  done
  "$BIN/history" check "$dir" "${departments[@]}"
}
# Hand-overs are answered by sales once it has caught up, which makes events of its own.
all_answered() { [ "$(get sales 'handovers?filter=state%20%3D%20%22offered%22' | jq '.handovers | length')" = 0 ]; }
settled() { all_answered && same; }
# From now on, how long all take to be equal; sets took_ms. What the last asking itself took does not
# count: it found what was so when it began.
equal_in() { # seconds at most
  local began asked limit=$((SECONDS + $1)); began=$(now_ms)
  while asked=$(now_ms); ! settled; do
    [ $SECONDS -lt $limit ] || fail "waited too long for all to be equal"
    read -r -t 0.05 <> <(:) || true
  done
  took_ms=$((asked - began))
}
