#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One request is one trace: through HTTP, the commit, the bus to all four nodes, what reacts there, timers,
# rules, webhooks and mail; sent to a strict collector. Nothing else is traced, and a collector that is away or
# says no costs nobody anything.
. "$(dirname "$0")/lib.sh"

cluster_make
mkdir "$dir/around"
heard=$dir/heard; : >"$heard"
coproc AROUND { exec python3 "$(dirname "$0")/collector.py" "$dir/around" "$heard"; }
around_pid=$AROUND_PID
drivers+=("$around_pid")
read -r to mail <&"${AROUND[0]}"
for name in "${departments[@]}"; do
  program[$name]="$BIN/liaison-$name --trace-endpoint http://127.0.0.1:$to"
done
mkdir "$dir/web"; echo '<!doctype html><title>app</title>' >"$dir/web/index.html"
program[sales]+=" --web $dir/web --webhooks-to-private --smtp smtp://127.0.0.1:$mail --smtp-from crm@liaison.example --smtp-plain"
headers=$dir/headers
echo "Bearer first" >"$dir/around/token.sales"
(umask 077; printf '# who sends\nX-Node: sales\nAuthorization: Bearer first\n' >"$headers")
program[sales]+=" --trace-headers $headers"
cluster_start

random_hex() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }
traced() { # flags node path json -> the answer; sets trace and parent; the answer's head is in $dir/head
  local flags=$1 node=$2 path=$3 json=$4; shift 4
  trace=$(random_hex 16); parent=$(random_hex 8)
  curl -s -m 20 -D "$dir/head" -H 'Content-Type: application/json' -H "traceparent: 00-$trace-$parent-$flags" "$@" \
    -d "$json" "$(url "$node")/api/v1/$path" >"$dir/answer"
}
header() { tr -d '\r' <"$dir/head" | sed -n "s/^$1: //Ip"; }
# Spans of the trace that a jq condition holds for.
spans() { jq -c "select(.trace == \"$trace\" and ($1))" "$heard"; }
has() { [ -n "$(spans "$1")" ]; }
wants() { until_true 20 has "$1"; }
metric() { curl -fs "$(url "$1")/metrics" | sed -n "s/^liaison_$2 //p"; }
metric_is() { [ "$(metric "$1" "$2")" "$3" "$4" ]; }
no_mistakes() { ! grep -m1 '"mistake"' "$heard" || fail "the collector found a mistake"; }

# ---- one POST at sales: four nodes and a webhook ------------------------------------------------
hook=$(post sales webhooks "{\"name\":\"h\",\"url\":\"http://127.0.0.1:$to/hook\",\"kind\":\"customers\",\"topic\":\"sales.record.created\"}" | jq -er .id)
traced 01 sales customers '{"name":"Ada"}' -H 'tracestate: rojo=1,congo=t61' -H 'tracestate: x=y'
customer=$(jq -er .id "$dir/answer")
[[ "$(header traceparent)" =~ ^00-$trace-[0-9a-f]{16}-01$ ]] || fail "the answer says $(header traceparent)"
for name in marketing service analytics; do wants ".node == \"$name\" and .name == \"apply record.created\""; done
wants '.name | startswith("webhook ")'
server=$(spans '.kind == 2')
jq -e --arg parent "$parent" '.name == "POST /api/v1/customers" and .node == "sales" and .service == "liaison-sales" and
  .parent == $parent and .state == "rojo=1,congo=t61,x=y" and (.failed | not) and
  .notes == {"http.request.method": "POST", "http.route": "/api/v1/customers", "http.response.status_code": 201}' \
  >/dev/null <<<"$server" || fail "the request's span: $server"
