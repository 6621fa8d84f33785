/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/automation.h"

#include "common/automation/call.h"
#include "common/automation/clock.h"
#include "common/automation/rule.h"
#include "common/automation/run.h"
#include "common/automation/trigger.h"
#include "common/node/fields.h"
#include "common/wire/pb.h"

/* ---- rules and flows, as they are written ------------------------------------------------------
 */

/* The request of a verb that runs here. Of other departments' kinds nothing is known. */
static const lia_message *find_verb(void *context, const lia_kind *kind, const char *verb,
                                    bool *refuse)
{
    lia_turn *turn = context;
    const lia_command_row *row = lia_turn_verb(turn, kind->number, lia_span_text(verb), false);
    *refuse = !row && (kind->owner == LIA_DEPARTMENT_ANY || kind->owner == turn->department);
    return row ? lia_message_find(row->request->name) : NULL;
}

static lia_err prepare_rule(lia_turn *turn, lia_id id, const void *before, void *after)
{
    lia_why why = {{0}};
    lia_plan_place place = {.verb = find_verb, .context = turn, .arena = turn->arena};
    lia_err err = lia_rule_complete(before, after, id, turn->now, &place, &why);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}

static lia_err prepare_flow(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)before;
    lia_why why = {{0}};
    lia_plan_place place = {.verb = find_verb, .context = turn, .arena = turn->arena};
    lia_err err = lia_flow_complete(after, id, &place, &why);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}

/* ---- verbs ------------------------------------------------------------------------------------
 */

static const lia_refusal_text FLOW_IS_OFF[1] = {
    {"flow-is-off",
     "The flow is not enabled, archived, or another department's: it starts there."}};

static lia_err start_flow(lia_turn *turn, const void *request)
{
    const Automation__StartFlow *ask = request;
    lia_book *book;
    lia_err err = lia_book_open(turn, &book);
    if (err) return err;
    const lia_definition *flow = lia_book_find(book, lia_id_in(ask->flow));
    if (!flow) return lia_refuse(turn, FLOW_IS_OFF);
    lia_id run = lia_turn_new_id(turn);
    const lia_start start = {.definition = flow->id,
                             .kind = flow->kind->number,
                             .record = lia_id_in(ask->record),
                             .depth = 1};
    err = lia_run_begin(turn, book, flow, run, &start);
    if (err == LIA_EABSENT)
        return lia_turn_fail(turn, LIA_EINVAL, "record: there is no such %s", flow->kind->name);
    if (!err) lia_turn_answer(turn, LIA_RUN, run);
    return err;
}

static lia_err retry_run(lia_turn *turn, const void *request)
{
    return lia_run_retry(turn, lia_id_in(((const Automation__RetryRun *)request)->run));
}

static lia_err cancel_run(lia_turn *turn, const void *request)
{
    return lia_run_cancel(turn, lia_id_in(((const Automation__CancelRun *)request)->run));
}

/* ---- figures ----------------------------------------------------------------------------------
 */

static lia_err count_runs(const lia_rows *rows, Automation__RunState state, size_t *count,
                          bool *more)
{
    uint8_t bytes[10];
    lia_span value = lia_span_make(bytes, lia_varint_put(bytes, (uint64_t)state));
    const lia_field *field = lia_field_by_name(lia_kind_find(LIA_RUN)->message, LIA_SPAN("state"));
    lia_key prefix = lia_key_index_value(LIA_RUN, field, value);
    lia_scan *scan;
    lia_span key, row;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < LIA_RUN_FIGURES_MAX && lia_scan_next(scan, &key, &row)) ++*count;
    *more |= *count == LIA_RUN_FIGURES_MAX && lia_scan_next(scan, &key, &row);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_run_figures_read(lia_run_figures *out, const lia_rows *rows)
{
    *out = (lia_run_figures){0};
    lia_err err =
        count_runs(rows, AUTOMATION__RUN_STATE__RUN_STATE_FAILED, &out->failed, &out->more);
    if (!err)
        err = count_runs(rows, AUTOMATION__RUN_STATE__RUN_STATE_WAITING, &out->waiting, &out->more);
    if (!err)
        err = count_runs(rows, AUTOMATION__RUN_STATE__RUN_STATE_RUNNING, &out->running, &out->more);
    return err;
}

/* ---- tables -----------------------------------------------------------------------------------
 */

enum { SETTLE = 4 };

static const lia_command_row commands[] = {
    {"run.start", "", LIA_RUN, true, &automation__start_flow__descriptor, start_flow,
     "Starts a flow about a record."},
    {"run.retry", "retry", LIA_RUN, false, &automation__retry_run__descriptor, retry_run,
     "Goes on with a failed run at the step that failed."},
    {"run.cancel", "cancel", LIA_RUN, false, &automation__cancel_run__descriptor, cancel_run,
     "Stops a run; what it has done stays done."},
    {"http_secret.set_value", "setValue", LIA_HTTP_SECRET, false,
     &automation__set_http_secret_value__descriptor, lia_http_secret_set,
     "Sets what HTTP steps send in a header; it is never shown again."},
    [SETTLE] = {"http_call.settle", "settle", LIA_HTTP_CALL, true,
                &automation__settle_http_call__descriptor, lia_call_settle,
                "Says what an address outside has answered."},
};

const lia_command_row *const lia_settle_call = &commands[SETTLE];

static const lia_rule_row rules[] = {
    {LIA_RULE, prepare_rule},
    {LIA_FLOW, prepare_flow},
    {LIA_HTTP_SECRET, lia_http_secret_prepare},
};

static const lia_listener_row listeners[] = {
    {"automation", lia_trigger_wants, lia_trigger_react},
};

static const lia_job_row jobs[] = {
    {LIA_RUN_JOB, lia_run_go_on, 0},
    {LIA_CLOCK_JOB, lia_clock_ring, 0},
};

const lia_service lia_automation = {
    .name = "automation",
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .listeners = listeners,
    .listener_count = LIA_COUNT(listeners),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .backgrounds = &lia_automation_background,
    .background_count = 1,
};
