/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/before.h"

#include "common/node/base.h"
#include "common/node/writes.h"

typedef struct question {
    const lia_rows *rows;
    uint32_t kind;
    lia_id record;
    uint32_t field;
    lia_span element;
    lia_stamp stamp; /* of the write that is looked for */
    lia_arena *arena;
} question;

/* ---- the event ------------------------------------------------------------------------------- */

static lia_err find_event(const question *ask, lia_span *bytes)
{
    return lia_rows_position(
        ask->rows, (lia_position){ask->stamp.incarnation, ask->stamp.seq, ask->stamp.node}, bytes);
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
static lia_err look_at_row(const question *ask, lia_span row, lia_live *out)
{
    lia_record base;
    lia_err err = lia_record_decode(&base, row, ask->arena);
    if (err) return err;
    const lia_register *reg = lia_record_find(&base, ask->field, ask->element);
    for (size_t i = 0; reg && i < reg->count; i++)
        if (lia_stamp_compare(&reg->live[i].stamp, &ask->stamp) == 0) {
            *out = reg->live[i];
            return LIA_OK;
        }
    return LIA_EABSENT;
}

static lia_err look_in_base(const question *ask, lia_live *out)
{
    uint8_t key[LIA_BASE_KEY_SIZE];
    size_t size = 0;
    lia_span row;
    lia_err err;
    while (!(err = lia_base_of(ask->rows->log, ask->kind, ask->record, key, &size, &row))) {
        err = look_at_row(ask, row, out);
        if (err != LIA_EABSENT) return err;
    }
    return err;
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

lia_err lia_write_find(lia_live *out, const lia_rows *rows, const lia_write_place *of,
                       const lia_stamp *stamp, lia_arena *arena)
{
    const question ask = {rows, of->kind, of->record, of->field, of->element, *stamp, arena};
    return find_write(&ask, out);
}

/* ---- the record ------------------------------------------------------------------------------ */

static lia_err take_back(lia_record *record, const lia_written *w, question ask)
{
    lia_register *reg = (lia_register *)(uintptr_t)lia_record_find(record, w->field, w->element);
    if (!reg || !reg->count || lia_stamp_compare(&reg->live[0].stamp, &w->live.stamp))
        return LIA_OK;
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
    const question ask = {.rows = rows, .kind = op->kind, .record = op->record, .arena = arena};
    lia_writes writes = lia_writes_of(&event->header, op);
    lia_written written;
    lia_err err = LIA_OK;
    while (!err && lia_writes_next(&writes, &written)) err = take_back(record, &written, ask);
    drop_empty(record);
    return err;
}
