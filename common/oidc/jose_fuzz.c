/* SPDX-License-Identifier: Apache-2.0 */
/* A set of keys, a line, a signed text: whatever they are, a verdict; and "none" is never a good
 * one. */
#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/oidc/jose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    static bool begun;
    lia_why why = {{0}};
    lia_jwks *set;
    lia_span payload;
    lia_jose_algorithm algorithm;
    if (!begun)
        begun = lia_crypto_init() == LIA_OK && lia_arena_init(&arena, (size_t)1 << 20) == LIA_OK;
    lia_arena_reset(&arena);
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t keys = line ? (size_t)(line - data) : size;
    if (lia_jwks_read(&set, lia_span_make(data, keys), &why)) return 0;
    lia_assert(lia_jwks_count(set) > 0 && lia_jwks_count(set) <= LIA_JWKS_KEYS_MAX);
    lia_span text = lia_span_make(data + keys + (line != NULL), size - keys - (line != NULL));
    lia_err err = lia_jws_check(text, set, &arena, &payload, &algorithm, &why);
    lia_assert(!err || !payload.size);
    if (!err) lia_assert(algorithm >= LIA_JOSE_RS256 && algorithm <= LIA_JOSE_EDDSA);
    lia_jwks_close(set);
    return 0;
}
