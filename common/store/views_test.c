/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/test.h"

static const lia_views_options small = {
    .map_bytes = (size_t)64 << 20, .table_bytes = 16 << 10, .version = 1};

static lia_views *open_views(const char *dir, uint64_t *cursor)
{
    lia_views *views;
    lia_why why = {0};
    lia_err err = lia_views_open(&views, dir, &small, cursor, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return views;
}

static void put_text(lia_views *views, const char *key, const char *value)
{
    CHECK_OK(lia_views_put(views, lia_span_text(key), lia_span_text(value)));
}

static void check_snapshot(lia_snapshot *snapshot, const char *key, const char *want)
{
    lia_span value;
    lia_err err = lia_snapshot_get(snapshot, lia_span_text(key), &value);
    CHECK_ERR(err, want ? LIA_OK : LIA_EABSENT);
    if (want) CHECK_BYTES(value, lia_span_text(want));
}

TEST(new_views_are_empty)
{
    uint64_t cursor = 7;
    lia_views *views = open_views(lia_test_dir(), &cursor);
    CHECK_EQ(cursor, 0);
    lia_snapshot *snapshot;
    lia_span value;
    lia_scan *scan;
    CHECK_OK(lia_snapshot_open(&snapshot, views));
    CHECK_EQ(lia_snapshot_cursor(snapshot), 0);
    check_snapshot(snapshot, "a", NULL);
    CHECK_ERR(lia_snapshot_get(snapshot, LIA_SPAN_NONE, &value), LIA_EABSENT);
    CHECK_OK(lia_scan_open(&scan, snapshot, LIA_SPAN_NONE));
    CHECK(!lia_scan_next(scan, &value, &value));
    CHECK_OK(lia_scan_status(scan));
    lia_scan_close(scan);
    lia_snapshot_close(snapshot);
    CHECK_ERR(lia_views_get(views, LIA_SPAN("a"), &value), LIA_EABSENT);
    lia_views_close(views);
}

TEST(a_write_is_seen_by_the_writer_at_once_and_by_others_once_published)
{
    uint64_t cursor;
    lia_views *views = open_views(lia_test_dir(), &cursor);
    lia_snapshot *before, *after;
    lia_span value;
    put_text(views, "a", "1");
    CHECK_OK(lia_views_get(views, LIA_SPAN("a"), &value));
    CHECK_BYTES(value, LIA_SPAN("1"));
    CHECK_OK(lia_snapshot_open(&before, views));
    CHECK_OK(lia_views_publish(views, 5, NULL));
    CHECK_OK(lia_snapshot_open(&after, views));
    check_snapshot(before, "a", NULL);
    check_snapshot(after, "a", "1");
    CHECK_EQ(lia_snapshot_cursor(before), 0);
    CHECK_EQ(lia_snapshot_cursor(after), 5);
    CHECK_OK(lia_views_del(views, LIA_SPAN("a")));
    CHECK_ERR(lia_views_get(views, LIA_SPAN("a"), &value), LIA_EABSENT);
    CHECK_OK(lia_views_publish(views, 6, NULL));
    CHECK_OK(lia_views_flush(views, NULL));
    check_snapshot(before, "a", NULL);
    check_snapshot(after, "a", "1");
    lia_snapshot_close(before);
    lia_snapshot_close(after);
    lia_views_close(views);
}

/* ---- against a model ------------------------------------------------------------------------- */

/* Rows n of 0 .. ROWS-1: their value is a number and a length; 0 is absent. */
enum { ROWS = 300 };
typedef struct model {
    uint32_t rows[ROWS];
    uint64_t cursor;
} model;

static lia_span row_key(unsigned n, uint8_t key[LIA_VIEW_KEY_MAX])
{
    memset(key, 0, LIA_VIEW_KEY_MAX);
    key[0] = (uint8_t)(n % 7);
    lia_put_u16(key + 1, (uint16_t)n);
    return lia_span_make(key, n % 50 == 0 ? LIA_VIEW_KEY_MAX : 3 + n % 40);
}

static lia_span row_value(uint32_t number, uint8_t *bytes)
{
    size_t size = number % 97 == 0 ? number % 100000 : number % 120;
    memset(bytes, (int)(number & 0xff), size);
    if (size >= 4) lia_put_u32(bytes, number);
    return lia_span_make(bytes, size);
}

static void change_some(lia_views *views, model *m, lia_dice *dice)
{
    static uint8_t bytes[100000];
    for (uint64_t i = lia_dice_below(dice, 30); i > 0; i--) {
        unsigned n = (unsigned)lia_dice_below(dice, ROWS);
        uint8_t key[LIA_VIEW_KEY_MAX];
        lia_span span = row_key(n, key), value;
        m->rows[n] = lia_dice_below(dice, 3) ? 1 + (uint32_t)lia_dice_below(dice, 1 << 30) : 0;
        if (m->rows[n])
            CHECK_OK(lia_views_put(views, span, row_value(m->rows[n], bytes)));
        else
            CHECK_OK(lia_views_del(views, span));
        CHECK_ERR(lia_views_get(views, span, &value), m->rows[n] ? LIA_OK : LIA_EABSENT);
    }
}

/* All rows that begin with `prefix` and are not before `from`, by brute force. */
static void check_scan(lia_scan *scan, const model *m, lia_span prefix, lia_span from)
{
    static uint8_t bytes[100000];
    uint8_t key[LIA_VIEW_KEY_MAX];
    unsigned want = 0, got = 0;
    for (unsigned n = 0; n < ROWS; n++) {
        lia_span span = row_key(n, key);
        want += m->rows[n] && lia_span_starts(span, prefix) && lia_span_compare(span, from) >= 0;
    }
    uint8_t last[LIA_VIEW_KEY_MAX];
    size_t last_size = 0;
    lia_span k, v;
    for (; lia_scan_next(scan, &k, &v); got++) {
        CHECK(lia_span_starts(k, prefix) && lia_span_compare(k, from) >= 0);
        CHECK(lia_span_compare(k, lia_span_make(last, last_size)) > 0);
        memcpy(last, k.data, last_size = k.size);
        unsigned n = lia_get_u16(k.data + 1);
        CHECK(n < ROWS && m->rows[n]);
        CHECK_BYTES(v, row_value(m->rows[n], bytes));
    }
    CHECK_OK(lia_scan_status(scan));
    CHECK_EQ(got, want);
}

/* All rows that begin with `prefix` and are before `from` (empty: all), from the last on. */
static void check_backwards(lia_scan *scan, const model *m, lia_span prefix, lia_span from)
{
    static uint8_t bytes[100000];
    uint8_t key[LIA_VIEW_KEY_MAX];
    unsigned want = 0, got = 0;
    for (unsigned n = 0; n < ROWS; n++) {
        lia_span span = row_key(n, key);
        bool before = !from.size || lia_span_compare(span, from) < 0;
        want += m->rows[n] && lia_span_starts(span, prefix) && before;
    }
    lia_span k = from, v;
    for (; lia_scan_before(scan, k, &k, &v); got++) {
        CHECK(lia_span_starts(k, prefix));
        CHECK(!from.size || lia_span_compare(k, from) < 0);
        from = lia_span_make(key, k.size);
        memcpy(key, k.data, k.size);
        k = from;
        unsigned n = lia_get_u16(k.data + 1);
        CHECK(n < ROWS && m->rows[n]);
        CHECK_BYTES(v, row_value(m->rows[n], bytes));
    }
    CHECK_OK(lia_scan_status(scan));
    CHECK_EQ(got, want);
}

static void check_all(lia_snapshot *snapshot, const model *m, lia_dice *dice)
{
    static uint8_t bytes[100000];
    uint8_t key[LIA_VIEW_KEY_MAX], from[LIA_VIEW_KEY_MAX];
    CHECK_EQ(lia_snapshot_cursor(snapshot), m->cursor);
    for (unsigned n = 0; n < ROWS; n++) {
        lia_span value;
        CHECK_ERR(lia_snapshot_get(snapshot, row_key(n, key), &value),
                  m->rows[n] ? LIA_OK : LIA_EABSENT);
        if (m->rows[n]) CHECK_BYTES(value, row_value(m->rows[n], bytes));
    }
    lia_scan *scan;
    for (size_t size = 0; size < 4; size++) {
        lia_span prefix = row_key((unsigned)lia_dice_below(dice, ROWS), key);
        prefix.size = size;
        CHECK_OK(lia_scan_open(&scan, snapshot, prefix));
        check_scan(scan, m, prefix, LIA_SPAN_NONE);
        lia_span place = row_key((unsigned)lia_dice_below(dice, ROWS), from);
        lia_scan_seek(scan, place);
        check_scan(scan, m, prefix, place);
        check_backwards(scan, m, prefix, LIA_SPAN_NONE);
        check_backwards(scan, m, prefix, place);
        lia_scan_seek(scan, place);
        check_scan(scan, m, prefix, place);
        lia_scan_close(scan);
    }
}

TEST(views_agree_with_a_simple_map)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const char *dir = lia_test_dir();
        lia_dice dice = {seed};
        model m = {0}, old = {0};
        uint64_t cursor;
        lia_views *views = open_views(dir, &cursor);
        lia_snapshot *standing = NULL, *fresh;
        for (int round = 1; round <= 400; round++) {
            change_some(views, &m, &dice);
            m.cursor++;
            CHECK_OK(lia_views_publish(views, m.cursor, NULL));
            if (round % 7 == 0) {
                CHECK_OK(lia_snapshot_open(&fresh, views));
                check_all(fresh, &m, &dice);
                lia_snapshot_close(fresh);
            }
            if (round % 31 == 0) {
                if (standing) check_all(standing, &old, &dice);
                lia_snapshot_close(standing);
                CHECK_OK(lia_snapshot_open(&standing, views));
                old = m;
            }
            if (round % 90 == 0) CHECK_OK(lia_views_flush(views, NULL));
            if (round % 130 == 0) {
                lia_snapshot_close(standing);
                standing = NULL;
                lia_views_close(views);
                views = open_views(dir, &cursor);
                CHECK_EQ(cursor, m.cursor);
            }
        }
        lia_snapshot_close(standing);
        lia_views_close(views);
    }
}

