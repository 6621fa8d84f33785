/* SPDX-License-Identifier: Apache-2.0 */
/* Writing, chaining and erasing events. Fields go out in ascending order and only when they say
 * something; the order is custom, not law, since nobody serialises an event twice. */
#include "common/wire/event.h"

#include "common/wire/event_slots.h"
#include "common/wire/pb.h"

static void put_id(lia_buf *out, uint32_t number, const lia_id *id)
{
    if (!lia_id_is_none(*id)) lia_pb_put_bytes(out, number, lia_id_span(id));
}

static void put_number(lia_buf *out, uint32_t number, uint64_t value)
{
    if (value) lia_pb_put_varint(out, number, value);
}

/* What is not sampled nobody will look for. */
static void put_trace(lia_buf *out, const lia_trace *trace)
{
    uint8_t bytes[LIA_TRACE_ID_SIZE + LIA_TRACE_SPAN_SIZE];
    if (!lia_trace_is_sampled(trace)) return;
    memcpy(bytes, trace->id, LIA_TRACE_ID_SIZE);
    memcpy(bytes + LIA_TRACE_ID_SIZE, trace->span, LIA_TRACE_SPAN_SIZE);
    lia_pb_put_bytes(out, 17, LIA_SPAN_OF(bytes));
}

static void put_header(lia_buf *out, const lia_header *header)
{
    size_t opened = lia_pb_open(out, 1);
    lia_pb_put_varint(out, 1, 1);
    lia_pb_put_varint(out, 2, header->node);
    lia_pb_put_fixed64(out, 3, header->incarnation);
    lia_pb_put_varint(out, 4, header->seq);
    lia_pb_put_fixed64(out, 5, header->hlc);
    put_number(out, 6, header->fact);
    put_number(out, 7, header->department);
    put_id(out, 8, &header->command);
    if (header->request) lia_pb_put_fixed64(out, 9, header->request);
    put_number(out, 10, header->part);
    if (header->parts != 1) lia_pb_put_varint(out, 11, header->parts);
    put_number(out, 12, header->actor);
    if (header->cause.seq) {
        size_t cause = lia_pb_open(out, 13);
        lia_pb_put_varint(out, 1, header->cause.node);
        lia_pb_put_fixed64(out, 2, header->cause.incarnation);
        lia_pb_put_varint(out, 3, header->cause.seq);
        lia_pb_close(out, cause);
    }
    put_number(out, 14, header->depth);
    put_id(out, 15, &header->customer);
    if (header->quiet) lia_pb_put_varint(out, 16, 1);
    put_trace(out, &header->trace);
    lia_pb_close(out, opened);
}

static void put_touch(lia_buf *out, const lia_touch *touch)
{
    size_t opened = lia_pb_open(out, 4);
    lia_pb_put_varint(out, 1, touch->field);
    if (touch->element.size) lia_pb_put_bytes(out, 2, touch->element);
    if (touch->clear) lia_pb_put_varint(out, 3, 1);
    if (!lia_stamp_is_none(&touch->seen)) {
        size_t seen = lia_pb_open(out, 4);
        lia_pb_put_fixed64(out, 1, touch->seen.hlc);
        lia_pb_put_varint(out, 2, touch->seen.node);
        lia_pb_put_fixed64(out, 3, touch->seen.incarnation);
        lia_pb_put_varint(out, 4, touch->seen.seq);
        lia_pb_close(out, seen);
    }
    if (touch->hlc) lia_pb_put_fixed64(out, 5, touch->hlc);
    if (touch->has_value) lia_pb_put_bytes(out, 6, touch->value);
    lia_pb_close(out, opened);
}

static void put_op(lia_buf *out, const lia_op *op)
{
    size_t opened = lia_pb_open(out, 2);
    lia_pb_put_bytes(out, 1, lia_id_span(&op->record));
    lia_pb_put_varint(out, 2, op->kind);
    if (op->set.size) lia_pb_put_bytes(out, 3, op->set);
    for (size_t i = 0; i < op->touch_count; i++) put_touch(out, &op->touches[i]);
    lia_pb_close(out, opened);
}

