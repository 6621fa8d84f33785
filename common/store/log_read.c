/* SPDX-License-Identifier: Apache-2.0 */
/* Readers. Each keeps one read transaction and two cursors and renews them, which costs a tenth of
 * a microsecond; cursors make neighbouring reads cheap, since LMDB looks at the page it stands on
 * first. A reader is awake, on a commit, or at rest. The log knows all of them, so that a scrub can
 * wait until the last one is at rest and take their transactions from them. */
#include <errno.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/store/log_inner.h"

/* ---- lifetime ------------------------------------------------------------------------------- */

lia_err lia_log_measure(lia_log_reader *reader)
{
    lia_log *log = reader->log;
    if (!reader->events) {
        int rc = mdb_cursor_open(reader->txn, lia_log_table(log, LIA_LOG_EV), &reader->events);
        if (rc) return lia_env_err(rc);
    }
    MDB_val key, value;
    int rc = mdb_cursor_get(reader->events, &key, &value, MDB_LAST);
    if (rc && rc != MDB_NOTFOUND) return lia_env_err(rc);
    if (!rc && key.mv_size != 8) return LIA_ECORRUPT;
    MDB_stat lanes;
    int stat_rc = mdb_stat(reader->txn, lia_log_table(log, LIA_LOG_LANE), &lanes);
    if (stat_rc) return lia_env_err(stat_rc);
    reader->next = rc ? 1 : lia_get_u64(key.mv_data) + 1;
    reader->lanes = (lia_lane)lanes.ms_entries;
    return LIA_OK;
}

/* Takes its place on the newest commit, with a new transaction or the old one renewed. The caller
 * holds the lock; while a scrub reopens the file this waits. */
static int wake(lia_log_reader *reader)
{
    lia_log *log = reader->log;
    while (log->gated) pthread_cond_wait(&log->moved, &log->lock);
    if (!log->env.mdb) return EIO;
    int rc = reader->txn ? mdb_txn_renew(reader->txn)
                         : mdb_txn_begin(log->env.mdb, NULL, MDB_RDONLY, &reader->txn);
    if (rc) return rc;
    reader->awake = true;
    log->awake++;
    return 0;
}

/* Stands on no commit any more. The caller holds the lock. */
static void fall_asleep(lia_log_reader *reader)
{
    lia_log *log = reader->log;
    if (!reader->awake) return;
    mdb_txn_reset(reader->txn);
    reader->awake = false;
    log->awake--;
    if (log->gated) pthread_cond_broadcast(&log->moved);
}

void lia_log_reader_let_go(lia_log_reader *reader)
{
    if (reader->events) mdb_cursor_close(reader->events);
    if (reader->blocks) mdb_cursor_close(reader->blocks);
    if (reader->txn) mdb_txn_abort(reader->txn);
    reader->events = reader->blocks = NULL;
    reader->txn = NULL;
}

lia_err lia_log_reader_open(lia_log_reader **out, lia_log *log)
{
    *out = NULL;
    lia_log_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return LIA_EFULL;
    reader->log = log;
    pthread_mutex_lock(&log->lock);
    reader->further = log->all;
    if (log->all) log->all->previous = reader;
    log->all = reader;
    int rc = wake(reader);
    pthread_mutex_unlock(&log->lock);
    lia_err err = rc ? lia_env_err(rc) : lia_log_measure(reader);
    if (err) {
        lia_log_reader_close(reader);
        return err;
    }
    *out = reader;
    return LIA_OK;
}

void lia_log_reader_close(lia_log_reader *reader)
{
    if (!reader) return;
    lia_log *log = reader->log;
    lia_assert(reader != &log->batch);
    pthread_mutex_lock(&log->lock);
    fall_asleep(reader);
    lia_log_reader_let_go(reader);
    if (reader->further) reader->further->previous = reader->previous;
    *(reader->previous ? &reader->previous->further : &log->all) = reader->further;
    pthread_mutex_unlock(&log->lock);
    free(reader);
}

lia_err lia_log_refresh(lia_log_reader *reader)
{
    lia_log *log = reader->log;
    lia_assert(reader != &log->batch);
    pthread_mutex_lock(&log->lock);
    fall_asleep(reader);
    int rc = wake(reader);
    pthread_mutex_unlock(&log->lock);
    if (!rc && reader->events) rc = mdb_cursor_renew(reader->txn, reader->events);
    if (!rc && reader->blocks) rc = mdb_cursor_renew(reader->txn, reader->blocks);
    return rc ? lia_env_err(rc) : lia_log_measure(reader);
}

