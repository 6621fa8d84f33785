/* SPDX-License-Identifier: Apache-2.0 */
/* Serving keeps two numbers per peer and lane: how far it was sent and how much it has room for.
 * Nothing is queued here; a block is read from the log when it is sent. Each call does bounded
 * work, and goes on when the peer acknowledges, at the next commit or at the next tick, so a peer
 * that catches up sets its own pace and delays nobody. */
#include "common/sync/inner.h"

/* No honest node grants more; keeps sums far from overflow. */
#define CREDIT_MAX ((int64_t)1 << 32)

static void add_credit(peer_lane *there, uint64_t more)
{
    if (more > (uint64_t)CREDIT_MAX) more = (uint64_t)CREDIT_MAX;
    there->credit += (int64_t)more;
    if (there->credit > CREDIT_MAX) there->credit = CREDIT_MAX;
}

/* The stored block that begins behind `after`; LIA_EINVAL when `after` lies inside of one. */
static lia_err next_block(lia_sync *sync, const lane *of, uint64_t after, lia_sealed *out)
{
    lia_err err = sync->options.ops->read(sync->options.context, of->origin, after + 1, out);
    if (err) return err;
    return out->first == after + 1 ? LIA_OK : LIA_EINVAL;
}

static void refuse(lia_sync *sync, peer *to, Bus__ProblemCode code, lia_origin origin, uint64_t seq)
{
    frame_send_problem(sync, to, to->asker, code, origin, seq);
}

static void refuse_dropped(lia_sync *sync, peer *to, const lane *of, uint64_t first)
{
    refuse(sync, to, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, of->origin, first - 1);
}

/* 0, or the size of what was sent. */
static size_t serve_block(lia_sync *sync, peer *to, lane *of)
{
    lia_sealed block;
    peer_lane *there = between(sync, to, of);
    lia_err err = next_block(sync, of, there->sent, &block);
    if (err == LIA_EGONE) {
        there->parked = false;
        refuse_dropped(sync, to, of, block.first);
    }
    if (err) return 0; /* not readable now: later */
    if (inspect_knows(sync, of, &block)) {
        there->parked = false;
        refuse(sync, to, BUS__PROBLEM_CODE__PROBLEM_NOT_HELD, of->origin, there->sent);
        return 0;
    }
    size_t mark = lia_arena_mark(&sync->in);
    size_t bytes = erasures_apply(sync, &block) ? 0 : frame_send_block(sync, to, &block);
    lia_arena_back(&sync->in, mark);
    there->credit -= (int64_t)bytes;
    if (bytes) there->sent = block.first + block.count - 1;
    return bytes;
}

static bool is_due(const peer *to, const lane *of, const peer_lane *there)
{
    return to->asker && there->parked && there->credit > 0 && there->sent < of->durable;
}

static bool has_room(const lia_sync *sync, const peer *to)
{
    const lia_sync_ops *ops = sync->options.ops;
    return !ops->room || ops->room(sync->options.context, to->node);
}

size_t serve_lane(lia_sync *sync, peer *to, lane *of)
{
    const peer_lane *there = between(sync, to, of);
    size_t total = 0;
    for (unsigned i = 0; i < SERVE_BLOCKS && total < SERVE_BYTES && is_due(to, of, there); i++) {
        if (!has_room(sync, to)) break;
        size_t bytes = serve_block(sync, to, of);
        if (!bytes) break;
        total += bytes;
    }
    return total;
}

void serve_tick(lia_sync *sync)
{
    size_t total = 0;
    for (size_t i = 0; i < sync->peer_count && total < TICK_BYTES; i++) {
        peer *to = &sync->peers[(sync->turn + i) % sync->peer_count];
        for (size_t k = 0; to->asker && k < sync->lane_count; k++)
            total += serve_lane(sync, to, &sync->lanes[k]);
    }
    sync->turn++;
}

/* ---- what is asked ------------------------------------------------------------------------- */

/* Whether the asker's history up to `after` is the one held here. LIA_EGONE: what follows has left
 * the log, which begins at *first. LIA_ECORRUPT: the own disk is no proof against anybody. */
static lia_err compare(lia_sync *sync, lane *of, uint64_t after, const lia_hash *hash,
                       uint64_t *first)
{
    lia_sealed block;
    if (after > of->durable) return LIA_EABSENT;
    if (after == of->durable)
        return lia_hash_equal(hash, &of->durable_hash) ? LIA_OK : LIA_ECONFLICT;
    lia_err err = next_block(sync, of, after, &block);
    if (err == LIA_EGONE) *first = block.first;
    if (after == 0) return err == LIA_EGONE ? err : LIA_OK;
    if (err == LIA_EINVAL) return LIA_ECONFLICT; /* whole blocks are kept, so never an honest one */
    if (err) return err;
    if (lia_hash_equal(hash, &block.before)) return LIA_OK;
    return inspect_block(sync, of, &block) ? LIA_ECONFLICT : LIA_ECORRUPT;
}

static void park(lia_sync *sync, peer *from, lane *of, const Bus__Fetch *fetch)
{
    peer_lane *there = between(sync, from, of);
    there->parked = true;
    there->sent = fetch->after;
    there->credit = 0;
    there->acked = 0;
    add_credit(there, fetch->credit);
    serve_lane(sync, from, of);
}

void receive_fetch(lia_sync *sync, peer *from, const Bus__Fetch *fetch)
{
    lia_origin origin;
    lia_hash hash;
    if (!read_origin(&origin, fetch->node, fetch->incarnation) ||
        !read_hash(&hash, fetch->has_hash, fetch->hash)) {
        alarm_malformed(sync, from);
        return;
    }
    if (!from->asker_agreed) { /* its word that we agree was lost: it is to greet again */
        asker_lost(from);
        return;
    }
    lane *of = find_lane(sync, origin);
    if (fetch->credit == 0) {
        if (of) between(sync, from, of)->parked = false; /* it asks elsewhere */
        return;
    }
    if (of && between(sync, from, of)->answered) return;
    if (of) between(sync, from, of)->answered = true;
    if (!of || of->durable == 0) {
        refuse(sync, from, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_LANE, origin, 0);
        return;
    }
    uint64_t first;
    lia_err err = compare(sync, of, fetch->after, &hash, &first);
    if (err == LIA_OK) {
        park(sync, from, of, fetch);
    } else if (err == LIA_ECONFLICT) {
        refuse(sync, from, BUS__PROBLEM_CODE__PROBLEM_FORK, origin, fetch->after);
        lane_forked(sync, of, from, fetch->after);
    } else if (err == LIA_EGONE) {
        refuse_dropped(sync, from, of, first);
    } else {
        uint64_t held = err == LIA_ECORRUPT ? fetch->after : of->durable;
        refuse(sync, from, BUS__PROBLEM_CODE__PROBLEM_NOT_HELD, origin, held);
    }
}

void receive_ack(lia_sync *sync, peer *from, const Bus__Ack *ack)
{
    lia_origin origin;
    lane *of = read_origin(&origin, ack->node, ack->incarnation) ? find_lane(sync, origin) : NULL;
    if (!of) return;
    peer_lane *there = between(sync, from, of);
    if (ack->durable > of->durable) return; /* no honest one: it came from here */
    if (ack->durable > there->head) learn_holding(sync, there, ack->durable);
    learn_durable(sync, from, of, ack->durable);
    if (!there->parked || ack->durable <= there->acked) return;
    there->acked = ack->durable;
    add_credit(there, ack->credit);
    serve_lane(sync, from, of);
}
