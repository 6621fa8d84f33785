/* SPDX-License-Identifier: Apache-2.0 */
/* One pass, no recursion, no copies: nested messages are byte fields that the caller walks with a
 * reader of its own. protobuf-c's unpacker allocates a struct per message and drops the order of
 * fields that it does not know; what is hashed and passed on must keep both. */
#include "common/wire/pb.h"

#include <endian.h>

#define NUMBER_MAX ((UINT32_C(1) << 29) - 1)

size_t lia_varint_put(uint8_t out[10], uint64_t value)
{
    size_t size = 0;
    while (value >= 0x80) {
        out[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[size++] = (uint8_t)value;
    return size;
}

/* Behind the varint at `at`, or NULL when it is cut or above 64 bits. */
static const uint8_t *long_varint(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; at < end && shift < 70; shift += 7) {
        uint8_t byte = *at++;
        if (shift == 63 && byte > 1) return NULL;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return at;
        }
    }
    return NULL;
}

/* Most tags, lengths and numbers are one byte. */
static inline const uint8_t *get_varint(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
    if (at == end || *at >= 0x80) return long_varint(at, end, value);
    *value = *at;
    return at + 1;
}

size_t lia_varint_get(lia_span bytes, uint64_t *value)
{
    if (bytes.size == 0) return 0;
    const uint8_t *behind = get_varint(bytes.data, bytes.data + bytes.size, value);
    return behind ? (size_t)(behind - bytes.data) : 0;
}

static inline uint64_t little_endian(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, at, size);
    return le64toh(value);
}

/* Behind the payload at `at`; NULL when it is cut, malformed or of a type that we refuse. */
static inline const uint8_t *get_payload(const uint8_t *at, const uint8_t *end, lia_pb_field *field)
{
    size_t left = (size_t)(end - at);
    const uint8_t *behind;
    switch (field->wire) {
    case LIA_WIRE_VARINT:
        behind = get_varint(at, end, &field->value);
        break;
    case LIA_WIRE_FIXED64:
        if (left < 8) return NULL;
        field->value = little_endian(at, 8);
        behind = at + 8;
        break;
    case LIA_WIRE_FIXED32:
        if (left < 4) return NULL;
        field->value = little_endian(at, 4);
        behind = at + 4;
        break;
    case LIA_WIRE_BYTES:
        at = get_varint(at, end, &field->value);
        if (!at || field->value > (size_t)(end - at)) return NULL;
        behind = at + field->value;
        field->value = 0;
        break;
    default: /* groups, and what was never assigned */
        return NULL;
    }
    field->bytes = lia_span_make(at, behind ? (size_t)(behind - at) : 0);
    return behind;
}

bool lia_pb_next(lia_pb_reader *reader, lia_pb_field *field)
{
    if (reader->broken || reader->rest.size == 0) return false;
    const uint8_t *at = reader->rest.data, *end = at + reader->rest.size;
    uint64_t tag;
    at = get_varint(at, end, &tag);
    if (at && tag >> 3 && tag >> 3 <= NUMBER_MAX) {
        field->number = (uint32_t)(tag >> 3);
        field->wire = (lia_wire)(tag & 7);
        at = get_payload(at, end, field);
        if (at) {
            reader->rest = lia_span_make(at, (size_t)(end - at));
            return true;
        }
    }
    reader->broken = true;
    return false;
}

bool lia_pb_valid(lia_span message)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) {
    }
    return !reader.broken;
}

bool lia_pb_find(lia_span message, uint32_t number, lia_pb_field *field)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field each;
    bool found = false;
    while (lia_pb_next(&reader, &each)) {
        if (each.number != number) continue;
        *field = each;
        found = true;
    }
    return found && !reader.broken;
}

/* The tag, and for bytes the length: 5 + 10 bytes at most. */
static size_t put_head(uint8_t *at, uint32_t number, lia_wire wire, size_t size)
{
    size_t head = lia_varint_put(at, (uint64_t)number << 3 | wire);
    return wire == LIA_WIRE_BYTES ? head + lia_varint_put(at + head, size) : head;
}

void lia_pb_put_varint(lia_buf *out, uint32_t number, uint64_t value)
{
    uint8_t bytes[20];
    size_t size = put_head(bytes, number, LIA_WIRE_VARINT, 0);
    size += lia_varint_put(bytes + size, value);
    lia_buf_add(out, bytes, size);
}

void lia_pb_put_fixed64(lia_buf *out, uint32_t number, uint64_t value)
{
    uint8_t bytes[20];
    size_t size = put_head(bytes, number, LIA_WIRE_FIXED64, 0);
    for (size_t i = 0; i < 8; i++) bytes[size++] = (uint8_t)(value >> (8 * i));
    lia_buf_add(out, bytes, size);
}

void lia_pb_put_bytes(lia_buf *out, uint32_t number, lia_span bytes)
{
    lia_pb_put_raw(out, number, LIA_WIRE_BYTES, bytes);
}

void lia_pb_put_raw(lia_buf *out, uint32_t number, lia_wire wire, lia_span payload)
{
    uint8_t *at = lia_buf_room(out, 20 + payload.size);
    if (!at) return;
    size_t size = put_head(at, number, wire, payload.size);
    if (payload.size) memcpy(at + size, payload.data, payload.size);
    out->size += size + payload.size;
}

size_t lia_pb_open(lia_buf *out, uint32_t number)
{
    uint8_t tag[10];
    lia_buf_add(out, tag, lia_varint_put(tag, (uint64_t)number << 3 | LIA_WIRE_BYTES));
    return out->size;
}

/* The length is known only now, so the payload moves up by its one to three bytes. */
void lia_pb_close(lia_buf *out, size_t opened)
{
    uint8_t length[10];
    size_t size = out->size - opened, head = lia_varint_put(length, size);
    if (!lia_buf_room(out, head)) return;
    uint8_t *at = out->data + opened;
    memmove(at + head, at, size);
    memcpy(at, length, head);
    out->size += head;
}
