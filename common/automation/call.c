/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/call.h"

#include "common/automation/request.h"
#include "common/automation/run.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

#define SECRET_BYTES_MAX 1000

static lia_err keep(lia_turn *turn, uint16_t kind, lia_id id, const void *message, lia_id customer)
{
    Automation__HttpKept fact = AUTOMATION__HTTP_KEPT__INIT;
    lia_err err = lia_record(turn, kind, id, message);
    if (err) return err;
    LIA_SET_ID(&fact, record, &id);
    if (!lia_id_is_none(customer)) lia_about(turn, customer);
    return lia_tell(turn, &fact);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static lia_id call_id(lia_id run_id, const Automation__Run *run)
{
    const lia_doing doing = {.run_id = run_id, .run = run};
    return lia_step_id(&doing, "automation.call");
}

static lia_err keep_call(lia_turn *turn, lia_id id, const Automation__HttpCall *call)
{
    return keep(turn, LIA_HTTP_CALL, id, call,
                call->has_customer ? lia_id_in(call->customer) : LIA_ID_NONE);
}

lia_err lia_call_begin(lia_doing *doing, int64_t until_ms)
{
    lia_turn *turn = doing->turn;
    const lia_subject *subject = doing->subject;
    Automation__HttpCall call = AUTOMATION__HTTP_CALL__INIT;
    lia_why why = {{0}};
    lia_err err =
        lia_request_fill(&call, doing->step, subject->sees, &subject->filter, turn->arena, &why);
    doing->input = lia_arena_text(turn->arena, "%s %s", lia_request_method(doing->step->request),
                                  call.url ? call.url : doing->step->url);
    if (err) return lia_turn_fail(turn, err, "%s", why.text);
    if (doing->run->has_customer) LIA_SET(&call, customer, doing->run->customer);
    LIA_SET_ID(&call, run, &doing->run_id);
    LIA_SET(&call, node, lia_turn_member(turn));
    LIA_SET(&call, until, until_ms);
    return keep_call(turn, call_id(doing->run_id, doing->run), &call);
}

lia_err lia_call_load(lia_turn *turn, lia_id run, const Automation__Run *state,
                      Automation__HttpCall **out)
{
    return lia_load(turn, LIA_HTTP_CALL, call_id(run, state), out);
}

lia_err lia_call_take_over(lia_turn *turn, lia_id run, const Automation__Run *state,
                           Automation__HttpCall *call)
{
    LIA_SET(call, node, lia_turn_member(turn));
    return keep_call(turn, call_id(run, state), call);
}

/* What was asked is not needed any more, and is nobody's to read. */
static void blank(Automation__HttpCall *call)
{
    LIA_CLEAR(call, node);
    call->url = call->body = NULL;
    call->n_headers = call->n_takes = 0;
}

lia_err lia_call_drop(lia_turn *turn, lia_id run, const Automation__Run *state)
{
    Automation__HttpCall *call;
    lia_err err = lia_call_load(turn, run, state, &call);
    if (err || !call->node) return err == LIA_EABSENT ? LIA_OK : err;
    blank(call);
    return keep_call(turn, call_id(run, state), call);
}

lia_err lia_call_settle(lia_turn *turn, const void *request)
{
    const Automation__SettleHttpCall *ask = request;
    lia_id id = lia_id_in(ask->call);
    Automation__HttpCall *call;
    lia_err err = lia_load(turn, LIA_HTTP_CALL, id, &call);
    if (err || !call->node) return err == LIA_EABSENT ? LIA_OK : err; /* settled, or given up */
    blank(call);
    LIA_SET(call, answered, true);
    LIA_SET(call, status, ask->status);
    call->error = ask->error;
    call->values = ask->values;
    call->n_values = ask->n_values;
    err = keep_call(turn, id, call);
    return err ? err
               : lia_job_set(turn, LIA_RUN_JOB, lia_id_in(call->run), turn->now, LIA_SPAN_NONE);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static lia_id value_id(lia_id secret)
{
    return lia_id_derive("automation.http_secret", lia_id_span(&secret));
}

/* Who changes where it goes to must know it: otherwise they could have it sent to them. */
lia_err lia_http_secret_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Automation__HttpSecret *was = before;
    Automation__HttpSecret *secret = after;
    lia_why why = {{0}};
    (void)id;
    lia_err err = lia_request_secret_check(secret->to ? secret->to : "", &why);
    if (err) return lia_turn_fail(turn, err, "%s", why.text);
    if (was && was->has_value && strcmp(was->to ? was->to : "", secret->to) != 0)
        return lia_turn_fail(turn, LIA_EINVAL,
                             "to: take its value away before it goes somewhere else");
    return LIA_OK;
}

lia_err lia_http_secret_set(lia_turn *turn, const void *request)
{
    const Automation__SetHttpSecretValue *ask = request;
    lia_id id = lia_id_in(ask->secret);
    Automation__HttpSecret *secret;
    Automation__HttpSecretValue value = AUTOMATION__HTTP_SECRET_VALUE__INIT;
    bool has = !lia_text_is_empty(ask->value);
    if (has && strlen(ask->value) > SECRET_BYTES_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "value: at most %d bytes are taken",
                             SECRET_BYTES_MAX);
    for (const char *at = has ? ask->value : ""; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return lia_turn_fail(turn, LIA_EINVAL, "value: one line is wanted");
    lia_err err = lia_load(turn, LIA_HTTP_SECRET, id, &secret);
    if (err) return err;
    LIA_SET_ID(&value, secret, &id);
    value.value = has ? ask->value : NULL;
    err = keep(turn, LIA_HTTP_SECRET_VALUE, value_id(id), &value, LIA_ID_NONE);
    lia_turn_answer(turn, LIA_HTTP_SECRET, id);
    if (err || secret->has_value == has) return err;
    secret->has_has_value = true;
    secret->has_value = has;
    err = lia_record(turn, LIA_HTTP_SECRET, id, secret);
    if (err) return err;
    Crm__RecordChanged fact = CRM__RECORD_CHANGED__INIT;
    LIA_SET(&fact, kind, LIA_HTTP_SECRET);
    LIA_SET_ID(&fact, record, &id);
    return lia_tell(turn, &fact);
}

lia_err lia_http_secret_read(const lia_rows *rows, lia_id id, lia_arena *arena,
                             const Automation__HttpSecret **record, const char **value)
{
    ProtobufCMessage *secret = NULL, *kept = NULL;
    lia_err err = lia_record_read(rows, LIA_HTTP_SECRET, id, arena, &secret);
    if (!err) err = lia_record_read(rows, LIA_HTTP_SECRET_VALUE, value_id(id), arena, &kept);
    if (err) return err;
    *record = (const Automation__HttpSecret *)secret;
    *value = kept ? ((const Automation__HttpSecretValue *)kept)->value : NULL;
    return secret && !(*record)->archived && !lia_text_is_empty(*value) ? LIA_OK : LIA_EABSENT;
}
