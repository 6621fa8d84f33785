/* SPDX-License-Identifier: Apache-2.0 */
/* Disks and programs make mistakes: a row of a node's views is not what its log says, or a block of
 * the log is not what its origin sealed. The first is found when two compare their states, the
 * second by who looks through its log; both are named, nobody else is suspected, and both are put
 * right: by the own log, and by a peer that has the block whole.
 *
 * Meanwhile the usual faults go on, so it may take its time. In the end, when all is calm, each
 * kind is done once more and has to be found and put right within one round. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define ROUND_SLACK_MS 4000  /* comparisons that fail or are refused, and what a repair takes */
#define HOSTILE_MS     16000 /* one that never ends what it begins */
#define BLAME_MS       10000 /* frames with the damage in them may still arrive */
#define SHUN_MS        60000 /* a peer that gave a damaged block is not asked for that lane again */

static struct {
    bool on;
    int64_t agree_ms, inspect_ms;
    int64_t mended_ms[SIM_NODES_MAX]; /* the last time; 0: never */
} damage;

bool sim_damage_is_on(void)
{
    return damage.on;
}

int64_t sim_damage_patience_ms(void)
{
    return damage.on ? SHUN_MS + damage.agree_ms + damage.inspect_ms : 0;
}

static bool counts(const sim_node *node)
{
    return node->alive && !node->is_villain && sim_is_listed(node);
}

/* Of what the log still has. */
static const sim_block *find_block(const sim_node *node, lia_origin origin, uint64_t seq)
{
    for (size_t i = 0; i < node->disk.lane_count; i++) {
        const sim_lane *lane = &node->disk.lanes[i];
        if (!lia_origin_equal(lane->origin, origin)) continue;
        for (size_t k = lane->dropped; k < lane->count; k++)
            if (seq >= lane->blocks[k].first && seq < lane->blocks[k].first + lane->blocks[k].count)
                return &lane->blocks[k];
    }
    return NULL;
}

