/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

/* The model: for each of a few keys, all versions ever written. */
enum { KEYS = 40, VERSIONS = 200 };
typedef struct model {
    struct {
        uint32_t value;
        uint16_t size;
        bool set, deleted;
    } at[KEYS][VERSIONS + 1];
} model;

static lia_span key_of(unsigned n, char text[16])
{
    /* keys that are prefixes of one another */
    int size = snprintf(text, 16, "%s%u", n % 3 ? "k" : "", n);
    return lia_span_make(text, (size_t)size);
}

static int newest(const model *m, unsigned key, unsigned version)
{
    for (unsigned v = version; v > 0; v--)
        if (m->at[key][v].set) return (int)v;
    return 0;
}

static lia_span value_of(uint32_t value, uint16_t size, uint8_t bytes[300])
{
    memset(bytes, (int)(value & 0xff), size);
    if (size >= 4) memcpy(bytes, &value, 4);
    return lia_span_make(bytes, size);
}

static void check_get(const lia_table *table, const model *m, unsigned key, unsigned version)
{
    char text[16];
    uint8_t bytes[300];
    lia_row row;
    bool found = lia_table_get(table, version, key_of(key, text), &row);
    int want = newest(m, key, version);
    CHECK_EQ(found, want != 0);
    if (!want) return;
    CHECK_EQ(row.deleted, m->at[key][want].deleted);
    if (!row.deleted)
        CHECK_BYTES(row.value, value_of(m->at[key][want].value, m->at[key][want].size, bytes));
}

static void check_walk(const lia_table *table, const model *m, unsigned version)
{
    unsigned rows = 0, want = 0;
    lia_walk walk;
    lia_row row;
    char last[16];
    lia_span before = LIA_SPAN_NONE;
    lia_walk_seek(&walk, table, version, LIA_SPAN_NONE);
    for (; lia_walk_row(&walk, &row); lia_walk_step(&walk), rows++) {
        CHECK(rows == 0 || lia_span_compare(before, row.key) < 0);
        memcpy(last, row.key.data, row.key.size);
        before = lia_span_make(last, row.key.size);
    }
    for (unsigned key = 0; key < KEYS; key++) want += newest(m, key, version) != 0;
    CHECK_EQ(rows, want);
}

static void check_backwards(const lia_table *table, const model *m, unsigned version)
{
    static const uint8_t end[] = {0xff};
    unsigned rows = 0, want = 0;
    lia_row row;
    lia_span key = LIA_SPAN_OF(end);
    for (; lia_table_before(table, version, key, &row); rows++) {
        lia_row same;
        CHECK(lia_span_compare(row.key, key) < 0);
        CHECK(lia_table_get(table, version, row.key, &same));
        CHECK(same.value.data == row.value.data && same.deleted == row.deleted);
        key = row.key;
    }
    for (unsigned each = 0; each < KEYS; each++) want += newest(m, each, version) != 0;
    CHECK_EQ(rows, want);
}

static void write_some(lia_table *table, model *m, lia_dice *dice, unsigned version)
{
    for (unsigned i = 0; i < 30; i++) {
        unsigned key = (unsigned)lia_dice_below(dice, KEYS);
        if (lia_dice_below(dice, 2)) key = key / 8; /* some keys have very many versions */
        char text[16];
        uint8_t bytes[300];
        uint32_t value = (uint32_t)lia_dice_next(dice);
        uint16_t size = (uint16_t)lia_dice_below(dice, 300);
        bool deleted = lia_dice_below(dice, 4) == 0;
        lia_span span = key_of(key, text);
        if (deleted)
            CHECK_OK(lia_table_del(table, version, span));
        else
            CHECK_OK(lia_table_put(table, version, span, value_of(value, size, bytes)));
        m->at[key][version].set = true;
        m->at[key][version].deleted = deleted;
        m->at[key][version].value = value;
        m->at[key][version].size = size;
        lia_row row;
        CHECK(lia_table_find(table, span, &row));
        CHECK_EQ(row.deleted, deleted);
    }
}

