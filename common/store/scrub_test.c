/* SPDX-License-Identifier: Apache-2.0 */
/* What was erased from a log is in no file afterwards, and everything else is as it was. */
#include <stdlib.h>
#include <sys/wait.h>

#include "common/base/log.h"
#include "common/store/log.h"
#include "common/store/test_canary.h"
#include "common/store/test_disk.h"

#define MAP ((size_t)256 << 20)

enum { EVENT_MAX = 7000, BLOCK_MAX = 200, MARKED_UNTIL = 100000 };

/* ---- a log with marked events --------------------------------------------------------------- */

static uint64_t marked_until = MARKED_UNTIL;

static bool is_marked(uint64_t n)
{
    return n % 100 == 7 && n < marked_until;
}

/* Every value is known from its number. Some are large, on pages of their own. */
static lia_span event_of(uint64_t n, bool erased, uint8_t bytes[EVENT_MAX])
{
    size_t size = 24 + n * 37 % 500;
    if (n % 300 == 7 || n % 300 == 9) size = 2040 + n * 7 % 4900;
    memset(bytes, erased ? 0 : (int)(n & 0xff), size);
    if (is_marked(n) && !erased) canary_fill(bytes, size);
    lia_put_u64(bytes, n);
    return lia_span_make(bytes, size);
}

