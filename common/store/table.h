/* SPDX-License-Identifier: Apache-2.0 */
/* table - a sorted map in memory that remembers versions: one writer, readers without locks.
 * Private to common/store.
 *
 * Rows are ordered by key, then newest version first. A reader names the version it wants and sees
 * of each key the newest row that is not above it, however much the writer adds meanwhile. Nothing
 * is ever moved or freed before the whole table is. */
#ifndef LIA_STORE_TABLE_H
#define LIA_STORE_TABLE_H

#include "common/base/err.h"

/* Sees everything, the writer's newest rows included; only for the writer's own thread. */
#define LIA_VERSION_NEWEST UINT64_MAX

typedef struct lia_table lia_table;

typedef struct lia_row {
    lia_span key, value; /* valid until the table is cleared or closed */
    bool deleted;
} lia_row;

/* Reserves address space for `bytes` of rows; memory is used as rows come. NULL when there is
 * none. */
lia_table *lia_table_open(size_t bytes);
void lia_table_close(lia_table *table);

/* Forgets all rows and gives their memory back to the system. Nobody may be reading. */
void lia_table_clear(lia_table *table);

/* Bytes in use, and whether there is any row. */
size_t lia_table_used(const lia_table *table);
bool lia_table_is_empty(const lia_table *table);

/* Sets `key` as of `version`, which must not be below any version already there. The row of the
 * same key and version is replaced: readers must not ask for a version before it is complete.
 *   LIA_EFULL   the reserved space is used up; nothing was changed */
LIA_MUST_USE lia_err lia_table_put(lia_table *table, uint64_t version, lia_span key,
                                   lia_span value);
LIA_MUST_USE lia_err lia_table_del(lia_table *table, uint64_t version, lia_span key);

/* The newest row of `key` not above `version`; false when there is none. A deleted row is found. */
bool lia_table_get(const lia_table *table, uint64_t version, lia_span key, lia_row *out);

/* The same for the newest version, on the writer's thread: quick near the last put or find. */
bool lia_table_find(lia_table *table, lia_span key, lia_row *out);

/* The last row whose key is below `key`, of its versions the newest not above `version`; false when
 * there is none. A deleted row is found. */
bool lia_table_before(const lia_table *table, uint64_t version, lia_span key, lia_row *out);

/* A walk over the rows of one version, deleted ones included. */
typedef struct lia_walk {
    const lia_table *table;
    uint64_t version;
    uint32_t at, leaf, turn, index;
} lia_walk;

/* Stands at the first row with key >= `key`. */
void lia_walk_seek(lia_walk *walk, const lia_table *table, uint64_t version, lia_span key);
/* The row it stands at; false at the end. */
bool lia_walk_row(const lia_walk *walk, lia_row *out);
/* Moves to the next key. */
void lia_walk_step(lia_walk *walk);

#endif
