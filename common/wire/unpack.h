/* SPDX-License-Identifier: Apache-2.0 */
/* unpack - protobuf-c structs in an arena. */
#ifndef LIA_WIRE_UNPACK_H
#define LIA_WIRE_UNPACK_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"

/* The struct and all it points to live in the arena; nothing is to be freed. NULL when the bytes
 * are malformed or the arena is full (which arena->exhausted tells). */
ProtobufCMessage *lia_unpack(const ProtobufCMessageDescriptor *type, lia_span bytes,
                             lia_arena *arena);

#endif
