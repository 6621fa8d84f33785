/* SPDX-License-Identifier: Apache-2.0 */
/* Any line is a purchase or refused with a sentence; what is taken prints as a record that the
 * schema takes. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/wire/json.h"
#include "tools/liaison/purchase.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(lia_err err, const lia_purchase *purchase, const lia_why *why, lia_arena *arena)
{
    if (err == LIA_EABSENT) return;
    if (err) {
        lia_assert(why->text[0]);
        return;
    }
    lia_json_object object;
    lia_why no = {{0}};
    lia_buf key = lia_buf_make(arena), json = key;
    lia_purchase_put_key(&key, "fuzz", purchase->customer, purchase->when, 1);
    json = lia_buf_make(arena);
    lia_purchase_put_interaction(&json, purchase, lia_id_make(1), lia_buf_get(&key));
    (void)lia_json_read(&object, lia_kind_find(LIA_INTERACTION)->message, LIA_JSON_CREATE,
                        lia_buf_get(&json), arena, &no);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    lia_purchase purchase;
    lia_why why = {{0}};
    if (!arena.base && lia_arena_init(&arena, (size_t)16 << 20)) abort();
    lia_arena_reset(&arena);
    lia_err err = lia_purchase_from_cdnow(&purchase, lia_span_make(data, size), &why);
    check(err, &purchase, &why, &arena);
    why.text[0] = 0;
    err = lia_purchase_from_json(&purchase, lia_span_make(data, size), &arena, &why);
    check(err, &purchase, &why, &arena);
    return 0;
}
