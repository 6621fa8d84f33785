/* SPDX-License-Identifier: Apache-2.0 */
/* refold - judges the rows of some buckets by the log, and puts right those that are wrong: the
 * node goes on with its work meanwhile. Internal to common/node; writer thread only.
 *
 *     walk      all events once more, in steps between batches, into rows of their own (fresh.h)
 *     compare   a stretch of keys a step, behind the last batch's events in both: what differs is
 *               put right at once, what a record shows and where it is found alike
 *     sums      the digests of the buckets become those of the fresh rows
 *
 * Since both sides stand at the same event whenever they are compared, commands between two steps
 * are no difference. */
#ifndef LIA_NODE_REFOLD_H
#define LIA_NODE_REFOLD_H

#include "common/node/batch.h"
#include "common/node/fresh.h"

#define LIA_REPAIRS_NAMED 16

/* What a run has put right. */
typedef struct lia_repairs {
    uint64_t rows; /* all of them */
    uint64_t sums; /* digests of buckets */
    struct {
        uint16_t kind;
        lia_id id;
    } named[LIA_REPAIRS_NAMED]; /* records with a wrong row, as many as there is room for */
    size_t named_count;
} lia_repairs;

typedef struct lia_refold lia_refold;

/* `dir` is a folder for it alone; `reader` rests between steps. */
LIA_MUST_USE lia_err lia_refold_open(lia_refold **out, lia_batch *batch, lia_log_reader *reader,
                                     const char *dir);
void lia_refold_close(lia_refold *refold); /* NULL is fine */

bool lia_refold_is_running(const lia_refold *refold);
LIA_MUST_USE lia_err lia_refold_begin(lia_refold *refold, const lia_buckets *buckets, lia_why *why);
/* Gives the run up, also before an erasure touches the log: bodies that were folded and then erased
 * would not be taken out of the fresh rows again. What was put right stays so. */
void lia_refold_drop(lia_refold *refold);

/* About a millisecond of work, between batches. *done: the run has ended well.
 *   LIA_EFULL     the buckets hold more than memory is kept for; the run was given up
 *   LIA_ECORRUPT  the log cannot be folded; the run was given up
 * An error with `*fatal` set means that the views take no more writes. */
LIA_MUST_USE lia_err lia_refold_step(lia_refold *refold, bool *done, bool *fatal);

/* Of the run under way or the last one. */
const lia_repairs *lia_refold_repairs(const lia_refold *refold);
uint64_t lia_refold_spent_ns(const lia_refold *refold);

#endif
