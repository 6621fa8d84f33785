/* SPDX-License-Identifier: Apache-2.0 */
/* What a run does when it is its turn: the step that it stands at, or going on with a wait. */
#include "common/automation/plan.h"
#include "common/automation/run_inner.h"
#include "common/automation/step.h"
#include "common/automation/template.h"
#include "common/node/fields.h"

#define OUTCOME(name) AUTOMATION__STEP_OUTCOME__STEP_OUTCOME_##name

/* A wait for a condition that time or other records can fulfil is looked at so often. */
#define LOOK_MS (5 * LIA_MINUTE_MS)

/* ---- one step ---------------------------------------------------------------------------------
 */

typedef struct stepping {
    lia_turn *turn;
    lia_book *book;
    lia_id id;
    Automation__Run *run;
    size_t at;
    const Automation__Step *step;
    lia_subject subject;
} stepping;

/* Adds the mark of a step that was done. */
static lia_err mark(const stepping *s, Automation__StepOutcome outcome, const lia_doing *doing)
{
    lia_arena *arena = s->turn->arena;
    Automation__Run *run = s->run;
    Automation__RunStep *step = lia_arena_take(arena, sizeof *step);
    Automation__RunStep **steps = lia_arena_take(arena, (run->n_steps + 1) * sizeof *steps);
    if (!step || !steps) return LIA_EFULL;
    automation__run_step__init(step);
    if (run->n_steps) memcpy(steps, run->steps, run->n_steps * sizeof *steps);
    steps[run->n_steps++] = step;
    run->steps = steps;
    LIA_SET(step, number, run->count + 1);
    step->name = s->step->name;
    LIA_SET(step, action, s->step->action);
    LIA_SET(step, at, s->turn->now.ms);
    LIA_SET(step, outcome, outcome);
    step->input = doing->input;
    step->detail = doing->detail;
    const lia_kind *made = lia_kind_find(doing->made_kind);
    if (made && !lia_id_is_none(doing->made)) {
        step->kind = made->name;
        LIA_SET(step, record, lia_id_keep(arena, doing->made));
    }
    LIA_SET(run, count, run->count + 1);
    return LIA_OK;
}

static bool holds(const stepping *s, const char *text)
{
    lia_filter *filter;
    if (lia_text_is_empty(text)) return true;
    return !lia_filter_parse(&filter, s->subject.kind, lia_span_text(text), s->turn->arena, NULL) &&
           lia_filter_holds(filter, &s->subject.filter);
}

/* The effect has failed, for a reason that people can do something about. */
static lia_err note_failure(const stepping *s, lia_doing *doing, lia_err cause)
{
    lia_turn *turn = s->turn;
    const char *said = lia_turn_why(turn);
    const char *why = lia_arena_text(turn->arena, "%s", *said ? said : lia_err_text(cause));
    if (!why) return LIA_EFULL;
    lia_turn_drop(turn);
    doing->detail = why;
    doing->made_kind = 0;
    lia_err err = mark(s, OUTCOME(FAILED), doing);
    return err ? err
               : lia_run_fail(turn, s->id, s->run,
                              lia_arena_text(turn->arena, "%s: %s", s->step->name, why));
}

static lia_err act(const stepping *s)
{
    lia_doing doing = {.turn = s->turn,
                       .book = s->book,
                       .run = s->run,
                       .run_id = s->id,
                       .step = s->step,
                       .subject = &s->subject};
    lia_err err = lia_step_do(&doing);
    if (err == LIA_EIO) return err;
    if (lia_run_must_wait(err)) {
        lia_turn_drop(s->turn);
        return lia_run_look_at(s->turn, s->id, s->turn->now.ms + LIA_RUN_MEND_MS);
    }
    if (!err) err = lia_turn_fits(s->turn);
    if (err) return note_failure(s, &doing, err);
    err = mark(s, doing.queued ? OUTCOME(QUEUED) : OUTCOME(DONE), &doing);
    return err ? err : lia_run_go_to(s->turn, s->id, s->run, lia_plan_after(s->run->plan, s->at));
}

