/* SPDX-License-Identifier: Apache-2.0 */
/* What a run has got to stands in its job's payload, which is committed with what the slice has
 * blanked; so a slice is done once, whatever breaks off in between. A slice that finds something
 * announces it and says in the rule how far it is; the last one finds nothing and says that it is
 * done. */
#include "common/crm/retention_turn.h"

#include "common/base/log.h"
#include "common/crm/retention.h"
#include "common/node/fields.h"
#include "common/node/progress.h"

#define READY_MS    (10 * 60 * 1000) /* after a start */
#define ROWS_MAX    2000             /* looked at in a slice: some milliseconds */
#define RECORDS_MAX 256              /* of one announcement: 5 kB */

/* after(16) began(8) blanked(8): how far a run is. */
typedef struct run {
    lia_id after;
    lia_time began;
    uint64_t blanked;
} run;

enum { RUN_SIZE = LIA_ID_SIZE + 16 };

/* ---- rules ----------------------------------------------------------------------------------- */

lia_err lia_retention_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    lia_retention_terms rule;
    lia_why why;
    (void)id;
    lia_refusal no = lia_retention_complete(before, after, turn->now);
    if (no) return lia_refuse(turn, no);
    lia_err err = lia_retention_make(&rule, after, turn->now, turn->arena, &why);
    return err == LIA_EINVAL ? lia_turn_fail(turn, err, "%s", why.text) : err;
}

lia_err lia_retention_handle_apply(lia_turn *turn, const void *request)
{
    const Crm__ApplyRetentionRule *ask = request;
    lia_id id = lia_id_in(ask->rule);
    Crm__RetentionRule *rule;
    lia_err err = lia_load(turn, LIA_RETENTION_RULE, id, &rule);
    if (err) return err;
    if (rule->archived) return lia_turn_fail(turn, LIA_EINVAL, "the rule is archived");
    Crm__RetentionAsked fact = CRM__RETENTION_ASKED__INIT;
    LIA_SET_ID(&fact, rule, &id);
    return lia_tell(turn, &fact);
}

static lia_err begin(lia_turn *turn, lia_id rule)
{
    return lia_job_set(turn, LIA_RETENTION_RUN_JOB, rule, turn->now, LIA_SPAN_NONE);
}

lia_err lia_retention_react(lia_turn *turn, const lia_occurrence *seen)
{
    const Crm__RetentionAsked *fact = seen->fact;
    return begin(turn, lia_id_in(fact->rule));
}

/* ---- each day -------------------------------------------------------------------------------- */

lia_err lia_retention_ready(lia_turn *turn)
{
    lia_time due = {turn->now.ms + READY_MS};
    return lia_job_set(turn, LIA_RETENTION_DAY_JOB, LIA_ID_NONE, due, LIA_SPAN_NONE);
}

