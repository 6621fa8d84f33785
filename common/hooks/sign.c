/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/sign.h"

#include <stdio.h>

#include "common/base/assert.h"

void lia_hook_secret_print(lia_span secret, char text[LIA_HOOK_SECRET_TEXT_SIZE])
{
    lia_assert(secret.size == LIA_HOOK_SECRET_SIZE);
    memcpy(text, "whsec_", 6);
    lia_base64_print(secret, text + 6, LIA_HOOK_SECRET_TEXT_SIZE - 6);
}

static size_t put(lia_span secret, lia_span head, lia_span body, char *text, size_t size)
{
    uint8_t mac[LIA_HMAC_SIZE];
    char encoded[LIA_BASE64_TEXT_SIZE(sizeof mac)];
    const lia_span parts[] = {head, body};
    lia_hmac_sha256(secret, parts, LIA_COUNT(parts), mac);
    lia_base64_print(LIA_SPAN_OF(mac), encoded, sizeof encoded);
    return (size_t)snprintf(text, size, "v1,%s", encoded);
}

void lia_hook_sign(lia_span secret, lia_span former, const char *id, int64_t unix_s, lia_span body,
                   char text[LIA_HOOK_SIGNATURE_SIZE])
{
    char head[128];
    int size = snprintf(head, sizeof head, "%s.%lld.", id, (long long)unix_s);
    lia_assert(size > 0 && (size_t)size < sizeof head);
    lia_span begin = lia_span_make(head, (size_t)size);
    size_t used = put(secret, begin, body, text, LIA_HOOK_SIGNATURE_SIZE);
    if (!former.size) return;
    text[used++] = ' ';
    put(former, begin, body, text + used, LIA_HOOK_SIGNATURE_SIZE - used);
}
