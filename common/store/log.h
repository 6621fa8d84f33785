/* SPDX-License-Identifier: Apache-2.0 */
/* log - the one truth of a node: every event it holds, in arrival order, synced at each commit.
 *
 * An LMDB environment of its own. Events of all origins share one arrival order; a lane is the
 * part of it that one origin incarnation wrote. Events enter in sealed blocks: the unit that is
 * signed, sent and indexed, so the index has one small row per block and every table but the
 * tiny ones only grows at its end.
 *
 *     ev     arrival number (u64)            -> one event's bytes
 *     block  lane (u16), first seq (u64)     -> lia_block: count, first arrival, hashes, signature
 *     lane   lane (u16)                      -> origin, incarnation, head
 *     react  name                            -> arrival number behind which it has looked
 *     job    due ms (u64), key               -> payload;  jobkey  key -> due ms
 *     meta   name                            -> bytes
 *     base   the caller's key                -> the caller's value     (log_retain.h)
 *     kept   origin, seq (u64)               -> arrival number         (log_retain.h)
 *
 * What an event's bytes mean is the caller's business. One writer thread; any number of readers,
 * each with its own lia_log_reader. A second process that opens the same folder is refused, and so
 * is a second opening in this one. */
#ifndef LIA_STORE_LOG_H
#define LIA_STORE_LOG_H

#include "common/base/crypto.h"
#include "common/base/origin.h"
#include "common/base/time.h"

typedef struct lia_log lia_log;
typedef struct lia_log_reader lia_log_reader;

/* A node's local number for one (origin, incarnation); 1, 2, 3 ... in order of first sight. It
 * never leaves the node. 0 is none. */
typedef uint16_t lia_lane;

typedef struct lia_lane_info {
    lia_origin origin;
    uint64_t head; /* highest seq held; 0 when empty */
    lia_hash hash; /* chain hash at head; zeroes when empty */
} lia_lane_info;

/* A run of consecutive events of one lane, sealed by its origin. */
typedef struct lia_block {
    lia_lane lane;
    uint64_t first; /* seq of the first event */
    uint32_t count;
    uint64_t arrival;        /* arrival number of the first event; consecutive from there */
    lia_hash before;         /* chain hash at first - 1 */
    lia_hash hash;           /* chain hash at first + count - 1 */
    lia_signature signature; /* of `hash`, by the origin */
} lia_block;

/* Opens the log in `dir`, creating folder and files when absent. `map_bytes` caps its size:
 * address space is reserved, disk is not; 0 is LIA_MAP_BYTES_DEFAULT. All that is read after
 * opening is on the disk, also what a crash left half acknowledged. On LIA_OK *out is yours until
 * lia_log_close; otherwise *out is NULL and `why` tells an operator in one sentence what to do.
 *   LIA_EBUSY     another process has it open
 *   LIA_EIO       the folder cannot be read or written, or the disk is full
 *   LIA_ECORRUPT  the file is damaged or cut short, or a lane does not end at its head
 *   LIA_EVERSION  a newer release wrote it */
LIA_MUST_USE lia_err lia_log_open(lia_log **out, const char *dir, size_t map_bytes, lia_why *why);

/* Opens a log that is there to look at it: for readers only, also beside the process that has it open.
 * Nothing is written. A scrub of that process zeroes pages under such readers: what looks damaged is so
 * only when it still does after a refresh.
 *   LIA_EABSENT  there is none; otherwise as above, without LIA_EBUSY */
LIA_MUST_USE lia_err lia_log_look(lia_log **out, const char *dir, lia_why *why);

/* Closes and frees; NULL is fine. No batch and no reader may be open. */
void lia_log_close(lia_log *log);

/* ---- writing: one thread, one batch at a time ---------------------------------------------- */

/* Begins the batch that the calls below fill and lia_log_commit ends. */
LIA_MUST_USE lia_err lia_log_begin(lia_log *log, lia_why *why);

