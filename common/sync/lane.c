/* SPDX-License-Identifier: Apache-2.0 */
/* A lane is asked for at one peer at a time, and nothing is remembered of a peer that was left:
 * what still arrives from it is dropped, the next one continues behind the last checked block.
 * So there is no merging of answers, and at most one block too many per change of server.
 *
 *                    write                 commit
 *     server --block--> received ----------> durable --ack--> server
 *     |<---- open ----->|<---- waiting ----->|                   credit = window - open - waiting
 *
 * Credit is counted in bytes of frames, which both ends see alike. The server may overdraw it by
 * one block, so a block never has to fit into what happens to be left. */
#include "common/base/assert.h"
#include "common/sync/inner.h"
#include "common/wire/event.h"

/* ---- credit -------------------------------------------------------------------------------- */

static size_t held_by(const lane *of)
{
    return of->waiting_bytes + (of->open > 0 ? (size_t)of->open : 0);
}

/* The only place where a lane's share of the memory changes. */
static void hold(lia_sync *sync, lane *of, int64_t open, size_t waiting_bytes)
{
    sync->held_bytes -= held_by(of);
    of->open = open;
    of->waiting_bytes = waiting_bytes;
    sync->held_bytes += held_by(of);
}

/* A lane at its tail waits with less than one that catches up, so that all can be parked. */
static size_t window_of(const lia_sync *sync, const lane *of)
{
    size_t window = sync->options.lane_credit;
    size_t fair = sync->options.total_credit / (2 * sync->lane_count);
    if (lane_target(sync, of) > of->received) return window;
    return fair < window ? fair : window;
}

/* What the server may have in addition. A lane with nothing under way always gets enough for one
 * block, whatever the others hold. */
static uint64_t grant(lia_sync *sync, lane *of)
{
    size_t held = sync->held_bytes, total = sync->options.total_credit;
    int64_t room = total > held ? (int64_t)(total - held) : 0;
    int64_t wanted = (int64_t)window_of(sync, of) - (int64_t)of->waiting_bytes;
    int64_t open = (of->open > 0 ? of->open : 0) + room;
    if (open > wanted) open = wanted;
    if (open <= 0 && of->waiting_bytes == 0) open = 1;
    if (open <= of->open) return 0;
    uint64_t more = (uint64_t)(open - of->open);
    hold(sync, of, open, of->waiting_bytes);
    return more;
}

static void waiting_add(lane *of, uint64_t last, size_t bytes)
{
    if (of->waiting_count == PENDING_MAX) {
        of->waiting_count--;
        bytes += of->waiting[of->waiting_count].bytes;
    }
    of->waiting[of->waiting_count++] = (pending){last, bytes};
}

static void waiting_drop(lia_sync *sync, lane *of, uint64_t head)
{
    unsigned done = 0;
    size_t bytes = of->waiting_bytes;
    while (done < of->waiting_count && of->waiting[done].last <= head)
        bytes -= of->waiting[done++].bytes;
    of->waiting_count -= done;
    memmove(of->waiting, of->waiting + done, of->waiting_count * sizeof of->waiting[0]);
    hold(sync, of, of->open, bytes);
}

/* ---- asking -------------------------------------------------------------------------------- */

static bool send_fetch(lia_sync *sync, peer *to, const lane *of, uint64_t credit)
{
    Bus__Fetch fetch = BUS__FETCH__INIT;
    fetch.has_node = fetch.has_incarnation = fetch.has_after = true;
    fetch.node = of->origin.node;
    fetch.incarnation = of->origin.incarnation;
    fetch.after = of->received;
    fetch.has_hash = fetch.has_credit = true;
    fetch.hash = as_bytes(&of->received_hash, sizeof of->received_hash);
    fetch.credit = credit;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = to->session;
    frame.fetch = &fetch;
    return frame_send(sync, to, LIA_SYNC_CLIENT, &frame);
}