TEST(the_writers_own_scan_sees_what_is_not_published)
{
    uint64_t cursor;
    lia_views *views = open_views(lia_test_dir(), &cursor);
    put_text(views, "a1", "x");
    put_text(views, "a3", "x");
    CHECK_OK(lia_views_publish(views, 1, NULL));
    CHECK_OK(lia_views_flush(views, NULL));
    put_text(views, "a2", "y");
    CHECK_OK(lia_views_del(views, LIA_SPAN("a3")));
    put_text(views, "b", "z");
    lia_scan *scan;
    lia_span key, value;
    CHECK_OK(lia_views_scan(views, LIA_SPAN("a"), &scan));
    CHECK(lia_scan_next(scan, &key, &value));
    CHECK_BYTES(key, LIA_SPAN("a1"));
    CHECK(lia_scan_next(scan, &key, &value));
    CHECK_BYTES(key, LIA_SPAN("a2"));
    CHECK(!lia_scan_next(scan, &key, &value));
    CHECK(!lia_scan_next(scan, &key, &value));
    lia_scan_close(scan);
    lia_views_close(views);
}

TEST(a_prefix_or_a_place_longer_than_any_key_is_fine)
{
    uint64_t cursor;
    lia_views *views = open_views(lia_test_dir(), &cursor);
    uint8_t key[600];
    memset(key, 'a', sizeof key);
    CHECK_OK(lia_views_put(views, lia_span_make(key, LIA_VIEW_KEY_MAX), LIA_SPAN("v")));
    put_text(views, "b", "w");
    CHECK_OK(lia_views_publish(views, 1, NULL));
    for (int flushed = 0; flushed < 2; flushed++) {
        lia_scan *scan;
        lia_span k, v;
        lia_snapshot *snapshot;
        CHECK_OK(lia_snapshot_open(&snapshot, views));
        CHECK_OK(lia_scan_open(&scan, snapshot, LIA_SPAN_OF(key)));
        CHECK(!lia_scan_next(scan, &k, &v));
        lia_scan_seek(scan, LIA_SPAN_OF(key));
        CHECK(!lia_scan_next(scan, &k, &v));
        lia_scan_close(scan);
        CHECK_OK(lia_scan_open(&scan, snapshot, LIA_SPAN_NONE));
        lia_scan_seek(scan, LIA_SPAN_OF(key));
        CHECK(lia_scan_next(scan, &k, &v));
        CHECK_BYTES(k, LIA_SPAN("b"));
        lia_scan_close(scan);
        CHECK_ERR(lia_snapshot_get(snapshot, LIA_SPAN_OF(key), &v), LIA_EABSENT);
        lia_snapshot_close(snapshot);
        CHECK_OK(lia_views_flush(views, NULL));
    }
    lia_views_close(views);
}

