/* SPDX-License-Identifier: Apache-2.0 */
/* directory - the account of somebody whom a directory knows (common/ldap), brought up to date with
 * what it says at each sign-in.
 *
 * Roles that the groups' file names come and go with the groups; others that an administrator gave
 * stay. No group makes an administrator. Whoever is in no group that gives a role here loses those
 * roles, and the answer shows no record. */
#ifndef LIA_ACCESS_DIRECTORY_H
#define LIA_ACCESS_DIRECTORY_H

#include "common/node/turn.h"

/* What issuers of people of directories begin with. */
#define LIA_DIRECTORY_ISSUER "ldap:"

bool lia_issuer_is_directory(const char *issuer);

/* The subject of a user at this issuer, or, when it is NULL, at any directory; NULL: the user is of
 * none. In the arena. */
LIA_MUST_USE lia_err lia_directory_subject(const lia_rows *rows, lia_id user, const char *issuer,
                                           lia_arena *arena, const char **out);

/* Handler of Access__EnterByDirectory. */
LIA_MUST_USE lia_err lia_turn_enter_by_directory(lia_turn *turn, const void *request);

#endif
