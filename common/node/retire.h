/* SPDX-License-Identifier: Apache-2.0 */
/* retire - blocks that are older than the rule and held by all members leave the log. Plain changes of
 * records are merged into base, events with a meaning of their own stay (base.h). Internal to
 * common/node; writer thread only.
 *
 * A block goes when its last event is older than `keep_ms`, every member of the current list has it
 * on disk, reactors have seen it, the views on disk contain it, it is whole, and it is not the last of
 * its lane.
 * A member that is away therefore holds its lanes back; the status says who. */
#ifndef LIA_NODE_RETIRE_H
#define LIA_NODE_RETIRE_H

#include "common/node/batch.h"

typedef struct lia_retire lia_retire;

LIA_MUST_USE lia_err lia_retire_open(lia_retire **out, lia_batch *batch, lia_log_reader *reader,
                                     int64_t keep_ms);
void lia_retire_close(lia_retire *retire);

/* Drops one block, which must be its lane's first, in the batch under way; *kept grows by the events
 * that stay. */
LIA_MUST_USE lia_err lia_retire_block(lia_batch *batch, const lia_block *block, uint64_t *kept);

/* In how many milliseconds a step is due; negative: never. */
int64_t lia_retire_wait_ms(const lia_retire *retire);

/* Drops about a thousand events in a batch of its own, if there are any to drop; `held` is what
 * members hold; lanes that are not listed stay. *done tells whether a batch was
 * committed. An error means that the log takes no more batches. */
LIA_MUST_USE lia_err lia_retire_step(lia_retire *retire, const lia_lane_held *held, size_t count,
                                     lia_time now, bool *done);

void lia_retire_get_status(const lia_retire *retire, lia_retention *out);

#endif
