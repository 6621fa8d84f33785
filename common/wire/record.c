/* SPDX-License-Identifier: Apache-2.0 */
/* Joining. A register's state is a function of the set of writes that it was given:
 *
 *     seen = highest stamp seen by any     live = the 4 highest of those above seen
 *
 * Taking the four highest early loses nothing: stamps have one order and `seen` is a threshold in
 * it. A fifth write stands below four others; either they all stay above `seen` and it is the fifth
 * again, or one of them is seen, and then it is below `seen` as well. So the join of states equals
 * the state of the union, in any order, grouping or repetition; record_test.c tries. Raising
 * `seen` to what was pushed out would be as good, but it would claim that somebody saw it.
 *
 * A record keeps its LIA_RECORD_REGISTERS_MAX first registers for the same reason: refusing the one
 * that comes too late would depend on the order of arrival. */
#include "common/wire/record.h"

#include "common/wire/sort.h"

#define SPARE 4 /* registers: a record that grows often grows by a few fields */

/* ---- one register --------------------------------------------------------------------------- */

/* Orders writes of one stamp, which honest nodes never make: the join must not depend on luck. */
static int compare_contents(const lia_live *a, const lia_live *b)
{
    if (a->absent != b->absent) return a->absent ? -1 : 1;
    if (a->wire != b->wire) return a->wire < b->wire ? -1 : 1;
    return lia_span_compare(a->value, b->value);
}

static void raise_seen(lia_register *reg, const lia_stamp *seen)
{
    if (lia_stamp_compare(seen, &reg->seen) <= 0) return;
    reg->seen = *seen;
    while (reg->count && lia_stamp_compare(&reg->live[reg->count - 1].stamp, seen) <= 0)
        reg->count--;
}

static void add_live(lia_register *reg, const lia_live *live)
{
    if (lia_stamp_compare(&live->stamp, &reg->seen) <= 0) return;
    size_t place = 0;
    for (; place < reg->count; place++) {
        int order = lia_stamp_compare(&live->stamp, &reg->live[place].stamp);
        if (order > 0) break;
        if (order < 0) continue;
        if (compare_contents(live, &reg->live[place]) > 0) reg->live[place] = *live;
        return;
    }
    if (place == LIA_REGISTER_LIVE_MAX) return;
    if (reg->count < LIA_REGISTER_LIVE_MAX) reg->count++;
    memmove(&reg->live[place + 1], &reg->live[place],
            (reg->count - 1 - place) * sizeof reg->live[0]);
    reg->live[place] = *live;
}

static void begin_register(lia_register *reg, uint32_t field, lia_span element)
{
    reg->field = field;
    reg->element = element;
    reg->seen = (lia_stamp){0};
    reg->count = 0;
}

lia_stamp lia_register_top(const lia_register *reg)
{
    return reg->count ? reg->live[0].stamp : reg->seen;
}

/* ---- finding -------------------------------------------------------------------------------- */

static int compare_place(const lia_register *reg, uint32_t field, lia_span element)
{
    if (reg->field != field) return reg->field < field ? -1 : 1;
    return lia_span_compare(reg->element, element);
}

static int compare_registers(const void *a, const void *b)
{
    const lia_register *other = b;
    return compare_place(a, other->field, other->element);
}

