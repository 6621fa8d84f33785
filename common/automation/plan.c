/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/plan.h"

#include "common/node/fields.h"

size_t lia_plan_find(const Automation__Plan *plan, const char *name)
{
    size_t at = 0;
    lia_span wanted = lia_span_text(name);
    while (at < plan->n_steps &&
           (!name || !lia_span_equal(lia_span_text(plan->steps[at]->name), wanted)))
        at++;
    return at;
}

size_t lia_plan_after(const Automation__Plan *plan, size_t at)
{
    const Automation__Step *step = plan->steps[at];
    if (step->action == AUTOMATION__ACTION__ACTION_END) return plan->n_steps;
    return lia_text_is_empty(step->next) ? at + 1 : lia_plan_find(plan, step->next);
}

static size_t named_or_after(const Automation__Plan *plan, size_t at, const char *name)
{
    return lia_text_is_empty(name) ? lia_plan_after(plan, at) : lia_plan_find(plan, name);
}

size_t lia_plan_branch(const Automation__Plan *plan, size_t at, bool holds)
{
    const Automation__Step *step = plan->steps[at];
    return named_or_after(plan, at, holds ? step->then : step->otherwise);
}

size_t lia_plan_too_late(const Automation__Plan *plan, size_t at)
{
    return named_or_after(plan, at, plan->steps[at]->otherwise);
}

/* ---- loops ----------------------------------------------------------------------------------- */

static Automation__LoopCount *find_loop(const Automation__Run *run, const char *step)
{
    for (size_t i = 0; i < run->n_loops; i++)
        if (lia_span_equal(lia_span_text(run->loops[i]->step), lia_span_text(step)))
            return run->loops[i];
    return NULL;
}

uint32_t lia_loop_count(const Automation__Run *run, const char *step)
{
    const Automation__LoopCount *loop = find_loop(run, step);
    return loop ? loop->count : 0;
}

size_t lia_plan_loop(Automation__Run *run, size_t at, bool holds, Automation__LoopCount *fresh)
{
    const Automation__Plan *plan = run->plan;
    const Automation__Step *step = plan->steps[at];
    Automation__LoopCount *loop = find_loop(run, step->name);
    if (!holds || (loop ? loop->count : 0) >= step->times) return lia_plan_after(plan, at);
    if (!loop) {
        loop = fresh;
        loop->step = step->name;
        run->loops[run->n_loops++] = loop;
    }
    LIA_SET(loop, count, loop->count + 1);
    size_t back = lia_plan_find(plan, step->back);
    for (size_t i = back; i < at; i++) {
        Automation__LoopCount *inner = find_loop(run, plan->steps[i]->name);
        if (inner) LIA_SET(inner, count, 0);
    }
    return back;
}
