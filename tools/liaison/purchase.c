/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/purchase.h"

#include <jansson.h>
#include <stdio.h>

#include "common/wire/json.h"

/* ---- values ---------------------------------------------------------------------------------- */

static lia_err refuse(lia_why *why, const char *column, const char *wanted, lia_span got)
{
    return lia_why_set(why, LIA_EINVAL, "%s: '%.*s' is no %s", column,
                       got.size > 60 ? 60 : (int)got.size, (const char *)got.data, wanted);
}

static lia_err read_customer(lia_purchase *out, lia_span text, lia_why *why)
{
    out->customer = text;
    if (text.size == 0) return lia_why_set(why, LIA_EINVAL, "customer: is empty");
    if (text.size > LIA_PURCHASE_CUSTOMER_MAX)
        return lia_why_set(why, LIA_EINVAL, "customer: longer than %d bytes",
                           LIA_PURCHASE_CUSTOMER_MAX);
    return LIA_OK;
}

static bool all_digits(lia_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.size > 0;
}

/* "19970101", "1997-01-01", or an instant. */
static lia_err read_date(lia_purchase *out, lia_span text, lia_why *why)
{
    char dashed[16];
    lia_span date = text;
    if (text.size == 8 && all_digits(text)) {
        const char *t = (const char *)text.data;
        snprintf(dashed, sizeof dashed, "%.4s-%.2s-%.2s", t, t + 4, t + 6);
        date = lia_span_text(dashed);
    }
    if (lia_time_parse(date, &out->when)) return refuse(why, "date", "date like 19970131", text);
    return LIA_OK;
}

static lia_err read_quantity(lia_purchase *out, lia_span text, lia_why *why)
{
    uint64_t number = 0;
    bool ok = all_digits(text) && text.size <= 9;
    for (size_t i = 0; ok && i < text.size; i++) number = number * 10 + (text.data[i] - '0');
    if (!ok) return refuse(why, "quantity", "whole number", text);
    out->quantity = (uint32_t)number;
    return LIA_OK;
}

static lia_err read_amount(lia_purchase *out, lia_span text, lia_span currency, lia_why *why)
{
    char code[4] = "USD";
    if (currency.size && !lia_currency_is_valid(currency))
        return refuse(why, "currency", "code like USD", currency);
    if (currency.size) memcpy(code, currency.data, 3);
    if (lia_money_parse(text, code, &out->amount)) return refuse(why, "amount", "amount", text);
    return LIA_OK;
}

/* ---- cdnow ----------------------------------------------------------------------------------- */

static lia_span next_word(lia_span *rest)
{
    size_t from = 0, to;
    while (from < rest->size && strchr(" \t\r", rest->data[from])) from++;
    for (to = from; to < rest->size && !strchr(" \t\r", rest->data[to]);) to++;
    lia_span word = lia_span_make(rest->data + from, to - from);
    *rest = lia_span_skip(*rest, to);
    return word;
}

lia_err lia_purchase_from_cdnow(lia_purchase *out, lia_span line, lia_why *why)
{
    lia_span rest = line, words[4];
    *out = (lia_purchase){0};
    if (memchr(line.data ? line.data : (const uint8_t *)"", 0, line.size))
        return lia_why_set(why, LIA_EINVAL, "the line holds a NUL byte");
    for (size_t i = 0; i < LIA_COUNT(words); i++) words[i] = next_word(&rest);
    if (!words[0].size || lia_span_is(words[0], "customer_id")) return LIA_EABSENT;
    if (!words[3].size)
        return lia_why_set(why, LIA_EINVAL,
                           "four columns are wanted: customer, date, number of CDs, amount");
    if (next_word(&rest).size) return lia_why_set(why, LIA_EINVAL, "more than four columns");
    lia_err err = read_customer(out, words[0], why);
    if (!err) err = read_date(out, words[1], why);
    if (!err) err = read_quantity(out, words[2], why);
    return err ? err : read_amount(out, words[3], LIA_SPAN_NONE, why);
}

/* ---- csv ------------------------------------------------------------------------------------- */

lia_err lia_purchase_columns_find(lia_purchase_columns *out, const lia_span *names, size_t count,
                                  lia_why *why)
{
    *out = (lia_purchase_columns){-1, -1, -1, -1, -1};
    struct {
        const char *name;
        int *column;
        bool required;
    } const wanted[] = {{"customer", &out->customer, true},
                        {"date", &out->date, true},
                        {"amount", &out->amount, true},
                        {"quantity", &out->quantity, false},
                        {"currency", &out->currency, false}};
    for (size_t i = 0; i < count; i++) {
        size_t n = 0;
        while (n < LIA_COUNT(wanted) && !lia_span_is(names[i], wanted[n].name)) n++;
        if (n == LIA_COUNT(wanted) || *wanted[n].column >= 0)
            return lia_why_set(why, LIA_EINVAL,
                               "column %zu, '%.*s': a purchase has customer, date, quantity, "
                               "amount, currency, each once",
                               i + 1, names[i].size > 60 ? 60 : (int)names[i].size,
                               (const char *)names[i].data);
        *wanted[n].column = (int)i;
    }
    for (size_t n = 0; n < LIA_COUNT(wanted); n++)
        if (wanted[n].required && *wanted[n].column < 0)
            return lia_why_set(why, LIA_EINVAL, "the header names no column '%s'", wanted[n].name);
    return LIA_OK;
}

