/* SPDX-License-Identifier: Apache-2.0 */
/* api_timeline - the timeline of a customer, who may be several records, and its entries as JSON.
 */
#ifndef LIA_HTTP_API_TIMELINE_H
#define LIA_HTTP_API_TIMELINE_H

#include "common/http/api_inner.h"

/* Where a timeline goes on: what is behind the customer in an entry's key, so that it means the
 * same place for all records of one customer. */
#define LIA_TIMELINE_PLACE_SIZE 20

/* Newest first over all members, at most `max` strictly behind `place` (empty: from the newest).
 * whose[i] says which member out[i] is of. *next, in the arena, is empty when there are no more.
 * Errors as lia_rows_timeline; LIA_EINVAL: `place` is none. */
LIA_MUST_USE lia_err lia_timeline_read(const lia_rows *rows, const lia_id *members,
                                       size_t member_count, lia_span place, size_t max,
                                       lia_arena *arena, lia_timeline_entry *out, lia_id *whose,
                                       size_t *count, lia_span *next);

/* What an entry is about: an interaction as it is now, or what the fact says. */
typedef struct lia_entry_shown {
    lia_event event;
    const lia_fact *fact; /* NULL: of a newer release */
    const lia_kind *kind; /* of the interaction; NULL: it is none */
    lia_id record;        /* the interaction's id */
    lia_span message;     /* of the interaction, or the fact's */
} lia_entry_shown;
/* What `who` may see of it: a fact has no message where a field of its records is hidden.
 *   LIA_EABSENT  nothing */
LIA_MUST_USE lia_err lia_entry_load(lia_entry_shown *out, const lia_principal *who,
                                    const lia_rows *rows, const lia_timeline_entry *entry,
                                    lia_arena *arena);

/* {"time", "event", "label", "department", "node", "seq", "interaction" or "fact"} and, unless it
 * is none, "customer": whose it is. */
LIA_MUST_USE lia_err lia_entry_put(lia_buf *out, const lia_api *api, const lia_principal *who,
                                   const lia_rows *rows, const lia_timeline_entry *entry,
                                   lia_id whose, lia_arena *arena);

#endif
