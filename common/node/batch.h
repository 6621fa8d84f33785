/* SPDX-License-Identifier: Apache-2.0 */
/* batch - what happens inside one group commit: handling, own events and their sealed blocks,
 * foreign blocks, reactions, jobs. Internal to common/node; writer thread only. */
#ifndef LIA_NODE_BATCH_H
#define LIA_NODE_BATCH_H

#include "common/node/traces.h"
#include "common/node/writer.h"

typedef struct lia_batch_counts {
    uint64_t commands, refused, events_own, events_foreign, commits, reactions, jobs_run;
    uint64_t apply_ns, commit_ns;
    uint64_t commit_buckets[LIA_COMMIT_BUCKETS];
} lia_batch_counts;

#define LIA_FACTS_NOTED_MAX 1024

/* The writer's working state. */
typedef struct lia_batch {
    lia_log *log;
    lia_views *views;
    lia_id cluster;
    lia_origin self;
    const char *name; /* of the member */
    lia_sign_key sign;
    size_t table_bytes;
    const char *erasures_path;
    lia_copies copies; /* beside the store */
    lia_ledger listed;        /* what that file said, until the views have it */
    uint64_t erasures_listed; /* how many it has */

    lia_applier applier;
    lia_definitions definitions; /* the applier's */
    lia_turn turn;         /* of the handler that runs */
    lia_turn_work work;
    lia_turn fold_turn;    /* what folds are given; they cannot record */
    lia_turn_work fold_work;
    lia_arena turn_arena;  /* reset per message */
    lia_arena event_arena; /* bytes of the open block; reset when it is appended */
    lia_clock clock;
    lia_time jobs_looked;  /* when jobs were last looked for, by the wall clock */
    /* Facts of the events that reactors have not seen yet, to pass over most of them without
     * reading them again. */
    uint32_t facts[LIA_FACTS_NOTED_MAX];
    uint64_t facts_first; /* arrival of facts[0] */
    size_t fact_count;

    /* The own lane: events of the open block are applied but not appended yet. */
    lia_lane lane;
    uint64_t seq;     /* of the last own event */
    lia_hash hash;    /* chain at seq */
    lia_hash sealed;  /* chain before the open block */
    lia_span open[LIA_BLOCK_EVENTS_MAX];
    size_t open_count, open_bytes;

    bool indexes_next;     /* whose turn it is beside the batches */
    bool imported;         /* kept events may come again in blocks */
    bool held;             /* nothing of its own is written: no reactions either */
    bool ready;            /* the service's `ready` has run */
    bool born_noted;       /* the log says when the store was made */
    bool own_refused;      /* a block of the own lane did not follow what was written here */
    lia_origin own_refused_lane;
    uint64_t arrival; /* of the last event, appended or open */
    uint64_t reacted; /* reactors have seen events up to here */
    lia_head *heads;  /* lanes that moved in this batch */
    size_t head_count;
    lia_batch_counts counts;
    lia_traces traces;
    lia_why why;      /* of the error that ended the batch */
} lia_batch;

LIA_MUST_USE lia_err lia_batch_open(lia_batch *batch, const lia_writer_options *options, lia_why *why);
void lia_batch_close(lia_batch *batch);

/* Brings views and reactors up to the log. Progress is logged once a second. */
LIA_MUST_USE lia_err lia_batch_replay(lia_batch *batch, uint64_t cursor, lia_why *why);

LIA_MUST_USE lia_err lia_batch_begin(lia_batch *batch);
/* The same, and what the node writes from here on is of another incarnation. */
LIA_MUST_USE lia_err lia_batch_renew(lia_batch *batch, uint64_t incarnation);
/* Runs one command; its answer is in the command. An error here means that the batch is lost, not
 * that the command was declined. */
