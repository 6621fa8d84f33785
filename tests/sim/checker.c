/* SPDX-License-Identifier: Apache-2.0 */
/* What always holds, told apart from what holds in the end. Always: a lane at any node is 1, 2,
 * 3 ... of its origin's own history; what was acknowledged is there; no more is in the air than
 * was asked for. In the end, once faults stop: all who live hold the same. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/wire/event.h"
#include "tests/sim/sim.h"

#define OUTDATED_MS 10000

static sim_truth *truth_of(sim *world, lia_origin origin)
{
    sim_checker *checker = &world->checker;
    for (size_t i = 0; i < checker->truth_count; i++)
        if (lia_origin_equal(checker->truths[i].origin, origin)) return &checker->truths[i];
    lia_assert(checker->truth_count < SIM_LANES_MAX);
    checker->truths[checker->truth_count] = (sim_truth){.origin = origin};
    return &checker->truths[checker->truth_count++];
}

static void truth_reserve(sim_truth *truth, uint64_t head)
{
    if (head < truth->capacity) return;
    while (truth->capacity <= head) truth->capacity = truth->capacity ? 2 * truth->capacity : 64;
    truth->chain = realloc(truth->chain, truth->capacity * sizeof *truth->chain);
    lia_assert(truth->chain);
    truth->chain[0] = (lia_hash){{0}};
}

lia_hash sim_truth_hash(sim *world, lia_origin origin, uint64_t seq)
{
    sim_truth *truth = truth_of(world, origin);
    truth_reserve(truth, 1);
    return truth->chain[seq > truth->head ? truth->head : seq];
}

static lia_hash follow(sim *world, const lia_hash *before, lia_span event)
{
    lia_hash leaf;
    if (lia_event_leaf(event, &leaf)) sim_fail(world, "a malformed event was applied");
    return lia_chain_next(before, &leaf);
}

void sim_check_wrote(sim *world, sim_node *node, const sim_block *block)
{
    sim_truth *truth = truth_of(world, sim_node_origin(node));
    if (block->first != truth->head + 1)
        sim_fail(world, "node %u used number %llu again", node->number,
                 (unsigned long long)block->first);
    truth_reserve(truth, truth->head + block->count);
    for (uint32_t i = 0; i < block->count; i++) {
        truth->chain[truth->head + 1] = follow(world, &truth->chain[truth->head], block->events[i]);
        truth->head++;
    }
    world->checker.events += block->count;
    world->checker.blocks++;
}

static bool is_by_villain(sim *world, lia_origin origin)
{
    return sim_find(world, origin.node)->is_villain;
}

static void check_event(sim *world, const sim_node *node, lia_origin origin, uint64_t seq,
                        lia_span event, const lia_hash *hash)
{
    lia_header header;
    if (lia_event_parse_header(&header, event) || header.seq != seq || header.node != origin.node ||
        header.incarnation != origin.incarnation)
        sim_fail(world, "node %u applied a stranger at %llu of %u", node->number,
                 (unsigned long long)seq, origin.node);
    sim_truth *truth = truth_of(world, origin);
    if (is_by_villain(world, origin)) return;
    if (seq > truth->head || !lia_hash_equal(hash, &truth->chain[seq]))
        sim_fail(world, "node %u applied another history of %u at %llu", node->number, origin.node,
                 (unsigned long long)seq);
}

static void check_seal(sim *world, const sim_node *node, lia_origin origin, const sim_block *block)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    size_t size = lia_seal_message(message, world->cluster, origin, block->first + block->count - 1,
                                   &block->hash);
    bool is_signed = false;
    for (unsigned i = 0; i < SIM_KEYS_MAX && !is_signed; i++) {
        lia_verify_key key = lia_sign_public(sim_key(origin.node - 1u, i));
        is_signed = lia_sign_check(&key, lia_span_make(message, size), &block->signature);
    }
    if (!is_signed)
        sim_fail(world, "node %u applied what %u never signed", node->number, origin.node);
}

void sim_check_applied(sim *world, sim_node *node, lia_origin origin, uint64_t head_before,
                       const sim_block *block)
{
    sim_lane *lane = sim_disk_lane(&node->disk, origin);
    lia_hash hash = sim_lane_hash(lane);
    if (block->first != head_before + 1)
        sim_fail(world, "node %u applied %llu of %u behind %llu", node->number,
                 (unsigned long long)block->first, origin.node, (unsigned long long)head_before);
    if (!lia_hash_equal(&hash, &block->before))
        sim_fail(world, "node %u broke the chain of %u", node->number, origin.node);
    world->checker.applied_ms = world->clock.now_ms;
    for (uint32_t i = 0; i < block->count; i++) {
        hash = follow(world, &hash, block->events[i]);
        check_event(world, node, origin, block->first + i, block->events[i], &hash);
    }
    if (!lia_hash_equal(&hash, &block->hash))
        sim_fail(world, "node %u applied a block that does not chain", node->number);
    if (world->villainy == SIM_FORGER) check_seal(world, node, origin, block);
}

static uint64_t head_of(sim_node *node, lia_origin origin)
{
    return sim_lane_head(sim_disk_lane(&node->disk, origin));
}

void sim_check_acked(sim *world, sim_node *node, uint16_t peer, lia_origin origin, uint64_t seq)
{
    sim_node *other = sim_find(world, peer);
    if (!lia_origin_equal(origin, sim_node_origin(node)))
        sim_fail(world, "node %u was told of an acknowledgement in a foreign lane", node->number);
    if (other->is_villain || node->is_villain) return;
    /* Words of a process whose disk was lost since may still be on their way. */
    bool outdated = other->lost_ms && world->clock.now_ms - other->lost_ms < OUTDATED_MS;
    if (outdated && head_of(other, origin) < seq) return;
    if (head_of(other, origin) < seq)
        sim_fail(world, "node %u believes that %u holds %llu, it holds %llu", node->number, peer,
                 (unsigned long long)seq, (unsigned long long)head_of(other, origin));
    world->checker.acked[node->index][other->index] = seq;
}

