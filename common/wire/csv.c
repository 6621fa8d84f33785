/* SPDX-License-Identifier: Apache-2.0 */
/* One state per byte, so that it does not matter how the input is cut. Cells of the current row lie
 * one behind the other in a buffer that grows to the longest row seen; an import has few sizes of
 * rows, so it soon stops growing.
 *
 *     START -- " --> QUOTED -- " --> CLOSING -- " --> QUOTED (a quote)
 *       | other                         | delimiter, line end: the cell is done
 *       v                               | other: broken
 *     PLAIN -- delimiter, line end: the cell is done; ": broken
 *
 * CR is held back (AFTER_CR) until the next byte tells a line end from data. A broken row is
 * skipped to its next line end (SKIPPING); where quotes are unbalanced nobody can know better. */
#include "common/wire/csv.h"

#include <stdlib.h>

typedef enum state { BOM, START, PLAIN, QUOTED, CLOSING, AFTER_CR, SKIPPING } state;

struct lia_csv_reader {
    char delimiter;
    state state;
    state before_cr; /* AFTER_CR: where the CR came */
    uint8_t bom;     /* how much of a byte order mark has come */
    bool begun;      /* the row has a byte or a delimiter */
    uint64_t line, row_line;
    uint64_t fed, whole; /* bytes; those of lines that are done */
    lia_csv_row *row;
    void *context;
    uint8_t *bytes;
    size_t size, capacity;
    size_t cell_begin;
    size_t cell_count;
    struct {
        size_t at, size;
    } cells[LIA_CSV_COLUMNS_MAX];
};

static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};

lia_err lia_csv_open(lia_csv_reader **out, char delimiter, lia_csv_row *row, void *context)
{
    *out = NULL;
    if (delimiter == '"' || delimiter == '\r' || delimiter == '\n') return LIA_EINVAL;
    lia_csv_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return LIA_EFULL;
    reader->capacity = 1024;
    reader->bytes = malloc(reader->capacity);
    if (!reader->bytes) {
        free(reader);
        return LIA_EFULL;
    }
    reader->delimiter = delimiter;
    reader->line = reader->row_line = 1;
    reader->row = row;
    reader->context = context;
    *out = reader;
    return LIA_OK;
}

