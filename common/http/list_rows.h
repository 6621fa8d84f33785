/* SPDX-License-Identifier: Apache-2.0 */
/* list_rows - the rows that a list walks over, in either direction: which record each one leads to,
 * and the key behind which a later page goes on. */
#ifndef LIA_HTTP_LIST_ROWS_H
#define LIA_HTTP_LIST_ROWS_H

#include "common/node/rows.h"

/* 'r' kind(2) id(16) tag ... */
enum { LIA_ROW_ID = 3, LIA_ROW_TAG = LIA_ROW_ID + LIA_ID_SIZE };

typedef enum lia_walk_type { LIA_WALK_KIND, LIA_WALK_INDEX, LIA_WALK_CUSTOMER } lia_walk_type;

/* Rows that begin with `prefix`, from `first` on and up to those that begin with `last`, if given;
 * with `down` from the last of them on. */
typedef struct lia_walk_range {
    lia_walk_type type;
    const lia_field *field; /* whose index it is */
    lia_key prefix, first, last;
    bool down;
} lia_walk_range;

typedef struct lia_list_rows {
    const lia_walk_range *range;
    lia_scan *scan;
    lia_key edge; /* down: what comes next is below it; empty: the end of all */
    lia_key key;
} lia_list_rows;

/* Begins at the range's start, or behind the row `after`, a key of an earlier walk over the same
 * range. Errors as lia_rows_scan. */
LIA_MUST_USE lia_err lia_list_rows_open(lia_list_rows *walk, const lia_rows *rows,
                                        const lia_walk_range *range, lia_span after);
/* The next record and the key of its row (valid until the next call); false at the end. There may
 * be no such record any more. */
bool lia_list_rows_next(lia_list_rows *walk, lia_span *key, lia_id *id);
/* Tells why it ended early, if it did. */
LIA_MUST_USE lia_err lia_list_rows_close(lia_list_rows *walk);

#endif
