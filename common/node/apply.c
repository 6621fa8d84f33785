/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/apply.h"

#include "common/base/assert.h"
#include "common/node/blank.h"
#include "common/node/changes.h"
#include "common/node/deeds.h"
#include "common/node/erase.h"
#include "common/node/parts.h"
#include "proto/crm.pb-c.h"

/* Most registers of one op whose index rows are kept in step; further ones would be a mistake
 * that limits.h refuses earlier. */
#define TOUCHED_MAX 256

/* One register that an op wrote, with what it showed before. */
typedef struct touched {
    const lia_field *field;
    lia_span element;
    bool shown;
    lia_span value;
} touched;

typedef struct change {
    lia_applier *applier;
    const lia_event *event;
    const lia_op *op;       /* NULL: what is folded is `base` */
    const lia_record *base; /* what dropped events said */
    size_t op_index;
    uint64_t arrival;
    uint32_t number;
    lia_id id;
    const lia_kind *kind; /* NULL: this release does not know it */
    lia_span before;      /* state row; empty: none */
    lia_record record;
    touched touched[TOUCHED_MAX];
    size_t touched_count;
} change;

static lia_err put(change *c, const lia_key *key, lia_span value)
{
    return lia_views_put(c->applier->rows.views, lia_key_span(key), value);
}

static lia_err del(change *c, const lia_key *key)
{
    return lia_views_del(c->applier->rows.views, lia_key_span(key));
}

/* ---- indexes and references ----------------------------------------------------------------- */

static bool is_followed(const lia_kind *kind, const lia_field *field)
{
    return field && (lia_field_is_indexed(field) || field == kind->customer);
}

/* What the register shows now: for a self-named element the element itself. */
static bool shows(const change *c, const touched *t, lia_span *value)
{
    const lia_register *reg = lia_record_find(&c->record, t->field->number, t->element);
    const lia_live *winner = reg ? lia_register_winner(reg, t->field) : NULL;
    if (!winner) return false;
    *value = winner->value.size || !t->element.size ? winner->value : t->element;
    return true;
}

static void touch(change *c, uint32_t number, lia_span element)
{
    const lia_field *field = lia_field_find(c->kind->message, number);
    if (!is_followed(c->kind, field) || c->touched_count == TOUCHED_MAX) return;
    touched *t = &c->touched[c->touched_count++];
    *t = (touched){.field = field, .element = element};
    t->shown = c->before.size && shows(c, t, &t->value);
}

/* Notes which followed registers are written and what they showed before. */
static void note_touched(change *c)
{
    c->touched_count = 0;
    if (!c->kind) return;
    for (size_t i = 0; c->base && i < c->base->count; i++)
        touch(c, c->base->registers[i].field, c->base->registers[i].element);
    if (!c->op) return;
    lia_pb_reader reader = lia_pb_read(c->op->set);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) touch(c, field.number, LIA_SPAN_NONE);
    for (size_t i = 0; i < c->op->touch_count; i++)
        if (c->op->touches[i].element.size || c->op->touches[i].clear)
            touch(c, c->op->touches[i].field, c->op->touches[i].element);
}

static lia_err move_row(change *c, bool had, const lia_key *old, bool has, const lia_key *new)
{
    lia_err err = LIA_OK;
    if (had && has && lia_span_equal(lia_key_span(old), lia_key_span(new))) return LIA_OK;
    if (had) err = del(c, old);
    if (!err && has) err = put(c, new, LIA_SPAN_NONE);
    return err;
}

static lia_err follow_index(change *c, const touched *t, bool has, lia_span value)
{
    lia_key old = {.size = 0}, new = {.size = 0};
    uint32_t kind = c->kind->number;
    if (t->shown) old = lia_key_index(kind, t->field, t->value, c->id);
    if (has) new = lia_key_index(kind, t->field, value, c->id);
    return move_row(c, t->shown, &old, has, &new);
}

/* Records of in-log kinds stand on the timeline; here only once they were changed, so that an
 * erasure finds them also when they are archived. */
static lia_err follow_reference(change *c, const touched *t, bool has, lia_span value)
{
    if (t->field != c->kind->customer) return LIA_OK;
    lia_key old = {.size = 0}, new = {.size = 0};
    if (t->shown) old = lia_key_reference(lia_id_from(t->value), c->kind->number, c->id);
    if (has) new = lia_key_reference(lia_id_from(value), c->kind->number, c->id);
    return move_row(c, t->shown, &old, has, &new);
}

