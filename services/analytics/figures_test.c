/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/figures.h"

#include "services/analytics/classify.h"
#include "services/analytics/spending.h"
#include "tests/support/test.h"

/* ---- reading interactions ----------------------------------------------------------------------
 */

TEST(a_deed_is_read_from_the_first_op)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_id customer = lia_id_make(0);
    lia_buf money = lia_buf_make(&arena), set = lia_buf_make(&arena);
    lia_pb_put_varint(&money, 1, 1177);
    lia_pb_put_bytes(&money, 2, LIA_SPAN("USD"));
    lia_pb_put_bytes(&set, 1, lia_id_span(&customer));
    lia_pb_put_varint(&set, 2, LIA_DEED_TYPE(PURCHASE));
    lia_pb_put_varint(&set, 3, 700); /* a channel of the far future */
    lia_pb_put_bytes(&set, 8, lia_buf_get(&money));
    lia_op op = {.kind = LIA_INTERACTION, .set = lia_buf_get(&set)};
    lia_event event = {.header.department = LIA_SALES, .ops = &op, .op_count = 1};

    lia_deed deed;
    CHECK(lia_deed_read(&deed, &event, (lia_time){-1}));
    CHECK(lia_id_equal(deed.customer, customer));
    CHECK_EQ(deed.day, -1);
    CHECK_EQ(deed.type, LIA_DEED_TYPE(PURCHASE));
    CHECK_EQ(deed.channel, 255);
    CHECK_EQ(deed.department, LIA_SALES);
    CHECK(deed.has_amount && deed.amount_minor == 1177);
    CHECK_TEXT(deed.currency, "USD");

    op.kind = LIA_TASK;
    CHECK(!lia_deed_read(&deed, &event, (lia_time){0}));
    event.op_count = 0;
    CHECK(!lia_deed_read(&deed, &event, (lia_time){0}));
    lia_arena_fini(&arena);
}

/* ---- tallies ------------------------------------------------------------------------------------
 */

static lia_deed deed(uint8_t type, int64_t amount, const char *currency, int64_t day)
{
    lia_deed made = {.type = type,
                     .has_amount = *currency != 0,
                     .amount_minor = amount,
                     .time = {day * LIA_DAY_MS}};
    if (*currency) memcpy(made.currency, currency, 3);
    return made;
}

TEST(a_tally_counts_purchases_takes_returns_off_and_keeps_one_currency)
{
    static const struct {
        uint8_t type;
        int64_t amount;
        const char *currency;
        int64_t day;
        bool counts;
        uint32_t purchases;
        int64_t spent, last_day;
    } steps[] = {
        {LIA_DEED_TYPE(CALL), 0, "", 9, false, 0, 0, 0},
        {LIA_DEED_TYPE(PURCHASE), 1000, "USD", 5, true, 1, 1000, 5},
        {LIA_DEED_TYPE(PURCHASE), 500, "USD", 3, true, 2, 1500, 5}, /* arrived late */
        {LIA_DEED_TYPE(RETURN), 300, "USD", 8, true, 2, 1200, 5},
        {LIA_DEED_TYPE(RETURN), -200, "USD", 8, true, 2, 1000, 5},
        {LIA_DEED_TYPE(PURCHASE), 700, "EUR", 7, true, 3, 1000, 7},
        {LIA_DEED_TYPE(PURCHASE), 0, "", 8, true, 4, 1000, 8},
        {LIA_DEED_TYPE(PAYMENT), 900, "USD", 9, false, 4, 1000, 8},
        {LIA_DEED_TYPE(PURCHASE), INT64_MAX, "USD", 8, true, 5, INT64_MAX, 8},
    };
    lia_tally tally = {0};
    for (size_t i = 0; i < LIA_COUNT(steps); i++) {
        lia_deed step = deed(steps[i].type, steps[i].amount, steps[i].currency, steps[i].day);
        CHECK_EQ(lia_tally_add(&tally, &step), steps[i].counts);
        CHECK_EQ(tally.purchases, steps[i].purchases);
        CHECK_EQ(tally.spent, steps[i].spent);
        CHECK_EQ(tally.last_ms, steps[i].last_day * LIA_DAY_MS);
    }
    CHECK_TEXT(tally.currency, "USD");
}

