/* SPDX-License-Identifier: Apache-2.0 */
/* consent_read - what a customer has said about the use of their data, from the views. A customer
 * may be several records (identity): all are given, and an objection at any of them counts.
 * Any thread that holds the rows. */
#ifndef LIA_CRM_CONSENT_READ_H
#define LIA_CRM_CONSENT_READ_H

#include "common/crm/consent.h"
#include "common/node/rows.h"

/* May this channel be used for this purpose, and why (or why not)? Looks at four records per
 * member. What *out points to lives in the arena. Campaigns, mail and dialers ask here before every
 * use.   LIA_EFULL  LIA_ECORRUPT  and as lia_rows_get */
LIA_MUST_USE lia_err lia_consent_ask(const lia_rows *rows, const lia_id *members, size_t count,
                                     lia_use use, lia_time now, lia_arena *arena,
                                     lia_consent_answer *out);

/* Most records of one list: purposes times channels, for as many members. */
#define LIA_CONSENTS_MAX 1024

/* All that they said, member by member. The entries live in the arena. */
LIA_MUST_USE lia_err lia_consent_list(const lia_rows *rows, const lia_id *members, size_t count,
                                      lia_arena *arena, lia_consent_entry **out, size_t *found);

#endif
