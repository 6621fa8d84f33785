/* SPDX-License-Identifier: Apache-2.0 */
#include "services/sales/pipeline.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_PIPELINE_HAS_NO_STAGES[1] = {
    {"pipeline-has-no-stages", "A pipeline needs at least one stage."}};
const lia_refusal_text LIA_STAGE_HAS_NO_NAME[1] = {
    {"stage-has-no-name", "Every stage needs a name."}};
const lia_refusal_text LIA_STAGES_SHARE_AN_ORDER[1] = {
    {"stages-share-an-order", "Two stages of a pipeline cannot have the same order."}};
const lia_refusal_text LIA_STAGE_IS_ABOVE_CERTAIN[1] = {
    {"stage-is-above-certain", "A stage's probability is a percentage, 0 to 100."}};

static bool shares_order(const Sales__Pipeline *pipeline, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (pipeline->stages[i]->order == pipeline->stages[index]->order) return true;
    return false;
}

lia_refusal lia_pipeline_check(const Sales__Pipeline *pipeline)
{
    if (!pipeline->n_stages) return LIA_PIPELINE_HAS_NO_STAGES;
    for (size_t i = 0; i < pipeline->n_stages; i++)
        if (lia_text_is_empty(pipeline->stages[i]->name)) return LIA_STAGE_HAS_NO_NAME;
    for (size_t i = 0; i < pipeline->n_stages; i++)
        if (shares_order(pipeline, i)) return LIA_STAGES_SHARE_AN_ORDER;
    for (size_t i = 0; i < pipeline->n_stages; i++)
        if (pipeline->stages[i]->probability > 100) return LIA_STAGE_IS_ABOVE_CERTAIN;
    return LIA_ALLOWED;
}

const Sales__Stage *lia_pipeline_stage(const Sales__Pipeline *pipeline, const char *name)
{
    for (size_t i = 0; name && i < pipeline->n_stages; i++) {
        const char *have = pipeline->stages[i]->name;
        if (have && strcmp(have, name) == 0) return pipeline->stages[i];
    }
    return NULL;
}

const Sales__Stage *lia_pipeline_first(const Sales__Pipeline *pipeline)
{
    const Sales__Stage *first = NULL;
    for (size_t i = 0; i < pipeline->n_stages; i++)
        if (!first || pipeline->stages[i]->order < first->order) first = pipeline->stages[i];
    return first;
}

lia_id lia_pipeline_default_id(void)
{
    return lia_id_derive("sales.pipeline", LIA_SPAN("default"));
}

const Sales__Pipeline *lia_pipeline_default(void)
{
#define STAGE(name, order, percent)                                                                \
    {                                                                                              \
        PROTOBUF_C_MESSAGE_INIT(&sales__stage__descriptor), name, true, order, true, percent       \
    }
    static Sales__Stage stages[] = {
        STAGE("Qualify", 1, 10),
        STAGE("Propose", 2, 30),
        STAGE("Negotiate", 3, 60),
        STAGE("Commit", 4, 85),
    };
#undef STAGE
    static Sales__Stage *list[LIA_COUNT(stages)] = {&stages[0], &stages[1], &stages[2], &stages[3]};
    static const Sales__Pipeline pipeline = {
        PROTOBUF_C_MESSAGE_INIT(&sales__pipeline__descriptor),
        .name = "Sales",
        .n_stages = LIA_COUNT(stages),
        .stages = list,
        .has_is_default = true,
        .is_default = true,
    };
    return &pipeline;
}
