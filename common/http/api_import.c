/* SPDX-License-Identifier: Apache-2.0 */
/* Imports. One is made by POST /imports, looked at by :preview, fed piece by piece by :run, and
 * taken back by :undo. The file stays with the client: a piece says where in it it begins, which
 * must be where the last one was done, so a client that was cut off asks for `offset` and goes on
 * there. What of a piece was committed before a crash is known by its commands' keys, and is not
 * done twice.
 *
 *     GET POST  /imports              DELETE    /imports/{id}   forgets it; the records stay
 *     GET PATCH /imports/{id}         GET       /imports/{id}/results?list=&page_size=&page_token=
 *     POST      /imports/{id}:preview  :run?offset=&last=  :undo */
#include "common/http/api_import.h"

#include "common/http/page_token.h"

#define STATE_BYTES ((size_t)4 << 20)
#define ROWS_MAX    1000

static bool has_folder(lia_call *call)
{
    lia_why why;
    if (call->api->imports) return true;
    lia_why_set(&why, LIA_ECLOSED, "this node keeps no imports");
    lia_call_fail(call, LIA_ECLOSED, &why);
    return false;
}

static bool is_theirs(const lia_call *call, const lia_intake *intake)
{
    return lia_principal_rights(call->who)->administrator ||
           (call->login && lia_id_equal(call->login->user, intake->user));
}

/* The kind as it looks to whoever asks, who must be allowed to do so with it. */
static bool may(lia_call *call, const lia_intake *intake)
{
    lia_why why;
    call->kind = lia_rights_kind(lia_principal_rights(call->who), intake->kind->number);
    if (!call->kind && intake->kind->added) { /* nobody knows of it but who was told */
        lia_call_invalid(call, "%s", LIA_INTAKE_KIND_WANTED);
        return false;
    }
    if (!call->kind) {
        lia_why_set(&why, LIA_EDENIED, "none of your roles lets you read %s", intake->kind->plural);
        lia_call_fail(call, LIA_EDENIED, &why);
        return false;
    }
    bool creates = intake->mode != LIA_INTAKE_UPDATE, changes = intake->mode != LIA_INTAKE_CREATE;
    return (!creates || lia_call_may_any(call, LIA_ACTION_CREATE)) &&
           (!changes || lia_call_may_any(call, LIA_ACTION_CHANGE));
}

bool lia_import_find(lia_call *call, lia_id id, lia_import_work *work)
{
    lia_why why;
    if (!has_folder(call)) return false;
    *work = (lia_import_work){.call = call};
    lia_err err = lia_arena_init(&work->arena, LIA_IMPORT_PIECE_BYTES);
    if (!err) err = lia_intake_load(&work->intake, call->api->imports, id, &work->arena);
    if (!err && !is_theirs(call, &work->intake)) err = LIA_EABSENT;
    if (!err && may(call, &work->intake)) return true;
    if (err) {
        lia_why_set(&why, err, "%s",
                    err == LIA_EABSENT ? "no import has this id" : lia_err_text(err));
        lia_call_fail(call, err, &why);
    }
    lia_arena_fini(&work->arena);
    return false;
}

void lia_import_begin(lia_import_work *work)
{
    lia_api *api = work->call->api;
    work->next = api->importing;
    api->importing = work;
    api->at_work++;
}

void lia_import_end(lia_import_work *work)
{
    lia_import_work **at = &work->call->api->importing;
    while (*at != work) at = &(*at)->next;
    *at = work->next;
}

/* Whether it is at work; answers then. */
static bool is_busy(lia_call *call, lia_id id)
{
    lia_why why;
    for (const lia_import_work *work = call->api->importing; work; work = work->next) {
        if (!lia_id_equal(work->intake.id, id)) continue;
        lia_why_set(&why, LIA_EBUSY, "a piece of this import is under way");
        lia_call_fail(call, LIA_EBUSY, &why);
        return true;
    }
    return false;
}

void lia_import_answer(lia_call *call, unsigned status, const lia_intake *intake)
{
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_byte(&out, '{');
    lia_intake_put(intake, &out);
    lia_buf_byte(&out, '}');
    lia_call_answer(call, status, NULL, 0, &out);
}

