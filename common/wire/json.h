/* SPDX-License-Identifier: Apache-2.0 */
/* json - JSON both ways through the schema tables. Names as in proto/ (snake_case); ids are UUID
 * text, instants RFC 3339, dates "2026-11-22", enums lower-case names, 64-bit integers numbers,
 * money {"amount_minor": 1177, "currency": "USD"}, other bytes base64. */
#ifndef LIA_WIRE_JSON_H
#define LIA_WIRE_JSON_H

#include "common/base/buf.h"
#include "common/wire/record.h"
#include "common/wire/schema.h"

/* ---- writing -------------------------------------------------------------------------------- */

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void lia_json_put_text(lia_buf *out, lia_span text);
void lia_json_put_int(lia_buf *out, int64_t value);
void lia_json_put_uint(lia_buf *out, uint64_t value);
void lia_json_put_id(lia_buf *out, lia_id id);
void lia_json_put_time(lia_buf *out, lia_time time);
/* One value of a field's type, from its protobuf payload. */
void lia_json_put_value(lia_buf *out, const lia_field *field, lia_wire wire, lia_span payload);
/* {"field": value, ...} of a message; unknown fields are left out. Writes the braces. */
void lia_json_put_message(lia_buf *out, const lia_message *schema, lia_span message);
/* The same without braces, for adding members before or after. Returns whether anything was
 * written. */
bool lia_json_put_members(lia_buf *out, const lia_message *schema, lia_span message);

/* ---- reading -------------------------------------------------------------------------------- */

typedef struct lia_json_object {
    lia_span message;     /* protobuf bytes of the schema's type */
    uint32_t *mentioned;  /* numbers of the top-level fields that occur, null ones too */
    size_t mentioned_count;
} lia_json_object;

typedef enum lia_json_mode {
    LIA_JSON_CREATE, /* required fields must be there; read_only ones must not */
    LIA_JSON_PATCH,  /* null clears (RFC 7396); arrays replace the set; read_only must not be there */
    LIA_JSON_COMMAND /* required fields must be there */
} lia_json_mode;

/* Reads one JSON object (RFC 8259; duplicate names, NUL and bad UTF-8 are refused) into a message.
 * Values are checked: types, ranges, enum names, ids, instants, currency and country codes, e-mails,
 * UTF-8; required fields of parts and element keys non-empty, no element twice, at most 4096 of them.
 * A text key that is not required may be left out: the element's place ("1", "2" ...) stands in.
 * Fields stand ascending in the message; null ones are absent. `why` names the place:
 * "emails[1].value: a text is wanted" or "line 3, column 14: ...".
 *   LIA_EINVAL      LIA_EFULL  arena */
LIA_MUST_USE lia_err lia_json_read(lia_json_object *out, const lia_message *schema,
                                   lia_json_mode mode, lia_span json, lia_arena *arena,
                                   lia_why *why);

#endif
