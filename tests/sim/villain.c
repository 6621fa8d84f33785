/* SPDX-License-Identifier: Apache-2.0 */
/* A villain runs the same machine as everybody, and changes what goes in and out: so its lies
 * come at the right moments of real sessions. It has its own valid keys, and nobody else's. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/limits.h"
#include "common/wire/event.h"
#include "proto/bus.pb-c.h"
#include "tests/sim/sim.h"

static lia_arena memory; /* of one frame */

static void *take(void *unused, size_t size)
{
    (void)unused;
    void *got = lia_arena_take(&memory, size);
    lia_assert(got);
    return got;
}
static void give(void *unused, void *what)
{
    (void)unused, (void)what;
}

static Bus__Frame *read_frame(lia_span frame)
{
    static ProtobufCAllocator allocator = {take, give, NULL};
    if (!memory.base) require(lia_arena_init(&memory, 64 << 20));
    lia_arena_reset(&memory);
    return bus__frame__unpack(&allocator, frame.size, frame.data);
}

static lia_span write_frame(const Bus__Frame *frame)
{
    size_t size = bus__frame__get_packed_size(frame);
    uint8_t *bytes = take(NULL, size);
    bus__frame__pack(frame, bytes);
    return lia_span_make(bytes, size);
}

static ProtobufCBinaryData copy_of(const void *data, size_t size)
{
    uint8_t *copy = take(NULL, size);
    memcpy(copy, data, size);
    return (ProtobufCBinaryData){size, copy};
}

/* ---- the forger ---------------------------------------------------------------------------- */

static void spoil(sim *world, ProtobufCBinaryData *bytes)
{
    if (bytes->len) bytes->data[sim_roll(world, bytes->len)] ^= (uint8_t)(1 + sim_roll(world, 255));
}

static void forge(sim *world, Bus__Frame *frame)
{
    Bus__Batch *batch = frame->batch;
    if (!batch || sim_roll(world, 3)) return;
    world->checker.forged++;
    switch (sim_roll(world, 5)) {
    case 0:
        spoil(world, &batch->signature);
        break;
    case 1:
        spoil(world, &batch->hash);
        break;
    case 2:
        batch->n_events = batch->n_events > 1 ? batch->n_events - 1 : 0;
        break;
    case 3:
        spoil(world, &batch->before);
        break;
    default:
        spoil(world, &batch->events[sim_roll(world, batch->n_events)]);
        break;
    }
}

/* ---- the forker ---------------------------------------------------------------------------- */

/* The other history says of each event something else, in the same blocks. */
static lia_span other_event(sim_node *villain, lia_span event)
{
    static const uint8_t salt[16] = {1};
    lia_header header;
    lia_assert(lia_event_parse_header(&header, event) == LIA_OK);
    header.incarnation = villain->incarnation;
    lia_buf out = lia_buf_make(&memory);
    lia_assert(lia_event_build(&out, &header, NULL, 0, LIA_SPAN("\x0a\x0c" "another tale"), salt) == LIA_OK);
    return lia_buf_get(&out);
}

/* The chain hash of the other history at `seq`. */
static lia_hash other_hash(sim_node *villain, uint64_t seq)
{
    lia_hash hash = {{0}}, leaf;
    lia_sealed block;
    for (uint64_t at = 1; at <= seq; at += block.count) {
        if (sim_disk_read(&villain->disk, sim_node_origin(villain), at, &block)) break;
        for (uint32_t i = 0; i < block.count && at + i <= seq; i++) {
            lia_assert(lia_event_leaf(other_event(villain, block.events[i]), &leaf) == LIA_OK);
            hash = lia_chain_next(&hash, &leaf);
        }
    }
    return hash;
}

static bool is_own(const sim_node *villain, uint32_t node, uint64_t incarnation)
{
    return node == villain->number && incarnation == villain->incarnation;
}

static void fork_heads(sim_node *villain, Bus__Head **heads, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_own(villain, heads[i]->node, heads[i]->incarnation)) continue;
        lia_hash hash = other_hash(villain, heads[i]->seq);
        heads[i]->hash = copy_of(&hash, sizeof hash);
    }
}

static void fork_batch(sim_node *villain, Bus__Batch *batch)
{
    if (!is_own(villain, batch->node, batch->incarnation)) return;
    uint64_t last = batch->first + batch->n_events - 1;
    lia_hash before = other_hash(villain, batch->first - 1), hash = other_hash(villain, last);
    for (size_t i = 0; i < batch->n_events; i++) {
        lia_span event =
            other_event(villain, lia_span_make(batch->events[i].data, batch->events[i].len));
        batch->events[i] = copy_of(event.data, event.size);
    }
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    size_t size =
        lia_seal_message(message, villain->world->cluster, sim_node_origin(villain), last, &hash);
    lia_signature signature = lia_sign(sim_key(villain->index, villain->disk.signing), lia_span_make(message, size));
    batch->before = copy_of(&before, sizeof before);
    batch->hash = copy_of(&hash, sizeof hash);
    batch->signature = copy_of(&signature, sizeof signature);
}

