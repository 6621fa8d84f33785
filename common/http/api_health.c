/* SPDX-License-Identifier: Apache-2.0 */
/* GET /healthz: it is alive. GET /readyz: whether people should be sent to it. */
#include "common/http/api_lanes.h"

void lia_api_healthz(lia_call *call)
{
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, "{\"status\":\"alive\"}");
    lia_call_json(call, &out);
}

static size_t count_differing(const lia_api *api)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t differing = 0, count = lia_node_peers(api->node, peers, LIA_COUNT(peers));
    for (size_t i = 0; i < count && i < LIA_COUNT(peers); i++) differing += peers[i].differs;
    return differing;
}

static size_t count_damaged(const lia_api *api)
{
    lia_sync_inspection seen;
    lia_node_get_inspection(api->node, &seen);
    return seen.damaged;
}

static lia_err importing(const lia_api *api, lia_why *why)
{
    lia_sync_import_status import;
    if (!lia_node_import(api->node, &import)) return LIA_OK;
    const char *from = lia_api_node_name(api, import.peer);
    return lia_why_set(why, LIA_EBUSY,
                       "what was said before the others' logs begin is fetched as state from %s: "
                       "%llu of about %llu records and events since this start",
                       *from ? from : "nobody (no peer that has it can be reached)",
                       (unsigned long long)import.received, (unsigned long long)import.all);
}

static bool has_another_of_department(const lia_api *api)
{
    const lia_members *members = lia_api_list_of(api);
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++)
        count += members->list[i].department == api->member->department;
    return count > 1;
}

/* A disk that was empty. Where it is the department's only one, and nobody was met, work goes on
 * here and nowhere else; with another node of the department there, people are better served by
 * that. *joining: it is said in any case. */
static lia_err joining(const lia_api *api, uint64_t events_behind, bool *joins, lia_why *why)
{
    bool met;
    *joins = lia_node_joining(api->node, &met);
    if (!*joins) return LIA_OK;
    if (met)
        return lia_why_set(why, LIA_EBUSY,
                           "this node's disk was empty: %llu events that the others hold are still "
                           "to come",
                           (unsigned long long)events_behind);
    lia_why_set(why, LIA_EBUSY,
                "this node's disk was empty and none of the other members was reached yet: what "
                "they hold is not here");
    return has_another_of_department(api) ? LIA_EBUSY : LIA_OK;
}

static void put_reason(lia_buf *out, const char *text)
{
    lia_buf_text(out, ",\"reason\":");
    lia_json_put_text(out, lia_span_text(text));
}

/* A node that is behind still takes commands; it only says so. One that was not there when it
 * happened is not ready before it has the state. */
void lia_api_readyz(lia_call *call)
{
    size_t count, lanes_behind = 0;
    uint64_t events_behind = 0;
    lia_why why = {{0}};
    bool joins = false;
    const lia_sync_lane_status *lanes = lia_call_lanes(call, &count);
    for (size_t i = 0; i < count; i++) {
        lanes_behind += lia_lane_behind(&lanes[i]) > 0;
        events_behind += lia_lane_behind(&lanes[i]);
    }
    lia_err err = lia_node_health(call->api->node, &why);
    if (!err) err = lia_node_readable(call->api->node, &why);
    if (!err) err = importing(call->api, &why);
    if (!err) err = joining(call->api, events_behind, &joins, &why);
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_format(&out, "{\"status\":\"%s\"", err ? "not-ready" : "ready");
    if (joins) lia_buf_text(&out, ",\"joining\":true");
    if (err || joins) put_reason(&out, why.text[0] ? why.text : lia_err_text(err));
    lia_buf_format(&out, ",\"lanes_behind\":%zu,\"behind\":%llu", lanes_behind,
                   (unsigned long long)events_behind);
    lia_buf_format(
        &out, ",\"peers_differing\":%zu,\"blocks_damaged\":%zu,\"features_waiting\":%zu}",
        count_differing(call->api), count_damaged(call->api), lia_api_features_waiting(call->api));
    static const lia_http_header no_store = {"Cache-Control", "no-store"};
    lia_call_answer(call, err ? 503 : 200, &no_store, 1, &out);
}
