/* SPDX-License-Identifier: Apache-2.0 */
/* retention_turn - rules checked when they are written, and applied: each day, or when somebody
 * says so. A run looks at all interactions in slices, so it can be as long as it takes, and goes on
 * behind its last slice after a crash. Rows of tables for crm.c. */
#ifndef LIA_CRM_RETENTION_TURN_H
#define LIA_CRM_RETENTION_TURN_H

#include "common/node/turn.h"

#define LIA_RETENTION_DAY_JOB "retention.day"
#define LIA_RETENTION_RUN_JOB "retention.run"

/* A slice is set no further ahead than this. */
#define LIA_RETENTION_PAUSE_MS 10

LIA_MUST_USE lia_err lia_retention_prepare(lia_turn *turn, lia_id id, const void *before,
                                           void *after);
/* POST /retention_rules/{id}:apply, and what every node does when it hears of it. */
LIA_MUST_USE lia_err lia_retention_handle_apply(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_retention_react(lia_turn *turn, const lia_occurrence *seen);

/* Sets the first day's clock. */
LIA_MUST_USE lia_err lia_retention_ready(lia_turn *turn);
LIA_MUST_USE lia_err lia_retention_day(lia_turn *turn, lia_id key, lia_span payload);
LIA_MUST_USE lia_err lia_retention_run(lia_turn *turn, lia_id rule, lia_span payload);

#endif
