/* SPDX-License-Identifier: Apache-2.0 */
/* dry - what a rule would have done: its trigger and conditions held against the last days, without
 * any effect. Reads only; from any thread, a slice at a time, each over a snapshot of its own.
 *
 * For facts and changes the log is walked from its end. Records are rewound on the way, each write
 * naming the one that it replaced, so conditions meet the record as it was after the event, and
 * `before` as it was before. For moments and schedules the records as they are now are looked at.
 */
#ifndef LIA_AUTOMATION_DRY_H
#define LIA_AUTOMATION_DRY_H

#include "common/automation/book.h"

#define LIA_DRY_DAYS_MAX     90
#define LIA_DRY_EXAMPLES_MAX 50
/* Most events or rows that one dry run looks at, and one slice of it. */
#define LIA_DRY_LOOKED_MAX 1000000
#define LIA_DRY_SLICE_MAX  20000

/* One time that it would have been set off. */
typedef struct lia_dry_example {
    lia_time time;
    lia_id record, customer;
    lia_position event; /* seq 0: the clock */
} lia_dry_example;

typedef struct lia_dry {
    /* the question */
    lia_definition rule;
    lia_time now, since;
    /* how far it is */
    uint64_t arrival; /* the next event to look at, downwards; 0: all were */
    uint64_t stale;   /* events in a row that are older than `since` */
    lia_key after;    /* row looked at last */
    struct lia_dry_map *map;
    lia_arena arena, scratch;
    lia_beyond beyond;
    /* the answer */
    uint64_t looked, runs;
    uint64_t days[LIA_DRY_DAYS_MAX];                /* runs per day, today first */
    lia_dry_example examples[LIA_DRY_EXAMPLES_MAX]; /* the newest */
    size_t example_count;
    bool as_of_now;      /* something was looked at as it is now and not as it was */
    const char *stopped; /* why it did not get to the end; NULL: it did */
} lia_dry;

/* Begins. `rule` is a message of the kind, enabled or not. `newest` is the last visible arrival.
 *   LIA_EINVAL  the rule cannot be read; `why` says what is wrong      LIA_EFULL */
LIA_MUST_USE lia_err lia_dry_open(lia_dry **out, lia_span rule, uint64_t newest, lia_time now,
                                  unsigned days, lia_why *why);
/* Looks at some more. *more: it has not come to its end.
 *   LIA_EIO  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_dry_slice(lia_dry *dry, const lia_rows *rows, bool *more);
/* NULL is fine. */
void lia_dry_close(lia_dry *dry);

#endif
