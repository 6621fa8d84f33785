/* SPDX-License-Identifier: Apache-2.0 */
/* A record has parts (its marker row is there) as soon as one of its events is not about the
 * customer that the record names. Without parts all its events are about that one, so the state row
 * itself is its only part; this costs one look for the marker at each change. Which records have
 * parts does not depend on the order of events, and the state row is what it would be without. */
#include "common/node/parts.h"

static lia_key marker_of(uint32_t kind, lia_id id)
{
    return lia_key_tag(kind, id, LIA_TAG_PART);
}

bool lia_parts_points(const lia_event *event, const lia_op *op, lia_span before)
{
    const lia_kind *kind = lia_kind_find(op->kind);
    if (!kind || !kind->in_log || !kind->customer || before.size) return false;
    if (event->header.fact != LIA_INTERACTION_LOGGED) return false;
    for (size_t i = 0; i < op->touch_count; i++)
        if (!lia_stamp_is_none(&op->touches[i].seen) || op->touches[i].clear) return false;
    return true;
}

/* ---- whose record it is ---------------------------------------------------------------------- */

static lia_id owner_of(const lia_kind *kind, lia_id id, const lia_record *record)
{
    if (!kind) return LIA_ID_NONE;
    if (kind->number == LIA_CUSTOMER) return id;
    if (!kind->customer) return LIA_ID_NONE;
    const lia_register *reg = lia_record_find(record, kind->customer->number, LIA_SPAN_NONE);
    const lia_live *winner = reg ? lia_register_winner(reg, kind->customer) : NULL;
    return winner ? lia_id_from(winner->value) : LIA_ID_NONE;
}

/* Whether the piece writes the customer that a record of this kind belongs to, and whom. */
static bool writes_owner(const lia_kind *kind, const lia_piece *piece, lia_id *owner)
{
    lia_pb_field field;
    *owner = LIA_ID_NONE;
    if (!kind || !kind->customer) return false;
    if (piece->base) {
        *owner = owner_of(kind, piece->id, piece->base);
        return lia_record_find(piece->base, kind->customer->number, LIA_SPAN_NONE);
    }
    const lia_op *op = &piece->event->ops[piece->op_index];
    if (lia_pb_find(op->set, kind->customer->number, &field)) {
        *owner = lia_id_from(field.bytes);
        return true;
    }
    for (size_t i = 0; i < op->touch_count; i++)
        if (op->touches[i].field == kind->customer->number && op->touches[i].clear) return true;
    return false;
}

static bool is_one_customers(const lia_piece *piece, lia_span before, const lia_record *record)
{
    const lia_kind *kind = lia_kind_find(piece->kind);
    lia_id owner = owner_of(kind, piece->id, record), written;
    bool writes = writes_owner(kind, piece, &written);
    if (!before.size && !lia_id_is_none(written)) owner = written;
    return lia_id_equal(owner, piece->about) && (!writes || lia_id_equal(written, piece->about));
}

/* ---- keeping --------------------------------------------------------------------------------- */

static lia_key part_key(uint32_t kind, lia_id id, lia_id customer)
{
    lia_key key = marker_of(kind, id);
    memcpy(key.bytes + key.size, customer.bytes, LIA_ID_SIZE);
    key.size += LIA_ID_SIZE;
    return key;
}

/* The part, and a row by which its customer's erasure finds it. */
static lia_err put_part(lia_applier *applier, const lia_piece *of, lia_id customer, lia_span row)
{
    lia_views *views = applier->rows.views;
    lia_key key = part_key(of->kind, of->id, customer);
    lia_err err = lia_views_put(views, lia_key_span(&key), row);
    if (err || lia_id_is_none(customer)) return err;
    key = lia_key_said(customer, of->kind, of->id);
    return lia_views_put(views, lia_key_span(&key), LIA_SPAN_NONE);
}

static lia_err join_piece(lia_record *record, const lia_piece *piece, lia_arena *arena)
{
    if (piece->base) return lia_record_join(record, piece->base, arena);
    return lia_record_join_op(record, &piece->event->ops[piece->op_index],
                              lia_header_stamp(&piece->event->header), arena);
}

static lia_err fold(lia_applier *applier, const lia_piece *piece, lia_span before, lia_span *out)
{
    const lia_event *event = piece->event;
    if (event && lia_parts_points(event, &event->ops[piece->op_index], before)) {
        uint8_t row[LIA_STATE_POINTER_SIZE];
        lia_stamp stamp = lia_header_stamp(&event->header);
        lia_state_put_pointer(row, piece->arrival, piece->op_index, &stamp);
        *out = lia_arena_copy(applier->arena, LIA_SPAN_OF(row));
        return out->data ? LIA_OK : LIA_EFULL;
    }
    lia_record record = {0};
    lia_err err =
        before.size ? lia_state_record(&applier->rows, before, applier->arena, &record) : LIA_OK;
    if (!err) err = join_piece(&record, piece, applier->arena);
    if (err) return err;
    lia_buf row = lia_buf_make(applier->arena);
    lia_record_encode(&record, &row);
    *out = lia_buf_get(&row);
    return row.failed ? LIA_EFULL : LIA_OK;
}

