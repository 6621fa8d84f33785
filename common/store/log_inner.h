/* SPDX-License-Identifier: Apache-2.0 */
/* log_inner - what the files of the log share. */
#ifndef LIA_STORE_LOG_INNER_H
#define LIA_STORE_LOG_INNER_H

#include <pthread.h>

#include "common/base/limits.h"
#include "common/store/env.h"
#include "common/store/log.h"

#define LIA_LOG_NAME_MAX 255 /* of reactors and meta rows; LMDB's own limit is 511 */
#define LIA_LOG_JOB_MAX  64

enum {
    LIA_LOG_EV,
    LIA_LOG_BLOCK,
    LIA_LOG_LANE,
    LIA_LOG_REACT,
    LIA_LOG_JOB,
    LIA_LOG_JOBKEY,
    LIA_LOG_BASE,
    LIA_LOG_KEPT,
    LIA_LOG_TABLES
};

struct lia_log_reader {
    lia_log *log;
    MDB_txn *txn;       /* NULL: the batch reader outside of a batch; one at rest since a scrub */
    MDB_cursor *events; /* opened when first needed; a batch's cursors end with it */
    MDB_cursor *blocks;
    uint64_t next;
    lia_lane lanes;
    bool awake;                         /* stands on a commit; changed under log->lock */
    lia_log_reader *previous, *further; /* in log->all; not the batch reader */
};

/* The writer keeps all lanes in memory: an append checks and moves a head without touching the
 * disk, and a commit writes each moved head once. */
struct lia_log {
    lia_env env;
    MDB_dbi tables[LIA_LOG_TABLES];
    size_t map_bytes;

    pthread_mutex_t lock; /* guards down to `gated`, and env.mdb of a log whose gate is open */
    pthread_cond_t moved; /* fewer are awake, or the gate has opened */
    lia_log_reader *all;
    size_t awake;
    bool gated; /* the file is being reopened: nobody may wake */

    lia_log_reader batch;
    MDB_cursor *tail; /* appends to ev */
    lia_err broken;   /* the batch can no longer be committed, and why */
    lia_why broken_why;
    lia_err poisoned; /* no batch can be begun any more, and why */
    lia_why poisoned_why;

    lia_lane_info lanes[LIA_LANES_MAX + 1];
    lia_lane_info before[LIA_LANES_MAX + 1]; /* of changed lanes: as committed */
    bool changed[LIA_LANES_MAX + 1];
    lia_lane changes[LIA_LANES_MAX];
    size_t change_count;
    lia_lane lanes_before;
    uint64_t next_before;
};

/* Fixed rows, big-endian throughout.
 *   lane:  node 2, incarnation 8, head 8, hash 32
 *   block: count 4, arrival 8, before 32, hash 32, signature 64
 *   kept:  arrival 8, at node 2, incarnation 8, seq 8 */
#define LIA_LANE_KEY  2
#define LIA_LANE_ROW  50
#define LIA_BLOCK_KEY 10
#define LIA_BLOCK_ROW 140
#define LIA_KEPT_KEY  18
#define LIA_KEPT_ROW  8

void lia_lane_write(const lia_lane_info *info, uint8_t row[LIA_LANE_ROW]);
bool lia_lane_read(lia_span row, lia_lane_info *out);
void lia_block_key(lia_lane lane, uint64_t first, uint8_t key[LIA_BLOCK_KEY]);
void lia_block_write(const lia_block *block, uint8_t row[LIA_BLOCK_ROW]);
bool lia_block_read(lia_span key, lia_span row, lia_block *out);
/* due 8 (sign bit flipped, so that byte order is time order), key */
size_t lia_job_key(lia_time due, lia_span key, uint8_t out[8 + LIA_LOG_JOB_MAX]);
lia_time lia_job_due(const uint8_t *at);

/* What the log tells env.c about its file. */
lia_env_spec lia_log_spec(lia_log *log);
/* No batch can be begun any more. Returns `err`. */
lia_err lia_log_poison(lia_log *log, lia_err err, const lia_why *why);
/* Ends a resting reader's transaction and cursors for good; its next refresh makes new ones. The
 * caller holds the lock. */
void lia_log_reader_let_go(lia_log_reader *reader);

static inline MDB_dbi lia_log_table(const lia_log *log, int table)
{
    return log->tables[table];
}

/* Finds a row of a small table through the reader's transaction. */
lia_err lia_log_find(lia_log_reader *reader, MDB_dbi table, lia_span key, lia_span *value);
/* The reader's cursor in a table, opened when first needed. LIA_EIO when it rests. */
lia_err lia_log_cursor(lia_log_reader *reader, int table, MDB_cursor **slot);
/* For the batch: a row set or taken away (absent ones are fine), and a failure noted. */
lia_err lia_log_put_row(lia_log *log, int table, lia_span key, lia_span value);
lia_err lia_log_del_row(lia_log *log, int table, lia_span key);
lia_err lia_log_fail(lia_log *log, int rc);
/* The lane as the batch sees it; it is written with the commit. */
lia_lane_info *lia_log_touch(lia_log *log, lia_lane lane);
/* Sets reader->next and reader->lanes from its transaction. */
lia_err lia_log_measure(lia_log_reader *reader);

#endif
