/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/spread.h"

/* 0 .. 31 have a bucket each; from there on 32 buckets a power of two. */
static size_t bucket_of(uint64_t us)
{
    if (us < 32) return (size_t)us;
    unsigned power = 63u - (unsigned)__builtin_clzll(us); /* 5 and more */
    size_t bucket = (size_t)(power - 4) * 32 + (size_t)((us >> (power - 5)) - 32);
    return bucket < LIA_SPREAD_BUCKETS ? bucket : LIA_SPREAD_BUCKETS - 1;
}

static uint64_t bound_of(size_t bucket)
{
    if (bucket < 32) return bucket;
    unsigned power = (unsigned)(bucket / 32) + 4;
    uint64_t width = UINT64_C(1) << (power - 5);
    return (UINT64_C(1) << power) + (bucket % 32 + 1) * width - 1;
}

void lia_spread_add(lia_spread *spread, uint64_t us)
{
    spread->counts[bucket_of(us)]++;
    spread->count++;
    spread->sum_us += (double)us;
    if (us > spread->max_us) spread->max_us = us;
}

void lia_spread_join(lia_spread *spread, const lia_spread *more)
{
    for (size_t i = 0; i < LIA_SPREAD_BUCKETS; i++) spread->counts[i] += more->counts[i];
    spread->count += more->count;
    spread->sum_us += more->sum_us;
    if (more->max_us > spread->max_us) spread->max_us = more->max_us;
}

uint64_t lia_spread_at(const lia_spread *spread, double share)
{
    double seen = 0;
    if (share >= 1) return spread->max_us;
    for (size_t i = 0; i < LIA_SPREAD_BUCKETS; i++) {
        seen += (double)spread->counts[i];
        if (!spread->counts[i] || seen < share * (double)spread->count) continue;
        return bound_of(i) < spread->max_us ? bound_of(i) : spread->max_us;
    }
    return spread->max_us;
}
