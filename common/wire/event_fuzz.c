/* SPDX-License-Identifier: Apache-2.0 */
/* Parses any bytes. Whatever parses must chain, erase, be built again and join into a record whose
 * row reads back. */
#include "common/base/assert.h"
#include "common/wire/event.h"
#include "common/wire/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lia_arena arena;

static void check_erasing(lia_span bytes, const lia_event *event)
{
    lia_hash before, after;
    lia_buf out = lia_buf_make(&arena);
    lia_event erased;
    lia_assert(!lia_event_leaf(bytes, &before));
    lia_assert(!lia_event_erase(&out, bytes));
    if (out.size > LIA_EVENT_BYTES_MAX) return; /* a tiny body in a huge event */
    lia_assert(!lia_event_leaf(lia_buf_get(&out), &after));
    lia_assert(lia_hash_equal(&before, &after));
    lia_assert(!lia_event_parse(&erased, lia_buf_get(&out), &arena, NULL) && erased.erased);
    lia_assert(memcmp(&erased.header, &event->header, sizeof event->header) == 0);
}

static void check_building(const lia_event *event)
{
    static const uint8_t salt[16] = "salt";
    lia_buf out = lia_buf_make(&arena);
    lia_err err =
        lia_event_build(&out, &event->header, event->ops, event->op_count, event->fact, salt);
    lia_assert(err == LIA_OK || err == LIA_EFULL);
    lia_event again;
    if (err) return;
    lia_assert(!lia_event_parse(&again, lia_buf_get(&out), &arena, NULL));
    lia_assert(memcmp(&again.header, &event->header, sizeof again.header) == 0);
    lia_assert(again.op_count == event->op_count && lia_span_equal(again.fact, event->fact));
}

static void check_joining(const lia_op *op, lia_stamp stamp)
{
    lia_record record = {0}, back;
    lia_buf row = lia_buf_make(&arena), again = lia_buf_make(&arena),
            message = lia_buf_make(&arena);
    lia_assert(!lia_record_join_op(&record, op, stamp, &arena));
    lia_assert(!lia_record_join_op(&record, op, stamp, &arena));
    lia_record_encode(&record, &row);
    lia_assert(!lia_record_decode(&back, lia_buf_get(&row), &arena));
    lia_record_encode(&back, &again);
    lia_assert(!row.failed && lia_span_equal(lia_buf_get(&row), lia_buf_get(&again)));
    lia_record_message(&back, NULL, &message);
    lia_assert(lia_pb_valid(lia_buf_get(&message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!arena.base && (lia_crypto_init() || lia_arena_init(&arena, 256 << 20))) return 0;
    lia_arena_reset(&arena);
    lia_span bytes = lia_span_make(data, size);
    lia_header header;
    lia_event event;
    lia_why why = {""};
    lia_err alone = lia_event_parse_header(&header, bytes);
    lia_err err = lia_event_parse(&event, bytes, &arena, &why);
    lia_assert(!err == !why.text[0]);
    if (err) return 0;
    lia_assert(!alone && memcmp(&header, &event.header, sizeof header) == 0);
    check_erasing(bytes, &event);
    if (!event.erased) check_building(&event);
    for (size_t i = 0; i < event.op_count; i++)
        check_joining(&event.ops[i], lia_header_stamp(&header));
    return 0;
}
