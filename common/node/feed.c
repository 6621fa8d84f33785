/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/compare.h"
#include "common/node/feature.h"
#include "common/node/feed_inner.h"
#include "common/node/import.h"
#include "common/node/state.h"

#define TICK_MS    100
#define PART_BYTES ((size_t)64 << 20) /* address space: a row of base, decoded */
#define HELD_MS    1000 /* between two words to the writer about what all members hold */
/* Most events handed to subscribers in one turn of the loop. */
#define PUBLISH_BUDGET 512

/* The log reader stands on a commit only while the loop is in here. */
static bool enter(lia_feed *feed)
{
    lia_err err = lia_log_refresh(feed->reader);
    if (err) LIA_LOG(WARN, "log.not_read", LIA_ERR(err));
    return err == LIA_OK;
}
static void leave(lia_feed *feed)
{
    lia_log_rest(feed->reader);
}

/* ---- what sync is told ----------------------------------------------------------------------- */

/* Sync hears of them before it hears of the commit that made them so. */
static void tell_erased(lia_feed *feed)
{
    lia_id customers[256];
    size_t count;
    while ((count = lia_writer_erased(feed->options.writer, feed->erased, customers,
                                      LIA_COUNT(customers)))) {
        for (size_t i = 0; i < count; i++)
            if (lia_sync_erased(feed->sync, customers[i]))
                LIA_LOG(ERROR, "erasure.too_many", LIA_INT("most", LIA_ERASURES_MAX));
        feed->erased += count;
    }
}

bool lia_feed_import(lia_feed *feed, lia_sync_import_status *out)
{
    uint8_t cursor[LIA_SNAP_CURSOR_MAX];
    bool asks = lia_sync_import(feed->sync, out);
    if (asks || !enter(feed)) return asks;
    bool halfway = lia_import_cursor(feed->reader, cursor) || lia_import_is_finishing(feed->reader);
    leave(feed);
    return halfway;
}

/* ---- what the world says -------------------------------------------------------------------- */

static lia_time wall_of(const lia_feed *feed)
{
    const int64_t *offset_ms = feed->options.wall_offset_ms;
    return (lia_time){lia_time_now().ms + (offset_ms ? *offset_ms : 0)};
}

/* Before the other question, so that a wrong clock is known when the first command may come. */
static void look(lia_feed *feed, bool ticks)
{
    bool asks = feed->rollback.state == LIA_ROLLBACK_ASKING;
    if (asks || ticks) lia_skew_look(&feed->skew, feed->sync, lia_time_ticks_ms(), asks);
    lia_rollback_look(&feed->rollback, feed->sync, lia_time_ticks_ms());
    lia_joining_look(&feed->joining, feed->sync, lia_time_ticks_ms());
}

static void received(void *context, uint16_t peer, lia_bus_end end, lia_span frame)
{
    lia_feed *feed = context;
    lia_sync_role role = end == LIA_BUS_CLIENT ? LIA_SYNC_CLIENT : LIA_SYNC_SERVER;
    if (!enter(feed)) return;
    lia_sync_receive(feed->sync, peer, role, frame, lia_time_ticks_ms(), wall_of(feed));
    if (feed->no_memory) lia_sync_imported(feed->sync, LIA_EFULL, false);
    feed->no_memory = false;
    lia_roster_look(&feed->roster, lia_time_ticks_ms());
    leave(feed);
    bool acked = feed->acked;
    feed->acked = false;
    look(feed, false);
    lia_holds_look(&feed->holds, acked);
}

static void linked(void *context, uint16_t peer, bool up)
{
    lia_feed *feed = context;
    if (!enter(feed)) return;
    lia_sync_link(feed->sync, peer, up, lia_time_ticks_ms());
    leave(feed);
}

static void tell_held(lia_feed *feed, int64_t at_ms)
{
    static lia_lane_held held[LIA_LANES_MAX];
    if (!feed->options.retires || at_ms < feed->held_ms) return;
    feed->held_ms = at_ms + HELD_MS;
    lia_lane lanes = at_ms < feed->spare_ms ? 0 : lia_log_lanes(feed->reader);
    size_t count = 0;
    for (lia_lane lane = 1; lane <= lanes && count < LIA_COUNT(held); lane++) {
        lia_lane_info info;
        if (lia_log_lane_info(feed->reader, lane, &info)) continue;
        lia_lane_held *one = &held[count++];
        one->origin = info.origin;
        one->seq = lia_sync_held_by_all(feed->sync, info.origin, &one->least);
    }
    lia_writer_set_held(feed->options.writer, held, count);
}

