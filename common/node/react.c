/* SPDX-License-Identifier: Apache-2.0 */
/* Reactors and jobs. Reactors look at every event once, in arrival order, behind one position that
 * is committed with whatever they recorded. What they record carries a key derived from reactor and
 * cause, so neither a position that was lost nor a second node of the department makes them answer
 * twice. */
#include "common/base/log.h"
#include "common/node/batch.h"

/* A reactor that fails must not stop the node: the event is passed over and said. */
static lia_err pass_over(const char *what, const char *name, lia_err err, const lia_batch *batch)
{
    if (err == LIA_EIO || err == LIA_ECORRUPT) return err;
    if (err != LIA_EREFUSED && err != LIA_EGONE)
        LIA_LOG(WARN, what, LIA_TEXT("name", name), LIA_ERR(err),
                LIA_TEXT("why", batch->work.why.text));
    return LIA_OK;
}

static lia_err react_one(lia_batch *batch, const lia_reactor_row *row, const lia_event *event,
                         uint64_t arrival, lia_time now)
{
    lia_turn_work *work = &batch->work;
    lia_batch_turn(batch, LIA_TURN_REACTION, now, 0);
    work->reactor = row->name;
    work->quiet = event->header.quiet;
    work->cause = (lia_position){event->header.incarnation, event->header.seq, event->header.node};
    work->caused_by = event;
    work->depth = event->header.depth + 1;
    const lia_trace *cause = &event->header.trace;
    uint64_t began_ns = lia_trace_is_wanted(cause) ? lia_time_ticks_ns() : 0;
    const lia_traced *arrived = began_ns ? lia_traces_arrival(&batch->traces, arrival) : NULL;
    work->trace = arrived ? arrived->trace : *cause;
    lia_trace_use(&work->trace);

    lia_occurrence seen;
    lia_err err = lia_occurrence_make(&seen, event, arrival, &batch->turn);
    if (err == LIA_EINVAL) return LIA_OK;
    if (!err) err = row->react(&batch->turn, &seen);
    if (!err) err = lia_turn_finish(&batch->turn, 0);
    if (err) return pass_over("reactor.failed", row->name, err, batch);
    if (!work->first && !work->jobs) return LIA_OK;
    lia_turn_take_key(work);
    lia_command_note note;
    if (work->first && lia_rows_command(&batch->applier.rows, work->command, &note) == LIA_OK)
        return LIA_OK;
    if (began_ns) lia_batch_trace_answer(batch, &work->trace, cause, "react", row->name, began_ns);
    lia_position position;
    err = lia_own_keep(batch, &position);
    if (err == LIA_EFULL || err == LIA_EGONE)
        return pass_over("reactor.failed", row->name, err, batch);
    batch->counts.reactions++;
    return err;
}

/* ---- which events reactors want ---------------------------------------------------------------
 */

void lia_batch_note_fact(lia_batch *batch, uint64_t arrival, uint32_t fact)
{
    if (!batch->fact_count) batch->facts_first = arrival;
    /* Behind a gap, or without room, the event is read again instead. */
    uint64_t place = arrival - batch->facts_first;
    if (place == batch->fact_count && place < LIA_FACTS_NOTED_MAX)
        batch->facts[batch->fact_count++] = fact;
}

/* The fact of the event at `arrival`: noted, or read from its header. */
static lia_err fact_of(const lia_batch *batch, uint64_t arrival, uint32_t *fact)
{
    if (arrival >= batch->facts_first && arrival - batch->facts_first < batch->fact_count) {
        *fact = batch->facts[arrival - batch->facts_first];
        return LIA_OK;
    }
    lia_span bytes;
    lia_header header;
    lia_err err = lia_rows_event(&batch->applier.rows, arrival, &bytes);
    if (!err) err = lia_event_parse_header(&header, bytes);
    *fact = err ? 0 : header.fact;
    return err;
}

/* ---- reacting ---------------------------------------------------------------------------------
 */

/* Into the turn's arena, which begins empty: an event is read anew for each reactor that wants it.
 */
static lia_err read_event(lia_batch *batch, uint64_t arrival, lia_event *event)
{
    lia_span bytes;
    lia_arena_reset(&batch->turn_arena);
    lia_err err = lia_rows_event(&batch->applier.rows, arrival, &bytes);
    if (err) return LIA_ECORRUPT;
    bytes = lia_arena_copy(&batch->turn_arena, bytes);
    return bytes.data ? lia_event_parse(event, bytes, &batch->turn_arena, NULL) : LIA_ECORRUPT;
}

static lia_err react_with(lia_batch *batch, const lia_reactor_row *row, uint64_t arrival,
                          lia_time now)
{
    lia_event event;
    lia_err err = read_event(batch, arrival, &event);
    if (err == LIA_EINVAL || err == LIA_EVERSION) return LIA_OK; /* inert */
    if (err || event.erased) return err;
    if (event.header.depth >= LIA_CAUSE_DEPTH_MAX) {
        LIA_LOG(WARN, "reaction.too_deep", LIA_INT("node", event.header.node),
                LIA_INT("seq", event.header.seq));
        return LIA_OK;
    }
    return react_one(batch, row, &event, arrival, now);
}

/* A listener is a reactor that says itself what it wants to see. */
static lia_err listen_with(lia_batch *batch, const lia_listener_row *row, uint32_t fact,
                           uint64_t arrival, lia_time now)
{
    lia_arena_reset(&batch->turn_arena);
    lia_batch_turn(batch, LIA_TURN_REACTION, now, 0);
    if (!row->wants(&batch->turn, fact)) return LIA_OK;
    const lia_reactor_row as = {row->name, 0, row->react};
    return react_with(batch, &as, arrival, now);
}