/* ---- making and changing --------------------------------------------------------------------- */

static void make_room(const char *dir)
{
    static lia_id ids[LIA_INTAKES_MAX + 1];
    size_t count = lia_intake_ids(dir, ids, LIA_COUNT(ids));
    while (count >= LIA_INTAKES_MAX) lia_intake_remove(dir, ids[--count]);
}

/* Reads the body over the import and saves it. */
static void ask(lia_call *call, lia_intake *intake, unsigned status)
{
    lia_why why = {{0}};
    if (!lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    lia_err err = lia_intake_ask(intake, lia_http_get_body(call->request), call->arena, &why);
    if (!err && !may(call, intake)) return;
    if (!err) err = lia_intake_save(intake, call->api->imports);
    if (err)
        lia_call_fail(call, err, &why);
    else
        lia_import_answer(call, status, intake);
}

void lia_api_make_import(lia_call *call)
{
    if (!has_folder(call)) return;
    lia_time now = lia_time_now();
    lia_intake intake = {.id = lia_id_make(now.ms), .created_ms = now.ms, .line = 1};
    if (call->login) intake.user = call->login->user;
    make_room(call->api->imports);
    ask(call, &intake, 201);
}

static void change(lia_call *call, lia_id id)
{
    lia_import_work work;
    if (is_busy(call, id) || !lia_import_find(call, id, &work)) return;
    if (work.intake.offset)
        lia_call_invalid(call, "an import that has begun stays as it is");
    else
        ask(call, &work.intake, 200);
    lia_arena_fini(&work.arena);
}

static void forget(lia_call *call, lia_id id)
{
    lia_import_work work;
    if (is_busy(call, id) || !lia_import_find(call, id, &work)) return;
    lia_intake_remove(call->api->imports, id);
    lia_arena_fini(&work.arena);
    lia_http_reply(call->request, 204, NULL, NULL, 0, LIA_SPAN_NONE);
}

/* ---- reading --------------------------------------------------------------------------------- */

void lia_api_imports(lia_call *call)
{
    lia_arena arena;
    static lia_id ids[LIA_INTAKES_MAX];
    if (!has_folder(call)) return;
    lia_buf out = lia_buf_make(call->arena);
    if (lia_arena_init(&arena, STATE_BYTES)) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    lia_buf_text(&out, "{\"imports\":[");
    size_t count = lia_intake_ids(call->api->imports, ids, LIA_COUNT(ids)), told = 0;
    for (size_t i = 0; i < count; i++) {
        lia_intake intake;
        lia_arena_reset(&arena);
        if (lia_intake_load(&intake, call->api->imports, ids[i], &arena)) continue;
        if (!is_theirs(call, &intake)) continue;
        lia_buf_text(&out, told++ ? ",{" : "{");
        lia_intake_put(&intake, &out);
        lia_buf_byte(&out, '}');
    }
    lia_buf_text(&out, "]}");
    lia_arena_fini(&arena);
    lia_call_json(call, &out);
}

static void show(lia_call *call, lia_id id)
{
    lia_import_work work;
    if (!lia_import_find(call, id, &work)) return;
    lia_import_answer(call, 200, &work.intake);
    lia_arena_fini(&work.arena);
}

static void put_row(lia_buf *out, const lia_intake_row *row)
{
    lia_buf_format(out, "{\"line\":%llu", (unsigned long long)row->line);
    if (!lia_id_is_none(row->id)) {
        lia_buf_text(out, ",\"id\":");
        lia_json_put_id(out, row->id);
    }
    const char *reason = row->by ? lia_intake_by_text(row->by) : row->reason;
    if (*reason) {
        lia_buf_text(out, ",\"reason\":");
        lia_json_put_text(out, lia_span_text(reason));
    }
    lia_buf_byte(out, '}');
}

static void put_results(lia_call *call, const lia_intake *intake, lia_intake_list list,
                        uint64_t from, size_t max, lia_page_mark mark)
{
    size_t count;
    lia_buf out = lia_buf_make(call->arena);
    lia_intake_row *rows = lia_arena_take(call->arena, max * sizeof *rows);
    lia_err err = rows ? lia_intake_rows(intake, call->api->imports, list, from, rows, max, &count)
                       : LIA_EFULL;
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    lia_buf_text(&out, "{\"results\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(&out, ',');
        put_row(&out, &rows[i]);
    }
    lia_buf_byte(&out, ']');
    if (count == max) {
        uint8_t place[8];
        lia_put_u64(place, from + count);
        lia_buf_text(&out, ",\"next_page_token\":\"");
        lia_call_put_token(call, &out, mark, 0, LIA_SPAN_OF(place));
        lia_buf_byte(&out, '"');
    }
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}

static void results(lia_call *call, lia_id id)
{
    lia_import_work work;
    lia_intake_list list = LIA_INTAKE_FAILED;
    lia_span name, token, place = LIA_SPAN_NONE;
    uint8_t phase;
    uint64_t size = LIA_PAGE_SIZE_DEFAULT;
    if (!lia_call_param(call, "list", &name) || !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, ROWS_MAX, &size))
        return;
    if (name.size && !lia_intake_list_by_name(name, &list)) {
        lia_call_invalid(call, "list: created, updated, duplicates, failed or kept is wanted");
        return;
    }
    const lia_span parts[] = {LIA_SPAN("import"), lia_id_span(&id),
                              lia_span_text(lia_intake_list_name(list))};
    lia_page_mark mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    bool bad =
        token.size && (lia_call_read_token(call, token, mark, &phase, &place) || place.size != 8);
    if (bad) {
        lia_call_invalid(call, "page_token: this is no token of an answer to the same question");
        return;
    }
    if (!lia_import_find(call, id, &work)) return;
    put_results(call, &work.intake, list, place.size ? lia_get_u64(place.data) : 0, size, mark);
    lia_arena_fini(&work.arena);
}

