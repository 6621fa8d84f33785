/* SPDX-License-Identifier: Apache-2.0 */
/* Dashboards for Grafana (schema 39), of one table: what a panel shows, in which unit, and the
 * question that Prometheus is asked. */
#include <stdio.h>

#include "common/wire/json.h"
#include "tools/pages/pages.h"

#define WIDE   24 /* columns of Grafana's grid */
#define HEIGHT 8

typedef struct panel {
    const char *title, *unit, *expr, *legend, *about;
    bool row;  /* a heading */
    bool stat; /* a number rather than a curve */
} panel;

#define ROW(name)                                                                                  \
    {                                                                                              \
        .title = (name), .row = true                                                               \
    }
#define STAT(name, of, ask, who, what)                                                             \
    {                                                                                              \
        .title = (name), .unit = (of), .expr = (ask), .legend = (who), .about = (what),            \
        .stat = true                                                                               \
    }
#define CURVE(name, of, ask, who, what)                                                            \
    {                                                                                              \
        .title = (name), .unit = (of), .expr = (ask), .legend = (who), .about = (what)             \
    }
#define NODE "{instance=~\"$node\"}"

static const panel cluster[] = {
    ROW("Is all well?"),
    STAT("Takes commands", "bool_yes_no", "min by (instance) (liaison_up" NODE ")", "{{instance}}",
         "No: it cannot commit; /readyz says why."),
    STAT("Behind", "s", "max by (instance) (liaison_lane_behind_seconds" NODE ")", "{{instance}}",
         "For how long it has been behind with what anybody wrote."),
    STAT("Failed runs", "short", "max(liaison_automation_runs{state=\"failed\"})", "runs",
         "Of rules and flows; they wait for somebody to look."),
    STAT("Certificate ends in", "s",
         "min by (instance) (liaison_certificate_expires_seconds" NODE " - time())", "{{instance}}",
         ""),
    STAT("Since the last backup", "s",
         "max by (instance) (time() - liaison_backup_timestamp_seconds" NODE ")", "{{instance}}",
         "Decades: never. The shelf says more: liaison backup list."),
    ROW("Replication"),
    CURVE("Events that are missing", "short",
          "sum by (instance, node) (liaison_lane_behind_events" NODE ")",
          "{{instance}} of {{node}}", "Events of a lane that others hold and this node not."),
    CURVE("Taken from others", "ops",
          "rate(liaison_events_foreign_total" NODE "[$__rate_interval])", "{{instance}}", ""),
    CURVE("Sessions", "short", "sum by (instance) (liaison_peer_connected" NODE ")", "{{instance}}",
          "Peers with which a session stands."),
    CURVE("Bytes from peers", "Bps",
          "sum by (instance) (rate(liaison_peer_received_bytes_total" NODE "[$__rate_interval]))",
          "{{instance}}", ""),
    CURVE("States that differ, damaged blocks", "short",
          "max by (instance) (liaison_peer_state_differs" NODE
          ") + max by (instance) (liaison_log_damaged_blocks" NODE ")",
          "{{instance}}", "Anything above 0 for more than minutes is a page."),
    CURVE("Receipts owed for erasures", "short", "liaison_erasure_receipts_owed" NODE,
          "{{instance}}", ""),
    ROW("Disk"),
    CURVE("Free", "bytes", "liaison_disk_free_bytes" NODE, "{{instance}}", ""),
    CURVE("Log", "bytes", "liaison_log_used_bytes" NODE, "{{instance}}", ""),
    CURVE("Views", "bytes", "liaison_views_used_bytes" NODE, "{{instance}}", ""),
};

