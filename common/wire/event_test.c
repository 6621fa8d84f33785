/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "common/wire/event.h"
#include "common/wire/pb.h"
#include "tests/support/test.h"

static lia_arena arena;
static const uint8_t salt[16] = "salt of 16 bytes";
static const lia_id ada = {"customer-of-ada."}, task = {"task-of-somebody"};

#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

static lia_header header_of(uint64_t seq)
{
    return (lia_header){.node = 3,
                        .incarnation = 0xfeedfacecafebeef,
                        .seq = seq,
                        .hlc = lia_hlc_at(1795000000000),
                        .department = 1,
                        .parts = 1};
}

static void begin(void)
{
    lia_arena_fini(&arena);
    CHECK_OK(lia_arena_init(&arena, 4 << 20));
}

static lia_span built(const lia_header *header, const lia_op *ops, size_t count, lia_span fact)
{
    lia_buf out = lia_buf_make(&arena);
    CHECK_OK(lia_event_build(&out, header, ops, count, fact, salt));
    return lia_buf_get(&out);
}

TEST(an_event_reads_back_as_it_was_built)
{
    begin();
    lia_header header = header_of(7);
    header.fact = 2;
    header.command = task;
    header.request = 99;
    header.part = 1;
    header.parts = 3;
    header.actor = 12;
    header.cause = (lia_position){.node = 4, .incarnation = 5, .seq = 6};
    header.depth = 2;
    header.customer = ada;
    header.quiet = true;
    CHECK_OK(lia_trace_parse(LIA_SPAN(TRACE "-01"), &header.trace));
    lia_stamp seen = {.hlc = header.hlc, .incarnation = 1, .seq = 2, .node = 9};
    lia_touch touches[] = {
        {.field = 2, .seen = seen, .hlc = header.hlc + 1},
        {.field = 7,
         .element = LIA_SPAN("a@x.example"),
         .has_value = true,
         .value = LIA_SPAN("\x0a\x01x")},
        {.field = 9, .clear = true},
        {.field = 12, .element = LIA_SPAN("vip")},
        {.field = 12, .element = LIA_SPAN("zeta"), .clear = true},
    };
    lia_op ops[] = {
        {.record = ada,
         .kind = 1,
         .set = LIA_SPAN("\x12\x03"
                         "Ada"),
         .touches = touches,
         .touch_count = 5},
        {.record = task, .kind = 3, .set = LIA_SPAN("\x30\x01")},
    };
    lia_span bytes = built(&header, ops, 2, LIA_SPAN("\x08\x01"));

    lia_event got;
    lia_why why = {""};
    lia_err err = lia_event_parse(&got, bytes, &arena, &why);
    if (err) fail_msg("%s", why.text);
    CHECK_EQ(memcmp(&got.header, &header, sizeof header), 0);
    CHECK_EQ(got.erased, false);
    CHECK_EQ(got.op_count, 2);
    CHECK_BYTES(got.fact, LIA_SPAN("\x08\x01"));
    CHECK(lia_id_equal(got.ops[0].record, ada));
    CHECK_BYTES(got.ops[0].set, ops[0].set);
    CHECK_EQ(got.ops[0].touch_count, 5);
    for (size_t i = 0; i < 5; i++) {
        const lia_touch *touch = &got.ops[0].touches[i];
        CHECK_EQ(touch->field, touches[i].field);
        CHECK_EQ(touch->clear, touches[i].clear);
        CHECK_EQ(touch->has_value, touches[i].has_value);
        CHECK_EQ(touch->hlc, touches[i].hlc);
        CHECK_BYTES(touch->element, touches[i].element);
        CHECK_BYTES(touch->value, touches[i].value);
        CHECK_EQ(lia_stamp_compare(&touch->seen, &touches[i].seen), 0);
    }
    lia_header alone;
    CHECK_OK(lia_event_parse_header(&alone, bytes));
    CHECK_EQ(memcmp(&alone, &header, sizeof header), 0);
}

