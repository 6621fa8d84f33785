/* SPDX-License-Identifier: Apache-2.0 */
/* records - a piece of a file becomes records as the API's JSON, each with its line. A piece ends
 * where it ends: what is no whole record yet is left, and the next piece begins there. */
#ifndef LIA_EXCHANGE_RECORDS_H
#define LIA_EXCHANGE_RECORDS_H

#include "common/exchange/intake.h"
#include "common/exchange/propose.h"

typedef struct lia_records_item {
    uint64_t line;
    lia_span json;      /* empty: it is none, and `reason` says why */
    const char *reason; /* "column 3: ..."; may be NULL */
} lia_records_item;

typedef struct lia_records {
    lia_records_item *items;
    size_t count, capacity;
    size_t taken;           /* bytes of the piece that are done */
    uint64_t line;          /* the number of the next line */
    lia_csv_map map;        /* of a table */
    lia_proposal *proposal; /* of a table whose mapping nobody gave; else NULL */
} lia_records;

/* Reads a piece that begins at intake->offset; `last`: the file ends with it. What is found out on
 * the way (encoding, delimiter, columns, mapping) is written into the intake; a first piece without
 * a row behind the header tells too little, and nothing of it is taken. All lives in the arena,
 * which takes some times the size of the piece. LIA_EINVAL  the header or the mapping; `why` names
 * the column       LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_records_read(lia_records *out, lia_intake *intake, lia_span piece,
                                      bool last, lia_arena *arena, lia_why *why);

#endif
