/* SPDX-License-Identifier: Apache-2.0 */
/* What was erased from a log is in no file afterwards, and everything else is as it was. */
#include "common/store/test_disk.h"
#include "common/store/test_marked.h"

/* ---- erasing -------------------------------------------------------------------------------- */

/* Work that dirties pages old and new. Returns the last event held. */
static uint64_t go_on(lia_log *log, uint64_t held, int commits, lia_dice *dice)
{
    uint8_t bytes[MARKED_MAX];
    for (int i = 0; i < commits; i++) {
        uint32_t count = 1 + (uint32_t)lia_dice_below(dice, 5);
        uint64_t old = 10 * (1 + lia_dice_below(dice, held / 10)); /* not a marked one */
        CHECK_OK(lia_log_begin(log, NULL));
        CHECK_OK(marked_add_block(log, held + 1, count));
        CHECK_OK(lia_log_overwrite(log, old, marked_event(old, false, bytes)));
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
    lia_log *log = marked_open(dir);
    lia_dice dice = {1};
    uint64_t held = MARKED_UNTIL;
    CHECK_OK(marked_fill(log, 1, held, &dice));
    size_t before = canary_count(dir, CANARY);
    CHECK_OK(marked_erase(log, held));
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
    marked_check(log, held, MARKED_UNTIL, UINT64_MAX);
    lia_log_close(log);
    log = marked_open(dir);
    marked_check(log, held, MARKED_UNTIL, UINT64_MAX);
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
    lia_log *log = marked_open(dir);
    lia_dice dice = {2};
    static uint8_t bytes[MARKED_MAX];
    canary_fill(bytes, sizeof bytes);
    marked_until = 0;
    CHECK_OK(marked_add(log, 1, 20));
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
    marked_scrub(log);
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
    lia_log *log = marked_open(dir);
    static uint8_t bytes[100 << 10];
    char path[600];
    canary_fill(bytes, sizeof bytes);
    CHECK_OK(marked_add(log, 1, 5));
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    int fd = open(path, O_WRONLY | O_APPEND);
    CHECK_EQ(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    marked_scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    marked_check(log, 5, 0, UINT64_MAX);
    CHECK_OK(marked_add(log, 6, 200));
    marked_check(log, 205, 0, UINT64_MAX);
    lia_log_close(log);
}

TEST(an_overwrite_keeps_the_size_and_needs_an_event)
{
    lia_log *log = marked_open(lia_test_dir());
    lia_log_reader *reader;
    lia_span event;
    uint8_t bytes[MARKED_MAX];
    CHECK_OK(marked_add(log, 1, 20));
    CHECK_OK(lia_log_begin(log, NULL));
    lia_span other = marked_event(7, true, bytes);
    CHECK_ERR(lia_log_overwrite(log, 0, other), LIA_EABSENT);
    CHECK_ERR(lia_log_overwrite(log, 21, other), LIA_EABSENT);
    CHECK_ERR(lia_log_overwrite(log, 7, lia_span_make(bytes, other.size - 1)), LIA_EINVAL);
    CHECK_ERR(lia_log_overwrite(log, 7, lia_span_make(bytes, other.size + 1)), LIA_EINVAL);
    CHECK_OK(lia_log_overwrite(log, 7, other));
    CHECK_OK(lia_log_event(lia_log_batch_reader(log), 7, &event));
    CHECK_BYTES(event, other);
    CHECK_OK(marked_add_block(log, 21, 5)); /* appends go on behind it */
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, marked_event(7, false, bytes));
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK_OK(lia_log_refresh(reader));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, marked_event(7, true, bytes));
    lia_log_reader_close(reader);
    marked_check(log, 25, 7, UINT64_MAX);
    lia_log_close(log);
}

/* ---- readers -------------------------------------------------------------------------------- */

TEST(a_scrub_is_refused_while_a_reader_is_awake_and_goes_on_under_one_at_rest)
{
    const char *dir = lia_test_dir();
    lia_log *log = marked_open(dir);
    lia_log_reader *reader;
    lia_span event;
    lia_why why = {0};
    uint8_t bytes[MARKED_MAX];
    size_t used, cap;
    CHECK_OK(marked_add(log, 1, 50));
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_OK(marked_erase(log, 50));
    CHECK_ERR(lia_log_scrub(log, &why), LIA_EBUSY);
    CHECK(strstr(why.text, "1 readers"));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, marked_event(7, false, bytes));

    lia_log_rest(reader);
    lia_log_rest(reader);
    CHECK_ERR(lia_log_event(reader, 7, &event), LIA_EIO);
    CHECK_EQ(lia_log_next(reader), 51);
    marked_scrub(log);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    CHECK_ERR(lia_log_event(reader, 7, &event), LIA_EIO);
    lia_log_size(reader, &used, &cap);
    CHECK(used > 0 && cap == MARKED_MAP);
    CHECK_OK(lia_log_refresh(reader));
    CHECK_OK(lia_log_event(reader, 7, &event));
    CHECK_BYTES(event, marked_event(7, true, bytes));
    CHECK_OK(marked_add(log, 51, 50));
    CHECK_OK(lia_log_refresh(reader));
    CHECK_EQ(lia_log_next(reader), 101);
    lia_log_rest(reader);
    lia_log_reader_close(reader);
    lia_log_close(log);
}

TEST(batches_and_readers_go_on_between_the_steps_of_a_scrub)
{
    const char *dir = lia_test_dir();
    lia_log *log = marked_open(dir);
    lia_dice dice = {3};
    uint64_t held = 5000;
    lia_scrub *parts, *second;
    bool more = true;
    CHECK_OK(marked_fill(log, 1, held, &dice));
    CHECK_OK(marked_erase(log, held));
    CHECK_OK(lia_scrub_begin(&parts, log, NULL));
    CHECK_ERR(lia_scrub_begin(&second, log, NULL), LIA_EBUSY);
    while (more) {
        held = go_on(log, held, 3, &dice);
        CHECK_OK(lia_scrub_step(parts, 20, &more, NULL));
    }
    CHECK_OK(lia_scrub_end(parts, NULL));
    marked_check(log, held, 5000, 5000);
    marked_scrub(log);
    marked_check(log, held, 5000, 5000);
    lia_log_close(log);
}

TEST(a_damaged_page_ends_a_scrub_with_words)
{
    const char *dir = lia_test_dir();
    lia_log *log = marked_open(dir);
    lia_dice dice = {4};
    char path[600];
    lia_why why = {0};
    CHECK_OK(marked_fill(log, 1, 5000, &dice));
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
