/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/crypto.h"

#include <pthread.h>
#include <sodium.h>

#include "common/base/assert.h"

/* libsodium asks the kernel for every call, and a node draws 16 bytes of salt for every event. So
 * small draws come from a pool of the thread's own, each byte used once and then wiped. A forked
 * child must not draw what its parent draws, so it begins anew. */
#define POOL_BYTES 4096
static _Thread_local struct {
    uint8_t bytes[POOL_BYTES];
    size_t left;
    unsigned generation;
} pool;
static unsigned generation = 1;

static void forked(void)
{
    generation++;
}
static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forked);
}

lia_err lia_crypto_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    return sodium_init() < 0 ? LIA_EIO : LIA_OK;
}

void lia_random(void *out, size_t size)
{
    if (size > 64) {
        randombytes_buf(out, size);
        return;
    }
    if (pool.left < size || pool.generation != generation) {
        randombytes_buf(pool.bytes, POOL_BYTES);
        pool.left = POOL_BYTES;
        pool.generation = generation;
    }
    pool.left -= size;
    memcpy(out, pool.bytes + pool.left, size);
    sodium_memzero(pool.bytes + pool.left, size);
}

/* Puts the domain into the parameter block, where it costs nothing. A key would be a block of its
 * own to compress, which is a third of the work for an event's short hashes. Domains too long for
 * it become the key. */
static void begin_hash(crypto_generichash_blake2b_state *state, const char *domain, size_t size)
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    size_t domain_size = strlen(domain);
    const uint8_t *key = NULL;
    lia_assert(domain_size <= crypto_generichash_blake2b_KEYBYTES_MAX);
    if (domain_size <= sizeof personal)
        memcpy(personal, domain, domain_size);
    else
        key = (const uint8_t *)domain;
    crypto_generichash_blake2b_init_salt_personal(state, key, key ? domain_size : 0, size, NULL,
                                                  personal);
}

static void hash_into(const char *domain, const lia_span *parts, size_t count, uint8_t *out,
                      size_t size)
{
    crypto_generichash_blake2b_state state;
    begin_hash(&state, domain, size);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_blake2b_update(&state, parts[i].data, parts[i].size);
    crypto_generichash_blake2b_final(&state, out, size);
}

lia_hash lia_hash_of(const char *domain, const lia_span *parts, size_t count)
{
    lia_hash hash;
    hash_into(domain, parts, count, hash.bytes, sizeof hash.bytes);
    return hash;
}

void lia_digest_of(const char *domain, const lia_span *parts, size_t count,
                   uint8_t out[LIA_DIGEST_SIZE])
{
    hash_into(domain, parts, count, out, LIA_DIGEST_SIZE);
}

void lia_sign_keys(lia_verify_key *verify, lia_sign_key *sign)
{
    crypto_sign_keypair(verify->bytes, sign->bytes);
}

lia_verify_key lia_sign_public(const lia_sign_key *sign)
{
    lia_verify_key verify;
    crypto_sign_ed25519_sk_to_pk(verify.bytes, sign->bytes);
    return verify;
}

lia_signature lia_sign(const lia_sign_key *key, lia_span message)
{
    lia_signature signature;
    crypto_sign_detached(signature.bytes, NULL, message.data, message.size, key->bytes);
    return signature;
}

bool lia_sign_check(const lia_verify_key *key, lia_span message, const lia_signature *signature)
{
    return crypto_sign_verify_detached(signature->bytes, message.data, message.size, key->bytes) ==
           0;
}

void lia_hex_print(lia_span bytes, char *text)
{
    sodium_bin2hex(text, bytes.size * 2 + 1, bytes.data, bytes.size);
}

lia_err lia_hex_parse(lia_span text, uint8_t *out, size_t size)
{
    size_t got = 0;
    if (text.size != size * 2 ||
        sodium_hex2bin(out, size, (const char *)text.data, text.size, NULL, &got, NULL) ||
        got != size)
        return LIA_EINVAL;
    return LIA_OK;
}

