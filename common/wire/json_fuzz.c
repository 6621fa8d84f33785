/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a kind and a way; the rest is a document or a message.
 *   reading: what was read prints as a text that reads as the same bytes again
 *   writing: whatever the bytes, the text is JSON, and names occur once */
#include <jansson.h>

#include "common/base/assert.h"
#include "common/wire/json.h"

static lia_arena arena;

static void check_reading(const lia_message *schema, lia_json_mode mode, lia_span json)
{
    lia_json_object first, second;
    lia_why why;
    if (lia_json_read(&first, schema, mode, json, &arena, &why)) {
        lia_assert(why.text[0]);
        return;
    }
    lia_assert(lia_pb_valid(first.message));
    lia_buf text = lia_buf_make(&arena), again = lia_buf_make(&arena);
    lia_json_put_message(&text, schema, first.message);
    lia_assert(!lia_json_read(&second, schema, mode, lia_buf_get(&text), &arena, &why));
    lia_assert(lia_span_equal(first.message, second.message));
    lia_json_put_message(&again, schema, second.message);
    lia_assert(lia_span_equal(lia_buf_get(&text), lia_buf_get(&again)));
}

static void check_writing(const lia_message *schema, lia_span message)
{
    lia_buf text = lia_buf_make(&arena);
    lia_json_put_message(&text, schema, message);
    json_t *tree =
        json_loadb((const char *)text.data, text.size,
                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    lia_assert(tree != NULL);
    json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t kinds;
    const lia_kind *kind = lia_kinds(&kinds);
    if (!size) return 0;
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) return 0;
    lia_arena_reset(&arena);
    kind += data[0] % kinds;
    unsigned way = data[0] / kinds % 4;
    lia_span rest = lia_span_make(data + 1, size - 1);
    if (way == 3)
        check_writing(kind->message, rest);
    else
        check_reading(kind->message, (lia_json_mode)way, rest);
    return 0;
}
