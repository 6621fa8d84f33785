/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind the operator, converted to what the leaf holds, and text folded, so that
 * holding a record against the filter allocates nothing and cannot fail. */
#include "common/base/decimal.h"
#include "common/base/language.h"
#include "common/base/money.h"
#include "common/wire/filter_parser.h"
#include "common/wire/index_text.h"
#include "common/wire/pb.h"

/* ---- numbers --------------------------------------------------------------------------------- */

/* Decimal digits with an optional sign, within 64 bits. */
static bool read_number(lia_span text, bool is_signed, uint64_t *out)
{
    bool negative = text.size && text.data[0] == '-';
    uint64_t value = 0, most = !is_signed ? UINT64_MAX
                               : negative ? (uint64_t)INT64_MAX + 1
                                          : INT64_MAX;
    if (negative && !is_signed) return false;
    if (negative) text = lia_span_skip(text, 1);
    if (!text.size) return false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = text.data[i] - '0' + 0u;
        if (digit > 9 || value > (most - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = negative ? 0 - value : value;
    return true;
}

/* Thousandths of a currency's unit: no currency has more digits. */
static bool read_money(lia_span text, uint64_t *out)
{
    lia_money thousandths;
    if (lia_money_parse(text, "KWD", &thousandths)) return false;
    *out = (uint64_t)thousandths.amount_minor;
    return true;
}

/* ---- time ------------------------------------------------------------------------------------ */

void *lia_filter_period(lia_filter_parser *in, int64_t *ms)
{
    size_t at = lia_filter_place(in);
    if (lia_period_parse(lia_filter_name(in), ms) == LIA_OK) return in;
    return REFUSE(in, at, LIA_PERIOD_WANTED);
}

/* now or today, with so much before or behind; *found is false when neither stands here. */
static void *read_clock(lia_filter_parser *in, lia_comparison *to, bool *found)
{
    size_t start = lia_filter_place(in);
    lia_span name = lia_filter_name(in);
    to->clock = lia_span_is(name, "now")     ? CLOCK_NOW
                : lia_span_is(name, "today") ? CLOCK_TODAY
                                             : CLOCK_NONE;
    *found = to->clock != CLOCK_NONE;
    if (!*found) {
        in->at = start;
        return in;
    }
    in->needs |= LIA_FILTER_CLOCK;
    bool back = lia_filter_peek(in) == '-';
    int64_t period = 0;
    if (!back && lia_filter_peek(in) != '+') return in;
    in->at++;
    if (!lia_filter_period(in, &period)) return NULL;
    to->number = (uint64_t)(back ? -period : period);
    return in;
}

static bool is_time(const lia_field *leaf)
{
    return leaf->type == LIA_T_INT &&
           (leaf->meaning == LIA_M_INSTANT || leaf->meaning == LIA_M_DATE);
}

/* ---- by type --------------------------------------------------------------------------------- */

static const char *read_int(lia_comparison *to, lia_span text)
{
    lia_time time;
    lia_money sum;
    if (to->of == OF_FIGURE && to->figure.type == LIA_FIGURE_SUM) {
        if (lia_money_parse(text, to->figure.currency, &sum)) return "an amount is wanted";
        to->number = (uint64_t)sum.amount_minor;
        return NULL;
    }
    switch (to->leaf->meaning) {
    case LIA_M_INSTANT:
        if (lia_time_parse(text, &time))
            return "an instant such as 2026-11-22, 2026-11-22T08:30:00Z or now - 30d is wanted";
        to->number = (uint64_t)time.ms;
        return NULL;
    case LIA_M_DATE:
        if (text.size != strlen("2026-11-22") || lia_time_parse(text, &time))
            return "a date such as 2026-11-22 or today - 1w is wanted";
        to->number = (uint64_t)(time.ms / LIA_DAY_MS);
        return NULL;
    case LIA_M_DECIMAL:
        return lia_decimal_parse(text, to->leaf->scale, (int64_t *)&to->number)
                   ? "a number such as 12.50, with no more digits behind the point than the field "
                     "has, is wanted"
                   : NULL;
    default:
        return read_number(text, to->leaf->type == LIA_T_INT, &to->number)
                   ? NULL
                   : "a whole number is wanted";
    }
}

static const char *read_bytes(lia_filter_parser *in, lia_comparison *to, lia_span text)
{
    lia_id id;
    if (to->leaf->meaning != LIA_M_ID || lia_id_parse(text, &id))
        return "an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted";
    to->bytes = lia_arena_copy(in->arena, lia_id_span(&id));
    return NULL;
}

static const char *read_enum(lia_filter_parser *in, lia_comparison *to, lia_span text)
{
    int32_t number;
    const lia_enum *names = to->leaf->enumeration;
    if (lia_enum_number(names, text, &number)) {
        to->number = (uint64_t)(int64_t)number;
        return NULL;
    }
    lia_buf reason = lia_buf_make(in->arena);
    lia_buf_text(&reason, "one of ");
    for (size_t i = 0; i < names->count; i++) {
        if (i) lia_buf_text(&reason, ", ");
        lia_buf_text(&reason, names->values[i].name);
    }
    lia_buf_add(&reason, " is wanted", sizeof " is wanted");
    return reason.failed ? "another name is wanted" : (const char *)reason.data;
}

static const char *read_bool(lia_comparison *to, lia_span text)
{
    to->number = lia_span_is(text, "true");
    return to->number || lia_span_is(text, "false") ? NULL : "true or false is wanted";
}

/* Languages are held in the case that everybody writes, so de-at means de-AT. */
static const char *read_text(lia_filter_parser *in, lia_comparison *to, lia_span text)
{
    char tag[LIA_LANGUAGE_MAX + 1];
    to->bytes = text;
    if (to->leaf->meaning == LIA_M_LANGUAGE && lia_language_read(text, tag))
        to->bytes = lia_arena_copy(in->arena, lia_span_text(tag));
    return NULL;
}

/* NULL when the text is a value of the leaf; else why not. */
static const char *read_value(lia_filter_parser *in, lia_comparison *to, lia_span text)
{
    switch (to->leaf->type) {
    case LIA_T_BOOL:
        return read_bool(to, text);
    case LIA_T_INT:
    case LIA_T_UINT:
        return read_int(to, text);
    case LIA_T_ENUM:
        return read_enum(in, to, text);
    case LIA_T_BYTES:
        return read_bytes(in, to, text);
    case LIA_T_STRING:
        return read_text(in, to, text);
    case LIA_T_MESSAGE:
        break;
    }
    return to->as_money && read_money(text, &to->number) ? NULL
                                                         : "an amount such as 99.50 is wanted";
}

/* ---- text ------------------------------------------------------------------------------------ */

static void *make_needle(lia_filter_parser *in, lia_filter_needle *out, lia_span text)
{
    out->letters = lia_filter_take(in, (text.size + 1) * sizeof *out->letters);
    out->fallback = lia_filter_take(in, (text.size + 1) * sizeof *out->fallback);
    if (!out->letters || !out->fallback) return NULL;
    while (text.size) out->letters[out->count++] = lia_filter_letter(&text);
    for (size_t i = 1, length = 0; i < out->count; i++) {
        while (length && out->letters[i] != out->letters[length])
            length = out->fallback[length - 1];
        length += out->letters[i] == out->letters[length];
        out->fallback[i] = length;
    }
    return out;
}

/* As an index has it: of a set of messages, an element with that key. */
static void *make_payload(lia_filter_parser *in, lia_comparison *to)
{
    to->payload = to->bytes;
    bool is_bytes = to->leaf->type == LIA_T_STRING || to->leaf->type == LIA_T_BYTES;
    if (to->leaf == to->field || !to->field || !is_bytes) return to;
    lia_buf element = lia_buf_make(in->arena);
    lia_pb_put_bytes(&element, to->leaf->number, to->bytes);
    to->payload = lia_buf_get(&element);
    return element.failed ? lia_filter_full(in) : to;
}

static bool orders_text(const lia_comparison *to)
{
    return to->leaf->type == LIA_T_STRING && to->op >= OP_LESS && to->op <= OP_MORE_EQUAL;
}

static void *make_ordered(lia_filter_parser *in, lia_comparison *to)
{
    uint8_t *text = lia_filter_take(in, LIA_INDEX_TEXT_MAX);
    if (text) to->ordered = lia_span_make(text, lia_index_text(to->bytes, text));
    return text;
}

static void *finish_value(lia_filter_parser *in, lia_comparison *to, lia_span text, size_t at)
{
    const char *wrong = read_value(in, to, text);
    if (wrong) return REFUSE(in, at, "%s: %s", to->leaf->name, wrong);
    if (!make_payload(in, to)) return NULL;
    if (orders_text(to) && !make_ordered(in, to)) return NULL;
    return to->op == OP_HAS && to->leaf->type == LIA_T_STRING
               ? make_needle(in, &to->needle, to->bytes)
               : to;
}

void *lia_filter_value(lia_filter_parser *in, lia_comparison *to)
{
    lia_span text = LIA_SPAN_NONE;
    bool quoted, is_clock = false;
    size_t at = lia_filter_place(in);
    if (is_time(to->leaf) && !read_clock(in, to, &is_clock)) return NULL;
    if (is_clock) return to;
    if (!lia_filter_word(in, &text, &quoted)) return NULL;
    to->any = to->op == OP_HAS && !quoted && lia_span_is(text, "*");
    return to->any ? to : finish_value(in, to, text, at);
}
