/* SPDX-License-Identifier: Apache-2.0 */
/* A file of erasures from anywhere: what is accepted is written again as it was, and an error says
 * where. An even first byte puts the right title before the rest. */
#include "common/base/assert.h"
#include "common/sync/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const lia_id cluster = {{1}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base) lia_assert(lia_arena_init(&arena, (size_t)16 << 20) == LIA_OK);
    if (size == 0) return 0;
    lia_arena_reset(&arena);
    lia_buf text = lia_buf_make(&arena);
    if (data[0] % 2 == 0)
        lia_buf_text(&text, "liaison erasures 1 01000000-0000-0000-0000-000000000000\n");
    lia_buf_add(&text, data + 1, size - 1);
    lia_ledger ledger = {0};
    lia_why why = {0};
    if (lia_ledger_parse(&ledger, cluster, lia_buf_get(&text), &why)) {
        lia_assert(why.text[0]);
    } else {
        lia_buf again = lia_buf_make(&arena);
        lia_ledger_print(&ledger, cluster, &again);
        /* Ids may have been in upper case; nothing else has two forms. */
        lia_assert(again.size == text.size);
        lia_ledger other = {0};
        lia_assert(lia_ledger_parse(&other, cluster, lia_buf_get(&again), &why) == LIA_OK);
        lia_assert(lia_ledger_same(&ledger.sum, &other.sum));
        lia_ledger_fini(&other);
    }
    lia_ledger_fini(&ledger);
    return 0;
}
