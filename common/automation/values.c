/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/values.h"

#include "common/wire/pb.h"

/* ---- how a field's value stands in JSON -------------------------------------------------------
 */

static bool is_quoted(const lia_field *field)
{
    if (field->repeated || field->message) return false;
    return field->type >= LIA_T_ENUM || field->meaning == LIA_M_INSTANT ||
           field->meaning == LIA_M_DATE || field->meaning == LIA_M_DECIMAL;
}

/* Numbers and truth: what is none of them must not become part of the object's own text. */
static bool is_bare(lia_span text)
{
    if (lia_span_is(text, "true") || lia_span_is(text, "false")) return true;
    for (size_t i = 0; i < text.size; i++)
        if (!memchr("0123456789+-.eE", text.data[i], 15)) return false;
    return text.size > 0;
}

static bool edits_set(const lia_field *field, lia_span text)
{
    return field->repeated && !field->message && text.size > 1 &&
           (text.data[0] == '+' || text.data[0] == '-');
}

/* The set of the record with one element more or less. */
static void put_edited(lia_buf *out, const lia_field *field, lia_span text, lia_span message)
{
    lia_buf wanted = lia_buf_make(out->arena);
    lia_json_put_text(&wanted, lia_span_skip(text, 1));
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field found;
    const char *comma = "";
    lia_buf_byte(out, '[');
    while (lia_pb_next(&reader, &found)) {
        if (found.number != field->number) continue;
        lia_buf json = lia_buf_make(out->arena);
        lia_json_put_value(&json, field, found.wire, found.bytes);
        out->failed |= json.failed;
        if (lia_span_equal(lia_buf_get(&json), lia_buf_get(&wanted))) continue;
        lia_buf_text(out, comma);
        lia_buf_span(out, lia_buf_get(&json));
        comma = ",";
    }
    if (text.data[0] == '+') {
        lia_buf_text(out, comma);
        lia_buf_span(out, lia_buf_get(&wanted));
    }
    lia_buf_byte(out, ']');
    out->failed |= wanted.failed;
}

static void put_one(lia_buf *out, const lia_values *values, const lia_field *field, lia_span text,
                    lia_span message)
{
    if (!text.size)
        lia_buf_text(out, "null");
    else if (edits_set(field, text))
        put_edited(out, field, text, values->mode == LIA_JSON_PATCH ? message : LIA_SPAN_NONE);
    else if (is_quoted(field))
        lia_json_put_text(out, text);
    else if (field->repeated || field->message || is_bare(text))
        lia_buf_span(out, text);
    else
        lia_json_put_text(out, text); /* the reader says what it wants instead */
}

/* ---- checking -------------------------------------------------------------------------------- */

static lia_err in_field(lia_why *why, const char *name)
{
    lia_why inner = *why;
    return lia_why_set(why, LIA_EINVAL, "%s: %s", name, inner.text);
}

static lia_err check_literal(const lia_values *values, const lia_field *field, lia_span text,
                             lia_arena *arena, lia_why *why)
{
    lia_buf json = lia_buf_make(arena);
    lia_json_object object;
    lia_buf_format(&json, "{\"%s\":", field->name);
    put_one(&json, values, field, text, LIA_SPAN_NONE);
    lia_buf_byte(&json, '}');
    if (json.failed) return LIA_EFULL;
    return lia_json_read(&object, values->target, LIA_JSON_PATCH, lia_buf_get(&json), arena, why);
}

static lia_err check_one(const lia_values *values, const Automation__StepValue *value,
                         lia_arena *arena, lia_why *why)
{
    const lia_field *field = lia_field_by_name(values->target, lia_span_text(value->field));
    lia_span text = lia_span_text(value->value);
    if (!field)
        return lia_why_set(why, LIA_EINVAL, "%s: there is no such field in %s", value->field,
                           strrchr(values->target->name, '.') + 1);
    if (field->read_only && values->mode != LIA_JSON_COMMAND)
        return lia_why_set(why, LIA_EINVAL, "%s: is set by the node and cannot be written",
                           value->field);
    lia_err err = lia_template_check(text, values->source, why);
    if (err) return in_field(why, value->field);
    bool is_literal = text.size && !lia_template_has_holes(text);
    return is_literal ? check_literal(values, field, text, arena, why) : LIA_OK;
}

static bool has_value(const lia_values *values, const char *name)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->list[i]->field, name) == 0 && *values->list[i]->value) return true;
    return false;
}

lia_err lia_values_check(const lia_values *values, lia_arena *arena, lia_why *why)
{
    for (size_t i = 0; i < values->count; i++) {
        lia_err err = check_one(values, values->list[i], arena, why);
        if (err) return err;
    }
    for (size_t i = 0; i < values->target->count && values->mode == LIA_JSON_CREATE; i++) {
        const lia_field *field = &values->target->fields[i];
        if (field->required && !has_value(values, field->name))
            return lia_why_set(why, LIA_EINVAL, "%s: is required", field->name);
    }
    return LIA_OK;
}

/* ---- making ---------------------------------------------------------------------------------- */

static lia_err put_member(lia_buf *out, const lia_values *values,
                          const Automation__StepValue *value, const lia_filter_subject *subject,
                          bool *any)
{
    const lia_field *field = lia_field_by_name(values->target, lia_span_text(value->field));
    lia_buf text = lia_buf_make(out->arena);
    if (!field) return LIA_OK; /* checked when it was written; the schema only grows */
    bool in_json =
        field->message || (field->repeated && !edits_set(field, lia_span_text(value->value)));
    lia_err err = lia_template_fill(&text, lia_span_text(value->value), values->source, subject,
                                    in_json ? LIA_AS_JSON : LIA_AS_TEXT);
    if (err) return err;
    if (!text.size && values->mode != LIA_JSON_PATCH) return LIA_OK;
    lia_buf_format(out, "%s\"%s\":", *any ? "," : "", field->name);
    put_one(out, values, field, lia_buf_get(&text), subject->message);
    *any = true;
    return LIA_OK;
}

lia_err lia_values_put(lia_buf *out, const lia_values *values, const lia_filter_subject *subject,
                       lia_span first)
{
    bool any = first.size > 0;
    lia_err err = LIA_OK;
    lia_buf_byte(out, '{');
    lia_buf_span(out, first);
    for (size_t i = 0; i < values->count && !err; i++)
        err = put_member(out, values, values->list[i], subject, &any);
    lia_buf_byte(out, '}');
    return err ? err : out->failed ? LIA_EFULL : LIA_OK;
}
