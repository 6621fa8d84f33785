/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/take.h"

#include <stdio.h>

#include "common/base/decimal.h"
#include "common/base/time.h"
#include "common/node/fields.h"
#include "common/wire/json_pointer.h"

#define NAME_MAX_BYTES 40

/* ---- what is wanted -------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    size_t size = name ? strlen(name) : 0;
    if (!size || size > NAME_MAX_BYTES || (*name >= '0' && *name <= '9')) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == size;
}

static lia_err check_name(Automation__StepTake *const *takes, size_t at, lia_why *why)
{
    const char *name = takes[at]->name;
    if (!is_name(name))
        return lia_why_set(why, LIA_EINVAL,
                           "takes[%zu].name: letters, digits and _ are wanted, at most %d", at,
                           NAME_MAX_BYTES);
    if (strcmp(name, LIA_ANSWER_STATUS) == 0)
        return lia_why_set(why, LIA_EINVAL, "takes[%zu].name: http.%s is the answer's status", at,
                           name);
    for (size_t i = 0; i < at; i++)
        if (strcmp(takes[i]->name, name) == 0)
            return lia_why_set(why, LIA_EINVAL, "takes[%zu].name: '%s' is taken already", at, name);
    return LIA_OK;
}

lia_err lia_takes_check(Automation__StepTake *const *takes, size_t count, lia_why *why)
{
    if (count > LIA_TAKES_MAX)
        return lia_why_set(why, LIA_EINVAL, "takes: more than %d values", LIA_TAKES_MAX);
    for (size_t i = 0; i < count; i++) {
        lia_why inner = {{0}};
        lia_err err = check_name(takes, i, why);
        if (err) return err;
        if ((unsigned)takes[i]->type > AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_DECIMAL)
            return lia_why_set(why, LIA_EINVAL, "takes[%zu].type: there is no such type", i);
        if (takes[i]->type == AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_DECIMAL
                ? takes[i]->scale > LIA_DECIMAL_SCALE_MAX
                : takes[i]->has_scale)
            return lia_why_set(why, LIA_EINVAL,
                               "takes[%zu].scale: a decimal has 0 to %d digits behind the point, "
                               "other types have none",
                               i, LIA_DECIMAL_SCALE_MAX);
        err = lia_json_pointer_check(lia_span_text(takes[i]->pointer ? takes[i]->pointer : ""),
                                     &inner);
        if (err) return lia_why_set(why, err, "takes[%zu].pointer: %s", i, inner.text);
    }
    return LIA_OK;
}

/* ---- what is there --------------------------------------------------------------------------- */

static const char *is_there(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static lia_err refuse(const Automation__StepTake *take, const char *wanted, const char *there,
                      lia_why *why)
{
    return lia_why_set(why, LIA_EINVAL, "%s: %s is wanted at %.100s, %s is there", take->name,
                       wanted, lia_text_is_empty(take->pointer) ? "the top" : take->pointer, there);
}

/* A scalar as JSON has it, without quotes. */
static lia_err read_text(Automation__AnswerValue *to, const Automation__StepTake *take,
                         const json_t *value, lia_arena *arena, lia_why *why)
{
    char number[64];
    const char *text = json_is_string(value) ? json_string_value(value) : number;
    if (json_is_object(value) || json_is_array(value))
        return refuse(take, "text", is_there(value), why);
    if (json_is_boolean(value))
        text = json_is_true(value) ? "true" : "false";
    else if (!json_is_string(value))
        number[json_dumpb(value, number, sizeof number - 1,
                          JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))] = 0;
    if (strlen(text) > LIA_TAKEN_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "%s: more than %zu bytes are there", take->name,
                           LIA_TAKEN_BYTES_MAX);
    to->text = lia_arena_text(arena, "%s", text);
    return to->text ? LIA_OK : LIA_EFULL;
}

static lia_err read_instant(Automation__AnswerValue *to, const Automation__StepTake *take,
                            const json_t *value, lia_why *why)
{
    lia_time time;
    static const char wanted[] = "an instant such as 2026-11-22T10:00:00Z";
    if (!json_is_string(value)) return refuse(take, wanted, is_there(value), why);
    if (lia_time_parse(lia_span_text(json_string_value(value)), &time))
        return refuse(take, wanted, "other text", why);
    LIA_SET(to, number, time.ms);
    return LIA_OK;
}

/* As a field of that scale takes it: what has more digits is refused, not rounded. */
static lia_err read_decimal(Automation__AnswerValue *to, const Automation__StepTake *take,
                            const json_t *value, lia_why *why)
{
    int64_t number;
    char wanted[96];
    unsigned scale = take->scale < LIA_DECIMAL_SCALE_MAX ? take->scale : LIA_DECIMAL_SCALE_MAX;
    snprintf(wanted, sizeof wanted, "a number with at most %u digits behind the point", scale);
    if (!lia_json_decimal(value, scale, &number))
        return refuse(take, wanted,
                      json_is_number(value)   ? "another number"
                      : json_is_string(value) ? "other text"
                                              : is_there(value),
                      why);
    LIA_SET(to, number, number);
    LIA_SET(to, scale, scale);
    return LIA_OK;
}

static lia_err read_one(Automation__AnswerValue *to, const Automation__StepTake *take,
                        const json_t *value, lia_arena *arena, lia_why *why)
{
    automation__answer_value__init(to);
    to->name = take->name;
    LIA_SET(to, type, take->type);
    switch (take->type) {
    case AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_WHOLE:
        if (!json_is_integer(value)) return refuse(take, "a whole number", is_there(value), why);
        LIA_SET(to, number, json_integer_value(value));
        return LIA_OK;
    case AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_TRUTH:
        if (!json_is_boolean(value)) return refuse(take, "true or false", is_there(value), why);
        LIA_SET(to, number, json_is_true(value));
        return LIA_OK;
    case AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_INSTANT:
        return read_instant(to, take, value, why);
    case AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_DECIMAL:
        return read_decimal(to, take, value, why);
    default:
        return read_text(to, take, value, arena, why);
    }
}

static lia_err read_all(const json_t *answer, Automation__StepTake *const *takes, size_t count,
                        lia_arena *arena, Automation__AnswerValue **out, size_t *taken,
                        lia_why *why)
{
    for (size_t i = 0; i < count && i < LIA_TAKES_MAX; i++) {
        const char *pointer = takes[i]->pointer ? takes[i]->pointer : "";
        const json_t *value = lia_json_pointer_find(answer, lia_span_text(pointer));
        if (!value || json_is_null(value)) {
            if (takes[i]->may_miss) continue;
            return lia_why_set(why, LIA_EINVAL, "%s: nothing is there at %.100s", takes[i]->name,
                               pointer);
        }
        out[*taken] = lia_arena_take(arena, sizeof **out);
        if (!out[*taken]) return LIA_EFULL;
        lia_err err = read_one(out[*taken], takes[i], value, arena, why);
        if (err) return err;
        ++*taken;
    }
    return LIA_OK;
}

lia_err lia_takes_read(lia_span answer, Automation__StepTake *const *takes, size_t count,
                       lia_arena *arena, Automation__AnswerValue **out, size_t *taken, lia_why *why)
{
    json_t *document;
    lia_why inner = {{0}};
    *taken = 0;
    if (!count) return LIA_OK;
    lia_err err = lia_json_load(answer, &document, &inner);
    if (err == LIA_EINVAL) return lia_why_set(why, err, "the answer is no JSON: %s", inner.text);
    if (err) return err;
    err = read_all(document, takes, count, arena, out, taken, why);
    json_decref(document);
    return err;
}