void lia_feed_spare(lia_feed *feed, int64_t ms)
{
    feed->spare_ms = lia_time_ticks_ms() + ms;
    feed->held_ms = 0;
    tell_held(feed, lia_time_ticks_ms());
}

/* A newcomer of an older release, mostly: a store that knows of it is not opened at all. */
static void look_at_release(lia_feed *feed)
{
    lia_why why;
    if (feed->outdated || !lia_features_misread(lia_sync_features_of_peers(feed->sync))) return;
    feed->outdated = true;
    lia_why_set(&why, LIA_EBUSY,
                "the other members use what this release (%s) would misread: it takes no commands; "
                "install their release here",
                LIA_VERSION);
    LIA_LOG(ERROR, "release.outdated");
    lia_writer_hold(feed->options.writer, LIA_HELD_RELEASE, &why);
}

/* What has become of the features that were asked for, and which are to be asked for now. */
static void look_at_features(lia_feed *feed)
{
    uint64_t on = lia_writer_features(feed->options.writer);
    uint64_t wanted = lia_sync_features_wanted(feed->sync);
    for (size_t i = 0; i < lia_feature_count; i++)
        if ((on & ~feed->features_on) >> lia_feature_rows[i].bit & 1)
            LIA_LOG(INFO, "feature.on", LIA_TEXT("feature", lia_feature_rows[i].name));
    if (on != feed->features_on) lia_sync_set_features_on(feed->sync, on);
    feed->features_on = on;
    if (wanted & ~on & ~feed->features_asked) lia_writer_set_features(feed->options.writer, wanted);
    feed->features_asked |= wanted;
}

static void ticked(uv_timer_t *timer)
{
    lia_feed *feed = timer->data;
    lia_time wall = wall_of(feed);
    if (!enter(feed)) return;
    lia_roster_tick(&feed->roster, lia_time_ticks_ms());
    lia_sync_tick(feed->sync, lia_time_ticks_ms(), wall, lia_hlc_at(wall.ms));
    look(feed, true);
    look_at_features(feed);
    look_at_release(feed);
    tell_held(feed, lia_time_ticks_ms());
    leave(feed);
}

/* ---- the public stream ---------------------------------------------------------------------- */

static void publish_event(lia_feed *feed, lia_span bytes)
{
    lia_header header;
    char topic[96];
    if (lia_event_parse_header(&header, bytes)) return;
    const lia_fact *fact = lia_fact_find(header.fact);
    if (fact && fact->secret) return;
    const char *department = lia_department_name((lia_department)header.department);
    snprintf(topic, sizeof topic, "%s.%s", department ? department : "any",
             fact ? fact->name : "record.changed");
    lia_err err = lia_bus_publish(feed->roster.bus, topic, bytes);
    if (err) LIA_LOG(DEBUG, "event.not_published", LIA_TEXT("topic", topic), LIA_ERR(err));
}

static bool is_wanted(const lia_feed *feed)
{
    return feed->roster.bus && lia_bus_wanted(feed->roster.bus);
}

static void publish_some(uv_idle_t *idle)
{
    lia_feed *feed = idle->data;
    if (!is_wanted(feed)) feed->published = feed->visible;
    if (!enter(feed)) return;
    for (int i = 0; i < PUBLISH_BUDGET && feed->published < feed->visible; i++) {
        lia_span bytes;
        if (lia_log_event(feed->reader, feed->published + 1, &bytes) == LIA_OK)
            publish_event(feed, bytes);
        feed->published++;
    }
    leave(feed);
    if (feed->published == feed->visible) uv_idle_stop(idle);
}

