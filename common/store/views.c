/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's side: rows go into the active table under the version to come; publishing makes
 * that version the one which new snapshots see, under the lock, in a few instructions. The
 * writer reads through a snapshot of its own that sees every version. */
#include "common/store/views.h"

#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/limits.h"
#include "common/store/views_inner.h"

#define FORMAT 1

/* Address space beyond a full table: what one publishing may add after the table was just below
 * its size. Reserved, not used, until then. */
#define HEADROOM_BYTES ((size_t)256 << 20)

/* ---- tables --------------------------------------------------------------------------------- */

lia_held_table *lia_views_table(lia_views *views)
{
    lia_held_table *table = views->spare;
    if (table) {
        views->spare = NULL;
        table->holders = 1;
        return table;
    }
    table = calloc(1, sizeof *table);
    if (!table) return NULL;
    table->holders = 1;
    table->rows = lia_table_open(LIA_VIEW_STRETCH * views->table_bytes + HEADROOM_BYTES);
    if (table->rows) return table;
    free(table);
    return NULL;
}

lia_held_table *lia_views_release(lia_held_table *table)
{
    if (!table) return NULL;
    lia_assert(table->holders > 0);
    return --table->holders == 0 ? table : NULL;
}

void lia_views_retire(lia_views *views, lia_held_table *table)
{
    if (!table) return;
    lia_table_clear(table->rows);
    pthread_mutex_lock(&views->lock);
    bool keep = !views->spare;
    if (keep) views->spare = table;
    pthread_mutex_unlock(&views->lock);
    if (keep) return;
    lia_table_close(table->rows);
    free(table);
}

static void free_table(lia_held_table *table)
{
    if (!table) return;
    lia_table_close(table->rows);
    free(table);
}

/* ---- open and close ------------------------------------------------------------------------- */

lia_env_spec lia_views_spec(const lia_views *views, MDB_dbi handles[2])
{
    static const char *const tables[] = {"row", "undo"};
    return (lia_env_spec){.name = "views",
                          .tables = tables,
                          .handles = handles,
                          .table_count = LIA_COUNT(tables),
                          .map_bytes = views->map_bytes,
                          .format = FORMAT,
                          .version = views->version,
                          .disposable = true};
}

static lia_err open_env(lia_views *views, const char *dir, lia_why *why)
{
    MDB_dbi handles[2];
    lia_env_spec spec = lia_views_spec(views, handles);
    lia_err err = lia_env_open(&views->env, dir, &spec, why);
    if (err) return err;
    views->rows = handles[0];
    views->undo = handles[1];
    views->file = calloc(1, sizeof *views->file);
    if (!views->file) return lia_why_set(why, LIA_EFULL, "no memory to open %s", dir);
    *views->file = (lia_held_file){views->env.mdb, 1};
    int rc = lia_undo_roll_back(views);
    return rc ? lia_env_failure(&views->env, rc, why) : LIA_OK;
}

static lia_err pin_own(lia_views *views)
{
    lia_held_file *last = NULL;
    pthread_mutex_lock(&views->lock);
    if (views->own->file != views->file) last = lia_snapshot_let_go(views->own);
    lia_err err = lia_snapshot_pin(views->own);
    pthread_mutex_unlock(&views->lock);
    lia_views_close_file(last);
    views->own->version = LIA_VERSION_NEWEST;
    return err;
}

static lia_err start(lia_views *views)
{
    views->active = lia_views_table(views);
    views->own = lia_snapshot_make(views);
    if (!views->active || !views->own) return LIA_EFULL;
    lia_err err = lia_views_read_cursor(&views->env, &views->disk_cursor);
    if (!err) err = pin_own(views);
    views->cursor = views->disk_cursor;
    return err;
}

