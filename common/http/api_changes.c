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
#include "common/http/api_gate.h"
#include "common/node/deeds.h"

#define ROWS_MAX      20000             /* events that a page looks at */
#define OUT_MAX       ((size_t)4 << 20) /* a page that is larger ends */
#define COUNTED_MAX   100000 /* lines that are counted of a run; a page ends behind so many */
#define TRIED_MAX     1000   /* of which so many are looked into for one that may be seen */
#define SCRATCH_BYTES ((size_t)32 << 20)

typedef struct asking {
    lia_call *call;
    /* the question */
    lia_id actor_id;      /* a user, a rule or a flow; none: `actor` */
    uint32_t actor;       /* 0: everybody */
    const lia_kind *kind; /* NULL: all */
    lia_id record;        /* none: all */
    lia_position run;     /* seq 0: none */
    lia_time since, until;
    size_t page_size;
    lia_page_mark mark;
    lia_span after;
    /* while it is answered */
    const lia_rows *rows;
    lia_arena *arena, *scratch; /* the latter is forgotten with each event */
    lia_buf *out;
    lia_why *why;
    size_t found, looked, counted, tried;
    lia_id *seen; /* customers whose records were told */
    size_t seen_count;
} asking;

/* ---- where the events come from -------------------------------------------------------------- */

typedef struct source {
    bool of_record;
    lia_deeds deeds;
    lia_changes changes;
    lia_position began; /* of a run: the event that began it comes last; seq 0: it has come */
} source;

typedef struct found_event {
    uint8_t place[LIA_CHANGE_PLACE_SIZE];
    lia_span bytes;
} found_event;

static lia_err open_source(source *from, const asking *ask)
{
    uint8_t newest[LIA_CHANGE_PLACE_SIZE];
    *from = (source){.of_record = !lia_id_is_none(ask->record) && !ask->run.seq, .began = ask->run};
    if (!from->of_record) {
        const lia_deeds_ask deeds = {.actor = ask->run.seq ? 0 : ask->actor,
                                     .run = ask->run,
                                     .since = ask->since,
                                     .until = ask->until,
                                     .after = ask->after};
        return lia_deeds_open(&from->deeds, ask->rows, &deeds, ask->arena);
    }
    lia_span after = ask->after;
    if (!after.size && ask->until.ms) {
        const lia_stamp stamp = lia_stamp_at((lia_time){ask->until.ms - 1});
        lia_change_place(newest, &stamp);
        after = LIA_SPAN_OF(newest);
    }
    return lia_changes_open(&from->changes, ask->rows, ask->kind->number, ask->record, after);
}

static void close_source(source *from)
{
    if (from->of_record)
        lia_changes_close(&from->changes);
    else
        lia_deeds_close(&from->deeds);
}

/* The event that began the run, unless the page before ended with it. */
static lia_err next_began(source *from, const asking *ask, found_event *out)
{
    lia_header header;
    if (!from->began.seq) return LIA_EABSENT;
    lia_err err = lia_rows_position(ask->rows, from->began, &out->bytes);
    from->began.seq = 0;
    if (!err) err = lia_event_parse_header(&header, out->bytes);
    if (err) return err == LIA_EINVAL ? LIA_ECORRUPT : err;
    const lia_stamp stamp = lia_header_stamp(&header);
    lia_change_place(out->place, &stamp);
    bool was = ask->after.size && memcmp(out->place, ask->after.data, sizeof out->place) <= 0;
    return was ? LIA_EABSENT : LIA_OK;
}

static lia_err next_event(source *from, const asking *ask, found_event *out)
{
    lia_deed deed;
    lia_change change;
    lia_err err = from->of_record ? lia_changes_next(&from->changes, &change)
                                  : lia_deeds_next(&from->deeds, &deed);
    if (err == LIA_EABSENT && !from->of_record) return next_began(from, ask, out);
    if (err) return err;
    memcpy(out->place, from->of_record ? change.place : deed.place, sizeof out->place);
    out->bytes = from->of_record ? change.bytes : deed.bytes;
    return LIA_OK;
}

/* ---- what may be told ------------------------------------------------------------------------ */

/* Why a record is passed over is one thing: it is not there for whoever asks. */
static lia_err load(const asking *ask, const lia_op *op, lia_shown *shown, bool *may)
{
    *may = false;
    const lia_kind *kind = lia_kind_find(op->kind);
    bool wanted = kind && (!ask->kind || ask->kind->number == op->kind) &&
                  (lia_id_is_none(ask->record) || lia_id_equal(ask->record, op->record));
    if (!wanted) return LIA_OK;
    lia_err err = lia_shown_load(shown, ask->call->who, ask->rows, kind, op->record, ask->scratch);
    *may = !err;
    return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
}

static bool fits(const asking *ask, const lia_header *header)
{
    int64_t ms = lia_hlc_ms(header->hlc);
    if (ask->actor && header->actor != ask->actor) return false;
    return ms >= ask->since.ms && (!ask->until.ms || ms < ask->until.ms);
}

