/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/box.h"

#include <stdlib.h>

#include "common/store/env.h"

enum { FORMAT = 1, KEY_MAX = 200 };

struct lia_box {
    lia_env env;
    MDB_dbi rows;
    MDB_txn *batch; /* NULL: none is under way */
};

lia_err lia_box_open(lia_box **out, const char *dir, size_t map_bytes, uint32_t version,
                     lia_why *why)
{
    static const char *const tables[] = {"rows"};
    *out = NULL;
    lia_box *box = calloc(1, sizeof *box);
    if (!box) return lia_why_set(why, LIA_EFULL, "no memory");
    const lia_env_spec spec = {.name = "box",
                               .tables = tables,
                               .handles = &box->rows,
                               .table_count = 1,
                               .map_bytes = map_bytes,
                               .format = FORMAT,
                               .version = version,
                               .disposable = true};
    lia_err err = lia_env_open(&box->env, dir, &spec, why);
    if (err)
        free(box);
    else
        *out = box;
    return err;
}

void lia_box_close(lia_box *box)
{
    if (!box) return;
    lia_box_drop(box);
    lia_env_close(&box->env);
    free(box);
}

/* ---- writing --------------------------------------------------------------------------------- */

static int begin(lia_box *box)
{
    return box->batch ? MDB_SUCCESS : mdb_txn_begin(box->env.mdb, NULL, 0, &box->batch);
}

lia_err lia_box_put(lia_box *box, lia_span key, lia_span value)
{
    MDB_val k = lia_val(key), v = lia_val(value);
    if (!key.size || key.size > KEY_MAX) return LIA_EINVAL;
    int rc = begin(box);
    if (!rc) rc = mdb_put(box->batch, box->rows, &k, &v, 0);
    return lia_env_err(rc);
}

lia_err lia_box_delete(lia_box *box, lia_span key)
{
    MDB_val k = lia_val(key);
    int rc = begin(box);
    if (!rc) rc = mdb_del(box->batch, box->rows, &k, NULL);
    return rc == MDB_NOTFOUND ? LIA_OK : lia_env_err(rc);
}

lia_err lia_box_commit(lia_box *box, lia_why *why)
{
    if (!box->batch) return LIA_OK;
    int rc = mdb_txn_commit(box->batch);
    box->batch = NULL;
    return rc ? lia_env_failure(&box->env, rc, why) : LIA_OK;
}

void lia_box_drop(lia_box *box)
{
    if (box->batch) mdb_txn_abort(box->batch);
    box->batch = NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

lia_err lia_box_get(lia_box *box, lia_span key, lia_arena *arena, lia_span *value)
{
    MDB_val k = lia_val(key), v;
    *value = LIA_SPAN_NONE;
    int rc = begin(box);
    if (!rc) rc = mdb_get(box->batch, box->rows, &k, &v);
    if (rc) return lia_env_err(rc);
    *value = lia_arena_copy(arena, lia_val_span(v));
    return value->data ? LIA_OK : LIA_EFULL;
}

/* Stands behind all rows that are wanted: at `before`, or where the prefix ends. */
static int seek(MDB_cursor *cursor, lia_span prefix, lia_span before, MDB_val *key, MDB_val *value)
{
    uint8_t end[KEY_MAX + 8];
    lia_span from = before.size ? before : prefix;
    if (from.size > KEY_MAX) return MDB_BAD_VALSIZE;
    memcpy(end, from.data, from.size);
    if (!before.size) memset(end + from.size, 0xff, 8);
    *key = lia_val(lia_span_make(end, from.size + (before.size ? 0 : 8)));
    int rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    return mdb_cursor_get(cursor, key, value, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

lia_err lia_box_walk(lia_box *box, lia_span prefix, lia_span before,
                     bool (*each)(void *context, lia_span key, lia_span value), void *context)
{
    MDB_txn *txn;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int rc = mdb_txn_begin(box->env.mdb, NULL, MDB_RDONLY, &txn);
    if (rc) return lia_env_err(rc);
    rc = mdb_cursor_open(txn, box->rows, &cursor);
    if (!rc) rc = seek(cursor, prefix, before, &key, &value);
    while (!rc && lia_span_starts(lia_val_span(key), prefix) &&
           each(context, lia_val_span(key), lia_val_span(value)))
        rc = mdb_cursor_get(cursor, &key, &value, MDB_PREV);
    if (cursor) mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return rc == MDB_NOTFOUND ? LIA_OK : lia_env_err(rc);
}
