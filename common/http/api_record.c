/* SPDX-License-Identifier: Apache-2.0 */
/* One record: read, create, change, archive, restore, and the verbs of the command tables. A write
 * becomes a lia_command, waits for the commit, and is answered with the record as it then is. */
#include <stdio.h>

#include "common/base/assert.h"
#include "common/http/api_audit.h"
#include "common/http/api_duplicates.h"
#include "common/http/api_gate.h"
#include "common/http/api_history.h"

#define KEY_BYTES_MAX 255
/* How long the answer to a word about who is one customer waits for what follows from it. */
#define SETTLE_MS 1000
/* What comparing a new customer with others takes. */
#define SCRATCH_BYTES ((size_t)32 << 20)

/* ---- reading --------------------------------------------------------------------------------- */

static void print_etag(const lia_stamp *version, char etag[LIA_VERSION_TEXT_SIZE + 2])
{
    etag[0] = '"';
    lia_version_print(version, etag + 1);
    strcat(etag, "\"");
}

static void answer_shown(lia_call *call, const lia_shown *shown, unsigned parts)
{
    char etag[LIA_VERSION_TEXT_SIZE + 2];
    print_etag(&shown->top, etag);
    lia_buf out = lia_buf_make(call->arena);
    lia_shown_put_object(&out, call->api, shown, parts);
    lia_call_shown(call, etag, &out);
}

void lia_api_read(lia_call *call)
{
    uint64_t history = 0;
    if (lia_call_past(call)) return;
    if (!lia_call_number(call, "history", 0, 1, &history)) return;
    lia_rows rows;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    lia_shown shown;
    err = lia_shown_load(&shown, call->who, &rows, call->kind, call->id, call->arena);
    if (!err) lia_call_note_shown(call, &shown);
    if (err)
        lia_call_fail_read(call, err);
    else
        answer_shown(call, &shown, LIA_SHOW_CONFLICTS | (history ? LIA_SHOW_HISTORY : 0));
    lia_node_read_end(call->api->node, &rows);
}

/* ---- writing: the answer --------------------------------------------------------------------- */

/* A command under way; lives in the request's arena, like its call. */
typedef struct lia_write {
    lia_call *call;
    lia_command command;
    lia_hold hold; /* until so many others have it */
    /* of a new customer: who they might be already */
    lia_doubles_found doubles;
    lia_rows rows;
    lia_arena scratch;
    uv_work_t job;
} lia_write;

/* The record as the commit left it. */
static lia_err load_answer(lia_write *write, const lia_rows *rows, lia_shown *shown)
{
    const lia_command *command = &write->command;
    const lia_kind *kind = lia_kind_find(command->record_kind);
    if (lia_id_is_none(command->record) || !kind) return LIA_EABSENT;
    return lia_shown_load(shown, write->call->who, rows, kind, command->record, write->call->arena);
}

/* People's words about who is one customer: whoever says one wants to see what became of it. */
static bool joins(const lia_command *command)
{
    static const char *const names[] = {"customer.link", "customer.unlink", "customer.not_same"};
    for (size_t i = 0; i < LIA_COUNT(names) && command->row; i++)
        if (strcmp(command->row->name, names[i]) == 0) return true;
    return false;
}

/* The record's object; with a new customer also those who might be the same one. Returns how many.
 */
static size_t put_answer(const lia_write *write, const lia_shown *shown, lia_buf *out)
{
    size_t count = 0;
    lia_buf_byte(out, '{');
    lia_shown_put(out, write->call->api, shown, LIA_SHOW_CONFLICTS);
    if (write->doubles.count) {
        lia_buf_text(out, ",\"duplicates\":");
        count = lia_doubles_put(out, &write->doubles, shown->id);
    }
    lia_buf_byte(out, '}');
    return count;
}

