/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a kind, the length of a filter, the filter, and a message to hold against it.
 *   NOT (f) holds exactly when f does not
 *   a record without the value that lia_filter_equality names does not match */
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

static void check_equality(const lia_filter *filter, const lia_filter_subject *subject, bool holds)
{
    const lia_field *field;
    lia_span value;
    lia_pb_field found = {0};
    if (!lia_filter_equality(filter, &field, &value) || !lia_pb_valid(subject->message)) return;
    bool there = lia_pb_find(subject->message, field->number, &found);
    if (found.wire == LIA_WIRE_BYTES && holds)
        lia_assert(there && lia_span_equal(found.bytes, value));
    if (!there) lia_assert(!holds);
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
    check_equality(filter, &subject, holds);
    lia_buf negated = lia_buf_make(&arena);
    lia_buf_text(&negated, "NOT (");
    lia_buf_span(&negated, text);
    lia_buf_text(&negated, ")");
    if (parse(&opposite, kind, lia_buf_get(&negated)))
        lia_assert(lia_filter_holds(opposite, &subject) == !holds);
    return 0;
}
