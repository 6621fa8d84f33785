/* SPDX-License-Identifier: Apache-2.0 */
/* state - what rows hold, byte by byte. Internal to common/node: rows.c reads, apply.c writes. (The tool
 * reads the version.) */
#ifndef LIA_NODE_STATE_H
#define LIA_NODE_STATE_H

#include <stdlib.h>

#include "common/node/rows.h"

/* Raised when the layout of rows or the way events are folded changes: views are rebuilt, and
 * digests are compared only with nodes of the same version. */
#define LIA_VIEWS_VERSION 12

/* A state row is the record's canonical bytes (which begin with 1), or a pointer to the op of one
 * event: 2, arrival(8), op(2), stamp: hlc(8) node(2) incarnation(8) seq(8). */
enum { LIA_STATE_POINTER = 2, LIA_STATE_POINTER_SIZE = 37 };
void lia_state_put_pointer(uint8_t out[LIA_STATE_POINTER_SIZE], uint64_t arrival, size_t op,
                           const lia_stamp *stamp);
bool lia_state_is_pointer(lia_span row);
uint64_t lia_state_arrival(lia_span row);
lia_stamp lia_state_stamp(lia_span row);

/* Of an erased customer or a blanked interaction only this is left, the same on every node: 3. */
enum { LIA_STATE_ERASED = 3, LIA_STATE_ERASED_SIZE = 1 };

/* The registers of a state row. LIA_EGONE: it was erased. */
LIA_MUST_USE lia_err lia_state_record(const lia_rows *rows, lia_span row, lia_arena *arena,
                                      lia_record *out);

/* A timeline row: arrival(8) flags(1). */
enum { LIA_TIMELINE_VALUE_SIZE = 9, LIA_TIMELINE_CHANGED = 1 };

/* A place row (of a changed in-log record): arrival(8), then the key of its timeline row or nothing
 * when it has none at the moment (archived). */
enum { LIA_NOTE_SIZE = 52 };
void lia_note_put(uint8_t out[LIA_NOTE_SIZE], const lia_command_note *note);

/* A record's share of its bucket, and keeping buckets in step with a change of a row (either may be
 * empty: there was or is none). */
void lia_digest_state(uint32_t kind, lia_id id, lia_span row, uint64_t out[2]);
/* Takes `before` (empty: there was no row) out of a sum and puts `after` in. */
void lia_digest_change(uint64_t sum[2], uint32_t kind, lia_id id, lia_span before, lia_span after);
void lia_digests_change(lia_digests *digests, uint32_t kind, lia_id id, lia_span before,
                        lia_span after);
/* Buckets changed since the last save become rows; loading reads them all. */
LIA_MUST_USE lia_err lia_digests_save(lia_digests *digests, lia_views *views);
LIA_MUST_USE lia_err lia_digests_load(lia_digests *digests, lia_views *views);

#endif
