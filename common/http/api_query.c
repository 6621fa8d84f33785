/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/<path> of a service's own queries: on a worker thread, over a snapshot. */
#include "common/http/api_inner.h"
#include "common/http/query.h"

/* What a running query finds its parameters in: the raw query, decoded where asked for. */
typedef struct params {
    lia_span raw;
    lia_arena *arena;
} params;

static bool find_param(const lia_query *query, const char *name, lia_span *value)
{
    const params *from = query->params;
    lia_span encoded;
    *value = LIA_SPAN_NONE;
    if (!lia_http_query_find(from->raw, name, &encoded)) return false;
    uint8_t *out = lia_arena_take(from->arena, encoded.size + 1);
    size_t size;
    if (!out || lia_http_query_decode(encoded, out, &size)) return true;
    out[size] = 0;
    *value = lia_span_make(out, size);
    return true;
}

static lia_err answer(lia_work *work)
{
    const lia_call *call = work->call;
    const params given = {lia_http_get_query(call->request), &work->arena};
    lia_query query = {
        .rows = &work->rows,
        .arena = &work->arena,
        .now = lia_time_now(),
        .id = call->id,
        .param = find_param,
        .params = &given,
        .out = &work->out,
        .why = &work->why,
    };
    return call->query->answer(&query);
}

/* An answer that adds up what somebody may not see would tell of it. */
static bool may_ask(lia_call *call)
{
    lia_why why;
    bool may = call->query->kinds[0] != 0;
    for (size_t i = 0; i < LIA_QUERY_KINDS_MAX && call->query->kinds[i]; i++)
        may &= lia_principal_sees_whole(call->who, call->query->kinds[i]);
    if (may || lia_principal_rights(call->who)->administrator) return true;
    lia_why_set(&why, LIA_EDENIED, "this adds up records of which some are hidden from you");
    lia_call_fail(call, LIA_EDENIED, &why);
    return false;
}

void lia_api_query(lia_call *call)
{
    if (may_ask(call)) lia_call_work(call, answer, NULL);
}