lia_err lia_password_hash(lia_span password, char text[LIA_PASSWORD_TEXT_SIZE])
{
    enum { PASSES = 2, MEMORY = 19 << 20 };
    _Static_assert(crypto_pwhash_STRBYTES <= LIA_PASSWORD_TEXT_SIZE, "the text has room");
    return crypto_pwhash_str(text, (const char *)password.data, password.size, PASSES, MEMORY)
               ? LIA_EFULL
               : LIA_OK;
}

bool lia_password_is(lia_span password, const char *text)
{
    return crypto_pwhash_str_verify(text, (const char *)password.data, password.size) == 0;
}

void lia_seal(const lia_hash *key, lia_span text, uint8_t *out)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    _Static_assert(NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES == LIA_SEAL_BYTES, "it fits");
    randombytes_buf(out, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, text.data, text.size, NULL, 0,
                                               NULL, out, key->bytes);
}

lia_err lia_unseal(const lia_hash *key, lia_span sealed, uint8_t *out)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    if (sealed.size < LIA_SEAL_BYTES) return LIA_EDENIED;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.data + NONCE,
                                                      sealed.size - NONCE, NULL, 0, sealed.data,
                                                      key->bytes)
               ? LIA_EDENIED
               : LIA_OK;
}

void lia_sha256(lia_span bytes, uint8_t out[LIA_SHA256_SIZE])
{
    crypto_hash_sha256(out, bytes.data, bytes.size);
}

void lia_letter_keys(lia_letter_public *public, lia_letter_secret *secret)
{
    _Static_assert(crypto_box_SEALBYTES == LIA_LETTER_BYTES, "it fits");
    _Static_assert(crypto_box_PUBLICKEYBYTES == LIA_LETTER_KEY_SIZE, "it fits");
    crypto_box_keypair(public->bytes, secret->bytes);
}

lia_letter_public lia_letter_public_of(const lia_letter_secret *secret)
{
    lia_letter_public public;
    crypto_scalarmult_base(public.bytes, secret->bytes);
    return public;
}

lia_err lia_letter_seal(const lia_letter_public *to, lia_span text, uint8_t *out)
{
    return crypto_box_seal(out, text.data, text.size, to->bytes) ? LIA_EINVAL : LIA_OK;
}

lia_err lia_letter_open(const lia_letter_secret *secret, lia_span sealed, uint8_t *out)
{
    lia_letter_public public = lia_letter_public_of(secret);
    if (sealed.size < LIA_LETTER_BYTES) return LIA_EDENIED;
    return crypto_box_seal_open(out, sealed.data, sealed.size, public.bytes, secret->bytes)
               ? LIA_EDENIED
               : LIA_OK;
}

bool lia_secret_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void lia_wipe(void *secret, size_t size)
{
    sodium_memzero(secret, size);
}

void lia_hmac_sha256(lia_span key, const lia_span *parts, size_t count, uint8_t out[LIA_HMAC_SIZE])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data, key.size);
    for (size_t i = 0; i < count; i++)
        crypto_auth_hmacsha256_update(&state, parts[i].data, parts[i].size);
    crypto_auth_hmacsha256_final(&state, out);
    lia_wipe(&state, sizeof state);
}

void lia_base64_print(lia_span bytes, char *text, size_t text_size)
{
    lia_assert(text_size >= LIA_BASE64_TEXT_SIZE(bytes.size));
    sodium_bin2base64(text, text_size, bytes.data, bytes.size, sodium_base64_VARIANT_ORIGINAL);
}

void lia_base64url_print(lia_span bytes, char *text, size_t text_size)
{
    lia_assert(text_size >= LIA_BASE64URL_TEXT_SIZE(bytes.size));
    sodium_bin2base64(text, text_size, bytes.data, bytes.size,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool base64url_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

lia_err lia_base64url_parse(lia_span text, uint8_t *out, size_t *size)
{
    *size = 0;
    if (!text.size) return LIA_OK;
    /* libsodium 1.0.18 compares signed characters: it takes some bytes above 0x7f for letters. */
    for (size_t i = 0; i < text.size; i++)
        if (!base64url_letter(text.data[i])) return LIA_EINVAL;
    int rc =
        sodium_base642bin(out, LIA_BASE64URL_SIZE(text.size), (const char *)text.data, text.size,
                          NULL, size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return rc ? LIA_EINVAL : LIA_OK;
}
