/* SPDX-License-Identifier: Apache-2.0 */
/* A node is opened from the disk upward: who it is, what it wrote, its stores, its writer, and what
 * it shares with others; and closed the other way round. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/log.h"
#include "common/node/batch.h"
#include "common/node/joining.h"
#include "common/node/node_inner.h"
#include "common/node/rollback.h"
#include "common/node/state.h"

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

/* `asks`: the others are asked what they know of its lane before it writes. */
static lia_err open_writer(lia_node *node, uint64_t cursor, bool asks, lia_why *why)
{
    bool offline = node->options.offline;
    const lia_writer_options writer = {
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
        .wake = offline ? NULL : lia_node_wake,
        .context = node,
    };
    node->outbox = calloc(1, sizeof *node->outbox);
    if (!node->outbox) return lia_why_set(why, LIA_EFULL, "no memory");
    return lia_writer_open(&node->writer, &writer, why);
}

static lia_err open_feed(lia_node *node, bool asks, lia_why *why)
{
    const lia_feed_options feed = {.loop = node->options.loop,
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
    return lia_feed_open(&node->feed, &feed, why);
}

static lia_err start(lia_node *node, uint64_t cursor, lia_why *why)
{
    bool offline = node->options.offline;
    bool asks = !offline && node->has_past && node->membership.list->count > 1;
    lia_err err = open_writer(node, cursor, asks, why);
    if (!err) err = lia_log_reader_open(&node->reader, node->log);
    if (!err) lia_node_take_catalog(node);
    if (err || offline) return err;
    lia_log_rest(node->reader);

    uv_async_init(node->options.loop, &node->woken, lia_node_woken);
    node->woken.data = node;
    node->woken_open = true;
    err = open_feed(node, asks, why);
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
    lia_node_woken(&node->woken); /* answers of the last batch */
    lia_feed_close(node->feed, feed_closed, node);
}
