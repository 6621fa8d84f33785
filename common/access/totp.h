/* SPDX-License-Identifier: Apache-2.0 */
/* totp - codes of a second factor (RFC 6238 over RFC 4226: HMAC-SHA-1, 30 s, 6 digits, which is
 * what all authenticator programs know). */
#ifndef LIA_ACCESS_TOTP_H
#define LIA_ACCESS_TOTP_H

#include "common/base/time.h"

#define LIA_TOTP_KEY_SIZE  20
#define LIA_TOTP_KEY_TEXT  33 /* base32 (RFC 4648) and a NUL */
#define LIA_TOTP_CODE_SIZE 6

/* The step that a time lies in. */
uint64_t lia_totp_step(lia_time now);
/* The code of a step, with a NUL. */
void lia_totp_code(const uint8_t key[LIA_TOTP_KEY_SIZE], uint64_t step,
                   char code[LIA_TOTP_CODE_SIZE + 1]);

/* Whether `code` is that of now or of the step before or after (clocks differ), and of one after
 * `last`: a code counts once. *step is the one that it is of. */
bool lia_totp_check(const uint8_t key[LIA_TOTP_KEY_SIZE], lia_span code, lia_time now,
                    uint64_t last, uint64_t *step);

void lia_totp_key_print(const uint8_t key[LIA_TOTP_KEY_SIZE], char text[LIA_TOTP_KEY_TEXT]);

#endif