TEST(a_row_of_a_mebibyte_is_kept)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    size_t size = (size_t)1 << 20;
    uint8_t *bytes = malloc(size);
    for (int i = 0; i < 5; i++) {
        memset(bytes, i, size);
        CHECK_OK(lia_views_put(views, LIA_SPAN("big"), lia_span_make(bytes, size)));
        CHECK_OK(lia_views_publish(views, (uint64_t)i + 1, NULL));
    }
    lia_views_close(views);
    views = open_views(dir, &cursor);
    CHECK_EQ(cursor, 5);
    lia_span value;
    CHECK_OK(lia_views_get(views, LIA_SPAN("big"), &value));
    CHECK_BYTES(value, lia_span_make(bytes, size));
    free(bytes);
    lia_views_close(views);
}

/* ---- what reaches the disk ------------------------------------------------------------------- */

TEST(only_published_rows_reach_the_disk)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_span value;
    lia_views *views = open_views(dir, &cursor);
    put_text(views, "a", "kept");
    CHECK_OK(lia_views_publish(views, 3, NULL));
    put_text(views, "a", "not published");
    put_text(views, "b", "not published");
    lia_views_close(views);
    views = open_views(dir, &cursor);
    CHECK_EQ(cursor, 3);
    CHECK_OK(lia_views_get(views, LIA_SPAN("a"), &value));
    CHECK_BYTES(value, LIA_SPAN("kept"));
    CHECK_ERR(lia_views_get(views, LIA_SPAN("b"), &value), LIA_EABSENT);
    CHECK_OK(lia_views_publish(views, 4, NULL)); /* a cursor may move without rows */
    CHECK_OK(lia_views_flush(views, NULL));
    put_text(views, "c", "dropped");
    CHECK_OK(lia_views_publish(views, 5, NULL));
    lia_views_drop(views);
    views = open_views(dir, &cursor);
    CHECK_EQ(cursor, 4);
    CHECK_ERR(lia_views_get(views, LIA_SPAN("c"), &value), LIA_EABSENT);
    lia_views_stats stats;
    lia_views_get_stats(views, &stats);
    CHECK(stats.disk_used > 0 && stats.disk_cap == small.map_bytes && stats.flushes == 0);
    lia_views_close(views);
}

