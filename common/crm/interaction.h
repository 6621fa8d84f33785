/* SPDX-License-Identifier: Apache-2.0 */
/* interaction - what a contact is by default, pure: which channel a call or a letter uses, and
 * what is written on a channel. */
#ifndef LIA_CRM_INTERACTION_H
#define LIA_CRM_INTERACTION_H

#include "common/base/time.h"
#include "proto/crm.pb-c.h"

extern const lia_refusal_text LIA_INTERACTION_IS_AHEAD[1];

/* How far ahead of this node's clock an interaction may lie: clocks differ, the future does not
 * happen yet. */
#define LIA_INTERACTION_AHEAD_MS LIA_DAY_MS

/* The channel that a type of interaction uses unless it says otherwise. */
Crm__Channel lia_interaction_channel(Crm__InteractionType type);

/* The type of a message that is sent on a channel: a call on the phone, a letter by post. */
Crm__InteractionType lia_interaction_type(Crm__Channel channel);

/* Completes a new interaction: when it happened and on which channel. */
lia_refusal lia_interaction_complete(Crm__Interaction *interaction, lia_time now);

#endif
