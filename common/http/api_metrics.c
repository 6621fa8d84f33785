/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics: the Prometheus text format, version 0.0.4. */
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "common/http/api_inner.h"
#include "common/http/api_lanes.h"

typedef enum figure_type { COUNTER, GAUGE } figure_type;

static void head(lia_buf *out, const char *name, figure_type type, const char *help)
{
    lia_buf_format(out, "# HELP liaison_%s %s\n# TYPE liaison_%s %s\n", name, help, name,
                   type == COUNTER ? "counter" : "gauge");
}

static void whole(lia_buf *out, const char *name, figure_type type, const char *help,
                  uint64_t value)
{
    head(out, name, type, help);
    lia_buf_format(out, "liaison_%s %llu\n", name, (unsigned long long)value);
}

static void seconds(lia_buf *out, const char *name, figure_type type, const char *help, uint64_t ns)
{
    head(out, name, type, help);
    lia_buf_format(out, "liaison_%s %.6f\n", name, (double)ns / 1e9);
}

static void background_figure(lia_buf *out, const char *name, const char *work, uint64_t value)
{
    lia_buf_format(out, "liaison_%s{work=\"%s\"} %llu\n", name, work, (unsigned long long)value);
}

static void put_backgrounds(lia_buf *out, const lia_node_stats *s)
{
    head(out, "background_records", GAUGE, "Records that work beside the commands looks after.");
    for (size_t i = 0; i < s->background_count; i++)
        background_figure(out, "background_records", s->backgrounds[i].name,
                          s->backgrounds[i].records);
    head(out, "background_waiting", GAUGE, "Of those, the ones that wait for it.");
    for (size_t i = 0; i < s->background_count; i++)
        background_figure(out, "background_waiting", s->backgrounds[i].name,
                          s->backgrounds[i].waiting);
    head(out, "background_seconds_total", COUNTER, "Time spent on it.");
    for (size_t i = 0; i < s->background_count; i++)
        lia_buf_format(out, "liaison_background_seconds_total{work=\"%s\"} %.6f\n",
                       s->backgrounds[i].name, (double)s->backgrounds[i].spent_ns / 1e9);
}

/* Commits by how long they took: what everybody who waits for an answer waits for. */
static void put_commits(lia_buf *out, const lia_node_stats *s)
{
    uint64_t sum = 0;
    lia_buf_text(out, "# HELP liaison_commit_seconds How long group commits took.\n"
                      "# TYPE liaison_commit_seconds histogram\n");
    for (size_t i = 0; i + 1 < LIA_COMMIT_BUCKETS; i++) {
        sum += s->commit_buckets[i];
        lia_buf_format(out, "liaison_commit_seconds_bucket{le=\"%g\"} %llu\n",
                       (double)lia_commit_bounds_us[i] / 1e6, (unsigned long long)sum);
    }
    sum += s->commit_buckets[LIA_COMMIT_BUCKETS - 1];
    lia_buf_format(
        out,
        "liaison_commit_seconds_bucket{le=\"+Inf\"} %llu\nliaison_commit_seconds_sum %.6f\n"
        "liaison_commit_seconds_count %llu\n",
        (unsigned long long)sum, (double)s->commit_ns / 1e9, (unsigned long long)sum);
}

/* Own: what the kernel cannot drop; mapped: pages of files, which it can. In bytes; proc(5), statm.
 */
static bool memory_of_process(uint64_t *own, uint64_t *mapped)
{
    unsigned long long resident = 0, shared = 0;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return false;
    bool read = fscanf(file, "%*u %llu %llu", &resident, &shared) == 2 && shared <= resident;
    fclose(file);
    *own = (resident - shared) * page;
    *mapped = shared * page;
    return read;
}

