/* SPDX-License-Identifier: Apache-2.0 */
#include "services/service/hours.h"

#include <stdlib.h>
#include <time.h>

#include "tests/support/test.h"

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static lia_time instant(const char *text)
{
    lia_time time;
    CHECK_OK(lia_time_parse(lia_span_text(text), &time));
    return time;
}

typedef struct hours_case {
    const char *start;
    int64_t minutes;
    const char *want;
} hours_case;

static void check(const char *zone, const hours_case *cases, size_t count)
{
    use_zone(zone);
    for (size_t i = 0; i < count; i++) {
        lia_time got = lia_hours_add(instant(cases[i].start), cases[i].minutes * LIA_MINUTE_MS,
                                     &lia_hours_office);
        char text[LIA_TIME_TEXT_SIZE], want[LIA_TIME_TEXT_SIZE];
        lia_time_print(got, text);
        lia_time_print(instant(cases[i].want), want);
        CHECK_TEXT(text, want);
    }
}

/* 2026-11-20 is a Friday. */
TEST(business_time_stops_at_night_and_over_the_weekend)
{
    static const hours_case cases[] = {
        {"2026-11-18T09:00:00Z", 60, "2026-11-18T10:00:00Z"},
        {"2026-11-18T09:00:00Z", 480, "2026-11-18T17:00:00Z"}, /* ends at closing, not next day */
        {"2026-11-18T16:30:00Z", 60, "2026-11-19T09:30:00Z"},
        {"2026-11-18T07:15:00Z", 60, "2026-11-18T10:00:00Z"},
        {"2026-11-18T17:00:00Z", 60, "2026-11-19T10:00:00Z"},
        {"2026-11-18T23:59:59Z", 60, "2026-11-19T10:00:00Z"},
        {"2026-11-20T16:00:00Z", 240, "2026-11-23T12:00:00Z"},
        {"2026-11-21T12:00:00Z", 60, "2026-11-23T10:00:00Z"},
        {"2026-11-22T23:00:00Z", 960, "2026-11-24T17:00:00Z"},
        {"2026-11-18T09:00:00Z", 0, "2026-11-18T09:00:00Z"},
        {"2026-11-21T12:00:00Z", 0, "2026-11-21T12:00:00Z"},
        {"2026-12-31T16:00:00Z", 120, "2027-01-01T10:00:00Z"}, /* holidays are not known */
    };
    check("UTC", cases, LIA_COUNT(cases));
}

/* Central Europe changes on 2026-03-29 and 2026-10-25, both Sundays. */
TEST(offices_open_at_nine_by_the_clock_on_the_wall)
{
    static const hours_case cases[] = {
        {"2026-03-27T16:00:00+01:00", 60, "2026-03-27T17:00:00+01:00"},
        {"2026-03-27T16:30:00+01:00", 60, "2026-03-30T09:30:00+02:00"},
        {"2026-10-23T16:30:00+02:00", 60, "2026-10-26T09:30:00+01:00"},
        {"2026-07-01T08:59:59+02:00", 60, "2026-07-01T10:00:00+02:00"},
    };
    check("CET-1CEST,M3.5.0,M10.5.0/3", cases, LIA_COUNT(cases));
}

/* A zone whose clocks go forward within office hours of a Wednesday, and back on another. */
TEST(a_day_on_which_the_clocks_change_has_its_real_length)
{
    static const hours_case cases[] = {
        {"2026-03-18T09:00:00Z", 420, "2026-03-18T16:00:00Z"}, /* 17:00 summer: seven hours */
        {"2026-03-18T09:00:00Z", 480, "2026-03-19T09:00:00Z"}, /* 10:00 summer */
        {"2026-11-18T08:00:00Z", 540, "2026-11-18T17:00:00Z"}, /* nine hours */
        {"2026-11-18T08:00:00Z", 600, "2026-11-19T10:00:00Z"},
    };
    check("WST0WDT-1,M3.3.3/12,M11.3.3/13", cases, LIA_COUNT(cases));
}

TEST(a_half_hour_zone_counts_its_own_days)
{
    static const hours_case cases[] = {
        {"2026-11-20T16:30:00+05:30", 60, "2026-11-23T09:30:00+05:30"},
        {"2026-11-22T20:00:00Z", 30, "2026-11-23T04:00:00Z"}, /* Monday 01:30 there */
    };
    check("IST-5:30", cases, LIA_COUNT(cases));
}

/* Adding in two steps is adding at once. */
TEST(business_time_adds_up)
{
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    lia_dice dice = {7};
    for (size_t i = 0; i < 500; i++) {
        lia_time start = {INT64_C(1767225600000) +
                          (int64_t)lia_dice_below(&dice, 366 * 86400000ull)};
        int64_t a = 1 + (int64_t)lia_dice_below(&dice, 40ull * 3600000);
        int64_t b = 1 + (int64_t)lia_dice_below(&dice, 40ull * 3600000);
        lia_time twice =
            lia_hours_add(lia_hours_add(start, a, &lia_hours_office), b, &lia_hours_office);
        CHECK_EQ(twice.ms, lia_hours_add(start, a + b, &lia_hours_office).ms);
    }
}
