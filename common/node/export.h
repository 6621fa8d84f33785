/* SPDX-License-Identifier: Apache-2.0 */
/* export - what the events said that have left this node's log, in parts, for nodes that come too late
 * for them: kept events, customers' erasures first, then rows of base. Each part is read from one
 * commit and nothing is held between two. Internal to common/node.
 *
 *     cursor   'x' origin(10) seq(8)    erasures behind this kept event
 *              'e' origin(10) seq(8)    other kept events behind it
 *              'b' key                  rows of base behind it
 *              'b' key 00 n(4)          this row from its n-th register on: it is a large one */
#ifndef LIA_NODE_EXPORT_H
#define LIA_NODE_EXPORT_H

#include "common/node/base.h"
#include "common/sync/sync.h"

/* The part behind the cursor `after`; borrows from the reader's commit and the arena.
 *   LIA_EINVAL  no cursor     LIA_EFULL  the arena     others as of the log */
LIA_MUST_USE lia_err lia_export(lia_log_reader *reader, lia_span after, lia_arena *arena,
                                lia_snap_chunk *out);

#endif
