/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed or the power fails while the views are rewritten: the old or the new file
 * is there, whole, and the next rewrite ends what was begun. */
#include "common/base/log.h"
#include "common/store/test_canary.h"
#include "common/store/test_fold.h"
#include "common/store/test_lives.h"

enum { VALUE_MAX = 6000 };

/* ---- crashes -------------------------------------------------------------------------------- */

/* Rows beside the fold's, which no crash test looks at. */
static lia_err set_marked(fold_node *node, bool there)
{
    uint8_t bytes[VALUE_MAX];
    canary_fill(bytes, sizeof bytes);
    lia_err err = LIA_OK;
    for (uint32_t n = 0; !err && n < 30; n++) {
        uint8_t key[6] = "zz";
        lia_put_u32(key + 2, n);
        lia_span value = lia_span_make(bytes, 100 + n * 190);
        err = there ? lia_views_put(node->views, LIA_SPAN_OF(key), value)
                    : lia_views_del(node->views, LIA_SPAN_OF(key));
    }
    return err ? err : lia_views_publish(node->views, node->held, NULL);
}

static lia_err erase(fold_node *node)
{
    lia_err err = set_marked(node, false);
    if (!err) err = lia_views_rewrite(node->views, NULL, NULL, NULL);
    return err;
}

/* Turns, and every third one puts marked rows, or deletes them and rewrites, beside a turn. */
static int work(fold_node *node, promises *p, const char *dir, int turns)
{
    for (int turn = 0; turn < turns; turn++) {
        uint64_t acked = 0;
        p->begun = node->held + 25;
        if (turn % 3 == 1 && set_marked(node, true)) return 3;
        if (turn % 3 == 2 && erase(node)) return 4;
        if (fold_turn(node, 25, &acked, NULL)) return 5;
        p->acked = acked;
        disk_ack("log", acked);
        if (turn % 3 == 1 && lia_views_flush(node->views, NULL)) return 6;
        if (turn % 3 == 2 && lia_views_rewrite_wait(node->views, NULL)) return 7;
        if (turn % 3 == 2 && canary_count(dir, CANARY)) return 8;
        if (turn % 3 == 1) p->flushed = acked;
        if (turn % 3 == 1) disk_ack("views", acked);
        if (turn % 3 == 2) disk_ack("clean", acked);
    }
    return 0;
}

static int live(const char *dir, promises *p, uint64_t n)
{
    (void)n;
    fold_node node;
    if (fold_open(&node, dir, NULL)) return 1;
    int rc = work(&node, p, dir, 9);
    fold_close(&node, false);
    return rc;
}

/* Checks the fold, and ends the erasure that was begun. */
static void end_it(const char *dir, uint64_t acked, uint64_t begun, uint64_t flushed)
{
    fold_node node;
    lia_why why = {0};
    fold_check(dir, acked, begun, flushed);
    CHECK_OK(fold_open(&node, dir, &why));
    CHECK_OK(fold_catch_up(&node, &why));
    CHECK_OK(erase(&node));
    CHECK_OK(lia_views_rewrite_wait(node.views, &why));
    CHECK_EQ(canary_count(dir, CANARY), 0);
    CHECK(!fold_look_at_views(node.views, node.held));
    fold_close(&node, false);
}

static void end_what_is_left(const char *dir, promises *p)
{
    end_it(dir, p->acked, p->begun, p->flushed);
}

static const short_life rewriting = {live, end_what_is_left, 30};

TEST(a_process_killed_at_any_write_of_a_rewrite_keeps_its_promises_and_ends_it_later)
{
    die_everywhere(&rewriting, DISK_KILL_BEFORE);
    die_everywhere(&rewriting, DISK_KILL_AFTER);
}

/* ---- power cut ------------------------------------------------------------------------------ */

static void rebuild_file(const char *dir, const char *folder, const char *name, size_t cut,
                         lia_dice *dice)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", dir, folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s/%s", dir, folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    disk_rebuild(fd, name, cut, dice);
    close(fd);
}

TEST(a_power_cut_at_any_point_of_a_rewrite_leaves_the_old_or_the_new_file_whole)
{
    const char *base = lia_test_dir(), *dir = lia_test_dir();
    lia_dice dice = {9};
    promises p = {0};
    fold_node node;
    disk_record(true);
    CHECK_OK(fold_open(&node, base, NULL));
    size_t first = disk.op_count;
    CHECK_EQ(work(&node, &p, base, 9), 0);
    disk_record(false);
    fold_close(&node, true);
    size_t renames = 0;
    for (size_t i = first; i < disk.op_count; i++) renames += disk.ops[i].kind == DISK_RENAME;
    CHECK_EQ(renames, 3);
    for (size_t cut = first; cut <= disk.op_count; cut += 1 + lia_dice_below(&dice, 3)) {
        rebuild_file(dir, "log", "log.mdb", cut, &dice);
        rebuild_file(dir, "views", "views.mdb", cut, &dice);
        rebuild_file(dir, "views", "views.mdb.next", cut, &dice);
        end_it(dir, disk_acked("log", cut), UINT64_MAX, disk_acked("views", cut));
    }
    disk_forget();
}
