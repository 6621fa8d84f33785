#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A file is imported in pieces of any size while the client's connection is torn in the middle of
# them and the node is killed at moments that a seed chooses; each time the client asks how far it is
# and goes on there. Every line is a record once, on all nodes, and in one list once.
. "$(dirname "$0")/lib.sh"
lines=${LINES_TO_IMPORT:-1500}
cluster_make
cluster_start

# Every tenth line is no customer, every seventh has the number of a line before.
awk -v lines="$lines" 'BEGIN {
  print "number,name,note,mail"
  for (i = 1; i <= lines; i++)
    if (i % 10 == 0) printf "n%d,\"Customer, %d\",no address,not an address\n", i, i
    else printf "n%d,\"Customer, %d\",line %d of the file,\n", (i % 7 == 0 ? i - 1 : i), i, i
}' >"$dir/file.csv"
size=$(stat -c %s "$dir/file.csv")

import=$(post sales imports '{"kind":"customers","format":"csv","mode":"create","key":"external_ids.value",
  "mapping":{"number":"external_ids.value","name":"name","note":"note","mail":"emails.value"}}' | jq -er .id)

progress() { get sales "imports/$import" >"$dir/progress" 2>/dev/null; }

part() { dd if="$dir/file.csv" bs=64K iflag=skip_bytes,count_bytes skip="$1" count="$2" 2>/dev/null; } # offset bytes

# Sends that part of the file; prints the status.
piece() { # offset bytes [curl's more]
  local offset=$1 bytes=$2 last=false; shift 2
  [ $((offset + bytes)) -lt "$size" ] || last=true
  part "$offset" "$bytes" |
    curl -s -m 30 -o "$dir/answer" -w '%{http_code}' -H 'Content-Type: text/csv' --data-binary @- "$@" \
      "$(url sales)/api/v1/imports/$import:run?offset=$offset&last=$last" 2>/dev/null || true
}

# Begins to send a piece and hangs up in its middle.
tear() { # offset bytes
  local offset=$1 bytes=$2
  exec {line}<>"/dev/tcp/127.0.0.1/${port[sales]}"
  printf 'POST /api/v1/imports/%s:run?offset=%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: %s\r\n\r\n' \
    "$import" "$offset" "$bytes" >&"$line"
  part "$offset" $((RANDOM % bytes)) >&"$line"
  exec {line}>&-
}

# Sends a whole piece and does not wait for the answer.
leave() { # offset bytes
  local offset=$1 bytes=$2
  exec {line}<>"/dev/tcp/127.0.0.1/${port[sales]}"
  printf 'POST /api/v1/imports/%s:run?offset=%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: %s\r\n\r\n' \
    "$import" "$offset" "$bytes" >&"$line"
  part "$offset" "$bytes" >&"$line"
  exec {line}>&-
}

torn=0 killed=0 pieces=0
while :; do
  until_true 60 progress
  [ "$(jq .complete "$dir/progress")" = false ] || break
  offset=$(jq .offset "$dir/progress")
  [ "$offset" -lt "$size" ] || fail "all is sent, and it is not complete"
  left=$((size - offset))
  bytes=$((2000 + RANDOM % 30000))
  [ "$bytes" -lt "$left" ] || bytes=$left
  pieces=$((pieces + 1))
  case $((pieces % 4)) in
  1)
    [ "$bytes" -eq "$left" ] || { tear "$offset" "$bytes"; torn=$((torn + 1)); }
    ;;
  2)
    piece "$offset" "$bytes" >"$dir/status" &
    sender=$!
    read -r -t "0.$(printf %03d $((RANDOM % 150)))" <> <(:) || true # anywhere within the piece
    node_kill sales
    killed=$((killed + 1))
    wait "$sender" || true
    node_start sales
    node_ready sales
    ;;
  3)
    [ "$bytes" -eq "$left" ] || { leave "$offset" "$bytes"; torn=$((torn + 1)); }
    ;;
  0)
    status=$(piece "$offset" "$bytes")
    # The piece that nobody waited for may be under way, or done since the progress was asked for.
    [ "$status" = 200 ] || [ "$status" = 409 ] || [ "$status" = 503 ] || fail "a piece: $status $(cat "$dir/answer")"
    ;;
  esac
