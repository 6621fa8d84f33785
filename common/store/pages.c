/* SPDX-License-Identifier: Apache-2.0 */
/* The walk goes down the trees rather than along the file: a page that is reached through its tree
 * is what its header says, whereas the middle of a large value can look like any page. The layout
 * is that of LMDB 0.9's data format 1, which has not changed since 2011; magic, version and every
 * page's own number are compared, and the count of pages and rows of each tree must come out. */
#include "common/store/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

_Static_assert(sizeof(size_t) == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the page layout below is that of 64-bit little-endian machines");

/* header: own number 8, pad 2, flags 2, lower 2, upper 2 (large values: pages 4), offsets 2 each
 * node:   low 2, high 2, flags 2, key size 2, key, value
 *   branch: low, high and flags are the child's number     leaf: low and high are the value's size
 */
#define HEADER      16
#define NODE        8
#define PAGE_BRANCH 0x01
#define PAGE_LEAF   0x02
#define PAGE_LARGE  0x04
#define NODE_LARGE  0x01 /* the value is the number of its first page */
#define NODE_TREE   0x02 /* the value describes a tree */

/* meta, behind the header: magic 4, version 4, address 8, map 8, two trees, last page 8, commit 8
 * tree: pad 4, flags 2, depth 2, branches 8, leaves 8, large 8, entries 8, root 8 */
#define META_MAGIC   UINT32_C(0xBEEFC0DE)
#define META_VERSION 1
#define META_TREES   24
#define META_LAST    120
#define META_COMMIT  128
#define META_BYTES   136
#define TREE_BYTES   48
#define NO_PAGE      UINT64_MAX

static unsigned u16(const uint8_t *at)
{
    uint16_t n;
    memcpy(&n, at, sizeof n);
    return n;
}
static uint32_t u32(const uint8_t *at)
{
    uint32_t n;
    memcpy(&n, at, sizeof n);
    return n;
}
static uint64_t u64(const uint8_t *at)
{
    uint64_t n;
    memcpy(&n, at, sizeof n);
    return n;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static int read_at(const lia_pages *walk, uint64_t at, void *bytes, size_t size)
{
    ssize_t got = pread(walk->fd, bytes, size, (off_t)at);
    if (got < 0) return errno;
    return (size_t)got == size ? 0 : MDB_CORRUPTED;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static int write_zeros(lia_pages *walk, uint64_t at, size_t size)
{
    static const uint8_t zeros[65536];
    ssize_t put = pwrite(walk->fd, zeros, size, (off_t)at);
    if (put < 0) return errno;
    return (size_t)put == size ? 0 : EIO;
}

int lia_pages_wipe(lia_pages *walk, uint64_t at, size_t size)
{
    uint8_t *bytes = walk->bytes + LIA_PAGES_DEPTH * walk->page_bytes;
    for (size_t part; size > 0; at += part, size -= part) {
        part = size < walk->page_bytes ? size : walk->page_bytes;
        ssize_t got = pread(walk->fd, bytes, part, (off_t)at);
        if (got <= 0) return got < 0 ? errno : 0; /* the file ends before a page never written */
        part = (size_t)got;
        if (is_zero(bytes, part)) continue;
        int rc = write_zeros(walk, at, part);
        if (rc) return rc;
        walk->cleaned++;
    }
    return 0;
}

/* ---- the start ------------------------------------------------------------------------------ */

static int add_tree(lia_pages *walk, const uint8_t *at)
{
    if (walk->tree_count == LIA_PAGES_TREES) return MDB_CORRUPTED;
    walk->trees[walk->tree_count++] = (lia_page_tree){.branches = u64(at + 8),
                                                      .leaves = u64(at + 16),
                                                      .large = u64(at + 24),
                                                      .entries = u64(at + 32),
                                                      .root = u64(at + 40)};
    return 0;
}

/* Two headers take turns; the one of this commit says where its trees begin. */
static int read_meta(lia_pages *walk, uint64_t commit)
{
    uint8_t meta[META_BYTES];
    int rc = read_at(walk, (commit & 1) * walk->page_bytes + HEADER, meta, sizeof meta);
    if (rc) return rc;
    if (u32(meta) != META_MAGIC || u32(meta + 4) != META_VERSION ||
        u64(meta + META_COMMIT) != commit)
        return MDB_CORRUPTED;
    walk->count = u64(meta + META_LAST) + 1;
    rc = add_tree(walk, meta + META_TREES);
    return rc ? rc : add_tree(walk, meta + META_TREES + TREE_BYTES);
}

int lia_pages_start(lia_pages *walk, MDB_txn *txn)
{
    MDB_stat shape;
    *walk = (lia_pages){.fd = -1};
    int rc = mdb_env_stat(mdb_txn_env(txn), &shape);
    if (!rc) rc = mdb_env_get_fd(mdb_txn_env(txn), &walk->fd);
    if (rc) return rc;
    walk->page_bytes = shape.ms_psize;
    if (walk->page_bytes > 65536) return MDB_INCOMPATIBLE;
    walk->bytes = malloc((LIA_PAGES_DEPTH + 1) * walk->page_bytes);
    if (!walk->bytes) return ENOMEM;
    return read_meta(walk, mdb_txn_id(txn));
}

void lia_pages_finish(lia_pages *walk)
{
    free(walk->bytes);
    *walk = (lia_pages){.fd = -1};
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* Cleans behind the value of `size` bytes that begins on `page`. */
static int clean_tail(lia_pages *walk, uint64_t page, size_t size)
{
    uint8_t header[HEADER];
    if (page >= walk->count) return MDB_CORRUPTED;
    int rc = read_at(walk, page * walk->page_bytes, header, sizeof header);
    if (rc) return rc;
    uint64_t pages = u32(header + 12);
    if (u64(header) != page || !(u16(header + 10) & PAGE_LARGE) || pages > walk->count - page ||
        pages * walk->page_bytes < HEADER + size)
        return MDB_CORRUPTED;
    walk->seen.large += pages;
    walk->pages += pages;
    size_t used = HEADER + size;
    return lia_pages_wipe(walk, page * walk->page_bytes + used, pages * walk->page_bytes - used);
}

static const uint8_t *node_at(const lia_pages *walk, const uint8_t *page, unsigned index)
{
    size_t at = u16(page + HEADER + 2 * (size_t)index);
    if (at < HEADER || at + NODE > walk->page_bytes) return NULL;
    return at + NODE + u16(page + at + 6) <= walk->page_bytes ? page + at : NULL;
}

/* Looks after one value of a leaf: a large one's tail, or a tree to be walked later. */
static int look_at_value(lia_pages *walk, const uint8_t *page, const uint8_t *node)
{
    unsigned flags = u16(node + 4);
    const uint8_t *value = node + NODE + u16(node + 6);
    size_t room = walk->page_bytes - (size_t)(value - page);
    if (flags & NODE_LARGE)
        return room < 8 ? MDB_CORRUPTED : clean_tail(walk, u64(value), u32(node));
    if (flags & NODE_TREE) return room < TREE_BYTES ? MDB_CORRUPTED : add_tree(walk, value);
    return 0;
}

static int look_at_leaf(lia_pages *walk, const uint8_t *page, unsigned nodes)
{
    walk->seen.leaves++;
    walk->seen.entries += nodes;
    for (unsigned i = 0; i < nodes; i++) {
        const uint8_t *node = node_at(walk, page, i);
        int rc = node ? look_at_value(walk, page, node) : MDB_CORRUPTED;
        if (rc) return rc;
    }
    return 0;
}

/* Reads a page, cleans its gap, and stands on it when it is a branch. */
static int enter(lia_pages *walk, uint64_t number)
{
    if (number >= walk->count || walk->depth == LIA_PAGES_DEPTH) return MDB_CORRUPTED;
    uint8_t *page = walk->bytes + walk->depth * walk->page_bytes;
    uint64_t at = number * walk->page_bytes;
    int rc = read_at(walk, at, page, walk->page_bytes);
    if (rc) return rc;
    unsigned flags = u16(page + 10), lower = u16(page + 12), upper = u16(page + 14);
    bool branch = flags & PAGE_BRANCH;
    if (u64(page) != number || branch == !!(flags & PAGE_LEAF) || lower < HEADER || lower % 2 ||
        lower > upper || upper > walk->page_bytes)
        return MDB_CORRUPTED;
    walk->pages++;
    const lia_page_tree *tree = &walk->trees[walk->tree];
    if (walk->seen.branches + branch > tree->branches || walk->seen.leaves + !branch > tree->leaves)
        return MDB_CORRUPTED; /* it goes in circles */
    if (!is_zero(page + lower, upper - lower)) {
        rc = write_zeros(walk, at + lower, upper - lower);
        if (rc) return rc;
        walk->cleaned++;
    }
    unsigned nodes = (lower - HEADER) / 2;
    if (!branch) return look_at_leaf(walk, page, nodes);
    walk->seen.branches++;
    walk->path[walk->depth].page = number;
    walk->path[walk->depth].next = 0;
    walk->path[walk->depth].nodes = nodes;
    walk->depth++;
    return 0;
}

/* Goes to the next child of the branch it stands on, or up. */
static int proceed(lia_pages *walk)
{
    size_t level = walk->depth - 1;
    if (walk->path[level].next == walk->path[level].nodes) {
        walk->depth--;
        return 0;
    }
    const uint8_t *node =
        node_at(walk, walk->bytes + level * walk->page_bytes, walk->path[level].next++);
    if (!node) return MDB_CORRUPTED;
    return enter(walk, u32(node) | (uint64_t)u16(node + 4) << 32);
}

/* Compares the tree with what was seen of it, and goes to the next. */
static int end_tree(lia_pages *walk)
{
    const lia_page_tree *tree = &walk->trees[walk->tree++], *seen = &walk->seen;
    bool whole = seen->branches == tree->branches && seen->leaves == tree->leaves &&
                 seen->large == tree->large && seen->entries == tree->entries;
    walk->seen = (lia_page_tree){0};
    return whole ? 0 : MDB_CORRUPTED;
}

int lia_pages_clean(lia_pages *walk, size_t budget, bool *more)
{
    uint64_t until = walk->pages + budget;
    while (walk->tree < walk->tree_count) {
        *more = true;
        uint64_t root = walk->trees[walk->tree].root;
        int rc = 0;
        if (root != NO_PAGE && !walk->seen.leaves && !walk->seen.branches) rc = enter(walk, root);
        for (; !rc && walk->depth > 0 && walk->pages < until;) rc = proceed(walk);
        if (!rc && walk->depth > 0) return 0;
        if (!rc) rc = end_tree(walk);
        if (rc) return rc;
    }
    *more = false;
    return 0;
}
