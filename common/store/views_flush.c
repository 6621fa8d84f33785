/* SPDX-License-Identifier: Apache-2.0 */
/* The flusher: a frozen table goes into LMDB in key order, in one transaction together with its
 * cursor.
 *
 * Why one transaction and not slices: rows are folds (counters, digests, joined registers), and a
 * crash between slices would leave some of them ahead of the cursor; replaying the log over those
 * counts twice. So the disk always shows exactly the state at its cursor. LMDB keeps the changed
 * pages in memory until the commit and spills them by itself when there are very many. */
#include <pthread.h>

#include "common/base/log.h"
#include "common/base/time.h"
#include "common/store/views_inner.h"

static const char cursor_name[] = "cursor";

lia_err lia_views_read_cursor(lia_views *views, uint64_t *cursor)
{
    *cursor = 0;
    MDB_txn *txn;
    int rc = mdb_txn_begin(views->env.mdb, NULL, MDB_RDONLY, &txn);
    if (rc) return lia_env_err(rc);
    MDB_val key = lia_val(lia_span_text(cursor_name)), value;
    rc = mdb_get(txn, views->env.meta, &key, &value);
    if (!rc && value.mv_size == 8) *cursor = lia_get_u64(value.mv_data);
    mdb_txn_abort(txn);
    return rc == MDB_NOTFOUND ? LIA_OK : lia_env_err(rc);
}

static int write_cursor(lia_views *views, MDB_txn *txn, uint64_t cursor)
{
    uint8_t bytes[8];
    lia_put_u64(bytes, cursor);
    MDB_val key = lia_val(lia_span_text(cursor_name)), value = {sizeof bytes, bytes};
    return mdb_put(txn, views->env.meta, &key, &value, 0);
}

/* A cursor makes neighbouring puts cheap; it is not kept over deletions, which this LMDB's cursors
 * have a history of getting wrong. */
static int write_row(lia_views *views, MDB_txn *txn, MDB_cursor **place, const lia_row *row)
{
    MDB_val key = lia_val(row->key), value = lia_val(row->value);
    if (row->deleted) {
        if (*place) mdb_cursor_close(*place);
        *place = NULL;
        int rc = mdb_del(txn, views->rows, &key, NULL);
        return rc == MDB_NOTFOUND ? 0 : rc;
    }
    int rc = *place ? 0 : mdb_cursor_open(txn, views->rows, place);
    return rc ? rc : mdb_cursor_put(*place, &key, &value, 0);
}

static int write_table(lia_views *views, MDB_txn *txn, const lia_table *table, uint64_t version)
{
    MDB_cursor *place = NULL; /* freed with the transaction */
    lia_walk walk;
    lia_row row;
    lia_walk_seek(&walk, table, version, LIA_SPAN_NONE);
    for (; lia_walk_row(&walk, &row); lia_walk_step(&walk)) {
        int rc = write_row(views, txn, &place, &row);
        if (rc) return rc;
    }
    return 0;
}

static int write_out(lia_views *views, const lia_table *table, uint64_t version, uint64_t cursor)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(views->env.mdb, NULL, 0, &txn);
    if (rc) return rc;
    rc = write_table(views, txn, table, version);
    if (!rc) rc = write_cursor(views, txn, cursor);
    if (!rc) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

/* A failed flush is never repeated (see log_write.c): the frozen table stays in memory and readers
 * stay right, until the node is started again and replays the log. */
static void note_failure(lia_views *views, int rc)
{
    views->failed = lia_env_failure(&views->env, rc, &views->failed_why);
    LIA_LOG(ERROR, "views.flush_failed", LIA_TEXT("why", views->failed_why.text));
}

/* The lock is held on entry and exit, and let go in between. */
static void flush_one(lia_views *views)
{
    lia_held_table *table = views->frozen;
    uint64_t version = views->frozen_version, cursor = views->frozen_cursor;
    pthread_mutex_unlock(&views->lock);
    uint64_t began = lia_time_ticks_ns();
    int rc = write_out(views, table->rows, version, cursor);
    uint64_t took = lia_time_ticks_ns() - began;
    pthread_mutex_lock(&views->lock);
    lia_held_table *retired = NULL;
    if (rc) {
        note_failure(views, rc);
    } else {
        /* New snapshots renew their read transaction under this lock, so they see the rows here
         * or on the disk, never neither. */
        retired = lia_views_release(table);
        views->frozen = NULL;
        views->disk_cursor = cursor;
        views->turn++;
        views->flushes++;
        views->flush_ns += took;
    }
    pthread_cond_broadcast(&views->done);
    pthread_mutex_unlock(&views->lock);
    lia_views_retire(views, retired);
    pthread_mutex_lock(&views->lock);
}

void *lia_views_flusher(void *context)
{
    lia_views *views = context;
    pthread_mutex_lock(&views->lock);
    while (!views->stop) {
        if (views->frozen && !views->failed)
            flush_one(views);
        else
            pthread_cond_wait(&views->work, &views->lock);
    }
    pthread_mutex_unlock(&views->lock);
    return NULL;
}
