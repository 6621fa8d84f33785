/* SPDX-License-Identifier: Apache-2.0 */
/* dice - numbers that depend on a seed, a purpose and a count only, so that record 7 is the same
 * whatever was made before it. SplitMix64 (Steele et al. 2014). Header only. */
#ifndef LIA_SAMPLE_DICE_H
#define LIA_SAMPLE_DICE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct lia_cast {
    uint64_t state;
} lia_cast;

static inline uint64_t lia_cast_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline lia_cast lia_cast_make(uint64_t seed, uint64_t purpose, uint64_t number)
{
    uint64_t state = lia_cast_mix(seed + 0x9e3779b97f4a7c15u);
    state = lia_cast_mix(state ^ purpose * 0xd6e8feb86659fd93u);
    return (lia_cast){lia_cast_mix(state ^ number * 0xa0761d6478bd642fu)};
}

static inline uint64_t lia_cast_next(lia_cast *cast)
{
    return lia_cast_mix(cast->state += 0x9e3779b97f4a7c15u);
}

/* 0 <= result < bound */
static inline uint64_t lia_cast_below(lia_cast *cast, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)lia_cast_next(cast) * bound) >> 64);
}

/* True `percent` times in a hundred. */
static inline bool lia_cast_is(lia_cast *cast, unsigned percent)
{
    return lia_cast_below(cast, 100) < percent;
}

#endif
