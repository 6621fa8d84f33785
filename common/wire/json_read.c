/* SPDX-License-Identifier: Apache-2.0 */
/* jansson reads the text, because of everything measured it alone refused every bad document; the
 * tree is then walked along the schema, and the message comes out with its fields ascending. Types
 * do not nest in themselves, so the walk is as deep as the schema and no deeper. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/limits.h"
#include "common/wire/json_reader.h"
#include "common/wire/json_tree.h"
#include "common/wire/sort.h"

/* ---- where and why --------------------------------------------------------------------------- */

enum { PATH_BYTES = 128, STEPS_MAX = 32 };

/* "emails[1].value: "; steps that do not fit are left out. */
static void print_path(const lia_json_step *at, char path[PATH_BYTES])
{
    const lia_json_step *steps[STEPS_MAX];
    size_t count = 0, size = 0;
    for (; at && count < STEPS_MAX; at = at->up) steps[count++] = at;
    path[0] = '\0';
    while (count--) {
        char text[PATH_BYTES];
        if (steps[count]->name)
            snprintf(text, sizeof text, "%s%.64s", size ? "." : "", steps[count]->name);
        else
            snprintf(text, sizeof text, "[%zu]", steps[count]->index);
        if (size + strlen(text) + sizeof ": " > PATH_BYTES) break;
        strcpy(path + size, text);
        size += strlen(text);
    }
    if (size) strcpy(path + size, ": ");
}

lia_err lia_json_refuse(const lia_json_reader *in, const char *format, ...)
{
    char path[PATH_BYTES], reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    print_path(in->at, path);
    return lia_why_set(in->why, LIA_EINVAL, "%s%s", path, reason);
}

/* The same, of a member of where the reader is. */
static lia_err refuse_member(const lia_json_reader *in, const char *name, const char *reason)
{
    lia_json_step member = {in->at, name, 0};
    lia_json_reader there = {.why = in->why, .at = &member};
    return lia_json_refuse(&there, "%s", reason);
}

lia_err lia_json_refuse_size(const lia_json_reader *in)
{
    return lia_why_set(in->why, LIA_EFULL,
                       "the document is too large for the memory of one request");
}

/* ---- one value ------------------------------------------------------------------------------- */

static lia_err read_object(lia_json_reader *in, lia_buf *out, const lia_message *schema,
                           const json_t *json);

static lia_err read_message(lia_json_reader *in, lia_buf *out, const lia_field *field,
                            const json_t *json)
{
    lia_buf inner = lia_buf_make(in->arena);
    lia_err err = read_object(in, &inner, field->message, json);
    if (!err) lia_pb_put_bytes(out, field->number, lia_buf_get(&inner));
    return !err && inner.failed ? lia_json_refuse_size(in) : err;
}

static lia_err read_value(lia_json_reader *in, lia_buf *out, const lia_field *field,
                          const json_t *json)
{
    return field->message ? read_message(in, out, field, json)
                          : lia_json_read_scalar(in, out, field, json);
}

/* ---- elements -------------------------------------------------------------------------------- */

/* An element and what names it among its neighbours. */
typedef struct element {
    lia_span name;
    size_t index;
} element;

static int by_name(const void *a, const void *b)
{
    const element *x = a, *y = b;
    int order = lia_span_compare(x->name, y->name);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* The name of an element as written: its key's payload, or the whole of a scalar. */
static lia_err name_of(lia_json_reader *in, const lia_field *field, lia_span written,
                       lia_span *name)
{
    lia_pb_reader walk = lia_pb_read(written);
    lia_pb_field whole = {0}, key;
    (void)lia_pb_next(&walk, &whole);
    *name = whole.bytes;
    if (!field->key) return name->size ? LIA_OK : lia_json_refuse(in, "must not be empty");

    *name = lia_pb_find(whole.bytes, field->key, &key) ? key.bytes : LIA_SPAN_NONE;
    if (name->size) return LIA_OK;
    return refuse_member(in, lia_field_find(field->message, field->key)->name,
                         "must be there, because it tells the elements apart");
}

static lia_err check_names(lia_json_reader *in, element *elements, size_t count)
{
    lia_sort(elements, count, sizeof *elements, by_name);
    for (size_t i = 1; i < count; i++) {
        if (!lia_span_equal(elements[i - 1].name, elements[i].name)) continue;
        lia_json_step place = {in->at, NULL, elements[i].index};
        lia_json_reader there = {.why = in->why, .at = &place};
        return lia_json_refuse(&there, "the same element as [%zu]", elements[i - 1].index);
    }
    return LIA_OK;
}

static bool is_left_out(const json_t *json)
{
    return !json || json_is_null(json) || (json_is_string(json) && !json_string_length(json));
}

/* The names that elements bring along. NULL when out of memory. */
static json_t *names_given(const json_t *array, const char *key)
{
    json_t *names = json_object(), *each;
    size_t index;
    json_array_foreach(array, index, each)
    {
        const char *name = json_string_value(json_object_get(each, key));
        if (name && json_object_set_new(names, name, json_true())) {
            json_decref(names);
            return NULL;
        }
    }
    return names;
}

/* A text that tells elements apart but says little (an address's label, an article number) may be
 * left out: the element's place stands in for it, or the next number that is free. */
static bool name_by_place(const lia_field *field, const json_t *array)
{
    const lia_field *key = field->key ? lia_field_find(field->message, field->key) : NULL;
    if (!key || key->type != LIA_T_STRING || key->required || key->meaning != LIA_M_PLAIN)
        return true;
    json_t *given = names_given(array, key->name), *each;
    bool ok = given != NULL;
    size_t index, number = 0;
    json_array_foreach(array, index, each)
    {
        char text[24];
        if (!ok || !json_is_object(each) || !is_left_out(json_object_get(each, key->name)))
            continue;
        if (number < index) number = index;
        do snprintf(text, sizeof text, "%zu", ++number);
        while (json_object_get(given, text));
        ok = !json_object_set_new(each, key->name, json_string(text));
    }
    json_decref(given);
    return ok;
}

static lia_err read_element(lia_json_reader *in, lia_buf *out, const lia_field *field,
                            const json_t *json, element *to)
{
    size_t start = out->size;
    lia_err err = read_value(in, out, field, json);
    if (err) return err;
    if (out->failed) return lia_json_refuse_size(in);
    return name_of(in, field, lia_span_skip(lia_buf_get(out), start), &to->name);
}

static lia_err read_array(lia_json_reader *in, lia_buf *out, const lia_field *field,
                          const json_t *array)
{
    size_t count = json_array_size(array);
    if (!json_is_array(array)) return lia_json_refuse(in, "a list is wanted");
    if (field->required && !count) return lia_json_refuse(in, "must not be empty");
    if (count > LIA_RECORD_REGISTERS_MAX)
        return lia_json_refuse(in, "more than %d elements", LIA_RECORD_REGISTERS_MAX);
    element *elements = lia_arena_take(in->arena, count * sizeof *elements);
    if (!elements || !name_by_place(field, array)) return lia_json_refuse_size(in);

    lia_json_step here = {in->at, NULL, 0};
    in->at = &here;
    lia_err err = LIA_OK;
    for (; !err && here.index < count; here.index++) {
        elements[here.index].index = here.index;
        err =
            read_element(in, out, field, json_array_get(array, here.index), &elements[here.index]);
    }
    in->at = here.up;
    return err ? err : check_names(in, elements, count);
}

/* ---- objects --------------------------------------------------------------------------------- */

static lia_err read_field(lia_json_reader *in, lia_buf *out, const lia_field *field,
                          const json_t *json)
{
    lia_json_step here = {in->at, field->name, 0};
    in->at = &here;
    lia_err err =
        field->repeated ? read_array(in, out, field, json) : read_value(in, out, field, json);
    in->at = here.up;
    return err;
}

/* Members by their fields' places in the schema; slots are NULL where nothing is said. */
static lia_err sort_members(lia_json_reader *in, const lia_message *schema, const json_t *object,
                            const json_t **slots)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        const lia_field *field = lia_field_by_name(schema, lia_span_text(name));
        if (!field) return refuse_member(in, name, "there is no such field");
        slots[field - schema->fields] = value;
    }
    return LIA_OK;
}

