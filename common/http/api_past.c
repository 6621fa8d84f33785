/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}/{id}?as_of=: the record as all events up to then say it was. An instant means the
 * end of its millisecond, a position everything that is not above that event in the order of
 * stamps. Both depend on the events alone, so the same question has the same answer at every node
 * that holds them. */
#include "common/http/api_audit.h"
#include "common/http/api_golden.h"
#include "common/http/api_history.h"
#include "common/node/changes.h"

#define SCRATCH_BYTES ((size_t)32 << 20)

typedef struct asking {
    lia_call *call;
    lia_moment_ask moment;
    bool alone;
} asking;

static lia_err fail(lia_work *work, lia_err err, const char *text)
{
    return lia_why_set(&work->why, err, "%s", text);
}

lia_err lia_shown_past(lia_shown *shown, const lia_rows *rows, const lia_moment *moment,
                       lia_arena *arena, lia_buf *unknown)
{
    lia_past past;
    lia_time made;
    bool later =
        lia_id_time(shown->id, &made.ms) && made.ms > (int64_t)lia_hlc_ms(moment->limit.hlc);
    if (later) return LIA_EABSENT;
    lia_err err = lia_past_read(&past, rows, shown->kind->number, shown->id, &moment->limit, arena,
                                moment->scratch);
    if (moment->looked) *moment->looked += past.looked;
    if (err) return err;
    lia_buf_add(unknown, past.unknown, past.unknown_count * sizeof *past.unknown);
    return unknown->failed ? LIA_EFULL : lia_shown_become(shown, &past.record, arena);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void put_unknown(lia_buf *out, const lia_message *schema, const lia_buf *unknown)
{
    const uint32_t *numbers = (const uint32_t *)(const void *)unknown->data;
    size_t told = 0;
    for (size_t i = 0; i < unknown->size / sizeof *numbers; i++) {
        const lia_field *field = lia_field_find(schema, numbers[i]);
        bool again = false; /* of another record of the customer */
        for (size_t j = 0; j < i; j++) again |= numbers[j] == numbers[i];
        if (!field || again) continue;
        lia_buf_format(out, "%s\"%s\"", told++ ? "," : ",\"unknown\":[", field->name);
    }
    if (told) lia_buf_byte(out, ']');
}

static lia_err put_one(lia_work *work, lia_shown *shown, const lia_moment *moment, lia_buf *unknown)
{
    lia_err err = lia_shown_past(shown, &work->rows, moment, &work->arena, unknown);
    if (!err)
        lia_shown_put(&work->out, work->call->api, shown, LIA_SHOW_CONFLICTS | LIA_SHOW_HISTORY);
    return err;
}

/* A customer who is several records: the golden view of what they were. Who is one customer is as
 * of now, since that is what the request names. */
static lia_err put_customer(lia_work *work, lia_shown *shown, const lia_moment *moment,
                            lia_buf *unknown)
{
    const asking *ask = work->context;
    const lia_call *call = work->call;
    lia_whole whole;
    lia_golden_told told;
    lia_err err =
        lia_whole_find(&whole, call->who, &work->rows, call->id, ask->alone, &work->arena);
    if (err) return err;
    if (whole.count < 2) return put_one(work, shown, moment, unknown);
    whole.as_of = moment;
    err = lia_golden_put(&work->out, call->api, call->who, &work->rows, &whole, call->id,
                         &work->arena, &told);
    if (!err) *unknown = told.unknown;
    return err;
}

static lia_err put(lia_work *work, lia_shown *shown, const lia_moment *moment)
{
    lia_buf *out = &work->out, unknown = lia_buf_make(&work->arena);
    lia_buf_byte(out, '{');
    lia_err err = shown->kind->number == LIA_CUSTOMER ? put_customer(work, shown, moment, &unknown)
                                                      : put_one(work, shown, moment, &unknown);
    lia_buf_text(out, ",\"as_of\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(moment->limit.hlc)});
    put_unknown(out, shown->kind->message, &unknown);
    lia_buf_byte(out, '}');
    return err;
}

/* Who may see the record now may see what it was, as far as they may see its fields now. */
static lia_err answer(lia_work *work, lia_moment *moment)
{
    const asking *ask = work->context;
    lia_call *call = ask->call;
    lia_shown shown;
    lia_err err =
        lia_shown_load(&shown, call->who, &work->rows, call->kind, call->id, &work->arena);
    if (err == LIA_EABSENT) return fail(work, err, "there is no such record");
    if (!err) err = lia_moment_find(&ask->moment, &work->rows, &work->arena, &moment->limit);
    if (err == LIA_EABSENT) return fail(work, err, "as_of: that event is not in the log here");
    if (err) return err;
    lia_call_note_shown(call, &shown);
    err = put(work, &shown, moment);
    if (err == LIA_EABSENT) return fail(work, err, "the record was not there yet");
    if (err == LIA_EREFUSED)
        return fail(work, err, "it was changed more often up to then than is read for one answer");
    return err;
}

static lia_err run(lia_work *work)
{
    lia_arena scratch;
    lia_err err = lia_arena_init(&scratch, SCRATCH_BYTES);
    lia_moment moment = {.scratch = &scratch};
    if (!err) err = answer(work, &moment);
    lia_arena_fini(&scratch);
    return err;
}

bool lia_call_moment(lia_call *call, lia_span text, lia_moment_ask *out)
{
    lia_time time;
    out->is_position = lia_position_parse(text, &out->position) == LIA_OK;
    if (out->is_position) return true;
    if (lia_time_parse(text, &time)) {
        lia_call_invalid(call, "as_of: an instant, a date or the position of an event is "
                               "wanted, as in 2026-11-01T00:00:00Z");
        return false;
    }
    if (time.ms < 0 || time.ms > lia_time_now().ms) {
        lia_call_invalid(call, "as_of: that is not in the past");
        return false;
    }
    out->limit = lia_stamp_at(time);
    return true;
}

lia_err lia_moment_find(const lia_moment_ask *ask, const lia_rows *rows, lia_arena *arena,
                        lia_stamp *limit)
{
    *limit = ask->limit;
    return ask->is_position ? lia_stamp_of_position(rows, ask->position, arena, limit) : LIA_OK;
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
    if (lia_call_moment(call, text, &ask->moment) && lia_call_flag(call, "alone", &ask->alone))
        lia_call_work(call, run, ask);
    return true;
}
