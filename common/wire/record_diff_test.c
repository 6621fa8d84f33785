/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/record.h"
#include "tests/support/test.h"

static lia_arena arena;

static void begin(void)
{
    lia_arena_fini(&arena);
    CHECK_OK(lia_arena_init(&arena, 16 << 20));
}

/* A small kind of its own: the real ones change. */
static const lia_field email_fields[] = {{.number = 1, .name = "value", .type = LIA_T_STRING},
                                         {.number = 2, .name = "label", .type = LIA_T_STRING},
                                         {.number = 3, .name = "verified", .type = LIA_T_BOOL}};
static const lia_message email = {
    .name = "Email", .fields = email_fields, .count = LIA_COUNT(email_fields)};
static const lia_field fields[] = {
    {.number = 1, .name = "name", .type = LIA_T_STRING},
    {.number = 2, .name = "size", .type = LIA_T_INT},
    {.number = 3,
     .name = "emails",
     .type = LIA_T_MESSAGE,
     .repeated = true,
     .message = &email,
     .key = 1},
    {.number = 4, .name = "tags", .type = LIA_T_STRING, .repeated = true},
    {.number = 5, .name = "numbers", .type = LIA_T_UINT, .repeated = true},
    {.number = 6, .name = "main", .type = LIA_T_MESSAGE, .message = &email},
};
static const lia_message schema = {.name = "Thing", .fields = fields, .count = LIA_COUNT(fields)};

static lia_stamp stamp_at(uint64_t hlc, uint16_t node)
{
    return (lia_stamp){.hlc = hlc, .incarnation = 7, .seq = hlc, .node = node};
}

static void put_email(lia_buf *out, uint32_t number, const char *value, const char *label)
{
    size_t opened = lia_pb_open(out, number);
    lia_pb_put_bytes(out, 1, lia_span_text(value));
    lia_pb_put_bytes(out, 2, lia_span_text(label));
    lia_pb_close(out, opened);
}

static lia_span shown(const lia_record *record)
{
    lia_buf out = lia_buf_make(&arena);
    lia_record_message(record, &schema, &out);
    CHECK(!out.failed);
    return lia_buf_get(&out);
}

static lia_op diff(const lia_record *record, lia_span after, const uint32_t *mask, size_t count,
                   lia_hlc now)
{
    lia_op op = {.record = {"0123456789abcde"}, .kind = 1};
    CHECK_OK(lia_record_diff(record, &schema, after, mask, count, now, &arena, &op));
    return op;
}

/* Makes the record show `after`, the way that a node does: build the event, parse it, join. */
static void change(lia_record *record, lia_span after, lia_hlc now, uint16_t node)
{
    lia_op op = diff(record, after, NULL, 0, now);
    lia_header header = {.node = node, .incarnation = 7, .seq = now, .hlc = now, .parts = 1};
    lia_buf out = lia_buf_make(&arena);
    CHECK_OK(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, NULL));
    lia_event event;
    CHECK_OK(lia_event_parse(&event, lia_buf_get(&out), &arena, NULL));
    CHECK_OK(lia_record_join_op(record, &event.ops[0], lia_header_stamp(&event.header), &arena));
}

static lia_span full_message(void)
{
    lia_buf out = lia_buf_make(&arena);
    lia_pb_put_bytes(&out, 1, LIA_SPAN("Ada"));
    lia_pb_put_varint(&out, 2, 300);
    put_email(&out, 3, "a@x.example", "work");
    put_email(&out, 3, "b@x.example", "home");
    lia_pb_put_bytes(&out, 4, LIA_SPAN("late"));
    lia_pb_put_bytes(&out, 4, LIA_SPAN("vip"));
    lia_pb_put_varint(&out, 5, 7);
    lia_pb_put_varint(&out, 5, 300);
    put_email(&out, 6, "main@x.example", "");
    return lia_buf_get(&out);
}