[ "$(header traceparent)" = "00-$trace-$(jq -r .span <<<"$server")-01" ] || fail "the answer names another span"
command=$(spans '.name == "command customer.create"')
[ "$(jq -r .parent <<<"$command")" = "$(jq -r .span <<<"$server")" ] || fail "the command is not part of the request"
event=$(jq -r .span <<<"$command")
[ "$(spans '.name == "apply record.created"' | jq -sr "map(select(.parent == \"$event\" and .kind == 5 and .links == [\"$event\"]) | .node) | sort | join(\" \")")" = "analytics marketing service" ] ||
  fail "not applied once at each of the others"
# What the receiver was told is the span of the attempt.
told() { jq -c "select(.webhook == \"/hook\" and .traceparent == \"00-$trace-$(spans '.name | startswith("webhook ")' | jq -r .span)-01\")" "$heard" | grep . >/dev/null; }
until_true 10 told
spans '.name | startswith("webhook ")' | jq -e ".parent == \"$event\" and .kind == 3 and .notes.\"http.response.status_code\" == 200" >/dev/null || fail "the webhook's span"
no_mistakes

# ---- reacting at another node, and what that leads to -------------------------------------------
until_true 20 shows marketing "customers/$customer" .name Ada
traced 01 marketing handovers "{\"customer\":\"$customer\",\"to\":\"sales\",\"reason\":\"wants a boat\"}"
jq -e .id "$dir/answer" >/dev/null || fail "$(cat "$dir/answer")"
wants '.node == "sales" and (.name | startswith("react "))'
reaction=$(spans '.node == "sales" and (.name | startswith("react "))' | head -1)
arrival=$(spans '.node == "sales" and .name == "apply handover.offered"')
[ "$(jq -r .parent <<<"$reaction")" = "$(jq -r .span <<<"$arrival")" ] || fail "the reaction does not follow from the arrival"
[ "$(jq -rc .links <<<"$reaction")" = "[\"$(jq -r .parent <<<"$arrival")\"]" ] || fail "the reaction names no cause"
wants '.node == "marketing" and (.name | startswith("apply ")) and .name != "apply handover.offered"'

# ---- a rule that waits: its timer goes on with the trace ----------------------------------------
post sales rules '{"name":"Welcome","enabled":true,"department":"sales","trigger":"fact","fact":"record.created","kind":"customer",
  "condition":"name = Bo","plan":{"steps":[{"name":"pause","action":"wait","period":"1s"},
  {"name":"task","action":"create","kind":"task","values":[{"field":"title","value":"Welcome"},{"field":"customer","value":"{{id}}"}]}]}}' | jq -er .id >/dev/null
traced 01 sales customers '{"name":"Bo"}'
wants '.node == "sales" and (.name | startswith("job "))'
no_task() { [ "$(get service 'tasks' | jq '.tasks | length')" = 0 ]; }
until_true 20 eval '! no_task'
jobs=$(spans '.name | startswith("job ")' | jq -s 'map(.span)')
until_true 20 eval '[ -n "$(spans ".node == \"service\" and (.parent as \$p | $jobs | index(\$p))")" ]'

# ... and so does a run whose node was killed while it waited: the event that began it is remembered.
traced 01 sales customers '{"name":"Bo"}'
waits() { get sales 'runs?page_size=100' | jq -e '[.runs[] | select(.state == "waiting")] | length == 1' >/dev/null; }
until_true 20 waits
node_kill sales
node_start sales; node_ready sales
wants '.node == "sales" and (.name | startswith("job ")) and (.links | length) == 1'

# ---- mail ---------------------------------------------------------------------------------------
traced 01 sales mails:test '{"to":"ada@example.com"}'
wants '.name == "mail send" and .kind == 3 and .notes."liaison.outcome" == "taken" and (.links | length) == 1'
wants '.name == "command mail.settle" or (.name | test("settle"))'
! grep -q 'ada@example.com' "$heard" || fail "an address is in a span"

# ---- what is not sampled leaves no span, what is no traceparent begins another trace ------------
traced 00 sales customers '{"name":"Cleo"}'
unsampled=$trace
[[ "$(header traceparent)" =~ ^00-$trace-[0-9a-f]{16}-00$ ]] || fail "an unsampled trace is not kept: $(header traceparent)"
quiet=$(jq -er .id "$dir/answer")
until_true 20 shows analytics "customers/$quiet" .name Cleo
begins_anew() { # header ...
  curl -s -o /dev/null -D "$dir/head" "$@" "$(url sales)/healthz"
  [[ "$(header traceparent)" =~ ^00-([0-9a-f]{32})-[0-9a-f]{16}-00$ ]] || fail "said $(header traceparent) to $*"
  [ "${BASH_REMATCH[1]}" != "$trace" ] || fail "went on with $*"
}
begins_anew
begins_anew -H "traceparent: 00-$trace-0000000000000000-01"
begins_anew -H "traceparent: 00-${trace^^}-$parent-01"
begins_anew -H "traceparent: 00-$trace-$parent-01-more"
begins_anew -H "traceparent: 00-$trace-$parent-01" -H "traceparent: 00-$trace-$parent-01"
traced 01 sales customers '{"name":"Dan"}' -H 'tracestate: not one'
wants '.kind == 2 and .state == null'
traced 01 sales nowhere '{}'
wants '.kind == 2 and .name == "POST unknown" and (.failed | not)'
curl -fs -o /dev/null -H 'Accept: text/html' -H "traceparent: 00-$trace-$parent-01" "$(url sales)/customers/01a20124-38de-73eb-8460-2a24abc47511"
wants '.kind == 2 and .name == "GET app" and .notes."http.route" == "app"'
curl -fs -o /dev/null -H "traceparent: 00-$trace-$parent-01" "$(url sales)/api/v1/customers/$customer?timeline=1"
wants '.kind == 2 and .name == "GET /api/v1/customers/{id}"'
! grep -q "$customer" "$heard" || fail "an id is in a span"
[ "$(grep -c "\"trace\": \"$unsampled\"" "$heard")" = 0 ] || fail "an unsampled trace has spans"
no_mistakes

# ---- a collector that is away -------------------------------------------------------------------
touch "$dir/around/never"
dropped=$(metric sales trace_spans_dropped_total)
traced 01 sales customers '{"name":"Eve"}'
jq -e .id "$dir/answer" >/dev/null || fail "no answer while the collector says no"
until_true 20 metric_is sales trace_spans_dropped_total -gt "$dropped"
rm "$dir/around/never"
touch "$dir/around/down"
failed=$(metric sales trace_requests_failed_total)
traced 01 sales customers '{"name":"Fay"}'
until_true 20 metric_is sales trace_requests_failed_total -gt "$failed"
rm "$dir/around/down"
wants '.name == "command customer.create"' # it was tried again
[ "$(metric sales trace_collector)" = 1 ] || fail "no collector in the metrics"
[ "$(metric sales trace_spans_sent_total)" -gt 10 ] || fail "nothing was counted"
no_mistakes

# ---- a collector that wants a token: another one is taken on SIGHUP, and none that is no good ----
taken() { traced 01 sales customers '{"name":"Hal"}'; wants '.name == "command customer.create"'; }
logged() { grep "$1" "$dir/sales.log" >/dev/null; }
taken
echo "Bearer second" >"$dir/around/token.sales"
failed=$(metric sales trace_requests_failed_total)
traced 01 sales customers '{"name":"Ida"}'
until_true 20 metric_is sales trace_requests_failed_total -gt "$failed"
echo "no header" >"$headers"
kill -HUP "${pid[sales]}"
until_true 20 logged trace.headers_kept
printf 'X-Node: sales\nAuthorization: Bearer second\n' >"$headers"
kill -HUP "${pid[sales]}"
until_true 20 logged trace.headers_read
taken
! logged second || fail "a token is in the log"
no_mistakes

# ---- with spans that wait, a node ends at once ---------------------------------------------------
kill "$around_pid"; drivers=()
traced 01 sales customers '{"name":"Gus"}'
began=$SECONDS
node_stop sales
[ $((SECONDS - began)) -lt 10 ] || fail "a collector that is gone held up the end"
