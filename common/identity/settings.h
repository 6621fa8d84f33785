/* SPDX-License-Identifier: Apache-2.0 */
/* settings - the model that is in force: a record like others, so that all nodes take the same. */
#ifndef LIA_IDENTITY_SETTINGS_H
#define LIA_IDENTITY_SETTINGS_H

#include "common/identity/match.h"
#include "common/node/rows.h"

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

#endif
