/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/csv_map.h"

#include <stdio.h>

#include "common/base/decimal.h"
#include "common/base/money.h"
#include "common/exchange/country.h"
#include "common/exchange/language.h"
#include "common/exchange/meant.h"
#include "common/wire/json.h"

bool lia_field_is_money(const lia_field *field)
{
    return field->type == LIA_T_MESSAGE && strcmp(field->message->name, "liaison.crm.Money") == 0;
}

/* ---- the header ------------------------------------------------------------------------------ */

static const char *meant(const lia_message *message, lia_span name)
{
    const char *words[64];
    char text[64];
    size_t count = 0;
    snprintf(text, sizeof text, "%.*s", name.size > 60 ? 60 : (int)name.size,
             (const char *)name.data);
    for (; count < message->count && count < LIA_COUNT(words); count++)
        words[count] = message->fields[count].name;
    return lia_word_meant(text, words, count);
}

static lia_err refuse_name(const lia_message *message, lia_span name, lia_why *why)
{
    const char *other = meant(message, name);
    return lia_why_set(why, LIA_EINVAL,
                       "'%.*s' is no field of %s%s%s%s; --map COLUMN=FIELD gives "
                       "a column another name, --map COLUMN= leaves it out",
                       name.size > 60 ? 60 : (int)name.size, (const char *)name.data,
                       strrchr(message->name, '.') + 1, other ? ", was '" : "", other ? other : "",
                       other ? "' meant?" : "");
}

/* What the API adds to every record that it shows. */
static bool is_added(lia_span name)
{
    return lia_span_is(name, "id") || lia_span_is(name, "created_at") ||
           lia_span_is(name, "updated_at") || lia_span_is(name, "version");
}

/* Takes "[2]" from the end of a list's name. */
static lia_err take_element(lia_span *name, uint8_t *element, lia_why *why)
{
    const uint8_t *open = name->size ? memchr(name->data, '[', name->size) : NULL;
    *element = 1;
    if (!open) return LIA_OK;
    size_t size = (size_t)(open - name->data);
    bool ok = name->size == size + 3 && open[2] == ']' && open[1] >= '1' &&
              open[1] <= '0' + LIA_CSV_ELEMENTS_MAX;
    if (!ok)
        return lia_why_set(why, LIA_EINVAL, "an element is named [1] to [%d]",
                           LIA_CSV_ELEMENTS_MAX);
    *element = (uint8_t)(open[1] - '0');
    name->size = size;
    return LIA_OK;
}

static lia_err find_part(lia_csv_column *column, lia_span rest, bool dotted, bool numbered,
                         lia_why *why)
{
    const lia_field *field = column->field;
    if (numbered && !field->repeated)
        return lia_why_set(why, LIA_EINVAL, "%s is no list", field->name);
    if (numbered && !field->key)
        return lia_why_set(why, LIA_EINVAL, "the elements of %s have no parts", field->name);
    if (dotted && field->type != LIA_T_MESSAGE)
        return lia_why_set(why, LIA_EINVAL, "%s has no parts", field->name);
    if (dotted) {
        column->part = lia_field_by_name(field->message, rest);
        return column->part ? LIA_OK : refuse_name(field->message, rest, why);
    }
    if (numbered) column->part = lia_field_find(field->message, field->key);
    bool needs_part = field->type == LIA_T_MESSAGE && !field->key && !lia_field_is_money(field);
    if (!needs_part) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "%s has parts: %s.%s and others", field->name, field->name,
                       field->message->fields[0].name);
}

static lia_err find_column(lia_csv_column *out, const lia_kind *kind, lia_span name, lia_why *why)
{
    const uint8_t *dot = name.size ? memchr(name.data, '.', name.size) : NULL;
    lia_span first = dot ? lia_span_make(name.data, (size_t)(dot - name.data)) : name;
    lia_span rest = lia_span_skip(name, first.size + (dot != NULL));
    size_t size = first.size;
    *out = (lia_csv_column){0};
    lia_err err = take_element(&first, &out->element, why);
    if (err) return err;
    out->field = lia_field_by_name(kind->message, first);
    if (!out->field) return refuse_name(kind->message, first, why);
    return find_part(out, rest, dot != NULL, first.size != size, why);
}

static lia_span renamed(lia_span name, const lia_csv_rename *renames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lia_span_equal(renames[i].column, name)) return renames[i].field;
    return name;
}

/* A field is given whole once, or by different parts. */
static lia_err check_repeats(lia_csv_map *map, size_t index, lia_why *why)
{
    lia_csv_column *column = &map->columns[index];
    column->is_first = true;
    for (size_t i = 0; i < index; i++) {
        const lia_csv_column *other = &map->columns[i];
        if (other->field != column->field) continue;
        column->is_first = false;
        if (!other->part || !column->part ||
            (other->part == column->part && other->element == column->element))
            return lia_why_set(why, LIA_EINVAL, "column %zu holds the same as column %zu",
                               index + 1, i + 1);
    }
    return LIA_OK;
}

