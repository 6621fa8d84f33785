/* SPDX-License-Identifier: Apache-2.0 */
/* jose - keys (JWK Set, RFC 7517) and signed texts (JWS in its compact form, RFC 7515) of other
 * people's making. Pure: bytes in, a verdict out.
 *
 * Three algorithms are known: RS256, ES256 (RFC 7518) and EdDSA with Ed25519 (RFC 8037). A key says
 * by its type which one it is for, and a text that names another one is refused; so neither "none"
 * nor a secret made of a public key (HS256) has a way in. */
#ifndef LIA_OIDC_JOSE_H
#define LIA_OIDC_JOSE_H

#include "common/base/arena.h"

#define LIA_JWKS_KEYS_MAX  64
#define LIA_JWKS_BYTES_MAX ((size_t)256 << 10)
#define LIA_JWS_BYTES_MAX  ((size_t)32 << 10)

typedef enum lia_jose_algorithm {
    LIA_JOSE_RS256 = 1,
    LIA_JOSE_ES256,
    LIA_JOSE_EDDSA
} lia_jose_algorithm;

typedef struct lia_jwks lia_jwks;

/* Reads a set. Keys of other types, for other uses, or that are weak (RSA below 2048 bits) are
 * passed over; so are those beyond LIA_JWKS_KEYS_MAX. On LIA_OK *out is yours until lia_jwks_close.
 *   LIA_EINVAL  it is no set, or has no key that could be used     LIA_EFULL */
LIA_MUST_USE lia_err lia_jwks_read(lia_jwks **out, lia_span json, lia_why *why);
void lia_jwks_close(lia_jwks *set);
size_t lia_jwks_count(const lia_jwks *set);

/* Checks the signature and gives what was signed, in the arena.
 *   LIA_EABSENT  the set has no key that it names: a newer set may have
 *   LIA_EDENIED  no key of the set signed it, or it says that it is something that is not taken
 *   LIA_EINVAL   it is no such text      LIA_EFULL */
LIA_MUST_USE lia_err lia_jws_check(lia_span text, const lia_jwks *set, lia_arena *arena,
                                   lia_span *payload, lia_jose_algorithm *algorithm, lia_why *why);

/* The first half of the text's hash, as an ID token says it of an access token (at_hash, OpenID
 * Connect Core section 3.1.3.6), in base64url. */
#define LIA_JOSE_HALF_TEXT 44
void lia_jose_half_hash(lia_jose_algorithm algorithm, lia_span text, char out[LIA_JOSE_HALF_TEXT]);

#endif
