/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/class.h"

#include <stdlib.h>

#include "tests/support/test.h"

TEST(a_size_bucket_is_exact_below_128_and_then_1_6_per_cent_wide)
{
    static const struct {
        int64_t value;
        uint32_t want;
    } cases[] = {
        {INT64_MIN, 0},
        {-5, 0},
        {0, 0},
        {1, 1},
        {63, 63},
        {64, 64},
        {127, 127},
        {128, 128},
        {129, 128},
        {130, 129},
        {255, 191},
        {256, 192},
        {INT64_MAX, 56 * 64 + 127},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_EQ(lia_size_bucket(cases[i].value), cases[i].want);
    CHECK(lia_size_bucket(INT64_MAX) < LIA_SIZE_BUCKETS);
}

TEST(a_larger_value_never_has_a_lower_bucket)
{
    lia_dice dice = {42};
    for (size_t i = 0; i < 20000; i++) {
        int64_t a = (int64_t)(lia_dice_next(&dice) >> (2 + lia_dice_below(&dice, 61)));
        int64_t b = a + (int64_t)lia_dice_below(&dice, (uint64_t)(a / 50 + 2));
        CHECK(lia_size_bucket(a) <= lia_size_bucket(b));
        if (b - a > a / 64 + 1) CHECK(lia_size_bucket(a) < lia_size_bucket(b));
    }
}

TEST(a_day_bucket_is_the_day)
{
    static const struct {
        int64_t ms;
        uint32_t want;
    } cases[] = {
        {-1, 0}, {0, 0}, {LIA_DAY_MS - 1, 0}, {LIA_DAY_MS, 1}, {INT64_MAX, LIA_DAY_BUCKETS - 1}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_EQ(lia_day_bucket((lia_time){cases[i].ms}), cases[i].want);
}

static lia_tally tally(uint32_t purchases, int64_t spent, int64_t day)
{
    return (lia_tally){spent, day * LIA_DAY_MS, purchases, "USD"};
}

static lia_thresholds thresholds_of(const lia_tally *tallies, size_t count)
{
    lia_population *population = calloc(1, sizeof *population);
    for (size_t i = 0; i < count; i++) lia_population_add(population, &tallies[i]);
    CHECK_EQ(population->count, count);
    lia_thresholds thresholds;
    lia_thresholds_of(&thresholds, population);
    free(population);
    return thresholds;
}

TEST(ten_different_customers_make_five_pairs)
{
    lia_tally tallies[10];
    for (uint32_t i = 0; i < 10; i++) tallies[i] = tally(i + 1, (int64_t)(i + 1) * 1000, i);
    lia_thresholds thresholds = thresholds_of(tallies, 10);
    for (uint32_t i = 0; i < 10; i++) {
        lia_scores got = lia_score(&thresholds, &tallies[i]);
        CHECK_EQ(got.frequency, i / 2 + 1);
        CHECK_EQ(got.money, i / 2 + 1);
        CHECK_EQ(got.recency, i / 2 + 1);
    }
}

/* When half of all have bought once, once is 1 and twice is 3. */
TEST(equal_customers_have_equal_scores_and_a_score_may_be_passed_over)
{
    static const uint32_t purchases[10] = {1, 1, 1, 1, 1, 2, 2, 3, 4, 9};
    static const uint8_t want[10] = {1, 1, 1, 1, 1, 3, 3, 4, 5, 5};
    lia_tally tallies[10];
    for (size_t i = 0; i < 10; i++) tallies[i] = tally(purchases[i], 100, 5);
    lia_thresholds thresholds = thresholds_of(tallies, 10);
    for (size_t i = 0; i < 10; i++) {
        lia_scores got = lia_score(&thresholds, &tallies[i]);
        CHECK_EQ(got.frequency, want[i]);
        CHECK_EQ(got.money, 1);
        CHECK_EQ(got.recency, 1);
    }
}

/* The definition, counted the slow way. */
TEST(scores_are_what_the_definition_says)
{
    enum { COUNT = 500 };
    lia_dice dice = {99};
    lia_tally tallies[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        tallies[i] = tally(1 + (uint32_t)lia_dice_below(&dice, 12),
                           (int64_t)lia_dice_below(&dice, 100), (int64_t)lia_dice_below(&dice, 60));
    lia_thresholds thresholds = thresholds_of(tallies, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        unsigned want = 1;
        for (unsigned p = 1; p <= 4; p++) {
            int64_t threshold = -1;
            for (int64_t value = 0; threshold < 0; value++) {
                unsigned not_above = 0;
                for (size_t j = 0; j < COUNT; j++) not_above += tallies[j].spent <= value;
                if (not_above * 5 >= COUNT * p) threshold = value;
            }
            want += threshold < tallies[i].spent;
        }
        CHECK_EQ(lia_score(&thresholds, &tallies[i]).money, want);
    }
}

TEST(fewer_than_five_customers_are_all_in_the_middle)
{
    lia_tally tallies[5];
    for (uint32_t i = 0; i < 5; i++) tallies[i] = tally(i + 1, (int64_t)(i + 1) * 1000, i);
    for (size_t count = 0; count <= 5; count++) {
        lia_thresholds thresholds = thresholds_of(tallies, count);
        for (size_t i = 0; i < 5; i++) {
            lia_scores got = lia_score(&thresholds, &tallies[i]);
            CHECK_EQ(got.recency, count < 5 ? 3 : i + 1);
            CHECK_EQ(got.frequency, count < 5 ? 3 : i + 1);
            CHECK_EQ(got.money, count < 5 ? 3 : i + 1);
        }
    }
}

TEST(every_score_has_a_class)
{
    static const struct {
        lia_scores scores;
        const char *want;
    } cases[] = {
        {{5, 5, 5}, "champion"},
        {{4, 4, 4}, "champion"},
        {{5, 5, 3}, "loyal"},
        {{3, 4, 5}, "loyal"},
        {{4, 2, 5}, "big spender"},
        {{5, 1, 1}, "new"},
        {{4, 1, 2}, "promising"},
        {{5, 3, 2}, "promising"},
        {{3, 2, 3}, "regular"},
        {{2, 5, 1}, "at risk"},
        {{1, 1, 5}, "at risk"},
        {{2, 2, 2}, "sleeping"},
        {{1, 3, 4}, "lost"},
        {{0, 0, 0}, ""},
        {{6, 1, 1}, ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(lia_class_name(lia_class_of(cases[i].scores)), cases[i].want);
    for (uint8_t r = 1; r <= 5; r++)
        for (uint8_t f = 1; f <= 5; f++)
            for (uint8_t m = 1; m <= 5; m++)
                CHECK(lia_class_of((lia_scores){r, f, m}) != LIA_CLASS_NONE);
}
