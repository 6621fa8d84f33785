/* SPDX-License-Identifier: Apache-2.0 */
/* Only blocks that the views' file contains go: after a crash the views are at worst as old as that
 * file, and nothing that a replay needs is missing. So what goes needs no second look at the
 * views, except for the notes of commands, which live as long as their event. */
#include "common/node/retire.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/base.h"
#include "common/node/blank.h"
#include "common/node/changes.h"
#include "common/node/deeds.h"
#include "common/node/erase.h"

#define STEP_EVENTS 1000
#define LOOK_MS     10000 /* between two looks at lanes that had nothing to drop */

struct lia_retire {
    lia_batch *batch;
    lia_log_reader *reader; /* the writer's; rests between steps */
    lia_retention status;
    uint64_t due_ns, look_ns;
    const lia_lane_held *held; /* of the step under way */
    size_t held_count;
    uint64_t in_views; /* arrival up to which the views' file goes */
    lia_time before;   /* what is older goes */
};

/* ---- which block goes ------------------------------------------------------------------------ */

static const lia_lane_held *held_of(const lia_retire *retire, lia_origin origin)
{
    for (size_t i = 0; i < retire->held_count; i++)
        if (lia_origin_equal(retire->held[i].origin, origin)) return &retire->held[i];
    return NULL;
}

/* When the block's last event was written. One that cannot be read is as old as may be. */
static lia_time time_of(lia_log_reader *reader, const lia_block *block)
{
    lia_span bytes;
    lia_header header;
    if (lia_log_event(reader, block->arrival + block->count - 1, &bytes) ||
        lia_event_parse_header(&header, bytes))
        return (lia_time){0};
    return (lia_time){lia_hlc_ms(header.hlc)};
}

static void note_held_back(lia_retire *retire, const lia_lane_info *lane, const lia_lane_held *held,
                           lia_time oldest)
{
    lia_retention *status = &retire->status;
    if (!held || status->held_back_count == LIA_COUNT(status->held_back)) return;
    status->held_back[status->held_back_count++] =
        (lia_held_back){.origin = lane->origin,
                        .seq = held->seq,
                        .member = held->least,
                        .events = lane->head > held->seq ? lane->head - held->seq : 0,
                        .oldest = oldest};
}

/* Whether the lane's first block may go; with `note`, who keeps it from going is noted. */
static bool may_drop(lia_retire *retire, lia_log_reader *reader, lia_lane lane, bool note,
                     lia_block *block)
{
    lia_lane_info info;
    if (lia_log_lane_info(reader, lane, &info) || lia_log_first_block(reader, lane, block))
        return false;
    uint64_t last = block->first + block->count - 1, arrival = block->arrival + block->count - 1;
    const lia_cut *cut = &retire->batch->applier.cut;
    if (last >= info.head || arrival > retire->batch->reacted || arrival > retire->in_views ||
        (cut->open && arrival > cut->arrival)) /* it is to be folded once more */
        return false;
    lia_time time = time_of(reader, block);
    if (time.ms >= retire->before.ms) return false;
    const lia_lane_held *held = held_of(retire, info.origin);
    /* A damaged one waits until it was mended: what it says would stay wrong for good. */
    if (held && held->seq >= last) return lia_block_is_whole(reader, block, info.origin);
    if (note) note_held_back(retire, &info, held, time);
    return false;
}

/* ---- dropping -------------------------------------------------------------------------------- */

static lia_err forget_note(lia_batch *batch, const lia_header *header)
{
    lia_command_note note;
    if (lia_id_is_none(header->command) || header->part != 0) return LIA_OK;
    lia_err err = lia_rows_command(&batch->applier.rows, header->command, &note);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (note.event.node != header->node || note.event.incarnation != header->incarnation ||
        note.event.seq != header->seq)
        return LIA_OK;
    lia_key key = lia_key_command(header->command);
    return lia_views_del(batch->views, lia_key_span(&key));
}

/* What is known of an event whatever it said. */
static lia_err forget_header(lia_batch *batch, const lia_header *header)
{
    lia_err err = lia_deeds_forget(batch->views, header);
    return err ? err : forget_note(batch, header);
}

