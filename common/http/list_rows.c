/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/list_rows.h"

static int compare_start(lia_span key, const lia_key *with)
{
    return memcmp(key.data, with->bytes, with->size < key.size ? with->size : key.size);
}

/* ---- upwards --------------------------------------------------------------------------------- */

/* False for rows that stand beside a record and are none. */
static bool id_of_row(lia_walk_type type, lia_span key, lia_id *id)
{
    if (type != LIA_WALK_KIND) {
        *id = lia_key_index_id(key);
        return true;
    }
    if (key.size != LIA_ROW_TAG + 1 || key.data[LIA_ROW_TAG] != LIA_TAG_STATE) return false;
    *id = lia_id_from(lia_span_make(key.data + LIA_ROW_ID, LIA_ID_SIZE));
    return true;
}

/* Moves behind the row, and behind all that belongs to its record. */
static void step_over(const lia_list_rows *walk, lia_span key)
{
    bool is_record = walk->range->type == LIA_WALK_KIND;
    lia_key next;
    next.size = is_record ? LIA_ROW_TAG : key.size;
    if (next.size + 1 > sizeof next.bytes) return;
    memcpy(next.bytes, key.data, next.size);
    next.bytes[next.size++] = is_record ? 0xff : 0;
    lia_scan_seek(walk->scan, lia_key_span(&next));
}

static bool next_up(lia_list_rows *walk, lia_span *key, lia_id *id)
{
    const lia_walk_range *range = walk->range;
    lia_span value;
    while (lia_scan_next(walk->scan, key, &value)) {
        if (range->last.size && compare_start(*key, &range->last) > 0) return false;
        if (id_of_row(range->type, *key, id)) return true;
        if (key->size > LIA_ROW_TAG) step_over(walk, *key);
    }
    return false;
}

/* ---- downwards ------------------------------------------------------------------------------- */

static void set(lia_key *key, lia_span to, size_t size)
{
    key->size = size;
    memcpy(key->bytes, to.data, size);
}

/* Any row of a record leads to it, and what is below them all to the one before. */
static bool next_down(lia_list_rows *walk, lia_span *key, lia_id *id)
{
    const lia_walk_range *range = walk->range;
    lia_span found, value;
    if (!lia_scan_before(walk->scan, lia_key_span(&walk->edge), &found, &value)) return false;
    if (range->first.size && compare_start(found, &range->first) < 0) return false;
    if (range->type != LIA_WALK_KIND) {
        set(&walk->edge, found, found.size);
        *key = lia_key_span(&walk->edge);
        *id = lia_key_index_id(*key);
        return true;
    }
    if (found.size <= LIA_ROW_TAG) return false;
    set(&walk->edge, found, LIA_ROW_TAG);
    walk->key = walk->edge;
    walk->key.bytes[walk->key.size++] = LIA_TAG_STATE;
    *key = lia_key_span(&walk->key);
    *id = lia_id_from(lia_span_make(found.data + LIA_ROW_ID, LIA_ID_SIZE));
    return true;
}

/* Above all rows that begin with `last`. */
static void stand_behind_last(lia_list_rows *walk)
{
    memset(walk->edge.bytes, 0xff, sizeof walk->edge.bytes);
    memcpy(walk->edge.bytes, walk->range->last.bytes, walk->range->last.size);
    walk->edge.size = sizeof walk->edge.bytes;
}

/* ---- the walk -------------------------------------------------------------------------------- */

lia_err lia_list_rows_open(lia_list_rows *walk, const lia_rows *rows, const lia_walk_range *range,
                           lia_span after)
{
    walk->range = range;
    walk->edge.size = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&range->prefix), &walk->scan);
    if (err) return err;
    bool is_record = range->type == LIA_WALK_KIND;
    if (after.size && range->down)
        set(&walk->edge, after, is_record && after.size > LIA_ROW_TAG ? LIA_ROW_TAG : after.size);
    else if (after.size)
        step_over(walk, after);
    else if (range->down && range->last.size)
        stand_behind_last(walk);
    else if (!range->down && range->first.size)
        lia_scan_seek(walk->scan, lia_key_span(&range->first));
    return LIA_OK;
}

bool lia_list_rows_next(lia_list_rows *walk, lia_span *key, lia_id *id)
{
    return walk->range->down ? next_down(walk, key, id) : next_up(walk, key, id);
}

lia_err lia_list_rows_close(lia_list_rows *walk)
{
    lia_err err = lia_scan_status(walk->scan);
    lia_scan_close(walk->scan);
    return err;
}
