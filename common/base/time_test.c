/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/time.h"

#include "common/base/hlc.h"
#include "tests/support/test.h"

TEST(instants_read_as_rfc_3339_says)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01", 0},
        {"2000-02-29T12:00:00.5Z", 951825600500},
        {"1996-12-19T16:39:57-08:00", 851042397000},
        {"1985-04-12t23:20:50.52z", 482196050520},
        {"1969-12-31T23:59:59.999999999Z", -1},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_time got;
        CHECK_OK(lia_time_parse(lia_span_text(cases[i].text), &got));
        CHECK_EQ(got.ms, cases[i].ms);
    }
}

TEST(what_is_not_an_instant_is_refused)
{
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:00:00",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00Zx",
                                      "2026-01-01T00:00:00+25:00",
                                      "20260101",
                                      "2026-01-00"};
    lia_time got;
    for (size_t i = 0; i < LIA_COUNT(bad); i++)
        CHECK_ERR(lia_time_parse(lia_span_text(bad[i]), &got), LIA_EINVAL);
}

TEST(a_period_is_a_number_and_a_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"1s", 1000},        {"30s", 30000},
                {"15min", 900000},   {"12h", 43200000},
                {"90d", 7776000000}, {"2w", 1209600000},
                {"007d", 604800000}, {"36500d", 36500 * LIA_DAY_MS}};
    static const char *const bad[] = {"",      "d",   "90",     "0d",    "-1d",
                                      "+1d",   "1m",  "1 d",    "1.5h",  "1D",
                                      "1days", "1d ", "36501d", "5215w", "99999999999999999999s",
                                      "1ms"};
    int64_t ms;
    for (size_t i = 0; i < LIA_COUNT(good); i++) {
        CHECK_OK(lia_period_parse(lia_span_text(good[i].text), &ms));
        CHECK_EQ(ms, good[i].ms);
    }
    for (size_t i = 0; i < LIA_COUNT(bad); i++)
        CHECK_ERR(lia_period_parse(lia_span_text(bad[i]), &ms), LIA_EINVAL);
}

TEST(a_printed_instant_reads_back)
{
    lia_dice dice = {1};
    for (int i = 0; i < 10000; i++) {
        lia_time time = {(int64_t)lia_dice_below(&dice, 300000000000000) - 60000000000000}, back;
        char text[LIA_TIME_TEXT_SIZE];
        lia_time_print(time, text);
        CHECK_OK(lia_time_parse(lia_span_text(text), &back));
        CHECK_EQ(back.ms, time.ms);
    }
}

TEST(the_clock_only_goes_forward_and_bounds_its_peers)
{
    lia_clock clock = {0};
    lia_time wall = {1000000};
    lia_hlc first = lia_clock_next(&clock, wall);
    CHECK(lia_clock_next(&clock, (lia_time){1}) > first);
    CHECK(lia_clock_see(&clock, lia_hlc_at(wall.ms + 500), wall));
    CHECK(lia_clock_next(&clock, wall) > lia_hlc_at(wall.ms + 500));
    CHECK(!lia_clock_see(&clock, lia_hlc_at(wall.ms + 3600000), wall));
    CHECK(lia_hlc_ms(lia_clock_next(&clock, wall)) <= wall.ms + LIA_HLC_DRIFT_MS);
}

TEST(the_ticks_are_one_clock_in_two_units)
{
    int64_t before = (int64_t)(lia_time_ticks_ns() / 1000000);
    int64_t between = lia_time_ticks_ms();
    int64_t after = (int64_t)(lia_time_ticks_ns() / 1000000);
    CHECK(before <= between && between <= after);
}
