/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/erase.h"

#include "common/node/changes.h"
#include "common/node/parts.h"

typedef struct erasing {
    lia_drop drop;
    lia_applier *applier;
    lia_id customer;
} erasing;

/* An 'e' row: how many rows went (8), and 1 while the request itself has not come. */
enum { REQUESTED_SIZE = 8, UNREQUESTED_SIZE = 9 };

bool lia_erased(const lia_applier *applier, lia_id customer)
{
    return lia_ledger_has(&applier->erased, customer);
}

/* Notes that the views have the customer as erased. */
static lia_err note(lia_applier *applier, lia_id customer)
{
    lia_err err = lia_ledger_add(&applier->erased, customer);
    if (!err) err = lia_ledger_add(&applier->fresh, customer);
    return err;
}

static lia_err load_row(lia_applier *applier, lia_span key, lia_span value)
{
    if (value.size == UNREQUESTED_SIZE) applier->unrequested++;
    return note(applier, lia_id_from(lia_span_skip(key, key.size - LIA_ID_SIZE)));
}

lia_err lia_erase_load(lia_applier *applier)
{
    lia_key prefix = lia_key_erased(LIA_ID_NONE);
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(&applier->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &value))
        err = key.size < LIA_ID_SIZE ? LIA_ECORRUPT : load_row(applier, key, value);
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    applier->erase = applier->erased.sum.count > 0;
    return err;
}

void lia_erase_unload(lia_applier *applier)
{
    lia_ledger_fini(&applier->erased);
    lia_ledger_fini(&applier->fresh);
}

uint64_t lia_erase_rows(const lia_applier *applier, lia_id customer)
{
    lia_key key = lia_key_erased(customer);
    lia_span value;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &value);
    return err || value.size < REQUESTED_SIZE ? 0 : lia_get_u64(value.data);
}

/* ---- what others said of it ------------------------------------------------------------------ */

/* A record of an in-log kind stands on the timeline of the customer that it names now, if the event
 * that made it is not erased. */
static lia_err put_timeline(erasing *work, const lia_kind *kind, lia_id id, lia_span state,
                            uint64_t made)
{
    lia_applier *applier = work->applier;
    bool points = lia_state_is_pointer(state);
    lia_record record;
    lia_header header;
    lia_span bytes, value = LIA_SPAN_NONE;
    uint64_t number = 0;
    if (points) made = lia_state_arrival(state);
    if (!made) return LIA_OK;
    lia_err err = lia_rows_event(&applier->rows, made, &bytes);
    if (!err) err = lia_event_parse_header(&header, bytes);
    if (!err) err = lia_state_record(&applier->rows, state, applier->arena, &record);
    if (err || lia_id_equal(header.customer, work->customer)) return err;
    lia_id customer =
        lia_record_shows(&record, kind->customer, &value) ? lia_id_from(value) : LIA_ID_NONE;
    lia_time time = {lia_hlc_ms(header.hlc)};
    if (lia_record_shows(&record, kind->occurred, &value) && lia_varint_get(value, &number))
        time.ms = (int64_t)number;
    number = 0;
    bool archived = lia_record_shows(&record, kind->archived, &value) &&
                    lia_varint_get(value, &number) && number;

    uint8_t row[8 + LIA_VIEW_KEY_MAX];
    lia_key key = lia_key_timeline(customer, time, &header);
    lia_put_u64(row, made);
    row[8] = points ? 0 : LIA_TIMELINE_CHANGED;
    if (!archived)
        err = lia_views_put(applier->rows.views, lia_key_span(&key),
                            lia_span_make(row, LIA_TIMELINE_VALUE_SIZE));
    if (err || points) return err;
    memcpy(row + 8, key.bytes, key.size);
    lia_span place = lia_span_make(row, 8 + key.size);
    key = lia_key_tag(kind->number, id, LIA_TAG_PLACE);
    return lia_views_put(applier->rows.views, lia_key_span(&key), place);
}

/* The record becomes what events about others have said of it. */
static lia_err leave(erasing *work, uint32_t number, lia_id id, lia_span left)
{
    lia_applier *applier = work->applier;
    const lia_kind *kind = lia_kind_find(number);
    lia_key key = lia_key_tag(number, id, LIA_TAG_STATE);
    uint64_t made;
    lia_span before;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &before);
    if (err) return err;
    before = lia_arena_copy(applier->arena, before);
    err = before.data ? lia_drop_followers(&work->drop, number, id, before, false) : LIA_EFULL;
    if (!err) err = lia_drop_place(&work->drop, number, id, &made);
    if (!err) err = lia_views_put(applier->rows.views, lia_key_span(&key), left);
    if (err) return err;
    lia_applier_sum(applier, number, id, before, left);
    err = lia_drop_followers(&work->drop, number, id, left, true);
    return err || !kind || !kind->in_log ? err : put_timeline(work, kind, id, left, made);
}

/* What departments have folded of the record's making, if that was about the customer. */
static lia_err unfold(erasing *work, uint32_t kind, lia_id id)
{
    lia_arena *arena = work->applier->arena;
    lia_span bytes;
    lia_event event;
    uint64_t arrival;
    lia_err err = lia_rows_made(&work->applier->rows, kind, id, &arrival, NULL);
    if (err == LIA_EABSENT) return LIA_OK;
    if (err || !arrival) return err;
    err = lia_rows_event(&work->applier->rows, arrival, &bytes);
    if (err) return err;
    bytes = lia_arena_copy(arena, bytes);
    err = bytes.data ? lia_event_parse(&event, bytes, arena, NULL) : LIA_EFULL;
    if (err || event.erased || !lia_id_equal(event.header.customer, work->customer)) return err;
    return lia_apply_folds(work->applier, &event, arrival, true);
}

