/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/traces.h"

#include <stdlib.h>

void lia_traces_fini(lia_traces *traces)
{
    free(traces->spans);
    free(traces->arrivals);
    free(traces->jobs);
    *traces = (lia_traces){0};
}

/* ---- spans of the batch ---------------------------------------------------------------------- */

static bool has_room(lia_traces *traces)
{
    if (!traces->spans) {
        traces->spans = malloc(LIA_TRACES_MAX * sizeof *traces->spans);
        traces->arrivals = malloc(LIA_TRACES_MAX * sizeof *traces->arrivals);
        if (!traces->spans || !traces->arrivals) {
            free(traces->spans);
            free(traces->arrivals);
            traces->spans = NULL;
            traces->arrivals = NULL;
        }
    }
    bool room = traces->spans && traces->count < LIA_TRACES_MAX;
    traces->lost += !room;
    return room;
}

lia_traced *lia_traces_begin(lia_traces *traces, const lia_trace *parent, lia_traced_kind kind,
                             const char *name)
{
    if (!lia_trace_is_wanted(parent) || !has_room(traces)) return NULL;
    lia_traced *traced = &traces->spans[traces->count];
    traces->arrivals[traces->count++] = 0;
    lia_traced_begin(traced, parent, kind, "%s", name);
    return traced;
}

void lia_traces_arrived(lia_traces *traces, uint64_t arrival)
{
    if (traces->count) traces->arrivals[traces->count - 1] = arrival;
}

const lia_traced *lia_traces_arrival(const lia_traces *traces, uint64_t arrival)
{
    for (size_t i = traces->count; i-- > 0;)
        if (traces->arrivals[i] == arrival) return &traces->spans[i];
    return NULL;
}

void lia_traces_commit(lia_traces *traces)
{
    for (size_t i = 0; i < traces->count; i++) lia_traced_end(&traces->spans[i]);
    lia_traced_lose(traces->lost);
    lia_traces_drop(traces);
}

void lia_traces_drop(lia_traces *traces)
{
    traces->count = 0;
    traces->lost = 0;
}

/* ---- timers ---------------------------------------------------------------------------------- */

/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo). Two timers of one hash would only show in each other's
 * chain. */
static uint64_t hash_of(lia_span job)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < job.size; i++) hash = (hash ^ job.data[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

static lia_traced_job *find_job(const lia_traces *traces, lia_span job)
{
    if (!traces->job_count) return NULL;
    uint64_t name = hash_of(job);
    for (size_t i = 0; i < LIA_TRACED_JOBS_MAX; i++)
        if (traces->jobs[i].name == name) return &traces->jobs[i];
    return NULL;
}

static void forget_job(lia_traces *traces, lia_traced_job *known)
{
    known->name = 0;
    traces->job_count--;
}

void lia_traces_job_set(lia_traces *traces, lia_span job, const lia_trace *trace)
{
    lia_traced_job *known = find_job(traces, job);
    if (known) forget_job(traces, known);
    if (!lia_trace_is_sampled(trace)) return;
    if (!traces->jobs) traces->jobs = calloc(LIA_TRACED_JOBS_MAX, sizeof *traces->jobs);
    if (!traces->jobs) return;
    lia_traced_job *place = &traces->jobs[traces->job_next++ % LIA_TRACED_JOBS_MAX];
    traces->job_count += !place->name;
    *place = (lia_traced_job){hash_of(job), *trace};
}

lia_trace lia_traces_job_take(lia_traces *traces, lia_span job)
{
    lia_traced_job *known = find_job(traces, job);
    if (!known) return LIA_TRACE_NONE;
    forget_job(traces, known);
    return known->trace;
}

/* ---- what the log says ----------------------------------------------------------------------- */

lia_trace lia_trace_of_event(const lia_rows *rows, lia_position position)
{
    lia_span bytes;
    lia_header header;
    if (!position.seq || lia_rows_position(rows, position, &bytes) ||
        lia_event_parse_header(&header, bytes))
        return LIA_TRACE_NONE;
    return header.trace;
}

lia_trace lia_trace_of_record(const lia_rows *rows, uint32_t kind, lia_id id, lia_arena *arena)
{
    lia_record record;
    lia_stamp first = {0};
    if (lia_rows_record(rows, kind, id, arena, &record)) return LIA_TRACE_NONE;
    for (size_t r = 0; r < record.count; r++)
        for (size_t i = 0; i < record.registers[r].count; i++) {
            const lia_stamp *stamp = &record.registers[r].live[i].stamp;
            if (lia_stamp_is_none(&first) || lia_stamp_compare(stamp, &first) < 0) first = *stamp;
        }
    return lia_trace_of_event(rows, (lia_position){first.incarnation, first.seq, first.node});
}
