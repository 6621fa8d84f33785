#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Departments that are cut off from one another add fields and kinds, some under one name, and fill
# them; one is killed in between. Together again all call everything alike, hold all values, and say
# what had to be called otherwise. Who comes later gets it with the state; views made anew say the same.
. "$(dirname "$0")/lib.sh"
cluster_make

field() { post "$1" custom_fields "$2" | jq -er .id; }
# Which custom fields customers have, as forms are drawn from them.
fields_of() { get "$1" kinds | jq -c '[.kinds[] | select(.name == "customer") | .fields[] | select(.custom) | [.name, .wanted_name, .label]] | sort'; }
described() { get "$1" kinds | jq -cS '[.kinds[] | {name, plural, number, fields: [.fields[] | select(.custom)]}], .problems'; }
alike() {
  local name
  for name in "${departments[@]}"; do described "$name" >"$dir/$name.kinds"; cmp -s "$dir/sales.kinds" "$dir/$name.kinds" || return 1; done
}

for name in sales service; do node_start "$name"; done
for name in sales service; do node_ready "$name"; done
"$BIN/liaison" field add customer colour --type choice --option red --option blue --node "$(url sales)" >/dev/null
until_true 30 shows service kinds '[.kinds[] | select(.name == "customer") | .fields[] | select(.custom) | .name] | join(" ")' colour
mei=$(post service customers '{"name":"Mei Tan","colour":"red"}' | jq -er .id)
until_true 30 shows sales "customers/$mei" .colour red

# No kind can be given a path that the API has.
get sales openapi.json | jq -r '.paths | keys[] | ltrimstr("/api/v1/") | split("/")[0] | split(":")[0]' | sort -u |
  grep -x '[a-z][a-z0-9_]*' >"$dir/words"
[ "$(wc -l <"$dir/words")" -gt 30 ] || fail "too few paths"
while read -r word; do
  post sales custom_kinds "{\"name\":\"zebra\",\"plural\":\"$word\",\"label\":\"Z\"}" | jq -e '.status == 400 or .status == 409' >/dev/null ||
    fail "a kind was given the path $word"
done <"$dir/words"

# Sales alone: a field `size`, another option, a kind; killed in the middle of it.
node_stop service
field sales '{"of":"customer","name":"size","label":"Of sales","type":"number"}' >/dev/null
colour=$(get sales custom_fields | jq -er '.custom_fields[] | select(.name == "colour") | .id')
change() { at "$1" curl -s -m 20 -X PATCH -H 'Content-Type: application/merge-patch+json' -d "$3" "$(url "$1")/api/v1/$2"; }
change sales "custom_fields/$colour" '{"options":[{"name":"red"},{"name":"blue"},{"name":"green"}]}' >/dev/null
"$BIN/liaison" kind add boat boats --label Boat --node "$(url sales)" >/dev/null
node_kill sales
node_start sales; node_ready sales
field sales '{"of":"boat","name":"mast","label":"Mast","type":"text","searchable":true}' >/dev/null
cloud=$(post sales boats "{\"name\":\"Cloud\",\"customer\":\"$mei\",\"mast\":\"pine\"}" | jq -er .id)
abel=$(post sales customers '{"name":"Abel","size":41,"colour":"green"}' | jq -er .id)
# The command line writes and reads kinds and fields that were added.
printf 'name,mast\nRain,oak\nSnow,\n' >"$dir/fleet.csv"
"$BIN/liaison" import --node "$(url sales)" --kind boats "$dir/fleet.csv" | jq -e '.created == 2 and .failed == 0' >/dev/null ||
  fail "boats are not imported"
printf 'name,size,colour\nBob,large,green\n' >"$dir/people.csv"
"$BIN/liaison" import --node "$(url sales)" --kind customers --errors "$dir/bad" "$dir/people.csv" >/dev/null && fail "a size is a number"
grep -q 'size' "$dir/bad" || fail "nobody says what is wrong with the size"
"$BIN/liaison" export --node "$(url sales)" --kind boats --filter 'mast = oak' --format csv | grep '^[^,]*,Rain,.*,oak' >/dev/null ||
  fail "boats are not exported"
"$BIN/liaison" export --node "$(url sales)" --all "$dir/everything" 2>/dev/null || fail "not everything is exported"
jq -es 'any(.name == "Rain" and .mast == "oak")' "$dir/everything/boats.jsonl" >/dev/null || fail "everything lacks a boat"
jq -e 'select(.name == "Abel") | .size == 41' "$dir/everything/customers.jsonl" >/dev/null || fail "everything lacks a size"
node_kill sales

