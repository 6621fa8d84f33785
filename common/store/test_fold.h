/* SPDX-License-Identifier: Apache-2.0 */
/* test_fold - a small department for crash tests: events of one lane, and a fold of them into
 * views that is wrong as soon as one event is missed, repeated or taken out of order. */
#ifndef LIA_STORE_TEST_FOLD_H
#define LIA_STORE_TEST_FOLD_H

#include <stdio.h>
#include <stdlib.h>

#include "common/store/log.h"
#include "common/store/views.h"
#include "tests/support/test.h"

enum { FOLD_ROWS = 200, FOLD_BLOCK_MAX = 40 };

static const lia_origin fold_origin = {7, 0x1234567890abcdef};

/* ---- events --------------------------------------------------------------------------------- */

static inline lia_span fold_event(uint64_t n, uint8_t bytes[512])
{
    size_t size = 8 + n * 37 % 400;
    memset(bytes, (int)(n & 0xff), size);
    lia_put_u64(bytes, n);
    return lia_span_make(bytes, size);
}

static inline lia_hash fold_hash(uint64_t n)
{
    lia_hash hash = {{0}};
    lia_put_u64(hash.bytes, n);
    return hash;
}

/* Appends events `first` .. first + count - 1 as one block and commits it. */
static inline lia_err fold_append(lia_log *log, uint64_t first, uint32_t count, lia_why *why)
{
    uint8_t bytes[FOLD_BLOCK_MAX][512];
    lia_span events[FOLD_BLOCK_MAX];
    for (uint32_t i = 0; i < count; i++) events[i] = fold_event(first + i, bytes[i]);
    lia_block block = {.first = first,
                       .count = count,
                       .before = fold_hash(first - 1),
                       .hash = fold_hash(first + count - 1)};
    lia_err err = lia_log_begin(log, why);
    if (err) return err;
    err = lia_log_lane(log, fold_origin, &block.lane);
    if (!err) err = lia_log_append(log, &block, events);
    if (!err) err = lia_log_set_reactor(log, "fold", first);
    lia_err end = lia_log_commit(log, why);
    return end ? end : err;
}

/* NULL when the log is events 1 .. n, else what is wrong. */
static inline const char *fold_look_at_log(lia_log *log, uint64_t *n)
{
    lia_log_reader *reader;
    if (lia_log_reader_open(&reader, log)) return "the reader does not open";
    *n = lia_log_next(reader) - 1;
    const char *wrong = NULL;
    for (uint64_t i = 1; i <= *n; i++) {
        uint8_t bytes[512];
        lia_span event;
        if (lia_log_event(reader, i, &event))
            wrong = "an event is missing";
        else if (!lia_span_equal(event, fold_event(i, bytes)))
            wrong = "an event is not as written";
    }
    lia_lane_info info;
    lia_hash want = fold_hash(*n);
    if (*n && (lia_log_lane_info(reader, 1, &info) || info.head != *n ||
               !lia_hash_equal(&info.hash, &want)))
        wrong = "the lane's head does not fit";
    lia_log_reader_close(reader);
    return wrong;
}

/* ---- fold ----------------------------------------------------------------------------------- */

typedef struct fold_rows {
    uint64_t sums[FOLD_ROWS]; /* 0: no row */
} fold_rows;

static inline unsigned fold_row_of(uint64_t n)
{
    return (unsigned)(n * 2654435761u % FOLD_ROWS);
}
static inline unsigned fold_victim_of(uint64_t n)
{
    return fold_row_of(n / 3);
}

static inline void fold_model(fold_rows *rows, uint64_t n)
{
    uint64_t *sum = &rows->sums[fold_row_of(n)];
    *sum = *sum * 31 + n; /* order matters */
    if (n % 11 == 0) rows->sums[fold_victim_of(n)] = 0;
}

static inline lia_span fold_key(unsigned row, uint8_t key[4])
{
    memcpy(key, "rw", 2);
    lia_put_u16(key + 2, (uint16_t)row);
    return lia_span_make(key, 4);
}

static inline lia_span fold_value(uint64_t sum, uint8_t bytes[9000])
{
    size_t size = sum % 17 == 0 ? 8 + sum % 8900 : 8 + sum % 300; /* overflow pages too */
    memset(bytes, (int)(sum & 0xff), size);
    lia_put_u64(bytes, sum);
    return lia_span_make(bytes, size);
}

static inline lia_err fold_apply(lia_views *views, uint64_t n)
{
    uint8_t key[4], bytes[9000];
    lia_span value, row = fold_key(fold_row_of(n), key);
    lia_err err = lia_views_get(views, row, &value);
    if (err && err != LIA_EABSENT) return err;
    uint64_t sum = err ? 0 : lia_get_u64(value.data);
    err = lia_views_put(views, row, fold_value(sum * 31 + n, bytes));
    if (!err && n % 11 == 0) err = lia_views_del(views, fold_key(fold_victim_of(n), key));
    return err;
}

