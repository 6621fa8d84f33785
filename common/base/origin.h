/* SPDX-License-Identifier: Apache-2.0 */
/* origin - who writes a log: a node and the incarnation of its store. */
#ifndef LIA_BASE_ORIGIN_H
#define LIA_BASE_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct lia_origin {
    uint16_t node;        /* number in the member list */
    uint64_t incarnation; /* random, new whenever a store is created or restored */
} lia_origin;

static inline bool lia_origin_equal(lia_origin a, lia_origin b)
{
    return a.node == b.node && a.incarnation == b.incarnation;
}

#endif
