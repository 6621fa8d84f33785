/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/statvfs.h>

#include "common/node/batch.h"
#include "common/node/node_inner.h"
#include "common/store/log_retain.h"

/* Less than this below a store's limit, and the limit is what is full. */
#define SPARE_BYTES ((size_t)16 << 20)

const lia_service *lia_node_service(const lia_node *node)
{
    return node->options.service;
}
const lia_member *lia_node_member(const lia_node *node)
{
    return node->member;
}
const lia_members *lia_node_members(const lia_node *node)
{
    return __atomic_load_n(&node->membership.list, __ATOMIC_ACQUIRE);
}
lia_origin lia_node_origin(const lia_node *node)
{
    return node->self;
}

/* ---- after a commit ------------------------------------------------------------------------- */

void lia_node_wake(void *context)
{
    uv_async_send(&((lia_node *)context)->woken);
}

void lia_node_take_catalog(lia_node *node)
{
    const lia_catalog *former = node->catalog;
    node->catalog = lia_writer_catalog(node->writer);
    lia_catalog_use(node->catalog);
    lia_catalog_release(former);
}

const lia_catalog *lia_node_catalog(const lia_node *node)
{
    return node->catalog;
}

void lia_node_woken(uv_async_t *async)
{
    lia_node *node = async->data;
    lia_outbox *outbox = node->outbox;
    lia_node_take_catalog(node);
    lia_writer_collect(node->writer, outbox);
    node->self = outbox->self;
    uint64_t visible = lia_writer_visible(node->writer);
    lia_command *done = outbox->done;
    if (node->feed) lia_feed_committed(node->feed, outbox, visible);
    while (done) {
        lia_command *next = done->next;
        done->done(done, done->context);
        done = next;
    }
    for (lia_node_watch *w = node->watches, *next; w; w = next) {
        next = w->next;
        w->committed(w->context, visible);
    }
}

lia_node_watch *lia_node_watch_commits(lia_node *node, void (*committed)(void *, uint64_t),
                                       void *context)
{
    lia_node_watch *watch = malloc(sizeof *watch);
    if (!watch) return NULL;
    *watch = (lia_node_watch){committed, context, node->watches};
    node->watches = watch;
    return watch;
}

void lia_node_unwatch(lia_node *node, lia_node_watch *watch)
{
    for (lia_node_watch **at = &node->watches; *at; at = &(*at)->next)
        if (*at == watch) {
            *at = watch->next;
            free(watch);
            return;
        }
}

/* ---- commands ------------------------------------------------------------------------------- */

lia_err lia_node_submit_all(lia_node *node, lia_command *first, size_t count)
{
    for (lia_command *c = first; c; c = c->next) {
        c->err = LIA_OK;
        c->refusal = LIA_ALLOWED;
        c->why.text[0] = 0;
        c->record = LIA_ID_NONE;
        c->position = c->last = (lia_position){0};
        c->repeated = false;
        c->number = lia_command_kind(c);
        if (lia_trace_is_none(&c->trace)) c->trace = lia_trace_current();
    }
    return lia_writer_submit(node->writer, first, count);
}

lia_err lia_node_submit(lia_node *node, lia_command *command)
{
    command->next = NULL;
    return lia_node_submit_all(node, command, 1);
}

const lia_command_row *lia_node_command_at(const lia_node *node, size_t index)
{
    return lia_services_command_at(node->options.shared, node->options.service, index);
}

const lia_command_row *lia_node_command(const lia_node *node, uint16_t kind, lia_span verb,
                                        bool bare)
{
    const lia_command_row *row;
    for (size_t i = 0; (row = lia_node_command_at(node, i)); i++)
        if (row->kind == kind && row->bare == bare && lia_span_is(verb, row->verb)) return row;
    return NULL;
}

/* ---- replication level ----------------------------------------------------------------------- */

size_t lia_node_holders(const lia_node *node, lia_position position)
{
    return node->feed ? lia_feed_holders(node->feed, position) : 0;
}

void lia_node_hold(lia_node *node, lia_hold *hold)
{
    hold->next = NULL;
    if (node->feed) {
        lia_feed_hold(node->feed, hold);
        return;
    }
    hold->holders = 0;
    hold->done(hold, hold->context);
}

