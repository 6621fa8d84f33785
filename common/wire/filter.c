/* SPDX-License-Identifier: Apache-2.0 */
/* Each comparison is one walk over the record's message: most filters have one or two, and a
 * record that the first one turns away is not walked again. */
#include "common/wire/filter.h"

#include <utf8proc.h>

#include "common/base/money.h"
#include "common/wire/filter_tree.h"
#include "common/wire/index_text.h"
#include "common/wire/pb.h"
#include "common/wire/utf8.h"

/* ---- text within text ------------------------------------------------------------------------ */

int32_t lia_filter_letter(lia_span *text)
{
    uint8_t first = text->data[0];
    size_t step = first < 0x80 ? 1 : lia_utf8_step(*text);
    int32_t letter = first;
    if (step > 1) {
        (void)utf8proc_iterate(text->data, (utf8proc_ssize_t)step, &letter);
        letter = utf8proc_tolower(letter);
    } else if (!step) {
        letter += 0x110000;
        step = 1;
    } else if (first >= 'A' && first <= 'Z') {
        letter += 'a' - 'A';
    }
    *text = lia_span_skip(*text, step);
    return letter;
}

static bool contains(const lia_filter_needle *wanted, lia_span text)
{
    size_t length = 0;
    while (length < wanted->count && text.size) {
        int32_t letter = lia_filter_letter(&text);
        while (length && letter != wanted->letters[length]) length = wanted->fallback[length - 1];
        length += letter == wanted->letters[length];
    }
    return length == wanted->count;
}

static bool is_same_text(const lia_filter_needle *wanted, lia_span text)
{
    size_t length = 0;
    while (length < wanted->count && text.size)
        if (lia_filter_letter(&text) != wanted->letters[length++]) return false;
    return length == wanted->count && !text.size;
}

/* ---- one value against another ----------------------------------------------------------------
 */

uint64_t lia_comparison_number(const lia_comparison *wanted, lia_time now)
{
    if (wanted->clock == CLOCK_NONE) return wanted->number;
    int64_t day = now.ms / LIA_DAY_MS - (now.ms % LIA_DAY_MS < 0);
    int64_t ms =
        (wanted->clock == CLOCK_TODAY ? day * LIA_DAY_MS : now.ms) + (int64_t)wanted->number;
    if (wanted->leaf->meaning != LIA_M_DATE) return (uint64_t)ms;
    return (uint64_t)(ms / LIA_DAY_MS - (ms % LIA_DAY_MS < 0));
}

static int order_of_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Both in thousandths of the unit that the money's own currency has. Sums beyond them do not occur
 * and count as the largest. */
static int order_of_money(const lia_comparison *wanted, lia_span money)
{
    enum { AMOUNT_MINOR = 1, CURRENCY = 2, THOUSANDTHS = 3 };
    lia_pb_field amount = {0}, code;
    char currency[4] = "";
    (void)lia_pb_find(money, AMOUNT_MINOR, &amount);
    if (lia_pb_find(money, CURRENCY, &code) && code.bytes.size == 3)
        memcpy(currency, code.bytes.data, 3);
    int64_t value = (int64_t)amount.value;
    for (unsigned i = lia_currency_digits(currency); i < THOUSANDTHS; i++)
        if (__builtin_mul_overflow(value, 10, &value)) return amount.value >> 63 ? -1 : 1;
    return order_of_numbers(value, (int64_t)wanted->number);
}

/* By the order of indexes and lists where one is asked for, else only the same text is equal. */
static int order_of_text(const lia_comparison *wanted, lia_span value)
{
    uint8_t text[LIA_INDEX_TEXT_MAX];
    if (!wanted->ordered.data) return lia_span_compare(value, wanted->bytes);
    return lia_span_compare(lia_span_make(text, lia_index_text(value, text)), wanted->ordered);
}

static int order_of(const lia_comparison *wanted, const lia_pb_field *value, lia_time now)
{
    switch (wanted->leaf->type) {
    case LIA_T_STRING:
        return order_of_text(wanted, value->bytes);
    case LIA_T_BYTES:
        return lia_span_compare(value->bytes, wanted->bytes);
    case LIA_T_INT:
        return order_of_numbers((int64_t)value->value, (int64_t)lia_comparison_number(wanted, now));
    case LIA_T_MESSAGE:
        return order_of_money(wanted, value->bytes);
    case LIA_T_BOOL:
        return !!value->value - (int)wanted->number;
    default:
        return value->value < wanted->number ? -1 : value->value > wanted->number;
    }
}

/* `:` on text: an element of a set of words, or text within text. */
static bool has(const lia_comparison *wanted, const lia_pb_field *value, lia_time now)
{
    if (wanted->leaf->type != LIA_T_STRING) return order_of(wanted, value, now) == 0;
    return wanted->as_set ? is_same_text(&wanted->needle, value->bytes)
                          : contains(&wanted->needle, value->bytes);
}

static bool fits(const lia_comparison *wanted, const lia_pb_field *value, lia_time now)
{
    if (wanted->any) return true;
    switch (wanted->op) {
    case OP_EQUAL:
        return order_of(wanted, value, now) == 0;
    case OP_UNEQUAL:
        return order_of(wanted, value, now) != 0;
    case OP_LESS:
        return order_of(wanted, value, now) < 0;
    case OP_LESS_EQUAL:
        return order_of(wanted, value, now) <= 0;
    case OP_MORE:
        return order_of(wanted, value, now) > 0;
    case OP_MORE_EQUAL:
        return order_of(wanted, value, now) >= 0;
    case OP_HAS:
        return has(wanted, value, now);
    }
    return false;
}

