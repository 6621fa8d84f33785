/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}/{id}/history?field=&page_size=&page_token=: every change of a record, newest first:
 * each field's old and new value, who, when, by which event. The new value stands in the event; the
 * old one in the event that the write says it replaced, or in what is left of that (before.h).
 *
 * Of a field that whoever asks may not see nothing is told; a change of such fields only is no
 * change to them. A page looks at ROWS_MAX changes at most, so one of a rare field may be short. */
#include "common/http/api_history.h"
#include "common/http/api_audit.h"
#include "common/http/api_gate.h"
#include "common/node/before.h"
#include "common/node/changes.h"
#include "common/node/writes.h"

#define ROWS_MAX      2000
#define SCRATCH_BYTES ((size_t)32 << 20)

typedef struct asking {
    lia_call *call;
    const lia_field *field; /* NULL: all */
    size_t page_size;
    lia_page_mark mark;
    lia_span after; /* a change's place; empty: from the newest */
    const lia_rows *rows;
    lia_arena *scratch; /* forgotten with each change */
    lia_buf *out;
    size_t found;
} asking;

/* ---- values ---------------------------------------------------------------------------------- */

/* An element that has no value names itself, in the form of the field's payload. */
static void put_value(lia_buf *out, const lia_field *field, lia_span element, const lia_live *live)
{
    bool is_text = field->type == LIA_T_STRING || field->type == LIA_T_BYTES;
    if (!live || live->absent)
        lia_buf_text(out, "null");
    else if (element.size && !live->value.size)
        lia_json_put_value(out, field, is_text ? LIA_WIRE_BYTES : LIA_WIRE_VARINT, element);
    else
        lia_json_put_value(out, field, live->wire, live->value);
}

/* "from": null when there was nothing; when what there was has left the log "from_left" says so. */
static lia_err put_before(asking *ask, const lia_op *op, const lia_field *field,
                          const lia_written *written)
{
    lia_live before;
    const lia_write_place place = {op->kind, op->record, written->field, written->element};
    lia_err err = LIA_EABSENT;
    bool any = !lia_stamp_is_none(&written->seen);
    if (any) err = lia_write_find(&before, ask->rows, &place, &written->seen, ask->scratch);
    if (err && err != LIA_EABSENT) return err;
    lia_buf_text(ask->out, any && err ? ",\"from_left\":true" : ",\"from\":");
    if (!any || !err) put_value(ask->out, field, written->element, err ? NULL : &before);
    return LIA_OK;
}

