/* SPDX-License-Identifier: Apache-2.0 */
/* Written straight from protobuf bytes, without a tree in between: every list and page that a node
 * serves passes here. A message's fields normally stand in ascending order, as a record shows
 * them, and one walk suffices; when a walk meets a lower number it starts over, slower, field by
 * field, because an array must be whole and a name must not appear twice. */
#include "common/wire/json.h"

#include "common/wire/utf8.h"

/* ---- text -------------------------------------------------------------------------------------
 */

/* Bytes that stand for themselves inside quotes. */
static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte != '"' && byte != '\\' && byte < 0x80;
}

/* How much of `text` can be copied as it is. */
static size_t plain_size(lia_span text)
{
    size_t at = 0;
    while (at < text.size) {
        if (is_plain(text.data[at])) {
            at++;
            continue;
        }
        size_t step = text.data[at] < 0x80 ? 0 : lia_utf8_step(lia_span_skip(text, at));
        if (!step) break;
        at += step;
    }
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
    lia_buf_byte(out, '"');
    for (;;) {
        size_t size = plain_size(text);
        lia_buf_add(out, text.data, size);
        if (size == text.size) break;
        put_escape(out, text.data[size]);
        text = lia_span_skip(text, size + 1);
    }
    lia_buf_byte(out, '"');
}

/* ---- scalars ----------------------------------------------------------------------------------
 */

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
    if (value < 0) lia_buf_byte(out, '-');
    lia_json_put_uint(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void lia_json_put_id(lia_buf *out, lia_id id)
{
    char *at = (char *)lia_buf_room(out, LIA_ID_TEXT_SIZE + 2);
    if (!at) return;
    at[0] = '"';
    lia_id_print(id, at + 1);
    at[LIA_ID_TEXT_SIZE] = '"';
    out->size += LIA_ID_TEXT_SIZE + 1;
}

void lia_json_put_time(lia_buf *out, lia_time time)
{
    char *at = (char *)lia_buf_room(out, LIA_TIME_TEXT_SIZE + 2);
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
    lia_buf_byte(out, '"');
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
    lia_buf_byte(out, '"');
}

static void put_null(lia_buf *out)
{
    lia_buf_add(out, "null", 4);
}

/* ---- one value --------------------------------------------------------------------------------
 */

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

static void put_int(lia_buf *out, const lia_field *field, int64_t value)
{
    if (field->meaning == LIA_M_INSTANT)
        lia_json_put_time(out, (lia_time){value});
    else if (field->meaning == LIA_M_DATE)
        put_date(out, (int32_t)value);
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

/* ---- members ----------------------------------------------------------------------------------
 */

/* ,"name": with the comma for all but the first. */
static void put_name(lia_buf *out, const char *name, bool first)
{
    size_t size = strlen(name);
    uint8_t *at = lia_buf_room(out, size + 4);
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
    if (field->repeated) lia_buf_byte(to->out, '[');
    for (; more && at->number == field->number; more = lia_pb_next(reader, at)) {
        if (at->wire != wire_of(field)) continue;
        last = *at;
        if (!field->repeated) continue;
        if (any) lia_buf_byte(to->out, ',');
        put_value(to->out, field, at->value, at->bytes);
        any = true;
    }
    if (field->repeated)
        lia_buf_byte(to->out, ']');
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
            lia_buf_byte(to->out, count == 1 ? '[' : ',');
            put_value(to->out, field, at.value, at.bytes);
        }
        if (count && field->repeated) lia_buf_byte(to->out, ']');
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
    lia_buf_byte(out, '{');
    lia_json_put_members(out, schema, message);
    lia_buf_byte(out, '}');
}