static void send_ack(lia_sync *sync, peer *to, const lane *of, uint64_t credit)
{
    Bus__Ack ack = BUS__ACK__INIT;
    ack.has_node = ack.has_incarnation = ack.has_durable = ack.has_credit = true;
    ack.node = of->origin.node;
    ack.incarnation = of->origin.incarnation;
    ack.durable = of->durable;
    ack.credit = credit;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = to->session;
    frame.ack = &ack;
    frame_send(sync, to, LIA_SYNC_CLIENT, &frame);
}

void lane_leave(lia_sync *sync, lane *of)
{
    peer *left = of->server;
    of->server = NULL;
    hold(sync, of, 0, of->waiting_bytes);
    if (left && left->state == SESSION_UP) send_fetch(sync, left, of, 0);
}

void lane_avoid(lia_sync *sync, lane *of, peer *from, bool shun)
{
    peer_lane *there = between(sync, from, of);
    there->shunned = shun;
    there->avoid_until_ms = sync->now_ms + (shun ? SHUN_MS : STALL_MS << there->strikes);
    if (there->strikes < STRIKES_MAX) there->strikes++;
}

void lane_forked(lia_sync *sync, lane *of, peer *from, uint64_t seq)
{
    peer_lane *there = between(sync, from, of);
    bool known = there->forked;
    there->forked = true;
    if (of->server == from) lane_leave(sync, of);
    lane_avoid(sync, of, from, true);
    if (!known)
        sync->options.ops->alarm(sync->options.context, LIA_SYNC_FORK, from->node, of->origin, seq);
}

static void ask(lia_sync *sync, lane *of, peer *from)
{
    peer_lane *there = between(sync, from, of);
    if (there->asked) { /* needs a new session, see peer_lane.asked */
        session_lost(sync, from, sync->now_ms);
        return;
    }
    uint64_t credit = grant(sync, of);
    if (!credit) return; /* the own disk has enough to do; the next tick looks again */
    there->asked = true;
    of->server = from;
    of->progress_ms = sync->now_ms;
    send_fetch(sync, from, of, credit);
}

/* How well a peer would serve the lane; 0: not at all. The origin, then somebody who is heard,
 * then whoever holds most. */
typedef struct fitness {
    unsigned rank;
    uint64_t head;
} fitness;

static fitness fitness_of(const lia_sync *sync, const lane *of, const peer *from)
{
    const peer_lane *there = between(sync, from, of);
    bool avoided = there->avoid_until_ms > sync->now_ms;
    uint64_t least = of->received + is_own(sync, of);
    if (!is_serving(from) || there->head < least || there->floor > of->received ||
        (avoided && there->shunned))
        return (fitness){0};
    unsigned rank = 1;
    if (!avoided) rank += 4;
    if (!is_doubtful(sync, from)) rank += 2;
    if (from->node == of->origin.node) rank += 1;
    return (fitness){rank, there->head};
}

static bool fitter(fitness a, fitness b)
{
    return a.rank != b.rank ? a.rank > b.rank : a.head > b.head;
}

static peer *fittest(lia_sync *sync, const lane *of)
{
    peer *best = NULL;
    fitness most = {0};
    size_t start = (size_t)(of - sync->lanes); /* equals share the lanes among them */
    for (size_t i = 0; i < sync->peer_count; i++) {
        peer *from = &sync->peers[(start + i) % sync->peer_count];
        fitness fit = fitness_of(sync, of, from);
        if (!fitter(fit, most)) continue;
        best = from;
        most = fit;
    }
    return best;
}

/* Home to the origin, or away from a server in doubt to somebody who has more. */
static bool is_worth_moving(const lia_sync *sync, const lane *of, const peer *to)
{
    fitness there = fitness_of(sync, of, to), here = fitness_of(sync, of, of->server);
    return there.rank > here.rank && (there.head > of->received || to->node == of->origin.node);
}

