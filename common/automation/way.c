/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/way.h"

#include "common/automation/answers.h"
#include "common/automation/plan.h"
#include "common/automation/request.h"
#include "common/automation/template.h"
#include "common/base/hlc.h"
#include "common/node/changes.h"
#include "common/node/fields.h"
#include "common/wire/event.h"

/* Changes of the record that a wait for a condition looks at. */
#define LOOKS_MAX 64

typedef struct walk {
    const lia_way_ask *ask;
    lia_arena *arena, *scratch, *inner;
    size_t steps;
    lia_err err;
} walk;

/* Where a way is. Copied where it forks. A rule's way goes over into that of the flow which it
 * starts; what the rule's steps wrote is not forgotten there. */
typedef struct place {
    const Automation__Plan *plan;
    size_t at;
    lia_time time;
    unsigned depth;
    bool changed_all;    /* a verb may have written any field */
    bool in_rule;        /* before the flow */
    uint64_t done;       /* steps above that are of this way: bits by place */
    uint64_t rule_done;  /* the same of the rule's, behind its start of the flow */
    Automation__Run run; /* plan and loops */
    Automation__LoopCount *loops[LIA_PLAN_STEPS_MAX + 1];
    Automation__LoopCount counts[LIA_PLAN_STEPS_MAX + 1];
} place;

typedef enum answer { NO, YES, UNKNOWN } answer;

const char *lia_way_outcome_name(lia_way_outcome outcome)
{
    static const char *const names[LIA_WAY_OUTCOMES] = {
        "does", "holds", "holds_not", "waits", "unknown", "fails", "ends", "exits", "cut"};
    return outcome < LIA_WAY_OUTCOMES ? names[outcome] : NULL;
}

/* ---- the record, as it was ------------------------------------------------------------------- */

typedef struct moment {
    lia_subject subject;
    lia_past past;
} moment;

/* Lives until the next one. */
static lia_err load(walk *w, const place *p, lia_time time, moment *out)
{
    const lia_stamp limit = lia_stamp_at(time);
    lia_arena_reset(w->scratch);
    lia_err err = lia_past_read(&out->past, w->ask->rows, w->ask->kind->number, w->ask->record,
                                &limit, w->scratch, w->inner);
    if (!err)
        err = lia_subject_make(&out->subject, &out->past.record, w->ask->kind, w->ask->record,
                               w->scratch);
    if (err) return err;
    w->ask->beyond->world.now = time;
    out->subject.filter.world = &w->ask->beyond->world;
    out->subject.sees = lia_answers_kind(w->ask->kind, p->plan, p->plan->n_steps, w->scratch);
    return out->subject.sees ? LIA_OK : LIA_EFULL;
}

static bool writes(const Automation__Step *step, lia_span name)
{
    if (step->action == AUTOMATION__ACTION__ACTION_HTTP) return lia_span_is(name, "http");
    if (step->action == AUTOMATION__ACTION__ACTION_ASSIGN)
        return lia_span_equal(name, lia_span_text(step->field));
    for (size_t i = 0; step->action == AUTOMATION__ACTION__ACTION_SET && i < step->n_values; i++)
        if (lia_span_equal(name, lia_span_text(step->values[i]->field))) return true;
    return false;
}

static bool is_written(const Automation__Plan *plan, uint64_t done, lia_span name)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (done >> i & 1 && writes(plan->steps[i], name)) return true;
    return false;
}

/* Whether what the record then says of the field is what the run would have seen. */
static bool is_known(const walk *w, const place *p, const moment *was, lia_span name)
{
    const lia_field *field = lia_field_by_name(w->ask->kind->message, name);
    if (p->changed_all && !lia_span_is(name, "created_at") && !lia_span_is(name, "id"))
        return false;
    if (is_written(p->plan, p->done, name)) return false;
    if (p->rule_done && is_written(w->ask->rule, p->rule_done, name)) return false;
    for (size_t i = 0; field && i < was->past.unknown_count; i++)
        if (was->past.unknown[i] == field->number) return false;
    return true;
}

static bool are_known(const walk *w, const place *p, const moment *was, const lia_filter *filter)
{
    lia_buf names = lia_buf_make(w->scratch);
    lia_filter_put_names(filter, &names);
    lia_span rest = lia_buf_get(&names);
    while (rest.size) {
        const uint8_t *comma = memchr(rest.data, ',', rest.size);
        size_t size = comma ? (size_t)(comma - rest.data) : rest.size;
        if (!is_known(w, p, was, lia_span_make(rest.data, size))) return false;
        rest = lia_span_skip(rest, comma ? size + 2 : size);
    }
    return !names.failed;
}

