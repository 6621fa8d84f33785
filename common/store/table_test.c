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

/* ---- many keys ------------------------------------------------------------------------------- */

enum { MANY = 3000, MANY_VERSIONS = 30 };

typedef struct many_key {
    uint8_t bytes[40];
    size_t size;
    uint8_t set[MANY_VERSIONS + 1]; /* 1: put, 2: deleted */
} many_key;

static lia_span many_span(const many_key *k)
{
    return lia_span_make(k->bytes, k->size);
}

static int compare_many(const void *a, const void *b)
{
    return lia_span_compare(many_span(a), many_span(b));
}

/* Keys as views have them: kinds, ids that begin with a time, some with a tail; some are prefixes
 * of others, some differ only behind eight or more equal bytes, some in zeroes at their end. */
static size_t make_many(many_key *keys, lia_dice *dice)
{
    size_t count = 0;
    while (count < MANY) {
        many_key *k = &keys[count];
        memset(k, 0, sizeof *k);
        k->bytes[0] = (uint8_t)("rd"[lia_dice_below(dice, 2)]);
        k->bytes[2] = (uint8_t)lia_dice_below(dice, 3);
        for (size_t i = 3; i < 9; i++) k->bytes[i] = (uint8_t)(17 * i);
        for (size_t i = 9; i < 12; i++) k->bytes[i] = (uint8_t)lia_dice_below(dice, 4);
        for (size_t i = 19; i < 22; i++) k->bytes[i] = (uint8_t)lia_dice_below(dice, 7);
        k->size = 1 + lia_dice_below(dice, sizeof k->bytes - 1);
        count++;
    }
    qsort(keys, count, sizeof *keys, compare_many);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || compare_many(&keys[kept - 1], &keys[i])) keys[kept++] = keys[i];
    return kept;
}

static unsigned seen_at(const many_key *k, unsigned version)
{
    while (version && !k->set[version]) version--;
    return version;
}

static void check_row(const many_key *k, unsigned version, const lia_row *row)
{
    unsigned seen = seen_at(k, version);
    CHECK_BYTES(row->key, many_span(k));
    CHECK_EQ(row->deleted, k->set[seen] == 2);
    if (!row->deleted) CHECK_EQ(lia_get_u64(row->value.data), seen);
}

static void check_many(const lia_table *table, const many_key *keys, size_t count, unsigned version)
{
    lia_walk walk;
    lia_row row;
    lia_walk_seek(&walk, table, version, LIA_SPAN_NONE);
    const many_key *last = NULL;
    for (size_t i = 0; i < count; i++) {
        bool there = seen_at(&keys[i], version) != 0;
        CHECK_EQ(lia_table_get(table, version, many_span(&keys[i]), &row), there);
        if (i % 5 == 0) {
            CHECK_EQ(lia_table_before(table, version, many_span(&keys[i]), &row), last != NULL);
            if (last) check_row(last, version, &row);
        }
        if (!there) continue;
        CHECK(lia_walk_row(&walk, &row));
        check_row(&keys[i], version, &row);
        lia_walk_step(&walk);
        last = &keys[i];
    }
    CHECK(!lia_walk_row(&walk, &row));
    for (size_t i = 0; i < count; i += 13) { /* from places in between */
        lia_walk_seek(&walk, table, version, many_span(&keys[i]));
        size_t next = i;
        while (next < count && !seen_at(&keys[next], version)) next++;
        CHECK_EQ(lia_walk_row(&walk, &row), next < count);
        if (next < count) check_row(&keys[next], version, &row);
    }
}

/* In random, rising and falling order by turns, so that leaves are split at every place. */
static size_t many_place(lia_dice *dice, size_t count, unsigned version, size_t i)
{
    size_t from = (size_t)version * 7919;
    switch (version % 3) {
    case 0:
        return lia_dice_below(dice, count);
    case 1:
        return (from + i) % count;
    default:
        return (from + count - i) % count;
    }
}

TEST(many_keys_are_in_order_in_each_version)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        lia_dice dice = {seed};
        lia_table *table = lia_table_open((size_t)16 << 20);
        many_key *keys = calloc(MANY, sizeof *keys);
        size_t count = make_many(keys, &dice);
        CHECK(count > MANY / 4);
        for (unsigned version = 1; version <= MANY_VERSIONS; version++)
            for (size_t i = 0; i < 300; i++) {
                many_key *k = &keys[many_place(&dice, count, version, i)];
                uint8_t value[8];
                lia_put_u64(value, version);
                bool deleted = lia_dice_below(&dice, 8) == 0;
                k->set[version] = deleted ? 2 : 1;
                lia_row row;
                if (deleted)
                    CHECK_OK(lia_table_del(table, version, many_span(k)));
                else
                    CHECK_OK(lia_table_put(table, version, many_span(k), LIA_SPAN_OF(value)));
                CHECK(lia_table_find(table, many_span(k), &row));
                check_row(k, version, &row);
            }
        for (unsigned version = 0; version <= MANY_VERSIONS; version += 5)
            check_many(table, keys, count, version);
        free(keys);
        lia_table_close(table);
    }
}

