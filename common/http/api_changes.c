/* SPDX-License-Identifier: Apache-2.0 */
/* GET /changes?actor=&kind=&record=&run=&since=&until=&page_size=&page_token=: who changed what,
 * newest first: each field's old and new value with a link to the record, as its history tells
 * them. The rows are those of common/node/deeds.h; with a record those of its own changes.
 *
 * A bulk run (an import, a batch) is one line that says how many records it wrote; `run` lists
 * them. Who may not read a record sees nothing of it here, and no run that touched no other: of a
 * run they are told no number. A page looks at ROWS_MAX events at most, so one of a rare kind may
 * be short; it holds whole events, so it may have a few lines more than were asked for. */
#include "common/http/api_audit.h"
#include "common/http/api_change.h"
#include "common/http/api_changes_inner.h"

#define ROWS_MAX      20000             /* events that a page looks at */
#define OUT_MAX       ((size_t)4 << 20) /* a page that is larger ends */
#define SCRATCH_BYTES ((size_t)32 << 20)

/* ---- the page -------------------------------------------------------------------------------- */

/* What is walked, and what for. */
typedef struct walking {
    lia_changes_ask *ask;
    lia_changes_source from;
} walking;

static lia_err next(void *context, lia_change *out)
{
    walking *walk = context;
    return lia_changes_source_next(&walk->from, out);
}

static lia_err put(void *context, lia_span event)
{
    walking *walk = context;
    return lia_changes_tell(walk->ask, event);
}

static bool is_enough(void *context)
{
    walking *walk = context;
    lia_changes_ask *ask = walk->ask;
    return ++ask->looked == ROWS_MAX || ask->tried >= LIA_CHANGES_TRIED_MAX ||
           ask->counted >= LIA_CHANGES_COUNTED_MAX;
}

