/* SPDX-License-Identifier: Apache-2.0 */
/* drop - a record's rows leave the views with all that leads to them, and its share leaves the
 * digests. What erasures and retention rules do when a record is to be as if it never was. Internal
 * to common/node; errors as lia_apply_event. */
#ifndef LIA_NODE_DROP_H
#define LIA_NODE_DROP_H

#include "common/node/apply.h"

typedef struct lia_drop {
    lia_applier *applier;
    uint64_t rows; /* taken away so far */
} lia_drop;

/* Takes one row away. */
LIA_MUST_USE lia_err lia_drop_row(lia_drop *work, const lia_key *key);

/* `arrival` is what the row's value begins with, 0 when it is shorter. */
typedef lia_err (*lia_drop_before)(void *context, const lia_key *key, uint64_t arrival);

/* Takes away all rows below `prefix`, each given to `before` (may be NULL) first. */
LIA_MUST_USE lia_err lia_drop_below(lia_drop *work, const lia_key *prefix, lia_drop_before before,
                                    void *context);

/* All rows of a record and its share of the digest; of an interaction that was never changed its
 * timeline row stays. A tombstone is left as it is. */
LIA_MUST_USE lia_err lia_drop_record(lia_drop *work, uint32_t kind, lia_id id);

/* Puts or takes away index and reference rows of what a record shows whose state row is `state`.
 * Those of a pointer are the timeline's. */
LIA_MUST_USE lia_err lia_drop_followers(lia_drop *work, uint32_t kind, lia_id id, lia_span state,
                                        bool there);

/* Takes away the place of a changed in-log record and its timeline row. *arrival is of the event
 * that made it, 0 when there is no place. */
LIA_MUST_USE lia_err lia_drop_place(lia_drop *work, uint32_t kind, lia_id id, uint64_t *arrival);

/* What a plain field of the record shows; false when it has no value. `field` may be NULL. */
bool lia_record_shows(const lia_record *record, const lia_field *field, lia_span *value);

#endif
