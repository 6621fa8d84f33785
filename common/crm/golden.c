/* SPDX-License-Identifier: Apache-2.0 */
/* The values that members show are sorted by field and element, what counts first; then the first
 * of each group is taken. */
#include "common/crm/golden.h"

#include "common/wire/sort.h"

lia_department lia_golden_owner(const lia_field *field)
{
    static const struct {
        const char *name;
        lia_department owner;
    } owners[] = {
        {"class", LIA_ANALYTICS},       {"owner", LIA_SALES},
        {"organization", LIA_SALES},    {"job_title", LIA_SALES},
        {"contact_hours", LIA_SERVICE}, {"preferred_channel", LIA_SERVICE},
    };
    for (size_t i = 0; i < LIA_COUNT(owners); i++)
        if (strcmp(field->name, owners[i].name) == 0) return owners[i].owner;
    return LIA_DEPARTMENT_ANY;
}

typedef struct ranked {
    lia_golden_value value;
    bool owned; /* written by the field's owner */
} ranked;

static int compare(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value.field->number != y->value.field->number)
        return x->value.field->number < y->value.field->number ? -1 : 1;
    int order = lia_span_compare(x->value.element, y->value.element);
    if (order) return order;
    if (x->owned != y->owned) return x->owned ? -1 : 1;
    return lia_stamp_compare(&y->value.live->stamp, &x->value.live->stamp);
}

static size_t total(const lia_record *records, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < records[i].count; j++) all += records[i].registers[j].count;
    return all;
}

/* What each member shows, of fields that are known, and what was written there at the same time. */
static size_t gather(const lia_record *records, size_t count, const lia_kind *kind,
                     lia_department (*department)(const void *, uint16_t), const void *context,
                     ranked *out)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < records[i].count; j++) {
            const lia_register *reg = &records[i].registers[j];
            const lia_field *field = lia_field_find(kind->message, reg->field);
            const lia_live *live = field ? lia_register_winner(reg, field) : NULL;
            if (!live) continue; /* it shows nothing */
            lia_department owner = lia_golden_owner(field);
            for (size_t k = 0; k < reg->count; k++) {
                live = &reg->live[k];
                if (live->absent) continue;
                out[found].value = (lia_golden_value){field, reg->element, live, i};
                out[found++].owned = owner && department(context, live->stamp.node) == owner;
            }
        }
    }
    lia_sort(out, found, sizeof *out, compare);
    return found;
}

static bool same_register(const lia_golden_value *a, const lia_golden_value *b)
{
    return a->field == b->field && lia_span_equal(a->element, b->element);
}

/* The same said twice is no difference. */
static bool same_value(const lia_golden_value *a, const lia_golden_value *b)
{
    return a->live->wire == b->live->wire && lia_span_equal(a->live->value, b->live->value);
}

static void put(lia_buf *out, const lia_golden_value *value)
{
    uint64_t number;
    const lia_live *live = value->live;
    bool names_itself = value->element.size && !live->value.size;
    if (!names_itself) {
        lia_pb_put_raw(out, value->field->number, live->wire, live->value);
        return;
    }
    bool is_varint = value->field->type < LIA_T_STRING;
    if (is_varint && lia_varint_get(value->element, &number) != value->element.size) return;
    lia_pb_put_raw(out, value->field->number, is_varint ? LIA_WIRE_VARINT : LIA_WIRE_BYTES,
                   value->element);
}

/* A customer of whom one record is not archived is none. */
static bool counts(const lia_kind *kind, const ranked *first, size_t left, size_t members)
{
    uint64_t number;
    if (first->value.field != kind->archived) return true;
    size_t yes = 0;
    for (size_t i = 0; i < left && first[i].value.field == kind->archived; i++)
        yes += lia_varint_get(first[i].value.live->value, &number) && number;
    return yes == members;
}

lia_err lia_golden_make(lia_golden *out, const lia_record *records, size_t count,
                        const lia_kind *kind,
                        lia_department (*department)(const void *context, uint16_t node),
                        const void *context, lia_arena *arena)
{
    size_t max = total(records, count) + 1;
    ranked *all = lia_arena_take(arena, max * sizeof *all);
    lia_golden_value *values = lia_arena_take(arena, max * sizeof *values);
    lia_golden_value *others = lia_arena_take(arena, max * sizeof *others);
    lia_buf message = lia_buf_make(arena);
    if (!all || !values || !others) return LIA_EFULL;
    size_t found = gather(records, count, kind, department, context, all), taken = 0, rest = 0;
    for (size_t i = 0; i < found; i++) {
        const lia_golden_value *value = &all[i].value;
        bool is_first = !i || !same_register(value, &all[i - 1].value);
        if (is_first && !counts(kind, &all[i], found - i, count)) continue;
        if (is_first) {
            put(&message, value);
            values[taken++] = *value;
        } else if (value->field != kind->archived && !same_value(value, &values[taken - 1])) {
            others[rest++] = *value;
        }
    }
    *out = (lia_golden){lia_buf_get(&message), values, taken, others, rest};
    return message.failed ? LIA_EFULL : LIA_OK;
}
