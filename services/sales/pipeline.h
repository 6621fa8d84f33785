/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline - the stages that deals pass, in order: rules, pure. Stages are a set by name; their
 * `order` says which comes first. */
#ifndef LIA_SALES_PIPELINE_H
#define LIA_SALES_PIPELINE_H

#include "common/base/id.h"
#include "proto/sales.pb-c.h"

extern const lia_refusal_text LIA_PIPELINE_HAS_NO_STAGES[1];
extern const lia_refusal_text LIA_STAGE_HAS_NO_NAME[1];
extern const lia_refusal_text LIA_STAGES_SHARE_AN_ORDER[1];
extern const lia_refusal_text LIA_STAGE_IS_ABOVE_CERTAIN[1];

/* Checks a pipeline that somebody makes or changes. Refusals in the order above. */
lia_refusal lia_pipeline_check(const Sales__Pipeline *pipeline);

/* The stage of that name, or the first one; NULL when there is none. */
const Sales__Stage *lia_pipeline_stage(const Sales__Pipeline *pipeline, const char *name);
const Sales__Stage *lia_pipeline_first(const Sales__Pipeline *pipeline);

/* The pipeline that every sales department starts with: always the same id, so that making it
 * again makes nothing. */
lia_id lia_pipeline_default_id(void);
const Sales__Pipeline *lia_pipeline_default(void);

#endif
