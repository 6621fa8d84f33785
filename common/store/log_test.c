/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

#define MAP ((size_t)64 << 20)

static lia_log *open_log(const char *dir)
{
    lia_log *log;
    lia_why why = {0};
    lia_err err = lia_log_open(&log, dir, MAP, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return log;
}

static void begin(lia_log *log)
{
    CHECK_OK(lia_log_begin(log, NULL));
}
static void commit(lia_log *log)
{
    CHECK_OK(lia_log_commit(log, NULL));
}

static lia_hash hash_of(lia_lane lane, uint64_t seq)
{
    lia_hash hash = {{0}};
    if (seq == 0) return hash;
    lia_put_u16(hash.bytes, lane);
    lia_put_u64(hash.bytes + 8, seq);
    return hash;
}

/* What the event of (lane, seq) looks like. */
static lia_span event_of(lia_lane lane, uint64_t seq, uint8_t bytes[8192])
{
    size_t size = 10 + (size_t)((lane * 7919 + seq * 104729) % (seq % 50 ? 600 : 8000));
    memset(bytes, (int)(seq & 0xff), size);
    lia_put_u16(bytes, lane);
    lia_put_u64(bytes + 2, seq);
    return lia_span_make(bytes, size);
}

static lia_err append(lia_log *log, lia_lane lane, uint64_t first, uint32_t count, lia_block *out)
{
    uint8_t *bytes = malloc((size_t)count * 8192);
    lia_span *events = malloc(count * sizeof *events);
    for (uint32_t i = 0; i < count; i++)
        events[i] = event_of(lane, first + i, bytes + (size_t)i * 8192);
    *out = (lia_block){.lane = lane,
                       .first = first,
                       .count = count,
                       .before = hash_of(lane, first - 1),
                       .hash = hash_of(lane, first + count - 1)};
    memset(out->signature.bytes, lane, sizeof out->signature.bytes);
    lia_err err = lia_log_append(log, out, events);
    free(events);
    free(bytes);
    return err;
}

TEST(a_new_log_is_empty)
{
    lia_log *log = open_log(lia_test_dir());
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    lia_span span, key;
    uint64_t arrival;
    lia_time due;
    lia_block block;
    CHECK_EQ(lia_log_next(reader), 1);
    CHECK_EQ(lia_log_lanes(reader), 0);
    CHECK_EQ(lia_log_find_lane(reader, (lia_origin){1, 2}), 0);
    CHECK_ERR(lia_log_event(reader, 0, &span), LIA_EABSENT);
    CHECK_ERR(lia_log_event(reader, 1, &span), LIA_EABSENT);
    CHECK_ERR(lia_log_block(reader, 1, 1, &block), LIA_EABSENT);
    CHECK_ERR(lia_log_reactor(reader, "mail", &arrival), LIA_EABSENT);
    CHECK_ERR(lia_log_next_job(reader, &due, &key, &span), LIA_EABSENT);
    CHECK_ERR(lia_log_job(reader, LIA_SPAN("x"), &due), LIA_EABSENT);
    CHECK_ERR(lia_log_meta(reader, "x", &span), LIA_EABSENT);
    lia_log_reader_close(reader);
    lia_log_close(log);
}

/* ---- against a model ------------------------------------------------------------------------- */

enum { LANES = 5 };
typedef struct model {
    uint64_t heads[LANES + 1];
    uint64_t next;
    struct {
        lia_lane lane;
        uint64_t seq;
    } events[20000];
} model;

static void check_against(lia_log_reader *reader, const model *m)
{
    uint8_t bytes[8192];
    lia_span event;
    CHECK_EQ(lia_log_next(reader), m->next);
    for (uint64_t at = 1; at < m->next; at++) {
        CHECK_OK(lia_log_event(reader, at, &event));
        CHECK_BYTES(event, event_of(m->events[at].lane, m->events[at].seq, bytes));
    }
    CHECK_ERR(lia_log_event(reader, m->next, &event), LIA_EABSENT);
    for (lia_lane lane = 1; lane <= lia_log_lanes(reader); lane++) {
        lia_lane_info info;
        CHECK_OK(lia_log_lane_info(reader, lane, &info));
        CHECK_EQ(info.head, m->heads[lane]);
        CHECK_EQ(info.origin.node, lane + 100);
        lia_hash want = hash_of(lane, info.head);
        CHECK(lia_hash_equal(&info.hash, &want));
        CHECK_EQ(lia_log_find_lane(reader, info.origin), lane);
        lia_block block;
        CHECK_ERR(lia_log_block(reader, lane, 0, &block), LIA_EABSENT);
        CHECK_ERR(lia_log_block(reader, lane, info.head + 1, &block), LIA_EABSENT);
        for (uint64_t seq = 1; seq <= info.head; seq++) {
            CHECK_OK(lia_log_block(reader, lane, seq, &block));
            uint64_t at = block.arrival + (seq - block.first);
            CHECK(m->events[at].lane == lane && m->events[at].seq == seq);
        }
    }
}

static void fill_batch(lia_log *log, model *m, lia_dice *dice)
{
    for (uint64_t i = lia_dice_below(dice, 6); i > 0; i--) {
        lia_lane lane, want = (lia_lane)(1 + lia_dice_below(dice, LANES));
        if (want > lia_log_lanes(lia_log_batch_reader(log)))
            want = (lia_lane)(lia_log_lanes(lia_log_batch_reader(log)) + 1);
        lia_origin origin = {(uint16_t)(want + 100), want * UINT64_C(0x123456789abc)};
        CHECK_OK(lia_log_lane(log, origin, &lane));
        CHECK_EQ(lane, want);
        lia_block block;
        uint32_t count = 1 + (uint32_t)lia_dice_below(dice, 60);
        CHECK_ERR(append(log, lane, m->heads[lane] + 2, 1, &block), LIA_ECONFLICT);
        CHECK_OK(append(log, lane, m->heads[lane] + 1, count, &block));
        CHECK_EQ(block.arrival, m->next);
        for (uint32_t k = 0; k < count; k++) {
            m->events[m->next].lane = lane;
            m->events[m->next++].seq = ++m->heads[lane];
        }
    }
}

TEST(a_log_holds_what_was_committed_in_arrival_order)
{
    const char *dir = lia_test_dir();
    lia_dice dice = {42};
    model *m = calloc(1, sizeof *m), *before = calloc(1, sizeof *m);
    m->next = 1;
    lia_log *log = open_log(dir);
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    for (int round = 0; round < 60; round++) {
        *before = *m;
        begin(log);
        fill_batch(log, m, &dice);
        if (round % 10 == 0) check_against(lia_log_batch_reader(log), m);
        CHECK_EQ(lia_log_next(reader), before->next);
        if (lia_dice_below(&dice, 4) == 0) {
            lia_log_abort(log);
            *m = *before;
        } else {
            commit(log);
        }
        CHECK_EQ(lia_log_next(reader), before->next);
        CHECK_OK(lia_log_refresh(reader));
        CHECK_EQ(lia_log_next(reader), m->next);
        if (round % 20 == 19) {
            check_against(reader, m);
            lia_log_reader_close(reader);
            lia_log_close(log);
            log = open_log(dir);
            CHECK_OK(lia_log_reader_open(&reader, log));
            check_against(reader, m);
        }
    }
    lia_log_reader_close(reader);
    lia_log_close(log);
    free(before);
    free(m);
}

TEST(a_block_that_does_not_continue_its_lane_is_refused)
{
    lia_log *log = open_log(lia_test_dir());
    lia_block block;
    lia_lane lane;
    begin(log);
    CHECK_ERR(append(log, 1, 1, 1, &block), LIA_EINVAL);
    CHECK_OK(lia_log_lane(log, (lia_origin){1, 1}, &lane));
    CHECK_OK(append(log, lane, 1, 3, &block));
    CHECK_ERR(append(log, lane, 3, 1, &block), LIA_ECONFLICT);
    CHECK_ERR(append(log, lane, 5, 1, &block), LIA_ECONFLICT);
    lia_span event = LIA_SPAN("event");
    block = (lia_block){.lane = lane, .first = 4, .count = 1, .before = hash_of(lane, 9)};
    CHECK_ERR(lia_log_append(log, &block, &event), LIA_ECONFLICT);
    block = (lia_block){.lane = lane, .first = 4, .count = 0, .before = hash_of(lane, 3)};
    CHECK_ERR(lia_log_append(log, &block, &event), LIA_EINVAL);
    CHECK_OK(append(log, lane, 4, 1, &block));
    commit(log);
    lia_log_close(log);
}

/* ---- small facts ----------------------------------------------------------------------------- */

TEST(reactors_jobs_and_meta_are_kept_with_the_batch)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir);
    begin(log);
    CHECK_OK(lia_log_set_reactor(log, "mail", 17));
    CHECK_OK(lia_log_set_meta(log, "node", LIA_SPAN("sales")));
    CHECK_OK(lia_log_set_meta(log, "empty", LIA_SPAN_NONE));
    CHECK_ERR(lia_log_set_meta(log, "", LIA_SPAN_NONE), LIA_EINVAL);
    commit(log);
    begin(log);
    CHECK_OK(lia_log_set_reactor(log, "mail", 18));
    lia_log_abort(log);
    lia_log_close(log);
    log = open_log(dir);
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    uint64_t arrival;
    lia_span value;
    CHECK_OK(lia_log_reactor(reader, "mail", &arrival));
    CHECK_EQ(arrival, 17);
    CHECK_OK(lia_log_meta(reader, "node", &value));
    CHECK_BYTES(value, LIA_SPAN("sales"));
    CHECK_OK(lia_log_meta(reader, "empty", &value));
    CHECK_EQ(value.size, 0);
    lia_log_reader_close(reader);
    lia_log_close(log);
}