lia_err lia_csv_map_make(lia_csv_map *out, const lia_kind *kind, const lia_span *names,
                         size_t count, const lia_csv_rename *renames, size_t rename_count,
                         lia_why *why)
{
    lia_why inner;
    out->left_out = 0;
    out->source = NULL;
    for (out->count = 0; out->count < count; out->count++) {
        lia_csv_column *column = &out->columns[out->count];
        lia_span name = renamed(names[out->count], renames, rename_count);
        *column = (lia_csv_column){0};
        if (!name.size || is_added(name)) {
            out->left_out += name.size > 0;
            continue;
        }
        lia_err err = find_column(column, kind, name, &inner);
        if (!err && column->field->read_only) {
            *column = (lia_csv_column){0};
            out->left_out++;
            continue;
        }
        if (!err) err = check_repeats(out, out->count, &inner);
        if (err) return lia_why_set(why, err, "column %zu: %.350s", out->count + 1, inner.text);
    }
    return LIA_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void put_name(lia_buf *out, const char *name)
{
    lia_buf_format(out, "\"%s\":", name);
}

static bool is_number(lia_span text)
{
    size_t from = text.size && text.data[0] == '-';
    for (size_t i = from; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.size > from && text.size - from < 20 &&
           (text.data[from] != '0' || text.size - from == 1);
}

static bool put_bool(lia_buf *out, lia_span text)
{
    static const char *const yes[] = {"true", "yes", "1"}, *const no[] = {"false", "no", "0"};
    for (size_t i = 0; i < LIA_COUNT(yes); i++) {
        if (!lia_span_is(text, yes[i]) && !lia_span_is(text, no[i])) continue;
        lia_buf_text(out, lia_span_is(text, yes[i]) ? "true" : "false");
        return true;
    }
    return false;
}

/* 12.50, or 12,50 as many write it; 1,234 could be either, so it is none. */
static bool put_decimal(lia_buf *out, const lia_field *field, lia_span text)
{
    char point[LIA_DECIMAL_TEXT_SIZE * 2];
    int64_t value;
    const uint8_t *comma = text.size < sizeof point ? memchr(text.data, ',', text.size) : NULL;
    if (comma && text.size - (size_t)(comma - text.data) == 4) return false;
    if (comma) {
        memcpy(point, text.data, text.size);
        point[comma - text.data] = '.';
        text = lia_span_make(point, text.size);
    }
    if (lia_decimal_parse(text, field->scale, &value)) return false;
    lia_json_put_text(out, text);
    return true;
}

/* 40 of "40%" and "40 %". */
static lia_span without_sign(lia_span text)
{
    if (!text.size || text.data[text.size - 1] != '%') return text;
    for (text.size--; text.size && text.data[text.size - 1] == ' ';) text.size--;
    return text;
}

/* Instants, dates and decimals are texts in JSON, other integers are numbers. */
static lia_err put_scalar(lia_buf *out, const lia_field *field, lia_span text, lia_why *why)
{
    bool is_int = field->type == LIA_T_INT || field->type == LIA_T_UINT;
    char tag[LIA_LANGUAGE_MAX + 1];
    bool ok = true;
    if (field->type == LIA_T_BOOL)
        ok = put_bool(out, text);
    else if (field->meaning == LIA_M_COUNTRY && lia_country_by_name(text))
        lia_buf_format(out, "\"%s\"", lia_country_by_name(text));
    else if (field->meaning == LIA_M_LANGUAGE && lia_language_by_name(text, tag))
        lia_buf_format(out, "\"%s\"", tag);
    else if (field->meaning == LIA_M_DECIMAL)
        ok = put_decimal(out, field, text);
    else if (lia_field_is_whole(field)) {
        if (field->meaning == LIA_M_PERCENT) text = without_sign(text);
        ok = is_number(text);
        if (ok) lia_buf_span(out, text);
    } else {
        lia_json_put_text(out, text);
    }
    if (ok) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "%s: '%.*s' is no %s", field->name,
                       text.size > 60 ? 60 : (int)text.size, (const char *)text.data,
                       field->meaning == LIA_M_DECIMAL ? "decimal number with so many digits"
                       : is_int                        ? "whole number"
                                                       : "yes or no");
}

/* "11.77 USD" */
static lia_err put_money(lia_buf *out, const lia_field *field, lia_span text, lia_why *why)
{
    lia_money money;
    char code[4] = "";
    const uint8_t *blank = memchr(text.data, ' ', text.size);
    size_t size = blank ? (size_t)(blank - text.data) : text.size;
    if (blank && text.size - size == 4) memcpy(code, blank + 1, 3);
    if (!lia_currency_is_valid(lia_span_text(code)) ||
        lia_money_parse(lia_span_make(text.data, size), code, &money))
        return lia_why_set(why, LIA_EINVAL, "%s: '%.*s' is no amount like 11.77 USD", field->name,
                           text.size > 60 ? 60 : (int)text.size, (const char *)text.data);
    lia_buf_format(out, "{\"amount_minor\":%lld,\"currency\":\"%s\"}",
                   (long long)money.amount_minor, code);
    return LIA_OK;
}

static lia_err put_one(lia_buf *out, const lia_field *field, lia_span text, lia_why *why)
{
    if (field->type != LIA_T_MESSAGE) return put_scalar(out, field, text, why);
    if (lia_field_is_money(field)) return put_money(out, field, text, why);
    const lia_field *key = lia_field_find(field->message, field->key);
    lia_buf_byte(out, '{');
    put_name(out, key->name);
    lia_err err = put_scalar(out, key, text, why);
    lia_buf_byte(out, '}');
    return err;
}

static lia_span trimmed(lia_span text)
{
    while (text.size && text.data[0] == ' ') text = lia_span_skip(text, 1);
    while (text.size && text.data[text.size - 1] == ' ') text.size--;
    return text;
}

/* Parts between semicolons; empty ones are left out. */
static lia_err put_list(lia_buf *out, const lia_field *field, lia_span text, lia_why *why)
{
    lia_err err = LIA_OK;
    bool more = false;
    lia_buf_byte(out, '[');
    while (!err && text.size) {
        const uint8_t *end = memchr(text.data, ';', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        lia_span part = trimmed(lia_span_make(text.data, size));
        text = lia_span_skip(text, size + (end != NULL));
        if (!part.size) continue;
        if (more) lia_buf_byte(out, ',');
        more = true;
        err = put_one(out, field, part, why);
    }
    lia_buf_byte(out, ']');
    return err;
}

/* A number elsewhere is told with the system that gave it. */
static lia_err put_part(const lia_csv_map *map, const lia_csv_column *column, lia_span cell,
                        lia_buf *out, lia_why *why)
{
    bool is_number = map->source && strcmp(column->field->name, "external_ids") == 0;
    if (!is_number) return put_scalar(out, column->part, cell, why);
    lia_json_put_text(out, lia_span_text(lia_arena_text(out->arena, "%s:%.*s", map->source,
                                                        (int)cell.size, (const char *)cell.data)));
    return LIA_OK;
}

/* The parts of one element; nothing when the row has none. */
static lia_err put_element(const lia_csv_map *map, const lia_span *cells, size_t first,
                           uint8_t element, bool *any, lia_buf *out, lia_why *why)
{
    lia_err err = LIA_OK;
    const lia_field *field = map->columns[first].field;
    bool more = false;
    for (size_t i = first; !err && i < map->count; i++) {
        const lia_csv_column *column = &map->columns[i];
        if (column->field != field || column->element != element || !cells[i].size) continue;
        if (!more) lia_buf_text(out, *any ? ",{" : "{");
        if (more) lia_buf_byte(out, ',');
        more = *any = true;
        put_name(out, column->part->name);
        err = put_part(map, column, cells[i], out, why);
    }
    if (more) lia_buf_byte(out, '}');
    return err;
}

/* All parts of one field that the row has, as one object, or of a list as its elements. */
static lia_err put_parts(const lia_csv_map *map, const lia_span *cells, size_t first, lia_buf *out,
                         lia_why *why)
{
    lia_err err = LIA_OK;
    bool any = false, repeated = map->columns[first].field->repeated;
    if (repeated) lia_buf_byte(out, '[');
    for (uint8_t element = 1; !err && element <= LIA_CSV_ELEMENTS_MAX; element++)
        err = put_element(map, cells, first, element, &any, out, why);
    if (repeated) lia_buf_byte(out, ']');
    return err;
}

static bool has_cells(const lia_csv_map *map, const lia_span *cells, size_t first)
{
    for (size_t i = first; i < map->count; i++)
        if (map->columns[i].field == map->columns[first].field && cells[i].size) return true;
    return false;
}

static lia_err put_column(const lia_csv_map *map, const lia_span *cells, size_t at, lia_buf *out,
                          lia_why *why)
{
    const lia_csv_column *column = &map->columns[at];
    put_name(out, column->field->name);
    if (column->part) return put_parts(map, cells, at, out, why);
    if (column->field->repeated) return put_list(out, column->field, cells[at], why);
    return put_one(out, column->field, cells[at], why);
}

lia_err lia_csv_map_put(const lia_csv_map *map, const lia_span *cells, size_t count, lia_buf *out,
                        lia_why *why)
{
    lia_err err = LIA_OK;
    bool more = false;
    if (count != map->count)
        return lia_why_set(why, LIA_EINVAL, "%zu cells, but the header has %zu", count, map->count);
    lia_buf_byte(out, '{');
    for (size_t i = 0; !err && i < count; i++) {
        if (!map->columns[i].is_first || !has_cells(map, cells, i)) continue;
        if (more) lia_buf_byte(out, ',');
        more = true;
        err = put_column(map, cells, i, out, why);
    }
    lia_buf_byte(out, '}');
    return !err && out->failed ? LIA_EFULL : err;
}
