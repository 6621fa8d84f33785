/* SPDX-License-Identifier: Apache-2.0 */
/* index_walk - the records of a kind whose indexed field has a value, in the order of their ids:
 * what names a user, who has an e-mail. A row may be older than its record, and of long texts the
 * index holds the beginning, without case: whoever must be sure looks into the record. */
#ifndef LIA_NODE_INDEX_WALK_H
#define LIA_NODE_INDEX_WALK_H

#include "common/node/rows.h"

typedef struct lia_index_walk {
    lia_scan *scan;
} lia_index_walk;

/* The records of `kind` whose `field` is `payload`, a value as the record holds it (of a reference
 * the id). After an error there is nothing to close. */
LIA_MUST_USE lia_err lia_index_walk_open(lia_index_walk *walk, const lia_rows *rows, uint32_t kind,
                                         const lia_field *field, lia_span payload);
/* The same of a field that every such record has, by its name. */
LIA_MUST_USE lia_err lia_index_walk_of(lia_index_walk *walk, const lia_rows *rows, uint32_t kind,
                                       const char *field, lia_span payload);
/* The same where its value is a number. */
LIA_MUST_USE lia_err lia_index_walk_of_number(lia_index_walk *walk, const lia_rows *rows,
                                              uint32_t kind, const char *field, uint64_t number);

/* False behind the last one, and when the walk has failed, which closing it tells. */
bool lia_index_walk_next(lia_index_walk *walk, lia_id *id);

/* Returns `err`, what its user has met; without one, what the walk has. */
LIA_MUST_USE lia_err lia_index_walk_close(lia_index_walk *walk, lia_err err);

#endif