/* What was built must parse: an event that only its origin could read would stop its lane. */
static lia_err check_built(lia_buf *out, size_t before)
{
    if (out->failed) return LIA_EFULL;
    size_t mark = lia_arena_mark(out->arena);
    lia_event event;
    lia_err err =
        lia_event_parse(&event, lia_span_skip(lia_buf_get(out), before), out->arena, NULL);
    lia_arena_back(out->arena, mark);
    if (err) out->size = before;
    return err;
}

lia_err lia_event_build(lia_buf *out, const lia_header *header, const lia_op *ops, size_t op_count,
                        lia_span fact, const uint8_t *salt)
{
    uint8_t fresh[LIA_SALT_SIZE];
    if (!salt) {
        lia_random(fresh, sizeof fresh);
        salt = fresh;
    }
    size_t before = out->size;
    put_header(out, header);
    size_t body = lia_pb_open(out, 2);
    lia_pb_put_bytes(out, 1, lia_span_make(salt, LIA_SALT_SIZE));
    for (size_t i = 0; i < op_count; i++) put_op(out, &ops[i]);
    if (header->fact || fact.size) lia_pb_put_bytes(out, 3, fact);
    lia_pb_close(out, body);
    return check_built(out, before);
}

/* ---- chain ---------------------------------------------------------------------------------- */

static lia_hash body_hash(const lia_event_parts *parts)
{
    if (!parts->erased) return lia_hash_of("liaison.body", &parts->body, 1);
    lia_hash hash;
    memcpy(hash.bytes, parts->body_hash.data, sizeof hash.bytes);
    return hash;
}

lia_err lia_event_leaf(lia_span bytes, lia_hash *leaf)
{
    lia_event_parts parts;
    lia_err err = lia_event_split(&parts, bytes, NULL);
    if (err) return err;
    lia_hash body = body_hash(&parts);
    lia_span both[] = {parts.header, LIA_SPAN_OF(body)};
    *leaf = lia_hash_of("liaison.leaf", both, LIA_COUNT(both));
    return LIA_OK;
}

lia_hash lia_chain_next(const lia_hash *before, const lia_hash *leaf)
{
    lia_span both[] = {LIA_SPAN_OF(*before), LIA_SPAN_OF(*leaf)};
    return lia_hash_of("liaison.chain", both, LIA_COUNT(both));
}

/* ---- erasing -------------------------------------------------------------------------------- */

#define PADDING_NUMBER 15 /* in Event: no release gives it a meaning */

/* A length in exactly `width` bytes: a varint may be longer than it needs to be. */
static void put_wide_length(lia_buf *out, size_t length, size_t width)
{
    for (size_t i = 1; i < width; i++, length >>= 7) lia_buf_byte(out, (uint8_t)(length | 0x80));
    lia_buf_byte(out, (uint8_t)length);
}

/* `size` bytes (not 1) that say nothing. */
static void put_padding(lia_buf *out, size_t size)
{
    if (size == 0) return;
    size_t width = size - 2 < 0x80 ? 1 : size - 3 < 0x4000 ? 2 : 3, zeros = size - 1 - width;
    lia_buf_byte(out, PADDING_NUMBER << 3 | LIA_WIRE_BYTES);
    put_wide_length(out, zeros, width);
    uint8_t *at = lia_buf_room(out, zeros);
    if (!at) return;
    memset(at, 0, zeros);
    out->size += zeros;
}

lia_err lia_event_erase(lia_buf *out, lia_span bytes)
{
    if (bytes.size > LIA_EVENT_BYTES_MAX) return LIA_EINVAL;
    lia_event_parts parts;
    lia_err err = lia_event_split(&parts, bytes, NULL);
    if (err) return err;
    if (parts.erased) {
        lia_buf_span(out, bytes);
        return out->failed ? LIA_EFULL : LIA_OK;
    }
    lia_hash hash = body_hash(&parts);
    size_t before = out->size;
    lia_pb_put_bytes(out, 1, parts.header);
    size_t size = out->size - before + 2 + sizeof hash.bytes;
    size_t gap = bytes.size > size ? bytes.size - size : 0;
    /* A gap of one byte is too small for a field; the length of the hash takes it. */
    lia_buf_byte(out, 3 << 3 | LIA_WIRE_BYTES);
    put_wide_length(out, sizeof hash.bytes, gap == 1 ? 2 : 1);
    lia_buf_add(out, hash.bytes, sizeof hash.bytes);
    if (gap > 1) put_padding(out, gap);
    return out->failed ? LIA_EFULL : LIA_OK;
}
