/* SPDX-License-Identifier: Apache-2.0 */
/* Any card: what comes out is an object of JSON, or the card is refused with a word. */
#include <jansson.h>

#include "common/base/assert.h"
#include "common/exchange/vcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    lia_span card, text = lia_span_make(data, size);
    size_t before;
    if (!arena.base && lia_arena_init(&arena, (size_t)256 << 20)) return 0;
    while (lia_vcard_cut(text, &card, &before)) {
        lia_why why = {{0}};
        lia_arena_reset(&arena);
        lia_buf out = lia_buf_make(&arena);
        lia_assert(before + card.size <= text.size && card.size > 0);
        lia_err err = lia_vcard_put(card, &out, &why);
        lia_assert(err != LIA_EINVAL || why.text[0]);
        json_t *json =
            err ? NULL : json_loadb((const char *)out.data, out.size, JSON_ALLOW_NUL, NULL);
        lia_assert(err || json_is_object(json));
        json_decref(json);
        text = lia_span_skip(text, before + card.size);
    }
    return 0;
}
