/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor names the last thing that was sent, not a place in this node's files, so it means the
 * same at every node. A row that is larger than a part is sent as several states of the same
 * record, which join to what it was. */
#include "common/node/export.h"

#define PART_BYTES  ((size_t)192 << 10)
#define PIECE_BYTES ((size_t)128 << 10) /* of a large row */
#define PART_ITEMS  2048
#define LOOKS_MAX   8192 /* kept events looked at for one part */
#define KEPT_CURSOR 19

enum { ERASURES = 'x', EVENTS = 'e', BASE = 'b' };

typedef struct part {
    lia_log_reader *reader;
    lia_arena *arena;
    uint8_t section;
    lia_kept kept;                 /* the last one looked at */
    uint8_t key[LIA_BASE_KEY_MAX]; /* of the last row */
    size_t key_size;
    uint32_t reg; /* registers of that row that were sent; 0: all */
    size_t bytes, looks;
    lia_span *events;
    lia_snap_row *rows;
    lia_snap_chunk *out;
    bool ended;
} part;

/* ---- cursors --------------------------------------------------------------------------------- */

static lia_err read_cursor(part *p, lia_span after)
{
    p->section = after.size ? after.data[0] : ERASURES;
    if (!after.size) return LIA_OK;
    if (p->section == BASE) {
        lia_span key = lia_span_skip(after, 1);
        bool piece = key.size == LIA_BASE_KEY_SIZE + 5 && !key.data[LIA_BASE_KEY_SIZE];
        if (piece) p->reg = lia_get_u32(key.data + LIA_BASE_KEY_SIZE + 1);
        if (key.size && key.size != LIA_BASE_KEY_SIZE && !(piece && p->reg)) return LIA_EINVAL;
        p->key_size = key.size ? LIA_BASE_KEY_SIZE : 0;
        if (key.size) memcpy(p->key, key.data, LIA_BASE_KEY_SIZE);
        return LIA_OK;
    }
    if (after.size != KEPT_CURSOR || (p->section != ERASURES && p->section != EVENTS))
        return LIA_EINVAL;
    p->kept = (lia_kept){.origin = {lia_get_u16(after.data + 1), lia_get_u64(after.data + 3)},
                         .seq = lia_get_u64(after.data + 11)};
    return LIA_OK;
}

static lia_err put_cursor(part *p)
{
    uint8_t cursor[LIA_SNAP_CURSOR_MAX];
    size_t size = 1 + p->key_size;
    cursor[0] = p->section;
    if (p->section != BASE) {
        lia_put_u16(cursor + 1, p->kept.origin.node);
        lia_put_u64(cursor + 3, p->kept.origin.incarnation);
        lia_put_u64(cursor + 11, p->kept.seq);
        size = KEPT_CURSOR;
    } else {
        memcpy(cursor + 1, p->key, p->key_size);
        if (p->reg) {
            cursor[size] = 0;
            lia_put_u32(cursor + size + 1, p->reg);
            size += 5;
        }
    }
    p->out->next = lia_arena_copy(p->arena, lia_span_make(cursor, size));
    return p->out->next.data ? LIA_OK : LIA_EFULL;
}