static answer judge(walk *w, const place *p, const char *text, lia_time time)
{
    moment was;
    lia_filter *filter;
    if (lia_text_is_empty(text)) return YES;
    if (time.ms > w->ask->now.ms) return UNKNOWN;
    w->err = load(w, p, time, &was);
    if (w->err) return UNKNOWN;
    if (lia_filter_parse(&filter, was.subject.sees, lia_span_text(text), w->scratch, NULL))
        return UNKNOWN;
    if (!are_known(w, p, &was, filter)) return UNKNOWN;
    return lia_filter_holds(filter, &was.subject.filter) ? YES : NO;
}

/* ---- telling --------------------------------------------------------------------------------- */

static lia_way_step *add(walk *w, lia_way_step ***end, const place *p, lia_way_outcome outcome)
{
    if (w->steps >= LIA_WAY_STEPS_MAX) return NULL;
    lia_way_step *step = lia_arena_zero(w->arena, sizeof *step);
    if (!step) {
        w->err = LIA_EFULL;
        return NULL;
    }
    bool last = ++w->steps == LIA_WAY_STEPS_MAX;
    step->step = p->plan->steps[p->at];
    step->of_rule = p->in_rule;
    step->at = p->time;
    step->outcome = last ? LIA_WAY_CUT : outcome;
    **end = step;
    *end = &step->next;
    return last ? NULL : step;
}

static void go(walk *w, place *p, lia_way *way);

static place *copy(walk *w, const place *p)
{
    place *out = lia_arena_take(w->arena, sizeof *out);
    if (!out) {
        w->err = LIA_EFULL;
        return NULL;
    }
    *out = *p;
    out->run.loops = out->loops;
    for (size_t i = 0; i < p->run.n_loops; i++)
        out->loops[i] = &out->counts[p->loops[i] - p->counts];
    return out;
}

/* One of the ways that an unknown leads to; `fails`: it ends with that. */
static void fork_to(walk *w, lia_way_step *step, const place *from, const char *when, size_t at,
                    lia_time time, bool fails)
{
    lia_way **end = &step->ways, *way = lia_arena_zero(w->arena, sizeof *way);
    place *p = way ? copy(w, from) : NULL;
    if (!p) {
        w->err = LIA_EFULL;
        return;
    }
    way->when = when;
    while (*end) end = &(*end)->next;
    *end = way;
    p->time = time;
    p->depth++;
    if (fails) {
        lia_way_step **first = &way->first;
        (void)add(w, &first, p, LIA_WAY_FAILS);
        return;
    }
    p->at = at;
    go(w, p, way);
}

/* ---- steps: false ends the way --------------------------------------------------------------- */

static bool unknown(walk *w, place *p, lia_way_step ***end, lia_way_step **out)
{
    *out = add(w, end, p, p->depth < LIA_WAY_FORKS_MAX ? LIA_WAY_UNKNOWN : LIA_WAY_CUT);
    return *out && p->depth < LIA_WAY_FORKS_MAX;
}

static bool go_branch(walk *w, place *p, lia_way_step ***end)
{
    lia_way_step *step;
    const Automation__Plan *plan = p->plan;
    answer holds = judge(w, p, plan->steps[p->at]->condition, p->time);
    if (holds != UNKNOWN) {
        bool told = add(w, end, p, holds ? LIA_WAY_HOLDS : LIA_WAY_HOLDS_NOT);
        p->at = lia_plan_branch(plan, p->at, holds);
        return told;
    }
    if (!unknown(w, p, end, &step)) return false;
    fork_to(w, step, p, "holds", lia_plan_branch(plan, p->at, true), p->time, false);
    fork_to(w, step, p, "holds_not", lia_plan_branch(plan, p->at, false), p->time, false);
    return false;
}

static size_t loop_to(place *p, bool holds)
{
    Automation__LoopCount *fresh = &p->counts[p->run.n_loops];
    automation__loop_count__init(fresh);
    return lia_plan_loop(&p->run, p->at, holds, fresh);
}

