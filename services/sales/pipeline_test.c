/* SPDX-License-Identifier: Apache-2.0 */
#include "services/sales/pipeline.h"

#include "common/node/fields.h"
#include "tests/support/test.h"

#define STAGE(name, order, percent)                                                                \
    {                                                                                              \
        PROTOBUF_C_MESSAGE_INIT(&sales__stage__descriptor), name, true, order, true, percent       \
    }

TEST(a_pipeline_has_named_stages_in_an_order)
{
    static const struct {
        Sales__Stage stages[3];
        size_t count;
        lia_refusal want;
    } cases[] = {
        {{STAGE("A", 1, 10)}, 0, LIA_PIPELINE_HAS_NO_STAGES},
        {{STAGE("A", 1, 10)}, 1, LIA_ALLOWED},
        {{STAGE("A", 1, 10), STAGE("B", 2, 100)}, 2, LIA_ALLOWED},
        {{STAGE("A", 1, 10), STAGE("", 2, 10)}, 2, LIA_STAGE_HAS_NO_NAME},
        {{STAGE("A", 1, 10), STAGE("B", 1, 10)}, 2, LIA_STAGES_SHARE_AN_ORDER},
        {{STAGE("A", 3, 10), STAGE("B", 1, 10), STAGE("C", 3, 10)}, 3, LIA_STAGES_SHARE_AN_ORDER},
        {{STAGE("A", 1, 101)}, 1, LIA_STAGE_IS_ABOVE_CERTAIN},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Sales__Stage stages[3];
        Sales__Stage *list[3] = {&stages[0], &stages[1], &stages[2]};
        memcpy(stages, cases[i].stages, sizeof stages);
        Sales__Pipeline pipeline = SALES__PIPELINE__INIT;
        pipeline.stages = list;
        pipeline.n_stages = cases[i].count;
        CHECK_EQ(lia_pipeline_check(&pipeline), cases[i].want);
    }
}

TEST(the_first_stage_is_the_one_with_the_lowest_order)
{
    Sales__Stage stages[] = {STAGE("Last", 9, 90), STAGE("First", 1, 10), STAGE("Middle", 5, 50)};
    Sales__Stage *list[] = {&stages[0], &stages[1], &stages[2]};
    Sales__Pipeline pipeline = SALES__PIPELINE__INIT;
    CHECK(lia_pipeline_first(&pipeline) == NULL);
    pipeline.stages = list;
    pipeline.n_stages = 3;
    CHECK_TEXT(lia_pipeline_first(&pipeline)->name, "First");
    CHECK(lia_pipeline_stage(&pipeline, "Middle") == &stages[2]);
    CHECK(lia_pipeline_stage(&pipeline, "Nowhere") == NULL);
}

TEST(the_pipeline_to_start_with_is_sound_and_always_the_same)
{
    CHECK_EQ(lia_pipeline_check(lia_pipeline_default()), LIA_ALLOWED);
    CHECK_EQ(lia_pipeline_default()->n_stages, 4);
    CHECK(lia_id_equal(lia_pipeline_default_id(), lia_pipeline_default_id()));
    CHECK(!lia_id_is_none(lia_pipeline_default_id()));
}
