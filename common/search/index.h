/* SPDX-License-Identifier: Apache-2.0 */
/* index - the rows of layout.h kept: records put in, taken out, erased bytes made to vanish. One
 * thread, but for what says otherwise. Internal to common/search.
 *
 * What is put is shown to readers, together with the mark, by lia_index_publish; a crash leaves
 * what was published at some moment, whole, and the mark says which moment that was. */
#ifndef LIA_SEARCH_INDEX_H
#define LIA_SEARCH_INDEX_H

#include "common/identity/normal.h"
#include "common/search/layout.h"
#include "common/wire/schema.h"

typedef struct lia_index lia_index;

/* Opens the folder, made when absent; one that is damaged, or of another release, is emptied.
 * Errors as lia_views_open. */
LIA_MUST_USE lia_err lia_index_open(lia_index **out, const char *dir, size_t table_bytes,
                                    lia_why *why);
void lia_index_close(lia_index *index);
/* As a crash would. */
void lia_index_drop(lia_index *index);

/* What is published with the rows; may be changed, but for live, dead, next, unclean and owed. */
lia_index_mark *lia_index_state(lia_index *index);
/* For readers: snapshots on any thread. */
lia_views *lia_index_views(lia_index *index);

/* A record as it is now. */
typedef struct lia_indexed {
    const lia_kind *kind;
    lia_id id;
    lia_span message;
    lia_country home;        /* of telephone numbers without calling code */
    const lia_id *customers; /* who are in what it says */
    size_t customer_count;
} lia_indexed;

/* At most so many different terms of one record are kept; the rest of a longer text is not found.
 */
#define LIA_TERMS_MAX 4096

/* Puts it in, in place of what it was; when its terms are the same nothing changes.
 *   LIA_EFULL, LIA_EIO  the store takes no more */
LIA_MUST_USE lia_err lia_index_put(lia_index *index, const lia_indexed *record);
/* Takes it out, if it is in. Who is in it stays known until they are forgotten. */
LIA_MUST_USE lia_err lia_index_remove(lia_index *index, uint16_t kind, lia_id id);

/* Notes that what is dead may be something that has to go, once somebody waits for it. */
void lia_index_owe(lia_index *index);
/* Somebody waits for it: the index is unclean if it owes anything. */
void lia_index_call_in(lia_index *index);

/* Shows what was put, with the mark. */
LIA_MUST_USE lia_err lia_index_publish(lia_index *index, lia_why *why);
/* Writes out what is published; for an index that falls idle. */
LIA_MUST_USE lia_err lia_index_flush(lia_index *index, lia_why *why);

/* The records that this customer is in, at most `max`, in the order of their keys. */
typedef struct lia_index_record {
    uint16_t kind;
    lia_id id;
} lia_index_record;
LIA_MUST_USE lia_err lia_index_records_of(lia_index *index, lia_id customer, lia_index_record *out,
                                          size_t max, size_t *count);
/* Forgets that this customer was in it. Marks the index as unclean until the next lia_index_clean.
 */
LIA_MUST_USE lia_err lia_index_unlink(lia_index *index, lia_id customer, lia_index_record record);

/* Writes all rows anew, without the dead: afterwards no byte of what was removed or replaced is in
 * any file of the folder. Publishes. Takes as long as it takes to copy the index. */
LIA_MUST_USE lia_err lia_index_clean(lia_index *index, lia_why *why);
/* Empties it: everything has to be put in again. */
LIA_MUST_USE lia_err lia_index_reset(lia_index *index, lia_why *why);
/* Whether so much of it is dead that it is worth it. */
bool lia_index_is_stale(const lia_index *index);

#endif
