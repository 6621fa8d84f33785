#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The release's Debian packages on a copy of this machine's file system (an overlay that nobody else
# sees): installed, started as the unit says and as its user, upgraded under data, removed, purged.
# systemd is not running here: it checks the units and judges them without starting them.
set -euo pipefail
: "${RELEASE:?}"
fail() { echo "$*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
packages="$RELEASE/packages"
ls "$packages"/liaison-sales_*.deb >/dev/null 2>&1 || skip "no packages: cpack --config build/release/CPackConfig.cmake"
[ "$(id -u)" = 0 ] || skip "an overlay of the file system needs root"
grep -q overlay /proc/filesystems || skip "this kernel has no overlay file system"
for tool in dpkg-deb systemd-analyze setpriv lintian; do command -v $tool >/dev/null || skip "$tool is not installed"; done
if [ -z "${LIA_ALONE:-}" ]; then
  work=$(mktemp -d)
  status=0
  LIA_ALONE=$work unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0" || status=$?
  rmdir "$work"
  exit $status
fi

work=$LIA_ALONE
mount -t tmpfs none "$work"
mkdir "$work"/{upper,work,root,new}
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
# Devices of its own: what maintainer scripts do to them does not reach the machine's.
mount -t tmpfs none "$root/dev"
for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9"; do
  # shellcheck disable=SC2086
  set -- $device
  mknod -m 666 "$root/dev/$1" c "$2" "$3"
done
mkdir "$root/dev/shm"
mount -t tmpfs none "$root/dev/shm"
mount -t tmpfs none "$root/run"
ip link set lo up
cp "$packages"/*.deb "$root/srv/"
within() { chroot "$root" "$@"; }

# Clean as far as lintian sees.
lintian --tag-display-limit 0 --fail-on error,warning --suppress-tags bad-distribution-in-changes-file \
  --allow-root "$packages"/*.deb || fail "lintian is not content"

# Installed: users, folders, settings; a second time nothing of the operator's is overwritten.
within sh -c 'dpkg -i /srv/liaison-*.deb' >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log"; fail "not installed"; }
for name in sales marketing service analytics; do
  within id "liaison-$name" >/dev/null || fail "no user liaison-$name"
  [ -f "$root/etc/liaison/$name.yaml" ] || fail "no settings of $name"
  within liaison config check "/etc/liaison/$name.yaml" >/dev/null || fail "the settings of $name have mistakes"
  [ "$(within "liaison-$name" --version)" != "" ] || fail "$name does not run"
  [ -f "$root/usr/share/man/man8/liaison-$name.8.gz" ] || fail "no manual page of $name"
done
echo 'http: 127.0.0.1:27131' >>"$root/etc/liaison/sales.yaml"

# The units: without mistakes, and hardened.
for name in sales marketing service analytics; do
  within systemd-analyze verify "liaison-$name@$name.service" >"$work/verify" 2>&1 || true
  ! grep -i "liaison" "$work/verify" || fail "the unit of $name has mistakes"
  score=$(within systemd-analyze security --no-pager --offline=true "/usr/lib/systemd/system/liaison-$name@.service" 2>&1 |
    grep -oP 'exposure level for .*: \K[0-9.]+')
  awk "BEGIN { exit !($score <= 1.5) }" || fail "systemd judges liaison-$name@ with $score, not 1.5 or better"
done
echo "systemd-analyze security: $score"
for unit in liaison-backup.service liaison-backup.timer; do
  within systemd-analyze verify "/usr/lib/systemd/system/$unit" >"$work/verify" 2>&1 || true
  ! grep -i "liaison" "$work/verify" || fail "$unit has mistakes"
done
score=$(within systemd-analyze security --no-pager --offline=true /usr/lib/systemd/system/liaison-backup.service 2>&1 | grep -oP 'exposure level for .*: \K[0-9.]+')
awk "BEGIN { exit !($score <= 1.5) }" || fail "systemd judges liaison-backup with $score, not 1.5 or better"

# Started as the unit says, by hand: its command, environment, folder and user.
within sh -c 'liaison keys init --dir /srv/cluster --base 27100 >/dev/null &&
  liaison backup key --dir /srv/cluster --out /srv/backup.key >/dev/null 2>&1 &&
  /usr/share/liaison/place /srv/cluster sales /var/lib/liaison/sales liaison-sales:liaison-sales'
[ "$(stat -c %a "$root/var/lib/liaison/sales")" = 700 ] || fail "others can look into the node's folder"
[ ! -e "$root/var/lib/liaison/sales/admin.key" ] || fail "the administrators' key is at a node"
start() {
  local unit="$root/usr/lib/systemd/system/liaison-sales@.service" command
  command=$(sed -n 's/^ExecStart=//p' "$unit" | sed 's/%i/sales/g')
  # shellcheck disable=SC2046,SC2086
  env -i PATH=/usr/sbin:/usr/bin:/bin $(sed -n 's/^Environment=//p' "$unit" | sed 's/%i/sales/g') chroot "$root" \
    setpriv --reuid liaison-sales --regid liaison-sales --clear-groups --no-new-privs --bounding-set=-all $command \
    >>"$work/sales.log" 2>&1 &
  node=$!
  local limit=$((SECONDS + 120))
  while [ $SECONDS -lt $limit ]; do
    curl -fs -o "$work/ready" -m 2 http://127.0.0.1:27131/readyz && return
    kill -0 $node 2>/dev/null || { tail -5 "$work/sales.log"; fail "sales ended"; }
    read -r -t 0.05 <> <(:) || true
  done
  fail "sales is not ready"
}
stop() { kill -TERM $node; wait $node || fail "sales ended with $?"; }
customer() { curl -fs -m 10 "http://127.0.0.1:27131/api/v1/customers/$id" | jq -r .name; }
# What a unit's ExecStart makes of the file of settings, as systemd does: ${X} is one word, $X several.
backup() {
  within sh -c 'set -a; unset LIA_TOKEN; LIA_TOKEN_FILE=/srv/token; . /srv/backup.env; eval "exec $0"' \
    "$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/liaison-backup.service" | sed 's/${\([A-Z]*\)}/"$\1"/g')" >"$work/backup" 2>&1
}
sed 's/^NODES=.*/NODES="--node http:\/\/127.0.0.1:27131"/; s/^SHELF=.*/SHELF=\/srv\/shelf/' "$root/usr/share/liaison/backup.env" >"$root/srv/backup.env"
start
id=$(curl -fs -m 10 -H 'Content-Type: application/json' -d '{"name":"Ana"}' http://127.0.0.1:27131/api/v1/customers | jq -er .id)
stop

start
! backup || fail "a backup without the file of the token"
grep -q 'LIA_TOKEN_FILE: /srv/token cannot be read' "$work/backup" || { cat "$work/backup"; fail "not said what is missing"; }
echo lia_none_is_wanted_on_this_machine >"$root/srv/token"
backup || { cat "$work/backup"; fail "the backup's unit makes none"; }
within liaison backup verify --from /srv/shelf --key /srv/backup.key --name sales >"$work/backup" 2>&1 || { cat "$work/backup"; fail "the backup is not good"; }
stop

# Upgraded: the next version's package over this one; data and settings stay.
for package in sales common; do
  dpkg-deb -R "$packages"/liaison-${package}_*.deb "$work/new/$package"
  sed -i -E 's/^Version: .*/Version: 9.9.9/; s/(liaison-common \(= )[^)]*/\19.9.9/' "$work/new/$package/DEBIAN/control"
  dpkg-deb -Znone -b "$work/new/$package" "$root/srv/next-$package.deb" >/dev/null
done
within sh -c 'dpkg -r liaison-marketing liaison-service liaison-analytics && dpkg -i /srv/next-*.deb' \
  >>"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log"; fail "not upgraded"; }
[ "$(within dpkg-query -W -f '${Version}' liaison-sales)" = 9.9.9 ] || fail "not upgraded"
grep -q 'http: 127.0.0.1:27131' "$root/etc/liaison/sales.yaml" || fail "the operator's settings are overwritten"
start
[ "$(customer)" = Ana ] || fail "the customer is gone"
if [ -f "$root/usr/share/liaison/web/index.html" ]; then
  for file in "$root"/usr/share/liaison/web/assets/*.js; do
    curl -fs -m 10 "http://127.0.0.1:27131/assets/${file##*/}" | cmp -s - "$file" || fail "the web app is not served: ${file##*/}"
  done
  curl -fs -m 10 http://127.0.0.1:27131/ | grep '<script' >/dev/null || fail "the web app has no page"
else
  echo "the packages have no web app: tools/web build before cpack"
fi
stop

# Removed: the program goes, settings and data stay; purged: settings go, too.
within dpkg -r liaison-sales >>"$work/dpkg.log" 2>&1 || fail "not removed"
[ ! -e "$root/usr/bin/liaison-sales" ] || fail "the program is still there"
[ -f "$root/etc/liaison/sales.yaml" ] || fail "removing took the settings"
within dpkg -P liaison-sales >>"$work/dpkg.log" 2>&1 || fail "not purged"
[ ! -e "$root/etc/liaison/sales.yaml" ] || fail "purging left the settings"
[ -d "$root/var/lib/liaison/sales/sales/log" ] || fail "purging took customers' data"
within dpkg -P liaison-marketing liaison-service liaison-analytics liaison-tools liaison-common >>"$work/dpkg.log" 2>&1 || fail "not purged"
left=$(within find /usr /etc -path /usr/share/dict -prune -o -name '*liaison*' -print | head)
[ -z "$left" ] || fail "left behind: $left"
