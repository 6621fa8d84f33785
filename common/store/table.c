/* SPDX-License-Identifier: Apache-2.0 */
/* A skip list (Pugh, 1990) in one mapping, linked by 32-bit offsets. A tree would be a little
 * faster to search, but its splits move rows, and then readers need locks or copies; here a row is
 * written once, published by one store per level, and freed with the whole mapping.
 *
 *     node: version 8 | value at 4 | value size 4 | key size 2 | height 1 | deleted 1 |
 *           next 4 x height | key | value
 *
 * Offset 0 means none. A release store publishes a node, an acquire load finds it; everything in
 * a node but its links is constant by then, except the value of a version that no reader may ask
 * for yet. */
#include "common/store/table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/base/assert.h"

#define HEIGHT_MAX 12 /* one in four rises: enough for 16 million rows */
#define STEPS_MAX  8  /* old versions of one key passed by walking; then we search */
#define FINGERS    16 /* chosen by the first three bytes of a key */

typedef struct node {
    uint64_t version;
    uint32_t value, value_size;
    uint16_t key_size;
    uint8_t height, deleted;
    _Atomic uint32_t next[];
} node;

/* Most lookups are for keys that are not here but on the disk. A Bloom filter of two bits a key
 * answers those in a few nanoseconds instead of a search: at 150,000 rows it errs for one in 50. */
#define FILTER_BYTES ((size_t)256 << 10)

struct lia_table {
    uint8_t *base; /* the filter, then nodes and values */
    size_t capacity;
    atomic_size_t used; /* of the mapping, filter included */
    size_t used_empty;
    uint32_t head;
    uint64_t dice;
    /* The writer's last places: per level the node before it. Writes to several kinds of rows
     * take turns, so each kind of key has a finger of its own; rows of one kind that come in
     * ascending order are then placed without a search. */
    uint32_t fingers[FINGERS][HEIGHT_MAX];
};

static inline node *node_at(const lia_table *table, uint32_t at)
{
    return (node *)(void *)(table->base + at);
}

static inline uint32_t next_of(const lia_table *table, uint32_t at, int level)
{
    return atomic_load_explicit(&node_at(table, at)->next[level], memory_order_acquire);
}

static inline lia_span key_of(const node *n)
{
    return lia_span_make(&n->next[n->height], n->key_size);
}

static inline lia_row row_of(const lia_table *table, const node *n)
{
    return (lia_row){key_of(n), {table->base + n->value, n->value_size}, n->deleted};
}

/* ---- lifetime ------------------------------------------------------------------------------- */

static size_t node_bytes(int height, size_t key_size)
{
    return offsetof(node, next) + (size_t)height * sizeof(uint32_t) + key_size;
}

/* Space for `size` bytes, 8-aligned; 0 when used up. */
static uint32_t take(lia_table *table, size_t size)
{
    size_t at = atomic_load_explicit(&table->used, memory_order_relaxed);
    size = (size + 7) & ~(size_t)7;
    if (size > table->capacity - at) return 0;
    atomic_store_explicit(&table->used, at + size, memory_order_relaxed);
    return (uint32_t)at;
}

static void start(lia_table *table)
{
    atomic_store(&table->used, FILTER_BYTES); /* so that no node has offset 0 */
    table->dice = 0x9e3779b97f4a7c15u;
    table->head = take(table, node_bytes(HEIGHT_MAX, 0));
    node *head = node_at(table, table->head);
    *head = (node){.height = HEIGHT_MAX};
    for (int i = 0; i < HEIGHT_MAX; i++) {
        atomic_init(&head->next[i], 0);
        for (int f = 0; f < FINGERS; f++) table->fingers[f][i] = table->head;
    }
    table->used_empty = atomic_load(&table->used);
}

lia_table *lia_table_open(size_t bytes)
{
    size_t capacity = (FILTER_BYTES + 4096 + bytes + 4095) & ~(size_t)4095;
    if (capacity > UINT32_MAX) capacity = UINT32_MAX & ~(size_t)4095;
    lia_table *table = calloc(1, sizeof *table);
    if (!table) return NULL;
    void *base = mmap(NULL, capacity, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        free(table);
        return NULL;
    }
    table->base = base;
    table->capacity = capacity;
    start(table);
    return table;
}

void lia_table_close(lia_table *table)
{
    if (!table) return;
    munmap(table->base, table->capacity);
    free(table);
}

void lia_table_clear(lia_table *table)
{
    madvise(table->base, table->capacity, MADV_DONTNEED);
    start(table);
}

size_t lia_table_used(const lia_table *table)
{
    return atomic_load_explicit(&table->used, memory_order_relaxed) - table->used_empty;
}

bool lia_table_is_empty(const lia_table *table)
{
    return next_of(table, table->head, 0) == 0;
}

/* ---- filter --------------------------------------------------------------------------------- */

typedef _Atomic uint64_t filter_word;

