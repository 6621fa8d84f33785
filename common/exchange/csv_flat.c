/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/csv_flat.h"

#include <stdio.h>

#include "common/base/money.h"
#include "common/exchange/csv_map.h"
#include "common/wire/csv.h"

/* ---- columns --------------------------------------------------------------------------------- */

static void add(lia_csv_flat *out, const lia_field *field, const lia_field *part, const char *added)
{
    if (out->count < LIA_COUNT(out->columns))
        out->columns[out->count++] = (lia_csv_flat_column){field, part, added};
}

/* Whether one cell holds all of it: e-mails and other elements that are known by their value. */
static bool fits_one_cell(const lia_field *field)
{
    if (field->type != LIA_T_MESSAGE || lia_field_is_money(field)) return true;
    const lia_field *key = field->key ? lia_field_find(field->message, field->key) : NULL;
    return key && strcmp(key->name, "value") == 0;
}

void lia_csv_flat_make(lia_csv_flat *out, const lia_kind *kind)
{
    out->count = 0;
    add(out, NULL, NULL, "id");
    for (size_t i = 0; i < kind->message->count; i++) {
        const lia_field *field = &kind->message->fields[i];
        if (fits_one_cell(field)) {
            add(out, field, NULL, NULL);
            continue;
        }
        for (size_t j = 0; j < field->message->count; j++) {
            const lia_field *part = &field->message->fields[j];
            if (part->type != LIA_T_MESSAGE || lia_field_is_money(part))
                add(out, field, part, NULL);
        }
    }
    add(out, NULL, NULL, "created_at");
    add(out, NULL, NULL, "updated_at");
}

static lia_span name_of(const lia_csv_flat_column *column, lia_arena *arena)
{
    const char *name = column->added ? column->added : column->field->name;
    if (column->part) name = lia_arena_text(arena, "%s.%s", name, column->part->name);
    return lia_span_text(name);
}

void lia_csv_flat_put_header(const lia_csv_flat *flat, lia_buf *out)
{
    lia_span cells[LIA_CSV_FLAT_COLUMNS_MAX];
    for (size_t i = 0; i < flat->count; i++) cells[i] = name_of(&flat->columns[i], out->arena);
    lia_csv_put_row(out, ',', cells, flat->count);
}

static bool is_named(const lia_csv_flat_column *column, lia_span name)
{
    const char *first = column->added ? column->added : column->field->name;
    size_t size = strlen(first);
    if (!column->part) return lia_span_is(name, first);
    return name.size > size + 1 && memcmp(name.data, first, size) == 0 && name.data[size] == '.' &&
           lia_span_is(lia_span_skip(name, size + 1), column->part->name);
}

lia_err lia_csv_flat_choose(lia_csv_flat *flat, lia_span names, lia_why *why)
{
    lia_csv_flat all = *flat;
    flat->count = 0;
    while (names.size) {
        const uint8_t *comma = memchr(names.data, ',', names.size);
        lia_span name =
            lia_span_make(names.data, comma ? (size_t)(comma - names.data) : names.size);
        names = lia_span_skip(names, name.size + (comma != NULL));
        size_t i = 0;
        while (i < all.count && !is_named(&all.columns[i], name)) i++;
        if (i == all.count || flat->count == LIA_CSV_FLAT_COLUMNS_MAX)
            return lia_why_set(why, LIA_EINVAL, "columns: '%.*s' is no column of it",
                               name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
        flat->columns[flat->count++] = all.columns[i];
    }
    return LIA_OK;
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* "11.77 USD" with as many digits as the currency has. */
static const char *money_text(const json_t *value, lia_arena *arena)
{
    long long minor = json_integer_value(json_object_get(value, "amount_minor"));
    const char *code = json_string_value(json_object_get(value, "currency"));
    if (!code) return "";
    unsigned digits = lia_currency_digits(code);
    long long unit = 1, size = minor < 0 ? -minor : minor;
    for (unsigned i = 0; i < digits; i++) unit *= 10;
    if (digits == 0) return lia_arena_text(arena, "%lld %s", minor, code);
    return lia_arena_text(arena, "%s%lld.%0*lld %s", minor < 0 ? "-" : "", size / unit, (int)digits,
                          size % unit, code);
}

static const char *scalar_text(const json_t *value, lia_arena *arena)
{
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_integer(value))
        return lia_arena_text(arena, "%lld", (long long)json_integer_value(value));
    return json_is_true(value) ? "true" : json_is_false(value) ? "false" : "";
}

static const char *one_text(const lia_field *field, const json_t *value, lia_arena *arena)
{
    if (field->type != LIA_T_MESSAGE) return scalar_text(value, arena);
    if (lia_field_is_money(field)) return money_text(value, arena);
    const lia_field *key = field->key ? lia_field_find(field->message, field->key) : NULL;
    return key ? scalar_text(json_object_get(value, key->name), arena) : "";
}

static lia_span list_text(const lia_field *field, const json_t *list, lia_arena *arena)
{
    size_t i;
    json_t *element;
    lia_buf text = lia_buf_make(arena);
    json_array_foreach(list, i, element)
    {
        const char *one = one_text(field, element, arena);
        lia_buf_format(&text, "%s%s", i ? ";" : "", one ? one : "");
    }
    return lia_buf_get(&text);
}

static lia_span cell_of(const lia_csv_flat_column *column, const json_t *record, lia_arena *arena)
{
    if (column->added)
        return lia_span_text(scalar_text(json_object_get(record, column->added), arena));
    const json_t *value = json_object_get(record, column->field->name);
    if (!column->part && json_is_array(value)) return list_text(column->field, value, arena);
    if (!column->part) return lia_span_text(one_text(column->field, value, arena));
    if (json_is_array(value)) value = json_array_get(value, 0);
    return lia_span_text(one_text(column->part, json_object_get(value, column->part->name), arena));
}

void lia_csv_flat_put(const lia_csv_flat *flat, const json_t *record, lia_buf *out)
{
    lia_span cells[LIA_CSV_FLAT_COLUMNS_MAX];
    for (size_t i = 0; i < flat->count; i++)
        cells[i] = cell_of(&flat->columns[i], record, out->arena);
    lia_csv_put_row(out, ',', cells, flat->count);
}

lia_err lia_csv_flat_put_text(const lia_csv_flat *flat, lia_span record, lia_buf *out)
{
    json_t *json = json_loadb((const char *)record.data, record.size, 0, NULL);
    if (!json) return LIA_ECORRUPT;
    lia_csv_flat_put(flat, json, out);
    json_decref(json);
    return out->failed ? LIA_EFULL : LIA_OK;
}
