/* SPDX-License-Identifier: Apache-2.0 */
/* page_token - where a list goes on, as text that clients only hand back. It names the last key
 * and carries a mark of the question, so that it cannot be used with another one. Pure. */
#ifndef LIA_HTTP_PAGE_TOKEN_H
#define LIA_HTTP_PAGE_TOKEN_H

#include "common/base/buf.h"

/* Which question: hashed from everything that decides the order and choice of rows. */
typedef struct lia_page_mark {
    uint8_t bytes[8];
} lia_page_mark;
lia_page_mark lia_page_mark_of(const lia_span *parts, size_t count);

/* Appends the token (base64url, RFC 4648 section 5, without padding). */
void lia_page_token_put(lia_buf *out, lia_page_mark mark, uint8_t phase, lia_span key);

/* Reads a token back; *key lives in the arena.
 *   LIA_EINVAL   not a token, or one of another question      LIA_EFULL   the arena */
LIA_MUST_USE lia_err lia_page_token_read(lia_span token, lia_page_mark mark, lia_arena *arena,
                                         uint8_t *phase, lia_span *key);

#endif
