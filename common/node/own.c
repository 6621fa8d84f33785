/* SPDX-License-Identifier: Apache-2.0 */
/* The node's own lane. Events are applied as soon as a handler has succeeded, so the next handler
 * of the batch sees them; they collect in an open block that is signed and appended when it is
 * full, when a foreign block comes between, or at the commit. */
#include "common/base/assert.h"
#include "common/node/batch.h"
#include "common/node/erase.h"

static lia_header header_of(const lia_batch *batch, const lia_staged_event *staged, size_t part)
{
    const lia_turn_work *work = &batch->work;
    return (lia_header){
        .node = batch->self.node,
        .incarnation = batch->self.incarnation,
        .seq = batch->seq + 1,
        .hlc = staged->hlc,
        .fact = staged->fact ? staged->fact->number : 0,
        .department = batch->turn.department,
        .command = work->command,
        .request = work->request,
        .part = (uint32_t)part,
        .parts = (uint32_t)work->told,
        .actor = batch->turn.actor,
        .cause = work->cause,
        .depth = work->depth,
        .customer = staged->customer,
        .quiet = work->quiet,
        .trace = lia_trace_is_sampled(&work->trace) ? work->trace : LIA_TRACE_NONE,
    };
}

static lia_err build(lia_batch *batch, const lia_staged_event *staged, const lia_header *header,
                     lia_span *bytes)
{
    lia_buf out = lia_buf_make(&batch->event_arena);
    lia_err err =
        lia_event_build(&out, header, staged->ops, staged->op_count, staged->fact_bytes, NULL);
    if (err) return err;
    if (out.failed) return LIA_EFULL;
    *bytes = lia_buf_get(&out);
    return LIA_OK;
}

static lia_err add_to_block(lia_batch *batch, lia_span bytes)
{
    lia_hash leaf;
    lia_err err = lia_event_leaf(bytes, &leaf);
    if (err) return err;
    batch->hash = lia_chain_next(&batch->hash, &leaf);
    batch->open[batch->open_count++] = bytes;
    batch->open_bytes += bytes.size;
    batch->applier.rows.pending_count = batch->open_count;
    batch->seq++;
    batch->arrival++;
    batch->counts.events_own++;
    return LIA_OK;
}

static lia_err keep_one(lia_batch *batch, const lia_staged_event *staged, size_t part)
{
    lia_header header = header_of(batch, staged, part);
    lia_span bytes;
    lia_err err = build(batch, staged, &header, &bytes);
    if (!err) err = add_to_block(batch, bytes);
    if (err) return err;
    lia_event event = {.header = header,
                       .ops = staged->ops,
                       .op_count = staged->op_count,
                       .fact = staged->fact_bytes};
    lia_batch_note_fact(batch, batch->arrival, header.fact);
    return lia_apply_event(&batch->applier, &event, batch->arrival);
}

/* Refuses what could not be stored, before anything of the turn is kept. */
static lia_err check_size(const lia_staged_event *staged)
{
    size_t size = staged->fact_bytes.size + 256;
    for (size_t i = 0; i < staged->op_count; i++) {
        const lia_op *op = &staged->ops[i];
        size += op->set.size + 64;
        for (size_t t = 0; t < op->touch_count; t++)
            size += op->touches[t].element.size + op->touches[t].value.size + 96;
    }
    return size > LIA_EVENT_BYTES_MAX ? LIA_EFULL : LIA_OK;
}

static lia_err apply_jobs(lia_batch *batch)
{
    for (const lia_staged_job *job = batch->work.jobs; job; job = job->next) {
        lia_err err = job->clear ? lia_log_clear_job(batch->log, job->name)
                                 : lia_log_set_job(batch->log, job->name, job->due, job->payload);
        if (err) return err;
        lia_traces_job_set(&batch->traces, job->name,
                           job->clear ? &LIA_TRACE_NONE : &batch->work.trace);
    }
    return LIA_OK;
}

/* Nobody writes about a customer that was erased. */
static lia_err check_customers(lia_batch *batch)
{
    for (const lia_staged_event *e = batch->work.first; e; e = e->next)
        if (lia_erased(&batch->applier, e->customer))
            return lia_turn_fail(&batch->turn, LIA_EGONE, "the customer was erased");
    return LIA_OK;
}

lia_err lia_own_fits(const lia_turn *turn)
{
    const lia_turn_work *work = turn->work;
    for (const lia_staged_event *e = work->first; e; e = e->next) {
        lia_err err = lia_erased(work->applier, e->customer) ? LIA_EGONE : check_size(e);
        if (err) return err;
    }
    return LIA_OK;
}

/* LIA_EFULL says that one command is too large; a full log ends the whole batch. */
static lia_err seal_in_turn(lia_batch *batch)
{
    lia_err err = lia_own_seal(batch);
    return err == LIA_EFULL ? lia_why_set(&batch->why, LIA_EIO, LIA_FULL_TEXT) : err;
}

lia_err lia_own_keep(lia_batch *batch, lia_position *first)
{
    lia_turn_work *work = &batch->work;
    *first = (lia_position){0};
    for (const lia_staged_event *e = work->first; e; e = e->next) {
        lia_err err = check_size(e);
        if (err) return err;
    }
    lia_err gone = check_customers(batch);
    if (gone) return gone;
    /* The events of one command stay in one block, so that all nodes show them together. */
    if (batch->open_count + work->told > LIA_BLOCK_EVENTS_MAX ||
        batch->open_bytes >= LIA_BLOCK_BYTES_MAX) {
        lia_err err = seal_in_turn(batch);
        if (err) return err;
    }
    size_t part = 0;
    for (const lia_staged_event *e = work->first; e; e = e->next) {
        /* More than a block, or a frame on the bus, can hold. */
        if (batch->open_count == LIA_BLOCK_EVENTS_MAX ||
            batch->open_bytes >= LIA_FRAME_BYTES_MAX / 2) {
            lia_err err = seal_in_turn(batch);
            if (err) return err;
        }
        lia_err err = keep_one(batch, e, part++);
        if (err) return err == LIA_EFULL ? LIA_EIO : err; /* half kept: the batch is lost */
        if (part == 1)
            *first = (lia_position){batch->self.incarnation, batch->seq, batch->self.node};
    }
    return apply_jobs(batch);
}

lia_err lia_own_seal(lia_batch *batch)
{
    if (!batch->open_count) return LIA_OK;
    lia_block block = {.lane = batch->lane,
                       .first = batch->seq - batch->open_count + 1,
                       .count = (uint32_t)batch->open_count,
                       .before = batch->sealed,
                       .hash = batch->hash};
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    size_t size = lia_seal_message(message, batch->cluster, batch->self, batch->seq, &batch->hash);
    block.signature = lia_sign(&batch->sign, lia_span_make(message, size));
    lia_err err = lia_log_append(batch->log, &block, batch->open);
    if (err) return err;
    lia_assert(block.arrival + block.count - 1 == batch->arrival);
    lia_batch_note_head(batch, batch->self, batch->seq, &batch->hash);
    batch->sealed = batch->hash;
    batch->open_count = batch->open_bytes = 0;
    batch->applier.rows.pending_count = 0;
    batch->applier.rows.pending_first = batch->arrival + 1;
    lia_arena_reset(&batch->event_arena);
    return LIA_OK;
}
