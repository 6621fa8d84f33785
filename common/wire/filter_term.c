/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before the operator: a field of the record or one of its parts, a field of the record
 * that a reference names, or a figure over a customer's interactions. */
#include "common/base/money.h"
#include "common/wire/filter_parser.h"

static const lia_field id_field = {.name = "id", .type = LIA_T_BYTES, .meaning = LIA_M_ID};
static const lia_field created_at_field = {
    .name = "created_at", .type = LIA_T_INT, .meaning = LIA_M_INSTANT};
static const lia_field count_field = {.name = "count", .type = LIA_T_UINT, .bits = 64};
static const lia_field sum_field = {.name = "sum", .type = LIA_T_INT, .bits = 64};
static const lia_field first_field = {.name = "first", .type = LIA_T_INT, .meaning = LIA_M_INSTANT};
static const lia_field last_field = {.name = "last", .type = LIA_T_INT, .meaning = LIA_M_INSTANT};

/* ---- figures --------------------------------------------------------------------------------- */

static void *wants(lia_filter_parser *in, char c, const char *what)
{
    if (lia_filter_accept(in, c)) return in;
    return REFUSE(in, lia_filter_place(in), "%s is wanted", what);
}

static void *read_interaction(lia_filter_parser *in, int32_t *out)
{
    const lia_field *type =
        lia_field_by_name(lia_kind_find(LIA_INTERACTION)->message, LIA_SPAN("type"));
    size_t at = lia_filter_place(in);
    lia_span name = lia_filter_name(in);
    *out = LIA_FIGURE_ANY;
    if (lia_span_is(name, "any") || lia_enum_number(type->enumeration, name, out)) return in;
    return REFUSE(in, at, "no type of interaction '%s': call, purchase or any, for example",
                  lia_filter_piece(in, name));
}

static void *read_currency(lia_filter_parser *in, char out[4])
{
    if (!wants(in, ',', "a comma and a currency such as EUR")) return NULL;
    size_t at = lia_filter_place(in);
    lia_span code = lia_filter_name(in);
    if (!lia_currency_is_valid(code)) return REFUSE(in, at, "a currency such as EUR is wanted");
    memcpy(out, code.data, 3);
    return in;
}

/* (type[, currency][, period]) */
static void *parse_figure(lia_filter_parser *in, lia_comparison *to, const lia_field *leaf,
                          lia_figure_type type)
{
    size_t start = in->at++;
    to->of = OF_FIGURE;
    to->leaf = leaf;
    to->figure.type = type;
    to->via = in->kind->number == LIA_CUSTOMER ? NULL : in->kind->customer;
    if (in->kind->number != LIA_CUSTOMER && !to->via)
        return REFUSE(in, start, "%s belong to no customer", in->kind->plural);
    if (!read_interaction(in, &to->figure.interaction)) return NULL;
    if (type == LIA_FIGURE_SUM && !read_currency(in, to->figure.currency)) return NULL;
    if (lia_filter_accept(in, ',') && !lia_filter_period(in, &to->figure.period_ms)) return NULL;
    in->needs |= LIA_FILTER_FIGURE | (to->figure.period_ms ? LIA_FILTER_CLOCK : 0u);
    return wants(in, ')', "a comma or )");
}

