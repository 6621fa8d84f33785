/* SPDX-License-Identifier: Apache-2.0 */
/* The undo rows: what the rows of a table that is being written out in slices were before.
 *
 *     undo   key -> 0 (there was no row) | 1, old value
 *
 * Rows are folds (counters, digests), so replaying the log over a row that is already ahead of the
 * cursor counts twice. Each slice therefore keeps, in its own transaction, the old rows beside the
 * new ones; the last slice moves the cursor and forgets them all. Undo rows that are found at
 * opening tell of a crash in between, and are put back before anybody reads. */
#include <stdlib.h>

#include "common/store/views_inner.h"

/* Rows put back per transaction at opening. */
#define ROWS_PER_COMMIT 2000

static int grow(lia_undo *undo, size_t size)
{
    if (size <= undo->capacity) return 0;
    uint8_t *bytes = realloc(undo->bytes, size + size / 2);
    if (!bytes) return ENOMEM;
    undo->bytes = bytes;
    undo->capacity = size + size / 2;
    return 0;
}

int lia_undo_note(lia_undo *undo, MDB_txn *txn, MDB_dbi table, MDB_val key, const MDB_val *old)
{
    size_t size = 1 + (old ? old->mv_size : 0);
    int rc = grow(undo, size);
    if (rc) return rc;
    undo->bytes[0] = old != NULL;
    if (old) memcpy(undo->bytes + 1, old->mv_data, old->mv_size);
    if (!undo->place) rc = mdb_cursor_open(txn, table, &undo->place);
    MDB_val value = {size, undo->bytes};
    return rc ? rc : mdb_cursor_put(undo->place, &key, &value, MDB_APPEND);
}

void lia_undo_free(lia_undo *undo)
{
    free(undo->bytes);
    *undo = (lia_undo){0};
}

/* Puts the first undo row back. MDB_NOTFOUND when there is none. The row is copied, since pages
 * change under it. */
static int restore_one(lia_views *views, MDB_txn *txn, lia_undo *copy)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = mdb_cursor_open(txn, views->undo, &cursor);
    if (rc) return rc;
    rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    if (!rc && value.mv_size == 0) rc = MDB_CORRUPTED;
    if (!rc) rc = grow(copy, key.mv_size + value.mv_size);
    if (!rc) {
        memcpy(copy->bytes, key.mv_data, key.mv_size);
        memcpy(copy->bytes + key.mv_size, value.mv_data, value.mv_size);
    }
    mdb_cursor_close(cursor);
    if (rc) return rc;

    key.mv_data = copy->bytes;
    bool had_row = copy->bytes[key.mv_size];
    MDB_val old = {value.mv_size - 1, copy->bytes + key.mv_size + 1};
    rc = had_row ? mdb_put(txn, views->rows, &key, &old, 0) : mdb_del(txn, views->rows, &key, NULL);
    if (rc && rc != MDB_NOTFOUND) return rc;
    return mdb_del(txn, views->undo, &key, NULL);
}

/* One transaction of putting back; *more tells whether rows may be left. */
static int restore_some(lia_views *views, lia_undo *copy, bool *more)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(views->env.mdb, NULL, 0, &txn);
    if (rc) return rc;
    int count = 0;
    for (; !rc && count < ROWS_PER_COMMIT; count++) rc = restore_one(views, txn, copy);
    *more = rc != MDB_NOTFOUND;
    if (rc && rc != MDB_NOTFOUND) {
        mdb_txn_abort(txn);
        return rc;
    }
    return mdb_txn_commit(txn);
}

int lia_undo_roll_back(lia_views *views)
{
    lia_undo copy = {0};
    bool more = true;
    int rc = 0;
    while (!rc && more) rc = restore_some(views, &copy, &more);
    lia_undo_free(&copy);
    return rc;
}