static lia_log *open_log(const char *dir)
{
    lia_log *log;
    lia_why why = {0};
    lia_err err = lia_log_open(&log, dir, MAP, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return log;
}

static lia_hash hash_at(uint64_t n)
{
    lia_hash hash = {{0}};
    lia_put_u64(hash.bytes, n);
    return hash;
}

/* A block in the batch under way. */
static lia_err add_block(lia_log *log, uint64_t first, uint32_t count)
{
    static uint8_t bytes[BLOCK_MAX][EVENT_MAX];
    lia_span events[BLOCK_MAX];
    lia_block block = {.first = first,
                       .count = count,
                       .before = hash_at(first - 1),
                       .hash = hash_at(first + count - 1)};
    for (uint32_t i = 0; i < count; i++) events[i] = event_of(first + i, false, bytes[i]);
    lia_err err = lia_log_lane(log, (lia_origin){1, 2}, &block.lane);
    return err ? err : lia_log_append(log, &block, events);
}

static lia_err add(lia_log *log, uint64_t first, uint32_t count)
{
    lia_err err = lia_log_begin(log, NULL);
    if (err) return err;
    err = add_block(log, first, count);
    lia_err end = lia_log_commit(log, NULL);
    return end ? end : err;
}

/* Events from..until, in commits of all sizes. */
static lia_err fill(lia_log *log, uint64_t from, uint64_t until, lia_dice *dice)
{
    lia_err err = LIA_OK;
    while (!err && from <= until) {
        uint64_t left = until - from + 1;
        uint64_t count = 1 + lia_dice_below(dice, lia_dice_below(dice, 3) ? BLOCK_MAX : 4);
        if (count > left) count = left;
        err = add(log, from, (uint32_t)count);
        from += count;
    }
    return err;
}

/* Overwrites the marked ones among 1..until, in one batch. */
static lia_err erase(lia_log *log, uint64_t until)
{
    uint8_t bytes[EVENT_MAX];
    lia_err err = lia_log_begin(log, NULL);
    if (err) return err;
    for (uint64_t n = 7; !err && n <= until; n += 100)
        err = lia_log_overwrite(log, n, event_of(n, true, bytes));
    lia_err end = lia_log_commit(log, NULL);
    return end ? end : err;
}

/* Events up to `erased` are erased if marked, those after it are whole; in between either. */
static void check_events(lia_log *log, uint64_t held, uint64_t erased, uint64_t whole_from)
{
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK(lia_log_next(reader) > held);
    for (uint64_t n = 1; n < lia_log_next(reader); n++) {
        uint8_t bytes[EVENT_MAX];
        lia_span event;
        CHECK_OK(lia_log_event(reader, n, &event));
        bool gone = is_marked(n) && n < whole_from &&
                    (n <= erased || lia_span_equal(event, event_of(n, true, bytes)));
        CHECK_BYTES(event, event_of(n, gone, bytes));
    }
    lia_log_reader_close(reader);
}

static void scrub(lia_log *log)
{
    lia_why why = {0};
    lia_err err = lia_log_scrub(log, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

/* ---- erasing -------------------------------------------------------------------------------- */

/* Work that dirties pages old and new. Returns the last event held. */
static uint64_t go_on(lia_log *log, uint64_t held, int commits, lia_dice *dice)
{
    uint8_t bytes[EVENT_MAX];
    for (int i = 0; i < commits; i++) {
        uint32_t count = 1 + (uint32_t)lia_dice_below(dice, 5);
        uint64_t old = 10 * (1 + lia_dice_below(dice, held / 10)); /* not a marked one */
        CHECK_OK(lia_log_begin(log, NULL));
        CHECK_OK(add_block(log, held + 1, count));
        CHECK_OK(lia_log_overwrite(log, old, event_of(old, false, bytes)));
        CHECK_OK(lia_log_set_job(log, LIA_SPAN_OF(old), (lia_time){i}, LIA_SPAN("call back")));
        if (i % 3 == 0) CHECK_OK(lia_log_clear_job(log, LIA_SPAN_OF(old)));
        CHECK_OK(lia_log_commit(log, NULL));
        held += count;
    }
    return held;
}

TEST(an_overwritten_event_is_in_no_file_after_a_scrub_nor_3000_commits_later)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    lia_dice dice = {1};
    uint64_t held = MARKED_UNTIL;
    CHECK_OK(fill(log, 1, held, &dice));
    size_t before = canary_count(dir, CANARY);
    CHECK_OK(erase(log, held));
    size_t left = canary_count(dir, CANARY);
    CHECK(left > 1000);

    lia_scrub *parts;
    bool more = true;
    CHECK_OK(lia_scrub_begin(&parts, log, NULL));
    size_t in_gaps = canary_count(dir, CANARY);
    while (more) CHECK_OK(lia_scrub_step(parts, 100, &more, NULL));
    CHECK_OK(lia_scrub_end(parts, NULL));
    CHECK_EQ(canary_count(dir, CANARY), 0);
    print_message("canaries: %zu; overwritten %zu; free pages wiped %zu; gaps wiped 0\n", before,
                  left, in_gaps);

    held = go_on(log, held, 3000, &dice);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_events(log, held, MARKED_UNTIL, UINT64_MAX);
    lia_log_close(log);
    log = open_log(dir);
    check_events(log, held, MARKED_UNTIL, UINT64_MAX);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_log_close(log);
}

/* One batch that needs many pages and fills none of them: their gaps are what the buffers held. */
static void scatter(lia_log *log, lia_dice *dice)
{
    CHECK_OK(lia_log_begin(log, NULL));
    for (int i = 0; i < 4000; i++) {
        uint64_t key = lia_dice_next(dice);
        lia_time due = {(int64_t)(key >> 20)};
        CHECK_OK(lia_log_set_job(log, LIA_SPAN_OF(key), due, LIA_SPAN("call back")));
    }
    CHECK_OK(lia_log_commit(log, NULL));
}

TEST(deleted_jobs_and_replaced_facts_are_in_no_file_after_a_scrub_nor_3000_commits_later)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    lia_dice dice = {2};
    static uint8_t bytes[EVENT_MAX];
    canary_fill(bytes, sizeof bytes);
    marked_until = 0;
    CHECK_OK(add(log, 1, 20));
    CHECK_OK(lia_log_begin(log, NULL));
    for (uint32_t i = 0; i < 300; i++)
        CHECK_OK(lia_log_set_job(log, LIA_SPAN_OF(i), (lia_time){i}, lia_span_make(bytes, 16 * i)));
    CHECK_OK(lia_log_set_meta(log, "card", LIA_SPAN_OF(bytes)));
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK_OK(lia_log_begin(log, NULL));
    for (uint32_t i = 0; i < 300; i++) CHECK_OK(lia_log_clear_job(log, LIA_SPAN_OF(i)));
    CHECK_OK(lia_log_set_meta(log, "card", LIA_SPAN("none")));
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK(canary_count(dir, CANARY) > 1000);
    scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    scatter(log, &dice);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    go_on(log, 20, 3000, &dice);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    marked_until = MARKED_UNTIL;
    lia_log_close(log);
}

/* A batch of more than half a gibibyte writes before its commit, and may be aborted then. */
TEST(what_stands_beyond_the_last_page_in_use_is_scrubbed)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    static uint8_t bytes[100 << 10];
    char path[600];
    canary_fill(bytes, sizeof bytes);
    CHECK_OK(add(log, 1, 5));
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    int fd = open(path, O_WRONLY | O_APPEND);
    CHECK_EQ(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_events(log, 5, 0, UINT64_MAX);
    CHECK_OK(add(log, 6, 200));
    check_events(log, 205, 0, UINT64_MAX);
    lia_log_close(log);
}

TEST(an_overwrite_keeps_the_size_and_needs_an_event)
{
    lia_log *log = open_log(lia_test_dir());
    lia_log_reader *reader;
    lia_span event;
    uint8_t bytes[EVENT_MAX];
    CHECK_OK(add(log, 1, 20));
    CHECK_OK(lia_log_begin(log, NULL));
    lia_span other = event_of(7, true, bytes);
    CHECK_ERR(lia_log_overwrite(log, 0, other), LIA_EABSENT);
    CHECK_ERR(lia_log_overwrite(log, 21, other), LIA_EABSENT);
    CHECK_ERR(lia_log_overwrite(log, 7, lia_span_make(bytes, other.size - 1)), LIA_EINVAL);
    CHECK_ERR(lia_log_overwrite(log, 7, lia_span_make(bytes, other.size + 1)), LIA_EINVAL);
    CHECK_OK(lia_log_overwrite(log, 7, other));
    CHECK_OK(lia_log_event(lia_log_batch_reader(log), 7, &event));
    CHECK_BYTES(event, other);
    CHECK_OK(add_block(log, 21, 5)); /* appends go on behind it */
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, event_of(7, false, bytes));
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK_OK(lia_log_refresh(reader));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, event_of(7, true, bytes));
    lia_log_reader_close(reader);
    check_events(log, 25, 7, UINT64_MAX);
    lia_log_close(log);
}

