/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}/{id}?as_of=: the record as all events up to then say it was. An instant means the
 * end of its millisecond, a position everything that is not above that event in the order of
 * stamps. Both depend on the events alone, so the same question has the same answer at every node
 * that holds them.
 *
 * Lists are not served so: indexes know the present only, and finding who would have been in a list
 * means looking at the history of every record of the kind. */
#include "common/http/api_audit.h"
#include "common/http/api_history.h"
#include "common/node/changes.h"

#define SCRATCH_BYTES ((size_t)32 << 20)

typedef struct asking {
    lia_call *call;
    bool is_position;
    lia_position position;
    lia_stamp limit;
} asking;

static lia_err fail(lia_work *work, lia_err err, const char *text)
{
    return lia_why_set(&work->why, err, "%s", text);
}

static void put_unknown(lia_buf *out, const lia_shown *shown, const lia_past *past)
{
    size_t told = 0;
    for (size_t i = 0; i < past->unknown_count; i++) {
        const lia_field *field = lia_field_find(shown->kind->message, past->unknown[i]);
        if (!field) continue;
        lia_buf_format(out, "%s\"%s\"", told++ ? "," : ",\"unknown\":[", field->name);
    }
    if (told) lia_buf_byte(out, ']');
}

static void put_record(lia_work *work, const asking *ask, const lia_shown *shown,
                       const lia_past *past)
{
    lia_buf *out = &work->out;
    lia_buf_byte(out, '{');
    lia_shown_put(out, work->call->api, shown, LIA_SHOW_CONFLICTS | LIA_SHOW_HISTORY);
    lia_buf_text(out, ",\"as_of\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(ask->limit.hlc)});
    put_unknown(out, shown, past);
    lia_buf_byte(out, '}');
}

/* Who may see the record now may see what it was, as far as they may see its fields now. */
static lia_err answer(lia_work *work, asking *ask, lia_arena *scratch)
{
    lia_call *call = ask->call;
    lia_shown shown;
    lia_past past;
    lia_time made;
    lia_err err =
        lia_shown_load(&shown, call->who, &work->rows, call->kind, call->id, &work->arena);
    if (err == LIA_EABSENT) return fail(work, err, "there is no such record");
    if (!err && ask->is_position)
        err = lia_stamp_of_position(&work->rows, ask->position, &work->arena, &ask->limit);
    if (err == LIA_EABSENT) return fail(work, err, "as_of: that event is not in the log here");
    if (err) return err;
    bool later = lia_id_time(call->id, &made.ms) && made.ms > (int64_t)lia_hlc_ms(ask->limit.hlc);
    err = later ? LIA_EABSENT
                : lia_past_read(&past, &work->rows, call->kind->number, call->id, &ask->limit,
                                &work->arena, scratch);
    if (err == LIA_EABSENT) return fail(work, err, "the record was not there yet");
    if (err == LIA_EREFUSED)
        return fail(work, err, "it was changed more often up to then than is read for one answer");
    if (!err) err = lia_shown_become(&shown, &past.record, &work->arena);
    if (err) return err;
    lia_call_note_shown(call, &shown);
    put_record(work, ask, &shown, &past);
    return LIA_OK;
}

static lia_err run(lia_work *work)
{
    lia_arena scratch;
    lia_err err = lia_arena_init(&scratch, SCRATCH_BYTES);
    if (!err) err = answer(work, work->context, &scratch);
    lia_arena_fini(&scratch);
    return err;
}

static bool read_moment(asking *ask, lia_span text)
{
    lia_time time;
    ask->is_position = lia_position_parse(text, &ask->position) == LIA_OK;
    if (ask->is_position) return true;
    if (lia_time_parse(text, &time)) {
        lia_call_invalid(ask->call, "as_of: an instant, a date or the position of an event is "
                                    "wanted, as in 2026-11-01T00:00:00Z");
        return false;
    }
    if (time.ms < 0 || time.ms > lia_time_now().ms) {
        lia_call_invalid(ask->call, "as_of: that is not in the past");
        return false;
    }
    ask->limit = lia_stamp_at(time);
    return true;
}

bool lia_call_past(lia_call *call)
{
    lia_span text;
    if (!lia_call_param(call, "as_of", &text)) return true;
    if (!text.size) return false;
    asking *ask = lia_arena_zero(call->arena, sizeof *ask);
    if (!ask) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return true;
    }
    ask->call = call;
    if (read_moment(ask, text)) lia_call_work(call, run, ask);
    return true;
}