/* *told: how many of the writes were told. */
static lia_err put_fields(asking *ask, const lia_event *event, const lia_op *op, size_t *told)
{
    lia_buf *out = ask->out;
    lia_writes writes = lia_writes_of(&event->header, op);
    lia_written written;
    lia_err err = LIA_OK;
    lia_buf_text(out, ",\"fields\":[");
    while (!err && lia_writes_next(&writes, &written)) {
        const lia_field *field = lia_field_find(ask->call->kind->message, written.field);
        if (!field || (ask->field && ask->field != field)) continue;
        lia_buf_format(out, "%s{\"field\":\"%s\"", *told ? "," : "", field->name);
        ++*told;
        err = put_before(ask, op, field, &written);
        lia_buf_text(out, ",\"to\":");
        put_value(out, field, written.element, &written.live);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
    return err;
}

/* ---- who ------------------------------------------------------------------------------------- */

/* The record of a kind that has this actor number, as far as whoever asks may see it. */
static lia_err find_actor(asking *ask, const char *kind_name, const char *field_name,
                          uint32_t actor, lia_shown *out)
{
    uint8_t payload[10];
    lia_scan *scan;
    lia_span key, value;
    const lia_kind *kind = lia_kind_by_name(lia_span_text(kind_name));
    const lia_field *field =
        kind ? lia_field_by_name(kind->message, lia_span_text(field_name)) : NULL;
    if (!field || !field->indexed) return LIA_EABSENT;
    lia_span number = lia_span_make(payload, lia_varint_put(payload, actor));
    lia_key prefix = lia_key_index_value(kind->number, field, number);
    lia_err err = lia_rows_scan(ask->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    bool found = lia_scan_next(scan, &key, &value);
    lia_id id = found ? lia_key_index_id(key) : LIA_ID_NONE;
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    if (err || !found) return err ? err : LIA_EABSENT;
    return lia_shown_load(out, ask->call->who, ask->rows, kind, id, ask->scratch);
}

/* "by": the number in the event's header, and whose it is: a user, a rule or a flow. */
static lia_err put_actor(asking *ask, uint32_t actor)
{
    static const struct {
        const char *kind, *field;
    } places[] = {{"user", "number"}, {"rule", "actor"}, {"flow", "actor"}};
    lia_buf *out = ask->out;
    lia_shown shown;
    lia_err err = LIA_EABSENT;
    lia_buf_format(out, ",\"by\":{\"actor\":%u", actor);
    for (size_t i = 0; actor && err == LIA_EABSENT && i < LIA_COUNT(places); i++) {
        err = find_actor(ask, places[i].kind, places[i].field, actor, &shown);
        if (err == LIA_EGONE) err = LIA_EABSENT;
        if (err) continue;
        lia_buf_format(out, ",\"%s\":", places[i].kind);
        lia_json_put_id(out, shown.id);
        const lia_field *title = shown.kind->title;
        lia_pb_field name;
        if (!title || !lia_pb_find(shown.message, title->number, &name)) continue;
        lia_buf_text(out, ",\"name\":");
        lia_json_put_text(out, name.bytes);
    }
    lia_buf_byte(out, '}');
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* ---- one change ------------------------------------------------------------------------------ */

static void put_position(lia_buf *out, const char *name, lia_position position)
{
    char text[LIA_POSITION_TEXT_SIZE];
    lia_position_print(position, text);
    lia_buf_format(out, "\"%s\":\"%s\"", name, text);
}

static void put_event(asking *ask, const lia_header *header)
{
    lia_buf *out = ask->out;
    const lia_fact *fact = header->fact ? lia_fact_find(header->fact) : NULL;
    const char *department = lia_department_name((lia_department)header->department);
    lia_buf_text(out, "{\"at\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(header->hlc)});
    lia_buf_byte(out, ',');
    put_position(out, "position", (lia_position){header->incarnation, header->seq, header->node});
    lia_buf_format(out, ",\"event\":\"%s\"", fact ? fact->name : "unknown");
    lia_buf_text(out, ",\"label\":");
    lia_json_put_text(out, lia_span_text(fact ? fact->label : "Something newer than this node"));
    lia_buf_format(out, ",\"department\":\"%s\",\"node\":", department ? department : "unknown");
    lia_json_put_text(out, lia_span_text(lia_api_node_name(ask->call->api, header->node)));
    if (!header->cause.seq) return;
    lia_buf_byte(out, ',');
    put_position(out, "cause", header->cause);
}

static lia_err put_parsed(asking *ask, const lia_event *event, const lia_op *op)
{
    lia_buf *out = ask->out;
    size_t before = out->size, told = 0;
    if (ask->found) lia_buf_byte(out, ',');
    put_event(ask, &event->header);
    lia_err err = put_actor(ask, event->header.actor);
    if (!err) err = put_fields(ask, event, op, &told);
    lia_buf_byte(out, '}');
    if (told)
        ask->found++;
    else
        out->size = before;
    return err;
}

static lia_err put_change(asking *ask, const lia_change *change)
{
    lia_event event;
    lia_arena_reset(ask->scratch);
    lia_err err = lia_event_parse(&event, change->bytes, ask->scratch, NULL);
    if (err) return err == LIA_EFULL ? err : LIA_OK;
    const lia_op *op = lia_change_op(&event, ask->call->kind->number, ask->call->id);
    return op ? put_parsed(ask, &event, op) : LIA_OK;
}

/* ---- the page -------------------------------------------------------------------------------- */

/* Whether one more would be told: a token must not say that there is what they may not see. */
static lia_err put_beyond(asking *ask, const lia_change *change, bool *more)
{
    size_t size = ask->out->size, found = ask->found;
    lia_err err = put_change(ask, change);
    *more = ask->found > found;
    ask->found = found;
    ask->out->size = size;
    return err;
}

static lia_err put_changes(asking *ask, lia_change *last, bool *more)
{
    lia_changes walk;
    lia_change change;
    const lia_call *call = ask->call;
    lia_err err = lia_changes_open(&walk, ask->rows, call->kind->number, call->id, ask->after);
    for (size_t looked = 0; !err && !*more && !(err = lia_changes_next(&walk, &change)); looked++) {
        err = ask->found == ask->page_size ? put_beyond(ask, &change, more)
                                           : put_change(ask, &change);
        if (!*more) *last = change;
        *more |= looked == ROWS_MAX;
    }
    lia_changes_close(&walk);
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err put_page(asking *ask)
{
    lia_change last;
    bool more = false, left = false;
    const lia_call *call = ask->call;
    lia_buf *out = ask->out;
    lia_buf_text(out, "{\"changes\":[");
    lia_err err = put_changes(ask, &last, &more);
    lia_buf_byte(out, ']');
    if (!err) err = lia_changes_left(ask->rows, call->kind->number, call->id, &left);
    if (left) lia_buf_text(out, ",\"left\":true");
    if (more) {
        lia_buf_text(out, ",\"next_page_token\":\"");
        lia_call_put_token(call, out, ask->mark, 0, LIA_SPAN_OF(last.place));
        lia_buf_byte(out, '"');
    }
    lia_buf_byte(out, '}');
    return err;
}

static lia_err run(lia_work *work)
{
    asking *ask = work->context;
    lia_call *call = ask->call;
    lia_arena scratch;
    lia_shown shown;
    lia_err err = lia_arena_init(&scratch, SCRATCH_BYTES);
    ask->rows = &work->rows;
    ask->scratch = &scratch;
    ask->out = &work->out;
    if (!err) err = lia_shown_load(&shown, call->who, &work->rows, call->kind, call->id, &scratch);
    if (!err) lia_call_note_shown(call, &shown);
    if (err == LIA_EABSENT) lia_why_set(&work->why, err, "there is no such %s", call->kind->name);
    if (!err) err = put_page(ask);
    lia_arena_fini(&scratch);
    return err;
}

static bool read_field(asking *ask, lia_span name)
{
    lia_call *call = ask->call;
    if (!name.size) return true;
    ask->field = lia_field_by_name(call->kind->message, name);
    if (!ask->field)
        lia_call_invalid(call, "field: %s have no field '%.*s'", call->kind->plural,
                         name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
    return ask->field;
}

static bool read_token(asking *ask, lia_span token)
{
    uint8_t phase;
    if (!token.size) return true;
    if (!lia_call_read_token(ask->call, token, ask->mark, &phase, &ask->after) &&
        ask->after.size == LIA_CHANGE_PLACE_SIZE)
        return true;
    lia_call_invalid(ask->call, "page_token: this is no token of an answer to the same question");
    return false;
}

static bool read_question(asking *ask)
{
    lia_call *call = ask->call;
    uint64_t page_size = LIA_PAGE_SIZE_DEFAULT;
    lia_span field, token;
    if (!lia_call_param(call, "field", &field) || !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, &page_size))
        return false;
    const lia_span parts[] = {LIA_SPAN("history"), lia_span_text(call->kind->name),
                              lia_id_span(&call->id), field};
    ask->mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    ask->page_size = page_size;
    return read_field(ask, field) && read_token(ask, token);
}

void lia_api_history(lia_call *call)
{
    asking *ask = lia_arena_zero(call->arena, sizeof *ask);
    if (!ask) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    ask->call = call;
    if (read_question(ask)) lia_call_work(call, run, ask);
}
