/* SPDX-License-Identifier: Apache-2.0 */
/* POST /rules/{id}:dryRun {"days": 30}     what the rule would have done, had it been there
 *
 * A dry run may look at a million events. It goes slice by slice, each on a worker thread over a
 * snapshot of its own, so that nobody waits for it and no old page is held for it; two at a time at
 * most. */
#include "common/automation/dry.h"
#include "common/base/assert.h"
#include "common/http/api_inner.h"

#define DRY_RUNS_MAX 2
#define DAYS         30

typedef struct dry_run {
    lia_call *call;
    lia_dry *dry;
    unsigned days;
    lia_rows rows;
    lia_err err;
    bool more;
    uv_work_t job;
} dry_run;

/* ---- the answer -------------------------------------------------------------------------------
 */

static void put_example(lia_buf *out, const lia_dry_example *example)
{
    char position[LIA_POSITION_TEXT_SIZE];
    lia_buf_text(out, "{\"at\":");
    lia_json_put_time(out, example->time);
    lia_buf_text(out, ",\"record\":");
    lia_json_put_id(out, example->record);
    if (!lia_id_is_none(example->customer)) {
        lia_buf_text(out, ",\"customer\":");
        lia_json_put_id(out, example->customer);
    }
    if (example->event.seq) {
        lia_position_print(example->event, position);
        lia_buf_format(out, ",\"event\":\"%s\"", position);
    }
    lia_buf_byte(out, '}');
}

/* What each run would do first: the plan's steps by name. */
static void put_steps(lia_buf *out, const Automation__Plan *plan)
{
    const lia_field *action =
        lia_field_by_name(lia_message_find("liaison.automation.Step"), LIA_SPAN("action"));
    lia_buf_text(out, ",\"steps\":[");
    for (size_t i = 0; i < plan->n_steps; i++) {
        lia_buf_format(out, "%s{\"name\":", i ? "," : "");
        lia_json_put_text(out, lia_span_text(plan->steps[i]->name));
        lia_buf_format(out, ",\"action\":\"%s\"}",
                       lia_enum_name(action->enumeration, plan->steps[i]->action));
    }
    lia_buf_byte(out, ']');
}

static void put_dry(lia_buf *out, const dry_run *run)
{
    const lia_dry *dry = run->dry;
    lia_buf_format(out, "{\"runs\":%llu,\"days\":[", (unsigned long long)dry->runs);
    for (unsigned i = 0; i < run->days; i++)
        lia_buf_format(out, "%s%llu", i ? "," : "", (unsigned long long)dry->days[i]);
    lia_buf_text(out, "],\"examples\":[");
    for (size_t i = 0; i < dry->example_count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_example(out, &dry->examples[i]);
    }
    lia_buf_byte(out, ']');
    put_steps(out, dry->rule.plan);
    lia_buf_format(out, ",\"looked_at\":%llu,\"complete\":%s,\"as_of_now\":%s",
                   (unsigned long long)dry->looked, dry->stopped ? "false" : "true",
                   dry->as_of_now ? "true" : "false");
    if (dry->stopped) {
        lia_buf_text(out, ",\"stopped\":");
        lia_json_put_text(out, lia_span_text(dry->stopped));
    }
    lia_buf_byte(out, '}');
}

/* ---- slices -----------------------------------------------------------------------------------
 */

static void end(dry_run *run, lia_err err)
{
    lia_api *api = run->call->api;
    lia_dry *dry = run->dry;
    lia_buf out = lia_buf_make(run->call->arena);
    if (!err) put_dry(&out, run);
    if (err)
        lia_call_fail(run->call, err, NULL);
    else
        lia_call_json(run->call, &out);
    lia_dry_close(dry);
    api->dry_runs--;
    lia_api_worked(api);
}

static void work(uv_work_t *job)
{
    dry_run *run = job->data;
    lia_catalog_use(run->call->catalog);
    run->err = lia_dry_slice(run->dry, &run->rows, &run->more);
    lia_node_scan_end(&run->rows);
}

static void next(dry_run *run);

static void worked(uv_work_t *job, int status)
{
    dry_run *run = job->data;
    (void)status;
    if (run->err || !run->more)
        end(run, run->err);
    else
        next(run);
}

static void next(dry_run *run)
{
    lia_api *api = run->call->api;
    lia_err err = api->closing ? LIA_ECLOSED : lia_node_scan(api->node, &run->rows);
    if (err) {
        end(run, err);
        return;
    }
    int queued = uv_queue_work(api->loop, &run->job, work, worked);
    lia_assert(queued == 0);
}

/* ---- the question -----------------------------------------------------------------------------
 */

static lia_err read_days(lia_call *call, unsigned *days, lia_why *why)
{
    lia_span body = lia_http_get_body(call->request);
    lia_json_object object;
    lia_pb_field field;
    lia_err err =
        lia_json_read(&object, lia_message_find("liaison.automation.DryRunRule"), LIA_JSON_COMMAND,
                      body.size ? body : LIA_SPAN("{}"), call->arena, why);
    if (err) return err;
    *days = lia_pb_find(object.message, 1, &field) ? (unsigned)field.value : DAYS;
    if (*days && *days <= LIA_DRY_DAYS_MAX) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "days: 1 to %d are wanted", LIA_DRY_DAYS_MAX);
}

static lia_err open_dry(dry_run *run, lia_why *why)
{
    lia_call *call = run->call;
    lia_rows rows;
    lia_span rule;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_rows_message(&rows, lia_kind_find(LIA_RULE), call->id, call->arena, &rule, NULL);
    lia_node_read_end(call->api->node, &rows);
    if (err) return err;
    return lia_dry_open(&run->dry, rule, lia_node_visible(call->api->node), lia_time_now(),
                        run->days, why);
}

void lia_api_dry_run(lia_call *call)
{
    lia_why why = {{0}};
    lia_api *api = call->api;
    if (lia_http_get_body(call->request).size && !lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    if (api->dry_runs >= DRY_RUNS_MAX) {
        lia_why_set(&why, LIA_EBUSY, "%d dry runs are under way; try again shortly", DRY_RUNS_MAX);
        lia_call_fail(call, LIA_EBUSY, &why);
        return;
    }
    dry_run *run = lia_arena_zero(call->arena, sizeof *run);
    lia_err err = run ? read_days(call, &run->days, &why) : LIA_EFULL;
    if (!err) {
        run->call = call;
        run->job.data = run;
        err = open_dry(run, &why);
    }
    if (err) {
        lia_call_fail(call, err, &why);
        return;
    }
    api->at_work++;
    api->dry_runs++;
    next(run);
}
