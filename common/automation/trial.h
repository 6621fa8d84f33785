/* SPDX-License-Identifier: Apache-2.0 */
/* trial - a dry run of a rule or a flow: how often it would have begun over the last days (dry.h),
 * and the ways that the newest of those would have gone (way.h). Nothing is done.
 *
 * A flow begins where the enabled rules that start it are set off. Is there none, it is looked at
 * as if it had begun for each record of its kind when that was made. Reads only; from any thread, a
 * slice at a time, each over a snapshot of its own. */
#ifndef LIA_AUTOMATION_TRIAL_H
#define LIA_AUTOMATION_TRIAL_H

#include "common/automation/dry.h"
#include "common/automation/plan.h"
#include "common/automation/way.h"

#define LIA_TRIAL_WAYS_MAX     20 /* of the newest examples */
#define LIA_TRIAL_STARTERS_MAX 8

typedef struct lia_trial_starter {
    lia_id rule;
    const char *name;
    lia_span message;             /* a rule with the same trigger */
    const Automation__Plan *plan; /* of a rule that starts the flow: its own */
} lia_trial_starter;

typedef struct lia_trial_example {
    lia_dry_example what;
    size_t starter; /* of a flow that rules start: which */
    lia_way *way;   /* NULL: it is not told */
} lia_trial_example;

typedef struct lia_trial {
    const lia_kind *kind;
    const Automation__Plan *plan;
    const char *exit;
    bool is_flow;
    lia_id flow;
    lia_trial_starter starters[LIA_TRIAL_STARTERS_MAX]; /* of a flow */
    size_t starter_count;                               /* 0: as if begun with the record */
    /* how far it is */
    lia_time now;
    unsigned days_back;
    uint64_t newest;
    lia_dry *dry; /* of the starter under way; NULL: the ways are */
    size_t at, ways;
    lia_arena arena, scratch[2];
    /* the answer, as in dry.h */
    uint64_t looked, runs, days[LIA_DRY_DAYS_MAX];
    lia_trial_example examples[LIA_DRY_EXAMPLES_MAX]; /* the newest first */
    size_t example_count;
    bool as_of_now;
    const char *stopped;
    /* Of the ways: through how many a step leads, by its place; and, what is not known, perhaps. */
    uint32_t reached[64], maybe[64];
} lia_trial;

/* Begins; `kind` is LIA_RULE or LIA_FLOW. Errors as of lia_dry_open, and LIA_EABSENT: there is
 * none. */
LIA_MUST_USE lia_err lia_trial_open(lia_trial **out, const lia_rows *rows, uint16_t kind, lia_id id,
                                    uint64_t newest, lia_time now, unsigned days, lia_why *why);
/* Looks at some more. *more: it has not come to its end.   LIA_EIO  LIA_ECORRUPT  LIA_EFULL */
LIA_MUST_USE lia_err lia_trial_slice(lia_trial *trial, const lia_rows *rows, bool *more);
/* NULL is fine. */
void lia_trial_close(lia_trial *trial);

#endif
