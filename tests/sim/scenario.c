/* SPDX-License-Identifier: Apache-2.0 */
/* A run: some steps of work and faults in any order, then the faults end, some nodes stay dead,
 * and the others must agree within a bounded time. */
#include "tests/sim/sim.h"

/* The longest back-offs after a storm of faults, without a single block applied anywhere. */
#define AGREE_MS INT64_C(60000)
#define CALM_MS  8000

sim_node *sim_find(sim *world, uint16_t number)
{
    return &world->nodes[number - 1];
}

/* New keys in each process: signatures never reach the trace. */
static struct {
    bool made;
    lia_sign_key sign[SIM_NODES_MAX];
    lia_verify_key verify[SIM_NODES_MAX];
} keys;

const lia_sign_key *sim_key(unsigned index)
{
    return &keys.sign[index];
}

static void make_keys(void)
{
    if (keys.made) return;
    require(lia_crypto_init());
    for (unsigned i = 0; i < SIM_NODES_MAX; i++) lia_sign_keys(&keys.verify[i], &keys.sign[i]);
    keys.made = true;
}

static void make_nodes(sim *world)
{
    world->node_count = 2 + (unsigned)sim_roll(world, SIM_NODES_MAX - 1);
    if (world->node_count > 2 && sim_roll(world, 4) == 0)
        world->villainy = 1 + (sim_villainy)sim_roll(world, SIM_VILLAINIES - 1);
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        *node = (sim_node){.world = world,
                           .index = i,
                           .number = (uint16_t)(i + 1),
                           .incarnation = sim_dice(world),
                           .commit_ms = 1 + (int64_t)sim_roll(world, 20),
                           .is_villain = world->villainy && i + 1 == world->node_count};
        world->members[i] = (lia_sync_member){node->number, keys.verify[i]};
        if (sim_roll(world, 8) == 0) node->skew_ms = (int64_t)sim_roll(world, 4000) - 2000;
    }
}

static void make_world(sim *world)
{
    static const size_t credits[] = {0, 0, 1, 500, 3000, 40000};
    make_keys();
    make_nodes(world);
    memcpy(world->cluster.bytes, "sixteen bytes...", 16);
    world->lane_credit = credits[sim_roll(world, LIA_COUNT(credits))];
    if (world->lane_credit) world->total_credit = world->lane_credit * (1 + sim_roll(world, 4));
    sim_network_init(world);
    if (sim_roll(world, 2)) world->network.lose_permille = (unsigned)sim_roll(world, 30);
    if (sim_roll(world, 2)) world->network.double_permille = (unsigned)sim_roll(world, 30);
    if (sim_roll(world, 2)) world->network.reset_permille = (unsigned)sim_roll(world, 10);
    if (sim_roll(world, 3) == 0) world->network.queue_bytes_max = 20000;
    for (unsigned i = 0; i < world->node_count; i++) sim_node_start(world, &world->nodes[i]);
}

/* ---- one step ------------------------------------------------------------------------------ */

static sim_node *any_node(sim *world)
{
    return &world->nodes[sim_roll(world, world->node_count)];
}

static void append(sim *world)
{
    sim_node_append(world, any_node(world),
                    1 + (unsigned)sim_roll(world, sim_roll(world, 10) ? 10 : 300));
}

static void crash_or_start(sim *world)
{
    sim_node *node = any_node(world);
    if (node->alive)
        sim_node_crash(world, node);
    else
        sim_node_start(world, node);
}

static bool held_elsewhere(sim *world, const sim_node *node, uint64_t head)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *other = &world->nodes[i];
        if (other == node || other->is_villain) continue;
        if (sim_lane_head(sim_disk_lane(&other->disk, sim_node_origin(node))) >= head) return true;
    }
    return false;
}

/* The disk of a dead node goes back to an earlier state of its own lane, of which others hold
 * the rest. */
static void roll_back(sim *world)
{
    sim_node *node = any_node(world);
    sim_lane *own = sim_disk_lane(&node->disk, sim_node_origin(node));
    if (node->alive || node->is_villain || !held_elsewhere(world, node, sim_lane_head(own))) return;
    sim_say(world, "%u is rolled back from %llu", node->number,
            (unsigned long long)sim_lane_head(own));
    for (uint64_t drop = sim_roll(world, 4); drop && own->count; drop--) sim_lane_drop_last(own);
}