/* Names of figures count as such only before a bracket. */
static bool is_figure(const lia_filter_parser *in, lia_span name, const lia_field **leaf,
                      lia_figure_type *type)
{
    static const lia_field *const figures[] = {
        [LIA_FIGURE_COUNT] = &count_field,
        [LIA_FIGURE_SUM] = &sum_field,
        [LIA_FIGURE_FIRST] = &first_field,
        [LIA_FIGURE_LAST] = &last_field,
    };
    if (in->at == in->text.size || in->text.data[in->at] != '(') return false;
    if (in->sight && !in->sight->figures) return false;
    for (size_t i = 0; i < LIA_COUNT(figures); i++) {
        if (!lia_span_is(name, figures[i]->name)) continue;
        *leaf = figures[i];
        *type = (lia_figure_type)i;
        return true;
    }
    return false;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* "deal", "Money" for refusals. */
static const char *short_name(const lia_message *message)
{
    const char *point = strrchr(message->name, '.');
    return point ? point + 1 : message->name;
}

static bool is_money(const lia_message *message)
{
    return message && !strcmp(message->name, "liaison.crm.Money");
}

static bool accept_point(lia_filter_parser *in)
{
    if (in->at == in->text.size || in->text.data[in->at] != '.') return false;
    in->at++;
    return true;
}

/* A field that is compared as a whole: plain, money, or a set by its keys. */
static void *whole_field(lia_filter_parser *in, lia_comparison *to, size_t start)
{
    const lia_message *inner = to->field->message;
    to->as_set = to->field->repeated;
    to->as_money = is_money(inner) && !to->field->repeated;
    if (!inner || to->as_money) return to;
    to->leaf = to->field->key ? lia_field_find(inner, to->field->key) : NULL;
    return to->leaf ? to
                    : REFUSE(in, start, "%s has parts: compare %s.%s, for example", to->field->name,
                             to->field->name, inner->count ? inner->fields[0].name : "value");
}

static void *part_of_field(lia_filter_parser *in, lia_comparison *to)
{
    size_t at = in->at;
    lia_span name = lia_filter_name(in);
    to->leaf = lia_field_by_name(to->field->message, name);
    if (!to->leaf)
        return REFUSE(in, at, "no field '%s' in %s", lia_filter_piece(in, name),
                      short_name(to->field->message));
    to->as_money = is_money(to->leaf->message) && !to->leaf->repeated;
    bool goes_on = in->at < in->text.size && in->text.data[in->at] == '.';
    return (!to->leaf->message || to->as_money) && !goes_on
               ? to
               : REFUSE(in, at, "only one step into a field is possible");
}

static void *parse_in(lia_filter_parser *in, lia_comparison *to, const lia_kind *kind, size_t start,
                      lia_span name);

/* The field of the record that `to->field` names. */
static void *parse_referenced(lia_filter_parser *in, lia_comparison *to)
{
    uint32_t number = to->field->reference;
    const lia_kind *target =
        in->sight ? in->sight->kind(in->sight->context, number) : lia_kind_find(number);
    if (!target) return REFUSE(in, in->at - 1, "%s has no parts", to->field->name);
    if (to->via) return REFUSE(in, in->at, "only one step to another record is possible");
    to->via = to->field;
    in->needs |= LIA_FILTER_REFERENCE;
    size_t start = in->at;
    return parse_in(in, to, target, start, lia_filter_name(in));
}

static void *parse_in(lia_filter_parser *in, lia_comparison *to, const lia_kind *kind, size_t start,
                      lia_span name)
{
    to->field = to->leaf = lia_field_by_name(kind->message, name);
    if (!to->field)
        return REFUSE(in, start, "no field '%s' in %s", lia_filter_piece(in, name), kind->name);
    size_t point = in->at;
    if (!accept_point(in)) return whole_field(in, to, start);
    if (to->field->message) return part_of_field(in, to);
    if (to->field->reference && !to->field->repeated) return parse_referenced(in, to);
    return REFUSE(in, point, "%s has no parts", to->field->name);
}

void *lia_filter_term(lia_filter_parser *in, lia_comparison *to)
{
    size_t start = lia_filter_place(in);
    lia_span name = lia_filter_name(in);
    const lia_field *leaf;
    lia_figure_type type;
    if (!name.size)
        return REFUSE(in, start,
                      in->at < in->text.size ? "the name of a field is wanted"
                                             : "the filter ends where a comparison is wanted");
    if (is_figure(in, name, &leaf, &type)) return parse_figure(in, to, leaf, type);
    to->of = lia_span_is(name, "id")           ? OF_ID
             : lia_span_is(name, "created_at") ? OF_CREATED_AT
                                               : OF_FIELD;
    if (to->of == OF_FIELD) return parse_in(in, to, in->kind, start, name);
    to->leaf = to->of == OF_ID ? &id_field : &created_at_field;
    return to;
}
