/* SPDX-License-Identifier: Apache-2.0 */
/* What other threads hand to the writer and ask it. */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/writer_inner.h"

/* ---- handed in ------------------------------------------------------------------------------- */

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

void lia_writer_take_import(lia_writer *writer, lia_import *import)
{
    pthread_mutex_lock(&writer->lock);
    free(writer->import);
    writer->import = import;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

void lia_writer_poke(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->poked = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

void lia_writer_joined(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->joined = writer->turned = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

void lia_writer_set_features(lia_writer *writer, uint64_t on)
{
    pthread_mutex_lock(&writer->lock);
    writer->features_wanted |= on;
    writer->turned = true;
    pthread_cond_signal(&writer->ready);
    pthread_mutex_unlock(&writer->lock);
}

void lia_writer_set_held(lia_writer *writer, const lia_lane_held *held, size_t count)
{
    pthread_mutex_lock(&writer->lock);
    memcpy(writer->held_by_all, held, count * sizeof *held);
    writer->held_count = count;
    pthread_mutex_unlock(&writer->lock);
}

/* ---- holding --------------------------------------------------------------------------------- */

void lia_writer_hold(lia_writer *writer, lia_held_by cause, const lia_why *why)
{
    pthread_mutex_lock(&writer->lock);
    writer->held |= writer_held_bit(cause);
    writer->held_why[cause] = *why;
    if (cause == LIA_HELD_STORE) writer->doubted = true;
    lia_command *waiting = lia_inbox_empty(&writer->inbox);
    for (lia_command *c = waiting; c; c = c->next) {
        c->err = LIA_EBUSY;
        c->why = *why;
    }
    writer_put_done(writer, waiting);
    pthread_mutex_unlock(&writer->lock);
    if (waiting) writer->options.wake(writer->options.context);
}

void lia_writer_go(lia_writer *writer, lia_held_by cause)
{
    pthread_mutex_lock(&writer->lock);
    writer->held &= ~writer_held_bit(cause);
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

/* ---- asked ----------------------------------------------------------------------------------- */

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

size_t lia_writer_erased(lia_writer *writer, size_t from, lia_id *out, size_t max)
{
    pthread_mutex_lock(&writer->lock);
    size_t count = writer->erased_count > from ? writer->erased_count - from : 0;
    if (count > max) count = max;
    if (count) memcpy(out, writer->erased + from, count * sizeof *out);
    pthread_mutex_unlock(&writer->lock);
    return count;
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

const lia_catalog *lia_writer_catalog(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    const lia_catalog *catalog = lia_catalog_hold(writer->catalog);
    pthread_mutex_unlock(&writer->lock);
    return catalog;
}

lia_compare *lia_writer_compare(lia_writer *writer)
{
    return writer->compare;
}

uint64_t lia_writer_features(lia_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    uint64_t features = writer->features;
    pthread_mutex_unlock(&writer->lock);
    return features;
}

void lia_writer_retired(lia_writer *writer, lia_retention *out)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->retention;
    pthread_mutex_unlock(&writer->lock);
}

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
        if (!(writer->held & writer_held_bit(cause))) continue;
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
