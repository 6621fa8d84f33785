/* SPDX-License-Identifier: Apache-2.0 */
/* GET /network: who holds what of whom, as this node has heard. A picture is drawn from it several
 * times a second, so nothing is read here that grows with the base. */
#include "common/http/api_lanes.h"

static const lia_sync_peer_status *find_peer(const lia_sync_peer_status *peers, size_t count,
                                             uint16_t node)
{
    for (size_t i = 0; i < count; i++)
        if (peers[i].node == node) return &peers[i];
    return NULL;
}

static void put_link(lia_buf *out, const lia_sync_peer_status *peer)
{
    if (peer->last_heard_ms)
        lia_buf_format(out, ",\"heard_ms_ago\":%lld", (long long)lia_since_ms(peer->last_heard_ms));
    lia_buf_format(out, ",\"skew_ms\":%lld,\"differs\":%s", (long long)peer->skew_ms,
                   peer->differs ? "true" : "false");
}

static void put_members(lia_buf *out, const lia_api *api)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t count = lia_node_peers(api->node, peers, LIA_COUNT(peers));
    if (count > LIA_COUNT(peers)) count = LIA_COUNT(peers);
    const lia_members *members = lia_api_list_of(api);
    lia_buf_text(out, ",\"members\":[");
    for (size_t i = 0; i < members->count; i++) {
        const lia_member *member = &members->list[i];
        const lia_sync_peer_status *peer = find_peer(peers, count, member->number);
        bool here = member->number == api->member->number;
        lia_buf_format(out, "%s{\"node\":%u,\"name\":", i ? "," : "", member->number);
        lia_json_put_text(out, lia_span_text(member->name));
        lia_buf_format(out, ",\"department\":\"%s\",\"connected\":%s",
                       lia_department_name(member->department),
                       here || (peer && peer->connected) ? "true" : "false");
        if (peer) put_link(out, peer);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

static void put_holding(lia_buf *out, uint16_t node, uint64_t seq)
{
    lia_buf_format(out, "{\"node\":%u,\"seq\":%llu", node, (unsigned long long)seq);
}

/* This node first, which knows best what it has itself. */
static void put_held(lia_buf *out, const lia_api *api, const lia_sync_lane_status *lane)
{
    lia_sync_holding held[LIA_MEMBERS_MAX];
    size_t count = lia_node_holdings(api->node, lane->origin, held, LIA_COUNT(held));
    lia_buf_text(out, ",\"held\":[");
    put_holding(out, api->member->number, lane->head);
    lia_buf_byte(out, '}');
    for (size_t i = 0; i < count && i < LIA_COUNT(held); i++) {
        lia_buf_byte(out, ',');
        put_holding(out, held[i].node, held[i].seq);
        if (held[i].at_ms)
            lia_buf_format(out, ",\"ms_ago\":%lld", (long long)lia_since_ms(held[i].at_ms));
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

static void put_lane(lia_buf *out, const lia_api *api, const lia_sync_lane_status *lane)
{
    uint64_t behind = lia_lane_behind(lane);
    lia_buf_format(out, "{\"node\":%u,\"incarnation\":\"%016llx\",\"head\":%llu", lane->origin.node,
                   (unsigned long long)lane->origin.incarnation, (unsigned long long)lane->target);
    lia_buf_format(out,
                   ",\"behind\":%llu,\"behind_ms\":%lld,\"cause\":", (unsigned long long)behind,
                   (long long)lia_since_ms(lane->behind_since_ms));
    lia_json_put_text(out, lia_span_text(lia_sync_cause_text(lane->cause)));
    put_held(out, api, lane);
    lia_buf_byte(out, '}');
}

void lia_api_network(lia_call *call)
{
    const lia_api *api = call->api;
    lia_why why = {{0}};
    lia_buf out = lia_buf_make(call->arena);
    size_t count;
    const lia_sync_lane_status *lanes = lia_call_lanes(call, &count);
    lia_err health = lia_node_health(api->node, &why);
    lia_buf_format(&out, "{\"node\":%u,\"ready\":%s", api->member->number,
                   health ? "false" : "true");
    if (health) {
        lia_buf_text(&out, ",\"reason\":");
        lia_json_put_text(&out, lia_span_text(why.text));
    }
    put_members(&out, api);
    lia_buf_text(&out, ",\"lanes\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(&out, ',');
        put_lane(&out, api, &lanes[i]);
    }
    lia_buf_text(&out, "]}");
    lia_call_json(call, &out);
}
