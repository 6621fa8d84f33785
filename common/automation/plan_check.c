/* SPDX-License-Identifier: Apache-2.0 */
/* A plan is checked whole when it is written, so that what can fail in a run is the world and not
 * its text. */
#include <stdarg.h>
#include <stdio.h>

#include "common/automation/answers.h"
#include "common/automation/plan.h"
#include "common/automation/request.h"
#include "common/automation/values.h"
#include "common/node/fields.h"

typedef struct check {
    const Automation__Plan *plan;
    const lia_plan_place *place;
    const lia_kind *sees; /* the record's, with what steps above take of answers */
    size_t at;
    const Automation__Step *step;
    lia_why *why;
} check;

/* ---- where and why --------------------------------------------------------------------------- */

static lia_err refuse(const check *c, const char *format, ...)
{
    char reason[300];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return lia_why_set(c->why, LIA_EINVAL, "plan.steps[%zu] (%.40s): %s", c->at, c->step->name,
                       reason);
}

/* What a checker of a part has said, with the part's name. */
static lia_err pass_on(const check *c, lia_err err, const char *member, const lia_why *inner)
{
    return err == LIA_EFULL ? err : refuse(c, "%s: %s", member, inner->text);
}

static lia_err want(const check *c, const char *member, const char *text)
{
    return lia_text_is_empty(text) ? refuse(c, "%s: is required", member) : LIA_OK;
}

static lia_err check_filter(const check *c, const char *member, const char *text,
                            const lia_kind *kind)
{
    lia_filter *filter;
    lia_why inner = {{0}};
    if (lia_text_is_empty(text)) return LIA_OK;
    lia_err err = lia_filter_parse(&filter, kind, lia_span_text(text), c->place->arena, &inner);
    return err ? pass_on(c, err, member, &inner) : LIA_OK;
}

static lia_err check_template(const check *c, const char *member, const char *text)
{
    lia_why inner = {{0}};
    lia_err err = lia_template_check(lia_span_text(text), c->sees, &inner);
    return err ? pass_on(c, err, member, &inner) : LIA_OK;
}

static lia_err check_period(const check *c, const char *member, const char *text)
{
    int64_t ms;
    if (lia_text_is_empty(text)) return LIA_OK;
    return lia_period_parse(lia_span_text(text), &ms) ? refuse(c, "%s: " LIA_PERIOD_WANTED, member)
                                                      : LIA_OK;
}

/* A later step; an empty name is fine. */
static lia_err check_later(const check *c, const char *member, const char *name)
{
    if (lia_text_is_empty(name)) return LIA_OK;
    size_t to = lia_plan_find(c->plan, name);
    if (to == c->plan->n_steps) return refuse(c, "%s: there is no step '%.40s'", member, name);
    if (to <= c->at)
        return refuse(c, "%s: '%.40s' is not below; only a loop goes back", member, name);
    return LIA_OK;
}

static lia_err check_values(const check *c, const lia_message *target, lia_json_mode mode)
{
    const lia_values values = {.list = c->step->values,
                               .count = c->step->n_values,
                               .target = target,
                               .mode = mode,
                               .source = c->sees};
    lia_why inner = {{0}};
    lia_err err = lia_values_check(&values, c->place->arena, &inner);
    return err ? pass_on(c, err, "values", &inner) : LIA_OK;
}

/* ---- actions --------------------------------------------------------------------------------- */

static lia_err check_set(const check *c)
{
    if (!c->step->n_values) return refuse(c, "values: is required");
    if (c->place->kind->internal)
        return refuse(c, "%s are written by commands only", c->place->kind->plural);
    return check_values(c, c->place->kind->message, LIA_JSON_PATCH);
}

static lia_err check_create(const check *c)
{
    lia_err err = want(c, "kind", c->step->kind);
    if (err) return err;
    const lia_kind *kind = lia_kind_by_name(lia_span_text(c->step->kind));
    if (!kind || kind->secret) return refuse(c, "kind: there is no kind '%.40s'", c->step->kind);
    if (kind->internal) return refuse(c, "kind: %s are written by commands only", kind->plural);
    return check_values(c, kind->message, LIA_JSON_CREATE);
}

static lia_err check_load(const check *c, const lia_field *field)
{
    if (c->step->method != AUTOMATION__ASSIGN_METHOD__ASSIGN_METHOD_LEAST_LOADED) return LIA_OK;
    if (!field->indexed)
        return refuse(c, "field: least loaded needs an index, and %s.%s has none",
                      c->place->kind->name, field->name);
    return check_filter(c, "load", c->step->load, c->place->kind);
}

