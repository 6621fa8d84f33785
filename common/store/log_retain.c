/* SPDX-License-Identifier: Apache-2.0 */
/* Where a lane begins is not written down anywhere: it is where its first block begins. So there is
 * no second number that a crash could leave behind.
 *
 * The next arrival number is that of the last event plus one, so the last event never goes: when it
 * is dropped, an empty value stays in its place, which readers take for nothing. */
#include "common/store/log_retain.h"
#include <stdio.h>

#include "common/base/assert.h"
#include "common/store/log_inner.h"

#define GAP "gap" /* the meta row of lia_log_gap */

/* ---- lanes ---------------------------------------------------------------------------------- */

lia_err lia_log_first_block(lia_log_reader *reader, lia_lane lane, lia_block *out)
{
    uint8_t want[LIA_BLOCK_KEY];
    lia_err err = lia_log_cursor(reader, LIA_LOG_BLOCK, &reader->blocks);
    if (err) return err;
    lia_block_key(lane, 0, want);
    MDB_val key = {sizeof want, want}, row;
    int rc = mdb_cursor_get(reader->blocks, &key, &row, MDB_SET_RANGE);
    if (rc) return lia_env_err(rc);
    if (!lia_block_read(lia_val_span(key), lia_val_span(row), out)) return LIA_ECORRUPT;
    return out->lane == lane ? LIA_OK : LIA_EABSENT;
}

lia_err lia_log_first(lia_log_reader *reader, lia_lane lane, uint64_t *seq, lia_hash *before)
{
    lia_block block;
    lia_lane_info info;
    lia_err err = lia_log_first_block(reader, lane, &block);
    if (!err) {
        *seq = block.first;
        *before = block.before;
        return LIA_OK;
    }
    if (err == LIA_EABSENT) err = lia_log_lane_info(reader, lane, &info);
    if (err) return err;
    *seq = info.head + 1;
    *before = info.hash;
    return LIA_OK;
}

static void edge_name(lia_lane lane, char name[16])
{
    snprintf(name, 16, "edge %u", lane);
}

lia_err lia_log_edge(lia_log_reader *reader, lia_lane lane, lia_signature *out)
{
    char name[16];
    lia_span value;
    edge_name(lane, name);
    lia_err err = lia_log_meta(reader, name, &value);
    if (err) return err;
    if (value.size != sizeof *out) return LIA_ECORRUPT;
    memcpy(out, value.data, sizeof *out);
    return LIA_OK;
}

static lia_err put_edge(lia_log *log, lia_lane lane, const lia_signature *signature)
{
    char name[16];
    edge_name(lane, name);
    return lia_log_set_meta(log, name, lia_span_make(signature, sizeof *signature));
}

lia_err lia_log_gap(lia_log_reader *reader, uint64_t *arrival)
{
    lia_span value;
    *arrival = 0;
    lia_err err = lia_log_meta(reader, GAP, &value);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (value.size != 8) return LIA_ECORRUPT;
    *arrival = lia_get_u64(value.data);
    return LIA_OK;
}

static lia_err note_gap(lia_log *log, uint64_t arrival)
{
    uint64_t known;
    uint8_t row[8];
    lia_err err = lia_log_gap(&log->batch, &known);
    if (err || known >= arrival) return err;
    lia_put_u64(row, arrival);
    return lia_log_set_meta(log, GAP, LIA_SPAN_OF(row));
}

static lia_err leave_gap(lia_log *log)
{
    uint8_t at[8];
    lia_put_u64(at, log->batch.next);
    lia_err err = lia_log_put_row(log, LIA_LOG_EV, LIA_SPAN_OF(at), LIA_SPAN_NONE);
    if (!err) err = note_gap(log, log->batch.next);
    if (!err) log->batch.next++;
    return err;
}

lia_err lia_log_skip(lia_log *log, lia_lane lane, uint64_t seq, const lia_hash *hash,
                     const lia_signature *signature)
{
    lia_block block;
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    if (lane == 0 || lane > log->batch.lanes) return LIA_EINVAL;
    if (log->lanes[lane].head >= seq) return LIA_ECONFLICT;
    lia_err err = lia_log_first_block(&log->batch, lane, &block);
    if (err != LIA_EABSENT) return err ? err : LIA_ECONFLICT;
    err = put_edge(log, lane, signature);
    if (!err) err = leave_gap(log);
    if (err) return err;
    lia_lane_info *info = lia_log_touch(log, lane);
    info->head = seq;
    info->hash = *hash;
    return LIA_OK;
}

/* ---- dropping ------------------------------------------------------------------------------- */

