/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing while somebody waits for it. */
#include "common/identity/current.h"
#include "common/wire/sort.h"

lia_err lia_identity_compare(const lia_rows *rows, lia_id a, lia_id b, lia_arena *arena,
                             lia_match *out)
{
    lia_settings settings;
    lia_current *both = lia_arena_take(arena, 2 * sizeof *both);
    if (!both) return LIA_EFULL;
    lia_err err = lia_settings_read(&settings, rows, arena);
    if (!err) err = lia_current_make(&both[0], rows, a, settings.home, arena);
    if (!err) err = lia_current_make(&both[1], rows, b, settings.home, arena);
    if (!err) err = lia_current_count(&both[0], rows, 0);
    if (!err) err = lia_current_count_beside(&both[1], rows, &both[0]);
    if (!err) lia_match_make(out, &both[0].profile, &both[1].profile, &settings.model);
    return err;
}

/* ---- doubles --------------------------------------------------------------------------------- */

/* Keys by how few hold them. */
typedef struct rarity {
    uint32_t holders, key;
} rarity;

static int compare_rarities(const void *a, const void *b)
{
    const rarity *left = a, *right = b;
    if (left->holders != right->holders) return left->holders < right->holders ? -1 : 1;
    return left->key < right->key ? -1 : left->key > right->key;
}

static size_t rank_keys(const lia_profile *profile, rarity out[LIA_MATCH_KEYS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < profile->key_count; i++)
        if (profile->keys[i].holders <= LIA_MATCH_HOLDERS_MAX)
            out[count++] = (rarity){profile->keys[i].holders, (uint32_t)i};
    lia_sort(out, count, sizeof *out, compare_rarities);
    return count;
}

typedef struct candidates {
    lia_id ids[LIA_DOUBLES_LOOKED_MAX];
    size_t count;
} candidates;

static void add_candidate(candidates *all, lia_id id)
{
    for (size_t i = 0; i < all->count; i++)
        if (lia_id_equal(all->ids[i], id)) return;
    if (all->count < LIA_DOUBLES_LOOKED_MAX) all->ids[all->count++] = id;
}

static lia_err find_candidates(const lia_current *current, const lia_rows *rows, candidates *out)
{
    rarity ranked[LIA_MATCH_KEYS_MAX];
    lia_id holders[LIA_MATCH_HOLDERS_MAX];
    size_t keys = rank_keys(&current->profile, ranked), found;
    lia_err err = LIA_OK;
    out->count = 0;
    for (size_t i = 0; i < keys && out->count < LIA_DOUBLES_LOOKED_MAX && !err; i++) {
        lia_span key = current->profile.keys[ranked[i].key].bytes;
        err =
            lia_identity_holders(rows, lia_identity_hash(key), holders, LIA_COUNT(holders), &found);
        for (size_t j = 0; j < found && !err; j++) add_candidate(out, holders[j]);
    }
    return err;
}

/* Keeps the best, in order: links before questions, then by score. */
static bool is_better(const lia_match *a, const lia_match *b)
{
    if (a->verdict != b->verdict) return a->verdict == LIA_MATCH_LINK;
    return a->score > b->score;
}

static void keep(lia_double *out, size_t max, size_t *count, const lia_double *found)
{
    size_t at = *count < max ? (*count)++ : max;
    if (at == max) {
        if (!max || !is_better(&found->match, &out[max - 1].match)) return;
        at = max - 1;
    }
    for (; at && is_better(&found->match, &out[at - 1].match); at--) out[at] = out[at - 1];
    out[at] = *found;
}

/* Its reasons borrow the arena, so what is not kept is given back. */
static lia_err look_at(const lia_rows *rows, const lia_settings *settings, const lia_current *asked,
                       lia_double *found, lia_arena *arena)
{
    size_t mark = lia_arena_mark(arena);
    lia_current *other = lia_arena_take(arena, sizeof *other);
    if (!other) return LIA_EFULL;
    found->match.verdict = LIA_MATCH_NOTHING;
    lia_err err = lia_current_make(other, rows, found->record, settings->home, arena);
    if (!err) err = lia_current_count_beside(other, rows, asked);
    if (!err) lia_match_make(&found->match, &asked->profile, &other->profile, &settings->model);
    if (err == LIA_EABSENT || err == LIA_EGONE || err == LIA_EINVAL)
        err = LIA_OK; /* about to leave the index */
    if (found->match.verdict == LIA_MATCH_APART) found->match.verdict = LIA_MATCH_NOTHING;
    if (found->match.verdict == LIA_MATCH_NOTHING) lia_arena_back(arena, mark);
    return err;
}

lia_err lia_identity_doubles(const lia_rows *rows, const Crm__Customer *message, lia_arena *arena,
                             lia_double *out, size_t max, size_t *count)
{
    lia_settings settings;
    lia_current *asked = lia_arena_take(arena, sizeof *asked);
    candidates *all = lia_arena_take(arena, sizeof *all);
    *count = 0;
    if (!asked || !all) return LIA_EFULL;
    lia_err err = lia_settings_read(&settings, rows, arena);
    if (!err) err = lia_current_of(asked, LIA_ID_NONE, message, settings.home, arena);
    if (!err) err = lia_current_count(asked, rows, 1);
    if (!err) err = find_candidates(asked, rows, all);
    for (size_t i = 0; !err && i < all->count; i++) {
        lia_double found = {.record = all->ids[i]};
        err = look_at(rows, &settings, asked, &found, arena);
        if (!err && found.match.verdict) keep(out, max, count, &found);
    }
    return err;
}
