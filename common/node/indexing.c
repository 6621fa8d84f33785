/* SPDX-License-Identifier: Apache-2.0 */
/* A kind is walked record by record, and all rows that follow from a record are put, those that are
 * there already again: which of them are missing would cost as much to find out. A scan must not be
 * open while rows are written, so ids are gathered by the handful. */
#include "common/node/indexing.h"

#include "common/node/apply.h"
#include "common/node/drop.h"

#define HANDFUL 128

enum { COMPLETE = 1, TO_GO = 2, BUILDING = 3 };

/* ---- marks ----------------------------------------------------------------------------------- */

static lia_key mark_key(uint32_t kind, uint32_t field)
{
    lia_key key = {.size = 7, .bytes = {'z'}};
    lia_put_u16(key.bytes + 1, (uint16_t)kind);
    lia_put_u32(key.bytes + 3, field);
    return key;
}

static lia_err set_mark(const lia_rows *rows, uint32_t kind, uint32_t field, uint8_t value)
{
    lia_key key = mark_key(kind, field);
    return lia_views_put(rows->views, lia_key_span(&key), lia_span_make(&value, 1));
}

static lia_err get_mark(const lia_rows *rows, uint32_t kind, uint32_t field, uint8_t *value)
{
    lia_key key = mark_key(kind, field);
    lia_span row;
    *value = 0;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (!err && row.size == 1) *value = row.data[0];
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_indexing_is_ready(const lia_rows *rows, uint32_t kind, uint32_t field, bool *ready)
{
    uint8_t mark;
    lia_err err = get_mark(rows, kind, field, &mark);
    *ready = !err && mark == COMPLETE;
    return err;
}

/* Whether events keep rows of it. */
static bool is_kept(uint16_t number, uint32_t field_number)
{
    const lia_kind *kind = lia_kind_find(number);
    if (!kind || !field_number) return kind != NULL;
    const lia_field *field = lia_field_find(kind->message, field_number);
    return field && lia_field_is_indexed(field);
}

typedef struct mark {
    uint16_t kind;
    uint32_t field;
    uint8_t value;
} mark;

/* The next mark behind `last` (zeroed: the first); false: there are no more. */
static lia_err next_mark(const lia_rows *rows, mark *last, bool *found)
{
    lia_scan *scan;
    lia_span key, row;
    lia_key from = mark_key(last->kind, last->field);
    lia_err err = lia_rows_scan(rows, LIA_SPAN("z"), &scan);
    if (err) return err;
    if (last->value) {
        from.bytes[from.size++] = 0;
        lia_scan_seek(scan, lia_key_span(&from));
    }
    *found = lia_scan_next(scan, &key, &row) && key.size == 7 && row.size == 1;
    if (*found) *last = (mark){lia_get_u16(key.data + 1), lia_get_u32(key.data + 3), row.data[0]};
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- what is to be done ---------------------------------------------------------------------- */

static bool wants_rows(const lia_kind *kind)
{
    for (size_t i = 0; i < kind->message->count; i++) {
        const lia_field_added *added = kind->message->fields[i].added;
        if (added && added->indexing) return true;
    }
    return false;
}

/* The first kind with something to be built; NULL: none. */
static lia_err find_build(const lia_rows *rows, const lia_kind **out)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    *out = NULL;
    for (size_t i = 0; i < count && !*out; i++) {
        bool ready = true;
        if (kinds[i].added) {
            lia_err err = lia_indexing_is_ready(rows, kinds[i].number, 0, &ready);
            if (err) return err;
        }
        if (!ready || wants_rows(&kinds[i])) *out = &kinds[i];
    }
    return LIA_OK;
}

static lia_err find_gone(const lia_rows *rows, mark *at, bool *found)
{
    *at = (mark){0};
    lia_err err;
    do err = next_mark(rows, at, found);
    while (!err && *found && at->value != TO_GO);
    return err;
}

/* From here on events keep rows of it: whoever wants them no more finds the mark. */
static lia_err note_builds(const lia_rows *rows)
{
    size_t count;
    uint8_t value;
    const lia_kind *kinds = lia_kinds(&count);
    lia_err err = LIA_OK;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < kinds[i].message->count && !err; j++) {
            const lia_field *field = &kinds[i].message->fields[j];
            if (!field->added || !field->added->indexing) continue;
            err = get_mark(rows, kinds[i].number, field->number, &value);
            if (!err && !value) err = set_mark(rows, kinds[i].number, field->number, BUILDING);
        }
    return err;
}

lia_err lia_indexing_look(const lia_rows *rows, bool *waits)
{
    mark at = {0};
    bool found = true;
    const lia_kind *kind = NULL;
    *waits = false;
    lia_err err = note_builds(rows);
    if (!err) err = next_mark(rows, &at, &found);
    while (!err && found) {
        if (at.value != TO_GO && !is_kept(at.kind, at.field)) {
            at.value = TO_GO;
            err = set_mark(rows, at.kind, at.field, TO_GO);
        }
        *waits |= at.value == TO_GO;
        if (!err) err = next_mark(rows, &at, &found);
    }
    if (!err) err = find_build(rows, &kind);
    *waits |= kind != NULL;
    return err;
}

/* What is to go goes first: a field that is wanted again is begun without its old rows. */
static lia_err take(lia_indexing *work, const lia_rows *rows, bool *waits)
{
    mark gone;
    const lia_kind *kind = NULL;
    *work = (lia_indexing){.taken = true};
    lia_err err = find_gone(rows, &gone, waits);
    if (err) return err;
    if (*waits) {
        work->kind = gone.kind;
        work->field = gone.field;
        return LIA_OK;
    }
    err = find_build(rows, &kind);
    *waits = kind != NULL;
    work->taken = *waits;
    if (kind) work->kind = kind->number;
    return err;
}

