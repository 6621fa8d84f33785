/* SPDX-License-Identifier: Apache-2.0 */
/* There are no timers in the group commit: an idle writer commits at once, a busy one finds more
 * in its inbox each time and so commits larger groups. */
#include "common/node/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/node/audit.h"
#include "common/node/compare.h"
#include "common/node/eraser.h"
#include "common/node/import.h"
#include "common/node/inbox.h"
#include "common/node/joining.h"
#include "common/node/place.h"
#include "common/node/retire.h"

#define JOBS_PER_BATCH 64
#define IDLE_WAIT_MS   1000
#define NO_ROOM_MS     5
#define CHECK_MS       60000
/* A batch of so many events is one of many, most likely: what is done beside the batches rests for a
 * while, but for its share, since its rows are cheaper by the thousand and the disk has enough to do. */
#define BULK_EVENTS  256
#define BULK_REST_NS UINT64_C(250000000)
/* Nothing came for this long: write the views out, so that a start has little to replay. */
#define FLUSH_IDLE_MS 2000

struct lia_writer {
    lia_batch batch;
    lia_writer_options options;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock;
    pthread_cond_t ready;
    lia_inbox inbox;
    lia_foreign *blocks, *blocks_last;
    lia_ledger learnt; /* to be erased */
    lia_id *erased;    /* what is told of them */
    size_t erased_count, erased_room;
    bool stop;
    bool turned;   /* it was let go: there is something to do */
    unsigned held; /* commands are not taken: a bit for each cause, and the reasons */
    lia_why held_why[LIA_HELD_CAUSES];
    uint64_t renewal;  /* incarnation to go on with; 0: none */
    lia_sign_key sign; /* to sign with from the renewal on */
    bool has_sign;
    bool doubted; /* the own lane; to be noted with the next commit */
    bool joined;  /* as well */
    lia_outbox outbox;
    const lia_catalog *catalog; /* as of the last commit; held */
    lia_err health;
    bool full; /* why it is not well */
    lia_why health_why;
    lia_node_stats stats;
    lia_digests digests; /* as of the last commit */
    bool has_unrequested; /* then they are of more than of the events */
    lia_lane_info lanes[LIA_LANES_MAX];
    size_t lane_count;

    uint64_t visible; /* atomic */
    lia_log_reader *reader;
    lia_eraser *eraser;
    lia_id erasing[LIA_ERASER_CUSTOMERS_MAX]; /* whose pass is under way, told under the lock */
    size_t erasing_count;
    bool worked; /* beside the last batch: there was room for it */
    uint64_t bulk_ns, looked_ns; /* the last large batch, and when there was last time for others */
    lia_compare *compare;
    bool poked; /* under the lock */
    lia_retire *retire;
    lia_lane_held held_by_all[LIA_LANES_MAX]; /* told from outside, under the lock ... */
    size_t held_count;
    lia_lane_held *held_now; /* ... and as of the step under way */
    lia_retention retention;
    lia_import *import; /* inbox; one at a time */
    bool finishing;     /* the last part of an import is in */
    lia_audit *audit;
    uint64_t audited; /* turn of the audit that was told */
};

lia_foreign *lia_foreign_copy(const lia_sealed *sealed)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sealed->count; i++) bytes += sealed->events[i].size;
    lia_foreign *block = malloc(sizeof *block + sealed->count * sizeof *block->spans + bytes);
    if (!block) return NULL;
    uint8_t *to = (uint8_t *)(block->spans + sealed->count);
    for (uint32_t i = 0; i < sealed->count; i++) {
        block->spans[i] = lia_span_make(to, sealed->events[i].size);
        memcpy(to, sealed->events[i].data, sealed->events[i].size);
        to += sealed->events[i].size;
    }
    block->sealed = *sealed;
    block->sealed.events = block->spans;
    block->mends = false;
    block->next = NULL;
    return block;
}

/* ---- inbox ---------------------------------------------------------------------------------- */

