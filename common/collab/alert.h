/* SPDX-License-Identifier: Apache-2.0 */
/* alert - what works by itself, and does not any more: told to whoever can do something about it.
 * Internal to common/collab. */
#ifndef LIA_COLLAB_ALERT_H
#define LIA_COLLAB_ALERT_H

#include "common/node/turn.h"

/* A webhook was stopped: its owner, or the administrators. */
LIA_MUST_USE lia_err lia_alert_stopped(lia_turn *turn, const lia_occurrence *seen);

/* A run failed at a step: the administrators, of each rule or flow once a day, however many of its
 * runs fail; the list of failed runs has them all. Who that is takes a walk over all users, so the
 * reaction only sets a timer, which gathers what fails within its ten seconds. */
LIA_MUST_USE lia_err lia_alert_failed(lia_turn *turn, const lia_occurrence *seen);

#define LIA_ALERT_JOB       "collab.failed"
#define LIA_ALERT_EVERY_MS  10000
#define LIA_ALERT_WITHIN_MS (2 * LIA_ALERT_EVERY_MS)
LIA_MUST_USE lia_err lia_alert_run(lia_turn *turn, lia_id definition, lia_span payload);

#endif
