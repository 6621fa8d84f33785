/* SPDX-License-Identifier: Apache-2.0 */
/* way - which steps of a plan one record would have gone through, had a run begun at a moment, and
 * when. Nothing is done; reads only, from any thread.
 *
 * Conditions meet the record as it was when the run would have come to them; other records and
 * figures as they are now. What depends on an answer that nobody has asked for, on what a step
 * above would have written, or on the future is not known before it runs: there the way forks, and
 * both ways are told. */
#ifndef LIA_AUTOMATION_WAY_H
#define LIA_AUTOMATION_WAY_H

#include "common/automation/book.h"

/* Most steps of one way, with all that it forks into; and forks within one another. */
#define LIA_WAY_STEPS_MAX 64
#define LIA_WAY_FORKS_MAX 4

/* What becomes of a step. Names in JSON are in way.c. */
typedef enum lia_way_outcome {
    LIA_WAY_DOES,      /* it acts */
    LIA_WAY_HOLDS,     /* a branch's or loop's condition, or that of a wait, at `until` */
    LIA_WAY_HOLDS_NOT, /* the same; of a wait: the time is up at `until` */
    LIA_WAY_WAITS,     /* until `until`, which may be ahead */
    LIA_WAY_UNKNOWN,   /* not known before it runs: see ways */
    LIA_WAY_FAILS,     /* a text of the record gives no instant; an answer is no good */
    LIA_WAY_ENDS,
    LIA_WAY_EXITS, /* the flow's exit condition held in front of it */
    LIA_WAY_CUT,   /* longer than is told */
    LIA_WAY_OUTCOMES
} lia_way_outcome;

const char *lia_way_outcome_name(lia_way_outcome outcome);

typedef struct lia_way lia_way;

typedef struct lia_way_step {
    const Automation__Step *step;
    bool of_rule; /* of the rule that starts the flow, in front of that */
    lia_time at;  /* at the earliest, behind a fork */
    lia_way_outcome outcome;
    lia_time until; /* 0: none */
    lia_way *ways;  /* of what is not known */
    struct lia_way_step *next;
} lia_way_step;

struct lia_way {
    const char *when; /* "holds", "holds_not", "answered", "unanswered"; NULL: the whole */
    lia_way_step *first;
    lia_way *next;
};

/* What is asked. */
typedef struct lia_way_ask {
    const lia_rows *rows;
    lia_beyond *beyond; /* over the same rows */
    const lia_kind *kind;
    const Automation__Plan *plan;
    const char *exit; /* of a flow; may be NULL */
    /* Of a flow that a rule starts: the rule's plan, which the way begins with, and the flow, whose
     * own steps stand in place of the one that starts it. NULL: it begins with the plan. */
    const Automation__Plan *rule;
    lia_id flow;
    lia_id record;
    lia_time began, now;
} lia_way_ask;

/* The way lives in the arena; `scratch` is reset.
 *   LIA_EABSENT  the record was not there then, or was erased     LIA_EFULL  LIA_EIO  LIA_ECORRUPT
 */
LIA_MUST_USE lia_err lia_way_find(lia_way **out, const lia_way_ask *ask, lia_arena *arena,
                                  lia_arena scratch[2]);

#endif