/* NULL when the views are the fold of events 1 .. n, else what is wrong. */
static inline const char *fold_look_at_views(lia_views *views, uint64_t n)
{
    fold_rows rows = {{0}};
    for (uint64_t i = 1; i <= n; i++) fold_model(&rows, i);
    unsigned want = 0, got = 0;
    const char *wrong = NULL;
    for (unsigned row = 0; row < FOLD_ROWS; row++) {
        uint8_t key[4], bytes[9000];
        lia_span value;
        want += rows.sums[row] != 0;
        lia_err err = lia_views_get(views, fold_key(row, key), &value);
        if ((err == LIA_OK) != (rows.sums[row] != 0))
            wrong = "a row is missing or too many";
        else if (!err && !lia_span_equal(value, fold_value(rows.sums[row], bytes)))
            wrong = "a row is not the fold";
    }
    lia_scan *scan;
    lia_span key, value;
    if (lia_views_scan(views, LIA_SPAN("rw"), &scan)) return "the scan does not open";
    while (lia_scan_next(scan, &key, &value)) got++;
    lia_scan_close(scan);
    return got != want ? "the scan has other rows" : wrong;
}

/* ---- a node --------------------------------------------------------------------------------- */

typedef struct fold_node {
    lia_log *log;
    lia_views *views;
    uint64_t held;   /* events in the log */
    uint64_t folded; /* events in the views on disk when opened */
} fold_node;

static inline lia_err fold_open_log(lia_log **out, const char *dir, lia_why *why)
{
    char path[700];
    snprintf(path, sizeof path, "%s/log", dir);
    return lia_log_open(out, path, (size_t)32 << 20, why);
}

static inline lia_err fold_open_views(lia_views **out, const char *dir, uint64_t *cursor,
                                      lia_why *why)
{
    char path[700];
    snprintf(path, sizeof path, "%s/views", dir);
    static const lia_views_options options = {
        .map_bytes = (size_t)32 << 20, .table_bytes = 96 << 10, .version = 1};
    return lia_views_open(out, path, &options, cursor, why);
}

static inline void fold_close(fold_node *node, bool crash)
{
    if (crash)
        lia_views_drop(node->views);
    else
        lia_views_close(node->views);
    lia_log_close(node->log);
    *node = (fold_node){0};
}

static inline lia_err fold_open(fold_node *node, const char *dir, lia_why *why)
{
    *node = (fold_node){0};
    lia_err err = fold_open_log(&node->log, dir, why);
    if (!err) err = fold_open_views(&node->views, dir, &node->folded, why);
    lia_log_reader *reader;
    if (!err) err = lia_log_reader_open(&reader, node->log);
    if (!err) {
        node->held = lia_log_next(reader) - 1;
        lia_log_reader_close(reader);
    }
    if (err) fold_close(node, true);
    return err;
}

/* Folds what the views lack, as a node does after a crash. */
static inline lia_err fold_catch_up(fold_node *node, lia_why *why)
{
    lia_err err = LIA_OK;
    for (uint64_t n = node->folded + 1; !err && n <= node->held; n++)
        err = fold_apply(node->views, n);
    return err ? err : lia_views_publish(node->views, node->held, why);
}

/* One turn: a block into the log, then into the views. `*acked` says how far the log came. */
static inline lia_err fold_turn(fold_node *node, uint32_t count, uint64_t *acked, lia_why *why)
{
    lia_err err = fold_append(node->log, node->held + 1, count, why);
    if (err) return err;
    *acked = node->held + count;
    for (uint64_t n = node->held + 1; !err && n <= *acked; n++) err = fold_apply(node->views, n);
    node->held = *acked;
    return err ? err : lia_views_publish(node->views, node->held, why);
}

/* Opens what a crash left and checks all promises: events up to `acked` are there and at most
 * `most`, the views are the fold up to their cursor, which is at least `flushed`, and the node
 * goes on working. */
static inline void fold_check(const char *dir, uint64_t acked, uint64_t most, uint64_t flushed)
{
    fold_node node;
    lia_why why = {0};
    lia_err err = fold_open(&node, dir, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    uint64_t held = 0;
    const char *wrong = fold_look_at_log(node.log, &held);
    if (!wrong && held < acked) wrong = "an acknowledged event is lost";
    if (!wrong && held > most) wrong = "there are events that nobody wrote";
    if (!wrong && node.folded > held) wrong = "the views are ahead of the log";
    if (!wrong && node.folded < flushed) wrong = "views that were flushed are lost";
    if (!wrong) wrong = fold_look_at_views(node.views, node.folded);
    if (wrong)
        print_error("%s (held %zu, acked %zu, folded %zu, flushed %zu)\n", wrong, (size_t)held,
                    (size_t)acked, (size_t)node.folded, (size_t)flushed);
    CHECK(!wrong);
    CHECK_OK(fold_catch_up(&node, &why));
    CHECK_OK(fold_turn(&node, 3, &acked, &why));
    CHECK(!fold_look_at_views(node.views, node.held));
    fold_close(&node, false);
}

#endif
