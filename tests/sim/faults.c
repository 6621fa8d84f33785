/* SPDX-License-Identifier: Apache-2.0 */
/* What the world does to machines, their disks and cables, and its end. */
#include "tests/sim/sim.h"

static void crash_or_start(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (node->alive)
        sim_node_crash(world, node);
    else
        sim_node_start(world, node);
}

/* The disk of a dead node goes back to an earlier state of its own lane. */
static void roll_back(sim *world)
{
    sim_node *node = sim_any_node(world);
    sim_lane *own = sim_disk_lane(&node->disk, sim_node_origin(node));
    if (node->alive || node->is_villain || !sim_check_room(world)) return;
    sim_say(world, "%u is rolled back from %llu", node->number,
            (unsigned long long)sim_lane_head(own));
    for (uint64_t drop = sim_roll(world, 4); drop && own->count; drop--) sim_lane_drop_last(own);
    sim_views_remake(node);
    node->disk.doubted = true;
    sim_check_replaced(world, node);
}

/* A dead node's disk is lost: it comes back empty, as a new incarnation. */
static void wipe(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (node->alive || !sim_check_room(world)) return;
    sim_say(world, "%u loses its disk", node->number);
    sim_disk_fini(&node->disk);
    node->incarnation = sim_dice(world);
    sim_check_replaced(world, node);
}

static void toggle_disk(sim *world)
{
    sim_node *node = sim_any_node(world);
    node->disk.full = !node->disk.full && sim_roll(world, 2);
    node->commit_ms = 1 + (int64_t)sim_roll(world, sim_roll(world, 5) ? 20 : 4000);
}

static void cut_one(sim *world)
{
    unsigned a = sim_any_node(world)->index, b = sim_any_node(world)->index;
    sim_say(world, "cut %u>%u", a + 1, b + 1);
    sim_network_cut(world, a, b, sim_roll(world, 2), sim_roll(world, 2));
    if (sim_roll(world, 2)) return;
    sim_link *link = &world->network.links[a][b]; /* only one way */
    link->down = false;
    if (sim_roll(world, 2))
        link->to_server.blocked = false;
    else
        link->to_client.blocked = false;
}

static void partition(sim *world)
{
    uint64_t side = sim_dice(world);
    bool told = sim_roll(world, 2);
    sim_say(world, "partition %llx", (unsigned long long)(side & 0x7f));
    for (unsigned a = 0; a < world->node_count; a++)
        for (unsigned b = 0; b < world->node_count; b++)
            if ((side >> a & 1) != (side >> b & 1)) sim_network_cut(world, a, b, true, told);
}

static void slow_link(sim *world)
{
    sim_link *link = &world->network.links[sim_any_node(world)->index][sim_any_node(world)->index];
    link->to_client.bytes_per_ms = 20 + (int64_t)sim_roll(world, 500);
    link->to_client.delay_ms = 1 + (int64_t)sim_roll(world, 1500);
}

static void heal(sim *world)
{
    sim_say(world, "heal");
    sim_network_heal(world);
}

static void end(sim *world)
{
    sim_network_heal(world);
    world->network.lose_permille = world->network.double_permille = 0;
    world->network.reset_permille = 0;
    world->network.queue_bytes_max = 0;
    for (unsigned i = 0; i < world->node_count; i++) {
        world->nodes[i].disk.full = false;
        world->nodes[i].commit_ms = 10;
    }
}

static const sim_operation operations[] = {{"crash or start", 3, crash_or_start},
                                           {"cut", 2, cut_one},
                                           {"partition", 1, partition},
                                           {"heal", 2, heal},
                                           {"disk", 1, toggle_disk},
                                           {"slow link", 1, slow_link},
                                           {"roll back", 1, roll_back},
                                           {"lose the disk", 1, wipe}};
const sim_part sim_faults = {.name = "faults",
                             .always = true,
                             .operations = operations,
                             .operation_count = LIA_COUNT(operations),
                             .faults_end = end};
