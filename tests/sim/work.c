/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/sim.h"

static void append(sim *world)
{
    sim_node_append(world, sim_any_node(world),
                    1 + (unsigned)sim_roll(world, sim_roll(world, 10) ? 10 : 300));
}

static const sim_operation operations[] = {{"append", 24, append}};
const sim_part sim_work = {
    .name = "work", .always = true, .operations = operations, .operation_count = 1};