void lane_choose(lia_sync *sync, lane *of)
{
    if (of->quarantined || sync->now_ms < of->retry_ms) return;
    peer *best = fittest(sync, of);
    if (!best || (of->server && !is_worth_moving(sync, of, best))) return;
    if (of->server) lane_leave(sync, of);
    ask(sync, of, best);
}

/* Nothing came for too long though somebody has more. If the own disk is what all wait for, the
 * server is not to blame. */
static bool is_stalled(const lia_sync *sync, const lane *of)
{
    return of->server && !(of->open <= 0 && of->waiting_bytes) &&
           sync->now_ms - of->progress_ms >= of->patience_ms;
}

void lane_tick(lia_sync *sync, lane *of)
{
    if (lane_reachable(sync, of) <= of->received) {
        of->progress_ms = sync->now_ms;
        of->patience_ms = STALL_MS;
        if (of->server && is_own(sync, of)) lane_leave(sync, of); /* the rolled-back tail is back */
    } else if (is_stalled(sync, of)) {
        peer *slow = of->server;
        lane_leave(sync, of);
        lane_avoid(sync, of, slow, false);
        if (of->patience_ms < PATIENCE_MS_MAX) of->patience_ms *= 2;
    }
    lane_choose(sync, of);
    bool behind = lane_target(sync, of) > of->durable;
    if (!behind)
        of->behind_since_ms = 0;
    else if (!of->behind_since_ms)
        of->behind_since_ms = sync->now_ms ? sync->now_ms : 1;
}

/* ---- commits ------------------------------------------------------------------------------- */

void lane_committed(lia_sync *sync, lane *of, uint64_t head, const lia_hash *hash)
{
    if (head <= of->durable) return;
    of->durable = head;
    of->durable_hash = *hash;
    of->refused = false;
    if (head >= of->received) {
        of->received = head;
        of->received_hash = *hash;
    }
    waiting_drop(sync, of, head);
    if (of->server) send_ack(sync, of->server, of, grant(sync, of));
}

void lane_refused(lia_sync *sync, lane *of)
{
    of->received = of->durable;
    of->received_hash = of->durable_hash;
    of->waiting_count = 0;
    hold(sync, of, of->open, 0);
    of->refused = true;
    of->retry_ms = sync->now_ms + REFUSED_MS;
    if (of->server) lane_leave(sync, of);
}

/* ---- blocks -------------------------------------------------------------------------------- */

typedef enum verdict { BLOCK_GOOD, BLOCK_FORGED, BLOCK_UNSIGNED, BLOCK_FORKED } verdict;

static bool read_block(lia_sync *sync, lia_sealed *out, lane *of, const Bus__Batch *batch)
{
    size_t total = 0;
    if (batch->n_events == 0 || batch->n_events > LIA_BLOCK_EVENTS_MAX) return false;
    lia_span *events = lia_arena_take(&sync->in, batch->n_events * sizeof *events);
    if (!events) return false;
    for (size_t i = 0; i < batch->n_events; i++) {
        events[i] = lia_span_make(batch->events[i].data, batch->events[i].len);
        total += events[i].size;
    }
    *out = (lia_sealed){.origin = of->origin,
                        .first = batch->first,
                        .count = (uint32_t)batch->n_events,
                        .events = events};
    if (!batch->has_signature || batch->signature.len != sizeof out->signature) return false;
    memcpy(&out->signature, batch->signature.data, sizeof out->signature);
    return read_hash(&out->before, batch->has_before, batch->before) &&
           read_hash(&out->hash, batch->has_hash, batch->hash) &&
           total <= LIA_BLOCK_BYTES_MAX + LIA_EVENT_BYTES_MAX;
}

