/* SPDX-License-Identifier: Apache-2.0 */
/* Disks forget bits, and LMDB has no checksums. So the own log is read again and again, lane after
 * lane, at a bounded pace, and each block must be what its origin sealed: events of that lane and
 * those numbers, chained to the hash that the next block begins with, signed. One that is not is
 * asked for at peers, one after the other, until somebody has it whole; it counts if it is sealed
 * and ends with the hash that the own log has there. Nothing else stops meanwhile. */
#include "common/sync/inner.h"

/* Per tick, ten times a second: 4 MiB/s at most, and a millisecond or two of signatures. */
#define TICK_BLOCKS 16
#define TICK_LOOK   ((size_t)400 << 10)
#define ASK_MS      1000 /* between two questions about one block */

/* ---- damage -------------------------------------------------------------------------------- */

static const damage *find_damage(const inspection *at, const lane *of, uint64_t first,
                                 uint64_t last)
{
    for (size_t i = 0; i < at->count; i++)
        if (at->list[i].of == of && at->list[i].seq >= first && at->list[i].seq <= last)
            return &at->list[i];
    return NULL;
}

/* `own` is what was read of it; NULL: nothing. */
static void note_damage(lia_sync *sync, lane *of, uint64_t seq, const lia_sealed *own)
{
    inspection *at = &sync->inspection;
    uint64_t last = own ? own->first + own->count - 1 : seq;
    if (find_damage(at, of, own ? own->first : seq, last) || at->count == DAMAGED_MAX) return;
    at->list[at->count++] = (damage){.of = of,
                                     .seq = own ? own->first : seq,
                                     .has_hash = own != NULL,
                                     .hash = own ? own->hash : (lia_hash){{0}},
                                     .ask_ms = sync->now_ms};
    sync->options.ops->alarm(sync->options.context, LIA_SYNC_DAMAGED, 0, of->origin, seq);
}

static void forget_damage(inspection *at, const damage *one)
{
    at->list[one - at->list] = at->list[at->count - 1];
    at->count--;
}

bool inspect_knows(const lia_sync *sync, const lane *of, const lia_sealed *block)
{
    const inspection *at = &sync->inspection;
    return at->count && find_damage(at, of, block->first, block->first + block->count - 1);
}

/* ---- looking ------------------------------------------------------------------------------- */

static void next_lane(inspection *at)
{
    at->lane++;
    at->seq = 0;
    at->has_before = false;
}

static void end_pass(lia_sync *sync)
{
    inspection *at = &sync->inspection;
    at->lane = 0;
    at->seq = 0;
    at->has_before = false;
    at->at_ms = sync->now_ms + sync->options.inspect_ms;
    at->status.seen = 0;
    at->status.passes++;
    at->status.passed_ms = sync->now_ms ? sync->now_ms : 1;
}

/* Of somebody who is no member any more the key may be gone, even as a former one; the chain is
 * not. */
static bool is_right(lia_sync *sync, const lia_sealed *block)
{
    lia_hash end;
    uint16_t node = block->origin.node;
    bool has_key = node == sync->options.node || find_peer(sync, node) ||
                   origin_limit(sync, block->origin) >= block->first + block->count - 1;
    if (has_key) return is_sealed(sync, block);
    return lia_seal_chain(block, &end) && lia_hash_equal(&end, &block->hash);
}

static bool is_whole(lia_sync *sync, const lia_sealed *block)
{
    const inspection *at = &sync->inspection;
    bool follows = !at->has_before || lia_hash_equal(&at->before, &block->before);
    return block->first == at->seq && follows && is_right(sync, block);
}

bool inspect_block(lia_sync *sync, lane *of, const lia_sealed *block)
{
    if (is_right(sync, block)) return true;
    if (sync->options.ops->mend) note_damage(sync, of, block->first, block);
    return false;
}

static size_t bytes_of(const lia_sealed *block)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < block->count; i++) bytes += block->events[i].size;
    return bytes;
}

static void step_over(inspection *at, uint64_t last, const lia_hash *hash)
{
    at->status.seen += last + 1 - at->seq;
    at->seq = last + 1;
    at->has_before = hash != NULL;
    if (hash) at->before = *hash;
}

/* Looks at the block that begins at at->seq. Returns its bytes. */
static size_t look(lia_sync *sync, lane *of)
{
    inspection *at = &sync->inspection;
    lia_sealed block;
    lia_err err = sync->options.ops->read(sync->options.context, of->origin, at->seq, &block);
    if (err == LIA_EGONE && block.first > at->seq) { /* it has left the log */
        step_over(at, block.first - 1, NULL);
        return 0;
    }
    at->status.blocks++;
    if (err) {
        note_damage(sync, of, at->seq, NULL);
        step_over(at, at->seq, NULL);
        return 0;
    }
    uint64_t last = block.first + block.count - 1;
    size_t bytes = bytes_of(&block);
    bool whole = is_whole(sync, &block);
    const damage *known = find_damage(at, of, block.first, last);
    if (!whole)
        note_damage(sync, of, at->seq, &block);
    else if (known)
        forget_damage(at, known); /* it was mended */
    at->status.bytes += bytes;
    step_over(at, last >= at->seq ? last : at->seq, whole ? &block.hash : NULL);
    return bytes;
}

