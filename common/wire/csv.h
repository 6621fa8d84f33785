/* SPDX-License-Identifier: Apache-2.0 */
/* csv - streaming CSV (RFC 4180), bytes in pieces of any size, rows out. The delimiter may be
 * another character; CRLF, LF and a missing last line end are accepted; a byte order mark and empty
 * lines are skipped. Any cut of the input gives the same rows and errors. */
#ifndef LIA_WIRE_CSV_H
#define LIA_WIRE_CSV_H

#include "common/base/buf.h"

#define LIA_CSV_COLUMNS_MAX   512
#define LIA_CSV_ROW_BYTES_MAX ((size_t)1 << 20)

typedef struct lia_csv_reader lia_csv_reader;

/* Called for every row; spans live until it returns. `line` is where the row begins, from 1. A
 * value other than LIA_OK stops the reading and is returned by feed. */
typedef lia_err lia_csv_row(void *context, uint64_t line, const lia_span *cells, size_t count);

/* `delimiter` is not a quote or a line end. *out is yours until lia_csv_close (NULL is fine).
 *   LIA_EINVAL  such a delimiter        LIA_EFULL  no memory */
LIA_MUST_USE lia_err lia_csv_open(lia_csv_reader **out, char delimiter, lia_csv_row *row,
                                  void *context);
void lia_csv_close(lia_csv_reader *reader);
/* Reads until the bytes are used up or something is wrong; *consumed says how far it came. `why`
 * says "line 12, column 3: a quote inside an unquoted cell". After an error feed on from there: the
 * rest of the broken row, up to its line end, is skipped.
 *   LIA_EINVAL  malformed row      LIA_EFULL  too many columns or too long a row */
LIA_MUST_USE lia_err lia_csv_feed(lia_csv_reader *reader, lia_span bytes, size_t *consumed,
                                  lia_why *why);
/* Ends the input: a last row without a line end is given.
 *   LIA_EINVAL  it ends inside quotes, or as above */
LIA_MUST_USE lia_err lia_csv_end(lia_csv_reader *reader, lia_why *why);

/* How many of the bytes fed so far belong to lines that are done, broken ones too: whoever stops here
 * goes on there, with a reader of its own. */
uint64_t lia_csv_whole(const lia_csv_reader *reader);

/* Appends one row with CRLF, quoting where needed. */
void lia_csv_put_row(lia_buf *out, char delimiter, const lia_span *cells, size_t count);

#endif