lia_err lia_parts_fold(lia_applier *applier, const lia_event *event, size_t op_index,
                       uint64_t arrival, lia_span before, lia_span *out)
{
    const lia_op *op = &event->ops[op_index];
    lia_piece piece = {.kind = op->kind,
                       .id = op->record,
                       .about = event->header.customer,
                       .event = event,
                       .op_index = op_index,
                       .arrival = arrival};
    return fold(applier, &piece, before, out);
}

static lia_err begin(lia_applier *applier, const lia_piece *piece, lia_span before,
                     const lia_record *record)
{
    lia_key marker = marker_of(piece->kind, piece->id);
    lia_err err = lia_views_put(applier->rows.views, lia_key_span(&marker), LIA_SPAN_NONE);
    if (err || !before.size) return err;
    lia_id owner = owner_of(lia_kind_find(piece->kind), piece->id, record);
    return put_part(applier, piece, owner, before);
}

/* How many customers are spoken of, 2 for more. */
static lia_err count_parts(lia_applier *applier, const lia_key *marker, size_t *count)
{
    lia_scan *scan;
    lia_span key, value;
    *count = 0;
    lia_err err = lia_rows_scan(&applier->rows, lia_key_span(marker), &scan);
    if (err) return err;
    while (*count < 2 && lia_scan_next(scan, &key, &value)) *count += key.size > marker->size;
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* When all that was ever said is about one customer and the record names that one now, there are no
 * parts: so whether there are depends on the set of events, not on whether a change came before
 * the beginning. */
static lia_err settle(lia_applier *applier, const lia_piece *piece, lia_span before)
{
    lia_key marker = marker_of(piece->kind, piece->id);
    lia_record record = {0};
    size_t count;
    lia_err err = count_parts(applier, &marker, &count);
    if (err || count > 1) return err;
    if (before.size) err = lia_state_record(&applier->rows, before, applier->arena, &record);
    if (!err) err = join_piece(&record, piece, applier->arena);
    if (err) return err;
    lia_id owner = owner_of(lia_kind_find(piece->kind), piece->id, &record);
    if (!lia_id_equal(owner, piece->about)) return LIA_OK;
    lia_key part = part_key(piece->kind, piece->id, piece->about);
    lia_key said = lia_key_said(piece->about, piece->kind, piece->id);
    err = lia_views_del(applier->rows.views, lia_key_span(&marker));
    if (!err) err = lia_views_del(applier->rows.views, lia_key_span(&part));
    return err ? err : lia_views_del(applier->rows.views, lia_key_span(&said));
}

lia_err lia_parts_keep(lia_applier *applier, const lia_piece *piece, lia_span before,
                       const lia_record *record)
{
    lia_key key = marker_of(piece->kind, piece->id);
    lia_span row;
    lia_err err =
        before.size ? lia_rows_get(&applier->rows, lia_key_span(&key), &row) : LIA_EABSENT;
    if (err == LIA_EABSENT) {
        if (is_one_customers(piece, before, record)) return LIA_OK;
        err = begin(applier, piece, before, record);
    }
    if (err) return err;
    key = part_key(piece->kind, piece->id, piece->about);
    err = lia_rows_get(&applier->rows, lia_key_span(&key), &row);
    if (err && err != LIA_EABSENT) return err;
    lia_span part = err ? LIA_SPAN_NONE : lia_arena_copy(applier->arena, row);
    if (!err && !part.data) return LIA_EFULL;
    err = fold(applier, piece, part, &part);
    if (!err) err = put_part(applier, piece, piece->about, part);
    return err ? err : settle(applier, piece, before);
}

/* ---- removing -------------------------------------------------------------------------------- */

static lia_err join(lia_applier *applier, lia_record *all, lia_span row)
{
    lia_record one;
    lia_err err = lia_state_record(&applier->rows, row, applier->arena, &one);
    return err ? err : lia_record_join(all, &one, applier->arena);
}

/* The state row of the parts that are there: of a single one as it stands. */
static lia_err join_all(lia_applier *applier, const lia_key *marker, lia_span *out)
{
    lia_scan *scan;
    lia_span key, value;
    lia_record all = {0};
    size_t count = 0;
    lia_err err = lia_rows_scan(&applier->rows, lia_key_span(marker), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &value)) {
        if (key.size == marker->size) continue;
        count++;
        *out = lia_arena_copy(applier->arena, value);
        err = out->data ? join(applier, &all, *out) : LIA_EFULL;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    if (err || count < 2) return err;
    lia_buf row = lia_buf_make(applier->arena);
    lia_record_encode(&all, &row);
    *out = lia_buf_get(&row);
    return row.failed ? LIA_EFULL : LIA_OK;
}

lia_err lia_parts_remove(lia_applier *applier, uint32_t kind, lia_id id, lia_id customer,
                         lia_span *left)
{
    lia_key marker = marker_of(kind, id), part = part_key(kind, id, customer);
    lia_span row;
    *left = LIA_SPAN_NONE;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&marker), &row);
    if (!err) err = lia_views_del(applier->rows.views, lia_key_span(&part));
    return err ? err : join_all(applier, &marker, left);
}
