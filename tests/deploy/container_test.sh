#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The image of the release's packages, and deploy/compose.yaml as an operator starts it: built twice to the
# same bytes; four departments that agree; one killed, one cut off and healed, limits that hold. All of it in
# a network of its own, bounded in time.
set -euo pipefail
: "${RELEASE:?}" "${SOURCE:?}"
fail() { echo "$*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "containers in a network of their own need root"
for tool in podman buildah runc jq curl; do command -v $tool >/dev/null || skip "$tool is not installed: tools/deps container"; done
ls "$RELEASE/packages"/liaison-sales_*.deb >/dev/null 2>&1 || skip "no packages: cpack --config build/release/CPackConfig.cmake"
base=docker.io/library/debian:bookworm-slim
if [ -z "${LIA_ALONE:-}" ]; then
  work=$(mktemp -d)
  status=0
  LIA_ALONE=$work unshare --mount bash "$0" || status=$?
  rm -rf "$work"
  exit $status
fi
work=$LIA_ALONE
# What podman wants where systemd does not run and cgroups are old ones.
printf '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >"$work/containers.conf"
export CONTAINERS_CONF="$work/containers.conf"
podman info >/dev/null 2>&1 || skip "podman does not run here"
# The base: the registry's, or where there is none, one of Debian's packages. mmdebstrap gets devices of its
# own: ended half way it would remove the machine's.
make_base() {
  command -v mmdebstrap >/dev/null || skip "no image $base, and mmdebstrap is not installed"
  unshare --mount bash -c 'mount -t tmpfs none /dev && cd /dev && mknod -m 666 null c 1 3 && mknod -m 666 zero c 1 5 &&
    mknod -m 666 full c 1 7 && mknod -m 666 random c 1 8 && mknod -m 666 urandom c 1 9 && mknod -m 666 tty c 5 0 &&
    ln -s /proc/self/fd fd && mkdir shm pts && TMPDIR=$1 exec timeout 300 mmdebstrap --quiet --variant=minbase bookworm "$1/base.tar"' \
    _ "$work" >"$work/base.log" 2>&1 || { tail -3 "$work/base.log"; skip "Debian's packages cannot be fetched"; }
  podman import --quiet "$work/base.tar" $base >/dev/null
  rm "$work/base.tar"
}
podman image exists $base || timeout 30 podman pull --quiet $base >/dev/null 2>&1 || make_base

# The second stage of the file, over the packages that are there; with the network, for Debian's.
image=localhost/liaison:test
sed '/^FROM .* AS packages/,/^$/d' "$SOURCE/deploy/container/Containerfile" >"$work/Containerfile"
build() {
  buildah bud --isolation chroot --pull=never --network host --format docker --timestamp 1795305600 "$@" \
    --ignorefile "$SOURCE/.containerignore" --build-context "packages=$RELEASE" -f "$work/Containerfile" \
    -t $image "$SOURCE" >"$work/build.log" 2>&1 || { tail -5 "$work/build.log"; grep -q 'Temporary failure\|Could not resolve' "$work/build.log" && skip "no network"; fail "the image is not built"; }
  podman image inspect $image | jq -r '.[0].RootFS.Layers[-1]'
}
first=$(build --squash)
second=$(build --squash --no-cache)
[ "$first" = "$second" ] || fail "two builds of the same differ: $first, $second"
podman image inspect $image | jq -e '.[0] | .User == "10001:10001" and (.HealthCheck.Test // .Healthcheck.Test | length) > 1' >/dev/null ||
  fail "the image has no user or health check"
size=$(podman image inspect $image | jq '.[0].Size')
echo "image: $((size / 1000000)) MB"

# What is inside, in its own words; nothing needs the root file system or a capability.
run() { podman run --rm --no-healthcheck --network none --read-only --cap-drop all "$@" 2>/dev/null; }
run --entrypoint cat $image /usr/share/liaison/sbom.spdx.json >"$work/sbom"
jq -e '([.packages[].SPDXID] | (unique | length) == length) and ([.packages[].SPDXID] | all(test("^SPDXRef-[a-zA-Z0-9.-]+$")))
  and ([.packages[] | .filesAnalyzed == false and has("downloadLocation")] | all)
  and ([.relationships[] | select(.relationshipType == "CONTAINS") | .relatedSpdxElement] | sort) == ([.packages[1:][].SPDXID] | sort)
  and ([.relationships[] | select(.relationshipType == "DESCRIBES") | .relatedSpdxElement]) == [.packages[0].SPDXID]
  and .spdxVersion == "SPDX-2.3" and ([.packages[].name] | index("liaison-sales") and index("libssl3"))' "$work/sbom" >/dev/null || fail "the list of what is inside"
# Of the web app, too: each package that its own licences name.
run --entrypoint cat $image /usr/share/liaison/web/licenses.txt >"$work/web" 2>/dev/null || true
if [ -s "$work/web" ]; then
  grep -oP '^\S+ \S+(?= \(\S.*\)$)' "$work/web" | sort -u >"$work/wanted"
  jq -r '.packages[] | select(.externalRefs[0].referenceLocator // "" | startswith("pkg:npm/")) | .name + " " + .versionInfo' "$work/sbom" | sort -u >"$work/listed"
  [ "$(wc -l <"$work/wanted")" -gt 10 ] && diff "$work/wanted" "$work/listed" || fail "packages of the web app are not listed"
fi
run --entrypoint cat $image /usr/share/liaison/licences.txt >"$work/licences" && grep -q '^liaison-sales .*: Apache-2.0' "$work/licences" || fail "the licences"
run $image liaison --version | grep '^liaison ' >/dev/null || fail "the command line"
run $image | grep 'that department' >/dev/null || fail "no help without a command"

# From here on a network that nobody else sees, and services of compose in it.
if [ "${LIA_NET:-}" != 1 ]; then
  export LIA_NET=1 LIAISON_IMAGE=$image
  exec unshare --net bash "$SOURCE/tests/deploy/compose.sh"
fi
