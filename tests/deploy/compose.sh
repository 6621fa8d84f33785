#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The second half of container_test.sh, in its own network: deploy/compose.yaml, faults included.
set -euo pipefail
fail() { echo "$*" >&2; exit 1; }
ip link set lo up
project=liaisontest$$
compose() { /usr/bin/python3 "$SOURCE/tests/deploy/compose_up.py" $project "$SOURCE/deploy/compose.yaml" >>"$LIA_ALONE/compose.log" 2>&1; }
name() { echo "${project}_$1_1"; }
departments="sales marketing service analytics"
finish() {
  local status=$?
  if [ $status != 0 ]; then
    tail -5 "$LIA_ALONE/compose.log" >&2
    for d in init $departments; do echo "--- $d" >&2; podman logs --tail 4 "$(name "$d")" >&2 || true; done
  fi
  # shellcheck disable=SC2046
  { podman rm -f -t 0 $(podman ps -aq --filter "name=^${project}_") || true
    podman volume rm -f $(podman volume ls -q | grep "^${project}_") || true
    podman network rm -f "${project}_cluster" || true; } >/dev/null 2>&1
  exit $status
}
trap finish EXIT
until_true() { # seconds, command ...
  local limit=$((SECONDS + $1)); shift
  until "$@"; do
    [ $SECONDS -lt $limit ] || fail "waited too long for: $*"
    read -r -t 0.2 <> <(:) || true
  done
}
port() { case $1 in sales) echo 27100 ;; marketing) echo 27101 ;; service) echo 27102 ;; *) echo 27103 ;; esac; }

# Ready after one command.
compose || fail "compose up"
certificate() { podman exec "$(name sales)" cat /var/lib/liaison/tls/cert.pem >"$LIA_ALONE/ca.pem" 2>/dev/null; }
until_true 60 certificate
ask() { local d=$1 path=$2; shift 2; curl -fsS -m 10 --cacert "$LIA_ALONE/ca.pem" "$@" "https://localhost:$(port "$d")$path" 2>/dev/null; }
ready() { ask "$1" /readyz -o "$LIA_ALONE/out"; }
for d in $departments; do until_true 60 ready "$d"; done
for d in $departments; do podman healthcheck run "$(name "$d")" >/dev/null || fail "$d is not healthy"; done

# As little as can be: no root, no capability, nothing to write to but its volume, memory bounded.
for d in $departments; do
  podman exec "$(name "$d")" sh -c '[ "$(id -u)" = 10001 ] && grep -q "^CapBnd:.*0000000000000000$" /proc/1/status &&
    grep -q "^NoNewPrivs:.*1$" /proc/1/status && ! touch /usr/x 2>/dev/null && touch /var/lib/liaison/x && rm /var/lib/liaison/x' ||
    fail "$d may do more than it needs"
  ! podman exec "$(name "$d")" ls /cluster/admin.key >/dev/null 2>&1 || fail "$d has the administrators' key"
done
[ "$(podman inspect "$(name sales)" --format '{{.HostConfig.Memory}}')" = $((512 << 20)) ] || fail "no memory limit"
[ "$(podman exec "$(name sales)" sh -c 'ls -A /var/lib/liaison | grep -c key || true')" = 0 ] || fail "keys lie open"

# Somebody becomes administrator by the link in the log; then all four show what one has recorded.
secret=$(podman logs "$(name sales)" 2>&1 | grep -o '#setup=[^"]*' | head -1 | cut -d= -f2)
ask sales /api/v1/setup -H 'Content-Type: application/json' -o "$LIA_ALONE/out" \
  -d "{\"secret\":\"$secret\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"a sea of green tea\"}" || fail "setup"
token=$(ask sales /api/v1/session -H 'Content-Type: application/json' \
  -d '{"email":"ada@example.com","password":"a sea of green tea","token":true}' | jq -er .token)
api() { local d=$1 path=$2; shift 2; ask "$d" "/api/v1/$path" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }
customer() { api "$1" customers -d "{\"name\":\"$2\"}" | jq -er .id; }
has() { [ "$(api "$1" "customers/$2" | jq -r .name)" = "$3" ]; }
id=$(customer sales Ana)
for d in $departments; do until_true 30 has "$d" "$id" Ana; done

