/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/html.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/decimal.h"
#include "common/base/money.h"
#include "common/wire/utf8.h"

/* Messages contain messages, never themselves; deeper than this nothing is told. */
#define DEPTH_MAX 6

typedef struct showing {
    lia_buf *out;
    const lia_rows *rows;
    lia_arena *arena;
    unsigned depth;
} showing;

/* ---- text ------------------------------------------------------------------------------------ */

static const char *entity_of(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        /* Control characters mean nothing in HTML; a NUL would be an error. */
        return byte < 32 && byte != '\n' && byte != '\t' ? "\xef\xbf\xbd" : NULL;
    }
}

void lia_html_put_text(lia_buf *out, lia_span text)
{
    while (text.size) {
        size_t size = lia_utf8_step(text);
        const char *entity = size ? entity_of(text.data[0]) : "\xef\xbf\xbd";
        if (entity)
            lia_buf_text(out, entity);
        else
            lia_buf_add(out, text.data, size);
        text = lia_span_skip(text, size ? size : 1);
    }
}

/* "in_person" as "in person" */
static void put_words(lia_buf *out, const char *name, bool capital)
{
    for (const char *at = name; *at; at++) {
        bool first = capital && at == name && *at >= 'a' && *at <= 'z';
        lia_buf_byte(out, (uint8_t)(*at == '_' ? ' ' : first ? *at - 32 : *at));
    }
}

void lia_html_put_label(lia_buf *out, const lia_field *field)
{
    if (field->label && *field->label)
        lia_html_put_text(out, lia_span_text(field->label));
    else
        put_words(out, field->name, true);
}