/* What the event said goes to base; *keep says that the event itself has to stay. */
static lia_err fold_one(lia_batch *batch, uint64_t arrival, bool *keep)
{
    lia_span bytes;
    lia_event event;
    lia_arena_reset(&batch->turn_arena);
    lia_err err = lia_log_event(lia_log_batch_reader(batch->log), arrival, &bytes);
    if (!err) bytes = lia_arena_copy(&batch->turn_arena, bytes);
    if (!err && !bytes.data) err = LIA_EFULL;
    if (err) return err;
    err = lia_event_parse(&event, bytes, &batch->turn_arena, NULL);
    *keep = err == LIA_EINVAL || err == LIA_EVERSION; /* inert: of a later release, perhaps */
    if (err) return *keep ? LIA_OK : err;
    if (event.erased || lia_erased(&batch->applier, event.header.customer) ||
        lia_blank_covers(&batch->applier, &event))
        return forget_header(batch, &event.header);
    *keep = lia_base_keeps(&event);
    if (*keep) return LIA_OK;
    /* One that was kept in another copy has been applied from there. */
    err = lia_base_add(batch->log, &event, &batch->turn_arena);
    if (!err) err = lia_changes_forget(batch->views, &event);
    return err ? err : forget_header(batch, &event.header);
}

lia_err lia_retire_block(lia_batch *batch, const lia_block *block, uint64_t *kept)
{
    bool keep[LIA_BLOCK_EVENTS_MAX] = {false};
    lia_err err = block->count > LIA_COUNT(keep) ? LIA_ECORRUPT : LIA_OK;
    for (uint32_t i = 0; i < block->count && !err; i++) {
        err = fold_one(batch, block->arrival + i, &keep[i]);
        *kept += keep[i];
    }
    return err ? err : lia_log_drop(batch->log, block->lane, keep);
}

static lia_err drop_some(lia_retire *retire)
{
    lia_batch *batch = retire->batch;
    lia_log_reader *reader = lia_log_batch_reader(batch->log);
    uint64_t done = 0, kept = 0;
    lia_err err = LIA_OK;
    for (lia_lane lane = 1; lane <= lia_log_lanes(reader) && done < STEP_EVENTS; lane++) {
        lia_block block;
        while (!err && done < STEP_EVENTS && may_drop(retire, reader, lane, false, &block)) {
            err = lia_retire_block(batch, &block, &kept);
            done += block.count;
        }
    }
    if (err) {
        lia_log_abort(batch->log);
        return lia_why_set(&batch->why, err, "dropping old events failed: %s", lia_err_text(err));
    }
    err = lia_batch_commit(batch);
    if (err) return err;
    retire->status.dropped += done - kept;
    retire->status.kept += kept;
    LIA_LOG(DEBUG, "log.dropped", LIA_INT("events", done - kept), LIA_INT("kept", kept));
    return LIA_OK;
}

/* Also finds out who holds what back, of all lanes. */
static bool any_to_drop(lia_retire *retire)
{
    bool any = false;
    retire->status.held_back_count = 0;
    lia_lane lanes = lia_log_refresh(retire->reader) ? 0 : lia_log_lanes(retire->reader);
    for (lia_lane lane = 1; lane <= lanes; lane++) {
        lia_block block;
        any |= may_drop(retire, retire->reader, lane, true, &block);
    }
    lia_log_rest(retire->reader);
    return any;
}

lia_err lia_retire_step(lia_retire *retire, const lia_lane_held *held, size_t count, lia_time now,
                        bool *done)
{
    lia_views_stats views;
    lia_views_get_stats(retire->batch->views, &views);
    retire->held = held;
    retire->held_count = count;
    retire->in_views = views.cursor;
    retire->before = (lia_time){now.ms - retire->status.keep_ms};
    *done = any_to_drop(retire);
    retire->due_ns = lia_time_ticks_ns() + (*done ? 0 : retire->look_ns);
    if (!*done) return LIA_OK;
    lia_err err = lia_batch_begin(retire->batch);
    return err ? err : drop_some(retire);
}

/* ---- lifecycle ------------------------------------------------------------------------------- */

lia_err lia_retire_open(lia_retire **out, lia_batch *batch, lia_log_reader *reader, int64_t keep_ms)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return LIA_EFULL;
    (*out)->batch = batch;
    (*out)->reader = reader;
    (*out)->status.keep_ms = keep_ms;
    int64_t look_ms = keep_ms < LOOK_MS ? keep_ms : LOOK_MS;
    (*out)->look_ns = (uint64_t)(look_ms < 20 ? 20 : look_ms) * 1000000;
    (*out)->due_ns = lia_time_ticks_ns() + (*out)->look_ns;
    return LIA_OK;
}

void lia_retire_close(lia_retire *retire)
{
    free(retire);
}

int64_t lia_retire_wait_ms(const lia_retire *retire)
{
    if (!retire->status.keep_ms) return -1;
    uint64_t now = lia_time_ticks_ns();
    return retire->due_ns > now ? (int64_t)((retire->due_ns - now) / 1000000) + 1 : 0;
}

void lia_retire_get_status(const lia_retire *retire, lia_retention *out)
{
    *out = retire->status;
}
