/* SPDX-License-Identifier: Apache-2.0 */
/* New records by the thousand, as an import makes them, go into the index together and in the order
 * of its rows. One by one each would touch a page of its own for each of its keys, and in a large
 * base write it out: 60 kB a record.
 *
 *     gather   what a record holds is noted as PARTIAL, its keys are collected in memory
 *     sort     by hash
 *     enter    key by key; who shares one is told to be compared
 *     finish   what was noted becomes valid; who shares no key with anybody has nobody to be
 * compared with
 *
 * Each piece of work is whole when it is published. After a crash the rows name the records that
 * were in hand; they are told again and indexed one by one, and of what is PARTIAL the index is
 * asked whether it is there. Only records that are not known yet come here. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/time.h"
#include "common/identity/engine_inner.h"
#include "common/wire/sort.h"

#define RECORDS_MAX 65536
#define ENTRIES_MAX (1u << 20)
#define BUCKETS     4096 /* by the first bits of a hash */
#define BUCKET_BITS 12
#define RECOVERED   1024

typedef struct entry {
    uint64_t hash;
    uint32_t record;
} entry;

typedef enum phase { GATHER, ENTER, FINISH } phase;

typedef enum mark {
    ERASED = 1, /* nothing more is to be written of it */
    SHARES = 2  /* a key with somebody */
} mark;

struct lia_bulk {
    phase phase;
    lia_id ids[RECORDS_MAX];
    uint8_t marks[RECORDS_MAX];
    size_t count, finished;
    entry entries[ENTRIES_MAX];
    size_t entry_count, entered;
    size_t bucket, ends[BUCKETS]; /* how many are sorted */
};

bool lia_bulk_begin(lia_engine *engine)
{
    lia_bulk *bulk = malloc(sizeof *bulk);
    if (!bulk) return false;
    bulk->phase = GATHER;
    bulk->count = bulk->finished = bulk->entry_count = bulk->entered = bulk->bucket = 0;
    engine->bulk = bulk;
    return true;
}

void lia_bulk_end(lia_engine *engine)
{
    free(engine->bulk);
    engine->bulk = NULL;
}

uint64_t lia_bulk_length(const lia_engine *engine)
{
    return engine->bulk ? engine->bulk->count - engine->bulk->finished : 0;
}

static bool find(const lia_bulk *bulk, lia_id id, size_t *at)
{
    for (size_t i = bulk->finished; i < bulk->count; i++)
        if (lia_id_equal(bulk->ids[i], id)) return *at = i, true;
    return false;
}

void lia_bulk_forget(lia_engine *engine, lia_id id)
{
    size_t at;
    if (engine->bulk && find(engine->bulk, id, &at)) engine->bulk->marks[at] |= ERASED;
}

/* ---- gather ---------------------------------------------------------------------------------- */

static lia_err note(lia_engine *engine, const lia_rows *rows, lia_id id, const lia_holds *holds)
{
    lia_bulk *bulk = engine->bulk;
    lia_holds partial = *holds;
    partial.flags |= LIA_HOLDS_PARTIAL;
    lia_err err = lia_identity_put_holds(rows, id, &partial);
    if (!err)
        err = lia_identity_put(rows, lia_identity_waiting(LIA_WAITING_BULK, id), LIA_SPAN_NONE);
    if (!err && holds->flags) err = lia_queue_tell(engine, rows, LIA_STEP_JOIN, id);
    if (err) return err;
    for (size_t i = 0; i < holds->count; i++)
        bulk->entries[bulk->entry_count++] = (entry){holds->hashes[i], (uint32_t)bulk->count};
    bulk->marks[bulk->count] = 0;
    bulk->ids[bulk->count++] = id;
    engine->records++;
    return LIA_OK;
}