LIA_MUST_USE lia_err lia_batch_command(lia_batch *batch, lia_command *command, lia_time now);
/* Appends and applies a peer's block. Blocks that are held already are passed over. */
LIA_MUST_USE lia_err lia_batch_block(lia_batch *batch, const lia_sealed *sealed, lia_time now);
/* Forgets customers of whom a peer says that they were erased. */
LIA_MUST_USE lia_err lia_batch_erase(lia_batch *batch, const lia_ledger *customers);
/* Overwrites a block that is held but damaged with the sealed one; says which events were, and has the
 * audit fold their records anew. */
LIA_MUST_USE lia_err lia_batch_mend(lia_batch *batch, const lia_sealed *sealed);
/* Runs jobs that are due, at most `max`. */
LIA_MUST_USE lia_err lia_batch_jobs(lia_batch *batch, lia_time now, size_t max);
/* The services' `ready`. */
LIA_MUST_USE lia_err lia_batch_ready(lia_batch *batch, lia_time now);
/* Whether anything is to be done beside the batches. */
bool lia_batch_waits(const lia_batch *batch);
/* A slice of what is to be done beside the batches, and shows it to readers. `busy_ns`: what the batch
 * before it took, 0 when there was none. An error means that there must be no further batch. */
LIA_MUST_USE lia_err lia_batch_background(lia_batch *batch, uint64_t busy_ns, bool *worked);
/* Seals, commits, publishes. On an error nothing of the batch may be acknowledged, and there must
 * be no further batch. */
LIA_MUST_USE lia_err lia_batch_commit(lia_batch *batch);
/* Shows all that was applied to readers. What is about to be written out, because the table is
 * nearly full or the caller says so, takes with it the digests of its rows. */
LIA_MUST_USE lia_err lia_batch_publish(lia_batch *batch, bool writes_out);

#define LIA_FULL_TEXT                                                                              \
    "the log or the views have no room left; give the disk room, or start with a larger --map-gib"

/* What a peer still knows of somebody who was erased, or of what was blanked, never touches this disk. `sealed` may come to
 * point to other events, in the arena of the open block, which must be empty. */
LIA_MUST_USE lia_err lia_batch_erase_late(lia_batch *batch, lia_sealed *sealed);

/* ---- parts (own.c, react.c) ------------------------------------------------------------------- */

/* Turns what the turn has staged into own events: built, chained, applied. *first is the position
 * of the first one (seq 0: nothing was staged). With nothing kept: LIA_EFULL  an event is too large, LIA_EGONE  its
 * customer was erased. */
LIA_MUST_USE lia_err lia_own_keep(lia_batch *batch, lia_position *first);
/* Whether that would keep what the turn has told: LIA_EFULL, LIA_EGONE as there. */
LIA_MUST_USE lia_err lia_own_fits(const lia_turn *turn);
/* Appends the open block to the log, signed. */
LIA_MUST_USE lia_err lia_own_seal(lia_batch *batch);
/* Readies the turn for another message. The turn's arena is reset by the caller. */
void lia_batch_turn(lia_batch *batch, lia_turn_type type, lia_time now, uint32_t actor);
/* The turn is a piece of work under `parent`, which may be none: its events and its lines in the log say
 * so. The span that it is, or NULL. */
lia_traced *lia_batch_trace(lia_batch *batch, const lia_trace *parent, const char *name);
/* The same of a turn that is over but for keeping what it staged, and began at `began_ns`; `cause` is
 * what it answers. */
void lia_batch_trace_answer(lia_batch *batch, const lia_trace *parent, const lia_trace *cause,
                            const char *what, const char *name, uint64_t began_ns);
/* Lets reactors see every event that they have not seen. */
LIA_MUST_USE lia_err lia_batch_react(lia_batch *batch, lia_time now);
/* Notes the fact of the event at `arrival`, for reactors. */
void lia_batch_note_fact(lia_batch *batch, uint64_t arrival, uint32_t fact);
/* Notes that a lane has a new head. */
void lia_batch_note_head(lia_batch *batch, lia_origin origin, uint64_t seq, const lia_hash *hash);

#endif
