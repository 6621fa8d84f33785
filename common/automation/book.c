/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/book.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/automation/plan.h"
#include "common/automation/rule.h"
#include "common/base/log.h"
#include "common/node/fields.h"
#include "common/wire/catalog.h"
#include "common/wire/unpack.h"

/* Texts and trees of some thousand rules. */
#define BOOK_BYTES ((size_t)64 << 20)

/* ---- memory of the node ---------------------------------------------------------------------- */

static void book_close(void *state)
{
    lia_book *book = state;
    if (!book) return;
    lia_beyond_close(&book->beyond);
    lia_arena_fini(&book->arena);
    free(book);
}

static lia_err book_open(void **state, const lia_rows *rows)
{
    lia_book *book = calloc(1, sizeof *book);
    if (!book) return LIA_EFULL;
    book->stale = book->watch_stale = true;
    lia_err err = lia_arena_init(&book->arena, BOOK_BYTES);
    if (!err) err = lia_beyond_open(&book->beyond, rows, (lia_time){0});
    if (err) {
        book_close(book);
        return err;
    }
    *state = book;
    return LIA_OK;
}

static lia_err changed(void *state, const lia_rows *rows, uint32_t kind, lia_id record,
                       const lia_op *op, lia_arena *arena)
{
    (void)rows, (void)record, (void)op, (void)arena;
    lia_book *book = state;
    if (kind == LIA_RULE || kind == LIA_FLOW) book->stale = true;
    if (kind == LIA_RUN) book->watch_stale = true;
    return LIA_OK;
}

static lia_err erased(void *state, const lia_rows *rows, lia_id customer, lia_arena *arena)
{
    (void)rows, (void)customer, (void)arena;
    ((lia_book *)state)->watch_stale = true;
    return LIA_OK;
}

static lia_err work(void *state, const lia_rows *rows, uint64_t until_ns, lia_arena *arena)
{
    (void)state, (void)rows, (void)until_ns, (void)arena;
    return LIA_OK;
}

static void progress(const void *state, lia_progress *out)
{
    size_t count = 0;
    for (const lia_definition *d = ((const lia_book *)state)->first; d; d = d->next) count++;
    *out = (lia_progress){.doing = "", .records = count};
}

const lia_background_row lia_automation_background = {
    .name = "automation",
    .open = book_open,
    .close = book_close,
    .changed = changed,
    .erased = erased,
    .work = work,
    .progress = progress,
};

/* ---- reading --------------------------------------------------------------------------------- */

static void want_fact(lia_book *book, const lia_definition *d)
{
    if (d->is_flow) return;
    switch (d->rule->trigger) {
    case AUTOMATION__TRIGGER__TRIGGER_FACT:
        book->facts[d->fact / 8] |= (uint8_t)(1u << d->fact % 8);
        break;
    case AUTOMATION__TRIGGER__TRIGGER_CHANGE:
        book->sees_all = true;
        break;
    default:
        book->clocks = true;
        break;
    }
}

/* The position of the event that last wrote the record. */
static const char *version_of(const lia_record *record, lia_arena *arena)
{
    lia_stamp top = lia_record_top(record);
    return lia_arena_text(arena, "%u/%016llx/%llu", top.node, (unsigned long long)top.incarnation,
                          (unsigned long long)top.seq);
}

static lia_err keep(lia_book *book, lia_turn *turn, const lia_kind *kind, lia_id id)
{
    lia_record record;
    lia_err err = lia_rows_record(lia_turn_rows(turn), kind->number, id, turn->arena, &record);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    lia_buf bytes = lia_buf_make(&book->arena);
    lia_record_message(&record, kind->message, &bytes);
    void *message = bytes.failed ? NULL
                                 : (void *)lia_unpack(kind->message->descriptor,
                                                      lia_buf_get(&bytes), &book->arena);
    lia_definition *d = lia_arena_zero(&book->arena, sizeof *d);
    if (!message || !d) return LIA_EFULL;
    lia_why why = {{0}};
    d->id = id;
    d->defined_by = version_of(&record, &book->arena);
    err = kind->number == LIA_RULE
              ? lia_rule_read(d, message, turn->department, &book->arena, &why)
              : lia_flow_read(d, message, turn->department, &book->arena, &why);
    if (err == LIA_EABSENT) return LIA_OK; /* another's, or not enabled */
    if (err == LIA_EINVAL) {
        LIA_LOG(WARN, "rule.unreadable", LIA_ID("rule", id), LIA_TEXT("why", why.text));
        return LIA_OK;
    }
    if (err) return err;
    d->next = book->first;
    book->first = d;
    want_fact(book, d);
    return LIA_OK;
}