void lia_node_release(lia_node *node)
{
    if (node->feed) lia_feed_release(node->feed);
}

/* ---- being copied -----------------------------------------------------------------------------
 */

const char *lia_node_dir(const lia_node *node)
{
    return node->options.dir;
}

const lia_sign_key *lia_node_signer(const lia_node *node)
{
    return &node->membership.keys.sign;
}

void lia_node_spare(lia_node *node, int64_t ms)
{
    if (node->feed) lia_feed_spare(node->feed, ms);
}

/* ---- who belongs to the cluster ---------------------------------------------------------------
 */

lia_span lia_node_signed_members(const lia_node *node)
{
    return lia_span_make(node->membership.bytes, node->membership.size);
}

lia_err lia_node_offer_members(lia_node *node, lia_span list, lia_why *why)
{
    return node->feed ? lia_feed_offer(node->feed, list, why) : LIA_ECLOSED;
}

lia_err lia_node_drain(lia_node *node, lia_span list, lia_why *why)
{
    return node->feed ? lia_feed_drain(node->feed, list, why) : LIA_ECLOSED;
}

uint64_t lia_node_list_epoch(const lia_node *node)
{
    return node->feed ? lia_feed_epoch(node->feed) : node->membership.list->epoch;
}

void lia_node_set_readers(lia_node *node, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count)
{
    if (node->feed) lia_feed_set_readers(node->feed, keys, count);
}

bool lia_node_refused(const lia_node *node, uint16_t peer)
{
    return node->feed && lia_feed_refused(node->feed, peer);
}

lia_err lia_node_bus(const lia_node *node, lia_why *why)
{
    return node->feed ? lia_feed_bus(node->feed, why) : LIA_OK;
}

void lia_node_listen(lia_node *node, lia_heard_fn *heard, void *context)
{
    if (node->feed) lia_feed_listen(node->feed, heard, context);
}

void lia_node_say(lia_node *node, lia_span word)
{
    if (node->feed) lia_feed_say(node->feed, word);
}

/* ---- reading -------------------------------------------------------------------------------- */

lia_err lia_node_read(lia_node *node, lia_rows *out)
{
    *out = (lia_rows){.log = node->reader, .catalog = node->catalog};
    lia_catalog_use(node->catalog); /* a process may have several nodes on one loop */
    lia_err err = lia_snapshot_open(&out->snapshot, node->views);
    if (err) return err;
    /* An inner read must not pull the pages from under an outer one; what the log had then is
     * enough for it, as nothing commits into a snapshot. */
    if (node->reading == 0 || lia_snapshot_cursor(out->snapshot) >= lia_log_next(node->reader))
        err = lia_log_refresh(node->reader);
    if (err)
        lia_snapshot_close(out->snapshot);
    else
        node->reading++;
    return err;
}

/* A reader that stands still would keep the log's old pages from being used again. */
void lia_node_read_end(lia_node *node, lia_rows *rows)
{
    lia_snapshot_close(rows->snapshot);
    rows->snapshot = NULL;
    if (--node->reading == 0) lia_log_rest(node->reader);
}

lia_err lia_node_scan(lia_node *node, lia_rows *out)
{
    *out = (lia_rows){0};
    lia_err err = lia_snapshot_open(&out->snapshot, node->views);
    if (err) return err;
    err = lia_log_reader_open(&out->log, node->log);
    if (err)
        lia_snapshot_close(out->snapshot);
    else
        out->catalog = lia_writer_catalog(node->writer);
    return err;
}

void lia_node_scan_end(lia_rows *rows)
{
    lia_snapshot_close(rows->snapshot);
    lia_log_reader_close(rows->log);
    lia_catalog_release(rows->catalog);
    *rows = (lia_rows){0};
}

uint64_t lia_node_visible(const lia_node *node)
{
    return lia_writer_visible(node->writer);
}

/* ---- status --------------------------------------------------------------------------------- */

static int64_t earliest_job_late_ms(lia_node *node)
{
    lia_time due;
    lia_span key, payload;
    if (lia_log_next_job(node->reader, &due, &key, &payload)) return 0;
    int64_t late_ms = lia_time_now().ms - due.ms;
    return late_ms > 0 ? late_ms : 0;
}

