/* SPDX-License-Identifier: Apache-2.0 */
/* Written straight from protobuf bytes, without a tree in between: every list and page that a node
 * serves passes here. A message's fields normally stand in ascending order, as a record shows
 * them, and one walk suffices; when a walk meets a lower number it starts over, slower, field by
 * field, because an array must be whole and a name must not appear twice. */
#include "common/wire/json.h"

#include "common/base/decimal.h"
#include "common/wire/utf8.h"

/* lia_buf_room without a call where there is room already, as nearly always. */
static inline uint8_t *room(lia_buf *out, size_t more)
{
    return out->capacity - out->size >= more ? out->data + out->size : lia_buf_room(out, more);
}

static inline void put_byte(lia_buf *out, uint8_t byte)
{
    uint8_t *at = room(out, 1);
    if (!at) return;
    *at = byte;
    out->size++;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* ASCII that stands for itself inside quotes. */
static inline bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte != '"' && byte != '\\' && byte < 0x80;
}

#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The same of eight bytes at once: a byte below n borrows from its own top bit (H. Warren,
 * "Hacker's Delight", 6-1). May say no where a neighbour is not plain, never a false yes. */
static inline bool are_plain(uint64_t bytes)
{
    uint64_t quote = bytes ^ EIGHT('"'), slash = bytes ^ EIGHT('\\');
    return !((bytes | (bytes - EIGHT(' ')) | (quote - EIGHT(1)) | (slash - EIGHT(1))) &
             EIGHT(0x80));
}

/* Copies what `text` begins with and needs no thought; returns how much. */
static size_t copy_plain(uint8_t *to, lia_span text)
{
    size_t at = 0;
    uint64_t eight;
    for (; text.size - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, text.data + at, sizeof eight);
        if (!are_plain(eight)) break;
        memcpy(to + at, &eight, sizeof eight);
    }
    for (; at < text.size && is_plain(text.data[at]); at++) to[at] = text.data[at];
    return at;
}

