/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that storage, JSON and search rely on. All breaches are reported in one run. */
#include "tools/schemagen/model.h"

#include <stdlib.h>

/* The tables find kinds and facts by direct index. */
enum { NUMBER_MAX = 9999 };

typedef struct check {
    lia_model *model;
    const lia_model_message *message;
    const lia_model_field *field; /* NULL: of the message itself */
} check;

#define REFUSE(at, ...)                                                                            \
    lia_model_refuse((at)->model, (at)->field ? (at)->field->place : (at)->message->place,         \
                     lia_model_field_name((at)->model, (at)->message, (at)->field), __VA_ARGS__)

/* ---- one field ------------------------------------------------------------------------------- */

static void check_form(const check *at)
{
    const lia_raw_field *raw = at->field->raw;
    if (!at->field->supported)
        REFUSE(at, "this protobuf type is not supported; use bool, int32, int64, uint32, uint64, "
                   "string, bytes, an enum or a message");
    if (raw->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED)
        REFUSE(at, "required fields are not used; write optional and (field) = { required: true }");
    if (raw->has_oneof_index)
        REFUSE(at, "oneof is not supported: every field is a register of its own");
    if (raw->default_value) REFUSE(at, "default values are not used: what is absent stays absent");
    if (raw->options && raw->options->has_packed && raw->options->packed)
        REFUSE(at, "packed is not supported: every element is a register of its own");
    if (raw->type_name && !at->field->message && !at->field->enumeration)
        REFUSE(at, "%s is not a type of this project's top level", raw->type_name);
    if (at->field->message && at->field->message->raw->options &&
        at->field->message->raw->options->has_map_entry)
        REFUSE(at, "map is not supported; write a repeated message with a key");
}

static bool meaning_fits(const lia_model_field *field)
{
    switch (field->options->meaning) {
    case LIAISON__MEANING__MEANING_PLAIN:
        return true;
    case LIAISON__MEANING__MEANING_ID:
        return field->type == LIA_T_BYTES;
    case LIAISON__MEANING__MEANING_INSTANT:
    case LIAISON__MEANING__MEANING_DURATION:
        return field->type == LIA_T_INT && field->bits == 64;
    case LIAISON__MEANING__MEANING_DATE:
        return field->type == LIA_T_INT && field->bits == 32;
    case LIAISON__MEANING__MEANING_PERCENT:
    case LIAISON__MEANING__MEANING_DAYS:
    case LIAISON__MEANING__MEANING_HOURS:
    case LIAISON__MEANING__MEANING_SECONDS:
    case LIAISON__MEANING__MEANING_THOUSANDTHS:
        return field->type == LIA_T_INT || field->type == LIA_T_UINT;
    default:
        return field->type == LIA_T_STRING;
    }
}

static const char *meaning_wants(Liaison__Meaning meaning)
{
    switch (meaning) {
    case LIAISON__MEANING__MEANING_ID:
        return "bytes";
    case LIAISON__MEANING__MEANING_INSTANT:
    case LIAISON__MEANING__MEANING_DURATION:
        return "int64";
    case LIAISON__MEANING__MEANING_DATE:
        return "int32";
    case LIAISON__MEANING__MEANING_PERCENT:
    case LIAISON__MEANING__MEANING_DAYS:
    case LIAISON__MEANING__MEANING_HOURS:
    case LIAISON__MEANING__MEANING_SECONDS:
    case LIAISON__MEANING__MEANING_THOUSANDTHS:
        return "a whole number";
    default:
        return "string";
    }
}

static void check_meaning(const check *at)
{
    const lia_model_field *field = at->field;
    bool is_keyed = field->repeated && field->type == LIA_T_MESSAGE;
    if (!meaning_fits(field))
        REFUSE(at, "this meaning is only for %s", meaning_wants(field->options->meaning));
    if (field->options->merge == LIAISON__MERGE__MERGE_HIGHEST &&
        (field->repeated ||
         (field->type != LIA_T_INT && field->type != LIA_T_UINT && field->type != LIA_T_ENUM)))
        REFUSE(at, "MERGE_HIGHEST is only for a single number or enum");
    if (field->options->indexed && field->type == LIA_T_MESSAGE && !is_keyed)
        REFUSE(at, "a message cannot be indexed");
    if (field->options->searchable && field->type != LIA_T_STRING && !is_keyed)
        REFUSE(at, "only text can be searched");
}

