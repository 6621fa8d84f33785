/* SPDX-License-Identifier: Apache-2.0 */
/* engine_inner - shared by the files of the engine: its state, its queues and its steps.
 *
 *     changed --> [ INDEX ] --> [ COMPARE ] --> [ JOIN ]
 *                  keys          ties            customers, questions
 *
 * A record waits for a step because somebody said so (a row, repeated in memory), or because the
 * step's scan over all records has not come to it yet: that is how a base without rows gets them. A
 * step begins when nothing waits for the ones before it, so that what many changes touch is looked
 * at once. */
#ifndef LIA_IDENTITY_ENGINE_INNER_H
#define LIA_IDENTITY_ENGINE_INNER_H

#include "common/identity/current.h"
#include "common/node/service.h"

typedef enum lia_step {
    LIA_STEP_COUNT, /* only scanned: how many there are */
    LIA_STEP_INDEX,
    LIA_STEP_COMPARE,
    LIA_STEP_JOIN,
    LIA_STEPS
} lia_step;

/* In rows: they are in the hand of bulk.c. */
#define LIA_WAITING_BULK LIA_STEPS

#define LIA_QUEUE_CHUNK 128
#define LIA_QUEUE_RING  8192 /* told records kept in memory; more wait in their rows */

typedef struct lia_queue {
    /* The scan: all up to `position` are done. */
    bool begun, scanned;
    lia_id position;
    uint64_t passed;
    lia_id chunk[LIA_QUEUE_CHUNK]; /* the next ones */
    size_t chunk_at, chunk_count;
    bool chunk_last;
    /* Told ones. */
    lia_id *ring;
    size_t first, count;
    bool spilled;     /* some are in rows only */
    uint64_t waiting; /* rows */
} lia_queue;

typedef struct lia_bulk lia_bulk;

typedef struct lia_engine {
    lia_queue queues[LIA_STEPS];
    uint64_t counted, records, questions;
    lia_settings settings;
    uint64_t settings_hash; /* what the rows were made with */
    lia_country settings_home;
    bool stale;     /* the settings have to be read again */
    bool fresh;     /* there were no rows: people's words have to be read */
    bool restarted; /* a crash may have left records in the hand of bulk.c */
    lia_bulk *bulk; /* NULL: none is under way */
} lia_engine;

/* The state row. LIA_EABSENT: there is none yet. */
LIA_MUST_USE lia_err lia_engine_load(lia_engine *engine, const lia_rows *rows);
LIA_MUST_USE lia_err lia_engine_save(const lia_engine *engine, const lia_rows *rows);

/* ---- rows ------------------------------------------------------------------------------------ */

static inline lia_err lia_identity_put(const lia_rows *rows, lia_key key, lia_span value)
{
    return lia_views_put(rows->views, lia_key_span(&key), value);
}
static inline lia_err lia_identity_del(const lia_rows *rows, lia_key key)
{
    return lia_views_del(rows->views, lia_key_span(&key));
}

/* What a record holds, written as it is. */
LIA_MUST_USE lia_err lia_identity_put_holds(const lia_rows *rows, lia_id id, const lia_holds *is);
/* What it holds as it stands now. LIA_EABSENT: there is no such customer. */
LIA_MUST_USE lia_err lia_identity_holds_now(lia_engine *engine, const lia_rows *rows, lia_id id,
                                            lia_arena *arena, lia_holds *out);

/* ---- bulk.c: many new records at once ---------------------------------------------------------
 * While one is under way no record is indexed otherwise, nor compared. */

/* Fewer that wait are indexed one by one. */
#define LIA_BULK_MIN 512

/* False without memory for it: they are indexed one by one then. */
bool lia_bulk_begin(lia_engine *engine);
/* A piece of it, some microseconds but for the sorting (some milliseconds, once). */
LIA_MUST_USE lia_err lia_bulk_work(lia_engine *engine, const lia_rows *rows, lia_arena *arena);
/* Frees it, at its end or when the engine is closed; NULL is fine. */
void lia_bulk_end(lia_engine *engine);
/* How many records are in its hand. */
uint64_t lia_bulk_length(const lia_engine *engine);
/* The record is being erased: nothing more is written of it. Before its keys are taken out. */
void lia_bulk_forget(lia_engine *engine, lia_id id);
/* Once after opening: those that were in hand when the process died wait again. */
LIA_MUST_USE lia_err lia_bulk_recover(lia_engine *engine, const lia_rows *rows);

/* ---- queues ---------------------------------------------------------------------------------- */

LIA_MUST_USE lia_err lia_queues_open(lia_engine *engine, const lia_rows *rows);
void lia_queues_close(lia_engine *engine);

/* The record is to wait for the step. */
LIA_MUST_USE lia_err lia_queue_tell(lia_engine *engine, const lia_rows *rows, lia_step step,
                                    lia_id id);
/* Whether it does. */
LIA_MUST_USE lia_err lia_queue_waits(const lia_engine *engine, const lia_rows *rows, lia_step step,
                                     lia_id id, bool *waits);
/* It was done beside another one. */
LIA_MUST_USE lia_err lia_queue_drop(lia_engine *engine, const lia_rows *rows, lia_step step,
                                    lia_id id);
/* Takes the next one; it waits no more. *found is false when none does. */
LIA_MUST_USE lia_err lia_queue_take(lia_engine *engine, const lia_rows *rows, lia_step step,
                                    lia_id *id, bool *found);
/* All records wait for the step, and for those behind it. */
void lia_queue_begin_again(lia_engine *engine, lia_step step);
/* How many wait, as far as is known; 0: none. */
uint64_t lia_queue_length(const lia_engine *engine, lia_step step);

/* ---- steps ----------------------------------------------------------------------------------- */

/* Puts the record's keys into the index and takes out those that it does not hold any more. */
LIA_MUST_USE lia_err lia_step_index(lia_engine *engine, const lia_rows *rows, lia_id id,
                                    lia_arena *arena);
/* Compares it with all that share a key, and makes its ties so. */
LIA_MUST_USE lia_err lia_step_compare(lia_engine *engine, const lia_rows *rows, lia_id id,
                                      lia_arena *arena);
/* Makes customers of all records that links lead to from it, and questions of what is open. */
LIA_MUST_USE lia_err lia_step_join(lia_engine *engine, const lia_rows *rows, lia_id id,
                                   lia_arena *arena);

/* Writes a tie under both records and keeps its place in the questions. `was`: as it is stored,
 * NULL when it is not; `is`: as it shall be, NULL when there shall be none. */
LIA_MUST_USE lia_err lia_tie_change(lia_engine *engine, const lia_rows *rows, lia_id id,
                                    const lia_tie_row *was, const lia_tie_row *is);

/* People have said something new of the two: their tie says so, and who is linked through it
 * becomes or ceases to be one customer now. Of a record that is not known yet it is found when it
 * is compared. */
LIA_MUST_USE lia_err lia_tie_say(lia_engine *engine, const lia_rows *rows, lia_id a, lia_id b,
                                 lia_word word, lia_arena *arena);

/* All ties of a record, in the arena. */
LIA_MUST_USE lia_err lia_ties_read(const lia_rows *rows, lia_id id, lia_arena *arena,
                                   lia_tie_row **out, size_t *count);

/* What the tie is when clusters are made. */
lia_edge_kind lia_tie_kind(const lia_tie *tie);
/* What becomes of it until it is joined. `was`: as it stood, or NULL. */
lia_edge_fate lia_tie_first_fate(const lia_tie *is, const lia_tie_row *was);

#endif
