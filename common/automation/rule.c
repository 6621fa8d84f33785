/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/rule.h"

#include "common/node/fields.h"

uint32_t lia_automation_actor(lia_id definition)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_span part = lia_id_span(&definition);
    lia_digest_of("liaison.automation.actor", &part, 1, digest);
    return lia_get_u32(digest) | LIA_ACTOR_AUTOMATION;
}

/* What the two have in common. */
static lia_err read_kind(const char *name, const lia_kind **out, lia_why *why)
{
    *out = lia_kind_by_name(lia_span_text(name));
    if (!*out || (*out)->secret || ((*out)->number >= LIA_RULE && (*out)->number <= LIA_ROTA))
        return lia_why_set(why, LIA_EINVAL, "kind: there is no kind '%.40s' to act on",
                           name ? name : "");
    return LIA_OK;
}

static lia_err read_department(Liaison__Department department, lia_why *why)
{
    if ((int)department > LIA_DEPARTMENT_ANY && (int)department < LIA_DEPARTMENTS) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "department: say which department's node does it");
}

static lia_err read_filter(lia_filter **out, const char *member, const char *text,
                           const lia_kind *kind, lia_arena *arena, lia_why *why)
{
    lia_why inner = {{0}};
    *out = NULL;
    if (lia_text_is_empty(text)) return LIA_OK;
    lia_err err = lia_filter_parse(out, kind, lia_span_text(text), arena, &inner);
    return err == LIA_EINVAL ? lia_why_set(why, err, "%s: %s", member, inner.text) : err;
}

/* ---- triggers -------------------------------------------------------------------------------- */

static lia_err read_fact(lia_definition *d, const Automation__Rule *rule, lia_why *why)
{
    const lia_fact *fact = lia_fact_by_name(lia_span_text(rule->fact));
    if (!fact || fact->secret || fact->number >= LIA_FACT_NUMBERS)
        return lia_why_set(why, LIA_EINVAL, "fact: there is no fact '%.60s'",
                           rule->fact ? rule->fact : "");
    d->fact = fact->number;
    return LIA_OK;
}

static lia_err read_change(lia_definition *d, const Automation__Rule *rule, lia_arena *arena,
                           lia_why *why)
{
    for (size_t i = 0; i < rule->n_fields; i++)
        if (!lia_field_by_name(d->kind->message, lia_span_text(rule->fields[i])))
            return lia_why_set(why, LIA_EINVAL, "fields[%zu]: no field '%.60s' in %s", i,
                               rule->fields[i], d->kind->name);
    return read_filter(&d->before, "before", rule->before, d->kind, arena, why);
}

static lia_err read_after(int64_t *ms, const char *text, lia_why *why)
{
    lia_span period = lia_span_text(text);
    bool minus = period.size && period.data[0] == '-';
    *ms = 0;
    if (!period.size) return LIA_OK;
    if (lia_period_parse(minus ? lia_span_skip(period, 1) : period, ms))
        return lia_why_set(why, LIA_EINVAL, "after: " LIA_PERIOD_WANTED ", or one before: -3d");
    if (minus) *ms = -*ms;
    return LIA_OK;
}

static lia_err read_moment(lia_definition *d, const Automation__Rule *rule, lia_why *why)
{
    lia_span name = lia_span_text(rule->field);
    if (!lia_span_is(name, "created_at")) {
        d->field = lia_field_by_name(d->kind->message, name);
        if (!d->field || d->field->repeated || d->field->meaning != LIA_M_INSTANT ||
            !d->field->indexed)
            return lia_why_set(why, LIA_EINVAL,
                               "field: '%.60s' is no indexed instant of %s, nor created_at",
                               rule->field ? rule->field : "", d->kind->name);
    }
    lia_err err = read_after(&d->after_ms, rule->after, why);
    if (!err && !d->field && d->after_ms < 0)
        err = lia_why_set(why, LIA_EINVAL, "after: nothing is done before a record is made");
    return err;
}

