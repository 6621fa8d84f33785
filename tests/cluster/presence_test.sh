#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who looks at a record is seen at other nodes at once, over a stream that tells everything else as well;
# whoever hides or leaves is not seen any more. Nothing of it is in any log.
. "$(dirname "$0")/lib.sh"
cluster_make
for name in sales marketing; do node_start "$name"; done
for name in sales marketing; do node_ready "$name"; done

secret=$(grep -o 'setup=lia_[A-Za-z0-9_-]*' "$dir/sales.log" | tail -1 | cut -d= -f2)
post sales setup "{\"secret\":\"$secret\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"a sea of green tea\"}" | jq -er .user >/dev/null
sign_in() { post "$1" session "{\"email\":\"$2\",\"password\":\"a sea of green tea\",\"token\":true}" | jq -er .token; }
ada=$(sign_in sales ada@example.com)
as() { # token node method path [json]
  curl -s -m 20 -X "$3" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' ${5:+-d "$5"} "$(url "$2")/api/v1/$4"
}
bo_id=$(as "$ada" sales POST users '{"name":"Bo","email":"bo@example.com"}' | jq -er .id)
role=$(as "$ada" sales POST roles '{"name":"Reader","grants":[{"kind":"*","read":"all"}]}' | jq -er .id)
as "$ada" sales PATCH "users/$bo_id" "{\"roles\":[\"$role\"]}" | jq -er .id >/dev/null
mei=$(as "$ada" sales POST customers '{"name":"Mei"}' | jq -er .id)
known() { [ "$(as "$ada_m" marketing GET "customers/$mei" | jq -r .name)" = Mei ]; }
token_counts() { ada_m=$(sign_in marketing ada@example.com 2>/dev/null); }
until_true 30 token_counts
until_true 30 known
link=$(as "$ada" sales POST "users/$bo_id:invite" | jq -er .secret) || fail "no invitation"
post sales session:setPassword "{\"secret\":\"$link\",\"password\":\"a sea of green tea\"}" >/dev/null
bo_in() { bo=$(sign_in marketing bo@example.com 2>/dev/null); }
until_true 30 bo_in

# Ada's browser: one stream for everything.
curl -sN -H "Authorization: Bearer $ada" "$(url sales)/api/v1/events?presence=true" >"$dir/stream" &
drivers+=($!)
[ "$(as "$ada" sales PUT "customers/$mei/presence" | jq -r '"\(.kind) \(.record) \([.present[].name] | join(","))"')" = "customer $mei Ada" ] || fail "Ada does not see herself"

# Bo, at another node, begins to edit.
as "$bo" marketing PUT "customers/$mei/presence" '{"field":"note","seconds":60}' | jq -e '.present | length >= 1' >/dev/null || fail "Bo is not there"
sees() { [ "$(as "$1" "$2" GET "customers/$mei/presence" | jq -r '[.present[] | "\(.name):\(.editing // "-")"] | sort | join(" ")')" = "$3" ]; }
until_true 10 sees "$bo" marketing 'Ada:- Bo:note'
until_true 10 sees "$ada" sales 'Ada:- Bo:note'
told() { sed -n 's/^data: //p' "$dir/stream" | jq -s -e "$1" >/dev/null; }
until_true 10 told 'any(.type == "liaison.stream.presence" and .data.record == "'"$mei"'" and any(.data.present[]; .name == "Bo" and .editing == "note"))'
as "$ada" sales POST customers '{"name":"Another"}' >/dev/null
until_true 10 told 'any(.type == "liaison.sales.record.created")'

# Bo hides, and sees all the same.
[ "$(as "$bo" marketing PUT "customers/$mei/presence" '{"hidden":true}' | jq -r '[.present[].name] | join(",")')" = Ada ] || fail "who hides sees nobody"
until_true 10 sees "$ada" sales 'Ada:-'
until_true 10 told '[.[] | select(.type == "liaison.stream.presence")] | last | [.data.present[].name] == ["Ada"]'
# Bo shows up again, and leaves.
as "$bo" marketing PUT "customers/$mei/presence" >/dev/null
until_true 10 sees "$ada" sales 'Ada:- Bo:-'
[ "$(as "$bo" marketing DELETE "customers/$mei/presence")" = "" ] || fail "leaving is answered with words"
until_true 10 sees "$ada" sales 'Ada:-'

# A customer of two records is one place, whatever it is called.
twin=$(as "$ada" sales POST customers '{"name":"Mei, too"}' | jq -er .id)
as "$ada" sales POST "customers/$mei:link" "{\"other\":\"$twin\"}" >/dev/null
twin_sees() { [ "$(as "$bo" marketing PUT "customers/$twin/presence" | jq -r '"\(.record) \([.present[].name] | sort | join(","))"')" = "$twin Ada,Bo" ]; }
as "$ada" sales PUT "customers/$mei/presence" >/dev/null
until_true 20 twin_sees
until_true 10 sees "$ada" sales 'Ada:- Bo:-'

# No word of it in any log: what arrived is what was written.
as "$ada" sales GET "events?from=start&until=now" >"$dir/all"
! grep -q presence "$dir/all" || fail "presence is in the log"
# What is not there, and what makes no sense.
for path in "customers/00000000-0000-7000-8000-000000000001/presence" "customers/$mei/presenc"; do
  [ "$(curl -s -o /dev/null -w '%{http_code}' -X PUT -H "Authorization: Bearer $ada" "$(url sales)/api/v1/$path")" = 404 ] || fail "$path is not absent"
done
as "$ada" sales PUT "customers/$mei/presence" '{"field":"nonsense"}' | jq -e '.status == 400 and (.detail | contains("nonsense"))' >/dev/null || fail "any field can be edited"
as "$ada" sales PUT "customers/$mei/presence" '{"seconds":3600}' | jq -e '.status == 400' >/dev/null || fail "one can look for an hour"
