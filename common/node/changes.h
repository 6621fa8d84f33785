/* SPDX-License-Identifier: Apache-2.0 */
/* changes - every event that wrote a record, newest first, and what the record was at a moment.
 *
 *     'r' kind(2) id(16) 08 ~hlc(8) ~node(2) ~incarnation(8) ~seq(8)  -> arrival(8)
 *
 * A row for each event that is in the log; the one that made a record of an in-log kind has none,
 * since the record's own rows name it. The order is that of stamps, so it is the same on every node
 * that holds the same events. Rows leave with the event: when its block is dropped, its customer
 * erased, its record blanked.
 *
 * Walking back from write to write (each names the one it replaced) would need no rows, but a write
 * that another one has replaced without having been seen by anybody is named by none. */
#ifndef LIA_NODE_CHANGES_H
#define LIA_NODE_CHANGES_H

#include "common/node/drop.h"

#define LIA_CHANGE_PLACE_SIZE 26
/* The bytes of a stamp that sort newest first. */
void lia_change_place(uint8_t out[LIA_CHANGE_PLACE_SIZE], const lia_stamp *stamp);

/* ---- keeping --------------------------------------------------------------------------------- */

/* An op of the event at `arrival` has been applied. */
LIA_MUST_USE lia_err lia_changes_add(lia_applier *applier, const lia_event *event,
                                     const lia_op *op, uint64_t arrival);
/* The event leaves the log. */
LIA_MUST_USE lia_err lia_changes_forget(lia_views *views, const lia_event *event);
/* The customer of some of the events is being erased. */
LIA_MUST_USE lia_err lia_changes_drop(lia_drop *work, uint32_t kind, lia_id id, lia_id customer);

/* ---- walking --------------------------------------------------------------------------------- */

typedef struct lia_change {
    uint8_t place[LIA_CHANGE_PLACE_SIZE]; /* in the walk */
    uint64_t arrival;
    lia_span bytes; /* the event; borrows the log */
} lia_change;

typedef struct lia_changes {
    const lia_rows *rows;
    lia_scan *scan;
    size_t skip; /* of a key: the place is behind */
    bool has_next, has_made;
    lia_change next, made;
} lia_changes;

/* Begins at the newest one, or behind `after` (a place; empty: none). */
LIA_MUST_USE lia_err lia_changes_open(lia_changes *walk, const lia_rows *rows, uint32_t kind,
                                      lia_id id, lia_span after);
void lia_changes_close(lia_changes *walk); /* also after a failed opening */
/* The next older one. LIA_EABSENT: that was all. */
LIA_MUST_USE lia_err lia_changes_next(lia_changes *walk, lia_change *out);

/* The op of the event that is about the record, or NULL. */
const lia_op *lia_change_op(const lia_event *event, uint32_t kind, lia_id id);

/* Whether events that wrote the record have left the log: base holds what they said last. */
LIA_MUST_USE lia_err lia_changes_left(const lia_rows *rows, uint32_t kind, lia_id id, bool *left);

/* ---- the record as of a moment --------------------------------------------------------------- */

/* All that happened up to the end of a millisecond. */
lia_stamp lia_stamp_at(lia_time time);
/* All up to an event. LIA_EABSENT: it is not in the log here. */
LIA_MUST_USE lia_err lia_stamp_of_position(const lia_rows *rows, lia_position position,
                                           lia_arena *arena, lia_stamp *out);

#define LIA_CHANGES_MAX 10000 /* that are joined for one record as of a moment */

typedef struct lia_past {
    lia_record record;
    uint32_t *unknown; /* fields whose value then has left the log, ascending; in the arena */
    size_t unknown_count;
    size_t looked; /* changes that were read, also when it failed */
} lia_past;

/* What all events up to `limit` say of the record, in the order of stamps: on every node that holds
 * them the same, whenever it is asked. The cost is that of the record's own changes. Of what has left
 * the log the last value of each field is known, and since when; before that it is `unknown`. Spans
 * borrow rows and log, arrays the arena; `scratch` is reset.
 *   LIA_EABSENT  there was no such record yet     LIA_EREFUSED  more than LIA_CHANGES_MAX changes
 *   LIA_EFULL   LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_past_read(lia_past *out, const lia_rows *rows, uint32_t kind, lia_id id,
                                   const lia_stamp *limit, lia_arena *arena, lia_arena *scratch);

#endif
