/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/pb.h"
#include "tests/support/test.h"

static lia_arena arena;

static lia_buf fresh(void)
{
    lia_arena_fini(&arena);
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    return lia_buf_make(&arena);
}

TEST(a_varint_reads_back_and_is_refused_when_cut_or_above_64_bits)
{
    static const uint64_t values[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < LIA_COUNT(values); i++) {
        uint8_t bytes[10];
        size_t size = lia_varint_put(bytes, values[i]);
        uint64_t got;
        CHECK_EQ(lia_varint_get(lia_span_make(bytes, size), &got), size);
        CHECK_EQ(got, values[i]);
        CHECK_EQ(lia_varint_get(lia_span_make(bytes, size - 1), &got), 0);
    }
    uint64_t got;
    CHECK_EQ(lia_varint_get(LIA_SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), &got), 0);
    CHECK_EQ(lia_varint_get(LIA_SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), &got), 0);
    CHECK_EQ(lia_varint_get(LIA_SPAN("\x80\x00"), &got), 2); /* longer than needed is allowed */
    CHECK_EQ(got, 0);
}

TEST(fields_read_back_as_they_were_written)
{
    lia_buf out = fresh();
    lia_pb_put_varint(&out, 1, 150);
    lia_pb_put_fixed64(&out, 2, UINT64_C(0x0102030405060708));
    lia_pb_put_bytes(&out, (1 << 29) - 1, LIA_SPAN("liaison"));
    lia_pb_put_raw(&out, 3, LIA_WIRE_FIXED32, LIA_SPAN("\x01\x00\x00\x80"));
    lia_pb_put_bytes(&out, 4, LIA_SPAN_NONE);

    lia_pb_reader reader = lia_pb_read(lia_buf_get(&out));
    lia_pb_field field;
    CHECK(lia_pb_next(&reader, &field));
    CHECK(field.number == 1 && field.wire == LIA_WIRE_VARINT && field.value == 150);
    CHECK_BYTES(field.bytes, LIA_SPAN("\x96\x01"));
    CHECK(lia_pb_next(&reader, &field));
    CHECK(field.number == 2 && field.wire == LIA_WIRE_FIXED64);
    CHECK_EQ(field.value, UINT64_C(0x0102030405060708));
    CHECK(lia_pb_next(&reader, &field));
    CHECK_EQ(field.number, (1 << 29) - 1);
    CHECK_BYTES(field.bytes, LIA_SPAN("liaison"));
    CHECK(lia_pb_next(&reader, &field));
    CHECK(field.wire == LIA_WIRE_FIXED32 && field.value == UINT64_C(0x80000001));
    CHECK(lia_pb_next(&reader, &field));
    CHECK(field.number == 4 && field.bytes.size == 0);
    CHECK(!lia_pb_next(&reader, &field));
    CHECK(!reader.broken);
}

TEST(what_is_not_a_message_ends_the_walk_as_broken)
{
    static const struct {
        const char *what;
        lia_span bytes;
    } cases[] = {
        {"field number 0", {(const uint8_t *)"\x00\x01", 2}},
        {"field number 2^29", {(const uint8_t *)"\x80\x80\x80\x80\x10\x01", 6}},
        {"a group begins", {(const uint8_t *)"\x0b\x0c", 2}},
        {"wire type 6", {(const uint8_t *)"\x0e\x01", 2}},
        {"bytes beyond the end", {(const uint8_t *)"\x0a\x02x", 3}},
        {"a length near 2^64",
         {(const uint8_t *)"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}},
        {"fixed64 cut", {(const uint8_t *)"\x09\x01\x02\x03", 4}},
        {"fixed32 cut", {(const uint8_t *)"\x0d\x01\x02\x03", 4}},
        {"a tag alone", {(const uint8_t *)"\x08", 1}},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        if (lia_pb_valid(cases[i].bytes)) fail_msg("accepted: %s", cases[i].what);
        lia_pb_field field;
        CHECK(!lia_pb_find(cases[i].bytes, 1, &field));
    }
    CHECK(lia_pb_valid(LIA_SPAN_NONE));
}

TEST(the_last_occurrence_of_a_field_counts)
{
    lia_buf out = fresh();
    lia_pb_put_varint(&out, 1, 7);
    lia_pb_put_varint(&out, 2, 8);
    lia_pb_put_varint(&out, 1, 9);
    lia_pb_field field;
    CHECK(lia_pb_find(lia_buf_get(&out), 1, &field));
    CHECK_EQ(field.value, 9);
    CHECK(!lia_pb_find(lia_buf_get(&out), 3, &field));
}

TEST(nested_messages_get_their_length_when_they_are_closed)
{
    static const uint8_t big[300];
    lia_buf out = fresh();
    size_t outer = lia_pb_open(&out, 1), inner = lia_pb_open(&out, 2);
    lia_pb_put_bytes(&out, 3, lia_span_make(big, sizeof big));
    lia_pb_close(&out, inner);
    lia_pb_close(&out, lia_pb_open(&out, 4));
    lia_pb_close(&out, outer);

    lia_pb_field field;
    CHECK(lia_pb_find(lia_buf_get(&out), 1, &field));
    lia_span inside = field.bytes;
    CHECK(lia_pb_find(inside, 4, &field) && field.bytes.size == 0);
    CHECK(lia_pb_find(inside, 2, &field));
    CHECK(lia_pb_find(field.bytes, 3, &field));
    CHECK_BYTES(field.bytes, lia_span_make(big, sizeof big));
}

TEST(a_full_arena_leaves_the_buffer_failed)
{
    lia_arena_fini(&arena);
    CHECK_OK(lia_arena_init(&arena, 4096));
    lia_buf out = lia_buf_make(&arena);
    static const uint8_t big[5000];
    lia_pb_put_bytes(&out, 1, lia_span_make(big, sizeof big));
    CHECK(out.failed);
    lia_pb_put_varint(&out, 1, 1);
    CHECK(out.failed);
}