void lia_csv_close(lia_csv_reader *reader)
{
    if (!reader) return;
    free(reader->bytes);
    free(reader);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static void begin_row(lia_csv_reader *reader)
{
    reader->state = START;
    reader->begun = false;
    reader->size = reader->cell_begin = reader->cell_count = 0;
    reader->row_line = reader->line;
}

/* Says what is wrong with the cell being read, and begins to skip. */
static lia_err broken(lia_csv_reader *reader, lia_err err, const char *what, lia_why *why)
{
    reader->state = SKIPPING;
    return lia_why_set(why, err, "line %llu, column %zu: %s", (unsigned long long)reader->line,
                       reader->cell_count + 1, what);
}

static lia_err add_byte(lia_csv_reader *reader, uint8_t byte, lia_why *why)
{
    reader->begun = true;
    if (reader->size == LIA_CSV_ROW_BYTES_MAX)
        return broken(reader, LIA_EFULL, "the row is longer than 1 MiB", why);
    if (reader->size == reader->capacity) {
        size_t capacity = reader->capacity * 2;
        uint8_t *bytes = realloc(reader->bytes, capacity);
        if (!bytes) return broken(reader, LIA_EFULL, "no memory for the row", why);
        reader->bytes = bytes;
        reader->capacity = capacity;
    }
    reader->bytes[reader->size++] = byte;
    return LIA_OK;
}

static lia_err end_cell(lia_csv_reader *reader, lia_why *why)
{
    reader->begun = true;
    if (reader->cell_count == LIA_CSV_COLUMNS_MAX)
        return broken(reader, LIA_EFULL, "the row has more than 512 columns", why);
    reader->cells[reader->cell_count].at = reader->cell_begin;
    reader->cells[reader->cell_count].size = reader->size - reader->cell_begin;
    reader->cell_count++;
    reader->cell_begin = reader->size;
    reader->state = START;
    return LIA_OK;
}

/* Gives the row to the caller. An empty line is no row. */
static lia_err give_row(lia_csv_reader *reader, lia_why *why)
{
    if (!reader->begun) return LIA_OK;
    lia_err err = end_cell(reader, why);
    if (err) return err;
    lia_span cells[LIA_CSV_COLUMNS_MAX];
    for (size_t i = 0; i < reader->cell_count; i++)
        cells[i] = lia_span_make(reader->bytes + reader->cells[i].at, reader->cells[i].size);
    return reader->row(reader->context, reader->row_line, cells, reader->cell_count);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static lia_err end_line(lia_csv_reader *reader, lia_why *why)
{
    lia_err err = reader->state == SKIPPING ? LIA_OK : give_row(reader, why);
    reader->line++;
    reader->whole = reader->fed;
    begin_row(reader);
    return err;
}

/* A byte outside of quotes, none of the line ends. */
static lia_err outside(lia_csv_reader *reader, uint8_t byte, lia_why *why)
{
    if (byte == (uint8_t)reader->delimiter) return end_cell(reader, why);
    if (reader->state == CLOSING)
        return broken(reader, LIA_EINVAL, "text after the closing quote", why);
    if (byte == '"' && reader->state == PLAIN)
        return broken(reader, LIA_EINVAL, "a quote inside an unquoted cell", why);
    reader->begun = true;
    reader->state = byte == '"' ? QUOTED : PLAIN;
    return byte == '"' ? LIA_OK : add_byte(reader, byte, why);
}

static lia_err inside_quotes(lia_csv_reader *reader, uint8_t byte, lia_why *why)
{
    if (byte == '"') {
        reader->state = CLOSING;
        return LIA_OK;
    }
    if (byte == '\n') reader->line++;
    return add_byte(reader, byte, why);
}

static lia_err plain_byte(lia_csv_reader *reader, uint8_t byte, lia_why *why)
{
    if (reader->state == SKIPPING) return byte == '\n' ? end_line(reader, why) : LIA_OK;
    if (reader->state == QUOTED) return inside_quotes(reader, byte, why);
    if (reader->state == CLOSING && byte == '"') {
        reader->state = QUOTED;
        return add_byte(reader, byte, why);
    }
    if (byte == '\n') return end_line(reader, why);
    if (byte == '\r') {
        reader->before_cr = reader->state;
        reader->state = AFTER_CR;
        return LIA_OK;
    }
    return outside(reader, byte, why);
}

static lia_err take_byte(lia_csv_reader *reader, uint8_t byte, lia_why *why)
{
    if (reader->state != AFTER_CR) return plain_byte(reader, byte, why);
    if (byte == '\n') return end_line(reader, why);
    reader->state = reader->before_cr;
    return broken(reader, LIA_EINVAL, "a carriage return without a line feed", why);
}

/* Bytes of a mark that turned out to be none are data. */
static lia_err end_mark(lia_csv_reader *reader, lia_why *why)
{
    uint8_t count = reader->bom;
    begin_row(reader);
    lia_err err = LIA_OK;
    for (uint8_t i = 0; i < count && !err; i++) err = take_byte(reader, byte_order_mark[i], why);
    return err;
}

/* False as long as the byte may belong to a mark at the very beginning. */
static bool is_past_mark(lia_csv_reader *reader, uint8_t byte, lia_err *err, lia_why *why)
{
    *err = LIA_OK;
    if (reader->state != BOM) return true;
    if (byte != byte_order_mark[reader->bom]) {
        *err = end_mark(reader, why);
        return true;
    }
    if (++reader->bom == sizeof byte_order_mark) begin_row(reader);
    return false;
}

lia_err lia_csv_feed(lia_csv_reader *reader, lia_span bytes, size_t *consumed, lia_why *why)
{
    lia_err err = LIA_OK;
    size_t at = 0;
    while (at < bytes.size && !err) {
        uint8_t byte = bytes.data[at++];
        reader->fed++;
        if (is_past_mark(reader, byte, &err, why) && !err) err = take_byte(reader, byte, why);
    }
    *consumed = at;
    return err;
}

lia_err lia_csv_end(lia_csv_reader *reader, lia_why *why)
{
    lia_err err = LIA_OK;
    if (reader->state == BOM) err = end_mark(reader, why);
    if (err) return err;
    if (reader->state == AFTER_CR) reader->state = reader->before_cr;
    if (reader->state == QUOTED) {
        err = lia_why_set(why, LIA_EINVAL, "line %llu, column %zu: the input ends inside quotes",
                          (unsigned long long)reader->row_line, reader->cell_count + 1);
        begin_row(reader);
        return err;
    }
    if (reader->state != SKIPPING) err = give_row(reader, why);
    begin_row(reader);
    return err;
}

uint64_t lia_csv_whole(const lia_csv_reader *reader)
{
    return reader->whole;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool wants_quotes(lia_span cell, char delimiter)
{
    /* At the beginning of the output it would be taken for a byte order mark. */
    if (lia_span_starts(cell, LIA_SPAN("\xef\xbb\xbf"))) return true;
    for (size_t i = 0; i < cell.size; i++) {
        char c = (char)cell.data[i];
        if (c == delimiter || c == '"' || c == '\r' || c == '\n') return true;
    }
    return false;
}

static void put_quoted(lia_buf *out, lia_span cell)
{
    lia_buf_byte(out, '"');
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.data[i] == '"') lia_buf_byte(out, '"');
        lia_buf_byte(out, cell.data[i]);
    }
    lia_buf_byte(out, '"');
}

void lia_csv_put_row(lia_buf *out, char delimiter, const lia_span *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(out, (uint8_t)delimiter);
        /* A lone empty cell would be an empty line, which is no row. */
        bool quoted = wants_quotes(cells[i], delimiter) || (count == 1 && cells[i].size == 0);
        if (quoted)
            put_quoted(out, cells[i]);
        else
            lia_buf_span(out, cells[i]);
    }
    lia_buf_text(out, "\r\n");
}