void lia_html_put_time(lia_buf *out, lia_time time)
{
    char text[LIA_TIME_TEXT_SIZE];
    lia_time_print(time, text);
    lia_buf_format(out, "%.10s %.5s UTC", text, text + 11);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_message(showing *s, const lia_message *schema, lia_span message);

static int64_t signed_of(const lia_field *field, uint64_t number)
{
    return field->bits == 32 ? (int32_t)number : (int64_t)number;
}

static const char *unit_of(const lia_field *field, bool is_one)
{
    switch (field->meaning) {
    case LIA_M_PERCENT:
        return " %";
    case LIA_M_THOUSANDTHS:
        return " ‰";
    case LIA_M_DAYS:
        return is_one ? " day" : " days";
    case LIA_M_HOURS:
        return is_one ? " hour" : " hours";
    case LIA_M_SECONDS:
        return is_one ? " second" : " seconds";
    default:
        return "";
    }
}

static void put_number(showing *s, const lia_field *field, lia_span payload)
{
    uint64_t number = 0;
    lia_buf *out = s->out;
    (void)lia_varint_get(payload, &number);
    int64_t value = signed_of(field, number);
    const char *name = field->enumeration ? lia_enum_name(field->enumeration, value) : NULL;
    if (field->type == LIA_T_BOOL)
        lia_buf_text(out, number ? "yes" : "no");
    else if (name)
        put_words(out, name, false);
    else if (field->meaning == LIA_M_INSTANT)
        lia_html_put_time(out, (lia_time){value});
    else if (field->meaning == LIA_M_DURATION)
        lia_buf_format(out, "%lld.%03lld s", (long long)value / 1000, llabs(value % 1000));
    else if (field->meaning == LIA_M_DATE) {
        int64_t year;
        unsigned month, day;
        lia_date_from_days(value, &year, &month, &day);
        lia_buf_format(out, "%04lld-%02u-%02u", (long long)year, month, day);
    } else if (field->meaning == LIA_M_DECIMAL) {
        char text[LIA_DECIMAL_TEXT_SIZE];
        lia_buf_add(out, text, lia_decimal_print(value, field->scale, text));
    } else if (field->type == LIA_T_UINT)
        lia_buf_format(out, "%llu%s", (unsigned long long)number, unit_of(field, number == 1));
    else
        lia_buf_format(out, "%lld%s", (long long)value, unit_of(field, value == 1));
}

/* A reference to a user, a segment or a product is called by its title. */
static void put_id(showing *s, const lia_field *field, lia_id id)
{
    char text[LIA_ID_TEXT_SIZE];
    const lia_kind *kind = field->reference ? lia_kind_find(field->reference) : NULL;
    lia_shown shown;
    lia_pb_field title;
    if (s->rows && kind && kind->title && kind->number != LIA_CUSTOMER && !kind->customer &&
        lia_shown_load(&shown, lia_principal_local(), s->rows, kind, id, s->arena) == LIA_OK &&
        lia_pb_find(shown.message, kind->title->number, &title)) {
        lia_html_put_text(s->out, title.bytes);
        return;
    }
    lia_id_print(id, text);
    lia_buf_format(s->out, "<code>%s</code>", text);
}

/* 1177 USD as "11.77 USD" */
static bool put_money(showing *s, const lia_message *schema, lia_span message)
{
    enum { AMOUNT = 1, CURRENCY = 2 };
    lia_pb_field amount, currency;
    if (strcmp(schema->name, "liaison.crm.Money") != 0 || !lia_pb_find(message, AMOUNT, &amount) ||
        !lia_pb_find(message, CURRENCY, &currency) || !lia_currency_is_valid(currency.bytes))
        return false;
    char code[4] = {0};
    memcpy(code, currency.bytes.data, 3);
    uint64_t unit = 1, minor = amount.value;
    unsigned digits = lia_currency_digits(code);
    bool negative = (int64_t)minor < 0;
    if (negative) minor = 0 - minor;
    for (unsigned i = 0; i < digits; i++) unit *= 10;
    lia_buf_format(s->out, "%s%llu", negative ? "-" : "", (unsigned long long)(minor / unit));
    if (digits) lia_buf_format(s->out, ".%0*llu", (int)digits, (unsigned long long)(minor % unit));
    lia_buf_format(s->out, " %s", code);
    return true;
}

static void put_value(showing *s, const lia_field *field, lia_wire wire, lia_span payload)
{
    bool is_bytes = wire == LIA_WIRE_BYTES;
    if (field->type < LIA_T_STRING && !is_bytes)
        put_number(s, field, payload);
    else if (field->type == LIA_T_STRING && is_bytes)
        lia_html_put_text(s->out, payload);
    else if (field->type == LIA_T_MESSAGE && is_bytes) {
        if (!put_money(s, field->message, payload)) put_message(s, field->message, payload);
    } else if (field->meaning == LIA_M_ID && payload.size == LIA_ID_SIZE)
        put_id(s, field, lia_id_from(payload));
    else
        lia_buf_format(s->out, "%zu bytes", payload.size);
}

void lia_html_put_value(lia_buf *out, const lia_field *field, lia_wire wire, lia_span payload,
                        const lia_rows *rows, lia_arena *arena)
{
    showing s = {out, rows, arena, 0};
    put_value(&s, field, wire, payload);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void put_field(showing *s, const lia_field *field, lia_span message)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field each;
    size_t count = 0;
    while (lia_pb_next(&reader, &each)) {
        if (each.number != field->number) continue;
        if (!count++) {
            lia_buf_text(s->out, "<dt>");
            lia_html_put_label(s->out, field);
            lia_buf_text(s->out, "</dt>");
        }
        lia_buf_text(s->out, "<dd>");
        put_value(s, field, each.wire, each.bytes);
        lia_buf_text(s->out, "</dd>");
    }
}

static void put_message(showing *s, const lia_message *schema, lia_span message)
{
    if (s->depth == DEPTH_MAX || !message.size) return;
    s->depth++;
    lia_buf_text(s->out, "<dl>");
    for (size_t i = 0; i < schema->count; i++) put_field(s, &schema->fields[i], message);
    lia_buf_text(s->out, "</dl>");
    s->depth--;
}

void lia_html_put_message(lia_buf *out, const lia_message *schema, lia_span message,
                          const lia_rows *rows, lia_arena *arena)
{
    showing s = {out, rows, arena, 0};
    put_message(&s, schema, message);
}
