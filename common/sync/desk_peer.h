/* SPDX-License-Identifier: Apache-2.0 */
/* desk_peer - what peers say to the machine on the desk: frames as they would come from them. */
#ifndef LIA_SYNC_DESK_PEER_H
#define LIA_SYNC_DESK_PEER_H

#include "common/sync/desk.h"

static inline ProtobufCBinaryData desk_bytes(const void *data, size_t size)
{
    return (ProtobufCBinaryData){size, (uint8_t *)data};
}

static inline lia_span desk_pack(desk *on, uint64_t session, Bus__Frame *frame)
{
    frame->has_protocol = frame->has_session = true;
    frame->protocol = 1;
    frame->session = session;
    size_t size = bus__frame__get_packed_size(frame);
    uint8_t *bytes = lia_arena_take(&on->arena, size);
    bus__frame__pack(frame, bytes);
    return lia_span_make(bytes, size);
}

static inline void desk_hear(desk *on, uint16_t from, lia_sync_role role, lia_span frame)
{
    lia_sync_receive(on->sync, from, role, frame, on->now_ms, DESK_WALL);
}

static inline Bus__Head desk_head(const lia_sealed *block)
{
    Bus__Head head = BUS__HEAD__INIT;
    head.has_node = head.has_incarnation = head.has_seq = head.has_hash = true;
    head.node = block->origin.node;
    head.incarnation = block->origin.incarnation;
    head.seq = block->first + block->count - 1;
    head.hash = desk_bytes(&block->hash, sizeof block->hash);
    return head;
}

static inline Bus__Hello desk_hello(desk *on, uint16_t from)
{
    uint8_t *sum = lia_arena_take(&on->arena, 16);
    Bus__Hello hello = BUS__HELLO__INIT;
    hello.has_cluster = hello.has_node = hello.has_boot = true;
    hello.cluster = desk_bytes(on->cluster.bytes, sizeof on->cluster.bytes);
    hello.node = from;
    hello.boot = 1000 + from;
    hello.has_protocol_min = hello.has_protocol_max = hello.has_wall_ms = true;
    hello.protocol_min = hello.protocol_max = 1;
    hello.wall_ms = DESK_WALL.ms;
    lia_put_u64(sum, on->peers_erased.sum.of_hashes[0]);
    lia_put_u64(sum + 8, on->peers_erased.sum.of_hashes[1]);
    hello.has_erasures = hello.has_erasures_sum = true;
    hello.erasures = on->peers_erased.sum.count;
    hello.erasures_sum = desk_bytes(sum, 16);
    return hello;
}

/* The peer as server accepts the machine; it holds up to `head` (NULL: nothing), and says whether
 * the same customers were erased at both. */
static inline void desk_welcome_erased(desk *on, uint16_t from, uint64_t session,
                                       const lia_sealed *held, bool agree)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Hello hello = desk_hello(on, from);
    Bus__Head head, *heads[] = {&head};
    hello.has_erasures_agree = true;
    hello.erasures_agree = agree;
    frame.welcome = &hello;
    if (held) {
        head = desk_head(held);
        hello.heads = heads;
        hello.n_heads = 1;
    }
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, session, &frame));
}

static inline void desk_welcome(desk *on, uint16_t from, uint64_t session, const lia_sealed *held)
{
    desk_welcome_erased(on, from, session, held, true);
}

static inline void desk_heads(desk *on, uint16_t from, uint64_t session, const lia_sealed *held)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Heads said = BUS__HEADS__INIT;
    Bus__Head head = desk_head(held), *heads[] = {&head};
    said.heads = heads;
    said.n_heads = 1;
    frame.heads = &said;
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, session, &frame));
}

static inline void desk_fill_batch(desk *on, Bus__Batch *batch, const lia_sealed *block)
{
    *batch = (Bus__Batch)BUS__BATCH__INIT;
    batch->has_node = batch->has_incarnation = batch->has_first = true;
    batch->node = block->origin.node;
    batch->incarnation = block->origin.incarnation;
    batch->first = block->first;
    batch->has_before = batch->has_hash = batch->has_signature = true;
    batch->before = desk_bytes(&block->before, sizeof block->before);
    batch->hash = desk_bytes(&block->hash, sizeof block->hash);
    batch->signature = desk_bytes(&block->signature, sizeof block->signature);
    batch->n_events = block->count;
    batch->events = lia_arena_take(&on->arena, block->count * sizeof *batch->events);
    for (uint32_t i = 0; i < block->count; i++)
        batch->events[i] = desk_bytes(block->events[i].data, block->events[i].size);
}

