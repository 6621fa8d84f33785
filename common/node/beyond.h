/* SPDX-License-Identifier: Apache-2.0 */
/* beyond - what a filter may ask that its record does not say (lia_filter_world), read from rows:
 * records that are referred to, and figures over a customer's interactions. Nothing is kept of the
 * latter: a figure walks the timeline from now back to the end of its period. */
#ifndef LIA_NODE_BEYOND_H
#define LIA_NODE_BEYOND_H

#include "common/node/rows.h"
#include "common/wire/filter.h"

typedef struct lia_beyond {
    lia_filter_world world; /* for lia_filter_subject; points into this struct */
    const lia_rows *rows;
    lia_arena arena;
    lia_err err;   /* the first failure to read; what was asked then counted as absent */
    size_t looked; /* records and timeline entries read so far: what the filters cost */
    uint32_t type, amount, currency, minor; /* numbers of an interaction's fields and its money's */
    /* Whether the record may be looked at; what may not counts as absent. NULL: all may. */
    bool (*may)(const void *context, struct lia_beyond *beyond, const lia_kind *kind, lia_id id,
                lia_span message);
    const void *may_context;
} lia_beyond;

/* `rows` and `out` must stay where they are until lia_beyond_close.   LIA_EFULL */
LIA_MUST_USE lia_err lia_beyond_open(lia_beyond *out, const lia_rows *rows, lia_time now);
void lia_beyond_close(lia_beyond *beyond);

#endif
