/* SPDX-License-Identifier: Apache-2.0 */
/* The batch. Events go in through one cursor that stands at the end of `ev` (MDB_APPEND: no
 * search, full pages), blocks at the end of their lane; heads move in memory and are written once
 * per commit. After a failed flush the page cache cannot be trusted (the kernel may have dropped
 * what it could not write and call it clean), so nothing is ever tried again: the log refuses all
 * batches until it is opened anew. */
#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/store/log_inner.h"

lia_err lia_log_poison(lia_log *log, lia_err err, const lia_why *why)
{
    log->poisoned = err;
    log->poisoned_why = *why;
    LIA_LOG(ERROR, "log.poisoned", LIA_TEXT("why", why->text));
    return err;
}

/* Notes that the batch cannot be kept. A full map has changed nothing, so the next, smaller batch
 * may succeed; anything else leaves the disk in doubt. */
lia_err lia_log_fail(lia_log *log, int rc)
{
    log->broken = lia_env_failure(&log->env, rc, &log->broken_why);
    if (rc != MDB_MAP_FULL) lia_log_poison(log, log->broken, &log->broken_why);
    return log->broken;
}

lia_err lia_log_put_row(lia_log *log, int table, lia_span key, lia_span value)
{
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    MDB_val k = lia_val(key), v = lia_val(value);
    int rc = mdb_put(log->batch.txn, lia_log_table(log, table), &k, &v, 0);
    return rc ? lia_log_fail(log, rc) : LIA_OK;
}

lia_err lia_log_del_row(lia_log *log, int table, lia_span key)
{
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    MDB_val k = lia_val(key);
    int rc = mdb_del(log->batch.txn, lia_log_table(log, table), &k, NULL);
    return rc && rc != MDB_NOTFOUND ? lia_log_fail(log, rc) : LIA_OK;
}

/* ---- begin and end -------------------------------------------------------------------------- */

lia_err lia_log_begin(lia_log *log, lia_why *why)
{
    lia_assert(!log->batch.txn);
    if (log->poisoned)
        return lia_why_set(why, log->poisoned, "%s; open the log again", log->poisoned_why.text);
    log->broken = LIA_OK;
    log->broken_why.text[0] = 0;
    int rc = mdb_txn_begin(log->env.mdb, NULL, 0, &log->batch.txn);
    if (!rc) rc = mdb_cursor_open(log->batch.txn, lia_log_table(log, LIA_LOG_EV), &log->tail);
    if (rc) {
        if (log->batch.txn) mdb_txn_abort(log->batch.txn);
        log->batch.txn = NULL;
        return lia_env_failure(&log->env, rc, why);
    }
    log->change_count = 0;
    log->lanes_before = log->batch.lanes;
    log->next_before = log->batch.next;
    return LIA_OK;
}

/* LMDB has freed the transaction and its cursors. */
static void end_batch(lia_log *log)
{
    log->batch.txn = NULL;
    log->batch.events = log->batch.blocks = log->tail = NULL;
    for (size_t i = 0; i < log->change_count; i++) log->changed[log->changes[i]] = false;
    log->change_count = 0;
}

static void roll_back(lia_log *log)
{
    for (size_t i = 0; i < log->change_count; i++)
        log->lanes[log->changes[i]] = log->before[log->changes[i]];
    log->batch.lanes = log->lanes_before;
    log->batch.next = log->next_before;
    end_batch(log);
}

void lia_log_abort(lia_log *log)
{
    lia_assert(log->batch.txn);
    mdb_txn_abort(log->batch.txn);
    roll_back(log);
}

static lia_err write_heads(lia_log *log)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < log->change_count; i++) {
        uint8_t key[LIA_LANE_KEY], row[LIA_LANE_ROW];
        lia_put_u16(key, log->changes[i]);
        lia_lane_write(&log->lanes[log->changes[i]], row);
        err = lia_log_put_row(log, LIA_LOG_LANE, LIA_SPAN_OF(key), LIA_SPAN_OF(row));
    }
    return err;
}

lia_err lia_log_commit(lia_log *log, lia_why *why)
{
    lia_assert(log->batch.txn);
    if (!log->broken) write_heads(log);
    if (log->broken) {
        mdb_txn_abort(log->batch.txn);
    } else {
        int rc = mdb_txn_commit(log->batch.txn); /* frees it, whatever it returns */
        if (!rc) {
            end_batch(log);
            return LIA_OK;
        }
        lia_log_fail(log, rc);
    }
    roll_back(log);
    if (!log->poisoned) lia_log_poison(log, log->broken, &log->broken_why);
    return lia_why_set(why, log->broken, "%s", log->broken_why.text);
}

/* ---- lanes and blocks ----------------------------------------------------------------------- */

lia_lane_info *lia_log_touch(lia_log *log, lia_lane lane)
{
    if (!log->changed[lane]) {
        log->changed[lane] = true;
        log->before[lane] = log->lanes[lane];
        log->changes[log->change_count++] = lane;
    }
    return &log->lanes[lane];
}

lia_err lia_log_lane(lia_log *log, lia_origin origin, lia_lane *out)
{
    lia_assert(log->batch.txn);
    *out = lia_log_find_lane(&log->batch, origin);
    if (*out) return LIA_OK;
    if (log->batch.lanes == LIA_LANES_MAX) return LIA_EFULL;
    lia_lane lane = ++log->batch.lanes;
    *lia_log_touch(log, lane) = (lia_lane_info){.origin = origin};
    *out = lane;
    return LIA_OK;
}