/* ---- steps that only decide -------------------------------------------------------------------
 */

static lia_err decide(const stepping *s, size_t next, const char *detail)
{
    const lia_doing doing = {.detail = detail};
    lia_err err = mark(s, OUTCOME(DONE), &doing);
    return err ? err : lia_run_go_to(s->turn, s->id, s->run, next);
}

static lia_err branch(const stepping *s)
{
    bool yes = holds(s, s->step->condition);
    return decide(s, lia_plan_branch(s->run->plan, s->at, yes),
                  yes ? "the condition holds" : "the condition does not hold");
}

static lia_err loop(const stepping *s)
{
    lia_arena *arena = s->turn->arena;
    Automation__Run *run = s->run;
    Automation__LoopCount *fresh = lia_arena_take(arena, sizeof *fresh);
    Automation__LoopCount **loops = lia_arena_take(arena, (run->n_loops + 1) * sizeof *loops);
    if (!fresh || !loops) return LIA_EFULL;
    automation__loop_count__init(fresh);
    if (run->n_loops) memcpy(loops, run->loops, run->n_loops * sizeof *loops);
    run->loops = loops;
    size_t next = lia_plan_loop(run, s->at, holds(s, s->step->condition), fresh);
    return decide(s, next,
                  next > s->at ? "goes on"
                               : lia_arena_text(arena, "back for the %u. time",
                                                lia_loop_count(run, s->step->name)));
}

/* ---- waiting ----------------------------------------------------------------------------------
 */

static lia_err waited(const stepping *s, size_t next, const char *detail)
{
    const lia_doing doing = {.detail = detail};
    lia_err err = mark(s, OUTCOME(WAITED), &doing);
    return err ? err : lia_run_go_to(s->turn, s->id, s->run, next);
}

/* Until when a wait lasts at most. LIA_EINVAL: the record says no instant. */
static lia_err end_of_wait(const stepping *s, int64_t *ms)
{
    lia_turn *turn = s->turn;
    int64_t period = 0;
    lia_time at;
    *ms = turn->now.ms;
    if (lia_text_is_empty(s->step->at)) {
        lia_err err = lia_period_parse(lia_span_text(s->step->period), &period);
        *ms += period;
        return err;
    }
    lia_buf text = lia_buf_make(turn->arena);
    lia_err err = lia_template_fill(&text, lia_span_text(s->step->at), s->subject.kind,
                                    &s->subject.filter, false);
    if (!err) err = lia_time_parse(lia_buf_get(&text), &at);
    if (err == LIA_EINVAL)
        return lia_turn_fail(turn, err, "at: '%s' gives no instant for this record", s->step->at);
    if (!err) *ms = at.ms;
    return err;
}

/* When it is to be looked at again. */
static int64_t next_look(const stepping *s)
{
    lia_filter *filter;
    int64_t due = s->run->wake_at, soon = s->turn->now.ms + LOOK_MS;
    const char *texts[] = {s->step->until, s->run->exit};
    for (size_t i = 0; i < LIA_COUNT(texts); i++)
        if (!lia_text_is_empty(texts[i]) &&
            !lia_filter_parse(&filter, s->subject.kind, lia_span_text(texts[i]), s->turn->arena,
                              NULL) &&
            lia_filter_needs(filter) && due > soon)
            due = soon;
    return due;
}

static lia_err begin_wait(const stepping *s)
{
    Automation__Run *run = s->run;
    lia_turn *turn = s->turn;
    int64_t until;
    lia_doing nothing = {0};
    bool has_condition = !lia_text_is_empty(s->step->until);
    if (has_condition && holds(s, s->step->until))
        return waited(s, lia_plan_after(run->plan, s->at), "the condition holds already");
    lia_err err = end_of_wait(s, &until);
    if (err == LIA_EINVAL) return note_failure(s, &nothing, err);
    if (err) return err;
    if (until <= turn->now.ms)
        return waited(s, lia_plan_after(run->plan, s->at), "the time is there already");
    LIA_SET(run, state, LIA_RUN_STATE(WAITING));
    LIA_SET(run, wake_at, until);
    LIA_SET(run, node, lia_turn_member(turn));
    if (has_condition || !lia_text_is_empty(run->exit)) LIA_SET(run, watches, run->record);
    err = lia_record(turn, LIA_RUN, s->id, run);
    if (!err) err = lia_run_tell_advanced(turn, s->id, run->at);
    return err ? err : lia_run_look_at(turn, s->id, next_look(s));
}

