/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from test.c, for programs with a main() of their own. */
#include "tests/support/test.h"

uint64_t lia_dice_next(lia_dice *dice)
{
    uint64_t z = (dice->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t lia_dice_below(lia_dice *dice, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)lia_dice_next(dice) * bound) >> 64);
}