lia_err lia_writer_submit(lia_writer *writer, lia_command *first, size_t count)
{
    pthread_mutex_lock(&writer->lock);
    lia_err err = writer->stop ? LIA_ECLOSED : writer->health;
    if (!err && writer->held) err = LIA_EBUSY;
    if (!err) err = lia_inbox_add(&writer->inbox, first, count);
    if (!err) pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
    return err;
}

void lia_writer_take_block(lia_writer *writer, lia_foreign *block)
{
    pthread_mutex_lock(&writer->lock);
    if (writer->blocks_last)
        writer->blocks_last->next = block;
    else
        writer->blocks = block;
    writer->blocks_last = block;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

void lia_writer_take_erased(lia_writer *writer, const lia_id *customers, size_t count)
{
    lia_err err = LIA_OK;
    pthread_mutex_lock(&writer->lock);
    for (size_t i = 0; i < count && err != LIA_EFULL; i++)
        err = lia_ledger_add(&writer->learnt, customers[i]);
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
    if (err == LIA_EFULL) LIA_LOG(ERROR, "erasure.too_many", LIA_INT("most", LIA_ERASURES_MAX));
}

void lia_writer_poke(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->poked = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

lia_compare *lia_writer_compare(lia_writer *writer)
{
    return writer->compare;
}

typedef struct work_list {
    lia_command *commands;
    lia_foreign *blocks;
    lia_ledger learnt;
    uint64_t renewal;
    bool stop, held, doubted, joined;
} work_list;

#define BIT(cause) (1u << (cause))

/* Takes at most a group of commands and all blocks. Under the lock. */
static void take_work(lia_writer *writer, work_list *work)
{
    size_t max = writer->options.group_events_max;
    size_t count = lia_inbox_take(&writer->inbox, max, &work->commands);
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
    work->held = (writer->held & ~(writer->renewal ? BIT(LIA_HELD_STORE) : 0u)) != 0;
    work->renewal = writer->renewal;
    writer->renewal = 0;
    work->doubted = writer->doubted;
    writer->doubted = false;
    work->joined = writer->joined;
    writer->joined = false;
    writer->turned = false;
    if (count > writer->stats.group_max) writer->stats.group_max = count;
    writer->stats.group_last = count;
}

/* By the clock that nobody sets: a wall clock that is put back would keep the writer asleep until it
 * has come to the hour again. */
static struct timespec from_now(int64_t ms)
{
    uint64_t at_ns = lia_time_ticks_ns() + (uint64_t)ms * 1000000;
    return (struct timespec){.tv_sec = (time_t)(at_ns / 1000000000),
                             .tv_nsec = (long)(at_ns % 1000000000)};
}

static bool is_held(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool held = writer->held != 0;
    pthread_mutex_unlock(&writer->lock);
    return held;
}

/* At once while work waits that only needs time, soon while there is no room for it. Negative: there is
 * none. */
static int64_t work_ms(const lia_writer *writer)
{
    if (!lia_batch_waits(&writer->batch)) return -1;
    return writer->worked ? 0 : NO_ROOM_MS;
}

/* In how many milliseconds something is due that is done beside the batches. */
static int64_t idle_ms(const lia_writer *writer)
{
    int64_t erase_ms = lia_eraser_wait_ms(writer->eraser);
    int64_t audit_ms = lia_audit_wait_ms(writer->audit);
    int64_t retire_ms = lia_retire_wait_ms(writer->retire);
    int64_t ms = erase_ms >= 0 && erase_ms < audit_ms ? erase_ms : audit_ms;
    if (retire_ms >= 0 && retire_ms < ms) ms = retire_ms;
    int64_t background_ms = work_ms(writer);
    if (background_ms >= 0 && background_ms < ms) ms = background_ms;
    if (writer->finishing) ms = 0;
    return ms < IDLE_WAIT_MS ? ms : IDLE_WAIT_MS;
}

/* Waits for work, a due job, a step of eraser or audit, or the end. Returns whether there is
 * something to do now. */
static bool wait_for_work(lia_writer *writer, work_list *work)
{
    lia_span name, payload;
    int64_t wait_ms = idle_ms(writer);
    lia_time due, now = lia_time_now();
    bool any_job = !is_held(writer) && lia_log_refresh(writer->reader) == LIA_OK &&
                   lia_log_next_job(writer->reader, &due, &name, &payload) == LIA_OK;
    lia_log_rest(writer->reader);
    if (any_job && due.ms - now.ms < wait_ms) wait_ms = due.ms - now.ms;
    struct timespec at = from_now(wait_ms > 0 ? wait_ms : 0);
    pthread_mutex_lock(&writer->lock);
    int waited = 0;
    while (!lia_inbox_count(&writer->inbox) && !writer->blocks && !writer->learnt.sum.count && !writer->stop &&
           !writer->turned && !writer->poked && !(writer->import && !writer->held) &&
           waited != ETIMEDOUT && wait_ms > 0)
        waited = pthread_cond_timedwait(&writer->ready, &writer->lock, &at);
    bool turned = writer->turned;
    writer->poked = false;
    take_work(writer, work);
    pthread_mutex_unlock(&writer->lock);
    return work->commands || work->blocks || work->learnt.sum.count || turned || (any_job && due.ms <= lia_time_now().ms);
}

/* ---- outbox --------------------------------------------------------------------------------- */

void lia_writer_collect(lia_writer *writer, lia_outbox *out)
{
    pthread_mutex_lock(&writer->lock);
    lia_outbox *from = &writer->outbox;
    out->done = from->done;
    out->done_last = from->done_last;
    out->head_count = from->head_count;
    out->failed_count = from->failed_count;
    memcpy(out->heads, from->heads, from->head_count * sizeof *from->heads);
    memcpy(out->failed, from->failed, from->failed_count * sizeof *from->failed);
    from->done = from->done_last = NULL;
    out->self = from->self;
    out->commit = from->commit;
    from->head_count = from->failed_count = 0;
    out->imported = from->imported;
    out->import_err = from->import_err;
    out->import_done = from->import_done;
    from->imported = false;
    pthread_mutex_unlock(&writer->lock);
}

static void put_head(lia_head *heads, size_t *count, const lia_head *head)
{
    for (size_t i = 0; i < *count; i++)
        if (lia_origin_equal(heads[i].origin, head->origin)) {
            heads[i] = *head;
            return;
        }
    if (*count < LIA_LANES_MAX) heads[(*count)++] = *head;
}

static void put_done(lia_outbox *outbox, lia_command *commands)
{
    if (!commands) return;
    if (outbox->done_last)
        outbox->done_last->next = commands;
    else
        outbox->done = commands;
    while (commands->next) commands = commands->next;
    outbox->done_last = commands;
}

static void keep_lane(lia_writer *writer, const lia_head *head)
{
    lia_lane_info info = {head->origin, head->seq, head->hash};
    for (size_t i = 0; i < writer->lane_count; i++)
        if (lia_origin_equal(writer->lanes[i].origin, head->origin)) {
            writer->lanes[i] = info;
            return;
        }
    if (writer->lane_count < LIA_LANES_MAX) writer->lanes[writer->lane_count++] = info;
}

static void keep_stats(lia_writer *writer)
{
    const lia_batch_counts *counts = &writer->batch.counts;
    lia_node_stats *stats = &writer->stats;
    stats->commands = counts->commands;
    stats->refused = counts->refused;
    stats->events_own = counts->events_own;
    stats->events_foreign = counts->events_foreign;
    stats->commits = counts->commits;
    stats->reactions = counts->reactions;
    stats->jobs_run = counts->jobs_run;
    stats->commit_ns = counts->commit_ns;
    memcpy(stats->commit_buckets, counts->commit_buckets, sizeof stats->commit_buckets);
    stats->apply_ns = counts->apply_ns;
    stats->background_count = lia_backgrounds_progress(&writer->batch.applier.backgrounds,
                                                       stats->backgrounds, LIA_PROGRESS_MAX);
    lia_audit_figures(writer->audit, &stats->audit);
}

/* Under the lock. What finds no room is told after the next commit. */
static void put_erased(lia_writer *writer)
{
    lia_ledger *fresh = &writer->batch.applier.fresh;
    size_t more = (size_t)fresh->sum.count;
    if (!more) return;
    if (writer->erased_count + more > writer->erased_room) {
        size_t room = 2 * (writer->erased_count + more);
        lia_id *grown = realloc(writer->erased, room * sizeof *grown);
        if (!grown) return;
        writer->erased = grown;
        writer->erased_room = room;
    }
    memcpy(writer->erased + writer->erased_count, fresh->ids, more * sizeof *fresh->ids);
    writer->erased_count += more;
    lia_ledger_fini(fresh);
}

size_t lia_writer_erased(lia_writer *writer, size_t from, lia_id *out, size_t max)
{
    pthread_mutex_lock(&writer->lock);
    size_t count = writer->erased_count > from ? writer->erased_count - from : 0;
    if (count > max) count = max;
    if (count) memcpy(out, writer->erased + from, count * sizeof *out);
    pthread_mutex_unlock(&writer->lock);
    return count;
}

/* Under the lock. */
static void show_catalog(lia_writer *writer)
{
    const lia_catalog *catalog = writer->batch.definitions.catalog;
    if (catalog == writer->catalog) return;
    lia_catalog_release(writer->catalog);
    writer->catalog = lia_catalog_hold(catalog);
}

const lia_catalog *lia_writer_catalog(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    const lia_catalog *catalog = lia_catalog_hold(writer->catalog);
    pthread_mutex_unlock(&writer->lock);
    return catalog;
}

static void deliver(lia_writer *writer, const work_list *work)
{
    lia_batch *batch = &writer->batch;
    __atomic_store_n(&writer->visible, batch->arrival, __ATOMIC_RELEASE);
    pthread_mutex_lock(&writer->lock);
    show_catalog(writer);
    put_done(&writer->outbox, work->commands);
    for (size_t i = 0; i < batch->head_count; i++) {
        put_head(writer->outbox.heads, &writer->outbox.head_count, &batch->heads[i]);
        keep_lane(writer, &batch->heads[i]);
    }
    if (batch->own_refused) {
        lia_head head = {.origin = batch->own_refused_lane};
        put_head(writer->outbox.failed, &writer->outbox.failed_count, &head);
    }
    put_erased(writer);
    writer->has_unrequested = batch->applier.unrequested > 0;
    writer->outbox.commit++;
    writer->outbox.self = batch->self;
    if (work->renewal) writer->held &= ~BIT(LIA_HELD_STORE);
    writer->digests = batch->applier.digests;
    keep_stats(writer);
    pthread_mutex_unlock(&writer->lock);
    writer->options.wake(writer->options.context);
}

/* ---- holding -------------------------------------------------------------------------------- */

void lia_writer_hold(lia_writer *writer, lia_held_by cause, const lia_why *why)
{
    pthread_mutex_lock(&writer->lock);
    writer->held |= BIT(cause);
    writer->held_why[cause] = *why;
    if (cause == LIA_HELD_STORE) writer->doubted = true;
    lia_command *waiting = lia_inbox_empty(&writer->inbox);
    for (lia_command *c = waiting; c; c = c->next) {
        c->err = LIA_EBUSY;
        c->why = *why;
    }
    put_done(&writer->outbox, waiting);
    pthread_mutex_unlock(&writer->lock);
    if (waiting) writer->options.wake(writer->options.context);
}

void lia_writer_go(lia_writer *writer, lia_held_by cause)
{
    pthread_mutex_lock(&writer->lock);
    writer->held &= ~BIT(cause);
    if (cause == LIA_HELD_STORE) writer->renewal = 0;
    writer->turned = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

/* A renewal is over when the batch that makes it is; until then a held writer stays so. */
void lia_writer_renew(lia_writer *writer, uint64_t incarnation, const lia_sign_key *sign)
{
    pthread_mutex_lock(&writer->lock);
    writer->renewal = incarnation;
    if (sign) writer->sign = *sign;
    writer->has_sign |= sign != NULL;
    writer->turned = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

/* From here on nothing is acknowledged: what the disk holds is unknown until the next start. */
static void fail(lia_writer *writer, lia_err err, const work_list *work)
{
    lia_batch *batch = &writer->batch;
    lia_why why;
    if (!batch->why.text[0])
        lia_why_set(&batch->why, err, "%s", err == LIA_EFULL ? LIA_FULL_TEXT : lia_err_text(err));
    lia_why_set(&why, err, "this node takes no writes until %s: %s",
                err == LIA_EFULL ? "there is room" : "it is restarted", batch->why.text);
    LIA_LOG(ERROR, "node.stopped_writing", LIA_ERR(err), LIA_TEXT("why", batch->why.text));
    pthread_mutex_lock(&writer->lock);
    writer->full = err == LIA_EFULL;
    writer->health = writer->full ? LIA_EIO : err;
    writer->health_why = why;
    lia_command *rest = lia_inbox_empty(&writer->inbox);
    for (int list = 0; list < 2; list++) {
        lia_command *commands = list ? rest : work->commands;
        for (lia_command *c = commands; c; c = c->next) {
            c->err = LIA_EIO;
            c->why = why;
        }
        put_done(&writer->outbox, commands);
    }
    for (lia_foreign *b = work->blocks; b; b = b->next) {
        lia_head head = {.origin = b->sealed.origin};
        put_head(writer->outbox.failed, &writer->outbox.failed_count, &head);
    }
    pthread_mutex_unlock(&writer->lock);
    writer->options.wake(writer->options.context);
}

/* ---- the thread ----------------------------------------------------------------------------- */

/* The key that a renewal came with. */
static void take_sign_key(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    if (writer->has_sign) writer->batch.sign = writer->sign;
    writer->has_sign = false;
    lia_wipe(&writer->sign, sizeof writer->sign);
    pthread_mutex_unlock(&writer->lock);
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
    if (!err) err = lia_batch_erase(batch, &work->learnt);
    for (const lia_foreign *b = work->blocks; b && !err; b = b->next)
        err = b->mends ? lia_batch_mend(batch, &b->sealed) : lia_batch_block(batch, &b->sealed, now);
    if (!err && !work->held) /* what was left aside while it was held */
        err = batch->ready ? lia_batch_react(batch, now) : lia_batch_ready(batch, now);
    for (lia_command *c = work->commands; c && !err; c = c->next)
        err = lia_batch_command(batch, c, now);
    if (!err && !work->held) err = lia_batch_jobs(batch, now, writer->options.jobs_max);
    batch->counts.apply_ns += lia_time_ticks_ns() - began;
    lia_trace_use(NULL);
    if (err) {
        lia_log_abort(batch->log);
        return err;
    }
    return lia_batch_commit(batch);
}

/* Beside the batches; what it finds and puts right is told with the figures. */
static lia_err audit(lia_writer *writer)
{
    /* Rows that are not there yet are no difference. */
    bool later = lia_eraser_wait_ms(writer->eraser) >= 0 || writer->batch.definitions.waits;
    lia_err err = lia_audit_step(writer->audit, later);
    if (err) {
        fail(writer, err, &(work_list){0});
    } else if (lia_audit_turn(writer->audit) != writer->audited) {
        writer->audited = lia_audit_turn(writer->audit);
        pthread_mutex_lock(&writer->lock);
        writer->digests = writer->batch.applier.digests;
        keep_stats(writer);
        pthread_mutex_unlock(&writer->lock);
    }
    return err;
}

static uint64_t events_of(const lia_batch *batch)
{
    return batch->counts.events_own + batch->counts.events_foreign;
}

/* The time that was not free: that of the batch before, or all while many come. 0: it was. */
static uint64_t busy_ns(lia_writer *writer, uint64_t began_ns, bool any, uint64_t events_before)
{
    uint64_t now = lia_time_ticks_ns(), looked = writer->looked_ns;
    writer->looked_ns = now;
    if (any && events_of(&writer->batch) - events_before >= BULK_EVENTS) writer->bulk_ns = now;
    if (writer->bulk_ns && now - writer->bulk_ns < BULK_REST_NS) return now - looked;
    return any ? now - began_ns : 0;
}

/* Beside the batches, too. `busy_ns`: what the one before took. */
static lia_err work_on(lia_writer *writer, uint64_t busy_ns)
{
    lia_err err = lia_batch_background(&writer->batch, busy_ns, &writer->worked);
    if (err) {
        fail(writer, err, &(work_list){0});
    } else if (writer->worked) {
        pthread_mutex_lock(&writer->lock);
        bool is_other = writer->catalog != writer->batch.definitions.catalog;
        show_catalog(writer);
        keep_stats(writer);
        pthread_mutex_unlock(&writer->lock);
        if (is_other) writer->options.wake(writer->options.context); /* an index is complete */
    }
    return err;
}

static void free_blocks(lia_foreign *blocks)
{
    while (blocks) {
        lia_foreign *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

static void tell_erasing(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    lia_eraser_progress(writer->eraser, &writer->stats.erasing);
    writer->erasing_count = lia_eraser_customers(writer->eraser, writer->erasing);
    pthread_mutex_unlock(&writer->lock);
}

/* The receipts at the end of a pass, in a batch of their own. */
static lia_err sign_erased(lia_writer *writer)
{
    static const work_list none;
    lia_batch *batch = &writer->batch;
    lia_err err = lia_batch_begin(batch);
    if (err) return err;
    err = lia_eraser_sign(writer->eraser, lia_time_now());
    if (err) {
        lia_log_abort(batch->log);
        return err;
    }
    err = lia_batch_commit(batch);
    if (err) return err;
    lia_eraser_signed(writer->eraser);
    deliver(writer, &none);
    return LIA_OK;
}

/* One step of an erasure. */
static lia_err erase_some(lia_writer *writer)
{
    bool done = false;
    lia_err err = lia_eraser_step(writer->eraser, is_held(writer), &done);
    if (!err && done) err = sign_erased(writer);
    tell_erasing(writer);
    return err;
}

bool lia_writer_erasing(lia_writer *writer, lia_id customer, lia_erasing *out)
{
    bool found = false;
    pthread_mutex_lock(&writer->lock);
    *out = writer->stats.erasing;
    for (size_t i = 0; i < writer->erasing_count && !found; i++)
        found = lia_id_equal(writer->erasing[i], customer);
    pthread_mutex_unlock(&writer->lock);
    return found;
}

/* ---- state of others ------------------------------------------------------------------------- */

void lia_writer_take_import(lia_writer *writer, lia_import *import)
{
    pthread_mutex_lock(&writer->lock);
    free(writer->import);
    writer->import = import;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

static void tell_imported(lia_writer *writer, lia_err err, bool done)
{
    pthread_mutex_lock(&writer->lock);
    writer->outbox.imported = true;
    writer->outbox.import_err = err;
    writer->outbox.import_done = done;
    pthread_mutex_unlock(&writer->lock);
    writer->options.wake(writer->options.context);
}

/* One batch of it: a part, or what is to be done when all are in. *told: how it went. */
static lia_err import_batch(lia_writer *writer, const lia_import *import, lia_err *told, bool *done)
{
    lia_batch *batch = &writer->batch;
    *told = import ? lia_import_check(batch, import) : LIA_OK;
    if (*told) return LIA_OK;
    lia_err err = lia_batch_begin(batch);
    if (err) return err;
    err = import ? lia_import_part(batch, import, lia_time_now()) : lia_import_finish(batch, done);
    *told = err;
    if (err && err != LIA_ECONFLICT) {
        lia_log_abort(batch->log);
        return err;
    }
    return lia_batch_commit(batch);
}

static lia_import *take_import(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    lia_import *import = writer->held ? NULL : writer->import;
    if (import) writer->import = NULL;
    pthread_mutex_unlock(&writer->lock);
    return import;
}

/* What came as state set off no reaction: services look again at all there is, in the next batch. */
static void begin_anew(lia_writer *writer)
{
    writer->batch.ready = false;
    pthread_mutex_lock(&writer->lock);
    writer->turned = true;
    pthread_mutex_unlock(&writer->lock);
}

static lia_err import_some(lia_writer *writer)
{
    static const work_list none;
    bool done = false;
    lia_err told;
    lia_import *import = take_import(writer);
    if (!import && !writer->finishing) return LIA_OK;
    bool last = !import || !import->chunk.next.size;
    lia_err err = import_batch(writer, import, &told, &done);
    free(import);
    if (err) return err;
    lia_audit_log_moved(writer->audit);
    writer->finishing = last && !told && !done;
    if (done) begin_anew(writer);
    deliver(writer, &none);
    if (!writer->finishing) tell_imported(writer, told, done);
    return LIA_OK;
}

/* One step of what leaves the log. */
static lia_err retire_some(lia_writer *writer)
{
    static const work_list none;
    bool done = false;
    pthread_mutex_lock(&writer->lock);
    size_t count = writer->held_count;
    memcpy(writer->held_now, writer->held_by_all, count * sizeof *writer->held_now);
    pthread_mutex_unlock(&writer->lock);
    lia_err err = lia_retire_step(writer->retire, writer->held_now, count, lia_time_now(), &done);
    pthread_mutex_lock(&writer->lock);
    lia_retire_get_status(writer->retire, &writer->retention);
    pthread_mutex_unlock(&writer->lock);
    if (err || !done) return err;
    lia_audit_log_moved(writer->audit);
    deliver(writer, &none);
    return LIA_OK;
}

static void *writer_main(void *argument)
{
    lia_writer *writer = argument;
    bool failed = false, flushed = false;
    uint64_t last_ns = lia_time_ticks_ns();
    lia_catalog_use(writer->batch.definitions.catalog);
    for (;;) {
        work_list work = {0};
        bool any = wait_for_work(writer, &work);
        uint64_t began_ns = lia_time_ticks_ns(), events = events_of(&writer->batch);
        if (work.stop && !work.commands && !work.blocks && !work.learnt.sum.count) {
            lia_catalog_use(NULL);
            return NULL; /* jobs wait for the next start */
        }
        if (failed) {
            free_blocks(work.blocks);
            lia_ledger_fini(&work.learnt);
        } else if (any) {
            lia_err err = run_batch(writer, &work);
            if (err)
                fail(writer, err, &work);
            else
                deliver(writer, &work);
            failed = err != LIA_OK;
            flushed = false;
            last_ns = lia_time_ticks_ns();
            free_blocks(work.blocks);
            lia_ledger_fini(&work.learnt);
        } else if (!flushed &&
                   lia_time_ticks_ns() - last_ns >= (uint64_t)FLUSH_IDLE_MS * 1000000) {
            flushed = true;
            lia_err err = lia_batch_publish(&writer->batch, true);
            if (!err) err = lia_views_flush(writer->batch.views, &writer->batch.why);
            if (err) fail(writer, err, &work);
            failed = err != LIA_OK;
        }
        if (!failed) {
            failed = work_on(writer, busy_ns(writer, began_ns, any, events)) != LIA_OK;
            if (writer->worked) { /* what it wrote goes out, too */
                flushed = false;
                last_ns = lia_time_ticks_ns();
            }
        }
        if (!failed &&
            lia_compare_step(writer->compare, &writer->batch, writer->reader, writer->lanes,
                             writer->lane_count, writer->audit))
            writer->options.wake(writer->options.context);
        if (!failed) failed = audit(writer) != LIA_OK;
        if (!failed && lia_eraser_wait_ms(writer->eraser) == 0) {
            lia_err err = erase_some(writer);
            if (err) fail(writer, err, &(work_list){0});
            failed = err != LIA_OK;
        }
        if (!failed) {
            lia_err err = import_some(writer);
            if (err) fail(writer, err, &(work_list){0});
            failed = err != LIA_OK;
        }
        if (!failed && lia_retire_wait_ms(writer->retire) == 0) {
            lia_err err = retire_some(writer);
            if (err) fail(writer, err, &(work_list){0});
            failed = err != LIA_OK;
        }
    }
}

/* ---- lifecycle ------------------------------------------------------------------------------ */

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
    show_catalog(writer);
    writer->outbox.self = writer->batch.self;
    writer->held = options->held ? BIT(LIA_HELD_STORE) : 0;
    if (writer->held)
        lia_why_set(&writer->held_why[LIA_HELD_STORE], LIA_EBUSY, "%s", options->held);
    writer->digests = writer->batch.applier.digests;
    writer->has_unrequested = writer->batch.applier.unrequested > 0;
    put_erased(writer);
    lia_retire_get_status(writer->retire, &writer->retention);
    keep_stats(writer);
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
    free_blocks(writer->blocks);
    lia_ledger_fini(&writer->learnt);
    free(writer->erased);
    lia_log_reader_close(writer->reader);
    lia_batch_close(&writer->batch);
    lia_catalog_release(writer->catalog);
    pthread_cond_destroy(&writer->ready);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

void lia_writer_joined(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->joined = writer->turned = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

/* ---- retention ------------------------------------------------------------------------------ */

void lia_writer_set_held(lia_writer *writer, const lia_lane_held *held, size_t count)
{
    pthread_mutex_lock(&writer->lock);
    memcpy(writer->held_by_all, held, count * sizeof *held);
    writer->held_count = count;
    pthread_mutex_unlock(&writer->lock);
}

void lia_writer_retired(lia_writer *writer, lia_retention *out)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->retention;
    pthread_mutex_unlock(&writer->lock);
}

/* ---- questions ------------------------------------------------------------------------------ */

uint64_t lia_writer_visible(const lia_writer *writer)
{
    return __atomic_load_n(&writer->visible, __ATOMIC_ACQUIRE);
}

lia_err lia_writer_health(lia_writer *writer, lia_why *why)
{
    pthread_mutex_lock(&writer->lock);
    lia_err err = writer->health;
    if (err && why) *why = writer->health_why;
    for (unsigned cause = 0; cause < LIA_HELD_CAUSES && !err; cause++) {
        if (!(writer->held & BIT(cause))) continue;
        err = LIA_EBUSY;
        if (why) *why = writer->held_why[cause];
    }
    pthread_mutex_unlock(&writer->lock);
    return err;
}

bool lia_writer_is_full(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool full = writer->full;
    pthread_mutex_unlock(&writer->lock);
    return full;
}

bool lia_writer_failed(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool failed = writer->health != LIA_OK;
    pthread_mutex_unlock(&writer->lock);
    return failed;
}

void lia_writer_get_stats(lia_writer *writer, lia_node_stats *out)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->stats;
    out->queue = lia_inbox_count(&writer->inbox);
    pthread_mutex_unlock(&writer->lock);
    out->arrival = lia_writer_visible(writer);
}

bool lia_writer_state(lia_writer *writer, uint64_t commit, lia_hash *out)
{
    uint8_t sums[LIA_DIGEST_BUCKETS * 16];
    pthread_mutex_lock(&writer->lock);
    bool is_last = writer->outbox.commit == commit && !writer->has_unrequested;
    for (size_t i = 0; is_last && i < LIA_DIGEST_BUCKETS; i++) {
        lia_put_u64(sums + 16 * i, writer->digests.sum[i][0]);
        lia_put_u64(sums + 16 * i + 8, writer->digests.sum[i][1]);
    }
    pthread_mutex_unlock(&writer->lock);
    lia_span all = LIA_SPAN_OF(sums);
    if (is_last) *out = lia_hash_of("liaison state", &all, 1);
    return is_last;
}

void lia_writer_digests(lia_writer *writer, lia_digests *out, lia_lane_info *lanes, size_t max,
                        size_t *count)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->digests;
    *count = writer->lane_count < max ? writer->lane_count : max;
    memcpy(lanes, writer->lanes, *count * sizeof *lanes);
    pthread_mutex_unlock(&writer->lock);
}
