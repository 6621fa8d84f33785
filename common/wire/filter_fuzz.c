/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a kind, the length of a filter, the filter, and a message to hold against it.
 *   NOT (f) holds exactly when f does not
 *   a record without the value that the plan names does not match
 *   a filter that needs nothing beyond the record holds the same whatever lies there */
#include "common/base/assert.h"
#include "common/wire/filter.h"
#include "common/wire/pb.h"

static lia_arena arena;

static bool parse(lia_filter **filter, const lia_kind *kind, lia_span text)
{
    lia_why why = {""};
    lia_err err = lia_filter_parse(filter, kind, text, &arena, &why);
    lia_assert(!err == (*filter != NULL) && !err == !why.text[0]);
    return !err;
}

static void check_plan(const lia_filter *filter, const lia_filter_subject *subject, bool holds)
{
    lia_filter_plan plan;
    lia_pb_field found = {0};
    lia_filter_plan_make(filter, (lia_time){0}, &plan);
    if (plan.type == LIA_PLAN_ALL || !lia_pb_valid(subject->message)) return;
    if (plan.type == LIA_PLAN_CUSTOMER) return;
    bool there = lia_pb_find(subject->message, plan.field->number, &found);
    if (!there) lia_assert(!holds);
    if (plan.type != LIA_PLAN_VALUE || plan.field->repeated || !holds) return;
    if (found.wire == LIA_WIRE_BYTES) lia_assert(lia_span_equal(found.bytes, plan.value));
}

/* Another record is the same message over again; figures are large. */
static bool load(void *context, uint16_t kind, lia_id id, lia_span *message)
{
    *message = ((const lia_filter_subject *)context)->message;
    return kind && id.bytes[0] % 4;
}

static bool figure(void *context, lia_id customer, const lia_figure *wanted, int64_t *value)
{
    lia_assert(context && wanted->period_ms >= 0 && wanted->type <= LIA_FIGURE_LAST);
    *value = INT64_MAX - customer.bytes[0];
    return customer.bytes[1] % 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t kinds;
    const lia_kind *kind = lia_kinds(&kinds);
    lia_filter *filter, *opposite;
    if (size < 2 || size < 2u + data[1]) return 0;
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) return 0;
    lia_arena_reset(&arena);
    kind += data[0] % kinds;
    lia_span text = lia_span_make(data + 2, data[1]);
    lia_filter_subject subject = {.message = lia_span_make(data + 2 + data[1], size - 2 - data[1])};
    if (!parse(&filter, kind, text)) return 0;

    bool holds = lia_filter_holds(filter, &subject);
    check_plan(filter, &subject, holds);
    const lia_filter_world world = {{INT64_MAX / 2}, &subject, load, figure};
    subject.world = &world;
    bool beyond = lia_filter_holds(filter, &subject);
    if (!lia_filter_needs(filter)) lia_assert(holds == beyond);
    lia_buf negated = lia_buf_make(&arena);
    lia_buf_text(&negated, "NOT (");
    lia_buf_span(&negated, text);
    lia_buf_text(&negated, ")");
    if (parse(&opposite, kind, lia_buf_get(&negated)))
        lia_assert(lia_filter_holds(opposite, &subject) == !beyond);
    return 0;
}
