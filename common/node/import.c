/* SPDX-License-Identifier: Apache-2.0 */
/* Parts may come from several peers in turn: cursors mean the same everywhere, and a part goes with
 * those before as long as its sender's lanes begin no earlier than theirs did at the first part.
 * Else the sender has less in its state than what was begun with, and all begins anew; kept events
 * that are here already are known by their number and not taken twice. */
#include "common/node/import.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/base.h"
#include "common/node/blank.h"
#include "common/node/erase.h"
#include "common/node/retire.h"

#define META_STATE   "import"
#define META_COUNT   "imports"
#define FINISH_STEPS 1000 /* events of old blocks that one batch merges */

/* phase 1, cursor size 1, cursor, then lanes: node 2, incarnation 8, seq 8, hash 32, signature 64
 */
enum { NOTHING, RUNNING, FINISHING };
enum { STATE_HEAD = 2, LANE_BYTES = 114 };

typedef struct state {
    uint8_t phase;
    lia_span cursor;
    lia_span lanes;
} state;

/* ---- copies ---------------------------------------------------------------------------------- */

static lia_span move_to(uint8_t **to, lia_span bytes)
{
    if (bytes.size) memcpy(*to, bytes.data, bytes.size);
    lia_span moved = lia_span_make(*to, bytes.size);
    *to += bytes.size;
    return moved;
}

static size_t size_of(const lia_snap_chunk *chunk)
{
    size_t size = chunk->next.size + chunk->lane_count * sizeof *chunk->lanes +
                  chunk->event_count * sizeof *chunk->events +
                  chunk->row_count * sizeof *chunk->rows;
    for (size_t i = 0; i < chunk->event_count; i++) size += chunk->events[i].size;
    for (size_t i = 0; i < chunk->row_count; i++)
        size += chunk->rows[i].key.size + chunk->rows[i].value.size;
    return size;
}

lia_import *lia_import_copy(const lia_snap_chunk *chunk)
{
    lia_import *import = malloc(sizeof *import + size_of(chunk));
    if (!import) return NULL;
    lia_snap_chunk *made = &import->chunk;
    lia_snap_lane *lanes = (lia_snap_lane *)(import + 1);
    lia_span *events = (lia_span *)(lanes + chunk->lane_count);
    lia_snap_row *rows = (lia_snap_row *)(events + chunk->event_count);
    uint8_t *to = (uint8_t *)(rows + chunk->row_count);
    *made = *chunk;
    for (size_t i = 0; i < chunk->lane_count; i++) lanes[i] = chunk->lanes[i];
    for (size_t i = 0; i < chunk->event_count; i++) events[i] = move_to(&to, chunk->events[i]);
    for (size_t i = 0; i < chunk->row_count; i++)
        rows[i] =
            (lia_snap_row){move_to(&to, chunk->rows[i].key), move_to(&to, chunk->rows[i].value)};
    made->lanes = lanes;
    made->events = events;
    made->rows = rows;
    made->next = move_to(&to, chunk->next);
    return import;
}

/* ---- what is written down -------------------------------------------------------------------- */

static state load_state(lia_log_reader *reader)
{
    lia_span row;
    state is = {.phase = NOTHING};
    if (lia_log_meta(reader, META_STATE, &row) || row.size < STATE_HEAD ||
        row.size < STATE_HEAD + (size_t)row.data[1])
        return is;
    is.phase = row.data[0];
    is.cursor = lia_span_make(row.data + STATE_HEAD, row.data[1]);
    is.lanes = lia_span_skip(row, STATE_HEAD + is.cursor.size);
    return is;
}

static lia_err save_state(lia_batch *batch, uint8_t phase, lia_span cursor, lia_span lanes)
{
    lia_buf row = lia_buf_make(&batch->turn_arena);
    lia_buf_byte(&row, phase);
    lia_buf_byte(&row, (uint8_t)cursor.size);
    lia_buf_add(&row, cursor.data, cursor.size);
    lia_buf_add(&row, lanes.data, lanes.size);
    if (row.failed) return LIA_EFULL;
    return lia_log_set_meta(batch->log, META_STATE, lia_buf_get(&row));
}