/* The log pays for what somebody follows, and for nothing else: 27 bytes of a header that the chain
 * covers. */
TEST(an_event_remembers_its_trace_only_when_that_is_sampled)
{
    begin();
    lia_header header = header_of(7), got;
    lia_hash without, with;
    lia_span plain = built(&header, NULL, 0, LIA_SPAN_NONE);
    CHECK_OK(lia_trace_parse(LIA_SPAN(TRACE "-00"), &header.trace));
    CHECK_BYTES(built(&header, NULL, 0, LIA_SPAN_NONE), plain);
    CHECK_OK(lia_event_parse_header(&got, plain));
    CHECK(lia_trace_is_none(&got.trace));

    CHECK_OK(lia_trace_parse(LIA_SPAN(TRACE "-01"), &header.trace));
    lia_span traced = built(&header, NULL, 0, LIA_SPAN_NONE);
    CHECK_EQ(traced.size, plain.size + 3 + LIA_TRACE_ID_SIZE + LIA_TRACE_SPAN_SIZE);
    CHECK_OK(lia_event_parse_header(&got, traced));
    CHECK(lia_trace_equal(&got.trace, &header.trace));
    CHECK_OK(lia_event_leaf(plain, &without));
    CHECK_OK(lia_event_leaf(traced, &with));
    CHECK(!lia_hash_equal(&without, &with));

    lia_buf erased = lia_buf_make(&arena);
    CHECK_OK(lia_event_erase(&erased, traced));
    CHECK_OK(lia_event_parse_header(&got, lia_buf_get(&erased)));
    CHECK(lia_trace_equal(&got.trace, &header.trace));
    CHECK_OK(lia_event_leaf(lia_buf_get(&erased), &without));
    CHECK(lia_hash_equal(&without, &with));
}

TEST(stamps_order_by_time_then_node_then_incarnation_then_number)
{
    static const lia_stamp ascending[] = {
        {.hlc = 1, .node = 9, .incarnation = 9, .seq = 9},
        {.hlc = 2, .node = 1, .incarnation = 9, .seq = 9},
        {.hlc = 2, .node = 2, .incarnation = 1, .seq = 9},
        {.hlc = 2, .node = 2, .incarnation = 2, .seq = 1},
        {.hlc = 2, .node = 2, .incarnation = 2, .seq = 2},
    };
    for (size_t i = 0; i < LIA_COUNT(ascending); i++)
        for (size_t j = 0; j < LIA_COUNT(ascending); j++) {
            int order = lia_stamp_compare(&ascending[i], &ascending[j]);
            CHECK_EQ(order, i < j ? -1 : i > j);
        }
}

/* ---- what is refused ------------------------------------------------------------------------ */

/* A header as raw fields, one of them replaced: number, wire, payload. */
static void put_raw_header(lia_buf *out, const lia_pb_field *other)
{
    static const lia_pb_field plain[] = {
        {1, LIA_WIRE_VARINT, 0, {(const uint8_t *)"\x01", 1}},
        {2, LIA_WIRE_VARINT, 0, {(const uint8_t *)"\x03", 1}},
        {3, LIA_WIRE_FIXED64, 0, {(const uint8_t *)"incarnat", 8}},
        {4, LIA_WIRE_VARINT, 0, {(const uint8_t *)"\x01", 1}},
        {5, LIA_WIRE_FIXED64, 0, {(const uint8_t *)"hlchlchl", 8}},
    };
    size_t opened = lia_pb_open(out, 1);
    for (size_t i = 0; i < LIA_COUNT(plain); i++)
        if (plain[i].number != other->number)
            lia_pb_put_raw(out, plain[i].number, plain[i].wire, plain[i].bytes);
    if (other->bytes.data) lia_pb_put_raw(out, other->number, other->wire, other->bytes);
    lia_pb_close(out, opened);
}

