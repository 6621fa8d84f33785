/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/refold.h"

#include <stdlib.h>

#include "common/base/log.h"

#define STEP_NS   1000000
#define STEP_ROWS 2048 /* compared before the clock is looked at again */
#define WRONG_MAX 256  /* rows put right in one step */

/* A row of the views that is not what the log says. */
typedef struct wrong {
    lia_key key;
    lia_span fresh; /* in the arena; without data: there should be none */
} wrong;

struct lia_refold {
    lia_batch *batch;
    lia_log_reader *reader;
    char dir[1200];
    bool running;
    uint64_t seen; /* arrival at the last step */
    lia_fresh fresh;
    size_t family; /* of keys, being compared */
    lia_key position;
    wrong *wrong;
    size_t wrong_count;
    lia_repairs repairs;
    uint64_t spent_ns;
};

/* Records, indexes, notes of commands. */
static const char families[] = {'r', 'x', 'k'};

lia_err lia_refold_open(lia_refold **out, lia_batch *batch, lia_log_reader *reader, const char *dir)
{
    lia_refold *refold = *out = calloc(1, sizeof *refold);
    if (!refold) return LIA_EFULL;
    refold->batch = batch;
    refold->reader = reader;
    snprintf(refold->dir, sizeof refold->dir, "%s", dir);
    refold->wrong = malloc(WRONG_MAX * sizeof *refold->wrong);
    return refold->wrong ? LIA_OK : LIA_EFULL;
}

void lia_refold_close(lia_refold *refold)
{
    if (!refold) return;
    lia_refold_drop(refold);
    free(refold->wrong);
    free(refold);
}

bool lia_refold_is_running(const lia_refold *refold)
{
    return refold->running;
}
const lia_repairs *lia_refold_repairs(const lia_refold *refold)
{
    return &refold->repairs;
}
uint64_t lia_refold_spent_ns(const lia_refold *refold)
{
    return refold->spent_ns;
}

static void stand_before(lia_refold *refold, size_t family)
{
    refold->family = family;
    refold->position.size = 1;
    refold->position.bytes[0] = (uint8_t)families[family];
}

lia_err lia_refold_begin(lia_refold *refold, const lia_buckets *buckets, lia_why *why)
{
    refold->repairs = (lia_repairs){0};
    refold->spent_ns = 0;
    refold->seen = refold->batch->arrival;
    stand_before(refold, 0);
    lia_err err =
        lia_fresh_open(&refold->fresh, refold->dir, buckets, &refold->batch->turn_arena, why);
    refold->running = err == LIA_OK;
    return err;
}

void lia_refold_drop(lia_refold *refold)
{
    lia_fresh_close(&refold->fresh);
    refold->running = false;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* The next row of one side. */
typedef struct side {
    lia_scan *scan;
    lia_span key, row;
    bool any;
} side;

static void next(side *of)
{
    of->any = lia_scan_next(of->scan, &of->key, &of->row);
}

static lia_err open_side(lia_refold *refold, lia_views *views, side *out)
{
    char prefix = families[refold->family];
    lia_err err = lia_views_scan(views, lia_span_make(&prefix, 1), &out->scan);
    if (err) return err;
    lia_scan_seek(out->scan, lia_key_span(&refold->position));
    next(out);
    return LIA_OK;
}

static int order_of(lia_span a, lia_span b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* The next row comes from the side with the lower key, or from both. */
static int order_of_sides(const side *live, const side *fresh)
{
    if (!live->any || !fresh->any) return live->any ? -1 : 1;
    return order_of(live->key, fresh->key);
}

static void stand_behind(lia_refold *refold, lia_span key)
{
    memcpy(refold->position.bytes, key.data, key.size);
    refold->position.size = key.size;
    if (key.size < LIA_VIEW_KEY_MAX) refold->position.bytes[refold->position.size++] = 0;
}

static lia_err note_wrong(lia_refold *refold, lia_span key, const side *fresh)
{
    wrong *one = &refold->wrong[refold->wrong_count++];
    memcpy(one->key.bytes, key.data, key.size);
    one->key.size = key.size;
    one->fresh = fresh ? lia_arena_copy(&refold->batch->turn_arena, fresh->row) : LIA_SPAN_NONE;
    return fresh && !one->fresh.data ? LIA_EFULL : LIA_OK;
}

/* The notes of commands about an erased customer or a blanked interaction stay, and a log that has
 * lost their bodies does not tell of them any more. */
static bool may_be_extra(const lia_refold *refold)
{
    return families[refold->family] == 'k' &&
           (refold->batch->applier.erased.sum.count > 0 || refold->batch->applier.blanked > 0);
}

static lia_err judge(lia_refold *refold, int order, const side *live, const side *fresh)
{
    const lia_fresh *by = &refold->fresh;
    if (order == 0 && lia_span_equal(live->row, fresh->row)) return LIA_OK;
    if (order < 0) {
        if (may_be_extra(refold) || !lia_fresh_has(by, refold->reader, live->key, live->row))
            return LIA_OK;
        return note_wrong(refold, live->key, NULL);
    }
    if (!lia_fresh_has(by, refold->reader, fresh->key, fresh->row)) return LIA_OK;
    return note_wrong(refold, fresh->key, fresh);
}

static lia_err judge_some(lia_refold *refold, side *live, side *fresh, bool *end)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < STEP_ROWS && refold->wrong_count < WRONG_MAX && !err; i++) {
        *end = !live->any && !fresh->any;
        if (*end) break;
        int order = order_of_sides(live, fresh);
        err = judge(refold, order, live, fresh);
        stand_behind(refold, order <= 0 ? live->key : fresh->key);
        if (order <= 0) next(live);
        if (order >= 0) next(fresh);
    }
    if (!err) err = lia_scan_status(live->scan);
    return err ? err : lia_scan_status(fresh->scan);
}

