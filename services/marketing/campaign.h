/* SPDX-License-Identifier: Apache-2.0 */
/* campaign - a planned effort towards a segment: its rules, pure.
 *
 *     DRAFT --> RUNNING <--> PAUSED
 *       |          |           |
 *       '----------+-----------+--> FINISHED */
#ifndef LIA_MARKETING_CAMPAIGN_H
#define LIA_MARKETING_CAMPAIGN_H

#include "common/base/err.h"
#include "proto/marketing.pb-c.h"

#define CAMPAIGN_STATE(name)  MARKETING__CAMPAIGN_STATE__CAMPAIGN_STATE_##name
#define LIA_CAMPAIGN_DRAFT    CAMPAIGN_STATE(DRAFT)
#define LIA_CAMPAIGN_RUNNING  CAMPAIGN_STATE(RUNNING)
#define LIA_CAMPAIGN_PAUSED   CAMPAIGN_STATE(PAUSED)
#define LIA_CAMPAIGN_FINISHED CAMPAIGN_STATE(FINISHED)

extern const lia_refusal_text LIA_CAMPAIGN_CANNOT_DO_THAT[1];
extern const lia_refusal_text LIA_CAMPAIGN_IS_FINISHED[1];
extern const lia_refusal_text LIA_CAMPAIGN_ENDS_BEFORE_IT_STARTS[1];
extern const lia_refusal_text LIA_CAMPAIGN_SEGMENT_UNKNOWN[1];

/* Checks a campaign that somebody makes (`before` NULL: in any state, since finished ones are
 * imported, too) or changes. Refusals in the order above. */
lia_refusal lia_campaign_check(const Marketing__Campaign *before, Marketing__Campaign *after);

#endif
