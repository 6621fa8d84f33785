/* SPDX-License-Identifier: Apache-2.0 */
/* run_inner - what the files of runs share. Internal to them. */
#ifndef LIA_AUTOMATION_RUN_INNER_H
#define LIA_AUTOMATION_RUN_INNER_H

#include "common/automation/run.h"

#define LIA_RUN_STATE(name) AUTOMATION__RUN_STATE__RUN_STATE_##name

/* A row that could not be read is put right meanwhile. */
#define LIA_RUN_MEND_MS (5 * LIA_SECOND_MS)

static inline bool lia_run_has_ended(const Automation__Run *run)
{
    return run->state != LIA_RUN_STATE(RUNNING) && run->state != LIA_RUN_STATE(WAITING);
}
/* Whether something may succeed a moment later without anybody doing anything. */
static inline bool lia_run_must_wait(lia_err err)
{
    return err == LIA_ECORRUPT || err == LIA_EBUSY;
}

/* ---- run_state.c: each records the run as it then is and tells of it ---------------------------
 */

/* The key of one of the run's steps: the same on every node. A retry is not the attempt before. */
lia_id lia_run_key(lia_id run, const char *what, uint32_t number, uint32_t attempt);
/* Has the turn act for the run, under this key. LIA_EEXIST: that was done. */
LIA_MUST_USE lia_err lia_run_act_as(lia_turn *turn, lia_id key, const Automation__Run *run);
/* Sets the run's timer. */
LIA_MUST_USE lia_err lia_run_look_at(lia_turn *turn, lia_id run, int64_t due_ms);

/* It ends; nothing of it is needed for going on any more. `reason` may be NULL. */
LIA_MUST_USE lia_err lia_run_end(lia_turn *turn, lia_id id, Automation__Run *run,
                                 Automation__RunState state, const char *reason);
/* It fails where it stands; plan and step stay, for a retry. */
LIA_MUST_USE lia_err lia_run_fail(lia_turn *turn, lia_id id, Automation__Run *run,
                                  const char *reason);
LIA_MUST_USE lia_err lia_run_tell_advanced(lia_turn *turn, lia_id id, const char *step);
/* It goes on with a step, or ends behind the last. */
LIA_MUST_USE lia_err lia_run_go_to(lia_turn *turn, lia_id id, Automation__Run *run, size_t next);

/* ---- run_step.c --------------------------------------------------------------------------------
 */

/* Does what is next of a run that this node does. */
LIA_MUST_USE lia_err lia_run_do_step(lia_turn *turn, lia_book *book, lia_id id,
                                     Automation__Run *run);

#endif
