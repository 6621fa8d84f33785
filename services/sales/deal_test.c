/* SPDX-License-Identifier: Apache-2.0 */
#include "services/sales/deal.h"

#include "common/node/fields.h"
#include "tests/support/test.h"

static const lia_time noon = {INT64_C(1795262400000)};
static const lia_time one = {INT64_C(1795266000000)};

static lia_arena arena;

static lia_deal_room room_for(const Sales__Deal *deal)
{
    lia_deal_room room;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    CHECK_OK(lia_deal_room_make(&room, deal, &arena));
    return room;
}

/* A deal as it stands after being made at noon. */
static Sales__Deal open_deal(void)
{
    Sales__Deal deal = SALES__DEAL__INIT;
    CHECK_EQ(lia_deal_open(&deal, lia_pipeline_default(), noon, room_for(&deal)), LIA_ALLOWED);
    return deal;
}

static Sales__Deal deal_in(Sales__DealState state)
{
    Sales__Deal deal = open_deal();
    if (state == LIA_DEAL_WON) CHECK_EQ(lia_deal_win(&deal, noon), LIA_ALLOWED);
    if (state == LIA_DEAL_LOST)
        CHECK_EQ(lia_deal_lose(&deal, SALES__LOST_REASON__LOST_REASON_PRICE, "too dear", noon),
                 LIA_ALLOWED);
    return deal;
}

TEST(a_new_deal_is_open_in_the_first_stage)
{
    Sales__Deal deal = open_deal();
    CHECK_EQ(deal.state, LIA_DEAL_OPEN);
    CHECK_TEXT(deal.stage, "Qualify");
    CHECK_EQ(deal.probability, 10);
    CHECK_EQ(deal.stage_since, noon.ms);
    CHECK_EQ(deal.n_history, 1);
    CHECK_EQ(deal.history[0]->visit, 1);
    CHECK_EQ(deal.history[0]->entered_at, noon.ms);
    CHECK(!deal.history[0]->has_left_at);
}

TEST(a_new_deal_keeps_a_probability_of_its_own)
{
    static const struct {
        uint32_t given;
        lia_refusal want;
    } cases[] = {
        {0, LIA_ALLOWED}, {55, LIA_ALLOWED}, {100, LIA_ALLOWED}, {101, LIA_DEAL_IS_ABOVE_CERTAIN}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Sales__Deal deal = SALES__DEAL__INIT;
        LIA_SET(&deal, probability, cases[i].given);
        CHECK_EQ(lia_deal_open(&deal, lia_pipeline_default(), noon, room_for(&deal)),
                 cases[i].want);
        CHECK_EQ(deal.probability, cases[i].given);
    }
}

/* What each move answers in each state. The table is the specification. */
TEST(only_an_open_deal_moves_and_only_a_closed_one_reopens)
{
    static const struct {
        Sales__DealState from;
        lia_refusal advance, win, lose, reopen;
    } cases[] = {
        {LIA_DEAL_OPEN, LIA_ALLOWED, LIA_ALLOWED, LIA_ALLOWED, LIA_DEAL_IS_OPEN},
        {LIA_DEAL_WON, LIA_DEAL_IS_CLOSED, LIA_DEAL_IS_CLOSED, LIA_DEAL_IS_CLOSED, LIA_ALLOWED},
        {LIA_DEAL_LOST, LIA_DEAL_IS_CLOSED, LIA_DEAL_IS_CLOSED, LIA_DEAL_IS_CLOSED, LIA_ALLOWED},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        const Sales__Pipeline *pipeline = lia_pipeline_default();
        Sales__Deal deal = deal_in(cases[i].from);
        CHECK_EQ(lia_deal_advance(&deal, pipeline, "Propose", one, room_for(&deal)),
                 cases[i].advance);
        CHECK_TEXT(deal.stage, cases[i].advance ? "Qualify" : "Propose");
        deal = deal_in(cases[i].from);
        CHECK_EQ(lia_deal_win(&deal, one), cases[i].win);
        CHECK_EQ(deal.state, cases[i].win ? cases[i].from : LIA_DEAL_WON);
        deal = deal_in(cases[i].from);
        CHECK_EQ(lia_deal_lose(&deal, SALES__LOST_REASON__LOST_REASON_OTHER, NULL, one),
                 cases[i].lose);
        CHECK_EQ(deal.state, cases[i].lose ? cases[i].from : LIA_DEAL_LOST);
        deal = deal_in(cases[i].from);
        CHECK_EQ(lia_deal_reopen(&deal, pipeline, one, room_for(&deal)), cases[i].reopen);
        CHECK_EQ(deal.state, LIA_DEAL_OPEN);
    }
}

