/* SPDX-License-Identifier: Apache-2.0 */
/* A scan merges three sorted sources. The newest that has the smallest key wins; all that have
 * that key move on. Sources are few, so the smallest is found by looking at each.
 *
 *     active table    c   e(deleted)
 *     frozen table  b c         g        ->   a b c d f g
 *     LMDB          a   d e f   g
 */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/store/views_inner.h"

enum { ACTIVE, FROZEN, DISK, SOURCES }; /* newest first */

typedef struct source {
    lia_row row;
    bool has_row;
} source;

struct lia_scan {
    lia_snapshot *snapshot;
    lia_walk walks[2];
    MDB_cursor *disk;
    source sources[SOURCES];
    lia_err status;
    bool barren;         /* its prefix is longer than any key */
    bool stale[SOURCES]; /* its row was handed out: move on before looking again */
    size_t prefix_size;
    uint8_t prefix[LIA_VIEW_KEY_MAX];
    lia_scan *next; /* in the snapshot's pool */
};

static lia_span prefix_of(const lia_scan *scan)
{
    return lia_span_make(scan->prefix, scan->prefix_size);
}

/* ---- sources -------------------------------------------------------------------------------- */

static void look_at_walk(lia_scan *scan, int which)
{
    source *from = &scan->sources[which];
    from->has_row = lia_walk_row(&scan->walks[which], &from->row) &&
                    lia_span_starts(from->row.key, prefix_of(scan));
}

static void move_disk(lia_scan *scan, MDB_val *key, MDB_cursor_op move)
{
    source *from = &scan->sources[DISK];
    MDB_val value;
    int rc = mdb_cursor_get(scan->disk, key, &value, move);
    from->has_row = false;
    if (rc) {
        if (rc != MDB_NOTFOUND) scan->status = lia_env_err(rc);
        return;
    }
    from->row = (lia_row){lia_val_span(*key), lia_val_span(value), false};
    from->has_row = lia_span_starts(from->row.key, prefix_of(scan));
}

static void advance(lia_scan *scan, int which)
{
    scan->stale[which] = false;
    if (which == DISK) {
        MDB_val key;
        move_disk(scan, &key, MDB_NEXT);
        return;
    }
    lia_walk_step(&scan->walks[which]);
    look_at_walk(scan, which);
}

/* ---- open and close ------------------------------------------------------------------------- */

static lia_err make(lia_snapshot *snapshot, lia_scan **out)
{
    lia_scan *scan = calloc(1, sizeof *scan);
    if (!scan) return LIA_EFULL;
    scan->snapshot = snapshot;
    int rc = mdb_cursor_open(snapshot->txn, snapshot->views->rows, &scan->disk);
    if (rc) {
        free(scan);
        return lia_env_err(rc);
    }
    *out = scan;
    return LIA_OK;
}

/* One of the snapshot's idle scans, or a new one. */
static lia_err take(lia_snapshot *snapshot, lia_scan **out)
{
    if (!snapshot->active) return LIA_EIO;
    lia_scan *scan = snapshot->idle_scans;
    if (!scan) return make(snapshot, out);
    int rc = mdb_cursor_renew(snapshot->txn, scan->disk);
    if (rc) return lia_env_err(rc);
    snapshot->idle_scans = scan->next;
    *out = scan;
    return LIA_OK;
}

lia_err lia_scan_open(lia_scan **out, lia_snapshot *snapshot, lia_span prefix)
{
    *out = NULL;
    lia_scan *scan = NULL;
    lia_err err = take(snapshot, &scan);
    if (err) return err;
    snapshot->open_scans++;
    scan->status = LIA_OK;
    scan->barren = prefix.size > LIA_VIEW_KEY_MAX;
    scan->prefix_size = scan->barren ? 0 : prefix.size;
    if (scan->prefix_size) memcpy(scan->prefix, prefix.data, prefix.size);
    lia_scan_seek(scan, prefix);
    *out = scan;
    return LIA_OK;
}

void lia_scan_close(lia_scan *scan)
{
    if (!scan) return;
    lia_snapshot *snapshot = scan->snapshot;
    lia_assert(snapshot->open_scans > 0);
    snapshot->open_scans--;
    scan->next = snapshot->idle_scans;
    snapshot->idle_scans = scan;
}

/* Frees the first of its snapshot's idle scans. */
void lia_scan_free(lia_scan *scan)
{
    lia_assert(scan == scan->snapshot->idle_scans);
    scan->snapshot->idle_scans = scan->next;
    mdb_cursor_close(scan->disk);
    free(scan);
}

/* ---- moving --------------------------------------------------------------------------------- */