static lia_span cell(const lia_span *cells, int column)
{
    return column < 0 ? LIA_SPAN_NONE : cells[column];
}

lia_err lia_purchase_from_csv(lia_purchase *out, const lia_purchase_columns *columns,
                              const lia_span *cells, size_t count, lia_why *why)
{
    size_t wanted = 3 + (columns->quantity >= 0) + (columns->currency >= 0);
    *out = (lia_purchase){0};
    if (count != wanted)
        return lia_why_set(why, LIA_EINVAL, "%zu cells, but the header has %zu", count, wanted);
    lia_span quantity = cell(cells, columns->quantity);
    lia_err err = read_customer(out, cell(cells, columns->customer), why);
    if (!err) err = read_date(out, cell(cells, columns->date), why);
    if (!err && quantity.size) err = read_quantity(out, quantity, why);
    if (err) return err;
    return read_amount(out, cell(cells, columns->amount), cell(cells, columns->currency), why);
}

/* ---- json ------------------------------------------------------------------------------------ */

/* A text or a number as text. */
static lia_span text_of(const json_t *object, const char *name, lia_arena *arena)
{
    const json_t *value = json_object_get(object, name);
    const char *text = NULL;
    if (json_is_string(value)) text = lia_arena_text(arena, "%s", json_string_value(value));
    if (json_is_integer(value))
        text = lia_arena_text(arena, "%lld", (long long)json_integer_value(value));
    if (json_is_real(value)) text = lia_arena_text(arena, "%.15g", json_real_value(value));
    return lia_span_text(text);
}

static lia_err from_object(lia_purchase *out, const json_t *object, lia_arena *arena, lia_why *why)
{
    lia_span quantity = text_of(object, "quantity", arena);
    lia_err err = read_customer(out, text_of(object, "customer", arena), why);
    if (!err) err = read_date(out, text_of(object, "date", arena), why);
    if (!err && quantity.size) err = read_quantity(out, quantity, why);
    if (err) return err;
    return read_amount(out, text_of(object, "amount", arena), text_of(object, "currency", arena),
                       why);
}

lia_err lia_purchase_from_json(lia_purchase *out, lia_span line, lia_arena *arena, lia_why *why)
{
    json_error_t error;
    *out = (lia_purchase){0};
    json_t *object = json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, &error);
    lia_err err = LIA_EINVAL;
    if (json_is_object(object))
        err = from_object(out, object, arena, why);
    else
        lia_why_set(why, err, "column %d: %s", object ? 1 : error.column,
                    object ? "an object is wanted" : error.text);
    json_decref(object);
    return err;
}

/* ---- API records ----------------------------------------------------------------------------- */

void lia_purchase_put_key(lia_buf *out, const char *source, lia_span customer, lia_time when,
                          uint32_t occurrence)
{
    int64_t year, days = when.ms / LIA_DAY_MS - (when.ms % LIA_DAY_MS < 0);
    unsigned month, day;
    lia_date_from_days(days, &year, &month, &day);
    lia_buf_format(out, "%s:", source);
    lia_buf_span(out, customer);
    lia_buf_format(out, ":%04lld%02u%02u:%u", (long long)year, month, day, occurrence);
}

void lia_purchase_put_customer(lia_buf *out, const char *source, lia_span customer)
{
    char name[160], number[160];
    int size = (int)customer.size;
    bool is_cdnow = strcmp(source, "cdnow") == 0;
    snprintf(name, sizeof name, "Customer %.*s (%s)", size, (const char *)customer.data,
             is_cdnow ? "CDNOW" : source);
    snprintf(number, sizeof number, "%s:%.*s", source, size, (const char *)customer.data);
    lia_buf_text(out, "{\"type\":\"person\",\"name\":");
    lia_json_put_text(out, lia_span_text(name));
    lia_buf_text(out, ",\"external_ids\":[{\"value\":");
    lia_json_put_text(out, lia_span_text(number));
    lia_buf_text(out, "}]}");
}

void lia_purchase_put_interaction(lia_buf *out, const lia_purchase *purchase, lia_id customer,
                                  lia_span reference)
{
    lia_buf_text(out, "{\"customer\":");
    lia_json_put_id(out, customer);
    lia_buf_text(out, ",\"type\":\"purchase\",\"channel\":\"web\",\"direction\":\"inbound\","
                      "\"occurred_at\":");
    lia_json_put_time(out, purchase->when);
    lia_buf_format(out, ",\"amount\":{\"amount_minor\":%lld,\"currency\":\"%s\"}",
                   (long long)purchase->amount.amount_minor, purchase->amount.currency);
    if (purchase->quantity) lia_buf_format(out, ",\"quantity\":%u", purchase->quantity);
    lia_buf_text(out, ",\"reference\":");
    lia_json_put_text(out, reference);
    lia_buf_byte(out, '}');
}