/* *full: it was the last one. One that is in hand and was changed meanwhile waits for its turn. */
static lia_err gather(lia_engine *engine, const lia_rows *rows, lia_id id, lia_arena *arena,
                      bool *full)
{
    lia_bulk *bulk = engine->bulk;
    lia_holds holds;
    size_t at;
    lia_err err = lia_identity_holds(rows, id, &holds);
    if (!err && holds.flags & LIA_HOLDS_PARTIAL && find(bulk, id, &at)) {
        *full = true;
        return lia_queue_tell(engine, rows, LIA_STEP_INDEX, id);
    }
    if (err != LIA_EABSENT) return err ? err : lia_step_index(engine, rows, id, arena);
    err = lia_identity_holds_now(engine, rows, id, arena, &holds);
    if (err == LIA_EABSENT) return LIA_OK;
    if (!err) err = note(engine, rows, id, &holds);
    *full = bulk->count == RECORDS_MAX || bulk->entry_count + LIA_MATCH_KEYS_MAX > ENTRIES_MAX;
    return err;
}

/* ---- sort ------------------------------------------------------------------------------------ */

static size_t bucket_of(const entry *e)
{
    return (size_t)(e->hash >> (64 - BUCKET_BITS));
}

/* In place (American flag sort, McIlroy, Bostic and McIlroy 1993): some milliseconds for a million,
 * and then a bucket is sorted when its turn comes. */
static void distribute(lia_bulk *bulk)
{
    size_t next[BUCKETS] = {0}, end = 0;
    for (size_t i = 0; i < bulk->entry_count; i++) next[bucket_of(&bulk->entries[i])]++;
    for (size_t b = 0; b < BUCKETS; b++) {
        size_t count = next[b];
        next[b] = end;
        bulk->ends[b] = end += count;
    }
    for (size_t b = 0; b < BUCKETS; b++)
        while (next[b] < bulk->ends[b]) {
            entry *at = &bulk->entries[next[b]];
            size_t goal = bucket_of(at);
            if (goal == b) {
                next[b]++;
                continue;
            }
            entry *to = &bulk->entries[next[goal]++], keep = *to;
            *to = *at;
            *at = keep;
        }
}

static int compare_entries(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    if (left->hash != right->hash) return left->hash < right->hash ? -1 : 1;
    return left->record < right->record ? -1 : left->record > right->record;
}

static void sort_bucket(lia_bulk *bulk)
{
    size_t begin = bulk->entered, count = bulk->ends[bulk->bucket++] - begin;
    lia_sort(bulk->entries + begin, count, sizeof *bulk->entries, compare_entries);
}

/* ---- enter ----------------------------------------------------------------------------------- */

/* Who holds a key, as far as it counts. */
typedef struct holders {
    lia_id ids[LIA_MATCH_HOLDERS_MAX + 2];
    size_t count;
} holders;

/* As in step_index.c: whoever holds a key whose step changes is compared again. */
static lia_err tell(lia_engine *engine, const lia_rows *rows, const holders *of)
{
    lia_err err = LIA_OK;
    uint32_t before = (uint32_t)of->count;
    if (lia_holders_step(before) == lia_holders_step(before + 1)) return LIA_OK;
    for (size_t i = 0; i < of->count && !err; i++)
        err = lia_queue_tell(engine, rows, LIA_STEP_COMPARE, of->ids[i]);
    return err;
}

/* All entries of one key. */
static lia_err enter_key(lia_engine *engine, const lia_rows *rows)
{
    holders of;
    lia_bulk *bulk = engine->bulk;
    uint64_t hash = bulk->entries[bulk->entered].hash;
    size_t end = bulk->ends[bulk->bucket - 1];
    lia_err err = lia_identity_holders(rows, hash, of.ids, LIA_COUNT(of.ids), &of.count);
    for (; !err && bulk->entered < end; bulk->entered++) {
        const entry *e = &bulk->entries[bulk->entered];
        if (e->hash != hash) break;
        if (bulk->marks[e->record] & ERASED) continue;
        if (of.count && of.count < LIA_COUNT(of.ids)) bulk->marks[e->record] |= SHARES;
        lia_id id = bulk->ids[e->record];
        err = tell(engine, rows, &of);
        if (!err) err = lia_identity_put(rows, lia_identity_holder(hash, id), LIA_SPAN_NONE);
        if (of.count < LIA_COUNT(of.ids)) of.ids[of.count++] = id;
    }
    return err;
}