static lia_err follow(change *c)
{
    for (size_t i = 0; i < c->touched_count; i++) {
        const touched *t = &c->touched[i];
        lia_span value = LIA_SPAN_NONE;
        bool has = shows(c, t, &value);
        lia_err err = lia_field_is_indexed(t->field) ? follow_index(c, t, has, value) : LIA_OK;
        if (!err) err = follow_reference(c, t, has, value);
        if (err) return err;
    }
    return LIA_OK;
}

/* ---- the timeline row of an in-log record ---------------------------------------------------- */

static bool shown_field(const change *c, const lia_field *field, lia_span *value)
{
    if (!field) return false;
    touched t = {.field = field};
    return shows(c, &t, value);
}

static lia_time occurred_at(lia_span payload, const lia_header *header)
{
    uint64_t ms;
    if (payload.size && lia_varint_get(payload, &ms)) return (lia_time){(int64_t)ms};
    return (lia_time){lia_hlc_ms(header->hlc)};
}

static lia_span timeline_value(uint8_t bytes[LIA_TIMELINE_VALUE_SIZE], uint64_t arrival,
                               uint8_t flags)
{
    lia_put_u64(bytes, arrival);
    bytes[8] = flags;
    return lia_span_make(bytes, LIA_TIMELINE_VALUE_SIZE);
}

static lia_err put_timeline(change *c, lia_id customer, lia_time time)
{
    uint8_t bytes[LIA_TIMELINE_VALUE_SIZE];
    lia_key key = lia_key_timeline(customer, time, &c->event->header);
    return put(c, &key, timeline_value(bytes, c->arrival, 0));
}

/* Where the record's timeline row stands and which event made it: from its place row, from the
 * pointer that is being replaced, or from the event under way if that made it. False when the
 * making event has not come yet. */
static bool find_place(change *c, uint64_t *arrival, lia_header *made, lia_key *old)
{
    lia_key place = lia_key_tag(c->number, c->id, LIA_TAG_PLACE);
    lia_span row, bytes;
    old->size = 0;
    if (lia_rows_get(&c->applier->rows, lia_key_span(&place), &row) == LIA_OK && row.size > 8) {
        *arrival = lia_get_u64(row.data);
        old->size = row.size - 8;
        memcpy(old->bytes, row.data + 8, old->size);
    } else if (c->before.size && lia_state_is_pointer(c->before)) {
        *arrival = lia_state_arrival(c->before);
    } else if (c->event->header.fact == LIA_INTERACTION_LOGGED) {
        *arrival = c->arrival;
    } else {
        return false;
    }
    return lia_rows_event(&c->applier->rows, *arrival, &bytes) == LIA_OK &&
           lia_event_parse_header(made, bytes) == LIA_OK;
}

static lia_err refer(change *c)
{
    lia_span value;
    if (!shown_field(c, c->kind->customer, &value)) return LIA_OK;
    lia_key key = lia_key_reference(lia_id_from(value), c->kind->number, c->id);
    return put(c, &key, LIA_SPAN_NONE);
}

static lia_err follow_place(change *c, lia_id customer_before, lia_time time_before)
{
    uint64_t arrival;
    lia_header made;
    lia_key old, new;
    lia_err referred = refer(c);
    if (referred) return referred;
    if (!find_place(c, &arrival, &made, &old)) return LIA_OK;
    if (!old.size && !lia_id_is_none(customer_before))
        old = lia_key_timeline(customer_before, time_before, &made);

    lia_span value = LIA_SPAN_NONE;
    const lia_kind *kind = c->kind;
    lia_id customer = shown_field(c, kind->customer, &value) ? lia_id_from(value) : LIA_ID_NONE;
    lia_span when = LIA_SPAN_NONE;
    (void)shown_field(c, kind->occurred, &when);
    uint64_t archived = 0;
    if (shown_field(c, kind->archived, &value)) lia_varint_get(value, &archived);

    new = lia_key_timeline(customer, occurred_at(when, &made), &made);
    lia_err err = LIA_OK;
    if (old.size && !lia_span_equal(lia_key_span(&old), lia_key_span(&new))) err = del(c, &old);
    uint8_t bytes[8 + LIA_VIEW_KEY_MAX];
    if (!err)
        err = archived ? del(c, &new)
                       : put(c, &new, timeline_value(bytes, arrival, LIA_TIMELINE_CHANGED));
    if (err) return err;
    lia_put_u64(bytes, arrival);
    memcpy(bytes + 8, new.bytes, new.size);
    lia_key place = lia_key_tag(c->number, c->id, LIA_TAG_PLACE);
    return put(c, &place, lia_span_make(bytes, 8 + new.size));
}