TEST(a_record_shows_what_was_written_and_writing_it_again_changes_nothing)
{
    begin();
    lia_record record = {0};
    change(&record, full_message(), 100, 1);
    CHECK_EQ(record.count, 9);
    CHECK_BYTES(shown(&record), full_message());
    lia_op op = diff(&record, full_message(), NULL, 0, 200);
    CHECK_EQ(op.set.size, 0);
    CHECK_EQ(op.touch_count, 0);
}

TEST(elements_in_any_order_packed_or_twice_mean_the_same)
{
    begin();
    lia_record record = {0};
    lia_buf out = lia_buf_make(&arena);
    lia_pb_put_bytes(&out, 4, LIA_SPAN("vip"));
    lia_pb_put_bytes(&out, 5, LIA_SPAN("\xac\x02\x07"));
    put_email(&out, 3, "b@x.example", "old");
    put_email(&out, 6, "main@x.example", "");
    lia_pb_put_bytes(&out, 4, LIA_SPAN("late"));
    put_email(&out, 3, "b@x.example", "home");
    put_email(&out, 3, "a@x.example", "work");
    lia_pb_put_bytes(&out, 4, LIA_SPAN("vip"));
    lia_pb_put_varint(&out, 2, 300);
    lia_pb_put_bytes(&out, 1, LIA_SPAN("Ada"));
    change(&record, lia_buf_get(&out), 100, 1);
    CHECK_BYTES(shown(&record), full_message());
}

TEST(only_what_changed_is_written_with_the_stamp_that_was_seen)
{
    begin();
    lia_record record = {0};
    change(&record, full_message(), 100, 1);
    lia_buf out = lia_buf_make(&arena);
    lia_pb_put_bytes(&out, 1, LIA_SPAN("Ada Lovelace"));
    lia_pb_put_varint(&out, 2, 300);
    put_email(&out, 3, "a@x.example", "work");
    put_email(&out, 3, "c@x.example", "new");
    lia_pb_put_bytes(&out, 4, LIA_SPAN("vip"));
    lia_pb_put_varint(&out, 5, 7);
    lia_pb_put_varint(&out, 5, 300);
    lia_op op = diff(&record, lia_buf_get(&out), NULL, 0, 200);
    CHECK_BYTES(op.set, LIA_SPAN("\x0a\x0c"
                                 "Ada Lovelace"));
    CHECK_EQ(op.touch_count, 5);
    static const struct {
        uint32_t field;
        const char *element;
        bool clear, saw;
    } want[] = {{1, "", false, true},
                {3, "b@x.example", true, true},
                {3, "c@x.example", false, false},
                {4, "late", true, true},
                {6, "", true, true}};
    for (size_t i = 0; i < LIA_COUNT(want); i++) {
        CHECK_EQ(op.touches[i].field, want[i].field);
        CHECK(lia_span_is(op.touches[i].element, want[i].element));
        CHECK_EQ(op.touches[i].clear, want[i].clear);
        CHECK_EQ(op.touches[i].seen.hlc, want[i].saw ? 100 : 0);
        CHECK_EQ(op.touches[i].hlc, 0);
    }
    change(&record, lia_buf_get(&out), 200, 2);
    CHECK_BYTES(shown(&record), lia_buf_get(&out));
}

TEST(only_masked_fields_are_looked_at_and_masked_absent_ones_are_cleared)
{
    begin();
    lia_record record = {0};
    change(&record, full_message(), 100, 1);
    lia_buf out = lia_buf_make(&arena);
    lia_pb_put_bytes(&out, 1, LIA_SPAN("ignored"));
    static const uint32_t mask[] = {4, 2, 77};
    lia_op op = diff(&record, lia_buf_get(&out), mask, LIA_COUNT(mask), 200);
    CHECK_EQ(op.set.size, 0);
    CHECK_EQ(op.touch_count, 3);
    for (size_t i = 0; i < 3; i++) CHECK(op.touches[i].clear);
    CHECK(op.touches[0].field == 2 && op.touches[1].field == 4 && op.touches[2].field == 4);
}

