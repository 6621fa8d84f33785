/* SPDX-License-Identifier: Apache-2.0 */
/* jansson reads the text, because of everything measured it alone refused every bad document; the
 * tree is then walked along the schema, and the message comes out with its fields ascending. Types
 * do not nest in themselves, so the walk is as deep as the schema and no deeper. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "common/base/money.h"
#include "common/wire/json.h"
#include "common/wire/sort.h"

/* One step down the document; text is made of the steps only when something is refused. */
typedef struct step {
    const struct step *up;
    const char *name; /* NULL: an element */
    size_t index;
} step;

typedef struct reader {
    lia_arena *arena;
    lia_why *why;
    lia_json_mode mode;
    const step *at; /* NULL: the document */
} reader;

/* ---- where and why ----------------------------------------------------------------------------
 */

enum { PATH_BYTES = 128, STEPS_MAX = 32 };

/* "emails[1].value: "; steps that do not fit are left out. */
static void print_path(const step *at, char path[PATH_BYTES])
{
    const step *steps[STEPS_MAX];
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

/* "emails[1].value: a text is wanted" */
static lia_err refuse(const reader *in, const char *format, ...) LIA_PRINTF(2, 3);
static lia_err refuse(const reader *in, const char *format, ...)
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
static lia_err refuse_member(const reader *in, const char *name, const char *reason)
{
    step member = {in->at, name, 0};
    reader there = {.why = in->why, .at = &member};
    return refuse(&there, "%s", reason);
}

static lia_err refuse_size(const reader *in)
{
    return lia_why_set(in->why, LIA_EFULL,
                       "the document is too large for the memory of one request");
}

/* ---- text -------------------------------------------------------------------------------------
 */

static bool is_email(lia_span text)
{
    const uint8_t *at = text.size ? memchr(text.data, '@', text.size) : NULL;
    if (!at || at == text.data || at == text.data + text.size - 1) return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] == 0x7f) return false;
    return true;
}

static bool is_country(lia_span text)
{
    return text.size == 2 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' &&
           text.data[1] <= 'Z';
}

static lia_err check_text(reader *in, const lia_field *field, lia_span text)
{
    switch (field->meaning) {
    case LIA_M_EMAIL:
        if (!text.size) return refuse(in, "must not be empty");
        return is_email(text) ? LIA_OK
                              : refuse(in, "an e-mail address such as mei@example.com is wanted");
    case LIA_M_CURRENCY:
        return lia_currency_is_valid(text)
                   ? LIA_OK
                   : refuse(in, "a currency of three capital letters such as EUR is wanted");
    case LIA_M_COUNTRY:
        return is_country(text)
                   ? LIA_OK
                   : refuse(in, "a country of two capital letters such as DE is wanted");
    default:
        return LIA_OK;
    }
}

static lia_span text_of(const json_t *json)
{
    return lia_span_make(json_string_value(json), json_string_length(json));
}

static lia_err read_text(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    if (!json_is_string(json)) return refuse(in, "a text is wanted");
    lia_span text = text_of(json);
    if (field->required && !text.size) return refuse(in, "must not be empty");
    lia_err err = check_text(in, field, text);
    if (!err) lia_pb_put_bytes(out, field->number, text);
    return err;
}

/* ---- bytes ------------------------------------------------------------------------------------
 */

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four digits, or fewer at the end of the text; appends what they say. */
static bool read_group(lia_buf *out, const uint8_t *at, size_t digits)
{
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i < digits ? base64_digit(at[i]) : 0;
        if (digit < 0) return false;
        group = group << 6 | (uint32_t)digit;
    }
    uint8_t bytes[3] = {(uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group};
    for (size_t i = digits - 1; i < 3; i++)
        if (bytes[i]) return false; /* bits that nobody would read */
    lia_buf_add(out, bytes, digits - 1);
    return true;
}

/* RFC 4648 section 4, with its padding. */
static bool read_base64(lia_buf *out, lia_span text)
{
    if (text.size % 4) return false;
    for (size_t at = 0; at < text.size; at += 4) {
        size_t digits = 4;
        if (at + 4 == text.size)
            while (digits > 2 && text.data[at + digits - 1] == '=') digits--;
        if (!read_group(out, text.data + at, digits)) return false;
    }
    return true;
}

static lia_err read_bytes(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    lia_id id;
    if (field->meaning == LIA_M_ID) {
        if (!json_is_string(json) || lia_id_parse(text_of(json), &id) || lia_id_is_none(id))
            return refuse(in, "an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted");
        lia_pb_put_bytes(out, field->number, lia_id_span(&id));
        return LIA_OK;
    }
    lia_buf bytes = lia_buf_make(in->arena);
    if (!json_is_string(json) || !read_base64(&bytes, text_of(json)))
        return refuse(in, "base64 is wanted");
    lia_pb_put_bytes(out, field->number, lia_buf_get(&bytes));
    return bytes.failed ? refuse_size(in) : LIA_OK;
}

