# SPDX-License-Identifier: Apache-2.0
# lib - a real cluster of four processes for a test, in a folder of its own, on free ports, ended by
# pid when the test ends. Sourced by *_test.sh; needs BIN, the folder of the executables.
set -euo pipefail
: "${BIN:?the folder of the executables}"
dir=$(mktemp -d "$PWD/cluster-XXXXXX")
departments=(sales marketing service analytics)
declare -A pid port

finish() {
  local status=$? name
  for name in "${departments[@]}"; do
    { [ -n "${pid[$name]:-}" ] && kill -9 "${pid[$name]}" && wait "${pid[$name]}"; } 2>/dev/null || true
  done
  if [ "$status" = 0 ]; then rm -rf "$dir"; else
    echo "FAILED; logs:" >&2
    for name in "${departments[@]}"; do echo "--- $name" >&2; tail -5 "$dir/$name.log" >&2 || true; done
    grep -l "ERROR: AddressSanitizer\|runtime error" "$dir"/*.log 2>/dev/null | while read -r f; do grep -m1 -A12 "ERROR: AddressSanitizer\|runtime error" "$f" >&2; done
  fi
  exit "$status"
}
trap finish EXIT

fail() { echo "$*" >&2; exit 1; }

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A base with twelve free ports behind it.
free_base() {
  local base try i
  for try in $(seq 200); do
    base=$((20000 + (RANDOM % 600) * 12))
    for i in $(seq 0 11); do port_is_free $((base + i)) || continue 2; done
    echo "$base"
    return
  done
  fail "no free ports"
}

cluster_make() {
  base=$(free_base)
  "$BIN/liaison" keys init --dir "$dir" --base "$base" >/dev/null
  local i=0 name
  for name in "${departments[@]}"; do port[$name]=$((base + i)); i=$((i + 1)); done
}

node_start() { # name [command before it ...]
  local name=$1; shift
  "$@" "$BIN/liaison-$name" --dir "$dir" --name "$name" --map-gib 4 </dev/null >>"$dir/$name.log" 2>&1 &
  pid[$name]=$!
}
node_kill() { kill -9 "${pid[$1]}"; wait "${pid[$1]}" 2>/dev/null || true; pid[$1]=; }
node_stop() { kill -TERM "${pid[$1]}"; wait "${pid[$1]}" || fail "$1 ended with $?"; pid[$1]=; }

url() { echo "http://127.0.0.1:${port[$1]}"; }
ready() { curl -fs -o /dev/null -m 2 "$(url "$1")/readyz"; }

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
  curl -s -m 20 -H 'Content-Type: application/json' "${key[@]}" -d "$3" "$(url "$1")/api/v1/$2"
}
get() { curl -fs -m 20 "$(url "$1")/api/v1/$2"; }
# What jq finds in a GET equals the wanted text.
shows() { [ "$(get "$1" "$2" | jq -r "$3")" = "$4" ]; }
agree() { "$BIN/liaison" verify --dir "$dir" --wait 60 >/dev/null; }
