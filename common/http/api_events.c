/* SPDX-License-Identifier: Apache-2.0 */
/* GET /events: what a subscriber asks for. Positions are the node's own arrival numbers, so that
 * a stream resumes without a gap whatever lane its events came from; a position in a lane
 * (?from=1/8f3a.../42) is looked up. */
#include "common/base/crypto.h"
#include "common/http/api_hub.h"

/* ---- where to begin -------------------------------------------------------------------------- */

static void refuse_resume(lia_call *call)
{
    const lia_problem problem = {
        .status = 409,
        .type = "other-stream",
        .title = "that id belongs to another stream",
        .detail = "Last-Event-ID was given by another node or an earlier store; begin again with "
                  "?from=<position>, or ?from=start"};
    lia_call_problem(call, &problem);
}

/* "<node>.<incarnation>.<arrival>", as in the ids of this stream. */
static bool read_last_id(lia_call *call, lia_span text, uint64_t *next)
{
    const lia_api *api = call->api;
    uint64_t node, arrival;
    uint8_t incarnation[8];
    lia_span first = lia_api_take(&text, '.'), second = lia_api_take(&text, '.');
    if (!lia_api_number(first, &node) || node != lia_node_origin(api->node).node ||
        !lia_api_number(text, &arrival) || lia_hex_parse(second, incarnation, sizeof incarnation) ||
        lia_get_u64(incarnation) != lia_node_origin(api->node).incarnation ||
        arrival > lia_node_visible(api->node)) {
        refuse_resume(call);
        return false;
    }
    *next = arrival + 1;
    return true;
}

/* The arrival number of a lane's event. */
static lia_err find_position(lia_call *call, lia_position position, uint64_t *arrival)
{
    lia_rows rows;
    lia_block block;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    lia_lane lane = lia_log_find_lane(rows.log, (lia_origin){position.node, position.incarnation});
    err = lane ? lia_log_block(rows.log, lane, position.seq, &block) : LIA_EABSENT;
    if (!err) *arrival = block.arrival + (position.seq - block.first);
    lia_node_read_end(call->api->node, &rows);
    return err;
}

/* The arrival number that `text` stands for: `word`'s is `its`. */
static bool read_place(lia_call *call, const char *name, const char *word, uint64_t its,
                       lia_span text, uint64_t *arrival)
{
    lia_position position;
    *arrival = its;
    if (lia_span_is(text, word)) return true;
    if (lia_position_parse(text, &position)) {
        lia_call_invalid(call, "%s: '%s', or a position (node/incarnation/number) is wanted", name,
                         word);
        return false;
    }
    *arrival = 0;
    lia_err err = position.seq ? find_position(call, position, arrival) : LIA_OK;
    if (err) {
        lia_why why;
        lia_why_set(&why, err, "%s: this node does not hold that position", name);
        lia_call_fail(call, err, err == LIA_EABSENT ? &why : NULL);
    }
    return !err;
}

static bool read_from(lia_call *call, lia_span text, uint64_t *next)
{
    if (!read_place(call, "from", "start", 0, text, next)) return false;
    ++*next;
    return true;
}

static bool read_until(lia_call *call, lia_interest *wants)
{
    lia_span text;
    wants->until = UINT64_MAX;
    if (!lia_call_param(call, "until", &text)) return false;
    return !text.size ||
           read_place(call, "until", "now", lia_node_visible(call->api->node), text, &wants->until);
}

static bool read_begin(lia_call *call, lia_interest *wants)
{
    lia_span last, from;
    wants->next = lia_node_visible(call->api->node) + 1;
    if (!lia_call_param(call, "from", &from)) return false;
    if (lia_http_get_header(call->request, "last-event-id", &last) && last.size)
        return read_last_id(call, last, &wants->next);
    return !from.size || read_from(call, from, &wants->next);
}

/* ---- what of it ------------------------------------------------------------------------------ */

static bool read_topics(lia_call *call, lia_interest *wants)
{
    lia_span text;
    if (!lia_call_param(call, "topic", &text)) return false;
    while (text.size) {
        lia_span topic = lia_api_take(&text, ',');
        if (!topic.size) continue;
        if (wants->topic_count == LIA_TOPICS_MAX || topic.size >= sizeof wants->topics[0].text) {
            lia_call_invalid(call, "topic: at most %d topics of %zu bytes are taken",
                             LIA_TOPICS_MAX, sizeof wants->topics[0].text - 1);
            return false;
        }
        memcpy(wants->topics[wants->topic_count].text, topic.data, topic.size);
        wants->topics[wants->topic_count++].size = topic.size;
    }
    return true;
}

/* All records of that customer, as they are now. */
static bool find_members(lia_call *call, lia_id customer, lia_interest *wants)
{
    lia_rows rows;
    lia_whole whole;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (!err) {
        err = lia_whole_find(&whole, &rows, customer, false, call->arena);
        lia_node_read_end(call->api->node, &rows);
    }
    if (err) {
        lia_call_fail(call, err, NULL);
        return false;
    }
    memcpy(wants->customers, whole.members, whole.count * sizeof *whole.members);
    wants->customer_count = whole.count;
    return true;
}

static bool read_customer(lia_call *call, lia_interest *wants)
{
    lia_span text;
    lia_id customer;
    if (!lia_call_param(call, "customer", &text)) return false;
    if (!text.size) return true;
    if (lia_id_parse(text, &customer) == LIA_OK) return find_members(call, customer, wants);
    lia_call_invalid(call, "customer: an id (a UUID) is wanted");
    return false;
}

static bool read_kind(lia_call *call, lia_interest *wants)
{
    lia_span text;
    if (!lia_call_param(call, "kind", &text)) return false;
    if (!text.size) return true;
    const lia_kind *kind = lia_kind_by_plural(text);
    if (!kind) {
        lia_call_invalid(call, "kind: the plural of a kind is wanted, as in kind=deals");
        return false;
    }
    wants->kind = kind->number;
    return true;
}

void lia_api_events(lia_call *call)
{
    lia_interest *wants = lia_arena_zero(call->arena, sizeof *wants);
    if (!wants) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!read_begin(call, wants) || !read_until(call, wants) || !read_topics(call, wants) ||
        !read_customer(call, wants) || !read_kind(call, wants) ||
        !lia_call_number(call, "limit", 1, UINT32_MAX, &wants->limit))
        return;
    lia_hub_subscribe(call->api->hub, call, wants);
}