static bool go_loop(walk *w, place *p, lia_way_step ***end)
{
    lia_way_step *step;
    const Automation__Step *loop = p->plan->steps[p->at];
    bool spent = lia_loop_count(&p->run, loop->name) >= loop->times;
    answer holds = spent ? NO : judge(w, p, loop->condition, p->time);
    if (holds != UNKNOWN) {
        bool told = add(w, end, p, holds ? LIA_WAY_HOLDS : LIA_WAY_HOLDS_NOT);
        p->at = loop_to(p, holds);
        return told;
    }
    if (!unknown(w, p, end, &step)) return false;
    place *again = copy(w, p);
    if (!again) return false;
    size_t back = loop_to(again, true);
    fork_to(w, step, again, "holds", back, p->time, false);
    fork_to(w, step, p, "holds_not", lia_plan_after(p->plan, p->at), p->time, false);
    return false;
}

static bool go_http(walk *w, place *p, lia_way_step ***end)
{
    lia_way_step *step;
    const Automation__Plan *plan = p->plan;
    bool fails = lia_text_is_empty(plan->steps[p->at]->otherwise);
    if (!unknown(w, p, end, &step)) return false;
    p->done |= UINT64_C(1) << p->at;
    fork_to(w, step, p, "answered", lia_plan_after(plan, p->at), p->time, false);
    fork_to(w, step, p, "unanswered", lia_plan_too_late(plan, p->at), p->time, fails);
    return false;
}

/* ---- waits ----------------------------------------------------------------------------------- */

/* Times at which the record was written, behind `from` up to `until`, newest first; false: more
 * than are looked at. */
static bool list_changes(walk *w, lia_time from, lia_time until, lia_time *out, size_t *count)
{
    lia_changes changes;
    lia_change change;
    bool all = true;
    *count = 0;
    lia_arena_reset(w->scratch);
    lia_err err = lia_changes_open(&changes, w->ask->rows, w->ask->kind->number, w->ask->record,
                                   LIA_SPAN_NONE);
    while (!err && !(err = lia_changes_next(&changes, &change))) {
        lia_event event;
        if (lia_event_parse(&event, change.bytes, w->scratch, NULL)) continue;
        int64_t ms = lia_hlc_ms(event.header.hlc);
        if (ms <= from.ms) break;
        if (ms > until.ms) continue;
        all = *count < LOOKS_MAX;
        if (!all) break;
        out[(*count)++].ms = ms;
    }
    lia_changes_close(&changes);
    if (err && err != LIA_EABSENT) w->err = err;
    return all && !w->err;
}

/* When the condition began to hold, for filters over the record alone. */
static answer find_moment(walk *w, const place *p, const char *text, lia_time until, lia_time *at)
{
    lia_time times[LOOKS_MAX];
    size_t count;
    lia_filter *filter;
    lia_arena_reset(w->scratch);
    const lia_kind *sees = lia_answers_kind(w->ask->kind, p->plan, p->plan->n_steps, w->scratch);
    if (!sees || lia_filter_parse(&filter, sees, lia_span_text(text), w->scratch, NULL) ||
        lia_filter_needs(filter))
        return UNKNOWN;
    lia_time last = until.ms < w->ask->now.ms ? until : w->ask->now;
    if (!list_changes(w, p->time, last, times, &count)) return UNKNOWN;
    while (count) {
        *at = times[--count];
        answer holds = judge(w, p, text, *at);
        if (holds != NO) return holds;
    }
    return until.ms <= w->ask->now.ms ? NO : UNKNOWN;
}

static bool wait_until(walk *w, place *p, lia_way_step ***end, lia_time until)
{
    lia_time at = p->time;
    lia_way_step *step;
    const Automation__Plan *plan = p->plan;
    const char *text = plan->steps[p->at]->until;
    answer holds = judge(w, p, text, p->time);
    if (holds == NO) holds = find_moment(w, p, text, until, &at);
    if (holds != UNKNOWN) {
        step = add(w, end, p, holds ? LIA_WAY_HOLDS : LIA_WAY_HOLDS_NOT);
        if (!step) return false;
        step->until = p->time = holds ? at : until;
        p->at = holds ? lia_plan_after(plan, p->at) : lia_plan_too_late(plan, p->at);
        return true;
    }
    if (!unknown(w, p, end, &step)) return false;
    step->until = until;
    fork_to(w, step, p, "holds", lia_plan_after(plan, p->at), p->time, false);
    fork_to(w, step, p, "holds_not", lia_plan_too_late(plan, p->at), until, false);
    return false;
}

