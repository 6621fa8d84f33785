/* SPDX-License-Identifier: Apache-2.0 */
/* GET /customers/{id}/export?format=json|html: everything about one person, as a stream. Each slice
 * is made on a worker thread over a snapshot of its own, and the next one only when the client has
 * taken it: an export of any size holds one slice. One that fails on the way is cut off, so that
 * nobody takes the part for the whole. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/http/api_audit.h"
#include "common/http/person.h"

/* Address space of a slice, and of a single event in it. */
#define SLICE_ARENA_BYTES ((size_t)64 << 20)
#define LAG_MAX_BYTES     SLICE_ARENA_BYTES

typedef struct telling {
    lia_person person;
    lia_api *api;
    lia_http_stream *stream; /* NULL: the client has gone */
    const lia_catalog *catalog; /* of the request; held */
    lia_arena arena;
    lia_rows rows;
    lia_buf out;
    lia_err err;
    bool working, done;
    uv_work_t job;
} telling;

static void let_go(telling *t)
{
    lia_catalog_release(t->catalog);
    lia_arena_fini(&t->arena);
    free(t);
}

/* ---- slices ---------------------------------------------------------------------------------- */

static void make_slice(uv_work_t *job)
{
    telling *t = job->data;
    lia_catalog_use(t->catalog);
    t->err = lia_person_next(&t->person, &t->rows, &t->arena, &t->out, &t->done);
    lia_node_scan_end(&t->rows);
}

static void go_on(telling *t);

/* True when the client may be given more. */
static bool send_slice(telling *t)
{
    if (t->err) {
        LIA_LOG(WARN, "export.cut", LIA_ERR(t->err));
        lia_http_stream_cut(t->stream);
        t->stream = NULL;
    } else if (!lia_http_stream_send(t->stream, lia_buf_get(&t->out))) {
        t->stream = NULL;
    } else if (t->done) {
        lia_http_stream_end(t->stream);
        t->stream = NULL;
    }
    return t->stream && lia_http_stream_lag(t->stream) == 0;
}

static void slice_made(uv_work_t *job, int status)
{
    telling *t = job->data;
    lia_api *api = t->api;
    (void)status;
    /* Stays at work until the slice has left: a stream that is cut calls back. */
    bool more = t->stream && send_slice(t);
    t->working = false;
    if (!t->stream)
        let_go(t);
    else if (more)
        go_on(t);
    lia_api_worked(api);
}

static void go_on(telling *t)
{
    lia_arena_reset(&t->arena);
    t->out = lia_buf_make(&t->arena);
    t->err = lia_node_scan(t->api->node, &t->rows);
    if (t->err) {
        lia_http_stream_cut(t->stream);
        let_go(t);
        return;
    }
    t->working = true;
    t->job.data = t;
    t->api->at_work++;
    int queued = uv_queue_work(t->api->loop, &t->job, make_slice, slice_made);
    lia_assert(queued == 0);
}

static void drained(lia_http_stream *stream, void *context)
{
    telling *t = context;
    (void)stream;
    if (!t->working) go_on(t);
}

static void went_away(lia_http_stream *stream, void *context)
{
    telling *t = context;
    (void)stream;
    t->stream = NULL;
    if (!t->working) let_go(t);
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool read_form(lia_call *call, const lia_person_form **form)
{
    lia_span text;
    if (!lia_call_param(call, "format", &text)) return false;
    *form = lia_span_is(text, "html") ? &lia_person_html : &lia_person_json;
    if (!text.size || lia_span_is(text, "json") || lia_span_is(text, "html")) return true;
    lia_call_invalid(call, "format: json or html is wanted");
    return false;
}

/* An export is whole or it is none, or somebody is given half of what they have a right to: so it
 * is for who may see every record and field of customers. */
static bool may_export(lia_call *call)
{
    size_t count;
    lia_why why;
    const lia_kind *kinds = lia_kinds(&count);
    bool whole = true;
    if (!lia_call_may(call, LIA_ACTION_EXPORT)) return false;
    for (size_t i = 0; i < count; i++)
        if (kinds[i].number == LIA_CUSTOMER || kinds[i].customer)
            whole &= kinds[i].secret || lia_principal_sees_whole(call->who, kinds[i].number);
    if (whole) return true;
    lia_why_set(&why, LIA_EDENIED,
                "an export is all about a customer, and some of it is hidden from you");
    lia_call_fail(call, LIA_EDENIED, &why);
    return false;
}

/* Who it is about. Answers itself when there is nobody. */
static bool find(lia_call *call, lia_person *person)
{
    lia_rows rows;
    lia_record record;
    lia_whole whole;
    bool alone = false;
    if (!lia_call_flag(call, "alone", &alone)) return false;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (!err) {
        err = lia_rows_record(&rows, LIA_CUSTOMER, call->id, call->arena, &record);
        if (!err) err = lia_whole_find(&whole, call->who, &rows, call->id, alone, call->arena);
        lia_node_read_end(call->api->node, &rows);
    }
    if (err) {
        lia_call_fail_read(call, err);
        return false;
    }
    person->customer = whole.customer;
    person->member_count = whole.count;
    memcpy(person->members, whole.members, whole.count * sizeof *whole.members);
    lia_call_note_members(call, LIA_AUDIT_EXPORT, whole.members, whole.count, 0);
    return true;
}

static void open_stream(lia_call *call, telling *t)
{
    char id[LIA_ID_TEXT_SIZE], disposition[96];
    lia_id_print(call->id, id);
    bool is_page = t->person.form == &lia_person_html;
    snprintf(disposition, sizeof disposition, "%s; filename=\"customer-%s.%s\"",
             is_page ? "inline" : "attachment", id, t->person.form->suffix);
    const lia_http_header headers[] = {
        {"Content-Disposition", disposition},
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
    };
    t->stream = lia_http_stream_open(call->request, 200, t->person.form->content_type, headers,
                                     LIA_COUNT(headers), LAG_MAX_BYTES, drained, went_away, t);
    if (t->stream)
        go_on(t);
    else
        let_go(t);
}

void lia_api_export(lia_call *call)
{
    const lia_person_form *form;
    if (!read_form(call, &form) || !may_export(call)) return;
    telling *t = calloc(1, sizeof *t);
    if (!t || lia_arena_init(&t->arena, SLICE_ARENA_BYTES)) {
        free(t);
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    t->api = call->api;
    t->catalog = lia_catalog_hold(call->catalog);
    t->person.api = call->api;
    t->person.form = form;
    t->person.looks = lia_principal_rights(call->who)->administrator;
    t->person.at = lia_time_now();
    if (!find(call, &t->person)) {
        let_go(t);
        return;
    }
    open_stream(call, t);
}