/* A dead node's disk is lost: it comes back empty, as a new incarnation. */
static void wipe(sim *world)
{
    sim_node *node = any_node(world);
    if (node->alive || world->checker.truth_count + 2 * SIM_NODES_MAX > SIM_LANES_MAX) return;
    sim_say(world, "%u loses its disk", node->number);
    sim_disk_fini(&node->disk);
    node->lost_ms = world->clock.now_ms;
    node->incarnation = sim_dice(world);
    for (unsigned i = 0; i < world->node_count; i++)
        world->checker.acked[node->index][i] = world->checker.acked[i][node->index] = 0;
}

static void toggle_disk(sim *world)
{
    sim_node *node = any_node(world);
    node->disk.full = !node->disk.full && sim_roll(world, 2);
    node->commit_ms = 1 + (int64_t)sim_roll(world, sim_roll(world, 5) ? 20 : 4000);
}

static void cut_one(sim *world)
{
    unsigned a = any_node(world)->index, b = any_node(world)->index;
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
    sim_link *link = &world->network.links[any_node(world)->index][any_node(world)->index];
    link->to_client.bytes_per_ms = 20 + (int64_t)sim_roll(world, 500);
    link->to_client.delay_ms = 1 + (int64_t)sim_roll(world, 1500);
}

static void heal(sim *world)
{
    sim_say(world, "heal");
    sim_network_heal(world);
}

static void step(sim *world)
{
    static void (*const faults[])(sim *) = {crash_or_start, crash_or_start, crash_or_start, cut_one,
                                            cut_one,        partition,      heal,           heal,
                                            toggle_disk,    slow_link,      roll_back,      wipe};
    if (sim_roll(world, 3))
        append(world);
    else
        faults[sim_roll(world, LIA_COUNT(faults))](world);
    int64_t pause = (int64_t)sim_roll(world, sim_roll(world, 10) ? 300 : 8000);
    sim_clock_run(world, world->clock.now_ms + pause);
}

/* ---- the end ------------------------------------------------------------------------------- */

static void end_faults(sim *world)
{
    unsigned dead = sim_roll(world, 3) ? 0 : (unsigned)sim_roll(world, world->node_count);
    sim_say(world, "faults end, %u dead", dead);
    sim_network_heal(world);
    world->network.lose_permille = world->network.double_permille = 0;
    world->network.reset_permille = 0;
    world->network.queue_bytes_max = 0;
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        node->disk.full = false;
        node->commit_ms = 10;
        if (i && i <= dead)
            sim_node_crash(world, node);
        else if (!node->alive)
            sim_node_start(world, node);
    }
}

static void agree(sim *world)
{
    world->checker.applied_ms = world->clock.now_ms;
    while (!sim_check_agreed(world)) {
        sim_clock_run(world, world->clock.now_ms + 500);
        if (world->clock.now_ms - world->checker.applied_ms > AGREE_MS)
            sim_fail(world, "no agreement, and nothing happens any more");
    }
    sim_say(world, "agreed");
    sim_clock_run(world, world->clock.now_ms + CALM_MS);
    /* A villain may hold more than anybody else, and give it when it likes. */
    if (!world->villainy && !sim_check_agreed(world)) sim_fail(world, "agreement was lost again");
    sim_check_calm(world);
}

static void end_world(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++) sim_node_crash(world, &world->nodes[i]);
    sim_clock_fini(world);
    for (unsigned i = 0; i < world->node_count; i++) sim_node_fini(&world->nodes[i]);
    sim_checker_fini(&world->checker);
}

uint64_t sim_scenario(uint64_t seed, unsigned steps, bool print, bool frames)
{
    static sim world;
    world = (sim){.seed = seed, .steps = steps, .dice = seed};
    world.trace = (sim_trace){UINT64_C(14695981039346656037), print, frames};
    make_world(&world);
    for (unsigned i = 0; i < steps; i++) step(&world);
    end_faults(&world);
    agree(&world);
    sim_say(&world, "%llu events in %llu blocks, %llu forged",
            (unsigned long long)world.checker.events, (unsigned long long)world.checker.blocks,
            (unsigned long long)world.checker.forged);
    uint64_t hash = world.trace.hash;
    end_world(&world);
    return hash;
}
