/* SPDX-License-Identifier: Apache-2.0 */
/* fields - setting optional fields of protobuf-c structs, where "is there" and "what" are two
 * members that must not part. */
#ifndef LIA_NODE_FIELDS_H
#define LIA_NODE_FIELDS_H

#include "common/base/arena.h"
#include "common/node/turn.h"

#define LIA_SET(message, field, value) ((message)->has_##field = true, (message)->field = (value))
#define LIA_CLEAR(message, field)      ((message)->has_##field = false, (message)->field = 0)
/* An id field; borrows `id` like lia_id_bytes. */
#define LIA_SET_ID(message, field, id) LIA_SET(message, field, lia_id_bytes(id))

static inline bool lia_text_is_empty(const char *text)
{
    return !text || !*text;
}

/* An id for a message that outlives the caller: a copy in the arena, empty when that is full. */
static inline ProtobufCBinaryData lia_id_keep(lia_arena *arena, lia_id id)
{
    lia_span kept = lia_arena_copy(arena, lia_id_span(&id));
    return (ProtobufCBinaryData){kept.data ? kept.size : 0, (uint8_t *)(uintptr_t)kept.data};
}

#endif
