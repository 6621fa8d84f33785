/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/trial.h"

#include <stdlib.h>

#include "common/automation/rule.h"
#include "common/node/fields.h"
#include "common/wire/unpack.h"

/* Address space, not memory. */
#define ARENA_BYTES   ((size_t)64 << 20)
#define SCRATCH_BYTES ((size_t)16 << 20)

static_assert(LIA_PLAN_STEPS_MAX <= LIA_COUNT(((lia_trial *)0)->reached), "a place for each step");

/* ---- what is added up ------------------------------------------------------------------------ */

/* Those of all starters, the newest first. */
static void add_example(lia_trial *trial, const lia_dry_example *what)
{
    size_t at = trial->example_count;
    while (at && trial->examples[at - 1].what.time.ms < what->time.ms) at--;
    if (at == LIA_DRY_EXAMPLES_MAX) return;
    if (trial->example_count < LIA_DRY_EXAMPLES_MAX) trial->example_count++;
    memmove(&trial->examples[at + 1], &trial->examples[at],
            (trial->example_count - 1 - at) * sizeof *trial->examples);
    trial->examples[at] = (lia_trial_example){.what = *what, .starter = trial->at};
}

static void add_up(lia_trial *trial)
{
    const lia_dry *dry = trial->dry;
    trial->looked += dry->looked;
    trial->runs += dry->runs;
    trial->as_of_now |= dry->as_of_now;
    if (dry->stopped) trial->stopped = dry->stopped;
    for (size_t i = 0; i < LIA_DRY_DAYS_MAX; i++) trial->days[i] += dry->days[i];
    for (size_t i = 0; i < dry->example_count; i++) add_example(trial, &dry->examples[i]);
}

static lia_err begin_next(lia_trial *trial, lia_why *why)
{
    return lia_dry_open(&trial->dry, trial->starters[trial->at].message, trial->newest, trial->now,
                        trial->days_back, why);
}

/* ---- ways ------------------------------------------------------------------------------------ */

static void note_steps(const lia_trial *trial, const lia_way *way, bool sure, uint64_t *sures,
                       uint64_t *maybes)
{
    for (; way; way = way->next)
        for (const lia_way_step *step = way->first; step; step = step->next) {
            size_t at = lia_plan_find(trial->plan, step->step->name);
            if (step->outcome != LIA_WAY_EXITS && !step->of_rule)
                *(sure ? sures : maybes) |= UINT64_C(1) << at;
            note_steps(trial, step->ways, false, sures, maybes);
        }
}

static void count_steps(lia_trial *trial, const lia_way *way)
{
    uint64_t sures = 0, maybes = 0;
    note_steps(trial, way, true, &sures, &maybes);
    for (size_t i = 0; i < trial->plan->n_steps; i++) {
        trial->reached[i] += sures >> i & 1;
        trial->maybe[i] += (maybes & ~sures) >> i & 1;
    }
}

static lia_err find_way(lia_trial *trial, const lia_rows *rows)
{
    lia_beyond beyond;
    lia_trial_example *example = &trial->examples[trial->ways++];
    lia_err err = lia_beyond_open(&beyond, rows, trial->now);
    if (err) return err;
    const lia_way_ask ask = {.rows = rows,
                             .beyond = &beyond,
                             .kind = trial->kind,
                             .plan = trial->plan,
                             .exit = trial->exit,
                             .rule = trial->starters[example->starter].plan,
                             .flow = trial->flow,
                             .record = example->what.record,
                             .began = example->what.time,
                             .now = trial->now};
    err = lia_way_find(&example->way, &ask, &trial->arena, trial->scratch);
    lia_beyond_close(&beyond);
    if (!err) count_steps(trial, example->way);
    if (err) example->way = NULL;
    return err == LIA_EIO || err == LIA_ECORRUPT ? err : LIA_OK; /* what is gone is not told */
}

/* ---- slices ---------------------------------------------------------------------------------- */

lia_err lia_trial_slice(lia_trial *trial, const lia_rows *rows, bool *more)
{
    lia_err err;
    *more = true;
    if (trial->dry) {
        bool goes_on;
        err = lia_dry_slice(trial->dry, rows, &goes_on);
        if (err || goes_on) return err;
        add_up(trial);
        lia_dry_close(trial->dry);
        trial->dry = NULL;
        size_t last = trial->starter_count ? trial->starter_count : 1;
        return ++trial->at < last ? begin_next(trial, NULL) : LIA_OK;
    }
    size_t most =
        trial->example_count < LIA_TRIAL_WAYS_MAX ? trial->example_count : LIA_TRIAL_WAYS_MAX;
    err = trial->ways < most ? find_way(trial, rows) : LIA_OK;
    *more = trial->ways < most;
    return err;
}

/* ---- what it begins with --------------------------------------------------------------------- */

static lia_err read_message(lia_trial *trial, const lia_rows *rows, uint16_t kind, lia_id id,
                            lia_span *bytes, void **out)
{
    const lia_kind *of = lia_kind_find(kind);
    lia_err err = lia_rows_message(rows, of, id, &trial->arena, bytes, NULL);
    if (err) return err == LIA_EGONE ? LIA_EABSENT : err;
    *out = (void *)lia_unpack(of->message->descriptor, *bytes, &trial->arena);
    return *out ? LIA_OK : LIA_EFULL;
}

