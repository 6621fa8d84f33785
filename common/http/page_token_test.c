/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/page_token.h"

#include "tests/support/test.h"

static lia_page_mark mark_of(const char *a, const char *b)
{
    const lia_span parts[] = {lia_span_text(a), lia_span_text(b)};
    return lia_page_mark_of(parts, LIA_COUNT(parts));
}

TEST(a_token_gives_its_key_back)
{
    lia_arena arena;
    lia_dice dice = {7};
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    for (size_t size = 0; size <= 480; size++) {
        uint8_t bytes[480], phase;
        lia_span key, wanted = lia_span_make(bytes, size);
        for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)lia_dice_next(&dice);
        lia_buf token = lia_buf_make(&arena);
        lia_page_token_put(&token, mark_of("deals", ""), (uint8_t)(size & 1), wanted);
        CHECK_OK(
            lia_page_token_read(lia_buf_get(&token), mark_of("deals", ""), &arena, &phase, &key));
        CHECK_EQ(phase, size & 1);
        CHECK_BYTES(key, wanted);
        lia_arena_reset(&arena);
    }
    lia_arena_fini(&arena);
}

TEST(a_token_fits_only_its_own_question)
{
    lia_arena arena;
    uint8_t phase;
    lia_span key;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_buf token = lia_buf_make(&arena);
    lia_page_token_put(&token, mark_of("deals", "state"), 0, LIA_SPAN("key"));
    lia_span text = lia_buf_get(&token);
    CHECK_ERR(lia_page_token_read(text, mark_of("deals", ""), &arena, &phase, &key), LIA_EINVAL);
    CHECK_ERR(lia_page_token_read(text, mark_of("dealss", "tate"), &arena, &phase, &key),
              LIA_EINVAL);
    lia_arena_fini(&arena);
}

TEST(a_text_that_is_no_token_is_refused)
{
    static const char *const texts[] = {"", "A", "!", "AAAAAAAAAAA", "AAAAAAAAAAAB=", "{}"};
    lia_arena arena;
    uint8_t phase;
    lia_span key;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    for (size_t i = 0; i < LIA_COUNT(texts); i++)
        CHECK_ERR(
            lia_page_token_read(lia_span_text(texts[i]), mark_of("", ""), &arena, &phase, &key),
            LIA_EINVAL);
    lia_arena_fini(&arena);
}
