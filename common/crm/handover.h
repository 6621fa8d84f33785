/* SPDX-License-Identifier: Apache-2.0 */
/* handover - work that passes from one department to another: its rules, pure.
 *
 *     (new) --offer--> OFFERED --accept (to)-----> ACCEPTED     owner: to, epoch + 1
 *                         |-----refuse (to)------> REFUSED      owner: from
 *                         '-----withdraw (from)--> WITHDRAWN    owner: from
 *
 * Each department writes into its own log, so an answer and a withdrawal can cross. The state is
 * merged by the highest number (proto/crm.proto): accepted beats withdrawn beats refused beats
 * offered, in whatever order the events arrive. Until an answer is seen the old owner stays
 * responsible. */
#ifndef LIA_CRM_HANDOVER_H
#define LIA_CRM_HANDOVER_H

#include "common/base/time.h"
#include "common/wire/schema.h"
#include "proto/crm.pb-c.h"

#define LIA_HANDOVER_OFFERED   CRM__HANDOVER_STATE__HANDOVER_STATE_OFFERED
#define LIA_HANDOVER_REFUSED   CRM__HANDOVER_STATE__HANDOVER_STATE_REFUSED
#define LIA_HANDOVER_WITHDRAWN CRM__HANDOVER_STATE__HANDOVER_STATE_WITHDRAWN
#define LIA_HANDOVER_ACCEPTED  CRM__HANDOVER_STATE__HANDOVER_STATE_ACCEPTED

/* How long the other department has to answer when the offer does not say. */
#define LIA_HANDOVER_ANSWER_MS LIA_DAY_MS

extern const lia_refusal_text LIA_HANDOVER_TO_NOBODY[1];
extern const lia_refusal_text LIA_HANDOVER_TO_ITSELF[1];
extern const lia_refusal_text LIA_HANDOVER_HAS_NO_REASON[1];
extern const lia_refusal_text LIA_HANDOVER_IS_LATE[1];
extern const lia_refusal_text LIA_HANDOVER_IS_NOT_YOURS[1];
extern const lia_refusal_text LIA_HANDOVER_IS_ANSWERED[1];
extern const lia_refusal_text LIA_HANDOVER_HAS_NO_ANSWER[1];

/* Completes an offer of `from`: state, epoch 1, the time it was made and, if it has none, its
 * deadline. Refusals in the order above. */
lia_refusal lia_handover_offer(Crm__Handover *handover, lia_department from, lia_time now);

/* The answers of the department it is offered to. `answer` is borrowed. */
lia_refusal lia_handover_accept(Crm__Handover *handover, lia_department by);
lia_refusal lia_handover_refuse(Crm__Handover *handover, lia_department by, const char *answer);

/* The department that offered takes it back. */
lia_refusal lia_handover_withdraw(Crm__Handover *handover, lia_department by);

/* Marks an offer that nobody has answered in time. False when there is nothing to mark. */
bool lia_handover_lapse(Crm__Handover *handover, lia_time now);

/* Who is responsible for the customer's matter. */
lia_department lia_handover_owner(const Crm__Handover *handover);

#endif