static void answer_done(lia_write *write, const lia_shown *shown)
{
    lia_call *call = write->call;
    const lia_command *command = &write->command;
    char etag[LIA_VERSION_TEXT_SIZE + 2], position[LIA_POSITION_TEXT_SIZE];
    char location[96], id[LIA_ID_TEXT_SIZE];
    char level[LIA_LEVEL_TEXT_SIZE];
    lia_http_header headers[8];
    size_t count = lia_level_headers(&write->hold, headers, level);
    lia_buf out = lia_buf_make(call->arena);

    lia_position at = command->position;
    if (!at.seq)
        at = (lia_position){lia_node_origin(call->api->node).incarnation, 0,
                            lia_node_origin(call->api->node).node};
    lia_position_print(at, position);
    headers[count++] = (lia_http_header){"Liaison-Position", position};
    if (joins(command) && lia_api_unsettled(call->api))
        headers[count++] = (lia_http_header){
            "Liaison-Notice", "who is one customer is still being worked out: see /api/v1/status"};
    if (command->repeated) headers[count++] = (lia_http_header){"Idempotent-Replayed", "true"};
    if (shown) {
        print_etag(&shown->top, etag);
        headers[count++] = (lia_http_header){"ETag", etag};
        if (put_answer(write, shown, &out))
            headers[count++] = (lia_http_header){
                "Liaison-Notice", "this customer may be known already: see duplicates"};
    }
    bool is_new = command->type == LIA_COMMAND_CREATE;
    if (is_new) {
        lia_id_print(shown ? shown->id : command->record, id);
        snprintf(location, sizeof location, "/api/v1/%s/%s", call->kind->plural, id);
        headers[count++] = (lia_http_header){"Location", location};
    }
    if (!shown) lia_buf_format(&out, is_new ? "{\"id\":\"%s\"}" : "{}", id);
    unsigned status = lia_level_missed(&write->hold) ? 202 : is_new ? 201 : 200;
    lia_call_answer(call, status, headers, count, &out);
}

/* Somebody was faster: shows what there is now, so that the client can decide again. */
static lia_span current_of(lia_write *write)
{
    lia_rows rows;
    lia_shown shown;
    lia_call *call = write->call;
    lia_buf out = lia_buf_make(call->arena);
    if (lia_node_read(call->api->node, &rows)) return LIA_SPAN_NONE;
    lia_err err = lia_shown_load(&shown, call->who, &rows, call->kind, call->id, call->arena);
    if (!err) lia_shown_put_object(&out, call->api, &shown, LIA_SHOW_CONFLICTS);
    if (!err) lia_call_note_shown(call, &shown);
    lia_node_read_end(call->api->node, &rows);
    return err || out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

static void answer_failed(lia_write *write)
{
    const lia_command *command = &write->command;
    lia_why why = command->why;
    if (command->err == LIA_EOWNER && !why.text[0])
        lia_why_set(&why, LIA_EOWNER,
                    "%s records belong to the department '%s': ask there, or "
                    "hand over",
                    write->call->kind->name, lia_department_name(write->call->kind->owner));
    lia_problem problem = lia_problem_of(command->err, command->refusal, &why);
    if (command->err == LIA_ECONFLICT) problem.current = current_of(write);
    lia_call_problem(write->call, &problem);
}

static void answer_now(void *context)
{
    lia_write *write = context;
    const lia_command *command = &write->command;
    lia_api *api = write->call->api;
    lia_rows rows;
    lia_shown shown;
    if (command->err) {
        answer_failed(write);
    } else if (lia_node_read(api->node, &rows)) {
        answer_done(write, NULL); /* kept, but it cannot be read now */
    } else {
        lia_err err = load_answer(write, &rows, &shown);
        if (err == LIA_EGONE) /* what the key once made was erased since */
            lia_call_fail(write->call, err, NULL);
        else
            answer_done(write, err ? NULL : &shown);
        lia_node_read_end(api->node, &rows);
    }
    lia_api_worked(api);
}

static void answer(lia_write *write)
{
    bool waits = !write->command.err && joins(&write->command);
    lia_api_settle(write->call->api, waits ? SETTLE_MS : 0, answer_now, write);
}

static void held(lia_hold *hold, void *context)
{
    (void)hold;
    answer(context);
}

static void done(lia_command *command, void *context)
{
    lia_write *write = context;
    if (command->err || !write->hold.wanted) {
        write->hold.wanted = 0;
        answer(write);
        return;
    }
    write->hold.position = command->last;
    lia_node_hold(write->call->api->node, &write->hold);
}

/* ---- writing: the question ------------------------------------------------------------------- */

static bool read_key(lia_write *write)
{
    lia_span text;
    if (!lia_http_get_header(write->call->request, "idempotency-key", &text)) return true;
    if (text.size && text.size <= KEY_BYTES_MAX) {
        write->command.key = lia_api_key(text);
        return true;
    }
    lia_call_invalid(write->call, "Idempotency-Key: 1 to %d bytes are wanted", KEY_BYTES_MAX);
    return false;
}

static bool read_match(lia_write *write)
{
    lia_span text;
    lia_command *command = &write->command;
    if (!lia_http_get_header(write->call->request, "if-match", &text) || lia_span_is(text, "*"))
        return true;
    bool is_quoted = text.size > 2 && text.data[0] == '"' && text.data[text.size - 1] == '"';
    if (is_quoted &&
        lia_version_parse(lia_span_make(text.data + 1, text.size - 2), &command->match) == LIA_OK) {
        command->has_match = true;
        return true;
    }
    bool is_whole = is_quoted && text.size == LIA_WHOLE_TAG_SIZE - 2;
    if (is_whole) {
        lia_call_invalid(write->call, "If-Match: this is the ETag of several records; the version "
                                      "of the one that is changed is wanted (members[].version)");
        return false;
    }
    lia_call_invalid(write->call, "If-Match: the ETag of one earlier answer is wanted");
    return false;
}

/* What all writes have in common. NULL when it has been answered. */
static lia_write *begin(lia_call *call, lia_command_type type)
{
    lia_write *write = lia_arena_zero(call->arena, sizeof *write);
    if (!write) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return NULL;
    }
    write->call = call;
    write->command.type = type;
    write->command.kind = lia_kind_find(call->kind->number); /* not only what of it may be seen */
    write->command.id = call->id;
    lia_call_claim(call, &write->command);
    write->command.done = done;
    write->command.context = write;
    write->hold.done = held;
    write->hold.context = write;
    bool automation = true;
    if (!lia_call_flag(call, "automation", &automation)) return NULL;
    write->command.quiet = !automation;
    return read_key(write) && read_match(write) && lia_call_level(call, &write->hold) ? write
                                                                                      : NULL;
}

