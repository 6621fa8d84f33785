/* SPDX-License-Identifier: Apache-2.0 */
/* recount - looks again and again whether the rows of the views are those that the state digests
 * were summed from: a byte that changed on the disk, or a row that was written wrongly, shows in
 * its bucket. It goes through the rows in steps, between batches; a change of a row that it has
 * passed is carried over, so it needs no standing snapshot and its end is exact. Internal to
 * common/node; writer thread only. */
#ifndef LIA_NODE_RECOUNT_H
#define LIA_NODE_RECOUNT_H

#include "common/node/rows.h"

typedef struct lia_recount {
    uint64_t sum[LIA_DIGEST_BUCKETS][2];
    lia_key position; /* rows below it are counted */
    bool running;
    uint64_t spent_ns; /* in the steps of this round */
} lia_recount;

/* A row of state is about to be another one. */
void lia_recount_change(lia_recount *recount, uint32_t kind, lia_id id, lia_span before,
                        lia_span after);

/* Begins a round. */
void lia_recount_begin(lia_recount *recount);
/* Counts at most `max` rows more; *done when those were the last. */
LIA_MUST_USE lia_err lia_recount_step(lia_recount *recount, const lia_rows *rows, size_t max,
                                      bool *done);
/* How many buckets differ from what was summed; `wrong` gets them too. Ends the round. */
size_t lia_recount_end(lia_recount *recount, const lia_digests *digests, lia_buckets *wrong);

#endif