void lia_log_rest(lia_log_reader *reader)
{
    lia_log *log = reader->log;
    lia_assert(reader != &log->batch);
    pthread_mutex_lock(&log->lock);
    fall_asleep(reader);
    pthread_mutex_unlock(&log->lock);
}

lia_log_reader *lia_log_batch_reader(lia_log *log)
{
    lia_assert(log->batch.txn);
    return &log->batch;
}

/* ---- rows ----------------------------------------------------------------------------------- */

lia_err lia_log_find(lia_log_reader *reader, MDB_dbi table, lia_span key, lia_span *value)
{
    *value = LIA_SPAN_NONE;
    lia_assert(reader->txn || !reader->awake);
    if (!reader->awake) return LIA_EIO;
    MDB_val k = lia_val(key), v;
    int rc = key.size ? mdb_get(reader->txn, table, &k, &v) : MDB_NOTFOUND;
    if (!rc) *value = lia_val_span(v);
    return lia_env_err(rc);
}

lia_err lia_log_cursor(lia_log_reader *reader, int table, MDB_cursor **slot)
{
    lia_assert(reader->txn || !reader->awake);
    if (!reader->awake) return LIA_EIO;
    if (*slot) return LIA_OK;
    return lia_env_err(mdb_cursor_open(reader->txn, lia_log_table(reader->log, table), slot));
}

uint64_t lia_log_next(lia_log_reader *reader)
{
    return reader->next;
}

lia_err lia_log_event(lia_log_reader *reader, uint64_t arrival, lia_span *event)
{
    *event = LIA_SPAN_NONE;
    if (arrival == 0 || arrival >= reader->next) return LIA_EABSENT;
    lia_err err = lia_log_cursor(reader, LIA_LOG_EV, &reader->events);
    if (err) return err;
    uint8_t at[8];
    lia_put_u64(at, arrival);
    MDB_val key = {sizeof at, at}, value;
    int rc = mdb_cursor_get(reader->events, &key, &value, MDB_SET);
    if (!rc) *event = lia_val_span(value);
    return rc ? lia_env_err(rc) : event->size ? LIA_OK : LIA_EABSENT;
}

lia_lane lia_log_lanes(lia_log_reader *reader)
{
    return reader->lanes;
}

lia_err lia_log_lane_info(lia_log_reader *reader, lia_lane lane, lia_lane_info *out)
{
    *out = (lia_lane_info){0};
    if (lane == 0 || lane > reader->lanes) return LIA_EABSENT;
    lia_log *log = reader->log;
    if (reader == &log->batch) {
        *out = log->lanes[lane];
        return LIA_OK;
    }
    uint8_t key[LIA_LANE_KEY];
    lia_put_u16(key, lane);
    lia_span row;
    lia_err err = lia_log_find(reader, lia_log_table(log, LIA_LOG_LANE), LIA_SPAN_OF(key), &row);
    if (err) return err == LIA_EABSENT ? LIA_ECORRUPT : err;
    return lia_lane_read(row, out) ? LIA_OK : LIA_ECORRUPT;
}

lia_lane lia_log_find_lane(lia_log_reader *reader, lia_origin origin)
{
    for (lia_lane lane = 1; lane <= reader->lanes; lane++) {
        lia_lane_info info;
        if (lia_log_lane_info(reader, lane, &info)) return 0;
        if (lia_origin_equal(info.origin, origin)) return lane;
    }
    return 0;
}

/* The row at or before (lane, seq): the first at or after it, and one back unless it is that. */
static int seek_block(MDB_cursor *cursor, lia_lane lane, uint64_t seq, MDB_val *key, MDB_val *row)
{
    uint8_t want[LIA_BLOCK_KEY];
    lia_block_key(lane, seq, want);
    *key = (MDB_val){sizeof want, want};
    int rc = mdb_cursor_get(cursor, key, row, MDB_SET_RANGE);
    if (rc == MDB_NOTFOUND) return mdb_cursor_get(cursor, key, row, MDB_LAST);
    if (rc || lia_span_equal(lia_val_span(*key), LIA_SPAN_OF(want))) return rc;
    return mdb_cursor_get(cursor, key, row, MDB_PREV);
}