void lia_node_get_stats(lia_node *node, lia_node_stats *out)
{
    lia_writer_get_stats(node->writer, out);
    bool awake = node->reading || lia_log_refresh(node->reader) == LIA_OK;
    lia_log_size(node->reader, &out->log_used, &out->log_cap);
    out->jobs_waiting = lia_log_jobs(node->reader);
    if (awake) out->jobs_late_ms = earliest_job_late_ms(node);
    if (awake && !node->reading) lia_log_rest(node->reader);
    lia_views_get_stats(node->views, &out->views);
}

void lia_node_get_room(const lia_node *node, uint64_t *free_bytes, uint64_t *all_bytes)
{
    struct statvfs seen;
    bool known = statvfs(node->options.dir, &seen) == 0;
    *free_bytes = known ? (uint64_t)seen.f_bavail * seen.f_frsize : 0;
    *all_bytes = known ? (uint64_t)seen.f_blocks * seen.f_frsize : 0;
}

bool lia_node_erasing(lia_node *node, lia_id customer, lia_erasing *out)
{
    return lia_writer_erasing(node->writer, customer, out);
}

void lia_node_get_retention(lia_node *node, lia_retention *out)
{
    lia_writer_retired(node->writer, out);
}

bool lia_node_import(lia_node *node, lia_sync_import_status *out)
{
    *out = (lia_sync_import_status){0};
    return node->feed && lia_feed_import(node->feed, out);
}

uint64_t lia_node_first(lia_node *node, lia_origin origin)
{
    uint64_t first = 1;
    lia_hash before;
    if (!node->reading && lia_log_refresh(node->reader)) return 0;
    lia_lane lane = lia_log_find_lane(node->reader, origin);
    if (lane && lia_log_first(node->reader, lane, &first, &before)) first = 0;
    if (!node->reading) lia_log_rest(node->reader);
    return first;
}

/* A store that refuses to be read says 0 of 0. */
static bool has_room(size_t used, size_t cap)
{
    return !cap || used + SPARE_BYTES <= cap;
}

bool lia_node_is_full(lia_node *node)
{
    lia_node_stats stats;
    if (!lia_writer_is_full(node->writer)) return false;
    lia_node_get_stats(node, &stats);
    return has_room(stats.log_used, stats.log_cap) &&
           has_room(stats.views.disk_used, stats.views.disk_cap);
}

lia_err lia_node_health(lia_node *node, lia_why *why)
{
    return lia_writer_health(node->writer, why);
}

void lia_node_get_features(lia_node *node, lia_features *out)
{
    *out = node->features;
    out->on |= lia_writer_features(node->writer);
}

bool lia_node_joining(const lia_node *node, bool *met)
{
    *met = false;
    return node->feed && lia_feed_is_joining(node->feed, met);
}

lia_err lia_node_readable(const lia_node *node, lia_why *why)
{
    if (!node->feed || lia_feed_has_heard(node->feed)) return LIA_OK;
    return lia_why_set(why, LIA_EBUSY,
                       "this node has just started and asks the others whom they have erased; try "
                       "again in a moment");
}

size_t lia_node_lanes(lia_node *node, lia_sync_lane_status *out, size_t max)
{
    return node->feed ? lia_feed_lanes(node->feed, out, max) : 0;
}

void lia_node_get_inspection(lia_node *node, lia_sync_inspection *out)
{
    *out = (lia_sync_inspection){0};
    if (node->feed) lia_feed_inspection(node->feed, out);
}

size_t lia_node_peers(lia_node *node, lia_sync_peer_status *out, size_t max)
{
    return node->feed ? lia_feed_peers(node->feed, out, max) : 0;
}

size_t lia_node_holdings(lia_node *node, lia_origin origin, lia_sync_holding *out, size_t max)
{
    return node->feed ? lia_feed_holdings(node->feed, origin, out, max) : 0;
}

lia_err lia_node_digests(lia_node *node, lia_digests *out, lia_lane_info *lanes, size_t max,
                         size_t *count)
{
    lia_writer_digests(node->writer, out, lanes, max, count);
    return LIA_OK;
}
