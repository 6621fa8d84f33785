/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/test_canary.h"
#include "common/store/test_retain.h"

static lia_log *open_log(const char *dir)
{
    lia_log *log;
    lia_why why = {0};
    lia_err err = lia_log_open(&log, dir, RETAIN_MAP, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return log;
}

static void drop(lia_log *log, unsigned blocks)
{
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(retain_drop(log, blocks));
    CHECK_OK(lia_log_commit(log, NULL));
}

TEST(a_lane_begins_behind_what_was_dropped_also_after_opening_anew)
{
    lia_dice dice = {1};
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    uint64_t first, head = 0, before;
    for (int turn = 0; turn < 60; turn++) {
        uint32_t count = 1 + (uint32_t)lia_dice_below(&dice, FOLD_BLOCK_MAX);
        CHECK_OK(fold_append(log, head + 1, count, NULL));
        retain_check(log, &before, &head);
        unsigned blocks = (unsigned)lia_dice_below(&dice, 3); /* now and then all there are */
        drop(log, blocks);
        if (turn % 7 == 0) {
            lia_log_close(log);
            log = open_log(dir);
        }
        retain_check(log, &first, &head);
        CHECK_EQ(first > before, blocks > 0 && before <= head);
    }
    lia_log_close(log);
}

TEST(an_aborted_drop_leaves_all_as_it_was)
{
    lia_log *log = open_log(lia_test_dir());
    uint64_t first, head;
    CHECK_OK(fold_append(log, 1, 10, NULL));
    CHECK_OK(fold_append(log, 11, 10, NULL));
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(retain_drop(log, 2));
    lia_log_abort(log);
    retain_check(log, &first, &head);
    CHECK_EQ(first, 1);
    lia_log_close(log);
}

TEST(a_reader_that_stands_still_sees_what_is_dropped_until_it_refreshes)
{
    lia_log *log = open_log(lia_test_dir());
    lia_log_reader *reader;
    lia_span event;
    uint8_t bytes[512];
    CHECK_OK(fold_append(log, 1, 10, NULL));
    CHECK_OK(fold_append(log, 11, 10, NULL));
    CHECK_OK(lia_log_reader_open(&reader, log));
    drop(log, 1);
    CHECK_OK(lia_log_event(reader, 3, &event));
    CHECK_BYTES(event, fold_event(3, bytes));
    CHECK_OK(lia_log_refresh(reader));
    CHECK_ERR(lia_log_event(reader, 3, &event), LIA_EABSENT);
    uint64_t at;
    CHECK_OK(lia_log_event_from(reader, 1, &at, &event)); /* 5 is kept */
    CHECK_EQ(at, 5);
    CHECK_OK(lia_log_event_from(reader, 6, &at, &event));
    CHECK_EQ(at, 10);
    lia_log_reader_close(reader);
    lia_log_close(log);
}

/* The last event's place says which number comes next. */
TEST(no_arrival_number_is_used_twice_when_the_last_event_goes)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    lia_log_reader *reader;
    lia_span event;
    uint64_t first, head, at;
    CHECK_OK(fold_append(log, 1, 7, NULL));
    drop(log, 1);
    lia_log_close(log);
    log = open_log(dir);
    retain_check(log, &first, &head);
    CHECK_EQ(first, 8);
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_ERR(lia_log_event(reader, 7, &event), LIA_EABSENT);
    CHECK_ERR(lia_log_event_from(reader, 6, &at, &event), LIA_EABSENT);
    lia_log_reader_close(reader);
    CHECK_OK(fold_append(log, 8, 3, NULL)); /* the chain goes on */
    retain_check(log, &first, &head);
    lia_log_close(log);
}

TEST(a_lane_without_blocks_may_be_moved_ahead_and_only_ahead)
{
    lia_log *log = open_log(lia_test_dir());
    lia_hash hash = fold_hash(30), before;
    lia_signature signature = {{7}}, edge;
    lia_log_reader *reader;
    lia_lane lane;
    uint64_t first;
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(lia_log_lane(log, fold_origin, &lane));
    CHECK_OK(lia_log_skip(log, lane, 30, &hash, &signature));
    CHECK_ERR(lia_log_skip(log, lane, 30, &hash, &signature), LIA_ECONFLICT);
    CHECK_ERR(lia_log_skip(log, (lia_lane)(lane + 1), 30, &hash, &signature), LIA_EINVAL);
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_first(reader, lane, &first, &before));
    CHECK_EQ(first, 31);
    CHECK(lia_hash_equal(&before, &hash));
    CHECK_OK(lia_log_edge(reader, lane, &edge));
    CHECK_EQ(memcmp(&edge, &signature, sizeof edge), 0);
    CHECK_ERR(lia_log_edge(reader, 2, &edge), LIA_EABSENT);
    lia_log_reader_close(reader);
    CHECK_ERR(fold_append(log, 1, 3, NULL), LIA_ECONFLICT);
    CHECK_OK(fold_append(log, 31, 3, NULL));
    hash = fold_hash(50);
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_ERR(lia_log_skip(log, lane, 50, &hash, &signature), LIA_ECONFLICT); /* it has a block */
    lia_log_abort(log);
    lia_log_close(log);
}

