/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/id.h"

#include "tests/support/test.h"

TEST(ids_of_one_process_increase_even_when_the_clock_steps_back)
{
    lia_id last = lia_id_make(1000000);
    for (int64_t i = 0; i < 10000; i++) {
        lia_id next = lia_id_make(1000000 - i % 7);
        CHECK(memcmp(&last, &next, sizeof last) < 0);
        last = next;
    }
}

TEST(an_id_carries_its_millisecond_version_and_variant)
{
    lia_id id = lia_id_make(INT64_C(1790000000123));
    CHECK_EQ(lia_get_u64(id.bytes) >> 16, INT64_C(1790000000123));
    CHECK_EQ(id.bytes[6] >> 4, 7);
    CHECK_EQ(id.bytes[8] >> 6, 2);
}

TEST(text_of_an_id_reads_back_and_anything_else_is_refused)
{
    char text[LIA_ID_TEXT_SIZE];
    lia_id id = lia_id_make(42), back;
    lia_id_print(id, text);
    CHECK_OK(lia_id_parse(lia_span_text(text), &back));
    CHECK(lia_id_equal(id, back));
    static const char *const bad[] = {"", "x", "0190a5d0-0000-7000-8000-00000000000",
                                      "0190a5d0-0000-7000-8000-00000000000g",
                                      "0190a5d000000-7000-8000-000000000000"};
    for (size_t i = 0; i < LIA_COUNT(bad); i++)
        CHECK_ERR(lia_id_parse(lia_span_text(bad[i]), &back), LIA_EINVAL);
}

TEST(a_derived_id_can_sort_by_a_time)
{
    int64_t ms = 0;
    lia_id a = lia_id_derive_at("test", LIA_SPAN("one"), 1700000000000),
           b = lia_id_derive_at("test", LIA_SPAN("one"), 1700000000001),
           c = lia_id_derive_at("test", LIA_SPAN("two"), 1700000000000);
    CHECK(lia_id_time(a, &ms) && ms == 1700000000000);
    CHECK(memcmp(a.bytes, b.bytes, LIA_ID_SIZE) < 0);
    CHECK(!lia_id_equal(a, c));
    CHECK(lia_id_equal(a, lia_id_derive_at("test", LIA_SPAN("one"), 1700000000000)));
    lia_id like = lia_id_derive_like("test", LIA_SPAN("three"), b);
    CHECK(memcmp(like.bytes, b.bytes, 6) == 0 && !lia_id_time(like, &ms));
}

TEST(a_derived_id_depends_on_the_seed_alone)
{
    lia_id a = lia_id_derive("test", LIA_SPAN("one")), b = lia_id_derive("test", LIA_SPAN("one"));
    lia_id c = lia_id_derive("test", LIA_SPAN("two")), d = lia_id_derive("tost", LIA_SPAN("one"));
    CHECK(lia_id_equal(a, b));
    CHECK(!lia_id_equal(a, c));
    CHECK(!lia_id_equal(a, d));
}
