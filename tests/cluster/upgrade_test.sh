#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A cluster goes to the next release (tests/next) node by node while load runs, one of them killed instead of
# stopped, and back again the same way. Nobody waits for anybody: every node that is up says yes all the while,
# nothing that was acknowledged is lost, and what only the next release knows has outlived the way back.
. "$(dirname "$0")/lib.sh"
cluster_make
cluster_start
drive_start
all_go_on() { local name; for name in "${departments[@]}"; do goes_on "$name" 60; done; }
all_go_on
swap() { # name, program or nothing: today's
  if [ "$1" = service ]; then node_kill "$1"; else node_stop "$1"; fi
  if [ -n "${2:-}" ]; then program[$1]=$2; else unset "program[$1]"; fi
  node_start "$1"; node_ready "$1"
  all_go_on
}
for name in "${departments[@]}"; do swap "$name" "$BIN/liaison-next $name"; done
mei=$(post sales customers '{"name":"setup, of the next release","pronouns":"she"}' | jq -er .id)
gift=$(post service gifts "{\"name\":\"setup, teapot\",\"customer\":\"$mei\"}" | jq -er .id)
for name in "${departments[@]}"; do until_true 30 shows "$name" "gifts/$gift" .name "setup, teapot"; done
for name in "${departments[@]}"; do swap "$name"; done
drive_stop
equal_in 90
history_check
# Today's release shows what it knows, and gives back what it does not.
shows marketing "customers/$mei" '[.name, .pronouns] | tostring' '["setup, of the next release",null]' || fail "marketing shows something else"
node_stop analytics; program[analytics]="$BIN/liaison-next analytics"; node_start analytics; node_ready analytics
shows analytics "customers/$mei" .pronouns she || fail "the way back has lost a field"
shows analytics "gifts/$gift" .name "setup, teapot" || fail "the way back has lost a record"
if grep -hE '"level":"error"' "$dir"/*.log; then fail "errors in the logs"; fi
echo "to the next release and back, under load"
