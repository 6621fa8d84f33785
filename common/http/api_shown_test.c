/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_inner.h"

#include <stdlib.h>

#include "tests/support/test.h"

enum { NAME = 2, TAGS = 12 }; /* of Customer, proto/crm.proto */

static const lia_members members = {
    .list = {{.number = 1, .name = "sales"}, {.number = 2, .name = "service"}}, .count = 2};
static const lia_api api = {.members = &members};

static lia_stamp stamp_of(int64_t second, uint16_t node, uint64_t seq)
{
    return (lia_stamp){lia_hlc_at(1767312000000 + second * 1000), 7, seq, node};
}

/* A customer whose name sales and service have written without knowing of one another. */
static lia_shown make_customer(lia_register *registers)
{
    registers[0] =
        (lia_register){.field = NAME,
                       .live = {{stamp_of(2, 2, 9), false, LIA_WIRE_BYTES, LIA_SPAN("Mei Tan")},
                                {stamp_of(1, 1, 4), false, LIA_WIRE_BYTES, LIA_SPAN("Mai Tan")}},
                       .count = 2};
    registers[1] =
        (lia_register){.field = TAGS,
                       .element = LIA_SPAN("vip"),
                       .live = {{stamp_of(4, 1, 6), false, LIA_WIRE_BYTES, LIA_SPAN_NONE},
                                {stamp_of(3, 2, 10), true, LIA_WIRE_BYTES, LIA_SPAN_NONE}},
                       .count = 2};
    return (lia_shown){.kind = lia_kind_find(LIA_CUSTOMER), .record = {registers, 2, 2}};
}

static const char *print(lia_arena *arena, const lia_shown *shown, unsigned parts)
{
    lia_buf out = lia_buf_make(arena);
    lia_shown_put_object(&out, &api, shown, parts);
    lia_buf_byte(&out, 0);
    CHECK(!out.failed);
    return (const char *)out.data;
}

TEST(values_that_contradict_one_another_are_listed_with_who_wrote_them)
{
    lia_arena arena;
    lia_register registers[2];
    lia_shown shown = make_customer(registers);
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    const char *text = print(&arena, &shown, LIA_SHOW_CONFLICTS);
    const char *conflicts = strstr(text, "\"conflicts\"");
    CHECK(conflicts != NULL);
    CHECK_TEXT(conflicts, "\"conflicts\":{\"name\":["
                          "{\"value\":\"Mei "
                          "Tan\",\"at\":\"2026-01-02T00:00:02.000Z\",\"node\":\"service\","
                          "\"position\":\"2/0000000000000007/9\"},"
                          "{\"value\":\"Mai "
                          "Tan\",\"at\":\"2026-01-02T00:00:01.000Z\",\"node\":\"sales\","
                          "\"position\":\"1/0000000000000007/4\"}]}}");
    CHECK(strstr(print(&arena, &shown, 0), "conflicts") == NULL);
    lia_arena_fini(&arena);
}

TEST(history_names_the_last_writer_of_what_is_shown)
{
    lia_arena arena;
    lia_register registers[2];
    lia_shown shown = make_customer(registers);
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    const char *fields = strstr(print(&arena, &shown, LIA_SHOW_HISTORY), "\"fields\"");
    CHECK(fields != NULL);
    CHECK_TEXT(fields,
               "\"fields\":{"
               "\"name\":{\"at\":\"2026-01-02T00:00:02.000Z\",\"node\":\"service\",\"seq\":9},"
               "\"tags\":{\"at\":\"2026-01-02T00:00:04.000Z\",\"node\":\"sales\",\"seq\":6}}}");
    lia_arena_fini(&arena);
}

TEST(a_version_reads_back_as_it_was_printed)
{
    static const char *const texts[] = {"",
                                        "-",
                                        "yesterday",
                                        "01a2-7-1-2",
                                        "01a2011d9ae10187-aea775422dd407f6-70000-1",
                                        "01a2011d9ae10187-aea775422dd407f6-1-"};
    char text[LIA_VERSION_TEXT_SIZE];
    lia_stamp back, stamp = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT16_MAX};
    lia_version_print(&stamp, text);
    CHECK_OK(lia_version_parse(lia_span_text(text), &back));
    CHECK_EQ(lia_stamp_compare(&stamp, &back), 0);
    for (size_t i = 0; i < LIA_COUNT(texts); i++)
        CHECK_ERR(lia_version_parse(lia_span_text(texts[i]), &back), LIA_EINVAL);
}

TEST(a_position_reads_back_as_it_was_printed)
{
    static const char *const texts[] = {"",
                                        "1",
                                        "1/2/3",
                                        "1/0123456789abcdef/",
                                        "99999/0123456789abcdef/1",
                                        "1/0123456789abcdef/1/"};
    char text[LIA_POSITION_TEXT_SIZE];
    lia_position back, position = {0x0123456789abcdef, UINT64_MAX, UINT16_MAX};
    lia_position_print(position, text);
    CHECK_OK(lia_position_parse(lia_span_text(text), &back));
    CHECK_EQ(back.node, position.node);
    CHECK_EQ(back.incarnation, position.incarnation);
    CHECK_EQ(back.seq, position.seq);
    for (size_t i = 0; i < LIA_COUNT(texts); i++)
        CHECK_ERR(lia_position_parse(lia_span_text(texts[i]), &back), LIA_EINVAL);
}
