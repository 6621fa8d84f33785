/* SPDX-License-Identifier: Apache-2.0 */
/* GET /events: what a subscriber asks for. Positions are the node's own arrival numbers, so that
 * a stream resumes without a gap whatever lane its events came from; a position in a lane
 * (?from=1/8f3a.../42) is looked up. A cursor behind which events are missing is refused. */
#include "common/http/api_golden.h"
#include "common/http/api_hub.h"
#include "common/store/log_retain.h"

/* ---- cursors --------------------------------------------------------------------------------- */

/* What a cursor turns out to be. */
typedef enum verdict {
    HELD,
    UNREADABLE,
    UNKNOWN_NODE,
    OTHER_STREAM,
    UNHEARD,
    AHEAD,
    DROPPED
} verdict;

static const struct {
    lia_problem problem;
    const char *says; /* behind the cursor's name */
} answers[] = {
    [UNREADABLE] = {{.status = 400, .type = "invalid", .title = "the cursor cannot be read"},
                    "a position (node/incarnation/number) or an id of this stream "
                    "(node.incarnation.number) is wanted"},
    [UNKNOWN_NODE] = {{.status = 404, .type = "unknown-node", .title = "no node has that number"},
                      "no member of this cluster has or had that number"},
    [OTHER_STREAM] = {{.status = 409,
                       .type = "other-stream",
                       .title = "that id belongs to another stream"},
                      "it was given by another node or by an earlier store of this one, and says "
                      "nothing about the order here"},
    [UNHEARD] = {{.status = 404,
                  .type = "unknown-incarnation",
                  .title = "nothing of that incarnation is here"},
                 "either it has not come yet (ask again later) or its store is gone"},
    [AHEAD] = {{.status = 409, .type = "ahead", .title = "that is ahead of what this node has"},
               "either it has not come yet (ask again later) or it never was"},
    [DROPPED] = {{.status = 410, .type = "dropped", .title = "events have left the log"},
                 "events behind that cursor are not in the log any more"}};

/* The last cursor behind which nothing is missing. */
static lia_position first_cursor(const lia_api *api, uint64_t gap)
{
    lia_origin self = lia_node_origin(api->node);
    return (lia_position){self.incarnation, gap, self.node};
}

static void refuse(lia_call *call, const char *name, verdict found, uint64_t gap)
{
    lia_why why;
    char first[LIA_POSITION_TEXT_SIZE];
    lia_problem problem = answers[found].problem;
    lia_stream_id_print(first_cursor(call->api, gap), first);
    problem.detail = why.text;
    problem.first = found == UNREADABLE ? NULL : first;
    if (problem.first)
        lia_why_set(&why, LIA_EINVAL,
                    "%s: %s; take the state from the lists (/api/v1/customers ...) and go on with "
                    "?from=%s",
                    name, answers[found].says, first);
    else
        lia_why_set(&why, LIA_EINVAL, "%s: %s", name, answers[found].says);
    lia_call_problem(call, &problem);
}

static bool is_own(const lia_api *api, lia_position position)
{
    return lia_origin_equal((lia_origin){position.node, position.incarnation},
                            lia_node_origin(api->node));
}

static verdict find_id(const lia_api *api, lia_position id, uint64_t *arrival)
{
    *arrival = id.seq;
    if (!is_own(api, id)) return *lia_api_node_name(api, id.node) ? OTHER_STREAM : UNKNOWN_NODE;
    return id.seq > lia_node_visible(api->node) ? AHEAD : HELD;
}

static verdict without_lane(const lia_api *api, lia_position position)
{
    if (is_own(api, position)) return position.seq ? AHEAD : HELD;
    return *lia_api_node_name(api, position.node) ? UNHEARD : UNKNOWN_NODE;
}

/* Where the lane's event of that number stands in the order of arrival; its number 0 is in front of
 * all. Kept events are found without their block. */
static lia_err find_position(const lia_api *api, lia_log_reader *log, lia_position position,
                             uint64_t *arrival, verdict *found)
{
    lia_lane_info info;
    lia_origin origin = {position.node, position.incarnation};
    lia_lane lane = lia_log_find_lane(log, origin);
    *arrival = 0;
    *found = lane ? HELD : without_lane(api, position);
    if (!lane || !position.seq) return LIA_OK;
    lia_err err = lia_log_arrival(log, origin, position.seq, arrival);
    if (err != LIA_EABSENT) return err;
    err = lia_log_lane_info(log, lane, &info);
    *found = position.seq > info.head ? AHEAD : DROPPED;
    return err;
}

