/* SPDX-License-Identifier: Apache-2.0 */
/* step - what a step of a run does to the world: it stages the effect, and says what it was.
 * Internal to common/automation. */
#ifndef LIA_AUTOMATION_STEP_H
#define LIA_AUTOMATION_STEP_H

#include "common/automation/book.h"

/* A step under way, and what there is to say of it afterwards. Texts live in the turn's arena. */
typedef struct lia_doing {
    lia_turn *turn;
    lia_book *book;
    const Automation__Run *run;
    lia_id run_id;
    const Automation__Step *step;
    const lia_subject *subject;
    /* the answer */
    const char *input, *detail;
    uint16_t made_kind;
    lia_id made;
    bool queued;            /* a channel has it */
    Automation__Rota *rota; /* as it is to be kept; NULL: nobody's turn was used */
    lia_id rota_id;
} lia_doing;

/* Stages the effect of a step that acts (not wait, branch, loop, end). On an error the turn's
 * sentence says why; what is staged is to be dropped. */
LIA_MUST_USE lia_err lia_step_do(lia_doing *doing);

/* The user whose turn it is (assign.c).
 *   LIA_EINVAL  nobody is left; the turn's sentence says so */
LIA_MUST_USE lia_err lia_assign_choose(lia_doing *doing, const lia_field *field, lia_id *user);

/* Stages whose turn it was, behind the change that it led to. */
LIA_MUST_USE lia_err lia_assign_keep(lia_doing *doing);

/* An id that depends on the run and the step's number alone. */
lia_id lia_step_id(const lia_doing *doing, const char *domain);

#endif
