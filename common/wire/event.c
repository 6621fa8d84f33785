/* SPDX-License-Identifier: Apache-2.0 */
/* Each message of proto/event.proto is a table of slots, read by one loop: number, name, what is
 * wanted, and where it goes. The checks that relate fields to one another follow it. Nothing
 * recurses, since the format nests to a fixed depth.
 *
 *     event -> header -> cause
 *           -> body   -> ops[] -> set, touches[] -> seen */
#include "common/wire/event.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/wire/event_slots.h"
#include "common/wire/pb.h"
#include "common/wire/sort.h"

#define NUMBER_MAX ((UINT32_C(1) << 29) - 1)

int lia_stamp_compare(const lia_stamp *a, const lia_stamp *b)
{
    if (a->hlc != b->hlc) return a->hlc < b->hlc ? -1 : 1;
    if (a->node != b->node) return a->node < b->node ? -1 : 1;
    if (a->incarnation != b->incarnation) return a->incarnation < b->incarnation ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Puts where something is in front of what was said about it. */
static lia_err inside(lia_why *why, lia_err err, const char *format, ...) LIA_PRINTF(3, 4);
static lia_err inside(lia_why *why, lia_err err, const char *format, ...)
{
    if (!err || !why) return err;
    lia_why said = *why;
    char place[64];
    va_list args;
    va_start(args, format);
    vsnprintf(place, sizeof place, format, args);
    va_end(args);
    snprintf(why->text, sizeof why->text, "%s%.*s", place, (int)(sizeof said.text - sizeof place),
             said.text);
    return err;
}

/* ---- header --------------------------------------------------------------------------------- */

typedef struct header_parts {
    lia_header header;
    uint32_t version;
    lia_span cause, trace;
} header_parts;

#define AT(type, member) offsetof(type, member)

static const lia_slot header_slots[] = {
    [1] = {"version", LIA_SLOT_U32, true, AT(header_parts, version)},
    [2] = {"origin", LIA_SLOT_NODE, true, AT(header_parts, header.node)},
    [3] = {"incarnation", LIA_SLOT_FIXED64, true, AT(header_parts, header.incarnation)},
    [4] = {"seq", LIA_SLOT_U64, true, AT(header_parts, header.seq)},
    [5] = {"hlc", LIA_SLOT_FIXED64, true, AT(header_parts, header.hlc)},
    [6] = {"fact", LIA_SLOT_U32, false, AT(header_parts, header.fact)},
    [7] = {"department", LIA_SLOT_U32, false, AT(header_parts, header.department)},
    [8] = {"command", LIA_SLOT_ID, false, AT(header_parts, header.command)},
    [9] = {"request", LIA_SLOT_FIXED64, false, AT(header_parts, header.request)},
    [10] = {"part", LIA_SLOT_U32, false, AT(header_parts, header.part)},
    [11] = {"parts", LIA_SLOT_U32, false, AT(header_parts, header.parts)},
    [12] = {"actor", LIA_SLOT_U32, false, AT(header_parts, header.actor)},
    [13] = {"cause", LIA_SLOT_SPAN, false, AT(header_parts, cause)},
    [14] = {"depth", LIA_SLOT_U32, false, AT(header_parts, header.depth)},
    [15] = {"customer", LIA_SLOT_ID, false, AT(header_parts, header.customer)},
    [16] = {"quiet", LIA_SLOT_FLAG, false, AT(header_parts, header.quiet)},
    [17] = {"trace", LIA_SLOT_SPAN, false, AT(header_parts, trace)},
};
static const lia_slot position_slots[] = {
    [1] = {"origin", LIA_SLOT_NODE, true, AT(lia_position, node)},
    [2] = {"incarnation", LIA_SLOT_FIXED64, true, AT(lia_position, incarnation)},
    [3] = {"seq", LIA_SLOT_U64, true, AT(lia_position, seq)},
};

static lia_err parse_trace(lia_trace *out, lia_span bytes, lia_why *why)
{
    if (bytes.size != LIA_TRACE_ID_SIZE + LIA_TRACE_SPAN_SIZE)
        return lia_why_set(why, LIA_EINVAL, "trace: %zu bytes, wanted %d", bytes.size,
                           LIA_TRACE_ID_SIZE + LIA_TRACE_SPAN_SIZE);
    memcpy(out->id, bytes.data, LIA_TRACE_ID_SIZE);
    memcpy(out->span, bytes.data + LIA_TRACE_ID_SIZE, LIA_TRACE_SPAN_SIZE);
    out->flags = LIA_TRACE_SAMPLED;
    return lia_trace_is_none(out) ? lia_why_set(why, LIA_EINVAL, "trace: all 0") : LIA_OK;
}

static lia_err parse_header(lia_header *out, lia_span bytes, lia_why *why)
{
    header_parts parts = {.header = {.parts = 1}};
    uint32_t present, unused;
    lia_err err = LIA_READ_SLOTS(bytes, header_slots, &parts, &present, why);
    if (parts.version > 1)
        return lia_why_set(why, LIA_EVERSION, "version: %u, this release reads 1", parts.version);
    if (err) return err;
    if (!parts.version || !parts.header.incarnation || !parts.header.seq || !parts.header.hlc)
        return lia_why_set(why, LIA_EINVAL, "version, incarnation, seq or hlc is 0");
    if (parts.header.part >= parts.header.parts)
        return lia_why_set(why, LIA_EINVAL, "part: %u of %u", parts.header.part,
                           parts.header.parts);
    if (LIA_HAS_SLOT(present, 13)) {
        lia_position *cause = &parts.header.cause;
        err = LIA_READ_SLOTS(parts.cause, position_slots, cause, &unused, why);
        if (!err && (!cause->incarnation || !cause->seq))
            err = lia_why_set(why, LIA_EINVAL, "incarnation or seq is 0");
        if (err) return inside(why, err, "cause.");
    }
    if (LIA_HAS_SLOT(present, 17)) {
        err = parse_trace(&parts.header.trace, parts.trace, why);
        if (err) return err;
    }
    *out = parts.header;
    return LIA_OK;
}

lia_err lia_event_parse_header(lia_header *out, lia_span bytes)
{
    lia_pb_reader reader = lia_pb_read(bytes);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field))
        if (field.number == 1)
            return field.wire == LIA_WIRE_BYTES ? parse_header(out, field.bytes, NULL) : LIA_EINVAL;
    return LIA_EINVAL;
}

