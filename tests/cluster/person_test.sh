#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything about one person: what four departments recorded is in both forms, also what was
# replaced since; nobody else's data is; hostile text is text. A reader that is slow, one that goes
# away and an erasure on the way harm nobody.
. "$(dirname "$0")/lib.sh"
cluster_make
cluster_start

mei=$(post marketing customers '{"name":"Mei mark01","note":"first mark02","emails":[{"value":"mark03@example.com"}],"tags":["mark04"]}' | jq -r .id)
ben=$(post marketing customers '{"name":"Ben other01","note":"other02","emails":[{"value":"other03@example.com"}]}' | jq -r .id)
for name in "${departments[@]}"; do until_true 30 shows "$name" "customers/$ben" .name "Ben other01"; done
# Replaced by now: only the log knows.
curl -fs -X PATCH -H 'Content-Type: application/json' -d '{"note":"now mark05","emails":[]}' "$(url marketing)/api/v1/customers/$mei" >/dev/null
hostile='<script>alert(\"mark06\")</script><img src=x onerror=mark07> & \"q\"'
post sales deals "{\"name\":\"$hostile\",\"customer\":\"$mei\"}" | jq -er .id >/dev/null || fail "no deal"
post sales deals "{\"name\":\"deal other04\",\"customer\":\"$ben\"}" >/dev/null
post service tickets "{\"subject\":\"mark08\",\"customer\":\"$mei\"}" | jq -er .id >/dev/null || fail "no ticket"
post service tickets "{\"subject\":\"other05\",\"customer\":\"$ben\"}" >/dev/null
post marketing handovers "{\"customer\":\"$mei\",\"to\":\"sales\",\"reason\":\"mark09\"}" | jq -er .id >/dev/null || fail "no hand-over"
task=$(post analytics tasks "{\"title\":\"mark10\",\"customer\":\"$mei\"}" | jq -er .id) || fail "no task"
post service "customers/$mei:object" '{"purpose":"marketing","source":"mark11","note":"mark12"}' | jq -er .id >/dev/null || fail "no objection"
post analytics interactions "{\"customer\":\"$mei\",\"type\":\"call\",\"subject\":\"mark13\",\"text\":\"mark14\"}" >/dev/null
moved=$(post service interactions "{\"customer\":\"$mei\",\"type\":\"call\",\"text\":\"mark15\"}" | jq -r .id)
# Logged for the wrong one, put right, and then said more: the note is Ben's.
curl -fs -X PATCH -H 'Content-Type: application/json' -d "{\"customer\":\"$ben\",\"subject\":\"other06\"}" "$(url service)/api/v1/interactions/$moved" >/dev/null
came=$(post service tasks "{\"title\":\"other07\",\"customer\":\"$ben\"}" | jq -r .id)
curl -fs -X PATCH -H 'Content-Type: application/json' -d "{\"customer\":\"$mei\",\"text\":\"mark16\"}" "$(url service)/api/v1/tasks/$came" >/dev/null
until_true 30 shows marketing "handovers?customer=$mei" .handovers[0].state accepted # and sales has opened a deal
agree || fail "the nodes differ"

