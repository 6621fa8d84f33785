/* SPDX-License-Identifier: Apache-2.0 */
/* progress - how far this node is with a retention rule: its own entry in the rule's record, which
 * no other node writes. */
#ifndef LIA_NODE_PROGRESS_H
#define LIA_NODE_PROGRESS_H

#include "common/node/turn.h"
#include "proto/crm.pb-c.h"

/* Rules beyond so many are not applied. */
#define LIA_RETENTION_RULES_MAX 256

/* All rules, archived ones too. Errors as lia_rows_scan. */
LIA_MUST_USE lia_err lia_progress_rules(lia_turn *turn, lia_id out[LIA_RETENTION_RULES_MAX],
                                        size_t *count);

/* The node's entry in the loaded rule, made when it has none. NULL: the arena is full. */
Crm__RetentionProgress *lia_progress_own(lia_turn *turn, Crm__RetentionRule *rule);

#endif
