#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The API's document of every department is one that the public linter and a public generator of
# clients accept, and it is true: whatever a client that only reads the document sends (SEED, ROUNDS),
# no node answers with a 5xx or with something that is not described.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/../cluster/lib.sh"
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

for name in "${departments[@]}"; do "$BIN/liaison-$name" --openapi >"$dir/$name.json"; done

# Put together they lose nothing, and two that contradict one another are not put together.
"$root/tools/openapi" "$BIN" >"$dir/liaison.json" || fail "the documents are not put together"
operations='[.paths | to_entries[] | .key as $path | .value | to_entries[] |
  "\(.key) \($path) \(.value | del(."x-liaison-departments") | tojson)"] | sort'
cmp <(jq "$operations" "$dir/liaison.json") \
  <(for name in "${departments[@]}"; do jq "$operations" "$dir/$name.json"; done | jq -s 'add | unique') ||
  fail "an operation is missing, or is another one"
cmp <(jq -S '[.components[] | keys[]] | unique' "$dir/liaison.json") \
  <(for name in "${departments[@]}"; do jq '[.components[] | keys[]]' "$dir/$name.json"; done | jq -s -S 'add | unique') ||
  fail "a schema is missing"
jq -e '.paths["/api/v1/deals/{id}:win"].post["x-liaison-departments"] == ["sales"] and
       (.paths["/api/v1/customers"].get | has("x-liaison-departments") | not)' "$dir/liaison.json" >/dev/null ||
  fail "it does not say who answers what"
mkdir "$dir/doctored"
for change in '.components.schemas.Deal.description = "another"' '.paths["/api/v1/deals"].get.summary = "another"'; do
  for name in "${departments[@]}"; do
    jq "$([ "$name" = service ] && echo "$change" || echo .)" "$dir/$name.json" >"$dir/doctored/$name.json"
    printf '#!/bin/sh\ncat "%s"\n' "$dir/doctored/$name.json" >"$dir/doctored/liaison-$name"
    chmod +x "$dir/doctored/liaison-$name"
  done
  ! "$root/tools/openapi" "$dir/doctored" >"$dir/doctored/out" 2>"$dir/doctored/said" || fail "a contradiction is taken: $change"
  grep -q 'two departments say different things' "$dir/doctored/said" || fail "it does not say what is wrong"
  [ ! -s "$dir/doctored/out" ] || fail "a document is printed all the same"
done
rm -r "$dir/doctored"
"$root/tools/npm" tests/api redocly lint --config redocly.yaml "$dir"/*.json >"$dir/lint" 2>&1 ||
  { cat "$dir/lint" >&2; fail "the linter objects"; }

# A client of the generated types: what it uses must be described with types, or it does not compile.
mkdir "$dir/client"
"$root/tools/npm" tests/api openapi-typescript "$dir/sales.json" -o "$dir/client/schema.d.ts" >/dev/null
cp "$here/document_client.ts" "$dir/client/"
ln -s "$here/node_modules" "$dir/client/node_modules"
"$root/tools/npm" tests/api tsc --noEmit --strict --skipLibCheck --module nodenext --target es2022 \
  "$dir/client/document_client.ts" || fail "a client of the generated types does not compile"

cluster_make
cluster_start

# What administrators add while the nodes run is described as well as the rest.
for type in text long_text number money date date_time yes_no email phone url; do
  "$BIN/liaison" field add task "my_$type" --type $type --help "a \"$type\"" --node "$(url sales)" >/dev/null || fail "no field of type $type"
done
"$BIN/liaison" field add customer my_choice --type choice --option red=Red --option blue --required --node "$(url sales)" >/dev/null
"$BIN/liaison" field add customer my_choices --type multi_choice --option sea --option tea --node "$(url sales)" >/dev/null
"$BIN/liaison" kind add boat boats --label Boat --hint 'What "floats".' --node "$(url sales)" >/dev/null
"$BIN/liaison" field add boat length --type number --required --node "$(url sales)" >/dev/null
"$BIN/liaison" field add customer flagship --type reference --reference boat --node "$(url sales)" >/dev/null
described() { get "$1" openapi.json | jq -e '.components.schemas | .Custom_boat.properties.length and .Customer.properties.flagship' >/dev/null; }
for name in "${departments[@]}"; do until_true 30 described "$name"; done
get service openapi.json >"$dir/custom.json"
"$root/tools/npm" tests/api redocly lint --config redocly.yaml "$dir/custom.json" >"$dir/lint" 2>&1 ||
  { cat "$dir/lint" >&2; fail "the linter objects to what was added"; }
"$root/tools/npm" tests/api openapi-typescript "$dir/custom.json" -o "$dir/client/custom.d.ts" >/dev/null
grep -q 'my_choice: "red" | "blue"\|my_choice: "blue" | "red"' "$dir/client/custom.d.ts" || fail "a choice has no type"
for name in "${departments[@]}"; do
  "$root/tools/npm" tests/api node document_fuzz.mjs "$(url "$name")" ${SEED:+--seed "$SEED"} --rounds "${ROUNDS:-2}" ||
    fail "$name"
done
for name in "${departments[@]}"; do ready "$name" || fail "$name is not well after it"; done
agree
