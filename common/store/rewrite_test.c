/* SPDX-License-Identifier: Apache-2.0 */
/* What was deleted from the views is in no file after a rewrite, and all else is as it was. */
#include <semaphore.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/store/test_canary.h"
#include "common/store/test_disk.h"
#include "common/store/views.h"

static const lia_views_options medium = {
    .map_bytes = (size_t)256 << 20, .table_bytes = 1 << 20, .version = 1};

enum { ROWS = 100000, VALUE_MAX = 6000 };

/* ---- views with marked rows ----------------------------------------------------------------- */

static bool is_marked(uint32_t n)
{
    return n % 100 == 7;
}

static lia_span key_of(uint32_t n, uint8_t key[6])
{
    memcpy(key, "c/", 2);
    lia_put_u32(key + 2, n * 2654435761u); /* in no order */
    return lia_span_make(key, 6);
}

static lia_span value_of(uint32_t n, uint32_t round, uint8_t bytes[VALUE_MAX])
{
    size_t size = 16 + (n * 37 + round) % 300;
    if (n % 300 == 7 || n % 300 == 9) size = 2100 + n % 3800;
    memset(bytes, (int)((n + round) & 0xff), size);
    if (is_marked(n)) canary_fill(bytes, size);
    return lia_span_make(bytes, size);
}

static lia_views *open_views(const char *dir, uint64_t *cursor)
{
    lia_views *views;
    lia_why why = {0};
    lia_err err = lia_views_open(&views, dir, &medium, cursor, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return views;
}

static void publish(lia_views *views, uint64_t cursor)
{
    CHECK_OK(lia_views_publish(views, cursor, NULL));
}

static void put_row(lia_views *views, uint32_t n, uint32_t round)
{
    uint8_t key[6], bytes[VALUE_MAX];
    CHECK_OK(lia_views_put(views, key_of(n, key), value_of(n, round, bytes)));
}

/* Rows 0 .. count - 1, marked ones deleted again when `erased`, in states of a hundred rows. */
static uint64_t fill(lia_views *views, uint32_t count, bool erased)
{
    uint64_t cursor = 1;
    for (uint32_t n = 0; n < count; n++) {
        put_row(views, n, 0);
        if (n % 100 == 99) publish(views, ++cursor);
    }
    for (uint32_t n = 7; erased && n < count; n += 100) {
        uint8_t key[6];
        CHECK_OK(lia_views_del(views, key_of(n, key)));
    }
    publish(views, ++cursor);
    return cursor;
}

static void check_rows(lia_snapshot *snapshot, uint32_t count, bool erased)
{
    for (uint32_t n = 0; n < count; n++) {
        uint8_t key[6], bytes[VALUE_MAX];
        lia_span value;
        bool gone = erased && is_marked(n);
        lia_err err = lia_snapshot_get(snapshot, key_of(n, key), &value);
        CHECK_ERR(err, gone ? LIA_EABSENT : LIA_OK);
        if (!gone) CHECK_BYTES(value, value_of(n, 0, bytes));
    }
}

static void check_views(lia_views *views, uint32_t count)
{
    lia_snapshot *snapshot;
    CHECK_OK(lia_snapshot_open(&snapshot, views));
    check_rows(snapshot, count, true);
    lia_snapshot_close(snapshot);
}

/* Work on rows old and new, left as they were. Returns the cursor. */
static uint64_t go_on(lia_views *views, uint64_t cursor, int turns)
{
    lia_dice dice = {3};
    for (int turn = 0; turn < turns; turn++) {
        uint32_t n = 10 * (uint32_t)lia_dice_below(&dice, ROWS / 10);
        put_row(views, n, 1);
        put_row(views, ROWS + 10 * (uint32_t)turn, 0);
        publish(views, ++cursor);
        put_row(views, n, 0);
        publish(views, ++cursor);
        if (turn % 10 == 9) CHECK_OK(lia_views_flush(views, NULL));
    }
    return cursor;
}

static void rewrite(lia_views *views, lia_views_keep keep, void *context)
{
    lia_why why = {0};
    CHECK_OK(lia_views_rewrite(views, keep, context, &why));
    lia_err err = lia_views_rewrite_wait(views, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

/* ---- erasing -------------------------------------------------------------------------------- */

TEST(a_deleted_row_is_in_no_file_after_a_rewrite_nor_3000_commits_later)
{
    const char *dir = lia_test_dir();
    uint64_t cursor, reopened;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, ROWS, true);
    CHECK_OK(lia_views_flush(views, NULL));
    CHECK(canary_count(dir, CANARY) > 1000);
    rewrite(views, NULL, NULL);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_views(views, ROWS);
    for (int i = 0; i < 3; i++) {
        cursor = go_on(views, cursor, 1000);
        CHECK_EQ(canary_count(dir, CANARY), 0);
        rewrite(views, NULL, NULL);
    }
    check_views(views, ROWS);
    lia_views_close(views);
    views = open_views(dir, &reopened);
    CHECK_EQ(reopened, cursor);
    check_views(views, ROWS);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_views_close(views);
}

TEST(the_commits_after_a_rewrite_bring_nothing_back)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, ROWS, true);
    rewrite(views, NULL, NULL);
    for (uint32_t commit = 0; commit < 3000; commit++) {
        put_row(views, 10 * (commit * 7 % (ROWS / 10)), 0);
        put_row(views, ROWS + 10 * commit, 0);
        publish(views, ++cursor);
        CHECK_OK(lia_views_flush(views, NULL));
    }
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_views(views, ROWS);
    lia_views_close(views);
}

