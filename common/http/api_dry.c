/* SPDX-License-Identifier: Apache-2.0 */
/* POST /rules/{id}:dryRun {"days": 30}     what the rule would have done, had it been there
 * POST /flows/{id}:dryRun                  the same of a flow
 *
 * A dry run may look at a million events. It goes slice by slice, each on a worker thread over a
 * snapshot of its own, so that nobody waits for it and no old page is held for it; two at a time at
 * most. */
#include "common/automation/trial.h"
#include "common/base/assert.h"
#include "common/http/api_inner.h"

#define DRY_RUNS_MAX 2
#define DAYS         30

typedef struct dry_run {
    lia_call *call;
    lia_trial *trial;
    unsigned days;
    lia_rows rows;
    lia_err err;
    bool more;
    uv_work_t job;
} dry_run;

/* ---- the answer -------------------------------------------------------------------------------
 */

static const char *action_name(Automation__Action action)
{
    const lia_field *field =
        lia_field_by_name(lia_message_find("liaison.automation.Step"), LIA_SPAN("action"));
    return lia_enum_name(field->enumeration, action);
}

static void put_way(lia_buf *out, const lia_way *way);

static void put_way_step(lia_buf *out, const lia_way_step *step)
{
    lia_buf_text(out, "{\"step\":");
    lia_json_put_text(out, lia_span_text(step->step->name));
    lia_buf_format(out, ",\"action\":\"%s\",\"at\":", action_name(step->step->action));
    lia_json_put_time(out, step->at);
    lia_buf_format(out, ",\"outcome\":\"%s\"", lia_way_outcome_name(step->outcome));
    if (step->of_rule) lia_buf_text(out, ",\"of_rule\":true");
    if (step->until.ms) {
        lia_buf_text(out, ",\"until\":");
        lia_json_put_time(out, step->until);
    }
    if (step->ways) lia_buf_text(out, ",\"ways\":[");
    for (const lia_way *way = step->ways; way; way = way->next) {
        lia_buf_format(out, "%s{\"when\":\"%s\",\"way\":", way == step->ways ? "" : ",", way->when);
        put_way(out, way);
        lia_buf_byte(out, '}');
    }
    lia_buf_text(out, step->ways ? "]}" : "}");
}

/* As deep as ways fork (LIA_WAY_FORKS_MAX). */
static void put_way(lia_buf *out, const lia_way *way)
{
    lia_buf_byte(out, '[');
    for (const lia_way_step *step = way->first; step; step = step->next) {
        if (step != way->first) lia_buf_byte(out, ',');
        put_way_step(out, step);
    }
    lia_buf_byte(out, ']');
}

static void put_example(lia_buf *out, const lia_trial *trial, const lia_trial_example *example)
{
    char position[LIA_POSITION_TEXT_SIZE];
    const lia_dry_example *what = &example->what;
    lia_buf_text(out, "{\"at\":");
    lia_json_put_time(out, what->time);
    lia_buf_text(out, ",\"record\":");
    lia_json_put_id(out, what->record);
    if (!lia_id_is_none(what->customer)) {
        lia_buf_text(out, ",\"customer\":");
        lia_json_put_id(out, what->customer);
    }
    if (what->event.seq) {
        lia_position_print(what->event, position);
        lia_buf_format(out, ",\"event\":\"%s\"", position);
    }
    if (trial->starter_count) {
        lia_buf_text(out, ",\"rule\":");
        lia_json_put_id(out, trial->starters[example->starter].rule);
    }
    if (example->way) {
        lia_buf_text(out, ",\"way\":");
        put_way(out, example->way);
    }
    lia_buf_byte(out, '}');
}

/* The plan's steps by name, and through how many of the ways they are. */
static void put_steps(lia_buf *out, const lia_trial *trial)
{
    lia_buf_text(out, ",\"steps\":[");
    for (size_t i = 0; i < trial->plan->n_steps; i++) {
        lia_buf_format(out, "%s{\"name\":", i ? "," : "");
        lia_json_put_text(out, lia_span_text(trial->plan->steps[i]->name));
        lia_buf_format(out, ",\"action\":\"%s\",\"reached\":%u,\"maybe\":%u}",
                       action_name(trial->plan->steps[i]->action), trial->reached[i],
                       trial->maybe[i]);
    }
    lia_buf_format(out, "],\"ways\":%zu", trial->ways);
}

static void put_starters(lia_buf *out, const lia_trial *trial)
{
    lia_buf_text(out, ",\"started_by\":[");
    for (size_t i = 0; i < trial->starter_count; i++) {
        lia_buf_text(out, i ? ",{\"rule\":" : "{\"rule\":");
        lia_json_put_id(out, trial->starters[i].rule);
        lia_buf_text(out, ",\"name\":");
        lia_json_put_text(out, lia_span_text(trial->starters[i].name));
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

static void put_trial(lia_buf *out, const dry_run *run)
{
    const lia_trial *trial = run->trial;
    lia_buf_format(out, "{\"runs\":%llu,\"days\":[", (unsigned long long)trial->runs);
    for (unsigned i = 0; i < run->days; i++)
        lia_buf_format(out, "%s%llu", i ? "," : "", (unsigned long long)trial->days[i]);
    lia_buf_text(out, "],\"examples\":[");
    for (size_t i = 0; i < trial->example_count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_example(out, trial, &trial->examples[i]);
    }
    lia_buf_byte(out, ']');
    put_steps(out, trial);
    if (trial->is_flow) put_starters(out, trial);
    lia_buf_format(out, ",\"looked_at\":%llu,\"complete\":%s,\"as_of_now\":%s",
                   (unsigned long long)trial->looked, trial->stopped ? "false" : "true",
                   trial->as_of_now ? "true" : "false");
    if (trial->stopped) {
        lia_buf_text(out, ",\"stopped\":");
        lia_json_put_text(out, lia_span_text(trial->stopped));
    }
    lia_buf_byte(out, '}');
}

/* ---- slices -----------------------------------------------------------------------------------
 */

static void end(dry_run *run, lia_err err)
{
    lia_api *api = run->call->api;
    lia_trial *trial = run->trial;
    lia_buf out = lia_buf_make(run->call->arena);
    if (!err) put_trial(&out, run);
    if (err)
        lia_call_fail(run->call, err, NULL);
    else
        lia_call_json(run->call, &out);
    lia_trial_close(trial);
    api->dry_runs--;
    lia_api_worked(api);
}

static void work(uv_work_t *job)
{
    dry_run *run = job->data;
    lia_catalog_use(run->call->catalog);
    run->err = lia_trial_slice(run->trial, &run->rows, &run->more);
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
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_trial_open(&run->trial, &rows, call->kind->number, call->id,
                         lia_node_visible(call->api->node), lia_time_now(), run->days, why);
    lia_node_read_end(call->api->node, &rows);
    return err;
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
