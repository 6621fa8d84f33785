/* SPDX-License-Identifier: Apache-2.0 */
/* clock - rules that time sets off: so long after an instant in a record, and every so often. A
 * durable timer per rule holds how far it has looked, and moves in the commit of what it set off.
 */
#ifndef LIA_AUTOMATION_CLOCK_H
#define LIA_AUTOMATION_CLOCK_H

#include "common/automation/book.h"

#define LIA_CLOCK_JOB "automation.clock"

/* A rule is looked at this often at least, so that a value that came meanwhile is seen in time. */
#define LIA_CLOCK_LOOK_MS LIA_MINUTE_MS

/* Sees to it that every rule of the book that goes by the clock has its timer. */
LIA_MUST_USE lia_err lia_clocks_keep(lia_turn *turn, lia_book *book);

/* A rule was changed: a schedule's rounds may come at other times. */
LIA_MUST_USE lia_err lia_clock_changed(lia_turn *turn, lia_book *book, lia_id rule);

/* The body of the job: sets off what is due for one rule, some records at a time. */
LIA_MUST_USE lia_err lia_clock_ring(lia_turn *turn, lia_id rule, lia_span payload);

#endif