/* A field without a value: unequal to everything, except that a box never ticked is not ticked. */
static bool absent_fits(const lia_comparison *wanted)
{
    static const lia_pb_field no = {.value = 0};
    if (wanted->any) return false;
    return wanted->leaf->type == LIA_T_BOOL ? fits(wanted, &no, (lia_time){0})
                                            : wanted->op == OP_UNEQUAL;
}

static bool has_wire_of(const lia_pb_field *value, const lia_field *field)
{
    return value->wire == (field->type < LIA_T_STRING ? LIA_WIRE_VARINT : LIA_WIRE_BYTES);
}

/* One occurrence of the comparison's field. */
static bool occurrence_fits(const lia_comparison *wanted, const lia_pb_field *at, lia_time now)
{
    lia_pb_field inner;
    if (wanted->leaf == wanted->field) return fits(wanted, at, now);
    if (!lia_pb_find(at->bytes, wanted->leaf->number, &inner) || !has_wire_of(&inner, wanted->leaf))
        return absent_fits(wanted);
    return fits(wanted, &inner, now);
}

/* Of a set any element will do, of a plain field the last occurrence counts. */
static bool field_fits(const lia_comparison *wanted, lia_span message, lia_time now)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field at;
    bool seen = false, held = false;
    while (lia_pb_next(&reader, &at)) {
        if (at.number != wanted->field->number || !has_wire_of(&at, wanted->field)) continue;
        seen = true;
        held = occurrence_fits(wanted, &at, now);
        if (held && wanted->field->repeated) return true;
    }
    return seen ? held : absent_fits(wanted);
}

/* ---- beyond the record ----------------------------------------------------------------------- */

static bool find_reference(const lia_field *via, lia_span message, lia_id *id)
{
    lia_pb_field found;
    if (!lia_pb_find(message, via->number, &found) || found.wire != LIA_WIRE_BYTES ||
        found.bytes.size != LIA_ID_SIZE)
        return false;
    *id = lia_id_from(found.bytes);
    return true;
}

static bool referenced_fits(const lia_comparison *wanted, const lia_filter_subject *subject,
                            lia_time now)
{
    const lia_filter_world *world = subject->world;
    lia_span message;
    lia_id id;
    if (!world || !find_reference(wanted->via, subject->message, &id) ||
        !world->load(world->context, wanted->via->reference, id, &message))
        return absent_fits(wanted);
    return field_fits(wanted, message, now);
}

static bool figure_fits(const lia_comparison *wanted, const lia_filter_subject *subject,
                        lia_time now)
{
    const lia_filter_world *world = subject->world;
    lia_id customer = subject->id;
    int64_t figure;
    if (!world || (wanted->via && !find_reference(wanted->via, subject->message, &customer)) ||
        !world->figure(world->context, customer, &wanted->figure, &figure))
        return absent_fits(wanted);
    const lia_pb_field value = {.value = (uint64_t)figure};
    return fits(wanted, &value, now);
}

/* ---- holding --------------------------------------------------------------------------------- */

static bool comparison_holds(const lia_comparison *wanted, const lia_filter_subject *subject)
{
    lia_time now = subject->world ? subject->world->now : (lia_time){0};
    lia_pb_field value = {.value = (uint64_t)subject->created_at.ms,
                          .bytes = lia_id_span(&subject->id)};
    switch (wanted->of) {
    case OF_FIELD:
        return wanted->via ? referenced_fits(wanted, subject, now)
                           : field_fits(wanted, subject->message, now);
    case OF_FIGURE:
        return figure_fits(wanted, subject, now);
    default:
        return fits(wanted, &value, now);
    }
}

static bool node_holds(const lia_filter_node *at, const lia_filter_subject *subject)
{
    const lia_filter_node *child = at->first;
    switch (at->type) {
    case NODE_AND:
        while (child && node_holds(child, subject)) child = child->next;
        return !child;
    case NODE_OR:
        while (child && !node_holds(child, subject)) child = child->next;
        return child;
    case NODE_NOT:
        return !node_holds(child, subject);
    case NODE_COMPARE:
        break;
    }
    return comparison_holds(at->comparison, subject);
}

bool lia_filter_holds(const lia_filter *filter, const lia_filter_subject *subject)
{
    return !filter->root || node_holds(filter->root, subject);
}

unsigned lia_filter_needs(const lia_filter *filter)
{
    return filter->needs;
}

/* ---- what it looks at ------------------------------------------------------------------------ */

/* A filter has few comparisons, so a name that is there already is looked for in what was written.
 */
static bool is_named(const lia_buf *out, size_t start, lia_span name)
{
    lia_span rest = lia_span_make(out->data + start, out->size - start);
    while (rest.size) {
        if (lia_span_starts(rest, name) && (rest.size == name.size || rest.data[name.size] == ','))
            return true;
        const uint8_t *comma = memchr(rest.data, ',', rest.size);
        rest = comma ? lia_span_skip(rest, (size_t)(comma - rest.data) + 2) : LIA_SPAN_NONE;
    }
    return false;
}

static void put_names(const lia_filter_node *node, lia_buf *out, size_t start)
{
    for (; node && !out->failed; node = node->next) {
        put_names(node->first, out, start);
        if (node->type != NODE_COMPARE) continue;
        const lia_comparison *comparison = node->comparison;
        const lia_field *first = comparison->via     ? comparison->via
                                 : comparison->field ? comparison->field
                                                     : comparison->leaf;
        const char *name = first->name;
        if (out->size > start && is_named(out, start, lia_span_text(name))) continue;
        if (out->size > start) lia_buf_text(out, ", ");
        lia_buf_text(out, name);
    }
}

void lia_filter_put_names(const lia_filter *filter, lia_buf *out)
{
    put_names(filter->root, out, out->size);
}
