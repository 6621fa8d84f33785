/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/spread.h"

#include <stdlib.h>

#include "tests/support/test.h"

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Against the sorted list itself, over all sizes that there are. */
TEST(a_quantile_is_right_to_a_thirty_second)
{
    enum { COUNT = 20000 };
    static uint64_t all[COUNT];
    static lia_spread spread, half;
    lia_dice dice = {7};
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = lia_dice_next(&dice) >> (33 + lia_dice_below(&dice, 31));
        lia_spread_add(i % 2 ? &spread : &half, all[i]);
    }
    lia_spread_join(&spread, &half);
    CHECK_EQ(spread.count, COUNT);
    qsort(all, COUNT, sizeof *all, compare);
    for (double share = 0.001; share < 1; share += 0.0007) {
        uint64_t want = all[(size_t)(share * COUNT)], got = lia_spread_at(&spread, share);
        uint64_t below = all[(size_t)(share * COUNT) > 1 ? (size_t)(share * COUNT) - 1 : 0];
        CHECK(got + 1 >= below && got <= want + want / 32 + 1);
    }
    CHECK_EQ(lia_spread_at(&spread, 1), all[COUNT - 1]);
}

TEST(nothing_and_the_extremes_have_an_answer)
{
    static lia_spread spread;
    CHECK_EQ(lia_spread_at(&spread, 0.5), 0);
    lia_spread_add(&spread, 0);
    CHECK_EQ(lia_spread_at(&spread, 0.99), 0);
    lia_spread_add(&spread, UINT64_MAX);
    CHECK_EQ(lia_spread_at(&spread, 1), UINT64_MAX);
    CHECK(lia_spread_at(&spread, 0.99) > 4000000000u); /* over an hour */
}
