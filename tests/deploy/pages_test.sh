#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Manual pages that formatters take, with every command, option and setting; a completion that completes.
set -euo pipefail
: "${BIN:?}" "${PAGES:?}"
fail() { echo "$*" >&2; exit 1; }
command -v mandoc >/dev/null || { echo "mandoc is not installed"; exit 77; }

mandoc -Tlint -W warning "$PAGES"/*.[158] | grep -v 'missing date' >pages.lint || true
[ ! -s pages.lint ] || { cat pages.lint; fail "manual pages have mistakes"; }
rm pages.lint
page=$(mandoc -Tutf8 "$PAGES/liaison.1" | sed 's/.\x08//g')
"$BIN/liaison" --help | grep -oP '^  \K[a-z-]+( [a-z-]+)?(?=  )' | sed 's/ *$//' >commands.list
[ "$(wc -l <commands.list)" -gt 20 ] || fail "only $(wc -l <commands.list) commands"
while read -r name; do
  grep -q "liaison $name" <<<"$page" || fail "liaison.1 has no '$name'"
  # shellcheck disable=SC2086
  for option in $("$BIN/liaison" $name --help | grep -oP '^\s+(-., )?\K--[a-z-]+' | grep -vx -- --help | sort -u); do
    grep -q -- "$option" <<<"$page" || fail "liaison.1 has no $option of '$name'"
  done
done <commands.list
for name in sales marketing service analytics; do
  page=$(mandoc -Tutf8 "$PAGES/liaison-$name.8" | sed 's/.\x08//g')
  for option in $("$BIN/liaison-$name" --help | grep -oP '^  \K--[a-z-]+'); do
    grep -q -- "$option" <<<"$page" || fail "liaison-$name.8 has no $option"
  done
done

# shellcheck source=/dev/null
. "$PAGES/liaison.bash"
complete_for() { # function, words: what is offered for the last of them
  local function=$1; shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "$function"
  echo "${COMPREPLY[*]}"
}
[ "$(complete_for _liaison liaison sta)" = status ] || fail "no status"
[ "$(complete_for _liaison liaison keys rotate-)" = rotate-admin ] || fail "no rotate-admin"
[ "$(complete_for _liaison liaison keys init --ba)" = --base ] || fail "no --base"
[ "$(complete_for _liaison_node liaison-sales --tls-c)" = --tls-cert ] || fail "no --tls-cert"
while read -r name; do
  # shellcheck disable=SC2086
  [[ " $(complete_for _liaison liaison $name --h) " == *" --help "* ]] || fail "no options of '$name'"
done <commands.list
rm commands.list
