/* SPDX-License-Identifier: Apache-2.0 */
/* claims - what a provider says: where its doors are (OpenID Connect Discovery 1.0), and who
 * somebody is (ID token and UserInfo, OpenID Connect Core 1.0). Pure. Sentences in `why` are shown
 * to people and logged: none has a part of a token in it. */
#ifndef LIA_OIDC_CLAIMS_H
#define LIA_OIDC_CLAIMS_H

#include "common/base/time.h"
#include "common/oidc/jose.h"

#define LIA_OIDC_URL_SIZE     1024
#define LIA_OIDC_SUBJECT_SIZE 256 /* and a NUL: section 2 of Core */
#define LIA_OIDC_EMAIL_SIZE   256
#define LIA_OIDC_NAME_SIZE    256
#define LIA_OIDC_BYTES_MAX    ((size_t)128 << 10) /* of a document */

/* How clocks may differ, and how old an ID token may be when it comes, in milliseconds. */
#define LIA_OIDC_SKEW_MS 60000
#define LIA_OIDC_AGE_MS  600000

/* ---- addresses ------------------------------------------------------------------------------- */

/* Whether that may be a provider's address: https, with a host, without name, password and '#'.
 * With `plain` http, too (fetch.h: to this machine only).      LIA_EINVAL, `what` in front */
LIA_MUST_USE lia_err lia_oidc_url_check(const char *url, const char *what, bool plain,
                                        lia_why *why);
/* The same of an issuer, which has no '?' either (Discovery section 2). */
LIA_MUST_USE lia_err lia_oidc_issuer_check(const char *issuer, bool plain, lia_why *why);

/* ---- a provider's doors ---------------------------------------------------------------------- */

typedef struct lia_oidc_doors {
    char authorize[LIA_OIDC_URL_SIZE], token[LIA_OIDC_URL_SIZE], jwks[LIA_OIDC_URL_SIZE];
    char userinfo[LIA_OIDC_URL_SIZE];    /* "": it has none */
    char end_session[LIA_OIDC_URL_SIZE]; /* "": it has none */
    bool says_issuer;                    /* its answers name it (RFC 9207) */
    bool by_header, by_form;             /* how it takes a client's secret */
} lia_oidc_doors;

/* Reads what an issuer publishes of itself.
 *   LIA_EINVAL   it is no such document, another issuer's, or leads somewhere where nobody may be
 * led */
LIA_MUST_USE lia_err lia_oidc_doors_read(lia_oidc_doors *out, lia_span json, const char *issuer,
                                         bool plain, lia_why *why);

/* ---- answers --------------------------------------------------------------------------------- */

typedef struct lia_oidc_tokens {
    lia_span id, access; /* in the arena; access may be empty */
} lia_oidc_tokens;
/* The token endpoint's answer. An error that it names is told, when it is one of RFC 6749's.
 *   LIA_EINVAL  LIA_EFULL */
LIA_MUST_USE lia_err lia_oidc_tokens_read(lia_oidc_tokens *out, lia_span json, lia_arena *arena,
                                          lia_why *why);

typedef struct lia_oidc_person {
    char subject[LIA_OIDC_SUBJECT_SIZE];
    char email[LIA_OIDC_EMAIL_SIZE]; /* "": not said, or not one that mail goes to */
    bool email_verified;
    char name[LIA_OIDC_NAME_SIZE];
} lia_oidc_person;

/* What an ID token must say. */
typedef struct lia_oidc_wanted {
    const char *issuer, *client_id, *nonce;
    lia_span access_token; /* what at_hash is of, when it is there; may be empty */
    lia_jose_algorithm algorithm;
    lia_time now;
} lia_oidc_wanted;

/* Checks what was signed (Core section 3.1.3.7, but for the signature).
 *   LIA_EDENIED  which of it is not as it must be */
LIA_MUST_USE lia_err lia_oidc_person_read(lia_oidc_person *out, lia_span payload,
                                          const lia_oidc_wanted *wanted, lia_why *why);
/* Adds what UserInfo says, which must be of the same subject (section 5.3.2).   LIA_EDENIED */
LIA_MUST_USE lia_err lia_oidc_person_add(lia_oidc_person *person, lia_span json, lia_why *why);

#endif
