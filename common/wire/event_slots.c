/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/event_slots.h"

#include "common/base/crypto.h"
#include "common/base/id.h"
#include "common/wire/pb.h"

static const lia_wire wire_of[] = {
    [LIA_SLOT_U32] = LIA_WIRE_VARINT,      [LIA_SLOT_U64] = LIA_WIRE_VARINT,
    [LIA_SLOT_NODE] = LIA_WIRE_VARINT,     [LIA_SLOT_FLAG] = LIA_WIRE_VARINT,
    [LIA_SLOT_FIXED64] = LIA_WIRE_FIXED64, [LIA_SLOT_ID] = LIA_WIRE_BYTES,
    [LIA_SLOT_SPAN] = LIA_WIRE_BYTES,      [LIA_SLOT_MANY] = LIA_WIRE_BYTES,
};

static lia_err out_of_range(const lia_slot *slot, uint64_t value, const char *wanted, lia_why *why)
{
    return lia_why_set(why, LIA_EINVAL, "%s: %llu, wanted %s", slot->name,
                       (unsigned long long)value, wanted);
}

static lia_err take_id(const lia_slot *slot, lia_span bytes, void *at, lia_why *why)
{
    if (bytes.size != LIA_ID_SIZE)
        return lia_why_set(why, LIA_EINVAL, "%s: %zu bytes, wanted 16", slot->name, bytes.size);
    memcpy(at, bytes.data, LIA_ID_SIZE);
    if (lia_id_is_none(*(lia_id *)at))
        return lia_why_set(why, LIA_EINVAL, "%s: 16 zero bytes", slot->name);
    return LIA_OK;
}

static lia_err take(const lia_slot *slot, const lia_pb_field *field, void *at, lia_why *why)
{
    if (field->wire != wire_of[slot->want])
        return lia_why_set(why, LIA_EINVAL, "%s: wire type %d, wanted %d", slot->name, field->wire,
                           wire_of[slot->want]);
    switch (slot->want) {
    case LIA_SLOT_U32:
        if (field->value > UINT32_MAX) return out_of_range(slot, field->value, "32 bits", why);
        *(uint32_t *)at = (uint32_t)field->value;
        return LIA_OK;
    case LIA_SLOT_NODE:
        if (field->value == 0 || field->value > UINT16_MAX)
            return out_of_range(slot, field->value, "1 to 65535", why);
        *(uint16_t *)at = (uint16_t)field->value;
        return LIA_OK;
    case LIA_SLOT_FLAG:
        if (field->value > 1) return out_of_range(slot, field->value, "0 or 1", why);
        *(bool *)at = field->value == 1;
        return LIA_OK;
    case LIA_SLOT_U64:
    case LIA_SLOT_FIXED64:
        *(uint64_t *)at = field->value;
        return LIA_OK;
    case LIA_SLOT_ID:
        return take_id(slot, field->bytes, at, why);
    case LIA_SLOT_SPAN:
        *(lia_span *)at = field->bytes;
        return LIA_OK;
    case LIA_SLOT_MANY:
        ++*(size_t *)at;
        return LIA_OK;
    }
    return LIA_EINVAL;
}

static lia_err check_mandatory(const lia_slot *slots, size_t count, uint32_t present, lia_why *why)
{
    for (size_t i = 1; i < count; i++)
        if (slots[i].mandatory && !LIA_HAS_SLOT(present, i))
            return lia_why_set(why, LIA_EINVAL, "%s: absent", slots[i].name);
    return LIA_OK;
}

lia_err lia_slots_read(lia_span message, const lia_slot *slots, size_t slot_count, void *out,
                       uint32_t *present, lia_why *why)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field field;
    *present = 0;
    while (lia_pb_next(&reader, &field)) {
        if (field.number >= slot_count || !slots[field.number].name) continue;
        const lia_slot *slot = &slots[field.number];
        if (LIA_HAS_SLOT(*present, field.number) && slot->want != LIA_SLOT_MANY)
            return lia_why_set(why, LIA_EINVAL, "%s: twice", slot->name);
        *present |= UINT32_C(1) << field.number;
        lia_err err = take(slot, &field, (uint8_t *)out + slot->offset, why);
        if (err) return err;
    }
    if (reader.broken)
        return lia_why_set(why, LIA_EINVAL, "not a message: stopped %zu bytes before its end",
                           reader.rest.size);
    return check_mandatory(slots, slot_count, *present, why);
}

lia_err lia_event_split(lia_event_parts *out, lia_span bytes, lia_why *why)
{
    static const lia_slot slots[] = {
        [1] = {"header", LIA_SLOT_SPAN, true, offsetof(lia_event_parts, header)},
        [2] = {"body", LIA_SLOT_SPAN, false, offsetof(lia_event_parts, body)},
        [3] = {"body_hash", LIA_SLOT_SPAN, false, offsetof(lia_event_parts, body_hash)},
    };
    uint32_t present;
    *out = (lia_event_parts){0};
    lia_err err = LIA_READ_SLOTS(bytes, slots, out, &present, why);
    if (err) return err;
    if (LIA_HAS_SLOT(present, 2) == LIA_HAS_SLOT(present, 3))
        return lia_why_set(why, LIA_EINVAL, "body: wanted either it or body_hash");
    out->erased = LIA_HAS_SLOT(present, 3);
    if (out->erased && out->body_hash.size != LIA_HASH_SIZE)
        return lia_why_set(why, LIA_EINVAL, "body_hash: %zu bytes, wanted %d", out->body_hash.size,
                           LIA_HASH_SIZE);
    return LIA_OK;
}
