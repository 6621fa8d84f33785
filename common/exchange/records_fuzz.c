/* SPDX-License-Identifier: Apache-2.0 */
/* Any file, read in one piece and in two: the same lines say the same, and what is read fits the
 * rules of the mapping. The first byte chooses format, encoding and cut. */
#include "common/base/assert.h"
#include "common/exchange/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_piece(lia_records *out, lia_intake *intake, lia_span piece, bool last,
                       lia_arena *arena, bool *bad)
{
    *bad = lia_records_read(out, intake, piece, last, arena, NULL) != LIA_OK;
    if (*bad) return;
    lia_assert(out->taken <= piece.size && (!last || out->taken == piece.size));
    for (size_t i = 0; i < out->count; i++)
        lia_assert(out->items[i].json.size || out->items[i].reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    static lia_records whole, first, second;
    bool bad, cut_bad;
    if (!arena.base && lia_arena_init(&arena, (size_t)512 << 20)) return 0;
    if (size < 2) return 0;
    lia_arena_reset(&arena);
    lia_span file = lia_span_make(data + 2, size - 2);
    lia_intake intake = {.kind = lia_kind_find(LIA_CUSTOMER),
                         .format = data[0] & 1 ? LIA_INTAKE_CSV : LIA_INTAKE_JSONL,
                         .has_encoding = true,
                         .encoding = (lia_encoding)(data[0] >> 1 & 3),
                         .has_delimiter = true,
                         .delimiter = ',',
                         .line = 1};
    lia_intake cut = intake;
    read_piece(&whole, &intake, file, true, &arena, &bad);
    size_t at = data[1] < file.size ? data[1] : file.size;
    read_piece(&first, &cut, lia_span_make(file.data, at), false, &arena, &cut_bad);
    if (bad || cut_bad) return 0;
    /* A first piece without a row lets the mapping be found out from more. */
    if (!first.count) return 0;
    cut.offset += first.taken;
    cut.line = first.line;
    read_piece(&second, &cut, lia_span_skip(file, first.taken), true, &arena, &cut_bad);
    lia_assert(cut_bad || first.count + second.count == whole.count);
    return 0;
}
