/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed and the power fails, at every point that matters; afterwards every promise
 * made is kept. */
#include "common/base/log.h"
#include "common/store/test_fold.h"
#include "common/store/test_lives.h"

/* ---- kill -9 --------------------------------------------------------------------------------- */

/* The child's life: it works until it is killed or has done `turns`. */
static int live(const char *dir, promises *p, uint64_t seed, int turns)
{
    lia_dice dice = {seed};
    fold_node node;
    if (fold_open(&node, dir, NULL)) return 1;
    if (fold_catch_up(&node, NULL)) return 2;
    for (int turn = 0; turn < turns; turn++) {
        uint32_t count = 1 + (uint32_t)lia_dice_below(&dice, FOLD_BLOCK_MAX);
        uint64_t acked = 0;
        p->begun = node.held + count;
        if (fold_turn(&node, count, &acked, NULL)) return 3;
        p->acked = acked;
        if (turn % 9 == 8) {
            if (lia_views_flush(node.views, NULL)) return 4;
            p->flushed = acked;
        }
    }
    fold_close(&node, false);
    p->flushed = p->acked;
    return 0;
}

static void check_promises(const char *dir, promises *p)
{
    fold_check(dir, p->acked, p->begun, p->flushed);
    *p = (promises){.acked = p->acked}; /* fold_check has written more */
}

static int live_shortly(const char *dir, promises *p, uint64_t n)
{
    return live(dir, p, n, 30);
}

/* Creation included. */
static const short_life folding = {live_shortly, check_promises, 12};

TEST(a_process_killed_before_any_write_or_flush_keeps_its_promises)
{
    die_everywhere(&folding, DISK_KILL_BEFORE);
}

TEST(a_process_killed_after_any_write_or_flush_keeps_its_promises)
{
    die_everywhere(&folding, DISK_KILL_AFTER);
}

TEST(a_process_killed_at_any_moment_keeps_its_promises)
{
    promises *p = share_promises();
    const char *dir = lia_test_dir();
    lia_dice dice = {5};
    for (int life = 0; life < 25; life++) {
        uint64_t acked = p->acked;
        *p = (promises){.acked = acked, .begun = acked};
        uint64_t until = acked + 1 + lia_dice_below(&dice, 900);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) _exit(live(dir, p, (uint64_t)life, 1 << 30));
        while (p->acked < until && waitpid(child, NULL, WNOHANG) == 0) sched_yield();
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        CHECK(p->acked >= until);
        fold_check(dir, p->acked, p->begun, p->flushed);
        p->acked += 3; /* of fold_check */
    }
    munmap(p, 4096);
}

/* ---- power cut ------------------------------------------------------------------------------- */

static void copy_file(const char *from_dir, const char *to_dir, const char *name, int *out)
{
    char path[700];
    uint8_t bytes[65536];
    snprintf(path, sizeof path, "%s/%s", from_dir, name);
    int from = open(path, O_RDONLY);
    CHECK(from >= 0);
    snprintf(path, sizeof path, "%s/%s", to_dir, name);
    *out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(*out >= 0);
    ssize_t got;
    while ((got = read(from, bytes, sizeof bytes)) > 0)
        CHECK_EQ(write(*out, bytes, (size_t)got), got);
    close(from);
}

/* The folder as the disk would hold it, had the power failed before operation `cut`. */
static void rebuild(const char *base, const char *dir, size_t cut, lia_dice *dice)
{
    static const char *const parts[] = {"log", "views"};
    for (size_t i = 0; i < LIA_COUNT(parts); i++) {
        char from[700], to[700], name[16];
        int fd;
        snprintf(from, sizeof from, "%s/%s", base, parts[i]);
        snprintf(to, sizeof to, "%s/%s", dir, parts[i]);
        snprintf(name, sizeof name, "%s.mdb", parts[i]);
        mkdir(to, 0700);
        copy_file(from, to, name, &fd);
        disk_rebuild(fd, name, cut, dice);
        close(fd);
    }
}

static void record_a_life(const char *dir)
{
    lia_dice dice = {99};
    fold_node node;
    CHECK_OK(fold_open(&node, dir, NULL));
    CHECK_OK(fold_catch_up(&node, NULL));
    for (int turn = 0; turn < 60; turn++) {
        uint32_t count = 1 + (uint32_t)lia_dice_below(&dice, FOLD_BLOCK_MAX);
        uint64_t acked = 0;
        CHECK_OK(fold_turn(&node, count, &acked, NULL));
        disk_ack("log", acked);
        if (turn % 9 == 8) {
            CHECK_OK(lia_views_flush(node.views, NULL));
            disk_ack("views", acked);
        }
    }
    fold_close(&node, true);
}

TEST(a_power_cut_at_any_point_keeps_all_promises)
{
    const char *base = lia_test_dir(), *live_dir = lia_test_dir(), *dir = lia_test_dir();
    lia_dice dice = {1};
    fold_node node;
    uint64_t acked = 0;
    CHECK_OK(fold_open(&node, live_dir, NULL));
    CHECK_OK(fold_turn(&node, 20, &acked, NULL));
    fold_close(&node, false);
    rebuild(live_dir, base, 0, &dice);
    disk_record(true);
    record_a_life(live_dir);
    disk_record(false);
    CHECK(disk.op_count > 100);
    for (size_t cut = 0; cut <= disk.op_count; cut += 1 + lia_dice_below(&dice, 5)) {
        rebuild(base, dir, cut, &dice);
        uint64_t kept = disk_acked("log", cut), flushed = disk_acked("views", cut);
        fold_check(dir, kept > acked ? kept : acked, UINT64_MAX, flushed > acked ? flushed : acked);
    }
    disk_forget();
}
