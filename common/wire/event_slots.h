/* SPDX-License-Identifier: Apache-2.0 */
/* event_slots - how event.c and event_build.c read: messages as tables. Nobody else's business. */
#ifndef LIA_WIRE_EVENT_SLOTS_H
#define LIA_WIRE_EVENT_SLOTS_H

#include "common/base/err.h"

#define LIA_SALT_SIZE 16

typedef enum lia_slot_want {
    LIA_SLOT_U32,     /* varint below 2^32 -> uint32_t */
    LIA_SLOT_U64,     /* varint -> uint64_t */
    LIA_SLOT_NODE,    /* varint 1..65535 -> uint16_t */
    LIA_SLOT_FLAG,    /* varint 0 or 1 -> bool */
    LIA_SLOT_FIXED64, /* -> uint64_t */
    LIA_SLOT_ID,      /* 16 bytes, not all zero -> lia_id */
    LIA_SLOT_SPAN,    /* bytes -> lia_span */
    LIA_SLOT_MANY     /* repeated bytes -> size_t, how many */
} lia_slot_want;

/* A field that we know, at its number's place in a table. Places without a name are unknown. */
typedef struct lia_slot {
    const char *name;
    lia_slot_want want;
    bool mandatory;
    size_t offset; /* where it goes in the struct that is filled */
} lia_slot;

/* Reads the fields of `message` that `slots` knows into `out`; the others are passed over. Fields
 * that are not MANY may come once. Bit n of *present says that field n was there.
 *   LIA_EINVAL  not a message, a field twice, absent although mandatory, or not what is wanted */
LIA_MUST_USE lia_err lia_slots_read(lia_span message, const lia_slot *slots, size_t slot_count,
                                    void *out, uint32_t *present, lia_why *why);
#define LIA_READ_SLOTS(message, slots, out, present, why)                                          \
    lia_slots_read(message, slots, LIA_COUNT(slots), out, present, why)
#define LIA_HAS_SLOT(present, number) (((present) >> (number)) & 1)

/* An event's outer message. */
typedef struct lia_event_parts {
    lia_span header, body, body_hash;
    bool erased; /* body_hash is there (32 bytes) instead of body */
} lia_event_parts;

LIA_MUST_USE lia_err lia_event_split(lia_event_parts *out, lia_span bytes, lia_why *why);

#endif