TEST(an_event_is_kept_once_and_found_in_the_order_of_origins)
{
    static const lia_kept told[] = {
        {{2, 9}, 4, 0}, {{1, 7}, 300, 0}, {{1, 8}, 1, 0}, {{1, 7}, 2, 0}};
    static const uint64_t sorted[] = {2, 300, 1, 4};
    lia_log *log = open_log(lia_test_dir());
    lia_log_reader *reader;
    uint64_t arrival;
    CHECK_OK(lia_log_begin(log, NULL));
    for (size_t i = 0; i < LIA_COUNT(told); i++)
        CHECK_OK(lia_log_keep(log, told[i].origin, told[i].seq, LIA_SPAN("event"), &arrival));
    CHECK_ERR(lia_log_keep(log, told[0].origin, told[0].seq, LIA_SPAN("other"), &arrival),
              LIA_ECONFLICT);
    CHECK_EQ(arrival, 1);
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK_OK(lia_log_reader_open(&reader, log));
    lia_kept at = {0};
    for (size_t i = 0; i < LIA_COUNT(sorted); i++) {
        CHECK_OK(lia_log_kept_next(reader, &at));
        CHECK_EQ(at.seq, sorted[i]);
    }
    CHECK_ERR(lia_log_kept_next(reader, &at), LIA_EABSENT);
    CHECK_EQ(lia_log_next(reader), 5);
    lia_log_reader_close(reader);
    lia_log_close(log);
}

/* What is dropped makes room for what comes. */
TEST(pages_that_were_freed_are_used_again)
{
    static const bool none[FOLD_BLOCK_MAX];
    lia_log *log = open_log(lia_test_dir());
    uint64_t head = 0;
    size_t used[3] = {0}, cap;
    for (int round = 0; round < 3; round++) {
        for (int turn = 0; turn < 400; turn++) {
            CHECK_OK(fold_append(log, head + 1, FOLD_BLOCK_MAX, NULL));
            head += FOLD_BLOCK_MAX;
            if (head <= 20 * FOLD_BLOCK_MAX) continue;
            CHECK_OK(lia_log_begin(log, NULL));
            CHECK_OK(lia_log_drop(log, 1, none));
            CHECK_OK(lia_log_commit(log, NULL));
        }
        lia_log_reader *reader;
        CHECK_OK(lia_log_reader_open(&reader, log));
        lia_log_size(reader, &used[round], &cap);
        lia_log_reader_close(reader);
    }
    CHECK(used[2] <= used[0] + 16 * 4096); /* a round is 16,000 events, about 4 MiB */
    lia_log_close(log);
}

TEST(the_bytes_of_dropped_events_are_gone_after_a_scrub)
{
    const char *dir = lia_test_dir();
    uint8_t secret[400], bytes[512];
    canary_fill(secret, sizeof secret);
    lia_log *log = open_log(dir);
    lia_span events[] = {lia_span_make(secret, sizeof secret), fold_event(2, bytes)};
    lia_block block = {.first = 1, .count = 2, .before = fold_hash(0), .hash = fold_hash(2)};
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(lia_log_lane(log, fold_origin, &block.lane));
    CHECK_OK(lia_log_append(log, &block, events));
    CHECK_OK(lia_log_base_put(log, LIA_SPAN("who"), lia_span_make(secret, sizeof secret)));
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK_OK(fold_append(log, 3, 5, NULL));
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(lia_log_drop(log, 1, (bool[]){false, false}));
    CHECK_OK(lia_log_base_del(log, LIA_SPAN("who")));
    CHECK_OK(lia_log_commit(log, NULL));
    CHECK(canary_count(dir, CANARY) > 0);
    CHECK_OK(lia_log_scrub(log, NULL));
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_log_close(log);
}