static lia_err read_schedule(lia_definition *d, const Automation__Rule *rule, lia_why *why)
{
    if (lia_period_parse(lia_span_text(rule->every), &d->every_ms))
        return lia_why_set(why, LIA_EINVAL, "every: " LIA_PERIOD_WANTED);
    if (d->every_ms < LIA_RULE_EVERY_MS_MIN)
        return lia_why_set(why, LIA_EINVAL, "every: a minute is the shortest");
    return LIA_OK;
}

static lia_err read_trigger(lia_definition *d, const Automation__Rule *rule, lia_arena *arena,
                            lia_why *why)
{
    switch (rule->trigger) {
    case AUTOMATION__TRIGGER__TRIGGER_FACT:
        return read_fact(d, rule, why);
    case AUTOMATION__TRIGGER__TRIGGER_CHANGE:
        return read_change(d, rule, arena, why);
    case AUTOMATION__TRIGGER__TRIGGER_MOMENT:
        return read_moment(d, rule, why);
    case AUTOMATION__TRIGGER__TRIGGER_SCHEDULE:
        return read_schedule(d, rule, why);
    default:
        return lia_why_set(why, LIA_EINVAL, "trigger: there is no such trigger");
    }
}

/* ---- rules ----------------------------------------------------------------------------------- */

static lia_err read_rule(lia_definition *d, const Automation__Rule *rule, lia_plan_place *place,
                         lia_why *why)
{
    lia_err err = read_department(rule->department, why);
    if (!err) err = read_kind(rule->kind, &d->kind, why);
    if (!err) err = read_trigger(d, rule, place->arena, why);
    if (!err)
        err = read_filter(&d->condition, "condition", rule->condition, d->kind, place->arena, why);
    if (err) return err;
    d->name = rule->name;
    d->actor = rule->actor;
    d->plan = rule->plan;
    d->rule = rule;
    place->kind = d->kind;
    return lia_plan_check(rule->plan, place, why);
}

lia_err lia_rule_read(lia_definition *out, const Automation__Rule *rule, lia_department department,
                      lia_arena *arena, lia_why *why)
{
    lia_plan_place place = {.arena = arena};
    if (!rule->enabled || rule->archived || (int)rule->department != (int)department)
        return LIA_EABSENT;
    return read_rule(out, rule, &place, why);
}

lia_err lia_rule_complete(const Automation__Rule *before, Automation__Rule *rule, lia_id id,
                          lia_time now, lia_plan_place *place, lia_why *why)
{
    lia_definition d = {.id = id};
    lia_err err = read_rule(&d, rule, place, why);
    if (err) return err;
    LIA_SET(rule, actor, lia_automation_actor(id));
    if (!rule->enabled)
        LIA_CLEAR(rule, enabled_at);
    else if (!before || !before->enabled || before->archived)
        LIA_SET(rule, enabled_at, now.ms);
    return LIA_OK;
}

/* ---- flows ----------------------------------------------------------------------------------- */

static lia_err read_flow(lia_definition *d, const Automation__Flow *flow, lia_plan_place *place,
                         lia_why *why)
{
    lia_filter *exit;
    lia_err err = read_department(flow->department, why);
    if (!err) err = read_kind(flow->kind, &d->kind, why);
    if (!err) err = read_filter(&exit, "exit", flow->exit, d->kind, place->arena, why);
    if (err) return err;
    d->is_flow = true;
    d->name = flow->name;
    d->actor = flow->actor;
    d->plan = flow->plan;
    d->exit = flow->exit;
    place->kind = d->kind;
    return lia_plan_check(flow->plan, place, why);
}

lia_err lia_flow_read(lia_definition *out, const Automation__Flow *flow, lia_department department,
                      lia_arena *arena, lia_why *why)
{
    lia_plan_place place = {.arena = arena};
    if (!flow->enabled || flow->archived || (int)flow->department != (int)department)
        return LIA_EABSENT;
    return read_flow(out, flow, &place, why);
}

lia_err lia_flow_complete(Automation__Flow *flow, lia_id id, lia_plan_place *place, lia_why *why)
{
    lia_definition d = {.id = id};
    lia_err err = read_flow(&d, flow, place, why);
    if (!err) LIA_SET(flow, actor, lia_automation_actor(id));
    return err;
}