static bool is_full(const part *p)
{
    return p->bytes >= PART_BYTES || p->out->event_count + p->out->row_count == PART_ITEMS ||
           p->looks == LOOKS_MAX;
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static lia_err put_lane(part *p, lia_lane lane, lia_snap_lane *to, size_t *count)
{
    lia_lane_info info;
    uint64_t first;
    lia_snap_lane made;
    lia_err err = lia_log_lane_info(p->reader, lane, &info);
    if (!err) err = lia_log_edge(p->reader, lane, &made.signature);
    if (err) return err == LIA_EABSENT ? LIA_OK : err; /* all of it is there */
    err = lia_log_first(p->reader, lane, &first, &made.hash);
    made.origin = info.origin;
    made.seq = first - 1;
    if (!err) to[(*count)++] = made;
    return err;
}

static lia_err put_lanes(part *p)
{
    lia_lane lanes = lia_log_lanes(p->reader);
    lia_snap_lane *to = lia_arena_take(p->arena, (lanes + 1u) * sizeof *to);
    lia_err err = to ? LIA_OK : LIA_EFULL;
    for (lia_lane lane = 1; lane <= lanes && !err; lane++)
        err = put_lane(p, lane, to, &p->out->lane_count);
    p->out->lanes = to;
    return err;
}

/* ---- kept events ----------------------------------------------------------------------------- */

/* Of an erased event nothing is left to be said. */
static bool is_wanted(part *p, lia_span bytes)
{
    lia_event event;
    lia_header header;
    if (lia_event_parse_header(&header, bytes)) return p->section == EVENTS;
    if ((header.fact == LIA_ERASURE_REQUESTED) != (p->section == ERASURES)) return false;
    size_t mark = lia_arena_mark(p->arena);
    lia_err err = lia_event_parse(&event, bytes, p->arena, NULL);
    lia_arena_back(p->arena, mark);
    return err || !event.erased;
}

static lia_err put_events(part *p)
{
    while (!is_full(p)) {
        lia_span bytes;
        p->looks++;
        lia_err err = lia_log_kept_next(p->reader, &p->kept);
        if (err == LIA_EABSENT) {
            p->kept = (lia_kept){0};
            p->section = p->section == ERASURES ? EVENTS : BASE;
            return LIA_OK;
        }
        if (!err) err = lia_log_event(p->reader, p->kept.arrival, &bytes);
        if (err) return err == LIA_EABSENT ? LIA_ECORRUPT : err;
        if (!is_wanted(p, bytes)) continue;
        p->events[p->out->event_count++] = bytes;
        p->bytes += bytes.size;
    }
    return LIA_OK;
}

/* ---- base ------------------------------------------------------------------------------------ */

/* Registers of a large row from p->reg on, as many as make a piece. */
static lia_err cut(part *p, lia_span *row)
{
    lia_record record;
    lia_err err = lia_record_decode(&record, *row, p->arena);
    if (err) return err;
    uint32_t from = p->reg < record.count ? p->reg : 0, count = 0;
    lia_buf piece = lia_buf_make(p->arena);
    size_t bytes = 0;
    while (from + count < record.count && (!count || bytes < PIECE_BYTES)) {
        const lia_register *reg = &record.registers[from + count++];
        for (size_t i = 0; i < reg->count; i++) bytes += reg->live[i].value.size + 64;
    }
    lia_record some = {.registers = record.registers + from, .count = count};
    lia_record_encode(&some, &piece);
    *row = lia_buf_get(&piece);
    p->reg = from + count < record.count ? from + count : 0;
    return piece.failed ? LIA_EFULL : LIA_OK;
}

/* The row under way if a piece of it is still to be sent, else the next one. */
static lia_err next_row(part *p, lia_span *key, lia_span *row)
{
    *key = lia_span_make(p->key, p->key_size);
    if (p->reg) {
        lia_err err = lia_log_base(p->reader, *key, row);
        if (err != LIA_EABSENT) return err;
        p->reg = 0; /* it was erased in the meantime */
    }
    return lia_log_base_next(p->reader, *key, key, row);
}

static lia_err put_rows(part *p)
{
    while (!is_full(p)) {
        lia_span key, row;
        lia_err err = next_row(p, &key, &row);
        p->ended = err == LIA_EABSENT;
        if (err) return p->ended ? LIA_OK : err;
        if (key.size > sizeof p->key) return LIA_ECORRUPT;
        memcpy(p->key, key.data, key.size);
        p->key_size = key.size;
        if (row.size > PIECE_BYTES) err = cut(p, &row);
        key = lia_arena_copy(p->arena, key);
        if (err || !key.data) return err ? err : LIA_EFULL;
        p->rows[p->out->row_count++] = (lia_snap_row){key, row};
        p->bytes += key.size + row.size;
    }
    return LIA_OK;
}

/* ---------------------------------------------------------------------------------------------- */

lia_err lia_export(lia_log_reader *reader, lia_span after, lia_arena *arena, lia_snap_chunk *out)
{
    part p = {.reader = reader, .arena = arena, .out = out};
    size_t base, kept;
    *out = (lia_snap_chunk){0};
    lia_err err = read_cursor(&p, after);
    p.events = lia_arena_take(arena, PART_ITEMS * sizeof *p.events);
    p.rows = lia_arena_take(arena, PART_ITEMS * sizeof *p.rows);
    if (!err && (!p.events || !p.rows)) err = LIA_EFULL;
    out->events = p.events;
    out->rows = p.rows;
    lia_log_left(reader, &base, &kept);
    out->all = base + kept;
    if (!err) err = put_lanes(&p);
    while (!err && p.section != BASE && !is_full(&p)) err = put_events(&p);
    if (!err && p.section == BASE) err = put_rows(&p);
    return err || p.ended ? err : put_cursor(&p);
}