/* Declines marked rows and shortens those of one kind. */
static bool decline(void *context, lia_span key, lia_span *value)
{
    unsigned *asked = context;
    CHECK_EQ(key.size, 6);
    ++*asked;
    if (canary_count_bytes(value->data, value->size, CANARY)) return false;
    static const uint8_t short_value[] = {'s'};
    if (key.data[5] == 3) *value = LIA_SPAN_OF(short_value);
    return true;
}

TEST(a_rewrite_asks_for_every_row_and_may_change_it)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    fill(views, 5000, false);
    unsigned asked = 0;
    rewrite(views, decline, &asked);
    CHECK_EQ(asked, 5000);
    lia_rewrite_status status;
    lia_views_rewrite_status(views, &status);
    CHECK(!status.running && !status.err && status.ended == 1);
    CHECK_EQ(status.rows, 5000);
    CHECK_EQ(status.kept, 4950);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    for (uint32_t n = 0; n < 5000; n++) {
        uint8_t key[6], bytes[VALUE_MAX];
        lia_span value;
        lia_err err = lia_views_get(views, key_of(n, key), &value);
        CHECK_ERR(err, is_marked(n) ? LIA_EABSENT : LIA_OK);
        if (!err) CHECK_BYTES(value, key[5] == 3 ? LIA_SPAN("s") : value_of(n, 0, bytes));
    }
    lia_views_close(views);
}

/* ---- beside it ------------------------------------------------------------------------------ */

typedef struct pause {
    sem_t begun, go;
    bool once;
} pause_point;

static bool wait_once(void *context, lia_span key, lia_span *value)
{
    pause_point *p = context;
    (void)key, (void)value;
    if (p->once) return true;
    p->once = true;
    sem_post(&p->begun);
    sem_wait(&p->go);
    return true;
}

TEST(writing_and_reading_go_on_during_a_rewrite_and_nothing_is_missing)
{
    const char *dir = lia_test_dir();
    uint64_t cursor, reopened;
    pause_point p = {0};
    sem_init(&p.begun, 0, 0);
    sem_init(&p.go, 0, 0);
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, 5000, false);
    lia_snapshot *before, *during;
    CHECK_OK(lia_snapshot_open(&before, views));
    for (uint32_t n = 7; n < 5000; n += 100) {
        uint8_t key[6];
        CHECK_OK(lia_views_del(views, key_of(n, key)));
    }
    publish(views, ++cursor);
    CHECK_OK(lia_views_rewrite(views, wait_once, &p, NULL));
    sem_wait(&p.begun);
    lia_why why = {0};
    CHECK_ERR(lia_views_rewrite(views, NULL, NULL, &why), LIA_EBUSY);
    for (uint32_t n = 5000; n < 9000; n++)
        if (!is_marked(n)) put_row(views, n, 0); /* more than a table */
    publish(views, ++cursor);
    CHECK_OK(lia_snapshot_open(&during, views));
    check_rows(during, 9000, true);
    sem_post(&p.go);
    CHECK_OK(lia_views_rewrite_wait(views, &why));
    check_rows(before, 5000, false);
    check_rows(during, 9000, true);
    check_views(views, 9000);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_snapshot_close(before);
    lia_snapshot_close(during);
    check_views(views, 9000);
    lia_views_close(views);
    views = open_views(dir, &reopened);
    CHECK_EQ(reopened, cursor);
    check_views(views, 9000);
    lia_views_close(views);
}

TEST(closing_ends_a_rewrite_and_the_old_file_counts)
{
    const char *dir = lia_test_dir();
    uint64_t cursor, reopened;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, ROWS / 10, true);
    CHECK_OK(lia_views_rewrite(views, NULL, NULL, NULL));
    put_row(views, ROWS, 0);
    publish(views, ++cursor);
    lia_views_close(views);
    views = open_views(dir, &reopened);
    CHECK_EQ(reopened, cursor);
    check_views(views, ROWS / 10);
    char path[600];
    snprintf(path, sizeof path, "%s/views.mdb.next", dir);
    CHECK(access(path, F_OK) != 0);
    rewrite(views, NULL, NULL);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_views_close(views);
}

TEST(a_disk_that_fails_during_a_rewrite_changes_nothing)
{
    static const disk_fault faults[] = {DISK_EIO, DISK_ENOSPC, DISK_SHORT};
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, 3000, true);
    CHECK_OK(lia_views_flush(views, NULL));
    for (size_t i = 0; i < LIA_COUNT(faults); i++) {
        bool fired = true;
        for (uint64_t n = 1; fired; n += 1 + n / 20) {
            lia_why why = {0};
            disk_arm(faults[i], n, false);
            lia_err err = lia_views_rewrite(views, NULL, NULL, &why);
            if (!err) err = lia_views_rewrite_wait(views, &why);
            fired = disk_fired();
            disk_arm(DISK_EIO, 0, false);
            CHECK_EQ(err != LIA_OK, fired);
            CHECK_EQ(why.text[0] != 0, fired);
            check_views(views, 3000);
            publish(views, ++cursor);
            CHECK_OK(lia_views_flush(views, &why));
        }
        CHECK_EQ(canary_count(dir, CANARY), 0);
    }
    lia_views_close(views);
}