/* ---- numbers, enums, instants -----------------------------------------------------------------
 */

static lia_err read_int(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    if (!json_is_integer(json)) return refuse(in, "a whole number is wanted");
    json_int_t value = json_integer_value(json);
    if (field->type == LIA_T_UINT && value < 0) return refuse(in, "must not be below 0");
    if (field->bits == 32 && field->type == LIA_T_UINT && value > UINT32_MAX)
        return refuse(in, "must not be above %u", UINT32_MAX);
    if (field->bits == 32 && field->type == LIA_T_INT && (value < INT32_MIN || value > INT32_MAX))
        return refuse(in, "must be between %d and %d", INT32_MIN, INT32_MAX);
    lia_pb_put_varint(out, field->number, (uint64_t)value);
    return LIA_OK;
}

static lia_err read_instant(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    lia_time time;
    if (!json_is_string(json) || lia_time_parse(text_of(json), &time))
        return refuse(in, "an instant such as 2026-11-22T08:30:00Z is wanted");
    lia_pb_put_varint(out, field->number, (uint64_t)time.ms);
    return LIA_OK;
}

static lia_err read_date(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    lia_time time;
    if (!json_is_string(json) || json_string_length(json) != strlen("2026-11-22") ||
        lia_time_parse(text_of(json), &time))
        return refuse(in, "a date such as 2026-11-22 is wanted");
    lia_pb_put_varint(out, field->number, (uint64_t)(time.ms / LIA_DAY_MS));
    return LIA_OK;
}

/* "person, organization" */
static const char *names_of(reader *in, const lia_enum *enumeration)
{
    lia_buf list = lia_buf_make(in->arena);
    for (size_t i = 0; i < enumeration->count; i++) {
        if (i) lia_buf_text(&list, ", ");
        lia_buf_text(&list, enumeration->values[i].name);
    }
    lia_buf_byte(&list, '\0');
    return list.failed ? "its names" : (const char *)list.data;
}

static lia_err read_enum(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    int32_t number;
    if (!json_is_string(json) || !lia_enum_number(field->enumeration, text_of(json), &number))
        return refuse(in, "one of %s is wanted", names_of(in, field->enumeration));
    lia_pb_put_varint(out, field->number, (uint64_t)(int64_t)number);
    return LIA_OK;
}

static lia_err read_bool(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    if (!json_is_boolean(json)) return refuse(in, "true or false is wanted");
    lia_pb_put_varint(out, field->number, json_is_true(json));
    return LIA_OK;
}

/* ---- one value --------------------------------------------------------------------------------
 */

static lia_err read_object(reader *in, lia_buf *out, const lia_message *schema, const json_t *json);

static lia_err read_message(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    lia_buf inner = lia_buf_make(in->arena);
    lia_err err = read_object(in, &inner, field->message, json);
    if (!err) lia_pb_put_bytes(out, field->number, lia_buf_get(&inner));
    return !err && inner.failed ? refuse_size(in) : err;
}

static lia_err read_value(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    switch (field->type) {
    case LIA_T_BOOL:
        return read_bool(in, out, field, json);
    case LIA_T_ENUM:
        return read_enum(in, out, field, json);
    case LIA_T_STRING:
        return read_text(in, out, field, json);
    case LIA_T_BYTES:
        return read_bytes(in, out, field, json);
    case LIA_T_MESSAGE:
        return read_message(in, out, field, json);
    case LIA_T_INT:
    case LIA_T_UINT:
        if (field->meaning == LIA_M_INSTANT) return read_instant(in, out, field, json);
        if (field->meaning == LIA_M_DATE) return read_date(in, out, field, json);
        return read_int(in, out, field, json);
    }
    return refuse(in, "cannot be written as JSON");
}

/* ---- elements ---------------------------------------------------------------------------------
 */

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
static lia_err name_of(reader *in, const lia_field *field, lia_span written, lia_span *name)
{
    lia_pb_reader walk = lia_pb_read(written);
    lia_pb_field whole = {0}, key;
    (void)lia_pb_next(&walk, &whole);
    *name = whole.bytes;
    if (!field->key) return name->size ? LIA_OK : refuse(in, "must not be empty");

    *name = lia_pb_find(whole.bytes, field->key, &key) ? key.bytes : LIA_SPAN_NONE;
    if (name->size) return LIA_OK;
    return refuse_member(in, lia_field_find(field->message, field->key)->name,
                         "must be there, because it tells the elements apart");
}