static lia_snap_lane read_lane(const uint8_t *at)
{
    lia_snap_lane lane = {.origin = {lia_get_u16(at), lia_get_u64(at + 2)},
                          .seq = lia_get_u64(at + 10)};
    memcpy(lane.hash.bytes, at + 18, sizeof lane.hash);
    memcpy(lane.signature.bytes, at + 50, sizeof lane.signature);
    return lane;
}

static lia_err put_lanes(lia_batch *batch, const lia_snap_chunk *chunk, lia_span *out)
{
    uint8_t *bytes = lia_arena_take(&batch->turn_arena, chunk->lane_count * LANE_BYTES + 1);
    if (!bytes) return LIA_EFULL;
    for (size_t i = 0; i < chunk->lane_count; i++) {
        const lia_snap_lane *lane = &chunk->lanes[i];
        uint8_t *at = bytes + i * LANE_BYTES;
        lia_put_u16(at, lane->origin.node);
        lia_put_u64(at + 2, lane->origin.incarnation);
        lia_put_u64(at + 10, lane->seq);
        memcpy(at + 18, lane->hash.bytes, sizeof lane->hash);
        memcpy(at + 50, lane->signature.bytes, sizeof lane->signature);
    }
    *out = lia_span_make(bytes, chunk->lane_count * LANE_BYTES);
    return LIA_OK;
}

static bool find_lane(lia_span lanes, lia_origin origin, lia_snap_lane *out)
{
    for (size_t at = 0; at + LANE_BYTES <= lanes.size; at += LANE_BYTES) {
        *out = read_lane(lanes.data + at);
        if (lia_origin_equal(out->origin, origin)) return true;
    }
    return false;
}

size_t lia_import_cursor(lia_log_reader *reader, uint8_t cursor[LIA_SNAP_CURSOR_MAX])
{
    state is = load_state(reader);
    if (is.phase != RUNNING || is.cursor.size > LIA_SNAP_CURSOR_MAX) return 0;
    memcpy(cursor, is.cursor.data, is.cursor.size);
    return is.cursor.size;
}

bool lia_import_was(lia_log_reader *reader)
{
    lia_span row;
    return lia_log_meta(reader, META_COUNT, &row) == LIA_OK;
}

bool lia_import_is_finishing(lia_log_reader *reader)
{
    return load_state(reader).phase == FINISHING;
}

/* ---- views and base -------------------------------------------------------------------------- */

static uint64_t number_of(lia_err err, lia_span row)
{
    return err || row.size != 8 ? 0 : lia_get_u64(row.data);
}

bool lia_import_is_ahead(const lia_rows *rows)
{
    lia_span row;
    lia_key key = lia_key_imports();
    uint64_t in_log = number_of(lia_log_meta(rows->log, META_COUNT, &row), row);
    return number_of(lia_rows_get(rows, lia_key_span(&key), &row), row) < in_log;
}

static lia_err put_in_views(lia_batch *batch, uint64_t count)
{
    uint8_t bytes[8];
    lia_key key = lia_key_imports();
    lia_put_u64(bytes, count);
    return lia_views_put(batch->views, lia_key_span(&key), LIA_SPAN_OF(bytes));
}

lia_err lia_import_note(lia_batch *batch)
{
    lia_span row;
    return put_in_views(batch,
                        number_of(lia_log_meta(batch->applier.rows.log, META_COUNT, &row), row));
}

/* One more batch has written to base what the views' file may lack. */
static lia_err count_up(lia_batch *batch)
{
    lia_span row;
    uint8_t bytes[8];
    uint64_t count =
        1 + number_of(lia_log_meta(lia_log_batch_reader(batch->log), META_COUNT, &row), row);
    lia_put_u64(bytes, count);
    lia_err err = lia_log_set_meta(batch->log, META_COUNT, LIA_SPAN_OF(bytes));
    return err ? err : put_in_views(batch, count);
}

/* ---- a part ---------------------------------------------------------------------------------- */

