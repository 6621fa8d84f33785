/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/deeds.h"

enum { OF_ACTOR = 0, OF_RUN = 1, ACTOR_KEY_SIZE = 6 };

/* ---- keys ------------------------------------------------------------------------------------ */

static lia_key key_of_actor(uint32_t actor)
{
    lia_key key = {.bytes = {'a', OF_ACTOR}, .size = ACTOR_KEY_SIZE};
    lia_put_u32(key.bytes + 2, actor);
    return key;
}

static lia_key key_of_run(lia_position run)
{
    lia_key key = {.bytes = {'a', OF_RUN}, .size = 20};
    lia_put_u16(key.bytes + 2, run.node);
    lia_put_u64(key.bytes + 4, run.incarnation);
    lia_put_u64(key.bytes + 12, run.seq);
    return key;
}

static lia_key key_at(lia_key key, const uint8_t place[LIA_CHANGE_PLACE_SIZE])
{
    memcpy(key.bytes + key.size, place, LIA_CHANGE_PLACE_SIZE);
    key.size += LIA_CHANGE_PLACE_SIZE;
    return key;
}

static lia_key key_of(const lia_header *header)
{
    uint8_t place[LIA_CHANGE_PLACE_SIZE];
    lia_stamp stamp = lia_header_stamp(header);
    lia_change_place(place, &stamp);
    return key_at(lia_deed_is_of_run(header) ? key_of_run(header->cause)
                                             : key_of_actor(header->actor),
                  place);
}

/* ---- keeping --------------------------------------------------------------------------------- */

lia_err lia_deeds_add(lia_views *views, const lia_header *header, uint64_t arrival)
{
    uint8_t value[8];
    if (!header->actor) return LIA_OK;
    lia_key key = key_of(header);
    lia_put_u64(value, arrival);
    return lia_views_put(views, lia_key_span(&key), LIA_SPAN_OF(value));
}

lia_err lia_deeds_forget(lia_views *views, const lia_header *header)
{
    if (!header->actor) return LIA_OK;
    lia_key key = key_of(header);
    return lia_views_del(views, lia_key_span(&key));
}

/* ---- the heap -------------------------------------------------------------------------------- */

/* The next deed of one actor, or of a run. */
struct lia_deeds_head {
    uint32_t actor;
    uint8_t place[LIA_CHANGE_PLACE_SIZE];
    uint64_t arrival;
};

static bool is_newer(const lia_deeds_head *a, const lia_deeds_head *b)
{
    return memcmp(a->place, b->place, LIA_CHANGE_PLACE_SIZE) < 0;
}

static void swap(lia_deeds *walk, size_t a, size_t b)
{
    lia_deeds_head head = walk->heads[a];
    walk->heads[a] = walk->heads[b];
    walk->heads[b] = head;
}

static void sink(lia_deeds *walk, size_t at)
{
    for (;;) {
        size_t newest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < walk->count; child++)
            if (is_newer(&walk->heads[child], &walk->heads[newest])) newest = child;
        if (newest == at) return;
        swap(walk, at, newest);
        at = newest;
    }
}

/* ---- walking --------------------------------------------------------------------------------- */

static lia_key prefix_of(const lia_deeds *walk, const lia_deeds_head *head)
{
    return walk->run.seq ? key_of_run(walk->run) : key_of_actor(head->actor);
}

/* Reads the row that the scan stands at. LIA_EABSENT: none of this head is left in the time. */
static lia_err read_head(lia_deeds *walk, lia_deeds_head *head)
{
    lia_span key, value;
    lia_key prefix = prefix_of(walk, head);
    if (!lia_scan_next(walk->scan, &key, &value)) {
        lia_err err = lia_scan_status(walk->scan);
        return err ? err : LIA_EABSENT;
    }
    if (key.size < prefix.size || memcmp(key.data, prefix.bytes, prefix.size)) return LIA_EABSENT;
    if (key.size != prefix.size + LIA_CHANGE_PLACE_SIZE || value.size != 8) return LIA_ECORRUPT;
    memcpy(head->place, key.data + prefix.size, LIA_CHANGE_PLACE_SIZE);
    head->arrival = lia_get_u64(value.data);
    return ~lia_get_u64(head->place) < walk->first ? LIA_EABSENT : LIA_OK;
}

/* Its first one behind a place. */
static lia_err seek(lia_deeds *walk, lia_deeds_head *head, const uint8_t *after)
{
    lia_key from = key_at(prefix_of(walk, head), after);
    lia_scan_seek(walk->scan, lia_key_span(&from));
    lia_err err = read_head(walk, head);
    bool again = !err && !memcmp(head->place, after, LIA_CHANGE_PLACE_SIZE);
    return again ? read_head(walk, head) : err;
}

