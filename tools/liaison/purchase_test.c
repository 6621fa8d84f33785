/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/purchase.h"

#include <stdio.h>

#include "tests/support/test.h"
#include "tools/liaison/known.h"
#include "tools/liaison/natural.h"

static lia_err from_cdnow(lia_purchase *out, const char *line, lia_why *why)
{
    return lia_purchase_from_cdnow(out, lia_span_text(line), why);
}

TEST(a_line_of_cdnow_is_read)
{
    lia_purchase purchase;
    lia_why why;
    CHECK_OK(from_cdnow(&purchase, " 00004 19970118  2   29.33\r", &why));
    CHECK_BYTES(purchase.customer, LIA_SPAN("00004"));
    CHECK_EQ(purchase.when.ms, lia_days_from_date(1997, 1, 18) * LIA_DAY_MS);
    CHECK_EQ(purchase.quantity, 2);
    CHECK_EQ(purchase.amount.amount_minor, 2933);
    CHECK_TEXT(purchase.amount.currency, "USD");
}

TEST(the_heading_and_blank_lines_are_no_purchases)
{
    lia_purchase purchase;
    lia_why why;
    CHECK_ERR(from_cdnow(&purchase, "", &why), LIA_EABSENT);
    CHECK_ERR(from_cdnow(&purchase, " \r", &why), LIA_EABSENT);
    CHECK_ERR(from_cdnow(&purchase, " customer_id  date number_of_cds  dollar_value", &why),
              LIA_EABSENT);
}

TEST(a_broken_line_of_cdnow_names_its_column)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"00004 19970118 2", "four columns are wanted: customer, date, number of CDs, amount"},
        {"00004 19970118 2 29.33 x", "more than four columns"},
        {"00004 19970231 2 29.33", "date: '19970231' is no date like 19970131"},
        {"00004 1997-1-18 2 29.33", "date: '1997-1-18' is no date like 19970131"},
        {"00004 19970118 two 29.33", "quantity: 'two' is no whole number"},
        {"00004 19970118 -2 29.33", "quantity: '-2' is no whole number"},
        {"00004 19970118 2 29.333", "amount: '29.333' is no amount"},
        {"00004 19970118 2 1e9", "amount: '1e9' is no amount"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_purchase purchase;
        lia_why why = {{0}};
        CHECK_ERR(from_cdnow(&purchase, cases[i].line, &why), LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].says);
    }
}

TEST(csv_columns_are_found_by_their_names)
{
    const lia_span names[] = {LIA_SPAN("amount"), LIA_SPAN("customer"), LIA_SPAN("currency"),
                              LIA_SPAN("date")};
    const lia_span cells[] = {LIA_SPAN("1500"), LIA_SPAN("K 7"), LIA_SPAN("JPY"),
                              LIA_SPAN("2025-03-01T10:00:00+09:00")};
    lia_purchase_columns columns;
    lia_purchase purchase;
    lia_why why = {{0}};
    CHECK_OK(lia_purchase_columns_find(&columns, names, 4, &why));
    CHECK_OK(lia_purchase_from_csv(&purchase, &columns, cells, 4, &why));
    CHECK_BYTES(purchase.customer, LIA_SPAN("K 7"));
    CHECK_EQ(purchase.amount.amount_minor, 1500);
    CHECK_TEXT(purchase.amount.currency, "JPY");
    CHECK_EQ(purchase.quantity, 0);
    CHECK_ERR(lia_purchase_from_csv(&purchase, &columns, cells, 3, &why), LIA_EINVAL);
    CHECK_TEXT(why.text, "3 cells, but the header has 4");
    CHECK_ERR(lia_purchase_columns_find(&columns, names, 3, &why), LIA_EINVAL);
    CHECK_TEXT(why.text, "the header names no column 'date'");
}

TEST(json_purchases_take_numbers_and_texts)
{
    lia_arena arena;
    lia_purchase purchase;
    lia_why why = {{0}};
    CHECK_OK(lia_arena_init(&arena, 65536));
    CHECK_OK(lia_purchase_from_json(
        &purchase, LIA_SPAN("{\"customer\":17,\"date\":\"20250301\",\"amount\":11.77}"), &arena,
        &why));
    CHECK_BYTES(purchase.customer, LIA_SPAN("17"));
    CHECK_EQ(purchase.amount.amount_minor, 1177);
    CHECK_ERR(lia_purchase_from_json(&purchase, LIA_SPAN("[1]"), &arena, &why), LIA_EINVAL);
    CHECK_TEXT(why.text, "column 1: an object is wanted");
    CHECK_ERR(lia_purchase_from_json(&purchase, LIA_SPAN("{\"customer\":"), &arena, &why),
              LIA_EINVAL);
    lia_arena_fini(&arena);
}

TEST(a_second_purchase_on_one_day_has_a_key_of_its_own)
{
    lia_known *known;
    lia_arena arena;
    bool is_new;
    CHECK_OK(lia_arena_init(&arena, 65536));
    CHECK_OK(lia_known_open(&known));
    size_t index = lia_known_add(known, LIA_SPAN("00002"), &is_new);
    CHECK(is_new);
    static const struct {
        int32_t day;
        const char *key;
    } cases[] = {{9873, "cdnow:00002:19970112:1"},
                 {9873, "cdnow:00002:19970112:2"},
                 {9900, "cdnow:00002:19970208:1"},
                 {9873, "cdnow:00002:19970112:3"},
                 {9000, "cdnow:00002:19940823:1"}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_buf key = lia_buf_make(&arena);
        lia_purchase_put_key(&key, "cdnow", lia_known_name(known, index),
                             (lia_time){cases[i].day * LIA_DAY_MS},
                             lia_known_count(known, index, cases[i].day));
        CHECK_BYTES(lia_buf_get(&key), lia_span_text(cases[i].key));
    }
    lia_known_close(known);
    lia_arena_fini(&arena);
}

TEST(a_hundred_thousand_customers_are_told_apart)
{
    lia_known *known;
    bool is_new;
    char name[16];
    CHECK_OK(lia_known_open(&known));
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 100000; i++) {
            snprintf(name, sizeof name, "%05u", i);
            CHECK_EQ(lia_known_add(known, lia_span_text(name), &is_new), i);
            CHECK_EQ(is_new, round == 0);
        }
    lia_known_close(known);
}

static bool same_key(const char *source, uint64_t line, const char *text, const char *want)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 65536));
    lia_buf key = lia_buf_make(&arena);
    lia_natural_of_row(&key, source, line, lia_span_text(text));
    bool same = lia_span_is(lia_buf_get(&key), want);
    lia_arena_fini(&arena);
    return same;
}

TEST(a_row_without_a_name_is_known_by_its_place_and_content)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 65536));
    lia_buf key = lia_buf_make(&arena);
    lia_natural_of_row(&key, "a.csv", 7, LIA_SPAN("x,y"));
    lia_buf_byte(&key, 0);
    CHECK(same_key("a.csv", 7, "x,y", (char *)key.data));
    CHECK(!same_key("a.csv", 8, "x,y", (char *)key.data));
    CHECK(!same_key("a.csv", 7, "x,z", (char *)key.data));
    CHECK(!same_key("b.csv", 7, "x,y", (char *)key.data));
    lia_arena_fini(&arena);
}

TEST(a_source_is_named_after_its_file)
{
    char source[16];
    lia_natural_source(source, sizeof source, "/tmp/My Export (1).CSV");
    CHECK_TEXT(source, "my-export--1-.c");
}
