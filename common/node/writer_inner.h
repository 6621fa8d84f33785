/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the writer share. The thread (writer.c) takes work, makes a batch of it and
 * tells what became of it (writer_told.c); between batches it does what has time (writer_beside.c).
 * Other threads hand in and ask (writer_door.c). Internal to common/node. */
#ifndef LIA_NODE_WRITER_INNER_H
#define LIA_NODE_WRITER_INNER_H

#include <pthread.h>

#include "common/node/audit.h"
#include "common/node/compare.h"
#include "common/node/eraser.h"
#include "common/node/import.h"
#include "common/node/inbox.h"
#include "common/node/retire.h"
#include "common/node/writer.h"

struct lia_writer {
    lia_batch batch;
    lia_writer_options options;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock;
    pthread_cond_t ready;
    lia_inbox inbox;
    size_t bulk_max; /* of a group */
    lia_foreign *blocks, *blocks_last;
    lia_ledger learnt; /* to be erased */
    lia_id *erased;    /* what is told of them */
    size_t erased_count, erased_room;
    bool stop;
    bool turned;   /* it was let go: there is something to do */
    unsigned held; /* commands are not taken: a bit for each cause, and the reasons */
    lia_why held_why[LIA_HELD_CAUSES];
    uint64_t renewal;  /* incarnation to go on with; 0: none */
    lia_sign_key sign; /* to sign with from the renewal on */
    bool has_sign;
    bool doubted;             /* the own lane; to be noted with the next commit */
    bool joined;              /* as well */
    uint64_t features_wanted; /* to be switched on with the next commit */
    uint64_t features;        /* that are, as of the last one */
    lia_outbox outbox;
    const lia_catalog *catalog; /* as of the last commit; held */
    lia_err health;
    bool full; /* why it is not well */
    lia_why health_why;
    lia_node_stats stats;
    lia_digests digests;  /* as of the last commit */
    bool has_unrequested; /* then they are of more than of the events */
    lia_lane_info lanes[LIA_LANES_MAX];
    size_t lane_count;

    uint64_t visible; /* atomic */
    lia_log_reader *reader;
    lia_eraser *eraser;
    lia_id erasing[LIA_ERASER_CUSTOMERS_MAX]; /* whose pass is under way, told under the lock */
    size_t erasing_count;
    bool worked;                 /* beside the last batch: there was room for it */
    uint64_t bulk_ns, looked_ns; /* the last large batch, and when there was last time for others */
    lia_compare *compare;
    bool poked; /* under the lock */
    lia_retire *retire;
    lia_lane_held held_by_all[LIA_LANES_MAX]; /* told from outside, under the lock ... */
    size_t held_count;
    lia_lane_held *held_now; /* ... and as of the step under way */
    lia_retention retention;
    lia_import *import; /* inbox; one at a time */
    bool finishing;     /* the last part of an import is in */
    lia_audit *audit;
    uint64_t audited; /* turn of the audit that was told */
};

/* What one batch is made of. */
typedef struct work_list {
    lia_command *commands;
    lia_foreign *blocks;
    lia_ledger learnt;
    uint64_t renewal;
    bool stop, held, doubted, joined, bulk;
    uint64_t features;
} work_list;

/* The bit of lia_writer.held. */
static inline unsigned writer_held_bit(lia_held_by cause)
{
    return 1u << cause;
}

bool writer_is_held(lia_writer *writer);
void writer_free_blocks(lia_foreign *blocks);

/* ---- writer_told.c: by the thread, for others ------------------------------------------------ */

/* What a commit made goes to the outbox, is shown, and the loop is woken. */
void writer_deliver(lia_writer *writer, const work_list *work);
/* From here on nothing is acknowledged: what the disk holds is unknown until the next start. */
void writer_fail(lia_writer *writer, lia_err err, const work_list *work);
/* Under the lock: commands that are answered; the catalog and the figures as they are now; who is
 * to be erased as of the last commit (what finds no room is told after the next one). */
void writer_put_done(lia_writer *writer, lia_command *commands);
void writer_show_catalog(lia_writer *writer);
void writer_keep_stats(lia_writer *writer);
void writer_put_erased(lia_writer *writer);

/* ---- writer_beside.c: by the thread, between batches ----------------------------------------- */

/* A step of all that is due beside batches. The one before began at `began_ns` with `any` work and
 * made `events` events. Errors are told by writer_fail. */
lia_err writer_beside(lia_writer *writer, uint64_t began_ns, bool any, uint64_t events);
/* In how many milliseconds something is due there. */
int64_t writer_beside_ms(const lia_writer *writer);

#endif
