#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every command in the pages of documentation works, in their order, at a cluster that the first of them starts.
# In a network of its own, so that addresses are those of the pages; only what builds is left out.
set -euo pipefail
: "${BIN:?}" "${SOURCE:?}"
fail() { echo "$*" >&2; exit 1; }
pages=(README.md services/README.md tools/examples/README.md deploy/README.md common/README.md)
for need in jq curl python3 ip unshare; do command -v "$need" >/dev/null || { echo "$need is not installed"; exit 77; }; done
if [ -z "${LIA_DOCS_INSIDE:-}" ]; then
  LIA_DOCS_INSIDE=1 unshare --user --map-root-user --net --pid --fork --kill-child true 2>/dev/null ||
    { echo "this machine gives no network of its own"; exit 77; }
  export LIA_DOCS_INSIDE=1
  exec unshare --user --map-root-user --net --pid --mount-proc --fork --kill-child bash "$0" "$@"
fi
ip link set lo up

# A checkout whose build is there: tools/up finds nothing to install, to build or to make of the web app.
place=$(mktemp -d "$PWD/docs-XXXXXX")
trap 'status=$?; [ "$status" = 0 ] || tail -n 5 "$place"/.liaison/*.log; rm -rf "$place"; exit $status' EXIT
mkdir -p "$place/build/release" "$place/tools" "$place/path"
ln -s "$BIN" "$place/build/release/bin"
for name in deploy tests services common proto; do ln -s "$SOURCE/$name" "$place/$name"; done
for name in "$SOURCE"/tools/*; do ln -s "$name" "$place/tools/"; done
rm "$place/tools/up" "$place/tools/deps" "$place/tools/web"
cp "$SOURCE/tools/up" "$place/tools/up" # it finds its checkout by its own place
for name in tools/deps tools/web path/cmake; do printf '#!/bin/sh\nexit 0\n' >"$place/$name"; chmod +x "$place/$name"; done
export PATH="$place/path:$BIN:$PATH" HOME="$place"
unset LIA_TOKEN

python3 "$SOURCE/tests/deploy/docs.py" check "$SOURCE" "$place" "${pages[@]}"
python3 "$SOURCE/tests/deploy/docs.py" run "$SOURCE" "$place" "${pages[@]}"
[ "$(stat -c %a "$place/.liaison")" = 700 ] || fail "others may look into the folder that tools/up made"

# The test sees what is wrong: each of these pages has one mistake.
wrong() { # what it says, page
  printf '%s\n' "$2" >"$place/wrong.md"
  for what in check run; do python3 "$SOURCE/tests/deploy/docs.py" $what "$place" "$place" wrong.md || true; done >"$place/said" 2>&1
  grep -q -- "$1" "$place/said" || { cat "$place/said"; fail "did not see: $1"; }
}
fence='```'
wrong "ended with 2" "${fence}sh"$'\n'"liaison status --nothing"$'\n'"$fence"
wrong "prints something else" "${fence}sh"$'\n'"echo one"$'\n'"$fence"$'\n\n'"${fence}text"$'\n'"two"$'\n'"$fence"
wrong "does not know --nothing" "${fence}sh elsewhere"$'\n'"liaison status --nothing"$'\n'"$fence"
wrong "no command 'liaison stat" "${fence}sh elsewhere"$'\n'"liaison stat us"$'\n'"$fence"
wrong "there is no tools/upp" "${fence}sh elsewhere"$'\n'"tools/upp --stop"$'\n'"$fence"
wrong "there is no deploy/none.yaml" "${fence}sh elsewhere"$'\n'"docker compose -f deploy/none.yaml up"$'\n'"$fence"
wrong "no program that this test knows" "${fence}sh elsewhere"$'\n'"frobnicate"$'\n'"$fence"
wrong "outside of a fence" "    liaison status"
wrong "fence of another kind" "${fence}console"$'\n'"liaison status"$'\n'"$fence"
wrong "none.svg is not there" "![A picture](none.svg)"
wrong "deploy/none.md is not there" "[a page](deploy/none.md)"
echo '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.com/a.png"/></svg>' >"$place/asks.svg"
wrong "asks.svg has <image in it" "![A picture](asks.svg)"
wrong "up is no SVG" "![A picture](tools/up)"
