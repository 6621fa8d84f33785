/* SPDX-License-Identifier: Apache-2.0 */
/* connection - one connection to a directory, with an end in time for all that is asked over it.
 * Internal to common/ldap. */
#ifndef LIA_LDAP_CONNECTION_H
#define LIA_LDAP_CONNECTION_H

#include <ldap.h>

#include "common/base/time.h"
#include "common/ldap/directory.h"
#include "common/ldap/names.h"

typedef struct lia_ldap_connection {
    LDAP *to;
    lia_ldap_limit limit; /* its socket looks at it: a connection must not be moved */
    lia_why *why;         /* may be NULL */
} lia_ldap_connection;

/* Opens it, with TLS where the options want it, and the server's certificate checked.
 * On LIA_OK *out is yours until lia_ldap_close; else there is nothing to close.   LIA_EIO */
LIA_MUST_USE lia_err lia_ldap_open(lia_ldap_connection *out, const lia_ldap_question *question,
                                   lia_why *why);
void lia_ldap_close(lia_ldap_connection *connection);

/* Binds by a password that is not empty.
 *   LIA_EDENIED  it is not the right one, or the entry may not sign in now      LIA_EIO */
LIA_MUST_USE lia_err lia_ldap_bind(lia_ldap_connection *connection, const char *name,
                                   const char *password);

/* Looks below `base`, and calls `found` for each entry, `most` of them.
 *   LIA_EFULL   there are more      LIA_EINVAL  the base or the filter is none there
 *   LIA_EIO     it does not answer in time, or refers to others */
typedef struct lia_ldap_search {
    const char *base, *filter;
    char **attributes;
    int most;
    lia_err (*found)(void *context, LDAP *to, LDAPMessage *entry);
    void *context;
} lia_ldap_search;
LIA_MUST_USE lia_err lia_ldap_look(lia_ldap_connection *connection, const lia_ldap_search *search);

#endif
