/* SPDX-License-Identifier: Apache-2.0 */
/* What clients hand back and what is cut out of a wrapper. A page's token that is taken is the one that
 * would be given for what it names; a member that is found lies within the object. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/http/json_cut.h"
#include "common/http/page_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lia_arena arena;

static void check_token(lia_span text)
{
    lia_span question = LIA_SPAN("question"), key;
    lia_page_mark mark = lia_page_mark_of(&question, 1);
    uint8_t phase;
    lia_buf token = lia_buf_make(&arena);
    if (lia_page_token_read(text, mark, &arena, &phase, &key) == LIA_OK) {
        lia_page_token_put(&token, mark, phase, key);
        lia_assert(lia_span_equal(lia_buf_get(&token), text));
    }
    /* And any key comes back. */
    if (!text.size || text.size > 500) return;
    lia_buf made = lia_buf_make(&arena);
    lia_page_token_put(&made, mark, text.data[0], lia_span_skip(text, 1));
    lia_assert(lia_page_token_read(lia_buf_get(&made), mark, &arena, &phase, &key) == LIA_OK);
    lia_assert(phase == text.data[0] && lia_span_equal(key, lia_span_skip(text, 1)));
}

static void check_cut(lia_span text)
{
    lia_span value;
    uint8_t *copy = malloc(text.size + 1); /* exactly as long, so that a read behind it is seen */
    lia_assert(copy);
    if (text.size) memcpy(copy, text.data, text.size);
    if (lia_json_cut(lia_span_make(copy, text.size), "record", &value)) {
        lia_assert(text.data[0] && value.size > 0 && value.data >= copy);
        lia_assert(value.data + value.size <= copy + text.size);
        lia_assert(!strchr(" \t\r\n", value.data[0]));
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!arena.base && lia_arena_init(&arena, (size_t)16 << 20)) abort();
    lia_arena_reset(&arena);
    if (size == 0) return 0;
    if (data[0] % 2)
        check_token(lia_span_make(data + 1, size - 1));
    else
        check_cut(lia_span_make(data + 1, size - 1));
    return 0;
}
