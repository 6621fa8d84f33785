/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/revert.h"

#include "common/node/before.h"
#include "common/node/writes.h"
#include "common/wire/pb.h"

void lia_revert_begin(lia_revert *out, const lia_rows *rows, const lia_kind *kind,
                      const lia_record *record, lia_arena *arena)
{
    *out = (lia_revert){.rows = rows,
                        .kind = kind,
                        .arena = arena,
                        .record = *record,
                        .mask = lia_buf_make(arena),
                        .names = lia_buf_make(arena)};
}

/* ---- a step ---------------------------------------------------------------------------------- */

static bool is_archived_mark(const lia_revert *revert, uint32_t field)
{
    return revert->kind->archived && revert->kind->archived->number == field;
}

/* The field, if it is to get another value. */
static const lia_field *field_of(lia_revert *revert, uint32_t number)
{
    const lia_message *all = lia_kind_find(revert->kind->number)->message;
    const lia_field *seen = lia_field_find(revert->kind->message, number);
    const lia_field *whole = lia_field_find(all, number);
    if (seen && (!seen->read_only || is_archived_mark(revert, number))) return seen;
    revert->leaves |= whole && !whole->read_only;
    return NULL;
}

/* Whether the register still shows this write and nothing else. */
static bool is_last(const lia_revert *revert, const lia_written *written)
{
    const lia_register *reg = lia_record_find(&revert->record, written->field, written->element);
    return reg && reg->count == 1 && !lia_stamp_compare(&reg->live[0].stamp, &written->live.stamp);
}

static bool is_masked(const lia_revert *revert, uint32_t number)
{
    const uint32_t *mask = (const uint32_t *)(const void *)revert->mask.data;
    for (size_t i = 0; i < revert->mask.size / sizeof number; i++)
        if (mask[i] == number) return true;
    return false;
}

static lia_err look_at(lia_revert *revert, const lia_op *op, const lia_field *field,
                       const lia_written *written)
{
    lia_live before;
    const lia_write_place place = {op->kind, op->record, written->field, written->element};
    if (!is_last(revert, written)) {
        revert->no = "changed-since";
        lia_buf_format(&revert->names, "%s%s", revert->names.size ? ", " : "", field->name);
        return LIA_OK;
    }
    if (lia_stamp_is_none(&written->seen)) return LIA_OK;
    lia_err err = lia_write_find(&before, revert->rows, &place, &written->seen, revert->arena);
    if (err == LIA_EABSENT && !revert->no) revert->no = "value-left";
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_revert_step(lia_revert *revert, const lia_event *event, const lia_op *op)
{
    size_t masked = revert->mask.size;
    bool archives = revert->archives, leaves = revert->leaves;
    lia_writes writes = lia_writes_of(&event->header, op);
    lia_written written;
    lia_err err = LIA_OK;
    while (!err && lia_writes_next(&writes, &written)) {
        const lia_field *field = field_of(revert, written.field);
        if (!field) continue;
        err = look_at(revert, op, field, &written);
        revert->archives |= is_archived_mark(revert, field->number);
        if (!is_masked(revert, field->number))
            lia_buf_add(&revert->mask, &field->number, sizeof field->number);
    }
    if (err || revert->mask.failed || revert->names.failed) return err ? err : LIA_EFULL;
    if (!revert->no)
        return lia_record_take_back(&revert->record, revert->rows, event, op, revert->arena);
    revert->mask.size = masked;
    revert->archives = archives;
    revert->leaves = leaves;
    return LIA_OK;
}

/* ---- what comes of it ------------------------------------------------------------------------ */

lia_err lia_revert_request(const lia_revert *revert, lia_buf *request)
{
    lia_buf all = lia_buf_make(revert->arena);
    lia_record_message(&revert->record, revert->kind->message, &all);
    lia_pb_reader reader = lia_pb_read(lia_buf_get(&all));
    lia_pb_field found;
    while (lia_pb_next(&reader, &found))
        if (is_masked(revert, found.number))
            lia_pb_put_raw(request, found.number, found.wire, found.bytes);
    return all.failed || request->failed ? LIA_EFULL : LIA_OK;
}

bool lia_revert_was_archived(const lia_revert *revert)
{
    const lia_field *archived = revert->kind->archived;
    const lia_register *reg =
        archived ? lia_record_find(&revert->record, archived->number, LIA_SPAN_NONE) : NULL;
    const lia_live *winner = reg ? lia_register_winner(reg, archived) : NULL;
    uint64_t value = 0;
    if (winner && !winner->absent) lia_varint_get(winner->value, &value);
    return value != 0;
}