static lia_err check_names(reader *in, element *elements, size_t count)
{
    lia_sort(elements, count, sizeof *elements, by_name);
    for (size_t i = 1; i < count; i++) {
        if (!lia_span_equal(elements[i - 1].name, elements[i].name)) continue;
        step place = {in->at, NULL, elements[i].index};
        reader there = {.why = in->why, .at = &place};
        return refuse(&there, "the same element as [%zu]", elements[i - 1].index);
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

static lia_err read_element(reader *in, lia_buf *out, const lia_field *field, const json_t *json,
                            element *to)
{
    size_t start = out->size;
    lia_err err = read_value(in, out, field, json);
    if (err) return err;
    if (out->failed) return refuse_size(in);
    return name_of(in, field, lia_span_skip(lia_buf_get(out), start), &to->name);
}

static lia_err read_array(reader *in, lia_buf *out, const lia_field *field, const json_t *array)
{
    size_t count = json_array_size(array);
    if (!json_is_array(array)) return refuse(in, "a list is wanted");
    if (field->required && !count) return refuse(in, "must not be empty");
    if (count > LIA_RECORD_REGISTERS_MAX)
        return refuse(in, "more than %d elements", LIA_RECORD_REGISTERS_MAX);
    element *elements = lia_arena_take(in->arena, count * sizeof *elements);
    if (!elements || !name_by_place(field, array)) return refuse_size(in);

    step here = {in->at, NULL, 0};
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

/* ---- objects ----------------------------------------------------------------------------------
 */

static lia_err read_field(reader *in, lia_buf *out, const lia_field *field, const json_t *json)
{
    step here = {in->at, field->name, 0};
    in->at = &here;
    lia_err err =
        field->repeated ? read_array(in, out, field, json) : read_value(in, out, field, json);
    in->at = here.up;
    return err;
}

/* Members by their fields' places in the schema; slots are NULL where nothing is said. */
static lia_err sort_members(reader *in, const lia_message *schema, const json_t *object,
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
static lia_err check_presence(reader *in, const lia_field *field, const json_t *json, bool top)
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
static lia_err read_slots(reader *in, lia_buf *out, const lia_message *schema, const json_t **slots,
                          bool top)
{
    for (size_t i = 0; i < schema->count; i++) {
        lia_err err = check_presence(in, &schema->fields[i], slots[i], top);
        if (!err && slots[i] && !json_is_null(slots[i]))
            err = read_field(in, out, &schema->fields[i], slots[i]);
        if (err) return err;
    }
    return LIA_OK;
}

static lia_err read_object(reader *in, lia_buf *out, const lia_message *schema, const json_t *json)
{
    if (!json_is_object(json)) return refuse(in, "an object is wanted");
    const json_t **slots = lia_arena_zero(in->arena, schema->count * sizeof *slots);
    if (!slots) return refuse_size(in);
    lia_err err = sort_members(in, schema, json, slots);
    return err ? err : read_slots(in, out, schema, slots, false);
}

/* The same for the document itself, which also remembers what it mentions. */
static lia_err read_top(reader *in, lia_json_object *out, const lia_message *schema,
                        const json_t *json)
{
    lia_buf message = lia_buf_make(in->arena);
    if (!json_is_object(json)) return refuse(in, "a JSON object is wanted");
    const json_t **slots = lia_arena_zero(in->arena, schema->count * sizeof *slots);
    out->mentioned = lia_arena_take(in->arena, schema->count * sizeof *out->mentioned);
    if (!slots || !out->mentioned) return refuse_size(in);
    lia_err err = sort_members(in, schema, json, slots);
    if (!err) err = read_slots(in, &message, schema, slots, true);
    if (err) return err;
    for (size_t i = 0; i < schema->count; i++)
        if (slots[i]) out->mentioned[out->mentioned_count++] = schema->fields[i].number;
    out->message = lia_buf_get(&message);
    return message.failed ? refuse_size(in) : LIA_OK;
}

lia_err lia_json_read(lia_json_object *out, const lia_message *schema, lia_json_mode mode,
                      lia_span json, lia_arena *arena, lia_why *why)
{
    *out = (lia_json_object){0};
    reader in = {.arena = arena, .why = why, .mode = mode};
    json_error_t error;
    json_t *tree = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &error);
    if (!tree)
        return lia_why_set(why, LIA_EINVAL, "line %d, column %d: %s", error.line, error.column,
                           error.text);
    lia_err err = read_top(&in, out, schema, tree);
    if (err) *out = (lia_json_object){0};
    json_decref(tree);
    return err;
}