bool sim_damage_any(const sim_node *node)
{
    for (size_t i = 0; i < node->disk.lane_count; i++)
        for (size_t k = 0; k < node->disk.lanes[i].count; k++)
            if (node->disk.lanes[i].blocks[k].sound) return true;
    return false;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void spoil_row(sim_node *node)
{
    size_t row = sim_roll(node->world, SIM_ROWS / 2);
    node->disk.views.rows[row][sim_roll(node->world, 2)] ^= 1 + sim_dice(node->world) / 2;
    sim_say(node->world, "%u has a wrong row %zu", node->number, row);
}

static void spoil_any_row(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (!node->is_villain && !node->outside) spoil_row(node);
}

/* ---- blocks -------------------------------------------------------------------------------- */

static bool has_whole(const sim_node *node, lia_origin origin, const sim_block *like)
{
    const sim_block *block = find_block(node, origin, like->first);
    return block && !block->sound && block->first == like->first && block->count == like->count;
}

/* Somebody who runs has it as it was. */
static bool can_be_mended(sim *world, const sim_node *node, lia_origin origin,
                          const sim_block *block)
{
    for (unsigned i = 0; i < world->node_count; i++)
        if (&world->nodes[i] != node && counts(&world->nodes[i]) &&
            has_whole(&world->nodes[i], origin, block))
            return true;
    return false;
}

static sim_block *keep_sound(lia_origin origin, const sim_block *block)
{
    lia_sealed sealed = {origin,      block->first,     block->count, block->before,
                         block->hash, block->signature, block->events};
    sim_block *sound = malloc(sizeof *sound);
    lia_assert(sound);
    *sound = sim_block_copy(&sealed);
    return sound;
}

/* Not so where a body was overwritten: what stands there now says nothing. */
static bool is_other(lia_origin origin, const sim_block *block)
{
    lia_hash end;
    lia_sealed now = {origin,      block->first,     block->count, block->before,
                      block->hash, block->signature, block->events};
    return !lia_seal_chain(&now, &end) || !lia_hash_equal(&end, &block->sound->hash) ||
           !lia_hash_equal(&block->hash, &block->sound->hash) ||
           memcmp(&block->signature, &block->sound->signature, sizeof block->signature);
}

/* One bit, in an event, or in the row that says how the block is chained; not in the lane's last
 * row, without which a node does not start. */
static bool spoil_block(sim *world, sim_lane *lane, sim_block *block)
{
    lia_span event = block->events[sim_roll(world, block->count)];
    uint8_t *parts[] = {(uint8_t *)(uintptr_t)event.data, block->before.bytes, block->hash.bytes,
                        block->signature.bytes};
    size_t sizes[] = {event.size, sizeof block->before, sizeof block->hash,
                      sizeof block->signature};
    bool is_last = block == &lane->blocks[lane->count - 1];
    size_t part = is_last ? 0 : sim_roll(world, 2) * sim_roll(world, 4);
    block->sound = keep_sound(lane->origin, block);
    parts[part][sim_roll(world, sizes[part])] ^= (uint8_t)(1u << sim_roll(world, 8));
    if (is_other(lane->origin, block)) return true;
    sim_block_heal(block);
    return false;
}

static bool spoil_log(sim_node *node)
{
    sim *world = node->world;
    if (!node->disk.lane_count) return false;
    sim_lane *lane = &node->disk.lanes[sim_roll(world, node->disk.lane_count)];
    if (lane->count == lane->dropped || sim_find(world, lane->origin.node)->is_villain)
        return false;
    sim_block *block = &lane->blocks[lane->dropped + sim_roll(world, lane->count - lane->dropped)];
    if (block->sound || !can_be_mended(world, node, lane->origin, block) ||
        !spoil_block(world, lane, block))
        return false;
    sim_say(world, "%u has a damaged block %u/%llx %llu", node->number, lane->origin.node,
            (unsigned long long)lane->origin.incarnation, (unsigned long long)block->first);
    return true;
}

static void spoil_any_log(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (!node->is_villain && !node->outside) spoil_log(node);
}

/* ---- mending ------------------------------------------------------------------------------- */

static void mend(void *context, const lia_sealed *sealed)
{
    sim_node_mend(context, sealed);
}

static bool is_as_sealed(const sim_block *whole, const sim_block *sealed)
{
    return whole->first == sealed->first && whole->count == sealed->count &&
           lia_hash_equal(&whole->before, &sealed->before) &&
           lia_hash_equal(&whole->hash, &sealed->hash) &&
           !memcmp(&whole->signature, &sealed->signature, sizeof whole->signature);
}

void sim_damage_mend(sim_node *node, sim_write *write)
{
    sim_block *block = (sim_block *)(uintptr_t)find_block(node, write->origin, write->block.first);
    if (!block) { /* it has left the log */
        sim_block_fini(&write->block);
        return;
    }
    if (!is_as_sealed(sim_block_sound(block), &write->block))
        sim_fail(node->world, "node %u mends %llu of %u with another history", node->number,
                 (unsigned long long)write->block.first, write->origin.node);
    sim_block_fini(block);
    *block = write->block;
    sim_erasure_clean(block, &node->disk.erased);
    damage.mended_ms[node->index] = node->world->clock.now_ms;
    sim_say(node->world, "%u mends %u/%llx %llu", node->number, write->origin.node,
            (unsigned long long)write->origin.incarnation, (unsigned long long)block->first);
}

static bool is_to_blame(const sim_node *node)
{
    int64_t now = node->world->clock.now_ms, mended = damage.mended_ms[node->index];
    return sim_damage_any(node) || (mended && now - mended < BLAME_MS) ||
           (node->lost_ms && now - node->lost_ms < BLAME_MS);
}

bool sim_damage_explains(const sim_node *node, lia_sync_alarm alarm, uint16_t peer,
                         lia_origin origin, uint64_t seq)
{
    sim *world = node->world;
    if (!damage.on) return false;
    if (alarm == LIA_SYNC_DIFFERS) return sim_views_may_differ(node, sim_find(world, peer));
    if (alarm == LIA_SYNC_FORGED) return is_to_blame(sim_find(world, peer));
    if (alarm != LIA_SYNC_DAMAGED) return false;
    const sim_block *block = find_block(node, origin, seq);
    if (!block || !block->sound)
        sim_fail(world, "node %u calls %llu of %u damaged", node->number, (unsigned long long)seq,
                 origin.node);
    return true;
}

/* ---- in the end ---------------------------------------------------------------------------- */

/* Honest nodes that run are two at least, and no lane has two histories, which make two states. */
static bool can_compare(const sim *world)
{
    unsigned honest = 0;
    for (unsigned i = 0; i < world->node_count; i++) honest += counts(&world->nodes[i]);
    return honest > 1 && world->villainy != SIM_FORKER;
}

/* What nobody has whole any more comes from where the operator keeps copies. */
static void restore_the_lost(sim_node *node)
{
    for (size_t i = 0; i < node->disk.lane_count; i++) {
        sim_lane *lane = &node->disk.lanes[i];
        for (size_t k = 0; k < lane->count; k++) {
            sim_block *block = &lane->blocks[k];
            if (!block->sound || can_be_mended(node->world, node, lane->origin, block)) continue;
            sim_block_heal(block);
            damage.mended_ms[node->index] = node->world->clock.now_ms;
        }
    }
}

static void restore(sim *world, void *what, uint64_t number)
{
    (void)what, (void)number;
    for (unsigned i = 0; i < world->node_count; i++)
        if (counts(&world->nodes[i])) restore_the_lost(&world->nodes[i]);
}

/* When it is clear who stays dead. */
static void faults_end(sim *world)
{
    sim_clock_plan(world, 1, restore, NULL, 0);
}

static bool differs_from_any(const sim_node *node)
{
    lia_sync_peer_status peers[SIM_NODES_MAX];
    size_t count = lia_sync_peers(node->sync, peers, SIM_NODES_MAX);
    for (size_t i = 0; i < count; i++)
        if (peers[i].differs && counts(sim_find(node->world, peers[i].node))) return true;
    return false;
}

static bool is_right(const sim_node *node)
{
    if (sim_damage_any(node)) return false;
    return !can_compare(node->world) ||
           (!sim_views_any_wrong(node) && !sim_views_doubts(node) && !differs_from_any(node));
}

static bool agreed(sim *world)
{
    bool all = true;
    for (unsigned i = 0; i < world->node_count; i++) {
        const sim_node *node = &world->nodes[i];
        if (counts(node)) all &= is_right(node);
    }
    return all;
}

static uint64_t differences(const sim *world)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < world->node_count; i++)
        sum += world->nodes[i].alarms[LIA_SYNC_DIFFERS];
    return sum;
}

