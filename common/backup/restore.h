/* SPDX-License-Identifier: Apache-2.0 */
/* restore - rows of a backup into an empty log. Whoever was erased is left out before a byte of it
 * reaches the disk: bodies of events that name them are blank, as if the node had erased them
 * itself.
 *
 * A log can be ended at a moment: of each lane the blocks count whose last event was written by
 * then. A block is what one commit wrote, so nothing is missing that was acknowledged before. */
#ifndef LIA_BACKUP_RESTORE_H
#define LIA_BACKUP_RESTORE_H

#include "common/store/log_copy.h"
#include "common/sync/ledger.h"

typedef struct lia_restore lia_restore;

/* Makes a log in `dir`, which must not have one. `ledger` is borrowed; NULL: nobody was erased.
 *   as lia_log_open; LIA_EEXIST  there is one */
LIA_MUST_USE lia_err lia_restore_open(lia_restore **out, const char *dir, const lia_ledger *ledger,
                                      lia_why *why);

/* Takes the rows of one part of a piece, pieces and parts in their order. `with_state`: this piece
 * is the last one that counts whole, so its timers and positions count. LIA_ECORRUPT  a row is
 * none, or events are missing before it; `why` names the place otherwise as lia_log_append */
LIA_MUST_USE lia_err lia_restore_rows(lia_restore *restore, lia_span rows, bool with_state,
                                      lia_why *why);

/* For the piece that reaches beyond the moment: first all of its parts through look, then all again
 * through some. What arrived before `from` is there already. LIA_EFULL  no memory; otherwise as
 * above */
LIA_MUST_USE lia_err lia_restore_look(lia_restore *restore, lia_span rows, uint64_t from,
                                      lia_why *why);
LIA_MUST_USE lia_err lia_restore_some(lia_restore *restore, lia_span rows, lia_time until,
                                      lia_why *why);

/* Writes the heads, and that this is a copy: the node goes on under a new incarnation. Then it is
 * flushed. *events: how many are in it; *erased: how many of them were made blank. */
LIA_MUST_USE lia_err lia_restore_end(lia_restore *restore, uint64_t *events, uint64_t *erased,
                                     lia_why *why);
/* Also after an error; what it made stays. NULL is fine. */
void lia_restore_close(lia_restore *restore);

#endif