static void check_reference(check *at, lia_model_field *field)
{
    const char *wanted = field->options->reference;
    if (!wanted) return;
    if (field->options->meaning != LIAISON__MEANING__MEANING_ID)
        REFUSE(at, "a reference has meaning: MEANING_ID");
    for (size_t i = 0; i < at->model->message_count; i++) {
        const lia_model_message *other = &at->model->messages[i];
        if (other->used && other->kind && !strcmp(other->kind_name, wanted))
            field->reference = other;
    }
    if (!field->reference) REFUSE(at, "there is no kind '%s' to refer to", wanted);
}

/* An element's name is one scalar of it. Facts are never merged, so they may repeat freely. */
static void check_key(check *at, lia_model_field *field)
{
    const char *key = field->options->key;
    bool is_keyed = field->repeated && field->type == LIA_T_MESSAGE;
    if (key && !is_keyed) REFUSE(at, "only a repeated message has a key");
    if (!key && is_keyed && !at->message->fact)
        REFUSE(at, "a repeated message needs a key: the subfield that tells elements apart");
    if (!key || !is_keyed || !field->message) return;

    const lia_model_field *subfield = lia_model_field_find(field->message, key);
    if (!subfield)
        REFUSE(at, "key: %s has no field '%s'", field->message->name, key);
    else if (subfield->repeated || subfield->type == LIA_T_MESSAGE || subfield->type == LIA_T_BOOL)
        REFUSE(at, "key: '%s' must be a single text, number, enum or bytes", key);
    else
        field->key = subfield->number;
}

/* ---- one message ----------------------------------------------------------------------------- */

/* Members that the API adds to every record. */
static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {"id", "version", "created_at", "updated_at"};
    for (size_t i = 0; i < LIA_COUNT(reserved); i++)
        if (!strcmp(name, reserved[i])) return true;
    return false;
}

