/* SPDX-License-Identifier: Apache-2.0 */
/* traces - the spans of one batch, which end with its commit, and the chains that timers go on with.
 * Only what is sampled comes here; of all else the writer looks at one flag. Writer thread only, but
 * for what the log is asked. */
#ifndef LIA_NODE_TRACES_H
#define LIA_NODE_TRACES_H

#include "common/base/arena.h"
#include "common/base/trace.h"
#include "common/node/rows.h"

/* Spans of one batch; those of larger ones are counted as lost. */
#define LIA_TRACES_MAX 512
/* Timers that wait and belong to a sampled chain; of more the oldest are forgotten. */
#define LIA_TRACED_JOBS_MAX 1024

typedef struct lia_traced_job {
    uint64_t name; /* hash of name and key; 0: free */
    lia_trace trace;
} lia_traced_job;

/* Zeroed before. */
typedef struct lia_traces {
    lia_traced *spans;  /* made when the first one is */
    uint64_t *arrivals; /* of the event that a span stands for; 0: of none */
    size_t count;
    uint64_t lost;
    lia_traced_job *jobs;
    size_t job_count, job_next;
} lia_traces;

void lia_traces_fini(lia_traces *traces);

/* A span under `parent` that ends with the commit. NULL: nobody wants it, or there is no room. */
lia_traced *lia_traces_begin(lia_traces *traces, const lia_trace *parent, lia_traced_kind kind,
                             const char *name);
/* Notes that the span which began last is what an event's arrival was here. */
void lia_traces_arrived(lia_traces *traces, uint64_t arrival);
/* The span that the event's arrival was; NULL: there is none in this batch. */
const lia_traced *lia_traces_arrival(const lia_traces *traces, uint64_t arrival);
/* The batch is durable: all end now and are given away. */
void lia_traces_commit(lia_traces *traces);
/* It was lost. */
void lia_traces_drop(lia_traces *traces);

/* A timer was set by what `trace` says; anything not sampled takes an earlier note away. It lives as
 * long as the process: a timer that outlives it belongs to no chain. */
void lia_traces_job_set(lia_traces *traces, lia_span job, const lia_trace *trace);
/* What set a timer that rings, or none. The note is taken away. */
lia_trace lia_traces_job_take(lia_traces *traces, lia_span job);

/* ---- what the log says: for whoever reads rows, on any thread --------------------------------- */

/* What an event was written by, or none: it is not sampled, or is not here. */
lia_trace lia_trace_of_event(const lia_rows *rows, lia_position position);
/* What made a record, as far as its oldest write tells. */
lia_trace lia_trace_of_record(const lia_rows *rows, uint32_t kind, lia_id id, lia_arena *arena);

#endif