TEST(an_archived_deal_does_not_move)
{
    Sales__Deal deal = open_deal();
    LIA_SET(&deal, archived, true);
    const Sales__Pipeline *pipeline = lia_pipeline_default();
    CHECK_EQ(lia_deal_advance(&deal, pipeline, "Propose", one, room_for(&deal)),
             LIA_DEAL_IS_ARCHIVED);
    CHECK_EQ(lia_deal_win(&deal, one), LIA_DEAL_IS_ARCHIVED);
    CHECK_EQ(lia_deal_reopen(&deal, pipeline, one, room_for(&deal)), LIA_DEAL_IS_ARCHIVED);
    CHECK_EQ(deal.n_history, 1);
}

TEST(a_deal_advances_to_another_stage_of_its_pipeline)
{
    static const struct {
        const char *to;
        lia_refusal want;
        uint32_t probability;
    } cases[] = {
        {"Propose", LIA_ALLOWED, 30},
        {"Commit", LIA_ALLOWED, 85},
        {"Qualify", LIA_DEAL_IS_THERE_ALREADY, 10},
        {"qualify", LIA_DEAL_HAS_NO_SUCH_STAGE, 10},
        {"", LIA_DEAL_HAS_NO_SUCH_STAGE, 10},
        {NULL, LIA_DEAL_HAS_NO_SUCH_STAGE, 10},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Sales__Deal deal = open_deal();
        CHECK_EQ(lia_deal_advance(&deal, lia_pipeline_default(), cases[i].to, one, room_for(&deal)),
                 cases[i].want);
        CHECK_TEXT(deal.stage, cases[i].want ? "Qualify" : cases[i].to);
        CHECK_EQ(deal.probability, cases[i].probability);
        CHECK_EQ(deal.n_history, cases[i].want ? 1 : 2);
    }
}

TEST(the_history_says_when_each_stage_began_and_ended)
{
    Sales__Deal deal = open_deal();
    CHECK_EQ(lia_deal_advance(&deal, lia_pipeline_default(), "Commit", one, room_for(&deal)),
             LIA_ALLOWED);
    CHECK_EQ(deal.history[0]->left_at, one.ms);
    CHECK_EQ(deal.history[1]->visit, 2);
    CHECK_EQ(deal.history[1]->entered_at, one.ms);
    CHECK(!deal.history[1]->has_left_at);
    CHECK_EQ(lia_deal_win(&deal, one), LIA_ALLOWED);
    CHECK_EQ(deal.history[1]->left_at, one.ms);
}

/* Visits are a set and may stand in any order. */
TEST(the_next_visit_follows_the_highest)
{
    Sales__Deal deal = open_deal();
    const Sales__Pipeline *pipeline = lia_pipeline_default();
    CHECK_EQ(lia_deal_advance(&deal, pipeline, "Propose", noon, room_for(&deal)), LIA_ALLOWED);
    Sales__StageVisit *first = deal.history[0];
    deal.history[0] = deal.history[1];
    deal.history[1] = first;
    CHECK_EQ(lia_deal_advance(&deal, pipeline, "Commit", one, room_for(&deal)), LIA_ALLOWED);
    CHECK_EQ(deal.history[2]->visit, 3);
    CHECK_EQ(deal.history[0]->left_at, one.ms);
}