void lia_feed_committed(lia_feed *feed, const lia_outbox *outbox, uint64_t visible)
{
    if (!enter(feed)) return;
    if (!lia_origin_equal(outbox->self, feed->rollback.self)) {
        lia_sync_set_incarnation(feed->sync, outbox->self.incarnation);
        lia_rollback_renewed(&feed->rollback, outbox->self);
    }
    tell_erased(feed);
    for (size_t i = 0; i < outbox->head_count; i++) {
        const lia_head *head = &outbox->heads[i];
        lia_sync_committed(feed->sync, head->origin, head->seq, &head->hash);
    }
    for (size_t i = 0; i < outbox->failed_count; i++)
        lia_sync_write_failed(feed->sync, outbox->failed[i].origin);
    if (outbox->imported) lia_sync_imported(feed->sync, outbox->import_err, outbox->import_done);
    feed->commit = outbox->commit;
    lia_compare_tell(lia_writer_compare(feed->options.writer), feed->sync);
    lia_rollback_look(&feed->rollback, feed->sync, lia_time_ticks_ms());
    lia_joining_look(&feed->joining, feed->sync, lia_time_ticks_ms());
    leave(feed);
    feed->visible = visible;
    if (!is_wanted(feed)) feed->published = visible;
    if (!feed->closing && feed->published < visible) uv_idle_start(&feed->publishing, publish_some);
}

/* ---- who has it ------------------------------------------------------------------------------ */

size_t lia_feed_holders(const lia_feed *feed, lia_position position)
{
    lia_origin origin = {position.node, position.incarnation};
    return lia_sync_holders(feed->sync, origin, position.seq);
}

static size_t holders(void *feed, lia_position position)
{
    return lia_feed_holders(feed, position);
}

void lia_feed_hold(lia_feed *feed, lia_hold *hold)
{
    lia_holds_add(&feed->holds, hold);
}

void lia_feed_release(lia_feed *feed)
{
    lia_holds_release(&feed->holds);
}

/* ---- in passing ------------------------------------------------------------------------------ */

void lia_feed_listen(lia_feed *feed, lia_heard_fn *heard, void *context)
{
    feed->heard = heard;
    feed->heard_context = context;
}

void lia_feed_say(lia_feed *feed, lia_span word)
{
    if (!feed->closing) lia_sync_say(feed->sync, word);
}

/* ---- lifecycle ------------------------------------------------------------------------------ */

static lia_err open_sync(lia_feed *feed)
{
    lia_roster_list *scratch = malloc(sizeof *scratch);
    if (!scratch) return LIA_EFULL;
    lia_sync_options options = {
        .cluster = feed->options.membership->list->cluster,
        .node = feed->options.self.node,
        .incarnation = feed->options.self.incarnation,
        .boot = feed->boot,
        .materializer = LIA_VIEWS_VERSION,
        .features = lia_features_said(),
        .features_on = feed->options.features_on,
        .members = lia_roster_members(feed->options.membership, scratch),
        .ops = &lia_feed_ops,
        .context = feed,
        .agree_ms = (int64_t)feed->options.agree_ms,
        .inspect_ms = (int64_t)feed->options.inspect_ms,
    };
    lia_err err = lia_sync_open(&feed->sync, &options);
    free(scratch);
    if (!err) tell_erased(feed);
    if (!err && lia_import_is_finishing(feed->reader)) lia_sync_importing(feed->sync);
    lia_lane lanes = err ? 0 : lia_log_lanes(feed->reader);
    for (lia_lane lane = 1; lane <= lanes && !err; lane++) {
        lia_lane_info info;
        err = lia_log_lane_info(feed->reader, lane, &info);
        if (!err) lia_sync_committed(feed->sync, info.origin, info.head, &info.hash);
    }
    return err;
}

lia_err lia_feed_open(lia_feed **out, const lia_feed_options *options, lia_why *why)
{
    *out = NULL;
    lia_feed *feed = calloc(1, sizeof *feed);
    if (!feed) return lia_why_set(why, LIA_EFULL, "no memory");
    feed->options = *options;
    feed->features_on = feed->features_asked = options->features_on;
    feed->skew = (lia_skew){.writer = options->writer};
    feed->rollback = (lia_rollback){.writer = options->writer, .self = options->self};
    feed->joining = (lia_joining){.joining = options->joining, .writer = options->writer};
    lia_random(&feed->boot, sizeof feed->boot);
    lia_err err = lia_arena_init(&feed->part, PART_BYTES);
    if (!err) err = lia_log_reader_open(&feed->reader, options->log);
    if (!err) {
        feed->published = feed->visible = lia_log_next(feed->reader) - 1;
        err = open_sync(feed);
        lia_log_rest(feed->reader);
    }
    if (err) {
        lia_why_set(why, err, "replication could not start: %s", lia_err_text(err));
    } else {
        lia_bus_options bus = {.loop = options->loop,
                               .node = options->self.node,
                               .listen = options->listen,
                               .handler = {received, linked, feed}};
        err = lia_roster_open(&feed->roster, options->membership, &bus, feed->sync, &feed->rollback,
                              why);
    }
    if (err) {
        lia_sync_close(feed->sync);
        lia_log_reader_close(feed->reader);
        lia_arena_fini(&feed->part);
        free(feed);
        return err;
    }
    uv_timer_init(options->loop, &feed->tick);
    uv_idle_init(options->loop, &feed->publishing);
    lia_holds_init(&feed->holds, options->loop, options->self.node, holders, feed);
    feed->tick.data = feed->publishing.data = feed;
    uv_timer_start(&feed->tick, ticked, 0, TICK_MS);
    feed->rollback.heard = !options->asks;
    if (options->asks) lia_rollback_begin(&feed->rollback, options->restored, lia_time_ticks_ms());
    *out = feed;
    return LIA_OK;
}