/* The lane of `origin`, made when new. LIA_EFULL above LIA_LANES_MAX. */
LIA_MUST_USE lia_err lia_log_lane(lia_log *log, lia_origin origin, lia_lane *out);

/* Appends a block: `events` are `block->count` spans. block->first must be the lane's head + 1
 * and block->before its hash, else LIA_ECONFLICT and nothing is changed. Fills block->arrival.
 * LIA_EFULL, LIA_EIO: the batch is broken, and so say all calls but lia_log_abort. After a full map
 * alone the log may be used again once the batch is aborted (for a smaller one). */
LIA_MUST_USE lia_err lia_log_append(lia_log *log, lia_block *block, const lia_span *events);

/* Durable positions of reactors, timers and small facts. Payloads are copied. A job is known by
 * its key (1 to 64 bytes); setting it again moves it. An absent job may be cleared. Names have 1 to
 * 255 bytes. LIA_EINVAL for other lengths. */
LIA_MUST_USE lia_err lia_log_set_reactor(lia_log *log, const char *name, uint64_t arrival);
LIA_MUST_USE lia_err lia_log_set_job(lia_log *log, lia_span key, lia_time due, lia_span payload);
LIA_MUST_USE lia_err lia_log_clear_job(lia_log *log, lia_span key);
LIA_MUST_USE lia_err lia_log_set_meta(lia_log *log, const char *name, lia_span value);

/* Replaces the event at `arrival` by as many other bytes, which may borrow the event's own. What it
 * was is still in the file until a scrub. The caller answers for the chain: an erased event must
 * have the leaf of the whole one.
 *   LIA_EABSENT  there is none     LIA_EINVAL  another size: nothing was changed
 *   LIA_EFULL, LIA_EIO  as lia_log_append */
LIA_MUST_USE lia_err lia_log_overwrite(lia_log *log, uint64_t arrival, lia_span bytes);

/* Puts a block that is held back to what its origin sealed: its events where they stand, its row. Of
 * `block` lane, first, count, hashes and signature count. The caller has checked the seal.
 *   LIA_EABSENT  no block of that lane begins there, or it lies outside of the log
 *   LIA_EFULL, LIA_EIO  as lia_log_append */
LIA_MUST_USE lia_err lia_log_mend(lia_log *log, lia_block *block, const lia_span *events);

/* Makes the batch durable: on LIA_OK it has been flushed and survives a power cut.
 *   LIA_EFULL   the map or the disk is full     LIA_EIO   the disk failed
 * After any error the batch is gone and the log refuses every further batch: what the disk holds
 * is unknown until it is opened again (a failed flush must not be retried). Acknowledge nothing. */
LIA_MUST_USE lia_err lia_log_commit(lia_log *log, lia_why *why);

/* Forgets the batch. */
void lia_log_abort(lia_log *log);

/* ---- erasing: the writer's thread, no batch open --------------------------------------------- */

/* Takes what overwrites and deletions left out of the file: afterwards no byte of a value that no
 * commit holds any more is in it, and none comes back with later commits. Its parts in one call:
 * it looks at every page, so a large log is better scrubbed in steps. A crash in between leaves the
 * log whole; do it again then.
 *   LIA_EBUSY  readers did not rest or refresh for 200 ms, or another scrub is open: nothing was
 *              done, try again after the next turn
 *   LIA_EIO, LIA_EFULL  the log refuses batches from now on, as after a failed commit
 *   LIA_ECORRUPT  a page is not what the file's own trees say: see why; nothing more was touched */
LIA_MUST_USE lia_err lia_log_scrub(lia_log *log, lia_why *why);

/* The same in parts. Begin waits until all readers have ended their turn (refresh, rest or close;
 * those that want to begin one wait meanwhile), opens the file anew, and writes zeros over all free
 * pages. Steps then clean the unused parts of about `pages` pages in use each, beside batches and
 * readers, on any thread; *more tells whether any are left. End flushes; ended too early, or after
 * an error, the file is clean only in part. An open scrub is a reader: the log cannot be closed,
 * and the file grows a little faster. */
