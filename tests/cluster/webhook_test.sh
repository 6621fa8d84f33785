#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Webhooks against a real receiver that fails, stalls, trickles, redirects, asks to come later and goes; a
# node that is killed in the middle; secrets that are replaced; a member that leaves.
. "$(dirname "$0")/lib.sh"
departments=(sales marketing)
program[sales]="$BIN/liaison-sales --webhooks-to-private --webhook-timeout 2s"
program[marketing]="$BIN/liaison-marketing --webhooks-to-private --webhook-timeout 2s"

cluster_make
mkdir "$dir/receiver"
heard=$dir/heard; : >"$heard"
coproc RECEIVER { exec python3 "$(dirname "$0")/receiver.py" "$dir/receiver" "$heard"; }
receiver_pid=$RECEIVER_PID
drivers+=("$receiver_pid")
read -r to <&"${RECEIVER[0]}"
node_start sales; node_start marketing
node_ready sales; node_ready marketing

hook() { # node path [more members] -> id; its secret is known to the receiver
  local id name=${2##*/}
  id=$(post "$1" webhooks "{\"name\":\"$name\",\"url\":\"http://127.0.0.1:$to$2\"${3:+,$3}}" | jq -er .id)
  get "$1" "webhooks/$id/secret" | jq -r .secret >"$dir/receiver/$name.secret"
  echo "$id"
}
of() { jq -c "select(.name == \"$1\")" "$heard"; }
taken() { [ "$(of "$1" | jq -r 'select(.taken) | .id' | sort -u | wc -l)" -ge "$2" ]; }
customer() { post "${2:-sales}" customers "{\"name\":\"$1\",\"country\":\"${3:-DE}\"}" | jq -er .id; }

# ---- delivered, signed, filtered, in order -----------------------------------------------------
ok=$(hook sales /ok/plain '"kind":"customers","filter":"country = DE"')
for i in $(seq 20); do customer "c$i" >/dev/null; done
customer elsewhere sales FR >/dev/null
customer last >/dev/null
until_true 20 taken plain 21
[ "$(of plain | jq -r '[.signed, .type] | tostring' | sort -u)" = '[1,"application/cloudevents+json; charset=utf-8"]' ] || fail "not signed as it should be"
[ "$(of plain | jq -r '.event.data.changes[0].set.name' | tr '\n' ' ')" = "$(seq -f c%g -s ' ' 20) last " ] || fail "not in order, or not those"
[ "$(of plain | jq -r 'select(.id != .event.id) | .id' | wc -l)" = 0 ] || fail "webhook-id is not the event's"

# ---- tests, the secret's replacement, the log --------------------------------------------------
post sales "webhooks/$ok:test" '{}' | jq -e .asked >/dev/null
tested() { [ "$(of plain | jq -r 'select(.event.type == "liaison.webhook.test") | .signed')" = 1 ]; }
until_true 10 tested
post sales "webhooks/$ok:rotateSecret" "{\"hours\":1}" >"$dir/answer"; jq -e .id "$dir/answer" >/dev/null || fail "$(cat "$dir/answer")"
get sales "webhooks/$ok/secret" | jq -r .secret >>"$dir/receiver/plain.secret"
[ "$(sort -u "$dir/receiver/plain.secret" | wc -l)" = 2 ] || fail "the secret is the same"
customer rotated >/dev/null
rotated() { [ "$(of plain | jq -r 'select(.event.data.changes[0].set.name == "rotated") | .signed')" = 2 ]; }
until_true 10 rotated
settled_log() { [ "$(get sales "webhooks/$ok/deliveries?page_size=100" | jq '[.deliveries[] | select(.outcome == "delivered")] | length')" = 23 ]; }
until_true 10 settled_log
get sales "webhooks/$ok/deliveries?page_size=5" | jq -e '(.deliveries | length == 5) and .next_page_token and .failures == 0 and .behind == 0' >/dev/null
[ "$(get sales "events?from=start&until=now&topic=sales.webhook.kept" | wc -c)" -lt 100 ] || fail "the secret's event is in the stream"
get sales webhooks | grep -q whsec_ && fail "a secret is in a list"

# ---- receivers that do not behave: all at once, the good one goes on ---------------------------
only='"kind":"customers","topic":"sales.record.created"'
for what in fail/2 later big; do hook sales "/$what/${what%/*}" "$only" >/dev/null; done
slow=$(hook sales /slow/slow "$only"); trickle=$(hook sales /trickle/trickle "$only")
move=$(hook sales /move/move "$only"); gone=$(hook sales /gone/gone "$only")
for i in 1 2 3; do customer "bad$i" >/dev/null; done
until_true 10 taken plain 25
until_true 30 taken fail 3
until_true 30 taken later 3
until_true 30 taken big 3
[ "$(of fail | jq -r .event.data.changes[0].set.name | uniq | tr '\n' ' ')" = "bad1 bad2 bad3 " ] || fail "a retry lost the order"
[ "$(of fail | jq -cs 'group_by(.id) | map(length)')" = '[3,3,3]' ] || fail "tried another number of times"
[ "$(of later | jq -s '[group_by(.id)[] | .[1].at - .[0].at >= 0.95] | all')" = true ] || fail "Retry-After was not waited for"
stopped() { shows sales "webhooks/$gone" '[.enabled, .stopped] | tostring' '[false,"the receiver answered 410 (gone)"]'; }
until_true 20 stopped
[ "$(of gone | wc -l)" = 1 ] || fail "went on after 410"
failing() { get sales "webhooks/$1/deliveries" | jq -e ".failures >= 1 and (.deliveries[0] | $2)" >/dev/null; }
until_true 20 failing "$slow" '.error != null and (.status | not)'
until_true 20 failing "$trickle" '.error != null and (.status | not)'
until_true 20 failing "$move" '.status == 307'
[ "$(of moved | wc -l)" = 0 ] || fail "a redirect was followed"

# ---- killed in the middle: nothing missed, what comes twice has the same id --------------------
touch "$dir/receiver/down"
hook sales /down/killed "$only,\"parallel\":4" >/dev/null
for i in $(seq 30); do customer "k$i" >/dev/null; done
until_true 20 eval '[ "$(of killed | wc -l)" -ge 1 ]'
node_kill sales
rm "$dir/receiver/down"
node_start sales; node_ready sales
until_true 30 taken killed 5
node_kill sales
node_start sales; node_ready sales
until_true 60 taken killed 30
[ "$(of killed | jq -r 'select(.taken) | .event.data.changes[0].set.name' | sort -u | wc -l)" = 30 ] || fail "missed"

# ---- a range again -----------------------------------------------------------------------------
ids() { of plain | jq -r 'select(.event.type | endswith("record.created")) | .id'; }
first=$(ids | head -1); fifth=$(ids | sed -n 5p)
before=$(ids | sort | uniq -d | wc -l)
post sales "webhooks/$ok:replay" "{\"after\":\"$first\",\"until\":\"$fifth\"}" | jq -e .asked >/dev/null
again() { [ "$(ids | sort | uniq -d | wc -l)" = $((before + 4)) ]; }
until_true 20 again

at sales curl -fs "$(url sales)/metrics" | grep '^liaison_webhook_delivered_total [1-9]' >/dev/null || fail "no figures"

# ---- where it leads, and what is no webhook ----------------------------------------------------
status() { at "$1" curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "$3" "$(url "$1")/api/v1/$2"; }
[ "$(status sales webhooks '{"name":"x","url":"ftp://example.com/"}')" = 400 ] || fail "ftp"
[ "$(status sales webhooks '{"name":"x","url":"http://a:b@example.com/"}')" = 400 ] || fail "password"
[ "$(status sales webhooks '{"name":"x","url":"http://example.com/","kind":"customers","filter":"nome = a"}')" = 400 ] || fail "filter"
[ "$(status marketing "webhooks/$ok:test" '{}')" = 409 ] || fail "asked at another node"

# ---- another node goes on when the one that delivers has left ----------------------------------
moved=$(hook marketing /ok/moving '"kind":"customers","topic":"sales.record.created,marketing.record.created"')
customer before1 marketing >/dev/null
until_true 20 taken moving 1
known() { get sales "webhooks/$moved" >/dev/null; }
until_true 20 known
patch() { at "$1" curl -fs -X PATCH -m 20 -H 'Content-Type: application/json' -d "$3" "$(url "$1")/api/v1/$2"; }
patch marketing "webhooks/$moved" '{"node":1}' >/dev/null
goes() { get sales "webhooks/$moved/deliveries" >/dev/null; }
until_true 20 goes
customer after1 >/dev/null
names() { of moving | jq -r 'select(.taken) | .event.data.changes[0].set.name' | sort -u | tr '\n' ' '; }
until_true 20 eval '[ "$(names)" = "after1 before1 " ]'
[ "$(status marketing "webhooks/$moved:test" '{}')" = 409 ] || fail "two deliver"

# ---- not into private networks, unless told ----------------------------------------------------
node_stop sales
program[sales]="$BIN/liaison-sales"
heard_before=$(wc -l <"$heard")
node_start sales; node_ready sales
customer private >/dev/null
refused() { get sales "webhooks/$ok/deliveries" | jq -e '.deliveries[0] | .outcome == "failed" and (.error | contains("not of the public internet"))' >/dev/null; }
until_true 20 refused
[ "$(wc -l <"$heard")" = "$heard_before" ] || fail "delivered to a private address"
echo ok
