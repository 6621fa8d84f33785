/* SPDX-License-Identifier: Apache-2.0 */
/* trigger - which rules an event sets off. */
#ifndef LIA_AUTOMATION_TRIGGER_H
#define LIA_AUTOMATION_TRIGGER_H

#include "common/automation/book.h"

/* Whether a rule that waits for facts or changes is about something in this event; *op is what,
 * NULL where it is the event's customer. Looks at the event alone. */
bool lia_trigger_fits(const lia_definition *rule, const lia_event *event, const lia_op **op,
                      lia_id *record);

/* Whether the rule's conditions hold for the record as it is in `after`, and as it was in `before`
 * (NULL: not looked at, since `op` is NULL or the rule does not ask). */
bool lia_trigger_holds(const lia_definition *rule, const lia_event *event, const lia_op *op,
                       const lia_subject *before, const lia_subject *after);

/* Whether the rule must know what the record was. */
static inline bool lia_trigger_looks_back(const lia_definition *rule)
{
    return rule->rule->trigger == AUTOMATION__TRIGGER__TRIGGER_CHANGE &&
           (rule->before || rule->rule->change);
}

/* What makes two nodes' events of one command one occasion: 48 bytes at most. */
size_t lia_occasion_of(const lia_event *event, uint8_t out[48]);

/* The bodies of the listener. */
bool lia_trigger_wants(lia_turn *turn, uint32_t fact);
LIA_MUST_USE lia_err lia_trigger_react(lia_turn *turn, const lia_occurrence *seen);

#endif
