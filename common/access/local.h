/* SPDX-License-Identifier: Apache-2.0 */
/* local - who may choose a password here.
 *
 * Whoever a provider or a directory vouches for may not: whom it sends away would stay in by that
 * password. Two may all the same: administrators, who have to get in when it is down, and whoever
 * an administrator sent a link after they had been linked. Nothing of its own is kept of that word:
 * it is the link's moment, and then that of the password which came of it. */
#ifndef LIA_ACCESS_LOCAL_H
#define LIA_ACCESS_LOCAL_H

#include "common/node/turn.h"
#include "proto/access.pb-c.h"

typedef struct lia_local {
    int64_t linked_ms; /* since when somebody vouches for them, the last of several; 0: nobody */
    bool administrator;
} lia_local;

/* LIA_ECORRUPT, LIA_EFULL: as records are read. */
LIA_MUST_USE lia_err lia_local_read(const lia_rows *rows, lia_id user, lia_arena *arena,
                                    lia_local *out);
/* Whether they may choose one, as an administrator let them at `said_ms` (0: never). */
bool lia_local_may_choose(const lia_local *local, int64_t said_ms);
/* When an administrator let them, by the password that they have: 0 without one. May be NULL. */
int64_t lia_local_said_ms(const Access__Credential *credential);

/* Takes the own password of a user who has just been linked, and ends what was begun by it;
 * administrators keep theirs. */
LIA_MUST_USE lia_err lia_local_end_password(lia_turn *turn, lia_id user);

#endif
