/* SPDX-License-Identifier: Apache-2.0 */
/* The state row says how far each step's scan is, so that a first pass over a large base goes on
 * where a restart interrupted it:
 *
 *     layout(1) model(8) home(2) counted(8) records(8) questions(8)
 *     then for each step: flags(1) position(16) passed(8) */
#include "common/identity/engine.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/time.h"
#include "common/identity/engine_inner.h"
#include "common/node/turn.h"

/* Raised when rows, normal forms or blocking keys come out differently: everything is done again.
 */
#define LAYOUT 2

enum {
    HEAD_SIZE = 1 + 8 + 2 + 8 + 8 + 8,
    STEP_SIZE = 1 + LIA_ID_SIZE + 8,
    STATE_SIZE = HEAD_SIZE + LIA_STEPS * STEP_SIZE,
    BEGUN = 1,
    SCANNED = 2
};

/* ---- the state row --------------------------------------------------------------------------- */

lia_err lia_engine_save(const lia_engine *engine, const lia_rows *rows)
{
    uint8_t row[STATE_SIZE], *at = row + HEAD_SIZE;
    row[0] = LAYOUT;
    lia_put_u64(row + 1, engine->settings_hash);
    memcpy(row + 9, engine->settings_home.code, 2);
    lia_put_u64(row + 11, engine->counted);
    lia_put_u64(row + 19, engine->records);
    lia_put_u64(row + 27, engine->questions);
    for (lia_step step = 0; step < LIA_STEPS; step++, at += STEP_SIZE) {
        const lia_queue *queue = &engine->queues[step];
        at[0] = (uint8_t)((queue->begun ? BEGUN : 0) | (queue->scanned ? SCANNED : 0));
        memcpy(at + 1, queue->position.bytes, LIA_ID_SIZE);
        lia_put_u64(at + 1 + LIA_ID_SIZE, queue->passed);
    }
    return lia_identity_put(rows, lia_identity_row(LIA_IDENTITY_STATE), LIA_SPAN_OF(row));
}

lia_err lia_engine_load(lia_engine *engine, const lia_rows *rows)
{
    lia_key key = lia_identity_row(LIA_IDENTITY_STATE);
    lia_span row;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (err) return err;
    if (row.size != STATE_SIZE) return LIA_ECORRUPT;
    const uint8_t *at = row.data + HEAD_SIZE;
    engine->settings_hash = lia_get_u64(row.data + 1);
    memcpy(engine->settings_home.code, row.data + 9, 2);
    engine->counted = lia_get_u64(row.data + 11);
    engine->records = lia_get_u64(row.data + 19);
    engine->questions = lia_get_u64(row.data + 27);
    for (lia_step step = 0; step < LIA_STEPS; step++, at += STEP_SIZE) {
        lia_queue *queue = &engine->queues[step];
        queue->begun = at[0] & BEGUN;
        queue->scanned = at[0] & SCANNED;
        queue->position = lia_id_from(lia_span_make(at + 1, LIA_ID_SIZE));
        queue->passed = lia_get_u64(at + 1 + LIA_ID_SIZE);
    }
    if (row.data[0] != LAYOUT) lia_queue_begin_again(engine, LIA_STEP_COUNT);
    return LIA_OK;
}

/* ---- lifecycle ------------------------------------------------------------------------------- */

static void engine_close(void *state)
{
    lia_engine *engine = state;
    if (!engine) return;
    lia_bulk_end(engine);
    lia_queues_close(engine);
    free(engine);
}

static lia_err engine_open(void **state, const lia_rows *rows)
{
    lia_engine *engine = calloc(1, sizeof *engine);
    if (!engine) return LIA_EFULL;
    engine->stale = engine->restarted = true;
    lia_err err = lia_engine_load(engine, rows);
    engine->fresh = err == LIA_EABSENT;
    if (engine->fresh) err = LIA_OK;
    if (!err) err = lia_queues_open(engine, rows);
    if (err) {
        engine_close(engine);
        return err;
    }
    *state = engine;
    return LIA_OK;
}

/* ---- what was changed ------------------------------------------------------------------------ */

static bool touches_identity(const lia_op *op)
{
    lia_pb_reader reader = lia_pb_read(op->set);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field))
        if (lia_current_reads(field.number)) return true;
    for (size_t i = 0; i < op->touch_count; i++)
        if (lia_current_reads(op->touches[i].field)) return true;
    return false;
}

