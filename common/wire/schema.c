/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups by number are direct: numbers are small and dense by construction. Lookups by name walk
 * a list of a dozen or two, where the first letter nearly always decides. */
#include "common/wire/catalog_inner.h"

const char *lia_department_name(lia_department department)
{
    static const char *const names[LIA_DEPARTMENTS] = {"any", "sales", "marketing", "service",
                                                       "analytics"};
    return (unsigned)department < LIA_DEPARTMENTS ? names[department] : NULL;
}

/* `wanted` may hold any bytes, NUL too; `name` is not read beyond its end. */
static bool is_named(const char *name, lia_span wanted)
{
    if (!wanted.size || name[0] != (char)wanted.data[0]) return false;
    return strnlen(name, wanted.size) == wanted.size && !name[wanted.size] &&
           memcmp(name, wanted.data, wanted.size) == 0;
}

/* ---- kinds and facts ------------------------------------------------------------------------- */

const lia_kind *lia_kinds(size_t *count)
{
    const lia_catalog *catalog = lia_catalog_current();
    *count = catalog->kind_count;
    return catalog->kinds;
}

const lia_fact *lia_facts(size_t *count)
{
    *count = lia_schema.fact_count;
    return lia_schema.facts;
}

/* Behind those that were compiled in. */
static const lia_kind *find_added(const lia_catalog *catalog, uint32_t number)
{
    size_t low = catalog->compiled, high = catalog->kind_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (catalog->kinds[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < catalog->kind_count && catalog->kinds[low].number == number ? &catalog->kinds[low]
                                                                             : NULL;
}

const lia_kind *lia_kind_find(uint32_t number)
{
    const lia_catalog *catalog = lia_catalog_current();
    if (number >= lia_schema.kind_places_count) return find_added(catalog, number);
    unsigned place = lia_schema.kind_places[number];
    return place ? &catalog->kinds[place - 1] : NULL;
}

const lia_kind *lia_kind_by_plural(lia_span plural)
{
    const lia_catalog *catalog = lia_catalog_current();
    for (size_t i = 0; i < catalog->kind_count; i++)
        if (is_named(catalog->kinds[i].plural, plural) && !catalog->kinds[i].secret)
            return &catalog->kinds[i];
    return NULL;
}

const lia_kind *lia_kind_by_name(lia_span name)
{
    const lia_catalog *catalog = lia_catalog_current();
    for (size_t i = 0; i < catalog->kind_count; i++)
        if (is_named(catalog->kinds[i].name, name)) return &catalog->kinds[i];
    return NULL;
}

const lia_fact *lia_fact_find(uint32_t number)
{
    unsigned place = number < lia_schema.fact_places_count ? lia_schema.fact_places[number] : 0;
    return place ? &lia_schema.facts[place - 1] : NULL;
}

const lia_fact *lia_fact_by_name(lia_span name)
{
    for (size_t i = 0; i < lia_schema.fact_count; i++)
        if (is_named(lia_schema.facts[i].name, name)) return &lia_schema.facts[i];
    return NULL;
}

/* ---- fields and messages --------------------------------------------------------------------- */

const lia_field *lia_field_find(const lia_message *message, uint32_t number)
{
    /* Most messages count 1, 2, 3 ... from the start. */
    if (number - 1 < message->count && message->fields[number - 1].number == number)
        return &message->fields[number - 1];
    size_t low = 0, high = message->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (message->fields[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < message->count && message->fields[low].number == number ? &message->fields[low]
                                                                         : NULL;
}

const lia_field *lia_field_by_name(const lia_message *message, lia_span name)
{
    for (size_t i = 0; i < message->count; i++)
        if (is_named(message->fields[i].name, name)) return &message->fields[i];
    return NULL;
}

const lia_message *lia_message_find(const char *name)
{
    size_t low = 0, high = lia_schema.message_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(lia_schema.messages[middle].name, name);
        if (order == 0) return &lia_schema.messages[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- enums ----------------------------------------------------------------------------------- */

const char *lia_enum_name(const lia_enum *enumeration, int64_t number)
{
    if (number >= 0 && (uint64_t)number < enumeration->count &&
        enumeration->values[number].number == number)
        return enumeration->values[number].name;
    for (size_t i = 0; i < enumeration->count; i++)
        if (enumeration->values[i].number == number) return enumeration->values[i].name;
    return NULL;
}

bool lia_enum_number(const lia_enum *enumeration, lia_span name, int32_t *number)
{
    for (size_t i = 0; i < enumeration->count; i++) {
        if (!is_named(enumeration->values[i].name, name)) continue;
        *number = enumeration->values[i].number;
        return true;
    }
    return false;
}

lia_span lia_schema_openapi(void)
{
    return lia_span_make(lia_schema.openapi, lia_schema.openapi_size);
}
