/* SPDX-License-Identifier: Apache-2.0 */
/* Walks any bytes, rewrites the fields found and walks again: the same fields must come back. */
#include "common/base/assert.h"
#include "common/wire/pb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const lia_pb_field *a, const lia_pb_field *b)
{
    return a->number == b->number && a->wire == b->wire && a->value == b->value &&
           lia_span_equal(a->bytes, b->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base && lia_arena_init(&arena, 16 << 20)) return 0;
    lia_arena_reset(&arena);

    lia_buf out = lia_buf_make(&arena);
    lia_pb_reader reader = lia_pb_read(lia_span_make(data, size));
    lia_pb_field field, again;
    while (lia_pb_next(&reader, &field)) {
        size_t before = out.size;
        lia_pb_put_raw(&out, field.number, field.wire, field.bytes);
        lia_assert(!out.failed);
        lia_pb_reader back = lia_pb_read(lia_span_skip(lia_buf_get(&out), before));
        lia_assert(lia_pb_next(&back, &again) && same(&field, &again) && back.rest.size == 0);
    }
    lia_assert(lia_pb_valid(lia_buf_get(&out)));
    lia_assert(lia_pb_valid(lia_span_make(data, size)) == !reader.broken);
    return 0;
}
