/* SPDX-License-Identifier: Apache-2.0 */
/* customer - the rules of the customer record, pure. */
#ifndef LIA_CRM_CUSTOMER_H
#define LIA_CRM_CUSTOMER_H

#include "common/base/arena.h"
#include "proto/crm.pb-c.h"

extern const lia_refusal_text LIA_CUSTOMER_IS_NOBODY[1];

/* The name put together from given and family name, in the arena; NULL when both are empty. */
const char *lia_customer_full_name(const Crm__Customer *customer, lia_arena *arena);

/* Completes a customer that is made (`before` NULL) or changed. A customer without a name is
 * called by given and family name, and follows them until somebody gives it a name of its own.
 * There must be a name, an e-mail, a phone or a number elsewhere: LIA_CUSTOMER_IS_NOBODY. */
lia_refusal lia_customer_complete(const Crm__Customer *before, Crm__Customer *after,
                                  lia_arena *arena);

#endif