static void put_raw_body(lia_buf *out, lia_span rest)
{
    size_t opened = lia_pb_open(out, 2);
    lia_pb_put_bytes(out, 1, lia_span_make(salt, 16));
    lia_buf_span(out, rest);
    lia_pb_close(out, opened);
}

static void check_refused(lia_span bytes, lia_err want, const char *place)
{
    lia_event event;
    lia_why why = {""};
    lia_err err = lia_event_parse(&event, bytes, &arena, &why);
    if (err != want || strncmp(why.text, place, strlen(place)) != 0)
        fail_msg("wanted %s \"%s\", got %s \"%s\"", lia_err_name(want), place, lia_err_name(err),
                 why.text);
}

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)("" text), sizeof(text) - 1                                               \
    }

TEST(a_header_that_breaks_a_rule_is_refused_with_its_place)
{
    static const struct {
        lia_pb_field other;
        lia_err want;
        const char *place;
    } cases[] = {
        {{99, LIA_WIRE_BYTES, 0, BYTES("newer")}, LIA_OK, ""},
        {{1, LIA_WIRE_VARINT, 0, {NULL, 0}}, LIA_EINVAL, "header.version: absent"},
        {{1, LIA_WIRE_VARINT, 0, BYTES("\x02")}, LIA_EVERSION, "header.version: 2"},
        {{1, LIA_WIRE_VARINT, 0, BYTES("\x00")}, LIA_EINVAL, "header.version"},
        {{2, LIA_WIRE_VARINT, 0, BYTES("\x00")}, LIA_EINVAL, "header.origin: 0, wanted"},
        {{2, LIA_WIRE_VARINT, 0, BYTES("\x80\x80\x04")}, LIA_EINVAL, "header.origin: 65536"},
        {{2, LIA_WIRE_FIXED32, 0, BYTES("four")}, LIA_EINVAL, "header.origin: wire type 5"},
        {{3, LIA_WIRE_FIXED64, 0, BYTES("\0\0\0\0\0\0\0\0")}, LIA_EINVAL, "header.version, inc"},
        {{4, LIA_WIRE_VARINT, 0, BYTES("\x00")}, LIA_EINVAL, "header."},
        {{5, LIA_WIRE_FIXED64, 0, {NULL, 0}}, LIA_EINVAL, "header.hlc: absent"},
        {{8, LIA_WIRE_BYTES, 0, BYTES("15 bytes long..")}, LIA_EINVAL, "header.command: 15 by"},
        {{15, LIA_WIRE_BYTES, 0, BYTES("")}, LIA_EINVAL, "header.customer: 0 bytes, wanted 16"},
        {{15, LIA_WIRE_BYTES, 0, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
         LIA_EINVAL,
         "header.customer: 16 zero"},
        {{10, LIA_WIRE_VARINT, 0, BYTES("\x01")}, LIA_EINVAL, "header.part: 1 of 1"},
        {{11, LIA_WIRE_VARINT, 0, BYTES("\x00")}, LIA_EINVAL, "header.part: 0 of 0"},
        {{12, LIA_WIRE_VARINT, 0, BYTES("\xff\xff\xff\xff\x10")}, LIA_EINVAL, "header.actor"},
        {{13, LIA_WIRE_BYTES, 0, BYTES("\x08\x01")}, LIA_EINVAL, "header.cause.incarnation: abs"},
        {{13, LIA_WIRE_BYTES, 0, BYTES("\x08")}, LIA_EINVAL, "header.cause.not a message"},
        {{17, LIA_WIRE_BYTES, 0, BYTES("trace of 16 bytespan of8")}, LIA_OK, ""},
        {{17, LIA_WIRE_BYTES, 0, BYTES("trace of 16 bytespan of.9")},
         LIA_EINVAL,
         "header.trace: 25"},
        {{17, LIA_WIRE_BYTES, 0, BYTES("")}, LIA_EINVAL, "header.trace: 0 bytes, wanted 24"},
        {{17, LIA_WIRE_BYTES, 0, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0span of8")},
         LIA_EINVAL,
         "header.trace: all 0"},
        {{17, LIA_WIRE_VARINT, 0, BYTES("\x01")}, LIA_EINVAL, "header.trace: wire type"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        lia_buf out = lia_buf_make(&arena);
        put_raw_header(&out, &cases[i].other);
        lia_header header;
        CHECK_ERR(lia_event_parse_header(&header, lia_buf_get(&out)), cases[i].want);
        put_raw_body(&out, LIA_SPAN_NONE);
        check_refused(lia_buf_get(&out), cases[i].want, cases[i].place);
    }
}

#define RECORD                                                                                     \
    "\x0a\x10"                                                                                     \
    "record of 16 b.."                                                                             \
    "\x10\x01"

/* A body with one op: its raw fields after record and kind. */
TEST(an_op_that_breaks_a_rule_is_refused_with_its_place)
{
    static const struct {
        lia_span op;
        const char *place; /* NULL: fine */
    } cases[] = {
        {BYTES(RECORD), NULL},
        {BYTES(RECORD "\x1a\x02\x08\x01"), NULL},
        {BYTES(RECORD "\x7a\x01x"), NULL}, /* a field of a newer release */
        {BYTES("\x10\x01"), "body.ops[0].record: absent"},
        {BYTES("\x0a\x0f"
               "record of 15 b."
               "\x10\x01"),
         "body.ops[0].record: 15 bytes, wanted 16"},
        {BYTES("\x0a\x10"
               "record of 16 b.."),
         "body.ops[0].kind: absent"},
        {BYTES("\x0a\x10"
               "record of 16 b.."
               "\x10\x00"),
         "body.ops[0].kind: 0"},
        {BYTES("\x0a\x10"
               "record of 16 b.."
               "\x10\x80\x80\x04"),
         "body.ops[0].kind: 65536"},
        {BYTES(RECORD RECORD), "body.ops[0].record: twice"},
        {BYTES(RECORD "\x1a\x01\x08"), "body.ops[0].set: not a message"},
        {BYTES(RECORD "\x1a\x02\x0b\x0c"), "body.ops[0].set: not a message"},
        {BYTES(RECORD "\x1a\x04\x08\x01\x08\x02"), "body.ops[0].set: field 1 twice"},
        {BYTES(RECORD "\x1a\x06\x10\x01\x08\x02\x10\x03"), "body.ops[0].set: field 2 twice"},
        /* a touch of field 1: with and without the field in set */
        {BYTES(RECORD "\x1a\x02\x08\x01\x22\x02\x08\x01"), NULL},
        {BYTES(RECORD "\x22\x02\x08\x01"), "body.ops[0].touches[0]: field 1 is not in set"},
        {BYTES(RECORD "\x22\x04\x08\x01\x18\x01"), NULL},
        {BYTES(RECORD "\x1a\x02\x08\x01\x22\x04\x08\x01\x18\x01"),
         "body.ops[0].touches[0]: field 1 is also in set"},
        {BYTES(RECORD "\x1a\x02\x08\x01\x22\x05\x08\x01\x12\x01x"),
         "body.ops[0].touches[0]: field 1 is also in set"},
        {BYTES(RECORD "\x22\x05\x08\x01\x12\x01x"), NULL},
        {BYTES(RECORD "\x22\x05\x08\x01\x12\x01x\x22\x05\x08\x01\x12\x01x"),
         "body.ops[0].touches: two for one element of field 1"},
        {BYTES(RECORD "\x22\x05\x08\x01\x12\x01x\x22\x05\x08\x01\x12\x01y"), NULL},
        {BYTES(RECORD "\x22\x05\x08\x01\x12\x01z\x22\x05\x08\x01\x12\x01y"), NULL},
        {BYTES(RECORD "\x22\x05\x08\x01\x32\x01x"), "body.ops[0].touches[0].value: only"},
        {BYTES(RECORD "\x22\x0a\x08\x01\x12\x01x\x18\x01\x32\x01x"),
         "body.ops[0].touches[0].value: only"},
        {BYTES(RECORD "\x22\x02\x08\x00"), "body.ops[0].touches[0].field: 0"},
        {BYTES(RECORD "\x22\x04\x08\x01\x18\x02"), "body.ops[0].touches[0].clear: 2"},
        {BYTES(RECORD "\x22\x03\x12\x01x"), "body.ops[0].touches[0].field: absent"},
        {BYTES(RECORD "\x22\x06\x08\x01\x18\x01\x22\x00"),
         "body.ops[0].touches[0].seen.hlc: absent"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        lia_buf out = lia_buf_make(&arena), op = lia_buf_make(&arena);
        lia_pb_put_bytes(&op, 2, cases[i].op);
        put_raw_header(&out, &(lia_pb_field){.number = 99});
        put_raw_body(&out, lia_buf_get(&op));
        check_refused(lia_buf_get(&out), cases[i].place ? LIA_EINVAL : LIA_OK,
                      cases[i].place ? cases[i].place : "");
    }
}

TEST(an_event_without_its_parts_is_refused)
{
    begin();
    lia_buf header = lia_buf_make(&arena), out = lia_buf_make(&arena);
    put_raw_header(&header, &(lia_pb_field){.number = 99});
    check_refused(LIA_SPAN_NONE, LIA_EINVAL, "header: absent");
    check_refused(lia_buf_get(&header), LIA_EINVAL, "body: wanted either");

    lia_buf_span(&out, lia_buf_get(&header));
    lia_pb_put_bytes(&out, 2, LIA_SPAN_NONE);
    check_refused(lia_buf_get(&out), LIA_EINVAL, "body.salt: absent");
    lia_pb_put_bytes(&out, 3, lia_span_make(salt, 16));
    check_refused(lia_buf_get(&out), LIA_EINVAL, "body: wanted either");

    out = lia_buf_make(&arena);
    lia_buf_span(&out, lia_buf_get(&header));
    lia_pb_put_bytes(&out, 3, lia_span_make(salt, 16));
    check_refused(lia_buf_get(&out), LIA_EINVAL, "body_hash: 16 bytes");
    lia_header got;
    CHECK_ERR(lia_event_parse_header(&got, LIA_SPAN("\x08\x01")), LIA_EINVAL);
    CHECK_ERR(lia_event_parse_header(&got, LIA_SPAN_NONE), LIA_EINVAL);
}

TEST(every_cut_of_an_event_is_refused)
{
    begin();
    lia_header header = header_of(1);
    lia_touch touch = {.field = 12, .element = LIA_SPAN("vip")};
    lia_op op = {.record = ada, .kind = 1, .touches = &touch, .touch_count = 1};
    lia_span bytes = built(&header, &op, 1, LIA_SPAN_NONE);
    for (size_t size = 0; size < bytes.size; size++) {
        lia_event event;
        CHECK(lia_event_parse(&event, lia_span_make(bytes.data, size), &arena, NULL));
    }
}

TEST(two_ops_for_one_record_and_oversized_things_are_not_built)
{
    static const uint8_t big[LIA_EVENT_BYTES_MAX];
    begin();
    lia_header header = header_of(1);
    lia_op ops[] = {
        {.record = ada, .kind = 1}, {.record = task, .kind = 3}, {.record = ada, .kind = 1}};
    lia_buf out = lia_buf_make(&arena);
    CHECK_ERR(lia_event_build(&out, &header, ops, 3, LIA_SPAN_NONE, salt), LIA_EINVAL);
    CHECK_OK(lia_event_build(&out, &header, ops, 2, LIA_SPAN_NONE, salt));

    lia_touch touch = {.field = 1, .element = lia_span_make(big, LIA_ELEMENT_BYTES_MAX)};
    lia_op op = {.record = ada, .kind = 1, .touches = &touch, .touch_count = 1};
    out = lia_buf_make(&arena);
    CHECK_OK(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, salt));
    touch.element.size++;
    CHECK_ERR(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, salt), LIA_EINVAL);
    touch.element.size = 1;
    touch.has_value = true;
    touch.value = lia_span_make(big, sizeof big);
    CHECK_ERR(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, salt), LIA_EFULL);
    header.seq = 0;
    CHECK_ERR(lia_event_build(&out, &header, NULL, 0, LIA_SPAN_NONE, salt), LIA_EINVAL);
    CHECK(!out.failed);
}

TEST(a_write_must_stand_above_what_it_saw)
{
    begin();
    lia_header header = header_of(5);
    lia_stamp own = lia_header_stamp(&header);
    lia_touch touch = {.field = 1, .clear = true, .seen = own};
    lia_op op = {.record = ada, .kind = 1, .touches = &touch, .touch_count = 1};
    lia_buf out = lia_buf_make(&arena);
    CHECK_ERR(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, salt), LIA_EINVAL);
    touch.hlc = own.hlc + 1;
    CHECK_OK(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, salt));
    touch.hlc = 0;
    touch.seen.seq--;
    CHECK_OK(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, salt));
}