/* ---- touches -------------------------------------------------------------------------------- */

typedef struct touch_parts {
    lia_touch touch;
    lia_span seen;
} touch_parts;

static const lia_slot touch_slots[] = {
    [1] = {"field", LIA_SLOT_U32, true, AT(touch_parts, touch.field)},
    [2] = {"element", LIA_SLOT_SPAN, false, AT(touch_parts, touch.element)},
    [3] = {"clear", LIA_SLOT_FLAG, false, AT(touch_parts, touch.clear)},
    [4] = {"seen", LIA_SLOT_SPAN, false, AT(touch_parts, seen)},
    [5] = {"hlc", LIA_SLOT_FIXED64, false, AT(touch_parts, touch.hlc)},
    [6] = {"value", LIA_SLOT_SPAN, false, AT(touch_parts, touch.value)},
};
static const lia_slot stamp_slots[] = {
    [1] = {"hlc", LIA_SLOT_FIXED64, true, AT(lia_stamp, hlc)},
    [2] = {"origin", LIA_SLOT_NODE, true, AT(lia_stamp, node)},
    [3] = {"incarnation", LIA_SLOT_FIXED64, true, AT(lia_stamp, incarnation)},
    [4] = {"seq", LIA_SLOT_U64, true, AT(lia_stamp, seq)},
};

/* A write stands above what its writer saw, or it would hide itself. */
static lia_err parse_seen(lia_touch *touch, lia_span bytes, lia_stamp stamp, lia_why *why)
{
    uint32_t present;
    lia_err err = LIA_READ_SLOTS(bytes, stamp_slots, &touch->seen, &present, why);
    if (err) return err;
    if (!touch->seen.hlc || !touch->seen.incarnation || !touch->seen.seq)
        return lia_why_set(why, LIA_EINVAL, "hlc, incarnation or seq is 0");
    if (touch->hlc > stamp.hlc) stamp.hlc = touch->hlc;
    if (lia_stamp_compare(&touch->seen, &stamp) >= 0)
        return lia_why_set(why, LIA_EINVAL, "hlc: not below that of the write itself");
    return LIA_OK;
}

static lia_err parse_touch(lia_touch *out, lia_span bytes, lia_stamp stamp, lia_why *why)
{
    touch_parts parts = {0};
    uint32_t present;
    lia_err err = LIA_READ_SLOTS(bytes, touch_slots, &parts, &present, why);
    if (err) return err;
    lia_touch *touch = &parts.touch;
    touch->has_value = LIA_HAS_SLOT(present, 6);
    if (touch->field == 0 || touch->field > NUMBER_MAX)
        return lia_why_set(why, LIA_EINVAL, "field: %u is no field number", touch->field);
    if (touch->element.size > LIA_ELEMENT_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "element: %zu bytes, at most %d", touch->element.size,
                           LIA_ELEMENT_BYTES_MAX);
    if (touch->has_value && (touch->clear || touch->element.size == 0))
        return lia_why_set(why, LIA_EINVAL, "value: only an element that is there has one");
    if (LIA_HAS_SLOT(present, 4)) {
        err = parse_seen(touch, parts.seen, stamp, why);
        if (err) return inside(why, err, "seen.");
    }
    *out = *touch;
    return LIA_OK;
}

