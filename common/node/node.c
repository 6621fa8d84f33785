/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "common/base/log.h"
#include "common/node/batch.h"
#include "common/node/feed.h"
#include "common/node/joining.h"
#include "common/node/place.h"
#include "common/node/rollback.h"
#include "common/node/state.h"
#include "common/store/log_retain.h"

/* Less than this below a store's limit, and the limit is what is full. */
#define SPARE_BYTES ((size_t)16 << 20)

struct lia_node_watch {
    void (*committed)(void *, uint64_t);
    void *context;
    struct lia_node_watch *next;
};

struct lia_node {
    lia_node_options options;
    lia_membership membership;
    const lia_member *member;
    lia_origin self;
    lia_place place;
    bool has_signer;    /* the log says with which key its lane is signed */
    lia_features features; /* on when it was opened */
    bool joining;       /* it was made empty, and the others were not all heard since */
    bool has_past;      /* the store is not new: others may know more of its lane than this disk */
    char log_path[1200], erasures_path[1100], fold_path[1200];
    lia_log *log;
    lia_views *views;
    lia_writer *writer;
    lia_feed *feed;
    lia_log_reader *reader; /* of the loop thread; rests between reads */
    const lia_catalog *catalog; /* the loop thread's; held */
    size_t reading;         /* reads under way */
    uv_async_t woken;
    bool woken_open;
    lia_node_watch *watches;
    lia_outbox *outbox;
    void (*closed)(void *);
    void *closed_context;
};

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

static void wake(void *context)
{
    uv_async_send(&((lia_node *)context)->woken);
}

static void take_catalog(lia_node *node)
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