/* ---- finish ---------------------------------------------------------------------------------- */

static lia_err finish(lia_engine *engine, const lia_rows *rows)
{
    lia_bulk *bulk = engine->bulk;
    size_t at = bulk->finished++;
    lia_id id = bulk->ids[at];
    lia_holds holds;
    lia_key words = lia_identity_row_of(LIA_IDENTITY_WORD, id);
    bool any = bulk->marks[at] & SHARES;
    lia_err err = lia_identity_del(rows, lia_identity_waiting(LIA_WAITING_BULK, id));
    if (err || bulk->marks[at] & ERASED) return err;
    err = lia_identity_holds(rows, id, &holds);
    if (err) return err == LIA_EABSENT ? LIA_ECORRUPT : err;
    holds.flags &= (uint8_t)~LIA_HOLDS_PARTIAL;
    err = lia_identity_put_holds(rows, id, &holds);
    if (!err && !any) err = lia_rows_any(rows, lia_key_span(&words), &any);
    return err || !any ? err : lia_queue_tell(engine, rows, LIA_STEP_COMPARE, id);
}

/* ---- work ------------------------------------------------------------------------------------ */

static lia_err gather_next(lia_engine *engine, const lia_rows *rows, lia_arena *arena)
{
    lia_id id;
    bool found, full = false;
    size_t before = lia_arena_mark(arena);
    lia_err err = lia_queue_take(engine, rows, LIA_STEP_INDEX, &id, &found);
    if (!err && found) err = gather(engine, rows, id, arena, &full);
    lia_arena_back(arena, before);
    if (err || (found && !full)) return err;
    distribute(engine->bulk);
    engine->bulk->phase = ENTER;
    return LIA_OK;
}

static lia_err enter_next(lia_engine *engine, const lia_rows *rows)
{
    lia_bulk *bulk = engine->bulk;
    while (bulk->bucket < BUCKETS &&
           (!bulk->bucket || bulk->entered == bulk->ends[bulk->bucket - 1]))
        sort_bucket(bulk);
    if (bulk->entered < bulk->entry_count) return enter_key(engine, rows);
    bulk->phase = FINISH;
    return LIA_OK;
}

lia_err lia_bulk_work(lia_engine *engine, const lia_rows *rows, lia_arena *arena)
{
    const lia_bulk *bulk = engine->bulk;
    switch (bulk->phase) {
    case GATHER:
        return gather_next(engine, rows, arena);
    case ENTER:
        return enter_next(engine, rows);
    default:
        if (bulk->finished < bulk->count) return finish(engine, rows);
        lia_bulk_end(engine);
        return LIA_OK;
    }
}

/* ---- after a crash --------------------------------------------------------------------------- */

/* Some of those that were in hand. */
static lia_err left_over(const lia_rows *rows, lia_id out[RECOVERED], size_t *count)
{
    lia_key prefix = lia_identity_waiting(LIA_WAITING_BULK, LIA_ID_NONE);
    lia_scan *scan;
    lia_span key, value;
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < RECOVERED && lia_scan_next(scan, &key, &value))
        out[(*count)++] = lia_identity_last_id(key);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_bulk_recover(lia_engine *engine, const lia_rows *rows)
{
    lia_id ids[RECOVERED];
    size_t count;
    lia_err err;
    lia_assert(!engine->bulk);
    do {
        err = left_over(rows, ids, &count);
        for (size_t i = 0; i < count && !err; i++) {
            err = lia_queue_tell(engine, rows, LIA_STEP_INDEX, ids[i]);
            if (!err) err = lia_identity_del(rows, lia_identity_waiting(LIA_WAITING_BULK, ids[i]));
        }
    } while (!err && count);
    return err;
}
