#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A write that asks for a replication level is answered when so many others have it; with too few of
# them up it says at its deadline that it is kept here and who is still missing, and stays.
. "$(dirname "$0")/lib.sh"
cluster_make
cluster_start

answer() { # node path-with-query json: the status, then the headers, then the body
  curl -s -m 20 -i -H 'Content-Type: application/json' -d "$3" "$(url "$1")/api/v1/$2" | tr -d '\r'
}
status_of() { head -1 <<<"$1" | cut -d' ' -f2; }
header_of() { grep -i "^$2: " <<<"$1" | cut -d' ' -f2-; }

reply=$(answer sales 'customers?replicated=3&deadline_ms=20000' '{"name":"Everywhere"}')
[ "$(status_of "$reply")" = 201 ] || fail "not created: $reply"
[ "$(header_of "$reply" liaison-replicated)" = 3 ] || fail "no level: $reply"
id=$(tail -1 <<<"$reply" | jq -r .id)
for name in "${departments[@]}"; do shows "$name" "customers/$id" .name Everywhere || fail "$name does not have it"; done

for wrong in replicated=4 replicated=x replicated=-1 'replicated=1&deadline_ms=60001'; do
  [ "$(status_of "$(answer sales "customers?$wrong" '{"name":"No"}')")" = 400 ] || fail "$wrong was taken"
done
[ -z "$(header_of "$(answer sales customers '{"name":"Plain"}')" liaison-replicated)" ] || fail "a level nobody asked for"

node_kill service
node_kill analytics
reply=$(answer sales 'customers?replicated=1&deadline_ms=20000' '{"name":"Two"}')
[ "$(status_of "$reply") $(header_of "$reply" liaison-replicated)" = "201 1" ] || fail "one other is up: $reply"
reply=$(answer sales 'customers?replicated=2&deadline_ms=300' '{"name":"Late"}')
[ "$(status_of "$reply") $(header_of "$reply" liaison-replicated)" = "202 1" ] || fail "only one other is up: $reply"
[ -n "$(header_of "$reply" liaison-notice)" ] || fail "no notice: $reply"
late=$(tail -1 <<<"$reply" | jq -r .id)
shows sales "customers/$late" .name Late

batch() {
  printf '{"name":"B%d"}\n' 1 2 3 | curl -s -m 20 -H 'Content-Type: application/jsonl' --data-binary @- \
    "$(url sales)/api/v1/customers:batchCreate?$1" | jq -c '[.created, .replicated, has("notice")]'
}
[ "$(batch 'replicated=1')" = '[3,1,false]' ] || fail "a batch at one other"
[ "$(batch 'replicated=3&deadline_ms=300')" = '[3,1,true]' ] || fail "a batch that can't be at three"

node_start service; node_start analytics
until_true 30 shows analytics "customers/$late" .name Late
[ "$(batch 'replicated=3&deadline_ms=20000')" = '[3,3,false]' ] || fail "a batch at all"
agree

# A node that is told to end does not wait for answers that are held back.
node_kill marketing; node_kill service; node_kill analytics
answer sales 'customers?replicated=3&deadline_ms=60000' '{"name":"Held"}' >"$dir/held" &
asker=$!
until_true 20 shows sales 'customers?filter=name%20%3D%20%22Held%22' '.customers | length' 1
node_stop sales
wait "$asker"
[ "$(status_of "$(cat "$dir/held")")" = 202 ] || fail "the held answer: $(cat "$dir/held")"
echo "answers waited for as many others as were asked for"
