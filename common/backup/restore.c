/* SPDX-License-Identifier: Apache-2.0 */
#include "common/backup/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/backup/part.h"
#include "common/wire/event.h"

#define BATCH_BYTES ((size_t)8 << 20)
#define ARENA_BYTES ((size_t)1 << 20)
#define BASE_KEY    34 /* kind 2, record 16, customer 16 */

/* A block of the piece that is cut. */
typedef struct bound {
    uint64_t first, arrival;
    uint32_t count;
    lia_lane lane;
    bool out;
    int64_t written_ms; /* its last event */
} bound;

typedef struct track {
    bool known, chained, ended; /* has a row; has a block; the rest is out */
    lia_lane_info info, chain;
} track;

struct lia_restore {
    lia_log *log;
    const lia_ledger *ledger;
    lia_arena arena;
    bool begun;
    size_t batch; /* bytes of the one under way */
    track lanes[LIA_LANES_MAX + 1];
    bound *bounds;
    size_t bound_count, bound_capacity;
    bool sorted, decided;
    uint64_t gap, top; /* the highest arrival that was left out, and that is there */
    uint64_t events, erased;
};

/* ---- opening --------------------------------------------------------------------------------- */

lia_err lia_restore_open(lia_restore **out, const char *dir, const lia_ledger *ledger, lia_why *why)
{
    char path[1200];
    *out = NULL;
    snprintf(path, sizeof path, "%s/log.mdb", dir);
    if (access(path, F_OK) == 0)
        return lia_why_set(why, LIA_EEXIST, "%s is there already and is left alone", path);
    lia_restore *restore = calloc(1, sizeof *restore);
    lia_err err = restore ? lia_arena_init(&restore->arena, ARENA_BYTES) : LIA_EFULL;
    if (err) {
        free(restore);
        return lia_why_set(why, err, "no memory");
    }
    restore->ledger = ledger;
    err = lia_log_open(&restore->log, dir, 0, why);
    if (err)
        lia_restore_close(restore);
    else
        *out = restore;
    return err;
}

void lia_restore_close(lia_restore *restore)
{
    if (!restore) return;
    if (restore->begun) lia_log_abort(restore->log);
    lia_log_close(restore->log);
    lia_arena_fini(&restore->arena);
    free(restore->bounds);
    free(restore);
}

/* ---- putting --------------------------------------------------------------------------------- */

static lia_err put(lia_restore *restore, const lia_part_row *row, lia_why *why)
{
    lia_err err = LIA_OK;
    if (!restore->begun) {
        err = lia_log_begin(restore->log, why);
        if (err) return err;
        restore->begun = true;
        restore->batch = 0;
    }
    err = lia_log_copy_put(restore->log, (lia_copy_table)row->table, row->key, row->value);
    if (err == LIA_EINVAL)
        return lia_why_set(why, LIA_ECORRUPT, "a row of table %u is none", row->table);
    if (err) return lia_why_set(why, err, "the log cannot be written: %s", lia_err_text(err));
    restore->batch += row->key.size + row->value.size;
    if (restore->batch < BATCH_BYTES) return LIA_OK;
    restore->begun = false;
    return lia_log_commit(restore->log, why);
}

static bool is_erased(const lia_restore *restore, lia_span id)
{
    return restore->ledger && lia_ledger_has(restore->ledger, lia_id_from(id));
}

static lia_err put_event(lia_restore *restore, const lia_part_row *row, lia_why *why)
{
    lia_header header;
    lia_part_row mine = *row;
    if (row->key.size != 8)
        return lia_why_set(why, LIA_ECORRUPT, "an event without an arrival number");
    restore->events += row->value.size > 0;
    uint64_t arrival = lia_get_u64(row->key.data);
    if (arrival > restore->top) restore->top = arrival;
    /* One that is no event here may be one to a later release; its header would still parse. */
    if (row->value.size && lia_event_parse_header(&header, row->value) == LIA_OK &&
        is_erased(restore, LIA_SPAN_OF(header.customer))) {
        lia_arena_reset(&restore->arena);
        lia_buf blank = lia_buf_make(&restore->arena);
        lia_err err = lia_event_erase(&blank, row->value);
        if (err)
            return lia_why_set(why, LIA_ECORRUPT, "event %llu cannot be erased",
                               (unsigned long long)arrival);
        mine.value = lia_buf_get(&blank);
        restore->erased++;
    }
    return put(restore, &mine, why);
}

static lia_err put_base(lia_restore *restore, const lia_part_row *row, lia_why *why)
{
    if (row->key.size == BASE_KEY &&
        (is_erased(restore, lia_span_make(row->key.data + 2, LIA_ID_SIZE)) ||
         is_erased(restore, lia_span_make(row->key.data + 18, LIA_ID_SIZE))))
        return LIA_OK;
    return put(restore, row, why);
}