/* ---- the routes below /imports/ ---------------------------------------------------------------
 */

static bool read_path(lia_call *call, lia_id *id, lia_span *rest)
{
    lia_why why;
    *rest = call->rest;
    if (rest->size >= LIA_ID_TEXT_SIZE - 1 &&
        !lia_id_parse(lia_span_make(rest->data, LIA_ID_TEXT_SIZE - 1), id)) {
        *rest = lia_span_skip(*rest, LIA_ID_TEXT_SIZE - 1);
        return true;
    }
    lia_why_set(&why, LIA_EABSENT, "below imports stands an import's id (a UUID)");
    lia_call_fail(call, LIA_EABSENT, &why);
    return false;
}

static void unknown(lia_call *call)
{
    lia_why why;
    lia_why_set(&why, LIA_EABSENT,
                "an import has GET, PATCH, DELETE, GET /results, and POST :preview, :run, :undo");
    lia_call_fail(call, LIA_EABSENT, &why);
}

void lia_api_import(lia_call *call)
{
    lia_id id;
    lia_span rest;
    if (!read_path(call, &id, &rest)) return;
    if (!rest.size)
        show(call, id);
    else if (lia_span_is(rest, "/results"))
        results(call, id);
    else
        unknown(call);
}

void lia_api_change_import(lia_call *call)
{
    lia_id id;
    lia_span rest;
    if (!read_path(call, &id, &rest)) return;
    if (rest.size)
        unknown(call);
    else
        change(call, id);
}

void lia_api_forget_import(lia_call *call)
{
    lia_id id;
    lia_span rest;
    if (!read_path(call, &id, &rest)) return;
    if (rest.size)
        unknown(call);
    else
        forget(call, id);
}

void lia_api_command_import(lia_call *call)
{
    lia_id id;
    lia_span rest;
    if (!read_path(call, &id, &rest)) return;
    if (lia_span_is(rest, ":preview"))
        lia_import_preview(call, id);
    else if (lia_span_is(rest, ":run") && !is_busy(call, id))
        lia_import_run(call, id);
    else if (lia_span_is(rest, ":undo") && !is_busy(call, id))
        lia_import_undo(call, id);
    else if (!lia_span_is(rest, ":run") && !lia_span_is(rest, ":undo"))
        unknown(call);
}