static bool read_body(lia_write *write, const lia_message *schema, lia_json_mode mode,
                      lia_span body)
{
    lia_why why = {{0}};
    lia_json_object object;
    lia_err err = lia_json_read(&object, schema, mode, body, write->call->arena, &why);
    if (err) {
        lia_call_fail(write->call, err, &why);
        return false;
    }
    write->command.request = object.message;
    write->command.mask = object.mentioned;
    write->command.mask_count = object.mentioned_count;
    return true;
}

static void submit(lia_write *write)
{
    lia_api *api = write->call->api;
    lia_why why = {{0}};
    lia_err err = lia_node_submit(api->node, &write->command);
    if (!err) {
        api->at_work++;
        return;
    }
    if (err == LIA_EFULL)
        lia_why_set(&why, err, "more commands wait than are taken; try again shortly");
    else
        (void)lia_node_health(api->node, &why);
    lia_call_fail(write->call, err, &why);
}

/* ---- a new customer: who might it be? ---------------------------------------------------------
 */

/* Finding nobody is no reason to refuse a customer, nor is it when looking fails. */
static void look_for_doubles(uv_work_t *job)
{
    lia_write *write = job->data;
    lia_catalog_use(write->call->catalog);
    lia_err err = lia_doubles_find(&write->doubles, &write->rows, write->call,
                                   write->command.request, &write->scratch);
    if (err) write->doubles.count = 0;
    lia_node_scan_end(&write->rows);
}

static void looked_for_doubles(uv_work_t *job, int status)
{
    lia_write *write = job->data;
    lia_api *api = write->call->api;
    (void)status;
    lia_arena_fini(&write->scratch);
    submit(write);
    lia_api_worked(api);
}

static void submit_checked(lia_write *write)
{
    lia_api *api = write->call->api;
    bool ready = lia_arena_init(&write->scratch, SCRATCH_BYTES) == LIA_OK;
    if (!ready || lia_node_scan(api->node, &write->rows)) {
        lia_arena_fini(&write->scratch);
        submit(write);
        return;
    }
    write->job.data = write;
    api->at_work++;
    int queued = uv_queue_work(api->loop, &write->job, look_for_doubles, looked_for_doubles);
    lia_assert(queued == 0);
}