/* ---- taking away ----------------------------------------------------------------------------- */

static size_t gather_rows(const lia_rows *rows, const lia_key *prefix, lia_key keys[HANDFUL],
                          lia_err *err)
{
    lia_scan *scan;
    lia_span key, row;
    size_t count = 0;
    *err = lia_rows_scan(rows, lia_key_span(prefix), &scan);
    if (*err) return 0;
    while (count < HANDFUL && lia_scan_next(scan, &key, &row)) {
        memcpy(keys[count].bytes, key.data, key.size);
        keys[count++].size = key.size;
    }
    *err = lia_scan_status(scan);
    lia_scan_close(scan);
    return count;
}

static lia_err take_away(lia_indexing *work, lia_applier *applier, uint64_t until_ns, bool *done)
{
    const lia_field field = {.number = work->field};
    lia_key prefix = lia_key_index_prefix(work->kind, &field);
    lia_key *keys = lia_arena_take(applier->arena, HANDFUL * sizeof *keys);
    lia_err err = keys ? LIA_OK : LIA_EFULL;
    size_t count = HANDFUL;
    while (!err && count == HANDFUL && lia_time_ticks_ns() < until_ns) {
        count = gather_rows(&applier->rows, &prefix, keys, &err);
        for (size_t i = 0; i < count && !err; i++)
            err = lia_views_del(applier->rows.views, lia_key_span(&keys[i]));
    }
    *done = !err && count < HANDFUL;
    if (!*done) return err;
    lia_key key = mark_key(work->kind, work->field);
    return lia_views_del(applier->rows.views, lia_key_span(&key));
}

/* ---- building -------------------------------------------------------------------------------- */

static size_t gather_records(const lia_indexing *work, const lia_rows *rows, lia_id ids[HANDFUL],
                             lia_err *err)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    lia_scan *scan;
    lia_span key, row;
    lia_record_key at;
    size_t count = 0;
    lia_key prefix = lia_key_kind(work->kind);
    *err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (*err) return 0;
    lia_key behind = lia_key_tag(work->kind, work->at, BEHIND_ALL_TAGS);
    if (!lia_id_is_none(work->at)) lia_scan_seek(scan, lia_key_span(&behind));
    while (count < HANDFUL && lia_scan_next(scan, &key, &row)) {
        if (!lia_record_key_read(key, &at)) continue;
        ids[count++] = at.id;
        behind = lia_key_tag(work->kind, at.id, BEHIND_ALL_TAGS);
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    *err = lia_scan_status(scan);
    lia_scan_close(scan);
    return count;
}

static lia_err build_one(lia_applier *applier, uint16_t kind, lia_id id)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    size_t before = lia_arena_mark(applier->arena);
    lia_drop rows = {.applier = applier};
    lia_span state;
    lia_err err = lia_rows_get(&applier->rows, lia_key_span(&key), &state);
    if (err || lia_row_is_erased(state)) return err == LIA_EABSENT ? LIA_OK : err;
    state = lia_arena_copy(applier->arena, state);
    err = state.data ? lia_drop_followers(&rows, kind, id, state, true) : LIA_EFULL;
    lia_arena_back(applier->arena, before);
    /* A row that cannot be read is put right by the audit, with all that follows from it. */
    return err == LIA_ECORRUPT || err == LIA_EINVAL || err == LIA_EVERSION ? LIA_OK : err;
}

static lia_err end_build(const lia_indexing *work, const lia_rows *rows)
{
    const lia_kind *kind = lia_kind_find(work->kind);
    lia_err err = kind->added ? set_mark(rows, kind->number, 0, COMPLETE) : LIA_OK;
    for (size_t i = 0; i < kind->message->count && !err; i++) {
        const lia_field *field = &kind->message->fields[i];
        if (field->added && field->added->indexing)
            err = set_mark(rows, kind->number, field->number, COMPLETE);
    }
    return err;
}

static lia_err build(lia_indexing *work, lia_applier *applier, uint64_t until_ns, bool *done)
{
    lia_id *ids = lia_arena_take(applier->arena, HANDFUL * sizeof *ids);
    lia_err err = ids ? LIA_OK : LIA_EFULL;
    size_t count = HANDFUL;
    while (!err && count == HANDFUL && lia_time_ticks_ns() < until_ns) {
        count = gather_records(work, &applier->rows, ids, &err);
        for (size_t i = 0; i < count && !err; i++) err = build_one(applier, work->kind, ids[i]);
        if (count) work->at = ids[count - 1];
    }
    *done = !err && count < HANDFUL;
    return *done ? end_build(work, &applier->rows) : err;
}

/* ---- all of it ------------------------------------------------------------------------------- */

lia_err lia_indexing_work(lia_indexing *work, lia_applier *applier, uint64_t until_ns, bool *waits,
                          bool *changed)
{
    bool done = false;
    *waits = true;
    *changed = false;
    lia_err err = work->taken ? LIA_OK : take(work, &applier->rows, waits);
    if (err || !*waits) return err;
    err = work->field ? take_away(work, applier, until_ns, &done)
                      : build(work, applier, until_ns, &done);
    if (err || !done) return err;
    *work = (lia_indexing){.taken = false};
    *changed = true;
    return LIA_OK;
}
