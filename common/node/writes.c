/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/writes.h"

lia_writes lia_writes_of(const lia_header *header, const lia_op *op)
{
    return (lia_writes){.op = op, .stamp = lia_header_stamp(header), .set = lia_pb_read(op->set)};
}

static void qualify(lia_written *out, const lia_touch *touch)
{
    out->seen = touch->seen;
    if (touch->hlc > out->live.stamp.hlc) out->live.stamp.hlc = touch->hlc;
}

/* A field of `set`, with what its touch says of it. */
static bool next_of_set(lia_writes *writes, lia_written *out)
{
    lia_pb_field field;
    const lia_op *op = writes->op;
    if (!lia_pb_next(&writes->set, &field)) return false;
    *out = (lia_written){.field = field.number,
                         .live = {writes->stamp, false, field.wire, field.bytes}};
    for (size_t i = 0; i < op->touch_count; i++)
        if (op->touches[i].field == field.number && !op->touches[i].element.size)
            qualify(out, &op->touches[i]);
    return true;
}

bool lia_writes_next(lia_writes *writes, lia_written *out)
{
    if (next_of_set(writes, out)) return true;
    while (writes->touch < writes->op->touch_count) {
        const lia_touch *touch = &writes->op->touches[writes->touch++];
        if (!touch->element.size && !touch->clear) continue; /* went with its field */
        *out = (lia_written){.field = touch->field,
                             .element = touch->element,
                             .live = {writes->stamp, touch->clear, LIA_WIRE_BYTES,
                                      touch->clear ? LIA_SPAN_NONE : touch->value}};
        qualify(out, touch);
        return true;
    }
    return false;
}