/* Of the process, as the kernel counts. */
static void put_process(lia_buf *out)
{
    uint64_t own = 0, mapped = 0;
    uv_rusage_t used = {0};
    if (memory_of_process(&own, &mapped)) {
        whole(out, "memory_bytes", GAUGE, "Memory of the process's own.", own);
        whole(out, "memory_mapped_bytes", GAUGE,
              "Pages of its store and programs in memory beside, which the kernel may drop.",
              mapped);
    }
    if (uv_getrusage(&used) == 0)
        seconds(out, "cpu_seconds_total", COUNTER, "Time of processors that it has used.",
                ((uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec) * 1000000000u +
                    ((uint64_t)used.ru_utime.tv_usec + (uint64_t)used.ru_stime.tv_usec) * 1000u);
}

static void put_node(lia_buf *out, lia_api *api)
{
    lia_node_stats s;
    lia_node_get_stats(api->node, &s);
    head(out, "up", GAUGE, "Whether commands are taken.");
    lia_buf_format(out, "liaison_up{node=\"%s\",department=\"%s\",version=\"%s\"} %d\n",
                   api->member->name, lia_department_name(api->service->department), LIA_VERSION,
                   lia_node_health(api->node, NULL) == LIA_OK);
    seconds(out, "start_time_seconds", GAUGE, "When the node was started, Unix time.",
            (uint64_t)s.started.ms * 1000000);
    whole(out, "commands_total", COUNTER, "Commands handled.", s.commands);
    whole(out, "commands_refused_total", COUNTER, "Commands that a rule declined.", s.refused);
    whole(out, "events_own_total", COUNTER, "Events written here.", s.events_own);
    whole(out, "events_foreign_total", COUNTER, "Events taken from other nodes.", s.events_foreign);
    whole(out, "commits_total", COUNTER, "Group commits.", s.commits);
    whole(out, "reactions_total", COUNTER, "Reactor calls.", s.reactions);
    whole(out, "jobs_run_total", COUNTER, "Timers that have run.", s.jobs_run);
    whole(out, "jobs_waiting", GAUGE, "Timers that are set.", s.jobs_waiting);
    seconds(out, "jobs_late_seconds", GAUGE, "By how much the earliest of them is overdue.",
            (uint64_t)s.jobs_late_ms * 1000000);
    seconds(out, "commit_seconds_total", COUNTER, "Time spent in commits.", s.commit_ns);
    put_commits(out, &s);
    seconds(out, "apply_seconds_total", COUNTER, "Time spent applying events.", s.apply_ns);
    whole(out, "queue_commands", GAUGE, "Commands that wait for the writer.", s.queue);
    whole(out, "group_last_commands", GAUGE, "Size of the last group commit.", s.group_last);
    whole(out, "group_max_commands", GAUGE, "Size of the largest group commit.", s.group_max);
    whole(out, "state_checks_total", COUNTER, "Comparisons of the views with their digests.",
          s.audit.checks);
    whole(out, "state_differences", GAUGE, "Buckets of the views found wrong.",
          s.audit.differences);
    whole(out, "views_refolds_total", COUNTER, "Parts of the views compared with the log.",
          s.audit.refolds);
    whole(out, "views_passes_total", COUNTER, "Times that all parts of them were.", s.audit.passes);
    whole(out, "views_not_judged_total", COUNTER, "Parts that could not be compared.",
          s.audit.failures);
    whole(out, "views_rows_repaired_total", COUNTER, "Wrong rows of the views put right.",
          s.audit.rows_repaired);
    whole(out, "erasure_passes_total", COUNTER, "Passes that took erased bytes from the disk.",
          s.erasing.passes);
    whole(out, "erasure_customers", GAUGE, "Customers that the pass under way erases.",
          s.erasing.customers);
    whole(out, "erasure_receipts_owed", GAUGE,
          "Customers whose erasure this node has not given its receipt for.",
          s.erasing.customers + s.erasing.waiting);
    whole(out, "arrival", GAUGE, "Highest visible arrival number.", s.arrival);
    whole(out, "log_used_bytes", GAUGE, "Bytes of the log that hold data.", s.log_used);
    whole(out, "log_limit_bytes", GAUGE, "Most bytes the log may hold.", s.log_cap);
    whole(out, "views_used_bytes", GAUGE, "Bytes of the views on disk.", s.views.disk_used);
    whole(out, "views_limit_bytes", GAUGE, "Most bytes the views may hold.", s.views.disk_cap);
    whole(out, "views_table_bytes", GAUGE, "Bytes of view rows in memory.", s.views.table_bytes);
    whole(out, "views_flushes_total", COUNTER, "Tables of view rows written out.", s.views.flushes);
    seconds(out, "views_flush_seconds_total", COUNTER, "Time spent writing them out.",
            s.views.flush_ns);
    put_backgrounds(out, &s);
}

static void put_backup(lia_buf *out, const lia_api *api)
{
    seconds(out, "backup_timestamp_seconds", GAUGE,
            "As of when a whole backup of this node was last given, Unix time; 0: never.",
            (uint64_t)api->backup_given_ms * 1000000);
}

static void put_room(lia_buf *out, const lia_api *api)
{
    uint64_t free_bytes, all_bytes;
    lia_node_get_room(api->node, &free_bytes, &all_bytes);
    whole(out, "disk_free_bytes", GAUGE, "Bytes that the node's file system has left.", free_bytes);
    whole(out, "disk_bytes", GAUGE, "Bytes of the node's file system.", all_bytes);
}

static void put_inspection(lia_buf *out, const lia_api *api)
{
    lia_sync_inspection seen;
    lia_node_get_inspection(api->node, &seen);
    whole(out, "log_passes_total", COUNTER, "Times that the log was looked through for damage.",
          seen.passes);
    whole(out, "log_looked_at_bytes_total", COUNTER, "Bytes of it looked at.", seen.bytes);
    whole(out, "log_damaged_blocks", GAUGE, "Blocks that are not what their origin sealed.",
          seen.damaged);
    whole(out, "log_mended_blocks_total", COUNTER, "Blocks that peers have mended.", seen.mended);
}

static void put_search(lia_buf *out, const lia_api *api)
{
    lia_search_status s;
    if (!api->search) return;
    lia_search_get_status(api->search, &s);
    whole(out, "search_documents", GAUGE, "Records that can be found by what they say.",
          s.documents);
    whole(out, "search_behind_events", GAUGE, "Events that the search index does not have yet.",
          s.behind);
    whole(out, "search_building", GAUGE, "Whether it looks at all records.", s.scanning);
    whole(out, "search_used_bytes", GAUGE, "Bytes of the search index on disk.", s.disk_used);
}

static void put_http(lia_buf *out, const lia_api *api)
{
    lia_http_stats s = {0};
    lia_trail_stats looks;
    lia_trail_get_stats(api->trail, &looks);
    if (api->server) lia_http_get_stats(api->server, &s);
    whole(out, "http_requests_total", COUNTER, "Requests read.", s.requests);
    whole(out, "http_connections_total", COUNTER, "Connections accepted.", s.connections_total);
    whole(out, "http_refused_total", COUNTER, "Requests that were none.", s.refused);
    whole(out, "http_connections", GAUGE, "Connections open.", s.connections);
    whole(out, "http_streams", GAUGE, "Live streams open.", s.streams);
    whole(out, "audit_noted_total", COUNTER, "Looks at personal data.", looks.noted);
    whole(out, "audit_lost_total", COUNTER, "Looks that could not be kept.", looks.lost);
    if (s.certificate_expires) {
        head(out, "certificate_expires_seconds", GAUGE, "When the certificate ends, Unix time.");
        lia_buf_format(out, "liaison_certificate_expires_seconds %lld\n",
                       (long long)s.certificate_expires);
    }
    whole(out, "http_memory_bytes", GAUGE, "Memory held for connections.", s.memory);
}

/* Without a mail server nothing is wrong with it. */
static void put_mail(lia_buf *out, const lia_api *api)
{
    lia_mailer_status s = {0};
    if (api->mailer) lia_mailer_get_status(api->mailer, &s);
    int64_t failing_ms = s.failing.ms ? lia_time_now().ms - s.failing.ms : 0;
    whole(out, "mail_server", GAUGE, "Whether a mail server is set.", s.has_server);
    whole(out, "mail_waiting", GAUGE, "Mails that wait at this node, counted up to 1000.",
          s.waiting);
    whole(out, "mail_tried_total", COUNTER, "Attempts to give a mail to the server.", s.tried);
    whole(out, "mail_sent_total", COUNTER, "Mails that the server has taken.", s.sent);
    whole(out, "mail_failed_total", COUNTER, "Mails that no server will take.", s.failed);
    seconds(out, "mail_failing_seconds", GAUGE, "For how long the server has taken no mail.",
            failing_ms > 0 ? (uint64_t)failing_ms * 1000000 : 0);
}

static void put_automation(lia_buf *out, const lia_api *api)
{
    lia_run_figures figures = {0};
    if (lia_api_run_figures(api, &figures)) return;
    head(out, "automation_runs", GAUGE,
         "Runs of rules and flows, of all departments, counted up to 1000 a state.");
    lia_buf_format(out,
                   "liaison_automation_runs{state=\"failed\"} %zu\n"
                   "liaison_automation_runs{state=\"waiting\"} %zu\n"
                   "liaison_automation_runs{state=\"running\"} %zu\n",
                   figures.failed, figures.waiting, figures.running);
}

static void put_hooks(lia_buf *out, const lia_api *api)
{
    lia_hooks_stats s = {0};
    if (api->hooks) lia_hooks_get_stats(api->hooks, &s);
    whole(out, "webhooks", GAUGE, "Webhooks that this node delivers to.", s.hooks);
    whole(out, "webhook_deliveries_under_way", GAUGE, "Deliveries that wait for an answer.",
          s.under_way);
    whole(out, "webhook_delivered_total", COUNTER, "Events that receivers have taken.",
          s.delivered);
    whole(out, "webhook_failed_total", COUNTER, "Attempts that failed.", s.failed);
    whole(out, "webhook_skipped_total", COUNTER,
          "Events that a receiver has refused for days, and others not.", s.skipped);
}

static void put_traces(lia_buf *out, const lia_api *api)
{
    lia_exporter_stats s = {0};
    if (api->exporter) lia_exporter_get_stats(api->exporter, &s);
    whole(out, "trace_collector", GAUGE, "Whether spans are sent to a collector.",
          api->exporter != NULL);
    whole(out, "trace_spans_sent_total", COUNTER, "Spans that the collector has taken.", s.sent);
    whole(out, "trace_spans_dropped_total", COUNTER,
          "Spans that found no room or that the collector did not take.", s.dropped);
    whole(out, "trace_spans_waiting", GAUGE, "Spans that wait to be sent.", s.waiting);
    whole(out, "trace_requests_failed_total", COUNTER, "Requests to the collector that failed.",
          s.failures);
}

static void lane_label(lia_buf *out, const char *name, const lia_api *api, lia_origin origin)
{
    lia_buf_format(out, "liaison_%s{node=\"%s\",incarnation=\"%016llx\"} ", name,
                   lia_api_node_name(api, origin.node), (unsigned long long)origin.incarnation);
}

static void put_lanes(lia_buf *out, const lia_api *api, const lia_sync_lane_status *lanes,
                      size_t count)
{
    head(out, "lane_head", GAUGE, "Highest event number held of a lane.");
    for (size_t i = 0; i < count; i++) {
        lane_label(out, "lane_head", api, lanes[i].origin);
        lia_buf_format(out, "%llu\n", (unsigned long long)lanes[i].head);
    }
    head(out, "lane_behind_events", GAUGE, "Events of a lane that others hold and this node not.");
    for (size_t i = 0; i < count; i++) {
        lane_label(out, "lane_behind_events", api, lanes[i].origin);
        lia_buf_format(out, "%llu\n", (unsigned long long)lia_lane_behind(&lanes[i]));
    }
    head(out, "lane_behind_seconds", GAUGE, "For how long this node has been behind with a lane.");
    for (size_t i = 0; i < count; i++) {
        lane_label(out, "lane_behind_seconds", api, lanes[i].origin);
        lia_buf_format(out, "%.3f\n", (double)lia_since_ms(lanes[i].behind_since_ms) / 1000);
    }
    head(out, "lane_quarantined", GAUGE,
         "Whether a lane is shut out: its origin has said two things under one number.");
    for (size_t i = 0; i < count; i++) {
        lane_label(out, "lane_quarantined", api, lanes[i].origin);
        lia_buf_format(out, "%d\n", lanes[i].cause == LIA_SYNC_QUARANTINED);
    }
}

static void peer_figure(lia_buf *out, const lia_api *api, const char *name, uint16_t node,
                        uint64_t value)
{
    lia_buf_format(out, "liaison_%s{peer=\"%s\"} %llu\n", name, lia_api_node_name(api, node),
                   (unsigned long long)value);
}

static void put_peers(lia_buf *out, const lia_api *api, const lia_sync_peer_status *peers,
                      size_t count)
{
    head(out, "peer_connected", GAUGE, "Whether a session with the peer stands.");
    for (size_t i = 0; i < count; i++)
        peer_figure(out, api, "peer_connected", peers[i].node, peers[i].connected);
    head(out, "peer_received_bytes_total", COUNTER, "Bytes received from the peer.");
    for (size_t i = 0; i < count; i++)
        peer_figure(out, api, "peer_received_bytes_total", peers[i].node, peers[i].received_bytes);
    head(out, "peer_sent_bytes_total", COUNTER, "Bytes sent to the peer.");
    for (size_t i = 0; i < count; i++)
        peer_figure(out, api, "peer_sent_bytes_total", peers[i].node, peers[i].sent_bytes);
    head(out, "peer_state_differs", GAUGE,
         "Whether the peer makes another state of the same events.");
    for (size_t i = 0; i < count; i++)
        peer_figure(out, api, "peer_state_differs", peers[i].node, peers[i].differs);
    head(out, "peer_comparisons_total", COUNTER, "Comparisons of states with the peer at cuts.");
    for (size_t i = 0; i < count; i++)
        peer_figure(out, api, "peer_comparisons_total", peers[i].node, peers[i].comparisons);
    head(out, "peer_acked", GAUGE, "Own events that are durable at the peer.");
    for (size_t i = 0; i < count; i++)
        peer_figure(out, api, "peer_acked", peers[i].node, peers[i].acked);
}

void lia_api_metrics(lia_call *call)
{
    static const lia_http_header no_store = {"Cache-Control", "no-store"};
    lia_api *api = call->api;
    lia_buf out = lia_buf_make(call->arena);
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t lane_count;
    const lia_sync_lane_status *lanes = lia_call_lanes(call, &lane_count);
    if (!lanes) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    size_t peer_count = lia_node_peers(api->node, peers, LIA_COUNT(peers));
    put_node(&out, api);
    put_process(&out);
    put_room(&out, api);
    put_backup(&out, api);
    put_inspection(&out, api);
    lia_api_put_feature_figures(&out, api);
    put_mail(&out, api);
    put_automation(&out, api);
    put_search(&out, call->api);
    put_http(&out, api);
    put_hooks(&out, api);
    put_traces(&out, api);
    put_lanes(&out, api, lanes, lane_count);
    put_peers(&out, api, peers, peer_count < LIA_COUNT(peers) ? peer_count : LIA_COUNT(peers));
    if (out.failed)
        lia_call_fail(call, LIA_EFULL, NULL);
    else
        lia_http_reply(call->request, 200, "text/plain; version=0.0.4; charset=utf-8", &no_store, 1,
                       lia_buf_get(&out));
}
