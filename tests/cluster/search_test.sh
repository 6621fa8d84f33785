#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node is killed in the middle of taking customers, wherever its search index is at that moment.
# After each start all that was taken is found, once, by its own word; what is in no index but on the
# disk is found too. Then the index is lost, and then damaged, while the node is down.
. "$(dirname "$0")/lib.sh"
cluster_make
departments=(sales) # the others are away
node_start sales; node_ready sales

words() { # round: a body of customers whose words begin none of one another's
  local i
  for i in $(seq 200); do echo "{\"name\":\"Wort$1x${i}ende Anna\",\"note\":\"aufgenommen in runde$1\"}"; done
}
take() { # round: until somebody ends it
  curl -s -m 20 -o /dev/null -H 'Content-Type: application/jsonl' --data-binary @<(words "$1") "$(url sales)/api/v1/customers:batchCreate" || true
}
listed() { get sales 'customers?page_size=1000' | jq -r '.customers[] | "\(.id) \(.name)"'; }
# Every customer that there is, found by the first word of its name: that one and nothing else.
check_all() {
  local id name count=0
  listed | sort >"$dir/listed"
  while read -r id name _; do
    curl -fs -m 20 -G --data-urlencode "q=$name" "$(url sales)/api/v1/search?wait_ms=10000" |
      jq -e --arg id "$id" '(.results | length) == 1 and .results[0].id == $id' >/dev/null ||
      fail "$name is not found, or not alone"
    count=$((count + 1))
  done < <(shuf -n 25 --random-source=<(yes) "$dir/listed")
  shows sales status .search.documents "$(wc -l <"$dir/listed")" || fail "the index has $(get sales status | jq -c .search), the list $(wc -l <"$dir/listed")"
  [ $count -gt 0 ] || fail "nothing was taken"
}

some_indexed() { [ "$(get sales status | jq .search.documents)" -gt 1 ]; }
for round in 1 2 3; do
  take $round & taker=$!
  # The first is killed as soon as anything is indexed, the others at once or when all is in.
  case $round in
    1) until_true 20 some_indexed ;;
    2) wait $taker; curl -fs -m 20 -o /dev/null "$(url sales)/api/v1/search?q=anna&wait_ms=10000" ;;
    3) wait $taker ;;
  esac
  node_kill sales
  wait $taker || true
  node_start sales; node_ready sales
  [ $round = 1 ] || check_all
done
[ "$(wc -l <"$dir/listed")" -ge 400 ] || fail "what was acknowledged is not there"

node_stop sales
rm -r "$dir/sales/search"
node_start sales; node_ready sales
check_all
node_stop sales
head -c 20000 /dev/urandom | dd of="$dir/sales/search/views.mdb" conv=notrunc status=none
node_start sales; node_ready sales
check_all
# The command line finds it too.
"$BIN/liaison" search --node "$(url sales)" wort2x7ende anma | jq -e '.results[0].reasons[1].match == "typo"' >/dev/null || fail "the command line does not find it"
node_stop sales
