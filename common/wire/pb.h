/* SPDX-License-Identifier: Apache-2.0 */
/* pb - reading and writing the protobuf wire format (protobuf.dev, "Encoding") field by field,
 * without a schema and without copying. What is stored and hashed is walked here; messages that
 * a handler works with are unpacked by protobuf-c. Groups (wire types 3 and 4) are refused. */
#ifndef LIA_WIRE_PB_H
#define LIA_WIRE_PB_H

#include "common/base/buf.h"

typedef enum lia_wire {
    LIA_WIRE_VARINT = 0,
    LIA_WIRE_FIXED64 = 1,
    LIA_WIRE_BYTES = 2,
    LIA_WIRE_FIXED32 = 5
} lia_wire;

typedef struct lia_pb_field {
    uint32_t number;
    lia_wire wire;
    uint64_t value; /* of a varint or fixed */
    lia_span bytes; /* payload as on the wire: varint bytes, 8 or 4 bytes, or the bytes without
                     * their length */
} lia_pb_field;

typedef struct lia_pb_reader {
    lia_span rest;
    bool broken; /* malformed: the walk ended early */
} lia_pb_reader;

static inline lia_pb_reader lia_pb_read(lia_span message)
{
    return (lia_pb_reader){message, false};
}

/* The next field, or false at the end; look at `broken` then. */
bool lia_pb_next(lia_pb_reader *reader, lia_pb_field *field);

/* True when the whole message can be walked. */
bool lia_pb_valid(lia_span message);

/* Finds the last occurrence of a field. False when absent or the message is malformed. */
bool lia_pb_find(lia_span message, uint32_t number, lia_pb_field *field);

/* Writers. Zero values are written too: absence is the caller's decision. */
void lia_pb_put_varint(lia_buf *out, uint32_t number, uint64_t value);
void lia_pb_put_fixed64(lia_buf *out, uint32_t number, uint64_t value);
void lia_pb_put_bytes(lia_buf *out, uint32_t number, lia_span bytes);
/* A field whose payload is already encoded, as in lia_pb_field.bytes. */
void lia_pb_put_raw(lia_buf *out, uint32_t number, lia_wire wire, lia_span payload);

/* A nested message: what is written between open and close becomes the field's payload. Nests. */
size_t lia_pb_open(lia_buf *out, uint32_t number);
void lia_pb_close(lia_buf *out, size_t opened);

/* Bare varints, least significant group first. Reading gives 0 bytes when malformed or cut. */
size_t lia_varint_put(uint8_t out[10], uint64_t value);
size_t lia_varint_get(lia_span bytes, uint64_t *value);

#endif
