/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/changes.h"

#include "common/node/base.h"

/* ---- places ---------------------------------------------------------------------------------- */

/* An op's stamp: as high as the highest of its writes, so that it stands above all that it has
 * seen. */
static lia_stamp stamp_of(const lia_header *header, const lia_op *op)
{
    lia_stamp stamp = lia_header_stamp(header);
    for (size_t i = 0; i < op->touch_count; i++)
        if (op->touches[i].hlc > stamp.hlc) stamp.hlc = op->touches[i].hlc;
    return stamp;
}

void lia_change_place(uint8_t out[LIA_CHANGE_PLACE_SIZE], const lia_stamp *stamp)
{
    lia_put_u64(out, ~stamp->hlc);
    lia_put_u16(out + 8, (uint16_t)~stamp->node);
    lia_put_u64(out + 10, ~stamp->incarnation);
    lia_put_u64(out + 18, ~stamp->seq);
}

static lia_key key_of(uint32_t kind, lia_id id, const uint8_t *place, size_t size)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_CHANGE);
    memcpy(key.bytes + key.size, place, size);
    key.size += size;
    return key;
}

static lia_key key_of_op(const lia_event *event, const lia_op *op)
{
    uint8_t place[LIA_CHANGE_PLACE_SIZE];
    lia_stamp stamp = stamp_of(&event->header, op);
    lia_change_place(place, &stamp);
    return key_of(op->kind, op->record, place, sizeof place);
}

/* The record's own rows name it. */
static bool makes(const lia_event *event, const lia_op *op)
{
    const lia_kind *kind = lia_kind_find(op->kind);
    return event->header.fact == LIA_INTERACTION_LOGGED && kind && kind->in_log;
}

/* ---- keeping --------------------------------------------------------------------------------- */

lia_err lia_changes_add(lia_applier *applier, const lia_event *event, const lia_op *op,
                        uint64_t arrival)
{
    uint8_t value[8];
    if (makes(event, op)) return LIA_OK;
    lia_key key = key_of_op(event, op);
    lia_put_u64(value, arrival);
    return lia_views_put(applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(value));
}

lia_err lia_changes_forget(lia_views *views, const lia_event *event)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < event->op_count && !err; i++) {
        lia_key key = key_of_op(event, &event->ops[i]);
        if (!makes(event, &event->ops[i])) err = lia_views_del(views, lia_key_span(&key));
    }
    return err;
}

/* Whether the row's event is about the customer: a header says so, also of an erased event. */
static bool is_about(const lia_rows *rows, lia_span value, lia_id customer)
{
    lia_span bytes;
    lia_header header;
    return value.size == 8 && !lia_rows_event(rows, lia_get_u64(value.data), &bytes) &&
           !lia_event_parse_header(&header, bytes) && lia_id_equal(header.customer, customer);
}

#define HANDFUL 64

/* The next rows of theirs behind *from. No row may be written while a scan is open. */
static lia_err gather(const lia_rows *rows, const lia_key *prefix, lia_key *from, lia_id customer,
                      lia_key found[HANDFUL], size_t *count)
{
    lia_scan *scan;
    lia_span key, value;
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(prefix), &scan);
    if (err) return err;
    lia_scan_seek(scan, lia_key_span(from));
    while (*count < HANDFUL && lia_scan_next(scan, &key, &value)) {
        memcpy(from->bytes, key.data, key.size);
        from->size = key.size;
        if (is_about(rows, value, customer)) found[(*count)++] = *from;
    }
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_changes_drop(lia_drop *work, uint32_t kind, lia_id id, lia_id customer)
{
    lia_key prefix = lia_key_tag(kind, id, LIA_TAG_CHANGE), from = prefix, found[HANDFUL];
    size_t count = 0;
    lia_err err;
    do {
        err = gather(&work->applier->rows, &prefix, &from, customer, found, &count);
        for (size_t i = 0; i < count && !err; i++) err = lia_drop_row(work, &found[i]);
    } while (!err && count == HANDFUL);
    return err;
}

/* ---- walking --------------------------------------------------------------------------------- */

/* The next row whose event is there: one may have left the log since the rows were published. */
static lia_err step(lia_changes *walk)
{
    lia_span key, value;
    walk->has_next = false;
    while (lia_scan_next(walk->scan, &key, &value)) {
        if (key.size != walk->skip + LIA_CHANGE_PLACE_SIZE || value.size != 8) return LIA_ECORRUPT;
        memcpy(walk->next.place, key.data + walk->skip, LIA_CHANGE_PLACE_SIZE);
        walk->next.arrival = lia_get_u64(value.data);
        lia_err err = lia_rows_event(walk->rows, walk->next.arrival, &walk->next.bytes);
        walk->has_next = !err;
        if (err != LIA_EABSENT) return err;
    }
    return lia_scan_status(walk->scan);
}

