/* SPDX-License-Identifier: Apache-2.0 */
/* views - what the log means: one ordered map of bytes, derived, disposable.
 *
 * A write lands in a memory table. Readers merge that table with the rows on disk, so a write is
 * visible the moment it is published, long before it is written out: sorted, in slices, by a
 * thread of the views' own. A table that is being written out is frozen and a new one fills.
 *
 *     put, del --> [ table ] --freeze--> [ frozen table ] --sorted--> LMDB environment
 *                      ^                       ^                        ^
 *     readers: newest of all three, as of one published state ----------+
 *
 * The cursor (one row, in the transaction of the rows it covers) says how much of the log the
 * rows on disk contain; after a crash the caller replays the log from there. The rows found by
 * lia_views_open are exactly those published with that cursor, never newer ones, so counters and
 * other folds may be replayed. Losing the folder loses nothing but time.
 *
 * One writer thread; readers on any thread, each snapshot used by one thread at a time. */
#ifndef LIA_STORE_VIEWS_H
#define LIA_STORE_VIEWS_H

#include "common/base/err.h"

#define LIA_VIEW_KEY_MAX 480

typedef struct lia_views lia_views;
typedef struct lia_snapshot lia_snapshot;
typedef struct lia_scan lia_scan;

typedef struct lia_views_options {
    size_t map_bytes;   /* most the file may grow to; 0: LIA_MAP_BYTES_DEFAULT */
    /* Size at which the memory table is frozen (four times of it while the disk is behind); 0:
     * LIA_MEMTABLE_BYTES. */
    size_t table_bytes;
    uint32_t version;   /* of the caller's row layout; another one on disk empties the views */
} lia_views_options;

/* Opens the views in `dir`, creating it when absent. *cursor is the value last given to
 * lia_views_publish that reached the disk, 0 for new or emptied views. A damaged file, or one of
 * another version, is removed and replaced by empty views: that is no error, it takes a replay.
 *   LIA_EBUSY   somebody has it open, this process included
 *   LIA_EIO     the folder cannot be read or written
 *   LIA_EFULL   the disk, the map or memory is full */
LIA_MUST_USE lia_err lia_views_open(lia_views **out, const char *dir,
                                    const lia_views_options *options, uint64_t *cursor,
                                    lia_why *why);

/* Writes out what has been published, closes and frees; NULL is fine. No snapshot may be open. */
void lia_views_close(lia_views *views);
/* Closes as a crash would: what is in memory is dropped. For tests and after a failed log. */
void lia_views_drop(lia_views *views);

/* ---- writing: one thread -------------------------------------------------------------------- */

/* Sets a row; key and value are copied. Keys are 1 .. LIA_VIEW_KEY_MAX bytes. Seen at once by the
 * writer's own reads, by snapshots only after lia_views_publish. One publishing may add up to
 * 256 MiB.
 *   LIA_EFULL  no memory: nothing was changed */
LIA_MUST_USE lia_err lia_views_put(lia_views *views, lia_span key, lia_span value);
LIA_MUST_USE lia_err lia_views_del(lia_views *views, lia_span key);

/* The writer's own read of the newest state, unpublished writes included. *value is valid until
 * the next put, del or publish. LIA_EABSENT when there is no such row. */
LIA_MUST_USE lia_err lia_views_get(lia_views *views, lia_span key, lia_span *value);
/* The writer's own scan, see lia_scan_open. No put or del while it is open. */
LIA_MUST_USE lia_err lia_views_scan(lia_views *views, lia_span prefix, lia_scan **out);

/* Shows all writes so far to new snapshots, as one step, and notes that they contain the log up
 * to `cursor`. When the table is over its size it is frozen here; while the one before is still
 * being written out it fills on, to four times its size, and then this waits (back-pressure). LIA_EIO or LIA_EFULL when writing out
 * failed: what is published stays readable (but LMDB may refuse new snapshots with LIA_EIO when its
 * header could not be written), nothing is written out any more, and the node should stop taking
 * writes and be started again; `why` says the reason. */
LIA_MUST_USE lia_err lia_views_publish(lia_views *views, uint64_t cursor, lia_why *why);

/* Freezes and writes out everything, and waits for it. Call it after lia_views_publish, with
 * nothing put since; a node that falls idle should, so that its memory becomes small. */
LIA_MUST_USE lia_err lia_views_flush(lia_views *views, lia_why *why);

/* ---- erasing -------------------------------------------------------------------------------- */

/* Says whether a row goes into the new file; may let *value point to other bytes, good until the
 * next call. Called on the flusher's thread, for each row in key order. */
