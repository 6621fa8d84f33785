/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/page_token.h"

#include "common/base/crypto.h"

#define HEAD_BYTES 9 /* mark, phase */

lia_page_mark lia_page_mark_of(const lia_span *parts, size_t count)
{
    /* Each part with its size before it, so that no two questions run into the same bytes. */
    uint8_t sizes[8][4];
    lia_span all[16];
    size_t used = 0;
    for (size_t i = 0; i < count && i < LIA_COUNT(sizes); i++) {
        lia_put_u32(sizes[i], (uint32_t)parts[i].size);
        all[used++] = lia_span_make(sizes[i], sizeof sizes[i]);
        all[used++] = parts[i];
    }
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_digest_of("liaison page", all, used, digest);
    lia_page_mark mark;
    memcpy(mark.bytes, digest, sizeof mark.bytes);
    return mark;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

void lia_page_token_put(lia_buf *out, lia_page_mark mark, uint8_t phase, lia_span key)
{
    uint8_t bytes[HEAD_BYTES + 512];
    if (key.size > sizeof bytes - HEAD_BYTES) {
        out->failed = true;
        return;
    }
    memcpy(bytes, mark.bytes, sizeof mark.bytes);
    bytes[sizeof mark.bytes] = phase;
    if (key.size) memcpy(bytes + HEAD_BYTES, key.data, key.size);
    char text[LIA_BASE64URL_TEXT_SIZE(sizeof bytes)];
    lia_base64url_print(lia_span_make(bytes, HEAD_BYTES + key.size), text, sizeof text);
    lia_buf_text(out, text);
}

lia_err lia_page_token_read(lia_span token, lia_page_mark mark, lia_arena *arena, uint8_t *phase,
                            lia_span *key)
{
    if (token.size > 1024) return LIA_EINVAL;
    uint8_t *bytes = lia_arena_take(arena, token.size + 1);
    if (!bytes) return LIA_EFULL;
    size_t size;
    if (lia_base64url_parse(token, bytes, &size) || size < HEAD_BYTES) return LIA_EINVAL;
    if (memcmp(bytes, mark.bytes, sizeof mark.bytes) != 0) return LIA_EINVAL;
    *phase = bytes[sizeof mark.bytes];
    *key = lia_span_make(bytes + HEAD_BYTES, size - HEAD_BYTES);
    return LIA_OK;
}
