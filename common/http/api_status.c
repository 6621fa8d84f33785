/* SPDX-License-Identifier: Apache-2.0 */
/* GET /status: how a node is, and how far behind whom and why. */
#include <stdio.h>

#include "common/http/api_lanes.h"

static void put_text_member(lia_buf *out, const char *name, const char *text)
{
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, lia_span_text(text));
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void put_lane(lia_buf *out, const lia_api *api, const lia_sync_lane_status *lane)
{
    lia_buf_format(out,
                   "{\"node\":%u,\"incarnation\":\"%016llx\",\"first\":%llu,\"head\":%llu,"
                   "\"target\":%llu",
                   lane->origin.node, (unsigned long long)lane->origin.incarnation,
                   (unsigned long long)lia_node_first(api->node, lane->origin),
                   (unsigned long long)lane->head, (unsigned long long)lane->target);
    put_text_member(out, "name", lia_api_node_name(api, lane->origin.node));
    lia_buf_format(out, ",\"behind\":%llu,\"behind_ms\":%lld",
                   (unsigned long long)lia_lane_behind(lane),
                   (long long)lia_since_ms(lane->behind_since_ms));
    put_text_member(out, "cause", lia_sync_cause_text(lane->cause));
    put_text_member(out, "from", lia_api_node_name(api, lane->server));
    lia_buf_byte(out, '}');
}

static void put_lanes(lia_buf *out, const lia_api *api, const lia_sync_lane_status *lanes,
                      size_t count)
{
    lia_buf_text(out, ",\"lanes\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_lane(out, api, &lanes[i]);
    }
    lia_buf_byte(out, ']');
}

/* Whether it holds the same state when it holds the same events. */
static void put_agreement(lia_buf *out, const lia_sync_peer_status *peer)
{
    lia_buf_format(out, ",\"differs\":%s,\"comparisons\":%llu,\"buckets_differing\":%zu",
                   peer->differs ? "true" : "false", (unsigned long long)peer->comparisons,
                   peer->buckets);
    if (peer->compared_ms)
        lia_buf_format(out, ",\"compared_ms_ago\":%lld",
                       (long long)lia_since_ms(peer->compared_ms));
}

static void put_peers(lia_buf *out, const lia_api *api)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t count = lia_node_peers(api->node, peers, LIA_COUNT(peers));
    if (count > LIA_COUNT(peers)) count = LIA_COUNT(peers);
    lia_buf_text(out, ",\"peers\":[");
    for (size_t i = 0; i < count; i++) {
        const lia_sync_peer_status *peer = &peers[i];
        lia_buf_format(out, "%s{\"node\":%u,\"connected\":%s,\"acked\":%llu,\"skew_ms\":%lld",
                       i ? "," : "", peer->node, peer->connected ? "true" : "false",
                       (unsigned long long)peer->acked, (long long)peer->skew_ms);
        lia_buf_format(out, ",\"erasures_agree\":%s", peer->erasures_agree ? "true" : "false");
        put_text_member(out, "name", lia_api_node_name(api, peer->node));
        if (peer->last_heard_ms)
            lia_buf_format(out, ",\"heard_ms_ago\":%lld",
                           (long long)lia_since_ms(peer->last_heard_ms));
        lia_buf_format(out, ",\"epoch\":%llu,\"refuses\":%s", (unsigned long long)peer->epoch,
                       lia_node_refused(api->node, peer->node) ? "true" : "false");
        put_agreement(out, peer);
        lia_buf_format(out, ",\"received_bytes\":%llu,\"sent_bytes\":%llu}",
                       (unsigned long long)peer->received_bytes,
                       (unsigned long long)peer->sent_bytes);
    }
    lia_buf_byte(out, ']');
}

/* A lane whose old events stay because a member does not have them. */
static void put_held_back(lia_buf *out, const lia_api *api, const lia_held_back *held)
{
    lia_buf_format(out,
                   "{\"node\":%u,\"incarnation\":\"%016llx\",\"acknowledged\":%llu,"
                   "\"events\":%llu",
                   held->origin.node, (unsigned long long)held->origin.incarnation,
                   (unsigned long long)held->seq, (unsigned long long)held->events);
    put_text_member(out, "by", lia_api_node_name(api, held->member));
    lia_buf_text(out, ",\"oldest\":");
    lia_json_put_time(out, held->oldest);
    lia_buf_byte(out, '}');
}

/* State that is fetched because its events are gone: what is shown is not all there is. */
static void put_import(lia_buf *out, const lia_api *api, const lia_sync_import_status *import)
{
    lia_buf_format(out, ",\"import\":{\"received\":%llu,\"all\":%llu,\"since_ms_ago\":%lld",
                   (unsigned long long)import->received, (unsigned long long)import->all,
                   (long long)lia_since_ms(import->since_ms));
    put_text_member(out, "from", lia_api_node_name(api, import->peer));
    lia_buf_byte(out, '}');
}

