/* SPDX-License-Identifier: Apache-2.0 */
/* base - what events said that are no longer in the log: plain changes are merged into one row per
 * record and customer that they spoke of; events with a meaning of their own stay whole, "kept".
 * Views are made from base, kept events and the log's blocks. Internal to common/node.
 *
 *     base   kind(2) id(16) customer(16)  -> a record's encoded registers */
#ifndef LIA_NODE_BASE_H
#define LIA_NODE_BASE_H

#include "common/node/apply.h"
#include "common/store/log_retain.h"

#define LIA_BASE_KEY_SIZE 34

void lia_base_key(uint8_t out[LIA_BASE_KEY_SIZE], uint32_t kind, lia_id id, lia_id about);
/* False when it is no such key. */
bool lia_base_key_read(lia_span key, uint32_t *kind, lia_id *id, lia_id *about);

/* The rows about one record, whichever customers they spoke of: the first one behind `key`, which is
 * moved to it; *size 0: the first of all. LIA_EABSENT: there are no more. */
LIA_MUST_USE lia_err lia_base_of(lia_log_reader *log, uint32_t kind, lia_id id,
                                 uint8_t key[LIA_BASE_KEY_SIZE], size_t *size, lia_span *row);

/* Whether the event stays whole when its block goes: timelines, folds and rows of interactions need
 * it. Else its ops say all, and base takes them. */
bool lia_base_keeps(const lia_event *event);

/* Merges the event's ops into base, in the batch under way. Errors as lia_log_append, or
 * LIA_ECORRUPT. */
LIA_MUST_USE lia_err lia_base_add(lia_log *log, const lia_event *event, lia_arena *arena);
/* The same for one row of another node's base. */
LIA_MUST_USE lia_err lia_base_join(lia_log *log, lia_span key, lia_span row, lia_arena *arena);

/* Applies all rows of base to the views. `publish` is called after each thousand. The arena is reset
 * between rows. */
LIA_MUST_USE lia_err lia_base_apply(lia_applier *applier, lia_log_reader *reader,
                                    lia_err (*publish)(void *context), void *context);

/* Whether the event at `arrival` is the copy, in a block, of one that was kept before: then it has been
 * applied already, from there. */
bool lia_base_has(lia_log_reader *reader, const lia_header *header, uint64_t arrival);

/* Whether what was said about a customer of a record has to go. */
typedef bool (*lia_base_erased)(void *context, uint32_t kind, lia_id id, lia_id about);

/* Takes away, in the batch under way, at most `max` rows of which `is_erased` holds, looking at rows
 * behind *after; *more: there are further ones to be looked at. */
LIA_MUST_USE lia_err lia_base_erase(lia_log *log, lia_span *after, size_t max,
                                    lia_base_erased is_erased, void *context, lia_arena *arena, bool *more);

/* Whether the events of a block of `origin`'s lane chain to its hash: before they judge or leave. */
bool lia_block_is_whole(lia_log_reader *log, const lia_block *block, lia_origin origin);

#endif
