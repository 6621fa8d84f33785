/* SPDX-License-Identifier: Apache-2.0 */
/* standing - what somebody's rights were made of when they were judged, so that whoever acts on the
 * judgement later can ask whether it still holds. As long as nobody's rights or passes have changed
 * that costs one look; after that only this person's own are compared, and a change of others' is
 * none of theirs. */
#ifndef LIA_ACCESS_STANDING_H
#define LIA_ACCESS_STANDING_H

#include "common/access/access.h"
#include "common/base/crypto.h"

typedef struct lia_standing {
    lia_id user, pass;
    lia_time expires;
    uint64_t changed; /* lia_access_changed */
    lia_access_version version;
    lia_hash made_of; /* their roles, whole, and the teams they reach */
} lia_standing;

/* As the rows say it. The arena is scratch.
 *   LIA_EFULL  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_standing_take(lia_standing *out, const lia_rows *rows, lia_id user,
                                       lia_id pass, lia_time expires, lia_arena *arena);

/* Whether, by these rows, the pass is in force still and the person's rights are made of the same.
 * What cannot be read holds not. Any thread that may read the rows; the arena is scratch. */
bool lia_standing_holds(const lia_standing *standing, const lia_rows *rows, lia_time now,
                        lia_arena *arena);

#endif
