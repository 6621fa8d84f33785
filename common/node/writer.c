/* SPDX-License-Identifier: Apache-2.0 */
/* There are no timers in the group commit: an idle writer commits at once, a busy one finds more
 * in its inbox each time and so commits larger groups. */
#include "common/node/writer_inner.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/node/joining.h"
#include "common/node/place.h"

#define JOBS_PER_BATCH 64
#define CHECK_MS       60000
/* Nothing came for this long: write the views out, so that a start has little to replay. */
#define FLUSH_IDLE_MS 2000

/* ---- waiting --------------------------------------------------------------------------------- */

/* Takes at most a group of commands and all blocks. Under the lock. */
static void take_work(lia_writer *writer, work_list *work)
{
    size_t max = writer->options.group_events_max, waiting = lia_inbox_bulk(&writer->inbox);
    size_t count = lia_inbox_take(&writer->inbox, max, writer->bulk_max, &work->commands);
    work->bulk = lia_inbox_bulk(&writer->inbox) < waiting;
    /* Blocks count by their events. */
    work->blocks = writer->blocks;
    lia_foreign *end = NULL;
    size_t events = 0;
    for (lia_foreign *b = writer->blocks; b && events < 4 * max; b = b->next) {
        end = b;
        events += b->sealed.count;
    }
    writer->blocks = end ? end->next : writer->blocks;
    if (end) end->next = NULL;
    if (!writer->blocks) writer->blocks_last = NULL;
    work->learnt = writer->learnt;
    writer->learnt = (lia_ledger){0};
    work->stop = writer->stop;
    work->held = (writer->held & ~(writer->renewal ? writer_held_bit(LIA_HELD_STORE) : 0u)) != 0;
    work->renewal = writer->renewal;
    writer->renewal = 0;
    work->doubted = writer->doubted;
    writer->doubted = false;
    work->joined = writer->joined;
    writer->joined = false;
    work->features = writer->features_wanted;
    writer->features_wanted = 0;
    writer->turned = false;
    if (count > writer->stats.group_max) writer->stats.group_max = count;
    writer->stats.group_last = count;
}

/* By the clock that nobody sets: a wall clock that is put back would keep the writer asleep until
 * it has come to the hour again. */
static struct timespec from_now(int64_t ms)
{
    uint64_t at_ns = lia_time_ticks_ns() + (uint64_t)ms * 1000000;
    return (struct timespec){.tv_sec = (time_t)(at_ns / 1000000000),
                             .tv_nsec = (long)(at_ns % 1000000000)};
}

bool writer_is_held(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool held = writer->held != 0;
    pthread_mutex_unlock(&writer->lock);
    return held;
}

/* Waits for work, a due job, a step of eraser or audit, or the end. Returns whether there is
 * something to do now. */
static bool wait_for_work(lia_writer *writer, work_list *work)
{
    lia_span name, payload;
    int64_t wait_ms = writer_beside_ms(writer);
    lia_time due, now = lia_time_now();
    bool any_job = !writer_is_held(writer) && lia_log_refresh(writer->reader) == LIA_OK &&
                   lia_log_next_job(writer->reader, &due, &name, &payload) == LIA_OK;
    lia_log_rest(writer->reader);
    if (any_job && due.ms - now.ms < wait_ms) wait_ms = due.ms - now.ms;
    struct timespec at = from_now(wait_ms > 0 ? wait_ms : 0);
    pthread_mutex_lock(&writer->lock);
    int waited = 0;
    while (!lia_inbox_count(&writer->inbox) && !writer->blocks && !writer->learnt.sum.count &&
           !writer->stop && !writer->turned && !writer->poked &&
           !(writer->import && !writer->held) && waited != ETIMEDOUT && wait_ms > 0)
        waited = pthread_cond_timedwait(&writer->ready, &writer->lock, &at);
    bool turned = writer->turned;
    writer->poked = false;
    take_work(writer, work);
    pthread_mutex_unlock(&writer->lock);
    return work->commands || work->blocks || work->learnt.sum.count || turned ||
           (any_job && due.ms <= lia_time_now().ms);
}

/* ---- a batch --------------------------------------------------------------------------------- */

/* The key that a renewal came with. */
static void take_sign_key(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    if (writer->has_sign) writer->batch.sign = writer->sign;
    writer->has_sign = false;
    lia_wipe(&writer->sign, sizeof writer->sign);
    pthread_mutex_unlock(&writer->lock);
}

static lia_err switch_on(lia_batch *batch, uint64_t features)
{
    lia_err err = lia_features_save(batch->log, features);
    if (!err) batch->applier.features |= features;
    return err;
}