/* ---- readers -------------------------------------------------------------------------------- */

TEST(a_scrub_is_refused_while_a_reader_is_awake_and_goes_on_under_one_at_rest)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    lia_log_reader *reader;
    lia_span event;
    lia_why why = {0};
    uint8_t bytes[EVENT_MAX];
    size_t used, cap;
    CHECK_OK(add(log, 1, 50));
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_OK(erase(log, 50));
    CHECK_ERR(lia_log_scrub(log, &why), LIA_EBUSY);
    CHECK(strstr(why.text, "1 readers"));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, event_of(7, false, bytes));

    lia_log_rest(reader);
    lia_log_rest(reader);
    CHECK_ERR(lia_log_event(reader, 7, &event), LIA_EIO);
    CHECK_EQ(lia_log_next(reader), 51);
    scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    CHECK_ERR(lia_log_event(reader, 7, &event), LIA_EIO);
    lia_log_size(reader, &used, &cap);
    CHECK(used > 0 && cap == MAP);
    CHECK_OK(lia_log_refresh(reader));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, event_of(7, true, bytes));
    CHECK_OK(add(log, 51, 50));
    CHECK_OK(lia_log_refresh(reader));
    CHECK_EQ(lia_log_next(reader), 101);
    lia_log_rest(reader);
    lia_log_reader_close(reader);
    lia_log_close(log);
}

