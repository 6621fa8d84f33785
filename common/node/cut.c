/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/cut.h"

#include <stdlib.h>

#include "common/node/base.h"
#include "common/node/blank.h"
#include "common/node/erase.h"
#include "common/node/parts.h"

#define PLACES     32768 /* twice as many as records at most */
#define ROWS_BYTES ((size_t)16 << 20)
#define EVENTS_MAX 8192 /* in a cut; a peer that is far behind is asked later */

lia_err lia_cut_open(lia_cut *cut, uint64_t arrival)
{
    lia_cut_close(cut);
    lia_err err = lia_arena_init(&cut->arena, ROWS_BYTES);
    if (!err) cut->records = calloc(PLACES, sizeof *cut->records);
    if (!cut->records) {
        lia_cut_close(cut);
        return LIA_EFULL;
    }
    cut->open = true;
    cut->arrival = arrival;
    return LIA_OK;
}

void lia_cut_close(lia_cut *cut)
{
    free(cut->records);
    lia_arena_fini(&cut->arena);
    *cut = (lia_cut){0};
}

void lia_cut_fail(lia_cut *cut)
{
    cut->failed = cut->open;
}

/* ---- what was ---------------------------------------------------------------------------------
 */

static lia_cut_record *place_of(const lia_cut *cut, uint32_t kind, lia_id id)
{
    size_t place =
        (size_t)(lia_get_u64(id.bytes + 8) * UINT64_C(0x9e3779b97f4a7c15) >> 40) % PLACES;
    for (;; place = (place + 1) % PLACES) {
        lia_cut_record *at = &cut->records[place];
        if (!at->kind || (at->kind == kind && lia_id_equal(at->id, id))) return at;
    }
}

/* The row in the cut's arena; its data is NULL when there is no room. */
static lia_span keep_row(lia_cut *cut, lia_span row)
{
    return row.size ? lia_arena_copy(&cut->arena, row) : row;
}

void lia_cut_change(lia_cut *cut, uint32_t kind, lia_id id, lia_span before)
{
    if (!cut->open || cut->failed) return;
    lia_cut_record *at = place_of(cut, kind, id);
    if (at->kind) return;
    *at = (lia_cut_record){.kind = kind, .id = id, .row = keep_row(cut, before)};
    cut->failed = (before.size && !at->row.data) || ++cut->count > PLACES / 2;
}

/* ---- what is to be ----------------------------------------------------------------------------
 */

static lia_err fold_op(lia_applier *applier, const lia_event *event, size_t index, uint64_t arrival)
{
    const lia_op *op = &event->ops[index];
    lia_cut_record *at = place_of(&applier->cut, op->kind, op->record);
    lia_span row;
    if (!at->kind || lia_row_is_erased(at->row)) return LIA_OK; /* it was not changed by it */
    lia_err err = lia_parts_fold(applier, event, index, arrival, at->row, &row);
    if (err) return err;
    at->row = keep_row(&applier->cut, row);
    return row.size && !at->row.data ? LIA_EFULL : LIA_OK;
}

static void fold_blanked(const lia_cut *cut, lia_span fact)
{
    static const uint8_t tombstone[LIA_STATE_ERASED_SIZE] = {LIA_STATE_ERASED};
    lia_blank_ids ids = lia_blank_ids_of(fact);
    lia_id id;
    while (lia_blank_next(&ids, &id)) {
        lia_cut_record *at = place_of(cut, ids.kind, id);
        if (at->kind) at->row = LIA_SPAN_OF(tombstone);
    }
}

static lia_err fold_event(lia_applier *applier, uint64_t arrival, lia_cut_counts counts,
                          const void *context)
{
    lia_span bytes;
    lia_header header;
    lia_event event;
    lia_arena_reset(applier->arena);
    lia_err err = lia_rows_event(&applier->rows, arrival, &bytes);
    if (err) return err;
    if (lia_event_parse_header(&header, bytes) || !counts(context, &header)) return LIA_OK;
    err = lia_event_parse(&event, bytes, applier->arena, NULL);
    if (err == LIA_EINVAL || err == LIA_EVERSION) return LIA_OK; /* inert */
    if (err || event.erased || lia_erased(applier, header.customer)) return err;
    if (lia_base_has(applier->rows.log, &header, arrival)) return LIA_OK;
    for (size_t i = 0; i < event.op_count && !err; i++) err = fold_op(applier, &event, i, arrival);
    if (!err && header.fact == LIA_RETENTION_BLANKED) fold_blanked(&applier->cut, event.fact);
    return err;
}

/* In the sum the record stands as it was, not as it is. */
static lia_err put_back(const lia_applier *applier, const lia_cut_record *record, lia_digests *out)
{
    lia_key key = lia_key_tag(record->kind, record->id, LIA_TAG_STATE);
    lia_span now = LIA_SPAN_NONE;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &now);
    if (err && err != LIA_EABSENT) return err;
    lia_digest_change(out->sum[lia_digest_bucket(record->id)], record->kind, record->id, now,
                      record->row);
    return LIA_OK;
}

lia_err lia_cut_sums(lia_applier *applier, uint64_t arrival, lia_cut_counts counts,
                     const void *context, lia_digests *out)
{
    lia_cut *cut = &applier->cut;
    lia_err err =
        cut->open && !cut->failed && arrival - cut->arrival <= EVENTS_MAX ? LIA_OK : LIA_EFULL;
    for (uint64_t at = cut->arrival + 1; at <= arrival && !err; at++)
        err = fold_event(applier, at, counts, context);
    *out = applier->digests;
    for (size_t i = 0; i < PLACES && !err; i++)
        if (cut->records[i].kind) err = put_back(applier, &cut->records[i], out);
    return err;
}
