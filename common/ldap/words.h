/* SPDX-License-Identifier: Apache-2.0 */
/* words - what an operator writes about a directory, checked before anybody is asked: its address,
 * names of entries (RFC 4514), filters with a place for somebody's name (RFC 4515). Pure: nothing
 * is looked up and no socket is opened. */
#ifndef LIA_LDAP_WORDS_H
#define LIA_LDAP_WORDS_H

#include "common/base/arena.h"

/* Each of these says in `why` what is wrong and what would be right, without a setting's name.
 *   LIA_EINVAL  it is none */

/* "ldaps://ldap.example.com", "ldap://[::1]:3389": a host, perhaps a port, nothing else. */
LIA_MUST_USE lia_err lia_ldap_url_check(const char *url, lia_why *why);
/* Whether it is ldap:// and leads to this machine: only there TLS is not a must. */
bool lia_ldap_url_is_here(const char *url);
/* "ou=people,dc=example,dc=com" */
LIA_MUST_USE lia_err lia_ldap_name_check(const char *name, lia_why *why);
/* A filter that says where a name belongs by `mark` ("{user}"), as a value of its own or a part of
 * one: "(&(objectClass=person)(uid={user}))". */
LIA_MUST_USE lia_err lia_ldap_filter_check(const char *filter, const char *mark, lia_why *why);
/* "mail", "1.3.6.1.4.1.42.2.27.9.4.1": the name of an attribute. */
LIA_MUST_USE lia_err lia_ldap_attribute_check(const char *name, lia_why *why);

/* The filter with `value` at each place of `mark`, such that no byte of it means anything. In the
 * arena; NULL when that is full. */
char *lia_ldap_filter_fill(lia_arena *arena, const char *filter, const char *mark, lia_span value);

/* The name in one form, to be compared by bytes: spacing, escapes, and the case of ASCII letters do
 * not count any more. In the arena; NULL when it is no name of an entry, or the arena is full. */
char *lia_ldap_name_form(lia_arena *arena, const char *name);

#endif
