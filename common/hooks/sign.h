/* SPDX-License-Identifier: Apache-2.0 */
/* sign - how a receiver knows that a delivery is ours and fresh (Standard Webhooks 1.0.0,
 * https://www.standardwebhooks.com): HMAC-SHA256 over "id.timestamp.body". Pure. */
#ifndef LIA_HOOKS_SIGN_H
#define LIA_HOOKS_SIGN_H

#include "common/base/crypto.h"
#include "common/base/time.h"

#define LIA_HOOK_SECRET_SIZE 32
/* "whsec_" and base64 */
#define LIA_HOOK_SECRET_TEXT_SIZE (6 + LIA_BASE64_TEXT_SIZE(LIA_HOOK_SECRET_SIZE))
void lia_hook_secret_print(lia_span secret, char text[LIA_HOOK_SECRET_TEXT_SIZE]);

/* "v1,<base64>", for each of one or two secrets, separated by a space: while a secret is replaced
 * both count. `former` may be empty. `id` holds no full stop. */
#define LIA_HOOK_SIGNATURE_SIZE 128
void lia_hook_sign(lia_span secret, lia_span former, const char *id, int64_t unix_s, lia_span body,
                   char text[LIA_HOOK_SIGNATURE_SIZE]);

#endif