static lia_err put_word(const lia_rows *rows, lia_id a, lia_id b, lia_word word)
{
    uint8_t value = (uint8_t)word;
    lia_key key = lia_identity_row_of_pair(LIA_IDENTITY_WORD, a, b);
    return word ? lia_identity_put(rows, key, lia_span_make(&value, 1))
                : lia_identity_del(rows, key);
}

/* People's words are few, and who said one looks at once whether it was heard: so they are followed
 * in the batch. A record that came in parts says nothing until it is whole. */
static lia_err take_word(lia_engine *engine, const lia_rows *rows, lia_id id, lia_arena *arena)
{
    lia_span bytes;
    lia_turn turn = {.arena = arena};
    lia_err err = lia_rows_message(rows, lia_kind_find(LIA_SAMENESS), id, arena, &bytes, NULL);
    if (err == LIA_ECORRUPT) return LIA_OK; /* the audit puts it right, and tells again */
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    const Crm__Sameness *said =
        (const void *)lia_turn_unpack(&turn, &crm__sameness__descriptor, bytes);
    if (!said) return arena->exhausted ? LIA_EFULL : LIA_OK;
    lia_id a = lia_id_in(said->a), b = lia_id_in(said->b);
    if (lia_id_is_none(a) || lia_id_is_none(b) || lia_id_equal(a, b)) return LIA_OK;
    lia_word word = said->verdict == CRM__SAMENESS_VERDICT__SAMENESS_VERDICT_SAME ? LIA_WORD_SAME
                    : said->verdict == CRM__SAMENESS_VERDICT__SAMENESS_VERDICT_NOT_SAME
                        ? LIA_WORD_NOT_SAME
                        : LIA_WORD_NONE;
    err = put_word(rows, a, b, word);
    if (!err) err = put_word(rows, b, a, word);
    return err ? err : lia_tie_say(engine, rows, a, b, word, arena);
}

static lia_err engine_changed(void *state, const lia_rows *rows, uint32_t kind, lia_id record,
                              const lia_op *op, lia_arena *arena)
{
    lia_engine *engine = state;
    switch (kind) {
    case LIA_CUSTOMER:
        if (op && !touches_identity(op)) return LIA_OK;
        return lia_queue_tell(engine, rows, LIA_STEP_INDEX, record);
    case LIA_SAMENESS:
        return take_word(engine, rows, record, arena);
    case LIA_MATCH_MODEL:
        engine->stale = true;
        return LIA_OK;
    default:
        return LIA_OK;
    }
}

/* The keys were made of what has to be forgotten, so they go now; and nobody may be called by the
 * id of somebody erased, so those it was one customer with are joined anew, too. */
static lia_err engine_erased(void *state, const lia_rows *rows, lia_id customer, lia_arena *arena)
{
    lia_engine *engine = state;
    lia_tie_row *ties;
    size_t count;
    lia_bulk_forget(engine, customer);
    lia_err err = lia_ties_read(rows, customer, arena, &ties, &count);
    if (!err) err = lia_step_index(engine, rows, customer, arena);
    if (!err) err = lia_step_compare(engine, rows, customer, arena);
    if (!err) err = lia_step_join(engine, rows, customer, arena);
    for (size_t i = 0; i < count && !err; i++)
        if (lia_tie_kind(&ties[i].tie) == LIA_EDGE_LINK)
            err = lia_step_join(engine, rows, ties[i].tie.other, arena);
    return err;
}

/* ---- work ------------------------------------------------------------------------------------ */

/* Words that came before this release knew what they are. */
static lia_err read_words(lia_engine *engine, const lia_rows *rows, lia_arena *arena)
{
    enum { ID = 3, TAG = ID + LIA_ID_SIZE, KEY_SIZE = TAG + 1 };
    lia_key prefix = lia_key_kind(LIA_SAMENESS);
    lia_key last = prefix;
    lia_scan *scan;
    lia_span key, value;
    lia_err err = LIA_OK;
    for (bool more = true; more && !err;) {
        lia_id id = LIA_ID_NONE;
        err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
        if (err) return err;
        lia_scan_seek(scan, lia_key_span(&last));
        more = lia_scan_next(scan, &key, &value);
        if (more) {
            memcpy(last.bytes, key.data, key.size);
            last.size = key.size;
            last.bytes[last.size++] = 0;
            if (key.size == KEY_SIZE && key.data[TAG] == LIA_TAG_STATE)
                id = lia_id_from(lia_span_make(key.data + ID, LIA_ID_SIZE));
        }
        err = lia_scan_status(scan);
        lia_scan_close(scan);
        if (!err && !lia_id_is_none(id)) err = take_word(engine, rows, id, arena);
    }
    return err;
}