TEST(a_deal_is_lost_only_with_a_coded_reason)
{
    static const struct {
        int reason;
        lia_refusal want;
    } cases[] = {
        {SALES__LOST_REASON__LOST_REASON_NONE, LIA_DEAL_HAS_NO_REASON},
        {SALES__LOST_REASON__LOST_REASON_PRICE, LIA_ALLOWED},
        {SALES__LOST_REASON__LOST_REASON_OTHER, LIA_ALLOWED},
        {99, LIA_DEAL_HAS_NO_REASON},
        {-1, LIA_DEAL_HAS_NO_REASON},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Sales__Deal deal = open_deal();
        CHECK_EQ(lia_deal_lose(&deal, (Sales__LostReason)cases[i].reason, "note", one),
                 cases[i].want);
        CHECK_EQ(deal.state, cases[i].want ? LIA_DEAL_OPEN : LIA_DEAL_LOST);
        CHECK_EQ(deal.has_closed_at, !cases[i].want);
        CHECK_EQ(deal.has_lost_reason, !cases[i].want);
    }
}

TEST(a_reopened_deal_forgets_how_it_was_closed)
{
    Sales__Deal deal = deal_in(LIA_DEAL_LOST);
    CHECK_EQ(deal.probability, 0);
    CHECK_EQ(lia_deal_reopen(&deal, lia_pipeline_default(), one, room_for(&deal)), LIA_ALLOWED);
    CHECK(!deal.has_closed_at && !deal.has_lost_reason && !deal.lost_note);
    CHECK_TEXT(deal.stage, "Qualify");
    CHECK_EQ(deal.probability, 10);
    CHECK_EQ(deal.n_history, 2);
}

TEST(a_deal_whose_stage_is_gone_reopens_in_the_first)
{
    Sales__Deal deal = deal_in(LIA_DEAL_WON);
    deal.stage = "Gone";
    CHECK_EQ(lia_deal_reopen(&deal, lia_pipeline_default(), one, room_for(&deal)), LIA_ALLOWED);
    CHECK_TEXT(deal.stage, "Qualify");
}

TEST(a_deal_that_moved_200_times_moves_no_more)
{
    Sales__Deal deal = open_deal();
    while (deal.n_history < LIA_DEAL_VISITS_MAX) {
        const char *to = deal.n_history % 2 ? "Propose" : "Qualify";
        CHECK_EQ(lia_deal_advance(&deal, lia_pipeline_default(), to, one, room_for(&deal)),
                 LIA_ALLOWED);
    }
    CHECK_EQ(lia_deal_advance(&deal, lia_pipeline_default(), "Commit", one, room_for(&deal)),
             LIA_DEAL_HAS_MOVED_TOO_OFTEN);
    CHECK_EQ(lia_deal_win(&deal, one), LIA_ALLOWED);
}

TEST(the_amount_of_a_closed_deal_stands)
{
    static const struct {
        Sales__DealState state;
        int64_t amount;
        uint32_t probability;
        lia_refusal want;
    } cases[] = {
        {LIA_DEAL_OPEN, 500, 20, LIA_ALLOWED},
        {LIA_DEAL_OPEN, 900, 20, LIA_ALLOWED},
        {LIA_DEAL_OPEN, 900, 120, LIA_DEAL_IS_ABOVE_CERTAIN},
        {LIA_DEAL_WON, 500, 20, LIA_ALLOWED},
        {LIA_DEAL_WON, 900, 20, LIA_DEAL_IS_CLOSED},
        {LIA_DEAL_LOST, 900, 20, LIA_DEAL_IS_CLOSED},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Money old = CRM__MONEY__INIT, new = CRM__MONEY__INIT;
        LIA_SET(&old, amount_minor, 500);
        LIA_SET(&new, amount_minor, cases[i].amount);
        old.currency = new.currency = "EUR";
        Sales__Deal before = deal_in(cases[i].state);
        before.amount = &old;
        Sales__Deal after = before;
        after.amount = &new;
        LIA_SET(&after, probability, cases[i].probability);
        CHECK_EQ(lia_deal_change(&before, &after), cases[i].want);
    }
}
