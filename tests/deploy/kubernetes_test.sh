#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What kustomize makes of each overlay: right by Kubernetes' own schemas and types (no key that is not known), and
# by what deploy/README.md promises. Without a cluster: the schemas come from npm, nothing is sent anywhere.
set -euo pipefail
: "${SOURCE:?}" "${BIN:?}"
fail() { echo "$*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
build() { if command -v kustomize >/dev/null; then kustomize build "$1"; else kubectl kustomize "$1"; fi; }
command -v kustomize >/dev/null || command -v kubectl >/dev/null || skip "neither kustomize nor kubectl is installed"
command -v kustomize >/dev/null || kubectl version --client -o json 2>/dev/null | jq -e .kustomizeVersion >/dev/null ||
  skip "kubectl is older than 1.24: its kustomize knows no labels and patches"
here="$SOURCE/tests/deploy"
"$SOURCE/tools/npm" "$here" >npm.log 2>&1 || { tail -3 npm.log; skip "npm's packages cannot be fetched"; }
work=$(mktemp -d "$PWD/kubernetes-XXXXXX")
trap 'rm -rf "$work"' EXIT
# tsc looks for packages beside the file that it reads.
ln -s "$here/node_modules" "$work/node_modules"
judge() { # file
  node "$here/manifests.mjs" "$1" "$work" &&
    node "$here/node_modules/typescript/bin/tsc" --noEmit --strict --skipLibCheck --module nodenext --target es2022 "$work/manifests.ts"
}
for overlay in one-machine production; do
  build "$SOURCE/deploy/kubernetes/overlays/$overlay" >"$work/$overlay.yaml" || fail "kustomize refuses $overlay"
  judge "$work/$overlay.yaml" || fail "$overlay has mistakes"
  for name in sales marketing service analytics; do
    "$BIN/liaison" config check "$work/$name.yaml" >"$work/said" || { cat "$work/said"; fail "settings of $name in $overlay"; }
  done
done

# Who backs up stands in the overlay for production.
[ "$(grep -c '^kind: CronJob' "$work/one-machine.yaml" "$work/production.yaml" | cut -d: -f2 | paste -sd' ')" = "0 1" ] || fail "who has backups"

# Mistakes are seen: each of these alone is refused.
for change in 's/concurrencyPolicy: Forbid/concurrencyPolicy: Allow/' 's/https:\/\/service-http/https:\/\/sales-http/' \
  's/value: \$(POD_IP) service-http/value: $(POD_IP)/' '0,/io\/name: liaison-backup$/s//io\/name: backup/' \
  '0,/value: "64"/s//value: "16"/'; do
  sed "$change" "$work/production.yaml" >"$work/changed.yaml"
  ! cmp -s "$work/production.yaml" "$work/changed.yaml" || fail "'$change' changes nothing"
  ! judge "$work/changed.yaml" >"$work/said" 2>&1 || fail "'$change' is not seen"
done
for change in 's/readinessProbe:/readynessProbe:/' 's/replicas: 1/replicas: "1"/' 's/path: \/readyz/path: \/healthz/' \
  's/secretName: liaison-sales/secretName: liaison-service/' 's/clusterIP: .*\.11$/clusterIP: None/' \
  's/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/' '0,/- port: http$/s//- port: bus/'; do
  sed "$change" "$work/one-machine.yaml" >"$work/changed.yaml"
  ! cmp -s "$work/one-machine.yaml" "$work/changed.yaml" || fail "'$change' changes nothing"
  ! judge "$work/changed.yaml" >"$work/said" 2>&1 || fail "'$change' is not seen"
done
