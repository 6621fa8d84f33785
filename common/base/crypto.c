/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/crypto.h"

#include <sodium.h>

#include "common/base/assert.h"

lia_err lia_crypto_init(void) { return sodium_init() < 0 ? LIA_EIO : LIA_OK; }

void lia_random(void *out, size_t size) { randombytes_buf(out, size); }

static void hash_into(const char *domain, const lia_span *parts, size_t count, uint8_t *out,
                      size_t size)
{
    crypto_generichash_state state;
    size_t domain_size = strlen(domain);
    lia_assert(domain_size <= crypto_generichash_KEYBYTES_MAX);
    /* A key shorter than 16 bytes is allowed by BLAKE2b; libsodium only recommends more. */
    crypto_generichash_init(&state, (const uint8_t *)domain, domain_size, size);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].size);
    crypto_generichash_final(&state, out, size);
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

void lia_wipe(void *secret, size_t size) { sodium_memzero(secret, size); }