TEST(batches_and_readers_go_on_between_the_steps_of_a_scrub)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    lia_dice dice = {3};
    uint64_t held = 5000;
    lia_scrub *parts, *second;
    bool more = true;
    CHECK_OK(fill(log, 1, held, &dice));
    CHECK_OK(erase(log, held));
    CHECK_OK(lia_scrub_begin(&parts, log, NULL));
    CHECK_ERR(lia_scrub_begin(&second, log, NULL), LIA_EBUSY);
    while (more) {
        held = go_on(log, held, 3, &dice);
        CHECK_OK(lia_scrub_step(parts, 20, &more, NULL));
    }
    CHECK_OK(lia_scrub_end(parts, NULL));
    check_events(log, held, 5000, 5000);
    scrub(log);
    check_events(log, held, 5000, 5000);
    lia_log_close(log);
}

TEST(a_damaged_page_ends_a_scrub_with_words)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    lia_dice dice = {4};
    char path[600];
    lia_why why = {0};
    CHECK_OK(fill(log, 1, 5000, &dice));
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    int fd = open(path, O_RDWR);
    CHECK(fd >= 0);
    uint8_t header[16];
    for (off_t page = 200; page < 260; page++) { /* numbers of other pages */
        CHECK_EQ(pread(fd, header, sizeof header, page * 4096), 16);
        header[1] ^= 0x40;
        CHECK_EQ(pwrite(fd, header, sizeof header, page * 4096), 16);
    }
    close(fd);
    CHECK_ERR(lia_log_scrub(log, &why), LIA_ECORRUPT);
    CHECK(strstr(why.text, "damaged"));
    lia_log_close(log);
}

/* ---- crashes -------------------------------------------------------------------------------- */

/* What a node has promised so far, shared with the process that will be killed. */
typedef struct promises {
    _Atomic uint64_t acked, erased;
} promises;

/* The child's life: it fills a log, erases and scrubs, until it is killed. */
static int live(const char *dir, promises *p)
{
    lia_log *log;
    lia_dice dice = {7};
    if (lia_log_open(&log, dir, MAP, NULL)) return 1;
    for (int part = 0; part < 3; part++) {
        uint64_t until = p->acked + 300;
        if (fill(log, p->acked + 1, until, &dice)) return 2;
        p->acked = until;
        if (erase(log, until)) return 3;
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
    lia_log *log = open_log(dir);
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    uint64_t held = lia_log_next(reader) - 1;
    lia_log_reader_close(reader);
    check_events(log, acked, erased, UINT64_MAX);
    CHECK_OK(erase(log, held));
    scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_events(log, held, held, UINT64_MAX);
    lia_log_close(log);
}

static bool die_at(const char *dir, promises *p, disk_fault how, uint64_t n)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        disk_arm(how, n, false);
        _exit(live(dir, p));
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) CHECK_EQ(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void die_everywhere(disk_fault how)
{
    promises *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    const char *base = lia_test_dir();
    bool died = true;
    for (uint64_t n = 1; died; n += 1 + n / 40) {
        char dir[600];
        snprintf(dir, sizeof dir, "%s/%llu", base, (unsigned long long)n);
        *p = (promises){0};
        died = die_at(dir, p, how, n);
        end_it(dir, p->acked, p->erased);
    }
    munmap(p, 4096);
}

TEST(a_process_killed_at_any_write_of_an_erasure_loses_nothing_and_ends_it_later)
{
    die_everywhere(DISK_KILL_BEFORE);
    die_everywhere(DISK_KILL_AFTER);
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
            lia_log *log = open_log(dir);
            CHECK_OK(fill(log, 1, 400, &dice));
            CHECK_OK(erase(log, 400));
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
    lia_log *log = open_log(base);
    size_t first = disk.op_count;
    for (uint64_t part = 0; part < 3; part++) {
        CHECK_OK(fill(log, part * 300 + 1, part * 300 + 300, &dice));
        disk_ack("held", part * 300 + 300);
        CHECK_OK(erase(log, part * 300 + 300));
        disk_ack("erased", part * 300 + 300);
        scrub(log);
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