typedef bool (*lia_views_keep)(void *context, lia_span key, lia_span *value);

typedef struct lia_rewrite_status {
    bool running;
    lia_err err; /* of the last one that ended; then `why` says the reason */
    lia_why why;
    uint64_t ended;      /* how many have ended since opening, well or not */
    uint64_t rows, kept; /* looked at and kept, by the one that runs or ran last */
    uint64_t all;        /* rows there are to look at */
} lia_rewrite_status;

/* Begins to copy all rows into a new file, which then takes the place of the old one: no byte of a
 * row that was deleted or replaced before this call, or that `keep` (NULL: all) declines, is in any
 * file of the folder afterwards, nor comes back. Writer's thread, after lia_views_publish, with
 * nothing put since. Returns once what is published is on its way to the disk.
 *
 * The copying is the flusher's: writing and reading go on, but tables wait to be written out, so
 * lia_views_publish blocks when a second table is full. Snapshots that are open keep the old file,
 * which has no name any more and is freed with the last of them and the writer's next turn. A crash
 * leaves the old or the new file, whole. The folder needs room for both. `keep` sees rows of the
 * file only, not what is published later: the caller must not write erased rows any more.
 *   LIA_EBUSY  one is running already     others as lia_views_publish */
LIA_MUST_USE lia_err lia_views_rewrite(lia_views *views, lia_views_keep keep, void *context,
                                       lia_why *why);
/* Any thread. */
void lia_views_rewrite_status(lia_views *views, lia_rewrite_status *out);
/* Waits for its end and tells how it went; the old file is let go of. Writer's thread, after
 * lia_views_publish, with nothing put since.. A failed
 * rewrite has changed nothing, and may be begun again. */
LIA_MUST_USE lia_err lia_views_rewrite_wait(lia_views *views, lia_why *why);

/* ---- reading: any thread -------------------------------------------------------------------- */

/* The published state as of now. Cheap (about a microsecond); hold it for one request, at most
 * 100 ms: a standing snapshot keeps memory tables and old pages alive. LIA_EFULL when 1,000 are
 * open. */
LIA_MUST_USE lia_err lia_snapshot_open(lia_snapshot **out, lia_views *views);
void lia_snapshot_close(lia_snapshot *snapshot);
/* The cursor that was published with this state. */
uint64_t lia_snapshot_cursor(const lia_snapshot *snapshot);

/* *value is valid until the snapshot is closed. LIA_EABSENT when there is no such row. */
LIA_MUST_USE lia_err lia_snapshot_get(lia_snapshot *snapshot, lia_span key, lia_span *value);

/* Rows whose key begins with `prefix`, in key order. Stands before the first row; closed by
 * lia_scan_close, before its snapshot. */
LIA_MUST_USE lia_err lia_scan_open(lia_scan **out, lia_snapshot *snapshot, lia_span prefix);
void lia_scan_close(lia_scan *scan);
/* Moves so that the next row is the first one with key >= `key` (within the prefix). */
void lia_scan_seek(lia_scan *scan, lia_span key);
/* The next row, or false at the end. Spans are valid until the next call on this scan. */
bool lia_scan_next(lia_scan *scan, lia_span *key, lia_span *value);
/* The last row with a key below `key` (empty: the last of all) within the prefix, or false when there
 * is none: called with the key that it gave, it walks backwards. Costs a search each time, about as much
 * as lia_scan_seek. Spans as above; lia_scan_next goes on after a seek only. */
bool lia_scan_before(lia_scan *scan, lia_span key, lia_span *found, lia_span *value);
/* LIA_OK, or why the scan ended early. */
lia_err lia_scan_status(const lia_scan *scan);

/* Memory held by tables, bytes on disk, tables written out so far. */
typedef struct lia_views_stats {
    size_t table_bytes, disk_used, disk_cap;
    uint64_t flushes, flush_ns;
    uint64_t cursor; /* that the rows on disk were published with */
} lia_views_stats;
void lia_views_get_stats(lia_views *views, lia_views_stats *out);

/* What the views in `dir` are, without opening them: nothing is written, and their owner may be at
 * work.
 *   LIA_EABSENT  there are none     LIA_ECORRUPT, LIA_EVERSION, LIA_EIO: they would be replaced */
typedef struct lia_views_glance {
    uint32_t version; /* of the rows' layout */
    uint64_t cursor;  /* up to where they hold the log */
    size_t used, cap; /* bytes */
} lia_views_glance;
LIA_MUST_USE lia_err lia_views_look(lia_views_glance *out, const char *dir, lia_why *why);

#endif