static inline filter_word *filter_at(const lia_table *table, uint32_t bit)
{
    return (filter_word *)(void *)table->base + bit / 64 % (FILTER_BYTES / 8);
}

static uint64_t hash_of(lia_span key)
{
    uint64_t hash = key.size, word;
    for (; key.size >= 8; key = lia_span_skip(key, 8)) {
        memcpy(&word, key.data, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    word = 0;
    if (key.size) memcpy(&word, key.data, key.size);
    hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
    return hash ^ hash >> 29;
}

/* Only the writer adds, so no read-modify-write is needed. A reader's version was published after
 * its rows were added, so it sees their bits. */
static void filter_add(lia_table *table, lia_span key)
{
    uint64_t hash = hash_of(key);
    for (int i = 0; i < 2; i++, hash >>= 32) {
        filter_word *word = filter_at(table, (uint32_t)hash);
        uint64_t bits = atomic_load_explicit(word, memory_order_relaxed);
        atomic_store_explicit(word, bits | UINT64_C(1) << hash % 64, memory_order_relaxed);
    }
}

static bool filter_has(const lia_table *table, lia_span key)
{
    uint64_t hash = hash_of(key);
    for (int i = 0; i < 2; i++, hash >>= 32) {
        uint64_t bits =
            atomic_load_explicit(filter_at(table, (uint32_t)hash), memory_order_relaxed);
        if (!(bits >> hash % 64 & 1)) return false;
    }
    return true;
}

/* ---- searching ------------------------------------------------------------------------------ */

/* memcmp's order, inline: a search compares a dozen keys, and most differ in their first words. */
static inline int compare(lia_span a, lia_span b)
{
    while (a.size >= 8 && b.size >= 8) {
        uint64_t x = lia_get_u64(a.data), y = lia_get_u64(b.data);
        if (x != y) return x < y ? -1 : 1;
        a = lia_span_skip(a, 8);
        b = lia_span_skip(b, 8);
    }
    return lia_span_compare(a, b);
}

/* Whether the node stands before (key, version) in the order key up, version down. */
static inline bool is_before(const node *n, lia_span key, uint64_t version)
{
    int order = compare(key_of(n), key);
    return order < 0 || (order == 0 && n->version > version);
}

/* The first node not before (key, version); 0 at the end. Fills `before` when given. */
static uint32_t search(const lia_table *table, lia_span key, uint64_t version, uint32_t *before)
{
    uint32_t at = table->head, next = 0, bound = 0;
    for (int level = HEIGHT_MAX - 1; level >= 0; level--) {
        for (;;) {
            next = next_of(table, at, level);
            /* `bound` was found not to be before at the level above */
            if (next == 0 || next == bound || !is_before(node_at(table, next), key, version)) break;
            at = next;
        }
        bound = next;
        if (before) before[level] = at;
    }
    return next;
}

/* From `at` to the first node not above `version`. Nodes above it were written after the reader's
 * version; many of one key are left behind by searching for the version itself. */
static uint32_t settle(const lia_table *table, uint32_t at, uint64_t version)
{
    for (int steps = 0; at; steps++) {
        const node *n = node_at(table, at);
        if (n->version <= version) return at;
        at = steps < STEPS_MAX ? next_of(table, at, 0) : search(table, key_of(n), version, NULL);
    }
    return 0;
}

bool lia_table_get(const lia_table *table, uint64_t version, lia_span key, lia_row *out)
{
    if (!filter_has(table, key)) return false;
    uint32_t at = search(table, key, version, NULL);
    if (!at || !lia_span_equal(key_of(node_at(table, at)), key)) return false;
    *out = row_of(table, node_at(table, at));
    return true;
}

/* What stands last before the key is the oldest version of the key below it; when that is too new,
 * so are all of them. */
bool lia_table_before(const lia_table *table, uint64_t version, lia_span key, lia_row *out)
{
    uint32_t before[HEIGHT_MAX];
    for (;;) {
        (void)search(table, key, LIA_VERSION_NEWEST, before);
        if (before[0] == table->head) return false;
        const node *oldest = node_at(table, before[0]);
        key = key_of(oldest);
        if (oldest->version > version) continue;
        *out = row_of(table, node_at(table, search(table, key, version, NULL)));
        return true;
    }
}

static uint32_t *finger_for(lia_table *table, lia_span key)
{
    unsigned kind = key.data[0];
    if (key.size >= 3) kind = kind * 31 + key.data[1] * 7 + key.data[2];
    return table->fingers[kind % FINGERS];
}

/* Whether the finger still marks the place of `key`: between its lowest node and the next. */
static bool finger_fits(const lia_table *table, const uint32_t *finger, lia_span key)
{
    uint32_t left = finger[0];
    if (left != table->head && compare(key_of(node_at(table, left)), key) >= 0) return false;
    uint32_t right = next_of(table, left, 0);
    return right == 0 || compare(key_of(node_at(table, right)), key) >= 0;
}

/* The newest node of `key` or the one behind its place; `finger` then stands before it. */
static uint32_t point(lia_table *table, uint32_t *finger, lia_span key)
{
    if (finger_fits(table, finger, key)) return next_of(table, finger[0], 0);
    return search(table, key, LIA_VERSION_NEWEST, finger);
}

/* A finger that fits is right at its lowest level; above, rows placed by other fingers may have
 * come between it and the key. */
static void straighten(const lia_table *table, uint32_t *finger, lia_span key, int height)
{
    for (int level = 1; level < height; level++) {
        uint32_t next;
        while ((next = next_of(table, finger[level], level)) &&
               is_before(node_at(table, next), key, LIA_VERSION_NEWEST))
            finger[level] = next;
    }
}

bool lia_table_find(lia_table *table, lia_span key, lia_row *out)
{
    if (!filter_has(table, key)) return false;
    uint32_t at = point(table, finger_for(table, key), key);
    if (!at || !lia_span_equal(key_of(node_at(table, at)), key)) return false;
    *out = row_of(table, node_at(table, at));
    return true;
}

/* ---- writing -------------------------------------------------------------------------------- */

static int roll_height(lia_table *table)
{
    table->dice ^= table->dice << 13; /* xorshift64, Marsaglia 2003 */
    table->dice ^= table->dice >> 7;
    table->dice ^= table->dice << 17;
    uint64_t bits = table->dice * 0x2545f4914f6cdd1du >> 32;
    int height = 1;
    for (; height < HEIGHT_MAX && (bits & 3) == 0; bits >>= 2) height++;
    return height;
}

/* A version that is not published yet may change: its readers are still to come. */
static lia_err replace(lia_table *table, node *n, lia_span value, bool deleted)
{
    uint32_t at = n->value;
    if (value.size > n->value_size) at = take(table, value.size);
    if (!at) return LIA_EFULL;
    if (value.size) memcpy(table->base + at, value.data, value.size);
    n->value = at;
    n->value_size = (uint32_t)value.size;
    n->deleted = deleted;
    return LIA_OK;
}

static lia_err insert(lia_table *table, uint32_t *finger, uint64_t version, lia_span key,
                      lia_span value, bool deleted)
{
    int height = roll_height(table);
    straighten(table, finger, key, height);
    size_t size = node_bytes(height, key.size);
    if (value.size > UINT32_MAX - size) return LIA_EFULL;
    uint32_t at = take(table, size + value.size);
    if (!at) return LIA_EFULL;
    node *n = node_at(table, at);
    *n = (node){.version = version,
                .value = at + (uint32_t)size,
                .value_size = (uint32_t)value.size,
                .key_size = (uint16_t)key.size,
                .height = (uint8_t)height,
                .deleted = deleted};
    memcpy(&n->next[height], key.data, key.size);
    filter_add(table, key);
    if (value.size) memcpy(table->base + n->value, value.data, value.size);
    for (int level = 0; level < height; level++) /* invisible yet: any order will do */
        atomic_init(&n->next[level], next_of(table, finger[level], level));
    for (int level = 0; level < height; level++) {
        atomic_store_explicit(&node_at(table, finger[level])->next[level], at,
                              memory_order_release);
        finger[level] = at;
    }
    return LIA_OK;
}

static lia_err set(lia_table *table, uint64_t version, lia_span key, lia_span value, bool deleted)
{
    lia_assert(key.size > 0 && key.size <= UINT16_MAX);
    uint32_t *finger = finger_for(table, key);
    uint32_t at = point(table, finger, key);
    if (at) {
        node *n = node_at(table, at);
        if (n->version == version && lia_span_equal(key_of(n), key))
            return replace(table, n, value, deleted);
    }
    return insert(table, finger, version, key, value, deleted);
}

lia_err lia_table_put(lia_table *table, uint64_t version, lia_span key, lia_span value)
{
    return set(table, version, key, value, false);
}

lia_err lia_table_del(lia_table *table, uint64_t version, lia_span key)
{
    return set(table, version, key, LIA_SPAN_NONE, true);
}

/* ---- walking -------------------------------------------------------------------------------- */

void lia_walk_seek(lia_walk *walk, const lia_table *table, uint64_t version, lia_span key)
{
    uint32_t at = search(table, key, version, NULL);
    *walk = (lia_walk){table, version, settle(table, at, version)};
}

bool lia_walk_row(const lia_walk *walk, lia_row *out)
{
    if (!walk->at) return false;
    *out = row_of(walk->table, node_at(walk->table, walk->at));
    return true;
}

void lia_walk_step(lia_walk *walk)
{
    lia_span key = key_of(node_at(walk->table, walk->at));
    uint32_t at = walk->at;
    for (int steps = 0; at && lia_span_equal(key_of(node_at(walk->table, at)), key); steps++)
        at = steps < STEPS_MAX ? next_of(walk->table, at, 0) : search(walk->table, key, 0, NULL);
    walk->at = settle(walk->table, at, walk->version);
}