static lia_err check_territories(const check *c)
{
    const Automation__Step *step = c->step;
    if (!step->n_territories) return refuse(c, "territories: is required");
    for (size_t i = 0; i < step->n_territories; i++) {
        char member[64];
        snprintf(member, sizeof member, "territories[%zu].condition", i);
        lia_err err = check_filter(c, member, step->territories[i]->condition, c->sees);
        if (err) return err;
    }
    return LIA_OK;
}

static lia_err check_assign(const check *c)
{
    const Automation__Step *step = c->step;
    lia_err err = want(c, "field", step->field);
    if (err) return err;
    const lia_field *field = lia_field_by_name(c->place->kind->message, lia_span_text(step->field));
    if (!field || field->repeated || field->reference != LIA_USER || field->read_only)
        return refuse(c, "field: '%.40s' is no field of %s for one user", step->field,
                      c->place->kind->name);
    err = check_load(c, field);
    if (err) return err;
    if (step->method == AUTOMATION__ASSIGN_METHOD__ASSIGN_METHOD_TERRITORY)
        return check_territories(c);
    if (!step->n_users == !step->has_team)
        return refuse(c, "users or team: one of the two is required");
    return LIA_OK;
}

static lia_err check_verb(const check *c)
{
    bool refuses = false;
    lia_err err = want(c, "verb", c->step->verb);
    if (err) return err;
    const lia_plan_place *place = c->place;
    const lia_message *request =
        place->verb ? place->verb(place->context, place->kind, c->step->verb, &refuses) : NULL;
    if (refuses) return refuse(c, "verb: %s have no ':%.40s'", place->kind->plural, c->step->verb);
    return request ? check_values(c, request, LIA_JSON_COMMAND) : LIA_OK;
}

static lia_err check_hand_over(const check *c)
{
    const lia_kind *kind = c->place->kind;
    if (kind->number != LIA_CUSTOMER && !kind->customer)
        return refuse(c, "%s belong to no customer", kind->plural);
    if (!c->step->department) return refuse(c, "department: is required");
    lia_err err = want(c, "text", c->step->text);
    return err ? err : check_template(c, "text", c->step->text);
}

static lia_err check_send(const check *c)
{
    const Automation__Step *step = c->step;
    lia_err err = want(c, "to", step->to);
    if (!err) err = check_template(c, "to", step->to);
    if (!err) err = check_template(c, "subject", step->subject);
    if (!err && step->action == AUTOMATION__ACTION__ACTION_MAIL)
        err = want(c, "subject", step->subject);
    if (!err && step->action != AUTOMATION__ACTION__ACTION_WEBHOOK)
        err = want(c, "text", step->text);
    return err ? err : check_template(c, "text", step->text);
}

static lia_err check_start(const check *c)
{
    return c->step->has_flow ? LIA_OK : refuse(c, "flow: is required");
}

/* So long, until an instant, or until a condition, at most so long. */
static lia_err check_wait(const check *c)
{
    const Automation__Step *step = c->step;
    bool period = !lia_text_is_empty(step->period), at = !lia_text_is_empty(step->at);
    bool until = !lia_text_is_empty(step->until);
    if (at ? period || until : !period && !until)
        return refuse(c, "period, at, or until: a wait has one of them, until may have a period");
    lia_err err = check_period(c, "period", step->period);
    if (!err && at) err = check_template(c, "at", step->at);
    if (!err) err = check_filter(c, "until", step->until, c->sees);
    if (!err && until && !period)
        err = refuse(c, "period: a wait until a condition says for how long at most");
    return err ? err : check_later(c, "otherwise", step->otherwise);
}

static lia_err check_branch(const check *c)
{
    lia_err err = want(c, "condition", c->step->condition);
    if (!err) err = check_filter(c, "condition", c->step->condition, c->sees);
    if (!err && lia_text_is_empty(c->step->then) && lia_text_is_empty(c->step->otherwise))
        err = refuse(c, "then or otherwise: one of the two is required");
    if (!err) err = check_later(c, "then", c->step->then);
    return err ? err : check_later(c, "otherwise", c->step->otherwise);
}

static lia_err check_loop(const check *c)
{
    const Automation__Step *step = c->step;
    lia_err err = want(c, "back", step->back);
    if (err) return err;
    size_t back = lia_plan_find(c->plan, step->back);
    if (back == c->plan->n_steps) return refuse(c, "back: there is no step '%.40s'", step->back);
    if (back >= c->at) return refuse(c, "back: '%.40s' is not above", step->back);
    if (!step->times || step->times > LIA_PLAN_TIMES_MAX)
        return refuse(c, "times: 1 to %d are wanted", LIA_PLAN_TIMES_MAX);
    return check_filter(c, "condition", step->condition, c->sees);
}

