/* SPDX-License-Identifier: Apache-2.0 */
/* Records that are indexed together leave the same rows as records that are indexed one by one,
 * however the work is cut up: by changes, erasures and the end of the process. */
#include <stdio.h>
#include <sys/stat.h>

#include "common/base/time.h"
#include "common/identity/engine.h"
#include "common/identity/engine_inner.h"
#include "common/wire/record.h"
#include "tests/support/test.h"

#define MANY   701 /* more than LIA_BULK_MIN, and no multiple of STRIDE */
#define STRIDE 7

typedef struct bed {
    lia_rows rows;
    void *engine;
    lia_arena arena;
} bed;

static lia_id id(size_t number)
{
    lia_id made = {{0}};
    made.bytes[0] = 1;
    lia_put_u32(made.bytes + 12, (uint32_t)number);
    return made;
}

static void open_engine(bed *b)
{
    CHECK_OK(lia_identity_background.open(&b->engine, &b->rows));
}

static bed make(const char *name)
{
    char dir[1024];
    uint64_t cursor;
    lia_why why = {0};
    bed b = {0};
    snprintf(dir, sizeof dir, "%s/%s", lia_test_dir(), name);
    CHECK_OK(lia_views_open(&b.rows.views, dir, &(lia_views_options){.map_bytes = 1 << 28}, &cursor,
                            &why));
    CHECK_OK(lia_arena_init(&b.arena, (size_t)256 << 20));
    open_engine(&b);
    return b;
}

static void end(bed *b)
{
    lia_identity_background.close(b->engine);
    lia_arena_fini(&b->arena);
    lia_views_close(b->rows.views);
}

/* Words of which some are everybody's, some a few people's, some nobody else's. */
static void put(bed *b, size_t number, size_t revision)
{
    char name[64];
    uint8_t bytes[128];
    lia_record record = {0};
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    snprintf(name, sizeof name, "Anna%c%c Berg%c%c", (char)('a' + number % 3),
             (char)('a' + number / 3 % (number % 2 ? 5 : 25)),
             (char)('a' + (number + revision) % 25), (char)('a' + number / 25 % 25));
    customer.name = name;
    lia_op op = {.record = id(number), .kind = LIA_CUSTOMER};
    op.set = lia_span_make(bytes, crm__customer__pack(&customer, bytes));
    lia_stamp stamp = {.hlc = revision + 1, .node = 1, .incarnation = 1, .seq = 1};
    CHECK_OK(lia_record_join_op(&record, &op, stamp, &b->arena));
    lia_buf row = lia_buf_make(&b->arena);
    lia_record_encode(&record, &row);
    lia_key key = lia_key_tag(LIA_CUSTOMER, op.record, LIA_TAG_STATE);
    CHECK_OK(lia_views_put(b->rows.views, lia_key_span(&key), lia_buf_get(&row)));
    CHECK_OK(lia_identity_background.changed(b->engine, &b->rows, LIA_CUSTOMER, op.record, &op,
                                             &b->arena));
    lia_arena_reset(&b->arena);
}

static void erase(bed *b, size_t number)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, id(number), LIA_TAG_STATE);
    CHECK_OK(lia_views_del(b->rows.views, lia_key_span(&key)));
    CHECK_OK(lia_identity_background.erased(b->engine, &b->rows, id(number), &b->arena));
    lia_arena_reset(&b->arena);
}

static bool waits(bed *b)
{
    lia_progress progress;
    lia_identity_background.progress(b->engine, &progress);
    return progress.waiting > 0;
}

/* A slice of about so long. */
static void work(bed *b, uint64_t ns)
{
    CHECK_OK(
        lia_identity_background.work(b->engine, &b->rows, lia_time_ticks_ns() + ns, &b->arena));
    lia_arena_reset(&b->arena);
}

static void rest(bed *b)
{
    while (waits(b)) work(b, 5000000);
}

static lia_scan *scan_all(bed *b)
{
    lia_scan *scan;
    CHECK_OK(lia_rows_scan(&b->rows, LIA_SPAN("c"), &scan));
    return scan;
}

/* Where the work stands may differ, and nobody waits. */
static bool next_row(lia_scan *scan, lia_span *key, lia_span *value)
{
    while (lia_scan_next(scan, key, value)) {
        CHECK(key->data[1] != LIA_IDENTITY_WAITING);
        if (key->data[1] != LIA_IDENTITY_STATE) return true;
    }
    return false;
}

static size_t check_same(bed *a, bed *b)
{
    lia_span key, value, other, others;
    lia_scan *left = scan_all(a), *right = scan_all(b);
    size_t count = 0, ties = 0;
    for (; next_row(left, &key, &value); count++) {
        CHECK(next_row(right, &other, &others));
        CHECK_BYTES(other, key);
        CHECK_BYTES(others, value);
        ties += key.data[1] == LIA_IDENTITY_TIE;
    }
    CHECK(!next_row(right, &other, &others));
    CHECK(ties > 0);
    lia_scan_close(left);
    lia_scan_close(right);
    return count;
}

static bool is_gone(size_t number)
{
    return number % 97 == 5;
}

static size_t revision_of(size_t number)
{
    return number % 41 == 7 ? 3 : 0;
}

/* As if each had come alone, with time in between. */
static bed make_one_by_one(void)
{
    bed b = make("one");
    for (size_t i = 0; i < MANY; i++) {
        if (is_gone(i)) continue;
        put(&b, i, revision_of(i));
        if (i % (LIA_BULK_MIN / 2) == 0) rest(&b);
    }
    rest(&b);
    return b;
}

TEST(many_at_once_leave_the_same_rows_as_one_by_one)
{
    bed one = make_one_by_one(), all = make("all");
    for (size_t i = 0; i < MANY; i++)
        if (!is_gone(i)) put(&all, i, revision_of(i));
    rest(&all);
    CHECK(check_same(&one, &all) > 10 * MANY);
    end(&one);
    end(&all);
}

/* Changed and erased while they are in hand, at every stage of it. */
TEST(what_is_changed_or_erased_in_between_is_as_it_is_at_the_end)
{
    bed one = make_one_by_one(), all = make("all");
    size_t next = 0, slices = 0;
    for (size_t i = 0; i < MANY; i++) put(&all, i, 0);
    for (; waits(&all) || next < MANY; slices++) {
        for (size_t end = next + 40; next < end && next < MANY; next++) {
            size_t number = next * STRIDE % MANY;
            if (is_gone(number)) erase(&all, number);
            if (revision_of(number)) put(&all, number, revision_of(number));
        }
        work(&all, 500000);
    }
    CHECK(slices > MANY / 40);
    (void)check_same(&one, &all);
    end(&one);
    end(&all);
}

/* What was published when the process ended is all that is left: the rows, and nothing in memory.
 */
TEST(work_that_ended_with_the_process_is_done_again)
{
    bed one = make_one_by_one(), all = make("all");
    size_t ends = 0;
    for (size_t i = 0; i < MANY; i++) put(&all, i, 0);
    while (waits(&all)) {
        for (size_t i = 0, slices = ends % 23; i < slices; i++) work(&all, 300000);
        lia_identity_background.close(all.engine);
        open_engine(&all);
        if (ends++ > 200) rest(&all);
        for (size_t i = 0; i < MANY && ends == 30; i++) {
            if (is_gone(i)) erase(&all, i);
            if (revision_of(i)) put(&all, i, revision_of(i));
        }
    }
    CHECK(ends > 30);
    (void)check_same(&one, &all);
    end(&one);
    end(&all);
}