bool lia_call_cursor(lia_call *call, const char *name, lia_span text, uint64_t *arrival,
                     uint64_t *gap)
{
    lia_rows rows;
    lia_position cursor;
    verdict found = UNREADABLE;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) {
        lia_call_fail(call, err, NULL);
        return false;
    }
    err = lia_log_gap(rows.log, gap);
    if (!err && lia_stream_id_parse(text, &cursor) == LIA_OK)
        found = find_id(call->api, cursor, arrival);
    else if (!err && lia_position_parse(text, &cursor) == LIA_OK)
        err = find_position(call->api, rows.log, cursor, arrival, &found);
    lia_node_read_end(call->api->node, &rows);
    if (err)
        lia_call_fail(call, err, NULL);
    else if (found != HELD)
        refuse(call, name, found, *gap);
    return !err && found == HELD;
}

/* ---- from where to where --------------------------------------------------------------------- */

/* Behind that cursor; refused when events behind it are missing. */
static bool read_after(lia_call *call, const char *name, lia_span text, uint64_t *next)
{
    uint64_t arrival, gap;
    if (!lia_call_cursor(call, name, text, &arrival, &gap)) return false;
    *next = arrival + 1;
    if (arrival < gap) refuse(call, name, DROPPED, gap);
    return arrival >= gap;
}

static bool read_until(lia_call *call, lia_subscription *wants)
{
    lia_span text;
    uint64_t gap;
    wants->until = UINT64_MAX;
    if (!lia_call_param(call, "until", &text)) return false;
    if (!text.size) return true;
    wants->until = lia_node_visible(call->api->node);
    return lia_span_is(text, "now") || lia_call_cursor(call, "until", text, &wants->until, &gap);
}

/* A stream from the start is told of what is missing by the hub, as all are that come upon it. */
static bool read_begin(lia_call *call, lia_subscription *wants)
{
    lia_span last, from;
    wants->next = lia_node_visible(call->api->node) + 1;
    if (!lia_call_param(call, "from", &from)) return false;
    if (lia_http_get_header(call->request, "last-event-id", &last) && last.size)
        return read_after(call, "Last-Event-ID", last, &wants->next);
    if (lia_span_is(from, "start")) wants->next = 1;
    return !from.size || lia_span_is(from, "start") || read_after(call, "from", from, &wants->next);
}

/* ---- what of it ------------------------------------------------------------------------------ */

/* All records of that customer, as they are now. */
static bool find_members(lia_call *call, lia_id customer, lia_subscription *wants)
{
    lia_rows rows;
    lia_whole whole;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (!err) {
        err = lia_whole_find(&whole, call->who, &rows, customer, false, call->arena);
        lia_node_read_end(call->api->node, &rows);
    }
    if (err) {
        lia_call_fail(call, err, NULL);
        return false;
    }
    wants->ask.customers = whole.members;
    wants->ask.customer_count = whole.count;
    return true;
}

static bool read_customer(lia_call *call, lia_subscription *wants)
{
    lia_span text;
    lia_id customer;
    if (!lia_call_param(call, "customer", &text)) return false;
    if (!text.size) return true;
    if (lia_id_parse(text, &customer) == LIA_OK) return find_members(call, customer, wants);
    lia_call_invalid(call, "customer: an id (a UUID) is wanted");
    return false;
}

void lia_api_events(lia_call *call)
{
    lia_subscription *wants = lia_arena_zero(call->arena, sizeof *wants);
    if (!wants) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!read_begin(call, wants) || !read_until(call, wants) ||
        !lia_call_param(call, "topic", &wants->ask.topic) ||
        !lia_call_param(call, "kind", &wants->ask.kind) ||
        !lia_call_param(call, "fact", &wants->ask.fact) ||
        !lia_call_param(call, "filter", &wants->ask.filter) || !read_customer(call, wants) ||
        !lia_call_flag(call, "presence", &wants->presence) ||
        !lia_call_number(call, "limit", 1, UINT32_MAX, &wants->limit))
        return;
    lia_hub_subscribe(call->api->hub, call, wants);
}