static void put_retention(lia_buf *out, const lia_api *api)
{
    lia_retention retention;
    lia_node_get_retention(api->node, &retention);
    if (!retention.keep_ms) return;
    lia_buf_format(
        out, ",\"retention\":{\"keep_ms\":%lld,\"dropped\":%llu,\"kept\":%llu,\"held_back\":[",
        (long long)retention.keep_ms, (unsigned long long)retention.dropped,
        (unsigned long long)retention.kept);
    for (size_t i = 0; i < retention.held_back_count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_held_back(out, api, &retention.held_back[i]);
    }
    lia_buf_text(out, "]}");
}

static void put_who(lia_buf *out, const lia_api *api)
{
    lia_buf_text(out, "{\"node\":");
    lia_json_put_text(out, lia_span_text(api->member->name));
    lia_buf_format(out, ",\"number\":%u", api->member->number);
    put_text_member(out, "department", lia_department_name(api->service->department));
    put_text_member(out, "version", LIA_VERSION);
    lia_buf_format(out, ",\"incarnation\":\"%016llx\"",
                   (unsigned long long)lia_node_origin(api->node).incarnation);
}

static void put_health(lia_buf *out, lia_err err, const lia_why *why)
{
    lia_buf_format(out, ",\"health\":{\"ok\":%s", err ? "false" : "true");
    if (err) put_text_member(out, "reason", why->text[0] ? why->text : lia_err_text(err));
    lia_buf_byte(out, '}');
}

static void put_position(lia_buf *out, const lia_api *api, const lia_sync_lane_status *lanes,
                         size_t count)
{
    lia_position position = {lia_node_origin(api->node).incarnation, 0,
                             lia_node_origin(api->node).node};
    char text[LIA_POSITION_TEXT_SIZE];
    for (size_t i = 0; i < count; i++)
        if (lia_origin_equal(lanes[i].origin, lia_node_origin(api->node)))
            position.seq = lanes[i].head;
    lia_position_print(position, text);
    put_text_member(out, "position", text);
}

static void put_figures(lia_buf *out, const lia_node_stats *stats)
{
    lia_buf_text(out, ",\"started_at\":");
    lia_json_put_time(out, stats->started);
    lia_buf_format(out,
                   ",\"arrival\":%llu,\"queue\":%zu,\"jobs_waiting\":%zu,\"log_used\":%zu,"
                   "\"log_cap\":%zu,\"views_used\":%zu,\"views_cap\":%zu,\"state_checks\":%llu,"
                   "\"state_differences\":%llu",
                   (unsigned long long)stats->arrival, stats->queue, stats->jobs_waiting,
                   stats->log_used, stats->log_cap, stats->views.disk_used, stats->views.disk_cap,
                   (unsigned long long)stats->audit.checks,
                   (unsigned long long)stats->audit.differences);
}

/* Whether the views are what the log says, and what was put right. */
static void put_audit(lia_buf *out, const lia_audit_stats *audit)
{
    lia_buf_format(out,
                   ",\"audit\":{\"refolds\":%llu,\"passes\":%llu,\"failures\":%llu,"
                   "\"rows_repaired\":%llu,\"sums_repaired\":%llu",
                   (unsigned long long)audit->refolds, (unsigned long long)audit->passes,
                   (unsigned long long)audit->failures, (unsigned long long)audit->rows_repaired,
                   (unsigned long long)audit->sums_repaired);
    if (audit->repaired.ms) {
        lia_buf_text(out, ",\"repaired_at\":");
        lia_json_put_time(out, audit->repaired);
    }
    lia_buf_text(out, ",\"repaired\":[");
    for (size_t i = 0; i < audit->named_count; i++) {
        const lia_kind *kind = lia_kind_find(audit->named[i].kind);
        lia_buf_format(out, "%s{\"kind\":\"%s\",\"id\":", i ? "," : "", kind ? kind->name : "?");
        lia_json_put_id(out, audit->named[i].id);
        lia_buf_byte(out, '}');
    }
    lia_buf_text(out, "]}");
}

/* How far the log has been looked through, and what is damaged in it. */
static void put_inspection(lia_buf *out, const lia_api *api)
{
    lia_sync_inspection seen;
    lia_node_get_inspection(api->node, &seen);
    lia_buf_format(
        out,
        ",\"log_inspection\":{\"passes\":%llu,\"seen\":%llu,\"all\":%llu,\"damaged\":%zu,"
        "\"mended\":%llu",
        (unsigned long long)seen.passes, (unsigned long long)seen.seen,
        (unsigned long long)seen.all, seen.damaged, (unsigned long long)seen.mended);
    if (seen.passed_ms)
        lia_buf_format(out, ",\"passed_ms_ago\":%lld", (long long)lia_since_ms(seen.passed_ms));
    lia_buf_text(out, ",\"blocks\":[");
    for (size_t i = 0; i < seen.damaged && i < LIA_COUNT(seen.first); i++)
        lia_buf_format(out, "%s{\"node\":%u,\"incarnation\":\"%016llx\",\"seq\":%llu}",
                       i ? "," : "", seen.first[i].origin.node,
                       (unsigned long long)seen.first[i].origin.incarnation,
                       (unsigned long long)seen.first[i].seq);
    lia_buf_text(out, "]}");
}

