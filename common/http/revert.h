/* SPDX-License-Identifier: Apache-2.0 */
/* revert - what takes changes of a record back: their fields get the values from before them, as
 * one change more. Steps go from the newest change to the oldest; nothing is written here. */
#ifndef LIA_HTTP_REVERT_H
#define LIA_HTTP_REVERT_H

#include "common/base/buf.h"
#include "common/node/rows.h"

typedef struct lia_revert {
    const lia_rows *rows;
    const lia_kind *kind; /* as it looks to whoever reverts */
    lia_arena *arena;
    lia_record record; /* as it is, then as it was before each step */
    lia_buf mask;      /* numbers (uint32_t) of the fields that get another value */
    lia_buf names;     /* of the fields that stand in the way */
    bool archives;     /* the mark of the archived is among them */
    bool leaves;       /* so are fields that they may not write: those stay */
    const char *no;    /* NULL, or why not: "changed-since", "value-left" */
} lia_revert;

/* `record` is copied; what it points to must last. */
void lia_revert_begin(lia_revert *out, const lia_rows *rows, const lia_kind *kind,
                      const lia_record *record, lia_arena *arena);
/* One event's op more. With `no` it cannot be taken back, and the record is as before the step.
 * Fields that only rules write stay: they follow from the others.   LIA_EFULL  LIA_ECORRUPT LIA_EIO
 */
LIA_MUST_USE lia_err lia_revert_step(lia_revert *revert, const lia_event *event, const lia_op *op);
/* The message with the fields of the mask: the request of a change.   LIA_EFULL */
LIA_MUST_USE lia_err lia_revert_request(const lia_revert *revert, lia_buf *request);
/* Whether the record was archived before. */
bool lia_revert_was_archived(const lia_revert *revert);

#endif
