/* SPDX-License-Identifier: Apache-2.0 */
/* Between registers and messages: what a record shows, and the op that makes it show something
 * else. Here, and only here, the schema matters to records. */
#include "common/wire/record.h"

#include "common/wire/sort.h"

/* ---- what a record shows -------------------------------------------------------------------- */

/* Whether number `a` is above `b`, both payloads of the field. */
static bool is_higher(const lia_field *field, const lia_live *a, const lia_live *b)
{
    uint64_t x = 0, y = 0;
    if (!lia_varint_get(a->value, &x) || !lia_varint_get(b->value, &y)) return false;
    return field->type == LIA_T_UINT ? x > y : (int64_t)x > (int64_t)y;
}

static bool beats(const lia_live *a, const lia_live *b, const lia_register *reg,
                  const lia_field *field)
{
    bool is_element = reg->element.size > 0;
    bool by_number = field && field->merge == LIA_MERGE_HIGHEST && !is_element;
    if (!is_element && !by_number) return false; /* the higher stamp came first */
    if (a->absent || b->absent) return b->absent && !a->absent;
    return by_number && a->wire == LIA_WIRE_VARINT && b->wire == LIA_WIRE_VARINT &&
           is_higher(field, a, b);
}

const lia_live *lia_register_winner(const lia_register *reg, const lia_field *field)
{
    const lia_live *winner = reg->count ? &reg->live[0] : NULL;
    for (size_t i = 1; i < reg->count; i++)
        if (beats(&reg->live[i], winner, reg, field)) winner = &reg->live[i];
    return winner && !winner->absent ? winner : NULL;
}

bool lia_register_in_conflict(const lia_register *reg)
{
    for (size_t i = 1; i < reg->count; i++) {
        const lia_live *a = &reg->live[0], *b = &reg->live[i];
        if (a->absent != b->absent || a->wire != b->wire || !lia_span_equal(a->value, b->value))
            return true;
    }
    return false;
}

static bool is_number(const lia_field *field)
{
    return field->type != LIA_T_STRING && field->type != LIA_T_BYTES &&
           field->type != LIA_T_MESSAGE;
}

/* A value that is none of its field's type is kept but not shown, and what it is can be written anew. */
static bool is_fitting(const lia_live *live, const lia_field *field)
{
    return !field || live->wire == (is_number(field) ? LIA_WIRE_VARINT : LIA_WIRE_BYTES);
}

/* An element of a set of numbers that is none (a node's mistake) is kept but not shown. */
static void put_winner(lia_buf *out, const lia_register *reg, const lia_field *field)
{
    const lia_live *winner = lia_register_winner(reg, field);
    if (!winner) return;
    if (reg->element.size == 0 && !is_fitting(winner, field)) return;
    if (reg->element.size == 0 || winner->value.size) {
        lia_pb_put_raw(out, reg->field, winner->wire, winner->value);
        return;
    }
    uint64_t number;
    bool is_varint = field && is_number(field);
    if (is_varint && lia_varint_get(reg->element, &number) != reg->element.size) return;
    lia_pb_put_raw(out, reg->field, is_varint ? LIA_WIRE_VARINT : LIA_WIRE_BYTES, reg->element);
}

void lia_record_message(const lia_record *record, const lia_message *schema, lia_buf *out)
{
    const lia_field *field = NULL;
    for (size_t i = 0; i < record->count; i++) {
        const lia_register *reg = &record->registers[i];
        if (i == 0 || reg[-1].field != reg->field)
            field = schema ? lia_field_find(schema, reg->field) : NULL;
        put_winner(out, reg, field);
    }
}

/* ---- the op that makes it so ---------------------------------------------------------------- */

typedef struct comparison {
    const lia_record *record;
    lia_span after;
    const uint32_t *mask; /* NULL: everything */
    size_t mask_count;
    lia_hlc now;
    lia_arena *arena;
    lia_buf set, touches; /* touches is an array of lia_touch */
    size_t fresh;         /* registers that the record does not have yet */
} comparison;

static bool is_masked(const comparison *diff, uint32_t number)
{
    for (size_t i = 0; i < diff->mask_count; i++)
        if (diff->mask[i] == number) return true;
    return false;
}

/* Adds a touch that says what was seen of `reg` (may be NULL: nothing). */
static void add_touch(comparison *diff, const lia_register *reg, lia_touch touch)
{
    if (!reg) diff->fresh++;
    if (reg) touch.seen = lia_register_top(reg);
    if (reg && touch.seen.hlc >= diff->now) touch.hlc = touch.seen.hlc + 1;
    lia_buf_add(&diff->touches, &touch, sizeof touch);
}

/* Whether a write is needed for the register to show `same` and nothing else. */
static bool is_settled(const comparison *diff, const lia_register *reg, bool same)
{
    return same && !(diff->mask && reg && lia_register_in_conflict(reg));
}

