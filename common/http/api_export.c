/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}:export?format=jsonl|csv&columns=&filter=&order_by=...: what a list shows, all of
 * it, as a stream. Records whose rights let them be read and not exported are left out, hidden
 * fields are in none. A slice is made on a worker thread over a snapshot of its own, and the next
 * one when the client has taken it. One that fails on the way is cut off, so that nobody takes the
 * part for the whole. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/exchange/csv_flat.h"
#include "common/http/api_gate.h"
#include "common/http/api_list.h"

#define QUESTION_ARENA_BYTES ((size_t)16 << 20)
#define SLICE_ARENA_BYTES    ((size_t)64 << 20)
#define OUT_ARENA_BYTES      ((size_t)64 << 20)

typedef struct giving {
    lia_call call; /* what of it outlives the request */
    const lia_catalog *held; /* the call's */
    lia_api *api;
    lia_list *list;
    lia_csv_flat *flat; /* NULL: JSON lines */
    lia_http_stream *stream;
    lia_arena question, scratch, answer;
    lia_rows rows;
    lia_buf out;
    lia_err err;
    bool begun, working, more;
    uv_work_t job;
} giving;

static void let_go(giving *g)
{
    lia_login_release(g->call.login);
    lia_catalog_release(g->held);
    lia_arena_fini(&g->question);
    lia_arena_fini(&g->scratch);
    lia_arena_fini(&g->answer);
    free(g);
}

/* ---- slices ---------------------------------------------------------------------------------- */

static lia_err give(void *context, lia_span json)
{
    giving *g = context;
    if (g->flat) return lia_csv_flat_put_text(g->flat, json, &g->out);
    lia_buf_span(&g->out, json);
    lia_buf_byte(&g->out, '\n');
    return g->out.failed ? LIA_EFULL : LIA_OK;
}

static void make_slice(uv_work_t *job)
{
    giving *g = job->data;
    lia_catalog_use(g->call.catalog);
    if (g->flat && !g->begun) lia_csv_flat_put_header(g->flat, &g->out);
    g->begun = true;
    g->err = lia_list_next(g->list, &g->call, &g->rows, &g->scratch, &g->more);
    lia_node_scan_end(&g->rows);
}

/* True when the client may be given more. */
static bool send_slice(giving *g)
{
    /* Rights that were taken count from the next slice on. */
    if (!g->err && g->call.login && !lia_login_lasts(g->call.login)) g->err = LIA_EDENIED;
    if (g->err) {
        LIA_LOG(WARN, "export.cut", LIA_ERR(g->err));
        lia_http_stream_cut(g->stream);
        g->stream = NULL;
    } else if (!lia_http_stream_send(g->stream, lia_buf_get(&g->out))) {
        g->stream = NULL;
    } else if (!g->more) {
        lia_http_stream_end(g->stream);
        g->stream = NULL;
    }
    return g->stream && lia_http_stream_lag(g->stream) == 0;
}

static void go_on(giving *g);

static void slice_made(uv_work_t *job, int status)
{
    giving *g = job->data;
    lia_api *api = g->api;
    (void)status;
    bool more = g->stream && send_slice(g);
    g->working = false;
    if (!g->stream)
        let_go(g);
    else if (more)
        go_on(g);
    lia_api_worked(api);
}

static void go_on(giving *g)
{
    lia_arena_reset(&g->answer);
    g->out = lia_buf_make(&g->answer);
    g->err = lia_node_scan(g->api->node, &g->rows);
    if (g->err) {
        lia_http_stream_cut(g->stream);
        let_go(g);
        return;
    }
    g->working = true;
    g->job.data = g;
    g->api->at_work++;
    int queued = uv_queue_work(g->api->loop, &g->job, make_slice, slice_made);
    lia_assert(queued == 0);
}

static void drained(lia_http_stream *stream, void *context)
{
    giving *g = context;
    (void)stream;
    if (!g->working) go_on(g);
}

static void went_away(lia_http_stream *stream, void *context)
{
    giving *g = context;
    (void)stream;
    g->stream = NULL;
    if (!g->working) let_go(g);
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool read_form(lia_call *call, giving *g)
{
    lia_why why = {{0}};
    lia_span format, columns;
    if (!lia_call_param(call, "format", &format) || !lia_call_param(call, "columns", &columns))
        return false;
    bool is_csv = lia_span_is(format, "csv");
    if (format.size && !is_csv && !lia_span_is(format, "jsonl")) {
        lia_call_invalid(call, "format: jsonl or csv is wanted");
        return false;
    }
    if (columns.size && !is_csv) {
        lia_call_invalid(call, "columns: only a table has columns");
        return false;
    }
    if (!is_csv) return true;
    g->flat = lia_arena_take(&g->question, sizeof *g->flat);
    lia_err err = g->flat ? LIA_OK : LIA_EFULL;
    if (!err) lia_csv_flat_make(g->flat, call->kind);
    if (!err && columns.size) err = lia_csv_flat_choose(g->flat, columns, &why);
    if (err) lia_call_fail(call, err, &why);
    return !err;
}

static bool ask(lia_call *call, giving *g)
{
    g->call = *call; /* with an arena that outlives the request */
    g->call.arena = &g->question;
    if (!read_form(&g->call, g)) return false;
    g->list = lia_list_make(&g->call, give, g);
    return g->list != NULL;
}

static void open_stream(lia_call *call, giving *g)
{
    char disposition[96];
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%s.%s\"", call->kind->plural,
             g->flat ? "csv" : "jsonl");
    const lia_http_header headers[] = {
        {"Content-Disposition", disposition},
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
    };
    g->call.login = lia_login_hold(call->login);
    g->held = lia_catalog_hold(call->catalog);
    g->call.request = NULL;
    g->stream = lia_http_stream_open(
        call->request, 200, g->flat ? "text/csv; charset=utf-8" : "application/jsonl", headers,
        LIA_COUNT(headers), OUT_ARENA_BYTES, drained, went_away, g);
    if (g->stream)
        go_on(g);
    else
        let_go(g);
}

void lia_api_export_list(lia_call *call)
{
    if (!lia_call_may_any(call, LIA_ACTION_EXPORT)) return;
    giving *g = calloc(1, sizeof *g);
    if (!g || lia_arena_init(&g->question, QUESTION_ARENA_BYTES) ||
        lia_arena_init(&g->scratch, SLICE_ARENA_BYTES) ||
        lia_arena_init(&g->answer, OUT_ARENA_BYTES)) {
        if (g) let_go(g);
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    g->api = call->api;
    if (ask(call, g)) {
        open_stream(call, g);
        return;
    }
    g->call.login = NULL;
    let_go(g);
}