typedef struct lia_scrub lia_scrub;
LIA_MUST_USE lia_err lia_scrub_begin(lia_scrub **out, lia_log *log, lia_why *why);
LIA_MUST_USE lia_err lia_scrub_step(lia_scrub *scrub, size_t pages, bool *more, lia_why *why);
/* How many pages in use it has looked at, and of how many. */
void lia_scrub_progress(const lia_scrub *scrub, uint64_t *done, uint64_t *all);
/* On the writer's thread. Says once more what a step has said. NULL is fine. */
LIA_MUST_USE lia_err lia_scrub_end(lia_scrub *scrub, lia_why *why);

/* ---- reading ------------------------------------------------------------------------------- */

/* A reader sees the commits up to its last refresh, never a batch under way. Use from one thread
 * at a time; refresh often (a reader that stands still keeps old pages from being reused). */
LIA_MUST_USE lia_err lia_log_reader_open(lia_log_reader **out, lia_log *log);
void lia_log_reader_close(lia_log_reader *reader);
LIA_MUST_USE lia_err lia_log_refresh(lia_log_reader *reader);
/* Stands on no commit until the next refresh: what was borrowed is gone, reads say LIA_EIO (but
 * lia_log_next and lia_log_lanes keep their last answer). For readers that are kept: call it when a
 * turn is over. Cheap; resting twice is fine. */
void lia_log_rest(lia_log_reader *reader);

/* The writer's own view, batch under way included; valid between begin and commit or abort. */
lia_log_reader *lia_log_batch_reader(lia_log *log);

/* Arrival number of the next event to come; of 1 .. next-1 all are held that were not dropped. */
uint64_t lia_log_next(lia_log_reader *reader);

/* The event at `arrival`. *event borrows the map until the next refresh (for the batch reader:
 * until the next append). LIA_EABSENT when there is none. */
LIA_MUST_USE lia_err lia_log_event(lia_log_reader *reader, uint64_t arrival, lia_span *event);

/* Lanes are numbered 1 .. lia_log_lanes. LIA_EABSENT for others. */
lia_lane lia_log_lanes(lia_log_reader *reader);
LIA_MUST_USE lia_err lia_log_lane_info(lia_log_reader *reader, lia_lane lane, lia_lane_info *out);
/* 0 when the origin is unknown. */
lia_lane lia_log_find_lane(lia_log_reader *reader, lia_origin origin);

/* The block that holds `seq`. LIA_EABSENT when seq is 0, above the head or dropped. */
LIA_MUST_USE lia_err lia_log_block(lia_log_reader *reader, lia_lane lane, uint64_t seq,
                                   lia_block *out);
/* The lane and block of an arrival number's event are not indexed: walk lanes in order instead. */

LIA_MUST_USE lia_err lia_log_reactor(lia_log_reader *reader, const char *name, uint64_t *arrival);

/* The earliest job: *due, *key and *payload borrow as lia_log_event. LIA_EABSENT when none. */
LIA_MUST_USE lia_err lia_log_next_job(lia_log_reader *reader, lia_time *due, lia_span *key,
                                      lia_span *payload);
/* The one after that; what `due` and `key` name need not be there any more. */
LIA_MUST_USE lia_err lia_log_job_after(lia_log_reader *reader, lia_time *due, lia_span *key,
                                       lia_span *payload);
LIA_MUST_USE lia_err lia_log_job(lia_log_reader *reader, lia_span key, lia_time *due);
/* How many jobs are set; 0 for a reader that rests. */
size_t lia_log_jobs(lia_log_reader *reader);
LIA_MUST_USE lia_err lia_log_meta(lia_log_reader *reader, const char *name, lia_span *value);

/* Bytes of the file up to its last used page, and the most it may hold. */
void lia_log_size(lia_log_reader *reader, size_t *used, size_t *cap);

#endif
