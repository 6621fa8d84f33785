/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/text.h"

/* Of elements that are messages the part that names them is searched. */
static const lia_field *named_by(const lia_field *field)
{
    if (field->type == LIA_T_STRING) return field;
    if (field->type != LIA_T_MESSAGE || !field->message || !field->key) return NULL;
    const lia_field *key = lia_field_find(field->message, field->key);
    return key && key->type == LIA_T_STRING ? key : NULL;
}

bool lia_text_searched(const lia_kind *kind, const lia_field *field, lia_text_class *class)
{
    const lia_field *named = field->searchable ? named_by(field) : NULL;
    if (!named) return false;
    *class = LIA_TEXT_SHORT;
    if (kind->title && field->number == kind->title->number) *class = LIA_TEXT_TITLE;
    if (named->meaning == LIA_M_TEXT) *class = LIA_TEXT_LONG;
    if (named->meaning == LIA_M_PHONE) *class = LIA_TEXT_PHONE;
    return true;
}

bool lia_text_any(const lia_kind *kind)
{
    lia_text_class class;
    for (size_t i = 0; i < kind->message->count; i++)
        if (lia_text_searched(kind, &kind->message->fields[i], &class)) return true;
    return false;
}

bool lia_texts_next(lia_texts *texts, lia_text *out)
{
    lia_pb_field found, part;
    while (lia_pb_next(&texts->reader, &found)) {
        const lia_field *field = lia_field_find(texts->kind->message, found.number);
        if (!field || found.wire != LIA_WIRE_BYTES) continue;
        if (!lia_text_searched(texts->kind, field, &out->class)) continue;
        out->field = field;
        out->text = found.bytes;
        if (field->type == LIA_T_MESSAGE) {
            if (!lia_pb_find(found.bytes, field->key, &part) || part.wire != LIA_WIRE_BYTES)
                continue;
            out->text = part.bytes;
        }
        return true;
    }
    return false;
}

lia_span lia_text_title(const lia_kind *kind, lia_span message)
{
    lia_pb_field found;
    const lia_field *title = kind->title;
    if (!title || !lia_field_find(kind->message, title->number)) return LIA_SPAN_NONE;
    if (!lia_pb_find(message, title->number, &found) || found.wire != LIA_WIRE_BYTES)
        return LIA_SPAN_NONE;
    return found.bytes;
}