/* The event that made a record of an in-log kind, unless `after` lies behind it. */
static lia_err find_made(lia_changes *walk, uint32_t kind_number, lia_id id, lia_span after)
{
    const lia_kind *kind = lia_kind_find(kind_number);
    lia_header header;
    lia_change *made = &walk->made;
    if (!kind || !kind->in_log) return LIA_OK;
    lia_err err = lia_rows_made(walk->rows, kind_number, id, &made->arrival, NULL);
    if (!err && made->arrival) err = lia_rows_event(walk->rows, made->arrival, &made->bytes);
    if (err || !made->arrival) return err == LIA_EABSENT ? LIA_OK : err;
    if (lia_event_parse_header(&header, made->bytes)) return LIA_ECORRUPT;
    /* One without that fact has a row like others. */
    if (header.fact != LIA_INTERACTION_LOGGED) return LIA_OK;
    lia_stamp stamp = lia_header_stamp(&header);
    lia_change_place(made->place, &stamp);
    walk->has_made = !after.size || memcmp(made->place, after.data, after.size) > 0;
    return LIA_OK;
}

lia_err lia_changes_open(lia_changes *walk, const lia_rows *rows, uint32_t kind, lia_id id,
                         lia_span after)
{
    lia_key prefix = lia_key_tag(kind, id, LIA_TAG_CHANGE);
    *walk = (lia_changes){.rows = rows, .skip = prefix.size};
    if (after.size && after.size != LIA_CHANGE_PLACE_SIZE) return LIA_EINVAL;
    lia_err err = find_made(walk, kind, id, after);
    if (!err) err = lia_rows_scan(rows, lia_key_span(&prefix), &walk->scan);
    if (err) return err;
    if (after.size) {
        lia_key from = key_of(kind, id, after.data, after.size);
        lia_scan_seek(walk->scan, lia_key_span(&from));
    }
    err = step(walk);
    bool again =
        !err && after.size && walk->has_next && !memcmp(walk->next.place, after.data, after.size);
    return again ? step(walk) : err;
}

void lia_changes_close(lia_changes *walk)
{
    if (walk->scan) lia_scan_close(walk->scan);
    walk->scan = NULL;
}

lia_err lia_changes_next(lia_changes *walk, lia_change *out)
{
    bool take_made =
        walk->has_made &&
        (!walk->has_next || memcmp(walk->made.place, walk->next.place, LIA_CHANGE_PLACE_SIZE) < 0);
    if (take_made) {
        *out = walk->made;
        walk->has_made = false;
        return LIA_OK;
    }
    if (!walk->has_next) return LIA_EABSENT;
    *out = walk->next;
    return step(walk);
}

const lia_op *lia_change_op(const lia_event *event, uint32_t kind, lia_id id)
{
    for (size_t i = 0; i < event->op_count; i++)
        if (event->ops[i].kind == kind && lia_id_equal(event->ops[i].record, id))
            return &event->ops[i];
    return NULL;
}

/* ---- what has left the log ------------------------------------------------------------------- */

