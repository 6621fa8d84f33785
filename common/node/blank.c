/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/blank.h"

#include "common/node/drop.h"
#include "common/node/erase.h"
#include "common/node/parts.h"

static const uint8_t tombstone[LIA_STATE_ERASED_SIZE] = {LIA_STATE_ERASED};

/* ---- what is blanked ------------------------------------------------------------------------- */

static bool may_go(uint32_t kind)
{
    const lia_kind *found = lia_kind_find(kind);
    return kind == LIA_PASS || (found && found->in_log);
}

bool lia_blank_is(const lia_applier *applier, uint32_t kind, lia_id id)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    lia_span row;
    return applier->blanked && may_go(kind) &&
           lia_rows_get(&applier->rows, lia_key_span(&key), &row) == LIA_OK &&
           lia_row_is_erased(row);
}

bool lia_blank_may_cover(uint32_t fact)
{
    return fact == LIA_INTERACTION_LOGGED || fact == LIA_RECORD_CREATED ||
           fact == LIA_RECORD_CHANGED || fact == LIA_RECORD_ARCHIVED ||
           fact == LIA_SECRETS_CHANGED || fact == 0;
}

bool lia_blank_covers(const lia_applier *applier, const lia_event *event)
{
    if (!applier->blanked || event->erased || !lia_blank_may_cover(event->header.fact))
        return false;
    for (size_t i = 0; i < event->op_count; i++)
        if (!lia_blank_is(applier, event->ops[i].kind, event->ops[i].record)) return false;
    return event->op_count > 0;
}

bool lia_blank_covers_bytes(const lia_applier *applier, lia_span bytes, lia_arena *arena)
{
    lia_header header;
    lia_event event;
    if (!applier->blanked || lia_event_parse_header(&header, bytes) ||
        !lia_blank_may_cover(header.fact))
        return false;
    size_t mark = lia_arena_mark(arena);
    bool covers =
        lia_event_parse(&event, bytes, arena, NULL) == LIA_OK && lia_blank_covers(applier, &event);
    lia_arena_back(arena, mark);
    return covers;
}

/* ---- what has to go -------------------------------------------------------------------------- */

lia_err lia_blank_load(lia_applier *applier)
{
    lia_key key = lia_key_blanked();
    lia_span row;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (row.size != 8) return LIA_ECORRUPT;
    applier->blanked = lia_get_u64(row.data);
    applier->blanked_ns = lia_time_ticks_ns();
    return LIA_OK;
}

lia_err lia_blank_note(lia_applier *applier, uint64_t arrival)
{
    uint8_t row[8];
    lia_key key = lia_key_blanked();
    if (arrival <= applier->blanked) return LIA_OK;
    applier->blanked = arrival;
    applier->blanked_ns = lia_time_ticks_ns();
    lia_put_u64(row, arrival);
    return lia_views_put(applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(row));
}

/* ---- one record ------------------------------------------------------------------------------ */

typedef struct blanking {
    lia_drop drop;
    lia_applier *applier;
    uint32_t kind;
    lia_id id;
} blanking;

static lia_err read_event(lia_applier *applier, uint64_t arrival, lia_event *out)
{
    lia_span bytes;
    lia_err err = lia_rows_event(&applier->rows, arrival, &bytes);
    if (err) return err;
    bytes = lia_arena_copy(applier->arena, bytes); /* the map is the log's until the next append */
    return bytes.data ? lia_event_parse(out, bytes, applier->arena, NULL) : LIA_EFULL;
}

/* The timeline row of an interaction that was never changed follows from its event. */
static lia_err drop_timeline(blanking *work, const lia_event *event, lia_span state)
{
    const lia_kind *kind = lia_kind_find(work->kind);
    lia_pb_field field;
    lia_id customer = LIA_ID_NONE;
    lia_time time = {lia_hlc_ms(event->header.hlc)};
    size_t op = lia_get_u16(state.data + 9);
    if (op >= event->op_count) return LIA_ECORRUPT;
    lia_span set = event->ops[op].set;
    if (lia_pb_find(set, kind->customer->number, &field)) customer = lia_id_from(field.bytes);
    if (kind->occurred && lia_pb_find(set, kind->occurred->number, &field))
        time.ms = (int64_t)field.value;
    lia_key key = lia_key_timeline(customer, time, &event->header);
    return lia_drop_row(&work->drop, &key);
}