/* ---- one op --------------------------------------------------------------------------------- */

void lia_applier_sum(lia_applier *applier, uint32_t kind, lia_id id, lia_span before,
                     lia_span after)
{
    lia_digests_change(&applier->digests, kind, id, before, after);
    lia_recount_change(&applier->recount, kind, id, before, after);
    lia_cut_change(&applier->cut, kind, id, before);
}

static void sum_change(change *c, lia_span before, lia_span after)
{
    lia_applier_sum(c->applier, c->number, c->id, before, after);
}

/* The first write of an in-log record: its row names the event, nothing is copied. */
static lia_err put_pointer(change *c)
{
    uint8_t row[LIA_STATE_POINTER_SIZE];
    lia_stamp stamp = lia_header_stamp(&c->event->header);
    lia_state_put_pointer(row, c->arrival, c->op_index, &stamp);
    lia_key key = lia_key_tag(c->number, c->id, LIA_TAG_STATE);
    lia_err err = put(c, &key, LIA_SPAN_OF(row));
    if (err) return err;
    sum_change(c, LIA_SPAN_NONE, LIA_SPAN_OF(row));

    lia_pb_field field;
    lia_span when = LIA_SPAN_NONE;
    lia_id customer = LIA_ID_NONE;
    if (lia_pb_find(c->op->set, c->kind->customer->number, &field))
        customer = lia_id_from(field.bytes);
    const lia_field *occurred = c->kind->occurred;
    if (occurred && lia_pb_find(c->op->set, occurred->number, &field)) when = field.bytes;
    return put_timeline(c, customer, occurred_at(when, &c->event->header));
}

static lia_err put_registers(change *c)
{
    lia_arena *arena = c->applier->arena;
    lia_id customer_before = LIA_ID_NONE;
    lia_time time_before = {0};
    if (c->kind && c->kind->in_log && lia_state_is_pointer(c->before)) {
        lia_span value = LIA_SPAN_NONE;
        if (shown_field(c, c->kind->customer, &value)) customer_before = lia_id_from(value);
        value = LIA_SPAN_NONE;
        (void)shown_field(c, c->kind->occurred, &value);
        lia_stamp stamp = lia_state_stamp(c->before);
        time_before = occurred_at(value, &(lia_header){.hlc = stamp.hlc});
    }
    note_touched(c);
    lia_err err =
        c->base ? lia_record_join(&c->record, c->base, arena)
                : lia_record_join_op(&c->record, c->op, lia_header_stamp(&c->event->header), arena);
    if (err) return err;
    lia_buf row = lia_buf_make(arena);
    lia_record_encode(&c->record, &row);
    if (row.failed) return LIA_EFULL;

    lia_key key = lia_key_tag(c->number, c->id, LIA_TAG_STATE);
    err = put(c, &key, lia_buf_get(&row));
    if (err) return err;
    sum_change(c, c->before, lia_buf_get(&row));
    if (!c->kind) return LIA_OK;
    err = follow(c);
    if (!err && c->kind->in_log) err = follow_place(c, customer_before, time_before);
    return err;
}

/* The record's registers. A row that cannot be read does not keep the event from being applied: the
 * record is begun anew, and the audit has it folded from the log. */
static lia_err read_before(change *c)
{
    lia_applier *applier = c->applier;
    if (!c->before.size) return LIA_OK;
    lia_err err = lia_state_record(&applier->rows, c->before, applier->arena, &c->record);
    if (err != LIA_ECORRUPT && err != LIA_EINVAL && err != LIA_EVERSION) return err;
    applier->damaged = true;
    lia_buckets_add(&applier->suspects, lia_digest_bucket(c->id));
    c->record = (lia_record){0};
    return LIA_OK;
}