void lia_scan_seek(lia_scan *scan, lia_span key)
{
    memset(scan->sources, 0, sizeof scan->sources);
    memset(scan->stale, 0, sizeof scan->stale);
    if (scan->barren) return;
    if (lia_span_compare(key, prefix_of(scan)) < 0) key = prefix_of(scan);
    const lia_snapshot *snapshot = scan->snapshot;
    const lia_held_table *tables[] = {snapshot->active, snapshot->frozen};
    for (int i = ACTIVE; i <= FROZEN; i++) {
        scan->walks[i] = (lia_walk){0};
        if (tables[i]) lia_walk_seek(&scan->walks[i], tables[i]->rows, snapshot->version, key);
        look_at_walk(scan, i);
    }
    /* LMDB refuses longer keys; no row is so long, so cutting one does not change its place */
    size_t size = key.size <= LIA_VIEW_KEY_MAX + 1 ? key.size : LIA_VIEW_KEY_MAX + 1;
    MDB_val at = {size, (void *)(uintptr_t)key.data};
    move_disk(scan, &at, size ? MDB_SET_RANGE : MDB_FIRST);
}

/* The newest source among those with the smallest key; SOURCES when all are at their end. */
static int smallest(const lia_scan *scan)
{
    int best = SOURCES;
    for (int i = 0; i < SOURCES; i++) {
        if (!scan->sources[i].has_row) continue;
        if (best == SOURCES ||
            lia_span_compare(scan->sources[i].row.key, scan->sources[best].row.key) < 0)
            best = i;
    }
    return best;
}

static bool next_row(lia_scan *scan, lia_row *out)
{
    for (int i = 0; i < SOURCES; i++)
        if (scan->stale[i]) advance(scan, i);
    int best = smallest(scan);
    if (best == SOURCES || scan->status) return false;
    *out = scan->sources[best].row;
    for (int i = 0; i < SOURCES; i++)
        scan->stale[i] =
            scan->sources[i].has_row && lia_span_equal(scan->sources[i].row.key, out->key);
    return true;
}

bool lia_scan_next(lia_scan *scan, lia_span *key, lia_span *value)
{
    lia_row row;
    do {
        if (!next_row(scan, &row)) return false;
    } while (row.deleted);
    *key = row.key;
    *value = row.value;
    return true;
}

/* ---- backwards ------------------------------------------------------------------------------- */

/* A key above all that begin with the prefix, and below all that stand behind those. */
static lia_span end_of(const lia_scan *scan, uint8_t bytes[LIA_VIEW_KEY_MAX + 1])
{
    memset(bytes, 0xff, LIA_VIEW_KEY_MAX + 1);
    if (scan->prefix_size) memcpy(bytes, scan->prefix, scan->prefix_size);
    return lia_span_make(bytes, LIA_VIEW_KEY_MAX + 1);
}

static void look_before(lia_scan *scan, int which, const lia_held_table *table, lia_span key)
{
    source *from = &scan->sources[which];
    from->has_row = table &&
                    lia_table_before(table->rows, scan->snapshot->version, key, &from->row) &&
                    lia_span_starts(from->row.key, prefix_of(scan));
}

static void look_before_on_disk(lia_scan *scan, lia_span key)
{
    MDB_val at = {key.size, (void *)(uintptr_t)key.data}, value;
    int rc = mdb_cursor_get(scan->disk, &at, &value, MDB_SET_RANGE);
    scan->sources[DISK].has_row = false;
    if (rc && rc != MDB_NOTFOUND)
        scan->status = lia_env_err(rc);
    else
        move_disk(scan, &at, rc ? MDB_LAST : MDB_PREV);
}

/* The newest source among those with the largest key. */
static int largest(const lia_scan *scan)
{
    int best = SOURCES;
    for (int i = 0; i < SOURCES; i++) {
        if (!scan->sources[i].has_row) continue;
        if (best == SOURCES ||
            lia_span_compare(scan->sources[i].row.key, scan->sources[best].row.key) > 0)
            best = i;
    }
    return best;
}

bool lia_scan_before(lia_scan *scan, lia_span key, lia_span *found, lia_span *value)
{
    uint8_t end[LIA_VIEW_KEY_MAX + 1];
    const lia_snapshot *snapshot = scan->snapshot;
    lia_span last = end_of(scan, end);
    if (!key.size || lia_span_compare(key, last) > 0) key = last;
    for (int best; !scan->barren && !scan->status;) {
        look_before(scan, ACTIVE, snapshot->active, key);
        look_before(scan, FROZEN, snapshot->frozen, key);
        look_before_on_disk(scan, key);
        best = largest(scan);
        if (best == SOURCES || scan->status) break;
        const lia_row *row = &scan->sources[best].row;
        key = *found = row->key;
        *value = row->value;
        if (!row->deleted) break;
    }
    bool any = !scan->barren && !scan->status && largest(scan) != SOURCES;
    memset(scan->sources, 0, sizeof scan->sources);
    memset(scan->stale, 0, sizeof scan->stale);
    return any;
}

lia_err lia_scan_status(const lia_scan *scan)
{
    return scan->status;
}
