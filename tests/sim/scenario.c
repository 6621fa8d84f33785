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

sim_node *sim_any_node(sim *world)
{
    return &world->nodes[sim_roll(world, world->node_count)];
}

/* New keys in each process: signatures never reach the trace. */
static struct {
    bool made;
    lia_sign_key sign[SIM_NODES_MAX][SIM_KEYS_MAX];
} keys;

const lia_sign_key *sim_key(unsigned index, unsigned version)
{
    return &keys.sign[index][version];
}

static void make_keys(void)
{
    if (keys.made) return;
    require(lia_crypto_init());
    lia_verify_key unused;
    for (unsigned i = 0; i < SIM_NODES_MAX; i++)
        for (unsigned k = 0; k < SIM_KEYS_MAX; k++) lia_sign_keys(&unused, &keys.sign[i][k]);
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
        if (sim_roll(world, 8) == 0) node->skew_ms = (int64_t)sim_roll(world, 4000) - 2000;
    }
}

static const sim_part *const all_parts[] = {&sim_work,    &sim_faults, &sim_identity,
                                            &sim_restore, &sim_retain, &sim_erasure,
                                            &sim_member,  &sim_damage};

static bool is_chosen(sim *world, const sim_part *part)
{
    if (part->always) return true;
    if (!part->mark) return sim_roll(world, 2) == 0;
    uint64_t before = world->dice;
    world->dice = world->run->seed ^ part->mark;
    bool chosen = sim_roll(world, 2);
    world->dice = before;
    return chosen;
}

/* Those that are not always there are in half of the runs: one may hide another's bugs. */
static void choose_parts(sim *world)
{
    for (size_t i = 0; i < LIA_COUNT(all_parts); i++) {
        if (!is_chosen(world, all_parts[i])) continue;
        lia_assert(world->part_count < SIM_PARTS_MAX);
        world->parts[world->part_count++] = all_parts[i];
        if (all_parts[i]->begin) all_parts[i]->begin(world);
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
    sim_members_init(world);
    choose_parts(world);
    for (unsigned i = 0; i < world->node_count; i++) sim_node_start(world, &world->nodes[i]);
}

/* ---- one step ------------------------------------------------------------------------------ */

static const sim_operation *any_operation(sim *world)
{
    uint64_t total = 0;
    for (size_t i = 0; i < world->part_count; i++)
        for (size_t k = 0; k < world->parts[i]->operation_count; k++)
            total += world->parts[i]->operations[k].weight;
    uint64_t at = sim_roll(world, total);
    for (size_t i = 0; i < world->part_count; i++) {
        for (size_t k = 0; k < world->parts[i]->operation_count; k++) {
            const sim_operation *operation = &world->parts[i]->operations[k];
            if (at < operation->weight) return operation;
            at -= operation->weight;
        }
    }
    lia_assert(false);
    return NULL;
}

/* With dice of its own, so that it does the same when others before it are left out. */
static void step(sim *world, unsigned number)
{
    world->dice = world->run->seed ^ (uint64_t)(number + 1) << 32;
    int64_t pause = (int64_t)sim_roll(world, sim_roll(world, 10) ? 300 : 8000);
    if (!world->run->skip[number]) any_operation(world)->run(world);
    sim_clock_run(world, world->clock.now_ms + pause);
}

/* ---- the end ------------------------------------------------------------------------------- */

static void end_faults(sim *world)
{
    unsigned dead = sim_roll(world, 3) ? 0 : (unsigned)sim_roll(world, world->node_count);
    sim_say(world, "faults end, %u dead", dead);
    for (size_t i = 0; i < world->part_count; i++)
        if (world->parts[i]->faults_end) world->parts[i]->faults_end(world);
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        if (i && i <= dead)
            sim_node_crash(world, node);
        else if (!node->alive)
            sim_node_start(world, node);
    }
}

static bool agreed(sim *world)
{
    if (!sim_check_agreed(world)) return false;
    for (size_t i = 0; i < world->part_count; i++)
        if (world->parts[i]->agreed && !world->parts[i]->agreed(world)) return false;
    return true;
}

static void agree(sim *world)
{
    world->checker.applied_ms = world->clock.now_ms;
    while (!agreed(world)) {
        sim_clock_run(world, world->clock.now_ms + 500);
        if (world->clock.now_ms - world->checker.applied_ms > AGREE_MS + sim_damage_patience_ms())
            sim_fail(world, "no agreement, and nothing happens any more");
    }
    sim_say(world, "agreed");
    sim_clock_run(world, world->clock.now_ms + CALM_MS);
    /* A villain may hold more than anybody else, and give it when it likes. */
    if (!world->villainy && !agreed(world)) sim_fail(world, "agreement was lost again");
    sim_check_calm(world);
    for (size_t i = 0; i < world->part_count; i++)
        if (world->parts[i]->check) world->parts[i]->check(world);
}

static void end_world(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++) sim_node_crash(world, &world->nodes[i]);
    sim_clock_fini(world);
    for (size_t i = 0; i < world->part_count; i++)
        if (world->parts[i]->end) world->parts[i]->end(world);
    for (unsigned i = 0; i < world->node_count; i++) sim_node_fini(&world->nodes[i]);
    sim_checker_fini(&world->checker);
}

uint64_t sim_scenario(const sim_run *run)
{
    static sim world;
    world = (sim){.run = run, .dice = run->seed};
    world.trace = (sim_trace){UINT64_C(14695981039346656037), run->print, run->frames};
    make_world(&world);
    for (unsigned i = 0; i < run->steps; i++) step(&world, i);
    end_faults(&world);
    agree(&world);
    sim_say(&world, "%llu events in %llu blocks, %llu forged",
            (unsigned long long)world.checker.events, (unsigned long long)world.checker.blocks,
            (unsigned long long)world.checker.forged);
    uint64_t hash = world.trace.hash;
    end_world(&world);
    return hash;
}