/* Reads the record's row as it is, into the arena. LIA_EGONE: it was erased and absorbs whatever
 * comes. */
static lia_err load_before(change *c)
{
    lia_applier *applier = c->applier;
    lia_key key = lia_key_tag(c->number, c->id, LIA_TAG_STATE);
    lia_span row;
    c->kind = lia_kind_find(c->number);
    c->before = LIA_SPAN_NONE;
    c->record = (lia_record){0};
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    c->before = lia_arena_copy(applier->arena, row);
    return c->before.data ? read_before(c) : LIA_EFULL;
}

static lia_err apply_op(lia_applier *applier, const lia_event *event, size_t index,
                        uint64_t arrival)
{
    const lia_op *op = &event->ops[index];
    change c;
    c.applier = applier;
    c.event = event;
    c.op = op;
    c.base = NULL;
    c.op_index = index;
    c.arrival = arrival;
    c.number = op->kind;
    c.id = op->record;
    lia_err err = load_before(&c);
    if (err) return lia_row_is_erased(c.before) ? LIA_OK : err;
    lia_piece piece = {.kind = c.number,
                       .id = c.id,
                       .about = event->header.customer,
                       .event = event,
                       .op_index = index,
                       .arrival = arrival};
    err = lia_parts_keep(applier, &piece, c.before, &c.record);
    if (err) return err;
    err = lia_parts_points(event, op, c.before) ? put_pointer(&c) : put_registers(&c);
    if (!err) err = lia_changes_add(applier, event, op, arrival);
    if (err) return err;
    return lia_backgrounds_changed(&applier->backgrounds, &applier->rows, op->kind, op->record, op,
                                   applier->arena);
}

/* ---- custom fields and kinds ----------------------------------------------------------------- */

/* Definitions that follow one another are read once, before what may use them. */
static lia_err settle_definitions(lia_applier *applier, const lia_event *event)
{
    lia_definitions *definitions = applier->definitions;
    if (!definitions || !definitions->stale) return LIA_OK;
    if (event->op_count && lia_is_definition(event->ops[0].kind)) return LIA_OK;
    return lia_definitions_settle(definitions, &applier->rows);
}

static void note_definition(lia_applier *applier, uint32_t kind)
{
    if (applier->definitions && lia_is_definition(kind)) applier->definitions->stale = true;
}

/* ---- what dropped events said ---------------------------------------------------------------- */

/* At most so many registers at a time as one op may write. */
static lia_err apply_slice(lia_applier *applier, const lia_event *as, const lia_record *slice)
{
    change c;
    c.applier = applier;
    c.event = as;
    c.op = NULL;
    c.base = slice;
    c.op_index = 0;
    c.arrival = 0;
    c.number = as->ops[0].kind;
    c.id = as->ops[0].record;
    lia_err err = load_before(&c);
    return err ? err : put_registers(&c);
}

static lia_err keep_parts_of(lia_applier *applier, const lia_event *as, const lia_record *base)
{
    lia_piece piece = {.kind = as->ops[0].kind,
                       .id = as->ops[0].record,
                       .about = as->header.customer,
                       .base = base};
    change c;
    c.applier = applier;
    c.number = piece.kind;
    c.id = piece.id;
    lia_err err = load_before(&c);
    return err ? err : lia_parts_keep(applier, &piece, c.before, &c.record);
}

lia_err lia_apply_base(lia_applier *applier, uint32_t kind, lia_id id, lia_id about, lia_span row)
{
    lia_record base;
    if (lia_erased(applier, about)) return LIA_OK;
    lia_cut_fail(&applier->cut); /* no event of the log says this */
    lia_op op = {.kind = kind, .record = id};
    lia_event as = {.header = {.customer = about}, .ops = &op, .op_count = 1};
    lia_err err = settle_definitions(applier, &as);
    if (!err) err = lia_record_decode(&base, row, applier->arena);
    if (err) return err;
    note_definition(applier, kind);
    err = keep_parts_of(applier, &as, &base);
    for (size_t i = 0; i < base.count && !err; i += TOUCHED_MAX) {
        size_t left = base.count - i;
        lia_record slice = {.registers = base.registers + i,
                            .count = left < TOUCHED_MAX ? left : TOUCHED_MAX};
        err = apply_slice(applier, &as, &slice);
    }
    if (err == LIA_EGONE) return LIA_OK; /* the record was erased */
    if (!err)
        err = lia_backgrounds_changed(&applier->backgrounds, &applier->rows, kind, id, NULL,
                                      applier->arena);
    return err ? err : lia_apply_folds(applier, &as, 0, false);
}