TEST(a_table_that_fills_up_among_many_keys_keeps_all_it_took)
{
    lia_table *table = lia_table_open(256 << 10);
    uint8_t key[8];
    uint64_t took = 0;
    lia_err err = LIA_OK;
    while (!err) {
        lia_put_u64(key, (took * 0x9e3779b97f4a7c15u) ^ 5);
        err = lia_table_put(table, 1, LIA_SPAN_OF(key), LIA_SPAN_OF(key));
        took += !err;
    }
    CHECK_ERR(err, LIA_EFULL);
    CHECK(took > 2000);
    lia_row row;
    CHECK(!lia_table_get(table, 1, LIA_SPAN_OF(key), &row));
    for (uint64_t i = 0; i < took; i++) {
        lia_put_u64(key, (i * 0x9e3779b97f4a7c15u) ^ 5);
        CHECK(lia_table_get(table, 1, LIA_SPAN_OF(key), &row));
        CHECK_BYTES(row.value, LIA_SPAN_OF(key));
    }
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

enum { NEW_KEYS = 60, NEW_VERSIONS = 300 };

/* Key `i` of a version; spread over all there are, so that every leaf is split at some time. */
static lia_span new_key(uint64_t version, uint64_t i, uint8_t bytes[24])
{
    uint64_t place = (version * NEW_KEYS + i) * 0x9e3779b97f4a7c15u;
    memset(bytes, 'k', 24);
    lia_put_u64(bytes + 9, place);
    return lia_span_make(bytes, 24);
}

static uintptr_t look_at_new(lia_table *table, uint64_t version, uint64_t seen)
{
    lia_walk walk;
    lia_row row;
    uint8_t bytes[24], last[24] = {0};
    uint64_t rows = 0;
    lia_walk_seek(&walk, table, version, LIA_SPAN_NONE);
    for (; lia_walk_row(&walk, &row); lia_walk_step(&walk), rows++) {
        if (row.key.size != 24 || memcmp(last, row.key.data, 24) >= 0) return 1;
        memcpy(last, row.key.data, 24);
    }
    if (rows != version * NEW_KEYS) return 2;
    if (!version) return 0;
    uint64_t of = 1 + seen % version;
    for (uint64_t i = 0; i < NEW_KEYS; i++)
        if (!lia_table_get(table, version, new_key(of, i, bytes), &row) ||
            lia_get_u64(row.value.data) != of)
            return 3;
    for (rows = 0, memset(last, 0xff, 24);
         rows <= 100 && lia_table_before(table, version, LIA_SPAN_OF(last), &row); rows++) {
        if (memcmp(row.key.data, last, 24) >= 0) return 4;
        memcpy(last, row.key.data, 24);
    }
    return rows == 101 || rows == version * NEW_KEYS ? 0 : 5;
}

static void *read_new(void *context)
{
    shared *s = context;
    uint64_t reads = 0;
    while (!atomic_load(&s->stop) || reads == 0) {
        uint64_t version = atomic_load_explicit(&s->published, memory_order_acquire);
        uintptr_t wrong = look_at_new(s->table, version, reads++);
        if (wrong) return (void *)wrong;
    }
    return NULL;
}

TEST(readers_miss_no_key_while_the_writer_adds_some_everywhere)
{
    shared s = {.table = lia_table_open((size_t)16 << 20)};
    pthread_t readers[2];
    for (int i = 0; i < 2; i++) pthread_create(&readers[i], NULL, read_new, &s);
    for (uint64_t version = 1; version <= NEW_VERSIONS; version++) {
        uint8_t bytes[24], value[8];
        lia_put_u64(value, version);
        for (uint64_t i = 0; i < NEW_KEYS; i++)
            CHECK_OK(
                lia_table_put(s.table, version, new_key(version, i, bytes), LIA_SPAN_OF(value)));
        atomic_store_explicit(&s.published, version, memory_order_release);
    }
    atomic_store(&s.stop, true);
    for (int i = 0; i < 2; i++) {
        void *answer;
        pthread_join(readers[i], &answer);
        CHECK_EQ(answer, 0);
    }
    CHECK_EQ(look_at_new(s.table, NEW_VERSIONS, 0), 0);
    lia_table_close(s.table);
}