/* Cursors are not kept over deletions, which this LMDB's have a history of getting wrong. */
static lia_err renew_cursors(lia_log *log)
{
    if (log->batch.events) mdb_cursor_close(log->batch.events);
    if (log->batch.blocks) mdb_cursor_close(log->batch.blocks);
    mdb_cursor_close(log->tail);
    log->batch.events = log->batch.blocks = log->tail = NULL;
    int rc = mdb_cursor_open(log->batch.txn, lia_log_table(log, LIA_LOG_EV), &log->tail);
    return rc ? lia_log_fail(log, rc) : LIA_OK;
}

static void kept_key(lia_origin origin, uint64_t seq, uint8_t key[LIA_KEPT_KEY])
{
    lia_put_u16(key, origin.node);
    lia_put_u64(key + 2, origin.incarnation);
    lia_put_u64(key + 10, seq);
}

static lia_err put_kept(lia_log *log, lia_origin origin, uint64_t seq, uint64_t arrival)
{
    uint8_t key[LIA_KEPT_KEY], row[LIA_KEPT_ROW];
    kept_key(origin, seq, key);
    lia_put_u64(row, arrival);
    return lia_log_put_row(log, LIA_LOG_KEPT, LIA_SPAN_OF(key), LIA_SPAN_OF(row));
}

static lia_err drop_event(lia_log *log, uint64_t arrival)
{
    uint8_t at[8];
    lia_put_u64(at, arrival);
    if (arrival + 1 == log->batch.next)
        return lia_log_put_row(log, LIA_LOG_EV, LIA_SPAN_OF(at), LIA_SPAN_NONE);
    return lia_log_del_row(log, LIA_LOG_EV, LIA_SPAN_OF(at));
}

static lia_err drop_one(lia_log *log, const lia_block *block, uint32_t i, bool keep)
{
    uint64_t arrival, seq = block->first + i;
    lia_origin origin = log->lanes[block->lane].origin;
    if (!keep) return drop_event(log, block->arrival + i);
    lia_err err = lia_log_kept(&log->batch, origin, seq, &arrival);
    if (err == LIA_EABSENT) return put_kept(log, origin, seq, block->arrival + i);
    return err ? err : drop_event(log, block->arrival + i); /* once is enough */
}

lia_err lia_log_drop(lia_log *log, lia_lane lane, const bool *keep)
{
    lia_block block;
    uint8_t key[LIA_BLOCK_KEY];
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    lia_err err = lia_log_first_block(&log->batch, lane, &block);
    uint64_t gone = 0;
    for (uint32_t i = 0; !err && i < block.count; i++) {
        err = drop_one(log, &block, i, keep[i]);
        if (!keep[i]) gone = block.arrival + i;
    }
    if (!err && gone) err = note_gap(log, gone);
    if (err) return err;
    lia_block_key(lane, block.first, key);
    err = lia_log_del_row(log, LIA_LOG_BLOCK, LIA_SPAN_OF(key));
    if (!err) err = put_edge(log, lane, &block.signature);
    return err ? err : renew_cursors(log);
}

/* ---- kept events ---------------------------------------------------------------------------- */

lia_err lia_log_keep(lia_log *log, lia_origin origin, uint64_t seq, lia_span event,
                     uint64_t *arrival)
{
    uint8_t at[8];
    lia_assert(log->batch.txn && event.size);
    if (log->broken) return log->broken;
    lia_err err = lia_log_kept(&log->batch, origin, seq, arrival);
    if (err != LIA_EABSENT) return err ? err : LIA_ECONFLICT;
    *arrival = log->batch.next;
    lia_put_u64(at, *arrival);
    err = lia_log_put_row(log, LIA_LOG_EV, LIA_SPAN_OF(at), event);
    if (!err) err = put_kept(log, origin, seq, *arrival);
    if (!err) log->batch.next++;
    return err;
}

lia_err lia_log_kept(lia_log_reader *reader, lia_origin origin, uint64_t seq, uint64_t *arrival)
{
    uint8_t key[LIA_KEPT_KEY];
    lia_span row;
    kept_key(origin, seq, key);
    *arrival = 0;
    lia_err err =
        lia_log_find(reader, lia_log_table(reader->log, LIA_LOG_KEPT), LIA_SPAN_OF(key), &row);
    if (err) return err;
    if (row.size != LIA_KEPT_ROW) return LIA_ECORRUPT;
    *arrival = lia_get_u64(row.data);
    return LIA_OK;
}

/* The first row of a small table at `want` or behind it. */
static lia_err seek(lia_log_reader *reader, int table, lia_span want, bool behind, lia_span *key,
                    lia_span *value)
{
    MDB_cursor *cursor = NULL;
    lia_err err = lia_log_cursor(reader, table, &cursor);
    if (err) return err;
    MDB_val k = lia_val(want), v;
    int rc = mdb_cursor_get(cursor, &k, &v, want.size ? MDB_SET_RANGE : MDB_FIRST);
    if (!rc && behind && lia_span_equal(lia_val_span(k), want))
        rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    mdb_cursor_close(cursor);
    if (rc) return lia_env_err(rc);
    *key = lia_val_span(k);
    *value = lia_val_span(v);
    return LIA_OK;
}