done
[ "$torn" -ge 2 ] && [ "$killed" -ge 2 ] || fail "only $torn times torn, $killed times killed: more lines are wanted"

wanted_failed=$((lines / 10))
wanted_duplicates=$(awk -v lines="$lines" 'BEGIN { for (i = 1; i <= lines; i++) if (i % 10 && i % 7 == 0 && (i - 1) % 10) n++; print n + 0 }')
wanted_created=$((lines - wanted_failed - wanted_duplicates))
progress
told=$(jq -c '[.rows, .created, .duplicates, .failed]' "$dir/progress")
[ "$told" = "[$lines,$wanted_created,$wanted_duplicates,$wanted_failed]" ] ||
  fail "told $told, wanted [$lines,$wanted_created,$wanted_duplicates,$wanted_failed]"

# All pages of a list: line and id.
list() { # name
  local token= page
  while :; do
    page=$(get sales "imports/$import/results?list=$1&page_size=1000${token:+&page_token=$token}")
    jq -r '.results[] | [.line, .id // ""] | @tsv' <<<"$page"
    token=$(jq -r '.next_page_token // ""' <<<"$page")
    [ -n "$token" ] || break
  done
}
for name in created duplicates failed updated; do list $name >"$dir/list.$name"; done
# Lines 2 to the last one, each in one list; ids of the created ones are theirs alone.
cat "$dir"/list.* | cut -f1 | sort -n | cmp - <(seq 2 $((lines + 1))) || fail "lines are missing or in two lists"
[ "$(cut -f2 "$dir/list.created" | sort -u | wc -l)" = "$wanted_created" ] || fail "two lines made one record"

# What is there is what the file says, at every node.
agree || fail "the nodes differ"
awk -v lines="$lines" 'BEGIN { for (i = 1; i <= lines; i++) if (i % 10 && !(i % 7 == 0 && (i - 1) % 10)) print "line " i " of the file" }' | sort >"$dir/wanted"
for name in "${departments[@]}"; do
  "$BIN/liaison" export --node "$(url "$name")" --kind customers --format jsonl -o "$dir/$name.customers" 2>/dev/null
  jq -r .note "$dir/$name.customers" | sort | cmp - "$dir/wanted" || fail "$name shows other customers than the file has"
done

# One piece of several slices, of which one is judged while the one before is being written: numbers come
# again in the same one, in the next one and in the one behind.
awk 'BEGIN {
  print "number,name"
  for (i = 1; i <= 5000; i++) {
    back = i % 5 == 0 ? 3 : i % 5 == 1 ? 2048 : i % 5 == 2 ? 2300 : 0
    number[i] = back && i > back ? number[i - back] : i
    printf "m%d,Line %d\n", number[i], i
  }
}' >"$dir/file.csv"
size=$(stat -c %s "$dir/file.csv")
import=$(post sales imports '{"kind":"customers","format":"csv","mode":"create","key":"external_ids.value",
  "mapping":{"number":"external_ids.value","name":"name"}}' | jq -er .id)
status=$(piece 0 "$size")
[ "$status" = 200 ] || fail "a large piece: $status $(cat "$dir/answer")"
distinct=$(tail -n +2 "$dir/file.csv" | cut -d, -f1 | sort -u | wc -l)
told=$(jq -c '[.rows, .created, .duplicates, .failed]' "$dir/answer")
[ "$told" = "[5000,$distinct,$((5000 - distinct)),0]" ] || fail "told $told, of 5000 lines with $distinct numbers"
echo "$pieces pieces, $torn times torn, $killed times killed"
