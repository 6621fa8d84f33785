/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed, the power or the disk fails while a log is scrubbed: nothing is lost, and
 * the next scrub ends what was begun. */
#include "common/store/test_lives.h"
#include "common/store/test_marked.h"

/* ---- crashes -------------------------------------------------------------------------------- */

/* The child's life: it fills a log, erases and scrubs, until it is killed. */
static int live(const char *dir, promises *p, uint64_t n)
{
    (void)n;
    lia_log *log;
    lia_dice dice = {7};
    if (lia_log_open(&log, dir, MARKED_MAP, NULL)) return 1;
    for (int part = 0; part < 3; part++) {
        uint64_t until = p->acked + 300;
        if (marked_fill(log, p->acked + 1, until, &dice)) return 2;
        p->acked = until;
        if (marked_erase(log, until)) return 3;
        p->erased = until;
        if (lia_log_scrub(log, NULL)) return 4;
        if (canary_count(dir, CANARY)) return 5;
    }
    lia_log_close(log);
    return 0;
}

/* Opens what is left, checks it, and ends what was begun. */
static void end_it(const char *dir, uint64_t acked, uint64_t erased)
{
    lia_log *log = marked_open(dir);
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    uint64_t held = lia_log_next(reader) - 1;
    lia_log_reader_close(reader);
    marked_check(log, acked, erased, UINT64_MAX);
    CHECK_OK(marked_erase(log, held));
    marked_scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    marked_check(log, held, held, UINT64_MAX);
    lia_log_close(log);
}

static void end_what_is_left(const char *dir, promises *p)
{
    end_it(dir, p->acked, p->erased);
}

static const short_life scrubbing = {live, end_what_is_left, 40};

TEST(a_process_killed_at_any_write_of_an_erasure_loses_nothing_and_ends_it_later)
{
    die_everywhere(&scrubbing, DISK_KILL_BEFORE);
    die_everywhere(&scrubbing, DISK_KILL_AFTER);
}

TEST(a_disk_that_fails_during_a_scrub_poisons_the_log_and_loses_nothing)
{
    static const disk_fault faults[] = {DISK_EIO, DISK_ENOSPC, DISK_SHORT};
    const char *base = lia_test_dir();
    for (size_t i = 0; i < LIA_COUNT(faults); i++) {
        bool fired = true;
        for (uint64_t n = 1; fired; n += 1 + n / 10) {
            char dir[600];
            lia_dice dice = {8};
            lia_why why = {0};
            snprintf(dir, sizeof dir, "%s/%zu-%llu", base, i, (unsigned long long)n);
            lia_log *log = marked_open(dir);
            CHECK_OK(marked_fill(log, 1, 400, &dice));
            CHECK_OK(marked_erase(log, 400));
            disk_arm(faults[i], n, false);
            lia_err err = lia_log_scrub(log, &why);
            fired = disk_fired();
            disk_arm(DISK_EIO, 0, false);
            CHECK_EQ(err != LIA_OK, fired);
            CHECK_EQ(why.text[0] != 0, fired);
            if (fired) CHECK_ERR(lia_log_begin(log, &why), err);
            lia_log_close(log);
            end_it(dir, 400, 400);
        }
    }
}

/* ---- power cut ------------------------------------------------------------------------------ */

/* The folder as the disk would hold it, had the power failed before operation `cut`. */
static void rebuild(const char *dir, size_t cut, lia_dice *dice)
{
    char path[700];
    mkdir(dir, 0700);
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    disk_rebuild(fd, "log.mdb", cut, dice);
    close(fd);
}

TEST(a_power_cut_at_any_point_of_an_erasure_loses_nothing_and_it_ends_later)
{
    const char *base = lia_test_dir(), *dir = lia_test_dir();
    lia_dice dice = {9};
    disk_record(true);
    lia_log *log = marked_open(base);
    size_t first = disk.op_count;
    for (uint64_t part = 0; part < 3; part++) {
        CHECK_OK(marked_fill(log, part * 300 + 1, part * 300 + 300, &dice));
        disk_ack("held", part * 300 + 300);
        CHECK_OK(marked_erase(log, part * 300 + 300));
        disk_ack("erased", part * 300 + 300);
        marked_scrub(log);
        disk_ack("scrubbed", part);
    }
    lia_log_close(log);
    disk_record(false);
    for (size_t cut = first; cut <= disk.op_count; cut += 1 + lia_dice_below(&dice, 4)) {
        rebuild(dir, cut, &dice);
        bool ended =
            disk.ops[cut - 1].kind == DISK_ACK && !strcmp(disk.ops[cut - 1].file, "scrubbed");
        if (ended) CHECK_EQ(canary_count(dir, CANARY), 0);
        end_it(dir, disk_acked("held", cut), disk_acked("erased", cut));
    }
    disk_forget();
}
