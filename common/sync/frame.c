/* SPDX-License-Identifier: Apache-2.0 */
/* Small frames are packed by protobuf-c. A block is not: packing a message inside a message there
 * moves the whole of it once more, so its events are appended by hand behind the packed rest,
 * which is the same bytes on the wire. Reading goes through protobuf-c with an arena that is
 * large enough for any honest frame and ends the amplification of hostile ones. */
#include "common/base/assert.h"
#include "common/sync/inner.h"
#include "common/wire/pb.h"
#include "common/wire/unpack.h"

#define FRAME_BATCH  13 /* Frame.batch */
#define BATCH_EVENTS 7  /* Batch.events */
#define KEY_BYTES    1  /* of a field number below 16 */

ProtobufCBinaryData as_bytes(const void *data, size_t size)
{
    return (ProtobufCBinaryData){.len = size, .data = (uint8_t *)data};
}

bool read_hash(lia_hash *out, bool has, ProtobufCBinaryData bytes)
{
    if (!has || bytes.len != sizeof *out) return false;
    memcpy(out, bytes.data, sizeof *out);
    return true;
}

bool read_origin(lia_origin *out, uint32_t node, uint64_t incarnation)
{
    if (node == 0 || node > UINT16_MAX) return false;
    *out = (lia_origin){(uint16_t)node, incarnation};
    return true;
}

Bus__Frame *frame_read(lia_sync *sync, lia_span bytes)
{
    lia_arena_reset(&sync->in);
    if (bytes.size > LIA_FRAME_BYTES_MAX) return NULL;
    Bus__Frame *frame = (Bus__Frame *)lia_unpack(&bus__frame__descriptor, bytes, &sync->in);
    return frame && frame->protocol == PROTOCOL ? frame : NULL;
}

static bool send_bytes(lia_sync *sync, peer *to, lia_sync_role role, lia_span bytes)
{
    if (sync->options.ops->send(sync->options.context, to->node, role, bytes)) {
        to->sent_bytes += bytes.size;
        return true;
    }
    if (role == LIA_SYNC_CLIENT)
        session_lost(sync, to, sync->now_ms + to->backoff_ms);
    else
        asker_lost(to);
    return false;
}

bool frame_send(lia_sync *sync, peer *to, lia_sync_role role, Bus__Frame *frame)
{
    frame->has_protocol = true;
    frame->protocol = PROTOCOL;
    frame->has_session = true;
    size_t size = bus__frame__get_packed_size(frame);
    uint8_t *bytes = size > LIA_FRAME_BYTES_MAX ? NULL : lia_arena_take(&sync->out, size);
    lia_assert(bytes); /* the tables bound what a frame can hold */
    bus__frame__pack(frame, bytes);
    bool sent = send_bytes(sync, to, role, lia_span_make(bytes, size));
    lia_arena_reset(&sync->out);
    return sent;
}

static Bus__Batch batch_without_events(const lia_sync *sync, const lia_sealed *block)
{
    Bus__Batch batch = BUS__BATCH__INIT;
    batch.has_node = batch.has_incarnation = batch.has_first = true;
    batch.node = block->origin.node;
    batch.incarnation = block->origin.incarnation;
    batch.first = block->first;
    batch.has_epoch = sync->options.members.epoch != 0;
    batch.epoch = sync->options.members.epoch;
    batch.has_before = batch.has_hash = batch.has_signature = true;
    batch.before = as_bytes(&block->before, sizeof block->before);
    batch.hash = as_bytes(&block->hash, sizeof block->hash);
    batch.signature = as_bytes(&block->signature, sizeof block->signature);
    return batch;
}

static size_t varint_bytes(uint64_t value)
{
    uint8_t scratch[10];
    return lia_varint_put(scratch, value);
}

static size_t events_bytes(const lia_sealed *block)
{
    size_t total = 0;
    for (uint32_t i = 0; i < block->count; i++)
        total += KEY_BYTES + varint_bytes(block->events[i].size) + block->events[i].size;
    return total;
}

static void put_packed(lia_buf *out, const ProtobufCMessage *message, size_t size)
{
    uint8_t *to = lia_buf_room(out, size);
    if (to) out->size += protobuf_c_message_pack(message, to);
}

size_t frame_send_block(lia_sync *sync, peer *to, const lia_sealed *block)
{
    Bus__Frame outer = BUS__FRAME__INIT;
    outer.has_protocol = outer.has_session = true;
    outer.protocol = PROTOCOL;
    outer.session = to->asker;
    Bus__Batch rest = batch_without_events(sync, block);
    size_t outer_bytes = bus__frame__get_packed_size(&outer);
    size_t rest_bytes = bus__batch__get_packed_size(&rest);
    size_t inner_bytes = rest_bytes + events_bytes(block);
    size_t total = outer_bytes + KEY_BYTES + varint_bytes(inner_bytes) + inner_bytes;
    if (total > LIA_FRAME_BYTES_MAX) return 0;

    lia_buf out = lia_buf_make(&sync->out);
    lia_buf_room(&out, total);
    put_packed(&out, &outer.base, outer_bytes);
    uint8_t head[16] = {FRAME_BATCH << 3 | LIA_WIRE_BYTES};
    lia_buf_add(&out, head, KEY_BYTES + lia_varint_put(head + KEY_BYTES, inner_bytes));
    put_packed(&out, &rest.base, rest_bytes);
    for (uint32_t i = 0; i < block->count; i++)
        lia_pb_put_bytes(&out, BATCH_EVENTS, block->events[i]);
    lia_assert(!out.failed && out.size == total);
    bool sent = send_bytes(sync, to, LIA_SYNC_SERVER, lia_buf_get(&out));
    lia_arena_reset(&sync->out);
    return sent ? total : 0;
}

bool frame_send_mended(lia_sync *sync, peer *to, const lia_sealed *block)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Batch batch = batch_without_events(sync, block);
    batch.events = lia_arena_take(&sync->out, block->count * sizeof *batch.events);
    if (!batch.events || events_bytes(block) > LIA_FRAME_BYTES_MAX / 2) return false;
    for (uint32_t i = 0; i < block->count; i++)
        batch.events[i] = as_bytes(block->events[i].data, block->events[i].size);
    batch.n_events = block->count;
    frame.mended = &batch;
    frame.session = to->asker;
    return frame_send(sync, to, LIA_SYNC_SERVER, &frame);
}

bool frame_send_problem(lia_sync *sync, peer *to, uint64_t session, Bus__ProblemCode code,
                        lia_origin origin, uint64_t seq)
{
    Bus__Problem problem = BUS__PROBLEM__INIT;
    problem.has_code = problem.has_node = problem.has_incarnation = problem.has_seq = true;
    problem.code = code;
    problem.node = origin.node;
    problem.incarnation = origin.incarnation;
    problem.seq = seq;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = session;
    frame.problem = &problem;
    return frame_send(sync, to, LIA_SYNC_SERVER, &frame);
}
