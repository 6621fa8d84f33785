#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs schemagen on each refused/*.proto and compares what it says with the file's "refused:" lines:
# every line there must be a refusal's beginning, with this file's name and a line number before it,
# and no refusal may be left over.
#
#     refused_test.sh schemagen protoc source-dir protobuf-include work-dir
set -u
schemagen=$1 protoc=$2 source=$3 include=$4 work=$5
failures=0
mkdir -p "$work"

check() {
    name=tools/schemagen/refused/$1.proto
    "$protoc" -I "$source" -I "$include" --include_imports --include_source_info \
        --descriptor_set_out="$work/$1.bin" "$name" || return 1
    if "$schemagen" "$work/$1.bin" "$work/$1.c" "$work/$1.json" 2>"$work/$1.said"; then
        echo "$name: was not refused"
        return 1
    fi
    sed -n 's,^// refused: ,,p' "$source/$name" >"$work/$1.wanted"
    while IFS= read -r wanted; do
        awk -v file="$name:" -v wanted="$wanted" '
            index($0, file) == 1 { text = substr($0, length(file) + 1); sub(/^[0-9]+: /, "", text)
                                   if (index(text, wanted) == 1) found = 1 }
            END { exit !found }' "$work/$1.said" || { echo "$name: nobody said: $wanted"; return 1; }
    done <"$work/$1.wanted"
    if [ "$(wc -l <"$work/$1.said")" -ne "$(wc -l <"$work/$1.wanted")" ]; then
        echo "$name: refused for other reasons as well:"
        cat "$work/$1.said"
        return 1
    fi
    [ ! -e "$work/$1.c" ] || { echo "$name: tables were written nevertheless"; return 1; }
}

for file in "$source"/tools/schemagen/refused/*.proto; do
    check "$(basename "$file" .proto)" || failures=$((failures + 1))
done
exit $((failures > 0))
