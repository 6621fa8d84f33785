/* SPDX-License-Identifier: Apache-2.0 */
/* The rewrite: every row that is kept goes into a new file, and that takes the old one's name.
 *
 * A new file rather than wiping the old one: a B-tree's separators hold keys of rows long gone, and
 * the new file's page buffers have never seen what was not kept. It is the flusher's work, done
 * between two tables: the old file does not change meanwhile, so both have the same cursor, and
 * what is published meanwhile waits in memory for the file that has the name then. It is LMDB's
 * second environment in the folder for a while, with reader slots of its own, so no reader has to
 * stop for it. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/base/time.h"
#include "common/store/views_inner.h"

/* Rows copied per transaction: large, since each writes the path to the end of the tree again. */
#define SLICE_BYTES ((size_t)4 << 20)

typedef struct copying {
    lia_views *views;
    lia_env next;
    MDB_dbi rows;
    MDB_txn *from;    /* reads the old file */
    MDB_cursor *walk; /* in its rows */
    lia_views_keep keep;
    void *context;
    uint64_t seen, kept;
} copying;

/* ---- copying -------------------------------------------------------------------------------- */

/* Copies rows until the slice is large enough; *more tells whether any are left. */
static int copy_rows(copying *c, MDB_cursor *to, bool *more)
{
    MDB_val key, value;
    int rc = 0;
    for (size_t bytes = 0; bytes < SLICE_BYTES;) {
        rc = mdb_cursor_get(c->walk, &key, &value, MDB_NEXT); /* the first one to begin with */
        *more = rc != MDB_NOTFOUND;
        if (rc) return *more ? rc : 0;
        c->seen++;
        bytes += LIA_VIEW_ROW_COST;
        lia_span kept = lia_val_span(value);
        if (c->keep && !c->keep(c->context, lia_val_span(key), &kept)) continue;
        bytes += key.mv_size + kept.size;
        value = lia_val(kept);
        rc = mdb_cursor_put(to, &key, &value, MDB_APPEND);
        if (rc) return rc;
        c->kept++;
    }
    return 0;
}