TEST(a_customer_is_marked_while_the_record_says_something_else)
{
    lia_spending spending = {0};
    CHECK(!lia_spending_is_dirty(&spending));
    lia_deed back = deed(LIA_DEED_TYPE(RETURN), 100, "USD", 1);
    lia_tally_add(&spending.now, &back);
    CHECK(!lia_spending_is_dirty(&spending)); /* never bought: no class */
    lia_deed bought = deed(LIA_DEED_TYPE(PURCHASE), 100, "USD", 1);
    lia_tally_add(&spending.now, &bought);
    CHECK(lia_spending_is_dirty(&spending));
    spending.told = spending.now;
    CHECK(!lia_spending_is_dirty(&spending));
}

TEST(rounds_over_everybody_keep_a_distance)
{
    CHECK_EQ(lia_classify_pause_ms(0), 1000);
    CHECK_EQ(lia_classify_pause_ms(9999), 1000);
    CHECK_EQ(lia_classify_pause_ms(23570), 2357);
    CHECK_EQ(lia_classify_pause_ms(1000000), 100000);
}

/* ---- figures ------------------------------------------------------------------------------------
 */

TEST(figures_are_asked_for_by_any_of_four_dimensions)
{
    static const struct {
        const char *text;
        lia_err err;
        unsigned by;
    } cases[] = {
        {"", LIA_OK, 0},
        {"day", LIA_OK, LIA_BY_DAY},
        {"type,channel", LIA_OK, LIA_BY_TYPE | LIA_BY_CHANNEL},
        {"day,channel,department,type", LIA_OK, 15},
        {"days", LIA_EINVAL, 0},
        {"day,,type", LIA_EINVAL, 0},
        {",", LIA_EINVAL, 0},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        unsigned by;
        lia_why why = {0};
        CHECK_ERR(lia_figures_by(lia_span_text(cases[i].text), &by, &why), cases[i].err);
        if (cases[i].err)
            CHECK(strstr(why.text, "no dimension") != NULL);
        else
            CHECK_EQ(by, cases[i].by);
    }
}

TEST(figures_add_up_along_what_is_not_asked_for)
{
    static const lia_figure cells[] = {
        {1, 1, 1, 1, "USD", {2, 100}}, {1, 2, 1, 1, "USD", {3, 50}}, {1, 2, 1, 1, "EUR", {1, 7}},
        {2, 1, 1, 1, "USD", {1, 1}},   {2, 1, 1, 3, "", {4, 0}},
    };
    lia_figure figures[LIA_COUNT(cells)];
    memcpy(figures, cells, sizeof cells);
    for (size_t i = 0; i < LIA_COUNT(cells); i++) lia_figure_project(&figures[i], LIA_BY_DAY);
    CHECK_EQ(lia_figures_join(figures, LIA_COUNT(cells)), 4);
    CHECK_TEXT(figures[0].currency, "EUR");
    CHECK_EQ(figures[1].day, 1);
    CHECK_EQ(figures[1].cell.count, 5);
    CHECK_EQ(figures[1].cell.amount_minor, 150);
    CHECK_EQ(figures[2].cell.count, 4); /* day 2, without an amount */
    CHECK_EQ(figures[3].cell.amount_minor, 1);

    memcpy(figures, cells, sizeof cells);
    CHECK_EQ(lia_figures_join(figures, LIA_COUNT(cells)), LIA_COUNT(cells));
    CHECK_EQ(lia_figures_join(figures, 0), 0);
}

TEST(sums_stay_at_the_bound)
{
    CHECK_EQ(lia_add_capped(INT64_MAX, 1), INT64_MAX);
    CHECK_EQ(lia_add_capped(INT64_MIN, -1), INT64_MIN);
    CHECK_EQ(lia_add_capped(-5, 3), -2);
}