static bool says_more(const lia_message *schema, lia_span value)
{
    lia_pb_reader reader = lia_pb_read(value);
    lia_pb_field each;
    while (lia_pb_next(&reader, &each)) {
        const lia_field *field = lia_field_find(schema, each.number);
        if (!field) return true;
        bool nested = field->message && !field->repeated && each.wire == LIA_WIRE_BYTES;
        if (nested && says_more(field->message, each.bytes)) return true;
    }
    return false;
}

/* Adds what `before` says in fields below `number` that neither the schema nor `after` knows. */
static void put_unknown(lia_buf *out, const lia_message *schema, lia_span before, lia_span after,
                        uint64_t from, uint64_t number)
{
    lia_pb_reader reader = lia_pb_read(before);
    lia_pb_field each, found;
    while (lia_pb_next(&reader, &each)) {
        if (each.number < from || each.number >= number) continue;
        if (lia_field_find(schema, each.number) || lia_pb_find(after, each.number, &found))
            continue;
        lia_pb_put_raw(out, each.number, each.wire, each.bytes);
    }
}

static void put_whole(lia_buf *out, const lia_message *schema, lia_span before, lia_span after)
{
    lia_pb_reader reader = lia_pb_read(after);
    lia_pb_field each, old;
    uint64_t from = 0;
    while (lia_pb_next(&reader, &each)) {
        const lia_field *field = lia_field_find(schema, each.number);
        if (each.number > from) {
            put_unknown(out, schema, before, after, from, each.number);
            from = each.number;
        }
        bool nested = field && field->message && !field->repeated && each.wire == LIA_WIRE_BYTES &&
                      lia_pb_find(before, each.number, &old) && old.wire == LIA_WIRE_BYTES;
        if (!nested) {
            lia_pb_put_raw(out, each.number, each.wire, each.bytes);
            continue;
        }
        size_t opened = lia_pb_open(out, each.number);
        put_whole(out, field->message, old.bytes, each.bytes);
        lia_pb_close(out, opened);
    }
    put_unknown(out, schema, before, after, from, UINT64_MAX);
}

/* A message that is written anew keeps what it said in fields that this release does not know. */
static lia_span keep_unknown(comparison *diff, const lia_field *field, const lia_live *before,
                             lia_span after)
{
    if (!before || before->wire != LIA_WIRE_BYTES || field->type != LIA_T_MESSAGE) return after;
    if (lia_span_equal(before->value, after) || !says_more(field->message, before->value))
        return after;
    lia_buf whole = lia_buf_make(diff->arena);
    put_whole(&whole, field->message, before->value, after);
    diff->set.failed |= whole.failed;
    return lia_buf_get(&whole);
}

static void diff_plain(comparison *diff, const lia_field *field, const lia_pb_field *after)
{
    const lia_register *reg = lia_record_find(diff->record, field->number, LIA_SPAN_NONE);
    const lia_live *winner = reg ? lia_register_winner(reg, field) : NULL;
    if (!after->number) {
        if (!is_settled(diff, reg, !winner))
            add_touch(diff, reg, (lia_touch){.field = field->number, .clear = true});
        return;
    }
    lia_span value = keep_unknown(diff, field, winner, after->bytes);
    bool same = winner && winner->wire == after->wire && lia_span_equal(winner->value, value);
    if (is_settled(diff, reg, same)) return;
    lia_pb_put_raw(&diff->set, field->number, after->wire, value);
    if (reg)
        add_touch(diff, reg, (lia_touch){.field = field->number});
    else
        diff->fresh++;
}

/* ---- sets ----------------------------------------------------------------------------------- */

typedef struct named {
    lia_span name, value; /* value is empty when the element names itself */
    size_t place;         /* in `after`: of two with one name the later counts */
} named;