/* ---- chain and erasure ---------------------------------------------------------------------- */

TEST(erasing_keeps_header_leaf_and_size_and_leaves_nothing_of_the_body)
{
    for (size_t note = 1; note < 400; note++) {
        begin();
        uint8_t text[400];
        memset(text, 'p', sizeof text);
        lia_buf set = lia_buf_make(&arena), out = lia_buf_make(&arena),
                again = lia_buf_make(&arena);
        lia_pb_put_bytes(&set, 2, lia_span_make(text, note));
        lia_header header = header_of(note);
        lia_op op = {.record = ada, .kind = 1, .set = lia_buf_get(&set)};
        lia_span bytes = built(&header, &op, 1, LIA_SPAN_NONE);
        CHECK_OK(lia_event_erase(&out, bytes));
        lia_span erased = lia_buf_get(&out);

        CHECK_EQ(erased.size, bytes.size);
        lia_hash before, after;
        CHECK_OK(lia_event_leaf(bytes, &before));
        CHECK_OK(lia_event_leaf(erased, &after));
        CHECK(lia_hash_equal(&before, &after));
        lia_event event;
        CHECK_OK(lia_event_parse(&event, erased, &arena, NULL));
        CHECK(event.erased && event.op_count == 0 && event.body_bytes.size == 0);
        CHECK_EQ(memcmp(&event.header, &header, sizeof header), 0);
        CHECK(memmem(erased.data, erased.size, salt, sizeof salt) == NULL);
        CHECK_OK(lia_event_erase(&again, erased));
        CHECK_BYTES(lia_buf_get(&again), erased);
    }
}

