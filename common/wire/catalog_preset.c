/* SPDX-License-Identifier: Apache-2.0 */
/* Defaults of custom fields. */
#include "common/wire/catalog_inner.h"
#include "common/wire/json.h"

static lia_err preset_option(lia_span *out, const Custom__CustomField *says, uint32_t number,
                             lia_arena *arena, lia_why *why)
{
    lia_buf bytes = lia_buf_make(arena);
    for (size_t i = 0; i < says->n_options; i++) {
        const char *name = says->options[i]->name;
        if (!name || strcmp(name, says->preset) != 0) continue;
        lia_pb_put_varint(&bytes, number, (uint64_t)lia_custom_option_number(name));
        *out = lia_buf_get(&bytes);
        return bytes.failed ? LIA_EFULL : LIA_OK;
    }
    return lia_why_set(why, LIA_EINVAL, "preset: none of the options is called '%.40s'",
                       says->preset);
}

/* The rest goes the way of JSON that people send, with the same checks. */
static lia_err preset_value(lia_span *out, const lia_field *field, const char *text,
                            lia_arena *arena, lia_why *why)
{
    const lia_message one = {.name = "preset", .fields = field, .count = 1};
    lia_json_object object;
    lia_buf json = lia_buf_make(arena);
    bool is_bare = field->type == LIA_T_BOOL || lia_field_is_whole(field);
    lia_buf_text(&json, "{\"preset\":");
    if (is_bare)
        lia_buf_text(&json, text);
    else
        lia_json_put_text(&json, lia_span_text(text));
    lia_buf_byte(&json, '}');
    if (json.failed) return LIA_EFULL;
    lia_err err = lia_json_read(&object, &one, LIA_JSON_PATCH, lia_buf_get(&json), arena, why);
    if (!err) *out = object.message;
    return err;
}

lia_err lia_custom_preset(lia_span *out, const Custom__CustomField *says, uint32_t number,
                          lia_arena *arena, lia_why *why)
{
    lia_field field = {.number = number, .name = "preset"};
    *out = LIA_SPAN_NONE;
    lia_custom_make_type(&field, says);
    if (field.repeated || field.type == LIA_T_MESSAGE || field.type == LIA_T_BYTES)
        return lia_why_set(why, LIA_EINVAL, "preset: fields of that type have none");
    if (field.type == LIA_T_ENUM) return preset_option(out, says, number, arena, why);
    return preset_value(out, &field, says->preset, arena, why);
}
