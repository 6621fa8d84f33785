/* SPDX-License-Identifier: Apache-2.0 */
/* writer - the one thread that changes a node: it takes all that is queued as one batch, handles
 * it, commits once, and hands the answers back. Internal to common/node.
 *
 *     submit, block --> [ inbox ] --> batch: command -> handle -> own events -> apply -> react
 *                                            block   -> append -> apply -> react
 *                                            job     -> handle ...
 *                                     seal, commit log, publish views
 *                       [ outbox ] <-- answers, new heads           (uv_async wakes the loop)
 */
#ifndef LIA_NODE_WRITER_H
#define LIA_NODE_WRITER_H

#include "common/node/work.h"

typedef struct lia_writer lia_writer;

/* Why a writer is held. Each cause ends by itself. */
typedef enum lia_held_by {
    LIA_HELD_STORE,   /* the disk may be an old one */
    LIA_HELD_MEMBERS, /* the node is no member any more */
    LIA_HELD_CLOCK,   /* its clock is far from the others' */
    LIA_HELD_RELEASE, /* the others use what this release would misread */
    LIA_HELD_CAUSES
} lia_held_by;

/* A block from a peer, checked by sync, in one allocation. */
typedef struct lia_foreign {
    lia_sealed sealed;
    bool mends; /* one that is held but damaged */
    struct lia_foreign *next;
    lia_span spans[]; /* then the bytes */
} lia_foreign;
lia_foreign *lia_foreign_copy(const lia_sealed *sealed); /* free() it; NULL: no memory */

struct lia_import;

typedef struct lia_head {
    lia_origin origin;
    uint64_t seq;
    lia_hash hash;
} lia_head;

/* How far all members hold a lane, as far as they said. */
typedef struct lia_lane_held {
    lia_origin origin;
    uint64_t seq;
    uint16_t least; /* the member that holds least; 0: there is no other */
} lia_lane_held;

/* What the writer has done since the outbox was last emptied. */
typedef struct lia_outbox {
    lia_command *done, *done_last;   /* answered, oldest first */
    lia_head heads[LIA_LANES_MAX];   /* lanes whose head has moved */
    size_t head_count;
    lia_head failed[LIA_LANES_MAX];  /* lanes whose blocks could not be kept */
    size_t failed_count;
    bool imported;                   /* a part of state was taken in, or not: */
    lia_err import_err;
    bool import_done;                /* it was the last one */
    uint64_t commit;                 /* number of the last one that it tells of */
    lia_origin self;                 /* the lane that is written; its incarnation may be new */
} lia_outbox;

/* The kinds and fields as of the last commit; the caller releases it. Any thread. */
const lia_catalog *lia_writer_catalog(lia_writer *writer);

typedef struct lia_writer_options {
    lia_log *log;
    lia_views *views;
    const lia_service *service, *shared;
    lia_id cluster;
    lia_origin self;
    const char *name; /* of the member */
    const lia_sign_key *sign;
    const lia_members *const *members; /* where the list in force is found; NULL: nobody asks */
    size_t group_events_max;
    size_t table_bytes;
    int64_t log_keep_ms; /* as lia_node_options */
    uint64_t take_over_ms; /* as lia_node_options */
    size_t jobs_max;
    bool sends_mail;
    uint64_t features; /* bits: what is on in this store */
    uint64_t check_ms; /* between two comparisons of the rows with digests and log */
    const char *fold_dir; /* a folder for the fold that the views are compared with */
    uint64_t cursor; /* of the views: events above it are replayed */
    const char *erasures_path; /* the file beside the store */
    const char *held; /* why no command is taken at first; NULL: they are */
    lia_copies copies;
    void (*wake)(void *context); /* called from the writer's thread: the outbox has something */
    void *context;
} lia_writer_options;

/* Opens on the calling thread: replays what the views miss, runs what reactors have not seen. */
LIA_MUST_USE lia_err lia_writer_open(lia_writer **out, const lia_writer_options *options, lia_why *why);
/* Starts the thread. */
LIA_MUST_USE lia_err lia_writer_start(lia_writer *writer, lia_why *why);
/* Handles what is queued, then ends the thread. */
void lia_writer_stop(lia_writer *writer);
void lia_writer_close(lia_writer *writer);

LIA_MUST_USE lia_err lia_writer_submit(lia_writer *writer, lia_command *first, size_t count);
/* Takes no commands from now on and writes nothing of its own, jobs and reactions included; blocks
 * of others are kept. Commands that wait are answered LIA_EBUSY, with `why`. The next commit notes
 * that the own lane is in doubt (lia_place_doubt), until a renewal, when the store is the cause. */
void lia_writer_hold(lia_writer *writer, lia_held_by cause, const lia_why *why);
/* Takes commands again, as far as this cause goes. */
void lia_writer_go(lia_writer *writer, lia_held_by cause);
/* The same for the store, in a lane of another incarnation and, if one is given, signed with another
 * key (copied). The outbox tells when it is so. */
void lia_writer_renew(lia_writer *writer, uint64_t incarnation, const lia_sign_key *sign);
/* The next commit notes that all is here which the others had (lia_joining_end). */
void lia_writer_joined(lia_writer *writer);
/* The next commit notes that these features are on, from then on for ever. */
void lia_writer_set_features(lia_writer *writer, uint64_t on);
/* Those of the last commit. Any thread. */
uint64_t lia_writer_features(lia_writer *writer);
/* Takes ownership. */
void lia_writer_take_block(lia_writer *writer, lia_foreign *block);
/* These customers were erased, says a peer. */
void lia_writer_take_erased(lia_writer *writer, const lia_id *customers, size_t count);
/* Those whom the node has forgotten, durably and so that nobody sees them any more, in the order in
 * which it did, from place `from` on. Returns how many. */
size_t lia_writer_erased(lia_writer *writer, size_t from, lia_id *out, size_t max);
/* Takes a part of state, and ownership of it; one at a time. The outbox tells how it went. */
void lia_writer_take_import(lia_writer *writer, struct lia_import *import);
/* What all members hold, for retire.h. */
void lia_writer_set_held(lia_writer *writer, const lia_lane_held *held, size_t count);
/* Any thread. */
void lia_writer_retired(lia_writer *writer, lia_retention *out);
/* As lia_node_erasing. Any thread. */
bool lia_writer_erasing(lia_writer *writer, lia_id customer, lia_erasing *out);
/* Moves the outbox out. */
void lia_writer_collect(lia_writer *writer, lia_outbox *out);

/* What sync wishes of comparisons with peers; poke the writer afterwards. */
struct lia_compare *lia_writer_compare(lia_writer *writer);
/* There is something to do beside the batches. */
void lia_writer_poke(lia_writer *writer);

/* Any thread. */
uint64_t lia_writer_visible(const lia_writer *writer);
lia_err lia_writer_health(lia_writer *writer, lia_why *why);
/* Whether the disk failed: nothing more may be written out. */
bool lia_writer_failed(lia_writer *writer);
/* Whether it did for want of room, on the disk or in memory. */
bool lia_writer_is_full(lia_writer *writer);
/* The hash of the state's sums as of that commit; false when there was another one since. */
bool lia_writer_state(lia_writer *writer, uint64_t commit, lia_hash *out);
void lia_writer_get_stats(lia_writer *writer, lia_node_stats *out);
void lia_writer_digests(lia_writer *writer, lia_digests *out, lia_lane_info *lanes, size_t max,
                        size_t *count);

#endif
