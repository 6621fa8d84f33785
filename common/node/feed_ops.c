/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine that replicates asks of the node: the log for it to read, the writer for what it
 * brings, the bus for what it says. */
#include "common/base/log.h"
#include "common/node/compare.h"
#include "common/node/export.h"
#include "common/node/feed_inner.h"
#include "common/node/import.h"
#include "common/store/log_retain.h"

/* ---- what sync asks for --------------------------------------------------------------------- */

static bool feed_send(void *context, uint16_t peer, lia_sync_role role, lia_span frame)
{
    lia_feed *feed = context;
    lia_bus_end end = role == LIA_SYNC_CLIENT ? LIA_BUS_CLIENT : LIA_BUS_SERVER;
    return feed->roster.bus && lia_bus_send(feed->roster.bus, peer, end, frame) == LIA_OK;
}

static void feed_write(void *context, const lia_sealed *sealed)
{
    lia_feed *feed = context;
    lia_foreign *block = lia_foreign_copy(sealed);
    if (block)
        lia_writer_take_block(feed->options.writer, block);
    else
        lia_sync_write_failed(feed->sync, sealed->origin);
}

/* A block that is not copied now is found again by the next pass. */
static void feed_mend(void *context, const lia_sealed *sealed)
{
    lia_foreign *block = lia_foreign_copy(sealed);
    if (!block) return;
    block->mends = true;
    lia_writer_take_block(((lia_feed *)context)->options.writer, block);
}

/* Whether the log does not hold it any more, or not yet. */
static lia_err has_left(lia_feed *feed, lia_lane lane, uint64_t seq, lia_sealed *out)
{
    *out = (lia_sealed){0};
    lia_err err = lia_log_first(feed->reader, lane, &out->first, &out->before);
    if (err) return err;
    return seq < out->first ? LIA_EGONE : LIA_EABSENT;
}

static lia_err feed_read(void *context, lia_origin origin, uint64_t seq, lia_sealed *out)
{
    lia_feed *feed = context;
    lia_lane lane = lia_log_find_lane(feed->reader, origin);
    lia_block block;
    if (!lane) return LIA_EABSENT;
    lia_err err = lia_log_block(feed->reader, lane, seq, &block);
    if (err == LIA_EABSENT) return has_left(feed, lane, seq, out);
    if (err) return err;
    if (block.count > LIA_COUNT(feed->events)) return LIA_ECORRUPT;
    for (uint32_t i = 0; i < block.count && !err; i++)
        err = lia_log_event(feed->reader, block.arrival + i, &feed->events[i]);
    *out = (lia_sealed){.origin = origin,
                        .first = block.first,
                        .count = block.count,
                        .before = block.before,
                        .hash = block.hash,
                        .signature = block.signature,
                        .events = feed->events};
    return err;
}

static void feed_alarm(void *context, lia_sync_alarm alarm, uint16_t peer, lia_origin origin,
                       uint64_t seq)
{
    static const char *const names[LIA_SYNC_ALARMS] = {"lane.forked",     "block.forged",
                                                       "frame.malformed", "clock.skewed",
                                                       "state.differs",   "log.damaged"};
    if (alarm == LIA_SYNC_FORK) lia_rollback_forked(&((lia_feed *)context)->rollback, origin);
    lia_log_level level = alarm == LIA_SYNC_SKEWED ? LIA_WARN : LIA_ERROR;
    lia_log_field fields[] = {
        {0}, LIA_INT("peer", peer), LIA_INT("lane", origin.node), LIA_INT("seq", seq)};
    lia_log_write(level, names[alarm], fields, LIA_COUNT(fields));
}

/* The machine must not be called back: who waits for it is told when its call has returned. */
static void feed_acked(void *context, uint16_t peer, lia_origin origin, uint64_t seq)
{
    (void)peer, (void)origin, (void)seq;
    ((lia_feed *)context)->acked = true;
}

/* The sums of the buckets as of the commit that sync was told of last. */
static bool feed_state(void *context, lia_hash *out)
{
    lia_feed *feed = context;
    return lia_writer_state(feed->options.writer, feed->commit, out);
}

static void feed_erase(void *context, uint16_t peer, const lia_id *customers, size_t count)
{
    lia_feed *feed = context;
    LIA_LOG(WARN, "erasure.learnt", LIA_INT("peer", peer), LIA_INT("customers", count));
    lia_writer_take_erased(feed->options.writer, customers, count);
}

/* ---- state, where events are gone ------------------------------------------------------------ */

static lia_err feed_state_read(void *context, lia_span after, lia_snap_chunk *out)
{
    lia_feed *feed = context;
    lia_arena_reset(&feed->part);
    return lia_export(feed->reader, after, &feed->part, out);
}

static size_t feed_import_from(void *context, uint8_t cursor[LIA_SNAP_CURSOR_MAX])
{
    return lia_import_cursor(((lia_feed *)context)->reader, cursor);
}

static void feed_import(void *context, uint16_t peer, const lia_snap_chunk *chunk)
{
    (void)peer;
    lia_feed *feed = context;
    lia_import *import = lia_import_copy(chunk);
    feed->no_memory = !import; /* told when the call has returned */
    if (import) lia_writer_take_import(feed->options.writer, import);
}

static bool feed_members(void *context, uint16_t peer, lia_span list)
{
    (void)peer;
    return lia_roster_heard(&((lia_feed *)context)->roster, list);
}

static void feed_heard(void *context, uint16_t peer, lia_span word)
{
    const lia_feed *feed = context;
    if (feed->heard) feed->heard(feed->heard_context, peer, word);
}

static lia_compare *compare_of(void *context)
{
    return lia_writer_compare(((lia_feed *)context)->options.writer);
}

static void poke(void *context)
{
    lia_writer_poke(((lia_feed *)context)->options.writer);
}

static void feed_cut_begin(void *context, uint64_t number)
{
    lia_compare_begin(compare_of(context), number);
    poke(context);
}

static void feed_cut_goal(void *context, uint64_t number, const lia_sync_mark *marks, size_t count)
{
    lia_compare_goal(compare_of(context), number, marks, count);
    poke(context);
}

static void feed_cut_end(void *context, uint64_t number)
{
    lia_compare_end(compare_of(context), number);
    poke(context);
}

static void feed_differs(void *context, uint16_t peer, const uint16_t *buckets, size_t count)
{
    LIA_LOG(ERROR, "state.differs_in", LIA_INT("peer", peer), LIA_INT("buckets", count),
            LIA_INT("bucket", buckets[0]));
    lia_compare_differs(compare_of(context), buckets, count);
    poke(context);
}

/* Half of what the bus takes, so that there is always room for greetings and heads. */
static bool feed_room(void *context, uint16_t peer)
{
    const lia_feed *feed = context;
    return feed->roster.bus &&
           lia_bus_queued(feed->roster.bus, peer, LIA_BUS_SERVER) < LIA_BUS_QUEUE_BYTES_MAX / 2;
}

const lia_sync_ops lia_feed_ops = {.send = feed_send,
                                   .room = feed_room,
                                   .write = feed_write,
                                   .read = feed_read,
                                   .alarm = feed_alarm,
                                   .acked = feed_acked,
                                   .state = feed_state,
                                   .erase = feed_erase,
                                   .state_read = feed_state_read,
                                   .import_from = feed_import_from,
                                   .import = feed_import,
                                   .members = feed_members,
                                   .heard = feed_heard,
                                   .cut_begin = feed_cut_begin,
                                   .cut_goal = feed_cut_goal,
                                   .cut_end = feed_cut_end,
                                   .differs = feed_differs,
                                   .mend = feed_mend};
