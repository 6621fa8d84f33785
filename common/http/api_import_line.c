/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an import: is it a record, is there one with its key, may whoever asks do it, and
 * which command does it become. What a record has in its lists beside what the line says stays. */
#include "common/http/api_gate.h"
#include "common/http/api_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "common/crm/customer.h"
#include "common/identity/identity.h"
#include "common/wire/unpack.h"

/* Lists outlive the people that lines were about. */
void lia_import_reason(lia_intake_row *row, const char *reason)
{
    /* A value may have quotes of its own: all between the first and the last one goes. */
    const char *first = strchr(reason, '\''), *last = strrchr(reason, '\'');
    if (first == last)
        snprintf(row->reason, sizeof row->reason, "%s", reason);
    else
        snprintf(row->reason, sizeof row->reason, "%.*s_%s", (int)(first - reason), reason,
                 last + 1);
}

typedef struct judging {
    lia_import_line *out;
    const lia_import_work *work;
    const lia_call *call;
    const lia_kind *kind; /* in full */
    const lia_rows *rows;
    lia_arena *arena;
    lia_json_object object;
    bool whole; /* it was read as a record to be made */
    lia_why why;
} judging;

/* The line ends here, in that list. */
static lia_err end(judging *j, lia_intake_list list, const char *reason)
{
    j->out->list = list;
    lia_import_reason(&j->out->row, reason);
    return LIA_OK;
}

/* Its record is there already. */
static lia_err end_as(judging *j, lia_id id, lia_intake_by by)
{
    j->out->row.id = id;
    j->out->row.by = by;
    return end(j, LIA_INTAKE_DUPLICATE, "");
}

/* Errors of the line are its result; those of the node end the piece. */
static lia_err end_with(judging *j, lia_err err)
{
    bool is_lines =
        err == LIA_EINVAL || err == LIA_EDENIED || err == LIA_EABSENT || err == LIA_EGONE;
    if (!is_lines) return err;
    return end(j, LIA_INTAKE_FAILED, j->why.text[0] ? j->why.text : lia_err_text(err));
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The text of a field's first value: its own, or that of an element's key. */
static lia_span value_of(const lia_field *field, const lia_pb_field *found)
{
    lia_pb_field part;
    if (field->type != LIA_T_MESSAGE) return found->bytes;
    return lia_pb_find(found->bytes, field->key, &part) ? part.bytes : LIA_SPAN_NONE;
}

static bool same_text(lia_span a, lia_span b)
{
    return a.size == b.size && strncasecmp((const char *)a.data, (const char *)b.data, a.size) == 0;
}

static bool holds(lia_span message, const lia_field *field, lia_span value)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field found;
    while (lia_pb_next(&reader, &found))
        if (found.number == field->number && same_text(value_of(field, &found), value)) return true;
    return false;
}

/* Whether the record behind an index row has the value as it is written and may be read. */
static lia_err looks_right(judging *j, lia_id id, const lia_field *field, lia_span value,
                           bool *right)
{
    lia_span message;
    size_t mark = lia_arena_mark(j->arena);
    lia_err err =
        lia_principal_reaches(j->call->who, j->rows, LIA_ACTION_READ, j->kind, id, j->arena, right);
    if (!err && *right) err = lia_rows_message(j->rows, j->kind, id, j->arena, &message, NULL);
    if (!err && *right) {
        lia_pb_field archived;
        *right = holds(message, field, value) &&
                 !(j->kind->archived &&
                   lia_pb_find(message, j->kind->archived->number, &archived) && archived.value);
    }
    lia_arena_back(j->arena, mark);
    if (err == LIA_EABSENT || err == LIA_EGONE) *right = false, err = LIA_OK;
    return err;
}