TEST(a_body_smaller_than_its_hash_grows_when_erased)
{
    begin();
    lia_header header = header_of(1);
    lia_span bytes = built(&header, NULL, 0, LIA_SPAN_NONE);
    lia_buf out = lia_buf_make(&arena);
    CHECK_OK(lia_event_erase(&out, bytes));
    CHECK_EQ(out.size, bytes.size - 20 + 34);
    lia_event event;
    CHECK_OK(lia_event_parse(&event, lia_buf_get(&out), &arena, NULL));
}

TEST(the_chain_depends_on_every_byte_of_header_and_body)
{
    begin();
    lia_header header = header_of(1);
    lia_op op = {.record = ada, .kind = 1, .set = LIA_SPAN("\x08\x01")};
    lia_span bytes = built(&header, &op, 1, LIA_SPAN_NONE);
    lia_hash leaf, other, start = {{0}};
    CHECK_OK(lia_event_leaf(bytes, &leaf));
    lia_hash one = lia_chain_next(&start, &leaf), two = lia_chain_next(&one, &leaf);
    CHECK(!lia_hash_equal(&one, &two));
    uint8_t *copy = (uint8_t *)lia_arena_copy(&arena, bytes).data;
    size_t changed = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        copy[i] ^= 1;
        if (lia_event_leaf(lia_span_make(copy, bytes.size), &other) ||
            !lia_hash_equal(&leaf, &other))
            changed++;
        copy[i] ^= 1;
    }
    CHECK_EQ(changed, bytes.size);
    CHECK_ERR(lia_event_leaf(LIA_SPAN("x"), &leaf), LIA_EINVAL);
}

