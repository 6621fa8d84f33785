/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/log.h"
#include "common/identity/engine_inner.h"
#include "common/wire/sort.h"

static int compare_hashes(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

lia_err lia_identity_holds_now(lia_engine *engine, const lia_rows *rows, lia_id id,
                               lia_arena *arena, lia_holds *out)
{
    lia_current *current = lia_arena_take(arena, sizeof *current);
    if (!current) return LIA_EFULL;
    out->flags = 0;
    out->count = 0;
    lia_err err = lia_current_make(current, rows, id, engine->settings.home, arena);
    if (err == LIA_EGONE) return LIA_EABSENT;
    if (err == LIA_EINVAL) { /* no customer that anybody could have meant; it is nobody's double */
        LIA_LOG(WARN, "identity.unreadable", LIA_ID("customer", id));
        return LIA_OK;
    }
    if (err) return err;
    out->flags = current->archived ? LIA_HOLDS_ARCHIVED : 0;
    uint64_t hashes[LIA_MATCH_KEYS_MAX];
    size_t count = current->profile.key_count;
    for (size_t i = 0; i < count; i++)
        hashes[i] = lia_identity_hash(current->profile.keys[i].bytes);
    lia_sort(hashes, count, sizeof *hashes, compare_hashes);
    for (size_t i = 0; i < count; i++)
        if (!i || hashes[i] != hashes[i - 1]) out->hashes[out->count++] = hashes[i];
    return LIA_OK;
}

/* Scores depend on how many hold a key, by steps: whoever holds one whose step changes is compared
 * again, and then it and what it shares the key with are right. More than LIA_MATCH_HOLDERS_MAX
 * never need to be: beyond that no step is left. */
static lia_err tell_holders(lia_engine *engine, const lia_rows *rows, uint64_t hash, bool adds)
{
    lia_id holders[LIA_MATCH_HOLDERS_MAX + 2];
    size_t count;
    const lia_queue *compare = &engine->queues[LIA_STEP_COMPARE];
    if (!compare->begun && !compare->scanned) return LIA_OK; /* all wait for it anyway */
    lia_err err = lia_identity_holders(rows, hash, holders, LIA_COUNT(holders), &count);
    uint32_t before = (uint32_t)count, after = adds ? before + 1 : before - 1;
    if (err || lia_holders_step(before) == lia_holders_step(after)) return err;
    for (size_t i = 0; i < count && !err; i++)
        err = lia_queue_tell(engine, rows, LIA_STEP_COMPARE, holders[i]);
    return err;
}

static lia_err add(lia_engine *engine, const lia_rows *rows, lia_id id, uint64_t hash)
{
    lia_err err = tell_holders(engine, rows, hash, true);
    return err ? err : lia_identity_put(rows, lia_identity_holder(hash, id), LIA_SPAN_NONE);
}

static lia_err take_out(lia_engine *engine, const lia_rows *rows, lia_id id, uint64_t hash)
{
    lia_err err = tell_holders(engine, rows, hash, false);
    return err ? err : lia_identity_del(rows, lia_identity_holder(hash, id));
}

/* Both are in order. */
static lia_err follow_keys(lia_engine *engine, const lia_rows *rows, lia_id id,
                           const lia_holds *was, const lia_holds *is)
{
    size_t old = 0, new = 0;
    lia_err err = LIA_OK;
    while (!err && (old < was->count || new < is->count)) {
        if (old < was->count && new < is->count && was->hashes[old] == is->hashes[new]) {
            old++;
            new ++;
        } else if (new == is->count || (old < was->count && was->hashes[old] < is->hashes[new])) {
            err = take_out(engine, rows, id, was->hashes[old++]);
        } else {
            err = add(engine, rows, id, is->hashes[new ++]);
        }
    }
    return err;
}

lia_err lia_identity_put_holds(const lia_rows *rows, lia_id id, const lia_holds *is)
{
    uint8_t row[1 + 8 * LIA_MATCH_KEYS_MAX];
    row[0] = is->flags;
    for (size_t i = 0; i < is->count; i++) lia_put_u64(row + 1 + 8 * i, is->hashes[i]);
    return lia_identity_put(rows, lia_identity_row_of(LIA_IDENTITY_HOLDS, id),
                            lia_span_make(row, 1 + 8 * is->count));
}

/* A crash came between: what was noted is cut down to what is there. */
static lia_err keep_what_is_there(const lia_rows *rows, lia_id id, lia_holds *was)
{
    size_t kept = 0;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < was->count && !err; i++) {
        lia_key key = lia_identity_holder(was->hashes[i], id);
        lia_span value;
        err = lia_rows_get(rows, lia_key_span(&key), &value);
        if (!err) was->hashes[kept++] = was->hashes[i];
        if (err == LIA_EABSENT) err = LIA_OK;
    }
    was->count = kept;
    return err;
}

static bool holds_the_same(const lia_holds *a, const lia_holds *b)
{
    return a->flags == b->flags && a->count == b->count &&
           memcmp(a->hashes, b->hashes, a->count * sizeof *a->hashes) == 0;
}

lia_err lia_step_index(lia_engine *engine, const lia_rows *rows, lia_id id, lia_arena *arena)
{
    lia_holds was = {0}, is = {0};
    lia_err err = lia_identity_holds(rows, id, &was);
    bool was_known = !err;
    if (!err && was.flags & LIA_HOLDS_PARTIAL) err = keep_what_is_there(rows, id, &was);
    if (err && err != LIA_EABSENT) return err;
    err = lia_identity_holds_now(engine, rows, id, arena, &is);
    bool is_known = !err;
    if (err && err != LIA_EABSENT) return err;
    err = follow_keys(engine, rows, id, &was, &is);
    if (!err && is_known && !(was_known && holds_the_same(&was, &is)))
        err = lia_identity_put_holds(rows, id, &is);
    if (!err && was_known && !is_known)
        err = lia_identity_del(rows, lia_identity_row_of(LIA_IDENTITY_HOLDS, id));
    engine->records += is_known;
    engine->records -= was_known;
    if (!err && was.flags != is.flags) err = lia_queue_tell(engine, rows, LIA_STEP_JOIN, id);
    return err ? err : lia_queue_tell(engine, rows, LIA_STEP_COMPARE, id);
}