for name in "${departments[@]}"; do
  "$BIN/liaison" person --node "$(url "$name")" "$mei" >"$dir/mei.json" || fail "no JSON at $name"
  "$BIN/liaison" person --node "$(url "$name")" --html "$mei" >"$dir/mei.html" || fail "no page at $name"
  [ "$(jq -r '"\(.complete) \(.customer) \(.format)"' "$dir/mei.json")" = "true $mei liaison.person/1" ] || fail "$name: not whole"
  for i in $(seq -w 16); do
    for form in json html; do grep -qF "mark$i" "$dir/mei.$form" || fail "$name: mark$i is not in the $form"; done
  done
  for i in $(seq -w 7); do
    for form in json html; do ! grep -qF "other$i" "$dir/mei.$form" || fail "$name: other$i is in the $form"; done
  done
  # Who, when, where; every section.
  [ "$(jq -r '.customers[0].fields.note.node' "$dir/mei.json")" = marketing ] || fail "$name does not say who wrote the note"
  [ "$(jq -r '[.deals, .tickets, .handovers, .consents | length] | tostring' "$dir/mei.json")" = '[2,1,1,1]' ] || fail "$name: $(jq -c 'map_values(length?)' "$dir/mei.json")"
  [ "$(jq -r '[.timeline[].department] | unique | join(" ")' "$dir/mei.json")" = "analytics marketing sales service" ] || fail "$name lacks departments"
  [ "$(jq -r '.looks[0].action' "$dir/mei.json")" = export ] || fail "$name does not say who looked"
  python3 - "$dir/mei.html" <<'EOF' || fail "$name: the page is not what it should be"
import sys, html.parser
void = {"meta", "col", "br"}
class Page(html.parser.HTMLParser):
    def __init__(self): super().__init__(); self.open, self.text = [], ""
    def handle_starttag(self, tag, attrs):
        assert tag in void | set("html title style h1 h2 h3 p b small code table colgroup tr th td dl dt dd s".split()), tag
        assert not [a for a, _ in attrs if a.startswith("on") or a in ("src", "href")], attrs
        if tag not in void and tag != "html": self.open.append(tag)
    def handle_endtag(self, tag):
        if tag != "html": assert self.open.pop() == tag, tag
    def handle_data(self, data): self.text += data
page = Page(); page.feed(open(sys.argv[1], encoding="utf-8").read()); page.close()
assert not page.open, page.open
assert '<script>alert("mark06")</script><img src=x onerror=mark07> & "q"' in page.text
assert "This is all." in page.text
EOF
done

# Many: more than any slice, read slowly, while somebody else goes away in the middle.
for i in $(seq 4000); do echo "{\"customer\":\"$mei\",\"type\":\"call\",\"subject\":\"call $i\",\"text\":\"a text of some length that is told again and again, number $i\"}"; done >"$dir/calls.jsonl"
curl -fs -X POST -H 'Content-Type: application/jsonl' --data-binary @"$dir/calls.jsonl" "$(url sales)/api/v1/interactions:batchCreate" | jq -e '.failed == 0' >/dev/null || fail "no calls"
curl -s --max-filesize 1 -m 20 -o /dev/null "$(url sales)/api/v1/customers/$mei/export" || true
curl -s -m 1 --limit-rate 20k -o /dev/null "$(url sales)/api/v1/customers/$mei/export?format=html" || true
curl -fs -m 120 --limit-rate 1M -o "$dir/mei.json" "$(url sales)/api/v1/customers/$mei/export" || fail "a slow reader gets nothing"
[ "$(jq '[.timeline[] | select(.interaction.subject // "" | startswith("call "))] | length' "$dir/mei.json")" = 4000 ] || fail "calls are missing"
[ "$(jq '[.events[] | select(.type == "liaison.sales.interaction.logged")] | length' "$dir/mei.json")" = 4000 ] || fail "events are missing"

# Erased while it is told: what has come is not taken for a whole.
curl -s -m 60 --limit-rate 200k -o "$dir/cut.json" "$(url sales)/api/v1/customers/$mei/export" &
reader=$!
until_true 20 test -s "$dir/cut.json"
post sales "customers/$mei:erase" '{}' | jq -er .id >/dev/null || fail "not erased"
if wait $reader; then fail "the export of an erased customer ended well"; fi
! grep -q '"complete":true' "$dir/cut.json" || fail "it says that it is whole"
status=0; "$BIN/liaison" person --node "$(url sales)" "$mei" >"$dir/none" 2>/dev/null || status=$?
[ "$status" = 1 ] && [ ! -s "$dir/none" ] || fail "an erased customer is exported ($status)"
node_stop sales
