/* SPDX-License-Identifier: Apache-2.0 */
/* Backups: a node's disk is copied while it runs or rests, and some time later the copy stands in
 * for a dead node's disk. It knows less than the others remember of it, perhaps under a number that
 * it had before, and must not write anything under numbers that it has used. */
#include "tests/sim/sim.h"

static struct {
    bool taken;
    uint64_t incarnation;
    sim_disk disk;
} images[SIM_NODES_MAX];

static void copy(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (node->is_villain) return;
    sim_say(world, "%u is copied", node->number);
    sim_disk_fini(&images[node->index].disk);
    images[node->index].disk = sim_disk_copy(&node->disk);
    images[node->index].incarnation = node->incarnation;
    images[node->index].taken = true;
}

static void put_back(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (node->alive || !images[node->index].taken || !sim_check_room(world)) return;
    sim_disk old = sim_disk_copy(&images[node->index].disk);
    if (sim_roll(world, 2)) { /* the list of who was erased is a file of its own, and was kept */
        lia_ledger known = old.erased;
        old.erased = node->disk.erased;
        node->disk.erased = known;
    }
    sim_disk_fini(&node->disk);
    node->disk = old;
    node->incarnation = images[node->index].incarnation;
    sim_say(world, "%u is put back to %llu", node->number,
            (unsigned long long)sim_lane_head(sim_disk_lane(&node->disk, sim_node_origin(node))));
    node->disk.doubted = true;
    sim_check_replaced(world, node);
}

static void begin(sim *world)
{
    (void)world;
    memset(images, 0, sizeof images);
}

static void end(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++) sim_disk_fini(&images[i].disk);
}

static const sim_operation operations[] = {{"copy", 1, copy}, {"put back", 2, put_back}};
const sim_part sim_restore = {.name = "restore",
                              .operations = operations,
                              .operation_count = LIA_COUNT(operations),
                              .begin = begin,
                              .end = end};
