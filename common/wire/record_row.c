/* SPDX-License-Identifier: Apache-2.0 */
/* A record as a row. Stamps repeat a lot (one event writes many registers), so registers point
 * into a table of the stamps that occur. The layout is drawn in record.h. */
#include "common/wire/record.h"

#include "common/wire/sort.h"

#define VERSION    1
#define STAMP_SIZE 26 /* hlc, incarnation, seq: 8 each; node: 2 */
#define FEW_STAMPS 64 /* fit the stack; most records have fewer */

/* ---- encoding ------------------------------------------------------------------------------- */

typedef struct stamps {
    lia_stamp *at;
    size_t count;
    bool unsorted;
} stamps;

static int compare_stamps(const void *a, const void *b)
{
    return lia_stamp_compare(a, b);
}

/* The first place whose stamp is not below `stamp`. */
static size_t place_of(const stamps *table, const lia_stamp *stamp)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (lia_stamp_compare(&table->at[middle], stamp) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Stamps are few, so they are kept in order; where they are many, they are sorted at the end. */
static void note_stamp(stamps *table, const lia_stamp *stamp)
{
    if (lia_stamp_is_none(stamp)) return;
    size_t place = table->unsorted ? table->count : place_of(table, stamp);
    if (place < table->count && lia_stamp_compare(&table->at[place], stamp) == 0) return;
    if (table->count - place > FEW_STAMPS) {
        table->unsorted = true;
        place = table->count;
    }
    lia_stamp *at = table->at + place;
    memmove(at + 1, at, (table->count++ - place) * sizeof *at);
    *at = *stamp;
}

/* Every stamp of the record, ascending, once. */
static void collect_stamps(stamps *table, const lia_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        const lia_register *reg = &record->registers[i];
        note_stamp(table, &reg->seen);
        for (size_t j = 0; j < reg->count; j++) note_stamp(table, &reg->live[j].stamp);
    }
    if (!table->unsorted) return;
    lia_sort(table->at, table->count, sizeof *table->at, compare_stamps);
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++)
        if (i == 0 || lia_stamp_compare(&table->at[kept - 1], &table->at[i]) != 0)
            table->at[kept++] = table->at[i];
    table->count = kept;
}

/* No row of this record is longer: numbers take 5 bytes at most. */
static size_t row_bound(const lia_record *record, size_t stamp_count)
{
    size_t bound = 1 + 5 + stamp_count * STAMP_SIZE + 5;
    for (size_t i = 0; i < record->count; i++) {
        const lia_register *reg = &record->registers[i];
        bound += 20 + reg->element.size;
        for (size_t j = 0; j < reg->count; j++) bound += 10 + reg->live[j].value.size;
    }
    return bound;
}

static uint8_t *put_span(uint8_t *at, lia_span span)
{
    at += lia_varint_put(at, span.size);
    if (span.size) memcpy(at, span.data, span.size);
    return at + span.size;
}

static uint8_t *put_stamps(uint8_t *at, const stamps *table)
{
    at += lia_varint_put(at, table->count);
    for (size_t i = 0; i < table->count; i++, at += STAMP_SIZE) {
        lia_put_u64(at, table->at[i].hlc);
        lia_put_u64(at + 8, table->at[i].incarnation);
        lia_put_u64(at + 16, table->at[i].seq);
        lia_put_u16(at + 24, table->at[i].node);
    }
    return at;
}

static uint8_t *put_register(uint8_t *at, const lia_register *reg, const stamps *table)
{
    at += lia_varint_put(at, reg->field);
    at = put_span(at, reg->element);
    at += lia_varint_put(at, lia_stamp_is_none(&reg->seen) ? 0 : 1 + place_of(table, &reg->seen));
    at += lia_varint_put(at, reg->count);
    for (size_t i = 0; i < reg->count; i++) {
        const lia_live *live = &reg->live[i];
        uint64_t index = place_of(table, &live->stamp);
        at += lia_varint_put(at, index << 4 | (uint64_t)live->absent << 3 | live->wire);
        at = put_span(at, live->value);
    }
    return at;
}

void lia_record_encode(const lia_record *record, lia_buf *out)
{
    lia_stamp few[FEW_STAMPS];
    stamps table = {.at = few};
    size_t most = 0;
    for (size_t i = 0; i < record->count; i++) most += 1u + record->registers[i].count;
    if (most > FEW_STAMPS) table.at = lia_arena_take(out->arena, most * sizeof *table.at);
    if (!table.at) {
        out->failed = true;
        return;
    }
    collect_stamps(&table, record);

    uint8_t *start = lia_buf_room(out, row_bound(record, table.count)), *at = start;
    if (!at) return;
    *at++ = VERSION;
    at = put_stamps(at, &table);
    at += lia_varint_put(at, record->count);
    for (size_t i = 0; i < record->count; i++) at = put_register(at, &record->registers[i], &table);
    out->size += (size_t)(at - start);
}

