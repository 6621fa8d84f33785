/* SPDX-License-Identifier: Apache-2.0 */
/* cut - the state's sums as of a set of events that this node never stood at: those up to the goal,
 * without those that came in other lanes meanwhile. So two nodes can compare their states while
 * both are written to, and nobody waits. Internal to common/node; writer thread only.
 *
 *     begin    from here on the rows of records are remembered as they were before their first
 * change goal     events are applied as ever; some of them count, some are behind the goal reached
 * those that count are folded into what is remembered, and in the sums the records that were
 * changed stand as they are there
 *
 * A change costs one compare while there is no cut, and a look into a small table while there is.
 * A cut that would take too much memory fails, and the peer asks again. */
#ifndef LIA_NODE_CUT_H
#define LIA_NODE_CUT_H

#include "common/node/rows.h"

struct lia_applier;

typedef struct lia_cut_record {
    uint32_t kind; /* 0: a free place */
    lia_id id;
    lia_span row; /* in the cut's arena; empty: there was none */
} lia_cut_record;

/* Zeroed is none. */
typedef struct lia_cut {
    bool open, failed;
    uint64_t arrival; /* of the last event before it */
    lia_arena arena;
    lia_cut_record *records; /* open addressing */
    size_t count;
} lia_cut;

/* What counts: whether an event of this header does. */
typedef bool (*lia_cut_counts)(const void *context, const lia_header *header);

/* Begins behind the event at `arrival`; a former one ends. LIA_EFULL. */
LIA_MUST_USE lia_err lia_cut_open(lia_cut *cut, uint64_t arrival);
/* Fine when none is open. */
void lia_cut_close(lia_cut *cut);
/* It cannot be told any more, for a reason of the caller's. */
void lia_cut_fail(lia_cut *cut);

/* A state row is about to become another one; `before` is empty when there is none. */
void lia_cut_change(lia_cut *cut, uint32_t kind, lia_id id, lia_span before);

/* The sums of all that was there at the beginning and of the events since then, up to `arrival`,
 * that count. The applier's rows stand behind `arrival`, its rows.log too; its arena is reset.
 * Once per cut.
 *   LIA_EFULL  it has failed or fails now     LIA_ECORRUPT, LIA_EIO  as lia_apply_event */
LIA_MUST_USE lia_err lia_cut_sums(struct lia_applier *applier, uint64_t arrival,
                                  lia_cut_counts counts, const void *context, lia_digests *out);

#endif