void sim_check_kept(sim *world, sim_node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        uint64_t acked = world->checker.acked[i][node->index];
        if (acked && head_of(node, sim_node_origin(&world->nodes[i])) < acked)
            sim_fail(world, "node %u lost what it had acknowledged to %u", node->number, i + 1);
    }
}

void sim_check_renewed(sim *world, sim_node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) world->checker.acked[node->index][i] = 0;
}

void sim_check_replaced(sim *world, sim_node *node)
{
    sim_check_renewed(world, node);
    for (unsigned i = 0; i < world->node_count; i++) world->checker.acked[i][node->index] = 0;
    node->lost_ms = world->clock.now_ms;
    node->disk.is_other = true;
}

/* A liar makes a node renew itself a few times. */
bool sim_check_room(const sim *world)
{
    return world->checker.truth_count + 9 * SIM_NODES_MAX <= SIM_LANES_MAX;
}

static size_t lane_credit(const sim *world)
{
    return world->lane_credit ? world->lane_credit : (size_t)4 << 20;
}

void sim_check_flying(sim *world, const sim_node *client, uint16_t server, const sim_link *link,
                      lia_origin origin, size_t frame)
{
    size_t flying = link->flying[truth_of(world, origin) - world->checker.truths];
    if (frame > world->checker.frame_max) world->checker.frame_max = frame;
    if (client->is_villain || sim_find(world, server)->is_villain) return;
    if (flying > lane_credit(world) + frame)
        sim_fail(world, "node %u: %zu bytes of %u under way, %zu granted", client->number, flying,
                 origin.node, lane_credit(world));
}

void sim_check_waiting(sim *world, const sim_node *node, lia_origin origin)
{
    size_t total = 0, waiting = sim_node_waiting(node, origin, &total);
    size_t granted = world->total_credit ? world->total_credit : (size_t)64 << 20;
    if (waiting > lane_credit(world) + world->checker.frame_max)
        sim_fail(world, "node %u: %zu bytes of %u wait for the disk", node->number, waiting,
                 origin.node);
    if (total > granted + world->checker.truth_count * world->checker.frame_max)
        sim_fail(world, "node %u: %zu bytes wait for the disk", node->number, total);
}

/* ---- in the end ---------------------------------------------------------------------------- */

