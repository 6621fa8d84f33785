/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed or the power fails while blocks are dropped: each is there, or its events
 * are kept and in base; never both, never neither. */
#include "common/store/test_lives.h"
#include "common/store/test_retain.h"

static lia_err append_and_drop(lia_log *log, uint64_t *head, lia_dice *dice)
{
    uint32_t count = 1 + (uint32_t)lia_dice_below(dice, FOLD_BLOCK_MAX);
    lia_err err = fold_append(log, *head + 1, count, NULL);
    if (err) return err;
    *head += count;
    err = lia_log_begin(log, NULL);
    if (err) return err;
    err = retain_drop(log, (unsigned)lia_dice_below(dice, 3));
    lia_err end = lia_log_commit(log, NULL);
    return end ? end : err;
}

/* The child's life: it appends and drops until it is killed. */
static int live(const char *dir, promises *p, uint64_t seed)
{
    lia_log *log;
    lia_dice dice = {seed};
    uint64_t first = 1, head = 0;
    if (lia_log_open(&log, dir, RETAIN_MAP, NULL)) return 1;
    for (int turn = 0; turn < 40; turn++) {
        if (append_and_drop(log, &head, &dice)) return 2;
        if (retain_look(log, &first, &head)) return 3;
        p->acked = head;
        p->first = first;
    }
    lia_log_close(log);
    return 0;
}

static void check_dir(const char *dir, uint64_t head_least, uint64_t first_least)
{
    lia_log *log;
    lia_why why = {0};
    uint64_t first, head;
    lia_err err = lia_log_open(&log, dir, RETAIN_MAP, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    retain_check(log, &first, &head);
    CHECK(head >= head_least && first >= first_least);
    lia_log_close(log);
}

static void check_promises(const char *dir, promises *p)
{
    check_dir(dir, p->acked, p->first);
}

static const short_life dropping = {live, check_promises, 60};

TEST(a_process_killed_at_any_write_of_a_drop_loses_nothing)
{
    die_everywhere(&dropping, DISK_KILL_BEFORE);
    die_everywhere(&dropping, DISK_KILL_AFTER);
}

TEST(a_power_cut_at_any_point_of_dropping_loses_nothing)
{
    const char *base = lia_test_dir(), *dir = lia_test_dir();
    lia_dice dice = {3};
    lia_log *log;
    uint64_t first = 1, head = 0;
    disk_record(true);
    CHECK_OK(lia_log_open(&log, base, RETAIN_MAP, NULL));
    size_t begin = disk.op_count;
    for (int turn = 0; turn < 40; turn++) {
        CHECK_OK(append_and_drop(log, &head, &dice));
        retain_check(log, &first, &head);
        disk_ack("head", head);
        disk_ack("first", first);
    }
    lia_log_close(log);
    disk_record(false);
    for (size_t cut = begin; cut <= disk.op_count; cut++) {
        char path[700];
        snprintf(path, sizeof path, "%s/log.mdb", dir);
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        CHECK(fd >= 0);
        disk_rebuild(fd, "log.mdb", cut, &dice);
        close(fd);
        check_dir(dir, disk_acked("head", cut), disk_acked("first", cut));
    }
    disk_forget();
}
