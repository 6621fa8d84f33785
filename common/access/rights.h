/* SPDX-License-Identifier: Apache-2.0 */
/* rights - what roles allow: for every kind and action whose records, and how the kind looks to
 * whoever has them. A hidden field is not in that look, so that whatever is driven by the schema
 * (JSON out and in, filters, orders, imports, exports) cannot show it, ask for it or set it, and
 * answers as if there were no such field. */
#ifndef LIA_ACCESS_RIGHTS_H
#define LIA_ACCESS_RIGHTS_H

#include "common/base/arena.h"
#include "common/wire/schema.h"
#include "proto/access.pb-c.h"

typedef enum lia_action {
    LIA_ACTION_READ,
    LIA_ACTION_CREATE,
    LIA_ACTION_CHANGE, /* verbs too */
    LIA_ACTION_ARCHIVE,
    LIA_ACTION_EXPORT,
    LIA_ACTIONS
} lia_action;

/* Of one kind. A wider scope contains the narrower ones. */
typedef struct lia_kind_rights {
    uint16_t number;
    bool whole;                  /* it looks as it is: no field is hidden */
    uint8_t scopes[LIA_ACTIONS]; /* Access__Scope */
    const lia_kind *seen;        /* the kind as it looks; NULL: it may not be read at all */
} lia_kind_rights;

typedef struct lia_rights {
    bool administrator;     /* everything, whatever the rest says */
    lia_kind_rights *kinds; /* all that there were when it was made */
    size_t count;
} lia_rights;

/* Joins roles; archived ones count for nothing. Who may do what is given by administrators alone:
 * no grant lets anybody read roles and definitions of custom fields, or write users, teams, rules of
 * retention and models of identity. Lives in the arena, and points to kinds of the calling thread's catalog
 * (wire/catalog.h): when there is another one it is made anew.   LIA_EFULL */
LIA_MUST_USE lia_err lia_rights_make(lia_rights *out, const Access__Role *const *roles,
                                     size_t count, lia_arena *arena);

/* Keeps what the scopes of a token name; none: everything. "read": reading and exporting, "write":
 * also everything else, "deal.read" and "deal.write" the same of one kind, "admin": stays an
 * administrator, which is nobody else's any more. What is not known names nothing. The arena holds
 * what was made. */
void lia_rights_narrow(lia_rights *rights, const char *const *scopes, size_t count);
bool lia_scope_is_known(const char *scope);

/* SCOPE_NONE for kinds that nobody sees (secret ones). */
Access__Scope lia_rights_scope(const lia_rights *rights, lia_action action, const lia_kind *kind);
/* The kind as it looks; NULL when none of its records may be read. */
const lia_kind *lia_rights_kind(const lia_rights *rights, uint32_t number);
/* Whether it looks as it is: no field is hidden. */
bool lia_rights_whole(const lia_rights *rights, uint32_t number);

/* Whether a role says what it means: kinds and fields that there are, each once, and no field
 * hidden that records are held together by (a customer's reference, the mark of the archived).
 * `why` names the place.   LIA_EINVAL */
LIA_MUST_USE lia_err lia_role_check(const Access__Role *role, lia_why *why);

#endif
