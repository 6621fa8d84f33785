/* SPDX-License-Identifier: Apache-2.0 */
/* Two rows and a message: a, b = u16 sizes, then their bytes, the rest is the message. Rows that
 * decode must join the same way round and read back; an op made by the diff must make the record
 * show what was asked for. */
#include "common/base/assert.h"
#include "common/wire/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lia_arena arena;

static const lia_field item_fields[] = {{.number = 1, .name = "value", .type = LIA_T_STRING}};
static const lia_message item = {.name = "Item", .fields = item_fields, .count = 1};
static const lia_field fields[] = {
    {.number = 1, .name = "name", .type = LIA_T_STRING},
    {.number = 2, .name = "state", .type = LIA_T_ENUM, .merge = LIA_MERGE_HIGHEST},
    {.number = 3,
     .name = "items",
     .type = LIA_T_MESSAGE,
     .repeated = true,
     .message = &item,
     .key = 1},
    {.number = 4, .name = "tags", .type = LIA_T_STRING, .repeated = true},
    {.number = 5, .name = "numbers", .type = LIA_T_UINT, .repeated = true},
};
static const lia_message schema = {.name = "Thing", .fields = fields, .count = LIA_COUNT(fields)};

static lia_span row_of(const lia_record *record)
{
    lia_buf out = lia_buf_make(&arena);
    lia_record_encode(record, &out);
    lia_assert(!out.failed);
    return lia_buf_get(&out);
}

static lia_span take(lia_span *rest)
{
    if (rest->size < 2) return LIA_SPAN_NONE;
    size_t size = lia_get_u16(rest->data);
    *rest = lia_span_skip(*rest, 2);
    if (size > rest->size) size = rest->size;
    lia_span taken = lia_span_make(rest->data, size);
    *rest = lia_span_skip(*rest, size);
    return taken;
}

static void check_join(lia_span a, lia_span b)
{
    lia_record x, y, left, right;
    if (lia_record_decode(&x, a, &arena) || lia_record_decode(&y, b, &arena)) return;
    lia_assert(!lia_record_decode(&left, row_of(&x), &arena));
    lia_assert(lia_span_equal(row_of(&left), row_of(&x)));
    lia_assert(!lia_record_decode(&right, row_of(&y), &arena));
    lia_assert(!lia_record_join(&left, &y, &arena) && !lia_record_join(&right, &x, &arena));
    lia_span want = row_of(&left);
    lia_assert(lia_span_equal(want, row_of(&right)));
    lia_assert(!lia_record_join(&left, &x, &arena) && !lia_record_join(&left, &right, &arena));
    lia_assert(lia_span_equal(want, row_of(&left)));
}

static void check_diff(lia_span row, lia_span after)
{
    lia_record record;
    lia_op op = {0}, again = {0};
    if (lia_record_decode(&record, row, &arena)) return;
    lia_stamp top = lia_record_top(&record);
    if (top.hlc > UINT64_MAX / 2) return;
    if (lia_record_diff(&record, &schema, after, NULL, 0, 5, &arena, &op)) return;
    lia_stamp stamp = {.hlc = top.hlc + 1, .incarnation = 1, .seq = 1, .node = 1};
    lia_assert(!lia_record_join_op(&record, &op, stamp, &arena));
    lia_assert(!lia_record_diff(&record, &schema, after, NULL, 0, 5, &arena, &again));
    lia_assert(again.set.size == 0 && again.touch_count == 0);
    lia_buf message = lia_buf_make(&arena);
    lia_record_message(&record, &schema, &message);
    lia_assert(lia_pb_valid(lia_buf_get(&message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!arena.base && lia_arena_init(&arena, 256 << 20)) return 0;
    lia_arena_reset(&arena);
    lia_span rest = lia_span_make(data, size), a = take(&rest), b = take(&rest);
    check_join(a, b);
    check_diff(a, rest);
    return 0;
}