/* The lane must go on where what is there of it ends. */
static lia_err put_block(lia_restore *restore, const lia_part_row *row, lia_why *why)
{
    lia_block block;
    if (lia_log_copy_block_read(row->key, row->value, &block) || !block.count ||
        block.count > LIA_BLOCK_EVENTS_MAX || !block.lane || block.lane > LIA_LANES_MAX)
        return lia_why_set(why, LIA_ECORRUPT, "a block's row is none");
    track *lane = &restore->lanes[block.lane];
    if (lane->chained &&
        (block.first != lane->chain.head + 1 || !lia_hash_equal(&block.before, &lane->chain.hash)))
        return lia_why_set(
            why, LIA_ECORRUPT,
            "lane %u goes on with event %llu, and what is there ends with %llu: a piece "
            "is missing between",
            block.lane, (unsigned long long)block.first, (unsigned long long)lane->chain.head);
    lane->chained = true;
    lane->chain.head = block.first + block.count - 1;
    lane->chain.hash = block.hash;
    return put(restore, row, why);
}

static lia_err note_lane(lia_restore *restore, const lia_part_row *row, bool whole, lia_why *why)
{
    lia_lane_info info;
    lia_lane number = row->key.size == 2 ? lia_get_u16(row->key.data) : 0;
    if (!number || number > LIA_LANES_MAX || lia_log_copy_lane_read(row->value, &info))
        return lia_why_set(why, LIA_ECORRUPT, "a lane's row is none");
    track *lane = &restore->lanes[number];
    if (whole || !lane->known) lane->info = info;
    if (!whole && !lane->known) { /* it begins in the piece that is cut */
        lane->info.head = 0;
        lane->info.hash = (lia_hash){{0}};
    }
    lane->known = true;
    return LIA_OK;
}

static lia_err put_whole(lia_restore *restore, const lia_part_row *row, bool with_state,
                         lia_why *why)
{
    switch (row->table) {
    case LIA_COPY_LANE:
        return note_lane(restore, row, true, why);
    case LIA_COPY_REACTOR:
    case LIA_COPY_JOB:
    case LIA_COPY_META:
        return with_state ? put(restore, row, why) : LIA_OK;
    case LIA_COPY_BLOCK:
        return put_block(restore, row, why);
    case LIA_COPY_EVENT:
        return put_event(restore, row, why);
    case LIA_COPY_BASE:
        return put_base(restore, row, why);
    case LIA_COPY_KEPT:
        return put(restore, row, why);
    default: /* a file; or of a later release, which changes the version when it matters */
        return LIA_OK;
    }
}

static lia_err broken_rows(lia_why *why)
{
    return lia_why_set(why, LIA_ECORRUPT, "the rows end in the middle of one");
}

lia_err lia_restore_rows(lia_restore *restore, lia_span rows, bool with_state, lia_why *why)
{
    lia_part_row row;
    lia_err err;
    while (!(err = lia_part_next(&rows, &row))) {
        err = put_whole(restore, &row, with_state, why);
        if (err) return err;
    }
    return err == LIA_EABSENT ? LIA_OK : broken_rows(why);
}

/* ---- a piece that is cut --------------------------------------------------------------------- */

static lia_err note_bound(lia_restore *restore, const lia_part_row *row, uint64_t from,
                          lia_why *why)
{
    lia_block block;
    if (lia_log_copy_block_read(row->key, row->value, &block))
        return lia_why_set(why, LIA_ECORRUPT, "a block's row is none");
    if (block.arrival < from) return LIA_OK;
    if (restore->bound_count == restore->bound_capacity) {
        size_t more = restore->bound_capacity ? 2 * restore->bound_capacity : 1024;
        bound *grown = realloc(restore->bounds, more * sizeof *grown);
        if (!grown) return lia_why_set(why, LIA_EFULL, "no memory");
        restore->bounds = grown;
        restore->bound_capacity = more;
    }
    restore->bounds[restore->bound_count++] = (bound){
        .first = block.first, .arrival = block.arrival, .count = block.count, .lane = block.lane};
    return LIA_OK;
}

static int by_arrival(const void *a, const void *b)
{
    const bound *x = a, *y = b;
    return x->arrival < y->arrival ? -1 : x->arrival > y->arrival;
}

