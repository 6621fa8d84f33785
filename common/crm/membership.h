/* SPDX-License-Identifier: Apache-2.0 */
/* membership - who belongs to the cluster, as history. The list itself travels beside the events
 * (common/sync); what is noted here says when another one came, and what it changed. */
#ifndef LIA_CRM_MEMBERSHIP_H
#define LIA_CRM_MEMBERSHIP_H

#include "common/node/service.h"

/* Notes a list that this node was given; the request is a MembersChanged. In no table of commands:
 * only who has checked the list's signature may say so. */
extern const lia_command_row lia_membership_note;

/* One list makes one record, whoever notes it. `list`: as it was signed. */
lia_id lia_membership_note_id(lia_span list);

#endif