# Backed up as the file says, sealed, and proven with the key that init made; without a sign that counts, not.
backup() { /usr/bin/python3 "$SOURCE/tests/deploy/compose_up.py" $project "$SOURCE/deploy/compose.yaml" backup >"$LIA_ALONE/backup" 2>"$LIA_ALONE/backup.err"; }
! LIA_TOKEN=lia_made_up backup || fail "a backup for a token that does not count"
LIA_TOKEN=$token backup || { grep '^liaison' "$LIA_ALONE/backup.err"; fail "no backup"; }
[ "$(jq -s 'map(.node) | sort | join(" ")' "$LIA_ALONE/backup" -r)" = "analytics marketing sales service" ] || { cat "$LIA_ALONE/backup"; fail "not all are backed up"; }
podman run --rm --no-healthcheck --network none --read-only --cap-drop all --tmpfs /tmp -v "${project}_cluster:/cluster" -v "${project}_shelf:/shelf:ro" \
  "$LIAISON_IMAGE" liaison backup verify --from /shelf --key /cluster/backup.key --dir /cluster >"$LIA_ALONE/backup" 2>&1 ||
  { tail -3 "$LIA_ALONE/backup"; fail "the backup is not good"; }

# Another certificate is taken without a stop.
pid=$(podman inspect "$(name analytics)" --format '{{.State.Pid}}')
podman exec "$(name analytics)" sh -c 'cd /var/lib/liaison/tls && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
  -subj /CN=renewed -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null && cat cert.pem' >"$LIA_ALONE/renewed.pem"
podman exec "$(name analytics)" /usr/share/liaison/entry reload || fail "reload"
renewed() { curl -fs -o "$LIA_ALONE/out" -m 5 --cacert "$LIA_ALONE/renewed.pem" "https://localhost:27103/readyz"; }
until_true 30 renewed
[ "$(podman inspect "$(name analytics)" --format '{{.State.Pid}}')" = "$pid" ] || fail "a new certificate stopped the node"
podman exec "$(name sales)" cat /var/lib/liaison/tls/cert.pem | podman exec -i "$(name analytics)" sh -c 'cat >/var/lib/liaison/tls/cert.pem'
podman exec "$(name sales)" cat /var/lib/liaison/tls/key.pem | podman exec -i "$(name analytics)" sh -c 'cat >/var/lib/liaison/tls/key.pem'
podman exec "$(name analytics)" /usr/share/liaison/entry reload
until_true 30 ready analytics

# Killed: started again by itself, with all it had said it has.
pid=$(podman inspect "$(name marketing)" --format '{{.State.Pid}}')
id=$(customer marketing Ben)
kill -9 "$pid"
another() { local now; now=$(podman inspect "$(name marketing)" --format '{{.State.Pid}}'); [ "$now" != "$pid" ] && [ "$now" != 0 ] && ready marketing; }
until_true 60 another
has marketing "$id" Ben || fail "marketing has forgotten what it acknowledged"

# Cut off from the others: both sides go on; healed, all agree.
podman network disconnect "${project}_cluster" "$(name service)" || fail "disconnect"
id=$(customer analytics Cleo)
until_true 30 has sales "$id" Cleo
podman exec "$(name service)" /usr/share/liaison/entry health || fail "service ended with the network"
podman network connect --ip 10.83.71.13 "${project}_cluster" "$(name service)" || fail "connect"
until_true 60 has service "$id" Cleo
all_connected() { api sales status | jq -e '[.peers[] | .connected] | all' >/dev/null; }
until_true 60 all_connected

# Within its bounds, and far from them.
for d in $departments; do
  most=$(podman exec "$(name "$d")" sh -c 'cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes /sys/fs/cgroup/memory.peak 2>/dev/null || true')
  [ -z "$most" ] || [ "$most" -lt $((256 << 20)) ] || fail "$d has used $most bytes"
done
echo "most memory of analytics: ${most:-not told} bytes"

# Ended in order.
for d in $departments; do
  podman stop -t 20 "$(name "$d")" >/dev/null 2>&1 || fail "stop $d"
  [ "$(podman inspect "$(name "$d")" --format '{{.State.ExitCode}}')" = 0 ] || fail "$d did not end in order"
done