lia_err lia_log_block(lia_log_reader *reader, lia_lane lane, uint64_t seq, lia_block *out)
{
    lia_err err = lia_log_cursor(reader, LIA_LOG_BLOCK, &reader->blocks);
    if (err) return err;
    MDB_val key, row;
    int rc = seek_block(reader->blocks, lane, seq, &key, &row);
    if (rc) return lia_env_err(rc);
    if (!lia_block_read(lia_val_span(key), lia_val_span(row), out)) return LIA_ECORRUPT;
    bool inside = out->lane == lane && seq >= out->first && seq - out->first < out->count;
    return inside ? LIA_OK : LIA_EABSENT;
}

/* ---- small facts ---------------------------------------------------------------------------- */

lia_err lia_log_reactor(lia_log_reader *reader, const char *name, uint64_t *arrival)
{
    *arrival = 0;
    lia_span row;
    lia_err err =
        lia_log_find(reader, lia_log_table(reader->log, LIA_LOG_REACT), lia_span_text(name), &row);
    if (err) return err;
    if (row.size != 8) return LIA_ECORRUPT;
    *arrival = lia_get_u64(row.data);
    return LIA_OK;
}

static lia_err take_job(int rc, const MDB_val *k, const MDB_val *v, lia_time *due, lia_span *key,
                        lia_span *payload)
{
    if (rc) return lia_env_err(rc);
    if (k->mv_size <= 8) return LIA_ECORRUPT;
    *due = lia_job_due(k->mv_data);
    *key = lia_span_skip(lia_val_span(*k), 8);
    *payload = lia_val_span(*v);
    return LIA_OK;
}

static lia_err open_jobs(lia_log_reader *reader, MDB_cursor **cursor)
{
    lia_assert(reader->txn || !reader->awake);
    if (!reader->awake) return LIA_EIO;
    int rc = mdb_cursor_open(reader->txn, lia_log_table(reader->log, LIA_LOG_JOB), cursor);
    return rc ? lia_env_err(rc) : LIA_OK;
}

lia_err lia_log_next_job(lia_log_reader *reader, lia_time *due, lia_span *key, lia_span *payload)
{
    MDB_cursor *cursor;
    MDB_val k, v;
    lia_err err = open_jobs(reader, &cursor);
    if (err) return err;
    err = take_job(mdb_cursor_get(cursor, &k, &v, MDB_FIRST), &k, &v, due, key, payload);
    mdb_cursor_close(cursor);
    return err;
}

lia_err lia_log_job_after(lia_log_reader *reader, lia_time *due, lia_span *key, lia_span *payload)
{
    MDB_cursor *cursor;
    uint8_t row[8 + LIA_LOG_JOB_MAX];
    if (key->size > LIA_LOG_JOB_MAX) return LIA_EINVAL;
    lia_err err = open_jobs(reader, &cursor);
    if (err) return err;
    MDB_val k = {lia_job_key(*due, *key, row), row}, v;
    lia_span from = lia_val_span(k);
    int rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    if (!rc && lia_span_equal(lia_val_span(k), from)) rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    err = take_job(rc, &k, &v, due, key, payload);
    mdb_cursor_close(cursor);
    return err;
}

lia_err lia_log_job(lia_log_reader *reader, lia_span key, lia_time *due)
{
    lia_span row;
    if (key.size > LIA_LOG_JOB_MAX) return LIA_EABSENT;
    lia_err err = lia_log_find(reader, lia_log_table(reader->log, LIA_LOG_JOBKEY), key, &row);
    if (err) return err;
    if (row.size != 8) return LIA_ECORRUPT;
    *due = lia_job_due(row.data);
    return LIA_OK;
}

size_t lia_log_jobs(lia_log_reader *reader)
{
    MDB_stat stat;
    if (!reader->awake) return 0;
    return mdb_stat(reader->txn, lia_log_table(reader->log, LIA_LOG_JOBKEY), &stat)
               ? 0
               : stat.ms_entries;
}

lia_err lia_log_meta(lia_log_reader *reader, const char *name, lia_span *value)
{
    return lia_log_find(reader, reader->log->env.meta, lia_span_text(name), value);
}

/* A reader that is awake keeps the file open. */
void lia_log_size(lia_log_reader *reader, size_t *used, size_t *cap)
{
    lia_log *log = reader->log;
    pthread_mutex_lock(&log->lock);
    while (log->gated && !reader->awake) pthread_cond_wait(&log->moved, &log->lock);
    lia_env_size(&log->env, used, cap);
    pthread_mutex_unlock(&log->lock);
}
