/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/golden.h"

#include "tests/support/test.h"

static lia_arena arena;

/* Node 1 is sales', 2 marketing's ... */
static lia_department department(const void *context, uint16_t node)
{
    (void)context;
    return (lia_department)node;
}

static const lia_kind *kind(void)
{
    return lia_kind_find(LIA_CUSTOMER);
}

static void fresh(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 8 << 20));
    lia_arena_reset(&arena);
}

static uint32_t number_of(const char *field)
{
    return lia_field_by_name(kind()->message, lia_span_text(field))->number;
}

/* Writes a text at a node and a time. */
static void write_text(lia_record *record, const char *field, const char *text, uint16_t node,
                       int64_t ms)
{
    lia_buf set = lia_buf_make(&arena);
    lia_pb_put_bytes(&set, number_of(field), lia_span_text(text));
    lia_op op = {.kind = LIA_CUSTOMER, .set = lia_buf_get(&set)};
    CHECK_OK(lia_record_join_op(record, &op, (lia_stamp){lia_hlc_at(ms), 7, (uint64_t)ms, node},
                                &arena));
}

/* Adds an element to a set of messages whose key is field 1 and whose label is field 2. */
static void write_element(lia_record *record, const char *field, const char *key, const char *label,
                          uint16_t node, int64_t ms)
{
    lia_buf value = lia_buf_make(&arena);
    lia_pb_put_bytes(&value, 1, lia_span_text(key));
    if (label) lia_pb_put_bytes(&value, 2, lia_span_text(label));
    lia_touch touch = {.field = number_of(field),
                       .element = lia_span_text(key),
                       .has_value = true,
                       .value = lia_buf_get(&value)};
    lia_op op = {.kind = LIA_CUSTOMER, .touches = &touch, .touch_count = 1};
    CHECK_OK(lia_record_join_op(record, &op, (lia_stamp){lia_hlc_at(ms), 7, (uint64_t)ms, node},
                                &arena));
}

static void write_tag(lia_record *record, const char *tag, uint16_t node, int64_t ms)
{
    lia_touch touch = {.field = number_of("tags"), .element = lia_span_text(tag)};
    lia_op op = {.kind = LIA_CUSTOMER, .touches = &touch, .touch_count = 1};
    CHECK_OK(lia_record_join_op(record, &op, (lia_stamp){lia_hlc_at(ms), 7, (uint64_t)ms, node},
                                &arena));
}

static void archive(lia_record *record, int64_t ms)
{
    lia_buf set = lia_buf_make(&arena);
    lia_pb_put_varint(&set, kind()->archived->number, 1);
    lia_op op = {.kind = LIA_CUSTOMER, .set = lia_buf_get(&set)};
    CHECK_OK(
        lia_record_join_op(record, &op, (lia_stamp){lia_hlc_at(ms), 7, (uint64_t)ms, 1}, &arena));
}

static lia_golden make(const lia_record *records, size_t count)
{
    lia_golden golden;
    CHECK_OK(lia_golden_make(&golden, records, count, kind(), department, NULL, &arena));
    return golden;
}

static void check_text(const lia_golden *golden, const char *field, const char *want)
{
    lia_pb_field found;
    bool has = lia_pb_find(golden->message, number_of(field), &found);
    CHECK_EQ(has, want != NULL);
    if (want) CHECK(lia_span_is(found.bytes, want));
}

TEST(the_owners_value_counts_and_then_the_latest)
{
    static const struct {
        const char *field;
        struct {
            uint16_t node;
            int64_t ms;
        } a, b;
        char want;
    } cases[] = {
        {"name", {LIA_SALES, 10}, {LIA_MARKETING, 20}, 'b'},
        {"name", {LIA_SALES, 30}, {LIA_MARKETING, 20}, 'a'},
        {"job_title", {LIA_SALES, 10}, {LIA_MARKETING, 20}, 'a'},
        {"job_title", {LIA_SERVICE, 30}, {LIA_MARKETING, 20}, 'a'},
        {"job_title", {LIA_SALES, 10}, {LIA_SALES, 20}, 'b'},
        {"contact_hours", {LIA_SALES, 10}, {LIA_SERVICE, 5}, 'b'},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        for (size_t swap = 0; swap < 2; swap++) {
            fresh();
            lia_record records[2] = {0};
            size_t a = swap, b = 1 - swap;
            write_text(&records[a], cases[i].field, "a", cases[i].a.node, cases[i].a.ms);
            write_text(&records[b], cases[i].field, "b", cases[i].b.node, cases[i].b.ms);
            lia_golden golden = make(records, 2);
            char want[2] = {cases[i].want};
            check_text(&golden, cases[i].field, want);
            CHECK_EQ(golden.count, 1);
            CHECK_EQ(golden.values[0].member, cases[i].want == 'a' ? a : b);
            CHECK_EQ(golden.other_count, 1);
            CHECK_EQ(golden.others[0].member, cases[i].want == 'a' ? b : a);
        }
    }
}