/* The chain hash at the end of the block's events; false when one is not what it should be. */
static bool chain_of(const lia_sealed *block, lia_hash *end)
{
    *end = block->before;
    for (uint32_t i = 0; i < block->count; i++) {
        lia_header header;
        lia_hash leaf;
        if (block->events[i].size > LIA_EVENT_BYTES_MAX ||
            lia_event_parse_header(&header, block->events[i]) ||
            lia_event_leaf(block->events[i], &leaf))
            return false;
        if (header.node != block->origin.node || header.incarnation != block->origin.incarnation ||
            header.seq != block->first + i)
            return false;
        *end = lia_chain_next(end, &leaf);
    }
    return true;
}

bool is_signed_end(const lia_sync *sync, lia_origin origin, uint64_t last, const lia_hash *hash,
                   const lia_signature *signature)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    size_t size = lia_seal_message(message, sync->options.cluster, origin, last, hash);
    return origin_signed(sync, origin, last, lia_span_make(message, size), signature);
}

static bool is_signed(const lia_sync *sync, const lia_sealed *block)
{
    return is_signed_end(sync, block->origin, block->first + block->count - 1, &block->hash,
                         &block->signature);
}

/* A block that its origin signed but that does not follow what it signed before proves a fork:
 * nobody else can make one. */
static verdict judge(lia_sync *sync, const lane *of, const lia_sealed *block)
{
    lia_hash end;
    if (!chain_of(block, &end) || !lia_hash_equal(&end, &block->hash)) return BLOCK_FORGED;
    if (!is_signed(sync, block)) return BLOCK_UNSIGNED;
    return lia_hash_equal(&block->before, &of->received_hash) ? BLOCK_GOOD : BLOCK_FORKED;
}

static void take_block(lia_sync *sync, lane *of, peer *from, const lia_sealed *block, size_t bytes)
{
    of->received = block->first + block->count - 1;
    of->received_hash = block->hash;
    of->progress_ms = sync->now_ms;
    of->patience_ms = STALL_MS;
    between(sync, from, of)->strikes = 0;
    waiting_add(of, of->received, bytes);
    hold(sync, of, of->open, of->waiting_bytes + bytes);
    sync->options.ops->write(sync->options.context, block);
}

static void forged(lia_sync *sync, lane *of, peer *from, uint64_t seq)
{
    sync->options.ops->alarm(sync->options.context, LIA_SYNC_FORGED, from->node, of->origin, seq);
    lane_leave(sync, of);
    lane_avoid(sync, of, from, true);
    lane_choose(sync, of);
}

void receive_batch(lia_sync *sync, peer *from, const Bus__Batch *batch, size_t frame_bytes)
{
    lia_origin origin;
    lia_sealed block;
    lane *of =
        read_origin(&origin, batch->node, batch->incarnation) ? find_lane(sync, origin) : NULL;
    if (!of || of->server != from) return;    /* left in the meantime */
    if (batch->first <= of->received) return; /* held already */
    if (of->open <= 0) {                      /* more than it was granted */
        lane_leave(sync, of);
        lane_avoid(sync, of, from, true);
        alarm_malformed(sync, from);
        return;
    }
    if (batch->has_epoch) learn_list(from, batch->epoch, 0);
    hold(sync, of, of->open - (int64_t)frame_bytes, of->waiting_bytes);
    if (batch->first > of->received + 1) { /* frames were lost */
        session_lost(sync, from, sync->now_ms);
        return;
    }
    verdict found = read_block(sync, &block, of, batch) ? judge(sync, of, &block) : BLOCK_FORGED;
    /* By a key, perhaps, that the peer has learnt of and this node has not: no reason to suspect.
     */
    if (found == BLOCK_UNSIGNED && has_later_list(sync, from)) {
        lane_leave(sync, of);
        lane_avoid(sync, of, from, false);
        lane_choose(sync, of);
    } else if (found == BLOCK_FORGED || found == BLOCK_UNSIGNED) {
        forged(sync, of, from, batch->first);
    } else if (found == BLOCK_FORKED) {
        of->quarantined = true;
        lane_forked(sync, of, from, batch->first);
    } else {
        take_block(sync, of, from, &block, frame_bytes);
    }
}
