/* SPDX-License-Identifier: Apache-2.0 */
/* list_sort - orders that no index has: by several fields, or by one that has no index. A record's
 * place is a key of bytes that compares as the order does; of all records that are added the first
 * ones behind a given place are kept, so memory is that of a page, however many there are. Pure. */
#ifndef LIA_HTTP_LIST_SORT_H
#define LIA_HTTP_LIST_SORT_H

#include "common/node/rows.h"

#define LIA_SORT_FIELDS_MAX 3

typedef struct lia_sort_by {
    const lia_field *field; /* NULL: by creation (by id), behind which nothing matters */
    bool down;
} lia_sort_by;

typedef struct lia_sort {
    lia_sort_by by[LIA_SORT_FIELDS_MAX];
    size_t count;
} lia_sort;

/* Whether records can be ordered by the field: a scalar that is no set, or money (by currency, then
 * amount). Text counts folded, its first 128 bytes. */
bool lia_sort_can(const lia_field *field);
bool lia_is_money(const lia_field *field);

/* A record's place: each field's part, then the id. Records without a value come last, whichever
 * way. */
typedef struct lia_sort_key {
    size_t size, first; /* of all; of the first field's part */
    uint8_t bytes[LIA_SORT_FIELDS_MAX * 131 + LIA_ID_SIZE];
} lia_sort_key;

void lia_sort_key_make(const lia_sort *sort, lia_id id, lia_span message, lia_sort_key *out);
/* The first part of a record that stands in a row of the first field's index. */
void lia_sort_key_of_row(const lia_sort *sort, uint32_t kind, lia_span row, lia_sort_key *out);
/* Back: the beginning of the index rows that have this key's first part. False when it is of
 * records without a value, or no key. */
bool lia_sort_row_of(const lia_sort *sort, uint32_t kind, lia_span key, lia_key *out);

/* The first records behind a place. */
typedef struct lia_sorted {
    lia_sort_key *heap; /* the last one on top */
    size_t count, max;
    lia_span after;
} lia_sorted;

/* At most `max` are kept; `after` is borrowed. LIA_EFULL */
LIA_MUST_USE lia_err lia_sorted_make(lia_sorted *out, size_t max, lia_span after, lia_arena *arena);
void lia_sorted_add(lia_sorted *sorted, const lia_sort_key *key);
/* Whether no record with this first part, or a later one, is wanted any more. */
bool lia_sorted_is_past(const lia_sorted *sorted, const lia_sort_key *first);
/* Puts them in order, the first one first; nothing is added afterwards. */
void lia_sorted_end(lia_sorted *sorted);
lia_id lia_sort_key_id(const lia_sort_key *key);
/* As memcmp. */
int lia_sort_key_compare(const lia_sort_key *a, const lia_sort_key *b);

#endif
