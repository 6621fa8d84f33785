/* SPDX-License-Identifier: Apache-2.0 */
/* erasures - the file beside the store that lists who was erased. A copy of the folder takes it
 * along; put beside an older store, it makes the node forget again before anything is shown.
 * Internal to common/node. */
#ifndef LIA_NODE_ERASURES_H
#define LIA_NODE_ERASURES_H

#include "common/sync/ledger.h"

/* Adds what the file says; no file says nothing. `why` names file and line and says what to do.
 * Errors as lia_ledger_parse and lia_file_read. */
LIA_MUST_USE lia_err lia_erasures_read(lia_ledger *ledger, lia_id cluster, const char *path,
                                       lia_why *why);
/* Replaces it whole, flushed. `arena` is scratch. */
LIA_MUST_USE lia_err lia_erasures_write(const lia_ledger *ledger, lia_id cluster, const char *path,
                                        lia_arena *arena, lia_why *why);

#endif