/* Takes the customer's part out of a record; without parts all of it is the customer's. */
static lia_err drop_part(erasing *work, uint32_t kind, lia_id id)
{
    size_t mark = lia_arena_mark(work->applier->arena);
    lia_span left;
    lia_err err = unfold(work, kind, id);
    if (!err) err = lia_parts_remove(work->applier, kind, id, work->customer, &left);
    if (!err || err == LIA_EABSENT)
        err = left.size ? leave(work, kind, id, left) : lia_drop_record(&work->drop, kind, id);
    if (!err && left.size) err = lia_changes_drop(&work->drop, kind, id, work->customer);
    lia_arena_back(work->applier->arena, mark);
    return err;
}

/* ---- what belongs to the customer ------------------------------------------------------------ */

/* A timeline row leads to the event, whose first op is the record if its kind stands in the log. */
static lia_err drop_logged(void *context, const lia_key *key, uint64_t arrival)
{
    erasing *work = context;
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
        err = drop_part(work, event.ops[0].kind, event.ops[0].record);
    lia_arena_back(arena, mark);
    return err;
}

static lia_err drop_referrer(void *context, const lia_key *key, uint64_t arrival)
{
    (void)arrival;
    const uint8_t *id = key->bytes + key->size - LIA_ID_SIZE;
    return drop_part(context, lia_get_u16(id - 2), lia_id_from(lia_span_make(id, LIA_ID_SIZE)));
}

static lia_err put_erased(lia_applier *applier, lia_id customer, uint64_t rows, bool requested)
{
    uint8_t value[UNREQUESTED_SIZE] = {[REQUESTED_SIZE] = 1};
    lia_put_u64(value, rows);
    lia_key key = lia_key_erased(customer);
    return lia_views_put(applier->rows.views, lia_key_span(&key),
                         lia_span_make(value, requested ? REQUESTED_SIZE : UNREQUESTED_SIZE));
}

static lia_err put_tombstone(erasing *work, bool requested)
{
    static const uint8_t tombstone[LIA_STATE_ERASED_SIZE] = {LIA_STATE_ERASED};
    lia_key key = lia_key_tag(LIA_CUSTOMER, work->customer, LIA_TAG_STATE);
    lia_applier_sum(work->applier, LIA_CUSTOMER, work->customer, LIA_SPAN_NONE,
                    LIA_SPAN_OF(tombstone));
    lia_err err =
        lia_views_put(work->applier->rows.views, lia_key_span(&key), LIA_SPAN_OF(tombstone));
    if (!err) err = put_erased(work->applier, work->customer, work->drop.rows, requested);
    if (!err) err = note(work->applier, work->customer);
    work->applier->erase |= !err;
    work->applier->unrequested += !err && !requested;
    return err;
}

/* Of somebody who was erased before: the request has come. */
static lia_err note_requested(lia_applier *applier, lia_id customer)
{
    lia_key key = lia_key_erased(customer);
    lia_span value;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &value);
    if (err || value.size != UNREQUESTED_SIZE) return err;
    applier->unrequested--;
    return put_erased(applier, customer, lia_get_u64(value.data), true);
}

static lia_err erase(lia_applier *applier, lia_id customer, bool requested)
{
    erasing work = {.drop = {applier, 0}, .applier = applier, .customer = customer};
    lia_cut_fail(&applier->cut); /* what others said of it cannot be told event by event */
    lia_key timeline = lia_key_tag(LIA_CUSTOMER, work.customer, LIA_TAG_TIMELINE);
    lia_key references = lia_key_tag(LIA_CUSTOMER, work.customer, LIA_TAG_REFERENCE);
    lia_key said = lia_key_tag(LIA_CUSTOMER, work.customer, LIA_TAG_SAID);
    lia_err err = lia_drop_below(&work.drop, &timeline, drop_logged, &work);
    if (!err) err = lia_drop_below(&work.drop, &references, drop_referrer, &work);
    if (!err) err = lia_drop_below(&work.drop, &said, drop_referrer, &work);
    if (!err) err = lia_drop_record(&work.drop, LIA_CUSTOMER, work.customer);
    if (!err) err = put_tombstone(&work, requested);
    if (err) return err;
    return lia_backgrounds_erased(&applier->backgrounds, &applier->rows, customer, applier->arena);
}

/* Departments forget their rows of the customer as they do when the request comes. */
static lia_err show_request(lia_applier *applier, lia_id customer)
{
    enum { ERASURE = 1, CUSTOMER = 2 };
    lia_id id = lia_erasure_id(customer);
    lia_buf fact = lia_buf_make(applier->arena);
    lia_pb_put_bytes(&fact, ERASURE, lia_id_span(&id));
    lia_pb_put_bytes(&fact, CUSTOMER, lia_id_span(&customer));
    if (fact.failed) return LIA_EFULL;
    lia_event event = {.header = {.fact = LIA_ERASURE_REQUESTED}, .fact = lia_buf_get(&fact)};
    return lia_apply_folds(applier, &event, 0, false);
}

lia_err lia_erase_known(lia_applier *applier, lia_id customer)
{
    if (lia_id_is_none(customer) || lia_erased(applier, customer)) return LIA_OK;
    lia_err err = erase(applier, customer, false);
    return err ? err : show_request(applier, customer);
}

lia_err lia_erase_requested(lia_applier *applier, lia_span fact)
{
    enum { CUSTOMER = 2 };
    lia_pb_field field;
    if (!lia_pb_find(fact, CUSTOMER, &field)) return LIA_OK;
    lia_id customer = lia_id_from(field.bytes);
    if (lia_id_is_none(customer)) return LIA_OK;
    return lia_erased(applier, customer) ? note_requested(applier, customer)
                                         : erase(applier, customer, true);
}