/* ---- putting right -------------------------------------------------------------------------- */

/* The record that a row is of, or is found by. False for rows that are of none. */
static bool record_of(const wrong *one, uint16_t *kind, lia_id *id)
{
    lia_record_key parts;
    lia_span key = lia_key_span(&one->key);
    if (key.data[0] == 'x' && key.size > 3 + LIA_ID_SIZE) {
        *kind = lia_get_u16(key.data + 1);
        *id = lia_key_index_id(key);
        return true;
    }
    if (!lia_record_key_read(key, &parts)) return false;
    bool is_other = parts.tag == LIA_TAG_REFERENCE || parts.tag == LIA_TAG_SAID;
    bool is_named = is_other && parts.rest.size == 2 + LIA_ID_SIZE;
    *kind = is_named ? lia_get_u16(parts.rest.data) : (uint16_t)parts.kind;
    *id = is_named ? lia_key_index_id(key) : parts.id;
    return true;
}

static bool is_state(const wrong *one, lia_record_key *parts)
{
    return lia_record_key_read(lia_key_span(&one->key), parts) && parts->tag == LIA_TAG_STATE &&
           !parts->rest.size;
}

/* An erasure may leave rows beside a record's state that a log without the bodies does not make;
 * they are put right like others, but nothing is broken. */
static lia_log_level level_of(const lia_refold *refold, bool state)
{
    return !state && refold->batch->applier.erased.sum.count ? LIA_INFO : LIA_ERROR;
}

static void name(lia_refold *refold, const wrong *one, bool state)
{
    lia_repairs *repairs = &refold->repairs;
    uint16_t number;
    lia_id id;
    if (!record_of(one, &number, &id)) return;
    for (size_t i = 0; i < repairs->named_count; i++)
        if (repairs->named[i].kind == number && lia_id_equal(repairs->named[i].id, id)) return;
    if (repairs->named_count == LIA_REPAIRS_NAMED) return;
    repairs->named[repairs->named_count].kind = number;
    repairs->named[repairs->named_count++].id = id;
    const lia_kind *kind = lia_kind_find(number);
    lia_log_field fields[] = {{0},
                              LIA_TEXT("kind", kind ? kind->name : "unknown"),
                              LIA_ID("record", id),
                              LIA_TEXT("row", state ? "state" : "derived")};
    lia_log_write(level_of(refold, state), "record.differed", fields, LIA_COUNT(fields));
}

static lia_err put_right(lia_refold *refold, const wrong *one)
{
    lia_applier *applier = &refold->batch->applier;
    lia_record_key parts;
    lia_span key = lia_key_span(&one->key), before = LIA_SPAN_NONE;
    bool state = is_state(one, &parts);
    if (state && lia_views_get(applier->rows.views, key, &before) == LIA_OK) {
        before = lia_arena_copy(applier->arena, before);
        if (!before.data) return LIA_EFULL;
    }
    if (state) lia_recount_change(&applier->recount, parts.kind, parts.id, before, one->fresh);
    name(refold, one, state);
    refold->repairs.rows++;
    lia_err err = one->fresh.data ? lia_views_put(applier->rows.views, key, one->fresh)
                                  : lia_views_del(applier->rows.views, key);
    if (err || !state) return err;
    return lia_backgrounds_changed(&applier->backgrounds, &applier->rows, parts.kind, parts.id,
                                   NULL, applier->arena);
}

