/* SPDX-License-Identifier: Apache-2.0 */
/* plan - the steps of a rule or flow: whether they make sense, and which one comes next. Pure.
 *
 * Steps stand in a list and follow one another. `next`, `then` and `otherwise` name later steps,
 * only a loop goes back, so often at most; so every plan ends. */
#ifndef LIA_AUTOMATION_PLAN_H
#define LIA_AUTOMATION_PLAN_H

#include "common/wire/filter.h"
#include "proto/automation.pb-c.h"

/* Most steps of a plan, most times of a loop, bytes of a plan, and steps that one run ever does. */
#define LIA_PLAN_STEPS_MAX 64
#define LIA_PLAN_TIMES_MAX 100
#define LIA_PLAN_BYTES_MAX ((size_t)16 << 10)
#define LIA_RUN_STEPS_MAX  256

/* What a plan's steps are about. */
typedef struct lia_plan_place {
    const lia_kind *kind; /* of the record */
    /* The request of a kind's verb; NULL: the verb is not known here, so its values cannot be
     * checked. *refuse: there certainly is no such verb. May be NULL. */
    const lia_message *(*verb)(void *context, const lia_kind *kind, const char *verb, bool *refuse);
    void *context;
    lia_arena *arena;
} lia_plan_place;

/* Checks a plan. `why` names the step: "plan.steps[2] (wait for an answer): until: column 1: ...".
 *   LIA_EINVAL  LIA_EFULL */
LIA_MUST_USE lia_err lia_plan_check(const Automation__Plan *plan, const lia_plan_place *place,
                                    lia_why *why);

/* The place of a step, n_steps when there is none of that name. */
size_t lia_plan_find(const Automation__Plan *plan, const char *name);

/* Which step comes behind one that was done: `next` or the one below; n_steps: the end. */
size_t lia_plan_after(const Automation__Plan *plan, size_t at);
/* Which comes behind a branch; `holds`: its condition. */
size_t lia_plan_branch(const Automation__Plan *plan, size_t at, bool holds);
/* Which comes behind a wait for a condition whose time was up. */
size_t lia_plan_too_late(const Automation__Plan *plan, size_t at);

/* The number of times a loop has gone back, in a run's list; 0: not yet. */
uint32_t lia_loop_count(const Automation__Run *run, const char *step);
/* Where a loop leads: back, as long as its bound and `holds` allow. When it goes back it is
 * counted, and the loops that are gone through again begin anew. *run's list must have room for one
 * more. `fresh` is the entry to use if it has none. */
size_t lia_plan_loop(Automation__Run *run, size_t at, bool holds, Automation__LoopCount *fresh);

#endif