static lia_err go_on_waiting(const stepping *s)
{
    const Automation__Plan *plan = s->run->plan;
    bool has_condition = !lia_text_is_empty(s->step->until);
    if (has_condition && holds(s, s->step->until))
        return waited(s, lia_plan_after(plan, s->at), "the condition holds");
    if (s->run->wake_at > s->turn->now.ms) return lia_run_look_at(s->turn, s->id, next_look(s));
    return has_condition ? waited(s, lia_plan_too_late(plan, s->at), "the time is up")
                         : waited(s, lia_plan_after(plan, s->at), NULL);
}

/* ---- going on ---------------------------------------------------------------------------------
 */

static lia_err do_step(const stepping *s)
{
    switch (s->step->action) {
    case AUTOMATION__ACTION__ACTION_WAIT:
        return s->run->state == LIA_RUN_STATE(WAITING) ? go_on_waiting(s) : begin_wait(s);
    case AUTOMATION__ACTION__ACTION_BRANCH:
        return branch(s);
    case AUTOMATION__ACTION__ACTION_LOOP:
        return loop(s);
    case AUTOMATION__ACTION__ACTION_END:
        return decide(s, s->run->plan->n_steps, NULL);
    default:
        return act(s);
    }
}

/* What stops a run before its next step; NULL: nothing does. */
static const char *stopped(const stepping *s)
{
    if (s->subject.archived && !s->run->of_archived) return "its record was archived";
    if (!lia_text_is_empty(s->run->exit) && holds(s, s->run->exit)) return s->run->exit;
    return NULL;
}

lia_err lia_run_do_step(lia_turn *turn, lia_book *book, lia_id id, Automation__Run *run)
{
    stepping s = {.turn = turn, .book = book, .id = id, .run = run};
    const lia_kind *kind = lia_kind_by_name(lia_span_text(run->kind));
    bool waits = run->state == LIA_RUN_STATE(WAITING);
    const char *what = waits ? "automation.wake" : "automation.step";
    lia_err err = lia_run_act_as(turn, lia_run_key(id, what, run->count, run->attempt), run);
    /* Done elsewhere; its mark is on the way. */
    if (err == LIA_EEXIST)
        return lia_run_look_at(turn, id, turn->now.ms + (int64_t)lia_turn_take_over_ms(turn));
    if (err) return err;
    s.at = run->plan ? lia_plan_find(run->plan, run->at) : 0;
    if (!run->plan || s.at >= run->plan->n_steps || !kind)
        return lia_run_fail(turn, id, run, "this release cannot read its plan");
    s.step = run->plan->steps[s.at];
    err = lia_subject_load(&s.subject, book, lia_turn_rows(turn), kind, lia_id_in(run->record),
                           turn->now, turn->arena);
    if (err == LIA_EABSENT)
        return lia_run_end(turn, id, run, LIA_RUN_STATE(EXITED), "its record is gone");
    if (err)
        return lia_run_must_wait(err) ? lia_run_look_at(turn, id, turn->now.ms + LIA_RUN_MEND_MS)
                                      : err;
    const char *why = stopped(&s);
    if (why) return lia_run_end(turn, id, run, LIA_RUN_STATE(EXITED), why);
    if (run->count >= LIA_RUN_STEPS_MAX)
        return lia_run_fail(
            turn, id, run,
            lia_arena_text(turn->arena, "%d steps were done, more are not", LIA_RUN_STEPS_MAX));
    return do_step(&s);
}