static int64_t pass_ms(const sim_node *node)
{
    size_t blocks = 0;
    for (size_t i = 0; i < node->disk.lane_count; i++) blocks += node->disk.lanes[i].count;
    return (int64_t)blocks * 10; /* sixteen in a tick of 110 ms at most */
}

static void wait_for(sim *world, const sim_node *node, bool (*done)(const sim_node *), int64_t ms)
{
    int64_t until = world->clock.now_ms + ms;
    while (!done(node) && world->clock.now_ms < until)
        sim_clock_run(world, world->clock.now_ms + 100);
}

static bool rows_are_right(const sim_node *node)
{
    return !sim_views_any_wrong(node);
}

static bool log_is_whole(const sim_node *node)
{
    return !sim_damage_any(node);
}

/* A wrong row is named and put right within one round of comparisons. */
static void check_row(sim *world, sim_node *node)
{
    uint64_t before = differences(world);
    spoil_row(node);
    int64_t most = damage.agree_ms + ROUND_SLACK_MS + (world->villainy ? HOSTILE_MS : 0);
    wait_for(world, node, rows_are_right, most);
    if (!rows_are_right(node))
        sim_fail(world, "a round has passed, and node %u has a wrong row", node->number);
    if (differences(world) == before)
        sim_fail(world, "a wrong row of node %u was put right, and nobody said so", node->number);
}

/* A damaged block is named and mended in one pass. */
static void check_log(sim *world, sim_node *node)
{
    uint64_t before = node->alarms[LIA_SYNC_DAMAGED];
    if (!spoil_log(node)) return;
    wait_for(world, node, log_is_whole, damage.inspect_ms + 2 * pass_ms(node) + ROUND_SLACK_MS);
    if (!log_is_whole(node))
        sim_fail(world, "a pass has ended, and node %u has a damaged block", node->number);
    if (node->alarms[LIA_SYNC_DAMAGED] == before)
        sim_fail(world, "a block of node %u was mended, and nobody said so", node->number);
}

static void check(sim *world)
{
    unsigned from = (unsigned)sim_roll(world, world->node_count);
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[(from + i) % world->node_count];
        if (!counts(node)) continue;
        if (can_compare(world)) check_row(world, node);
        check_log(world, node);
        return;
    }
}

/* ---- the part ------------------------------------------------------------------------------ */

void sim_damage_watch(sim *world, lia_sync_options *options)
{
    static lia_sync_ops ops;
    (void)world;
    if (!damage.on) return;
    ops = *options->ops;
    ops.mend = mend;
    sim_views_watch(&ops);
    options->ops = &ops;
    options->agree_ms = damage.agree_ms;
    options->inspect_ms = damage.inspect_ms;
}

static void begin(sim *world)
{
    memset(&damage, 0, sizeof damage);
    damage.on = true;
    damage.agree_ms = 3000 + (int64_t)sim_roll(world, 17000);
    damage.inspect_ms = 500 + (int64_t)sim_roll(world, 10000);
    sim_views_begin();
}

static void started(sim *world, sim_node *node)
{
    (void)world;
    sim_views_reset(node);
}

static void applied(sim *world, sim_node *node, lia_origin origin, const sim_block *block)
{
    (void)world;
    sim_views_add(node, origin, block);
}

static void end(sim *world)
{
    (void)world;
    memset(&damage, 0, sizeof damage);
}

static const sim_operation operations[] = {{"wrong row", 3, spoil_any_row},
                                           {"damaged block", 3, spoil_any_log}};
const sim_part sim_damage = {.name = "damage",
                             .mark = UINT64_C(0x77726f6e67), /* "wrong" */
                             .operations = operations,
                             .operation_count = LIA_COUNT(operations),
                             .begin = begin,
                             .started = started,
                             .applied = applied,
                             .faults_end = faults_end,
                             .agreed = agreed,
                             .check = check,
                             .end = end};