static void check_emptied(const char *dir, const lia_views_options *options)
{
    uint64_t cursor = 9;
    lia_views *views;
    lia_span value;
    lia_why why = {0};
    CHECK_OK(lia_views_open(&views, dir, options, &cursor, &why));
    CHECK_EQ(cursor, 0);
    CHECK_ERR(lia_views_get(views, LIA_SPAN("a"), &value), LIA_EABSENT);
    put_text(views, "a", "1");
    CHECK_OK(lia_views_publish(views, 8, NULL));
    lia_views_close(views);
}

TEST(damaged_or_differently_laid_out_views_are_emptied)
{
    const char *dir = lia_test_dir();
    lia_views_options other = small;
    check_emptied(dir, &small);
    other.version = 2;
    check_emptied(dir, &other);
    other.version = 1;
    check_emptied(dir, &other);
    char path[600];
    snprintf(path, sizeof path, "%s/views.mdb", dir);
    static const off_t sizes[] = {0, 100, 4096, 8192, 12288};
    for (size_t i = 0; i < LIA_COUNT(sizes); i++) {
        CHECK_EQ(truncate(path, sizes[i]), 0);
        check_emptied(dir, &small);
    }
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 5000; i++) fprintf(file, "not views\n");
    fclose(file);
    check_emptied(dir, &small);
}

TEST(a_second_opening_is_refused)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor), *second;
    lia_why why = {0};
    CHECK_ERR(lia_views_open(&second, dir, &small, &cursor, &why), LIA_EBUSY);
    CHECK(!second && why.text[0]);
    lia_views_close(views);
    lia_views_close(open_views(dir, &cursor));
}

TEST(a_full_map_is_reported_and_loses_no_reads)
{
    const char *dir = lia_test_dir();
    lia_views_options tiny = {.map_bytes = 200 << 10, .table_bytes = 64 << 10, .version = 1};
    lia_views *views;
    uint64_t cursor, written = 0;
    CHECK_OK(lia_views_open(&views, dir, &tiny, &cursor, NULL));
    lia_err err = LIA_OK;
    lia_why why = {0};
    uint8_t key[8], value[500] = {0};
    while (!err) {
        lia_put_u64(key, ++written);
        CHECK_OK(lia_views_put(views, LIA_SPAN_OF(key), LIA_SPAN_OF(value)));
        err = lia_views_publish(views, written, &why);
    }
    CHECK_ERR(err, LIA_EFULL);
    CHECK(why.text[0]);
    CHECK_ERR(lia_views_flush(views, &why), LIA_EFULL);
    lia_snapshot *snapshot;
    lia_span got;
    CHECK_OK(lia_snapshot_open(&snapshot, views));
    for (uint64_t i = 1; i <= written; i++) {
        lia_put_u64(key, i);
        CHECK_OK(lia_snapshot_get(snapshot, LIA_SPAN_OF(key), &got));
    }
    lia_snapshot_close(snapshot);
    lia_views_close(views);
    tiny.map_bytes = (size_t)16 << 20;
    CHECK_OK(lia_views_open(&views, dir, &tiny, &cursor, &why));
    CHECK(cursor < written);
    for (uint64_t i = 1; i <= written; i++) {
        lia_put_u64(key, i);
        CHECK_ERR(lia_views_get(views, LIA_SPAN_OF(key), &got), i <= cursor ? LIA_OK : LIA_EABSENT);
    }
    lia_views_close(views);
}
