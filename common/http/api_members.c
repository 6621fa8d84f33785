/* SPDX-License-Identifier: Apache-2.0 */
/* Who belongs to the cluster, as this node has it, and later lists. Whoever brings one needs no
 * right here: only the administrators can have signed it. */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/crm/membership.h"
#include "common/http/api_inner.h"
#include "common/http/json_cut.h"
#include "proto/crm.pb-c.h"

static void put_text_member(lia_buf *out, const char *name, const char *text)
{
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, lia_span_text(text));
}

static void put_hex_member(lia_buf *out, const char *name, lia_span bytes)
{
    lia_buf_format(out, ",\"%s\":\"", name);
    char *text = (char *)lia_buf_room(out, 2 * bytes.size + 1);
    if (text) {
        lia_hex_print(bytes, text);
        out->size += 2 * bytes.size;
    }
    lia_buf_byte(out, '"');
}

/* What this node knows of the member as a peer; nothing of itself. */
static void put_peer(lia_buf *out, const lia_api *api, uint16_t number)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t count = lia_node_peers(api->node, peers, LIA_COUNT(peers));
    for (size_t i = 0; i < count && i < LIA_COUNT(peers); i++)
        if (peers[i].node == number)
            lia_buf_format(out, ",\"epoch\":%llu,\"connected\":%s,\"refuses\":%s",
                           (unsigned long long)peers[i].epoch,
                           peers[i].connected ? "true" : "false",
                           lia_node_refused(api->node, number) ? "true" : "false");
}

static void put_member(lia_buf *out, const lia_api *api, const lia_member *member)
{
    lia_buf_format(out, "{\"number\":%u", member->number);
    put_text_member(out, "name", member->name);
    put_text_member(out, "department", lia_department_name((lia_department)member->department));
    lia_buf_format(out, ",\"shard\":%u", member->shard);
    put_text_member(out, "http", member->http);
    put_text_member(out, "bus", member->bus);
    put_text_member(out, "pub", member->pub);
    put_hex_member(out, "curve_key", lia_span_make(member->curve_key, LIA_CURVE_KEY_SIZE));
    put_hex_member(out, "verify_key", LIA_SPAN_OF(member->verify_key));
    put_peer(out, api, member->number);
    lia_buf_byte(out, '}');
}

static void put_former(lia_buf *out, const lia_members *list, const lia_former_key *former)
{
    const char *name = lia_members_name(list, former->number);
    lia_buf_format(out, "{\"number\":%u", former->number);
    put_text_member(out, "name", name ? name : "");
    put_hex_member(out, "verify_key", LIA_SPAN_OF(former->key));
    if (former->incarnation)
        lia_buf_format(out, ",\"incarnation\":\"%016llx\",\"last\":%llu",
                       (unsigned long long)former->incarnation, (unsigned long long)former->last);
    lia_buf_byte(out, '}');
}

static void put_lists(lia_buf *out, const lia_api *api, const lia_members *list)
{
    lia_buf_text(out, ",\"members\":[");
    for (size_t i = 0; i < list->count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_member(out, api, &list->list[i]);
    }
    lia_buf_text(out, "],\"removed\":[");
    for (size_t i = 0; i < list->removed_count; i++) {
        lia_buf_format(out, "%s{\"number\":%u", i ? "," : "", list->removed[i].number);
        put_text_member(out, "name", list->removed[i].name);
        lia_buf_byte(out, '}');
    }
    lia_buf_text(out, "],\"former\":[");
    for (size_t i = 0; i < list->former_count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_former(out, list, &list->former[i]);
    }
    lia_buf_byte(out, ']');
}

void lia_api_members(lia_call *call)
{
    lia_why why = {{0}};
    char cluster[LIA_ID_TEXT_SIZE];
    const lia_api *api = call->api;
    const lia_members *list = lia_node_members(api->node);
    lia_buf out = lia_buf_make(call->arena);
    lia_id_print(list->cluster, cluster);
    lia_buf_text(&out, "{\"node\":");
    lia_json_put_text(&out, lia_span_text(api->member->name));
    put_text_member(&out, "cluster", cluster);
    lia_buf_format(&out, ",\"epoch\":%llu,\"in_force\":%llu", (unsigned long long)list->epoch,
                   (unsigned long long)lia_node_list_epoch(api->node));
    if (lia_node_bus(api->node, &why)) put_text_member(&out, "bus_closed", why.text);
    put_lists(&out, api, list);
    put_hex_member(&out, "list", lia_node_signed_members(api->node));
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}

/* ---- the history ----------------------------------------------------------------------------- */

typedef struct noting {
    lia_command command;
    uint8_t request[LIA_SIGNED_BYTES_MAX + 1024];
} noting;

static void noted(lia_command *command, void *context)
{
    if (command->err)
        LIA_LOG(WARN, "members.not_noted", LIA_ERR(command->err),
                LIA_TEXT("why", command->why.text));
    free(context);
}

/* Beside the answer, which does not wait: the list is in force already. A node that takes no
 * commands notes nothing; its own removal is noted by nobody. */
static void note(lia_node *node, const lia_members *before, lia_span list)
{
    char summary[512];
    Crm__MembersChanged said = CRM__MEMBERS_CHANGED__INIT;
    noting *made = calloc(1, sizeof *made);
    if (!made) return;
    lia_members_describe(before, lia_node_members(node), summary, sizeof summary);
    said.has_epoch = said.has_list = true;
    said.epoch = lia_node_members(node)->epoch;
    said.list = (ProtobufCBinaryData){list.size, (uint8_t *)(uintptr_t)list.data};
    said.summary = summary;
    size_t size = crm__members_changed__pack(&said, made->request);
    made->command = (lia_command){.type = LIA_COMMAND_VERB,
                                  .row = &lia_membership_note,
                                  .kind = lia_kind_find(LIA_MEMBER_CHANGE),
                                  .request = lia_span_make(made->request, size),
                                  .key = lia_membership_note_id(list),
                                  .done = noted,
                                  .context = made};
    if (lia_node_submit(node, &made->command)) free(made);
}

/* ---- taking -----------------------------------------------------------------------------------
 */

/* {"list":"<the signed list in hex>"} */
static bool read_list(lia_call *call, lia_span *list)
{
    lia_span text;
    if (!lia_json_cut(lia_http_get_body(call->request), "list", &text) || text.size < 2 ||
        text.data[0] != '"' || text.size % 2)
        return false;
    size_t size = (text.size - 2) / 2;
    uint8_t *bytes = lia_arena_take(call->arena, size + 1);
    *list = lia_span_make(bytes, size);
    return bytes && lia_hex_parse(lia_span_make(text.data + 1, 2 * size), bytes, size) == LIA_OK;
}

void lia_api_take_members(lia_call *call)
{
    lia_span list, drain;
    lia_why why = {{0}};
    lia_node *node = call->api->node;
    if (!lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    if (!read_list(call, &list)) {
        lia_call_invalid(call, "list: a signed member list in hexadecimal digits is wanted");
        return;
    }
    if (!lia_call_param(call, "drain", &drain)) return;
    const lia_members *before = lia_node_members(node);
    lia_err err = lia_span_is(drain, "true") ? lia_node_drain(node, list, &why)
                                             : lia_node_offer_members(node, list, &why);
    if (lia_node_members(node) != before) note(node, before, list);
    if (err == LIA_EEXIST && lia_span_equal(list, lia_node_signed_members(node))) err = LIA_OK;
    if (err) {
        lia_call_fail(call, err == LIA_EEXIST ? LIA_ECONFLICT : err, &why);
        return;
    }
    lia_api_members(call);
}
