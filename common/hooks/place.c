/* SPDX-License-Identifier: Apache-2.0 */
/* Where a webhook begins at this node: at its own cursor; else behind what the node before has
 * marked; else behind the event that made it. */
#include <stdlib.h>

#include "common/hooks/inner.h"
#include "common/store/log_retain.h"

#define MARK_MS INT64_C(60000)

/* The first event that wrote to it. */
static lia_err find_making(lia_round *round, lia_hook *hook, uint64_t *arrival)
{
    lia_record record;
    lia_stamp first = {.hlc = UINT64_MAX};
    lia_arena *arena = &round->hooks->arena;
    lia_arena_reset(arena);
    lia_err err = lia_rows_record(&round->rows, LIA_WEBHOOK, hook->id, arena, &record);
    for (size_t i = 0; !err && i < record.count; i++)
        for (size_t j = 0; j < record.registers[i].count; j++)
            if (lia_stamp_compare(&record.registers[i].live[j].stamp, &first) < 0)
                first = record.registers[i].live[j].stamp;
    if (err) return err;
    const lia_origin origin = {first.node, first.incarnation};
    err = lia_log_arrival(round->rows.log, origin, first.seq, arrival);
    if (err == LIA_EABSENT) *arrival = round->visible; /* long ago, or known from its state only */
    return err == LIA_EABSENT ? LIA_OK : err;
}

static uint64_t told_of(const lia_hook_mark *mark, lia_origin origin)
{
    for (size_t i = 0; i < mark->count; i++)
        if (mark->lanes[i].node == origin.node && mark->lanes[i].incarnation == origin.incarnation)
            return mark->lanes[i].seq;
    return 0;
}

/* The first arrival that the mark does not name as told. */
static lia_err find_untold(lia_round *round, const lia_hook_mark *mark, uint64_t *arrival)
{
    lia_log_reader *log = round->rows.log;
    lia_lane count = lia_log_lanes(log);
    lia_err err = LIA_OK;
    *arrival = round->visible + 1;
    for (lia_lane lane = 1; lane <= count && !err; lane++) {
        lia_lane_info info;
        lia_hash before;
        uint64_t at, first = 0;
        err = lia_log_lane_info(log, lane, &info);
        if (!err) err = lia_log_first(log, lane, &first, &before);
        if (err) break;
        uint64_t next = told_of(mark, info.origin) + 1;
        if (next < first) next = first; /* what is missing in front is told as a gap */
        if (next > info.head) continue;
        err = lia_log_arrival(log, info.origin, next, &at);
        if (!err && at < *arrival) *arrival = at;
    }
    return err;
}

static lia_err take_mark(lia_hook *hook, const lia_hook_mark *mark)
{
    size_t size = mark->count * sizeof *mark->lanes;
    free(hook->behind.lanes);
    hook->behind = (lia_hook_mark){.lanes = malloc(size + 1), .count = mark->count};
    if (!hook->behind.lanes) {
        hook->behind.count = 0;
        return LIA_EFULL;
    }
    memcpy(hook->behind.lanes, mark->lanes, size);
    return LIA_OK;
}

static lia_err find_begin(lia_round *round, lia_hook *hook, uint64_t *next)
{
    lia_hook_mark mark;
    lia_arena_reset(&round->hooks->arena);
    lia_err err = lia_webhook_mark(&round->rows, hook->id, &round->hooks->arena, &mark);
    if (!err) err = take_mark(hook, &mark);
    if (!err) return find_untold(round, &mark, next);
    if (err != LIA_EABSENT) return err;
    err = find_making(round, hook, next);
    ++*next;
    return err;
}

lia_err lia_hook_begin(lia_round *round, lia_hook *hook)
{
    lia_hook_state *state = &hook->state;
    uint64_t next;
    bool known = lia_keep_state(round->hooks->box, hook->id, &round->hooks->arena, state);
    hook->kept = *state;
    if (known && state->cursor <= round->visible) {
        next = state->cursor + 1;
    } else { /* new here, or the log is an older one than the box */
        lia_err err = find_begin(round, hook, &next);
        if (err) return err;
        state->cursor = next - 1;
    }
    hook->live = (lia_run){.next = next, .until = UINT64_MAX};
    hook->replay =
        (lia_run){.next = state->replay_next, .until = state->replay_until, .replays = true};
    hook->marked = state->cursor;
    hook->marked_ms = round->now_ms;
    return LIA_OK;
}

/* ---- marks ----------------------------------------------------------------------------------- */

static lia_err put_lanes(const lia_round *round, uint64_t cursor, lia_buf *out)
{
    lia_log_reader *log = round->rows.log;
    lia_lane count = lia_log_lanes(log);
    for (lia_lane lane = 1; lane <= count; lane++) {
        lia_lane_info info;
        uint8_t bytes[LIA_HOOK_LANE_SIZE];
        lia_position told = {0};
        lia_err err = lia_log_lane_info(log, lane, &info);
        if (!err) err = lia_log_lane_at(log, lane, cursor, &told.seq);
        if (err) return err;
        if (!told.seq) continue;
        told.node = info.origin.node;
        told.incarnation = info.origin.incarnation;
        lia_hook_lane_put(bytes, &told);
        lia_buf_add(out, bytes, sizeof bytes);
    }
    return out->failed ? LIA_EFULL : LIA_OK;
}

void lia_hook_mark_if_due(lia_round *round, lia_hook *hook, bool at_once)
{
    lia_hooks *hooks = round->hooks;
    int64_t every_ms = hooks->options.mark_ms ? hooks->options.mark_ms : MARK_MS;
    if (hook->marked == hook->state.cursor) return;
    if (!at_once && round->now_ms - hook->marked_ms < every_ms) {
        if (hook->marked_ms + every_ms < round->wake_ms)
            round->wake_ms = hook->marked_ms + every_ms;
        return;
    }
    lia_arena_reset(&hooks->arena);
    lia_buf lanes = lia_buf_make(&hooks->arena);
    if (put_lanes(round, hook->state.cursor, &lanes)) return;
    hook->marked = hook->state.cursor;
    hook->marked_ms = round->now_ms;
    lia_hooks_order_mark(hooks, hook->id, lia_buf_get(&lanes));
}
