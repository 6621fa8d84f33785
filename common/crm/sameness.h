/* SPDX-License-Identifier: Apache-2.0 */
/* sameness - people say that two customer records are the same customer, or are not. What they say
 * beats every rule, and two records of which somebody said that they are not the same stay apart on
 * every node, whoever links them at the same time. */
#ifndef LIA_CRM_SAMENESS_H
#define LIA_CRM_SAMENESS_H

#include "common/node/turn.h"

extern const lia_refusal_text LIA_CUSTOMER_IS_ITSELF[1];
extern const lia_refusal_text LIA_CUSTOMERS_HELD_APART[1];
extern const lia_refusal_text LIA_CUSTOMER_TOO_LARGE[1];
extern const lia_refusal_text LIA_CUSTOMERS_NOT_LINKED[1];

/* The record of what was said of a pair; the same whichever of the two comes first. */
lia_id lia_sameness_id(lia_id a, lia_id b);

/* Handlers, of the requests of their names. Refused besides what their texts say: an `other` that
 * this node does not know. LIA_EGONE: it was erased. */
lia_err lia_customer_link(lia_turn *turn, const void *request);
/* A link that only people made is taken back; where rules link, too, or others stand between, the
 * two are told apart, or they would be one customer again at once. */
lia_err lia_customer_unlink(lia_turn *turn, const void *request);
lia_err lia_customer_tell_apart(lia_turn *turn, const void *request);

/* The rule of matching models. */
lia_err lia_match_model_prepare(lia_turn *turn, lia_id id, const void *before, void *after);

#endif
