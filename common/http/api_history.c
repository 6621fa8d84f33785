/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}/{id}/history?field=&page_size=&page_token=: every change of a record, newest first:
 * each field's old and new value, who, when, by which event. The new value stands in the event; the
 * old one in the event that the write says it replaced, or in what is left of that (before.h).
 *
 * Of a field that whoever asks may not see nothing is told; a change of such fields only is no
 * change to them. A page looks at ROWS_MAX changes at most, so one of a rare field may be short. */
#include "common/http/api_history.h"
#include "common/http/api_audit.h"
#include "common/http/api_change.h"
#include "common/http/api_change_page.h"

#define ROWS_MAX      2000
#define SCRATCH_BYTES ((size_t)32 << 20)

typedef struct asking {
    lia_change_page page;
    const lia_field *field; /* NULL: all */
    const lia_rows *rows;
    lia_arena *scratch; /* forgotten with each change */
    lia_changes walk;
    size_t looked;
} asking;

/* ---- one change ------------------------------------------------------------------------------ */

static lia_err put_parsed(asking *ask, const lia_event *event, const lia_op *op)
{
    lia_buf *out = ask->page.out;
    size_t before = out->size, told = 0;
    const lia_teller tell = {ask->page.call, ask->rows, ask->scratch, out, ask->field};
    lia_buf_text(out, ask->page.found ? ",{" : "{");
    lia_tell_event(&tell, &event->header);
    lia_err err = lia_tell_actor(&tell, event->header.actor);
    if (!err) err = lia_tell_fields(&tell, ask->page.call->kind, event, op, &told);
    lia_buf_byte(out, '}');
    if (told)
        ask->page.found++;
    else
        out->size = before;
    return err;
}

static lia_err put_change(void *context, lia_span bytes)
{
    asking *ask = context;
    lia_event event;
    lia_arena_reset(ask->scratch);
    lia_err err = lia_event_parse(&event, bytes, ask->scratch, NULL);
    if (err) return err == LIA_EFULL ? err : LIA_OK;
    const lia_op *op = lia_change_op(&event, ask->page.call->kind->number, ask->page.call->id);
    return op ? put_parsed(ask, &event, op) : LIA_OK;
}

/* ---- the page -------------------------------------------------------------------------------- */

static lia_err next(void *context, lia_change *out)
{
    asking *ask = context;
    return lia_changes_next(&ask->walk, out);
}

static bool is_enough(void *context)
{
    asking *ask = context;
    return ask->looked++ == ROWS_MAX;
}

static lia_err put_changes(asking *ask)
{
    const lia_call *call = ask->page.call;
    const lia_change_page_of of = {SIZE_MAX, next, put_change, is_enough, ask};
    lia_err err =
        lia_changes_open(&ask->walk, ask->rows, call->kind->number, call->id, ask->page.after);
    if (!err) err = lia_change_page_put(&ask->page, &of);
    lia_changes_close(&ask->walk);
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err put_page(asking *ask)
{
    bool left = false;
    const lia_call *call = ask->page.call;
    lia_buf *out = ask->page.out;
    lia_buf_text(out, "{\"changes\":[");
    lia_err err = put_changes(ask);
    lia_buf_byte(out, ']');
    if (!err) err = lia_changes_left(ask->rows, call->kind->number, call->id, &left);
    if (left) lia_buf_text(out, ",\"left\":true");
    lia_change_page_put_token(&ask->page);
    lia_buf_byte(out, '}');
    return err;
}

static lia_err run(lia_work *work)
{
    asking *ask = work->context;
    lia_call *call = ask->page.call;
    lia_arena scratch;
    lia_shown shown;
    lia_err err = lia_arena_init(&scratch, SCRATCH_BYTES);
    ask->rows = &work->rows;
    ask->scratch = &scratch;
    ask->page.out = &work->out;
    if (!err) err = lia_shown_load(&shown, call->who, &work->rows, call->kind, call->id, &scratch);
    if (!err) lia_call_note_shown(call, &shown);
    if (err == LIA_EABSENT) lia_why_set(&work->why, err, "there is no such %s", call->kind->name);
    if (!err) err = put_page(ask);
    lia_arena_fini(&scratch);
    return err;
}

static bool read_field(asking *ask, lia_span name)
{
    lia_call *call = ask->page.call;
    if (!name.size) return true;
    ask->field = lia_field_by_name(call->kind->message, name);
    if (!ask->field)
        lia_call_invalid(call, "field: %s have no field '%.*s'", call->kind->plural,
                         name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
    return ask->field;
}

static bool read_question(asking *ask)
{
    lia_call *call = ask->page.call;
    uint64_t page_size = LIA_PAGE_SIZE_DEFAULT;
    lia_span field, token;
    if (!lia_call_param(call, "field", &field) || !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, &page_size))
        return false;
    const lia_span parts[] = {LIA_SPAN("history"), lia_span_text(call->kind->name),
                              lia_id_span(&call->id), field};
    ask->page.mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    ask->page.page_size = page_size;
    return read_field(ask, field) && lia_change_page_read_token(&ask->page, token);
}

void lia_api_history(lia_call *call)
{
    asking *ask = lia_arena_zero(call->arena, sizeof *ask);
    if (!ask) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    ask->page.call = call;
    if (read_question(ask)) lia_call_work(call, run, ask);
}