/* ---- the event ------------------------------------------------------------------------------ */

/* Reads an event whole into the arena; true when it is part `part` of what `header` is of. */
static bool read_part(lia_applier *applier, uint64_t arrival, const lia_header *header,
                      uint32_t part, lia_event *out)
{
    lia_span bytes;
    if (lia_rows_event(&applier->rows, arrival, &bytes)) return false;
    bytes = lia_arena_copy(applier->arena, bytes);
    if (!bytes.data || lia_event_parse(out, bytes, applier->arena, NULL)) return false;
    const lia_header *other = &out->header;
    return other->part == part && other->request == header->request &&
           lia_id_equal(other->command, header->command) && out->op_count;
}

static bool is_same_origin(const lia_header *a, const lia_header *b)
{
    return a->node == b->node && a->incarnation == b->incarnation;
}

/* The same for a later event of a command of several: it is a repetition as the first one was, which
 * stands right before it. Where that is gone it counts. */
static lia_err follow_first(lia_applier *applier, const lia_event *event, uint64_t arrival,
                            bool *repeat)
{
    const lia_header *header = &event->header;
    lia_command_note note;
    lia_event known, own;
    lia_err err = lia_rows_command(&applier->rows, header->command, &note);
    if (err || note.first >= arrival - header->part || arrival <= header->part)
        return err == LIA_EABSENT ? LIA_OK : err;
    size_t mark = lia_arena_mark(applier->arena);
    *repeat = read_part(applier, note.first, header, 0, &known) &&
              read_part(applier, arrival - header->part, header, 0, &own) &&
              is_same_origin(&own.header, header) &&
              own.header.seq + header->part == header->seq &&
              lia_id_equal(known.ops[0].record, own.ops[0].record);
    lia_arena_back(applier->arena, mark);
    return LIA_OK;
}

/* *repeat: this is the second event of one command, which two nodes of a department did to the same
 * record while apart. Its ops count, since they say the same; its fact has been told. */
static lia_err note_command(lia_applier *applier, const lia_event *event, uint64_t arrival,
                            bool *repeat)
{
    const lia_header *header = &event->header;
    *repeat = false;
    if (lia_id_is_none(header->command)) return LIA_OK;
    if (header->part) return follow_first(applier, event, arrival, repeat);
    uint8_t value[LIA_NOTE_SIZE];
    lia_command_note note = {.event = {header->incarnation, header->seq, header->node},
                             .request = header->request,
                             .first = arrival};
    if (event->op_count) {
        note.kind = (uint16_t)event->ops[0].kind;
        note.record = event->ops[0].record;
    }
    lia_key key = lia_key_command(header->command);
    /* Two nodes may have done one command while apart; the note of the lower event stays, so that
     * all nodes answer alike. */
    lia_command_note other;
    lia_err err = lia_rows_command(&applier->rows, header->command, &other);
    *repeat = !err && event->op_count && other.first != arrival &&
              other.request == note.request && lia_id_equal(other.record, note.record);
    if (!err && (other.event.node < header->node ||
                 (other.event.node == header->node && other.event.seq < header->seq)))
        return LIA_OK;
    if (err && err != LIA_EABSENT) return err;
    if (!err) note.first = other.first;
    lia_note_put(value, &note);
    return lia_views_put(applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(value));
}

/* Whether the first op made an in-log record: then its own row is the timeline's. */
static bool is_in_log(const lia_event *event)
{
    const lia_kind *kind = event->op_count ? lia_kind_find(event->ops[0].kind) : NULL;
    return kind && kind->in_log;
}

static lia_err put_timeline_of(lia_applier *applier, const lia_event *event, lia_id customer,
                               uint64_t arrival)
{
    uint8_t bytes[LIA_TIMELINE_VALUE_SIZE];
    lia_key key =
        lia_key_timeline(customer, (lia_time){lia_hlc_ms(event->header.hlc)}, &event->header);
    return lia_views_put(applier->rows.views, lia_key_span(&key),
                         timeline_value(bytes, arrival, 0));
}

