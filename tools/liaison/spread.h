/* SPDX-License-Identifier: Apache-2.0 */
/* spread - how durations are spread, in a fixed memory: counted in buckets that are a 32nd of their
 * power of two wide, so a quantile is right to three per cent, from a microsecond to an hour. */
#ifndef LIA_LIAISON_SPREAD_H
#define LIA_LIAISON_SPREAD_H

#include <stddef.h>
#include <stdint.h>

#define LIA_SPREAD_BUCKETS (28 * 32)

typedef struct lia_spread {
    uint64_t counts[LIA_SPREAD_BUCKETS];
    uint64_t count, max_us;
    double sum_us;
} lia_spread;

void lia_spread_add(lia_spread *spread, uint64_t us);
void lia_spread_join(lia_spread *spread, const lia_spread *more);
/* The upper bound of the bucket in which `share` (0 to 1) of all lie at most; the largest one for
 * 1; 0 when nothing was counted. */
uint64_t lia_spread_at(const lia_spread *spread, double share);

#endif