static const panel node[] = {
    ROW("Work"),
    CURVE("Commands", "ops", "rate(liaison_commands_total" NODE "[$__rate_interval])",
          "{{instance}}", ""),
    CURVE("Refused by a rule", "ops",
          "rate(liaison_commands_refused_total" NODE "[$__rate_interval])", "{{instance}}", ""),
    CURVE("Waiting for the writer", "short", "liaison_queue_commands" NODE, "{{instance}}", ""),
    CURVE("Time of a commit", "s",
          "rate(liaison_commit_seconds_total" NODE
          "[$__rate_interval]) / rate(liaison_commits_total" NODE "[$__rate_interval])",
          "{{instance}}", "Mean; it is mostly the disk's flush."),
    CURVE("Commands of a commit", "short",
          "rate(liaison_commands_total" NODE "[$__rate_interval]) / rate(liaison_commits_total" NODE
          "[$__rate_interval])",
          "{{instance}}", "Busy nodes commit larger groups."),
    CURVE("Writing out views", "percentunit",
          "rate(liaison_views_flush_seconds_total" NODE "[$__rate_interval])", "{{instance}}",
          "Share of the time."),
    CURVE("Own memory", "bytes", "liaison_memory_bytes" NODE, "{{instance}}",
          "Without pages of the store, which the kernel may drop."),
    ROW("HTTP"),
    CURVE("Requests", "reqps", "rate(liaison_http_requests_total" NODE "[$__rate_interval])",
          "{{instance}}", ""),
    CURVE("Connections, live streams", "short",
          "liaison_http_connections" NODE " + liaison_http_streams" NODE, "{{instance}}", ""),
    CURVE("Memory of connections", "bytes", "liaison_http_memory_bytes" NODE, "{{instance}}", ""),
    CURVE("Looks at personal data", "ops",
          "rate(liaison_audit_noted_total" NODE "[$__rate_interval])", "{{instance}}", ""),
    ROW("Timers, mail, webhooks, search"),
    CURVE("Timers late", "s", "liaison_jobs_late_seconds" NODE, "{{instance}}",
          "By how much the earliest is overdue."),
    CURVE("Timers run", "ops", "rate(liaison_jobs_run_total" NODE "[$__rate_interval])",
          "{{instance}}", ""),
    CURVE("Mails waiting", "short", "liaison_mail_waiting" NODE, "{{instance}}", ""),
    CURVE("Mail server takes nothing for", "s", "liaison_mail_failing_seconds" NODE, "{{instance}}",
          ""),
    CURVE("Webhooks: delivered", "ops",
          "rate(liaison_webhook_delivered_total" NODE "[$__rate_interval])", "{{instance}}", ""),
    CURVE("Webhooks: failed attempts", "ops",
          "rate(liaison_webhook_failed_total" NODE "[$__rate_interval])", "{{instance}}", ""),
    CURVE("Traces: spans dropped", "ops",
          "rate(liaison_trace_spans_dropped_total" NODE "[$__rate_interval])", "{{instance}}",
          "No room, or no collector that takes them."),
    CURVE("Runs of rules and flows", "short", "max by (state) (liaison_automation_runs)",
          "{{state}}", ""),
    CURVE("Search: events behind", "short", "liaison_search_behind_events" NODE, "{{instance}}",
          ""),
    CURVE("Background: records waiting", "short", "liaison_background_waiting" NODE,
          "{{instance}} {{work}}", ""),
};

static void put_member(lia_buf *out, const char *name, const char *text)
{
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, lia_span_text(text));
}

static void put_panel(lia_buf *out, const panel *p, size_t id, unsigned x, unsigned y)
{
    unsigned wide = p->row    ? WIDE
                    : p->stat ? WIDE / 4
                              : WIDE / 3,
             high = p->row    ? 1
                    : p->stat ? 4
                              : HEIGHT;
    lia_buf_format(
        out, "%s{\"id\":%zu,\"gridPos\":{\"x\":%u,\"y\":%u,\"w\":%u,\"h\":%u},\"type\":\"%s\"",
        id > 1 ? ",\n" : "", id, x, y, wide, high,
        p->row    ? "row"
        : p->stat ? "stat"
                  : "timeseries");
    put_member(out, "title", p->title);
    if (!p->row) {
        put_member(out, "description", p->about);
        lia_buf_text(out, ",\"datasource\":{\"type\":\"prometheus\",\"uid\":\"${source}\"},"
                          "\"fieldConfig\":{\"defaults\":{\"min\":0");
        put_member(out, "unit", p->unit);
        lia_buf_text(out, "},\"overrides\":[]},\"targets\":[{\"refId\":\"A\"");
        put_member(out, "expr", p->expr);
        put_member(out, "legendFormat", p->legend);
        lia_buf_text(out, "}]");
    }
    lia_buf_byte(out, '}');
}

static void put_panels(lia_buf *out, const panel *panels, size_t count)
{
    unsigned x = 0, y = 0, high = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned wide = panels[i].row ? WIDE : panels[i].stat ? WIDE / 4 : WIDE / 3;
        if (x + wide > WIDE) x = 0, y += high;
        put_panel(out, &panels[i], i + 1, x, y);
        x += wide;
        high = panels[i].row ? 1 : panels[i].stat ? 4 : HEIGHT;
    }
}

static void put_dashboard(lia_buf *out, const char *uid, const char *title, const panel *panels,
                          size_t count)
{
    lia_buf_format(out,
                   "{\"uid\":\"%s\",\"title\":\"%s\",\"tags\":[\"liaison\"],\"schemaVersion\":39,"
                   "\"refresh\":\"30s\","
                   "\"time\":{\"from\":\"now-6h\",\"to\":\"now\"},\"editable\":true,"
                   "\n\"templating\":{\"list\":["
                   "{\"name\":\"source\",\"type\":\"datasource\",\"query\":\"prometheus\"},"
                   "{\"name\":\"node\",\"type\":\"query\",\"multi\":true,\"includeAll\":true,"
                   "\"allValue\":\".*\","
                   "\"refresh\":2,\"datasource\":{\"type\":\"prometheus\",\"uid\":\"${source}\"},"
                   "\"query\":\"label_values(liaison_up, "
                   "instance)\",\"current\":{\"text\":\"All\",\"value\":\"$__all\"}}"
                   "]},\n\"panels\":[\n",
                   uid, title);
    put_panels(out, panels, count);
    lia_buf_text(out, "\n]}\n");
}

void lia_pages_dashboard_of_cluster(lia_buf *out)
{
    put_dashboard(out, "liaison-cluster", "Liaison: the cluster", cluster, LIA_COUNT(cluster));
}

void lia_pages_dashboard_of_node(lia_buf *out)
{
    put_dashboard(out, "liaison-node", "Liaison: nodes", node, LIA_COUNT(node));
}
