/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere while a store is opened, written, read, written out and closed: an error
 * with a sentence, nothing acknowledged lost, and the next opening is whole. (What LMDB allocates
 * itself is not in it: the linker sees only the project's own calls.) */
#include <stdio.h>

#include "common/store/test_fold.h"
#include "tests/support/failing.h"

typedef struct outcome {
    uint64_t acked, flushed;
    lia_why why;
} outcome;

static lia_err read_rows(lia_views *views)
{
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_views_scan(views, LIA_SPAN("rw"), &scan);
    if (err) return err;
    while (lia_scan_next(scan, &key, &value)) CHECK(key.size == 4 && value.size >= 8);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err read_log(const fold_node *node)
{
    lia_log_reader *reader;
    lia_span event;
    lia_err err = lia_log_reader_open(&reader, node->log);
    if (err) return err;
    for (uint64_t n = 1; !err && n <= node->held; n++) err = lia_log_event(reader, n, &event);
    lia_log_reader_close(reader);
    return err;
}

static lia_err work(const char *dir, outcome *out)
{
    fold_node node;
    lia_err err = fold_open(&node, dir, &out->why);
    if (err) return err;
    for (int turn = 0; turn < 6 && !err; turn++) {
        err = fold_turn(&node, 17, &out->acked, &out->why);
        if (!err) err = read_rows(node.views);
        if (!err) err = read_log(&node);
        if (!err && turn % 2) err = lia_views_flush(node.views, &out->why);
        if (!err && turn % 2) out->flushed = out->acked;
    }
    fold_close(&node, err != LIA_OK);
    return err;
}

TEST(memory_that_ends_anywhere_loses_nothing_that_was_acknowledged)
{
    const char *base = lia_test_dir();
    size_t failed = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n++) {
        char dir[600];
        outcome out = {0};
        snprintf(dir, sizeof dir, "%s/%llu", base, (unsigned long long)n);
        lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA, n);
        lia_err err = work(dir, &out);
        fired = lia_failing_disarm();
        CHECK(fired || err == LIA_OK);
        failed += err != LIA_OK;
        fold_check(dir, out.acked, 6 * 17, out.flushed);
    }
    CHECK(failed > 8);
}
