/* SPDX-License-Identifier: Apache-2.0 */
/* answers - what HTTP steps were answered, as a part of the record that later steps look at:
 * `http.score >= 3` in filters, {{http.score}} in texts, `http.status` of the last answer. A kind
 * is copied with one field more, `http`, so that filters, templates and values need not know of it.
 * Pure. Internal to common/automation. */
#ifndef LIA_AUTOMATION_ANSWERS_H
#define LIA_AUTOMATION_ANSWERS_H

#include "common/wire/filter.h"
#include "proto/automation.pb-c.h"

/* Most values that one step takes, and bytes of a text among them. */
#define LIA_TAKES_MAX       16
#define LIA_TAKEN_BYTES_MAX ((size_t)1 << 10)
/* The name of the status among them. */
#define LIA_ANSWER_STATUS "status"

/* The kind as the steps of a plan see it behind `steps` of them: itself where none of those asks an
 * address. Of values of one name the first says what they are. Lives in the arena. NULL: it is
 * full. */
const lia_kind *lia_answers_kind(const lia_kind *kind, const Automation__Plan *plan, size_t steps,
                                 lia_arena *arena);

/* The record's message with the run's answers behind it, for such a kind. LIA_EFULL */
LIA_MUST_USE lia_err lia_answers_add(lia_span *message, const lia_kind *sees,
                                     Automation__AnswerValue *const *answers, size_t count,
                                     lia_arena *arena);

/* Puts values in, in place of those of their names. LIA_EFULL */
LIA_MUST_USE lia_err lia_answers_keep(Automation__Run *run, Automation__AnswerValue *const *values,
                                      size_t count, uint32_t status, lia_arena *arena);

#endif
