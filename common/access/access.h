/* SPDX-License-Identifier: Apache-2.0 */
/* access - users, teams, roles and what they sign in with, as tables that every department shares.
 */
#ifndef LIA_ACCESS_ACCESS_H
#define LIA_ACCESS_ACCESS_H

#include "common/node/service.h"

extern const lia_service lia_access;

/* Commands on secret kinds: no path leads to them; they are sent by whoever has checked that they
 * may be. By the name of their request. */
extern const lia_command_row *const lia_set_up;            /* Access__SetUp */
extern const lia_command_row *const lia_change_credential; /* Access__ChangeCredential */
extern const lia_command_row *const lia_give_pass;         /* Access__GivePass */
extern const lia_command_row *const lia_revoke_pass;       /* Access__RevokePass */

/* Changes whenever a user, team, role, credential or pass is changed by an event, whichever node's; what
 * is fetched from a peer as state does not change it. */
LIA_MUST_USE lia_err lia_access_version(const lia_rows *rows, uint64_t *out);

#endif