static void put_escape(lia_buf *out, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    switch (byte) {
    case '"':
        lia_buf_add(out, "\\\"", 2);
        return;
    case '\\':
        lia_buf_add(out, "\\\\", 2);
        return;
    case '\n':
        lia_buf_add(out, "\\n", 2);
        return;
    case '\r':
        lia_buf_add(out, "\\r", 2);
        return;
    case '\t':
        lia_buf_add(out, "\\t", 2);
        return;
    default:
        break;
    }
    if (byte >= 0x80) {
        lia_buf_add(out, "\xef\xbf\xbd", 3); /* U+FFFD */
        return;
    }
    char escape[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
    lia_buf_add(out, escape, sizeof escape);
}

void lia_json_put_text(lia_buf *out, lia_span text)
{
    put_byte(out, '"');
    while (text.size) {
        uint8_t *to = room(out, text.size);
        if (!to) return;
        size_t done = copy_plain(to, text), step = lia_utf8_step(lia_span_skip(text, done));
        if (step > 1) {
            memcpy(to + done, text.data + done, step);
            done += step;
        }
        out->size += done;
        text = lia_span_skip(text, done);
        if (text.size && step < 2) {
            put_escape(out, text.data[0]);
            text = lia_span_skip(text, 1);
        }
    }
    put_byte(out, '"');
}

/* ---- scalars --------------------------------------------------------------------------------- */

enum { UINT_TEXT_MAX = 20 };

void lia_json_put_uint(lia_buf *out, uint64_t value)
{
    char digits[UINT_TEXT_MAX];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    lia_buf_add(out, digits + at, sizeof digits - at);
}

void lia_json_put_int(lia_buf *out, int64_t value)
{
    if (value < 0) put_byte(out, '-');
    lia_json_put_uint(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void lia_json_put_id(lia_buf *out, lia_id id)
{
    char *at = (char *)room(out, LIA_ID_TEXT_SIZE + 2);
    if (!at) return;
    at[0] = '"';
    lia_id_print(id, at + 1);
    at[LIA_ID_TEXT_SIZE] = '"';
    out->size += LIA_ID_TEXT_SIZE + 1;
}

void lia_json_put_time(lia_buf *out, lia_time time)
{
    char *at = (char *)room(out, LIA_TIME_TEXT_SIZE + 2);
    if (!at) return;
    at[0] = '"';
    size_t size = lia_time_print(time, at + 1);
    at[size + 1] = '"';
    out->size += size + 2;
}

static void put_date(lia_buf *out, int32_t days)
{
    char text[LIA_TIME_TEXT_SIZE];
    lia_time_print((lia_time){days * LIA_DAY_MS}, text);
    lia_json_put_text(out, lia_span_make(text, strlen("2026-11-22")));
}

/* RFC 4648 section 4. */
static void put_base64(lia_buf *out, lia_span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    put_byte(out, '"');
    for (size_t at = 0; at < bytes.size; at += 3) {
        size_t left = bytes.size - at;
        uint32_t group = (uint32_t)bytes.data[at] << 16;
        if (left > 1) group |= (uint32_t)bytes.data[at + 1] << 8;
        if (left > 2) group |= bytes.data[at + 2];
        char text[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        lia_buf_add(out, text, sizeof text);
    }
    put_byte(out, '"');
}

static void put_null(lia_buf *out)
{
    lia_buf_add(out, "null", 4);
}

/* ---- one value ------------------------------------------------------------------------------- */

static lia_wire wire_of(const lia_field *field)
{
    return field->type < LIA_T_STRING ? LIA_WIRE_VARINT : LIA_WIRE_BYTES;
}

static void put_enum(lia_buf *out, const lia_field *field, int64_t number)
{
    const char *name = lia_enum_name(field->enumeration, number);
    if (name)
        lia_json_put_text(out, lia_span_text(name));
    else
        lia_json_put_int(out, number); /* of a newer node */
}

static void put_decimal(lia_buf *out, const lia_field *field, int64_t value)
{
    char text[LIA_DECIMAL_TEXT_SIZE];
    lia_buf_byte(out, '"');
    lia_buf_add(out, text, lia_decimal_print(value, field->scale, text));
    lia_buf_byte(out, '"');
}

static void put_int(lia_buf *out, const lia_field *field, int64_t value)
{
    if (field->meaning == LIA_M_INSTANT)
        lia_json_put_time(out, (lia_time){value});
    else if (field->meaning == LIA_M_DATE)
        put_date(out, (int32_t)value);
    else if (field->meaning == LIA_M_DECIMAL)
        put_decimal(out, field, value);
    else
        lia_json_put_int(out, value);
}

static void put_bytes(lia_buf *out, const lia_field *field, lia_span bytes)
{
    if (field->meaning != LIA_M_ID)
        put_base64(out, bytes);
    else if (bytes.size == LIA_ID_SIZE)
        lia_json_put_id(out, lia_id_from(bytes));
    else
        put_null(out);
}

/* The wire type has been compared with the field's. */
static void put_value(lia_buf *out, const lia_field *field, uint64_t value, lia_span bytes)
{
    switch (field->type) {
    case LIA_T_BOOL:
        lia_buf_text(out, value ? "true" : "false");
        return;
    case LIA_T_INT:
        put_int(out, field, (int64_t)value);
        return;
    case LIA_T_UINT:
        lia_json_put_uint(out, value);
        return;
    case LIA_T_ENUM:
        put_enum(out, field, (int64_t)value);
        return;
    case LIA_T_STRING:
        lia_json_put_text(out, bytes);
        return;
    case LIA_T_BYTES:
        put_bytes(out, field, bytes);
        return;
    case LIA_T_MESSAGE:
        lia_json_put_message(out, field->message, bytes);
        return;
    }
    put_null(out);
}

void lia_json_put_value(lia_buf *out, const lia_field *field, lia_wire wire, lia_span payload)
{
    uint64_t value = 0;
    bool fits =
        wire == wire_of(field) && (wire == LIA_WIRE_BYTES || lia_varint_get(payload, &value));
    if (fits)
        put_value(out, field, value, payload);
    else
        put_null(out);
}

/* ---- members --------------------------------------------------------------------------------- */

/* ,"name": with the comma for all but the first. */
static void put_name(lia_buf *out, const char *name, bool first)
{
    size_t size = strlen(name);
    uint8_t *at = room(out, size + 4);
    if (!at) return;
    uint8_t *start = at;
    if (!first) *at++ = ',';
    *at++ = '"';
    memcpy(at, name, size);
    at += size;
    *at++ = '"';
    *at++ = ':';
    out->size += (size_t)(at - start);
}

/* A field of the schema in the wire type that it should have. */
static const lia_field *known(const lia_message *schema, const lia_pb_field *at)
{
    const lia_field *field = lia_field_find(schema, at->number);
    return field && at->wire == wire_of(field) ? field : NULL;
}

typedef struct members {
    lia_buf *out;
    const lia_message *schema;
    lia_span message;
    bool first;
} members;

/* `at` and its neighbours of the same number: all of a set, or the last of a plain field. On
 * return *at is what follows. Returns whether anything does. */
static bool put_neighbours(members *to, const lia_field *field, lia_pb_reader *reader,
                           lia_pb_field *at)
{
    lia_pb_field last = *at;
    bool more = true, any = false;
    put_name(to->out, field->name, to->first);
    to->first = false;
    if (field->repeated) put_byte(to->out, '[');
    for (; more && at->number == field->number; more = lia_pb_next(reader, at)) {
        if (at->wire != wire_of(field)) continue;
        last = *at;
        if (!field->repeated) continue;
        if (any) put_byte(to->out, ',');
        put_value(to->out, field, at->value, at->bytes);
        any = true;
    }
    if (field->repeated)
        put_byte(to->out, ']');
    else
        put_value(to->out, field, last.value, last.bytes);
    return more;
}

/* One walk. False when the fields do not ascend; what was written then is to be taken back. */
static bool put_ascending(members *to)
{
    lia_pb_reader reader = lia_pb_read(to->message);
    lia_pb_field at;
    uint32_t highest = 0;
    bool more = lia_pb_next(&reader, &at);
    while (more) {
        if (at.number <= highest) return false;
        const lia_field *field = known(to->schema, &at);
        if (field) {
            highest = at.number;
            more = put_neighbours(to, field, &reader, &at);
        } else {
            more = lia_pb_next(&reader, &at);
        }
    }
    return true;
}

/* Any order: one walk per field of the schema. */
static void put_each(members *to)
{
    for (size_t i = 0; i < to->schema->count; i++) {
        const lia_field *field = &to->schema->fields[i];
        lia_pb_reader reader = lia_pb_read(to->message);
        lia_pb_field at, last = {0};
        size_t count = 0;
        while (lia_pb_next(&reader, &at)) {
            if (at.number != field->number || at.wire != wire_of(field)) continue;
            last = at;
            if (count++ == 0) put_name(to->out, field->name, to->first);
            to->first = false;
            if (!field->repeated) continue;
            put_byte(to->out, count == 1 ? '[' : ',');
            put_value(to->out, field, at.value, at.bytes);
        }
        if (count && field->repeated) put_byte(to->out, ']');
        if (count && !field->repeated) put_value(to->out, field, last.value, last.bytes);
    }
}

bool lia_json_put_members(lia_buf *out, const lia_message *schema, lia_span message)
{
    members to = {out, schema, message, true};
    size_t start = out->size;
    if (!put_ascending(&to)) {
        out->size = start;
        to.first = true;
        put_each(&to);
    }
    return !to.first;
}

void lia_json_put_message(lia_buf *out, const lia_message *schema, lia_span message)
{
    put_byte(out, '{');
    lia_json_put_members(out, schema, message);
    put_byte(out, '}');
}
