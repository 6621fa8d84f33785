/* SPDX-License-Identifier: Apache-2.0 */
/* csv_map - from a table's columns to a kind's fields: rows become API records. Pure.
 *
 *     name          a field                     emails.value  a part of a field; of a list, of its
 *     tags          a list: parts between ;                   first element
 *     emails        a list of messages by its   amount        money as "11.77 USD"
 *                   key alone, between ;        emails[2].value  of a list's second element
 *
 * A country may be told by its name.
 */
#ifndef LIA_EXCHANGE_CSV_MAP_H
#define LIA_EXCHANGE_CSV_MAP_H

#include "common/base/buf.h"
#include "common/wire/csv.h"
#include "common/wire/schema.h"

typedef struct lia_csv_column {
    const lia_field *field; /* NULL: left out */
    const lia_field *part;  /* may be NULL */
    uint8_t element;        /* of a list, from 1 */
    bool is_first;          /* of its field */
} lia_csv_column;

typedef struct lia_csv_map {
    lia_csv_column columns[LIA_CSV_COLUMNS_MAX];
    size_t count;
    size_t left_out; /* columns that the API sets itself: id, created_at, read-only fields */
    const char *
        source; /* stands before numbers elsewhere, so that two systems' cannot meet; may be NULL */
} lia_csv_map;

#define LIA_CSV_ELEMENTS_MAX 8

/* Another name for a column: "E-Mail" = "emails.value"; an empty field leaves it out. */
typedef struct lia_csv_rename {
    lia_span column, field;
} lia_csv_rename;

/* LIA_EINVAL   `why` names the column and what was probably meant */
LIA_MUST_USE lia_err lia_csv_map_make(lia_csv_map *out, const lia_kind *kind, const lia_span *names,
                                      size_t count, const lia_csv_rename *renames,
                                      size_t rename_count, lia_why *why);

/* Appends one record. Empty cells are left out. What the node checks is not checked here.
 *   LIA_EINVAL   `why` names the column     LIA_EFULL  arena */
LIA_MUST_USE lia_err lia_csv_map_put(const lia_csv_map *map, const lia_span *cells, size_t count,
                                     lia_buf *out, lia_why *why);

/* Whether the field is money, which stands in one cell. */
bool lia_field_is_money(const lia_field *field);

#endif