static lia_err read_kind(lia_book *book, lia_turn *turn, uint16_t number)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    lia_key prefix = lia_key_kind(number);
    lia_scan *scan;
    lia_span key, row;
    lia_record_key at;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &row)) {
        if (!lia_record_key_read(key, &at)) continue;
        lia_id id = at.id;
        err = keep(book, turn, lia_kind_find(number), id);
        lia_key behind = lia_key_tag(number, id, BEHIND_ALL_TAGS);
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err read_all(lia_book *book, lia_turn *turn)
{
    lia_arena_reset(&book->arena);
    book->first = NULL;
    book->sees_all = book->clocks = false;
    memset(book->facts, 0, sizeof book->facts);
    lia_err err = read_kind(book, turn, LIA_RULE);
    if (!err) err = read_kind(book, turn, LIA_FLOW);
    book->stale = err != LIA_OK;
    book->epoch = lia_catalog_epoch();
    return err;
}

/* Whether any run has a row in the index of what is watched. */
static lia_err read_watches(lia_book *book, lia_turn *turn)
{
    const lia_kind *run = lia_kind_find(LIA_RUN);
    lia_key prefix =
        lia_key_index_prefix(LIA_RUN, lia_field_by_name(run->message, LIA_SPAN("watches")));
    lia_scan *scan;
    lia_span key, row;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    book->watches = lia_scan_next(scan, &key, &row);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    book->watch_stale = err != LIA_OK;
    return err;
}

lia_err lia_book_open(lia_turn *turn, lia_book **out)
{
    lia_book *book = lia_turn_background(turn, &lia_automation_background);
    lia_err err = book ? LIA_OK : LIA_EABSENT;
    if (!err && (book->stale || book->epoch != lia_catalog_epoch())) err = read_all(book, turn);
    if (!err && book->watch_stale) err = read_watches(book, turn);
    *out = err ? NULL : book;
    return err;
}

const lia_definition *lia_book_find(const lia_book *book, lia_id id)
{
    const lia_definition *d = book->first;
    while (d && !lia_id_equal(d->id, id)) d = d->next;
    return d;
}

/* ---- records --------------------------------------------------------------------------------- */

lia_err lia_subject_make(lia_subject *out, const lia_record *record, const lia_kind *kind,
                         lia_id id, lia_arena *arena)
{
    lia_buf message = lia_buf_make(arena);
    lia_pb_field field;
    lia_record_message(record, kind->message, &message);
    if (message.failed) return LIA_EFULL;
    *out = (lia_subject){.kind = kind, .sees = kind, .record = *record};
    out->filter = (lia_filter_subject){
        .id = id, .created_at = lia_rows_created_at(id, record), .message = lia_buf_get(&message)};
    if (kind->number == LIA_CUSTOMER)
        out->customer = id;
    else if (kind->customer && lia_pb_find(out->filter.message, kind->customer->number, &field))
        out->customer = lia_id_from(field.bytes);
    out->archived = kind->archived &&
                    lia_pb_find(out->filter.message, kind->archived->number, &field) && field.value;
    return LIA_OK;
}

lia_err lia_subject_load(lia_subject *out, lia_book *book, const lia_rows *rows,
                         const lia_kind *kind, lia_id id, lia_time now, lia_arena *arena)
{
    lia_record record;
    lia_err err = lia_rows_record(rows, kind->number, id, arena, &record);
    if (err) return err == LIA_EGONE ? LIA_EABSENT : err;
    err = lia_subject_make(out, &record, kind, id, arena);
    book->beyond.world.now = now;
    book->beyond.err = LIA_OK;
    out->filter.world = &book->beyond.world;
    return err;
}
