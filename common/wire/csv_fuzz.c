/* SPDX-License-Identifier: Apache-2.0 */
/* Reads any bytes in one piece and in pieces whose sizes the first byte chooses: the rows and
 * errors must be the same. Rows written from it must read back. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/wire/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct seen {
    lia_buf rows, written;
    size_t errors;
} seen;

static lia_err note_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    seen *out = context;
    lia_buf_format(&out->rows, "%llu %zu:", (unsigned long long)line, count);
    for (size_t i = 0; i < count; i++) {
        lia_buf_format(&out->rows, "%zu ", cells[i].size);
        lia_buf_span(&out->rows, cells[i]);
    }
    lia_csv_put_row(&out->written, ';', cells, count);
    return LIA_OK;
}

static lia_err note_cells(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    (void)line;
    lia_csv_put_row(context, ';', cells, count);
    return LIA_OK;
}

static size_t read_all(lia_csv_row *row, void *context, char delimiter, lia_span input,
                       size_t piece)
{
    lia_csv_reader *reader;
    size_t errors = 0;
    if (lia_csv_open(&reader, delimiter, row, context)) return 0;
    while (input.size) {
        size_t used = 0;
        lia_span part = lia_span_make(input.data, input.size < piece ? input.size : piece);
        lia_why why = {""};
        if (lia_csv_feed(reader, part, &used, &why)) errors++;
        lia_assert(used > 0 && used <= part.size);
        input = lia_span_skip(input, used);
    }
    if (lia_csv_end(reader, NULL)) errors++;
    lia_csv_close(reader);
    return errors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base && lia_arena_init(&arena, 256 << 20)) return 0;
    if (size < 1) return 0;
    lia_arena_reset(&arena);
    lia_span input = lia_span_make(data + 1, size - 1);
    char delimiter = data[0] & 0x80 ? ';' : ',';

    seen whole = {lia_buf_make(&arena), lia_buf_make(&arena), 0};
    seen cut = {lia_buf_make(&arena), lia_buf_make(&arena), 0};
    whole.errors = read_all(note_row, &whole, delimiter, input, size);
    cut.errors = read_all(note_row, &cut, delimiter, input, 1 + (data[0] & 7));
    lia_assert(whole.errors == cut.errors && !whole.rows.failed && !cut.rows.failed);
    lia_assert(lia_span_equal(lia_buf_get(&whole.rows), lia_buf_get(&cut.rows)));

    lia_buf again = lia_buf_make(&arena);
    lia_assert(read_all(note_cells, &again, ';', lia_buf_get(&whole.written), 1000) == 0);
    lia_assert(lia_span_equal(lia_buf_get(&again), lia_buf_get(&whole.written)));
    return 0;
}
