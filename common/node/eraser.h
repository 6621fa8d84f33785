/* SPDX-License-Identifier: Apache-2.0 */
/* eraser - makes sure that the bytes of erased customers and of blanked interactions are nowhere in
 * the node's files, beside normal work, and then writes the receipts. Internal to common/node; writer thread only.
 *
 *     copies told -> views rewritten -> log walked, bodies overwritten -> base walked
 *                 -> log scrubbed -> copies have forgotten -> requests here -> receipts
 *
 * One pass serves all requests that are there when it begins. Who still waits is known from the
 * views alone (erased, no receipt of this node), so a crash costs no more than another pass; of what
 * was blanked the log says up to which arrival it is gone. */
#ifndef LIA_NODE_ERASER_H
#define LIA_NODE_ERASER_H

#include "common/node/batch.h"

#define LIA_ERASER_CUSTOMERS_MAX 1024 /* of one pass; the others wait for the next */

typedef struct lia_eraser lia_eraser;

LIA_MUST_USE lia_err lia_eraser_open(lia_eraser **out, lia_batch *batch, lia_log_reader *reader);
/* Ends what is under way: the log must not be closed before. NULL is fine. */
void lia_eraser_close(lia_eraser *eraser);

/* In how many milliseconds a step is due; negative: there is nothing to do. */
int64_t lia_eraser_wait_ms(lia_eraser *eraser);

/* A few milliseconds of work, between batches. `held`: the node writes nothing of its own at the
 * moment. `*done`: all is overwritten, and the next batch is to hold the receipts. An error means that the log takes no more batches; whatever else goes wrong is
 * logged and tried again later. */
LIA_MUST_USE lia_err lia_eraser_step(lia_eraser *eraser, bool held, bool *done);

/* How far it is. */
void lia_eraser_progress(const lia_eraser *eraser, lia_erasing *out);
/* Whose pass it is, in the order of their ids. Returns how many. */
size_t lia_eraser_customers(const lia_eraser *eraser, lia_id out[LIA_ERASER_CUSTOMERS_MAX]);

/* Records and tells one receipt for each customer of the pass, inside a batch. */
LIA_MUST_USE lia_err lia_eraser_sign(lia_eraser *eraser, lia_time now);
/* The batch with the receipts was committed. */
void lia_eraser_signed(lia_eraser *eraser);

#endif
