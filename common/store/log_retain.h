/* SPDX-License-Identifier: Apache-2.0 */
/* log_retain - the oldest blocks of a lane leave the log, and what they leave behind.
 *
 *     lane     ........ [ block ][ block ] ... head        blocks are there from some seq on
 *              base                                        what dropped events said, merged: rows
 *                                                          of the caller's, under the caller's keys
 *              kept                                        whole events that stand outside of blocks
 *
 * base, kept and the remaining blocks together say what all blocks said. They change in the batch
 * that drops, so a crash sees all of it or nothing. Freed pages are used again; the file does not
 * shrink. Old bytes stay in free pages until a scrub. */
#ifndef LIA_STORE_LOG_RETAIN_H
#define LIA_STORE_LOG_RETAIN_H

#include "common/store/log.h"

/* ---- lanes ---------------------------------------------------------------------------------- */

/* Where the lane's blocks begin: the first seq and the chain hash before it. For a lane without
 * blocks that is what follows its head. LIA_EABSENT: no such lane. */
LIA_MUST_USE lia_err lia_log_first(lia_log_reader *reader, lia_lane lane, uint64_t *seq,
                                   lia_hash *before);

/* The lane's first block. LIA_EABSENT when it has none. */
LIA_MUST_USE lia_err lia_log_first_block(lia_log_reader *reader, lia_lane lane, lia_block *out);

/* What the origin has signed of the event before the lane's first one: the signature of its hash, as
 * lia_log_drop or lia_log_skip left it. LIA_EABSENT: nothing was dropped. */
LIA_MUST_USE lia_err lia_log_edge(lia_log_reader *reader, lia_lane lane, lia_signature *out);

/* Takes the lane's first block out of the log: its row, and those of its events for which
 * `keep[i]` is false. Kept ones are read at their arrival number as before. What was borrowed from
 * the batch reader is gone.
 *   LIA_EABSENT  the lane has no block     LIA_EFULL, LIA_EIO  as lia_log_append */
LIA_MUST_USE lia_err lia_log_drop(lia_log *log, lia_lane lane, const bool *keep);

/* The lane goes on behind `seq`, whose chain hash is `hash`, signed by the origin, without having what
 * is before it. Takes an arrival number, so that whoever reads in that order comes past the gap.
 *   LIA_ECONFLICT  it has blocks, or stands there or further */
LIA_MUST_USE lia_err lia_log_skip(lia_log *log, lia_lane lane, uint64_t seq, const lia_hash *hash,
                                  const lia_signature *signature);

/* The last arrival number at which an event is missing: it was dropped, or a lane was moved ahead
 * there. Events behind it are all held; 0: none is missing. */
LIA_MUST_USE lia_err lia_log_gap(lia_log_reader *reader, uint64_t *arrival);

/* ---- kept events ---------------------------------------------------------------------------- */

typedef struct lia_kept {
    lia_origin origin;
    uint64_t seq;
    uint64_t arrival;
} lia_kept;

/* Appends an event that is part of no block here. *arrival is where it stands.
 *   LIA_ECONFLICT  it is kept already: nothing was changed */
LIA_MUST_USE lia_err lia_log_keep(lia_log *log, lia_origin origin, uint64_t seq, lia_span event,
                                  uint64_t *arrival);

/* Where a kept event stands. LIA_EABSENT: it is not kept. */
LIA_MUST_USE lia_err lia_log_kept(lia_log_reader *reader, lia_origin origin, uint64_t seq,
                                  uint64_t *arrival);

/* The arrival number of a lane's event, in its block or kept. LIA_EABSENT: it is not here, or not any
 * more. */
LIA_MUST_USE lia_err lia_log_arrival(lia_log_reader *reader, lia_origin origin, uint64_t seq,
                                     uint64_t *arrival);

/* How much of a lane is among the first `arrival` arrivals: the seq of the last such event in a block, the
 * one before its first block when there is none. LIA_EABSENT: no such lane. */
LIA_MUST_USE lia_err lia_log_lane_at(lia_log_reader *reader, lia_lane lane, uint64_t arrival,
                                     uint64_t *seq);

/* The first kept event behind `at` (origin, seq) in the order of (node, incarnation, seq); zeroes:
 * the very first. LIA_EABSENT: there is none. */
LIA_MUST_USE lia_err lia_log_kept_next(lia_log_reader *reader, lia_kept *at);

/* The first event at `from` or behind it; *event borrows as lia_log_event. LIA_EABSENT: none. */
LIA_MUST_USE lia_err lia_log_event_from(lia_log_reader *reader, uint64_t from, uint64_t *arrival,
                                        lia_span *event);

/* ---- base ----------------------------------------------------------------------------------- */

#define LIA_BASE_KEY_MAX 64

/* Sets a row, or takes it away (an absent one is fine). Keys have 1 to LIA_BASE_KEY_MAX bytes. */
LIA_MUST_USE lia_err lia_log_base_put(lia_log *log, lia_span key, lia_span value);
LIA_MUST_USE lia_err lia_log_base_del(lia_log *log, lia_span key);

/* *value borrows as lia_log_event, and in a batch until the next change. LIA_EABSENT: none. */
LIA_MUST_USE lia_err lia_log_base(lia_log_reader *reader, lia_span key, lia_span *value);

/* The first row whose key is above `after` (empty: the first of all). LIA_EABSENT: none. */
LIA_MUST_USE lia_err lia_log_base_next(lia_log_reader *reader, lia_span after, lia_span *key,
                                       lia_span *value);

/* Rows of base, and kept events; 0 for a reader that rests. */
void lia_log_left(lia_log_reader *reader, size_t *base, size_t *kept);

#endif