static int compare_elements(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int order = lia_span_compare(x->name, y->name);
    return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

static bool has_name(const lia_field *field, named *element)
{
    if (field->type == LIA_T_MESSAGE) {
        lia_pb_field key;
        if (!lia_pb_find(element->value, field->key, &key)) return false;
        element->name = key.bytes;
    }
    return element->name.size > 0 && element->name.size <= LIA_ELEMENT_BYTES_MAX;
}

static lia_err add_element(lia_buf *elements, const lia_field *field, lia_span payload)
{
    named each = {.place = elements->size};
    if (field->type == LIA_T_MESSAGE)
        each.value = payload;
    else
        each.name = payload;
    if (!has_name(field, &each)) return LIA_EINVAL;
    lia_buf_add(elements, &each, sizeof each);
    return LIA_OK;
}

/* Numbers of a repeated field may stand in one packed payload. */
static lia_err add_packed(lia_buf *elements, const lia_field *field, lia_span packed)
{
    while (packed.size) {
        uint64_t value;
        size_t size = lia_varint_get(packed, &value);
        if (!size) return LIA_EINVAL;
        lia_err err = add_element(elements, field, lia_span_make(packed.data, size));
        if (err) return err;
        packed = lia_span_skip(packed, size);
    }
    return LIA_OK;
}

/* The elements that `after` has of a repeated field, ascending by name, each once. */
static lia_err read_elements(const comparison *diff, const lia_field *field, named **out,
                             size_t *count)
{
    lia_buf found = lia_buf_make(diff->arena);
    lia_pb_reader reader = lia_pb_read(diff->after);
    lia_pb_field each;
    while (lia_pb_next(&reader, &each)) {
        if (each.number != field->number) continue;
        bool packed = is_number(field) && each.wire == LIA_WIRE_BYTES;
        lia_err err =
            packed ? add_packed(&found, field, each.bytes) : add_element(&found, field, each.bytes);
        if (err) return err;
    }
    if (found.failed) return LIA_EFULL;
    named *elements = (named *)(void *)found.data;
    size_t all = found.size / sizeof *elements, kept = 0;
    lia_sort(elements, all, sizeof *elements, compare_elements);
    for (size_t i = 0; i < all; i++)
        if (i + 1 == all || !lia_span_equal(elements[i].name, elements[i + 1].name))
            elements[kept++] = elements[i];
    *out = elements;
    *count = kept;
    return LIA_OK;
}

static void diff_element(comparison *diff, const lia_field *field, const lia_register *reg,
                         const named *after)
{
    const lia_live *winner = reg ? lia_register_winner(reg, field) : NULL;
    if (!after) {
        if (!is_settled(diff, reg, !winner))
            add_touch(diff, reg,
                      (lia_touch){.field = field->number, .element = reg->element, .clear = true});
        return;
    }
    lia_span value = keep_unknown(diff, field, winner, after->value);
    if (is_settled(diff, reg, winner && lia_span_equal(winner->value, value))) return;
    add_touch(diff, reg,
              (lia_touch){.field = field->number,
                          .element = after->name,
                          .has_value = value.size > 0,
                          .value = value});
}

/* Walks the record's elements and those of `after` side by side; both ascend. */
static lia_err diff_set(comparison *diff, const lia_field *field)
{
    named *after;
    size_t count, at = 0;
    lia_err err = read_elements(diff, field, &after, &count);
    if (err) return err;
    for (size_t i = 0; i < diff->record->count; i++) {
        const lia_register *reg = &diff->record->registers[i];
        if (reg->field != field->number || reg->element.size == 0) continue;
        int order = 1;
        while (at < count && (order = lia_span_compare(after[at].name, reg->element)) < 0)
            diff_element(diff, field, NULL, &after[at++]);
        if (at == count) order = 1;
        diff_element(diff, field, reg, order == 0 ? &after[at++] : NULL);
    }
    while (at < count) diff_element(diff, field, NULL, &after[at++]);
    return LIA_OK;
}

/* ---- all fields ----------------------------------------------------------------------------- */

/* The last occurrence of each field of the schema in `after`; number 0: none. */
static lia_err read_after(const comparison *diff, const lia_message *schema, lia_pb_field **out)
{
    lia_pb_field *last = lia_arena_zero(diff->arena, schema->count * sizeof *last);
    if (!last) return LIA_EFULL;
    lia_pb_reader reader = lia_pb_read(diff->after);
    lia_pb_field each;
    while (lia_pb_next(&reader, &each)) {
        const lia_field *field = lia_field_find(schema, each.number);
        if (!field) continue;
        bool packed = field->repeated && each.wire == LIA_WIRE_BYTES;
        if (!packed && is_number(field) == (each.wire == LIA_WIRE_BYTES)) return LIA_EINVAL;
        if (!packed && field->repeated && each.wire != LIA_WIRE_VARINT) return LIA_EINVAL;
        last[field - schema->fields] = each;
    }
    *out = last;
    return reader.broken ? LIA_EINVAL : LIA_OK;
}

lia_err lia_record_diff(const lia_record *record, const lia_message *schema, lia_span after,
                        const uint32_t *mask, size_t mask_count, lia_hlc now, lia_arena *arena,
                        lia_op *op)
{
    comparison diff = {.record = record,
                       .after = after,
                       .mask = mask,
                       .mask_count = mask_count,
                       .now = now,
                       .arena = arena,
                       .set = lia_buf_make(arena),
                       .touches = lia_buf_make(arena)};
    lia_pb_field *last;
    lia_err err = read_after(&diff, schema, &last);
    for (size_t i = 0; !err && i < schema->count; i++) {
        const lia_field *field = &schema->fields[i];
        if (mask && !is_masked(&diff, field->number)) continue;
        if (field->repeated)
            err = diff_set(&diff, field);
        else
            diff_plain(&diff, field, &last[i]);
    }
    if (err) return err;
    if (diff.set.failed || diff.touches.failed) return LIA_EFULL;
    if (record->count + diff.fresh > LIA_RECORD_REGISTERS_MAX) return LIA_EFULL;
    op->set = lia_buf_get(&diff.set);
    op->touches = (lia_touch *)(void *)diff.touches.data;
    op->touch_count = diff.touches.size / sizeof(lia_touch);
    return LIA_OK;
}
