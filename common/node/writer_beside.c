/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer does between batches: rows that are made in the background, comparisons, the
 * audit of its own state, erasure, the state of others, and what leaves the log. A step each, so
 * that who comes meanwhile waits for one step. */
#include <stdlib.h>

#include "common/node/writer_inner.h"

/* A batch of so many events (the least that a group of bulk commands makes) is one of many, most
 * likely: what is done beside the batches rests for a while, but for its share, since its rows are
 * cheaper by the thousand and the disk has enough to do. */
#define BULK_EVENTS  64
#define BULK_REST_NS UINT64_C(1000000000)
#define IDLE_WAIT_MS 1000
#define NO_ROOM_MS   5

/* ---- when ------------------------------------------------------------------------------------ */

/* At once while work waits that only needs time, soon while there is no room for it. Negative:
 * there is none. */
static int64_t work_ms(const lia_writer *writer)
{
    if (!lia_batch_waits(&writer->batch)) return -1;
    return writer->worked ? 0 : NO_ROOM_MS;
}

/* In how many milliseconds something is due that is done beside the batches. */
int64_t writer_beside_ms(const lia_writer *writer)
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

/* The time that was not free: that of the batch before, or all while many come. 0: it was. */
static uint64_t busy_ns(lia_writer *writer, uint64_t began_ns, bool any, uint64_t events)
{
    uint64_t now = lia_time_ticks_ns(), looked = writer->looked_ns;
    writer->looked_ns = now;
    if (any && events >= BULK_EVENTS) writer->bulk_ns = now;
    if (writer->bulk_ns && now - writer->bulk_ns < BULK_REST_NS) return now - looked;
    return any ? now - began_ns : 0;
}

/* ---- rows and audit -------------------------------------------------------------------------- */

/* `busy_ns`: what the batch before took. */
static lia_err work_on(lia_writer *writer, uint64_t busy_ns)
{
    lia_err err = lia_batch_background(&writer->batch, busy_ns, &writer->worked);
    if (!err && writer->worked) {
        pthread_mutex_lock(&writer->lock);
        bool is_other = writer->catalog != writer->batch.definitions.catalog;
        writer_show_catalog(writer);
        writer_keep_stats(writer);
        pthread_mutex_unlock(&writer->lock);
        if (is_other) writer->options.wake(writer->options.context); /* an index is complete */
    }
    return err;
}

/* What it finds and puts right is told with the figures. */
static lia_err audit(lia_writer *writer)
{
    /* Rows that are not there yet are no difference. */
    bool later = lia_eraser_wait_ms(writer->eraser) >= 0 || writer->batch.definitions.waits;
    lia_err err = lia_audit_step(writer->audit, later);
    if (!err && lia_audit_turn(writer->audit) != writer->audited) {
        writer->audited = lia_audit_turn(writer->audit);
        pthread_mutex_lock(&writer->lock);
        writer->digests = writer->batch.applier.digests;
        writer_keep_stats(writer);
        pthread_mutex_unlock(&writer->lock);
    }
    return err;
}

/* ---- erasure --------------------------------------------------------------------------------- */

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
    writer_deliver(writer, &none);
    return LIA_OK;
}

/* One step of an erasure. */
static lia_err erase_some(lia_writer *writer)
{
    bool done = false;
    lia_err err = lia_eraser_step(writer->eraser, writer_is_held(writer), &done);
    if (!err && done) err = sign_erased(writer);
    tell_erasing(writer);
    return err;
}

/* ---- state of others ------------------------------------------------------------------------- */

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

/* What came as state set off no reaction: services look again at all there is, in the next batch.
 */
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
    writer_deliver(writer, &none);
    if (!writer->finishing) tell_imported(writer, told, done);
    return LIA_OK;
}

/* ---- what leaves the log --------------------------------------------------------------------- */

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
    writer_deliver(writer, &none);
    return LIA_OK;
}

static lia_err step(lia_writer *writer)
{
    lia_err err = LIA_OK;
    if (lia_eraser_wait_ms(writer->eraser) == 0) err = erase_some(writer);
    if (!err) err = import_some(writer);
    if (!err && lia_retire_wait_ms(writer->retire) == 0) err = retire_some(writer);
    return err;
}

lia_err writer_beside(lia_writer *writer, uint64_t began_ns, bool any, uint64_t events)
{
    lia_err err = work_on(writer, busy_ns(writer, began_ns, any, events));
    if (!err && lia_compare_step(writer->compare, &writer->batch, writer->reader, writer->lanes,
                                 writer->lane_count, writer->audit))
        writer->options.wake(writer->options.context);
    if (!err) err = audit(writer);
    if (!err) err = step(writer);
    if (err) writer_fail(writer, err, &(work_list){0});
    return err;
}
