/* SPDX-License-Identifier: Apache-2.0 */
/* A B+ tree in one mapping, linked by 32-bit offsets; 0 means none.
 *
 *     node: turn | count | level | skip | next | low | high | heads[] | rows[] | kids[] (inner)
 *     row:  version 8 | value at 4 | value size 4 | key at 4 | key size 2 | deleted 1 | chained 1 |
 *           older 4 | jump 4 | depth 4 (chained) | key (first version) | value
 *
 * An entry of a leaf is a key's newest row, and older versions hang behind it; rows never move.
 * What costs is memory that is not in the cache: so a node keeps eight bytes of each key beside it,
 * behind what all its keys have in common (`skip`, which follows from the keys that bound it), and
 * a search reads few lines of four nodes and one row. A skip list, which this was before, read some
 * twenty rows.
 *
 * One writer; readers take no lock. `turn` is odd while the writer moves entries of a node; a
 * reader whose node's turn has changed looks again. Whatever it has read by then was an entry at
 * some time, and rows are constant but for the value of a version that no reader may ask for yet. A
 * new version of a key is one store and disturbs nobody. The tree only grows: entries move to a new
 * node on the right, never to the left. */
#include "common/store/table.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/base/assert.h"

#define FAN       48
#define LEVEL_MAX 7  /* 24 entries or more each but in the last: more than 32 bits can address */
#define FINGERS   16 /* chosen by the first three bytes of a key */
#define LINE      64

typedef struct node {
    _Atomic uint32_t turn, count;
    uint8_t level;         /* 0: a leaf */
    _Atomic uint8_t skip;  /* bytes that all keys between low and high begin with */
    uint16_t last;         /* where the writer put its last entry */
    _Atomic uint32_t next; /* leaves: the one to the right */
    uint32_t low, high;    /* rows whose keys bound it, the lower one included; 0: unbounded */
    _Atomic uint64_t heads[FAN];
    _Atomic uint32_t rows[FAN]; /* inner: rows with the kids' lowest keys; that of the first is not
                                   looked at */
    _Atomic uint32_t kids[];    /* inner: FAN */
} node;

typedef struct row {
    uint64_t version;
    uint32_t value, value_size, key;
    uint16_t key_size;
    uint8_t deleted, chained;
} row;

/* Behind a row that has older versions: the next older one, and one further back, so that any is
 * found in logarithmic time (Myers, An applicative random-access stack, 1983). */
typedef struct chain {
    uint32_t older, jump, depth;
} chain;

/* Most lookups are for keys that are not here but on the disk. A Bloom filter of two bits a key,
 * both in one word, answers those in a few nanoseconds instead of a search: at 150,000 rows it errs
 * for one in 40. */
#define FILTER_BYTES ((size_t)256 << 10)

/* The leaf of the last write of some kind of keys; those that come in ascending order are then
 * placed without a search. `trust` says whether it is worth a look. */
typedef struct finger {
    uint32_t leaf;
    uint8_t trust;
} finger;
#define TRUST_MAX  3
#define TRUST_FROM 2

struct lia_table {
    uint8_t *base; /* the filter, then nodes and rows */
    size_t capacity;
    atomic_size_t used; /* of the mapping, filter included */
    size_t used_empty;
    _Atomic uint32_t root;
    finger fingers[FINGERS];
};

static inline node *node_at(const lia_table *table, uint32_t at)
{
    return (node *)(void *)(table->base + at);
}

static inline row *row_at(const lia_table *table, uint32_t at)
{
    return (row *)(void *)(table->base + at);
}

static inline const chain *chain_of(const row *r)
{
    return (const chain *)(const void *)(r + 1);
}

static inline lia_span key_of(const lia_table *table, uint32_t at)
{
    const row *r = row_at(table, at);
    return lia_span_make(table->base + r->key, r->key_size);
}

static inline lia_row row_out(const lia_table *table, uint32_t at)
{
    const row *r = row_at(table, at);
    return (lia_row){key_of(table, at), {table->base + r->value, r->value_size}, r->deleted};
}

