/* SPDX-License-Identifier: Apache-2.0 */
/* rule - rules and flows as people write them: whether they make sense, and as they are used. Pure.
 */
#ifndef LIA_AUTOMATION_RULE_H
#define LIA_AUTOMATION_RULE_H

#include "common/automation/book.h"
#include "common/automation/plan.h"

/* The shortest time between two rounds of a schedule. */
#define LIA_RULE_EVERY_MS_MIN LIA_MINUTE_MS

/* Actor numbers of rules and flows have this bit; those of people have not. */
#define LIA_ACTOR_AUTOMATION UINT32_C(0x80000000)
/* Depends on the id alone, so that all nodes name it alike. */
uint32_t lia_automation_actor(lia_id definition);

/* Check what was written and complete it: `enabled_at`, `actor`. `before` may be NULL. `place` says
 * what plans can lead to; its kind is set here. `why` names the field. LIA_EINVAL  LIA_EFULL */
LIA_MUST_USE lia_err lia_rule_complete(const Automation__Rule *before, Automation__Rule *rule,
                                       lia_id id, lia_time now, lia_plan_place *place,
                                       lia_why *why);
LIA_MUST_USE lia_err lia_flow_complete(Automation__Flow *flow, lia_id id, lia_plan_place *place,
                                       lia_why *why);

/* Into the form that is used; borrows the message, which lives in the arena.
 *   LIA_EABSENT  not enabled, archived, or another department's     LIA_EINVAL  LIA_EFULL */
LIA_MUST_USE lia_err lia_rule_read(lia_definition *out, const Automation__Rule *rule,
                                   lia_department department, lia_arena *arena, lia_why *why);
LIA_MUST_USE lia_err lia_flow_read(lia_definition *out, const Automation__Flow *flow,
                                   lia_department department, lia_arena *arena, lia_why *why);

#endif