static bool starts(const Automation__Rule *rule, const lia_trial *trial, lia_id flow)
{
    if (!rule->enabled || rule->archived || !rule->plan) return false;
    if (lia_kind_by_name(lia_span_text(rule->kind)) != trial->kind) return false;
    for (size_t i = 0; i < rule->plan->n_steps; i++)
        if (rule->plan->steps[i]->action == AUTOMATION__ACTION__ACTION_START &&
            lia_id_equal(lia_id_in(rule->plan->steps[i]->flow), flow))
            return true;
    return false;
}

static lia_err consider_rule(lia_trial *trial, const lia_rows *rows, lia_id id, lia_id flow)
{
    lia_span bytes;
    void *message;
    lia_err err = read_message(trial, rows, LIA_RULE, id, &bytes, &message);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    const Automation__Rule *rule = message;
    if (!starts(rule, trial, flow)) return LIA_OK;
    if (trial->starter_count == LIA_TRIAL_STARTERS_MAX) {
        trial->stopped = "more rules start it than one dry run looks at";
        return LIA_OK;
    }
    trial->starters[trial->starter_count++] =
        (lia_trial_starter){.rule = id, .name = rule->name, .message = bytes, .plan = rule->plan};
    return LIA_OK;
}

static lia_err find_starters(lia_trial *trial, const lia_rows *rows, lia_id flow)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    lia_scan *scan;
    lia_span key, row;
    lia_record_key at;
    lia_key prefix = lia_key_kind(LIA_RULE);
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &row)) {
        if (!lia_record_key_read(key, &at)) continue;
        lia_id id = at.id;
        err = consider_rule(trial, rows, id, flow);
        lia_key behind = lia_key_tag(LIA_RULE, id, BEHIND_ALL_TAGS);
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* A rule that would begin it with each record that is made. */
static lia_err as_if(lia_trial *trial, const Automation__Flow *flow)
{
    Automation__Rule rule = AUTOMATION__RULE__INIT;
    rule.name = flow->name;
    rule.kind = flow->kind;
    LIA_SET(&rule, department, flow->department);
    LIA_SET(&rule, trigger, AUTOMATION__TRIGGER__TRIGGER_CHANGE);
    LIA_SET(&rule, change, AUTOMATION__CHANGE_TYPE__CHANGE_TYPE_CREATED);
    rule.plan = flow->plan;
    uint8_t *bytes = lia_arena_take(&trial->arena, automation__rule__get_packed_size(&rule));
    if (!bytes) return LIA_EFULL;
    trial->starters[0].message = lia_span_make(bytes, automation__rule__pack(&rule, bytes));
    return LIA_OK;
}

static lia_err read_flow(lia_trial *trial, const lia_rows *rows, lia_id id, lia_why *why)
{
    lia_span bytes;
    void *message;
    lia_definition read;
    lia_err err = read_message(trial, rows, LIA_FLOW, id, &bytes, &message);
    if (err) return err;
    Automation__Flow *flow = message;
    LIA_SET(flow, enabled, true);
    LIA_SET(flow, archived, false);
    err = lia_flow_read(&read, flow, (lia_department)flow->department, &trial->arena, why);
    if (err) return err;
    trial->is_flow = true;
    trial->flow = id;
    trial->kind = read.kind;
    trial->plan = read.plan;
    trial->exit = read.exit;
    err = find_starters(trial, rows, id);
    return err || trial->starter_count ? err : as_if(trial, flow);
}

static lia_err read_rule(lia_trial *trial, const lia_rows *rows, lia_id id)
{
    void *message;
    lia_err err = read_message(trial, rows, LIA_RULE, id, &trial->starters[0].message, &message);
    if (err) return err;
    const Automation__Rule *rule = message;
    trial->kind = lia_kind_by_name(lia_span_text(rule->kind));
    trial->plan = rule->plan;
    return LIA_OK;
}

lia_err lia_trial_open(lia_trial **out, const lia_rows *rows, uint16_t kind, lia_id id,
                       uint64_t newest, lia_time now, unsigned days, lia_why *why)
{
    lia_trial *trial = calloc(1, sizeof *trial);
    *out = NULL;
    if (!trial) return LIA_EFULL;
    trial->now = now;
    trial->newest = newest;
    trial->days_back = days;
    lia_err err = lia_arena_init(&trial->arena, ARENA_BYTES);
    for (size_t i = 0; i < LIA_COUNT(trial->scratch) && !err; i++)
        err = lia_arena_init(&trial->scratch[i], SCRATCH_BYTES);
    if (!err) err = kind == LIA_FLOW ? read_flow(trial, rows, id, why) : read_rule(trial, rows, id);
    if (!err) err = begin_next(trial, why);
    if (err) {
        lia_trial_close(trial);
        return err;
    }
    *out = trial;
    return LIA_OK;
}

void lia_trial_close(lia_trial *trial)
{
    if (!trial) return;
    lia_dry_close(trial->dry);
    for (size_t i = 0; i < LIA_COUNT(trial->scratch); i++) lia_arena_fini(&trial->scratch[i]);
    lia_arena_fini(&trial->arena);
    free(trial);
}