/* What another step above takes under a name is of the same type: later steps cannot tell them
 * apart. */
static lia_err check_types(const check *c)
{
    const Automation__Step *const *steps = (const Automation__Step *const *)c->plan->steps;
    for (size_t i = 0; i < c->at; i++)
        for (size_t t = 0; t < steps[i]->n_takes; t++)
            for (size_t own = 0; own < c->step->n_takes; own++)
                if (strcmp(steps[i]->takes[t]->name, c->step->takes[own]->name) == 0 &&
                    steps[i]->takes[t]->type != c->step->takes[own]->type)
                    return refuse(c, "takes[%zu].type: '%.40s' takes a '%.40s' of another type",
                                  own, steps[i]->name, c->step->takes[own]->name);
    return LIA_OK;
}

static lia_err check_http(const check *c)
{
    lia_why inner = {{0}};
    lia_err err = lia_request_check(c->step, c->sees, &inner);
    if (err) return err == LIA_EFULL ? err : refuse(c, "%s", inner.text);
    err = check_types(c);
    return err ? err : check_later(c, "otherwise", c->step->otherwise);
}

static lia_err check_nothing(const check *c)
{
    (void)c;
    return LIA_OK;
}

static lia_err check_action(const check *c)
{
    static lia_err (*const checks[])(const check *) = {
        [AUTOMATION__ACTION__ACTION_SET] = check_set,
        [AUTOMATION__ACTION__ACTION_CREATE] = check_create,
        [AUTOMATION__ACTION__ACTION_ASSIGN] = check_assign,
        [AUTOMATION__ACTION__ACTION_VERB] = check_verb,
        [AUTOMATION__ACTION__ACTION_HAND_OVER] = check_hand_over,
        [AUTOMATION__ACTION__ACTION_NOTIFY] = check_send,
        [AUTOMATION__ACTION__ACTION_MAIL] = check_send,
        [AUTOMATION__ACTION__ACTION_WEBHOOK] = check_send,
        [AUTOMATION__ACTION__ACTION_START] = check_start,
        [AUTOMATION__ACTION__ACTION_WAIT] = check_wait,
        [AUTOMATION__ACTION__ACTION_BRANCH] = check_branch,
        [AUTOMATION__ACTION__ACTION_LOOP] = check_loop,
        [AUTOMATION__ACTION__ACTION_END] = check_nothing,
        [AUTOMATION__ACTION__ACTION_HTTP] = check_http,
    };
    size_t action = (size_t)c->step->action;
    if (action >= LIA_COUNT(checks) || !checks[action])
        return refuse(c, "action: there is no such action");
    return checks[action](c);
}

static lia_err check_step(const check *c)
{
    const Automation__Step *step = c->step;
    if (strlen(step->name) > LIA_ELEMENT_BYTES_MAX) return refuse(c, "name: is too long");
    if (lia_plan_find(c->plan, step->name) != c->at)
        return refuse(c, "name: a step above is called so, too");
    lia_err err = check_action(c);
    return err ? err : check_later(c, "next", step->next);
}

lia_err lia_plan_check(const Automation__Plan *plan, const lia_plan_place *place, lia_why *why)
{
    if (!plan || !plan->n_steps) return lia_why_set(why, LIA_EINVAL, "plan: a step is wanted");
    if (plan->n_steps > LIA_PLAN_STEPS_MAX)
        return lia_why_set(why, LIA_EINVAL, "plan: more than %d steps", LIA_PLAN_STEPS_MAX);
    if (automation__plan__get_packed_size(plan) > LIA_PLAN_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "plan: more than %zu bytes", LIA_PLAN_BYTES_MAX);
    for (size_t i = 0; i < plan->n_steps; i++)
        if (lia_text_is_empty(plan->steps[i]->name))
            return lia_why_set(why, LIA_EINVAL, "plan.steps[%zu].name: is required", i);
    check c = {.plan = plan, .place = place, .why = why};
    for (; c.at < plan->n_steps; c.at++) {
        c.step = plan->steps[c.at];
        c.sees = lia_answers_kind(place->kind, plan, c.at, place->arena);
        if (!c.sees) return LIA_EFULL;
        lia_err err = check_step(&c);
        if (err) return err;
    }
    return LIA_OK;
}
