/* SPDX-License-Identifier: Apache-2.0 */
/* What a run does when it is its turn: the step that it stands at, or going on with a wait. */
#include "common/automation/answers.h"
#include "common/automation/call.h"
#include "common/automation/plan.h"
#include "common/automation/request.h"
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
    Automation__HttpCall *call; /* that it waits for the answer of; or NULL */
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
    return !lia_filter_parse(&filter, s->subject.sees, lia_span_text(text), s->turn->arena, NULL) &&
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

static lia_doing doing_of(const stepping *s)
{
    return (lia_doing){.turn = s->turn,
                       .book = s->book,
                       .run = s->run,
                       .run_id = s->id,
                       .step = s->step,
                       .subject = &s->subject};
}

static lia_err act(const stepping *s)
{
    lia_doing doing = doing_of(s);
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
    lia_err err = lia_template_fill(&text, lia_span_text(s->step->at), s->subject.sees,
                                    &s->subject.filter, LIA_AS_TEXT);
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
            !lia_filter_parse(&filter, s->subject.sees, lia_span_text(texts[i]), s->turn->arena,
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

/* ---- asking an address outside ---------------------------------------------------------------
 */

static lia_err record_waiting(const stepping *s, int64_t wake_ms)
{
    Automation__Run *run = s->run;
    LIA_SET(run, state, LIA_RUN_STATE(WAITING));
    LIA_SET(run, wake_at, wake_ms);
    LIA_SET(run, node, lia_turn_member(s->turn));
    if (!lia_text_is_empty(run->exit)) LIA_SET(run, watches, run->record);
    lia_err err = lia_record(s->turn, LIA_RUN, s->id, run);
    if (!err) err = lia_run_tell_advanced(s->turn, s->id, run->at);
    return err ? err : lia_run_look_at(s->turn, s->id, wake_ms);
}

/* So often a node that waits for an answer says that it still does: others take over when it does
 * not. */
static int64_t beat(const stepping *s, const Automation__HttpCall *call)
{
    int64_t due = s->turn->now.ms + 4 * (int64_t)lia_turn_take_over_ms(s->turn);
    int64_t end = call->until + (int64_t)lia_turn_take_over_ms(s->turn);
    return due < end ? due : end;
}

static lia_err begin_call(const stepping *s)
{
    lia_doing doing = doing_of(s);
    const Automation__HttpCall call = {.until = s->turn->now.ms + lia_request_for_ms(s->step)};
    lia_err err = lia_call_begin(&doing, call.until);
    if (err == LIA_EIO) return err;
    if (!err) err = lia_turn_fits(s->turn);
    return err ? note_failure(s, &doing, err) : record_waiting(s, beat(s, &call));
}

/* No good answer: the run goes on where the step says, or fails here. */
static lia_err unanswered(const stepping *s, lia_doing *doing, const char *why)
{
    lia_arena *arena = s->turn->arena;
    doing->detail = why;
    lia_err err = mark(s, OUTCOME(FAILED), doing);
    if (err) return err;
    if (lia_text_is_empty(s->step->otherwise))
        return lia_run_fail(s->turn, s->id, s->run,
                            lia_arena_text(arena, "%s: %s", s->step->name, why));
    return lia_run_go_to(s->turn, s->id, s->run, lia_plan_too_late(s->run->plan, s->at));
}

/* "200; score, name" */
static const char *say_taken(const stepping *s, const Automation__HttpCall *call)
{
    lia_buf out = lia_buf_make(s->turn->arena);
    lia_buf_format(&out, "%u", call->status);
    for (size_t i = 0; i < call->n_values; i++)
        lia_buf_format(&out, "%s%s", i ? ", " : "; ", call->values[i]->name);
    lia_buf_byte(&out, 0);
    return out.failed ? NULL : (const char *)out.data;
}

static bool is_asked(const stepping *s)
{
    return s->call && !s->call->answered &&
           s->turn->now.ms < s->call->until + (int64_t)lia_turn_take_over_ms(s->turn);
}

/* It is asked still: by this node from now on, if another one has gone. */
static lia_err keep_asking(const stepping *s)
{
    Automation__Run *run = s->run;
    bool taken_over = run->node != lia_turn_member(s->turn);
    if (!taken_over && run->wake_at > s->turn->now.ms)
        return lia_run_look_at(s->turn, s->id, run->wake_at);
    lia_err err = taken_over ? lia_call_take_over(s->turn, s->id, run, s->call) : LIA_OK;
    return err ? err : record_waiting(s, beat(s, s->call));
}

static lia_err go_on_asking(const stepping *s)
{
    const Automation__HttpCall *call = s->call;
    lia_doing doing = {0};
    Automation__Run *run = s->run;
    lia_arena *arena = s->turn->arena;
    lia_err err = lia_answers_keep(run, call ? call->values : NULL, call ? call->n_values : 0,
                                   call ? call->status : 0, arena);
    if (err) return err;
    doing.input =
        lia_arena_text(arena, "%s %s", lia_request_method(s->step->request), s->step->url);
    if (!call) return unanswered(s, &doing, "what was asked is not kept any more");
    if (!call->answered) {
        err = lia_call_drop(s->turn, s->id, run);
        return err ? err : unanswered(s, &doing, "no node has asked in time");
    }
    if (!lia_text_is_empty(call->error)) return unanswered(s, &doing, call->error);
    doing.detail = say_taken(s, call);
    err = mark(s, OUTCOME(DONE), &doing);
    return err ? err : lia_run_go_to(s->turn, s->id, run, lia_plan_after(run->plan, s->at));
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
    case AUTOMATION__ACTION__ACTION_HTTP:
        if (s->run->state != LIA_RUN_STATE(WAITING)) return begin_call(s);
        return is_asked(s) ? keep_asking(s) : go_on_asking(s);
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

/* What the turn's events are known by. That somebody still waits is said more than once. */
static lia_id key_of(const stepping *s)
{
    const Automation__Run *run = s->run;
    if (is_asked(s))
        return lia_run_key(s->id, "automation.beat", run->count, (uint32_t)s->turn->now.ms);
    bool waits = run->state == LIA_RUN_STATE(WAITING);
    return lia_run_key(s->id, waits ? "automation.wake" : "automation.step", run->count,
                       run->attempt);
}

static lia_err load_call(stepping *s)
{
    if (s->run->state != LIA_RUN_STATE(WAITING)) return LIA_OK;
    lia_err err = lia_call_load(s->turn, s->id, s->run, &s->call);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* The record, and what the run was answered. */
static lia_err load_subject(stepping *s, const lia_kind *kind)
{
    lia_turn *turn = s->turn;
    const Automation__Run *run = s->run;
    lia_err err = lia_subject_load(&s->subject, s->book, lia_turn_rows(turn), kind,
                                   lia_id_in(run->record), turn->now, turn->arena);
    if (err) return err;
    s->subject.sees = lia_answers_kind(kind, run->plan, run->plan->n_steps, turn->arena);
    if (!s->subject.sees) return LIA_EFULL;
    return lia_answers_add(&s->subject.filter.message, s->subject.sees, run->answers,
                           run->n_answers, turn->arena);
}

lia_err lia_run_do_step(lia_turn *turn, lia_book *book, lia_id id, Automation__Run *run)
{
    stepping s = {.turn = turn, .book = book, .id = id, .run = run};
    const lia_kind *kind = lia_kind_by_name(lia_span_text(run->kind));
    lia_err err = load_call(&s);
    if (err)
        return lia_run_must_wait(err) ? lia_run_look_at(turn, id, turn->now.ms + LIA_RUN_MEND_MS)
                                      : err;
    err = lia_run_act_as(turn, key_of(&s), run);
    /* Done elsewhere; its mark is on the way. */
    if (err == LIA_EEXIST)
        return lia_run_look_at(turn, id, turn->now.ms + (int64_t)lia_turn_take_over_ms(turn));
    if (err) return err;
    s.at = run->plan ? lia_plan_find(run->plan, run->at) : 0;
    if (!run->plan || s.at >= run->plan->n_steps || !kind)
        return lia_run_fail(turn, id, run, "this release cannot read its plan");
    s.step = run->plan->steps[s.at];
    err = load_subject(&s, kind);
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
