/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are found by an open-addressing index and never removed: an origin that existed once is
 * part of the history for ever. What grows from peers' words alone is bounded, so a liar can
 * neither fill the table nor use up a node's share of it. */
#include "common/base/assert.h"
#include "common/sync/inner.h"

peer *find_peer(lia_sync *sync, uint16_t node)
{
    for (size_t i = 0; i < sync->peer_count; i++)
        if (sync->peers[i].node == node) return &sync->peers[i];
    return NULL;
}

static size_t slot_of(lia_origin origin)
{
    uint64_t mixed = (origin.incarnation ^ origin.node) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 40) % LANE_INDEX;
}

/* The index place that holds the lane or would. */
static uint16_t *place_of(lia_sync *sync, lia_origin origin)
{
    size_t slot = slot_of(origin);
    while (sync->index[slot] &&
           !lia_origin_equal(sync->lanes[sync->index[slot] - 1].origin, origin))
        slot = (slot + 1) % LANE_INDEX;
    return &sync->index[slot];
}

lane *find_lane(lia_sync *sync, lia_origin origin)
{
    uint16_t number = *place_of(sync, origin);
    return number ? &sync->lanes[number - 1] : NULL;
}

lane *find_or_add_lane(lia_sync *sync, lia_origin origin)
{
    uint16_t *place = place_of(sync, origin);
    if (*place) return &sync->lanes[*place - 1];
    if (sync->lane_count == LIA_LANES_MAX) return NULL;
    lane *made = &sync->lanes[sync->lane_count++];
    *made = (lane){.origin = origin, .progress_ms = sync->now_ms, .patience_ms = STALL_MS};
    *place = (uint16_t)sync->lane_count;
    return made;
}

/* Whether one more lane may be learnt from this peer's word. */
static bool may_introduce(const lia_sync *sync, const peer *from, lia_origin origin)
{
    size_t unproven = 0, incarnations = 0;
    for (size_t i = 0; i < sync->lane_count; i++) {
        const lane *known = &sync->lanes[i];
        unproven += known->advertiser == from->node && known->received == 0;
        incarnations += known->origin.node == origin.node;
    }
    return origin_limit(sync, origin) && unproven < UNPROVEN_MAX && incarnations < INCARNATIONS_MAX;
}

static lane *introduce(lia_sync *sync, const peer *from, lia_origin origin)
{
    lane *known = find_lane(sync, origin);
    if (known || !may_introduce(sync, from, origin)) return known;
    lane *made = find_or_add_lane(sync, origin);
    if (made) made->advertiser = from->node;
    return made;
}

uint64_t lane_target(const lia_sync *sync, const lane *of)
{
    uint64_t target = of->received;
    for (size_t i = 0; i < sync->peer_count; i++) {
        uint64_t head = between(sync, &sync->peers[i], of)->head;
        if (head > target) target = head;
    }
    return target;
}

uint64_t lane_reachable(const lia_sync *sync, const lane *of)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < sync->peer_count; i++) {
        const peer *from = &sync->peers[i];
        const peer_lane *there = between(sync, from, of);
        bool asked = there->avoid_until_ms <= sync->now_ms || of->server == from;
        bool served = asked && there->floor <= of->received;
        if (is_serving(from) && served && there->head > highest) highest = there->head;
    }
    return highest;
}

void learn_durable(lia_sync *sync, peer *from, lane *of, uint64_t seq)
{
    if (!is_own(sync, of)) return;
    if (seq > of->durable) seq = of->durable;
    if (seq <= from->acked) return;
    from->acked = seq;
    sync->options.ops->acked(sync->options.context, from->node, of->origin, seq);
}

/* Another hash at a number that this node holds. Only heads at the same number can be compared;
 * others show at the next fetch. */
static bool disagrees(const lane *of, uint64_t seq, const lia_hash *hash)
{
    if (seq == of->durable) return !lia_hash_equal(hash, &of->durable_hash);
    return seq == of->received && !lia_hash_equal(hash, &of->received_hash);
}

void learn_head(lia_sync *sync, peer *from, const Bus__Head *head)
{
    lia_origin origin;
    lia_hash hash;
    if (!read_origin(&origin, head->node, head->incarnation) || head->seq == 0 ||
        !read_hash(&hash, head->has_hash, head->hash))
        return;
    lane *of = introduce(sync, from, origin);
    if (!of || head->seq > origin_limit(sync, origin)) return; /* nobody can have signed it */
    learn_holding(sync, between(sync, from, of), head->seq);
    if (disagrees(of, head->seq, &hash))
        lane_forked(sync, of, from, head->seq);
    else
        learn_durable(sync, from, of, head->seq);
    if (!of->server) lane_choose(sync, of);
}

void learn_boot(lia_sync *sync, peer *from, uint64_t boot)
{
    if (from->boot == boot) return;
    from->boot = boot;
    from->session = 0;
    from->acked = 0; /* it may have lost its disk */
    for (size_t i = 0; i < sync->lane_count; i++) {
        peer_lane *there = &from->lanes[i];
        there->head = 0; /* told anew with the same greeting */
        there->floor = 0;
        there->strikes = 0;
        there->avoid_until_ms = 0;
        there->forked = there->shunned = false;
    }
}
