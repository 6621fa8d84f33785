/* SPDX-License-Identifier: Apache-2.0 */
/* copies - what stands beside the node's own store and is made from it: a search index. The node
 * tells it what no event of the log would tell, and waits for it before it says that somebody's
 * bytes are gone. */
#ifndef LIA_NODE_COPIES_H
#define LIA_NODE_COPIES_H

#include "common/base/id.h"

/* All called on the writer's thread; none may block. A zeroed one is none. */
typedef struct lia_copies {
    /* These customers were erased, and readers see it: no file may hold a byte of what was said
     * about them. Told again after a crash.   LIA_EFULL  it has no room for that now */
    lia_err (*forget)(void *state, const lia_id *customers, size_t count);
    /* Whether all that it was told to forget is gone. */
    bool (*forgotten)(void *state);
    /* Rows were put right that no new event speaks of. */
    void (*repaired)(void *state);
    void *state;
} lia_copies;

#endif
