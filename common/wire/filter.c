/* SPDX-License-Identifier: Apache-2.0 */
/* Each comparison is one walk over the record's message: most filters have one or two, and a
 * record that the first one turns away is not walked again. */
#include "common/wire/filter.h"

#include <utf8proc.h>

#include "common/wire/filter_tree.h"
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

/* ---- holding --------------------------------------------------------------------------------- */

static int order_of(const lia_comparison *wanted, const lia_pb_field *value)
{
    switch (wanted->leaf->type) {
    case LIA_T_STRING:
    case LIA_T_BYTES:
        return lia_span_compare(value->bytes, wanted->bytes);
    case LIA_T_INT:
        return (int64_t)value->value < (int64_t)wanted->number
                   ? -1
                   : (int64_t)value->value > (int64_t)wanted->number;
    case LIA_T_BOOL:
        return !!value->value - (int)wanted->number;
    default:
        return value->value < wanted->number ? -1 : value->value > wanted->number;
    }
}

/* `:` on text: an element of a set of words, or text within text. */
static bool has(const lia_comparison *wanted, const lia_pb_field *value)
{
    if (wanted->leaf->type != LIA_T_STRING) return order_of(wanted, value) == 0;
    return wanted->as_set ? is_same_text(&wanted->needle, value->bytes)
                          : contains(&wanted->needle, value->bytes);
}

static bool fits(const lia_comparison *wanted, const lia_pb_field *value)
{
    if (wanted->any) return true;
    switch (wanted->op) {
    case OP_EQUAL:
        return order_of(wanted, value) == 0;
    case OP_UNEQUAL:
        return order_of(wanted, value) != 0;
    case OP_LESS:
        return order_of(wanted, value) < 0;
    case OP_LESS_EQUAL:
        return order_of(wanted, value) <= 0;
    case OP_MORE:
        return order_of(wanted, value) > 0;
    case OP_MORE_EQUAL:
        return order_of(wanted, value) >= 0;
    case OP_HAS:
        return has(wanted, value);
    }
    return false;
}

/* A field without a value: unequal to everything, except that a box never ticked is not ticked. */
static bool absent_fits(const lia_comparison *wanted)
{
    static const lia_pb_field no = {.value = 0};
    if (wanted->any) return false;
    return wanted->leaf->type == LIA_T_BOOL ? fits(wanted, &no) : wanted->op == OP_UNEQUAL;
}

static bool has_wire_of(const lia_pb_field *value, const lia_field *field)
{
    return value->wire == (field->type < LIA_T_STRING ? LIA_WIRE_VARINT : LIA_WIRE_BYTES);
}

/* One occurrence of the comparison's field. */
static bool occurrence_fits(const lia_comparison *wanted, const lia_pb_field *at)
{
    lia_pb_field inner;
    if (wanted->leaf == wanted->field) return fits(wanted, at);
    if (!lia_pb_find(at->bytes, wanted->leaf->number, &inner) || !has_wire_of(&inner, wanted->leaf))
        return absent_fits(wanted);
    return fits(wanted, &inner);
}

/* Of a set any element will do, of a plain field the last occurrence counts. */
static bool field_fits(const lia_comparison *wanted, lia_span message)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field at;
    bool seen = false, held = false;
    while (lia_pb_next(&reader, &at)) {
        if (at.number != wanted->field->number || !has_wire_of(&at, wanted->field)) continue;
        seen = true;
        held = occurrence_fits(wanted, &at);
        if (held && wanted->field->repeated) return true;
    }
    return seen ? held : absent_fits(wanted);
}

static bool comparison_holds(const lia_comparison *wanted, const lia_filter_subject *subject)
{
    lia_pb_field value = {.value = (uint64_t)subject->created_at.ms,
                          .bytes = lia_id_span(&subject->id)};
    return wanted->of == OF_FIELD ? field_fits(wanted, subject->message) : fits(wanted, &value);
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

/* ---- equality, for walking an index ---------------------------------------------------------- */

/* An absent bool counts as false but stands in no index. */
static bool narrows(const lia_filter_node *at)
{
    const lia_comparison *wanted = at->comparison;
    return at->type == NODE_COMPARE && wanted->op == OP_EQUAL && wanted->of == OF_FIELD &&
           wanted->leaf == wanted->field && wanted->field->indexed && !wanted->field->repeated &&
           (wanted->leaf->type != LIA_T_BOOL || wanted->number);
}

bool lia_filter_equality(const lia_filter *filter, const lia_field **field, lia_span *value)
{
    const lia_filter_node *at = filter->root;
    if (at && at->type == NODE_AND) at = at->first;
    while (at && !narrows(at)) at = at->next;
    if (!at) return false;
    *field = at->comparison->field;
    *value = at->comparison->payload;
    return true;
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
        const char *name = comparison->of == OF_ID           ? "id"
                           : comparison->of == OF_CREATED_AT ? "created_at"
                                                             : comparison->field->name;
        if (out->size > start && is_named(out, start, lia_span_text(name))) continue;
        if (out->size > start) lia_buf_text(out, ", ");
        lia_buf_text(out, name);
    }
}

void lia_filter_put_names(const lia_filter *filter, lia_buf *out)
{
    put_names(filter->root, out, out->size);
}
