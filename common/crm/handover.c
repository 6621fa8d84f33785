/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/handover.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_HANDOVER_TO_NOBODY[1] = {
    {"handover-to-nobody", "There is no such department to hand over to."}};
const lia_refusal_text LIA_HANDOVER_TO_ITSELF[1] = {
    {"handover-to-itself", "A department cannot hand over to itself."}};
const lia_refusal_text LIA_HANDOVER_HAS_NO_REASON[1] = {
    {"handover-has-no-reason", "Say why the customer is handed over."}};
const lia_refusal_text LIA_HANDOVER_IS_LATE[1] = {
    {"handover-is-late", "The deadline for an answer has passed already."}};
const lia_refusal_text LIA_HANDOVER_IS_NOT_YOURS[1] = {
    {"handover-is-not-yours", "Only the department it is offered to accepts or refuses a "
                              "hand-over, and only the one that offered it withdraws it."}};
const lia_refusal_text LIA_HANDOVER_IS_ANSWERED[1] = {
    {"handover-is-answered", "The hand-over has been answered or withdrawn already."}};
const lia_refusal_text LIA_HANDOVER_HAS_NO_ANSWER[1] = {
    {"handover-has-no-answer", "Say why the hand-over is refused."}};

lia_refusal lia_handover_offer(Crm__Handover *handover, lia_department from, lia_time now)
{
    int to = handover->has_to ? (int)handover->to : LIA_DEPARTMENT_ANY;
    if (to <= LIA_DEPARTMENT_ANY || to >= LIA_DEPARTMENTS) return LIA_HANDOVER_TO_NOBODY;
    if (to == (int)from) return LIA_HANDOVER_TO_ITSELF;
    if (lia_text_is_empty(handover->reason)) return LIA_HANDOVER_HAS_NO_REASON;
    if (handover->has_deadline && handover->deadline <= now.ms) return LIA_HANDOVER_IS_LATE;

    LIA_SET(handover, from, (Liaison__Department)from);
    LIA_SET(handover, state, LIA_HANDOVER_OFFERED);
    LIA_SET(handover, epoch, 1);
    LIA_SET(handover, offered_at, now.ms);
    if (!handover->has_deadline) LIA_SET(handover, deadline, now.ms + LIA_HANDOVER_ANSWER_MS);
    return LIA_ALLOWED;
}

/* Whether `by` may answer or withdraw: who it is goes before what has happened. */
static lia_refusal check_open(const Crm__Handover *handover, Liaison__Department whose,
                              lia_department by)
{
    if ((int)whose != (int)by) return LIA_HANDOVER_IS_NOT_YOURS;
    if (handover->state != LIA_HANDOVER_OFFERED) return LIA_HANDOVER_IS_ANSWERED;
    return LIA_ALLOWED;
}

lia_refusal lia_handover_accept(Crm__Handover *handover, lia_department by)
{
    lia_refusal no = check_open(handover, handover->to, by);
    if (no) return no;
    LIA_SET(handover, state, LIA_HANDOVER_ACCEPTED);
    LIA_SET(handover, epoch, handover->epoch + 1);
    return LIA_ALLOWED;
}

lia_refusal lia_handover_refuse(Crm__Handover *handover, lia_department by, const char *answer)
{
    lia_refusal no = check_open(handover, handover->to, by);
    if (no) return no;
    if (lia_text_is_empty(answer)) return LIA_HANDOVER_HAS_NO_ANSWER;
    LIA_SET(handover, state, LIA_HANDOVER_REFUSED);
    handover->answer = answer;
    return LIA_ALLOWED;
}

lia_refusal lia_handover_withdraw(Crm__Handover *handover, lia_department by)
{
    lia_refusal no = check_open(handover, handover->from, by);
    if (no) return no;
    LIA_SET(handover, state, LIA_HANDOVER_WITHDRAWN);
    return LIA_ALLOWED;
}

bool lia_handover_lapse(Crm__Handover *handover, lia_time now)
{
    if (handover->state != LIA_HANDOVER_OFFERED || handover->overdue) return false;
    if (!handover->has_deadline || handover->deadline > now.ms) return false;
    LIA_SET(handover, overdue, true);
    return true;
}

lia_department lia_handover_owner(const Crm__Handover *handover)
{
    return (lia_department)(handover->state == LIA_HANDOVER_ACCEPTED ? handover->to
                                                                     : handover->from);
}