/* The end of a wait; false: the record says no instant. */
static bool end_of_wait(walk *w, const place *p, lia_time *until)
{
    moment was;
    int64_t period;
    const Automation__Step *step = p->plan->steps[p->at];
    if (lia_text_is_empty(step->at)) {
        if (lia_period_parse(lia_span_text(step->period), &period)) return false;
        return !__builtin_add_overflow(p->time.ms, period, &until->ms);
    }
    w->err = load(w, p, p->time.ms < w->ask->now.ms ? p->time : w->ask->now, &was);
    if (w->err) return false;
    w->ask->beyond->world.now = p->time;
    lia_buf text = lia_buf_make(w->scratch);
    return !lia_template_fill(&text, lia_span_text(step->at), was.subject.sees, &was.subject.filter,
                              LIA_AS_TEXT) &&
           !lia_time_parse(lia_buf_get(&text), until);
}

static bool go_wait(walk *w, place *p, lia_way_step ***end)
{
    lia_time until;
    const Automation__Plan *plan = p->plan;
    if (!end_of_wait(w, p, &until)) {
        if (!w->err) (void)add(w, end, p, LIA_WAY_FAILS);
        return false;
    }
    if (!lia_text_is_empty(plan->steps[p->at]->until)) return wait_until(w, p, end, until);
    lia_way_step *step = add(w, end, p, LIA_WAY_WAITS);
    if (!step) return false;
    if (until.ms > p->time.ms) p->time = until;
    step->until = p->time;
    p->at = lia_plan_after(plan, p->at);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool go_act(walk *w, place *p, lia_way_step ***end)
{
    const Automation__Plan *plan = p->plan;
    bool told = add(w, end, p, LIA_WAY_DOES);
    p->done |= UINT64_C(1) << p->at;
    p->changed_all |= plan->steps[p->at]->action == AUTOMATION__ACTION__ACTION_VERB;
    p->at = lia_plan_after(plan, p->at);
    return told;
}

static bool starts_flow(const walk *w, const place *p)
{
    const Automation__Step *step = p->plan->steps[p->at];
    return p->in_rule && step->action == AUTOMATION__ACTION__ACTION_START &&
           lia_id_equal(lia_id_in(step->flow), w->ask->flow);
}

/* The flow has a run of its own: its loops count from the beginning. */
static void go_over(const walk *w, place *p)
{
    p->rule_done = p->done;
    p->done = 0;
    p->in_rule = false;
    p->plan = w->ask->plan;
    p->run.plan = (Automation__Plan *)(uintptr_t)w->ask->plan;
    p->run.n_loops = 0;
    p->at = 0;
}

static bool go_step(walk *w, place *p, lia_way_step ***end)
{
    if (!p->in_rule && !lia_text_is_empty(w->ask->exit) &&
        judge(w, p, w->ask->exit, p->time) == YES) {
        (void)add(w, end, p, LIA_WAY_EXITS);
        return false;
    }
    switch (p->plan->steps[p->at]->action) {
    case AUTOMATION__ACTION__ACTION_WAIT:
        return go_wait(w, p, end);
    case AUTOMATION__ACTION__ACTION_BRANCH:
        return go_branch(w, p, end);
    case AUTOMATION__ACTION__ACTION_LOOP:
        return go_loop(w, p, end);
    case AUTOMATION__ACTION__ACTION_HTTP:
        return go_http(w, p, end);
    case AUTOMATION__ACTION__ACTION_END:
        (void)add(w, end, p, LIA_WAY_ENDS);
        return false;
    default:
        return go_act(w, p, end);
    }
}

static void go(walk *w, place *p, lia_way *way)
{
    lia_way_step **end = &way->first;
    while (*end) end = &(*end)->next;
    for (bool goes_on = true; goes_on && !w->err && p->at < p->plan->n_steps;)
        if (starts_flow(w, p))
            go_over(w, p);
        else
            goes_on = go_step(w, p, &end);
}

lia_err lia_way_find(lia_way **out, const lia_way_ask *ask, lia_arena *arena, lia_arena scratch[2])
{
    moment was;
    walk w = {.ask = ask, .arena = arena, .scratch = &scratch[0], .inner = &scratch[1]};
    lia_way *way = lia_arena_zero(arena, sizeof *way);
    place *p = lia_arena_zero(arena, sizeof *p);
    if (!way || !p) return LIA_EFULL;
    p->in_rule = ask->rule != NULL;
    p->plan = p->in_rule ? ask->rule : ask->plan;
    automation__run__init(&p->run);
    p->run.plan = (Automation__Plan *)(uintptr_t)p->plan;
    p->run.loops = p->loops;
    p->time = ask->began;
    lia_err err = load(&w, p, ask->began, &was);
    if (err) return err;
    go(&w, p, way);
    *out = way;
    return w.err;
}
