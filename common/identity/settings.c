/* SPDX-License-Identifier: Apache-2.0 */
/* The model is a record like others, so that all nodes take the same one: of several the highest
 * revision, then the highest stamp. */
#include "common/identity/settings.h"

#include "common/base/crypto.h"
#include "common/node/turn.h"

#define WEIGHT_MAX     (64 * LIA_BIT)
#define THRESHOLD_MAX  (500 * LIA_BIT)
#define SIMILARITY_MAX 1000

/* ---- one record ------------------------------------------------------------------------------ */

static lia_err take(int16_t *out, bool there, int32_t value, int32_t limit, const char *name,
                    lia_why *why)
{
    if (!there) return LIA_OK;
    if (value < -limit || value > limit)
        return lia_why_set(why, LIA_EINVAL, "%s: between %d and %d sixteenths of a bit", name,
                           -limit, limit);
    *out = (int16_t)value;
    return LIA_OK;
}

static lia_err take_similarity(uint16_t *out, bool there, uint32_t value, const char *name,
                               lia_why *why)
{
    if (!there) return LIA_OK;
    if (value > SIMILARITY_MAX)
        return lia_why_set(why, LIA_EINVAL, "%s: thousandths, at most %d", name, SIMILARITY_MAX);
    *out = (uint16_t)value;
    return LIA_OK;
}

static lia_err take_weight(lia_model *model, const Crm__MatchWeight *weight, lia_why *why)
{
    lia_outcome outcome = lia_outcome_find(weight->outcome ? weight->outcome : "");
    if (outcome == LIA_OUTCOME_COUNT)
        return lia_why_set(why, LIA_EINVAL, "weights: there is no outcome '%.40s'",
                           weight->outcome ? weight->outcome : "");
    return take(&model->weights[outcome], weight->has_weight, weight->weight, WEIGHT_MAX,
                weight->outcome, why);
}

static lia_err take_numbers(lia_model *model, const Crm__MatchModel *record, lia_why *why)
{
    lia_err err = take(&model->link, record->has_link, record->link, THRESHOLD_MAX, "link", why);
    if (!err) err = take(&model->ask, record->has_ask, record->ask, THRESHOLD_MAX, "ask", why);
    if (!err)
        err = take(&model->common, record->has_common, record->common, WEIGHT_MAX, "common", why);
    if (!err)
        err = take(&model->common_name, record->has_common_name, record->common_name, WEIGHT_MAX,
                   "common_name", why);
    if (!err) err = take_similarity(&model->close, record->has_close, record->close, "close", why);
    if (!err) err = take_similarity(&model->alike, record->has_alike, record->alike, "alike", why);
    if (!err)
        err = take_similarity(&model->close_local, record->has_close_local, record->close_local,
                              "close_local", why);
    for (size_t i = 0; i < record->n_weights && !err; i++)
        err = take_weight(model, record->weights[i], why);
    return err;
}

/* Equal numbers compare alike, whichever record they came from. */
static uint64_t hash_of(const lia_settings *settings)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    const lia_model *model = &settings->model;
    int16_t numbers[] = {model->link,
                         model->ask,
                         model->common,
                         model->common_name,
                         (int16_t)model->close,
                         (int16_t)model->alike,
                         (int16_t)model->close_local};
    lia_span parts[] = {LIA_SPAN_OF(numbers), LIA_SPAN_OF(model->weights),
                        lia_span_make(settings->home.code, sizeof settings->home.code)};
    lia_digest_of("liaison.match", parts, LIA_COUNT(parts), digest);
    return lia_get_u64(digest);
}

lia_err lia_settings_of(lia_settings *out, const Crm__MatchModel *record, lia_why *why)
{
    *out = (lia_settings){.model = LIA_MODEL_DEFAULT};
    lia_err err = take_numbers(&out->model, record, why);
    if (err) return err;
    out->model.version = record->revision;
    out->home = lia_country_read(lia_span_text(record->home));
    if (out->model.version <= LIA_MODEL_DEFAULT.version)
        return lia_why_set(why, LIA_EINVAL, "revision: above %u, which is built in",
                           (unsigned)LIA_MODEL_DEFAULT.version);
    if (out->model.ask > out->model.link)
        return lia_why_set(why, LIA_EINVAL, "ask: not above link");
    if (record->home && *record->home && !lia_country_known(out->home))
        return lia_why_set(why, LIA_EINVAL, "home: two letters of a country, such as DE");
    out->hash = hash_of(out);
    return LIA_OK;
}

/* ---- the newest ------------------------------------------------------------------------------ */

typedef struct newest {
    lia_settings settings;
    lia_stamp stamp;
} newest;

/* A record that says something impossible (an older release wrote it, or two people at once) is
 * passed over. */
static lia_err look_at(newest *best, const lia_rows *rows, lia_id id, lia_arena *arena)
{
    lia_span bytes;
    lia_stamp stamp;
    lia_settings settings;
    lia_why why;
    lia_turn turn = {.arena = arena};
    lia_err err = lia_rows_message(rows, lia_kind_find(LIA_MATCH_MODEL), id, arena, &bytes, &stamp);
    if (err) return err;
    const Crm__MatchModel *record =
        (const void *)lia_turn_unpack(&turn, &crm__match_model__descriptor, bytes);
    if (!record) return arena->exhausted ? LIA_EFULL : LIA_ECORRUPT;
    if ((record->has_archived && record->archived) || lia_settings_of(&settings, record, &why))
        return LIA_OK;
    uint32_t version = settings.model.version, highest = best->settings.model.version;
    if (version < highest || (version == highest && lia_stamp_compare(&stamp, &best->stamp) <= 0))
        return LIA_OK;
    *best = (newest){settings, stamp};
    return LIA_OK;
}

lia_err lia_settings_read(lia_settings *out, const lia_rows *rows, lia_arena *arena)
{
    enum { ID = 3, KEY_SIZE = ID + LIA_ID_SIZE + 1, MODELS_MAX = 256 };
    lia_key prefix = lia_key_kind(LIA_MATCH_MODEL);
    lia_id ids[MODELS_MAX];
    size_t count = 0, mark = lia_arena_mark(arena);
    lia_scan *scan;
    lia_span key, value;
    newest best = {.settings = {.model = LIA_MODEL_DEFAULT}};
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (count < MODELS_MAX && lia_scan_next(scan, &key, &value))
        if (key.size == KEY_SIZE && key.data[KEY_SIZE - 1] == LIA_TAG_STATE)
            ids[count++] = lia_id_from(lia_span_make(key.data + ID, LIA_ID_SIZE));
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    best.settings.hash = hash_of(&best.settings);
    for (size_t i = 0; i < count && !err; i++) err = look_at(&best, rows, ids[i], arena);
    lia_arena_back(arena, mark);
    *out = best.settings;
    return err;
}