static void free_views(lia_views *views)
{
    if (views->own) {
        lia_snapshot_unpin(views->own);
        lia_snapshot_free(views->own);
    }
    while (views->pool) {
        lia_snapshot *snapshot = views->pool;
        views->pool = snapshot->next;
        lia_snapshot_free(snapshot);
    }
    free_table(views->active);
    free_table(views->frozen);
    free_table(views->spare);
    lia_env_close(&views->env); /* and with it the file, which nobody else holds any more */
    free(views->file);
    pthread_cond_destroy(&views->work);
    pthread_cond_destroy(&views->done);
    pthread_mutex_destroy(&views->lock);
    free(views);
}

lia_err lia_views_open(lia_views **out, const char *dir, const lia_views_options *options,
                       uint64_t *cursor, lia_why *why)
{
    *out = NULL;
    lia_views *views = calloc(1, sizeof *views);
    if (!views) return lia_why_set(why, LIA_EFULL, "no memory to open %s", dir);
    pthread_mutex_init(&views->lock, NULL);
    pthread_cond_init(&views->work, NULL);
    pthread_cond_init(&views->done, NULL);
    views->table_bytes = options->table_bytes ? options->table_bytes : LIA_MEMTABLE_BYTES;
    views->slice_bytes = views->table_bytes / LIA_VIEW_SLICES;
    if (views->slice_bytes < LIA_VIEW_SLICE_MIN) views->slice_bytes = LIA_VIEW_SLICE_MIN;
    views->map_bytes = options->map_bytes ? options->map_bytes : LIA_MAP_BYTES_DEFAULT;
    views->version = options->version;
    lia_err err = open_env(views, dir, why);
    if (!err) {
        err = start(views);
        if (!err && pthread_create(&views->flusher, NULL, lia_views_flusher, views) != 0)
            err = LIA_EFULL;
        if (err) lia_why_set(why, err, "cannot use the views in %s: %s", dir, lia_err_text(err));
    }
    if (err) {
        free_views(views);
        return err;
    }
    *cursor = views->disk_cursor;
    *out = views;
    return LIA_OK;
}

lia_err lia_views_look(lia_views_glance *out, const char *dir, lia_why *why)
{
    lia_env env;
    MDB_dbi handles[2];
    const lia_views views = {0};
    lia_env_spec spec = lia_views_spec(&views, handles);
    *out = (lia_views_glance){0};
    lia_err err = lia_env_look(&env, dir, &spec, why);
    if (err) return err;
    err = lia_views_read_cursor(&env, &out->cursor);
    if (err) lia_why_set(why, err, "cannot read the views in %s: %s", dir, lia_err_text(err));
    out->version = env.version;
    lia_env_size(&env, &out->used, &out->cap);
    lia_env_close(&env);
    return err;
}