lia_err lia_log_kept_next(lia_log_reader *reader, lia_kept *at)
{
    uint8_t want[LIA_KEPT_KEY];
    lia_span key, row;
    kept_key(at->origin, at->seq, want);
    lia_err err = seek(reader, LIA_LOG_KEPT, LIA_SPAN_OF(want), true, &key, &row);
    if (err) return err;
    if (key.size != LIA_KEPT_KEY || row.size != LIA_KEPT_ROW) return LIA_ECORRUPT;
    at->origin = (lia_origin){lia_get_u16(key.data), lia_get_u64(key.data + 2)};
    at->seq = lia_get_u64(key.data + 10);
    at->arrival = lia_get_u64(row.data);
    return LIA_OK;
}

lia_err lia_log_event_from(lia_log_reader *reader, uint64_t from, uint64_t *arrival,
                           lia_span *event)
{
    *event = LIA_SPAN_NONE;
    lia_err err = lia_log_cursor(reader, LIA_LOG_EV, &reader->events);
    if (err) return err;
    uint8_t at[8];
    lia_put_u64(at, from);
    MDB_val key = {sizeof at, at}, value;
    int rc = mdb_cursor_get(reader->events, &key, &value, MDB_SET_RANGE);
    while (!rc && !value.mv_size) rc = mdb_cursor_get(reader->events, &key, &value, MDB_NEXT);
    if (rc) return lia_env_err(rc);
    if (key.mv_size != sizeof at) return LIA_ECORRUPT;
    *arrival = lia_get_u64(key.mv_data);
    *event = lia_val_span(value);
    return LIA_OK;
}

/* ---- base ----------------------------------------------------------------------------------- */

lia_err lia_log_base_put(lia_log *log, lia_span key, lia_span value)
{
    if (!key.size || key.size > LIA_BASE_KEY_MAX) return LIA_EINVAL;
    return lia_log_put_row(log, LIA_LOG_BASE, key, value);
}

lia_err lia_log_base_del(lia_log *log, lia_span key)
{
    if (!key.size || key.size > LIA_BASE_KEY_MAX) return LIA_EINVAL;
    return lia_log_del_row(log, LIA_LOG_BASE, key);
}

lia_err lia_log_base(lia_log_reader *reader, lia_span key, lia_span *value)
{
    return lia_log_find(reader, lia_log_table(reader->log, LIA_LOG_BASE), key, value);
}

lia_err lia_log_base_next(lia_log_reader *reader, lia_span after, lia_span *key, lia_span *value)
{
    return seek(reader, LIA_LOG_BASE, after, true, key, value);
}

void lia_log_left(lia_log_reader *reader, size_t *base, size_t *kept)
{
    MDB_stat stat;
    *base = *kept = 0;
    if (!reader->awake) return;
    if (!mdb_stat(reader->txn, lia_log_table(reader->log, LIA_LOG_BASE), &stat))
        *base = stat.ms_entries;
    if (!mdb_stat(reader->txn, lia_log_table(reader->log, LIA_LOG_KEPT), &stat))
        *kept = stat.ms_entries;
}

/* ---- places in the order of arrival ----------------------------------------------------------- */

lia_err lia_log_arrival(lia_log_reader *reader, lia_origin origin, uint64_t seq, uint64_t *arrival)
{
    lia_block block;
    lia_lane lane = lia_log_find_lane(reader, origin);
    if (!lane) return LIA_EABSENT;
    lia_err err = lia_log_block(reader, lane, seq, &block);
    if (!err) *arrival = block.arrival + (seq - block.first);
    return err == LIA_EABSENT ? lia_log_kept(reader, origin, seq, arrival) : err;
}

/* A lane's events arrive in their order, so halving finds it. */
lia_err lia_log_lane_at(lia_log_reader *reader, lia_lane lane, uint64_t arrival, uint64_t *seq)
{
    lia_lane_info info;
    lia_hash before;
    uint64_t low = 0;
    lia_err err = lia_log_lane_info(reader, lane, &info);
    if (!err) err = lia_log_first(reader, lane, &low, &before);
    if (err) return err;
    uint64_t high = info.head; /* low - 1 is surely among them, above high is not */
    while (low <= high) {
        lia_block block;
        uint64_t middle = low + (high - low) / 2;
        err = lia_log_block(reader, lane, middle, &block);
        if (err) return err;
        if (block.arrival > arrival) {
            high = block.first - 1;
        } else {
            uint64_t last = block.first + block.count - 1, within = block.first + (arrival - block.arrival);
            if (within < last) {
                low = within + 1;
                break;
            }
            low = last + 1;
        }
    }
    *seq = low - 1;
    return LIA_OK;
}
