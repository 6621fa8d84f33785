/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/handover.h"

#include "common/node/fields.h"
#include "common/wire/record.h"
#include "tests/support/test.h"

static const lia_time noon = {INT64_C(1795262400000)};

static Crm__Handover offered(void)
{
    Crm__Handover handover = CRM__HANDOVER__INIT;
    LIA_SET(&handover, to, LIAISON__DEPARTMENT__DEPARTMENT_SALES);
    handover.reason = "wants an offer";
    CHECK_EQ(lia_handover_offer(&handover, LIA_MARKETING, noon), LIA_ALLOWED);
    return handover;
}

TEST(an_offer_names_another_department_a_reason_and_a_time_to_come)
{
    static const struct {
        int to;
        const char *reason;
        int64_t deadline; /* 0: none */
        lia_refusal want;
    } cases[] = {
        {LIA_SALES, "ready", 0, LIA_ALLOWED},
        {LIA_ANALYTICS, "ready", INT64_C(1795262400001), LIA_ALLOWED},
        {LIA_DEPARTMENT_ANY, "ready", 0, LIA_HANDOVER_TO_NOBODY},
        {LIA_DEPARTMENTS, "ready", 0, LIA_HANDOVER_TO_NOBODY},
        {-1, "ready", 0, LIA_HANDOVER_TO_NOBODY},
        {LIA_MARKETING, "ready", 0, LIA_HANDOVER_TO_ITSELF},
        {LIA_SALES, "", 0, LIA_HANDOVER_HAS_NO_REASON},
        {LIA_SALES, NULL, 0, LIA_HANDOVER_HAS_NO_REASON},
        {LIA_SALES, "ready", INT64_C(1795262400000), LIA_HANDOVER_IS_LATE},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Handover handover = CRM__HANDOVER__INIT;
        LIA_SET(&handover, to, (Liaison__Department)cases[i].to);
        handover.reason = cases[i].reason;
        if (cases[i].deadline) LIA_SET(&handover, deadline, cases[i].deadline);
        CHECK_EQ(lia_handover_offer(&handover, LIA_MARKETING, noon), cases[i].want);
        CHECK_EQ(handover.has_epoch, !cases[i].want);
    }
}

TEST(an_offer_without_a_deadline_gets_a_day)
{
    CHECK_EQ(offered().deadline, noon.ms + LIA_DAY_MS);
    CHECK_EQ(offered().offered_at, noon.ms);
    CHECK_EQ(offered().epoch, 1);
}

TEST(only_the_other_department_answers_and_only_its_own_withdraws)
{
    static const struct {
        lia_department by;
        lia_refusal answer, withdraw;
    } cases[] = {
        {LIA_SALES, LIA_ALLOWED, LIA_HANDOVER_IS_NOT_YOURS},
        {LIA_MARKETING, LIA_HANDOVER_IS_NOT_YOURS, LIA_ALLOWED},
        {LIA_SERVICE, LIA_HANDOVER_IS_NOT_YOURS, LIA_HANDOVER_IS_NOT_YOURS},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Handover handover = offered();
        CHECK_EQ(lia_handover_accept(&handover, cases[i].by), cases[i].answer);
        CHECK_EQ(handover.state, cases[i].answer ? LIA_HANDOVER_OFFERED : LIA_HANDOVER_ACCEPTED);
        handover = offered();
        CHECK_EQ(lia_handover_refuse(&handover, cases[i].by, "no room"), cases[i].answer);
        CHECK_EQ(handover.state, cases[i].answer ? LIA_HANDOVER_OFFERED : LIA_HANDOVER_REFUSED);
        handover = offered();
        CHECK_EQ(lia_handover_withdraw(&handover, cases[i].by), cases[i].withdraw);
        CHECK_EQ(handover.state, cases[i].withdraw ? LIA_HANDOVER_OFFERED : LIA_HANDOVER_WITHDRAWN);
    }
}

TEST(an_answer_is_final_and_the_owner_follows_it)
{
    static const struct {
        Crm__HandoverState state;
        lia_refusal want;
        lia_department owner;
    } cases[] = {
        {LIA_HANDOVER_OFFERED, LIA_ALLOWED, LIA_MARKETING},
        {LIA_HANDOVER_REFUSED, LIA_HANDOVER_IS_ANSWERED, LIA_MARKETING},
        {LIA_HANDOVER_WITHDRAWN, LIA_HANDOVER_IS_ANSWERED, LIA_MARKETING},
        {LIA_HANDOVER_ACCEPTED, LIA_HANDOVER_IS_ANSWERED, LIA_SALES},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Handover handover = offered();
        LIA_SET(&handover, state, cases[i].state);
        CHECK_EQ(lia_handover_owner(&handover), cases[i].owner);
        CHECK_EQ(lia_handover_withdraw(&handover, LIA_MARKETING), cases[i].want);
        LIA_SET(&handover, state, cases[i].state);
        CHECK_EQ(lia_handover_refuse(&handover, LIA_SALES, "no"), cases[i].want);
        LIA_SET(&handover, state, cases[i].state);
        CHECK_EQ(lia_handover_accept(&handover, LIA_SALES), cases[i].want);
        CHECK_EQ(handover.epoch, cases[i].want ? 1 : 2);
    }
}