static void look_on(lia_sync *sync)
{
    inspection *at = &sync->inspection;
    size_t bytes = 0;
    for (unsigned i = 0; i < TICK_BLOCKS && bytes < TICK_LOOK && sync->now_ms >= at->at_ms; i++) {
        if (at->lane >= sync->lane_count) {
            end_pass(sync);
            return;
        }
        lane *of = &sync->lanes[at->lane];
        if (at->seq == 0) at->seq = 1;
        if (at->seq > of->durable)
            next_lane(at);
        else
            bytes += look(sync, of);
    }
}

/* ---- asking -------------------------------------------------------------------------------- */

static void send_mend(lia_sync *sync, peer *to, const damage *one)
{
    Bus__Mend said = BUS__MEND__INIT;
    Bus__Frame frame = BUS__FRAME__INIT;
    said.has_node = said.has_incarnation = said.has_seq = true;
    said.node = one->of->origin.node;
    said.incarnation = one->of->origin.incarnation;
    said.seq = one->seq;
    frame.mend = &said;
    frame.session = to->session;
    frame_send(sync, to, LIA_SYNC_CLIENT, &frame);
}

static void ask_next(lia_sync *sync, damage *one)
{
    one->ask_ms = sync->now_ms + ASK_MS;
    for (size_t i = 0; i < sync->peer_count; i++) {
        peer *with = &sync->peers[one->turn++ % sync->peer_count];
        const peer_lane *there = between(sync, with, one->of);
        if (with->state != SESSION_UP || there->head < one->seq || there->forked) continue;
        send_mend(sync, with, one);
        return;
    }
}

void inspect_tick(lia_sync *sync)
{
    inspection *at = &sync->inspection;
    if (!sync->options.ops->mend) return;
    look_on(sync);
    for (size_t i = 0; i < at->count; i++)
        if (sync->now_ms >= at->list[i].ask_ms) ask_next(sync, &at->list[i]);
}

/* ---- answering ----------------------------------------------------------------------------- */

void receive_mend(lia_sync *sync, peer *from, const Bus__Mend *mend)
{
    lia_origin origin;
    lia_sealed block;
    if (!read_origin(&origin, mend->node, mend->incarnation)) {
        alarm_malformed(sync, from);
        return;
    }
    lane *of = find_lane(sync, origin);
    if (!from->asker_agreed || !of || mend->seq == 0 || mend->seq > of->durable ||
        sync->options.ops->read(sync->options.context, origin, mend->seq, &block) ||
        !is_right(sync, &block) || erasures_apply(sync, &block))
        return;
    frame_send_mended(sync, from, &block);
}

/* What the own log has at the end of the block: in its row, at its head or in the next block. */
static bool ends_as_here(lia_sync *sync, const damage *one, const lia_sealed *block)
{
    lia_sealed next;
    const lane *of = one->of;
    uint64_t last = block->first + block->count - 1;
    if (one->has_hash && lia_hash_equal(&one->hash, &block->hash)) return true;
    if (last == of->durable) return lia_hash_equal(&of->durable_hash, &block->hash);
    return sync->options.ops->read(sync->options.context, of->origin, last + 1, &next) == LIA_OK &&
           next.first == last + 1 && lia_hash_equal(&next.before, &block->hash);
}

void receive_mended(lia_sync *sync, peer *from, const Bus__Batch *batch)
{
    lia_origin origin;
    lia_sealed block;
    inspection *at = &sync->inspection;
    lane *of =
        read_origin(&origin, batch->node, batch->incarnation) ? find_lane(sync, origin) : NULL;
    if (!of || !read_block(sync, &block, of, batch)) {
        alarm_malformed(sync, from);
        return;
    }
    const damage *one = find_damage(at, of, block.first, block.first + block.count - 1);
    if (!one || !sync->options.ops->mend) return; /* somebody else was faster */
    if (!is_right(sync, &block) || !ends_as_here(sync, one, &block))
        return; /* damaged there, too */
    forget_damage(at, one);
    at->status.mended++;
    sync->options.ops->mend(sync->options.context, &block);
}

/* ---- status -------------------------------------------------------------------------------- */

void lia_sync_get_inspection(const lia_sync *sync, lia_sync_inspection *out)
{
    const inspection *at = &sync->inspection;
    *out = at->status;
    out->damaged = at->count;
    for (size_t i = 0; i < sync->lane_count; i++) out->all += sync->lanes[i].durable;
    for (size_t i = 0; i < at->count && i < LIA_COUNT(out->first); i++)
        out->first[i] = (lia_sync_mark){at->list[i].of->origin, at->list[i].seq};
}