TEST(a_correction_is_stamped_above_what_it_corrects_even_from_a_faster_clock)
{
    begin();
    lia_record record = {0};
    change(&record, LIA_SPAN("\x10\x01"), 5000, 2);
    lia_op op = diff(&record, LIA_SPAN("\x10\x02"), NULL, 0, 100);
    CHECK_EQ(op.touches[0].hlc, 5001);
    change(&record, LIA_SPAN("\x10\x02"), 100, 1);
    CHECK_BYTES(shown(&record), LIA_SPAN("\x10\x02"));
}

TEST(choosing_one_of_two_settles_a_conflict_and_passing_by_does_not)
{
    begin();
    lia_record record = {0};
    static const uint32_t mask[] = {2};
    lia_op one = {.kind = 1, .set = LIA_SPAN("\x10\x01")},
           two = {.kind = 1, .set = LIA_SPAN("\x10\x02")};
    CHECK_OK(lia_record_join_op(&record, &one, stamp_at(10, 1), &arena));
    CHECK_OK(lia_record_join_op(&record, &two, stamp_at(10, 2), &arena));
    CHECK(lia_register_in_conflict(&record.registers[0]));
    CHECK_EQ(diff(&record, LIA_SPAN("\x10\x02"), NULL, 0, 20).set.size, 0);
    lia_op choice = diff(&record, LIA_SPAN("\x10\x02"), mask, 1, 20);
    CHECK_EQ(choice.set.size, 2);
    CHECK_OK(lia_record_join_op(&record, &choice, stamp_at(20, 1), &arena));
    CHECK(!lia_register_in_conflict(&record.registers[0]));
    CHECK_EQ(diff(&record, LIA_SPAN("\x10\x02"), mask, 1, 30).set.size, 0);
}

TEST(fields_that_the_schema_does_not_know_are_kept_and_shown)
{
    begin();
    lia_record record = {0};
    lia_touch tag = {.field = 90, .element = LIA_SPAN("later")};
    lia_op op = {.kind = 1, .set = LIA_SPAN("\xf8\x07\x05"), .touches = &tag, .touch_count = 1};
    CHECK_OK(lia_record_join_op(&record, &op, stamp_at(1, 1), &arena));
    CHECK_EQ(diff(&record, LIA_SPAN_NONE, NULL, 0, 5).touch_count, 0);
    CHECK_BYTES(shown(&record), LIA_SPAN("\xd2\x05\x05later\xf8\x07\x05"));
}

/* As a later release writes an e-mail: fields before, between and behind those of today. */
static void put_later_email(lia_buf *out, uint32_t number, const char *value, const char *label)
{
    size_t opened = lia_pb_open(out, number);
    lia_pb_put_bytes(out, 1, lia_span_text(value));
    lia_pb_put_bytes(out, 2, lia_span_text(label));
    lia_pb_put_varint(out, 9, 77);
    lia_pb_put_bytes(out, 10, LIA_SPAN("source"));
    lia_pb_put_bytes(out, 10, LIA_SPAN("another"));
    lia_pb_close(out, opened);
}

TEST(what_a_message_says_beyond_the_schema_stays_when_the_rest_is_written_anew)
{
    begin();
    lia_record record = {0};
    lia_buf later = lia_buf_make(&arena), after = lia_buf_make(&arena), want = lia_buf_make(&arena);
    put_later_email(&later, 3, "a@x.example", "work");
    put_later_email(&later, 6, "main@x.example", "old");
    change(&record, lia_buf_get(&later), 100, 1);
    put_email(&after, 3, "a@x.example", "home");
    put_email(&after, 3, "b@x.example", "home");
    put_email(&after, 6, "main@x.example", "new");
    change(&record, lia_buf_get(&after), 200, 2);
    put_later_email(&want, 3, "a@x.example", "home");
    put_email(&want, 3, "b@x.example", "home");
    put_later_email(&want, 6, "main@x.example", "new");
    CHECK_BYTES(shown(&record), lia_buf_get(&want));
    /* To say the known half again is no change. */
    lia_op op = diff(&record, lia_buf_get(&after), NULL, 0, 300);
    CHECK_EQ(op.set.size, 0);
    CHECK_EQ(op.touch_count, 0);
    /* An element that goes away goes away whole. */
    change(&record, LIA_SPAN_NONE, 300, 2);
    change(&record, lia_buf_get(&after), 400, 2);
    CHECK_BYTES(shown(&record), lia_buf_get(&after));
}