/* Whether the sender's lanes begin nowhere before `lanes`. */
static bool goes_with(const lia_snap_chunk *chunk, lia_span lanes)
{
    for (size_t at = 0; at + LANE_BYTES <= lanes.size; at += LANE_BYTES) {
        lia_snap_lane begun = read_lane(lanes.data + at);
        bool found = false;
        for (size_t i = 0; i < chunk->lane_count && !found; i++)
            found = lia_origin_equal(chunk->lanes[i].origin, begun.origin) &&
                    chunk->lanes[i].seq >= begun.seq;
        if (!found) return false;
    }
    return true;
}

/* Whether the event is one that blocks will not bring, and that is not here. */
static bool is_news(lia_batch *batch, lia_span lanes, const lia_header *header)
{
    lia_snap_lane end;
    lia_lane_info info;
    lia_log_reader *reader = lia_log_batch_reader(batch->log);
    lia_origin origin = {header->node, header->incarnation};
    if (!find_lane(lanes, origin, &end) || header->seq > end.seq) return false;
    lia_lane lane = lia_log_find_lane(reader, origin);
    return !lane || lia_log_lane_info(reader, lane, &info) || info.head < header->seq;
}

static lia_err take_event(lia_batch *batch, lia_span lanes, lia_span bytes, lia_time now)
{
    lia_header header;
    lia_event event;
    uint64_t arrival;
    lia_err err = lia_event_parse_header(&header, bytes);
    if (err) return err;
    if (!is_news(batch, lanes, &header) || lia_erased(&batch->applier, header.customer) ||
        lia_blank_covers_bytes(&batch->applier, bytes, &batch->turn_arena))
        return LIA_OK;
    lia_origin origin = {header.node, header.incarnation};
    err = lia_log_keep(batch->log, origin, header.seq, bytes, &arrival);
    if (err) return err == LIA_ECONFLICT ? LIA_OK : err; /* from an earlier part */
    batch->arrival = batch->reacted = arrival;
    batch->applier.rows.pending_first = arrival + 1;
    size_t mark = lia_arena_mark(&batch->turn_arena);
    err = lia_event_parse(&event, bytes, &batch->turn_arena, NULL);
    lia_clock_see(&batch->clock, header.hlc, now);
    if (!err) err = lia_apply_event(&batch->applier, &event, arrival);
    lia_arena_back(&batch->turn_arena, mark);
    return err == LIA_EINVAL || err == LIA_EVERSION ? LIA_OK : err; /* inert */
}

static lia_err take_row(lia_batch *batch, const lia_snap_row *row)
{
    uint32_t kind;
    lia_id id, about;
    if (!lia_base_key_read(row->key, &kind, &id, &about)) return LIA_EINVAL;
    if (lia_erased(&batch->applier, about) || lia_blank_is(&batch->applier, kind, id))
        return LIA_OK;
    size_t mark = lia_arena_mark(&batch->turn_arena);
    lia_err err = lia_base_join(batch->log, row->key, row->value, &batch->turn_arena);
    if (!err) err = lia_apply_base(&batch->applier, kind, id, about, row->value);
    lia_arena_back(&batch->turn_arena, mark);
    return err;
}

/* Rows are read before anything is written, so that a malformed one leaves no half part. */
lia_err lia_import_check(lia_batch *batch, const lia_import *import)
{
    const lia_snap_chunk *chunk = &import->chunk;
    lia_arena_reset(&batch->turn_arena);
    for (size_t i = 0; i < chunk->row_count; i++) {
        lia_record record;
        size_t mark = lia_arena_mark(&batch->turn_arena);
        lia_err err = chunk->rows[i].key.size == LIA_BASE_KEY_SIZE
                          ? lia_record_decode(&record, chunk->rows[i].value, &batch->turn_arena)
                          : LIA_EINVAL;
        lia_arena_back(&batch->turn_arena, mark);
        if (err) return err == LIA_EFULL ? err : LIA_EINVAL;
    }
    return LIA_OK;
}