/* What the node does beside its commands, and how many records wait for it. */
static void put_backgrounds(lia_buf *out, const lia_node_stats *stats)
{
    lia_buf_text(out, ",\"background\":[");
    for (size_t i = 0; i < stats->background_count; i++) {
        const lia_progress *progress = &stats->backgrounds[i];
        lia_buf_format(out, "%s{\"records\":%llu,\"waiting\":%llu", i ? "," : "",
                       (unsigned long long)progress->records,
                       (unsigned long long)progress->waiting);
        put_text_member(out, "name", progress->name);
        if (progress->waiting) {
            put_text_member(out, "doing", progress->doing);
            lia_buf_format(out, ",\"doing_waiting\":%llu",
                           (unsigned long long)progress->doing_waiting);
        }
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

lia_err lia_api_run_figures(const lia_api *api, lia_run_figures *out)
{
    lia_rows rows;
    lia_err err = lia_node_read(api->node, &rows);
    if (err) return err;
    err = lia_run_figures_read(out, &rows);
    lia_node_read_end(api->node, &rows);
    return err;
}

/* Runs that failed wait for somebody to look. */
static void put_automation(lia_buf *out, const lia_api *api)
{
    lia_run_figures figures = {0};
    if (lia_api_run_figures(api, &figures)) return;
    lia_buf_format(
        out, ",\"automation\":{\"failed\":%zu,\"waiting\":%zu,\"running\":%zu,\"more\":%s}",
        figures.failed, figures.waiting, figures.running, figures.more ? "true" : "false");
}

/* The pass that takes erased customers' bytes from the disk; nothing while there is none. */
static void put_erasing(lia_buf *out, const lia_erasing *erasing)
{
    if (!erasing->phase) return;
    lia_buf_format(out, ",\"erasing\":{\"customers\":%zu,\"waiting\":%zu,", erasing->customers,
                   erasing->waiting);
    lia_erasing_put(out, erasing);
    lia_buf_byte(out, '}');
}

/* What cannot be found yet by what it says. */
static void put_search(lia_buf *out, const lia_api *api)
{
    lia_search_status s;
    if (!api->search) return;
    lia_search_get_status(api->search, &s);
    lia_buf_format(out,
                   ",\"search\":{\"documents\":%llu,\"behind\":%llu,\"behind_ms\":%llu,"
                   "\"building\":%s,\"scanned\":%llu,\"disk_used\":%zu",
                   (unsigned long long)s.documents, (unsigned long long)s.behind,
                   (unsigned long long)s.behind_ms, s.scanning ? "true" : "false",
                   (unsigned long long)s.scanned, s.disk_used);
    if (s.scanning) put_text_member(out, "doing", s.scan_kind);
    if (s.err) put_text_member(out, "reason", lia_err_text(s.err));
    lia_buf_byte(out, '}');
}

static void put_mail(lia_buf *out, const lia_mailer *mailer)
{
    lia_mailer_status status;
    if (!mailer) return;
    lia_mailer_get_status(mailer, &status);
    lia_buf_format(out,
                   ",\"mail\":{\"has_server\":%s,\"waiting\":%zu,\"sent\":%llu,\"failed\":%llu",
                   status.has_server ? "true" : "false", status.waiting,
                   (unsigned long long)status.sent, (unsigned long long)status.failed);
    if (status.next.ms) {
        lia_buf_text(out, ",\"next_at\":");
        lia_json_put_time(out, status.next);
    }
    if (status.failing.ms) {
        lia_buf_text(out, ",\"failing_since\":");
        lia_json_put_time(out, status.failing);
        put_text_member(out, "answer", status.answer);
    }
    lia_buf_byte(out, '}');
}

/* ---- routes ---------------------------------------------------------------------------------- */

void lia_api_status(lia_call *call)
{
    bool met;
    size_t count;
    lia_why why = {{0}};
    lia_node_stats stats;
    lia_sync_import_status import;
    lia_buf out = lia_buf_make(call->arena);
    const lia_api *api = call->api;
    const lia_sync_lane_status *lanes = lia_call_lanes(call, &count);
    lia_node_get_stats(api->node, &stats);

    put_who(&out, api);
    put_figures(&out, &stats);
    put_backgrounds(&out, &stats);
    put_erasing(&out, &stats.erasing);
    put_search(&out, api);
    put_audit(&out, &stats.audit);
    put_inspection(&out, api);
    put_automation(&out, api);
    put_health(&out, lia_node_health(api->node, &why), &why);
    lia_api_put_features(&out, api);
    put_position(&out, api, lanes, count);
    put_lanes(&out, api, lanes, count);
    put_peers(&out, api);
    put_retention(&out, api);
    put_mail(&out, api->mailer);
    if (lia_node_joining(api->node, &met))
        lia_buf_format(&out, ",\"joining\":{\"met\":%s}", met ? "true" : "false");
    if (lia_node_import(api->node, &import)) put_import(&out, api, &import);
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}