static void on_woken(uv_async_t *async)
{
    lia_node *node = async->data;
    lia_outbox *outbox = node->outbox;
    take_catalog(node);
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

/* ---- being copied ----------------------------------------------------------------------------- */

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

/* ---- who belongs to the cluster --------------------------------------------------------------- */

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

/* ---- opening -------------------------------------------------------------------------------- */

static lia_err read_identity(lia_node *node, lia_why *why)
{
    const char *name = node->options.name ? node->options.name : node->options.service->name;
    lia_err err = lia_membership_open(&node->membership, node->options.dir, name, why);
    if (err) return err;
    node->member = &node->membership.self;
    if (node->member->department != node->options.service->department)
        return lia_why_set(why, LIA_EINVAL, "member '%s' belongs to %s, this program is %s", name,
                           lia_department_name((lia_department)node->member->department),
                           node->options.service->name);
    return LIA_OK;
}

static lia_err read_past(lia_node *node, lia_log_reader *reader)
{
    lia_span value;
    lia_err err = lia_place_read(&node->place, reader, node->log_path);
    if (!err) err = lia_joining_read(reader, &node->joining);
    if (!err) err = lia_log_meta(reader, "incarnation", &value);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (value.size == 8) node->self.incarnation = lia_get_u64(value.data);
    node->has_past = true;
    const lia_verify_key *own = &node->membership.keys.verify;
    node->has_signer = lia_log_meta(reader, "signer", &value) == LIA_OK;
    if (node->has_signer && !lia_span_equal(value, LIA_SPAN_OF(*own)))
        node->self.incarnation = 0; /* the lane ends with the key */
    return LIA_OK;
}

static lia_err write_incarnation(lia_node *node)
{
    uint8_t fresh[8];
    do lia_random(fresh, sizeof fresh);
    while (lia_get_u64(fresh) == 0);
    node->self.incarnation = lia_get_u64(fresh);
    return lia_log_set_meta(node->log, "incarnation", LIA_SPAN_OF(fresh));
}

/* The incarnation is part of the log: a new log is a new one. */
static lia_err load_past(lia_node *node, lia_why *why)
{
    lia_log_reader *reader;
    lia_err err = lia_log_reader_open(&reader, node->log);
    if (!err) {
        lia_err fits = lia_features_load(&node->features, reader, why);
        err = fits ? LIA_OK : read_past(node, reader);
        lia_log_reader_close(reader);
        if (fits) return fits;
    }
    if (err) return lia_why_set(why, err, "the log cannot be read");
    if (node->place.known && !node->place.closed) LIA_LOG(INFO, "node.was_not_closed");
    if (node->place.restored) LIA_LOG(WARN, "node.store_was_put_back_or_moved");
    err = lia_log_begin(node->log, why);
    if (err) return err;
    bool is_first = !node->self.incarnation;
    if (is_first) err = write_incarnation(node);
    if (!err && !node->has_past && node->membership.list->count > 1) {
        node->joining = true;
        err = lia_joining_begin(node->log);
    }
    if (!err && (is_first || !node->has_signer))
        err = lia_log_set_meta(node->log, "signer", LIA_SPAN_OF(node->membership.keys.verify));
    if (!err) err = lia_place_set(node->log, node->log_path, false);
    if (!err && node->place.restored) err = lia_place_doubt(node->log, true);
    if (!err) return lia_log_commit(node->log, why);
    lia_log_abort(node->log);
    return lia_why_set(why, err, "the log cannot be written: %s",
                       err == LIA_EFULL ? LIA_FULL_TEXT : lia_err_text(err));
}

/* The next start finds a store that was closed here in order. */
static void mark_closed(lia_node *node)
{
    lia_err err = lia_log_begin(node->log, NULL);
    if (err) return;
    err = lia_place_set(node->log, node->log_path, true);
    if (err)
        lia_log_abort(node->log);
    else
        err = lia_log_commit(node->log, NULL);
    if (err) LIA_LOG(WARN, "node.not_marked_closed", LIA_ERR(err));
}

static lia_err open_stores(lia_node *node, uint64_t *cursor, lia_why *why)
{
    char dir[1024], path[1100];
    snprintf(dir, sizeof dir, "%s/%s", node->options.dir, node->member->name);
    if (mkdir(dir, 0700) && errno != EEXIST)
        return lia_why_set(why, LIA_EIO, "the folder %s cannot be made: %s", dir, strerror(errno));
    snprintf(node->erasures_path, sizeof node->erasures_path, "%s/erasures", dir);
    snprintf(path, sizeof path, "%s/log", dir);
    snprintf(node->log_path, sizeof node->log_path, "%s/log.mdb", path);
    lia_err err = lia_log_open(&node->log, path, node->options.map_bytes, why);
    if (!err) err = load_past(node, why);
    if (err) return err;
    snprintf(node->fold_path, sizeof node->fold_path, "%s/fold", dir);
    snprintf(path, sizeof path, "%s/views", dir);
    const lia_service *services[LIA_SERVICES_MAX];
    lia_services_list(node->options.shared, node->options.service, services);
    uint32_t folds = 0;
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++)
        if (services[s]) folds = folds * 5 + services[s]->fold_version;
    folds &= 0xffff;
    lia_views_options options = {.map_bytes = node->options.map_bytes,
                                 .table_bytes = node->options.table_bytes,
                                 .version = (uint32_t)LIA_VIEWS_VERSION << 16 | folds};
    if (node->options.rebuild) { /* opened as another version they come back empty */
        lia_views_options old = options;
        old.version = ~options.version;
        err = lia_views_open(&node->views, path, &old, cursor, why);
        lia_views_close(node->views);
        node->views = NULL;
        if (err) return err;
    }
    return lia_views_open(&node->views, path, &options, cursor, why);
}

/* Long enough for a restart. */
#define TAKE_OVER_MS (30 * LIA_SECOND_MS)

