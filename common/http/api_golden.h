/* SPDX-License-Identifier: Apache-2.0 */
/* api_golden - customers who are several records: which they are, and what they say together, as
 * JSON. */
#ifndef LIA_HTTP_API_GOLDEN_H
#define LIA_HTTP_API_GOLDEN_H

#include "common/http/api_inner.h"
#include "common/identity/identity.h"

/* The records of one customer, the oldest first, and what the customer is called. */
typedef struct lia_whole {
    lia_id customer;
    lia_id *members;
    size_t count; /* 1: a record that is alone */
    const struct lia_moment *as_of; /* what they say together is told as of then; NULL: as it is */
} lia_whole;

/* All records of the customer that `id` belongs to, as far as `who` may see them; with `alone` that
 * record only. The customer is called by one of these. Members live in the arena. To who sees all,
 * whether they are there is not looked at. LIA_EABSENT  they may not see the one that is named
 * LIA_EFULL  and as lia_rows_get */
LIA_MUST_USE lia_err lia_whole_find(lia_whole *out, const lia_principal *who, const lia_rows *rows,
                                    lia_id id, bool alone, lia_arena *arena);

/* What is known of a golden view besides its text. */
#define LIA_WHOLE_TAG_SIZE 36
typedef struct lia_golden_told {
    char tag[LIA_WHOLE_TAG_SIZE]; /* an ETag for all of it, quotes included */
    bool archived;
    lia_buf unknown; /* numbers (uint32_t) of fields of which that is not known any more, as of then */
} lia_golden_told;

/* Puts the golden view (common/crm/golden.h) in the form of a record's object, without its braces:
 * "id" is what the customer is called, "version" that of the record `named`, which is what a write
 * to it wants; "fields" and "conflicts" also say which member; then "members". Of a member that is
 * there no more nothing is told. As of a moment `named` may be one that was not there yet.
 *   LIA_EABSENT, LIA_EGONE  that is so of the one that is named     LIA_EFULL */
LIA_MUST_USE lia_err lia_golden_put(lia_buf *out, const lia_api *api, const lia_principal *who,
                                    const lia_rows *rows, const lia_whole *whole, lia_id named,
                                    lia_arena *arena, lia_golden_told *told);

#endif
