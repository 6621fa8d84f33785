/* SPDX-License-Identifier: Apache-2.0 */
/* import - takes in what a peer's events said that have left its log, part by part, each in a batch of
 * its own: kept events are appended and applied, rows are joined into base and the views. When the
 * last part is there, lanes that are behind go on where the peer's began, and replication fetches
 * what follows. Reactors never see what was imported. Internal to common/node.
 *
 * In the log's meta rows stand, in the transaction of what they speak of: the cursor and the lanes'
 * ends as of the first part ("import"), and how many batches have written to base ("imports"). The views
 * hold the latter, too: when theirs is lower after a crash, all of base is applied again. */
#ifndef LIA_NODE_IMPORT_H
#define LIA_NODE_IMPORT_H

#include "common/node/batch.h"
#include "common/sync/sync.h"

/* A part, in one allocation; free() it. NULL: no memory. */
typedef struct lia_import {
    lia_snap_chunk chunk;
} lia_import;
lia_import *lia_import_copy(const lia_snap_chunk *chunk);

/* The cursor behind the last part that is durable; 0: none, or all is done. */
size_t lia_import_cursor(lia_log_reader *reader, uint8_t cursor[LIA_SNAP_CURSOR_MAX]);

/* LIA_EINVAL: the part is malformed. Outside of a batch. */
LIA_MUST_USE lia_err lia_import_check(lia_batch *batch, const lia_import *import);
/* Takes a part in that was checked, in the batch under way. LIA_ECONFLICT: it comes from a log that
 * begins before the parts that are here, which are forgotten: commit all the same. Others as
 * lia_batch_block. */
LIA_MUST_USE lia_err lia_import_part(lia_batch *batch, const lia_import *import, lia_time now);

/* After the last part: moves lanes ahead, in the batch under way, as many as it has room for; what is
 * held of their old blocks is merged into base first. *done: all stand where they should. */
LIA_MUST_USE lia_err lia_import_finish(lia_batch *batch, bool *done);

/* Whether anything was ever imported. */
bool lia_import_was(lia_log_reader *reader);
/* Whether the last part is in and lanes are still to be moved. */
bool lia_import_is_finishing(lia_log_reader *reader);

/* Whether base holds more than the views had of it; and for the batch under way, that they have it. */
bool lia_import_is_ahead(const lia_rows *rows);
LIA_MUST_USE lia_err lia_import_note(lia_batch *batch);

#endif
