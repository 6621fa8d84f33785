/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/sim.h"

/* SplitMix64 (Steele et al. 2014). */
uint64_t sim_dice(sim *world)
{
    uint64_t mixed = world->dice += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

uint64_t sim_roll(sim *world, uint64_t bound)
{
    return bound ? sim_dice(world) % bound : 0;
}
