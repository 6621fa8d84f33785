/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/trail.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include "common/audit/trail_inner.h"
#include "common/base/log.h"
#include "tests/support/test.h"

static char dir[600];

static lia_trail *open_trail(uint64_t bytes_max)
{
    lia_trail *trail;
    lia_why why = {{0}};
    const lia_trail_options options = {.dir = dir, .bytes_max = bytes_max};
    CHECK_OK(lia_trail_open(&trail, &options, &why));
    return trail;
}

static lia_trail *fresh(void)
{
    snprintf(dir, sizeof dir, "%s/audit", lia_test_dir());
    return open_trail(0);
}

static lia_id id_of(uint64_t number)
{
    lia_id id = {{0}};
    lia_put_u64(id.bytes + 8, number);
    return id;
}

/* A look of `actor` at the customer with the number, which is also its count. */
static void look(lia_trail *trail, const char *actor, uint64_t number)
{
    lia_id customer = id_of(number);
    const lia_audit_entry entry = {.action = LIA_AUDIT_READ,
                                   .actor = lia_span_text(actor),
                                   .kind = 1,
                                   .record = customer,
                                   .count = (uint32_t)number,
                                   .customers = lia_id_span(&customer)};
    lia_trail_note(trail, &entry);
}

/* What is read back, newest first. */
typedef struct heard {
    uint64_t counts[100000];
    uint32_t times[100000];
    size_t count, max;
    uint64_t lost;
} heard;

static bool hear(void *context, const lia_audit_entry *entry)
{
    heard *h = context;
    if (h->count == h->max) return false;
    if (entry->action == LIA_AUDIT_LOST) {
        h->lost += entry->count;
        return true;
    }
    h->counts[h->count] = entry->count;
    h->times[h->count++] = entry->times;
    return true;
}

/* Reads all, in pages of `page`. */
static heard *read_back(lia_trail *trail, size_t page)
{
    static heard h;
    lia_trail_place place = LIA_TRAIL_NEWEST;
    bool more = true;
    h = (heard){0};
    lia_trail_flush(trail);
    while (more) {
        h.max = page ? h.count + page : LIA_COUNT(h.counts);
        CHECK_OK(lia_trail_read(trail, &place, &more, hear, &h));
    }
    return &h;
}

static bool take_one(void *context, const lia_audit_entry *entry)
{
    lia_audit_entry *out = context;
    if (out->times) return false;
    *out = *entry;
    CHECK(lia_span_is(entry->actor, "local"));
    CHECK(lia_span_is(entry->words, "name, emails"));
    CHECK_EQ(lia_audit_customers(entry), 2);
    CHECK(lia_audit_concerns(entry, id_of(8)) && !lia_audit_concerns(entry, id_of(9)));
    return true;
}

TEST(an_entry_says_who_looked_at_whose_data_and_when)
{
    lia_trail *trail = fresh();
    lia_id seen[] = {id_of(7), id_of(8)};
    int64_t before = lia_time_now().ms;
    const lia_audit_entry entry = {.action = LIA_AUDIT_SEARCH,
                                   .actor = LIA_SPAN("local"),
                                   .kind = 1,
                                   .count = 2,
                                   .words = LIA_SPAN("name, emails"),
                                   .customers = lia_span_make(seen, sizeof seen)};
    lia_trail_note(trail, &entry);
    lia_trail_flush(trail);
    lia_audit_entry got = {0};
    lia_trail_place place = LIA_TRAIL_NEWEST;
    bool more;
    CHECK_OK(lia_trail_read(trail, &place, &more, take_one, &got));
    CHECK(!more);
    CHECK_EQ(got.action, LIA_AUDIT_SEARCH);
    CHECK_EQ(got.count, 2);
    CHECK(got.at.ms >= before && got.at.ms <= lia_time_now().ms);
    lia_trail_close(trail);
}

TEST(entries_are_given_newest_first_page_by_page_over_restarts)
{
    lia_trail *trail = fresh();
    enum { ALL = 500 };
    for (uint64_t i = 0; i < ALL; i++) {
        look(trail, "local", i + 1);
        if (i % 100 == 99) lia_trail_flush(trail);
        if (i % 200 == 199) {
            lia_trail_close(trail);
            trail = open_trail(0);
        }
    }
    for (size_t page = 0; page < 200; page = page * 2 + 1) {
        heard *h = read_back(trail, page);
        CHECK_EQ(h->count, ALL);
        for (uint64_t i = 0; i < ALL; i++) CHECK_EQ(h->counts[i], ALL - i);
    }
    lia_trail_close(trail);
}