static lia_err put_changes(lia_changes_ask *ask)
{
    walking walk = {.ask = ask};
    const lia_change_page_of of = {OUT_MAX, next, put, is_enough, &walk};
    lia_err err = lia_changes_source_open(&walk.from, ask);
    if (!err) err = lia_change_page_put(&ask->page, &of);
    lia_changes_source_close(&walk.from);
    if (err == LIA_EREFUSED)
        return lia_why_set(ask->why, LIA_EINVAL,
                           "actor: more than %d wrote here, so one must be named",
                           LIA_DEEDS_ACTORS_MAX);
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err put_page(lia_changes_ask *ask)
{
    lia_buf_text(ask->page.out, "{\"changes\":[");
    lia_err err = put_changes(ask);
    lia_buf_byte(ask->page.out, ']');
    lia_change_page_put_token(&ask->page);
    lia_buf_byte(ask->page.out, '}');
    return err;
}

/* The number of a user, rule or flow that whoever asks may see. */
static lia_err find_actor(lia_changes_ask *ask)
{
    lia_err err = LIA_EABSENT;
    if (lia_id_is_none(ask->actor_id)) return LIA_OK;
    for (size_t i = 0; err == LIA_EABSENT && i < LIA_ACTORS; i++) {
        lia_shown shown;
        lia_pb_field number;
        const lia_kind *kind = lia_kind_by_name(lia_span_text(lia_actors[i].kind));
        const lia_field *field =
            kind ? lia_field_by_name(kind->message, lia_span_text(lia_actors[i].field)) : NULL;
        if (!field) continue;
        err = lia_shown_load(&shown, ask->call->who, ask->rows, kind, ask->actor_id, ask->scratch);
        if (err == LIA_EGONE) err = LIA_EABSENT;
        if (!err && lia_pb_find(shown.message, field->number, &number))
            ask->actor = (uint32_t)number.value;
    }
    if (err && err != LIA_EABSENT) return err;
    return ask->actor
               ? LIA_OK
               : lia_why_set(ask->why, LIA_EINVAL, "actor: there is no such user, rule or flow");
}

static void note(const lia_changes_ask *ask)
{
    const lia_audit_entry look = {
        .action = LIA_AUDIT_AUDIT,
        .kind = ask->kind ? ask->kind->number : 0,
        .record = ask->record,
        .count = (uint32_t)ask->page.found,
        .customers = lia_span_make(ask->page.seen, ask->page.seen_count * sizeof *ask->page.seen)};
    if (ask->page.seen_count) lia_call_note(ask->call, look);
}

static lia_err run(lia_work *work)
{
    lia_changes_ask *ask = work->context;
    lia_arena scratch;
    ask->rows = &work->rows;
    ask->arena = &work->arena;
    ask->scratch = &scratch;
    ask->page.out = &work->out;
    ask->why = &work->why;
    ask->page.seen = lia_arena_take(ask->arena, LIA_PAGE_SIZE_MAX * sizeof *ask->page.seen);
    if (!ask->page.seen) return LIA_EFULL;
    lia_err err = lia_arena_init(&scratch, SCRATCH_BYTES);
    if (!err) err = find_actor(ask);
    if (!err) err = put_page(ask);
    if (!err) note(ask);
    lia_arena_fini(&scratch);
    return err;
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool read_actor(lia_call *call, lia_changes_ask *ask, lia_span text)
{
    uint64_t number = 0;
    if (!text.size || lia_id_parse(text, &ask->actor_id) == LIA_OK) return true;
    if (lia_api_number(text, &number) && number && number <= UINT32_MAX) {
        ask->actor = (uint32_t)number;
        return true;
    }
    lia_call_invalid(call, "actor: the id of a user, a rule or a flow is wanted, or its number");
    return false;
}

static bool read_about(lia_call *call, lia_changes_ask *ask, lia_span kind, lia_span record)
{
    if (kind.size) {
        const lia_kind *found = lia_kind_by_plural(kind);
        ask->kind = found ? lia_rights_kind(lia_principal_rights(call->who), found->number) : NULL;
        if (!ask->kind) {
            lia_call_invalid(call, "kind: the plural of a kind of record is wanted");
            return false;
        }
    }
    if (!record.size) return true;
    if (!ask->kind) {
        lia_call_invalid(call, "record: its kind is wanted, too");
        return false;
    }
    if (lia_id_parse(record, &ask->record) == LIA_OK) return true;
    lia_call_invalid(call, "record: an id (a UUID) is wanted");
    return false;
}

static bool read_run(lia_call *call, lia_changes_ask *ask, lia_span text)
{
    if (!text.size || (lia_position_parse(text, &ask->run) == LIA_OK && ask->run.seq)) return true;
    lia_call_invalid(call, "run: the position of the event that began it is wanted");
    return false;
}

static bool read_question(lia_call *call, lia_changes_ask *ask)
{
    uint64_t page_size = LIA_PAGE_SIZE_DEFAULT;
    lia_span actor, kind, record, run_text, since, until, token;
    if (!lia_call_param(call, "actor", &actor) || !lia_call_param(call, "kind", &kind) ||
        !lia_call_param(call, "record", &record) || !lia_call_param(call, "run", &run_text) ||
        !lia_call_param(call, "since", &since) || !lia_call_param(call, "until", &until) ||
        !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, &page_size) ||
        !lia_call_instant(call, "since", since, &ask->since) ||
        !lia_call_instant(call, "until", until, &ask->until) || !read_actor(call, ask, actor) ||
        !read_about(call, ask, kind, record) || !read_run(call, ask, run_text))
        return false;
    const lia_span parts[] = {LIA_SPAN("changes"), actor, kind, record, run_text, since, until};
    ask->page.mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    ask->page.page_size = page_size;
    return lia_change_page_read_token(&ask->page, token);
}

void lia_api_changes(lia_call *call)
{
    lia_changes_ask *ask = lia_arena_zero(call->arena, sizeof *ask);
    if (!ask) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    ask->call = ask->page.call = call;
    if (read_question(call, ask)) lia_call_work(call, run, ask);
}