/* The records with that value, two at most. */
static lia_err find_by_key(judging *j, const lia_field *field, const lia_pb_field *asked,
                           lia_id found[2], size_t *count)
{
    lia_scan *scan;
    lia_span key, row, value = value_of(field, asked);
    lia_key prefix = lia_key_index_value(j->kind->number, field, asked->bytes);
    *count = 0;
    lia_err err = lia_rows_scan(j->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && *count < 2 && lia_scan_next(scan, &key, &row)) {
        bool right;
        lia_id id = lia_key_index_id(key);
        err = looks_right(j, id, field, value, &right);
        if (!err && right) found[(*count)++] = id;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static const lia_field *key_field(const judging *j)
{
    lia_span path = lia_span_text(j->work->intake.key);
    path.size = strcspn(j->work->intake.key, ".[");
    return path.size ? lia_field_by_name(j->kind->message, path) : NULL;
}

/* ---- changes --------------------------------------------------------------------------------- */

static bool is_mentioned(const judging *j, uint32_t number)
{
    for (size_t i = 0; i < j->object.mentioned_count; i++)
        if (j->object.mentioned[i] == number) return true;
    return false;
}

/* Whether the request names that element of a list itself. */
static bool is_renewed(const judging *j, const lia_field *field, const lia_pb_field *element)
{
    lia_span name = value_of(field, element);
    lia_pb_reader reader = lia_pb_read(j->object.message);
    lia_pb_field found;
    while (lia_pb_next(&reader, &found))
        if (found.number == field->number && lia_span_equal(value_of(field, &found), name))
            return true;
    return false;
}

/* Appends the fields of that number in `message`; elements that the request renews are left out of
 * what was there. */
static void put_field(judging *j, lia_buf *out, lia_span message, const lia_field *field, bool was)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field found;
    while (lia_pb_next(&reader, &found)) {
        if (found.number != field->number) continue;
        if (was && is_renewed(j, field, &found)) continue;
        lia_pb_put_raw(out, found.number, found.wire, found.bytes);
    }
}

/* What the line says, and beside it the elements that the record's lists have already. */
static lia_err join_lists(judging *j, lia_span before)
{
    lia_buf out = lia_buf_make(j->arena);
    const lia_message *schema = j->kind->message;
    for (size_t i = 0; i < schema->count; i++) { /* by ascending number, as in a message */
        const lia_field *field = &schema->fields[i];
        if (!is_mentioned(j, field->number)) continue;
        if (field->repeated) put_field(j, &out, before, field, true);
        put_field(j, &out, j->object.message, field, false);
    }
    j->object.message = lia_buf_get(&out);
    return out.failed ? LIA_EFULL : LIA_OK;
}

static lia_err become_change(judging *j, lia_id id)
{
    bool allowed;
    lia_span before;
    lia_err err = lia_principal_reaches(j->call->who, j->rows, LIA_ACTION_CHANGE, j->kind, id,
                                        j->arena, &allowed);
    if (!err && !allowed)
        err = lia_why_set(&j->why, LIA_EDENIED, "your roles do not let you change this one");
    if (!err) err = lia_rows_message(j->rows, j->kind, id, j->arena, &before, NULL);
    if (!err) err = join_lists(j, before);
    if (err) return end_with(j, err);
    j->out->command.type = LIA_COMMAND_CHANGE;
    j->out->command.id = id;
    j->out->list = LIA_INTAKE_UPDATED;
    j->out->sent = true;
    return LIA_OK;
}

/* ---- new records ----------------------------------------------------------------------------- */

/* Who it might be already; the first that is sure, else the likeliest. */
static lia_err find_double(judging *j)
{
    lia_double doubles[4];
    lia_import_line *out = j->out;
    size_t count = 0, mark = lia_arena_mark(j->arena);
    ProtobufCMessage *customer =
        lia_unpack(j->kind->message->descriptor, j->object.message, j->arena);
    lia_err err = customer ? lia_identity_doubles(j->rows, (const Crm__Customer *)customer,
                                                  j->arena, doubles, LIA_COUNT(doubles), &count)
                           : LIA_EFULL;
    for (size_t i = 0; !err && out->alike_by != LIA_INTAKE_BY_LIKENESS && i < count; i++) {
        bool seen = false, is_sure = doubles[i].match.verdict == LIA_MATCH_LINK;
        if (!is_sure && out->alike_by) continue;
        err = lia_principal_reaches(j->call->who, j->rows, LIA_ACTION_READ, j->kind,
                                    doubles[i].record, j->arena, &seen);
        if (err || !seen) continue;
        out->alike = doubles[i].record;
        out->alike_by = is_sure ? LIA_INTAKE_BY_LIKENESS : LIA_INTAKE_BY_CHANCE;
    }
    lia_arena_back(j->arena, mark);
    return err;
}

static bool looks_for_doubles(const judging *j)
{
    return j->kind->number == LIA_CUSTOMER && (j->work->intake.skip_duplicates || j->work->looks);
}

static lia_err read_whole(judging *j, const lia_records_item *item)
{
    if (j->whole) return LIA_OK;
    lia_err err = lia_json_read(&j->object, j->call->kind->message, LIA_JSON_CREATE, item->json,
                                j->arena, &j->why);
    j->whole = !err;
    return err;
}

static lia_err become_create(judging *j, const lia_records_item *item)
{
    lia_why *why = &j->why;
    lia_err err = read_whole(j, item);
    if (!err)
        err = lia_right_refer(j->call, j->rows, j->arena, j->call->kind->message, j->object.message,
                              why);
    if (!err) err = lia_right_create(j->call, j->rows, j->arena, &j->object.message, why);
    if (!err && looks_for_doubles(j)) err = find_double(j);
    if (err) return end_with(j, err);
    if (j->out->alike_by == LIA_INTAKE_BY_LIKENESS && j->work->intake.skip_duplicates)
        return end_as(j, j->out->alike, LIA_INTAKE_BY_LIKENESS);
    j->out->command.type = LIA_COMMAND_CREATE;
    j->out->list = LIA_INTAKE_CREATED;
    j->out->sent = true;
    return LIA_OK;
}

/* ---- a line ---------------------------------------------------------------------------------- */

/* What was done before the run broke off. True: the line is settled. */
static lia_err was_done(judging *j, bool *done)
{
    lia_command_note note;
    lia_span bytes;
    lia_event event;
    lia_err err = lia_rows_command(j->rows, j->out->command.key, &note);
    *done = !err;
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    j->out->row.id = note.record;
    j->out->row.position = note.event;
    j->out->list = LIA_INTAKE_CREATED;
    if (j->work->intake.mode == LIA_INTAKE_UPDATE) j->out->list = LIA_INTAKE_UPDATED;
    if (lia_rows_event(j->rows, note.first, &bytes)) return LIA_OK; /* it has left the log */
    if (!lia_event_parse_header(&event.header, bytes) && event.header.fact == LIA_RECORD_CHANGED)
        j->out->list = LIA_INTAKE_UPDATED;
    return LIA_OK;
}

static lia_err judge_keyed(judging *j, const lia_records_item *item, const lia_field *field,
                           const lia_pb_field *asked)
{
    lia_id found[2];
    size_t count;
    lia_intake_mode mode = j->work->intake.mode;
    lia_err err = find_by_key(j, field, asked, found, &count);
    if (err) return err;
    if (count == 2) return end(j, LIA_INTAKE_FAILED, "the key is that of several records");
    if (count == 1 && mode != LIA_INTAKE_CREATE) {
        err = lia_right_refer(j->call, j->rows, j->arena, j->call->kind->message, j->object.message,
                              &j->why);
        return err ? end_with(j, err) : become_change(j, found[0]);
    }
    if (count == 1) return end_as(j, found[0], LIA_INTAKE_BY_KEY);
    if (mode == LIA_INTAKE_UPDATE) return end(j, LIA_INTAKE_FAILED, "no record has this key");
    return become_create(j, item);
}

static lia_err judge(judging *j, const lia_records_item *item, lia_span *key)
{
    lia_pb_field found;
    bool done = false;
    if (!item->json.size) return end(j, LIA_INTAKE_FAILED, item->reason);
    lia_err err = was_done(j, &done);
    if (err || done) return err;
    const lia_field *field = key_field(j);
    if (!field) return become_create(j, item);
    /* Most lines of such an import are read once; what is no whole record may have a key all the
     * same. */
    if (j->work->intake.mode != LIA_INTAKE_CREATE || read_whole(j, item))
        err = lia_json_read(&j->object, j->call->kind->message, LIA_JSON_PATCH, item->json,
                            j->arena, &j->why);
    if (err) return end_with(j, err);
    lia_pb_reader reader = lia_pb_read(j->object.message);
    bool has = false; /* of a list its first element counts */
    while (!has && lia_pb_next(&reader, &found)) has = found.number == field->number;
    if (has) *key = value_of(field, &found);
    if (key->size) return judge_keyed(j, item, field, &found);
    if (j->work->intake.mode == LIA_INTAKE_UPDATE)
        return end(j, LIA_INTAKE_FAILED, "the line has no key");
    return become_create(j, item);
}

lia_err lia_import_judge(lia_import_line *out, lia_import_work *work, const lia_rows *rows,
                         const lia_records_item *item, lia_arena *arena, lia_span *key)
{
    judging j = {.out = out, .work = work, .call = work->call, .rows = rows, .arena = arena};
    j.kind = work->intake.kind;
    *key = LIA_SPAN_NONE;
    *out = (lia_import_line){.line = item->line, .row = {.line = item->line}};
    out->command.kind = j.kind;
    out->command.key = lia_intake_command(&work->intake, item->line);
    lia_call_claim(work->call, &out->command);
    out->command.quiet = !work->intake.automation;
    out->command.bulk = true;
    out->command.run = &work->run;
    lia_err err = judge(&j, item, key);
    out->command.request = j.object.message;
    out->command.mask = j.object.mentioned;
    out->command.mask_count = j.object.mentioned_count;
    return err;
}

lia_command *lia_import_chain(lia_import_line *lines, size_t count,
                              void (*done)(lia_command *command, void *context), void *context,
                              size_t *sent)
{
    lia_command *first = NULL, **end = &first;
    *sent = 0;
    for (size_t i = 0; i < count; i++) {
        lia_command *command = &lines[i].command;
        if (!lines[i].sent) continue;
        command->done = done;
        command->context = context;
        command->next = NULL;
        *end = command;
        end = &command->next;
        ++*sent;
    }
    return first;
}