static int compare_touches(const void *a, const void *b)
{
    const lia_touch *x = *(const lia_touch *const *)a, *y = *(const lia_touch *const *)b;
    if (x->field != y->field) return x->field < y->field ? -1 : 1;
    return lia_span_compare(x->element, y->element);
}

/* `order` is scratch for as many pointers as there are touches. */
static lia_err check_touches_differ(const lia_op *op, const lia_touch **order, lia_why *why)
{
    for (size_t i = 0; i < op->touch_count; i++) order[i] = &op->touches[i];
    lia_sort(order, op->touch_count, sizeof(*order), compare_touches);
    for (size_t i = 1; i < op->touch_count; i++)
        if (compare_touches(&order[i - 1], &order[i]) == 0)
            return lia_why_set(why, LIA_EINVAL, "touches: two for one element of field %u",
                               order[i]->field);
    return LIA_OK;
}

/* ---- ops ------------------------------------------------------------------------------------ */

static const lia_slot op_slots[] = {
    [1] = {"record", LIA_SLOT_ID, true, AT(lia_op, record)},
    [2] = {"kind", LIA_SLOT_U32, true, AT(lia_op, kind)},
    [3] = {"set", LIA_SLOT_SPAN, false, AT(lia_op, set)},
    [4] = {"touches", LIA_SLOT_MANY, false, AT(lia_op, touch_count)},
};

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The field numbers of `set`, ascending. `numbers` has room for half its bytes. */
static lia_err read_set(lia_span set, uint32_t *numbers, size_t *count, lia_why *why)
{
    lia_pb_reader reader = lia_pb_read(set);
    lia_pb_field field;
    bool ascending = true;
    size_t found = 0;
    for (; lia_pb_next(&reader, &field); found++) {
        if (found && numbers[found - 1] >= field.number) ascending = false;
        numbers[found] = field.number;
    }
    *count = found;
    if (reader.broken) return lia_why_set(why, LIA_EINVAL, "set: not a message of plain fields");
    if (ascending) return LIA_OK;
    lia_sort(numbers, found, sizeof *numbers, compare_numbers);
    for (size_t i = 1; i < found; i++)
        if (numbers[i - 1] == numbers[i])
            return lia_why_set(why, LIA_EINVAL, "set: field %u twice", numbers[i]);
    return LIA_OK;
}

