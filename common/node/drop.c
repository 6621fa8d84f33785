/* SPDX-License-Identifier: Apache-2.0 */
/* A scan must not be open while rows are written, so rows are gathered by the handful and taken
 * away before the next handful is looked for. */
#include "common/node/drop.h"

#define HANDFUL 256

lia_err lia_drop_row(lia_drop *work, const lia_key *key)
{
    work->rows++;
    return lia_views_del(work->applier->rows.views, lia_key_span(key));
}

/* ---- handfuls of rows ------------------------------------------------------------------------ */

typedef struct handful {
    lia_key keys[HANDFUL];
    uint64_t arrivals[HANDFUL]; /* of timeline rows */
    size_t count;
} handful;

static lia_err gather(const lia_drop *work, const lia_key *prefix, handful *out)
{
    lia_scan *scan;
    lia_span key, value;
    out->count = 0;
    lia_err err = lia_rows_scan(&work->applier->rows, lia_key_span(prefix), &scan);
    if (err) return err;
    while (out->count < HANDFUL && lia_scan_next(scan, &key, &value)) {
        lia_key *kept = &out->keys[out->count];
        memcpy(kept->bytes, key.data, key.size);
        kept->size = key.size;
        out->arrivals[out->count++] = value.size >= 8 ? lia_get_u64(value.data) : 0;
    }
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_drop_below(lia_drop *work, const lia_key *prefix, lia_drop_before before, void *context)
{
    size_t mark = lia_arena_mark(work->applier->arena);
    handful *rows = lia_arena_take(work->applier->arena, sizeof *rows);
    lia_err err = rows ? LIA_OK : LIA_EFULL;
    do {
        if (!err) err = gather(work, prefix, rows);
        for (size_t i = 0; !err && i < rows->count; i++) {
            if (before) err = before(context, &rows->keys[i], rows->arrivals[i]);
            if (!err) err = lia_drop_row(work, &rows->keys[i]);
        }
    } while (!err && rows->count == HANDFUL);
    lia_arena_back(work->applier->arena, mark);
    return err;
}

/* ---- one record ------------------------------------------------------------------------------ */

/* Puts or takes away a row. */
static lia_err set(lia_drop *work, const lia_key *key, bool there)
{
    return there ? lia_views_put(work->applier->rows.views, lia_key_span(key), LIA_SPAN_NONE)
                 : lia_drop_row(work, key);
}

bool lia_record_shows(const lia_record *record, const lia_field *field, lia_span *value)
{
    const lia_register *reg = field ? lia_record_find(record, field->number, LIA_SPAN_NONE) : NULL;
    const lia_live *winner = reg ? lia_register_winner(reg, field) : NULL;
    if (winner) *value = winner->value;
    return winner;
}

static lia_err set_followers_of(lia_drop *work, const lia_kind *kind, lia_id id,
                                const lia_register *reg, bool there)
{
    const lia_field *field = lia_field_find(kind->message, reg->field);
    const lia_live *winner = field ? lia_register_winner(reg, field) : NULL;
    if (!winner) return LIA_OK;
    lia_span value = winner->value.size || !reg->element.size ? winner->value : reg->element;
    lia_err err = LIA_OK;
    if (lia_field_is_indexed(field)) {
        lia_key key = lia_key_index(kind->number, field, value, id);
        err = set(work, &key, there);
    }
    if (!err && field == kind->customer) {
        lia_key key = lia_key_reference(lia_id_from(value), kind->number, id);
        err = set(work, &key, there);
    }
    return err;
}

lia_err lia_drop_followers(lia_drop *work, uint32_t number, lia_id id, lia_span state, bool there)
{
    lia_record record;
    const lia_kind *kind = lia_kind_find(number);
    if (!kind || lia_state_is_pointer(state)) return LIA_OK;
    lia_err err = lia_state_record(&work->applier->rows, state, work->applier->arena, &record);
    for (size_t i = 0; !err && i < record.count; i++)
        err = set_followers_of(work, kind, id, &record.registers[i], there);
    return err;
}

lia_err lia_drop_place(lia_drop *work, uint32_t kind, lia_id id, uint64_t *arrival)
{
    lia_key place = lia_key_tag(kind, id, LIA_TAG_PLACE), timeline;
    lia_span row;
    *arrival = 0;
    lia_err err = lia_rows_get(&work->applier->rows, lia_key_span(&place), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (row.size < 8 || row.size - 8 > sizeof timeline.bytes) return LIA_ECORRUPT;
    *arrival = lia_get_u64(row.data);
    timeline.size = row.size - 8;
    memcpy(timeline.bytes, row.data + 8, timeline.size);
    err = timeline.size ? lia_drop_row(work, &timeline) : LIA_OK;
    return err ? err : lia_drop_row(work, &place);
}

lia_err lia_drop_record(lia_drop *work, uint32_t kind, lia_id id)
{
    lia_applier *applier = work->applier;
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE), all = lia_key_record(kind, id);
    size_t mark = lia_arena_mark(applier->arena);
    lia_span state;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &state);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (lia_row_is_erased(state)) return LIA_OK; /* nobody takes a tombstone away */
    state = lia_arena_copy(applier->arena, state);
    uint64_t made;
    err = state.data ? lia_drop_followers(work, kind, id, state, false) : LIA_EFULL;
    if (!err) err = lia_drop_place(work, kind, id, &made);
    if (!err) {
        lia_applier_sum(applier, kind, id, state, LIA_SPAN_NONE);
        err = lia_drop_below(work, &all, NULL, NULL);
    }
    lia_arena_back(applier->arena, mark);
    return err;
}
