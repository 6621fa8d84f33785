/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots are pooled with their LMDB read transaction: opening one takes the lock, counts two
 * holds and renews the transaction, without malloc and without a new reader slot. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/store/views_inner.h"

lia_snapshot *lia_snapshot_make(lia_views *views)
{
    lia_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot) snapshot->views = views;
    return snapshot;
}

lia_err lia_snapshot_pin(lia_snapshot *snapshot)
{
    lia_views *views = snapshot->views;
    lia_assert(!snapshot->file || snapshot->file == views->file);
    int rc = snapshot->txn ? mdb_txn_renew(snapshot->txn)
                           : mdb_txn_begin(views->file->mdb, NULL, MDB_RDONLY, &snapshot->txn);
    if (rc) return lia_env_err(rc);
    if (!snapshot->file) views->file->holders++;
    snapshot->file = views->file;
    snapshot->active = views->active;
    snapshot->frozen = views->frozen;
    snapshot->active->holders++;
    if (snapshot->frozen) snapshot->frozen->holders++;
    snapshot->version = views->published;
    snapshot->cursor = views->cursor;
    snapshot->turn = views->turn;
    return LIA_OK;
}

void lia_snapshot_unpin(lia_snapshot *snapshot)
{
    lia_views *views = snapshot->views;
    if (!snapshot->active) return;
    mdb_txn_reset(snapshot->txn);
    pthread_mutex_lock(&views->lock);
    lia_held_table *active = lia_views_release(snapshot->active);
    lia_held_table *frozen = lia_views_release(snapshot->frozen);
    pthread_mutex_unlock(&views->lock);
    snapshot->active = snapshot->frozen = NULL;
    lia_views_retire(views, active);
    lia_views_retire(views, frozen);
}

lia_held_file *lia_snapshot_let_go(lia_snapshot *snapshot)
{
    lia_held_file *file = snapshot->file;
    while (snapshot->idle_scans) lia_scan_free(snapshot->idle_scans);
    if (snapshot->txn) mdb_txn_abort(snapshot->txn);
    snapshot->txn = NULL;
    snapshot->file = NULL;
    return file && --file->holders == 0 ? file : NULL;
}

void lia_views_close_file(lia_held_file *file)
{
    if (!file) return;
    mdb_env_close(file->mdb);
    free(file);
}

void lia_snapshot_free(lia_snapshot *snapshot)
{
    lia_views *views = snapshot->views;
    pthread_mutex_lock(&views->lock);
    lia_held_file *last = lia_snapshot_let_go(snapshot);
    pthread_mutex_unlock(&views->lock);
    lia_views_close_file(last);
    free(snapshot);
}

/* One from the pool, or a new one; the caller holds the lock. */
static lia_snapshot *take(lia_views *views)
{
    lia_snapshot *snapshot = views->pool;
    if (!snapshot) return lia_snapshot_make(views);
    views->pool = snapshot->next;
    return snapshot;
}

lia_err lia_snapshot_open(lia_snapshot **out, lia_views *views)
{
    *out = NULL;
    pthread_mutex_lock(&views->lock);
    lia_snapshot *snapshot = take(views);
    lia_err err = snapshot ? lia_snapshot_pin(snapshot) : LIA_EFULL;
    if (!err) views->open_snapshots++;
    pthread_mutex_unlock(&views->lock);
    if (err) {
        if (snapshot) lia_snapshot_free(snapshot);
        return err;
    }
    *out = snapshot;
    return LIA_OK;
}

void lia_snapshot_close(lia_snapshot *snapshot)
{
    if (!snapshot) return;
    lia_assert(snapshot->open_scans == 0);
    lia_snapshot_unpin(snapshot);
    lia_views *views = snapshot->views;
    pthread_mutex_lock(&views->lock);
    bool pooled = snapshot->file == views->file;
    if (pooled) {
        snapshot->next = views->pool;
        views->pool = snapshot;
    }
    views->open_snapshots--;
    pthread_mutex_unlock(&views->lock);
    if (!pooled) lia_snapshot_free(snapshot);
}

uint64_t lia_snapshot_cursor(const lia_snapshot *snapshot)
{
    return snapshot->cursor;
}

static lia_err get_from_disk(lia_snapshot *snapshot, lia_span key, lia_span *value)
{
    if (key.size == 0 || key.size > LIA_VIEW_KEY_MAX) return LIA_EABSENT;
    MDB_val k = lia_val(key), v;
    int rc = mdb_get(snapshot->txn, snapshot->views->rows, &k, &v);
    if (!rc) *value = lia_val_span(v);
    return lia_env_err(rc);
}

lia_err lia_snapshot_get_older(lia_snapshot *snapshot, lia_span key, lia_span *value)
{
    *value = LIA_SPAN_NONE;
    if (!snapshot->active) return LIA_EIO;
    lia_row row;
    if (!snapshot->frozen || !lia_table_get(snapshot->frozen->rows, snapshot->version, key, &row))
        return get_from_disk(snapshot, key, value);
    if (row.deleted) return LIA_EABSENT;
    *value = row.value;
    return LIA_OK;
}

lia_err lia_snapshot_get(lia_snapshot *snapshot, lia_span key, lia_span *value)
{
    lia_row row;
    if (!lia_table_get(snapshot->active->rows, snapshot->version, key, &row))
        return lia_snapshot_get_older(snapshot, key, value);
    *value = row.deleted ? LIA_SPAN_NONE : row.value;
    return row.deleted ? LIA_EABSENT : LIA_OK;
}
