/* SPDX-License-Identifier: Apache-2.0 */
/* groups - what being in a group of the directory gives here, as an operator writes it down:
 *
 *     # a group's name -> what who is in it gets
 *     cn=sales,ou=groups,dc=example,dc=com -> role Seller; team Field
 *     * -> role Reader                        whoever may sign in at all
 *
 * Roles add up; of teams the first counts. Pure. */
#ifndef LIA_LDAP_GROUPS_H
#define LIA_LDAP_GROUPS_H

#include "common/base/arena.h"

#define LIA_LDAP_GROUPS_MAX      256 /* lines that say something */
#define LIA_LDAP_GROUP_ROLES_MAX 16  /* of one line */
#define LIA_LDAP_GROUPS_FILE_MAX ((size_t)64 << 10)

typedef struct lia_ldap_group {
    const char *name; /* as lia_ldap_name_form says it; NULL: everybody */
    const char *roles[LIA_LDAP_GROUP_ROLES_MAX];
    size_t role_count;
    const char *team; /* NULL: none */
} lia_ldap_group;

typedef struct lia_ldap_groups {
    lia_ldap_group *all;
    size_t count;
} lia_ldap_groups;

/* Reads the lines; all texts are in the arena, nothing of `text` is kept.
 *   LIA_EINVAL  `why` names the line and what would be right      LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_ldap_groups_parse(lia_ldap_groups *out, lia_span text, lia_arena *arena,
                                           lia_why *why);
/* The same of a file, which stands before the line in `why`.   LIA_EIO  it cannot be read */
LIA_MUST_USE lia_err lia_ldap_groups_read(lia_ldap_groups *out, const char *path, lia_arena *arena,
                                          lia_why *why);
/* Only says whether it could be read, and what is wrong. */
LIA_MUST_USE lia_err lia_ldap_groups_check(const char *path, lia_why *why);

#endif