TEST(the_same_look_within_a_second_counts_up)
{
    lia_trail *trail = fresh();
    for (size_t i = 0; i < 1000; i++) {
        look(trail, "local", 1);
        look(trail, i % 2 ? "ben" : "mei", 2);
    }
    heard *h = read_back(trail, 0);
    uint64_t ones = 0, twos = 0;
    for (size_t i = 0; i < h->count; i++) *(h->counts[i] == 1 ? &ones : &twos) += h->times[i];
    CHECK_EQ(ones, 1000);
    CHECK_EQ(twos, 1000);
    CHECK(h->count <
          100); /* a second may have ended on the way, more than once on a busy machine */
    lia_trail_stats stats;
    lia_trail_get_stats(trail, &stats);
    CHECK_EQ(stats.noted, 2000);
    lia_trail_close(trail);
}

static size_t file_count(lia_trail *trail, uint64_t *first)
{
    uint64_t *segments;
    size_t count;
    CHECK_OK(lia_trail_segments(trail, &segments, &count));
    *first = count ? segments[0] : 0;
    free(segments);
    return count;
}

static uint64_t bytes_of(lia_trail *trail)
{
    uint64_t *segments, bytes = 0;
    size_t count;
    struct stat info;
    CHECK_OK(lia_trail_segments(trail, &segments, &count));
    for (size_t i = 0; i < count; i++) {
        char path[LIA_TRAIL_PATH_SIZE];
        lia_trail_path(trail, segments[i], path);
        CHECK_EQ(stat(path, &info), 0);
        bytes += (uint64_t)info.st_size;
    }
    free(segments);
    return bytes;
}

/* 1,000 customers a look are 16 kB. */
static void look_at_many(lia_trail *trail, size_t looks)
{
    static lia_id seen[LIA_AUDIT_CUSTOMERS_MAX];
    for (size_t i = 0; i < looks; i++) {
        for (size_t j = 0; j < LIA_COUNT(seen); j++) seen[j] = id_of(i * LIA_COUNT(seen) + j);
        const lia_audit_entry entry = {.action = LIA_AUDIT_LIST,
                                       .actor = LIA_SPAN("local"),
                                       .count = (uint32_t)i,
                                       .customers = lia_span_make(seen, sizeof seen)};
        lia_trail_note(trail, &entry);
        if (i % 50 == 49) lia_trail_flush(trail);
    }
}

TEST(the_oldest_files_go_when_there_are_too_many_bytes_or_years)
{
    const uint64_t max = 10 << 20;
    uint64_t first;
    lia_trail_close(fresh());
    lia_trail *trail = open_trail(max);
    look_at_many(trail, 2000); /* 32 MB */
    CHECK(file_count(trail, &first) >= 2);
    CHECK(first > 1);
    CHECK(bytes_of(trail) <= max + LIA_TRAIL_FILE_BYTES + LIA_AUDIT_BLOCK_MAX);
    lia_trail_stats stats;
    lia_trail_get_stats(trail, &stats);
    CHECK_EQ(stats.lost, 0);
    heard *h = read_back(trail, 0);
    CHECK_EQ(h->counts[0], 1999);
    CHECK(h->count > 300 && h->count < 2000);
    for (size_t i = 1; i < h->count; i++) CHECK_EQ(h->counts[i], h->counts[i - 1] - 1);

    char path[LIA_TRAIL_PATH_SIZE];
    lia_trail_path(trail, first, path);
    lia_trail_close(trail);
    struct utimbuf long_ago = {.actime = 1000000000, .modtime = 1000000000};
    CHECK_EQ(utime(path, &long_ago), 0);
    trail = open_trail(max);
    look(trail, "local", 1);
    lia_trail_flush(trail);
    uint64_t then;
    file_count(trail, &then);
    CHECK_EQ(then, first + 1);
    lia_trail_close(trail);
}

/* ---- crashes and disks ----------------------------------------------------------------------- */

static off_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) ? -1 : info.st_size;
}

/* Nothing waits for the flush but the trail itself. */
TEST(what_was_noted_survives_a_kill_a_second_later)
{
    lia_trail_close(fresh());
    pid_t child = fork();
    CHECK(child >= 0);
    if (!child) {
        lia_trail *trail = open_trail(0);
        for (uint64_t i = 1; i <= 10; i++) look(trail, "local", i);
        for (;;) pause();
    }
    char path[700];
    snprintf(path, sizeof path, "%s/00000001.trail", dir);
    for (size_t i = 0; i < 6000 && size_of(path) <= LIA_AUDIT_HEAD_SIZE; i++) usleep(10000);
    /* The block is written in two parts: the head, then the entries. */
    off_t seen = 0;
    while (size_of(path) != seen) {
        seen = size_of(path);
        usleep(300000);
    }
    kill(child, SIGKILL);
    CHECK_EQ(waitpid(child, NULL, 0), child);
    lia_trail *trail = open_trail(0);
    heard *h = read_back(trail, 0);
    CHECK_EQ(h->count, 10);
    look(trail, "local", 11);
    CHECK_EQ(read_back(trail, 0)->count, 11);
    lia_trail_close(trail);
}