/* Leaves what is in memory to the reader of the log: the cursor on disk says what is missing. */
void lia_views_drop(lia_views *views)
{
    if (!views) return;
    pthread_mutex_lock(&views->lock);
    lia_assert(views->open_snapshots == 0);
    views->stop = views->rewrite.cancelled = true;
    pthread_cond_broadcast(&views->work);
    pthread_mutex_unlock(&views->lock);
    pthread_join(views->flusher, NULL);
    free_views(views);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* The version that the writer fills; it becomes `published` by lia_views_publish. Only the writer
 * moves `published`, so it may look without the lock. */
static uint64_t version_to_come(const lia_views *views)
{
    return views->published + 1;
}

lia_err lia_views_follow(lia_views *views)
{
    lia_snapshot_unpin(views->own);
    return pin_own(views);
}

lia_err lia_views_put(lia_views *views, lia_span key, lia_span value)
{
    lia_assert(key.size > 0 && key.size <= LIA_VIEW_KEY_MAX);
    views->unpublished = true;
    return lia_table_put(views->active->rows, version_to_come(views), key, value);
}

lia_err lia_views_del(lia_views *views, lia_span key)
{
    lia_assert(key.size > 0 && key.size <= LIA_VIEW_KEY_MAX);
    views->unpublished = true;
    return lia_table_del(views->active->rows, version_to_come(views), key);
}

lia_err lia_views_get(lia_views *views, lia_span key, lia_span *value)
{
    lia_row row;
    if (!lia_table_find(views->active->rows, key, &row))
        return lia_snapshot_get_older(views->own, key, value);
    *value = row.deleted ? LIA_SPAN_NONE : row.value;
    return row.deleted ? LIA_EABSENT : LIA_OK;
}

lia_err lia_views_scan(lia_views *views, lia_span prefix, lia_scan **out)
{
    return lia_scan_open(out, views->own, prefix);
}

/* Without memory for a new table the old one goes on filling. */
bool lia_views_freeze(lia_views *views)
{
    lia_held_table *table = lia_views_table(views);
    if (!table) return false;
    views->frozen = views->active;
    views->frozen_version = views->published;
    views->frozen_cursor = views->cursor;
    views->active = table;
    views->turn++;
    pthread_cond_signal(&views->work);
    return true;
}

void lia_views_wait_for_flusher(lia_views *views)
{
    while (views->frozen && !views->failed) pthread_cond_wait(&views->done, &views->lock);
}

lia_err lia_views_report(lia_views *views, lia_why *why)
{
    if (!views->failed) return LIA_OK;
    return lia_why_set(why, views->failed, "%s", views->failed_why.text);
}

/* Whether the active table is to be frozen now. The caller holds the lock. */
static bool is_full(const lia_views *views)
{
    size_t used = lia_table_used(views->active->rows);
    if (views->frozen && !views->failed) return used >= LIA_VIEW_STRETCH * views->table_bytes;
    return used >= views->table_bytes;
}

lia_err lia_views_publish(lia_views *views, uint64_t cursor, lia_why *why)
{
    views->unpublished = false;
    pthread_mutex_lock(&views->lock);
    views->published++;
    views->cursor = cursor;
    if (is_full(views)) {
        lia_views_wait_for_flusher(views);
        if (!views->failed) lia_views_freeze(views);
    }
    lia_err err = lia_views_report(views, why);
    bool behind = views->own->turn != views->turn;
    pthread_mutex_unlock(&views->lock);
    lia_err own = behind ? lia_views_follow(views) : LIA_OK;
    return err ? err : own;
}

/* Everything published is written, or cannot be. The caller holds the lock. */
static bool write_out(lia_views *views)
{
    lia_views_wait_for_flusher(views);
    bool clean = lia_table_is_empty(views->active->rows) && views->cursor == views->disk_cursor;
    if (views->failed || clean) return true;
    if (!lia_views_freeze(views)) return false;
    lia_views_wait_for_flusher(views);
    return true;
}

lia_err lia_views_flush(lia_views *views, lia_why *why)
{
    lia_assert(!views->unpublished);
    pthread_mutex_lock(&views->lock);
    bool able = write_out(views);
    lia_err err = able ? lia_views_report(views, why)
                       : lia_why_set(why, LIA_EFULL, "no memory for another table of the views");
    pthread_mutex_unlock(&views->lock);
    lia_err own = lia_views_follow(views);
    return err ? err : own;
}

/* Rows put but never published are above the frozen version, so they stay behind. */
void lia_views_close(lia_views *views)
{
    if (!views) return;
    pthread_mutex_lock(&views->lock);
    views->rewrite.cancelled = true;
    write_out(views);
    pthread_mutex_unlock(&views->lock);
    lia_views_drop(views);
}

void lia_views_get_stats(lia_views *views, lia_views_stats *out)
{
    *out = (lia_views_stats){0};
    pthread_mutex_lock(&views->lock);
    lia_env_size(&views->env, &out->disk_used, &out->disk_cap);
    out->table_bytes = lia_table_used(views->active->rows);
    if (views->frozen) out->table_bytes += lia_table_used(views->frozen->rows);
    out->flushes = views->flushes;
    out->flush_ns = views->flush_ns;
    out->cursor = views->disk_cursor;
    pthread_mutex_unlock(&views->lock);
}