#define LOAD(from)      atomic_load_explicit(&(from), memory_order_acquire)
#define STORE(to, what) atomic_store_explicit(&(to), what, memory_order_release)

/* ---- lifetime ------------------------------------------------------------------------------- */

/* Space for `size` bytes; 0 when used up. `align` is a power of two. */
static uint32_t take(lia_table *table, size_t size, size_t align)
{
    size_t at = atomic_load_explicit(&table->used, memory_order_relaxed);
    at = (at + align - 1) & ~(align - 1);
    if (at > table->capacity || size > table->capacity - at) return 0;
    atomic_store_explicit(&table->used, at + size, memory_order_relaxed);
    return (uint32_t)at;
}

static size_t node_bytes(unsigned level)
{
    return offsetof(node, kids) + (level ? FAN * sizeof(uint32_t) : 0);
}

/* The mapping is zero where nothing was taken yet. */
static uint32_t make_node(lia_table *table, unsigned level)
{
    uint32_t at = take(table, node_bytes(level), LINE);
    if (at) node_at(table, at)->level = (uint8_t)level;
    return at;
}

static void start(lia_table *table)
{
    atomic_store(&table->used, FILTER_BYTES); /* so that nothing has offset 0 */
    atomic_store(&table->root, make_node(table, 0));
    memset(table->fingers, 0, sizeof table->fingers);
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
    /* A search reads few lines of many pages; where the system has none so large it is as well. */
    (void)madvise(base, capacity, MADV_HUGEPAGE);
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
    const node *root = node_at(table, LOAD(table->root));
    return root->level == 0 && LOAD(root->count) == 0;
}

/* ---- filter --------------------------------------------------------------------------------- */

typedef _Atomic uint64_t filter_word;

static inline filter_word *filter_at(const lia_table *table, uint64_t hash)
{
    return (filter_word *)(void *)table->base + (hash >> 32) % (FILTER_BYTES / 8);
}

static inline uint64_t filter_bits(uint64_t hash)
{
    return UINT64_C(1) << hash % 64 | UINT64_C(1) << (hash >> 6) % 64;
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
    filter_word *word = filter_at(table, hash);
    uint64_t bits = atomic_load_explicit(word, memory_order_relaxed);
    atomic_store_explicit(word, bits | filter_bits(hash), memory_order_relaxed);
}

static bool filter_has(const lia_table *table, lia_span key)
{
    uint64_t hash = hash_of(key), bits = filter_bits(hash);
    return (atomic_load_explicit(filter_at(table, hash), memory_order_relaxed) & bits) == bits;
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* memcmp's order, inline: most keys differ in their first words. */
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

/* Eight bytes of the key in an order that is the keys', but for those that have the same ones. */
static inline uint64_t head_of(lia_span key, size_t skip)
{
    if (key.size >= skip + 8) return lia_get_u64(key.data + skip);
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++)
        head = head << 8 | (skip + i < key.size ? key.data[skip + i] : 0);
    return head;
}

static size_t common(lia_span a, lia_span b)
{
    size_t same = 0;
    while (same < a.size && same < b.size && same < UINT8_MAX && a.data[same] == b.data[same])
        same++;
    return same;
}

