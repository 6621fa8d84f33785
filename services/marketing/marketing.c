/* SPDX-License-Identifier: Apache-2.0 */
/* marketing - the switchboard of the marketing department: campaigns, and segments that follow what
 * happens. The rules are in campaign.c and segment.c. */
#include "services/marketing/marketing.h"

#include "common/crm/lookup.h"
#include "common/node/fields.h"
#include "services/marketing/campaign.h"
#include "services/marketing/segment.h"

static lia_err prepare_campaign(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id;
    Marketing__Campaign *campaign = after;
    lia_refusal no = lia_campaign_check(before, campaign);
    if (no) return lia_refuse(turn, no);
    if (!campaign->has_segment) return LIA_OK;
    lia_err err = lia_record_exists(turn, LIA_SEGMENT, lia_id_in(campaign->segment));
    return err == LIA_EABSENT ? lia_refuse(turn, LIA_CAMPAIGN_SEGMENT_UNKNOWN) : err;
}

static lia_err prepare_segment(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id, (void)before;
    return lia_segment_check(turn, after);
}

/* Follows records of customers and segments wherever they were changed. */
static lia_err follow(lia_turn *turn, const lia_occurrence *seen)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < seen->event->op_count && !err; i++) {
        const lia_op *op = &seen->event->ops[i];
        if (op->kind == LIA_CUSTOMER) err = lia_segments_follow(turn, op->record);
        if (op->kind != LIA_SEGMENT) continue;
        err = lia_segments_forget(turn);
        if (!err) err = lia_segment_begin_walk(turn, op->record);
    }
    return err;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const lia_rule_row rules[] = {
    {LIA_CAMPAIGN, prepare_campaign},
    {LIA_SEGMENT, prepare_segment},
};

/* The facts whose events write customers or segments. Interactions write neither, and there are
 * many of them, so marketing does not look at every event. Numbers as in proto/. */
enum { CLASSIFIED = 400, COUNTED = 401 };

static const lia_reactor_row reactors[] = {
    {"segment.created", LIA_RECORD_CREATED, follow},
    {"segment.changed", LIA_RECORD_CHANGED, follow},
    {"segment.archived", LIA_RECORD_ARCHIVED, follow},
    {"segment.classified", CLASSIFIED, follow},
    {"segment.counted", COUNTED, follow},
};

static const lia_job_row jobs[] = {
    {LIA_SEGMENT_WALK, lia_segment_walk, .within_ms = 1},
};

const lia_service lia_marketing = {
    .name = "marketing",
    .department = LIA_MARKETING,
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .reactors = reactors,
    .reactor_count = LIA_COUNT(reactors),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .ready = lia_segments_forget,
};
