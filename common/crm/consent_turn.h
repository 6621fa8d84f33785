/* SPDX-License-Identifier: Apache-2.0 */
/* consent_turn - the commands about consent: load, decide (consent.h), record, tell. */
#ifndef LIA_CRM_CONSENT_TURN_H
#define LIA_CRM_CONSENT_TURN_H

#include "common/node/turn.h"

/* For the command table; the requests are those of proto/crm.proto. */
LIA_MUST_USE lia_err lia_consent_handle_permit(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_consent_handle_withdraw(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_consent_handle_object(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_consent_handle_lift(lia_turn *turn, const void *request);

#endif
