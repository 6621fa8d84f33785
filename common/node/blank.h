/* SPDX-License-Identifier: Apache-2.0 */
/* blank - interactions that a retention rule has taken away, and passes that expired long ago
 * (common/access/sweep.h). A retention.blanked event names their ids; from then on each is, in the views of every node, one row that says nothing more and absorbs
 * whatever comes (as an erased customer's). So the state is the same whether the interaction, its
 * changes or the announcement came first, and whether bodies are overwritten by then or not.
 * Internal to common/node; README.md tells why nodes agree. The bytes on the disk are eraser.h's.
 */
#ifndef LIA_NODE_BLANK_H
#define LIA_NODE_BLANK_H

#include "common/node/apply.h"

/* Readies an applier whose rows are open. */
LIA_MUST_USE lia_err lia_blank_load(lia_applier *applier);

/* Whether the record was blanked here. */
bool lia_blank_is(const lia_applier *applier, uint32_t kind, lia_id id);

/* Whether events of this fact can speak of nothing but such records. */
bool lia_blank_may_cover(uint32_t fact);

/* Whether the event speaks of blanked records and of nothing else: then it is as if it never was,
 * and its body is to be overwritten. */
bool lia_blank_covers(const lia_applier *applier, const lia_event *event);

/* The same of an event's bytes; those that cannot be read are not. The arena is scratch. */
bool lia_blank_covers_bytes(const lia_applier *applier, lia_span bytes, lia_arena *arena);

/* Notes that a body came, at `arrival`, which has to go. */
LIA_MUST_USE lia_err lia_blank_note(lia_applier *applier, uint64_t arrival);

/* Applies an announcement that arrived as `arrival`: takes the records, their timeline rows and
 * what departments folded of them out of the views, and notes that their bytes have to go. Ids of
 * other kinds are passed over. Errors as lia_apply_event. */
LIA_MUST_USE lia_err lia_blank_records(lia_applier *applier, lia_span fact, uint64_t arrival);

/* The ids that an announcement names, one after the other. False behind the last. */
typedef struct lia_blank_ids {
    uint32_t kind;
    lia_pb_reader reader;
} lia_blank_ids;
lia_blank_ids lia_blank_ids_of(lia_span fact);
bool lia_blank_next(lia_blank_ids *ids, lia_id *id);

#endif