TEST(sets_are_joined_and_an_element_of_two_is_the_later_one)
{
    fresh();
    lia_record records[3] = {0};
    write_element(&records[0], "emails", "mei@example.com", "work", 1, 10);
    write_element(&records[1], "emails", "mei@example.com", "home", 2, 20);
    write_element(&records[2], "emails", "tan@example.com", NULL, 3, 5);
    write_tag(&records[0], "vip", 1, 10);
    write_tag(&records[2], "vip", 1, 10);
    write_tag(&records[1], "new", 1, 10);
    lia_golden golden = make(records, 3);
    CHECK_EQ(golden.count, 4); /* two mailboxes, two tags */
    CHECK_EQ(golden.values[0].member, 1);
    CHECK_EQ(golden.values[1].member, 2);
    CHECK_EQ(golden.other_count, 1); /* the other label; a tag that two have is no difference */
    CHECK_EQ(golden.others[0].member, 0);
}

TEST(what_members_agree_on_is_no_difference_and_what_one_lacks_neither)
{
    fresh();
    lia_record records[3] = {0};
    write_text(&records[0], "name", "Mei Tan", 1, 10);
    write_text(&records[1], "name", "Mei Tan", 2, 20);
    write_text(&records[2], "note", "likes looms", 3, 1);
    lia_golden golden = make(records, 3);
    check_text(&golden, "name", "Mei Tan");
    check_text(&golden, "note", "likes looms");
    check_text(&golden, "website", NULL);
    CHECK_EQ(golden.other_count, 0);
}

TEST(a_customer_is_archived_when_all_its_records_are)
{
    fresh();
    lia_record records[2] = {0};
    lia_pb_field found;
    write_text(&records[0], "name", "Mei", 1, 10);
    write_text(&records[1], "name", "Mei", 1, 10);
    archive(&records[0], 20);
    lia_golden golden = make(records, 2);
    CHECK(!lia_pb_find(golden.message, kind()->archived->number, &found));
    archive(&records[1], 30);
    golden = make(records, 2);
    CHECK(lia_pb_find(golden.message, kind()->archived->number, &found) && found.value);
    CHECK_EQ(golden.other_count, 0);
}

/* Random members with random values, in every rotation and reversed: the same message. */
TEST(the_order_of_the_members_does_not_matter)
{
    static const char *const fields[] = {"name", "given_name", "job_title", "contact_hours",
                                         "note"};
    enum { MEMBERS = 6 };
    lia_dice dice = {4};
    for (size_t round = 0; round < 200; round++) {
        fresh();
        lia_record records[MEMBERS] = {0};
        for (size_t i = 0; i < 25; i++) {
            lia_record *record = &records[lia_dice_below(&dice, MEMBERS)];
            char *text = lia_arena_text(&arena, "%u", (unsigned)lia_dice_below(&dice, 4));
            uint16_t node = (uint16_t)(1 + lia_dice_below(&dice, 4));
            int64_t ms = (int64_t)(round * 100 + i);
            if (lia_dice_below(&dice, 4) == 0)
                write_element(record, "emails", text, i % 2 ? "a" : "b", node, ms);
            else
                write_text(record, fields[lia_dice_below(&dice, LIA_COUNT(fields))], text, node,
                           ms);
        }
        lia_golden first = make(records, MEMBERS);
        for (size_t turn = 1; turn < 2 * MEMBERS; turn++) {
            lia_record turned[MEMBERS];
            for (size_t i = 0; i < MEMBERS; i++) {
                size_t from = (i + turn) % MEMBERS;
                turned[turn < MEMBERS ? i : MEMBERS - 1 - i] = records[from];
            }
            lia_golden again = make(turned, MEMBERS);
            CHECK_BYTES(again.message, first.message);
            CHECK_EQ(again.other_count, first.other_count);
        }
    }
}