lia_err lia_changes_left(const lia_rows *rows, uint32_t kind, lia_id id, bool *left)
{
    uint8_t key[LIA_BASE_KEY_SIZE];
    size_t size = 0;
    lia_span row;
    lia_err err = lia_base_of(rows->log, kind, id, key, &size, &row);
    *left = !err;
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* ---- the record as of a moment --------------------------------------------------------------- */

lia_stamp lia_stamp_at(lia_time time)
{
    return (lia_stamp){lia_hlc_at(time.ms) | UINT16_MAX, UINT64_MAX, UINT64_MAX, UINT16_MAX};
}

lia_err lia_stamp_of_position(const lia_rows *rows, lia_position position, lia_arena *arena,
                              lia_stamp *out)
{
    lia_span bytes;
    lia_event event;
    lia_err err = lia_rows_position(rows, position, &bytes);
    if (!err) err = lia_event_parse(&event, bytes, arena, NULL);
    if (err) return err == LIA_EINVAL || err == LIA_EVERSION ? LIA_EABSENT : err;
    *out = lia_header_stamp(&event.header);
    for (size_t i = 0; i < event.op_count; i++) {
        lia_stamp stamp = stamp_of(&event.header, &event.ops[i]);
        if (lia_stamp_compare(&stamp, out) > 0) *out = stamp;
    }
    return LIA_OK;
}

typedef struct looking {
    const lia_rows *rows;
    uint32_t kind;
    lia_id id;
    const lia_stamp *limit;
    lia_arena *arena, *scratch;
    lia_past *past;
} looking;

static lia_err note_unknown(const looking *look, uint32_t field)
{
    lia_past *past = look->past;
    size_t at = past->unknown_count;
    while (at && past->unknown[at - 1] > field) at--;
    if (at && past->unknown[at - 1] == field) return LIA_OK;
    uint32_t *grown = lia_arena_take(look->arena, (past->unknown_count + 1) * sizeof *grown);
    if (!grown) return LIA_EFULL;
    for (size_t i = 0; i < at; i++) grown[i] = past->unknown[i];
    for (size_t i = at; i < past->unknown_count; i++) grown[i + 1] = past->unknown[i];
    grown[at] = field;
    past->unknown = grown;
    past->unknown_count++;
    return LIA_OK;
}

/* Keeps of base what was written by then. A register that has seen, or shows, something later had
 * another value before, which base does not have any more. */
static lia_err cut(const looking *look, lia_record *base)
{
    size_t kept = 0;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < base->count && !err; i++) {
        lia_register *reg = &base->registers[i];
        bool later = lia_stamp_compare(&reg->seen, look->limit) > 0;
        size_t lives = 0;
        for (size_t j = 0; j < reg->count; j++)
            if (lia_stamp_compare(&reg->live[j].stamp, look->limit) <= 0)
                reg->live[lives++] = reg->live[j];
            else
                later |= !lia_stamp_is_none(&reg->seen);
        if (later) reg->seen = (lia_stamp){0};
        if (later) err = note_unknown(look, reg->field);
        reg->count = (uint8_t)lives;
        if (lives) base->registers[kept++] = *reg;
    }
    base->count = kept;
    return err;
}

static lia_err join_base(const looking *look, bool *any)
{
    uint8_t key[LIA_BASE_KEY_SIZE];
    size_t size = 0;
    lia_span row;
    lia_err err;
    while (!(err = lia_base_of(look->rows->log, look->kind, look->id, key, &size, &row))) {
        lia_record base;
        err = lia_record_decode(&base, row, look->arena);
        if (!err) err = cut(look, &base);
        if (base.count || look->past->unknown_count) *any = true;
        if (!err) err = lia_record_join(&look->past->record, &base, look->arena);
        if (err) return err;
    }
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err join_change(const looking *look, const lia_change *change, bool *any)
{
    lia_event event;
    lia_arena_reset(look->scratch);
    lia_err err = lia_event_parse(&event, change->bytes, look->scratch, NULL);
    if (err == LIA_EFULL) return err;
    const lia_op *op = err ? NULL : lia_change_op(&event, look->kind, look->id);
    if (!op) return LIA_OK; /* overwritten since the rows were published */
    *any = true;
    return lia_record_join_op(&look->past->record, op, lia_header_stamp(&event.header),
                              look->arena);
}

static lia_err join_changes(const looking *look, bool *any)
{
    uint8_t place[LIA_CHANGE_PLACE_SIZE];
    lia_changes walk;
    lia_change change;
    size_t count = 0;
    lia_stamp behind = *look->limit; /* the walk begins behind a place: the next higher stamp's */
    bool last = ++behind.seq == 0 && ++behind.incarnation == 0 && ++behind.node == 0;
    if (last) behind.hlc++;
    lia_change_place(place, &behind);
    lia_err err = lia_changes_open(&walk, look->rows, look->kind, look->id, LIA_SPAN_OF(place));
    while (!err && !(err = lia_changes_next(&walk, &change)))
        err = ++count > LIA_CHANGES_MAX ? LIA_EREFUSED : join_change(look, &change, any);
    look->past->looked = count;
    lia_changes_close(&walk);
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_past_read(lia_past *out, const lia_rows *rows, uint32_t kind, lia_id id,
                      const lia_stamp *limit, lia_arena *arena, lia_arena *scratch)
{
    const looking look = {rows, kind, id, limit, arena, scratch, out};
    bool any = false;
    *out = (lia_past){.unknown = NULL};
    lia_err err = join_base(&look, &any);
    if (!err) err = join_changes(&look, &any);
    return err ? err : any ? LIA_OK : LIA_EABSENT;
}