static lia_err put_all_right(lia_refold *refold, bool *fatal)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < refold->wrong_count && !err; i++)
        err = put_right(refold, &refold->wrong[i]);
    if (refold->wrong_count) lia_cut_fail(&refold->batch->applier.cut);
    if (!err && refold->wrong_count) err = lia_batch_publish(refold->batch, false);
    if (!err && refold->wrong_count && refold->batch->copies.repaired)
        refold->batch->copies.repaired(refold->batch->copies.state);
    *fatal = err != LIA_OK;
    refold->wrong_count = 0;
    return err;
}

static lia_err compare_some(lia_refold *refold, bool *fatal)
{
    side live = {0}, fresh = {0};
    bool end = false;
    lia_arena_reset(&refold->batch->turn_arena);
    refold->wrong_count = 0;
    lia_err err = open_side(refold, refold->batch->views, &live);
    if (!err) err = open_side(refold, refold->fresh.views, &fresh);
    if (!err) err = judge_some(refold, &live, &fresh, &end);
    if (live.scan) lia_scan_close(live.scan);
    if (fresh.scan) lia_scan_close(fresh.scan);
    if (!err) err = put_all_right(refold, fatal);
    if (!err && end) {
        refold->family++;
        if (refold->family < LIA_COUNT(families)) stand_before(refold, refold->family);
    }
    return err;
}

/* ---- the run -------------------------------------------------------------------------------- */

static lia_err mend_sums(lia_refold *refold, bool *fatal)
{
    lia_digests *live = &refold->batch->applier.digests;
    const lia_digests *fresh = &refold->fresh.applier.digests;
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++) {
        if (!lia_buckets_has(&refold->fresh.buckets, i) ||
            !memcmp(live->sum[i], fresh->sum[i], sizeof live->sum[i]))
            continue;
        memcpy(live->sum[i], fresh->sum[i], sizeof live->sum[i]);
        live->dirty[i] = 1;
        refold->repairs.sums++;
    }
    if (!refold->repairs.rows && !refold->repairs.sums) return LIA_OK;
    lia_cut_fail(&refold->batch->applier.cut);
    lia_err err = lia_batch_publish(refold->batch, true);
    *fatal = err != LIA_OK;
    return err;
}

/* Folds until all events are folded or the step's time is up, but in any case more than have come
 * since the last step, so that a run ends however much is written. */
static lia_err walk(lia_refold *refold, uint64_t until_ns)
{
    lia_fresh *fresh = &refold->fresh;
    uint64_t end = refold->batch->arrival, least = fresh->folded + (end - refold->seen) + 32;
    lia_err err = LIA_OK;
    refold->seen = end;
    while (!err && fresh->folded < end &&
           ((fresh->base_done && fresh->folded < least) || lia_time_ticks_ns() < until_ns))
        for (int i = 0; i < 32 && !err && fresh->folded < end; i++)
            err = lia_fresh_next(fresh, refold->reader);
    return err;
}

static lia_err work(lia_refold *refold, bool *done, bool *fatal)
{
    uint64_t until_ns = lia_time_ticks_ns() + STEP_NS;
    lia_err err = lia_log_refresh(refold->reader);
    if (!err) err = walk(refold, until_ns);
    bool level = refold->fresh.folded == refold->batch->arrival;
    while (!err && level && refold->family < LIA_COUNT(families) && lia_time_ticks_ns() < until_ns)
        err = compare_some(refold, fatal);
    *done = !err && level && refold->family == LIA_COUNT(families);
    if (*done) err = mend_sums(refold, fatal);
    lia_log_rest(refold->reader);
    return err;
}

lia_err lia_refold_step(lia_refold *refold, bool *done, bool *fatal)
{
    uint64_t began_ns = lia_time_ticks_ns();
    *done = *fatal = false;
    lia_err err = work(refold, done, fatal);
    refold->spent_ns += lia_time_ticks_ns() - began_ns;
    if (err || *done) lia_refold_drop(refold);
    return err;
}
