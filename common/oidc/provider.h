/* SPDX-License-Identifier: Apache-2.0 */
/* provider - who is believed when they say who people are, as records that administrators keep:
 *
 *     provider         name, issuer, client, whom it may let in. Its secret is a record of its own
 *     provider secret  what we show it; in no answer, document or stream
 *     identity         whose an issuer's subject is; its id is a hash of both, so that there is one
 */
#ifndef LIA_OIDC_PROVIDER_H
#define LIA_OIDC_PROVIDER_H

#include "common/node/service.h"
#include "proto/access.pb-c.h"

extern const lia_service lia_oidc;

/* Commands that no path leads to. The answer's record is the user whom it is.
 *   LIA_EREFUSED  with why they may not come in */
extern const lia_command_row *const lia_enter;  /* Access__Enter */
extern const lia_command_row *const lia_unlink; /* Access__Unlink */

#define LIA_PROVIDERS_MAX        32 /* that can be signed in by */
#define LIA_PROVIDER_SECRET_MAX  300
#define LIA_PROVIDER_CLIENT_MAX  200
#define LIA_PROVIDER_DOMAINS_MAX 100

/* Reads one that may be signed in by: there, enabled, not archived.   LIA_EABSENT */
LIA_MUST_USE lia_err lia_provider_read(const lia_rows *rows, lia_id id, lia_arena *arena,
                                       const Access__Provider **out);
typedef struct lia_provider_found {
    lia_id id;
    const Access__Provider *provider;
} lia_provider_found;
/* All such, by name; `out` has room for LIA_PROVIDERS_MAX. */
LIA_MUST_USE lia_err lia_providers_list(const lia_rows *rows, lia_arena *arena,
                                        lia_provider_found *out, size_t *count);
/* Its secret, in the arena; NULL when it has none. */
LIA_MUST_USE lia_err lia_provider_secret(const lia_rows *rows, lia_id id, lia_arena *arena,
                                         const char **out);

/* Whether the e-mail is of one of the domains; without regard to case. No domains: any e-mail is.
 */
bool lia_domain_admits(const char *email, const char *const *domains, size_t count);

#endif
