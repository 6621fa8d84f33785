/* SPDX-License-Identifier: Apache-2.0 */
/* call - requests that runs wait for the answer of, as records of a secret kind, and what goes with
 * them to addresses outside that nobody may read.
 *
 *     run: step begins --call, same commit--> whoever asks (common/hooks) --> the address
 *     run: goes on     <--job-- settled, one commit, once  <-- answer, read <--'
 *
 * A request is repeated until it is answered for good or its time is up, under one Idempotency-Key,
 * which is the call's id. What was asked is dropped when it is settled. */
#ifndef LIA_AUTOMATION_CALL_H
#define LIA_AUTOMATION_CALL_H

#include "common/automation/step.h"

/* Sent by whoever asks: Automation__SettleHttpCall. No path leads to it. */
extern const lia_command_row *const lia_settle_call;

/* The value of a secret, in the arena; its record says where to. LIA_EABSENT: it has none, or is
 * not there any more.   LIA_EFULL  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_http_secret_read(const lia_rows *rows, lia_id secret, lia_arena *arena,
                                          const Automation__HttpSecret **record,
                                          const char **value);

/* ---- for runs. Internal to common/automation ------------------------------------------------- */

/* Stages the call of a step, to be asked by this node until then.
 *   LIA_EINVAL  the turn's sentence says why it cannot be asked for this record */
LIA_MUST_USE lia_err lia_call_begin(lia_doing *doing, int64_t until_ms);
/* The call of the step that a run waits at. LIA_EABSENT */
LIA_MUST_USE lia_err lia_call_load(lia_turn *turn, lia_id run, const Automation__Run *state,
                                   Automation__HttpCall **out);
/* From now on this node asks. */
LIA_MUST_USE lia_err lia_call_take_over(lia_turn *turn, lia_id run, const Automation__Run *state,
                                        Automation__HttpCall *call);
/* Nobody asks any more. Nothing when there is no such call. */
LIA_MUST_USE lia_err lia_call_drop(lia_turn *turn, lia_id run, const Automation__Run *state);

/* ---- tables ---------------------------------------------------------------------------------- */

LIA_MUST_USE lia_err lia_call_settle(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_http_secret_set(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_http_secret_prepare(lia_turn *turn, lia_id id, const void *before,
                                             void *after);

#endif
