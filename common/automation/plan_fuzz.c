/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a plan as JSON, up to a zero byte, and then decisions. A plan that is taken is
 * walked: it ends, and no step names one that is not there. Its texts are filled. */
#include "common/automation/plan.h"
#include "common/automation/template.h"
#include "common/automation/values.h"
#include "common/base/assert.h"
#include "common/wire/unpack.h"

static lia_arena arena;

/* Loops 100 times within 100 times and so on end, but not soon; a run stops before. */
static void walk(Automation__Plan *plan, lia_span dice)
{
    static Automation__LoopCount counts[LIA_PLAN_STEPS_MAX];
    static Automation__LoopCount *list[LIA_PLAN_STEPS_MAX];
    Automation__Run run = AUTOMATION__RUN__INIT;
    run.plan = plan;
    run.loops = list;
    size_t at = 0;
    for (size_t i = 0; at < plan->n_steps && i < LIA_RUN_STEPS_MAX; i++) {
        bool holds = dice.size ? dice.data[i % dice.size] & 1 : true;
        lia_assert(run.n_loops < LIA_PLAN_STEPS_MAX);
        size_t from = at;
        bool loops = plan->steps[at]->action == AUTOMATION__ACTION__ACTION_LOOP;
        if (loops) {
            automation__loop_count__init(&counts[run.n_loops]);
            at = lia_plan_loop(&run, at, holds, &counts[run.n_loops]);
        } else if (plan->steps[at]->action == AUTOMATION__ACTION__ACTION_BRANCH) {
            at = lia_plan_branch(plan, at, holds);
        } else {
            at = holds ? lia_plan_after(plan, at) : lia_plan_too_late(plan, at);
        }
        lia_assert(at <= plan->n_steps && (loops || at > from));
    }
}

static void fill(const Automation__Plan *plan, const lia_kind *kind, lia_span message)
{
    const lia_filter_subject subject = {.message = message};
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Automation__Step *step = plan->steps[i];
        const char *texts[] = {step->to, step->subject, step->text, step->at};
        for (size_t t = 0; t < LIA_COUNT(texts); t++) {
            lia_buf out = lia_buf_make(&arena);
            if (texts[t])
                lia_assert(!lia_template_fill(&out, lia_span_text(texts[t]), kind, &subject,
                                              (lia_template_as)(t % 3)) ||
                           out.failed);
        }
        const lia_values values = {step->values, step->n_values, kind->message, LIA_JSON_PATCH,
                                   kind};
        lia_buf json = lia_buf_make(&arena);
        lia_json_object object;
        if (step->action == AUTOMATION__ACTION__ACTION_SET &&
            !lia_values_put(&json, &values, &subject, LIA_SPAN_NONE) &&
            !lia_json_read(&object, kind->message, LIA_JSON_PATCH, lia_buf_get(&json), &arena,
                           NULL))
            lia_assert(object.mentioned_count <= step->n_values);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    lia_span text = lia_span_make(data, zero ? (size_t)(zero - data) : size);
    lia_span rest = zero ? lia_span_make(zero + 1, size - text.size - 1) : LIA_SPAN_NONE;
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) return 0;
    lia_arena_reset(&arena);
    lia_json_object object;
    lia_why why = {{0}};
    if (lia_json_read(&object, lia_message_find("liaison.automation.Plan"), LIA_JSON_COMMAND, text,
                      &arena, NULL))
        return 0;
    Automation__Plan *plan =
        (void *)lia_unpack(&automation__plan__descriptor, object.message, &arena);
    if (!plan) return 0;
    size_t kinds;
    const lia_kind *kind = lia_kinds(&kinds);
    kind += rest.size ? rest.data[0] % kinds : 0;
    const lia_plan_place place = {.kind = kind, .arena = &arena};
    lia_err err = lia_plan_check(plan, &place, &why);
    lia_assert(err == LIA_OK || err == LIA_EFULL || why.text[0]);
    if (err) return 0;
    walk(plan, rest);
    fill(plan, kind, rest);
    return 0;
}
