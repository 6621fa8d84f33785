/* SPDX-License-Identifier: Apache-2.0 */
/* receipt - that this node has erased a customer, or overwritten what was blanked, said in its own
 * lane. Internal to common/node;
 * writer thread only. */
#ifndef LIA_NODE_RECEIPT_H
#define LIA_NODE_RECEIPT_H

#include "common/node/batch.h"
#include "common/node/progress.h"

typedef enum lia_receipt_state {
    LIA_RECEIPT_UNREQUESTED, /* the erasure is known from elsewhere, the request has not come */
    LIA_RECEIPT_MISSING,
    LIA_RECEIPT_GIVEN
} lia_receipt_state;

/* Overwrites the turn's arena. */
LIA_MUST_USE lia_err lia_receipt_look(lia_batch *batch, lia_id customer, lia_receipt_state *out);

/* In a turn of their own, inside a batch: asks for the erasure in this node's name, and says that
 * it is done here, `events` of the customer's having been erased. */
LIA_MUST_USE lia_err lia_receipt_request(lia_batch *batch, lia_id customer);
LIA_MUST_USE lia_err lia_receipt_give(lia_batch *batch, lia_id customer, uint64_t events);

/* What is to be overwritten: how many interactions each rule has blanked so far, at all nodes. */
typedef struct lia_wiping {
    lia_id rules[LIA_RETENTION_RULES_MAX];
    uint64_t blanked[LIA_RETENTION_RULES_MAX];
    size_t count;
    lia_time began;
} lia_wiping;

/* Overwrites the turn's arena. */
LIA_MUST_USE lia_err lia_receipt_begin_wiping(lia_batch *batch, lia_wiping *out);
/* In a turn of its own: that is overwritten here, `events` of it by this pass. Each rule's progress says
 * so, too. */
LIA_MUST_USE lia_err lia_receipt_wiped(lia_batch *batch, const lia_wiping *done, uint64_t events);

#endif