TEST(salts_are_fresh)
{
    begin();
    lia_header header = header_of(1);
    lia_buf a = lia_buf_make(&arena), b = lia_buf_make(&arena);
    CHECK_OK(lia_event_build(&a, &header, NULL, 0, LIA_SPAN_NONE, NULL));
    CHECK_OK(lia_event_build(&b, &header, NULL, 0, LIA_SPAN_NONE, NULL));
    CHECK(!lia_span_equal(lia_buf_get(&a), lia_buf_get(&b)));
}

/* ---- samples -------------------------------------------------------------------------------- */

#define SAMPLES_MAX 16

/* The events of a file of samples: hex lines, # begins a comment. */
static size_t read_samples(const char *name, lia_span samples[SAMPLES_MAX])
{
    char path[512], line[16384];
    snprintf(path, sizeof path, "%s/tests/data/%s", LIA_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("cannot open %s", path);
    size_t count = 0;
    while (fgets(line, sizeof line, file)) {
        lia_span hex = lia_span_make(line, strcspn(line, "\n"));
        if (line[0] == '#' || hex.size == 0) continue;
        CHECK(count < SAMPLES_MAX);
        uint8_t *bytes = lia_arena_take(&arena, hex.size / 2);
        CHECK_OK(lia_hex_parse(hex, bytes, hex.size / 2));
        samples[count++] = lia_span_make(bytes, hex.size / 2);
    }
    fclose(file);
    return count;
}

/* What release 1 wrote is read for ever, and its chain stays what it was. */
TEST(samples_of_release_1_are_read_and_chain_to_the_same_hash)
{
    static const struct {
        size_t ops, touches;
        uint32_t fact;
        bool erased;
    } want[] = {
        {1, 2, 2, false}, {1, 0, 10, false}, {1, 4, 1, false}, {0, 0, 1, true}, {2, 0, 0, false}};
    begin();
    lia_span samples[SAMPLES_MAX];
    CHECK_EQ(read_samples("events-v1.txt", samples), LIA_COUNT(want));
    lia_hash chain = {{0}}, leaf;
    lia_event event;
    for (size_t i = 0; i < LIA_COUNT(want); i++) {
        lia_why why = {""};
        if (lia_event_parse(&event, samples[i], &arena, &why)) fail_msg("%zu: %s", i, why.text);
        CHECK_EQ(event.header.seq, i + 1);
        CHECK_EQ(event.header.fact, want[i].fact);
        CHECK_EQ(event.erased, want[i].erased);
        CHECK_EQ(event.op_count, want[i].ops);
        if (want[i].ops) CHECK_EQ(event.ops[0].touch_count, want[i].touches);
        CHECK_OK(lia_event_leaf(samples[i], &leaf));
        chain = lia_chain_next(&chain, &leaf);
    }
    CHECK_EQ(event.header.parts, 2);
    CHECK_EQ(event.header.cause.seq, 77);
    char hex[2 * LIA_HASH_SIZE + 1];
    lia_hex_print(LIA_SPAN_OF(chain), hex);
    CHECK_TEXT(hex, "e5b34d67d4d77c25251f17ace4f6915f698b50230217758dd5cae7a9a40f9463");
}