static void note_seen(asking *ask, const lia_shown *shown)
{
    lia_id customer = lia_shown_customer(shown);
    for (size_t i = 0; i < ask->seen_count; i++)
        if (lia_id_equal(ask->seen[i], customer)) return;
    if (!lia_id_is_none(customer) && ask->seen_count < LIA_PAGE_SIZE_MAX)
        ask->seen[ask->seen_count++] = customer;
}

/* ---- one change ------------------------------------------------------------------------------ */

static lia_err begin_line(asking *ask, const lia_teller *tell, const lia_header *header)
{
    lia_buf_text(ask->out, ask->found ? ",{" : "{");
    lia_tell_event(tell, header);
    return lia_tell_actor(tell, header->actor);
}

static void put_record(lia_buf *out, const lia_shown *shown)
{
    lia_pb_field title;
    lia_buf_format(out, ",\"kind\":\"%s\",\"record\":{\"id\":", shown->kind->plural);
    lia_json_put_id(out, shown->id);
    if (shown->kind->title && lia_pb_find(shown->message, shown->kind->title->number, &title)) {
        lia_buf_text(out, ",\"title\":");
        lia_json_put_text(out, title.bytes);
    }
    lia_buf_byte(out, '}');
}

/* Nothing when all that it wrote is hidden. */
static lia_err put_change(asking *ask, const lia_event *event, const lia_op *op,
                          const lia_shown *shown)
{
    const lia_teller tell = {ask->call, ask->rows, ask->scratch, ask->out, NULL};
    size_t before = ask->out->size, told = 0;
    lia_err err = begin_line(ask, &tell, &event->header);
    put_record(ask->out, shown);
    if (!err) err = lia_tell_fields(&tell, shown->kind, event, op, &told);
    lia_buf_byte(ask->out, '}');
    ask->found += told != 0;
    if (told)
        note_seen(ask, shown);
    else
        ask->out->size = before;
    return err;
}

/* ---- a bulk run ------------------------------------------------------------------------------ */

typedef struct run_sum {
    const lia_kind *kind; /* NULL: nothing of it may be seen */
    size_t count;         /* 0: that is not told */
    bool more;            /* at least so many */
} run_sum;

