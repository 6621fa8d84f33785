/* SPDX-License-Identifier: Apache-2.0 */
/* What an event changed, as far as whoever asks may see it. */
#include "common/http/api_audit.h"
#include "common/http/api_change.h"
#include "common/http/api_changes_inner.h"

/* ---- what may be told ------------------------------------------------------------------------ */

/* Why a record is passed over is one thing: it is not there for whoever asks. */
static lia_err load(const lia_changes_ask *ask, const lia_op *op, lia_shown *shown, bool *may)
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

static bool fits(const lia_changes_ask *ask, const lia_header *header)
{
    int64_t ms = lia_hlc_ms(header->hlc);
    if (ask->actor && header->actor != ask->actor) return false;
    return ms >= ask->since.ms && (!ask->until.ms || ms < ask->until.ms);
}

static void note_seen(lia_changes_ask *ask, const lia_shown *shown)
{
    lia_id customer = lia_shown_customer(shown);
    for (size_t i = 0; i < ask->page.seen_count; i++)
        if (lia_id_equal(ask->page.seen[i], customer)) return;
    if (!lia_id_is_none(customer) && ask->page.seen_count < LIA_PAGE_SIZE_MAX)
        ask->page.seen[ask->page.seen_count++] = customer;
}

/* ---- one change ------------------------------------------------------------------------------ */

static lia_err begin_line(lia_changes_ask *ask, const lia_teller *tell, const lia_header *header)
{
    lia_buf_text(ask->page.out, ask->page.found ? ",{" : "{");
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
static lia_err put_change(lia_changes_ask *ask, const lia_event *event, const lia_op *op,
                          const lia_shown *shown)
{
    const lia_teller tell = {ask->call, ask->rows, ask->scratch, ask->page.out, NULL};
    size_t before = ask->page.out->size, told = 0;
    lia_err err = begin_line(ask, &tell, &event->header);
    put_record(ask->page.out, shown);
    if (!err) err = lia_tell_fields(&tell, shown->kind, event, op, &told);
    lia_buf_byte(ask->page.out, '}');
    ask->page.found += told != 0;
    if (told)
        note_seen(ask, shown);
    else
        ask->page.out->size = before;
    return err;
}

/* ---- a bulk run ------------------------------------------------------------------------------ */

typedef struct run_sum {
    const lia_kind *kind; /* NULL: nothing of it may be seen */
    size_t count;         /* 0: that is not told */
    bool more;            /* at least so many */
} run_sum;

/* The kind of the first of its lines that may be seen. */
static lia_err find_seen(lia_changes_ask *ask, lia_position run, run_sum *sum)
{
    lia_deeds walk;
    lia_deed deed;
    const lia_deeds_ask question = {.run = run};
    lia_err err = lia_deeds_open(&walk, ask->rows, &question, ask->scratch);
    for (size_t tries = 0; !err && !sum->kind && tries < LIA_CHANGES_TRIED_MAX; tries++) {
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
static lia_err sum_run(lia_changes_ask *ask, lia_position run, run_sum *sum)
{
    *sum = (run_sum){.kind = NULL};
    bool any = false;
    lia_err err = lia_deeds_any_of_run(ask->rows, run, &any);
    if (!err && any) err = find_seen(ask, run, sum);
    if (err || !sum->kind || !lia_principal_sees_whole(ask->call->who, sum->kind->number))
        return err;
    err = lia_deeds_count_run(ask->rows, run, LIA_CHANGES_COUNTED_MAX, &sum->count);
    ask->counted += sum->count;
    sum->more = sum->count == LIA_CHANGES_COUNTED_MAX;
    sum->count++; /* and the one that began it */
    return err;
}

static lia_err put_run(lia_changes_ask *ask, const lia_header *header, const run_sum *sum)
{
    const lia_teller tell = {ask->call, ask->rows, ask->scratch, ask->page.out, NULL};
    char position[LIA_POSITION_TEXT_SIZE];
    lia_err err = begin_line(ask, &tell, header);
    lia_position_print((lia_position){header->incarnation, header->seq, header->node}, position);
    lia_buf_format(ask->page.out, ",\"kind\":\"%s\",\"run\":{\"position\":\"%s\"",
                   sum->kind->plural, position);
    if (sum->count) lia_buf_format(ask->page.out, ",\"count\":%zu", sum->count);
    if (sum->more) lia_buf_text(ask->page.out, ",\"more\":true");
    lia_buf_text(ask->page.out, "},\"fields\":[]}");
    ask->page.found++;
    return err;
}

/* ---- one event ------------------------------------------------------------------------------- */

lia_err lia_changes_tell(lia_changes_ask *ask, lia_span bytes)
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
