/* SPDX-License-Identifier: Apache-2.0 */
/* POST /{plural}/{id}:undo: takes back the last change that whoever asks has made to the record:
 * its fields get the values from before it. That is a change like others: it is told, and undoing
 * it brings the first one back. Refused, with the reason, when it cannot be done whole:
 *
 *     no-number         nobody knows which changes are theirs
 *     nothing-to-undo   among the last ROWS_MAX changes none is theirs, or theirs made the record
 *     more-than-fields  it was more than a change of fields (a deal was won): the rules of that
 * apply changed-since     somebody has changed one of its fields since; `detail` names them
 *     value-left        what was there before has left the log */
#include "common/http/api_gate.h"
#include "common/http/api_history.h"
#include "common/node/before.h"
#include "common/node/changes.h"
#include "common/node/writes.h"

#define ROWS_MAX 200

typedef struct undoing {
    lia_call *call;
    lia_rows rows;
    lia_shown shown;
    lia_event event;
    const lia_op *op;
    lia_buf request, mask, names;
    bool archives, archived_before;
    const char *no; /* code of the refusal */
} undoing;

/* ---- which change ---------------------------------------------------------------------------- */

static lia_err find_own(undoing *undo)
{
    lia_call *call = undo->call;
    lia_changes walk;
    lia_change change;
    uint32_t actor = lia_call_actor_number(call);
    lia_err err = lia_changes_open(&walk, &undo->rows, call->kind->number, call->id, LIA_SPAN_NONE);
    for (size_t i = 0; !err && i < ROWS_MAX && !(err = lia_changes_next(&walk, &change)); i++) {
        lia_header header;
        if (lia_event_parse_header(&header, change.bytes) || header.actor != actor) continue;
        if (!actor && header.cause.seq) continue; /* the node's own */
        err = lia_event_parse(&undo->event, change.bytes, call->arena, NULL);
        if (!err) undo->op = lia_change_op(&undo->event, call->kind->number, call->id);
        break;
    }
    lia_changes_close(&walk);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* Whether restoring its fields takes all of it back. */
static const char *judge(const undoing *undo)
{
    bool is_nobodys = undo->call->login && !lia_call_actor_number(undo->call);
    if (is_nobodys) return "no-number";
    if (!undo->op) return "nothing-to-undo";
    switch (undo->event.header.fact) {
    case LIA_RECORD_CREATED:
    case LIA_INTERACTION_LOGGED:
        return "nothing-to-undo";
    case LIA_RECORD_CHANGED:
    case LIA_RECORD_ARCHIVED:
        return NULL;
    default:
        return "more-than-fields";
    }
}

/* ---- what was before ------------------------------------------------------------------------- */

static void add_name(undoing *undo, const lia_field *field)
{
    lia_buf_format(&undo->names, "%s%s", undo->names.size ? ", " : "", field->name);
}

/* Whether the register still shows this write and nothing else. */
static bool is_last(const undoing *undo, const lia_written *written)
{
    const lia_register *reg =
        lia_record_find(&undo->shown.record, written->field, written->element);
    return reg && reg->count == 1 && !lia_stamp_compare(&reg->live[0].stamp, &written->live.stamp);
}

static void put_live(undoing *undo, const lia_field *field, lia_span element, const lia_live *live)
{
    bool is_text = field->type == LIA_T_STRING || field->type == LIA_T_BYTES;
    if (live->absent) return;
    if (element.size && !live->value.size)
        lia_pb_put_raw(&undo->request, field->number, is_text ? LIA_WIRE_BYTES : LIA_WIRE_VARINT,
                       element);
    else
        lia_pb_put_raw(&undo->request, field->number, live->wire, live->value);
}

/* The value from before one write of the op; nothing when there was none. */
static lia_err restore(undoing *undo, const lia_field *field, const lia_written *written)
{
    lia_live before;
    const lia_write_place place = {undo->op->kind, undo->op->record, written->field,
                                   written->element};
    if (!is_last(undo, written)) {
        undo->no = "changed-since";
        add_name(undo, field);
        return LIA_OK;
    }
    if (lia_stamp_is_none(&written->seen)) return LIA_OK;
    lia_err err = lia_write_find(&before, &undo->rows, &place, &written->seen, undo->call->arena);
    if (!err) put_live(undo, field, written->element, &before);
    if (err == LIA_EABSENT && !undo->no) undo->no = "value-left";
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* The elements of a set that the change left alone stay. */
static void keep_others(undoing *undo, const lia_field *field)
{
    const lia_record *record = &undo->shown.record;
    for (size_t i = 0; i < record->count; i++) {
        const lia_register *reg = &record->registers[i];
        if (reg->field != field->number || !reg->element.size) continue;
        lia_writes writes = lia_writes_of(&undo->event.header, undo->op);
        lia_written written;
        bool touched = false;
        while (lia_writes_next(&writes, &written))
            touched |= written.field == reg->field && lia_span_equal(written.element, reg->element);
        const lia_live *winner = touched ? NULL : lia_register_winner(reg, field);
        if (winner) put_live(undo, field, reg->element, winner);
    }
}

static bool is_masked(const undoing *undo, uint32_t number)
{
    const uint32_t *mask = (const uint32_t *)(const void *)undo->mask.data;
    for (size_t i = 0; i < undo->mask.size / sizeof number; i++)
        if (mask[i] == number) return true;
    return false;
}

/* Hidden fields stay as they are, and so do those that only rules write: they follow from the rest.
 */
static lia_err restore_all(undoing *undo)
{
    const lia_kind *kind = undo->shown.kind;
    lia_writes writes = lia_writes_of(&undo->event.header, undo->op);
    lia_written written;
    lia_err err = LIA_OK;
    while (!err && lia_writes_next(&writes, &written)) {
        const lia_field *field = lia_field_find(kind->message, written.field);
        bool archives = field && kind->archived && field->number == kind->archived->number;
        if (!field || (field->read_only && !archives)) continue;
        undo->archives |= archives;
        err = restore(undo, field, &written);
        if (is_masked(undo, field->number)) continue;
        if (field->repeated) keep_others(undo, field);
        lia_buf_add(&undo->mask, &field->number, sizeof field->number);
    }
    lia_pb_field archived;
    undo->archived_before =
        undo->archives &&
        lia_pb_find(lia_buf_get(&undo->request), kind->archived->number, &archived) &&
        archived.value;
    return undo->request.failed || undo->mask.failed ? LIA_EFULL : err;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const char *text_of(const char *code)
{
    static const struct {
        const char *code, *text;
    } words[] = {
        {"no-number",
         "your user has no actor number, so that nobody knows which changes are yours"},
        {"nothing-to-undo", "none of the last changes of its fields is yours"},
        {"more-than-fields", "your last change was more than a change of fields"},
        {"changed-since", "changed by somebody since"},
        {"value-left", "what was there before your change has left the log"},
    };
    for (size_t i = 0; i < LIA_COUNT(words); i++)
        if (strcmp(words[i].code, code) == 0) return words[i].text;
    return code;
}

static void refuse(undoing *undo)
{
    lia_why why;
    const lia_buf *names = &undo->names;
    lia_buf current = lia_buf_make(undo->call->arena);
    lia_why_set(&why, LIA_EREFUSED, "%.*s%s%s", (int)names->size, (const char *)names->data,
                names->size ? ": " : "", text_of(undo->no));
    lia_problem problem = lia_problem_of(LIA_EREFUSED, LIA_ALLOWED, &why);
    problem.code = undo->no;
    lia_shown_put_object(&current, undo->call->api, &undo->shown, LIA_SHOW_CONFLICTS);
    if (!current.failed) problem.current = lia_buf_get(&current);
    lia_call_problem(undo->call, &problem);
}

static lia_err look(undoing *undo)
{
    lia_call *call = undo->call;
    lia_err err =
        lia_shown_load(&undo->shown, call->who, &undo->rows, call->kind, call->id, call->arena);
    if (!err) err = find_own(undo);
    if (err) return err;
    undo->no = judge(undo);
    return undo->no ? LIA_OK : restore_all(undo);
}

static void send_back(undoing *undo)
{
    const lia_change_ask ask = {
        .type = undo->archives ? LIA_COMMAND_ARCHIVE : LIA_COMMAND_CHANGE,
        .restore = !undo->archived_before,
        .request = lia_buf_get(&undo->request),
        .mask = (const uint32_t *)(const void *)undo->mask.data,
        .mask_count = undo->mask.size / sizeof *ask.mask,
        .match = undo->shown.top,
    };
    if ((!undo->archives || lia_call_may(undo->call, LIA_ACTION_ARCHIVE)) &&
        lia_call_refers(undo->call, undo->call->kind->message, ask.request))
        lia_call_change(undo->call, &ask);
}

void lia_api_undo(lia_call *call)
{
    if (!lia_call_may(call, LIA_ACTION_CHANGE)) return;
    undoing *undo = lia_arena_zero(call->arena, sizeof *undo);
    lia_err err = undo ? lia_node_read(call->api->node, &undo->rows) : LIA_EFULL;
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    undo->call = call;
    undo->request = undo->mask = undo->names = lia_buf_make(call->arena);
    err = look(undo);
    if (err)
        lia_call_fail_read(call, err);
    else if (undo->no)
        refuse(undo);
    lia_node_read_end(call->api->node, &undo->rows);
    if (!err && !undo->no) send_back(undo);
}
