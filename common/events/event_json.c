/* SPDX-License-Identifier: Apache-2.0 */
#include "common/events/event_json.h"

#include "common/wire/json.h"

const char *lia_event_name(const lia_header *header)
{
    const lia_fact *fact = lia_fact_find(header->fact);
    if (fact) return fact->name;
    return header->fact ? "event.unknown" : "record.changed";
}

const char *lia_event_department(const lia_header *header)
{
    const char *name = lia_department_name((lia_department)header->department);
    return name ? name : "any";
}

/* ---- one record's changes -------------------------------------------------------------------- */

static void put_name(lia_buf *out, const char *name)
{
    lia_buf_byte(out, '"');
    lia_buf_text(out, name);
    lia_buf_text(out, "\":");
}

/* An element is a message of its own, or names itself. */
static void put_element(lia_buf *out, const lia_field *field, const lia_touch *touch)
{
    bool is_number = field->type < LIA_T_STRING;
    lia_json_put_value(out, field, is_number ? LIA_WIRE_VARINT : LIA_WIRE_BYTES,
                       touch->has_value ? touch->value : touch->element);
}

static bool is_set(const lia_field *field, const lia_touch *touch)
{
    return field && field->repeated && !touch->clear;
}

/* "emails":[{...}, {...}]: the elements of one field, which stand side by side. */
static size_t put_elements(lia_buf *out, const lia_op *op, size_t at, const lia_field *field)
{
    bool more = false;
    put_name(out, field->name);
    lia_buf_byte(out, '[');
    for (; at < op->touch_count && op->touches[at].field == field->number; at++) {
        if (op->touches[at].clear) continue;
        if (more) lia_buf_byte(out, ',');
        more = true;
        put_element(out, field, &op->touches[at]);
    }
    lia_buf_byte(out, ']');
    return at;
}

static void put_set(lia_buf *out, const lia_op *op, const lia_message *schema)
{
    lia_buf_text(out, ",\"set\":{");
    bool more = lia_json_put_members(out, schema, op->set);
    for (size_t i = 0; i < op->touch_count;) {
        const lia_field *field = lia_field_find(schema, op->touches[i].field);
        if (!is_set(field, &op->touches[i])) {
            i++;
            continue;
        }
        if (more) lia_buf_byte(out, ',');
        more = true;
        i = put_elements(out, op, i, field);
    }
    lia_buf_byte(out, '}');
}

/* The element's name, as people know it: its text or its number. */
static void put_element_name(lia_buf *out, lia_arena *arena, const lia_field *field,
                             lia_span element)
{
    uint64_t number;
    const lia_field *key = field->key ? lia_field_find(field->message, field->key) : field;
    lia_buf text = lia_buf_make(arena);
    lia_buf_format(&text, "%s[", field->name);
    if (key && key->type < LIA_T_STRING && lia_varint_get(element, &number))
        lia_buf_format(&text, "%llu", (unsigned long long)number);
    else
        lia_buf_span(&text, element);
    lia_buf_byte(&text, ']');
    lia_json_put_text(out, lia_buf_get(&text));
}

static void put_cleared(lia_buf *out, const lia_op *op, const lia_message *schema)
{
    bool more = false;
    for (size_t i = 0; i < op->touch_count; i++) {
        const lia_touch *touch = &op->touches[i];
        const lia_field *field = lia_field_find(schema, touch->field);
        if (!touch->clear || !field) continue;
        lia_buf_text(out, more ? "," : ",\"cleared\":[");
        more = true;
        if (touch->element.size)
            put_element_name(out, out->arena, field, touch->element);
        else
            lia_json_put_text(out, lia_span_text(field->name));
    }
    if (more) lia_buf_byte(out, ']');
}

static const lia_kind *kind_as_seen(const lia_event_look *look, uint32_t number)
{
    return look->rights ? lia_rights_kind(look->rights, number) : lia_kind_find(number);
}

static void put_op(lia_buf *out, const lia_op *op, const lia_event_look *look)
{
    const lia_kind *kind = kind_as_seen(look, op->kind);
    lia_buf_text(out, "{\"kind\":");
    if (kind)
        lia_json_put_text(out, lia_span_text(kind->name));
    else
        lia_json_put_uint(out, op->kind);
    lia_buf_text(out, ",\"record\":");
    lia_json_put_id(out, op->record);
    if (kind) {
        put_set(out, op, kind->message);
        put_cleared(out, op, kind->message);
    }
    lia_buf_byte(out, '}');
}

/* ---- the event ------------------------------------------------------------------------------- */

static void put_envelope(lia_buf *out, const lia_header *header, const char *source)
{
    lia_buf_format(out, "{\"specversion\":\"1.0\",\"id\":\"%u/%016llx/%llu\",\"source\":\"/nodes/",
                   header->node, (unsigned long long)header->incarnation,
                   (unsigned long long)header->seq);
    if (*source)
        lia_buf_text(out, source);
    else
        lia_json_put_uint(out, header->node);
    lia_buf_text(out, "\",\"type\":\"liaison.");
    lia_buf_text(out, lia_event_department(header));
    lia_buf_byte(out, '.');
    lia_buf_text(out, lia_event_name(header));
    lia_buf_byte(out, '"');
    if (!lia_id_is_none(header->customer)) {
        lia_buf_text(out, ",\"subject\":");
        lia_json_put_id(out, header->customer);
    }
    lia_buf_text(out, ",\"time\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(header->hlc)});
    lia_buf_text(out, ",\"datacontenttype\":\"application/json\"");
}

static void put_data(lia_buf *out, const lia_event *event, const lia_event_look *look)
{
    const lia_fact *fact = lia_fact_find(event->header.fact);
    lia_buf_text(out, ",\"data\":{");
    if (event->erased) {
        lia_buf_text(out, "\"erased\":true}");
        return;
    }
    lia_buf_text(out, "\"changes\":[");
    for (size_t i = 0; i < event->op_count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_op(out, &event->ops[i], look);
    }
    lia_buf_byte(out, ']');
    if (fact && look->fact) {
        lia_buf_text(out, ",\"fact\":");
        lia_json_put_message(out, fact->message, event->fact);
    }
    lia_buf_byte(out, '}');
}

void lia_event_put_json(lia_buf *out, const lia_event *event, const char *source,
                        const lia_event_look *look)
{
    put_envelope(out, &event->header, source);
    put_data(out, event, look);
    lia_buf_byte(out, '}');
}

void lia_gap_put_json(lia_buf *out, const char *first, const char *source)
{
    lia_buf_format(out,
                   "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/nodes/%s\",\"type\":"
                   "\"liaison." LIA_GAP_NAME "\",\"datacontenttype\":\"application/json\",\"data\":{"
                   "\"first\":\"%s\",\"detail\":\"events before this have left the log: take the state "
                   "from the lists (/api/v1/customers ...), the stream goes on behind 'first'\"}}",
                   first, source, first);
}