# Service alone: `size` once more, of another type; its own option, and a kind of that name.
node_start service; node_ready service
field service '{"of":"customer","name":"size","label":"Of service","type":"text"}' >/dev/null
change service "custom_fields/$colour" '{"options":[{"name":"red"},{"name":"blue"},{"name":"grey"}]}' >/dev/null
boat2=$(post service custom_kinds '{"name":"boat","plural":"boats","label":"Barge"}' | jq -er .id)
field service '{"of":"boat","name":"load","label":"Load","type":"number"}' >/dev/null
barge=$(post service boats '{"name":"Barge","load":7}' | jq -er .id)
zoe=$(post service customers '{"name":"Zoe","size":"large","colour":"grey"}' | jq -er .id)

# Together again, with two who have never heard of any of it.
for name in sales marketing analytics; do node_start "$name"; done
for name in "${departments[@]}"; do node_ready "$name"; done
agree || fail "the nodes differ"
until_true 30 alike
[ "$(fields_of analytics)" = '[["colour",null,"colour"],["size",null,"Of sales"],["size_2","size","Of service"]]' ] || fail "$(fields_of analytics)"
for name in "${departments[@]}"; do
  shows "$name" "customers/$abel" '"\(.size) \(.size_2) \(.colour)"' '41 null green' || fail "$name: $(get "$name" "customers/$abel")"
  shows "$name" "customers/$zoe" '"\(.size) \(.size_2) \(.colour)"' 'null large grey' || fail "$name: $(get "$name" "customers/$zoe")"
  shows "$name" "boats/$cloud" '"\(.name) \(.mast)"' 'Cloud pine' || fail "$name lost a boat"
  shows "$name" "boats_2/$barge" '"\(.name) \(.load)"' 'Barge 7' || fail "$name lost the other boat"
  shows "$name" "boats?customer=$mei" '.boats | length' 1 || fail "$name: whose boat is it?"
  shows "$name" 'customers?filter=size_2:large' '.customers | length' 1 || fail "$name does not filter"
  shows "$name" kinds '.problems | length' 2 || fail "$name: $(get "$name" kinds | jq -c .problems)"
  until_true 30 shows "$name" 'search?q=pine' '.results[0].id' "$cloud"
done

# Somebody settles it: what is called otherwise is given a name of its own, everywhere.
size2=$(get marketing kinds | jq -er '.kinds[] | select(.name == "customer") | .fields[] | select(.name == "size_2") | .definition')
change marketing "custom_fields/$size2" '{"name":"fit"}' | jq -e '.name == "fit"' >/dev/null || fail "it cannot be named anew"
change marketing "custom_kinds/$boat2" '{"name":"barge","plural":"barges"}' | jq -e '.name == "barge"' >/dev/null || fail "nor the kind"
for name in "${departments[@]}"; do
  until_true 30 shows "$name" "customers/$zoe" '"\(.size) \(.size_2) \(.fit)"' 'null null large'
  until_true 30 shows "$name" "barges/$barge" .load 7
  until_true 30 shows "$name" kinds '.problems | length' 0
done
post marketing custom_fields '{"of":"customer","name":"fit","label":"Again","type":"text"}' | jq -e '.status == 409' >/dev/null || fail "a name is given twice"
agree || fail "the nodes differ"
alike || fail "the nodes describe it differently"

# An index is built at every node beside its work; then lists can be in its order, and say that they use it.
size=$(get marketing kinds | jq -er '.kinds[] | select(.name == "customer") | .fields[] | select(.name == "size") | .definition')
post sales customers '{"name":"Bea","size":7}' >/dev/null
shows sales 'customers?filter=size%20%3D%2041&explain=true' '.explain.walk' all || fail "an index that is not there is used"
change marketing "custom_fields/$size" '{"indexed":true}' >/dev/null
for name in "${departments[@]}"; do
  until_true 60 shows "$name" kinds '[.kinds[].fields[] | select(.definition == "'"$size"'") | .indexed] | tostring' '[true]'
  until_true 30 shows "$name" 'customers?filter=size%20%3E%200&order_by=size' '[.customers[].size] | tostring' '[7,41]'
  shows "$name" 'customers?filter=size%20%3D%2041&explain=true' '.explain | "\(.walk) \(.index) \(.rows)"' 'index size 1' || fail "$name does not use the index"
done
described sales >"$dir/sales.kinds"

# The same from the log alone, and after an erasure nothing of the customer's boat.
cp "$dir/sales.kinds" "$dir/before"
node_stop analytics
"$BIN/liaison" rebuild --dir "$dir" --name analytics >/dev/null || fail "views cannot be made anew"
node_start analytics; node_ready analytics
until_true 30 alike
cmp "$dir/before" "$dir/analytics.kinds" || fail "views made anew say something else"
shows analytics "customers/$zoe" .fit large || fail "views made anew lost a value"
post marketing "customers/$mei:erase" '{"reason":"test"}' >/dev/null
for name in "${departments[@]}"; do
  gone() { [ "$(at "$1" curl -s -o /dev/null -m 20 -w '%{http_code}' "$(url "$1")/api/v1/$2")" = "$3" ]; }
  until_true 60 gone "$name" "customers/$mei" 410
  until_true 60 gone "$name" "boats/$cloud" 404
done
agree || fail "the nodes differ"
