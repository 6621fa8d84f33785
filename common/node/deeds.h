/* SPDX-License-Identifier: Apache-2.0 */
/* deeds - what each actor wrote, newest first: "what did this person change last week?" without a
 * walk through the log.
 *
 *     'a' 00 actor(4) ~hlc(8) ~node(2) ~incarnation(8) ~seq(8)                         ->
 * arrival(8) 'a' 01 node(2) incarnation(8) seq(8) ~hlc(8) ~node(2) ~incarnation(8) ~seq(8)    ->
 * arrival(8)
 *
 * One row for each event in the log that bears an actor's number. The second form is of those that
 * belong to a bulk run (an import, a batch): they stand with the event that began it, so a run of
 * 100,000 rows is one among its actor's deeds. Both follow from the header alone, so an event that
 * was erased keeps its row, which leads to nothing, and loses it when its header leaves the log.
 *
 * What a row costs is in the README. Order and rows are the same on every node that holds the same
 * events. */
#ifndef LIA_NODE_DEEDS_H
#define LIA_NODE_DEEDS_H

#include "common/node/changes.h"

/* Whether the event belongs to a bulk run that another one began, `header->cause`. What automation
 * does has a cause, too, and stands deeper. */
static inline bool lia_deed_is_of_run(const lia_header *header)
{
    return header->cause.seq && !header->depth;
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* The event arrived. Doing it again changes nothing. */
LIA_MUST_USE lia_err lia_deeds_add(lia_views *views, const lia_header *header, uint64_t arrival);
/* It leaves the log. */
LIA_MUST_USE lia_err lia_deeds_forget(lia_views *views, const lia_header *header);

/* ---- walking --------------------------------------------------------------------------------- */

/* So many actors are walked together; a node of more wants one to be named. */
#define LIA_DEEDS_ACTORS_MAX 4096

typedef struct lia_deed {
    uint8_t place[LIA_CHANGE_PLACE_SIZE]; /* in the walk */
    uint64_t arrival;
    lia_span bytes; /* the event, maybe erased; borrows the log */
} lia_deed;

typedef struct lia_deeds_ask {
    uint32_t actor;   /* 0: of everybody */
    lia_position run; /* seq not 0: of that bulk run instead, without the event that began it */
    lia_time since, until; /* ms 0: no bound. Those at `until` are out */
    lia_span after;        /* behind that place; empty: from the newest */
} lia_deeds_ask;

typedef struct lia_deeds_head lia_deeds_head;

typedef struct lia_deeds {
    const lia_rows *rows;
    lia_scan *scan;
    lia_hlc first; /* older ones are out */
    lia_position run;
    bool of_one;           /* actor or run: the scan stands behind its head */
    lia_deeds_head *heads; /* a heap: the newest one first; in the arena */
    size_t count;
} lia_deeds;

/* Reading all costs a look for each actor, and each deed one more.
 *   LIA_EREFUSED  there are more actors than LIA_DEEDS_ACTORS_MAX   LIA_EINVAL  `after` is no place
 *   LIA_EFULL     the arena */
LIA_MUST_USE lia_err lia_deeds_open(lia_deeds *walk, const lia_rows *rows, const lia_deeds_ask *ask,
                                    lia_arena *arena);
void lia_deeds_close(lia_deeds *walk); /* also after a failed opening */
/* The next older one. LIA_EABSENT: that was all. */
LIA_MUST_USE lia_err lia_deeds_next(lia_deeds *walk, lia_deed *out);

/* Whether the event at that position began a bulk run. */
LIA_MUST_USE lia_err lia_deeds_any_of_run(const lia_rows *rows, lia_position run, bool *any);
/* How many events belong to it beside that one, `max` at most. Those that were erased count. */
LIA_MUST_USE lia_err lia_deeds_count_run(const lia_rows *rows, lia_position run, size_t max,
                                         size_t *count);

#endif
