/* SPDX-License-Identifier: Apache-2.0 */
/* principal - somebody who has signed in: a user with what their roles and teams give them. Made
 * from rows, valid until a user, role, team or pass changes (whoever keeps it asks for a new one
 * then). */
#ifndef LIA_ACCESS_PRINCIPAL_H
#define LIA_ACCESS_PRINCIPAL_H

#include "common/access/rights.h"
#include "common/node/beyond.h"

typedef struct lia_principal lia_principal;

/* Reads the user with roles and teams into the arena.
 *   LIA_EDENIED  no such user, or archived        LIA_EFULL  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_principal_load(lia_principal **out, const lia_rows *rows, lia_id user,
                                        lia_arena *arena);

/* Their team and all below it, sorted; none without a team. */
const lia_id *lia_principal_teams(const lia_principal *who, size_t *count);

/* Somebody of no team who has this role alone; their user is an id that nobody has: the role's.
 *   LIA_EDENIED  no such role, or archived        LIA_EFULL  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_principal_load_role(lia_principal **out, const lia_rows *rows, lia_id role,
                                             lia_arena *arena);

/* Whoever sits at the machine itself while nobody has been made administrator yet: may everything.
 */
const lia_principal *lia_principal_local(void);

/* Cuts it to the scopes of a token (lia_rights_narrow). */
void lia_principal_narrow(lia_principal *who, const char *const *scopes, size_t count);

lia_id lia_principal_user(const lia_principal *who);
uint32_t lia_principal_actor(const lia_principal *who); /* number in event headers; 0: has none */
const lia_rights *lia_principal_rights(const lia_principal *who);

/* The field that names the user whose work a record is; NULL where the kind has none. */
const lia_field *lia_owner_field(const lia_kind *kind);
/* The id in a field of a message; none when the field is NULL or absent, or holds none. */
lia_id lia_reference_in(lia_span message, const lia_field *field);

/* Whether an action is allowed on a record, given as `message`. Whose it is: its owner's; of kinds
 * without an owner their customer's owner's. A record that is nobody's is for those who may act on
 * all. Reads what it needs from `rows`.
 *   LIA_ECORRUPT  LIA_EFULL */
LIA_MUST_USE lia_err lia_principal_may(const lia_principal *who, const lia_rows *rows,
                                       lia_action action, const lia_kind *kind, lia_id id,
                                       lia_span message, lia_arena *arena, bool *allowed);

/* The same of a record that is read first; false when there is none.
 *   LIA_ECORRUPT  LIA_EFULL */
LIA_MUST_USE lia_err lia_principal_reaches(const lia_principal *who, const lia_rows *rows,
                                           lia_action action, const lia_kind *kind, lia_id id,
                                           lia_arena *arena, bool *allowed);

/* Whether a scope (own, team, subtree) reaches what that user owns. */
LIA_MUST_USE lia_err lia_principal_reaches_owner(const lia_principal *who, const lia_rows *rows,
                                                 Access__Scope scope, lia_id owner,
                                                 lia_arena *arena, bool *out);

/* Whether nothing of the kind is kept from them: no field, no record. */
bool lia_principal_sees_whole(const lia_principal *who, uint32_t kind);

/* Filters find beyond a record only what they may read. `who` must outlive it. */
void lia_principal_limit(const lia_principal *who, lia_beyond *beyond);
/* The kinds and figures that a filter of theirs may speak of. `who` must outlive the parsing. */
lia_filter_sight lia_principal_sight(const lia_principal *who);

#endif
