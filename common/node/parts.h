/* SPDX-License-Identifier: Apache-2.0 */
/* parts - who said what of a record that events about different customers have written: one state
 * per customer, beside the joined one. Kept only for such records, so that erasing one of the
 * customers leaves exactly what the others' events said. Internal to common/node. */
#ifndef LIA_NODE_PARTS_H
#define LIA_NODE_PARTS_H

#include "common/node/apply.h"

/* What is folded into a record's state row: an op of an event, or what dropped events about one
 * customer said. */
typedef struct lia_piece {
    uint32_t kind;
    lia_id id;
    lia_id about;           /* customer; none: of nobody */
    const lia_event *event; /* NULL: `base` */
    size_t op_index;
    uint64_t arrival;
    const lia_record *base;
} lia_piece;

/* Before the piece is folded into the record's state row: keeps the parts in step, or begins them
 * when it speaks of another customer than the record's events did so far. `before` is the state row
 * (empty: none) and `record` its registers. Errors as lia_apply_event. */
LIA_MUST_USE lia_err lia_parts_keep(lia_applier *applier, const lia_piece *piece, lia_span before,
                                    const lia_record *record);

/* Forgets what events about `customer` said. *left, in the arena, becomes the state row of the
 * others' events (empty: they said nothing). LIA_EABSENT: the record has no parts. */
LIA_MUST_USE lia_err lia_parts_remove(lia_applier *applier, uint32_t kind, lia_id id,
                                      lia_id customer, lia_span *left);

/* The state row that an op makes of `before` (empty: there was none), in the applier's arena: what
 * lia_apply_event puts, without putting it. Errors as there. */
LIA_MUST_USE lia_err lia_parts_fold(lia_applier *applier, const lia_event *event, size_t op_index,
                                    uint64_t arrival, lia_span before, lia_span *out);

/* Whether the row of an op is a pointer to its event: it is the first that is known of an in-log
 * record, and says nothing of what it saw. */
bool lia_parts_points(const lia_event *event, const lia_op *op, lia_span before);

#endif