/* ---- decoding ------------------------------------------------------------------------------- */

typedef struct row_reader {
    lia_span rest;
    const uint8_t *stamps;
    uint64_t stamp_count;
} row_reader;

static bool take_number(row_reader *row, uint64_t *value)
{
    size_t size = lia_varint_get(row->rest, value);
    if (!size) return false;
    row->rest = lia_span_skip(row->rest, size);
    return true;
}

static bool take_span(row_reader *row, lia_span *span)
{
    uint64_t size;
    if (!take_number(row, &size) || size > row->rest.size) return false;
    *span = lia_span_make(row->rest.data, (size_t)size);
    row->rest = lia_span_skip(row->rest, (size_t)size);
    return true;
}

static lia_stamp stamp_at(const row_reader *row, uint64_t index)
{
    const uint8_t *at = row->stamps + index * STAMP_SIZE;
    return (lia_stamp){lia_get_u64(at), lia_get_u64(at + 8), lia_get_u64(at + 16),
                       lia_get_u16(at + 24)};
}

static bool take_stamps(row_reader *row)
{
    if (!take_number(row, &row->stamp_count)) return false;
    if (row->stamp_count > row->rest.size / STAMP_SIZE) return false;
    row->stamps = row->rest.data;
    row->rest = lia_span_skip(row->rest, (size_t)row->stamp_count * STAMP_SIZE);
    lia_stamp last = {0};
    for (uint64_t i = 0; i < row->stamp_count; i++) {
        lia_stamp stamp = stamp_at(row, i);
        if (lia_stamp_is_none(&stamp) || lia_stamp_compare(&stamp, &last) <= 0) return false;
        last = stamp;
    }
    return true;
}

/* Whether the payload can stand behind a tag of its wire type. */
static bool payload_fits(lia_wire wire, lia_span payload)
{
    uint64_t value;
    switch (wire) {
    case LIA_WIRE_VARINT:
        return payload.size && lia_varint_get(payload, &value) == payload.size;
    case LIA_WIRE_FIXED64:
        return payload.size == 8;
    case LIA_WIRE_FIXED32:
        return payload.size == 4;
    case LIA_WIRE_BYTES:
        return true;
    }
    return false;
}

static bool take_live(row_reader *row, lia_live *live)
{
    uint64_t head;
    if (!take_number(row, &head) || head >> 4 >= row->stamp_count) return false;
    if (!take_span(row, &live->value)) return false;
    live->stamp = stamp_at(row, head >> 4);
    live->absent = head & 8;
    live->wire = (lia_wire)(head & 7);
    if (live->absent) return live->wire == LIA_WIRE_BYTES && live->value.size == 0;
    return payload_fits(live->wire, live->value);
}

static bool take_register(row_reader *row, lia_register *reg)
{
    uint64_t field, seen, count;
    if (!take_number(row, &field) || field == 0 || field >> 29) return false;
    if (!take_span(row, &reg->element) || reg->element.size > LIA_ELEMENT_BYTES_MAX) return false;
    if (!take_number(row, &seen) || seen > row->stamp_count) return false;
    if (!take_number(row, &count) || count > LIA_REGISTER_LIVE_MAX) return false;
    if (seen == 0 && count == 0) return false;
    reg->field = (uint32_t)field;
    reg->seen = seen ? stamp_at(row, seen - 1) : (lia_stamp){0};
    reg->count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        lia_live *live = &reg->live[i];
        if (!take_live(row, live)) return false;
        if (reg->element.size && live->wire != LIA_WIRE_BYTES) return false;
        if (i && lia_stamp_compare(&live[-1].stamp, &live->stamp) <= 0) return false;
    }
    return count == 0 || lia_stamp_compare(&reg->live[count - 1].stamp, &reg->seen) > 0;
}

static bool ascend(const lia_register *a, const lia_register *b)
{
    if (a->field != b->field) return a->field < b->field;
    return lia_span_compare(a->element, b->element) < 0;
}

lia_err lia_record_decode(lia_record *out, lia_span bytes, lia_arena *arena)
{
    *out = (lia_record){0};
    if (bytes.size == 0) return LIA_OK;
    row_reader row = {.rest = lia_span_skip(bytes, 1)};
    uint64_t count;
    if (bytes.data[0] != VERSION || !take_stamps(&row) || !take_number(&row, &count) ||
        count > LIA_RECORD_REGISTERS_MAX || count > row.rest.size / 4)
        return LIA_ECORRUPT;
    lia_register *registers = lia_arena_take(arena, (size_t)count * sizeof *registers);
    if (!registers) return LIA_EFULL;
    for (size_t i = 0; i < count; i++)
        if (!take_register(&row, &registers[i]) || (i && !ascend(&registers[i - 1], &registers[i])))
            return LIA_ECORRUPT;
    if (row.rest.size) return LIA_ECORRUPT;
    *out = (lia_record){registers, (size_t)count, (size_t)count};
    return LIA_OK;
}