/* The register among the first `count`, or NULL. */
static lia_register *find_among(const lia_record *record, size_t count, uint32_t field,
                                lia_span element)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_place(&record->registers[middle], field, element);
        if (order == 0) return &record->registers[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const lia_register *lia_record_find(const lia_record *record, uint32_t field, lia_span element)
{
    return find_among(record, record->count, field, element);
}

lia_stamp lia_record_top(const lia_record *record)
{
    lia_stamp highest = {0};
    for (size_t i = 0; i < record->count; i++) {
        lia_stamp top = lia_register_top(&record->registers[i]);
        if (lia_stamp_compare(&top, &highest) > 0) highest = top;
    }
    return highest;
}

/* ---- growing -------------------------------------------------------------------------------- */

/* Room for `more` registers behind the present ones. */
static lia_err reserve(lia_record *record, size_t more, lia_arena *arena)
{
    if (record->capacity - record->count >= more) return LIA_OK;
    size_t capacity = record->count + more + SPARE;
    lia_register *registers = lia_arena_take(arena, capacity * sizeof *registers);
    if (!registers) return LIA_EFULL;
    if (record->count) memcpy(registers, record->registers, record->count * sizeof *registers);
    record->registers = registers;
    record->capacity = capacity;
    return LIA_OK;
}

/* Registers behind the first `sorted` came in any order; brings all into one. */
static lia_err merge_fresh(lia_record *record, size_t sorted, lia_arena *arena)
{
    size_t left = sorted, right = record->count - sorted, count = record->count;
    if (right == 0) return LIA_OK;
    lia_register *fresh = record->registers + sorted;
    lia_sort(fresh, right, sizeof *fresh, compare_registers);
    if (left == 0 || compare_registers(fresh - 1, fresh) < 0) return LIA_OK;

    lia_register *merged = lia_arena_take(arena, (count + SPARE) * sizeof *merged);
    if (!merged) return LIA_EFULL;
    for (size_t at = count; at-- > 0;) {
        bool take_old = right == 0 || (left && compare_registers(&record->registers[left - 1],
                                                                 &fresh[right - 1]) > 0);
        merged[at] = take_old ? record->registers[--left] : fresh[--right];
    }
    record->registers = merged;
    record->capacity = count + SPARE;
    return LIA_OK;
}

static lia_err settle(lia_record *record, size_t sorted, lia_arena *arena)
{
    lia_err err = merge_fresh(record, sorted, arena);
    if (record->count > LIA_RECORD_REGISTERS_MAX) record->count = LIA_RECORD_REGISTERS_MAX;
    return err;
}

/* ---- joining an op -------------------------------------------------------------------------- */

/* An op on its way into a record. Registers that are new to it stand behind the first `sorted`. */
typedef struct joining {
    lia_record *record;
    size_t sorted;
    const lia_op *op;
    lia_stamp stamp;
    size_t next_touch; /* where the last one was found: touches and fields tend to be in order */
} joining;

/* The touch that qualifies a field of `set`, or NULL. */
static const lia_touch *find_touch(joining *join, uint32_t field)
{
    size_t count = join->op->touch_count;
    for (size_t i = 0; i < count; i++) {
        size_t at = join->next_touch + i;
        if (at >= count) at -= count;
        const lia_touch *touch = &join->op->touches[at];
        if (touch->field != field || touch->element.size) continue;
        join->next_touch = at;
        return touch;
    }
    return NULL;
}

static void join_write(joining *join, uint32_t field, lia_span element, const lia_touch *touch,
                       lia_live live)
{
    lia_record *record = join->record;
    lia_register *reg = find_among(record, join->sorted, field, element);
    if (!reg) {
        reg = &record->registers[record->count++];
        begin_register(reg, field, element);
    }
    live.stamp = join->stamp;
    if (touch && touch->hlc > live.stamp.hlc) live.stamp.hlc = touch->hlc;
    if (touch) raise_seen(reg, &touch->seen);
    add_live(reg, &live);
}

static void join_set(joining *join)
{
    lia_pb_reader reader = lia_pb_read(join->op->set);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field))
        join_write(join, field.number, LIA_SPAN_NONE, find_touch(join, field.number),
                   (lia_live){.wire = field.wire, .value = field.bytes});
}

static void join_touches(joining *join)
{
    for (size_t i = 0; i < join->op->touch_count; i++) {
        const lia_touch *touch = &join->op->touches[i];
        if (touch->element.size == 0 && !touch->clear) continue; /* went with its field */
        join_write(join, touch->field, touch->element, touch,
                   (lia_live){.absent = touch->clear,
                              .wire = LIA_WIRE_BYTES,
                              .value = touch->clear ? LIA_SPAN_NONE : touch->value});
    }
}

static size_t count_fields(lia_span message)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field field;
    size_t count = 0;
    while (lia_pb_next(&reader, &field)) count++;
    return count;
}

lia_err lia_record_join_op(lia_record *record, const lia_op *op, lia_stamp stamp, lia_arena *arena)
{
    size_t sorted = record->count;
    lia_err err = reserve(record, count_fields(op->set) + op->touch_count, arena);
    if (err) return err;
    joining join = {.record = record, .sorted = sorted, .op = op, .stamp = stamp};
    join_set(&join);
    join_touches(&join);
    return settle(record, sorted, arena);
}

/* ---- joining a state ------------------------------------------------------------------------ */

lia_err lia_record_join(lia_record *record, const lia_record *other, lia_arena *arena)
{
    size_t sorted = record->count;
    lia_err err = reserve(record, other->count, arena);
    if (err) return err;
    for (size_t i = 0; i < other->count; i++) {
        const lia_register *from = &other->registers[i];
        lia_register *to = find_among(record, sorted, from->field, from->element);
        if (!to) {
            record->registers[record->count++] = *from;
            continue;
        }
        raise_seen(to, &from->seen);
        for (size_t j = 0; j < from->count; j++) add_live(to, &from->live[j]);
    }
    return settle(record, sorted, arena);
}
