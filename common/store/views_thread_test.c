/* SPDX-License-Identifier: Apache-2.0 */
/* The writer, the flusher and readers at once. Run it under the thread sanitizer too. */
#include <pthread.h>
#include <stdatomic.h>

#include "common/store/views.h"
#include "tests/support/test.h"

static const lia_views_options small = {
    .map_bytes = (size_t)64 << 20, .table_bytes = 16 << 10, .version = 1};

typedef struct shared {
    lia_views *views;
    atomic_bool stop;
} shared;

enum { SEATS = 50 };

/* Each publishing moves one unit between seats, so every true state has the same sum; rows come
 * and go, and their number is published too. */
static const char *check_state(lia_views *views)
{
    lia_snapshot *snapshot;
    lia_scan *scan;
    lia_span key, value;
    if (lia_snapshot_open(&snapshot, views)) return "open";
    const char *wrong = NULL;
    uint64_t sum = 0, rows = 0;
    if (lia_scan_open(&scan, snapshot, LIA_SPAN("s"))) return "scan";
    for (; lia_scan_next(scan, &key, &value); rows++) {
        sum += lia_get_u64(value.data);
        lia_span again;
        if (lia_snapshot_get(snapshot, key, &again) || !lia_span_equal(again, value))
            wrong = "get and scan differ";
    }
    lia_scan_close(scan);
    uint64_t cursor = lia_snapshot_cursor(snapshot);
    if (cursor && sum != 1000) wrong = "the sum is not kept";
    if (cursor) {
        if (lia_snapshot_get(snapshot, LIA_SPAN("rows"), &value))
            wrong = "no rows row";
        else if (lia_get_u64(value.data) != rows)
            wrong = "rows are missing";
        if (lia_snapshot_get(snapshot, LIA_SPAN("cursor"), &value))
            wrong = "no cursor row";
        else if (lia_get_u64(value.data) != cursor)
            wrong = "not the state of its cursor";
    }
    lia_snapshot_close(snapshot);
    return wrong;
}

static void *check_states(void *context)
{
    shared *s = context;
    const char *wrong = NULL;
    do wrong = check_state(s->views);
    while (!wrong && !atomic_load(&s->stop));
    return (void *)(uintptr_t)wrong;
}

static void put_number(lia_views *views, lia_span key, uint64_t number)
{
    uint8_t bytes[8];
    lia_put_u64(bytes, number);
    CHECK_OK(lia_views_put(views, key, LIA_SPAN_OF(bytes)));
}

static void set_seat(lia_views *views, unsigned seat, uint64_t units)
{
    uint8_t key[3] = {'s'};
    lia_put_u16(key + 1, (uint16_t)seat);
    if (units)
        put_number(views, LIA_SPAN_OF(key), units);
    else
        CHECK_OK(lia_views_del(views, LIA_SPAN_OF(key)));
}

/* The writer's side; with `rewrites`, the file is replaced all the time. */
static void run(bool rewrites)
{
    uint64_t cursor;
    shared s = {0};
    CHECK_OK(lia_views_open(&s.views, lia_test_dir(), &small, &cursor, NULL));
    lia_dice dice = {11};
    uint64_t seats[SEATS] = {1000}, rows = 1;
    set_seat(s.views, 0, 1000);
    pthread_t readers[2];
    for (int i = 0; i < 2; i++) pthread_create(&readers[i], NULL, check_states, &s);
    for (cursor = 1; cursor <= 6000; cursor++) {
        unsigned from = (unsigned)lia_dice_below(&dice, SEATS);
        unsigned to = (unsigned)lia_dice_below(&dice, SEATS);
        if (seats[from] && from != to) {
            uint64_t units = 1 + lia_dice_below(&dice, seats[from]);
            rows += (seats[to] == 0) - (units == seats[from]);
            set_seat(s.views, from, seats[from] -= units);
            set_seat(s.views, to, seats[to] += units);
        }
        put_number(s.views, LIA_SPAN("rows"), rows);
        put_number(s.views, LIA_SPAN("cursor"), cursor);
        CHECK_OK(lia_views_publish(s.views, cursor, NULL));
        if (!rewrites || cursor % 50) continue;
        lia_err err = lia_views_rewrite(s.views, NULL, NULL, NULL);
        if (err) CHECK_ERR(err, LIA_EBUSY);
    }
    if (rewrites) CHECK_OK(lia_views_rewrite_wait(s.views, NULL));
    atomic_store(&s.stop, true);
    for (int i = 0; i < 2; i++) {
        void *wrong;
        pthread_join(readers[i], &wrong);
        if (wrong) print_error("%s\n", (const char *)wrong);
        CHECK(!wrong);
    }
    lia_views_stats stats;
    lia_views_get_stats(s.views, &stats);
    CHECK(stats.flushes > 5);
    lia_rewrite_status status;
    lia_views_rewrite_status(s.views, &status);
    CHECK(rewrites ? status.ended > 5 : status.ended == 0);
    lia_views_close(s.views);
}

TEST(snapshots_are_exact_while_the_writer_and_the_flusher_run)
{
    run(false);
}

TEST(snapshots_are_exact_while_the_file_is_replaced_under_them)
{
    run(true);
}