/* Another model makes other scores; another home other phone numbers, and so other keys. */
static lia_err read_settings(lia_engine *engine, const lia_rows *rows, lia_arena *arena)
{
    lia_err err = lia_settings_read(&engine->settings, rows, arena);
    if (err) return err;
    engine->stale = false;
    if (engine->fresh || engine->settings.hash != engine->settings_hash) {
        bool same_home = lia_country_equal(engine->settings.home, engine->settings_home);
        lia_queue_begin_again(engine, same_home ? LIA_STEP_COMPARE : LIA_STEP_INDEX);
        LIA_LOG(INFO, "identity.model", LIA_INT("revision", engine->settings.model.version));
    }
    engine->settings_hash = engine->settings.hash;
    engine->settings_home = engine->settings.home;
    return LIA_OK;
}

static lia_err take_step(lia_engine *engine, const lia_rows *rows, lia_step step, lia_id id,
                         lia_arena *arena)
{
    switch (step) {
    case LIA_STEP_INDEX:
        return lia_step_index(engine, rows, id, arena);
    case LIA_STEP_COMPARE:
        return lia_step_compare(engine, rows, id, arena);
    case LIA_STEP_JOIN:
        return lia_step_join(engine, rows, id, arena);
    default:
        engine->counted++;
        return LIA_OK;
    }
}

/* The next record of the first step that anybody waits for. */
static lia_err work_once(lia_engine *engine, const lia_rows *rows, lia_arena *arena, bool *any)
{
    lia_id id;
    lia_err err = LIA_OK;
    size_t mark = lia_arena_mark(arena);
    *any = engine->bulk != NULL;
    if (engine->bulk) err = lia_bulk_work(engine, rows, arena);
    for (lia_step step = 0; step < LIA_STEPS && !*any && !err; step++) {
        uint64_t length = lia_queue_length(engine, step);
        if (!length) continue;
        *any = step == LIA_STEP_INDEX && length >= LIA_BULK_MIN && lia_bulk_begin(engine);
        if (*any) break;
        err = lia_queue_take(engine, rows, step, &id, any);
        if (!err && *any) err = take_step(engine, rows, step, id, arena);
    }
    lia_arena_back(arena, mark);
    return err;
}

static lia_err engine_work(void *state, const lia_rows *rows, uint64_t until_ns, lia_arena *arena)
{
    lia_engine *engine = state;
    lia_err err = LIA_OK;
    bool any = true;
    if (engine->fresh) err = read_words(engine, rows, arena);
    if (!err && engine->restarted) err = lia_bulk_recover(engine, rows);
    engine->restarted = engine->restarted && err;
    if (!err && engine->stale && !engine->bulk) err = read_settings(engine, rows, arena);
    engine->fresh = engine->fresh && err;
    while (!err && any && lia_time_ticks_ns() < until_ns)
        err = work_once(engine, rows, arena, &any);
    return err ? err : lia_engine_save(engine, rows);
}

static void engine_progress(const void *state, lia_progress *out)
{
    static const char *const names[LIA_STEPS] = {"counting", "indexing", "comparing", "joining"};
    const lia_engine *engine = state;
    uint64_t waiting = engine->stale;
    *out = (lia_progress){.doing = ""};
    for (lia_step step = LIA_STEPS; step-- > 0;) {
        uint64_t length = lia_queue_length(engine, step);
        if (step == LIA_STEP_INDEX) length += lia_bulk_length(engine);
        if (length) {
            out->doing = names[step];
            out->doing_waiting = length;
        }
        waiting += length;
    }
    bool counting = !engine->queues[LIA_STEP_INDEX].scanned && engine->counted > engine->records;
    out->records = counting ? engine->counted : engine->records;
    /* Who waits for two steps is one record all the same. */
    out->waiting = waiting > out->records && out->records ? out->records : waiting;
}

const lia_background_row lia_identity_background = {
    .name = "identity",
    .open = engine_open,
    .close = engine_close,
    .changed = engine_changed,
    .erased = engine_erased,
    .work = engine_work,
    .progress = engine_progress,
};
