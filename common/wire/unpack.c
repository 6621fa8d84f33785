/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/unpack.h"

static void *take(void *arena, size_t size)
{
    return lia_arena_take(arena, size);
}

static void keep(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

ProtobufCMessage *lia_unpack(const ProtobufCMessageDescriptor *type, lia_span bytes,
                             lia_arena *arena)
{
    ProtobufCAllocator allocator = {take, keep, arena};
    static const uint8_t nothing[1];
    return protobuf_c_message_unpack(type, &allocator, bytes.size,
                                     bytes.size ? bytes.data : nothing);
}
