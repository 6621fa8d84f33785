# SPDX-License-Identifier: Apache-2.0
# lan - a LAN of four hosts, each with one department, for a test: network namespaces of this test's
# own, gone when it ends, and a switch in user space between them (switch.c) that cuts, delays and
# loses. Sourced in place of lib.sh, first thing; the script then runs again inside. Where the kernel
# does not allow namespaces the test is skipped.
if [ -z "${IN_LAN:-}" ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v ip >/dev/null ||
     ! unshare --net --mount --pid --fork --kill-child --mount-proc true 2>/dev/null; then
    echo "SKIPPED: network namespaces are not allowed here"
    exit 77
  fi
  IN_LAN=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
fi
mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up
for i in 1 2 3 4; do
  ip netns add h$i
  ip link add p$i type veth peer name eth0 netns h$i || { echo "SKIPPED: no virtual cables in this kernel"; exit 77; }
  ip link set p$i up
  ip -n h$i addr add 10.77.0.$i/24 dev eth0
  ip -n h$i link set lo up
  ip -n h$i link set eth0 up
done
. "$(dirname "$0")/lib.sh"

coproc SWITCH { exec "$BIN/switch" "${SEED:-1}" p1 p2 p3 p4; }
order() { echo "$*" >&"${SWITCH[1]}"; }

# HTTP is on each host's own loopback.
declare -A host=([sales]=1 [marketing]=2 [service]=3 [analytics]=4)
at() { local name=$1; shift; ip netns exec "h${host[$name]}" "$@"; }

lan_start() {
  local i=0 name
  base=21000
  "$BIN/liaison" keys init --dir "$dir" --base $base --host 10.77.0.1 --host 10.77.0.2 --host 10.77.0.3 --host 10.77.0.4 >/dev/null
  for name in "${departments[@]}"; do port[$name]=$((base + i)); i=$((i + 1)); done
  for name in "${departments[@]}"; do node_start "$name" ip netns exec "h${host[$name]}"; done
  for name in "${departments[@]}"; do node_ready "$name"; done
}
