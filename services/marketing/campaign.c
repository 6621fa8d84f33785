/* SPDX-License-Identifier: Apache-2.0 */
#include "services/marketing/campaign.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_CAMPAIGN_CANNOT_DO_THAT[1] = {
    {"campaign-cannot-do-that",
     "A campaign goes from draft to running, between running and paused, "
     "and to finished; never back to draft."}};
const lia_refusal_text LIA_CAMPAIGN_IS_FINISHED[1] = {
    {"campaign-is-finished", "The campaign is finished; make a new one."}};
const lia_refusal_text LIA_CAMPAIGN_ENDS_BEFORE_IT_STARTS[1] = {
    {"campaign-ends-before-it-starts", "The campaign's end lies before its start."}};
const lia_refusal_text LIA_CAMPAIGN_SEGMENT_UNKNOWN[1] = {
    {"campaign-segment-unknown", "There is no such segment."}};

#define MOVE(from, to) (1u << ((from)*4 + (to)))

static bool may_move(Marketing__CampaignState from, Marketing__CampaignState to)
{
    static const unsigned moves = MOVE(LIA_CAMPAIGN_DRAFT, LIA_CAMPAIGN_RUNNING) |
                                  MOVE(LIA_CAMPAIGN_DRAFT, LIA_CAMPAIGN_FINISHED) |
                                  MOVE(LIA_CAMPAIGN_RUNNING, LIA_CAMPAIGN_PAUSED) |
                                  MOVE(LIA_CAMPAIGN_RUNNING, LIA_CAMPAIGN_FINISHED) |
                                  MOVE(LIA_CAMPAIGN_PAUSED, LIA_CAMPAIGN_RUNNING) |
                                  MOVE(LIA_CAMPAIGN_PAUSED, LIA_CAMPAIGN_FINISHED);
    if ((unsigned)from > 3 || (unsigned)to > 3) return false;
    return from == to || moves & MOVE((unsigned)from, (unsigned)to);
}

lia_refusal lia_campaign_check(const Marketing__Campaign *before, Marketing__Campaign *after)
{
    if (!after->has_state) LIA_SET(after, state, LIA_CAMPAIGN_DRAFT);
    if (before && !may_move(before->state, after->state))
        return before->state == LIA_CAMPAIGN_FINISHED ? LIA_CAMPAIGN_IS_FINISHED
                                                      : LIA_CAMPAIGN_CANNOT_DO_THAT;
    if (after->has_starts_at && after->has_ends_at && after->ends_at < after->starts_at)
        return LIA_CAMPAIGN_ENDS_BEFORE_IT_STARTS;
    return LIA_ALLOWED;
}
