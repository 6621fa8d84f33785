/* SPDX-License-Identifier: Apache-2.0 */
/* What a crash left in a file of the trail: blocks are walked and their entries written again and
 * read back. Entries are also tried without a block, which fuzzing cannot sign. */
#include <stdlib.h>

#include "common/audit/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(lia_span rest, lia_arena *arena)
{
    lia_audit_entry entry, again;
    while (lia_audit_take(&rest, &entry) == LIA_OK) {
        lia_buf out = lia_buf_make(arena);
        lia_audit_put(&out, &entry);
        if (out.failed) return;
        lia_span written = lia_buf_get(&out);
        if (lia_audit_take(&written, &again) || written.size) abort();
        if (again.action != entry.action || again.count != entry.count ||
            again.times != entry.times || again.at.ms != entry.at.ms ||
            !lia_span_equal(again.actor, entry.actor) || !lia_span_equal(again.words, entry.words))
            abort();
        (void)lia_audit_concerns(&entry, entry.record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) abort();
    lia_arena_reset(&arena);
    lia_span file = lia_span_make(data, size), entries;
    for (size_t place = 0; lia_audit_block_take(file, 1, place, &entries) == LIA_OK;) {
        walk(entries, &arena);
        place += LIA_AUDIT_BLOCK_HEAD + entries.size;
    }
    walk(file, &arena);
    return 0;
}
