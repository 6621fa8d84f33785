/* SPDX-License-Identifier: Apache-2.0 */
/* current - customer records as they are now, ready to be compared. The writer and readers come to
 * the same profiles here. Internal to common/identity. */
#ifndef LIA_IDENTITY_CURRENT_H
#define LIA_IDENTITY_CURRENT_H

#include "common/identity/layout.h"
#include "common/identity/settings.h"

/* ---- records --------------------------------------------------------------------------------- */

typedef struct lia_current {
    lia_profile profile;
    bool archived;
} lia_current;

/* The profile of a message; holders are not counted yet. LIA_EFULL: the arena. */
LIA_MUST_USE lia_err lia_current_of(lia_current *out, lia_id id, const Crm__Customer *customer,
                                    lia_country home, lia_arena *arena);

/* Whether the field of a customer is one that profiles are made of, or says that it is archived. */
bool lia_current_reads(uint32_t field);

/* The same of a stored record.
 *   LIA_EABSENT  there is none, or nothing is known that could tell it from others
 *   LIA_EGONE    it was erased      LIA_EINVAL  what is stored cannot be read as a customer: a
 *   peer wrote nonsense, or the disk did, and then the audit puts it right */
LIA_MUST_USE lia_err lia_current_make(lia_current *out, const lia_rows *rows, lia_id id,
                                      lia_country home, lia_arena *arena);

/* Counts the holders of all its keys. `more`: 1 when the record itself is not in the index. */
LIA_MUST_USE lia_err lia_current_count(lia_current *current, const lia_rows *rows, uint32_t more);

/* Counts those holders that a comparison with `known`, which has been counted, looks at: of keys
 * that both hold they are the same, of most others they do not matter. */
LIA_MUST_USE lia_err lia_current_count_beside(lia_current *current, const lia_rows *rows,
                                              const lia_current *known);

#endif
