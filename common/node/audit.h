/* SPDX-License-Identifier: Apache-2.0 */
/* audit - finds out beside normal work whether the views are what they should be, and has them put
 * right without a restart. Internal to common/node; writer thread only.
 *
 *     recount   every minute: are the rows what the digests say?           (recount.h)
 *     refold    a part of the views each minute, all of them in turn: is it what the log says,
 *               indexes, timelines and references too?                     (refold.h)
 *
 * Buckets that a recount, a peer or a damaged block makes suspicious are refolded at once. */
#ifndef LIA_NODE_AUDIT_H
#define LIA_NODE_AUDIT_H

#include "common/node/batch.h"
#include "common/node/fresh.h"

typedef struct lia_audit lia_audit;

/* `reader` rests between steps; `dir` is a folder for the fresh rows. */
LIA_MUST_USE lia_err lia_audit_open(lia_audit **out, lia_batch *batch, lia_log_reader *reader,
                                    uint64_t every_ms, const char *dir);
void lia_audit_close(lia_audit *audit); /* NULL is fine */

/* In how many milliseconds a step is due. */
int64_t lia_audit_wait_ms(const lia_audit *audit);
/* A millisecond or two of work, between batches, if any is due. While customers are being erased
 * nothing is folded from the log. An error means that the views take no more writes. */
LIA_MUST_USE lia_err lia_audit_step(lia_audit *audit, bool erasing);

/* Has these buckets judged by the log as soon as possible. */
void lia_audit_suspect(lia_audit *audit, const lia_buckets *buckets);
/* The same on a peer's word, which may be wrong: buckets that were found right are not judged for
 * it again for a while. */
void lia_audit_doubt(lia_audit *audit, const lia_buckets *buckets);

/* Events have left the log's blocks for base: a fold under way would miss them, and begins anew. */
void lia_audit_log_moved(lia_audit *audit);

/* Changes whenever the figures do. */
uint64_t lia_audit_turn(const lia_audit *audit);
void lia_audit_figures(const lia_audit *audit, lia_audit_stats *out);

#endif
