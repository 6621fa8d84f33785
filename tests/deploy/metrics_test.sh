#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What Prometheus is told by real nodes is what it wants to read (promtool), every alert fires when it should
# and not before (rule tests), and no alert or dashboard speaks of a figure that no node tells.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cluster/lib.sh"
: "${SOURCE:?}" "${PAGES:?}"
command -v promtool >/dev/null || { echo "promtool is not installed: tools/deps prometheus"; exit 77; }
rules="$SOURCE/deploy/prometheus"

promtool check rules "$rules/liaison.rules.yaml" >"$dir/said" || { cat "$dir/said"; fail "the rules have mistakes"; }
(cd "$rules" && promtool test rules liaison.rules.test.yaml) >"$dir/said" 2>&1 || { cat "$dir/said"; fail "an alert does not do what it should"; }
sed -n 's/.*- alert: //p' "$rules/liaison.rules.yaml" | sort >"$dir/alerts"
sed -n 's/.*alertname: \([A-Za-z]*\).*/\1/p' "$rules/liaison.rules.test.yaml" | sort -u >"$dir/tested"
diff "$dir/alerts" "$dir/tested" >"$dir/said" || { cat "$dir/said"; fail "alerts without a test"; }

# One node with a certificate and a mail server, one without.
cluster_make
departments=(sales marketing)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$dir/tls.key" -out "$dir/tls.pem" 2>/dev/null
program[sales]="$BIN/liaison-sales --tls-cert $dir/tls.pem --tls-key $dir/tls.key --smtp smtp://127.0.0.1:9 --smtp-from crm@example.com"
node_start sales
node_start marketing
node_ready marketing
secure() { curl -fsS -m 10 --cacert "$dir/tls.pem" "https://localhost:${port[sales]}$1"; }
until_true 60 secure /readyz >"$dir/said" 2>&1
met() { curl -fs -m 5 "$(url marketing)/metrics" | grep '^liaison_lane_head.*sales' >/dev/null; }
until_true 60 met
secure /metrics >"$dir/sales.metrics"
curl -fs -m 10 "$(url marketing)/metrics" >"$dir/marketing.metrics"
for name in sales marketing; do
  promtool check metrics <"$dir/$name.metrics" >"$dir/said" 2>&1 || { cat "$dir/said"; fail "promtool is not content with $name"; }
  awk '/^# HELP/ { help[$3] = 1 } /^# TYPE/ { type[$3] = 1 }
    /^[a-z]/ { n = $1; sub(/\{.*/, "", n); if (!help[n]) sub(/_(bucket|sum|count)$/, "", n); if (!help[n] || !type[n]) { print n; bad = 1 } } END { exit bad }' \
    "$dir/$name.metrics" || fail "figures of $name without HELP or TYPE"
done
value() { awk -v n="liaison_$2" '$1 == n { print $2 }' "$dir/$1.metrics"; }
ends=$(value sales certificate_expires_seconds)
[ -n "$ends" ] && [ $((ends - $(date +%s))) -gt 100000 ] && [ $((ends - $(date +%s))) -lt 200000 ] || fail "the certificate ends at '$ends'"
[ "$(value sales mail_server)$(value marketing mail_server)" = 10 ] || fail "who has a mail server"
[ "$(value sales disk_free_bytes)" -gt 0 ] || fail "no room"
! grep -q certificate "$dir/marketing.metrics" || fail "a certificate that is not there"

# What rules and dashboards speak of is told.
grep -oh '^liaison_[a-z_]*' "$dir"/*.metrics | sort -u >"$dir/told"
grep -oh 'liaison_[a-z_]*' "$rules/liaison.rules.yaml" "$rules/liaison.rules.test.yaml" "$PAGES"/*.dashboard.json | sort -u >"$dir/spoken"
unknown=$(comm -13 "$dir/told" "$dir/spoken")
[ -z "$unknown" ] || fail "no node tells $unknown"
for dashboard in "$PAGES"/*.dashboard.json; do
  jq -e '.title and .uid and (.panels | length > 3) and ([.panels[].id] | unique | length) == (.panels | length)
    and all(.panels[]; .type == "row" or (.targets | length > 0))' "$dashboard" >/dev/null || fail "$dashboard is no dashboard"
  jq -r '.panels[].targets[]?.expr' "$dashboard" | sed 's/\$__rate_interval/5m/g; s/\$node/sales/g' |
    awk '{ printf "  - record: x:%d\n    expr: %s\n", NR, "|-\n      " $0 }' | { printf 'groups:\n- name: x\n  rules:\n'; cat; } >"$dir/expr.yaml"
  promtool check rules "$dir/expr.yaml" >"$dir/said" 2>&1 || { cat "$dir/said"; fail "$dashboard asks what Prometheus does not understand"; }
done
