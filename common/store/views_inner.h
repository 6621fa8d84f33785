/* SPDX-License-Identifier: Apache-2.0 */
/* views_inner - what views.c, views_flush.c, snapshot.c and scan.c share. */
#ifndef LIA_STORE_VIEWS_INNER_H
#define LIA_STORE_VIEWS_INNER_H

#include <errno.h>
#include <pthread.h>

#include "common/store/env.h"
#include "common/store/table.h"
#include "common/store/views.h"

/* A table is written out in about this many transactions: few enough that their flushes do not
 * count, many enough that the pages of one are a small part of a node's memory. */
#define LIA_VIEW_SLICES    32
#define LIA_VIEW_SLICE_MIN ((size_t)4 << 10)
/* While the disk is behind with one table the other fills beyond its size, up to so many times of
 * it: the more rows are written at once, the more of them share a page. */
#define LIA_VIEW_STRETCH 4
/* What a row costs in a table beside its bytes. */
#define LIA_VIEW_ROW_COST 32

/* A table and how many hold it: the views while it fills or is written out, and each snapshot. */
typedef struct lia_held_table {
    lia_table *rows;
    size_t holders;
} lia_held_table;

/* A file of rows and how many hold it: the views while it is theirs, and each snapshot that has a
 * transaction in it, pinned or pooled. The last one closes it. */
typedef struct lia_held_file {
    MDB_env *mdb;
    size_t holders;
} lia_held_file;

struct lia_snapshot {
    lia_views *views;
    lia_held_file *file;             /* of txn */
    lia_held_table *active, *frozen; /* frozen may be NULL */
    uint64_t version;                /* rows above it are not seen */
    uint64_t cursor;
    uint64_t turn; /* views->turn when it was pinned */
    MDB_txn *txn;
    lia_scan *idle_scans; /* kept for reuse with their LMDB cursors */
    size_t open_scans;
    lia_snapshot *next; /* in the pool */
};

struct lia_views {
    lia_env env;        /* env.mdb changes with `file` */
    MDB_dbi rows, undo; /* the same in every file */
    size_t table_bytes, slice_bytes, map_bytes;
    uint32_t version; /* of the caller's layout */
    pthread_t flusher;

    pthread_mutex_t lock; /* guards all down to `own`; never held during I/O */
    pthread_cond_t work;  /* there is a frozen table or a rewrite to do, or `stop` */
    pthread_cond_t done;  /* the frozen table is written, or `failed`, or a rewrite has ended */
    lia_held_file *file;
    lia_held_table *active, *frozen;
    lia_held_table *spare; /* empty, kept for its address space */
    uint64_t published;    /* version of new snapshots */
    uint64_t cursor;       /* contained in `published` */
    uint64_t frozen_version, frozen_cursor;
    uint64_t disk_cursor;
    uint64_t turn; /* counts changes of active, frozen and disk */
    bool stop;
    struct {
        bool wanted, cancelled;
        lia_views_keep keep;
        void *context;
        const lia_held_table *behind; /* must be on the disk first; NULL when it is */
        lia_rewrite_status status;
    } rewrite;
    lia_err failed; /* writing out failed: nothing is written any more */
    lia_why failed_why;
    uint64_t flushes, flush_ns;
    lia_snapshot *pool;
    size_t open_snapshots;

    lia_snapshot *own; /* the writer's reads; its version is LIA_VERSION_NEWEST */
    bool unpublished;  /* the writer has put or deleted since the last publish */
};

/* ---- views.c: tables ------------------------------------------------------------------------- */

lia_held_table *lia_views_table(lia_views *views);
/* Ends one hold; the caller holds the lock. Returns the table when it was the last one, to be
 * handed to lia_views_retire without the lock (unmapping takes long). */
lia_held_table *lia_views_release(lia_held_table *table);
void lia_views_retire(lia_views *views, lia_held_table *table);

/* What the views tell env.c about their file; `handles` gets two. */
lia_env_spec lia_views_spec(const lia_views *views, MDB_dbi handles[2]);
/* Gives the active table to the flusher and begins a new one; false without memory for one. The
 * caller holds the lock, nothing is frozen. */
bool lia_views_freeze(lia_views *views);
/* Until nothing is frozen or nothing will be written any more. The caller holds the lock. */
void lia_views_wait_for_flusher(lia_views *views);
/* The writer's own snapshot follows what has been frozen, written and replaced. Called where its
 * older values may go. */
lia_err lia_views_follow(lia_views *views);
/* LIA_OK, or why writing out failed. The caller holds the lock. */
lia_err lia_views_report(lia_views *views, lia_why *why);

/* ---- views_flush.c --------------------------------------------------------------------------- */

void *lia_views_flusher(void *views);
/* Nothing is written out any more. The caller holds the lock. */
void lia_views_note_failure(lia_views *views, lia_err err, const lia_why *why);
/* Reads the cursor row; 0 when there is none. */
lia_err lia_views_read_cursor(const lia_env *env, uint64_t *cursor);

/* ---- views_rewrite.c ------------------------------------------------------------------------- */

/* Does the rewrite that is wanted. The lock is held on entry and exit, and let go in between. */
void lia_views_do_rewrite(lia_views *views);

/* ---- views_undo.c --------------------------------------------------------------------------- */

/* A place in the undo rows and a buffer. Zeroed is ready; the place dies with its transaction. */
typedef struct lia_undo {
    MDB_cursor *place;
    uint8_t *bytes;
    size_t capacity;
} lia_undo;

/* Keeps what `key` was (NULL: no row). Keys must come in rising order. These return LMDB's
 * numbers. */
int lia_undo_note(lia_undo *undo, MDB_txn *txn, MDB_dbi table, MDB_val key, const MDB_val *old);
void lia_undo_free(lia_undo *undo);
/* Puts back what a crash between two slices left, so that the rows are those of the cursor. */
int lia_undo_roll_back(lia_views *views);

/* ---- snapshot.c ------------------------------------------------------------------------------ */

/* A new snapshot that holds nothing yet. NULL when there is no memory. */
lia_snapshot *lia_snapshot_make(lia_views *views);
/* Holds the present tables and disk state; the caller holds the lock. */
lia_err lia_snapshot_pin(lia_snapshot *snapshot);
/* Lets go of them. Takes the lock. */
void lia_snapshot_unpin(lia_snapshot *snapshot);
/* Looks into the frozen table and on the disk only. LIA_EIO when it could not be pinned. */
lia_err lia_snapshot_get_older(lia_snapshot *snapshot, lia_span key, lia_span *value);
/* Ends an unpinned snapshot's transaction and its hold on the file. The caller holds the lock.
 * Returns the file when that was the last hold, for lia_views_close_file without the lock. */
lia_held_file *lia_snapshot_let_go(lia_snapshot *snapshot);
void lia_views_close_file(lia_held_file *file);
/* Frees an unpinned snapshot. Takes the lock. */
void lia_snapshot_free(lia_snapshot *snapshot);

/* ---- scan.c ---------------------------------------------------------------------------------- */

void lia_scan_free(lia_scan *scan);

#endif