static bool is_path_segment(const char *text)
{
    return text && *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static bool is_fact_name(const char *text)
{
    return text && *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(text);
}

static void check_kind(check *at)
{
    const Liaison__KindOptions *kind = at->message->kind;
    if (at->message->fact) REFUSE(at, "a message is a kind or a fact, not both");
    if (!kind->number || kind->number > NUMBER_MAX)
        REFUSE(at, "kind: the number must be 1 to %d", NUMBER_MAX);
    if (!is_path_segment(kind->plural))
        REFUSE(at, "kind: a plural of small letters is wanted, for the API's path");
    if (!kind->label) REFUSE(at, "kind: a label is wanted");
    const lia_model_field *title =
        kind->title ? lia_model_field_find(at->message, kind->title) : NULL;
    if (kind->title && (!title || title->type != LIA_T_STRING || title->repeated))
        REFUSE(at, "kind: the title '%s' is not a text field of it", kind->title);
    for (size_t i = 0; i < at->message->count; i++) {
        at->field = &at->message->fields[i];
        if (is_reserved(at->field->name)) REFUSE(at, "every record has this member already");
    }
    at->field = NULL;
}

static void check_fact(check *at)
{
    const Liaison__FactOptions *fact = at->message->fact;
    if (!fact->number || fact->number > NUMBER_MAX)
        REFUSE(at, "fact: the number must be 1 to %d", NUMBER_MAX);
    if (!is_fact_name(fact->name)) REFUSE(at, "fact: a name such as deal.won is wanted");
    if (!fact->label) REFUSE(at, "fact: a label is wanted");
}

static void check_message(lia_model *model, lia_model_message *message)
{
    check at = {model, message, NULL};
    if (message->raw->n_nested_type || message->raw->n_enum_type)
        REFUSE(&at, "nested types (and map) are not supported; declare them at the top level");
    if (message->raw->n_extension || message->raw->n_extension_range)
        REFUSE(&at, "extensions are not supported");
    if (message->kind) check_kind(&at);
    if (message->fact) check_fact(&at);
    for (size_t i = 0; i < message->count; i++) {
        at.field = &message->fields[i];
        check_form(&at);
        check_meaning(&at);
        check_reference(&at, &message->fields[i]);
        check_key(&at, &message->fields[i]);
    }
}

/* ---- between messages ------------------------------------------------------------------------ */

/* Nesting is bounded by the types themselves, so that no input can nest further. */
enum { NESTING_MAX = 8 };

static bool nests_too_deep(const lia_model_message *message, unsigned depth)
{
    if (depth > NESTING_MAX) return true;
    for (size_t i = 0; i < message->count; i++)
        if (message->fields[i].message && nests_too_deep(message->fields[i].message, depth + 1))
            return true;
    return false;
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static void check_pair(lia_model *model, const lia_model_message *first,
                       const lia_model_message *second)
{
    check at = {model, second, NULL};
    if (same(first->name, second->name))
        REFUSE(&at, "%s has the same name, and the API's schemas know no packages",
               first->full_name);
    if (first->kind && second->kind) {
        if (first->kind->number == second->kind->number)
            REFUSE(&at, "kind: %s has the number %u already", first->name, first->kind->number);
        if (same(first->kind->plural, second->kind->plural))
            REFUSE(&at, "kind: %s has the plural '%s' already", first->name, first->kind->plural);
    }
    if (first->fact && second->fact) {
        if (first->fact->number == second->fact->number)
            REFUSE(&at, "fact: %s has the number %u already", first->name, first->fact->number);
        if (same(first->fact->name, second->fact->name))
            REFUSE(&at, "fact: %s has the name '%s' already", first->name, first->fact->name);
    }
}

static void check_enum(lia_model *model, const lia_model_enum *enumeration)
{
    for (size_t i = 0; i < enumeration->count; i++) {
        const lia_model_value *value = &enumeration->values[i];
        if (!value->name)
            lia_model_refuse(model, value->place, value->symbol,
                             "the name must begin with its enum's name, %s", enumeration->name);
        if (value->number < 0)
            lia_model_refuse(model, value->place, value->symbol,
                             "negative numbers are not supported");
        for (size_t other = 0; other < i; other++)
            if (enumeration->values[other].number == value->number)
                lia_model_refuse(model, value->place, value->symbol, "%s has the number %d already",
                                 enumeration->values[other].symbol, value->number);
    }
    for (size_t i = 0; i < model->message_count; i++)
        if (model->messages[i].used && same(model->messages[i].name, enumeration->name))
            lia_model_refuse(model, enumeration->place, enumeration->name,
                             "a message has the same name, and the API's schemas know no packages");
}

/* ---- all ------------------------------------------------------------------------------------- */

static int by_kind_number(const void *a, const void *b)
{
    uint32_t x = (*(lia_model_message *const *)a)->kind->number;
    uint32_t y = (*(lia_model_message *const *)b)->kind->number;
    return x < y ? -1 : x > y;
}
static int by_fact_number(const void *a, const void *b)
{
    uint32_t x = (*(lia_model_message *const *)a)->fact->number;
    uint32_t y = (*(lia_model_message *const *)b)->fact->number;
    return x < y ? -1 : x > y;
}

static void list_kinds_and_facts(lia_model *model)
{
    size_t index = 0, room = model->message_count * sizeof(lia_model_message *);
    model->kinds = lia_model_take(model, room);
    model->facts = lia_model_take(model, room);
    for (size_t i = 0; i < model->message_count; i++) {
        lia_model_message *message = &model->messages[i];
        if (!message->used) continue;
        message->index = index++;
        if (message->kind) model->kinds[model->kind_count++] = message;
        if (message->fact) model->facts[model->fact_count++] = message;
    }
    qsort(model->kinds, model->kind_count, sizeof *model->kinds, by_kind_number);
    qsort(model->facts, model->fact_count, sizeof *model->facts, by_fact_number);
}

void lia_model_check(lia_model *model)
{
    for (size_t i = 0; i < model->message_count; i++) {
        lia_model_message *message = &model->messages[i];
        if (!message->used) continue;
        check_message(model, message);
        check at = {model, message, NULL};
        if (nests_too_deep(message, 0))
            REFUSE(&at, "it contains itself, or nests more than %d deep", NESTING_MAX);
        for (size_t other = 0; other < i; other++)
            if (model->messages[other].used) check_pair(model, &model->messages[other], message);
    }
    for (size_t i = 0; i < model->enum_count; i++)
        if (model->enums[i].used) check_enum(model, &model->enums[i]);
    list_kinds_and_facts(model);
}
