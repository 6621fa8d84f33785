/* SPDX-License-Identifier: Apache-2.0 */
/* current - customer records as they are now, ready to be compared, and the model by which they
 * are. The writer and readers come to the same profiles here. Internal to common/identity. */
#ifndef LIA_IDENTITY_CURRENT_H
#define LIA_IDENTITY_CURRENT_H

#include "common/identity/layout.h"

/* ---- the model ------------------------------------------------------------------------------- */

/* The newest model that anybody has recorded, or the built-in one. */
typedef struct lia_settings {
    lia_model model;
    lia_country home;
    uint64_t hash; /* of all that scores depend on */
} lia_settings;

LIA_MUST_USE lia_err lia_settings_read(lia_settings *out, const lia_rows *rows, lia_arena *arena);

/* The numbers of a record; those that are absent are the built-in ones. Says what is wrong with it:
 * LIA_OK, or LIA_EINVAL with a sentence that names the field. */
LIA_MUST_USE lia_err lia_settings_of(lia_settings *out, const Crm__MatchModel *record,
                                     lia_why *why);

/* ---- records --------------------------------------------------------------------------------- */

typedef struct lia_current {
    lia_profile profile;
    uint64_t hashes[LIA_MATCH_KEYS_MAX]; /* of the profile's keys */
    bool archived;
} lia_current;

/* The profile of a message; holders are not counted yet. LIA_EFULL: the arena. */
LIA_MUST_USE lia_err lia_current_of(lia_current *out, lia_id id, const Crm__Customer *customer,
                                    lia_country home, lia_arena *arena);

/* The same of a stored record. LIA_EABSENT, LIA_EGONE: there is none (any more). */
LIA_MUST_USE lia_err lia_current_make(lia_current *out, const lia_rows *rows, lia_id id,
                                      lia_country home, lia_arena *arena);

/* Counts the holders of all its keys. `more`: 1 when the record itself is not in the index. */
LIA_MUST_USE lia_err lia_current_count(lia_current *current, const lia_rows *rows, uint32_t more);

/* Counts those holders that a comparison with `known`, which has been counted, looks at: of keys
 * that both hold they are the same, of most others they do not matter. */
LIA_MUST_USE lia_err lia_current_count_beside(lia_current *current, const lia_rows *rows,
                                              const lia_current *known);

#endif
