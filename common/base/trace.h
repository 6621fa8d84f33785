/* SPDX-License-Identifier: Apache-2.0 */
/* trace - which chain of work something belongs to, across threads, nodes and other programs: W3C
 * Trace Context, level 1 (https://www.w3.org/TR/trace-context-1/), and spans in the sense of
 * OpenTelemetry, here called `traced`.
 *
 * A context costs some bytes of random and is made for every request, so that each line of the log can be
 * told apart. Spans are made only of contexts that are sampled, and only while somebody takes
 * them (lia_trace_to); all else costs one comparison. */
#ifndef LIA_BASE_TRACE_H
#define LIA_BASE_TRACE_H

#include "common/base/err.h"

#define LIA_TRACE_ID_SIZE   16
#define LIA_TRACE_SPAN_SIZE 8
#define LIA_TRACE_TEXT_SIZE 56 /* 55 characters and a NUL */
#define LIA_TRACE_SAMPLED   1  /* the one flag of level 1 */
/* Longest tracestate that is kept, as many bytes as the text asks for at least. */
#define LIA_TRACE_STATE_MAX 512

typedef struct lia_trace {
    uint8_t id[LIA_TRACE_ID_SIZE]; /* of the whole chain; all 0: none */
    uint8_t span[LIA_TRACE_SPAN_SIZE];
    uint8_t flags;
} lia_trace;

#define LIA_TRACE_NONE ((lia_trace){{0}, {0}, 0})

bool lia_trace_is_none(const lia_trace *trace);
static inline bool lia_trace_is_sampled(const lia_trace *trace)
{
    return trace->flags & LIA_TRACE_SAMPLED;
}
bool lia_trace_equal(const lia_trace *a, const lia_trace *b);

/* Reads a traceparent. A later version is read as far as level 1 goes (section 3.2.2); of its flags
 * only LIA_TRACE_SAMPLED is kept.
 *   LIA_EINVAL  not one: *out is none, and whoever got it begins a trace of its own */
LIA_MUST_USE lia_err lia_trace_parse(lia_span text, lia_trace *out);
/* "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" */
void lia_trace_print(const lia_trace *trace, char text[LIA_TRACE_TEXT_SIZE]);
/* Whether a tracestate may be passed on: at most 32 members "key=value", no key twice (section
 * 3.3.1). An empty one may not. */
bool lia_trace_state_is_good(lia_span text);

/* Text of an id or a span: 2 * size digits and a NUL. */
void lia_trace_hex(const uint8_t *bytes, size_t size, char *text);

/* A new chain, sampled by lia_trace_to's ratio: which ones is told by their ids alone, so that all
 * programs with one ratio choose the same. */
lia_trace lia_trace_begin(void);
/* The next piece of work in the chain: its id and flags, another span. */
lia_trace lia_trace_under(const lia_trace *parent);

/* What the calling thread is at, for its lines in the log and for the commands it gives. Copied;
 * NULL: nothing that belongs to a chain. */
void lia_trace_use(const lia_trace *trace);
/* None when there is none. */
lia_trace lia_trace_current(void);

/* ---- spans ---------------------------------------------------------------------------------- */

/* Numbers as OTLP has them. */
typedef enum lia_traced_kind {
    LIA_TRACED_INTERNAL = 1,
    LIA_TRACED_SERVER = 2,
    LIA_TRACED_CLIENT = 3,
    LIA_TRACED_PRODUCER = 4,
    LIA_TRACED_CONSUMER = 5
} lia_traced_kind;

#define LIA_TRACED_NAME_SIZE 96
#define LIA_TRACED_TEXT_SIZE 64
#define LIA_TRACED_NOTES_MAX 8

/* Never personal: names of kinds, commands and routes, ids, numbers. */
typedef struct lia_traced_note {
    const char *name; /* static */
    bool is_text;
    int64_t number;
    char text[LIA_TRACED_TEXT_SIZE];
} lia_traced_note;

/* A piece of work that is over. */
typedef struct lia_traced {
    lia_trace trace;                     /* its own */
    uint8_t parent[LIA_TRACE_SPAN_SIZE]; /* all 0: none */
    lia_trace link;                      /* what led to it beside the parent; none: nothing */
    lia_traced_kind kind;
    bool failed;
    uint64_t began_ns, ended_ns; /* lia_time_ticks_ns */
    size_t note_count;
    lia_traced_note notes[LIA_TRACED_NOTES_MAX];
    char name[LIA_TRACED_NAME_SIZE];
    char state[LIA_TRACE_STATE_MAX + 1]; /* tracestate; "": none */
} lia_traced;

/* Makes `out` the next piece of work under `parent`, beginning now; `name` is printed into it. */
void lia_traced_begin(lia_traced *out, const lia_trace *parent, lia_traced_kind kind,
                      const char *format, ...) LIA_PRINTF(4, 5);
/* Adds a note; what is too long is cut, what is too much left out. `name` must be static. */
void lia_traced_text(lia_traced *traced, const char *name, lia_span text);
void lia_traced_number(lia_traced *traced, const char *name, int64_t number);
/* Ends it now and hands it over. Any thread. */
void lia_traced_end(lia_traced *traced);
/* Hands it over with the end that it has. */
void lia_traced_give(const lia_traced *traced);
/* So many were made that found no room on their way to be handed over. */
void lia_traced_lose(uint64_t count);

/* Who takes spans, from any thread, without waiting. `ratio` of the chains that begin here are
 * sampled, 0 to 1. NULL: nobody, and none are. `sink` is borrowed until another one is given; then no
 * thread may be handing one over. */
typedef struct lia_trace_sink {
    void (*take)(void *context, const lia_traced *traced);
    void (*lose)(void *context, uint64_t count);
    void *context;
    double ratio;
} lia_trace_sink;
void lia_trace_to(const lia_trace_sink *sink);

/* Whether a span of it would be taken. */
bool lia_trace_is_wanted(const lia_trace *trace);

#endif
