/* SPDX-License-Identifier: Apache-2.0 */
/* crypto - the one door to libsodium: hashing, signing, random bytes. */
#ifndef LIA_BASE_CRYPTO_H
#define LIA_BASE_CRYPTO_H

#include "common/base/err.h"

#define LIA_HASH_SIZE      32
#define LIA_SIGNATURE_SIZE 64
#define LIA_SIGN_KEY_SIZE  64 /* secret */
#define LIA_VERIFY_KEY_SIZE 32
#define LIA_DIGEST_SIZE    16

typedef struct lia_hash {
    uint8_t bytes[LIA_HASH_SIZE];
} lia_hash;
typedef struct lia_signature {
    uint8_t bytes[LIA_SIGNATURE_SIZE];
} lia_signature;
typedef struct lia_sign_key {
    uint8_t bytes[LIA_SIGN_KEY_SIZE];
} lia_sign_key;
typedef struct lia_verify_key {
    uint8_t bytes[LIA_VERIFY_KEY_SIZE];
} lia_verify_key;

/* Must be called once before anything else here; safe to repeat.
 *   LIA_EIO   the system has no random source */
LIA_MUST_USE lia_err lia_crypto_init(void);

void lia_random(void *out, size_t size);

/* BLAKE2b (RFC 7693) personalised by `domain`, so hashes made for one purpose mean nothing for
 * another. A domain has at most 64 characters; up to 16 are free (BLAKE2's personalisation), a
 * longer one costs a block as the key. The parts are hashed one behind the other: callers fix
 * their lengths or prefix them. */
lia_hash lia_hash_of(const char *domain, const lia_span *parts, size_t count);
/* The same, 16 bytes long. */
void lia_digest_of(const char *domain, const lia_span *parts, size_t count,
                   uint8_t out[LIA_DIGEST_SIZE]);

static inline bool lia_hash_equal(const lia_hash *a, const lia_hash *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Ed25519 (RFC 8032). */
void lia_sign_keys(lia_verify_key *verify, lia_sign_key *sign);
lia_verify_key lia_sign_public(const lia_sign_key *sign);
lia_signature lia_sign(const lia_sign_key *key, lia_span message);
bool lia_sign_check(const lia_verify_key *key, lia_span message, const lia_signature *signature);

/* Lower-case hex: `text` holds 2 * size + 1. Reading refuses other lengths and characters. */
void lia_hex_print(lia_span bytes, char *text);
LIA_MUST_USE lia_err lia_hex_parse(lia_span text, uint8_t *out, size_t size);

/* Argon2id (RFC 9106) in the text form of its reference implementation: two passes over 19 MiB, what
 * OWASP names as the least ("Password Storage"). Takes tens of milliseconds: for worker threads.
 *   LIA_EFULL   no memory for it */
#define LIA_PASSWORD_TEXT_SIZE 128
LIA_MUST_USE lia_err lia_password_hash(lia_span password, char text[LIA_PASSWORD_TEXT_SIZE]);
/* False also for a text that is no such hash (then at once). */
bool lia_password_is(lia_span password, const char *text);

/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) under a nonce of dice, which stands in front. `out` has room
 * for LIA_SEAL_BYTES more than the text. Opening gives its text's size, and `out` has room for that.
 *   LIA_EDENIED   it was not sealed with this key, or changed since */
#define LIA_SEAL_BYTES 40
void lia_seal(const lia_hash *key, lia_span text, uint8_t *out);
LIA_MUST_USE lia_err lia_unseal(const lia_hash *key, lia_span sealed, uint8_t *out);

/* For one reader who is elsewhere (libsodium's sealed box: X25519, XSalsa20-Poly1305): whoever seals needs
 * the public key alone, and cannot open it again. `out` has room for LIA_LETTER_BYTES more than the text;
 * opening gives its text's size.
 *   LIA_EDENIED   it was not sealed for this key, or changed since */
#define LIA_LETTER_KEY_SIZE 32
#define LIA_LETTER_BYTES    48
typedef struct lia_letter_public {
    uint8_t bytes[LIA_LETTER_KEY_SIZE];
} lia_letter_public;
typedef struct lia_letter_secret {
    uint8_t bytes[LIA_LETTER_KEY_SIZE];
} lia_letter_secret;
void lia_letter_keys(lia_letter_public *public, lia_letter_secret *secret);
lia_letter_public lia_letter_public_of(const lia_letter_secret *secret);
/* LIA_EINVAL   the public key is none that anything can be sealed for */
LIA_MUST_USE lia_err lia_letter_seal(const lia_letter_public *to, lia_span text, uint8_t *out);
LIA_MUST_USE lia_err lia_letter_open(const lia_letter_secret *secret, lia_span sealed, uint8_t *out);

/* Whether both are the same, in a time that depends on the size alone. */
bool lia_secret_equal(const void *a, const void *b, size_t size);

/* HMAC-SHA256 (RFC 2104, FIPS 180-4) of the parts one behind the other: for what others prescribe; our own
 * purposes use lia_hash_of. */
#define LIA_HMAC_SIZE 32
void lia_hmac_sha256(lia_span key, const lia_span *parts, size_t count, uint8_t out[LIA_HMAC_SIZE]);
/* SHA-256 (FIPS 180-4), for the same. */
#define LIA_SHA256_SIZE 32
void lia_sha256(lia_span bytes, uint8_t out[LIA_SHA256_SIZE]);
/* Base64 with padding (RFC 4648 section 4), NUL-terminated. */
#define LIA_BASE64_TEXT_SIZE(size) (((size) + 2) / 3 * 4 + 1)
void lia_base64_print(lia_span bytes, char *text, size_t text_size);

/* Base64url without padding (RFC 4648 section 5), NUL-terminated. Reading takes that form only, with no stray
 * bits at its end; `out` has room for LIA_BASE64URL_SIZE(text.size).
 *   LIA_EINVAL */
#define LIA_BASE64URL_TEXT_SIZE(size) (((size) * 4 + 2) / 3 + 1)
#define LIA_BASE64URL_SIZE(text_size) ((text_size) * 3 / 4)
void lia_base64url_print(lia_span bytes, char *text, size_t text_size);
LIA_MUST_USE lia_err lia_base64url_parse(lia_span text, uint8_t *out, size_t *size);

/* Overwrites secrets in a way that the compiler keeps. */
void lia_wipe(void *secret, size_t size);

#endif
