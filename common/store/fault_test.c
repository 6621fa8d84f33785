/* SPDX-License-Identifier: Apache-2.0 */
/* The disk fails or fills, at every call: nothing acknowledged is lost, people are told why, and
 * the next opening is whole. */
#include <sys/mount.h>
#include <sys/resource.h>

#include "common/base/log.h"
#include "common/store/test_disk.h"
#include "common/store/test_fold.h"

typedef struct outcome {
    uint64_t acked, begun, flushed;
    lia_err err;
    lia_why why;
} outcome;

/* Works until something fails, at most `turns`. */
static void work(fold_node *node, int turns, outcome *out)
{
    for (int turn = 0; turn < turns && !out->err; turn++) {
        out->begun = node->held + 17;
        out->err = fold_turn(node, 17, &out->acked, &out->why);
        if (out->err || turn % 4 != 3) continue;
        out->err = lia_views_flush(node->views, &out->why);
        if (!out->err) out->flushed = out->acked;
    }
}

/* After a failure both sides keep refusing, with a reason. */
static void check_refusal(fold_node *node, const outcome *out)
{
    CHECK(out->why.text[0]);
    lia_why log_why = {0}, views_why = {0};
    lia_err log_err = lia_log_begin(node->log, &log_why);
    if (!log_err) lia_log_abort(node->log);
    lia_err views_err = lia_views_publish(node->views, node->held, &views_why);
    CHECK(log_err || views_err);
    CHECK(!log_err || log_why.text[0]);
    CHECK(!views_err || views_why.text[0]);
}

static void remember_dir(char dir[600], const char *base, uint64_t n)
{
    snprintf(dir, 600, "%s/%llu", base, (unsigned long long)n);
}

static void fail_everywhere(disk_fault fault, bool lasting)
{
    const char *base = lia_test_dir();
    bool fired = true;
    for (uint64_t n = 1; fired; n += 1 + n / 30) { /* the first ones one by one */
        char dir[600];
        remember_dir(dir, base, n);
        fold_node node;
        outcome out = {0};
        CHECK_OK(fold_open(&node, dir, NULL));
        disk_arm(fault, n, lasting);
        work(&node, 12, &out);
        fired = disk_fired();
        CHECK_EQ(out.err != LIA_OK, fired);
        if (fired) {
            CHECK(out.err == LIA_EIO || out.err == LIA_EFULL);
            if (fault == DISK_ENOSPC) CHECK_ERR(out.err, LIA_EFULL);
            check_refusal(&node, &out);
        }
        disk_arm(fault, 0, false);
        fold_close(&node, true);
        fold_check(dir, out.acked, out.begun, out.flushed);
    }
}

TEST(an_eio_at_any_call_loses_nothing_acknowledged)
{
    fail_everywhere(DISK_EIO, false);
}
TEST(a_disk_that_stays_broken_loses_nothing_acknowledged)
{
    fail_everywhere(DISK_EIO, true);
}
TEST(an_enospc_at_any_call_loses_nothing_acknowledged)
{
    fail_everywhere(DISK_ENOSPC, true);
}
TEST(a_short_write_at_any_call_loses_nothing_acknowledged)
{
    fail_everywhere(DISK_SHORT, false);
}

TEST(a_failure_while_opening_is_reported_and_leaves_no_half_file)
{
    const char *base = lia_test_dir();
    bool fired = true;
    for (uint64_t n = 1; fired; n += 1 + n / 30) { /* the first ones one by one */
        char dir[600];
        remember_dir(dir, base, n);
        fold_node node;
        lia_why why = {0};
        disk_arm(DISK_EIO, n, false);
        lia_err err = fold_open(&node, dir, &why);
        fired = disk_fired();
        disk_arm(DISK_EIO, 0, false);
        CHECK_EQ(err != LIA_OK, fired);
        if (err) {
            CHECK_ERR(err, LIA_EIO);
            CHECK(why.text[0]);
        } else {
            fold_close(&node, true);
        }
        fold_check(dir, 0, 0, 0);
    }
}

/* ---- no room --------------------------------------------------------------------------------- */

TEST(a_full_map_poisons_the_log_and_a_larger_one_cures_it)
{
    char path[600];
    const char *dir = lia_test_dir();
    snprintf(path, sizeof path, "%s/log", dir);
    lia_log *log;
    lia_why why = {0};
    CHECK_OK(lia_log_open(&log, path, 256 << 10, &why));
    uint64_t held = 0;
    lia_err err;
    while (!(err = fold_append(log, held + 1, 20, &why))) held += 20;
    CHECK_ERR(err, LIA_EFULL);
    CHECK(strstr(why.text, "largest allowed size"));
    CHECK_ERR(lia_log_begin(log, &why), LIA_EFULL);
    uint64_t seen;
    CHECK(!fold_look_at_log(log, &seen));
    CHECK_EQ(seen, held);
    lia_log_close(log);
    fold_check(dir, held, held, 0);
}

TEST(a_batch_that_overflows_the_map_may_be_aborted_and_a_smaller_one_kept)
{
    lia_log *log;
    lia_lane lane;
    lia_why why = {0};
    static uint8_t big[400 << 10];
    lia_span event = LIA_SPAN_OF(big);
    lia_block block = {.lane = 1, .first = 1, .count = 1, .hash = fold_hash(1)};
    CHECK_OK(lia_log_open(&log, lia_test_dir(), 256 << 10, &why));
    CHECK_OK(lia_log_begin(log, &why));
    CHECK_OK(lia_log_lane(log, fold_origin, &lane));
    CHECK_ERR(lia_log_append(log, &block, &event), LIA_EFULL);
    CHECK_ERR(lia_log_append(log, &block, &event), LIA_EFULL);
    CHECK_ERR(lia_log_set_meta(log, "x", LIA_SPAN("y")), LIA_EFULL);
    lia_log_abort(log);
    CHECK_OK(fold_append(log, 1, 5, &why));
    uint64_t held;
    CHECK(!fold_look_at_log(log, &held));
    CHECK_EQ(held, 5);
    lia_log_close(log);
}

TEST(a_file_size_limit_counts_as_a_full_disk)
{
    const char *dir = lia_test_dir();
    fold_node node;
    outcome out = {0};
    struct rlimit before, limit;
    CHECK_OK(fold_open(&node, dir, NULL));
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 300 << 10;
    setrlimit(RLIMIT_FSIZE, &limit);
    work(&node, 1000, &out);
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(out.err == LIA_EFULL || out.err == LIA_EIO);
    check_refusal(&node, &out);
    fold_close(&node, true);
    fold_check(dir, out.acked, out.begun, out.flushed);
}

TEST(a_full_disk_loses_nothing_and_room_cures_it)
{
    const char *dir = lia_test_dir();
    if (mount("none", dir, "tmpfs", 0, "size=1m,mode=700") != 0) {
        print_message("skipped: mounting a small disk needs root\n");
        return;
    }
    fold_node node;
    outcome out = {0};
    CHECK_OK(fold_open(&node, dir, NULL));
    work(&node, 10000, &out);
    CHECK_ERR(out.err, LIA_EFULL);
    CHECK(strstr(out.why.text, "full"));
    check_refusal(&node, &out);
    fold_close(&node, true);
    CHECK_EQ(mount("none", dir, "tmpfs", MS_REMOUNT, "size=32m,mode=700"), 0);
    fold_check(dir, out.acked, out.begun, out.flushed);
    umount(dir);
}