static void part_closed(lia_feed *feed)
{
    if (--feed->closing) return;
    lia_sync_close(feed->sync);
    lia_log_reader_close(feed->reader);
    lia_arena_fini(&feed->part);
    void (*closed)(void *) = feed->closed;
    void *context = feed->closed_context;
    free(feed);
    closed(context);
}
static void handle_closed(uv_handle_t *handle)
{
    part_closed(handle->data);
}
static void roster_closed(void *feed)
{
    part_closed(feed);
}

void lia_feed_close(lia_feed *feed, void (*closed)(void *), void *context)
{
    feed->closed = closed;
    feed->closed_context = context;
    feed->closing = 4;
    lia_holds_release(&feed->holds);
    feed->holds.timer.data = feed;
    uv_close((uv_handle_t *)&feed->holds.timer, handle_closed);
    uv_close((uv_handle_t *)&feed->tick, handle_closed);
    uv_close((uv_handle_t *)&feed->publishing, handle_closed);
    lia_roster_close(&feed->roster, roster_closed, feed);
}

/* ---- who belongs to the cluster ---------------------------------------------------------------
 */

lia_err lia_feed_offer(lia_feed *feed, lia_span list, lia_why *why)
{
    if (!enter(feed)) return lia_why_set(why, LIA_EIO, "the log cannot be read");
    lia_err err = lia_roster_take(&feed->roster, list, lia_time_ticks_ms(), why);
    lia_rollback_look(&feed->rollback, feed->sync, lia_time_ticks_ms());
    lia_joining_look(&feed->joining, feed->sync, lia_time_ticks_ms());
    leave(feed);
    return err;
}

lia_err lia_feed_drain(lia_feed *feed, lia_span list, lia_why *why)
{
    return lia_roster_drain(&feed->roster, list, why);
}

uint64_t lia_feed_epoch(const lia_feed *feed)
{
    return feed->roster.epoch;
}

void lia_feed_set_readers(lia_feed *feed, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count)
{
    lia_roster_set_readers(&feed->roster, keys, count, lia_time_ticks_ms());
}

bool lia_feed_refused(const lia_feed *feed, uint16_t peer)
{
    return feed->roster.bus && lia_bus_refused(feed->roster.bus, peer);
}

lia_err lia_feed_bus(const lia_feed *feed, lia_why *why)
{
    if (!feed->roster.why.text[0]) return LIA_OK;
    if (why) *why = feed->roster.why;
    return LIA_EIO;
}

bool lia_feed_is_joining(const lia_feed *feed, bool *met)
{
    *met = feed->joining.met;
    return feed->joining.joining;
}

bool lia_feed_has_heard(const lia_feed *feed)
{
    return feed->rollback.heard;
}

size_t lia_feed_lanes(const lia_feed *feed, lia_sync_lane_status *out, size_t max)
{
    return lia_sync_lanes(feed->sync, out, max);
}

void lia_feed_inspection(const lia_feed *feed, lia_sync_inspection *out)
{
    lia_sync_get_inspection(feed->sync, out);
}

size_t lia_feed_holdings(const lia_feed *feed, lia_origin origin, lia_sync_holding *out, size_t max)
{
    return lia_sync_holdings(feed->sync, origin, out, max);
}

size_t lia_feed_peers(const lia_feed *feed, lia_sync_peer_status *out, size_t max)
{
    return lia_sync_peers(feed->sync, out, max);
}
