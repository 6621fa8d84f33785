/* SPDX-License-Identifier: Apache-2.0 */
/* writes - what an event's op writes, register by register. Pure. */
#ifndef LIA_NODE_WRITES_H
#define LIA_NODE_WRITES_H

#include "common/wire/record.h"

typedef struct lia_written {
    uint32_t field;
    lia_span element;
    lia_live live;  /* with its stamp */
    lia_stamp seen; /* the write that it replaced; none: there was nothing */
} lia_written;

typedef struct lia_writes {
    const lia_op *op;
    lia_stamp stamp;
    lia_pb_reader set;
    size_t touch;
} lia_writes;

/* Plain fields of `set` first, then elements and what is cleared. Borrows the op. */
lia_writes lia_writes_of(const lia_header *header, const lia_op *op);
bool lia_writes_next(lia_writes *writes, lia_written *out);

#endif