void lia_api_create(lia_call *call)
{
    bool checks = call->kind->number == LIA_CUSTOMER;
    if (!lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    if (!lia_call_flag(call, "check", &checks)) return;
    lia_write *write = begin(call, LIA_COMMAND_CREATE);
    if (!write || !lia_call_may_any(call, LIA_ACTION_CREATE) ||
        !read_body(write, call->kind->message, LIA_JSON_CREATE, lia_http_get_body(call->request)) ||
        !lia_call_may_create(call, &write->command.request))
        return;
    if (checks && call->kind->number == LIA_CUSTOMER)
        submit_checked(write);
    else
        submit(write);
}

void lia_api_change(lia_call *call)
{
    if (!lia_call_body_is(call, "application/merge-patch+json") &&
        !lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/merge-patch+json or application/json");
        return;
    }
    lia_write *write = begin(call, LIA_COMMAND_CHANGE);
    if (write && lia_call_may(call, LIA_ACTION_CHANGE) &&
        read_body(write, call->kind->message, LIA_JSON_PATCH, lia_http_get_body(call->request)) &&
        lia_call_refers(call, call->kind->message, write->command.request))
        submit(write);
}

void lia_call_change(lia_call *call, const lia_change_ask *ask)
{
    lia_write *write = begin(call, ask->type);
    if (!write) return;
    lia_command *command = &write->command;
    command->restore = ask->restore;
    command->request = ask->request;
    command->mask = ask->mask;
    command->mask_count = ask->mask_count;
    if (!command->has_match) command->match = ask->match;
    command->has_match = true;
    submit(write);
}

static void archive(lia_call *call, bool restore)
{
    lia_write *write = begin(call, LIA_COMMAND_ARCHIVE);
    if (!write || !lia_call_may(call, LIA_ACTION_ARCHIVE)) return;
    write->command.restore = restore;
    submit(write);
}

void lia_api_archive(lia_call *call)
{
    archive(call, false);
}
void lia_api_restore(lia_call *call)
{
    archive(call, true);
}

/* ---- verbs ----------------------------------------------------------------------------------- */

/* The first field of a verb's request takes the id of the path; a body that names it must agree. */
static bool place_id(lia_write *write)
{
    lia_call *call = write->call;
    uint32_t number = call->command->request->fields[0].id;
    lia_pb_field field;
    if (lia_pb_find(write->command.request, number, &field)) {
        if (lia_id_equal(lia_id_from(field.bytes), call->id)) return true;
        lia_call_invalid(call, "%s: the path names another record",
                         call->command->request->fields[0].name);
        return false;
    }
    lia_buf request = lia_buf_make(call->arena);
    lia_pb_put_bytes(&request, number, lia_id_span(&call->id));
    lia_buf_span(&request, write->command.request);
    write->command.request = lia_buf_get(&request);
    if (request.failed) lia_call_fail(call, LIA_EFULL, NULL);
    return !request.failed;
}

/* What cannot be taken back wants more than a change does. */
static bool is_for_good(const lia_command_row *row)
{
    return strcmp(row->verb, "erase") == 0;
}

static bool may_send(lia_call *call)
{
    if (call->command->bare) return lia_call_may_any(call, LIA_ACTION_CREATE);
    return lia_call_may(call, is_for_good(call->command) ? LIA_ACTION_ARCHIVE : LIA_ACTION_CHANGE);
}

void lia_api_command(lia_call *call)
{
    lia_span body = lia_http_get_body(call->request);
    if (body.size && !lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    const lia_message *schema = lia_message_find(call->command->request->name);
    lia_write *write = begin(call, LIA_COMMAND_VERB);
    if (!write || !may_send(call)) return;
    write->command.row = call->command;
    if (read_body(write, schema, LIA_JSON_COMMAND, body.size ? body : LIA_SPAN("{}")) &&
        (call->command->bare || place_id(write)) &&
        lia_call_refers(call, schema, write->command.request))
        submit(write);
}