static bool is_among(const uint32_t *numbers, size_t count, uint32_t wanted)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (numbers[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && numbers[low] == wanted;
}

/* A touch that qualifies a field of `set` needs it there; any other must not find it there. */
static lia_err check_touches_fit(const lia_op *op, const uint32_t *numbers, size_t count,
                                 lia_why *why)
{
    for (size_t i = 0; i < op->touch_count; i++) {
        const lia_touch *touch = &op->touches[i];
        bool qualifies = !touch->clear && touch->element.size == 0;
        if (is_among(numbers, count, touch->field) != qualifies)
            return lia_why_set(why, LIA_EINVAL, "touches[%zu]: field %u is %s set", i, touch->field,
                               qualifies ? "not in" : "also in");
    }
    return LIA_OK;
}

static lia_err check_op(const lia_op *op, lia_arena *arena, lia_why *why)
{
    size_t mark = lia_arena_mark(arena), count;
    const lia_touch **order = lia_arena_take(arena, op->touch_count * sizeof(*order));
    uint32_t *numbers = lia_arena_take(arena, op->set.size / 2 * sizeof *numbers);
    if (!order || !numbers) return LIA_EFULL;
    lia_err err = read_set(op->set, numbers, &count, why);
    if (!err && op->touch_count) {
        err = check_touches_differ(op, order, why);
        if (!err) err = check_touches_fit(op, numbers, count, why);
    }
    lia_arena_back(arena, mark);
    return err;
}

static lia_err parse_touches(lia_op *op, lia_span bytes, lia_stamp stamp, lia_arena *arena,
                             lia_why *why)
{
    op->touches = NULL;
    if (op->touch_count == 0) return LIA_OK;
    op->touches = lia_arena_take(arena, op->touch_count * sizeof *op->touches);
    if (!op->touches) return LIA_EFULL;
    lia_pb_reader reader = lia_pb_read(bytes);
    lia_pb_field field;
    for (size_t i = 0; lia_pb_next(&reader, &field);) {
        if (field.number != 4) continue;
        lia_err err = parse_touch(&op->touches[i], field.bytes, stamp, why);
        if (err) return inside(why, err, "touches[%zu].", i);
        i++;
    }
    return LIA_OK;
}

static lia_err parse_op(lia_op *op, lia_span bytes, lia_stamp stamp, lia_arena *arena, lia_why *why)
{
    uint32_t present;
    *op = (lia_op){0};
    lia_err err = LIA_READ_SLOTS(bytes, op_slots, op, &present, why);
    if (err) return err;
    if (op->kind == 0 || op->kind > UINT16_MAX)
        return lia_why_set(why, LIA_EINVAL, "kind: %u, wanted 1 to 65535", op->kind);
    err = parse_touches(op, bytes, stamp, arena, why);
    return err ? err : check_op(op, arena, why);
}

static int compare_records(const void *a, const void *b)
{
    return memcmp(&(*(const lia_op *const *)a)->record, &(*(const lia_op *const *)b)->record,
                  sizeof(lia_id));
}

static lia_err check_ops_differ(const lia_event *event, lia_arena *arena, lia_why *why)
{
    if (event->op_count < 2) return LIA_OK;
    size_t mark = lia_arena_mark(arena);
    const lia_op **order = lia_arena_take(arena, event->op_count * sizeof(*order));
    if (!order) return LIA_EFULL;
    for (size_t i = 0; i < event->op_count; i++) order[i] = &event->ops[i];
    lia_sort(order, event->op_count, sizeof(*order), compare_records);
    bool twice = false;
    for (size_t i = 1; i < event->op_count; i++)
        if (compare_records(&order[i - 1], &order[i]) == 0) twice = true;
    lia_arena_back(arena, mark);
    return twice ? lia_why_set(why, LIA_EINVAL, "ops: two for one record") : LIA_OK;
}

/* ---- body and event ------------------------------------------------------------------------- */

typedef struct body_parts {
    lia_span salt, fact;
    size_t op_count;
} body_parts;

static const lia_slot body_slots[] = {
    [1] = {"salt", LIA_SLOT_SPAN, true, AT(body_parts, salt)},
    [2] = {"ops", LIA_SLOT_MANY, false, AT(body_parts, op_count)},
    [3] = {"fact", LIA_SLOT_SPAN, false, AT(body_parts, fact)},
};

static lia_err parse_ops(lia_event *out, lia_arena *arena, lia_why *why)
{
    out->ops = lia_arena_take(arena, out->op_count * sizeof *out->ops);
    if (!out->ops) return LIA_EFULL;
    lia_stamp stamp = lia_header_stamp(&out->header);
    lia_pb_reader reader = lia_pb_read(out->body_bytes);
    lia_pb_field field;
    for (size_t i = 0; lia_pb_next(&reader, &field);) {
        if (field.number != 2) continue;
        lia_err err = parse_op(&out->ops[i], field.bytes, stamp, arena, why);
        if (err) return inside(why, err, "ops[%zu].", i);
        i++;
    }
    return check_ops_differ(out, arena, why);
}

static lia_err parse_body(lia_event *out, lia_arena *arena, lia_why *why)
{
    body_parts parts = {0};
    uint32_t present;
    lia_err err = LIA_READ_SLOTS(out->body_bytes, body_slots, &parts, &present, why);
    if (err) return err;
    if (parts.salt.size != LIA_SALT_SIZE)
        return lia_why_set(why, LIA_EINVAL, "salt: %zu bytes, wanted %d", parts.salt.size,
                           LIA_SALT_SIZE);
    if (LIA_HAS_SLOT(present, 3) && (out->header.fact == 0 || !lia_pb_valid(parts.fact)))
        return lia_why_set(why, LIA_EINVAL, "fact: not a message, or the header has no number");
    out->fact = parts.fact;
    out->op_count = parts.op_count;
    return parts.op_count ? parse_ops(out, arena, why) : LIA_OK;
}

lia_err lia_event_parse(lia_event *out, lia_span bytes, lia_arena *arena, lia_why *why)
{
    *out = (lia_event){0};
    if (bytes.size > LIA_EVENT_BYTES_MAX)
        return lia_why_set(why, LIA_EFULL, "%zu bytes, at most %zu", bytes.size,
                           LIA_EVENT_BYTES_MAX);
    lia_event_parts parts;
    lia_err err = lia_event_split(&parts, bytes, why);
    if (err) return err;
    out->header_bytes = parts.header;
    out->erased = parts.erased;
    out->body_bytes = parts.body;
    err = parse_header(&out->header, parts.header, why);
    if (err) return inside(why, err, "header.");
    if (out->erased) return LIA_OK;
    err = parse_body(out, arena, why);
    if (err == LIA_EFULL) return lia_why_set(why, err, "%s", lia_err_text(err));
    return inside(why, err, "body.");
}
