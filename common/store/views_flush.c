/* SPDX-License-Identifier: Apache-2.0 */
/* The flusher: a frozen table goes into LMDB in key order, in slices, and the last slice moves the
 * cursor.
 *
 * Slices, because one transaction for a whole table keeps every page that it touches in memory
 * (in a large file nearly one per row, half a gigabyte) and makes the log's flushes wait behind
 * all of it. Undo rows, because the disk must show exactly the state at its cursor after a crash
 * between two slices; see views_undo.c. */
#include <pthread.h>

#include "common/base/log.h"
#include "common/base/time.h"
#include "common/store/views_inner.h"

static const char cursor_name[] = "cursor";

lia_err lia_views_read_cursor(const lia_env *env, uint64_t *cursor)
{
    *cursor = 0;
    MDB_txn *txn;
    int rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    if (rc) return lia_env_err(rc);
    MDB_val key = lia_val(lia_span_text(cursor_name)), value;
    rc = mdb_get(txn, env->meta, &key, &value);
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

/* One table on its way to the disk. */
typedef struct outing {
    lia_views *views;
    lia_walk walk;
    uint64_t cursor;
    bool sliced; /* more than one transaction: old rows are kept */
    MDB_txn *txn;
    MDB_cursor *place; /* in the rows; dies with the transaction */
    lia_undo undo;
} outing;

/* The cursor is not kept over deletions, which this LMDB's cursors have a history of getting
 * wrong. */
static int delete_row(outing *out, MDB_val *key)
{
    mdb_cursor_close(out->place);
    out->place = NULL;
    return mdb_del(out->txn, out->views->rows, key, NULL);
}

static int write_row(outing *out, const lia_row *row)
{
    MDB_val key = lia_val(row->key), value = lia_val(row->value), old;
    int rc = out->place ? 0 : mdb_cursor_open(out->txn, out->views->rows, &out->place);
    if (!rc) rc = mdb_cursor_get(out->place, &key, &old, MDB_SET);
    bool found = rc == 0;
    if (rc && rc != MDB_NOTFOUND) return rc;
    bool same =
        found ? !row->deleted && lia_span_equal(lia_val_span(old), row->value) : row->deleted;
    if (same) return 0;
    key = lia_val(row->key); /* it pointed into a page that is about to change */
    if (out->sliced) {
        rc = lia_undo_note(&out->undo, out->txn, out->views->undo, key, found ? &old : NULL);
        if (rc) return rc;
    }
    return row->deleted ? delete_row(out, &key) : mdb_cursor_put(out->place, &key, &value, 0);
}

/* Rows until the slice is large enough; *more tells whether any are left. */
static int write_rows(outing *out, bool *more)
{
    lia_row row;
    size_t bytes = 0;
    for (; (*more = lia_walk_row(&out->walk, &row)); lia_walk_step(&out->walk)) {
        if (out->sliced && bytes >= out->views->slice_bytes) return 0;
        bytes += row.key.size + row.value.size + LIA_VIEW_ROW_COST;
        int rc = write_row(out, &row);
        if (rc) return rc;
    }
    return 0;
}

static int write_slice(outing *out, bool *more)
{
    int rc = mdb_txn_begin(out->views->env.mdb, NULL, 0, &out->txn);
    if (rc) return rc;
    out->place = out->undo.place = NULL;
    rc = write_rows(out, more);
    if (!rc && !*more) {
        rc = write_cursor(out->views, out->txn, out->cursor);
        if (!rc && out->sliced) rc = mdb_drop(out->txn, out->views->undo, 0);
    }
    if (!rc) return mdb_txn_commit(out->txn);
    mdb_txn_abort(out->txn);
    return rc;
}

static int write_out(lia_views *views, const lia_table *table, uint64_t version, uint64_t cursor)
{
    outing out = {.views = views, .cursor = cursor};
    out.sliced = lia_table_used(table) > views->slice_bytes;
    lia_walk_seek(&out.walk, table, version, LIA_SPAN_NONE);
    int rc = 0;
    for (bool more = true; !rc && more;) rc = write_slice(&out, &more);
    lia_undo_free(&out.undo);
    return rc;
}

/* A failed flush is never repeated (see log_write.c): the frozen table stays in memory and readers
 * stay right, until the node is started again and replays the log. */
void lia_views_note_failure(lia_views *views, lia_err err, const lia_why *why)
{
    views->failed = err;
    views->failed_why = *why;
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
        lia_why why = {0};
        lia_err err = lia_env_failure(&views->env, rc, &why);
        lia_views_note_failure(views, err, &why);
    } else {
        /* New snapshots renew their read transaction under this lock, so they see the rows here
         * or on the disk, never neither. */
        retired = lia_views_release(table);
        views->frozen = NULL;
        if (views->rewrite.behind == table) views->rewrite.behind = NULL;
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
        if (views->rewrite.wanted && (!views->rewrite.behind || views->failed))
            lia_views_do_rewrite(views);
        else if (views->frozen && !views->failed)
            flush_one(views);
        else
            pthread_cond_wait(&views->work, &views->lock);
    }
    pthread_mutex_unlock(&views->lock);
    return NULL;
}
