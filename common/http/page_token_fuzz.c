/* SPDX-License-Identifier: Apache-2.0 */
/* A page token comes back from a client that may have changed it: it is read, or refused, and what
 * was read prints as the same text again. */
#include "common/base/assert.h"
#include "common/http/page_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    static const lia_page_mark zeroes;
    if (!arena.base && lia_arena_init(&arena, 1 << 20)) return 0;
    lia_arena_reset(&arena);
    lia_span token = lia_span_make(data, size), key;
    lia_page_mark mark = zeroes;
    uint8_t phase;
    /* Of eight bytes of input a mark is made, and a token for it: that one is read back. */
    if (size > sizeof mark.bytes) {
        memcpy(mark.bytes, data, sizeof mark.bytes);
        lia_buf out = lia_buf_make(&arena);
        lia_span rest = lia_span_skip(token, sizeof mark.bytes);
        lia_page_token_put(&out, mark, rest.data[0], rest);
        if (!out.failed && out.size <= 1024) {
            lia_assert(lia_page_token_read(lia_buf_get(&out), mark, &arena, &phase, &key) ==
                       LIA_OK);
            lia_assert(phase == rest.data[0] && lia_span_equal(key, rest));
        }
    }
    if (lia_page_token_read(token, zeroes, &arena, &phase, &key)) return 0;
    lia_buf again = lia_buf_make(&arena);
    lia_page_token_put(&again, zeroes, phase, key);
    lia_assert(again.failed ||
               lia_span_equal(lia_buf_get(&again), token)); /* too long to be made */
    return 0;
}
