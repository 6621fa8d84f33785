/* SPDX-License-Identifier: Apache-2.0 */
/* names - the addresses of a host, and a connection to one of them, with an end in time for both.
 * Internal to common/ldap. */
#ifndef LIA_LDAP_NAMES_H
#define LIA_LDAP_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

/* Names that are looked up at the same time, all together, also those for which nobody waits any
 * more: a resolver that never answers costs no more threads than these. */
#define LIA_LDAP_LOOKUPS_MAX 4

typedef struct lia_ldap_limit {
    int64_t until_ms;  /* of lia_time_ticks_ms */
    const bool *hurry; /* may be NULL; read atomically: true ends it soon */
} lia_ldap_limit;

/* What is left; 0: the time is up, or somebody hurries. */
int64_t lia_ldap_left_ms(const lia_ldap_limit *limit);

/* Connects to the first address of the host that takes it. On LIA_OK *out is a socket that blocks,
 * yours to close.
 *   LIA_EIO  `why` says whether there is no such name, nobody there, or no time left */
LIA_MUST_USE lia_err lia_ldap_reach(int *out, const char *host, int port,
                                    const lia_ldap_limit *limit, lia_why *why);

#endif