TEST(every_version_is_seen_as_it_was_written)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        lia_dice dice = {seed};
        lia_table *table = lia_table_open((size_t)8 << 20);
        model *m = calloc(1, sizeof *m);
        for (unsigned version = 1; version <= VERSIONS; version++)
            write_some(table, m, &dice, version);
        for (unsigned version = 0; version <= VERSIONS; version += 7) {
            for (unsigned key = 0; key < KEYS; key++) check_get(table, m, key, version);
            check_walk(table, m, version);
            check_backwards(table, m, version);
        }
        free(m);
        lia_table_close(table);
    }
}

TEST(a_full_table_refuses_and_stays_as_it_was)
{
    lia_table *table = lia_table_open(64 << 10);
    static uint8_t big[40 << 10];
    CHECK_OK(lia_table_put(table, 1, LIA_SPAN("a"), LIA_SPAN_OF(big)));
    CHECK_ERR(lia_table_put(table, 2, LIA_SPAN("a"), LIA_SPAN_OF(big)), LIA_EFULL);
    CHECK_ERR(lia_table_put(table, 2, LIA_SPAN("b"), LIA_SPAN_OF(big)), LIA_EFULL);
    lia_row row;
    CHECK(lia_table_get(table, 2, LIA_SPAN("a"), &row));
    CHECK_EQ(row.value.size, sizeof big);
    CHECK(!lia_table_get(table, 2, LIA_SPAN("b"), &row));
    lia_table_clear(table);
    CHECK(lia_table_is_empty(table));
    CHECK_OK(lia_table_put(table, 3, LIA_SPAN("b"), LIA_SPAN_OF(big)));
    lia_table_close(table);
}

/* ---- concurrency ---------------------------------------------------------------------------- */

typedef struct shared {
    lia_table *table;
    _Atomic uint64_t published;
    atomic_bool stop;
} shared;

/* In each version all keys have the version as their value, so a reader that sees two different
 * values has seen a version that never was. */
static void *read_versions(void *context)
{
    shared *s = context;
    uint64_t reads = 0;
    while (!atomic_load(&s->stop) || reads == 0) {
        uint64_t version = atomic_load_explicit(&s->published, memory_order_acquire);
        lia_walk walk;
        lia_row row;
        unsigned rows = 0;
        lia_walk_seek(&walk, s->table, version, LIA_SPAN_NONE);
        for (; lia_walk_row(&walk, &row); lia_walk_step(&walk), rows++)
            if (lia_get_u64(row.value.data) != version) return (void *)1;
        if (version && rows != KEYS) return (void *)2;
        reads++;
    }
    return NULL;
}

TEST(readers_see_whole_versions_while_the_writer_goes_on)
{
    shared s = {.table = lia_table_open((size_t)16 << 20)};
    pthread_t readers[2];
    for (int i = 0; i < 2; i++) pthread_create(&readers[i], NULL, read_versions, &s);
    for (uint64_t version = 1; version <= 800; version++) {
        for (unsigned key = 0; key < KEYS; key++) {
            char text[16];
            uint8_t value[8] = {0};
            lia_span span = key_of((key * 7) % KEYS, text);
            CHECK_OK(lia_table_put(s.table, version, span, LIA_SPAN_OF(value)));
            lia_put_u64(value, version); /* what was not published yet may be replaced */
            CHECK_OK(lia_table_put(s.table, version, span, LIA_SPAN_OF(value)));
        }
        atomic_store_explicit(&s.published, version, memory_order_release);
    }
    atomic_store(&s.stop, true);
    for (int i = 0; i < 2; i++) {
        void *answer;
        pthread_join(readers[i], &answer);
        CHECK_EQ(answer, 0);
    }
    lia_table_close(s.table);
}