/* The kind of the first of its lines that may be seen. */
static lia_err find_seen(asking *ask, lia_position run, run_sum *sum)
{
    lia_deeds walk;
    lia_deed deed;
    const lia_deeds_ask question = {.run = run};
    lia_err err = lia_deeds_open(&walk, ask->rows, &question, ask->scratch);
    for (size_t tries = 0; !err && !sum->kind && tries < TRIED_MAX; tries++) {
        lia_event event;
        lia_shown shown;
        bool may = false;
        size_t mark = lia_arena_mark(ask->scratch);
        err = lia_deeds_next(&walk, &deed);
        if (err) break;
        lia_err parsed = lia_event_parse(&event, deed.bytes, ask->scratch, NULL);
        ask->tried++;
        if (parsed == LIA_EFULL) err = parsed;
        for (size_t i = 0; !parsed && !err && !may && i < event.op_count; i++)
            err = load(ask, &event.ops[i], &shown, &may);
        if (may) sum->kind = shown.kind;
        lia_arena_back(ask->scratch, mark);
    }
    lia_deeds_close(&walk);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* What others may be told of the run that the event at `run` began; nothing when it began none. */
static lia_err sum_run(asking *ask, lia_position run, run_sum *sum)
{
    *sum = (run_sum){.kind = NULL};
    bool any = false;
    lia_err err = lia_deeds_any_of_run(ask->rows, run, &any);
    if (!err && any) err = find_seen(ask, run, sum);
    if (err || !sum->kind || !lia_principal_sees_whole(ask->call->who, sum->kind->number))
        return err;
    err = lia_deeds_count_run(ask->rows, run, COUNTED_MAX, &sum->count);
    ask->counted += sum->count;
    sum->more = sum->count == COUNTED_MAX;
    sum->count++; /* and the one that began it */
    return err;
}

static lia_err put_run(asking *ask, const lia_header *header, const run_sum *sum)
{
    const lia_teller tell = {ask->call, ask->rows, ask->scratch, ask->out, NULL};
    char position[LIA_POSITION_TEXT_SIZE];
    lia_err err = begin_line(ask, &tell, header);
    lia_position_print((lia_position){header->incarnation, header->seq, header->node}, position);
    lia_buf_format(ask->out, ",\"kind\":\"%s\",\"run\":{\"position\":\"%s\"", sum->kind->plural,
                   position);
    if (sum->count) lia_buf_format(ask->out, ",\"count\":%zu", sum->count);
    if (sum->more) lia_buf_text(ask->out, ",\"more\":true");
    lia_buf_text(ask->out, "},\"fields\":[]}");
    ask->found++;
    return err;
}

/* ---- one event ------------------------------------------------------------------------------- */

static lia_err put_event(asking *ask, lia_span bytes)
{
    lia_event event;
    run_sum sum = {.kind = NULL};
    lia_arena_reset(ask->scratch);
    lia_err err = lia_event_parse(&event, bytes, ask->scratch, NULL);
    if (err) return err == LIA_EFULL ? err : LIA_OK;
    const lia_header *header = &event.header;
    if (!fits(ask, header)) return LIA_OK;
    if (!ask->run.seq && lia_id_is_none(ask->record))
        err = sum_run(ask, (lia_position){header->incarnation, header->seq, header->node}, &sum);
    if (err || sum.kind) return err ? err : put_run(ask, header, &sum);
    for (size_t i = 0; !err && i < event.op_count; i++) {
        lia_shown shown;
        bool may;
        err = load(ask, &event.ops[i], &shown, &may);
        if (!err && may) err = put_change(ask, &event, &event.ops[i], &shown);
    }
    return err;
}

/* ---- the page -------------------------------------------------------------------------------- */

/* Whether one more would be told: a token must not say that there is what they may not see. */
static lia_err put_beyond(asking *ask, lia_span bytes, bool *more)
{
    size_t size = ask->out->size, found = ask->found, seen = ask->seen_count;
    lia_err err = put_event(ask, bytes);
    *more = ask->found > found;
    ask->found = found;
    ask->seen_count = seen;
    ask->out->size = size;
    return err;
}

static lia_err put_events(asking *ask, found_event *last, bool *more)
{
    source from;
    found_event next;
    lia_err err = open_source(&from, ask);
    while (!err && !*more && !(err = next_event(&from, ask, &next))) {
        bool full = ask->found >= ask->page_size || ask->out->size >= OUT_MAX;
        err = full ? put_beyond(ask, next.bytes, more) : put_event(ask, next.bytes);
        if (!*more) *last = next;
        *more |=
            ++ask->looked == ROWS_MAX || ask->tried >= TRIED_MAX || ask->counted >= COUNTED_MAX;
    }
    close_source(&from);
    if (err == LIA_EREFUSED)
        return lia_why_set(ask->why, LIA_EINVAL,
                           "actor: more than %d wrote here, so one must be named",
                           LIA_DEEDS_ACTORS_MAX);
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err put_page(asking *ask)
{
    found_event last = {{0}, LIA_SPAN_NONE};
    bool more = false;
    lia_buf_text(ask->out, "{\"changes\":[");
    lia_err err = put_events(ask, &last, &more);
    lia_buf_byte(ask->out, ']');
    if (more) {
        lia_buf_text(ask->out, ",\"next_page_token\":\"");
        lia_call_put_token(ask->call, ask->out, ask->mark, 0, LIA_SPAN_OF(last.place));
        lia_buf_byte(ask->out, '"');
    }
    lia_buf_byte(ask->out, '}');
    return err;
}

/* The number of a user, rule or flow that whoever asks may see. */
static lia_err find_actor(asking *ask)
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

static void note(const asking *ask)
{
    const lia_audit_entry look = {
        .action = LIA_AUDIT_AUDIT,
        .kind = ask->kind ? ask->kind->number : 0,
        .record = ask->record,
        .count = (uint32_t)ask->found,
        .customers = lia_span_make(ask->seen, ask->seen_count * sizeof *ask->seen)};
    if (ask->seen_count) lia_call_note(ask->call, look);
}

static lia_err run(lia_work *work)
{
    asking *ask = work->context;
    lia_arena scratch;
    ask->rows = &work->rows;
    ask->arena = &work->arena;
    ask->scratch = &scratch;
    ask->out = &work->out;
    ask->why = &work->why;
    ask->seen = lia_arena_take(ask->arena, LIA_PAGE_SIZE_MAX * sizeof *ask->seen);
    if (!ask->seen) return LIA_EFULL;
    lia_err err = lia_arena_init(&scratch, SCRATCH_BYTES);
    if (!err) err = find_actor(ask);
    if (!err) err = put_page(ask);
    if (!err) note(ask);
    lia_arena_fini(&scratch);
    return err;
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool read_actor(lia_call *call, asking *ask, lia_span text)
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

static bool read_about(lia_call *call, asking *ask, lia_span kind, lia_span record)
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

static bool read_run(lia_call *call, asking *ask, lia_span text)
{
    if (!text.size || (lia_position_parse(text, &ask->run) == LIA_OK && ask->run.seq)) return true;
    lia_call_invalid(call, "run: the position of the event that began it is wanted");
    return false;
}

static bool read_token(lia_call *call, asking *ask, lia_span token)
{
    uint8_t phase;
    if (!token.size) return true;
    if (!lia_call_read_token(call, token, ask->mark, &phase, &ask->after) &&
        ask->after.size == LIA_CHANGE_PLACE_SIZE)
        return true;
    lia_call_invalid(call, "page_token: this is no token of an answer to the same question");
    return false;
}

static bool read_question(lia_call *call, asking *ask)
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
    ask->mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    ask->page_size = page_size;
    return read_token(call, ask, token);
}

void lia_api_changes(lia_call *call)
{
    asking *ask = lia_arena_zero(call->arena, sizeof *ask);
    if (!ask) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    ask->call = call;
    if (read_question(call, ask)) lia_call_work(call, run, ask);
}
