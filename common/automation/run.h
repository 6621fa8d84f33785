/* SPDX-License-Identifier: Apache-2.0 */
/* run - one time that a rule or flow does its steps, as a record that survives everything.
 *
 *     set off --job--> begin: the record, with a copy of the plan     one commit each, under a key
 * that |                                            is made of the run and the number v of the
 * step: nothing twice step 0, step 1 ... : effect, mark and the timer for the next one
 *                        |-- wait: a timer, or a change of the record
 *                        '-- DONE, EXITED, FAILED (retry goes on at the step), CANCELLED
 *
 * One node of the department does it, the one where it happened or the one that it falls to; if it
 * does not, another takes over after a while. Writer thread only. */
#ifndef LIA_AUTOMATION_RUN_H
#define LIA_AUTOMATION_RUN_H

#include "common/automation/book.h"

/* The timer of runs; its key is the run's id. */
#define LIA_RUN_JOB "automation.run"

/* Longest chain of causes that a run may begin in. Below the node's own bound, so that the run
 * which goes beyond can still say so. */
#define LIA_AUTOMATION_DEPTH_MAX 8

/* What sets a run off. */
typedef struct lia_start {
    lia_id definition;
    uint16_t kind;
    lia_id record;
    lia_position cause; /* seq 0: the clock, or a person */
    uint32_t depth;     /* of the run's events */
} lia_start;

/* The same occasion gives the same run, on every node. */
lia_id lia_run_id(lia_id definition, lia_id record, lia_span occasion);

/* Has the run begin: at once where it falls to this node (`here`, or by lot), later where it would
 * only stand in. */
LIA_MUST_USE lia_err lia_run_set_off(lia_turn *turn, lia_id run, const lia_start *start,
                                     bool somebody_else, bool here);

/* Records the beginning of a run, within a turn that has its origin already. LIA_EABSENT: there is
 * no such record to be about. */
LIA_MUST_USE lia_err lia_run_begin(lia_turn *turn, lia_book *book, const lia_definition *definition,
                                   lia_id run, const lia_start *start);

/* The body of the job: whatever the run needs next. */
LIA_MUST_USE lia_err lia_run_go_on(lia_turn *turn, lia_id run, lia_span payload);

/* Another node has recorded something of a run of this department: keeps a timer in case that node
 * does not go on. */
LIA_MUST_USE lia_err lia_run_watch(lia_turn *turn, lia_id run);

/* Wakes the runs that wait for a change of this record. */
LIA_MUST_USE lia_err lia_runs_wake(lia_turn *turn, lia_id record);

/* What people may do: at the failed step again; stop it. */
LIA_MUST_USE lia_err lia_run_retry(lia_turn *turn, lia_id run);
LIA_MUST_USE lia_err lia_run_cancel(lia_turn *turn, lia_id run);

#endif
