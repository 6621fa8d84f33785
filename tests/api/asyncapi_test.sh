#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The document of what is told is one that the public linter accepts, names every fact that may be told and
# no secret one, and what comes over a stream is what it says.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/../cluster/lib.sh"
departments=(sales)
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

cluster_make
node_start sales; node_ready sales
get sales asyncapi.json >"$dir/asyncapi.json"
"$root/tools/npm" tests/api redocly lint --config redocly-events.yaml "$dir/asyncapi.json" >"$dir/lint" 2>&1 ||
  { cat "$dir/lint" >&2; fail "the linter objects"; }

get sales kinds | jq -r '.facts[].name' | sort >"$dir/facts"
jq -r '.components.messages | keys[]' "$dir/asyncapi.json" | grep -v '^stream\.' | sort >"$dir/messages"
diff "$dir/facts" "$dir/messages" >&2 || fail "the facts of /kinds are others"
! grep -q secret "$dir/messages" || fail "a secret fact is told of"

customer=$(post sales customers '{"name":"Mei"}' | jq -er .id)
deal=$(post sales deals "{\"name\":\"A loom\",\"customer\":\"$customer\",\"amount\":{\"amount_minor\":100,\"currency\":\"EUR\"}}" | jq -er .id)
post sales "deals/$deal:win" '{}' >/dev/null
get sales 'events?from=start&until=now' | sed -n 's/^data: //p' >"$dir/told"
"$root/tools/npm" tests/api node asyncapi_check.mjs "$dir/asyncapi.json" "$dir/told" || fail "a message is another than the document says"