static lia_err run_batch(lia_writer *writer, const work_list *work)
{
    lia_batch *batch = &writer->batch;
    lia_time now = lia_time_now();
    batch->held = work->held;
    if (work->renewal) take_sign_key(writer);
    lia_err err = work->renewal ? lia_batch_renew(batch, work->renewal) : lia_batch_begin(batch);
    if (err) return err;
    uint64_t began = lia_time_ticks_ns();
    if (work->doubted && !work->renewal) err = lia_place_doubt(batch->log, true);
    if (work->joined && !err) err = lia_joining_end(batch->log);
    if (work->features && !err) err = switch_on(batch, work->features);
    if (!err) err = lia_batch_erase(batch, &work->learnt);
    for (const lia_foreign *b = work->blocks; b && !err; b = b->next)
        err =
            b->mends ? lia_batch_mend(batch, &b->sealed) : lia_batch_block(batch, &b->sealed, now);
    if (!err && !work->held) /* what was left aside while it was held */
        err = batch->ready ? lia_batch_react(batch, now) : lia_batch_ready(batch, now);
    for (lia_command *c = work->commands; c && !err; c = c->next)
        err = lia_batch_command(batch, c, now);
    if (!err && !work->held) err = lia_batch_jobs(batch, now, writer->options.jobs_max);
    uint64_t took_ns = lia_time_ticks_ns() - began;
    batch->counts.apply_ns += took_ns;
    if (work->bulk) writer->bulk_max = lia_inbox_pace(writer->bulk_max, took_ns);
    lia_trace_use(NULL);
    if (err) {
        lia_log_abort(batch->log);
        return err;
    }
    return lia_batch_commit(batch);
}

static uint64_t events_of(const lia_batch *batch)
{
    return batch->counts.events_own + batch->counts.events_foreign;
}