/* What must be there, and for whole records what must not. */
static lia_err check_presence(lia_json_reader *in, const lia_field *field, const json_t *json,
                              bool top)
{
    bool is_absent = !json || json_is_null(json), is_patch = top && in->mode == LIA_JSON_PATCH;
    const char *reason = NULL;
    if (top && in->mode != LIA_JSON_COMMAND && field->read_only && json)
        reason = "is set by the node and cannot be written";
    else if (field->required && is_patch && json && is_absent)
        reason = "is required and cannot be cleared";
    else if (field->required && !is_patch && is_absent)
        reason = "is required";
    return reason ? refuse_member(in, field->name, reason) : LIA_OK;
}

/* Appends the object as a message. Null members are left out. */
static lia_err read_slots(lia_json_reader *in, lia_buf *out, const lia_message *schema,
                          const json_t **slots, bool top)
{
    for (size_t i = 0; i < schema->count; i++) {
        lia_err err = check_presence(in, &schema->fields[i], slots[i], top);
        if (!err && slots[i] && !json_is_null(slots[i]))
            err = read_field(in, out, &schema->fields[i], slots[i]);
        if (err) return err;
    }
    return LIA_OK;
}

static lia_err read_object(lia_json_reader *in, lia_buf *out, const lia_message *schema,
                           const json_t *json)
{
    if (!json_is_object(json)) return lia_json_refuse(in, "an object is wanted");
    const json_t **slots = lia_arena_zero(in->arena, schema->count * sizeof *slots);
    if (!slots) return lia_json_refuse_size(in);
    lia_err err = sort_members(in, schema, json, slots);
    return err ? err : read_slots(in, out, schema, slots, false);
}

/* The same for the document itself, which also remembers what it mentions. */
static lia_err read_top(lia_json_reader *in, lia_json_object *out, const lia_message *schema,
                        const json_t *json)
{
    lia_buf message = lia_buf_make(in->arena);
    if (!json_is_object(json)) return lia_json_refuse(in, "a JSON object is wanted");
    const json_t **slots = lia_arena_zero(in->arena, schema->count * sizeof *slots);
    out->mentioned = lia_arena_take(in->arena, schema->count * sizeof *out->mentioned);
    if (!slots || !out->mentioned) return lia_json_refuse_size(in);
    lia_err err = sort_members(in, schema, json, slots);
    if (!err) err = read_slots(in, &message, schema, slots, true);
    if (err) return err;
    for (size_t i = 0; i < schema->count; i++)
        if (slots[i]) out->mentioned[out->mentioned_count++] = schema->fields[i].number;
    out->message = lia_buf_get(&message);
    return message.failed ? lia_json_refuse_size(in) : LIA_OK;
}

lia_err lia_json_read(lia_json_object *out, const lia_message *schema, lia_json_mode mode,
                      lia_span json, lia_arena *arena, lia_why *why)
{
    *out = (lia_json_object){0};
    lia_json_reader in = {.arena = arena, .why = why, .mode = mode};
    json_t *tree;
    lia_err err = lia_json_load(json, &tree, why);
    if (err) return err;
    err = read_top(&in, out, schema, tree);
    if (err) *out = (lia_json_object){0};
    json_decref(tree);
    return err;
}