/* The cursor and the format; few and small. */
static int copy_meta(copying *c, MDB_txn *txn)
{
    MDB_cursor *walk;
    MDB_val key, value;
    int rc = mdb_cursor_open(c->from, c->views->env.meta, &walk);
    if (rc) return rc;
    while (!(rc = mdb_cursor_get(walk, &key, &value, MDB_NEXT))) {
        rc = mdb_put(txn, c->next.meta, &key, &value, 0);
        if (rc) break;
    }
    mdb_cursor_close(walk);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int copy_slice(copying *c, bool *more)
{
    MDB_txn *txn;
    MDB_cursor *to;
    int rc = mdb_txn_begin(c->next.mdb, NULL, 0, &txn);
    if (rc) return rc;
    rc = mdb_cursor_open(txn, c->rows, &to);
    if (!rc) rc = copy_rows(c, to, more);
    if (!rc && !*more) rc = copy_meta(c, txn);
    if (!rc) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

/* Tells how far it is; false when it is to stop. */
static bool go_on(copying *c)
{
    lia_views *views = c->views;
    pthread_mutex_lock(&views->lock);
    views->rewrite.status.rows = c->seen;
    views->rewrite.status.kept = c->kept;
    bool on = !views->rewrite.cancelled;
    pthread_mutex_unlock(&views->lock);
    return on;
}

static int count_rows(copying *c)
{
    MDB_stat stat;
    int rc = mdb_stat(c->from, c->views->rows, &stat);
    if (rc) return rc;
    pthread_mutex_lock(&c->views->lock);
    c->views->rewrite.status.all = stat.ms_entries;
    pthread_mutex_unlock(&c->views->lock);
    return 0;
}

static lia_err copy_all(copying *c, lia_why *why)
{
    int rc = mdb_txn_begin(c->views->env.mdb, NULL, MDB_RDONLY, &c->from);
    if (!rc) rc = count_rows(c);
    if (!rc) rc = mdb_cursor_open(c->from, c->views->rows, &c->walk);
    bool on = true, more = true;
    while (!rc && on && more) {
        rc = copy_slice(c, &more);
        on = go_on(c);
    }
    if (c->walk) mdb_cursor_close(c->walk);
    if (c->from) mdb_txn_abort(c->from);
    if (rc) return lia_env_failure(&c->next, rc, why);
    return on ? LIA_OK : lia_why_set(why, LIA_ECLOSED, "%s is being closed", c->views->env.path);
}

/* ---- the new file takes over ---------------------------------------------------------------- */

/* Makes the old file leave with its last snapshot. The caller holds the lock; *pool is what has to
 * be freed without it, and the file that is returned what has to be closed. */
static lia_held_file *adopt(copying *c, lia_held_file *file, lia_snapshot **pool)
{
    lia_views *views = c->views;
    lia_held_file *old = views->file;
    *file = (lia_held_file){c->next.mdb, 1};
    views->file = file;
    views->env.mdb = c->next.mdb;
    *pool = views->pool;
    views->pool = NULL;
    views->turn++;
    return --old->holders == 0 ? old : NULL;
}

static void take_over(copying *c, lia_held_file *file)
{
    lia_views *views = c->views;
    lia_snapshot *pool;
    pthread_mutex_lock(&views->lock);
    lia_held_file *last = adopt(c, file, &pool);
    pthread_mutex_unlock(&views->lock);
    lia_views_close_file(last);
    while (pool) {
        lia_snapshot *snapshot = pool;
        pool = snapshot->next;
        lia_snapshot_free(snapshot);
    }
}

/* *doubt: it is not known which of the two files a power cut would leave. */
static lia_err rewrite(copying *c, bool *doubt, lia_why *why)
{
    MDB_dbi handles[2];
    lia_env_spec spec = lia_views_spec(c->views, handles);
    lia_held_file *file = calloc(1, sizeof *file);
    if (!file) return lia_why_set(why, LIA_EFULL, "no memory to rewrite the views");
    lia_err err = lia_env_make_next(&c->next, &c->views->env, &spec, why);
    if (err) {
        free(file);
        return err;
    }
    /* snapshots use the handles without asking which file they read */
    lia_assert(handles[0] == c->views->rows && handles[1] == c->views->undo);
    lia_assert(c->next.meta == c->views->env.meta);
    c->rows = handles[0];
    err = copy_all(c, why);
    if (err)
        lia_env_drop_next(&c->next);
    else
        err = lia_env_replace(&c->views->env, &c->next, doubt, why);
    if (c->next.mdb)
        take_over(c, file);
    else
        free(file);
    *doubt = *doubt && err;
    return err;
}

void lia_views_do_rewrite(lia_views *views)
{
    copying c = {.views = views, .keep = views->rewrite.keep, .context = views->rewrite.context};
    lia_why why = views->failed_why;
    lia_err err = views->failed;
    bool doubt = false;
    pthread_mutex_unlock(&views->lock);
    uint64_t began = lia_time_ticks_ns();
    if (!err) err = rewrite(&c, &doubt, &why);
    LIA_LOG(INFO, "views.rewritten", LIA_INT("rows", c.seen), LIA_INT("kept", c.kept),
            LIA_TEXT("outcome", lia_err_name(err)),
            LIA_MS("took_ms", (lia_time_ticks_ns() - began) / 1000000));
    pthread_mutex_lock(&views->lock);
    if (doubt) lia_views_note_failure(views, err, &why);
    lia_rewrite_status *status = &views->rewrite.status;
    status->running = views->rewrite.wanted = false;
    status->err = err;
    status->why = err ? why : (lia_why){0};
    status->ended++;
    pthread_cond_broadcast(&views->done);
}

/* ---- the writer's side ---------------------------------------------------------------------- */

/* What is published goes to the disk first, so that what it deletes is gone from the file. The
 * caller holds the lock. */
static lia_err want(lia_views *views, lia_views_keep keep, void *context, lia_why *why)
{
    lia_views_wait_for_flusher(views);
    if (views->failed) return lia_views_report(views, why);
    bool clean = lia_table_is_empty(views->active->rows) && views->cursor == views->disk_cursor;
    if (!clean && !lia_views_freeze(views))
        return lia_why_set(why, LIA_EFULL, "no memory for another table of the views");
    views->rewrite.wanted = true;
    views->rewrite.keep = keep;
    views->rewrite.context = context;
    views->rewrite.behind = clean ? NULL : views->frozen;
    views->rewrite.status.running = true;
    views->rewrite.status.rows = views->rewrite.status.kept = views->rewrite.status.all = 0;
    pthread_cond_signal(&views->work);
    return LIA_OK;
}

lia_err lia_views_rewrite(lia_views *views, lia_views_keep keep, void *context, lia_why *why)
{
    lia_assert(!views->unpublished);
    pthread_mutex_lock(&views->lock);
    lia_err err = views->rewrite.wanted
                      ? lia_why_set(why, LIA_EBUSY, "the views are being rewritten already")
                      : want(views, keep, context, why);
    pthread_mutex_unlock(&views->lock);
    lia_err own = lia_views_follow(views);
    return err ? err : own;
}

void lia_views_rewrite_status(lia_views *views, lia_rewrite_status *out)
{
    pthread_mutex_lock(&views->lock);
    *out = views->rewrite.status;
    pthread_mutex_unlock(&views->lock);
}

lia_err lia_views_rewrite_wait(lia_views *views, lia_why *why)
{
    lia_assert(!views->unpublished);
    pthread_mutex_lock(&views->lock);
    while (views->rewrite.wanted) pthread_cond_wait(&views->done, &views->lock);
    lia_err err = views->rewrite.status.err;
    if (err) lia_why_set(why, err, "%s", views->rewrite.status.why.text);
    pthread_mutex_unlock(&views->lock);
    lia_err own = lia_views_follow(views);
    return err ? err : own;
}