static void fork_frame(sim_node *villain, Bus__Frame *frame)
{
    if (frame->hello) fork_heads(villain, frame->hello->heads, frame->hello->n_heads);
    if (frame->welcome) fork_heads(villain, frame->welcome->heads, frame->welcome->n_heads);
    if (frame->heads) fork_heads(villain, frame->heads->heads, frame->heads->n_heads);
    if (frame->batch) fork_batch(villain, frame->batch);
}

/* ---- the liar ------------------------------------------------------------------------------ */

static void lie_about_heads(sim *world, Bus__Head **heads, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sim_roll(world, 3)) continue;
        if (sim_roll(world, 2))
            heads[i]->seq += 1 + sim_roll(world, 100);
        else
            spoil(world, &heads[i]->hash);
        if (sim_roll(world, 10) == 0) heads[i]->incarnation = sim_dice(world);
    }
}

static void lie_instead(sim *world, Bus__Frame *frame)
{
    Bus__Problem *problem = take(NULL, sizeof *problem);
    bus__problem__init(problem);
    problem->has_code = problem->has_node = problem->has_incarnation = problem->has_seq = true;
    problem->code = (Bus__ProblemCode)sim_roll(world, 8);
    problem->node = frame->batch->node;
    problem->incarnation = frame->batch->incarnation;
    problem->seq = sim_roll(world, 50);
    frame->batch = NULL;
    frame->problem = problem;
}

/* False: says nothing. */
static bool lie(sim *world, Bus__Frame *frame)
{
    if (frame->heads) lie_about_heads(world, frame->heads->heads, frame->heads->n_heads);
    if (frame->welcome) lie_about_heads(world, frame->welcome->heads, frame->welcome->n_heads);
    if (frame->welcome && sim_roll(world, 3) == 0)
        frame->welcome->erasures_agree = !frame->welcome->erasures_agree;
    if (frame->heads && frame->heads->has_erasures && sim_roll(world, 3) == 0)
        frame->heads->erasures++;
    if (frame->erasure_ask && sim_roll(world, 3) == 0) frame->erasure_ask->done = true;
    if (frame->erasure_page && sim_roll(world, 3) == 0) {
        frame->erasure_page->customers.len = 0;
        frame->erasure_page->end = frame->erasure_page->held = true;
    }
    if (frame->ack && sim_roll(world, 4) == 0) frame->ack->durable += sim_roll(world, 100);
    if (frame->fetch && sim_roll(world, 4) == 0) frame->fetch->after += sim_roll(world, 10);
    if (!frame->batch || sim_roll(world, 2)) return true;
    if (sim_roll(world, 2)) return false;
    lie_instead(world, frame);
    return true;
}

/* ---- the babbler --------------------------------------------------------------------------- */

static lia_span babble(sim *world, lia_span frame)
{
    static uint8_t bytes[LIA_FRAME_BYTES_MAX];
    if (sim_roll(world, 3)) return frame;
    size_t size = sim_roll(world, 4) ? frame.size : sim_roll(world, frame.size + 1);
    memcpy(bytes, frame.data, size);
    for (uint64_t flips = sim_roll(world, 4); size && flips; flips--)
        bytes[sim_roll(world, size)] = (uint8_t)sim_dice(world);
    return lia_span_make(bytes, size);
}

/* ---- in and out ---------------------------------------------------------------------------- */

lia_span sim_villain_says(sim *world, sim_node *villain, uint16_t to, lia_sync_role role,
                          lia_span frame)
{
    (void)role;
    if (world->villainy == SIM_BABBLER) return babble(world, frame);
    Bus__Frame *said = read_frame(frame);
    lia_assert(said);
    if (world->villainy == SIM_FORGER) forge(world, said);
    if (world->villainy == SIM_FORKER && to % 2) fork_frame(villain, said);
    if (world->villainy == SIM_LIAR && !lie(world, said)) return LIA_SPAN_NONE;
    return write_frame(said);
}

/* Who was told the other history also asks for what follows it. */
lia_span sim_villain_hears(sim *world, sim_node *villain, uint16_t from, lia_sync_role role,
                           lia_span frame)
{
    if (world->villainy != SIM_FORKER || from % 2 == 0 || role != LIA_SYNC_SERVER) return frame;
    Bus__Frame *heard = read_frame(frame);
    lia_assert(heard);
    Bus__Fetch *fetch = heard->fetch;
    if (!fetch || !is_own(villain, fetch->node, fetch->incarnation)) return frame;
    lia_hash hash = sim_truth_hash(world, sim_node_origin(villain), fetch->after);
    fetch->hash = copy_of(&hash, sizeof hash);
    return write_frame(heard);
}