/* How many entries from `from` on stand before the key, or are it when `or_equal`. */
static inline uint32_t rank(const lia_table *table, const node *n, uint32_t from, lia_span key,
                            bool or_equal)
{
    uint32_t low = from, high = LOAD(n->count);
    uint64_t head = head_of(key, LOAD(n->skip));
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        uint64_t other = LOAD(n->heads[middle]);
        bool before = other < head;
        if (other == head) {
            int order = compare(key_of(table, LOAD(n->rows[middle])), key);
            before = order < 0 || (order == 0 && or_equal);
        }
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The kid whose keys are around `key`, or just below it when `below`. */
static inline uint32_t kid_for(const lia_table *table, const node *n, lia_span key, bool below)
{
    return LOAD(n->kids[rank(table, n, 1, key, !below) - 1]);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The node's turn, once the writer is not in it. */
static uint32_t enter(const node *n)
{
    uint32_t turn;
    for (unsigned looks = 1; (turn = LOAD(n->turn)) & 1; looks++)
        if (looks % 64 == 0) sched_yield(); /* the writer was put to sleep just there */
    return turn;
}

/* Whether what was read since `turn` may be something else by now. All loads before are acquiring,
 * so this one comes after them. */
static inline bool has_changed(const node *n, uint32_t turn)
{
    return atomic_load_explicit(&n->turn, memory_order_relaxed) != turn;
}

/* A place in a leaf, as good as the leaf's turn. */
typedef struct place {
    uint32_t leaf, turn;
} place;

/* The writer changes a parent before and after its kid, so a kid whose turn was read while the
 * parent stayed as it is holds the key. */
static bool try_descend(const lia_table *table, lia_span key, bool below, place *out)
{
    uint32_t at = LOAD(table->root), turn = enter(node_at(table, at));
    if (LOAD(table->root) != at) return false;
    for (const node *n; (n = node_at(table, at))->level;) {
        uint32_t kid = kid_for(table, n, key, below);
        if (has_changed(n, turn)) return false;
        uint32_t kid_turn = enter(node_at(table, kid));
        if (has_changed(n, turn)) return false;
        at = kid;
        turn = kid_turn;
    }
    *out = (place){at, turn};
    return true;
}

static place descend(const lia_table *table, lia_span key, bool below)
{
    place found;
    while (!try_descend(table, key, below, &found)) continue;
    return found;
}

/* The newest version of `at` that is not above `version`; 0: there is none. */
static inline uint32_t visible(const lia_table *table, uint32_t at, uint64_t version)
{
    for (;;) {
        const row *r = row_at(table, at);
        if (r->version <= version) return at;
        if (!r->chained) return 0;
        const chain *back = chain_of(r);
        at = row_at(table, back->jump)->version > version ? back->jump : back->older;
    }
}

static bool found_row(const lia_table *table, uint32_t at, uint64_t version, lia_row *out)
{
    at = visible(table, at, version);
    if (at) *out = row_out(table, at);
    return at != 0;
}

/* The newest row of the key, or 0. */
static uint32_t entry_of(const lia_table *table, const node *leaf, lia_span key)
{
    uint32_t index = rank(table, leaf, 0, key, false);
    if (index >= LOAD(leaf->count)) return 0;
    uint32_t at = LOAD(leaf->rows[index]);
    return at && lia_span_equal(key_of(table, at), key) ? at : 0;
}

bool lia_table_get(const lia_table *table, uint64_t version, lia_span key, lia_row *out)
{
    if (!filter_has(table, key)) return false;
    for (;;) {
        place p = descend(table, key, false);
        const node *leaf = node_at(table, p.leaf);
        uint32_t at = entry_of(table, leaf, key);
        if (!has_changed(leaf, p.turn)) return at && found_row(table, at, version, out);
    }
}

/* The last of the leaf's first `count` entries that the version sees. False when the leaf has
 * changed underneath. */
static bool last_seen(const lia_table *table, place p, uint32_t count, uint64_t version,
                      uint32_t *out)
{
    const node *leaf = node_at(table, p.leaf);
    for (*out = 0; count && !*out; count--) {
        uint32_t at = LOAD(leaf->rows[count - 1]);
        if (has_changed(leaf, p.turn)) return false;
        *out = visible(table, at, version);
    }
    return true;
}

bool lia_table_before(const lia_table *table, uint64_t version, lia_span key, lia_row *out)
{
    for (;;) {
        place p = descend(table, key, true);
        const node *leaf = node_at(table, p.leaf);
        uint32_t count = rank(table, leaf, 0, key, false), at;
        if (has_changed(leaf, p.turn) || !last_seen(table, p, count, version, &at)) continue;
        if (at) *out = row_out(table, at);
        if (at || !leaf->low) return at != 0;
        key = key_of(table, leaf->low);
    }
}

/* ---- walking -------------------------------------------------------------------------------- */

/* From the walk's place on to the first row that its version sees. False when the leaf has changed
 * underneath; *passed is then the last row that was looked at and not seen. */
static bool settle(lia_walk *walk, uint32_t *passed)
{
    const lia_table *table = walk->table;
    for (;;) {
        const node *leaf = node_at(table, walk->leaf);
        uint32_t turn = walk->turn, at = 0, next = LOAD(leaf->next);
        bool any = walk->index < LOAD(leaf->count);
        if (any) at = LOAD(leaf->rows[walk->index]);
        if (has_changed(leaf, turn)) return false;
        if (any) {
            walk->at = visible(table, at, walk->version);
            if (walk->at) return true;
            *passed = at;
            walk->index++;
            continue;
        }
        walk->at = 0;
        if (!next) return true;
        walk->turn = enter(node_at(table, next));
        if (has_changed(leaf, turn)) return false;
        walk->leaf = next;
        walk->index = 0;
    }
}

/* Stands at the first row with a key >= `key`, or behind it when `behind`. */
static void seek(lia_walk *walk, lia_span key, bool behind)
{
    for (;;) {
        place p = descend(walk->table, key, false);
        walk->leaf = p.leaf;
        walk->turn = p.turn;
        walk->index = rank(walk->table, node_at(walk->table, p.leaf), 0, key, behind);
        uint32_t passed = 0;
        if (settle(walk, &passed)) return;
        if (!passed) continue;
        key = key_of(walk->table, passed);
        behind = true;
    }
}

void lia_walk_seek(lia_walk *walk, const lia_table *table, uint64_t version, lia_span key)
{
    *walk = (lia_walk){.table = table, .version = version};
    seek(walk, key, false);
}

bool lia_walk_row(const lia_walk *walk, lia_row *out)
{
    if (!walk->at) return false;
    *out = row_out(walk->table, walk->at);
    return true;
}

void lia_walk_step(lia_walk *walk)
{
    uint32_t passed = walk->at;
    walk->index++;
    if (!settle(walk, &passed)) seek(walk, key_of(walk->table, passed), true);
}

/* ---- moving entries -------------------------------------------------------------------------- */

/* Between these two nobody else trusts the node. The stores between are releasing, so none of them
 * is seen before the odd turn. */
static void open_node(node *n)
{
    atomic_store_explicit(&n->turn, n->turn + 1, memory_order_relaxed);
}
static void close_node(node *n)
{
    STORE(n->turn, n->turn + 1);
}

static void set_entry(const lia_table *table, node *n, uint32_t index, uint32_t at, uint32_t kid)
{
    STORE(n->heads[index], at ? head_of(key_of(table, at), n->skip) : 0);
    STORE(n->rows[index], at);
    if (n->level) STORE(n->kids[index], kid);
}

static void move_entry(node *to, uint32_t index, const node *from, uint32_t other)
{
    STORE(to->heads[index], from->heads[other]);
    STORE(to->rows[index], from->rows[other]);
    if (to->level) STORE(to->kids[index], from->kids[other]);
}

/* Into an open node that has room, at `index`. */
static void add_entry(const lia_table *table, node *n, uint32_t index, uint32_t at, uint32_t kid)
{
    for (uint32_t i = n->count; i > index; i--) move_entry(n, i, n, i - 1);
    set_entry(table, n, index, at, kid);
    STORE(n->count, n->count + 1);
    n->last = (uint16_t)index;
}

/* Of a node whose bounds are new. */
static void make_heads(const lia_table *table, node *n)
{
    size_t skip = n->low && n->high ? common(key_of(table, n->low), key_of(table, n->high)) : 0;
    if (skip == n->skip) return;
    STORE(n->skip, (uint8_t)skip);
    for (uint32_t i = n->level ? 1 : 0; i < n->count; i++)
        STORE(n->heads[i], head_of(key_of(table, n->rows[i]), skip));
}

/* The entries from `from` on go to a new node on the right; `bound` is its lowest key. Parent has
 * room. */
static void split(lia_table *table, node *parent, uint32_t at, uint32_t from, uint32_t bound)
{
    node *left = node_at(table, at);
    uint32_t right_at = make_node(table, left->level);
    lia_assert(right_at != 0);
    node *right = node_at(table, right_at);
    open_node(parent);
    open_node(left);
    right->low = bound;
    right->high = left->high;
    STORE(right->skip, left->skip);
    for (uint32_t i = from; i < left->count; i++) move_entry(right, i - from, left, i);
    STORE(right->count, left->count - from);
    STORE(right->next, left->next);
    make_heads(table, right);
    left->high = bound;
    STORE(left->count, from);
    STORE(left->next, right_at);
    make_heads(table, left);
    add_entry(table, parent, rank(table, parent, 1, key_of(table, bound), true), bound, right_at);
    close_node(left);
    close_node(parent);
}

/* Above a root that is full. */
static void grow(lia_table *table)
{
    uint32_t old = table->root, at = make_node(table, node_at(table, old)->level + 1u);
    lia_assert(at != 0);
    node *root = node_at(table, at);
    set_entry(table, root, 0, 0, old);
    STORE(root->count, 1);
    STORE(table->root, at);
}

/* Where a full leaf is split for a key that belongs at `index`: in the middle, but keys that come
 * in ascending order leave full leaves behind. */
static uint32_t split_place(const node *leaf, uint32_t index)
{
    return index && index == leaf->last + 1u ? index : FAN / 2;
}

/* Makes room for the new row's key, from the root down, so that a parent always has room for what
 * comes from below. */
static void make_room(lia_table *table, uint32_t row_at_end)
{
    lia_span key = key_of(table, row_at_end);
    if (node_at(table, table->root)->count == FAN) grow(table);
    for (node *n = node_at(table, table->root), *kid; n->level; n = kid) {
        uint32_t at = kid_for(table, n, key, false);
        kid = node_at(table, at);
        if (kid->count < FAN) continue;
        uint32_t from = FAN / 2;
        if (!kid->level) from = split_place(kid, rank(table, kid, 0, key, false));
        split(table, n, at, from, from < FAN ? kid->rows[from] : row_at_end);
        kid = node_at(table, kid_for(table, n, key, false));
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

static finger *finger_for(lia_table *table, lia_span key)
{
    unsigned kind = key.data[0];
    if (key.size >= 3) kind = kind * 31 + key.data[1] * 7 + key.data[2];
    return &table->fingers[kind % FINGERS];
}

static bool is_within(const lia_table *table, const node *leaf, lia_span key)
{
    if (leaf->low && compare(key_of(table, leaf->low), key) > 0) return false;
    return !leaf->high || compare(key_of(table, leaf->high), key) > 0;
}

/* The leaf of the key, on the writer's thread. */
static uint32_t leaf_of(lia_table *table, lia_span key)
{
    finger *f = finger_for(table, key);
    if (f->trust >= TRUST_FROM && is_within(table, node_at(table, f->leaf), key)) return f->leaf;
    uint32_t at = table->root;
    for (const node *n; (n = node_at(table, at))->level;) at = kid_for(table, n, key, false);
    if (at == f->leaf) {
        if (f->trust < TRUST_MAX) f->trust++;
    } else {
        f->leaf = at;
        if (f->trust) f->trust--;
    }
    return at;
}

bool lia_table_find(lia_table *table, lia_span key, lia_row *out)
{
    if (!filter_has(table, key)) return false;
    uint32_t at = entry_of(table, node_at(table, leaf_of(table, key)), key);
    if (at) *out = row_out(table, at);
    return at != 0;
}

/* What one put can need beside its row: a new node on each level, and a root. */
static bool has_room(const lia_table *table, size_t row_bytes)
{
    size_t used = atomic_load_explicit(&table->used, memory_order_relaxed);
    unsigned levels = node_at(table, table->root)->level + 2u;
    size_t most = levels * (node_bytes(1) + LINE) + row_bytes + LINE;
    lia_assert(levels <= LEVEL_MAX + 2);
    return most <= table->capacity - used;
}

/* A version that is not published yet may change: its readers are still to come. */
static lia_err replace(lia_table *table, row *r, lia_span value, bool deleted)
{
    uint32_t at = r->value;
    if (value.size > r->value_size) at = take(table, value.size, 8);
    if (!at) return LIA_EFULL;
    if (value.size) memcpy(table->base + at, value.data, value.size);
    r->value = at;
    r->value_size = (uint32_t)value.size;
    r->deleted = deleted;
    return LIA_OK;
}

static chain chain_behind(const lia_table *table, uint32_t older)
{
    const row *r = row_at(table, older);
    if (!r->chained) return (chain){older, older, 1};
    const chain *back = chain_of(r);
    const row *jump = row_at(table, back->jump);
    uint32_t depth = jump->chained ? chain_of(jump)->depth : 0;
    uint32_t beyond = jump->chained ? chain_of(jump)->jump : 0;
    if (!beyond) return (chain){older, older, back->depth + 1};
    uint32_t beyond_depth =
        row_at(table, beyond)->chained ? chain_of(row_at(table, beyond))->depth : 0;
    bool even = back->depth - depth == depth - beyond_depth;
    return (chain){older, even ? beyond : older, back->depth + 1};
}

/* A row that nobody sees yet. `older`: the one that it follows, or 0. There is room. */
static uint32_t make_row(lia_table *table, uint64_t version, uint32_t older, lia_span key,
                         lia_span value, bool deleted)
{
    size_t head = sizeof(row) + (older ? sizeof(chain) : 0), key_bytes = older ? 0 : key.size;
    uint32_t at = take(table, head + key_bytes + value.size, 8);
    lia_assert(at != 0);
    row *r = row_at(table, at);
    *r = (row){.version = version,
               .value = at + (uint32_t)(head + key_bytes),
               .value_size = (uint32_t)value.size,
               .key = older ? row_at(table, older)->key : at + (uint32_t)head,
               .key_size = (uint16_t)key.size,
               .deleted = deleted,
               .chained = older != 0};
    if (older) *(chain *)(void *)(r + 1) = chain_behind(table, older);
    if (key_bytes) memcpy(table->base + r->key, key.data, key_bytes);
    if (value.size) memcpy(table->base + r->value, value.data, value.size);
    return at;
}

static void insert(lia_table *table, uint32_t leaf_at, uint32_t at)
{
    lia_span key = key_of(table, at);
    node *leaf = node_at(table, leaf_at);
    if (leaf->count == FAN) {
        make_room(table, at);
        leaf = node_at(table, leaf_of(table, key));
    }
    uint32_t index = rank(table, leaf, 0, key, false);
    open_node(leaf);
    add_entry(table, leaf, index, at, 0);
    close_node(leaf);
    filter_add(table, key);
}

static lia_err set(lia_table *table, uint64_t version, lia_span key, lia_span value, bool deleted)
{
    lia_assert(key.size > 0 && key.size <= UINT16_MAX);
    uint32_t leaf_at = leaf_of(table, key);
    node *leaf = node_at(table, leaf_at);
    uint32_t index = rank(table, leaf, 0, key, false), older = 0;
    if (index < leaf->count && lia_span_equal(key_of(table, leaf->rows[index]), key))
        older = leaf->rows[index];
    if (older && row_at(table, older)->version == version)
        return replace(table, row_at(table, older), value, deleted);
    if (!has_room(table, sizeof(row) + sizeof(chain) + key.size + value.size)) return LIA_EFULL;
    uint32_t at = make_row(table, version, older, key, value, deleted);
    if (older)
        STORE(leaf->rows[index], at);
    else
        insert(table, leaf_at, at);
    return LIA_OK;
}

lia_err lia_table_put(lia_table *table, uint64_t version, lia_span key, lia_span value)
{
    return set(table, version, key, value, false);
}

lia_err lia_table_del(lia_table *table, uint64_t version, lia_span key)
{
    return set(table, version, key, LIA_SPAN_NONE, true);
}