/* A fact that is not about one customer stands with each that it names. */
static lia_err note_named(lia_applier *applier, const lia_event *event, const lia_fact *fact,
                          uint64_t arrival)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < fact->message->count && !err; i++) {
        const lia_field *field = &fact->message->fields[i];
        lia_pb_field found;
        if (field->reference != LIA_CUSTOMER || !lia_pb_find(event->fact, field->number, &found))
            continue;
        lia_id customer = lia_id_from(found.bytes);
        if (!lia_id_is_none(customer) && !lia_erased(applier, customer))
            err = put_timeline_of(applier, event, customer, arrival);
    }
    return err;
}

static lia_err note_timeline(lia_applier *applier, const lia_event *event, uint64_t arrival)
{
    const lia_fact *fact = lia_fact_find(event->header.fact);
    if (!fact || !fact->timeline || is_in_log(event)) return LIA_OK;
    lia_id customer = event->header.customer;
    return lia_id_is_none(customer) ? note_named(applier, event, fact, arrival)
                                    : put_timeline_of(applier, event, customer, arrival);
}

static lia_time time_of(const lia_event *event)
{
    lia_pb_field field;
    const lia_kind *kind = event->op_count ? lia_kind_find(event->ops[0].kind) : NULL;
    if (kind && kind->occurred && lia_pb_find(event->ops[0].set, kind->occurred->number, &field))
        return (lia_time){(int64_t)field.value};
    return (lia_time){lia_hlc_ms(event->header.hlc)};
}

lia_err lia_occurrence_make(lia_occurrence *out, const lia_event *event, uint64_t arrival,
                            lia_turn *turn)
{
    *out = (lia_occurrence){.event = event,
                            .kind = lia_fact_find(event->header.fact),
                            .time = time_of(event),
                            .arrival = arrival};
    if (out->kind && out->kind->message->descriptor) {
        out->fact = lia_turn_unpack(turn, out->kind->message->descriptor, event->fact);
        if (!out->fact) return LIA_EINVAL;
    }
    return LIA_OK;
}

lia_err lia_apply_folds(lia_applier *applier, const lia_event *event, uint64_t arrival, bool back)
{
    lia_occurrence seen = {0};
    bool made = false;
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++) {
        const lia_service *service = applier->services[s];
        for (size_t i = 0; service && i < service->fold_count; i++) {
            const lia_fold_row *row = &service->folds[i];
            lia_err (*fold)(lia_turn *, const lia_occurrence *) = back ? row->unfold : row->fold;
            if (!fold || (row->fact && row->fact != event->header.fact)) continue;
            lia_err err = LIA_OK;
            if (!made) err = lia_occurrence_make(&seen, event, arrival, applier->turn);
            if (err == LIA_EINVAL) return LIA_OK; /* a fact that cannot be read is inert */
            if (!err) err = fold(applier->turn, &seen);
            if (err) return err;
            made = true;
        }
    }
    return LIA_OK;
}

lia_err lia_apply_event(lia_applier *applier, const lia_event *event, uint64_t arrival)
{
    lia_err err = lia_deeds_add(applier->rows.views, &event->header, arrival);
    if (err || event->erased || lia_erased(applier, event->header.customer)) return err;
    err = settle_definitions(applier, event);
    bool repeat = false;
    if (err) return err;
    if (lia_blank_covers(applier, event)) { /* its command was done all the same */
        err = note_command(applier, event, arrival, &repeat);
        return err ? err : lia_blank_note(applier, arrival);
    }
    for (size_t i = 0; i < event->op_count && !err; i++) {
        note_definition(applier, event->ops[i].kind);
        err = apply_op(applier, event, i, arrival);
    }
    if (!err && event->header.fact == LIA_ERASURE_REQUESTED)
        err = lia_erase_requested(applier, event->fact);
    if (!err && event->header.fact == LIA_RETENTION_BLANKED)
        err = lia_blank_records(applier, event->fact, arrival);
    if (!err) err = note_command(applier, event, arrival, &repeat);
    if (err || repeat) return err;
    err = note_timeline(applier, event, arrival);
    if (!err) err = lia_apply_folds(applier, event, arrival, false);
    return err;
}
