/* SPDX-License-Identifier: Apache-2.0 */
/* record - a record is a set of registers, a register a small multi-value.
 *
 * A register (field, element) keeps the writes that no other write has seen: `live`, each with its
 * stamp, and the highest stamp that any of its writers has seen. Joining two states takes the
 * higher `seen`, the union of live writes, drops those at or below `seen` and keeps the four
 * highest. The join is commutative, associative and idempotent, so every node that has applied the
 * same set of events holds the same bytes, whatever the order. That holds for the four, too: what
 * they push out stays out, because as soon as one of them is seen, everything below it is. No
 * schema is needed here.
 *
 * Encoded form (canonical: equal states are equal bytes):
 *     version 1
 *     varint number of stamps, then each: hlc, incarnation, seq (u64), node (u16), ascending
 *     varint number of registers, then each by ascending (field, element):
 *         varint field, varint size + element, varint 1 + index of seen stamp (0: none),
 *         varint number of live writes, then each by descending stamp:
 *             varint index of stamp << 4 | absent << 3 | wire type, varint size + value */
#ifndef LIA_WIRE_RECORD_H
#define LIA_WIRE_RECORD_H

#include "common/base/hlc.h"
#include "common/base/limits.h"
#include "common/wire/event.h"
#include "common/wire/pb.h"
#include "common/wire/schema.h"

typedef struct lia_live {
    lia_stamp stamp;
    bool absent;
    lia_wire wire;  /* of elements and absent writes BYTES */
    lia_span value; /* payload as in lia_pb_field.bytes; of a self-named element empty */
} lia_live;

typedef struct lia_register {
    uint32_t field;
    uint8_t count;
    lia_span element;                     /* empty for a plain field */
    lia_stamp seen;                       /* zero: none */
    lia_live live[LIA_REGISTER_LIVE_MAX]; /* highest stamp first; `count` are there */
} lia_register;

/* Registers by ascending (field, element). */
typedef struct lia_record {
    lia_register *registers;
    size_t count, capacity;
} lia_record;

/* Decodes a row into the arena; spans borrow `row`. An empty row is an empty record.
 *   LIA_ECORRUPT  not such a row      LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_record_decode(lia_record *out, lia_span row, lia_arena *arena);

/* Appends the canonical bytes. */
void lia_record_encode(const lia_record *record, lia_buf *out);

/* Joins one op, written at `stamp` (per register raised to the touch's hlc), into the record.
 * Values borrow the op's bytes; the op is one that lia_event_parse accepts. Registers above
 * LIA_RECORD_REGISTERS_MAX are cut off, the highest (field, element) first, on every node alike;
 * lia_record_diff makes none.
 *   LIA_EFULL   the arena; the record is then not to be used */
LIA_MUST_USE lia_err lia_record_join_op(lia_record *record, const lia_op *op, lia_stamp stamp,
                                        lia_arena *arena);

/* Joins another state of the same record (snapshots), whose spans it then borrows. The same error
 * and limit. */
LIA_MUST_USE lia_err lia_record_join(lia_record *record, const lia_record *other, lia_arena *arena);

/* The register, or NULL. */
const lia_register *lia_record_find(const lia_record *record, uint32_t field, lia_span element);

/* The write that a register shows: the highest stamp, or as `field` says (may be NULL for a field
 * that this node does not know): MERGE_HIGHEST takes the highest number, set elements prefer
 * present over absent. NULL when that write is absent: the register shows nothing. */
const lia_live *lia_register_winner(const lia_register *reg, const lia_field *field);

/* True when live writes differ: what is shown to people as a conflict. Nodes that wrote the same at
 * the same time agree. */
bool lia_register_in_conflict(const lia_register *reg);

/* The highest stamp in the register, live or seen: what a new write must say it has seen. */
lia_stamp lia_register_top(const lia_register *reg);

/* The highest stamp in the record: its version, for ETags. */
lia_stamp lia_record_top(const lia_record *record);

/* Appends the winners as one message of the schema's type, ascending by field number, elements in
 * element order; fields unknown to the schema (may be NULL) included. */
void lia_record_message(const lia_record *record, const lia_message *schema, lia_buf *out);

/* Compares what the record shows with `after` (a message of the schema) and builds the op that
 * makes it so: written fields, set elements added and cleared, each with the stamp seen. Only
 * fields in `mask` (numbers; NULL: all fields of the schema) are looked at; one that is masked
 * and absent in `after` is cleared. `now` is the header's hlc: touches carry a higher one where
 * the seen stamp demands it. op->set and op->touches are built in the arena; an op that changes
 * nothing has both empty; op->record and op->kind are the caller's. A register in conflict is
 * rewritten also when `after` equals its winner, if `mask` names it: that is how a person chooses.
 * A message in a plain field is one value; written anew, as an element of a set too, it keeps what it
 * said in fields that the schema does not have. Of two elements with one name the later counts.
 *   LIA_EINVAL  `after` is malformed, or an element has no name or one above LIA_ELEMENT_BYTES_MAX
 *   LIA_EFULL   the arena, or it would be more than LIA_RECORD_REGISTERS_MAX registers */
LIA_MUST_USE lia_err lia_record_diff(const lia_record *record, const lia_message *schema,
                                     lia_span after, const uint32_t *mask, size_t mask_count,
                                     lia_hlc now, lia_arena *arena, lia_op *op);

#endif
