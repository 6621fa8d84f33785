/* SPDX-License-Identifier: Apache-2.0 */
/* Old bytes survive in four places, and each is taken care of in turn:
 *
 *   LMDB's recycled page buffers    the file is opened anew, which frees them; until then every
 *                                   commit could write them out again
 *   free pages                      zeros, while nobody can commit; the opening ended with a
 * commit, so all that is free is needed by no commit that counts, and all readers are past it
 *   beyond the last page in use     zeros; a large batch that was aborted may have spilled there
 *   gaps of pages in use            zeros, page by page, under a read transaction; see pages.h
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/base/time.h"
#include "common/store/log_inner.h"
#include "common/store/pages.h"

/* How long readers may take to end their turn; meanwhile others wait at the gate. */
#define GATE_MS 200

#define FREE_PAGES 0 /* LMDB's own database of free pages: commit -> count, page numbers */

struct lia_scrub {
    lia_log *log;
    lia_log_reader *reader; /* keeps the pages that are walked from being used anew */
    lia_pages walk;
    uint64_t began, freed;
    bool done;
    lia_err failed;
    lia_why failed_why;
};

/* ---- the gate ------------------------------------------------------------------------------- */

static struct timespec from_now(uint64_t ms)
{
    uint64_t at = lia_time_ticks_ns() + ms * 1000000;
    return (struct timespec){.tv_sec = (time_t)(at / 1000000000),
                             .tv_nsec = (long)(at % 1000000000)};
}

static void open_gate(lia_log *log)
{
    pthread_mutex_lock(&log->lock);
    log->gated = false;
    pthread_cond_broadcast(&log->moved);
    pthread_mutex_unlock(&log->lock);
}

/* Keeps readers from waking, waits until the last has ended its turn, and takes their transactions
 * from them. */
static lia_err close_gate(lia_log *log, lia_why *why)
{
    struct timespec until = from_now(GATE_MS);
    int rc = 0;
    pthread_mutex_lock(&log->lock);
    log->gated = true;
    while (log->awake && !rc) rc = pthread_cond_timedwait(&log->moved, &log->lock, &until);
    size_t awake = log->awake;
    if (!awake)
        for (lia_log_reader *each = log->all; each; each = each->further)
            lia_log_reader_let_go(each);
    pthread_mutex_unlock(&log->lock);
    if (!awake) return LIA_OK;
    open_gate(log);
    return lia_why_set(why, LIA_EBUSY, "%zu readers of %s did not rest for %d ms: try again", awake,
                       log->env.path, GATE_MS);
}

static lia_err reopen(lia_log *log, lia_why *why)
{
    lia_why said = {0};
    lia_env_spec spec = lia_log_spec(log);
    lia_err err = close_gate(log, why);
    if (err) return err;
    err = lia_env_reopen(&log->env, &spec, &said);
    if (err) lia_log_poison(log, err, &said);
    open_gate(log);
    return err ? lia_why_set(why, err, "%s", said.text) : LIA_OK;
}

/* ---- pages that nobody needs ---------------------------------------------------------------- */

static int wipe_listed(lia_scrub *scrub, MDB_val list)
{
    lia_pages *walk = &scrub->walk;
    size_t count;
    if (list.mv_size < sizeof count) return MDB_CORRUPTED;
    memcpy(&count, list.mv_data, sizeof count);
    if (count > list.mv_size / sizeof count - 1) return MDB_CORRUPTED;
    int rc = 0;
    for (size_t i = 1; !rc && i <= count; i++) {
        size_t page;
        memcpy(&page, (const uint8_t *)list.mv_data + i * sizeof page, sizeof page);
        if (page < 2 || page >= walk->count) return MDB_CORRUPTED;
        rc = lia_pages_wipe(walk, page * walk->page_bytes, walk->page_bytes);
        scrub->freed++;
    }
    return rc;
}

