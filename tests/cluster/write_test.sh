#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One record at a time from the command line: made, changed, put away, brought back and worked with;
# what is wrong is said with its place, and nothing is written then.
. "$(dirname "$0")/lib.sh"
cluster_make
departments=(sales) # the others are away
node_start sales; node_ready sales

cli() { "$BIN/liaison" "$@" --node "$(url sales)"; }
refuses() { # status words: what must stand in the sentence; then the command
  local status=$1 words=$2 got=0 said; shift 2
  said=$(cli "$@" 2>&1 >/dev/null) || got=$?
  [ "$got" = "$status" ] || fail "$*: ended with $got, not $status: $said"
  grep -qF -- "$words" <<<"$said" || fail "$*: said '$said', not '$words'"
}

cli kind add boat boats >/dev/null
cli field add boat price --type money >/dev/null
cli field add boat built --type date >/dev/null
mei=$(cli create customer name='Mei Tan' emails='mei@example.com;tan@example.com' tags='vip;north' country=SG | jq -er .id)
cli get customer "$mei" | jq -e '.name == "Mei Tan" and (.emails | length) == 2 and (.tags | sort) == ["north", "vip"]' >/dev/null ||
  fail "she is not as she was written"
boat=$(cli create boats name=Cloud customer="$mei" price='1200.50 EUR' built=2020-02-29 --key once | jq -er .id)
[ "$(cli create boat name=Cloud customer="$mei" price='1200.50 EUR' built=2020-02-29 --key once | jq -er .id)" = "$boat" ] || fail "it was made twice"
cli get boat "$boat" | jq -e '.price == {"amount_minor": 120050, "currency": "EUR"} and .built == "2020-02-29"' >/dev/null || fail "another boat"

cli set customer "$mei" country= tags='vip;south' note:='"a \"word\""' |
  jq -e '.country == null and (.tags | sort) == ["south", "vip"] and .note == "a \"word\"" and .name == "Mei Tan"' >/dev/null || fail "she is changed otherwise"
version=$(cli get customer "$mei" | jq -er .version)
cli set customer "$mei" note=one --version "$version" >/dev/null || fail "her version is not taken"
refuses 1 'was changed since' set customer "$mei" note=two --version "$version"
cli archive boat "$boat" >/dev/null
get sales boats | jq -e '.boats == []' >/dev/null || fail "the boat is still listed"
cli archive boat "$boat" --restore >/dev/null
get sales boats | jq -e '.boats | length == 1' >/dev/null || fail "the boat did not come back"

deal=$(cli create deal name=Sails customer="$mei" amount='10 USD' | jq -er .id)
cli do deal "$deal" lose reason=price | jq -e '.state == "lost"' >/dev/null || fail "the deal is not lost"
refuses 1 'closed' do deal "$deal" win
cli do customer - check name='Mei Tan' | jq -e '.duplicates' >/dev/null || fail "a verb about no record"

plan='{"steps": [{"name": "ask", "action": "http", "url": "https://score.example/"},
                 {"name": "note", "action": "set", "values": [{"field": "probability", "value": "1"}]}]}'
flow=$(cli create flow name=Look department=sales kind=deal plan:="$plan" | jq -er .id)
cli dry-run "flows/$flow" --days 1 | jq -e '.runs == 1 and .started_by == [] and .examples[0].way[0].outcome == "unknown" and
  [.examples[0].way[0].ways[].when] == ["answered", "unanswered"]' >/dev/null || fail "another dry run"

before=$(get sales digest | jq -c .)
refuses 2 'rules/ID or flows/ID is wanted' dry-run "deals/$deal"
refuses 2 "'contry' is no field" set customer "$mei" contry=SG
refuses 2 "price: 'cheap' is no amount" create boat name=x price=cheap
refuses 2 'built' create boat name=x built=2021-02-29
refuses 2 "'title' is not FIELD=VALUE" create task title
refuses 2 'note: column 3' set customer "$mei" 'note:=[1,'
refuses 2 'no kind of record' create ship name=x
refuses 2 'no id of a record' set customer mei name=x
refuses 1 'there is no such thing' set customer 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee name=x
refuses 2 'are not written' set customer "$mei" version=1
[ "$(get sales digest | jq -c .)" = "$before" ] || fail "something was written"
