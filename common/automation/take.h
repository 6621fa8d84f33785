/* SPDX-License-Identifier: Apache-2.0 */
/* take - the values that a step wants of a JSON answer: whether what it wants makes sense, and
 * reading them. Pure. Internal to common/automation, but for whoever asks (common/hooks). */
#ifndef LIA_AUTOMATION_TAKE_H
#define LIA_AUTOMATION_TAKE_H

#include "common/automation/answers.h"

/* Names are of letters, digits and _, none twice, none `status`; pointers are some.
 *   LIA_EINVAL  with a sentence: "takes[1].pointer: column 1: ..." */
LIA_MUST_USE lia_err lia_takes_check(Automation__StepTake *const *takes, size_t count,
                                     lia_why *why);

/* Reads them. Values that may miss are left out where they do. `out` has room for `count`; they
 * live in the arena, at most LIA_TAKES_MAX of them. LIA_EINVAL  the answer is no JSON, or is not
 * so: "score: a whole number is wanted at /score, text is there"      LIA_EFULL */
LIA_MUST_USE lia_err lia_takes_read(lia_span answer, Automation__StepTake *const *takes,
                                    size_t count, lia_arena *arena, Automation__AnswerValue **out,
                                    size_t *taken, lia_why *why);

#endif
