/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/fresh.h"

#include "common/node/erase.h"
#include "common/store/log_retain.h"

/* More than is ever put: the table is not frozen, so nothing is written out. */
#define TABLE_BYTES ((size_t)128 << 20)
#define ROWS_BYTES  ((size_t)64 << 20)
#define MAP_BYTES   ((size_t)16 << 20)
/* Events between two looks at how many bytes the rows have; below what the headroom holds. */
#define LOOK_EVENTS 64

lia_err lia_fresh_open(lia_fresh *fresh, const char *dir, const lia_buckets *buckets,
                       lia_arena *arena, lia_why *why)
{
    uint64_t cursor;
    lia_views_options options = {.map_bytes = MAP_BYTES, .table_bytes = TABLE_BYTES};
    *fresh = (lia_fresh){.buckets = *buckets};
    lia_err err = lia_views_open(&fresh->views, dir, &options, &cursor, why);
    fresh->applier.rows.views = fresh->views;
    fresh->applier.arena = arena;
    fresh->applier.only = &fresh->buckets;
    return err;
}

void lia_fresh_close(lia_fresh *fresh)
{
    if (fresh->views) lia_views_drop(fresh->views);
    lia_erase_unload(&fresh->applier);
    fresh->views = NULL;
}

/* ---- which bucket --------------------------------------------------------------------------- */

static bool has(const lia_fresh *fresh, lia_id id)
{
    return lia_buckets_has(&fresh->buckets, lia_digest_bucket(id));
}

/* What the event's rows that are not a record's belong to. */
static lia_id owner_of(const lia_event *event)
{
    return event->op_count ? event->ops[0].record : event->header.customer;
}

static bool concerns(const lia_fresh *fresh, const lia_event *event)
{
    if (event->header.fact == LIA_ERASURE_REQUESTED || event->header.fact == LIA_RETENTION_BLANKED)
        return true;
    for (size_t i = 0; i < event->op_count; i++)
        if (has(fresh, event->ops[i].record)) return true;
    return has(fresh, owner_of(event)) || has(fresh, event->header.command);
}

/* The event that a row shows is its record's; a row that shows none is its customer's. */
static bool has_shown(const lia_fresh *fresh, lia_log_reader *log, lia_id customer, lia_span row)
{
    lia_arena *arena = fresh->applier.arena;
    size_t mark = lia_arena_mark(arena);
    lia_span bytes;
    lia_event event;
    bool found = row.size >= 8 &&
                 lia_log_event(log, lia_get_u64(row.data), &bytes) == LIA_OK &&
                 lia_event_parse(&event, bytes, arena, NULL) == LIA_OK;
    bool is_ours = has(fresh, found ? owner_of(&event) : customer);
    lia_arena_back(arena, mark);
    return is_ours;
}

static bool has_record_row(const lia_fresh *fresh, lia_log_reader *log, lia_span key, lia_span row)
{
    lia_record_key parts;
    if (!lia_record_key_read(key, &parts)) return false;
    switch (parts.tag) {
    case LIA_TAG_STATE:
    case LIA_TAG_PLACE:
    case LIA_TAG_PART:
    case LIA_TAG_CHANGE:
        return has(fresh, parts.id);
    case LIA_TAG_TIMELINE:
        return has_shown(fresh, log, parts.id, row);
    case LIA_TAG_REFERENCE:
    case LIA_TAG_SAID:
        return parts.rest.size >= LIA_ID_SIZE && has(fresh, lia_key_index_id(key));
    default:
        return false;
    }
}

bool lia_fresh_has(const lia_fresh *fresh, lia_log_reader *log, lia_span key, lia_span row)
{
    if (!key.size) return false;
    if (key.data[0] == 'r') return has_record_row(fresh, log, key, row);
    if (key.data[0] == 'a') return has_shown(fresh, log, LIA_ID_NONE, row);
    if (key.data[0] != 'x' && key.data[0] != 'k') return false;
    return key.size > LIA_ID_SIZE && has(fresh, lia_key_index_id(key));
}

/* ---- folding -------------------------------------------------------------------------------- */

static lia_err next_base(lia_fresh *fresh, lia_log_reader *log)
{
    uint32_t kind;
    lia_id id, about;
    lia_span key, row;
    lia_err err = lia_log_base_next(log, lia_span_make(fresh->base, fresh->base_size), &key, &row);
    fresh->base_done = err == LIA_EABSENT;
    if (err) return fresh->base_done ? LIA_OK : err;
    memcpy(fresh->base, key.data, key.size);
    fresh->base_size = key.size;
    if (!lia_base_key_read(key, &kind, &id, &about) || !has(fresh, id)) return LIA_OK;
    return lia_apply_base(&fresh->applier, kind, id, about, row);
}

/* Looks at the block of the event at fresh->folded, once for all its events: a log that is damaged is
 * no judge. */
static lia_err check_block(lia_fresh *fresh, lia_log_reader *log, lia_span bytes)
{
    lia_header header;
    lia_block block;
    uint64_t arrival;
    if (fresh->folded <= fresh->whole) return LIA_OK;
    if (lia_event_parse_header(&header, bytes)) return LIA_ECORRUPT;
    lia_origin origin = {header.node, header.incarnation};
    lia_lane lane = lia_log_find_lane(log, origin);
    lia_err err = lane ? lia_log_block(log, lane, header.seq, &block) : LIA_EABSENT;
    if (!err && block.arrival + (header.seq - block.first) == fresh->folded) {
        fresh->whole = block.arrival + block.count - 1;
        return lia_block_is_whole(log, &block, origin) ? LIA_OK : LIA_ECORRUPT;
    }
    /* An event that is kept outside of blocks; nothing vouches for it any more. */
    err = lia_log_kept(log, origin, header.seq, &arrival);
    return !err && arrival == fresh->folded ? LIA_OK : LIA_ECORRUPT;
}

/* Of an event that was kept and came again in a block the kept one counts. */
static lia_err next_event(lia_fresh *fresh, lia_log_reader *log)
{
    lia_span bytes;
    lia_event event;
    lia_err err = lia_log_event_from(log, fresh->folded + 1, &fresh->folded, &bytes);
    if (err == LIA_EABSENT) { /* what was last is dropped */
        fresh->folded = lia_log_next(log) - 1;
        return LIA_OK;
    }
    if (!err) err = check_block(fresh, log, bytes);
    if (err) return err;
    err = lia_event_parse(&event, bytes, fresh->applier.arena, NULL);
    if (err == LIA_EFULL) return err;
    if (err || !concerns(fresh, &event) || lia_base_has(log, &event.header, fresh->folded))
        return LIA_OK;
    return lia_apply_event(&fresh->applier, &event, fresh->folded);
}

lia_err lia_fresh_next(lia_fresh *fresh, lia_log_reader *log)
{
    lia_views_stats stats;
    lia_arena_reset(fresh->applier.arena);
    fresh->applier.rows.log = log;
    lia_err err = fresh->base_done ? next_event(fresh, log) : next_base(fresh, log);
    if (err || ++fresh->steps % LOOK_EVENTS) return err;
    lia_views_get_stats(fresh->views, &stats);
    return stats.table_bytes > ROWS_BYTES ? LIA_EFULL : LIA_OK;
}
