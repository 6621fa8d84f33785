/* SPDX-License-Identifier: Apache-2.0 */
/* before - what a record was before one of its events. A write names the one that it replaced (the
 * stamp seen), so the value before it stands in that event, or in base when the event has left the
 * log. */
#ifndef LIA_NODE_BEFORE_H
#define LIA_NODE_BEFORE_H

#include "common/node/rows.h"

/* Takes `op`, an op of `event`, back out of the record, which is as it was after it or later: each
 * register that still shows this write shows what the writer saw. Registers written again since
 * stay as they are. A value that nobody has any more is absent. Spans borrow as in lia_rows_record.
 *   LIA_EFULL  LIA_ECORRUPT  LIA_EIO */
LIA_MUST_USE lia_err lia_record_take_back(lia_record *record, const lia_rows *rows,
                                          const lia_event *event, const lia_op *op,
                                          lia_arena *arena);

/* Which register. */
typedef struct lia_write_place {
    uint32_t kind;
    lia_id record;
    uint32_t field;
    lia_span element;
} lia_write_place;

/* What the write at `stamp` said of it. Spans borrow as in lia_rows_record; the arena takes the event.
 *   LIA_EABSENT  it has left the log, and nobody has it any more     LIA_EFULL  LIA_ECORRUPT  LIA_EIO */
LIA_MUST_USE lia_err lia_write_find(lia_live *out, const lia_rows *rows, const lia_write_place *of,
                                    const lia_stamp *stamp, lia_arena *arena);

#endif
