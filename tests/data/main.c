/* SPDX-License-Identifier: Apache-2.0 */
/* samples - writes this release's file of samples, to be kept when it is released:
 *
 *     build/dev/bin/samples >tests/data/samples-1.txt */
#include <stdio.h>

#include "common/base/assert.h"
#include "common/wire/json.h"
#include "tests/data/sample.h"

static void print(const char *word, lia_span text)
{
    printf("%s %.*s\n", word, (int)text.size, (const char *)text.data);
}

static void write_one(const lia_sample_type *type, lia_span bytes, lia_arena *arena)
{
    lia_buf means = lia_buf_make(arena), json = lia_buf_make(arena);
    char *hex = lia_arena_take(arena, 2 * bytes.size + 1);
    lia_assert(hex && lia_sample_explain(&means, type->type, bytes));
    lia_hex_print(bytes, hex);
    print("\nmessage", lia_span_text(type->type->name));
    print("bytes", lia_span_text(hex));
    print("means", lia_buf_get(&means));
    if (type->schema) lia_json_put_message(&json, type->schema, bytes);
    if (type->schema) print("json", lia_buf_get(&json));
    lia_assert(!json.failed);
}

int main(void)
{
    lia_sample_type types[512];
    lia_arena arena;
    if (lia_arena_init(&arena, 1 << 20)) return 1;
    puts("# Every kind, fact and frame as this release writes it: tests/data/sample.h. Written by\n"
         "# build/dev/bin/samples when it was made; never changed afterwards.");
    size_t count = lia_sample_types(types, LIA_COUNT(types));
    for (size_t i = 0; i < count; i++) {
        for (unsigned variant = 0;; variant++) {
            lia_arena_reset(&arena);
            lia_buf bytes = lia_buf_make(&arena);
            if (!lia_sample_make(&bytes, types[i].type, variant)) break;
            write_one(&types[i], lia_buf_get(&bytes), &arena);
        }
    }
    lia_arena_fini(&arena);
    return 0;
}