static bool counts(const sim_node *node)
{
    return node->alive && !node->is_villain && sim_is_listed(node);
}

/* What a held node was told to write comes when it is let go. */
static bool all_wrote(const sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++)
        if (counts(&world->nodes[i]) && world->nodes[i].own_wanted) return false;
    return true;
}

bool sim_check_agreed(sim *world)
{
    if (!all_wrote(world)) return false;
    for (size_t i = 0; i < world->checker.truth_count; i++) {
        lia_origin origin = world->checker.truths[i].origin;
        uint64_t most = 0, least = UINT64_MAX;
        for (unsigned k = 0; k < world->node_count && !is_by_villain(world, origin); k++) {
            if (!counts(&world->nodes[k])) continue;
            uint64_t head = head_of(&world->nodes[k], origin);
            if (head > most) most = head;
            if (head < least) least = head;
        }
        if (most && most != least) return false;
    }
    return true;
}

void sim_check_show(sim *world)
{
    lia_sync_lane_status lanes[SIM_LANES_MAX];
    for (unsigned i = 0; i < world->node_count; i++) {
        if (!world->nodes[i].alive) continue;
        size_t count = lia_sync_lanes(world->nodes[i].sync, lanes, SIM_LANES_MAX);
        for (size_t k = 0; k < count && k < SIM_LANES_MAX; k++)
            sim_say(world, "%u: lane %u/%llx %llu of %llu, asks %u: %s", i + 1,
                    lanes[k].origin.node, (unsigned long long)lanes[k].origin.incarnation,
                    (unsigned long long)lanes[k].head, (unsigned long long)lanes[k].target,
                    lanes[k].server, lia_sync_cause_text(lanes[k].cause));
    }
}

static void check_status(sim *world, sim_node *node)
{
    lia_sync_lane_status lanes[SIM_LANES_MAX];
    size_t count = lia_sync_lanes(node->sync, lanes, SIM_LANES_MAX);
    for (size_t i = 0; i < count && i < SIM_LANES_MAX; i++) {
        const lia_sync_lane_status *lane = &lanes[i];
        if (lane->head != head_of(node, lane->origin))
            sim_fail(world, "node %u shows a wrong head", node->number);
        bool lost_with_the_dead = lane->cause == LIA_SYNC_NO_PEER && lane->target > lane->head;
        if (world->villainy == SIM_HONEST && lane->cause != LIA_SYNC_CURRENT && !lost_with_the_dead)
            sim_fail(world, "node %u is calm, but says of %u: %s", node->number, lane->origin.node,
                     lia_sync_cause_text(lane->cause));
    }
}

static void check_replicated(sim *world, sim_node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *other = &world->nodes[i];
        if (other == node || !counts(other)) continue;
        uint64_t head = head_of(node, sim_node_origin(node));
        if (world->checker.acked[node->index][i] != head)
            sim_fail(world, "node %u does not know that %u holds all", node->number, i + 1);
    }
}

/* Two histories of one number at two honest nodes: somebody must have noticed. */
static void check_fork_noticed(sim *world)
{
    lia_hash seen[2];
    unsigned sides = 0;
    uint64_t noticed = 0;
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        noticed += node->alarms[LIA_SYNC_FORK];
        if (!counts(node) || sides == 2) continue;
        sim_lane *lane =
            sim_disk_lane(&node->disk, sim_node_origin(&world->nodes[world->node_count - 1]));
        if (!lane->count) continue;
        lia_hash hash = lane->blocks[0].hash;
        if (!sides || !lia_hash_equal(&hash, &seen[0])) seen[sides++] = hash;
    }
    if (sides == 2 && !noticed) sim_fail(world, "two histories, and nobody noticed");
    world->checker.forked = sides == 2;
}

void sim_check_calm(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (!counts(&world->nodes[i])) continue;
        check_status(world, &world->nodes[i]);
        check_replicated(world, &world->nodes[i]);
    }
    if (world->villainy == SIM_FORKER) check_fork_noticed(world);
}

void sim_checker_fini(sim_checker *checker)
{
    for (size_t i = 0; i < checker->truth_count; i++) free(checker->truths[i].chain);
}