static lia_err take_all(lia_batch *batch, const lia_snap_chunk *chunk, lia_span lanes, lia_time now)
{
    lia_err err = LIA_OK;
    batch->fold_turn.now = now;
    batch->imported = true;
    for (size_t i = 0; i < chunk->event_count && !err; i++)
        err = take_event(batch, lanes, chunk->events[i], now);
    for (size_t i = 0; i < chunk->row_count && !err; i++) err = take_row(batch, &chunk->rows[i]);
    if (!err) err = count_up(batch);
    uint8_t phase = chunk->next.size ? RUNNING : FINISHING;
    return err ? err : save_state(batch, phase, chunk->next, lanes);
}

lia_err lia_import_part(lia_batch *batch, const lia_import *import, lia_time now)
{
    const lia_snap_chunk *chunk = &import->chunk;
    lia_arena_reset(&batch->turn_arena);
    lia_cut_fail(&batch->applier.cut); /* what comes is not known by events alone */
    state was = load_state(lia_log_batch_reader(batch->log));
    lia_span lanes = was.lanes;
    lia_err err = lia_own_seal(batch);
    if (err) return err;
    if (was.phase == RUNNING && !goes_with(chunk, lanes)) {
        err = save_state(batch, NOTHING, LIA_SPAN_NONE, LIA_SPAN_NONE);
        return err ? err : LIA_ECONFLICT;
    }
    if (was.phase == RUNNING) {
        lanes = lia_arena_copy(&batch->turn_arena, lanes); /* the row is about to be written */
        if (!lanes.data) return LIA_EFULL;
    } else {
        err = put_lanes(batch, chunk, &lanes);
        if (!err) LIA_LOG(INFO, "import.began", LIA_INT("rows", chunk->all));
    }
    return err ? err : take_all(batch, chunk, lanes, now);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Old blocks of the lane are merged, then it goes on behind `to`. */
static lia_err move_lane(lia_batch *batch, const lia_snap_lane *to, uint64_t *steps, bool *done)
{
    lia_lane lane;
    lia_lane_info info;
    lia_block block;
    lia_log_reader *reader = lia_log_batch_reader(batch->log);
    lia_err err = lia_log_lane(batch->log, to->origin, &lane);
    if (!err) err = lia_log_lane_info(reader, lane, &info);
    if (err || info.head >= to->seq || lia_origin_equal(to->origin, batch->self)) return err;
    while (!err && *steps < FINISH_STEPS) {
        uint64_t kept = 0;
        err = lia_log_first_block(reader, lane, &block);
        if (!err) err = lia_retire_block(batch, &block, &kept);
        if (!err) *steps += block.count;
    }
    *done = err == LIA_EABSENT;
    if (!*done) return err;
    err = lia_log_skip(batch->log, lane, to->seq, &to->hash, &to->signature);
    if (err) return err;
    batch->arrival = batch->reacted = lia_log_next(reader) - 1; /* the gap has a place */
    batch->applier.rows.pending_first = batch->arrival + 1;
    lia_batch_note_head(batch, to->origin, to->seq, &to->hash);
    return LIA_OK;
}

lia_err lia_import_finish(lia_batch *batch, bool *done)
{
    uint64_t steps = 0;
    lia_cut_fail(&batch->applier.cut);
    state is = load_state(lia_log_batch_reader(batch->log));
    lia_arena_reset(&batch->event_arena); /* merging resets the other one; nothing is open now */
    lia_span lanes = lia_arena_copy(&batch->event_arena, is.lanes);
    lia_err err = lanes.data || !is.lanes.size ? LIA_OK : LIA_EFULL;
    *done = true;
    for (size_t at = 0; at + LANE_BYTES <= lanes.size && *done && !err; at += LANE_BYTES) {
        lia_snap_lane to = read_lane(lanes.data + at);
        err = move_lane(batch, &to, &steps, done);
    }
    lia_arena_reset(&batch->event_arena);
    if (!err) err = count_up(batch);
    if (!err && *done) {
        LIA_LOG(INFO, "import.ended", LIA_INT("lanes", lanes.size / LANE_BYTES));
        lia_arena_reset(&batch->turn_arena);
        err = save_state(batch, NOTHING, LIA_SPAN_NONE, LIA_SPAN_NONE);
    }
    return err;
}
