/* SPDX-License-Identifier: Apache-2.0 */
#include "services/marketing/campaign.h"

#include "common/node/fields.h"
#include "tests/support/test.h"

TEST(a_campaign_runs_pauses_and_finishes)
{
    static const struct {
        Marketing__CampaignState from;
        lia_refusal draft, running, paused, finished;
    } cases[] = {
        {LIA_CAMPAIGN_DRAFT, LIA_ALLOWED, LIA_ALLOWED, LIA_CAMPAIGN_CANNOT_DO_THAT, LIA_ALLOWED},
        {LIA_CAMPAIGN_RUNNING, LIA_CAMPAIGN_CANNOT_DO_THAT, LIA_ALLOWED, LIA_ALLOWED, LIA_ALLOWED},
        {LIA_CAMPAIGN_PAUSED, LIA_CAMPAIGN_CANNOT_DO_THAT, LIA_ALLOWED, LIA_ALLOWED, LIA_ALLOWED},
        {LIA_CAMPAIGN_FINISHED, LIA_CAMPAIGN_IS_FINISHED, LIA_CAMPAIGN_IS_FINISHED,
         LIA_CAMPAIGN_IS_FINISHED, LIA_ALLOWED},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        const lia_refusal want[] = {cases[i].draft, cases[i].running, cases[i].paused,
                                    cases[i].finished};
        for (unsigned to = 0; to < LIA_COUNT(want); to++) {
            Marketing__Campaign before = MARKETING__CAMPAIGN__INIT;
            LIA_SET(&before, state, cases[i].from);
            Marketing__Campaign after = before;
            LIA_SET(&after, state, (Marketing__CampaignState)to);
            CHECK_EQ(lia_campaign_check(&before, &after), want[to]);
        }
    }
}

TEST(a_new_campaign_is_a_draft_unless_it_says_otherwise)
{
    Marketing__Campaign campaign = MARKETING__CAMPAIGN__INIT;
    CHECK_EQ(lia_campaign_check(NULL, &campaign), LIA_ALLOWED);
    CHECK(campaign.has_state);
    CHECK_EQ(campaign.state, LIA_CAMPAIGN_DRAFT);
    LIA_SET(&campaign, state, LIA_CAMPAIGN_FINISHED);
    CHECK_EQ(lia_campaign_check(NULL, &campaign), LIA_ALLOWED);
    CHECK_EQ(campaign.state, LIA_CAMPAIGN_FINISHED);
}

TEST(a_campaign_ends_after_it_starts)
{
    static const struct {
        bool starts, ends;
        int64_t start, end;
        lia_refusal want;
    } cases[] = {
        {true, true, 10, 20, LIA_ALLOWED},
        {true, true, 10, 10, LIA_ALLOWED},
        {true, false, 10, 0, LIA_ALLOWED},
        {false, true, 0, 5, LIA_ALLOWED},
        {true, true, 10, 9, LIA_CAMPAIGN_ENDS_BEFORE_IT_STARTS},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Marketing__Campaign campaign = MARKETING__CAMPAIGN__INIT;
        if (cases[i].starts) LIA_SET(&campaign, starts_at, cases[i].start);
        if (cases[i].ends) LIA_SET(&campaign, ends_at, cases[i].end);
        CHECK_EQ(lia_campaign_check(NULL, &campaign), cases[i].want);
    }
}