/* Whatever a power cut leaves of the last block, and whatever stands there instead. */
TEST(a_file_that_was_cut_anywhere_gives_the_blocks_before)
{
    lia_trail *trail = fresh();
    for (uint64_t block = 1; block <= 3; block++) {
        look(trail, "local", block);
        lia_trail_flush(trail);
    }
    char path[LIA_TRAIL_PATH_SIZE];
    lia_trail_path(trail, 1, path);
    uint8_t bytes[4096];
    int file = open(path, O_RDWR | O_CLOEXEC);
    ssize_t size = read(file, bytes, sizeof bytes);
    CHECK(size > 3 * LIA_AUDIT_BLOCK_HEAD && size < (ssize_t)sizeof bytes);
    size_t block = ((size_t)size - LIA_AUDIT_HEAD_SIZE) / 3;
    for (size_t end = 0; end <= (size_t)size; end++) {
        size_t whole = end < LIA_AUDIT_HEAD_SIZE ? 0 : (end - LIA_AUDIT_HEAD_SIZE) / block;
        CHECK_EQ(ftruncate(file, (off_t)end), 0);
        CHECK_EQ(read_back(trail, 0)->count, whole);
        if (end < (size_t)size) { /* the rest is there, but a byte is not what it was */
            CHECK_EQ(pwrite(file, bytes + end, (size_t)size - end, (off_t)end),
                     size - (ssize_t)end);
            uint8_t other = bytes[end] ^ 0x40;
            CHECK_EQ(pwrite(file, &other, 1, (off_t)end), 1);
            CHECK_EQ(read_back(trail, 0)->count, whole);
            CHECK_EQ(pwrite(file, bytes + end, 1, (off_t)end), 1);
        }
    }
    close(file);
    lia_trail_close(trail);
}

/* The size of files stands for the size of the disk. */
TEST(a_full_disk_loses_entries_and_says_how_many_when_there_is_room)
{
    lia_log_set_level(LIA_ERROR + 1);
    lia_trail *trail = fresh();
    look(trail, "local", 1);
    lia_trail_flush(trail);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit was, none = {.rlim_cur = 8};
    CHECK_EQ(getrlimit(RLIMIT_FSIZE, &was), 0);
    none.rlim_max = was.rlim_max;
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (uint64_t i = 2; i <= 6; i++) {
        look(trail, "local", i);
        if (i % 2) lia_trail_flush(trail);
    }
    lia_trail_flush(trail);
    lia_trail_stats stats;
    lia_trail_get_stats(trail, &stats);
    uint64_t first;
    size_t files = file_count(trail, &first);
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &was), 0);
    CHECK_EQ(stats.lost, 5);
    CHECK_EQ(files, 1); /* none that holds nothing */
    look(trail, "local", 7);
    lia_trail_flush(trail);
    look(trail, "local", 8);
    lia_trail_flush(trail);
    heard *h = read_back(trail, 0);
    CHECK_EQ(h->count, 3);
    CHECK_EQ(h->counts[0], 8);
    CHECK_EQ(h->counts[2], 1);
    CHECK_EQ(h->lost, 5);
    lia_trail_close(trail);
    lia_log_set_level(LIA_INFO);
}

TEST(more_than_fits_is_counted_as_lost_and_not_waited_for)
{
    lia_trail *trail = fresh();
    static lia_id seen[LIA_AUDIT_CUSTOMERS_MAX];
    lia_trail_stats stats = {0};
    uint64_t looks = 0;
    while (!stats.lost && looks < 100000) { /* 1.6 GB */
        for (size_t i = 0; i < 100; i++) {
            seen[0] = id_of(++looks);
            const lia_audit_entry entry = {.action = LIA_AUDIT_LIST,
                                           .count = (uint32_t)looks,
                                           .customers = lia_span_make(seen, sizeof seen)};
            lia_trail_note(trail, &entry);
        }
        lia_trail_get_stats(trail, &stats);
    }
    CHECK(stats.lost > 0);
    lia_trail_flush(trail);
    lia_trail_get_stats(trail, &stats);
    lia_trail_flush(trail);
    heard *h = read_back(trail, 0);
    CHECK_EQ(h->lost, stats.lost);
    CHECK(h->count <= looks - stats.lost); /* old files went */
    lia_trail_close(trail);
}