static inline lia_span desk_batch_frame(desk *on, uint64_t session, const lia_sealed *block)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Batch batch;
    desk_fill_batch(on, &batch, block);
    frame.batch = &batch;
    return desk_pack(on, session, &frame);
}

static inline void desk_batch(desk *on, uint16_t from, uint64_t session, const lia_sealed *block)
{
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_batch_frame(on, session, block));
}

/* The peer as client greets; returns the session it is given, 0 when it is refused. */
static inline uint64_t desk_greets(desk *on, uint16_t from)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Hello hello = desk_hello(on, from);
    frame.hello = &hello;
    on->said_count = 0;
    desk_hear(on, from, LIA_SYNC_SERVER, desk_pack(on, 0, &frame));
    return on->said_count && on->said[0].frame->welcome ? on->said[0].frame->session : 0;
}

static inline void desk_fetch(desk *on, uint16_t from, uint64_t session, lia_origin origin,
                              uint64_t after, const lia_hash *hash, uint64_t credit)
{
    static const lia_hash start;
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Fetch fetch = BUS__FETCH__INIT;
    fetch.has_node = fetch.has_incarnation = fetch.has_after = fetch.has_hash = true;
    fetch.node = origin.node;
    fetch.incarnation = origin.incarnation;
    fetch.after = after;
    fetch.hash = desk_bytes(hash ? hash : &start, sizeof *hash);
    fetch.has_credit = true;
    fetch.credit = credit;
    frame.fetch = &fetch;
    desk_hear(on, from, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
}

static inline void desk_ack(desk *on, uint16_t from, uint64_t session, lia_origin origin,
                            uint64_t durable, uint64_t credit)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Ack ack = BUS__ACK__INIT;
    ack.has_node = ack.has_incarnation = ack.has_durable = ack.has_credit = true;
    ack.node = origin.node;
    ack.incarnation = origin.incarnation;
    ack.durable = durable;
    ack.credit = credit;
    frame.ack = &ack;
    desk_hear(on, from, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
}

/* A part of the peer's state: one lane, up to `end`; `next` 0: the last. */
static inline lia_span desk_part_frame(desk *on, uint64_t session, const lia_sealed *end,
                                       uint8_t next)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__StateChunk chunk = BUS__STATE_CHUNK__INIT;
    Bus__StateLane lane = BUS__STATE_LANE__INIT, *lanes[] = {&lane};
    Bus__StateRow row = BUS__STATE_ROW__INIT, *rows[] = {&row};
    ProtobufCBinaryData event = desk_bytes(end->events[0].data, end->events[0].size);
    uint8_t *cursor = lia_arena_take(&on->arena, 1);
    *cursor = next;
    lane.has_node = lane.has_incarnation = lane.has_seq = true;
    lane.node = end->origin.node;
    lane.incarnation = end->origin.incarnation;
    lane.seq = end->first + end->count - 1;
    lane.has_hash = lane.has_signature = true;
    lane.hash = desk_bytes(&end->hash, sizeof end->hash);
    lane.signature = desk_bytes(&end->signature, sizeof end->signature);
    row.has_key = row.has_value = true;
    row.key = desk_bytes("key", 3);
    row.value = desk_bytes("value", 5);
    chunk.lanes = lanes;
    chunk.rows = rows;
    chunk.events = &event;
    chunk.n_lanes = chunk.n_rows = chunk.n_events = 1;
    chunk.has_next = next != 0;
    chunk.next = desk_bytes(cursor, 1);
    frame.state_chunk = &chunk;
    return desk_pack(on, session, &frame);
}

static inline void desk_asks_state(desk *on, uint16_t from, uint64_t session, lia_span after)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__StateRequest ask = BUS__STATE_REQUEST__INIT;
    ask.has_after = after.size > 0;
    ask.after = desk_bytes(after.data, after.size);
    frame.state_request = &ask;
    desk_hear(on, from, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
}

static inline void desk_problem(desk *on, uint16_t from, uint64_t session, Bus__ProblemCode code,
                                lia_origin origin, uint64_t seq)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Problem problem = BUS__PROBLEM__INIT;
    problem.has_code = problem.has_node = problem.has_incarnation = problem.has_seq = true;
    problem.code = code;
    problem.node = origin.node;
    problem.incarnation = origin.incarnation;
    problem.seq = seq;
    frame.problem = &problem;
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, session, &frame));
}

#endif
