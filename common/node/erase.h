/* SPDX-License-Identifier: Apache-2.0 */
/* erase - what an erased customer is in the views: a state row that says nothing more and absorbs
 * whatever comes, and no other row at all. Internal to common/node; README.md tells why nodes agree.
 * The bytes on the disk are eraser.h's. */
#ifndef LIA_NODE_ERASE_H
#define LIA_NODE_ERASE_H

#include "common/node/apply.h"

/* Whether the customer was erased here. None never was. */
bool lia_erased(const lia_applier *applier, lia_id customer);

/* Applies a request: takes the customer, its timeline and all records that name it out of the views
 * and the digests, and notes that their bytes have to go. `fact` is an ErasureRequested; one that
 * names nobody, or somebody erased already, changes nothing. Errors as lia_apply_event. */
LIA_MUST_USE lia_err lia_erase_requested(lia_applier *applier, lia_span fact);

/* The same on somebody else's word: a peer's, or that of the file beside the store. The request
 * itself comes later, and then changes nothing but lia_applier.unrequested. */
LIA_MUST_USE lia_err lia_erase_known(lia_applier *applier, lia_id customer);

/* Readies an applier whose rows are open. */
LIA_MUST_USE lia_err lia_erase_load(lia_applier *applier);
void lia_erase_unload(lia_applier *applier);

/* How many rows went with a customer; 0 when there was no such erasure. */
uint64_t lia_erase_rows(const lia_applier *applier, lia_id customer);

#endif