void writer_free_blocks(lia_foreign *blocks)
{
    while (blocks) {
        lia_foreign *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

/* ---- the thread ------------------------------------------------------------------------------ */

static lia_err do_batch(lia_writer *writer, const work_list *work)
{
    lia_err err = run_batch(writer, work);
    if (err)
        writer_fail(writer, err, work);
    else
        writer_deliver(writer, work);
    return err;
}

static lia_err flush(lia_writer *writer)
{
    lia_err err = lia_batch_publish(&writer->batch, true);
    if (!err) err = lia_views_flush(writer->batch.views, &writer->batch.why);
    if (err) writer_fail(writer, err, &(work_list){0});
    return err;
}

static bool is_empty(const work_list *work)
{
    return !work->commands && !work->blocks && !work->learnt.sum.count;
}

static bool is_long_ago(uint64_t then_ns)
{
    return lia_time_ticks_ns() - then_ns >= (uint64_t)FLUSH_IDLE_MS * 1000000;
}

static void *writer_main(void *argument)
{
    lia_writer *writer = argument;
    lia_err err = LIA_OK;
    bool flushed = false;
    uint64_t last_ns = lia_time_ticks_ns(); /* something was written */
    lia_catalog_use(writer->batch.definitions.catalog);
    for (;;) {
        work_list work = {0};
        bool any = wait_for_work(writer, &work);
        uint64_t began_ns = lia_time_ticks_ns(), events = events_of(&writer->batch);
        if (work.stop && is_empty(&work)) {
            lia_catalog_use(NULL);
            return NULL; /* jobs wait for the next start */
        }
        if (any && !err) {
            err = do_batch(writer, &work);
            flushed = false;
            last_ns = lia_time_ticks_ns();
        } else if (!err && !flushed && is_long_ago(last_ns)) {
            flushed = true;
            err = flush(writer);
        }
        writer_free_blocks(work.blocks);
        lia_ledger_fini(&work.learnt);
        if (err) continue;
        err = writer_beside(writer, began_ns, any, events_of(&writer->batch) - events);
        if (writer->worked) { /* what it wrote goes out, too */
            flushed = false;
            last_ns = lia_time_ticks_ns();
        }
    }
}
/* ---- lifecycle ------------------------------------------------------------------------------- */

static lia_err load_lanes(lia_writer *writer)
{
    lia_err err = lia_log_refresh(writer->reader);
    lia_lane lanes = err ? 0 : lia_log_lanes(writer->reader);
    for (lia_lane lane = 1; lane <= lanes && lane <= LIA_LANES_MAX && !err; lane++) {
        err = lia_log_lane_info(writer->reader, lane, &writer->lanes[lane - 1]);
        writer->lane_count = lane;
    }
    return err;
}

static lia_err first_batch(lia_writer *writer)
{
    lia_batch *batch = &writer->batch;
    lia_err err = lia_batch_begin(batch);
    if (err) return err;
    err = lia_batch_ready(batch, lia_time_now());
    if (err) {
        lia_log_abort(batch->log);
        return err;
    }
    return lia_batch_commit(batch);
}

lia_err lia_writer_open(lia_writer **out, const lia_writer_options *options, lia_why *why)
{
    *out = NULL;
    lia_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return lia_why_set(why, LIA_EFULL, "no memory");
    writer->options = *options;
    if (!writer->options.check_ms) writer->options.check_ms = CHECK_MS;
    writer->bulk_max = LIA_GROUP_BULK_MAX;
    if (!writer->options.jobs_max) writer->options.jobs_max = JOBS_PER_BATCH;
    if (!writer->options.group_events_max) writer->options.group_events_max = LIA_GROUP_EVENTS_MAX;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->ready, &monotonic);
    pthread_condattr_destroy(&monotonic);
    writer->stats.started = lia_time_now();
    lia_err err = lia_batch_open(&writer->batch, options, why);
    if (err) {
        free(writer);
        return err;
    }
    err = lia_batch_replay(&writer->batch, options->cursor, why);
    if (!err) err = lia_log_reader_open(&writer->reader, options->log);
    if (!err) err = lia_eraser_open(&writer->eraser, &writer->batch, writer->reader);
    if (!err) err = lia_compare_open(&writer->compare);
    if (!err)
        err = lia_audit_open(&writer->audit, &writer->batch, writer->reader,
                             writer->options.check_ms, options->fold_dir);
    if (!err)
        err =
            lia_retire_open(&writer->retire, &writer->batch, writer->reader, options->log_keep_ms);
    writer->held_now = err ? NULL : malloc(sizeof writer->held_by_all);
    if (!err && !writer->held_now) err = lia_why_set(why, LIA_EFULL, "no memory");
    if (!err && options->wake && !options->held) { /* offline: replay only */
        err = first_batch(writer);
        if (err) lia_why_set(why, err, "the first commit failed: %s", writer->batch.why.text);
    }
    if (!err) err = load_lanes(writer);
    if (!err) writer->finishing = lia_import_is_finishing(writer->reader);
    if (err) {
        lia_writer_close(writer);
        return err;
    }
    lia_log_rest(writer->reader);
    writer->visible = writer->batch.arrival;
    writer_show_catalog(writer);
    writer->outbox.self = writer->batch.self;
    writer->features = options->features;
    writer->held = options->held ? writer_held_bit(LIA_HELD_STORE) : 0;
    if (writer->held)
        lia_why_set(&writer->held_why[LIA_HELD_STORE], LIA_EBUSY, "%s", options->held);
    writer->digests = writer->batch.applier.digests;
    writer->has_unrequested = writer->batch.applier.unrequested > 0;
    writer_put_erased(writer);
    lia_retire_get_status(writer->retire, &writer->retention);
    writer_keep_stats(writer);
    *out = writer;
    return LIA_OK;
}

lia_err lia_writer_start(lia_writer *writer, lia_why *why)
{
    if (pthread_create(&writer->thread, NULL, writer_main, writer))
        return lia_why_set(why, LIA_EFULL, "a thread could not be started");
    writer->running = true;
    return LIA_OK;
}

void lia_writer_stop(lia_writer *writer)
{
    if (!writer->running) return;
    pthread_mutex_lock(&writer->lock);
    writer->stop = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    writer->running = false;
}

void lia_writer_close(lia_writer *writer)
{
    if (!writer) return;
    lia_writer_stop(writer);
    lia_eraser_close(writer->eraser);
    lia_retire_close(writer->retire);
    free(writer->held_now);
    free(writer->import);
    lia_audit_close(writer->audit);
    lia_compare_close(writer->compare);
    if (!writer->health && writer->batch.heads) {
        /* Rows of digests go out with the rows they sum. */
        lia_err err = lia_batch_publish(&writer->batch, true);
        if (err) LIA_LOG(WARN, "views.not_saved", LIA_ERR(err));
    }
    writer_free_blocks(writer->blocks);
    lia_ledger_fini(&writer->learnt);
    free(writer->erased);
    lia_log_reader_close(writer->reader);
    lia_batch_close(&writer->batch);
    lia_catalog_release(writer->catalog);
    pthread_cond_destroy(&writer->ready);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}
