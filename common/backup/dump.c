/* SPDX-License-Identifier: Apache-2.0 */
#include "common/backup/dump.h"

#include "common/backup/part.h"
#include "common/store/log_retain.h"

enum { BLOCKS, EVENTS, BASE, KEPT, PHASES };

typedef struct step {
    lia_dump *dump;
    lia_buf *rows;
    size_t until; /* bytes of rows */
    lia_copy_table table;
    bool full; /* there are more rows */
    lia_err err;
} step;

static bool take(step *s, lia_span key, lia_span value)
{
    lia_dump *dump = s->dump;
    lia_part_put(s->rows, (uint8_t)s->table, key, value);
    if (key.size < sizeof dump->after) {
        memcpy(dump->after, key.data, key.size);
        dump->after[key.size] = 0; /* the least key that is above it */
        dump->after_size = key.size + 1;
    }
    s->full = s->rows->size >= s->until;
    return !s->full && !s->rows->failed;
}

/* ---- the state ------------------------------------------------------------------------------- */

static bool take_state(void *context, lia_span key, lia_span value)
{
    step *s = context;
    lia_part_put(s->rows, (uint8_t)s->table, key, value);
    if (s->rows->size > LIA_PART_ROWS_MAX - (1 << 20)) s->err = LIA_EFULL;
    return !s->err && !s->rows->failed;
}

/* Whether all that arrived at `from` and later is still here, in blocks. */
static bool has_all_since(const lia_dump *dump, uint64_t from)
{
    return from > 1 && from <= dump->to && dump->gap < from;
}

lia_err lia_dump_begin(lia_dump *out, lia_log_reader *reader, uint64_t from, lia_buf *rows,
                       lia_why *why)
{
    static const lia_copy_table state[] = {LIA_COPY_LANE, LIA_COPY_REACTOR, LIA_COPY_JOB,
                                           LIA_COPY_META};
    *out = (lia_dump){.to = lia_log_next(reader), .lane = 1, .lanes = lia_log_lanes(reader)};
    lia_err err = lia_log_gap(reader, &out->gap);
    out->full = !has_all_since(out, from);
    out->from = out->full ? 1 : from;
    for (size_t i = 0; !err && i < LIA_COUNT(state); i++) {
        step s = {.dump = out, .rows = rows, .table = state[i]};
        err = lia_log_copy_walk(reader, state[i], LIA_SPAN_NONE, take_state, &s);
        if (!err) err = s.err;
    }
    if (!err && rows->failed) err = LIA_EFULL;
    if (err == LIA_EFULL)
        return lia_why_set(why, err, "this node has more timers than a backup takes: %zu",
                           lia_log_jobs(reader));
    return err ? lia_why_set(why, err, "the log cannot be read: %s", lia_err_text(err)) : LIA_OK;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static bool take_block(void *context, lia_span key, lia_span value)
{
    step *s = context;
    lia_dump *dump = s->dump;
    lia_block block;
    if ((s->err = lia_log_copy_block_read(key, value, &block))) return false;
    if (block.lane != dump->lane || block.arrival >= dump->to) return false;
    dump->in_blocks += block.count;
    return take(s, key, value);
}

static void first_key(const lia_dump *dump, uint64_t seq, uint8_t key[10])
{
    lia_put_u16(key, dump->lane);
    lia_put_u64(key + 2, seq);
}

/* One lane, or as much of it as there is room for. */
static lia_err dump_lane(step *s, lia_log_reader *reader)
{
    uint8_t key[10];
    lia_dump *dump = s->dump;
    lia_span from = lia_span_make(dump->after, dump->after_size);
    if (!from.size) {
        uint64_t seq = 0;
        lia_err err =
            dump->full ? LIA_OK : lia_log_lane_at(reader, dump->lane, dump->from - 1, &seq);
        if (err) return err;
        first_key(dump, seq + 1, key);
        from = LIA_SPAN_OF(key);
    }
    return lia_log_copy_walk(reader, LIA_COPY_BLOCK, from, take_block, s);
}

static lia_err dump_blocks(step *s, lia_log_reader *reader)
{
    lia_err err = LIA_OK;
    lia_dump *dump = s->dump;
    while (!err && !s->full && dump->lane <= dump->lanes) {
        err = dump_lane(s, reader);
        if (!err) err = s->err;
        if (err || s->full) break;
        dump->lane++;
        dump->after_size = 0;
    }
    return err;
}

/* ---- events, base, kept ---------------------------------------------------------------------- */

static bool take_event(void *context, lia_span key, lia_span value)
{
    step *s = context;
    if (key.size != 8 || lia_get_u64(key.data) >= s->dump->to) return false;
    s->dump->seen++;
    return take(s, key, value);
}

static bool take_row(void *context, lia_span key, lia_span value)
{
    return take(context, key, value);
}

static lia_err dump_events(step *s, lia_log_reader *reader)
{
    uint8_t key[8];
    lia_dump *dump = s->dump;
    lia_put_u64(key, dump->from);
    lia_span from =
        dump->after_size ? lia_span_make(dump->after, dump->after_size) : LIA_SPAN_OF(key);
    lia_err err = lia_log_copy_walk(reader, LIA_COPY_EVENT, from, take_event, s);
    if (err || s->full || dump->full || dump->seen == dump->in_blocks) return err;
    return LIA_ECONFLICT; /* some came as another node's state, outside of blocks */
}

static lia_err dump_table(step *s, lia_log_reader *reader)
{
    if (!s->dump->full) return LIA_OK;
    return lia_log_copy_walk(reader, s->table, lia_span_make(s->dump->after, s->dump->after_size),
                             take_row, s);
}

static lia_err dump_phase(step *s, lia_log_reader *reader)
{
    switch (s->dump->phase) {
    case BLOCKS:
        s->table = LIA_COPY_BLOCK;
        return dump_blocks(s, reader);
    case EVENTS:
        s->table = LIA_COPY_EVENT;
        return dump_events(s, reader);
    default:
        s->table = s->dump->phase == BASE ? LIA_COPY_BASE : LIA_COPY_KEPT;
        return dump_table(s, reader);
    }
}

lia_err lia_dump_step(lia_dump *dump, lia_log_reader *reader, size_t bytes, lia_buf *rows,
                      lia_why *why)
{
    uint64_t gap;
    step s = {.dump = dump, .rows = rows, .until = rows->size + bytes};
    lia_err err = lia_log_gap(reader, &gap);
    if (!err && gap != dump->gap) err = LIA_ECONFLICT;
    while (!err && !s.full && dump->phase < PHASES) {
        err = dump_phase(&s, reader);
        if (!err && rows->failed) err = LIA_EFULL;
        if (err || s.full) break;
        dump->phase++;
        dump->after_size = 0;
    }
    dump->done = dump->phase == PHASES;
    if (err == LIA_ECONFLICT)
        return lia_why_set(
            why, err,
            "this node's log was shortened, or another node's state came, while it was "
            "copied: begin anew");
    return err ? lia_why_set(why, err, "the log cannot be read: %s", lia_err_text(err)) : LIA_OK;
}
