/* SPDX-License-Identifier: Apache-2.0 */
/* A pair of which both wait is left to the one that comes last, so that it is compared once. */
#include "common/identity/engine_inner.h"
#include "common/wire/sort.h"

/* A record that the one at work has something to do with: it shares a key, people have said
 * something, or there is a tie from before. */
typedef struct partner {
    lia_id id;
    bool shares;
    lia_word word;
} partner;

typedef struct work {
    lia_engine *engine;
    const lia_rows *rows;
    lia_arena *arena;
    lia_id id;
    bool known;
    lia_current *current, *other;
    partner *partners;
    size_t count, capacity;
    lia_tie_row *ties; /* as they stand, by the other's id */
    size_t tie_count;
} work;

/* ---- partners -------------------------------------------------------------------------------- */

static lia_err add_partner(work *w, partner found)
{
    if (lia_id_equal(found.id, w->id)) return LIA_OK;
    if (w->count == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 64;
        partner *grown = lia_arena_take(w->arena, capacity * sizeof *grown);
        if (!grown) return LIA_EFULL;
        if (w->count) memcpy(grown, w->partners, w->count * sizeof *grown);
        w->partners = grown;
        w->capacity = capacity;
    }
    w->partners[w->count++] = found;
    return LIA_OK;
}

/* Counts who holds each key, and notes them where they are few enough to be compared. */
static lia_err add_holders(work *w)
{
    lia_id holders[LIA_MATCH_HOLDERS_MAX + 1];
    lia_profile *profile = &w->current->profile;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < profile->key_count && !err; i++) {
        size_t count;
        err = lia_identity_holders(w->rows, lia_identity_hash(profile->keys[i].bytes), holders,
                                   LIA_COUNT(holders), &count);
        profile->keys[i].holders = (uint32_t)count;
        if (count > LIA_MATCH_HOLDERS_MAX) continue;
        for (size_t h = 0; h < count && !err; h++)
            err = add_partner(w, (partner){.id = holders[h], .shares = true});
    }
    return err;
}

static lia_err add_spoken_of(work *w)
{
    lia_key prefix = lia_identity_row_of(LIA_IDENTITY_WORD, w->id);
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(w->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &value))
        if (value.size == 1)
            err = add_partner(
                w, (partner){.id = lia_identity_last_id(key), .word = (lia_word)value.data[0]});
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static int compare_partners(const void *a, const void *b)
{
    return memcmp(&((const partner *)a)->id, &((const partner *)b)->id, LIA_ID_SIZE);
}

/* Each once. */
static void merge_partners(work *w)
{
    size_t kept = 0;
    lia_sort(w->partners, w->count, sizeof *w->partners, compare_partners);
    for (size_t i = 0; i < w->count; i++) {
        if (!kept || !lia_id_equal(w->partners[kept - 1].id, w->partners[i].id)) {
            w->partners[kept++] = w->partners[i];
            continue;
        }
        w->partners[kept - 1].shares |= w->partners[i].shares;
        if (w->partners[i].word) w->partners[kept - 1].word = w->partners[i].word;
    }
    w->count = kept;
}

static lia_err find_partners(work *w)
{
    lia_err err = LIA_OK;
    if (w->known) {
        err = lia_current_make(w->current, w->rows, w->id, w->engine->settings.home, w->arena);
        if (!err) err = add_holders(w);
        if (err == LIA_EINVAL) err = LIA_OK;
        if (!err) err = add_spoken_of(w);
    }
    for (size_t i = 0; i < w->tie_count && !err; i++)
        err = add_partner(w, (partner){.id = w->ties[i].tie.other});
    if (!err) merge_partners(w);
    return err;
}

/* ---- one pair -------------------------------------------------------------------------------- */

static lia_err match(work *w, const partner *with, lia_tie *out)
{
    lia_match match;
    size_t mark = lia_arena_mark(w->arena);
    lia_err err = lia_current_make(w->other, w->rows, with->id, w->engine->settings.home, w->arena);
    if (!err) err = lia_current_count_beside(w->other, w->rows, w->current);
    if (!err) {
        lia_match_make(&match, &w->current->profile, &w->other->profile,
                       &w->engine->settings.model);
        out->verdict = match.verdict;
        out->certain = match.verdict && match.certain;
        out->score = match.verdict ? match.score : 0;
    }
    lia_arena_back(w->arena, mark);
    return err == LIA_EABSENT || err == LIA_EGONE || err == LIA_EINVAL ? LIA_OK : err;
}

static bool is_same_tie(const lia_tie *a, const lia_tie *b)
{
    return a->verdict == b->verdict && a->certain == b->certain && a->score == b->score &&
           a->word == b->word;
}

/* Makes the tie with one partner what it is now. `was`: as it stands, or NULL. */
static lia_err settle(work *w, const partner *with, const lia_tie_row *was)
{
    lia_tie_row is = {.tie = {.other = with->id, .word = with->word}};
    lia_holds holds;
    bool waits = false;
    lia_err err = LIA_OK;
    if (w->known) {
        err = lia_queue_waits(w->engine, w->rows, LIA_STEP_COMPARE, with->id, &waits);
        if (err || waits) return err;
        err = lia_identity_holds(w->rows, with->id, &holds);
    }
    if (err && err != LIA_EABSENT) return err;
    bool both = w->known && !err;
    err = both && with->shares ? match(w, with, &is.tie) : LIA_OK;
    if (err) return err;
    bool there = both && (is.tie.verdict || is.tie.word);
    if (!there && !was) return LIA_OK;
    if (there && was && is_same_tie(&is.tie, &was->tie)) return LIA_OK;
    if (there) is.tie.fate = lia_tie_first_fate(&is.tie, was);
    err = lia_tie_change(w->engine, w->rows, w->id, was, there ? &is : NULL);
    if (!err) err = lia_queue_tell(w->engine, w->rows, LIA_STEP_JOIN, w->id);
    if (!err) err = lia_queue_tell(w->engine, w->rows, LIA_STEP_JOIN, with->id);
    return err;
}

lia_err lia_step_compare(lia_engine *engine, const lia_rows *rows, lia_id id, lia_arena *arena)
{
    work w = {.engine = engine, .rows = rows, .arena = arena, .id = id};
    lia_holds holds;
    w.current = lia_arena_take(arena, 2 * sizeof *w.current);
    if (!w.current) return LIA_EFULL;
    w.other = w.current + 1;
    lia_err err = lia_identity_holds(rows, id, &holds);
    if (err && err != LIA_EABSENT) return err;
    w.known = !err;
    err = lia_ties_read(rows, id, arena, &w.ties, &w.tie_count);
    if (!err) err = find_partners(&w);
    for (size_t i = 0, tie = 0; i < w.count && !err; i++) {
        bool has = tie < w.tie_count && lia_id_equal(w.ties[tie].tie.other, w.partners[i].id);
        err = settle(&w, &w.partners[i], has ? &w.ties[tie] : NULL);
        tie += has;
    }
    return err;
}
