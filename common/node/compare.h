/* SPDX-License-Identifier: Apache-2.0 */
/* compare - what the loop and the writer have to say to one another when states are compared with
 * peers: wishes of sync one way, answers the other. The cut itself is cut.h's. Internal to
 * common/node. */
#ifndef LIA_NODE_COMPARE_H
#define LIA_NODE_COMPARE_H

#include "common/node/audit.h"

typedef struct lia_compare lia_compare;

LIA_MUST_USE lia_err lia_compare_open(lia_compare **out);
void lia_compare_close(lia_compare *compare); /* NULL is fine */

/* ---- the loop's thread ----------------------------------------------------------------------- */

/* As lia_sync_ops has them; the latest wish counts. */
void lia_compare_begin(lia_compare *compare, uint64_t number);
void lia_compare_goal(lia_compare *compare, uint64_t number, const lia_sync_mark *marks,
                      size_t count);
void lia_compare_end(lia_compare *compare, uint64_t number);
/* These buckets are others at a peer. */
void lia_compare_differs(lia_compare *compare, const uint16_t *buckets, size_t count);
/* Hands an answer of the writer to sync, if there is one. */
void lia_compare_tell(lia_compare *compare, lia_sync *sync);

/* ---- the writer's thread --------------------------------------------------------------------- */

/* Does what is wished, between batches; `lanes` are all heads as they are now. True when there is
 * an answer for the loop. `reader` rests before and after. */
bool lia_compare_step(lia_compare *compare, lia_batch *batch, lia_log_reader *reader,
                      const lia_lane_info *lanes, size_t lane_count, lia_audit *audit);

#endif
