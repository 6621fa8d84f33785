/* SPDX-License-Identifier: Apache-2.0 */
/* Sales as a node: what reaches its log and the other departments. */
#include "services/sales/sales.h"

#include <unistd.h>

#include "common/crm/crm_rig.h"
#include "common/crm/desk.h"
#include "services/sales/deal.h"

static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};

static lia_id new_deal(rig *r, lia_id customer)
{
    Sales__Deal deal = SALES__DEAL__INIT;
    deal.name = "a new roof";
    LIA_SET_ID(&deal, customer, &customer);
    return rig_create(r, SALES, LIA_DEAL, &deal);
}

TEST(a_deal_passes_the_default_pipeline_and_is_won)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SALES, &lia_sales, false);
    lia_id mei = rig_customer(&r, SALES, "Mei Chen");
    lia_id id = new_deal(&r, mei);
    const Sales__Deal *deal = crm_read(&r, SALES, LIA_DEAL, id);
    CHECK_TEXT(deal->stage, "Qualify");
    CHECK(lia_id_equal(lia_id_in(deal->pipeline), lia_pipeline_default_id()));

    Sales__AdvanceDeal advance = SALES__ADVANCE_DEAL__INIT;
    LIA_SET_ID(&advance, deal, &id);
    advance.stage = "Commit";
    crm_do(&r, SALES, LIA_DEAL, "advance", id, &advance);
    CHECK_EQ(crm_refused(&r, SALES, LIA_DEAL, "advance", id, &advance), LIA_DEAL_IS_THERE_ALREADY);
    Sales__WinDeal win = SALES__WIN_DEAL__INIT;
    LIA_SET_ID(&win, deal, &id);
    crm_do(&r, SALES, LIA_DEAL, "win", id, &win);
    deal = crm_read(&r, SALES, LIA_DEAL, id);
    CHECK_EQ(deal->state, LIA_DEAL_WON);
    CHECK_EQ(deal->probability, 100);
    CHECK_EQ(deal->n_history, 2);
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, SALES, mei, entries, 8), 3); /* opened, advanced, won */
    rig_end(&r);
}

/* The demo: marketing hands over while sales is down, and sales answers exactly once. */
TEST(a_customer_handed_over_while_sales_is_down_becomes_one_deal)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SALES, &lia_sales, false);
    rig_stop(&r, SALES);
    crm_start(&r, MARKETING, &marketing, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen");
    lia_id offer = crm_offer(&r, MARKETING, mei, SALES, "wants a new roof");
    CHECK_EQ(crm_handover_state(&r, MARKETING, offer), LIA_HANDOVER_OFFERED);

    for (int starts = 0; starts < 3; starts++) {
        crm_start(&r, SALES, &lia_sales, starts == 2); /* the last time with views thrown away */
        RIG_UNTIL(&r, crm_handover_state(&r, MARKETING, offer) == LIA_HANDOVER_ACCEPTED);
        RIG_UNTIL(&r, rig_same_digests(&r, SALES, MARKETING));
        lia_id id;
        CHECK_EQ(crm_count(&r, SALES, LIA_DEAL, &id), 1);
        const Sales__Deal *deal = crm_read(&r, MARKETING, LIA_DEAL, id);
        const Crm__Handover *handover = crm_read(&r, MARKETING, LIA_HANDOVER, offer);
        CHECK_TEXT(deal->name, "wants a new roof");
        CHECK(!deal->has_owner);
        CHECK(lia_id_equal(lia_id_in(deal->handover), offer));
        CHECK(lia_id_equal(lia_id_in(handover->deal), id));
        CHECK_EQ(handover->epoch, 2);
        rig_stop(&r, SALES);
    }
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, MARKETING, mei, entries, 8), 3); /* offered, opened, accepted */
    rig_end(&r);
}

TEST(sales_refuses_an_archived_customer_and_takes_no_withdrawn_one)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen"), jo = rig_customer(&r, MARKETING, "Jo");
    crm_archive(&r, MARKETING, LIA_CUSTOMER, mei);
    lia_id refused = crm_offer(&r, MARKETING, mei, SALES, "wants a new roof");
    lia_id withdrawn = crm_offer(&r, MARKETING, jo, SALES, "wants a new roof");
    Crm__WithdrawHandover back = CRM__WITHDRAW_HANDOVER__INIT;
    LIA_SET_ID(&back, handover, &withdrawn);
    crm_do(&r, MARKETING, LIA_HANDOVER, "withdraw", withdrawn, &back);

    /* Until sales knows that it was away. */
    int64_t known_ms = lia_time_now().ms + LIA_DESK_FRESH_MS;
    RIG_UNTIL(&r, lia_time_now().ms > known_ms);
    crm_start(&r, SALES, &lia_sales, false);
    RIG_UNTIL(&r, crm_handover_state(&r, MARKETING, refused) == LIA_HANDOVER_REFUSED);
    const Crm__Handover *answer = crm_read(&r, MARKETING, LIA_HANDOVER, refused);
    CHECK_TEXT(answer->answer, "The customer is archived.");
    RIG_UNTIL(&r, rig_same_digests(&r, SALES, MARKETING));
    CHECK_EQ(crm_handover_state(&r, SALES, withdrawn), LIA_HANDOVER_WITHDRAWN);
    CHECK_EQ(crm_count(&r, SALES, LIA_DEAL, NULL), 0);
    rig_end(&r);
}

TEST(another_default_pipeline_takes_the_place_of_the_first)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SALES, &lia_sales, false);
    Sales__Stage stage = SALES__STAGE__INIT, *stages[] = {&stage};
    stage.name = "Visit";
    LIA_SET(&stage, order, 1);
    LIA_SET(&stage, probability, 50);
    Sales__Pipeline pipeline = SALES__PIPELINE__INIT;
    pipeline.name = "Roofs";
    pipeline.stages = stages;
    pipeline.n_stages = 1;
    LIA_SET(&pipeline, is_default, true);
    lia_id roofs = rig_create(&r, SALES, LIA_PIPELINE, &pipeline);
    const Sales__Pipeline *first = crm_read(&r, SALES, LIA_PIPELINE, lia_pipeline_default_id());
    CHECK(!first->is_default);

    lia_id mei = rig_customer(&r, SALES, "Mei Chen"), id = new_deal(&r, mei);
    const Sales__Deal *deal = crm_read(&r, SALES, LIA_DEAL, id);
    CHECK(lia_id_equal(lia_id_in(deal->pipeline), roofs));
    CHECK_TEXT(deal->stage, "Visit");

    /* Into the first one, which has no such stage: it begins anew there. */
    lia_id other = lia_pipeline_default_id();
    Sales__Deal change = SALES__DEAL__INIT;
    LIA_SET_ID(&change, pipeline, &other);
    static const uint32_t mask[] = {3};
    crm_change(&r, SALES, LIA_DEAL, id, &change, mask, 1);
    deal = crm_read(&r, SALES, LIA_DEAL, id);
    CHECK_TEXT(deal->stage, "Qualify");
    CHECK_EQ(deal->n_history, 2);
    rig_end(&r);
}