static lia_err add_head(lia_deeds *walk, uint32_t actor, const uint8_t *after)
{
    lia_deeds_head *head = &walk->heads[walk->count];
    head->actor = actor;
    lia_err err = seek(walk, head, after);
    if (!err) walk->count++;
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* The first actor from `from` on who has a deed; LIA_EABSENT: none. */
static lia_err find_actor(lia_deeds *walk, uint32_t from, uint32_t *actor)
{
    lia_span key, value;
    lia_key prefix = key_of_actor(from);
    lia_scan_seek(walk->scan, lia_key_span(&prefix));
    if (!lia_scan_next(walk->scan, &key, &value)) {
        lia_err err = lia_scan_status(walk->scan);
        return err ? err : LIA_EABSENT;
    }
    if (key.size < ACTOR_KEY_SIZE) return LIA_ECORRUPT;
    *actor = lia_get_u32(key.data + 2);
    return LIA_OK;
}

static lia_err add_everybody(lia_deeds *walk, const uint8_t *after, lia_arena *arena)
{
    lia_err err;
    uint32_t actor = 0;
    walk->heads = lia_arena_take(arena, LIA_DEEDS_ACTORS_MAX * sizeof *walk->heads);
    if (!walk->heads) return LIA_EFULL;
    for (size_t seen = 0; !(err = find_actor(walk, actor, &actor)); seen++) {
        if (seen == LIA_DEEDS_ACTORS_MAX) return LIA_EREFUSED;
        err = add_head(walk, actor, after);
        if (err || actor++ == UINT32_MAX) return err;
    }
    for (size_t at = walk->count / 2; at-- > 0;) sink(walk, at);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* Behind it begins what is older than `until`, and behind `after` if that is older still. */
static bool find_beginning(const lia_deeds_ask *ask, uint8_t out[LIA_CHANGE_PLACE_SIZE])
{
    lia_stamp newest = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT16_MAX};
    if (ask->until.ms) newest = lia_stamp_at((lia_time){ask->until.ms - 1});
    lia_change_place(out, &newest);
    if (!ask->after.size) return true;
    if (ask->after.size != LIA_CHANGE_PLACE_SIZE) return false;
    if (memcmp(ask->after.data, out, LIA_CHANGE_PLACE_SIZE) > 0)
        memcpy(out, ask->after.data, LIA_CHANGE_PLACE_SIZE);
    return true;
}

lia_err lia_deeds_open(lia_deeds *walk, const lia_rows *rows, const lia_deeds_ask *ask,
                       lia_arena *arena)
{
    uint8_t after[LIA_CHANGE_PLACE_SIZE];
    *walk = (lia_deeds){.rows = rows, .first = ask->since.ms ? lia_hlc_at(ask->since.ms) : 0};
    if (!find_beginning(ask, after)) return LIA_EINVAL;
    walk->run = ask->run;
    walk->of_one = ask->run.seq || ask->actor;
    const uint8_t all[] = {'a', OF_ACTOR}, run[] = {'a', OF_RUN};
    lia_err err =
        lia_rows_scan(rows, ask->run.seq ? LIA_SPAN_OF(run) : LIA_SPAN_OF(all), &walk->scan);
    if (err) return err;
    if (!walk->of_one) return add_everybody(walk, after, arena);
    walk->heads = lia_arena_take(arena, sizeof *walk->heads);
    if (!walk->heads) return LIA_EFULL;
    return add_head(walk, ask->actor, after);
}

void lia_deeds_close(lia_deeds *walk)
{
    if (walk->scan) lia_scan_close(walk->scan);
    walk->scan = NULL;
}

/* Alone, a head goes on where the scan stands. */
static lia_err advance(lia_deeds *walk)
{
    lia_deeds_head *head = &walk->heads[0];
    uint8_t after[LIA_CHANGE_PLACE_SIZE];
    memcpy(after, head->place, sizeof after);
    lia_err err = walk->of_one ? read_head(walk, head) : seek(walk, head, after);
    if (err == LIA_EABSENT) {
        *head = walk->heads[--walk->count];
        err = LIA_OK;
    }
    sink(walk, 0);
    return err;
}

lia_err lia_deeds_next(lia_deeds *walk, lia_deed *out)
{
    while (walk->count) {
        const lia_deeds_head *head = &walk->heads[0];
        memcpy(out->place, head->place, sizeof out->place);
        out->arrival = head->arrival;
        lia_err err = advance(walk);
        if (!err) err = lia_rows_event(walk->rows, out->arrival, &out->bytes);
        if (err != LIA_EABSENT)
            return err; /* one may have left the log since the rows were published */
    }
    return LIA_EABSENT;
}

/* ---- runs ------------------------------------------------------------------------------------ */

lia_err lia_deeds_any_of_run(const lia_rows *rows, lia_position run, bool *any)
{
    lia_key prefix = key_of_run(run);
    return lia_rows_any(rows, lia_key_span(&prefix), any);
}

lia_err lia_deeds_count_run(const lia_rows *rows, lia_position run, size_t max, size_t *count)
{
    lia_scan *scan;
    lia_span key, value;
    lia_key prefix = key_of_run(run);
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < max && lia_scan_next(scan, &key, &value)) ++*count;
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}