TEST(an_element_that_is_no_number_in_a_set_of_numbers_is_kept_but_not_shown)
{
    begin();
    lia_record record = {0};
    lia_touch touches[] = {{.field = 5, .element = LIA_SPAN("\x07")},
                           {.field = 5, .element = LIA_SPAN("\x80")},
                           {.field = 5, .element = LIA_SPAN("\x80\x01\x01")}};
    lia_op op = {.kind = 1, .touches = touches, .touch_count = 3};
    CHECK_OK(lia_record_join_op(&record, &op, stamp_at(1, 1), &arena));
    CHECK_EQ(record.count, 3);
    CHECK_BYTES(shown(&record), LIA_SPAN("\x28\x07"));
}

TEST(what_cannot_be_a_record_of_the_schema_is_refused)
{
    static const uint8_t long_name[LIA_ELEMENT_BYTES_MAX + 1] = "x";
    begin();
    lia_buf too_long = lia_buf_make(&arena);
    lia_pb_put_bytes(&too_long, 4, lia_span_make(long_name, sizeof long_name));
    const lia_span cases[] = {
        LIA_SPAN("\x0a"),                 /* cut */
        LIA_SPAN("\x08\x01"),             /* a number for a text */
        LIA_SPAN("\x12\x01x"),            /* bytes for a number */
        LIA_SPAN("\x22\x00"),             /* an element without a name */
        LIA_SPAN("\x1a\x03\x12\x01x"),    /* a message without its key */
        LIA_SPAN("\x2a\x02\x01\x80"),     /* packed and cut */
        LIA_SPAN("\x2d\x01\x00\x00\x00"), /* repeated fixed32: none of our kinds has it */
        lia_buf_get(&too_long),
    };
    lia_record none = {0};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_op op;
        if (lia_record_diff(&none, &schema, cases[i], NULL, 0, 1, &arena, &op) != LIA_EINVAL)
            fail_msg("case %zu", i);
    }
}

TEST(random_changes_always_show_what_was_asked_for)
{
    begin();
    static const char *const names[] = {"a", "b", "c", "d"};
    for (uint64_t seed = 1; seed <= 500; seed++) {
        lia_arena_reset(&arena);
        lia_dice dice = {seed};
        lia_record record = {0};
        for (lia_hlc now = 10; now < 20; now++) {
            lia_buf out = lia_buf_make(&arena);
            if (lia_dice_below(&dice, 2))
                lia_pb_put_bytes(&out, 1, lia_span_text(names[lia_dice_below(&dice, 4)]));
            if (lia_dice_below(&dice, 2)) lia_pb_put_varint(&out, 2, lia_dice_below(&dice, 3));
            for (size_t i = 0; i < 4; i++)
                if (lia_dice_below(&dice, 2))
                    put_email(&out, 3, names[i], names[lia_dice_below(&dice, 4)]);
            for (size_t i = 0; i < 4; i++)
                if (lia_dice_below(&dice, 2)) lia_pb_put_bytes(&out, 4, lia_span_text(names[i]));
            for (size_t i = 0; i < 4; i++)
                if (lia_dice_below(&dice, 2)) lia_pb_put_varint(&out, 5, i);
            change(&record, lia_buf_get(&out), now - lia_dice_below(&dice, 5), 1);
            CHECK_BYTES(shown(&record), lia_buf_get(&out));
            lia_buf row = lia_buf_make(&arena);
            lia_record_encode(&record, &row);
            CHECK_OK(lia_record_decode(&record, lia_buf_get(&row), &arena));
        }
    }
}
