/* SPDX-License-Identifier: Apache-2.0 */
/* indexing - rows that follow from a definition and not from an event: the index of a custom field, and
 * what leads to the records of a custom kind, for records that were here before the definition was. In slices
 * beside the batches. Internal to common/node; writer thread only.
 *
 *     'z' kind(2) field(4)  -> 1: complete, and kept by every event      2: to be taken away
 *                              3: being built                            field 0: all of a custom kind's
 *
 * While an index is incomplete the field has `added->indexing`: events keep it, nobody reads it. */
#ifndef LIA_NODE_INDEXING_H
#define LIA_NODE_INDEXING_H

#include "common/node/rows.h"

struct lia_applier;

/* Whether the index of that field is complete, or with field 0 all of the kind's own rows are there. */
LIA_MUST_USE lia_err lia_indexing_is_ready(const lia_rows *rows, uint32_t kind, uint32_t field,
                                           bool *ready);

/* After the thread's catalog has changed: notes which indexes are to be built and which are no longer
 * kept, and in *waits whether there is anything to do. */
LIA_MUST_USE lia_err lia_indexing_look(const lia_rows *rows, bool *waits);

/* Where the work stands; zeroed: at its beginning. To be zeroed when the catalog has changed. */
typedef struct lia_indexing {
    bool taken;
    uint16_t kind;
    uint32_t field; /* to be taken away; 0: the kind's rows are built */
    lia_id at;      /* records up to here are done */
} lia_indexing;

/* Works until `until_ns`. *waits: there is more; *changed: an index is complete or gone, and the catalog
 * is to be built anew. */
LIA_MUST_USE lia_err lia_indexing_work(lia_indexing *work, struct lia_applier *applier, uint64_t until_ns,
                                       bool *waits, bool *changed);

#endif