TEST(jobs_come_earliest_first_and_move_when_set_again)
{
    static const struct {
        const char *key;
        int64_t due;
    } want[] = {{"past", -5}, {"b", 10}, {"c", 20}, {"a", 30}};
    lia_log *log = open_log(lia_test_dir());
    begin(log);
    CHECK_OK(lia_log_set_job(log, LIA_SPAN("a"), (lia_time){5}, LIA_SPAN("old")));
    CHECK_OK(lia_log_set_job(log, LIA_SPAN("c"), (lia_time){20}, LIA_SPAN("")));
    CHECK_OK(lia_log_set_job(log, LIA_SPAN("b"), (lia_time){10}, LIA_SPAN("b's")));
    CHECK_OK(lia_log_set_job(log, LIA_SPAN("past"), (lia_time){-5}, LIA_SPAN("p")));
    CHECK_OK(lia_log_set_job(log, LIA_SPAN("gone"), (lia_time){1}, LIA_SPAN("g")));
    CHECK_OK(lia_log_set_job(log, LIA_SPAN("a"), (lia_time){30}, LIA_SPAN("new")));
    CHECK_OK(lia_log_clear_job(log, LIA_SPAN("gone")));
    CHECK_OK(lia_log_clear_job(log, LIA_SPAN("never")));
    uint8_t long_key[65] = {0};
    CHECK_ERR(lia_log_set_job(log, LIA_SPAN_OF(long_key), (lia_time){1}, LIA_SPAN("")), LIA_EINVAL);
    CHECK_ERR(lia_log_set_job(log, LIA_SPAN_NONE, (lia_time){1}, LIA_SPAN("")), LIA_EINVAL);
    commit(log);
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    lia_time at = {INT64_MIN};
    lia_span name = LIA_SPAN("a"), with;
    for (size_t i = 0; i < LIA_COUNT(want); i++) {
        CHECK_OK(lia_log_job_after(reader, &at, &name, &with));
        CHECK_BYTES(name, lia_span_text(want[i].key));
        CHECK_EQ(at.ms, want[i].due);
    }
    CHECK_ERR(lia_log_job_after(reader, &at, &name, &with), LIA_EABSENT);
    for (size_t i = 0; i < LIA_COUNT(want); i++) {
        lia_time due, again;
        lia_span key, payload;
        CHECK_OK(lia_log_refresh(reader));
        CHECK_OK(lia_log_next_job(reader, &due, &key, &payload));
        CHECK_BYTES(key, lia_span_text(want[i].key));
        CHECK_EQ(due.ms, want[i].due);
        CHECK_OK(lia_log_job(reader, key, &again));
        CHECK_EQ(again.ms, due.ms);
        begin(log);
        CHECK_OK(lia_log_clear_job(log, lia_span_text(want[i].key)));
        commit(log);
    }
    lia_log_reader_close(reader);
    lia_log_close(log);
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(a_second_opening_is_refused)
{
    const char *dir = lia_test_dir();
    lia_log *log = open_log(dir), *second;
    lia_why why = {0};
    CHECK_ERR(lia_log_open(&second, dir, MAP, &why), LIA_EBUSY);
    CHECK(!second && why.text[0]);
    lia_log_close(log);
    lia_log_close(open_log(dir));
}

TEST(a_file_cut_short_anywhere_is_an_error_with_a_sentence)
{
    const char *dir = lia_test_dir();
    char path[600];
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    lia_log *log = open_log(dir);
    lia_block block;
    lia_lane lane;
    begin(log);
    CHECK_OK(lia_log_lane(log, (lia_origin){1, 1}, &lane));
    CHECK_OK(append(log, lane, 1, 200, &block));
    commit(log);
    lia_log_close(log);
    struct stat file;
    CHECK_EQ(stat(path, &file), 0);
    for (off_t size = file.st_size - 1; size >= 0; size -= size > 9000 ? 7001 : 511) {
        CHECK_EQ(truncate(path, size), 0);
        lia_why why = {0};
        CHECK_ERR(lia_log_open(&log, dir, MAP, &why), LIA_ECORRUPT);
        CHECK(why.text[0]);
    }
}

TEST(a_strange_file_is_not_taken_for_a_log)
{
    const char *dir = lia_test_dir();
    char path[600];
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 5000; i++) fprintf(file, "not a log\n");
    fclose(file);
    lia_log *log;
    lia_why why = {0};
    CHECK_ERR(lia_log_open(&log, dir, MAP, &why), LIA_ECORRUPT);
    CHECK(why.text[0]);
}

TEST(a_folder_is_made_with_those_above_it)
{
    char dir[600];
    snprintf(dir, sizeof dir, "%s/a/b/c", lia_test_dir());
    lia_log_close(open_log(dir));
    snprintf(dir, sizeof dir, "/proc/none/here");
    lia_log *log;
    lia_why why = {0};
    CHECK_ERR(lia_log_open(&log, dir, MAP, &why), LIA_EIO);
    CHECK(why.text[0]);
}
