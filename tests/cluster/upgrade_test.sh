#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A cluster goes to the next release (tests/next) node by node while load runs, one of them killed instead of
# stopped, and back again the same way. Nobody waits for anybody: every node that is up says yes all the while,
# nothing that was acknowledged is lost, and what only the next release knows has outlived the way back. What all
# must understand is written when all do, not before, and stays on; what would be misread bars the way back.
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
voucher() { post "$1" vouchers '{"name":"ten percent"}' | jq -r '.id // .code // .type'; }
is_on() { get "$1" status | jq -e --arg f "$2" 'any(.features[]; .name == $f and .on)' >/dev/null; }
until_true 20 is_on sales announced
for name in sales marketing service; do swap "$name" "$BIN/liaison-next $name"; done
apart() { get sales status | jq -e 'any(.features[]; .name == "vouchers" and (.on | not) and .missing == ["analytics"])' >/dev/null; }
until_true 20 apart
case $(voucher sales) in *feature-off*) ;; *) fail "a voucher before all members understand it: $(post sales vouchers '{"name":"x"}')" ;; esac
says_who() { # its exit status says that nodes are behind
  script -qec "'$BIN/liaison' status --dir '$dir'" /dev/null >"$dir/page" || true
  grep -q "sales does not use 'vouchers' (vouchers) yet: it waits for analytics" "$dir/page"
}
until_true 20 says_who
[ "$(get sales status | jq '[.features[] | select(.on | not)] | length')" = 1 ] || fail "something else is on"
ready_says() { at "$1" curl -fs "$(url "$1")/readyz" | jq -e --argjson n "$2" '.features_waiting == $n' >/dev/null; }
ready_says sales 1 || fail "readyz does not say that features wait"
swap analytics "$BIN/liaison-next analytics"
for name in "${departments[@]}"; do until_true 20 is_on "$name" vouchers; done
at sales curl -fs "$(url sales)/metrics" | grep -x 'liaison_feature_on{feature="vouchers"} 1' >/dev/null || fail "metrics do not say what is on"
voucher=$(post service vouchers '{"name":"setup, ten percent"}' | jq -er .id) || fail "no voucher although all understand it"
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
shows analytics "vouchers/$voucher" .name "setup, ten percent" || fail "the way back has lost a voucher"
is_on analytics vouchers || fail "what was on went off on the way back"
[ "$(get sales status | jq -r .features_not_understood)" = "vouchers (next)" ] || fail "it is not said what this release does not understand"
# With three of four back, the one that can goes on: what is on stays on.
[ "$(post analytics vouchers '{"name":"later"}' | jq -r .name)" = later ] || fail "what was on is refused"

# What older releases would misread is switched on by the release after: then there is no way back beyond it.
for name in "${departments[@]}"; do
  node_stop "$name"; program[$name]="$BIN/liaison-next $name"
  NEXT_FEATURES=all node_start "$name"
done
for name in "${departments[@]}"; do node_ready "$name"; done
for name in "${departments[@]}"; do until_true 20 is_on "$name" folded; done
if grep -hE '"level":"error"' "$dir"/*.log; then fail "errors in the logs"; fi
node_stop sales
status=0
"$BIN/liaison-sales" --dir "$dir" --name sales --map-gib 4 </dev/null >"$dir/refused" 2>&1 || status=$?
[ "$status" = 1 ] || fail "a store that this release would misread was opened: $status"
grep -q 'would misread.*folded (next)' "$dir/refused" || { cat "$dir/refused"; fail "it is not said why, and what to start"; }
"$BIN/liaison" doctor --dir "$dir" --json >"$dir/said" && fail "the doctor finds nothing wrong"
jq -e 'any(.findings[]; .check == "store.features" and .verdict == "error" and .at == "sales")' "$dir/said" >/dev/null || fail "the doctor does not name it"
# Nor does a former release with an empty disk take part: it says why, and takes no commands.
mkdir "$dir/kept"; mv "$dir"/sales/* "$dir/kept/"; cp "$dir/kept/node.keys" "$dir/sales/"
unset 'program[sales]'; node_start sales
outdated() { at sales curl -s -m 5 "$(url sales)/readyz" | grep -q 'would misread'; }
until_true 60 outdated
post sales customers '{"name":"setup, too late"}' | grep -q 'would misread' || fail "a command is taken by a release that would misread"
node_kill sales
rm -rf "$dir"/sales/*; mv "$dir"/kept/* "$dir/sales/"
program[sales]="$BIN/liaison-next sales"
NEXT_FEATURES=all node_start sales; node_ready sales
until_true 20 is_on sales folded
echo "to the next release and back, under load"
