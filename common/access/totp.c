/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"

enum { STEP_MS = 30000, CODES = 1000000, SHA1_SIZE = 20 };

uint64_t lia_totp_step(lia_time now)
{
    return (uint64_t)(now.ms / STEP_MS);
}

void lia_totp_code(const uint8_t key[LIA_TOTP_KEY_SIZE], uint64_t step,
                   char code[LIA_TOTP_CODE_SIZE + 1])
{
    uint8_t counter[8], mac[SHA1_SIZE];
    unsigned size = 0;
    lia_put_u64(counter, step);
    lia_assert(HMAC(EVP_sha1(), key, LIA_TOTP_KEY_SIZE, counter, sizeof counter, mac, &size));
    const uint8_t *at = mac + (mac[SHA1_SIZE - 1] & 15);
    uint32_t number =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    snprintf(code, LIA_TOTP_CODE_SIZE + 1, "%06u", number % CODES);
}

bool lia_totp_check(const uint8_t key[LIA_TOTP_KEY_SIZE], lia_span text, lia_time now,
                    uint64_t last, uint64_t *step)
{
    char code[LIA_TOTP_CODE_SIZE + 1];
    uint64_t middle = lia_totp_step(now);
    bool good = false;
    if (text.size != LIA_TOTP_CODE_SIZE || !middle) return false;
    for (uint64_t at = middle - 1; at <= middle + 1; at++) {
        lia_totp_code(key, at, code);
        if (!lia_secret_equal(code, text.data, LIA_TOTP_CODE_SIZE) || at <= last || good) continue;
        good = true;
        *step = at;
    }
    return good;
}

void lia_totp_key_print(const uint8_t key[LIA_TOTP_KEY_SIZE], char text[LIA_TOTP_KEY_TEXT])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i < LIA_TOTP_KEY_TEXT - 1; i++) {
        size_t bit = i * 5;
        unsigned two =
            (unsigned)key[bit / 8] << 8 | (bit / 8 + 1 < LIA_TOTP_KEY_SIZE ? key[bit / 8 + 1] : 0u);
        text[i] = letters[two >> (11 - bit % 8) & 31];
    }
    text[LIA_TOTP_KEY_TEXT - 1] = 0;
}
