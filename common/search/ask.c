/* SPDX-License-Identifier: Apache-2.0 */
/* The index proposes, the records decide: whoever is shown was read again, as the asker sees it. So
 * what is hidden is found by nobody for whom it is hidden, however far behind the index may be. */
#include <stdlib.h>

#include "common/identity/identity.h"
#include "common/identity/settings.h"
#include "common/search/hit.h"
#include "common/search/inner.h"

/* So many more than are shown are looked at, since the best by the index need not be the best. */
#define HITS_MORE 100
/* Documents of which none may be shown are passed over, up to so many. */
#define LOOKED_MAX 10000

static const lia_kind *sees_all(void *context, uint32_t number)
{
    const lia_kind *kind = lia_kind_find(number);
    (void)context;
    return kind && !kind->secret ? kind : NULL;
}

static lia_err may_all(void *context, const lia_kind *kind, lia_id id, lia_span message,
                       bool *allowed)
{
    (void)context, (void)kind, (void)id, (void)message;
    *allowed = true;
    return LIA_OK;
}

const lia_search_eyes lia_search_all = {sees_all, may_all, NULL, NULL};

const char *lia_search_how_name(lia_search_how how)
{
    static const char *const names[] = {
        [LIA_SEARCH_NOT] = "",        [LIA_SEARCH_NEAR_START] = "typo_start",
        [LIA_SEARCH_NEAR] = "typo",   [LIA_SEARCH_START] = "start",
        [LIA_SEARCH_PHONE] = "phone", [LIA_SEARCH_EXACT] = "exact"};
    return names[how];
}

typedef struct asking {
    const lia_search_question *question;
    const lia_rows *rows;
    lia_snapshot *index;
    lia_arena *arena;
    lia_country home;
    struct found {
        lia_search_hit hit;
        lia_document document;
    } * found;
    size_t count, room, looked;
} asking;

/* ---- one document ---------------------------------------------------------------------------- */

static bool is_archived(const lia_kind *kind, lia_span message)
{
    lia_pb_field found;
    return kind->archived && lia_pb_find(message, kind->archived->number, &found) && found.value;
}

static lia_id customer_of(const lia_kind *kind, lia_id id, lia_span message)
{
    lia_pb_field found;
    if (kind->number == LIA_CUSTOMER) return id;
    if (kind->customer && lia_pb_find(message, kind->customer->number, &found))
        return lia_id_from(found.bytes);
    return LIA_ID_NONE;
}

/* A customer who is several records is shown once, and so is a document of two readings. */
static bool is_there(const asking *a, const lia_search_hit *hit)
{
    for (size_t i = 0; i < a->count; i++) {
        const lia_search_hit *other = &a->found[i].hit;
        if (other->kind->number != hit->kind->number) continue;
        if (lia_id_equal(other->id, hit->id)) return true;
        if (hit->kind->number == LIA_CUSTOMER && lia_id_equal(other->customer, hit->customer))
            return true;
    }
    return false;
}

/* The one place that tests a record for whoever asks. *message is empty when there is nothing for
 * them to see. */
static lia_err read_allowed(const asking *a, const lia_kind *kind, lia_id id, lia_span *message)
{
    bool allowed = false;
    *message = LIA_SPAN_NONE;
    lia_err err = lia_rows_message(a->rows, kind, id, a->arena, message, NULL);
    if (!err && !is_archived(kind, *message))
        err = a->question->eyes.may(a->question->eyes.context, kind, id, *message, &allowed);
    if (!allowed) *message = LIA_SPAN_NONE;
    return err == LIA_EFULL || err == LIA_EIO ? err : LIA_OK;
}

static lia_err look_at(asking *a, lia_document document, const lia_reading *reading, bool *keeps)
{
    lia_span row, message;
    lia_index_key key = lia_key_document(document);
    struct found *out = &a->found[a->count];
    bool fits;
    *keeps = false;
    lia_err err = lia_snapshot_get(a->index, lia_index_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err; /* it has changed since */
    if (row.size != 2 + LIA_ID_SIZE) return LIA_OK;
    const lia_kind *kind = a->question->eyes.kind(a->question->eyes.context, lia_get_u16(row.data));
    if (!kind || (a->question->kind && a->question->kind->number != kind->number)) return LIA_OK;
    lia_id id = lia_id_from(lia_span_skip(row, 2));
    err = read_allowed(a, kind, id, &message);
    if (err || !message.size) return err;
    err = lia_hit_make(&out->hit, kind, message, reading, a->home, a->arena, &fits);
    if (err || !fits) return err;
    out->document = document;
    out->hit.id = id;
    out->hit.customer = customer_of(kind, id, message);
    if (!lia_id_is_none(out->hit.customer))
        err = lia_identity_customer(a->rows, out->hit.customer, &out->hit.customer);
    *keeps = !err && !is_there(a, &out->hit);
    return err;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static lia_err look_through(asking *a, lia_candidates *match, const lia_reading *reading)
{
    lia_err err = LIA_OK;
    lia_document document;
    size_t before = a->count;
    while (!err && a->count - before < a->room / 2 && a->looked < LOOKED_MAX &&
           lia_candidates_next(match, &document)) {
        size_t mark = lia_arena_mark(a->arena);
        bool keeps;
        a->looked++;
        err = look_at(a, document, reading, &keeps);
        if (keeps)
            a->count++;
        else
            lia_arena_back(a->arena, mark);
    }
    return err;
}

static int best_first(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    if (a->hit.score != b->hit.score) return a->hit.score < b->hit.score ? 1 : -1;
    return a->document < b->document ? 1 : -(a->document > b->document);
}

static lia_err answer(asking *a, const lia_reading *readings, size_t count)
{
    lia_err err = LIA_OK;
    lia_few *few = lia_arena_take(a->arena, sizeof *few);
    if (!few) return LIA_EFULL;
    err = lia_few_find(few, a->index, a->rows, a->question, a->arena);
    lia_candidates match = {
        .index = a->index, .question = a->question, .few = few, .arena = a->arena};
    for (size_t i = 0; i < count && !err; i++) {
        err = lia_candidates_find(&match, &readings[i]);
        if (!err) err = look_through(a, &match, &readings[i]);
        free(match.heap);
    }
    if (!err) qsort(a->found, a->count, sizeof *a->found, best_first);
    return err;
}

lia_err lia_search_ask(lia_search *search, const lia_rows *rows,
                       const lia_search_question *question, lia_arena *arena, lia_search_hit *hits,
                       size_t *count, lia_why *why)
{
    size_t readings_count;
    lia_settings settings;
    asking a = {.question = question, .rows = rows, .arena = arena};
    lia_reading *readings = lia_arena_take(arena, 2 * sizeof *readings);
    *count = 0;
    a.room = 2 * (question->limit + HITS_MORE);
    a.found = lia_arena_take(arena, a.room * sizeof *a.found);
    if (!readings || !a.found) return LIA_EFULL;
    lia_err err = lia_settings_read(&settings, rows, arena);
    if (err) return err;
    a.home = settings.home;
    err = lia_question_read(readings, &readings_count, question->text, a.home, arena, why);
    if (!err) err = lia_snapshot_open(&a.index, lia_index_views(search->index));
    if (err) return err == LIA_EFULL ? LIA_EBUSY : err;
    err = answer(&a, readings, readings_count);
    lia_snapshot_close(a.index);
    if (err) return err;
    *count = a.count < question->limit ? a.count : question->limit;
    for (size_t i = 0; i < *count; i++) hits[i] = a.found[i].hit;
    return LIA_OK;
}
