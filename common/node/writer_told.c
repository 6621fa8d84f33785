/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a batch, for the threads that wait for it. */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/writer_inner.h"

static void put_head(lia_head *heads, size_t *count, const lia_head *head)
{
    for (size_t i = 0; i < *count; i++)
        if (lia_origin_equal(heads[i].origin, head->origin)) {
            heads[i] = *head;
            return;
        }
    if (*count < LIA_LANES_MAX) heads[(*count)++] = *head;
}

void writer_put_done(lia_writer *writer, lia_command *commands)
{
    lia_outbox *outbox = &writer->outbox;
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

void writer_keep_stats(lia_writer *writer)
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
void writer_put_erased(lia_writer *writer)
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

/* Under the lock. */
void writer_show_catalog(lia_writer *writer)
{
    const lia_catalog *catalog = writer->batch.definitions.catalog;
    if (catalog == writer->catalog) return;
    lia_catalog_release(writer->catalog);
    writer->catalog = lia_catalog_hold(catalog);
}

void writer_deliver(lia_writer *writer, const work_list *work)
{
    lia_batch *batch = &writer->batch;
    __atomic_store_n(&writer->visible, batch->arrival, __ATOMIC_RELEASE);
    pthread_mutex_lock(&writer->lock);
    writer_show_catalog(writer);
    writer_put_done(writer, work->commands);
    for (size_t i = 0; i < batch->head_count; i++) {
        put_head(writer->outbox.heads, &writer->outbox.head_count, &batch->heads[i]);
        keep_lane(writer, &batch->heads[i]);
    }
    if (batch->own_refused) {
        lia_head head = {.origin = batch->own_refused_lane};
        put_head(writer->outbox.failed, &writer->outbox.failed_count, &head);
    }
    writer_put_erased(writer);
    writer->has_unrequested = batch->applier.unrequested > 0;
    writer->outbox.commit++;
    writer->outbox.self = batch->self;
    if (work->renewal) writer->held &= ~writer_held_bit(LIA_HELD_STORE);
    writer->digests = batch->applier.digests;
    writer->features = batch->applier.features;
    writer_keep_stats(writer);
    pthread_mutex_unlock(&writer->lock);
    writer->options.wake(writer->options.context);
}

/* From here on nothing is acknowledged: what the disk holds is unknown until the next start. */
void writer_fail(lia_writer *writer, lia_err err, const work_list *work)
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
        writer_put_done(writer, commands);
    }
    for (lia_foreign *b = work->blocks; b; b = b->next) {
        lia_head head = {.origin = b->sealed.origin};
        put_head(writer->outbox.failed, &writer->outbox.failed_count, &head);
    }
    pthread_mutex_unlock(&writer->lock);
    writer->options.wake(writer->options.context);
}