static lia_err start(lia_node *node, uint64_t cursor, lia_why *why)
{
    bool offline = node->options.offline;
    bool asks = !offline && node->has_past && node->membership.list->count > 1;
    lia_writer_options writer = {
        .log = node->log,
        .views = node->views,
        .service = node->options.service,
        .shared = node->options.shared,
        .cluster = node->membership.list->cluster,
        .self = node->self,
        .name = node->member->name,
        .sign = &node->membership.keys.sign,
        .members = &node->membership.list,
        .jobs_max = node->options.jobs_max,
        .sends_mail = node->options.sends_mail,
        .features = node->features.on,
        .take_over_ms = node->options.take_over_ms ? node->options.take_over_ms : TAKE_OVER_MS,
        .group_events_max = node->options.group_events_max,
        .table_bytes = node->options.table_bytes,
        .check_ms = node->options.check_ms,
        .log_keep_ms = offline ? 0 : node->options.log_keep_ms,
        .fold_dir = node->fold_path,
        .cursor = cursor,
        .copies = node->options.copies,
        .erasures_path = node->erasures_path,
        .held = asks ? LIA_ROLLBACK_ASKING_TEXT : NULL,
        .wake = offline ? NULL : wake,
        .context = node,
    };
    node->outbox = calloc(1, sizeof *node->outbox);
    if (!node->outbox) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_writer_open(&node->writer, &writer, why);
    if (!err) err = lia_log_reader_open(&node->reader, node->log);
    if (!err) take_catalog(node);
    if (err || offline) return err;
    lia_log_rest(node->reader);

    uv_async_init(node->options.loop, &node->woken, on_woken);
    node->woken.data = node;
    node->woken_open = true;
    lia_feed_options feed = {.loop = node->options.loop,
                             .membership = &node->membership,
                             .listen = node->options.listen,
                             .wall_offset_ms = node->options.wall_offset_ms,
                             .self = node->self,
                             .log = node->log,
                             .writer = node->writer,
                             .inspect_ms = node->options.check_ms,
                             .agree_ms = node->options.agree_ms ? node->options.agree_ms
                                                                : node->options.check_ms / 3,
                             .retires = node->options.log_keep_ms > 0,
                             .features_on = node->features.on,
                             .asks = asks,
                             .joining = node->joining,
                             .restored = node->place.restored};
    err = lia_feed_open(&node->feed, &feed, why);
    return err ? err : lia_writer_start(node->writer, why);
}

static void free_node(lia_node *node)
{
    if (lia_catalog_now() == node->catalog) lia_catalog_use(NULL);
    lia_catalog_release(node->catalog);
    lia_log_reader_close(node->reader);
    bool failed = node->writer && lia_writer_failed(node->writer);
    bool is_whole = node->writer && !failed;
    lia_writer_close(node->writer);
    if (failed)
        lia_views_drop(node->views); /* what was not committed must not reach the disk */
    else
        lia_views_close(node->views);
    if (is_whole) mark_closed(node);
    lia_log_close(node->log);
    while (node->watches) lia_node_unwatch(node, node->watches);
    lia_membership_fini(&node->membership);
    free(node->outbox);
    free(node);
}

static void drop_async(uv_handle_t *handle)
{
    free_node(handle->data);
}

static void drop_after_feed(void *context)
{
    lia_node *node = context;
    uv_close((uv_handle_t *)&node->woken, drop_async);
}

/* Takes down what a failed open has built. */
static void drop(lia_node *node)
{
    if (node->feed)
        lia_feed_close(node->feed, drop_after_feed, node);
    else if (node->woken_open)
        uv_close((uv_handle_t *)&node->woken, drop_async);
    else
        free_node(node);
}

lia_err lia_node_open(lia_node **out, const lia_node_options *options, lia_why *why)
{
    *out = NULL;
    if (why) why->text[0] = 0;
    lia_node *node = calloc(1, sizeof *node);
    if (!node) return lia_why_set(why, LIA_EFULL, "no memory");
    node->options = *options;
    uint64_t cursor = 0;
    lia_err err = lia_crypto_init();
    if (!err) err = read_identity(node, why);
    if (!err) {
        node->self.node = node->member->number;
        err = open_stores(node, &cursor, why);
    }
    if (!err) err = start(node, cursor, why);
    if (err) {
        drop(node);
        if (why && !why->text[0])
            lia_why_set(why, err, "the node cannot be started: %s", lia_err_text(err));
        return err;
    }
    *out = node;
    return LIA_OK;
}

/* ---- closing -------------------------------------------------------------------------------- */

static void all_closed(uv_handle_t *handle)
{
    lia_node *node = handle->data;
    void (*closed)(void *) = node->closed;
    void *context = node->closed_context;
    free_node(node);
    if (closed) closed(context);
}

static void feed_closed(void *context)
{
    lia_node *node = context;
    node->feed = NULL;
    uv_close((uv_handle_t *)&node->woken, all_closed);
}

void lia_node_close(lia_node *node, void (*closed)(void *), void *context)
{
    node->closed = closed;
    node->closed_context = context;
    if (node->options.offline) {
        free_node(node);
        if (closed) closed(context);
        return;
    }
    lia_writer_stop(node->writer);
    on_woken(&node->woken); /* answers of the last batch */
    lia_feed_close(node->feed, feed_closed, node);
}
