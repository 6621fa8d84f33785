/* SPDX-License-Identifier: Apache-2.0 */
/* A scan must not be open while rows are written, so rows are gathered by the handful and taken
 * away before the next handful is looked for. */
#include "common/node/erase.h"

#define HANDFUL 256

typedef struct erasing {
    lia_applier *applier;
    lia_id customer;
    uint64_t rows; /* taken away so far */
} erasing;

bool lia_erased(const lia_applier *applier, lia_id customer)
{
    if (!applier->any_erased || lia_id_is_none(customer)) return false;
    lia_key key = lia_key_erased(customer);
    lia_span row;
    return lia_rows_get(&applier->rows, lia_key_span(&key), &row) == LIA_OK;
}

lia_err lia_erase_load(lia_applier *applier)
{
    lia_key prefix = lia_key_erased(LIA_ID_NONE);
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(&applier->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    applier->any_erased = applier->erase = lia_scan_next(scan, &key, &value);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err del(erasing *work, const lia_key *key)
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

static lia_err gather(const erasing *work, const lia_key *prefix, handful *out)
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

/* Takes away all rows below `prefix`, each given to `before` (may be NULL) first. */
static lia_err sweep(erasing *work, const lia_key *prefix,
                     lia_err (*before)(erasing *work, const lia_key *key, uint64_t arrival))
{
    size_t mark = lia_arena_mark(work->applier->arena);
    handful *rows = lia_arena_take(work->applier->arena, sizeof *rows);
    lia_err err = rows ? LIA_OK : LIA_EFULL;
    do {
        if (!err) err = gather(work, prefix, rows);
        for (size_t i = 0; !err && i < rows->count; i++) {
            if (before) err = before(work, &rows->keys[i], rows->arrivals[i]);
            if (!err) err = del(work, &rows->keys[i]);
        }
    } while (!err && rows->count == HANDFUL);
    lia_arena_back(work->applier->arena, mark);
    return err;
}

/* ---- one record ------------------------------------------------------------------------------ */

static lia_err drop_register(erasing *work, const lia_kind *kind, lia_id id,
                             const lia_register *reg)
{
    const lia_field *field = lia_field_find(kind->message, reg->field);
    const lia_live *winner = field ? lia_register_winner(reg, field) : NULL;
    if (!winner) return LIA_OK;
    lia_span value = winner->value.size || !reg->element.size ? winner->value : reg->element;
    lia_err err = LIA_OK;
    if (field->indexed) {
        lia_key key = lia_key_index(kind->number, field, value, id);
        err = del(work, &key);
    }
    if (!err && field == kind->customer) {
        lia_key key = lia_key_reference(lia_id_from(value), kind->number, id);
        err = lia_views_del(work->applier->rows.views, lia_key_span(&key));
    }
    return err;
}

/* Index and reference rows of what the record shows. */
static lia_err drop_followers(erasing *work, uint32_t number, lia_id id, lia_span state)
{
    lia_record record;
    const lia_kind *kind = lia_kind_find(number);
    if (!kind || lia_state_is_pointer(state)) return LIA_OK; /* its rows are the timeline's */
    lia_err err = lia_state_record(&work->applier->rows, state, work->applier->arena, &record);
    for (size_t i = 0; !err && i < record.count; i++)
        err = drop_register(work, kind, id, &record.registers[i]);
    return err;
}

/* All rows of a record and its share of the digest. */
static lia_err drop_record(erasing *work, uint32_t kind, lia_id id)
{
    lia_applier *applier = work->applier;
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE), all = lia_key_record(kind, id);
    size_t mark = lia_arena_mark(applier->arena);
    lia_span state;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &state);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    state = lia_arena_copy(applier->arena, state);
    err = state.data ? drop_followers(work, kind, id, state) : LIA_EFULL;
    if (!err) {
        lia_digests_change(&applier->digests, kind, id, state, LIA_SPAN_NONE);
        err = sweep(work, &all, NULL);
    }
    lia_arena_back(applier->arena, mark);
    return err;
}

/* ---- what belongs to the customer ------------------------------------------------------------ */

/* A timeline row leads to the event, whose first op is the record if its kind stands in the log. */
static lia_err drop_logged(erasing *work, const lia_key *key, uint64_t arrival)
{
    lia_arena *arena = work->applier->arena;
    size_t mark = lia_arena_mark(arena);
    lia_span bytes;
    lia_event event;
    (void)key;
    lia_err err = lia_rows_event(&work->applier->rows, arrival, &bytes);
    if (!err) {
        bytes = lia_arena_copy(arena, bytes); /* the map is the log's until the next append */
        err = bytes.data ? lia_event_parse(&event, bytes, arena, NULL) : LIA_EFULL;
    }
    if (!err && event.header.fact == LIA_INTERACTION_LOGGED && event.op_count)
        err = drop_record(work, event.ops[0].kind, event.ops[0].record);
    lia_arena_back(arena, mark);
    return err;
}

static lia_err drop_referrer(erasing *work, const lia_key *key, uint64_t arrival)
{
    (void)arrival;
    const uint8_t *id = key->bytes + key->size - LIA_ID_SIZE;
    return drop_record(work, lia_get_u16(id - 2), lia_id_from(lia_span_make(id, LIA_ID_SIZE)));
}

static lia_err put_tombstone(erasing *work)
{
    static const uint8_t tombstone[LIA_STATE_ERASED_SIZE] = {LIA_STATE_ERASED};
    lia_key key = lia_key_tag(LIA_CUSTOMER, work->customer, LIA_TAG_STATE);
    lia_digests_change(&work->applier->digests, LIA_CUSTOMER, work->customer, LIA_SPAN_NONE,
                       LIA_SPAN_OF(tombstone));
    lia_err err =
        lia_views_put(work->applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(tombstone));
    uint8_t rows[8];
    lia_put_u64(rows, work->rows);
    key = lia_key_erased(work->customer);
    if (!err) err = lia_views_put(work->applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(rows));
    work->applier->any_erased = work->applier->erase = !err;
    return err;
}

lia_err lia_erase_requested(lia_applier *applier, lia_span fact)
{
    enum { CUSTOMER = 2 };
    lia_pb_field field;
    erasing work = {.applier = applier};
    if (!lia_pb_find(fact, CUSTOMER, &field) || field.bytes.size != LIA_ID_SIZE) return LIA_OK;
    work.customer = lia_id_from(field.bytes);
    if (lia_id_is_none(work.customer) || lia_erased(applier, work.customer)) return LIA_OK;
    lia_key timeline = lia_key_tag(LIA_CUSTOMER, work.customer, LIA_TAG_TIMELINE);
    lia_key references = lia_key_tag(LIA_CUSTOMER, work.customer, LIA_TAG_REFERENCE);
    lia_err err = sweep(&work, &timeline, drop_logged);
    if (!err) err = sweep(&work, &references, drop_referrer);
    if (!err) err = drop_record(&work, LIA_CUSTOMER, work.customer);
    return err ? err : put_tombstone(&work);
}
