/* SPDX-License-Identifier: Apache-2.0 */
/* pages - an LMDB file seen as pages of bytes, to clean what LMDB itself never touches again.
 * Private to common/store.
 *
 *     a page in use   | header 16 | offsets of nodes ... |   gap   | ... nodes |
 *     a large value   | header 16 | value .................. | tail |   one page or several
 *
 * Gaps and tails hold what the buffer held before: LMDB recycles its buffers unwiped. Nothing ever
 * reads them, so zeros may be written there beneath readers, as long as a read transaction keeps
 * the page from being used anew. */
#ifndef LIA_STORE_PAGES_H
#define LIA_STORE_PAGES_H

#include <lmdb.h>

#include "common/base/err.h"

#define LIA_PAGES_TREES 16
#define LIA_PAGES_DEPTH 32 /* LMDB's own limit */

/* What LMDB says of one of its trees, or what a walk has counted. */
typedef struct lia_page_tree {
    uint64_t root, branches, leaves, large, entries;
} lia_page_tree;

/* A walk over all pages that one commit reaches. Zeroed is ready for lia_pages_start. */
typedef struct lia_pages {
    int fd;
    size_t page_bytes;
    uint64_t count; /* pages below this number belong to the commit */
    lia_page_tree trees[LIA_PAGES_TREES];
    size_t tree_count, tree; /* known so far; the one under way */
    lia_page_tree seen;      /* of it */
    struct {
        uint64_t page;
        unsigned next, nodes;
    } path[LIA_PAGES_DEPTH];
    size_t depth;
    uint8_t *bytes;          /* a page for each level, and one to spare */
    uint64_t pages, cleaned; /* looked at; of these, written to */
} lia_pages;

/* These return LMDB's numbers; MDB_CORRUPTED when the file is not what its trees say. */

/* Begins a walk over the commit that `txn` reads; it must stay open until lia_pages_finish. */
int lia_pages_start(lia_pages *walk, MDB_txn *txn);
void lia_pages_finish(lia_pages *walk);
/* Cleans the unused parts of about `budget` more pages; *more tells whether any are left. At the
 * end of each tree what was seen is compared with what LMDB has counted. */
int lia_pages_clean(lia_pages *walk, size_t budget, bool *more);

/* Writes zeros over `size` bytes at `at`, where there is anything else. */
int lia_pages_wipe(lia_pages *walk, uint64_t at, size_t size);

#endif