lia_err lia_retention_day(lia_turn *turn, lia_id key, lia_span payload)
{
    lia_id rules[LIA_RETENTION_RULES_MAX];
    size_t count;
    (void)payload;
    lia_err err = lia_progress_rules(turn, rules, &count);
    for (size_t i = 0; i < count && !err; i++) {
        Crm__RetentionRule *rule;
        err = lia_load(turn, LIA_RETENTION_RULE, rules[i], &rule);
        if (!err && rule->enabled && !rule->archived) err = begin(turn, rules[i]);
    }
    if (err) return err;
    lia_time due = {turn->now.ms + (int64_t)LIA_DAY_MS};
    return lia_job_set(turn, LIA_RETENTION_DAY_JOB, key, due, LIA_SPAN_NONE);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static run read_run(lia_span payload, lia_time now)
{
    if (payload.size != RUN_SIZE) return (run){.after = LIA_ID_NONE, .began = now};
    return (run){lia_id_from(lia_span_make(payload.data, LIA_ID_SIZE)),
                 {(int64_t)lia_get_u64(payload.data + LIA_ID_SIZE)},
                 lia_get_u64(payload.data + LIA_ID_SIZE + 8)};
}

static lia_err go_on(lia_turn *turn, lia_id rule, const run *at)
{
    uint8_t payload[RUN_SIZE];
    memcpy(payload, at->after.bytes, LIA_ID_SIZE);
    lia_put_u64(payload + LIA_ID_SIZE, (uint64_t)at->began.ms);
    lia_put_u64(payload + LIA_ID_SIZE + 8, at->blanked);
    lia_time due = {turn->now.ms + LIA_RETENTION_PAUSE_MS};
    return lia_job_set(turn, LIA_RETENTION_RUN_JOB, rule, due, LIA_SPAN_OF(payload));
}

/* What the slice takes away; *end: there is nothing behind it. */
static lia_err look(lia_turn *turn, const Crm__RetentionRule *rule, const lia_retention_terms *by,
                    run *at, lia_id *found, size_t *count, bool *end)
{
    lia_retention_walk walk;
    lia_retention_find each;
    lia_err err = lia_retention_open(&walk, lia_turn_rows(turn), by, at->after, turn->arena);
    if (err) return err;
    *count = 0;
    while (*count < RECORDS_MAX && !(err = lia_retention_next(&walk, ROWS_MAX, &each)))
        if (lia_retention_is_ours(rule, turn->node, each.origin, turn->now))
            found[(*count)++] = each.id;
    at->after = walk.last;
    lia_retention_close(&walk);
    *end = err == LIA_EABSENT;
    return err == LIA_EABSENT || err == LIA_EBUSY ? LIA_OK : err;
}

/* The node's entry in the rule, as it is to be. */
static lia_err note(lia_turn *turn, lia_id id, Crm__RetentionRule *rule, const run *at,
                    lia_time before, size_t count, Crm__RetentionProgress **own)
{
    *own = lia_progress_own(turn, rule);
    if (!*own) return LIA_EFULL;
    LIA_SET(*own, began_at, at->began.ms);
    LIA_SET(*own, before, before.ms);
    LIA_SET(*own, blanked, at->blanked);
    LIA_SET(*own, blanked_ever, (*own)->blanked_ever + count);
    if (count)
        LIA_CLEAR(*own, done_at);
    else
        LIA_SET(*own, done_at, turn->now.ms);
    return lia_record(turn, LIA_RETENTION_RULE, id, rule);
}

static lia_err announce(lia_turn *turn, lia_id id, lia_id *found, size_t count)
{
    ProtobufCBinaryData *records = lia_arena_take(turn->arena, count * sizeof *records);
    if (!records) return LIA_EFULL;
    for (size_t i = 0; i < count; i++) records[i] = lia_id_bytes(&found[i]);
    Crm__RetentionBlanked fact = CRM__RETENTION_BLANKED__INIT;
    LIA_SET_ID(&fact, rule, &id);
    LIA_SET(&fact, kind, LIA_INTERACTION);
    fact.records = records;
    fact.n_records = count;
    return lia_tell(turn, &fact);
}

static lia_err finish(lia_turn *turn, lia_id id, Crm__RetentionProgress *own)
{
    Crm__RetentionRan fact = CRM__RETENTION_RAN__INIT;
    LIA_SET_ID(&fact, rule, &id);
    fact.progress = own;
    LIA_LOG(INFO, "retention.ran", LIA_ID("rule", id), LIA_INT("blanked", own->blanked));
    return lia_tell(turn, &fact);
}

static lia_err run_slice(lia_turn *turn, lia_id id, Crm__RetentionRule *rule, run *at)
{
    lia_retention_terms by;
    lia_why why = {{0}};
    lia_id found[RECORDS_MAX];
    size_t count;
    bool end;
    Crm__RetentionProgress *own;
    lia_err err = lia_retention_make(&by, rule, at->began, turn->arena, &why);
    if (err == LIA_EINVAL) { /* written by a later release: not for this one to judge */
        LIA_LOG(WARN, "retention.not_read", LIA_ID("rule", id), LIA_TEXT("why", why.text));
        return LIA_OK;
    }
    if (!err) err = look(turn, rule, &by, at, found, &count, &end);
    if (err) return err;
    at->blanked += count;
    if (count || end) err = note(turn, id, rule, at, by.before, count, &own);
    if (err) return err;
    if (end && !count) return finish(turn, id, own);
    err = count ? announce(turn, id, found, count) : LIA_OK;
    return err ? err : go_on(turn, id, at);
}

lia_err lia_retention_run(lia_turn *turn, lia_id id, lia_span payload)
{
    Crm__RetentionRule *rule;
    run at = read_run(payload, turn->now);
    lia_err err = lia_load(turn, LIA_RETENTION_RULE, id, &rule);
    if (err == LIA_EABSENT || (!err && rule->archived)) return LIA_OK;
    return err ? err : run_slice(turn, id, rule, &at);
}