static int wipe_free(lia_scrub *scrub)
{
    MDB_cursor *cursor;
    MDB_val commit, list;
    int rc = mdb_cursor_open(scrub->reader->txn, FREE_PAGES, &cursor);
    if (rc) return rc;
    rc = mdb_cursor_get(cursor, &commit, &list, MDB_FIRST);
    while (!rc) {
        rc = wipe_listed(scrub, list);
        if (!rc) rc = mdb_cursor_get(cursor, &commit, &list, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int wipe_end(lia_scrub *scrub)
{
    struct stat file;
    lia_pages *walk = &scrub->walk;
    uint64_t used = walk->count * walk->page_bytes;
    if (fstat(walk->fd, &file) != 0) return errno;
    if ((uint64_t)file.st_size <= used) return 0;
    return lia_pages_wipe(walk, used, (size_t)((uint64_t)file.st_size - used));
}

/* With a write transaction as the lock: what is free stays so. It changes nothing. */
static int wipe_unused(lia_scrub *scrub)
{
    MDB_txn *lock;
    int rc = mdb_txn_begin(scrub->log->env.mdb, NULL, 0, &lock);
    if (rc) return rc;
    rc = wipe_free(scrub);
    if (!rc) rc = wipe_end(scrub);
    mdb_txn_abort(lock);
    return rc;
}

/* ---- the scrub ------------------------------------------------------------------------------ */

/* Keeps the first failure for the writer's thread, which may poison the log. */
static lia_err fail(lia_scrub *scrub, int rc, lia_why *why)
{
    const lia_env *env = &scrub->log->env;
    scrub->failed = lia_env_err(rc);
    if (scrub->failed == LIA_ECORRUPT)
        lia_why_set(&scrub->failed_why, LIA_ECORRUPT,
                    "%s is damaged, a page is not what its tree says: fetch the log anew from the "
                    "other nodes",
                    env->path);
    else
        scrub->failed = lia_env_failure(env, rc, &scrub->failed_why);
    return lia_why_set(why, scrub->failed, "%s", scrub->failed_why.text);
}

/* A write that failed puts the disk in doubt; a page that is not what it should be does not. */
static lia_err judge(lia_scrub *scrub)
{
    bool doubt = scrub->failed && scrub->failed != LIA_ECORRUPT;
    return doubt ? lia_log_poison(scrub->log, scrub->failed, &scrub->failed_why) : scrub->failed;
}

static void free_scrub(lia_scrub *scrub)
{
    lia_pages_finish(&scrub->walk);
    lia_log_reader_close(scrub->reader);
    free(scrub);
}

lia_err lia_scrub_begin(lia_scrub **out, lia_log *log, lia_why *why)
{
    lia_assert(!log->batch.txn);
    *out = NULL;
    if (log->poisoned) return lia_why_set(why, log->poisoned, "%s", log->poisoned_why.text);
    lia_scrub *scrub = calloc(1, sizeof *scrub);
    if (!scrub) return lia_why_set(why, LIA_EFULL, "no memory to scrub %s", log->env.path);
    scrub->log = log;
    scrub->began = lia_time_ticks_ns();
    lia_err err = reopen(log, why);
    if (!err) {
        err = lia_log_reader_open(&scrub->reader, log);
        if (err) lia_why_set(why, err, "cannot read %s: %s", log->env.path, lia_err_text(err));
    }
    if (!err) {
        int rc = lia_pages_start(&scrub->walk, scrub->reader->txn);
        if (!rc) rc = wipe_unused(scrub);
        if (rc) err = fail(scrub, rc, why);
    }
    if (err) {
        judge(scrub);
        free_scrub(scrub);
        return err;
    }
    *out = scrub;
    return LIA_OK;
}

lia_err lia_scrub_step(lia_scrub *scrub, size_t pages, bool *more, lia_why *why)
{
    *more = false;
    if (scrub->failed) return lia_why_set(why, scrub->failed, "%s", scrub->failed_why.text);
    int rc = lia_pages_clean(&scrub->walk, pages ? pages : 1, more);
    if (rc) return fail(scrub, rc, why);
    scrub->done = !*more;
    return LIA_OK;
}

void lia_scrub_progress(const lia_scrub *scrub, uint64_t *done, uint64_t *all)
{
    *done = scrub->walk.pages;
    *all = scrub->walk.count > scrub->freed ? scrub->walk.count - scrub->freed : 0;
    if (*done > *all) *done = *all;
}

lia_err lia_scrub_end(lia_scrub *scrub, lia_why *why)
{
    if (!scrub) return LIA_OK;
    if (!scrub->failed && fdatasync(scrub->walk.fd) != 0) fail(scrub, errno, NULL);
    lia_err err = judge(scrub);
    if (err) lia_why_set(why, err, "%s", scrub->failed_why.text);
    if (!err && scrub->done)
        LIA_LOG(INFO, "log.scrubbed", LIA_INT("pages", scrub->walk.pages),
                LIA_INT("free", scrub->freed), LIA_INT("cleaned", scrub->walk.cleaned),
                LIA_MS("took_ms", (lia_time_ticks_ns() - scrub->began) / 1000000));
    free_scrub(scrub);
    return err;
}

lia_err lia_log_scrub(lia_log *log, lia_why *why)
{
    lia_scrub *scrub;
    lia_err err = lia_scrub_begin(&scrub, log, why);
    if (err) return err;
    bool more = true;
    while (!err && more) err = lia_scrub_step(scrub, SIZE_MAX / 2, &more, why);
    return lia_scrub_end(scrub, why);
}