static lia_err react_to(lia_batch *batch, uint64_t arrival, lia_time now)
{
    uint32_t fact;
    lia_err err = fact_of(batch, arrival, &fact);
    if (err) return err == LIA_EINVAL || err == LIA_EVERSION ? LIA_OK : LIA_ECORRUPT;
    for (size_t s = 0; s < LIA_SERVICES_MAX && !err; s++) {
        const lia_service *service = batch->applier.services[s];
        for (size_t i = 0; service && i < service->reactor_count && !err; i++) {
            const lia_reactor_row *row = &service->reactors[i];
            if (!row->fact || row->fact == fact) err = react_with(batch, row, arrival, now);
        }
        for (size_t i = 0; service && i < service->listener_count && !err; i++)
            err = listen_with(batch, &service->listeners[i], fact, arrival, now);
    }
    return err;
}

lia_err lia_batch_react(lia_batch *batch, lia_time now)
{
    while (batch->reacted < batch->arrival) {
        lia_err err = react_to(batch, batch->reacted + 1, now);
        if (err) return err;
        batch->reacted++;
    }
    batch->fact_count = 0;
    return LIA_OK;
}

/* ---- jobs ----------------------------------------------------------------------------------- */

static const lia_job_row *find_job(const lia_batch *batch, const char *name)
{
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++) {
        const lia_service *service = batch->applier.services[s];
        for (size_t i = 0; service && i < service->job_count; i++)
            if (strcmp(service->jobs[i].name, name) == 0) return &service->jobs[i];
    }
    return NULL;
}

static lia_id job_key(lia_span name, lia_time due)
{
    uint8_t at[8], digest[LIA_DIGEST_SIZE];
    lia_put_u64(at, (uint64_t)due.ms);
    lia_span parts[] = {name, LIA_SPAN_OF(at)};
    lia_digest_of("liaison.job", parts, 2, digest);
    return lia_id_derive("liaison.job", LIA_SPAN_OF(digest));
}

static lia_err run_job(lia_batch *batch, lia_span name, lia_span payload, lia_time due,
                       lia_time now)
{
    lia_turn_work *work = &batch->work;
    lia_arena_reset(&batch->turn_arena);
    lia_batch_turn(batch, LIA_TURN_JOB, now, 0);
    name = lia_arena_copy(&batch->turn_arena, name);
    payload = lia_arena_copy(&batch->turn_arena, payload);
    if (!name.data || !payload.data) return LIA_EFULL;
    lia_err err = lia_log_clear_job(batch->log, name);
    if (err) return err;
    const lia_job_row *row =
        name.size > LIA_ID_SIZE + 1 ? find_job(batch, (const char *)name.data) : NULL;
    if (!row) {
        LIA_LOG(WARN, "job.unknown", LIA_TEXT("name", (const char *)name.data));
        return LIA_OK;
    }
    work->command = job_key(name, due);
    work->depth = 1;
    work->trace = lia_traces_job_take(&batch->traces, name);
    lia_trace_use(&work->trace);
    uint64_t began_ns = lia_time_ticks_ns();
    err =
        row->run(&batch->turn, lia_id_from(lia_span_skip(name, name.size - LIA_ID_SIZE)), payload);
    if (!err) err = lia_turn_finish(&batch->turn, 0);
    if (err) return pass_over("job.failed", row->name, err, batch);
    if (lia_trace_is_wanted(&work->trace)) {
        lia_trace cause = work->trace;
        lia_batch_trace_answer(batch, &cause, &cause, "job", row->name, began_ns);
    }
    lia_position position;
    err = lia_own_keep(batch, &position);
    if (err == LIA_EFULL || err == LIA_EGONE) return pass_over("job.failed", row->name, err, batch);
    batch->counts.jobs_run++;
    return err;
}

/* The wall clock was put back by more than this: it was wrong before. */
#define PUT_BACK_MS 5000

/* A job that was to run soon must not wait until the clock is where it should not have been. */
static lia_err bring_forward(lia_batch *batch, lia_time now)
{
    lia_time due;
    lia_span name, payload;
    lia_err err = lia_log_next_job(lia_log_batch_reader(batch->log), &due, &name, &payload);
    while (!err) {
        lia_arena_reset(&batch->turn_arena);
        name = lia_arena_copy(&batch->turn_arena, name);
        payload = lia_arena_copy(&batch->turn_arena, payload);
        if (!name.data || (!payload.data && payload.size)) return LIA_EFULL;
        const lia_job_row *row =
            name.size > LIA_ID_SIZE + 1 ? find_job(batch, (const char *)name.data) : NULL;
        if (row && row->within_ms && due.ms > now.ms + row->within_ms)
            err = lia_log_set_job(batch->log, name, now, payload);
        if (!err) err = lia_log_job_after(lia_log_batch_reader(batch->log), &due, &name, &payload);
    }
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_batch_jobs(lia_batch *batch, lia_time now, size_t max)
{
    bool put_back = now.ms < batch->jobs_looked.ms - PUT_BACK_MS;
    lia_err wrong = put_back ? bring_forward(batch, now) : LIA_OK;
    if (wrong) return wrong;
    batch->jobs_looked = now;
    for (size_t i = 0; i < max; i++) {
        lia_time due;
        lia_span name, payload;
        lia_err err = lia_log_next_job(lia_log_batch_reader(batch->log), &due, &name, &payload);
        if (err == LIA_EABSENT || (!err && due.ms > now.ms)) return LIA_OK;
        if (!err) err = run_job(batch, name, payload, due, now);
        if (!err) err = lia_batch_react(batch, now);
        if (err) return err;
    }
    return LIA_OK;
}
