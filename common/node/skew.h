/* SPDX-License-Identifier: Apache-2.0 */
/* skew - a node whose wall clock is far from those of most others writes nothing, instead of
 * stamping the future, or a past that everybody has left. Internal to common/node; loop thread
 * only. */
#ifndef LIA_NODE_SKEW_H
#define LIA_NODE_SKEW_H

#include "common/node/writer.h"

/* As far as hybrid clocks follow one another (common/base/hlc.h). */
#define LIA_SKEW_MS_MAX 60000

typedef struct lia_skew {
    lia_writer *writer;
    int64_t since_ms; /* that it is far; 0: it is not */
    bool held;
} lia_skew;

/* Whether the own clock is the one that is wrong: more than half of the connected peers are more
 * than LIA_SKEW_MS_MAX away. Of two clocks it is the one that is ahead. *apart_ms is how far the
 * nearest of those is, as theirs minus ours. */
bool lia_skew_is_far(const lia_sync_peer_status *peers, size_t count, int64_t *apart_ms);

/* Looks, with each tick. `at_once`: does not wait whether it lasts, since the node has just started
 * and takes no commands yet. */
void lia_skew_look(lia_skew *skew, const lia_sync *sync, int64_t now_ms, bool at_once);

#endif