static bound *bound_of(lia_restore *restore, uint64_t arrival)
{
    size_t low = 0, high = restore->bound_count;
    if (!restore->sorted)
        qsort(restore->bounds, restore->bound_count, sizeof *restore->bounds, by_arrival);
    restore->sorted = true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bound *at = &restore->bounds[middle];
        if (arrival >= at->arrival && arrival - at->arrival < at->count) return at;
        if (arrival < at->arrival)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void note_time(lia_restore *restore, const lia_part_row *row)
{
    lia_header header;
    bound *at = row->key.size == 8 ? bound_of(restore, lia_get_u64(row->key.data)) : NULL;
    if (!at || lia_get_u64(row->key.data) != at->arrival + at->count - 1) return;
    at->written_ms =
        lia_event_parse_header(&header, row->value) ? INT64_MAX : lia_hlc_ms(header.hlc);
}

lia_err lia_restore_look(lia_restore *restore, lia_span rows, uint64_t from, lia_why *why)
{
    lia_part_row row;
    lia_err err;
    while (!(err = lia_part_next(&rows, &row))) {
        if (row.table == LIA_COPY_BLOCK && (err = note_bound(restore, &row, from, why))) return err;
        if (row.table == LIA_COPY_EVENT) note_time(restore, &row);
    }
    return err == LIA_EABSENT ? LIA_OK : broken_rows(why);
}

/* Of each lane what is behind the first block that is too late is out; lanes arrive in their order.
 */
static void decide(lia_restore *restore, lia_time until)
{
    bound_of(restore, 0);
    for (size_t i = 0; i < restore->bound_count; i++) {
        bound *at = &restore->bounds[i];
        if (!at->lane || at->lane > LIA_LANES_MAX) continue;
        track *lane = &restore->lanes[at->lane];
        lane->ended |= at->written_ms > until.ms;
        at->out = lane->ended;
        if (at->out && at->arrival + at->count - 1 > restore->gap)
            restore->gap = at->arrival + at->count - 1;
    }
    restore->decided = true;
}

static bool counts(lia_restore *restore, const lia_part_row *row)
{
    lia_block block;
    bound *at = NULL;
    if (row->table == LIA_COPY_EVENT && row->key.size == 8)
        at = bound_of(restore, lia_get_u64(row->key.data));
    if (row->table == LIA_COPY_BLOCK &&
        lia_log_copy_block_read(row->key, row->value, &block) == LIA_OK)
        at = bound_of(restore, block.arrival);
    return at && !at->out;
}

lia_err lia_restore_some(lia_restore *restore, lia_span rows, lia_time until, lia_why *why)
{
    lia_part_row row;
    lia_err err;
    if (!restore->decided) decide(restore, until);
    while (!(err = lia_part_next(&rows, &row))) {
        if (row.table == LIA_COPY_LANE) err = note_lane(restore, &row, false, why);
        if (!err && counts(restore, &row)) err = put_whole(restore, &row, false, why);
        if (err) return err;
    }
    return err == LIA_EABSENT ? LIA_OK : broken_rows(why);
}

/* ---- the end --------------------------------------------------------------------------------- */

static lia_err put_lane(lia_restore *restore, lia_lane number, lia_why *why)
{
    uint8_t key[2], value[LIA_COPY_LANE_SIZE];
    track *lane = &restore->lanes[number];
    if (lane->chained && !restore->decided && lane->chain.head != lane->info.head)
        return lia_why_set(
            why, LIA_ECORRUPT, "lane %u ends with event %llu, and should end with %llu", number,
            (unsigned long long)lane->chain.head, (unsigned long long)lane->info.head);
    if (lane->chained) {
        lane->info.head = lane->chain.head;
        lane->info.hash = lane->chain.hash;
    }
    lia_put_u16(key, number);
    lia_log_copy_lane(&lane->info, value);
    const lia_part_row row = {LIA_COPY_LANE, LIA_SPAN_OF(key), LIA_SPAN_OF(value)};
    return put(restore, &row, why);
}

static lia_err put_meta(lia_restore *restore, const char *name, lia_span value, lia_why *why)
{
    const lia_part_row row = {LIA_COPY_META, lia_span_text(name), value};
    return put(restore, &row, why);
}

/* Who reads in order of arrival is told that some are missing; whoever starts it, that it is a copy
 * (store/log_retain.c and node/place.h read these). */
static lia_err put_marks(lia_restore *restore, lia_why *why)
{
    uint8_t gap[8];
    lia_put_u64(gap, restore->gap);
    lia_err err = LIA_OK;
    if (restore->gap && restore->gap < restore->top)
        err = put_meta(restore, "gap", LIA_SPAN_OF(gap), why);
    return err ? err : put_meta(restore, "doubted", LIA_SPAN("1"), why);
}

lia_err lia_restore_end(lia_restore *restore, uint64_t *events, uint64_t *erased, lia_why *why)
{
    lia_err err = LIA_OK;
    bool more = true;
    for (lia_lane number = 1; !err && more && number <= LIA_LANES_MAX; number++) {
        more = restore->lanes[number].known;
        if (more) err = put_lane(restore, number, why);
        if (!more && restore->lanes[number].chained)
            err = lia_why_set(why, LIA_ECORRUPT, "lane %u has events and no row", number);
    }
    if (!err) err = put_marks(restore, why);
    if (err) return err;
    restore->begun = false;
    *events = restore->events;
    *erased = restore->erased;
    return lia_log_commit(restore->log, why);
}
