/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/data/sample.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/wire/pb.h"
#include "proto/bus.pb-c.h"
#include "proto/event.pb-c.h"

size_t lia_sample_types(lia_sample_type *out, size_t max)
{
    static const ProtobufCMessageDescriptor *const others[] = {
        &bus__frame__descriptor,   &bus__signed_members__descriptor, &bus__members__descriptor,
        &event__event__descriptor, &event__header__descriptor,       &event__body__descriptor};
    size_t kinds, facts, count = 0;
    const lia_kind *kind = lia_kinds(&kinds);
    const lia_fact *fact = lia_facts(&facts);
    for (size_t i = 0; i < kinds && count < max; i++)
        out[count++] = (lia_sample_type){kind[i].message->descriptor, kind[i].message};
    for (size_t i = 0; i < facts && count < max; i++)
        out[count++] = (lia_sample_type){fact[i].message->descriptor, fact[i].message};
    for (size_t i = 0; i < LIA_COUNT(others) && count < max; i++)
        out[count++] = (lia_sample_type){others[i], NULL};
    return count;
}

const lia_sample_type *lia_sample_find(const lia_sample_type *types, size_t count, lia_span name)
{
    for (size_t i = 0; i < count; i++)
        if (lia_span_equal(lia_span_text(types[i].type->name), name)) return &types[i];
    return NULL;
}

/* ---- making -------------------------------------------------------------------------------- */

static void put_number(lia_buf *out, const ProtobufCFieldDescriptor *field, uint64_t place)
{
    uint64_t value = field->id * 1000 + place;
    if (field->type == PROTOBUF_C_TYPE_BOOL) value = 1;
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *names = field->descriptor;
        value = (uint64_t)(int64_t)names->values[field->id % names->n_values].value;
    }
    if (field->type == PROTOBUF_C_TYPE_FIXED64)
        lia_pb_put_fixed64(out, field->id, value << 32 | value);
    else
        lia_pb_put_varint(out, field->id, value);
}

static void put_text(lia_buf *out, const ProtobufCFieldDescriptor *field, unsigned place)
{
    uint8_t bytes[32];
    char text[96];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(field->id * 7 + i + place);
    snprintf(text, sizeof text, "%s %u.%u \xc3\xa9", field->name, field->id, place);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        lia_pb_put_bytes(out, field->id, lia_span_text(text));
    else /* of an id's size, so that JSON shows it */
        lia_pb_put_bytes(out, field->id, lia_span_make(bytes, LIA_ID_SIZE));
}

static void put_all(lia_buf *out, const ProtobufCMessageDescriptor *type, unsigned place);

static void put_field(lia_buf *out, const ProtobufCFieldDescriptor *field, unsigned place)
{
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES) {
        put_text(out, field, place);
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        size_t opened = lia_pb_open(out, field->id);
        put_all(out, field->descriptor, place);
        lia_pb_close(out, opened);
    } else {
        put_number(out, field, place);
    }
}

static void put_all(lia_buf *out, const ProtobufCMessageDescriptor *type, unsigned place)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        put_field(out, field, place);
        if (field->label == PROTOBUF_C_LABEL_REPEATED) put_field(out, field, place + 1);
    }
}

bool lia_sample_make(lia_buf *out, const ProtobufCMessageDescriptor *type, unsigned variant)
{
    unsigned seen = 0;
    bool done = false;
    if (type != &bus__frame__descriptor) {
        if (variant == 0) put_all(out, type, 0);
        return variant == 0;
    }
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        bool is_body = field->type == PROTOBUF_C_TYPE_MESSAGE;
        if (is_body && seen++ != variant) continue;
        put_field(out, field, 0);
        done |= is_body;
    }
    return done;
}

/* ---- explaining ---------------------------------------------------------------------------- */

static bool explain(lia_buf *out, const ProtobufCMessage *message);

static void explain_enum(lia_buf *out, const ProtobufCFieldDescriptor *field, int value)
{
    const ProtobufCEnumValue *named =
        protobuf_c_enum_descriptor_get_value(field->descriptor, value);
    lia_buf_format(out, "%s", named ? named->name : "?");
}

static void explain_bytes(lia_buf *out, lia_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++) lia_buf_format(out, "%02x", bytes.data[i]);
}

static bool explain_value(lia_buf *out, const ProtobufCFieldDescriptor *field, const void *at)
{
    const ProtobufCBinaryData *bytes = at;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
        lia_buf_format(out, "%" PRId32, *(const int32_t *)at);
        return true;
    case PROTOBUF_C_TYPE_UINT32:
        lia_buf_format(out, "%" PRIu32, *(const uint32_t *)at);
        return true;
    case PROTOBUF_C_TYPE_INT64:
        lia_buf_format(out, "%" PRId64, *(const int64_t *)at);
        return true;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        lia_buf_format(out, "%" PRIu64, *(const uint64_t *)at);
        return true;
    case PROTOBUF_C_TYPE_BOOL:
        lia_buf_text(out, *(const protobuf_c_boolean *)at ? "true" : "false");
        return true;
    case PROTOBUF_C_TYPE_ENUM:
        explain_enum(out, field, *(const int *)at);
        return true;
    case PROTOBUF_C_TYPE_STRING:
        lia_buf_format(out, "\"%s\"", *(char *const *)at);
        return true;
    case PROTOBUF_C_TYPE_BYTES:
        explain_bytes(out, lia_span_make(bytes->data, bytes->len));
        return true;
    case PROTOBUF_C_TYPE_MESSAGE:
        return explain(out, *(ProtobufCMessage *const *)at);
    default:
        return false; /* the contracts use no others: schemagen */
    }
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return sizeof(uint32_t);
    }
}

static size_t count_of(const ProtobufCFieldDescriptor *field, const uint8_t *message)
{
    const uint8_t *quantifier = message + field->quantifier_offset;
    bool by_pointer =
        field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return *(const size_t *)(const void *)quantifier;
    if (by_pointer) return *(void *const *)(const void *)(message + field->offset) != NULL;
    return *(const protobuf_c_boolean *)(const void *)quantifier != 0;
}

static bool explain(lia_buf *out, const ProtobufCMessage *message)
{
    const char *before = "{";
    bool sound = message->n_unknown_fields == 0;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const uint8_t *at = (const uint8_t *)message + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) at = *(uint8_t *const *)(const void *)at;
        size_t count = count_of(field, (const uint8_t *)message);
        for (size_t k = 0; k < count; k++) {
            lia_buf_format(out, "%s%s: ", before, field->name);
            sound = explain_value(out, field, at + k * size_of(field->type)) && sound;
            before = ", ";
        }
    }
    lia_buf_text(out, *before == '{' ? "{}" : "}");
    return sound;
}

bool lia_sample_explain(lia_buf *out, const ProtobufCMessageDescriptor *type, lia_span bytes)
{
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, bytes.size, bytes.data);
    bool sound = message && explain(out, message);
    if (message) protobuf_c_message_free_unpacked(message, NULL);
    return sound && !out->failed;
}
