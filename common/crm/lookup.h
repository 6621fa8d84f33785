/* SPDX-License-Identifier: Apache-2.0 */
/* lookup - is it there? Asked on the way of every interaction, so it looks for the row of a record
 * and does not read it. */
#ifndef LIA_CRM_LOOKUP_H
#define LIA_CRM_LOOKUP_H

#include "common/node/turn.h"

extern const lia_refusal_text LIA_CUSTOMER_UNKNOWN[1];

/* LIA_OK when this node has the record, archived or not; LIA_EABSENT when it has not,
 * LIA_EGONE when it was erased. */
LIA_MUST_USE lia_err lia_record_exists(lia_turn *turn, uint16_t kind, lia_id id);

/* Refuses (LIA_CUSTOMER_UNKNOWN) an id in a message that is no customer of this node. */
LIA_MUST_USE lia_err lia_customer_must_exist(lia_turn *turn, ProtobufCBinaryData customer);

#endif