static lia_err put_events(lia_log *log, uint64_t arrival, const lia_span *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t at[8];
        lia_put_u64(at, arrival + i);
        MDB_val key = {sizeof at, at}, value = lia_val(events[i]);
        int rc = mdb_cursor_put(log->tail, &key, &value, MDB_APPEND);
        if (rc) return lia_log_fail(log, rc);
    }
    return LIA_OK;
}

lia_err lia_log_append(lia_log *log, lia_block *block, const lia_span *events)
{
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    if (block->lane == 0 || block->lane > log->batch.lanes || block->count == 0) return LIA_EINVAL;
    lia_lane_info *lane = &log->lanes[block->lane];
    if (block->first != lane->head + 1 || !lia_hash_equal(&block->before, &lane->hash))
        return LIA_ECONFLICT;

    block->arrival = log->batch.next;
    lia_err err = put_events(log, block->arrival, events, block->count);
    if (err) return err;
    uint8_t key[LIA_BLOCK_KEY], row[LIA_BLOCK_ROW];
    lia_block_key(block->lane, block->first, key);
    lia_block_write(block, row);
    err = lia_log_put_row(log, LIA_LOG_BLOCK, LIA_SPAN_OF(key), LIA_SPAN_OF(row));
    if (err) return err;

    lane = lia_log_touch(log, block->lane);
    lane->head += block->count;
    lane->hash = block->hash;
    log->batch.next += block->count;
    return LIA_OK;
}

/* ---- erasing -------------------------------------------------------------------------------- */

lia_err lia_log_overwrite(lia_log *log, uint64_t arrival, lia_span bytes)
{
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    lia_span old;
    lia_err err = lia_log_event(&log->batch, arrival, &old);
    if (err) return err;
    if (old.size != bytes.size) return LIA_EINVAL;
    uint8_t at[8];
    lia_put_u64(at, arrival);
    return lia_log_put_row(log, LIA_LOG_EV, LIA_SPAN_OF(at), bytes);
}

/* ---- mending -------------------------------------------------------------------------------- */

lia_err lia_log_mend(lia_log *log, lia_block *block, const lia_span *events)
{
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    uint8_t key[LIA_BLOCK_KEY], row[LIA_BLOCK_ROW];
    lia_block_key(block->lane, block->first, key);
    lia_span held;
    lia_block now;
    lia_err err =
        lia_log_find(&log->batch, lia_log_table(log, LIA_LOG_BLOCK), LIA_SPAN_OF(key), &held);
    if (err) return err;
    if (!lia_block_read(LIA_SPAN_OF(key), held, &now) || now.arrival == 0 ||
        now.arrival + block->count > log->batch.next)
        return LIA_EABSENT;
    block->arrival = now.arrival;
    for (uint32_t i = 0; i < block->count && !err; i++) {
        uint8_t at[8];
        lia_put_u64(at, block->arrival + i);
        err = lia_log_put_row(log, LIA_LOG_EV, LIA_SPAN_OF(at), events[i]);
    }
    lia_block_write(block, row);
    return err ? err : lia_log_put_row(log, LIA_LOG_BLOCK, LIA_SPAN_OF(key), LIA_SPAN_OF(row));
}

/* ---- small facts ---------------------------------------------------------------------------- */

static bool name_is_valid(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size <= LIA_LOG_NAME_MAX;
}

lia_err lia_log_set_reactor(lia_log *log, const char *name, uint64_t arrival)
{
    if (!name_is_valid(name)) return LIA_EINVAL;
    uint8_t row[8];
    lia_put_u64(row, arrival);
    return lia_log_put_row(log, LIA_LOG_REACT, lia_span_text(name), LIA_SPAN_OF(row));
}

lia_err lia_log_set_meta(lia_log *log, const char *name, lia_span value)
{
    if (!name_is_valid(name)) return LIA_EINVAL;
    lia_assert(log->batch.txn);
    if (log->broken) return log->broken;
    MDB_val key = lia_val(lia_span_text(name)), bytes = lia_val(value);
    int rc = mdb_put(log->batch.txn, log->env.meta, &key, &bytes, 0);
    return rc ? lia_log_fail(log, rc) : LIA_OK;
}

lia_err lia_log_clear_job(lia_log *log, lia_span key)
{
    if (key.size == 0 || key.size > LIA_LOG_JOB_MAX) return LIA_EINVAL;
    if (log->broken) return log->broken;
    lia_time due;
    lia_err err = lia_log_job(&log->batch, key, &due);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    uint8_t row[8 + LIA_LOG_JOB_MAX];
    size_t size = lia_job_key(due, key, row);
    err = lia_log_del_row(log, LIA_LOG_JOB, lia_span_make(row, size));
    return err ? err : lia_log_del_row(log, LIA_LOG_JOBKEY, key);
}

lia_err lia_log_set_job(lia_log *log, lia_span key, lia_time due, lia_span payload)
{
    lia_err err = lia_log_clear_job(log, key);
    if (err) return err;
    uint8_t row[8 + LIA_LOG_JOB_MAX];
    size_t size = lia_job_key(due, key, row);
    err = lia_log_put_row(log, LIA_LOG_JOB, lia_span_make(row, size), payload);
    if (err) return err;
    return lia_log_put_row(log, LIA_LOG_JOBKEY, key, lia_span_make(row, 8));
}
