/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/before.h"

#include "common/node/base.h"

typedef struct question {
    const lia_rows *rows;
    uint32_t kind;
    lia_id record, about;
    uint32_t field;
    lia_span element;
    lia_stamp stamp; /* of the write that is looked for */
    lia_arena *arena;
} question;

/* ---- the event ------------------------------------------------------------------------------- */

static bool is_at(const lia_header *header, const lia_stamp *stamp)
{
    return header->node == stamp->node && header->incarnation == stamp->incarnation &&
           header->seq == stamp->seq;
}

/* Among the writer's own that are not in the log yet. */
static lia_err find_pending(const question *ask, lia_span *bytes)
{
    for (size_t i = 0; i < ask->rows->pending_count; i++) {
        lia_header header;
        *bytes = ask->rows->pending[i];
        if (!lia_event_parse_header(&header, *bytes) && is_at(&header, &ask->stamp)) return LIA_OK;
    }
    return LIA_EABSENT;
}

static lia_err find_event(const question *ask, lia_span *bytes)
{
    lia_origin origin = {ask->stamp.node, ask->stamp.incarnation};
    lia_log_reader *log = ask->rows->log;
    lia_lane lane = lia_log_find_lane(log, origin);
    lia_block block;
    uint64_t arrival = 0;
    lia_err err = lane ? lia_log_block(log, lane, ask->stamp.seq, &block) : LIA_EABSENT;
    if (!err) arrival = block.arrival + (ask->stamp.seq - block.first);
    if (err == LIA_EABSENT) err = lia_log_kept(log, origin, ask->stamp.seq, &arrival);
    if (!err) err = lia_log_event(log, arrival, bytes);
    return err == LIA_EABSENT ? find_pending(ask, bytes) : err;
}

static bool read_op(const question *ask, const lia_op *op, lia_live *out)
{
    lia_pb_field field;
    *out = (lia_live){.stamp = ask->stamp, .wire = LIA_WIRE_BYTES};
    if (!ask->element.size && lia_pb_find(op->set, ask->field, &field)) {
        out->wire = field.wire;
        out->value = field.bytes;
        return true;
    }
    for (size_t i = 0; i < op->touch_count; i++) {
        const lia_touch *touch = &op->touches[i];
        if (touch->field != ask->field || !lia_span_equal(touch->element, ask->element)) continue;
        out->absent = touch->clear;
        out->value = touch->value;
        return true;
    }
    return false;
}

/* ---- base ------------------------------------------------------------------------------------ */

/* What dropped events said of the record: its registers hold the last of their writes. */
static lia_err look_in_base(const question *ask, lia_live *out)
{
    uint8_t key[LIA_BASE_KEY_SIZE];
    lia_span row;
    lia_record base;
    lia_base_key(key, ask->kind, ask->record, ask->about);
    lia_err err = lia_log_base(ask->rows->log, LIA_SPAN_OF(key), &row);
    if (!err) err = lia_record_decode(&base, row, ask->arena);
    if (err) return err;
    const lia_register *reg = lia_record_find(&base, ask->field, ask->element);
    for (size_t i = 0; reg && i < reg->count; i++)
        if (lia_stamp_compare(&reg->live[i].stamp, &ask->stamp) == 0) {
            *out = reg->live[i];
            return LIA_OK;
        }
    return LIA_EABSENT;
}

/* LIA_EABSENT: nobody has it any more. */
static lia_err find_write(const question *ask, lia_live *out)
{
    lia_span bytes;
    lia_event event;
    lia_err err = find_event(ask, &bytes);
    if (err == LIA_EABSENT) return look_in_base(ask, out);
    if (!err) err = lia_event_parse(&event, bytes, ask->arena, NULL);
    if (err) return err == LIA_EINVAL || err == LIA_EVERSION ? LIA_EABSENT : err;
    for (size_t i = 0; i < event.op_count; i++)
        if (event.ops[i].kind == ask->kind && lia_id_equal(event.ops[i].record, ask->record) &&
            read_op(ask, &event.ops[i], out))
            return LIA_OK;
    return LIA_EABSENT;
}

/* ---- the record ------------------------------------------------------------------------------ */

typedef struct written {
    uint32_t field;
    lia_span element;
    lia_stamp seen;
    lia_hlc hlc;
} written;

static lia_err take_back(lia_record *record, const written *w, lia_stamp stamp, question ask)
{
    lia_register *reg = (lia_register *)(uintptr_t)lia_record_find(record, w->field, w->element);
    if (w->hlc > stamp.hlc) stamp.hlc = w->hlc;
    if (!reg || !reg->count || lia_stamp_compare(&reg->live[0].stamp, &stamp)) return LIA_OK;
    reg->count = 0;
    reg->seen = (lia_stamp){0};
    if (lia_stamp_is_none(&w->seen)) return LIA_OK;
    ask.field = w->field;
    ask.element = w->element;
    ask.stamp = w->seen;
    lia_err err = find_write(&ask, &reg->live[0]);
    if (!err) reg->count = 1;
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* What the touches say of a plain field that `set` holds. */
static written of_set(const lia_op *op, uint32_t field)
{
    written w = {.field = field};
    for (size_t i = 0; i < op->touch_count; i++)
        if (op->touches[i].field == field && !op->touches[i].element.size) {
            w.seen = op->touches[i].seen;
            w.hlc = op->touches[i].hlc;
        }
    return w;
}

/* A register that nobody has written is none. */
static void drop_empty(lia_record *record)
{
    size_t kept = 0;
    for (size_t i = 0; i < record->count; i++)
        if (record->registers[i].count || !lia_stamp_is_none(&record->registers[i].seen))
            record->registers[kept++] = record->registers[i];
    record->count = kept;
}

lia_err lia_record_take_back(lia_record *record, const lia_rows *rows, const lia_event *event,
                             const lia_op *op, lia_arena *arena)
{
    const question ask = {.rows = rows,
                          .kind = op->kind,
                          .record = op->record,
                          .about = event->header.customer,
                          .arena = arena};
    const lia_stamp stamp = lia_header_stamp(&event->header);
    lia_pb_reader reader = lia_pb_read(op->set);
    lia_pb_field field;
    lia_err err = LIA_OK;
    while (!err && lia_pb_next(&reader, &field)) {
        written w = of_set(op, field.number);
        err = take_back(record, &w, stamp, ask);
    }
    for (size_t i = 0; i < op->touch_count && !err; i++) {
        const lia_touch *touch = &op->touches[i];
        if (!touch->element.size && !touch->clear) continue; /* of `set` */
        written w = {touch->field, touch->element, touch->seen, touch->hlc};
        err = take_back(record, &w, stamp, ask);
    }
    drop_empty(record);
    return err;
}