TEST(a_refusal_says_why)
{
    Crm__Handover handover = offered();
    CHECK_EQ(lia_handover_refuse(&handover, LIA_SALES, ""), LIA_HANDOVER_HAS_NO_ANSWER);
    CHECK_EQ(handover.state, LIA_HANDOVER_OFFERED);
    CHECK_EQ(lia_handover_refuse(&handover, LIA_SALES, "no room"), LIA_ALLOWED);
    CHECK_TEXT(handover.answer, "no room");
}

TEST(an_offer_lapses_once_when_its_deadline_has_passed)
{
    static const struct {
        Crm__HandoverState state;
        int64_t after_ms;
        bool want;
    } cases[] = {
        {LIA_HANDOVER_OFFERED, LIA_DAY_MS - 1, false}, {LIA_HANDOVER_OFFERED, LIA_DAY_MS, true},
        {LIA_HANDOVER_ACCEPTED, LIA_DAY_MS, false},    {LIA_HANDOVER_REFUSED, LIA_DAY_MS, false},
        {LIA_HANDOVER_WITHDRAWN, LIA_DAY_MS, false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Handover handover = offered();
        LIA_SET(&handover, state, cases[i].state);
        lia_time later = {noon.ms + cases[i].after_ms};
        CHECK_EQ(lia_handover_lapse(&handover, later), cases[i].want);
        CHECK_EQ(handover.overdue, cases[i].want);
        CHECK(!lia_handover_lapse(&handover, later));
    }
}

/* ---- answers that cross ------------------------------------------------------------------------
 */

enum { STATE_FIELD = 4, EVENTS = 4 };

/* The offer, and three answers whose writers had seen the offer only. */
static void join(lia_record *record, size_t which, lia_arena *arena)
{
    static const uint8_t states[EVENTS][2] = {
        {STATE_FIELD << 3, LIA_HANDOVER_OFFERED},
        {STATE_FIELD << 3, LIA_HANDOVER_REFUSED},
        {STATE_FIELD << 3, LIA_HANDOVER_WITHDRAWN},
        {STATE_FIELD << 3, LIA_HANDOVER_ACCEPTED},
    };
    lia_stamp offer = {lia_hlc_at(1000), 7, 1, 2};
    lia_touch seen = {.field = STATE_FIELD, .seen = offer};
    lia_op op = {.kind = LIA_HANDOVER, .set = LIA_SPAN_OF(states[which])};
    if (which) {
        op.touches = &seen;
        op.touch_count = 1;
    }
    /* The refusal is the latest by the clock, the acceptance the earliest. */
    lia_stamp stamp = {lia_hlc_at(which ? 3000 - (int64_t)which : 1000), 7, 1,
                       (uint16_t)(which + 2)};
    CHECK_OK(lia_record_join_op(record, &op, stamp, arena));
}

static Crm__HandoverState state_of(const lia_record *record)
{
    const lia_field *field = lia_field_find(lia_kind_find(LIA_HANDOVER)->message, STATE_FIELD);
    const lia_live *winner =
        lia_register_winner(lia_record_find(record, STATE_FIELD, LIA_SPAN_NONE), field);
    CHECK(winner && winner->value.size == 1);
    return (Crm__HandoverState)winner->value.data[0];
}

TEST(crossing_answers_end_in_one_state_in_any_order)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_dice dice = {2026};
    for (size_t round = 0; round < 500; round++) {
        lia_arena_reset(&arena);
        unsigned which = (unsigned)lia_dice_below(&dice, 1 << EVENTS) | 1; /* the offer is in all */
        lia_record record = {0};
        unsigned left = which;
        Crm__HandoverState highest = LIA_HANDOVER_OFFERED;
        while (left) {
            size_t next = (size_t)lia_dice_below(&dice, EVENTS);
            if (!(left >> next & 1)) continue;
            left &= ~(1u << next);
            join(&record, next, &arena);
            if (next > highest) highest = (Crm__HandoverState)next;
        }
        CHECK_EQ(state_of(&record), highest);
    }
    lia_arena_fini(&arena);
}
