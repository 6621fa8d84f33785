/* SPDX-License-Identifier: Apache-2.0 */
/* access - users, teams, roles and what they sign in with, as tables that every department shares.
 */
#ifndef LIA_ACCESS_ACCESS_H
#define LIA_ACCESS_ACCESS_H

#include "common/node/service.h"
#include "proto/access.pb-c.h"

extern const lia_service lia_access;

/* Commands on secret kinds: no path leads to them; they are sent by whoever has checked that they
 * may be. By the name of their request. */
extern const lia_command_row *const lia_set_up;            /* Access__SetUp */
extern const lia_command_row *const lia_change_credential; /* Access__ChangeCredential */
extern const lia_command_row *const lia_give_pass;         /* Access__GivePass */
extern const lia_command_row *const lia_revoke_pass;       /* Access__RevokePass */
/* Access__EnterByDirectory. The answer's record is the user whom it is, none: no group lets them in.
 *   LIA_EREFUSED  with why they may not come in */
extern const lia_command_row *const lia_enter_by_directory;

/* What lia_give_pass does, for commands of which giving one is a part.   LIA_EINVAL  no such user */
LIA_MUST_USE lia_err lia_pass_give(lia_turn *turn, const Access__GivePass *ask);
/* Ends the event under way: something that this user signs in with has changed. */
LIA_MUST_USE lia_err lia_secrets_tell(lia_turn *turn, lia_id user);
/* The number that stands for the user in event headers. */
uint32_t lia_user_number(lia_id user);

/* ---- when something of it changed -------------------------------------------------------------
 * Numbers of events, whichever node's, so that what was worked out once can be kept until then.
 * What is fetched from a peer as state has no event and does not show here. */

/* The last change of any user, team, role, credential or pass. */
LIA_MUST_USE lia_err lia_access_changed(const lia_rows *rows, uint64_t *out);

typedef struct lia_access_version {
    uint64_t rights;  /* of any user, team or role */
    uint64_t secrets; /* of this user's credential and passes */
} lia_access_version;
LIA_MUST_USE lia_err lia_access_version_of(const lia_rows *rows, lia_id user,
                                           lia_access_version *out);

#endif