/* Takes back what departments folded of the event that made it. Of an erased customer's that has
 * been done, and of an event that says more than this it is not. */
static lia_err drop_made(blanking *work, lia_span state)
{
    lia_applier *applier = work->applier;
    lia_event event;
    uint64_t arrival;
    lia_err err = lia_rows_made(&applier->rows, work->kind, work->id, &arrival, NULL);
    if (!err && arrival) err = read_event(applier, arrival, &event);
    if (err || !arrival || event.erased) return err;
    if (event.op_count == 1 && event.header.fact == LIA_INTERACTION_LOGGED &&
        !lia_erased(applier, event.header.customer))
        err = lia_apply_folds(applier, &event, arrival, true);
    return err || !lia_state_is_pointer(state) ? err : drop_timeline(work, &event, state);
}

/* A part is found through a row at its customer. */
static lia_err drop_said(void *context, const lia_key *key, uint64_t arrival)
{
    blanking *work = context;
    lia_key prefix = lia_key_tag(work->kind, work->id, LIA_TAG_PART);
    (void)arrival;
    if (key->size != prefix.size + LIA_ID_SIZE) return LIA_OK;
    lia_id customer = lia_id_from(lia_span_skip(lia_key_span(key), prefix.size));
    lia_key said = lia_key_said(customer, work->kind, work->id);
    return lia_drop_row(&work->drop, &said);
}

static lia_err drop(blanking *work, lia_span state)
{
    lia_key parts = lia_key_tag(work->kind, work->id, LIA_TAG_PART);
    lia_err err = drop_made(work, state);
    if (!err) err = lia_drop_below(&work->drop, &parts, drop_said, work);
    return err ? err : lia_drop_record(&work->drop, work->kind, work->id);
}

static lia_err blank_one(lia_applier *applier, uint32_t kind, lia_id id)
{
    blanking work = {{applier, 0}, applier, kind, id};
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    lia_span state;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &state);
    if (err && err != LIA_EABSENT) return err;
    if (!err && lia_row_is_erased(state)) return LIA_OK;
    if (!err) {
        state = lia_arena_copy(applier->arena, state);
        err = state.data ? drop(&work, state) : LIA_EFULL;
        if (err) return err;
    }
    lia_applier_sum(applier, kind, id, LIA_SPAN_NONE, LIA_SPAN_OF(tombstone));
    err = lia_views_put(applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(tombstone));
    if (err) return err;
    return lia_backgrounds_changed(&applier->backgrounds, &applier->rows, kind, id, NULL,
                                   applier->arena);
}

/* ---- the announcement ------------------------------------------------------------------------ */

lia_blank_ids lia_blank_ids_of(lia_span fact)
{
    enum { KIND = 2 };
    lia_pb_field field;
    lia_blank_ids ids = {.reader = lia_pb_read(fact)};
    if (lia_pb_find(fact, KIND, &field) && field.value <= UINT16_MAX &&
        may_go((uint32_t)field.value))
        ids.kind = (uint32_t)field.value;
    return ids;
}

bool lia_blank_next(lia_blank_ids *ids, lia_id *id)
{
    enum { RECORDS = 3 };
    lia_pb_field field;
    while (ids->kind && lia_pb_next(&ids->reader, &field)) {
        if (field.number != RECORDS || field.bytes.size != LIA_ID_SIZE) continue;
        *id = lia_id_from(field.bytes);
        if (!lia_id_is_none(*id)) return true;
    }
    return false;
}

lia_err lia_blank_records(lia_applier *applier, lia_span fact, uint64_t arrival)
{
    lia_blank_ids ids = lia_blank_ids_of(fact);
    lia_id id;
    lia_err err = LIA_OK;
    while (!err && lia_blank_next(&ids, &id)) {
        if (applier->only && !lia_buckets_has(applier->only, lia_digest_bucket(id))) continue;
        size_t mark = lia_arena_mark(applier->arena);
        err = blank_one(applier, ids.kind, id);
        lia_arena_back(applier->arena, mark);
        if (!err) err = lia_blank_note(applier, arrival);
    }
    return err;
}
