/* SPDX-License-Identifier: Apache-2.0 */
/* csv_flat - from a record to one row: the other way of csv_map. Of lists that name their elements
 * by more than a value (addresses, items) a row shows the first; JSON lines keep all. Pure. */
#ifndef LIA_EXCHANGE_CSV_FLAT_H
#define LIA_EXCHANGE_CSV_FLAT_H

#include <jansson.h>

#include "common/base/buf.h"
#include "common/wire/schema.h"

#define LIA_CSV_FLAT_COLUMNS_MAX 128

typedef struct lia_csv_flat_column {
    const lia_field *field, *part; /* part NULL: the whole field */
    const char *added;             /* "id", "created_at": what every record has; field is NULL */
} lia_csv_flat_column;

typedef struct lia_csv_flat {
    lia_csv_flat_column columns[LIA_CSV_FLAT_COLUMNS_MAX];
    size_t count;
} lia_csv_flat;

void lia_csv_flat_make(lia_csv_flat *out, const lia_kind *kind);
/* Appends the header, or a record's row; cells are made in out's arena. */
void lia_csv_flat_put_header(const lia_csv_flat *flat, lia_buf *out);
/* Keeps the columns that a text names, in its order: "name,emails,addresses.city".
 *   LIA_EINVAL   `why` names the one that there is not */
LIA_MUST_USE lia_err lia_csv_flat_choose(lia_csv_flat *flat, lia_span names, lia_why *why);
/* A record given as JSON text.   LIA_ECORRUPT  it is no JSON     LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_csv_flat_put_text(const lia_csv_flat *flat, lia_span record, lia_buf *out);
void lia_csv_flat_put(const lia_csv_flat *flat, const json_t *record, lia_buf *out);

#endif
