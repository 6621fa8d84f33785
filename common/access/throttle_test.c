/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/throttle.h"

#include <stdio.h>

#include "tests/support/test.h"

static lia_throttle throttle;
static const lia_span mei = LIA_SPAN("mei@example.com");

static void fail_times(lia_span name, int count, int64_t now)
{
    for (int i = 0; i < count; i++) lia_throttle_failed(&throttle, name, now);
}

TEST(a_few_failures_are_free_and_then_each_doubles_the_wait)
{
    memset(&throttle, 0, sizeof throttle);
    fail_times(mei, 4, 1000);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1000), 0);
    fail_times(mei, 1, 1000);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1000), 1000);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1999), 1);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 2000), 0);
    fail_times(mei, 1, 2000);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 2000), 2000);
    fail_times(mei, 100, 2000);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 2000), 15 * 60 * 1000);
    CHECK_EQ(lia_throttle_wait(&throttle, LIA_SPAN("somebody@else"), 2000), 0);
}

TEST(a_success_or_an_hour_clears_it)
{
    memset(&throttle, 0, sizeof throttle);
    fail_times(mei, 20, 1000);
    lia_throttle_clear(&throttle, mei);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1000), 0);
    fail_times(mei, 20, 1000);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1000 + 3600001), 0);
    fail_times(mei, 1, 1000 + 3600001);
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1000 + 3600001), 0);
}

/* Whoever tries many names must not wash out what is known about one. */
TEST(a_flood_of_names_does_not_free_the_one_that_waits_longest)
{
    memset(&throttle, 0, sizeof throttle);
    fail_times(mei, 30, 1000);
    for (int i = 0; i < 200000; i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "nobody-%d", i);
        lia_throttle_failed(&throttle, lia_span_make((const uint8_t *)name, (size_t)size), 1000);
    }
    CHECK_EQ(lia_throttle_wait(&throttle, mei, 1000), 15 * 60 * 1000);
}
