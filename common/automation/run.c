/* SPDX-License-Identifier: Apache-2.0 */
/* Each thing that happens to a run is one turn of a job: effect, mark and next timer are one
 * commit, under a key that is derived from the run and the step's number. So a crash leaves the
 * step undone or done, and a second node that does it, too, does the same under the same key. */

#include "common/automation/plan.h"
#include "common/automation/run_inner.h"
#include "common/base/log.h"
#include "common/node/fields.h"

/* ---- what sets a run off ----------------------------------------------------------------------
 */

/* version(1) definition(16) kind(2) record(16) node(2) incarnation(8) seq(8) depth(4) */
enum { START_SIZE = 1 + LIA_ID_SIZE + 2 + LIA_ID_SIZE + 2 + 8 + 8 + 4 };

static void put_start(uint8_t out[START_SIZE], const lia_start *start)
{
    uint8_t *at = out;
    *at++ = 1;
    memcpy(at, start->definition.bytes, LIA_ID_SIZE);
    lia_put_u16(at += LIA_ID_SIZE, start->kind);
    memcpy(at += 2, start->record.bytes, LIA_ID_SIZE);
    lia_put_u16(at += LIA_ID_SIZE, start->cause.node);
    lia_put_u64(at += 2, start->cause.incarnation);
    lia_put_u64(at += 8, start->cause.seq);
    lia_put_u32(at + 8, start->depth);
}

static bool read_start(lia_span bytes, lia_start *out)
{
    const uint8_t *at = bytes.data;
    if (bytes.size != START_SIZE || *at++ != 1) return false;
    out->definition = lia_id_from(lia_span_make(at, LIA_ID_SIZE));
    out->kind = lia_get_u16(at += LIA_ID_SIZE);
    out->record = lia_id_from(lia_span_make(at += 2, LIA_ID_SIZE));
    out->cause.node = lia_get_u16(at += LIA_ID_SIZE);
    out->cause.incarnation = lia_get_u64(at += 2);
    out->cause.seq = lia_get_u64(at += 8);
    out->depth = lia_get_u32(at + 8);
    return true;
}

lia_id lia_run_id(lia_id definition, lia_id record, lia_span occasion)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_span parts[] = {lia_id_span(&definition), lia_id_span(&record), occasion};
    lia_digest_of("liaison.automation.run", parts, LIA_COUNT(parts), digest);
    return lia_id_derive("automation.run", LIA_SPAN_OF(digest));
}

/* How long this node leaves a run to those that come before it. */
static int64_t stand_in_ms(lia_turn *turn, lia_id run)
{
    size_t rank = 0;
    uint16_t member;
    while ((member = lia_turn_member_for(turn, run, rank)) && member != lia_turn_member(turn))
        rank++;
    return (int64_t)(rank * lia_turn_take_over_ms(turn));
}

lia_err lia_run_set_off(lia_turn *turn, lia_id run, const lia_start *start, bool somebody_else,
                        bool here)
{
    uint8_t payload[START_SIZE];
    put_start(payload, start);
    int64_t wait_ms = here ? 0 : stand_in_ms(turn, run);
    if (somebody_else) wait_ms += (int64_t)lia_turn_take_over_ms(turn);
    return lia_job_set(turn, LIA_RUN_JOB, run, (lia_time){turn->now.ms + wait_ms},
                       LIA_SPAN_OF(payload));
}

static const char *print_cause(lia_turn *turn, lia_position cause)
{
    if (!cause.seq) return NULL;
    return lia_arena_text(turn->arena, "%u/%016llx/%llu", cause.node,
                          (unsigned long long)cause.incarnation, (unsigned long long)cause.seq);
}

/* ---- beginning --------------------------------------------------------------------------------
 */

static lia_err tell_began(lia_turn *turn, lia_id id)
{
    Automation__RunBegan fact = AUTOMATION__RUN_BEGAN__INIT;
    LIA_SET_ID(&fact, run, &id);
    return lia_tell(turn, &fact);
}

lia_err lia_run_begin(lia_turn *turn, lia_book *book, const lia_definition *d, lia_id id,
                      const lia_start *start)
{
    lia_subject subject;
    lia_err err = lia_subject_load(&subject, book, lia_turn_rows(turn), d->kind, start->record,
                                   turn->now, turn->arena);
    if (err) return err;
    Automation__Run run = AUTOMATION__RUN__INIT;
    if (!lia_id_is_none(subject.customer)) LIA_SET_ID(&run, customer, &subject.customer);
    run.name = d->name;
    if (d->is_flow)
        LIA_SET_ID(&run, flow, &d->id);
    else
        LIA_SET_ID(&run, rule, &d->id);
    run.defined_by = d->defined_by;
    LIA_SET(&run, department, (Liaison__Department)turn->department);
    run.kind = d->kind->name;
    LIA_SET_ID(&run, record, &start->record);
    run.plan = d->plan;
    run.exit = d->exit;
    run.at = d->plan->steps[0]->name;
    LIA_SET(&run, state, LIA_RUN_STATE(RUNNING));
    run.cause = print_cause(turn, start->cause);
    LIA_SET(&run, depth, start->depth);
    LIA_SET(&run, began_at, turn->now.ms);
    LIA_SET(&run, node, lia_turn_member(turn));
    LIA_SET(&run, actor, d->actor);
    LIA_SET(&run, count, 0);
    if (subject.archived) LIA_SET(&run, of_archived, true);
    if (start->depth > LIA_AUTOMATION_DEPTH_MAX)
        return lia_run_fail(
            turn, id, &run,
            lia_arena_text(turn->arena,
                           "automations set one another off %u times in a row, which is more "
                           "than %d: it was stopped here; look for rules that go in a ring",
                           start->depth, LIA_AUTOMATION_DEPTH_MAX));
    err = lia_record(turn, LIA_RUN, id, &run);
    if (!err) err = tell_began(turn, id);
    return err ? err : lia_run_look_at(turn, id, turn->now.ms);
}

static lia_err begin(lia_turn *turn, lia_book *book, lia_id id, const lia_start *start)
{
    const lia_definition *d = lia_book_find(book, start->definition);
    if (!d || d->kind->number != start->kind) return LIA_OK; /* taken back meanwhile */
    lia_err err = lia_turn_as(turn, &(lia_agent){.key = lia_run_key(id, "automation.begin", 0, 0),
                                                 .actor = d->actor,
                                                 .cause = start->cause,
                                                 .depth = start->depth});
    if (err) return err == LIA_EEXIST ? LIA_OK : err;
    err = lia_run_begin(turn, book, d, id, start);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* When something of the run was last recorded. */
static lia_err last_heard(lia_turn *turn, lia_id id, int64_t *ms)
{
    lia_record record;
    lia_err err = lia_rows_record(lia_turn_rows(turn), LIA_RUN, id, turn->arena, &record);
    if (!err) *ms = lia_hlc_ms(lia_record_top(&record).hlc);
    return err;
}

/* When this node is to do another's run. */
static lia_err take_over_at(lia_turn *turn, lia_id id, const Automation__Run *run, int64_t *ms)
{
    lia_err err = last_heard(turn, id, ms);
    if (!err && run->state == LIA_RUN_STATE(WAITING) && run->wake_at > *ms) *ms = run->wake_at;
    *ms += (int64_t)lia_turn_take_over_ms(turn) + stand_in_ms(turn, id);
    return err;
}

lia_err lia_run_watch(lia_turn *turn, lia_id id)
{
    Automation__Run *run;
    int64_t due;
    lia_err err = lia_load(turn, LIA_RUN, id, &run);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if ((int)run->department != (int)turn->department || run->node == lia_turn_member(turn))
        return LIA_OK;
    if (lia_run_has_ended(run)) return lia_job_clear(turn, LIA_RUN_JOB, id);
    err = take_over_at(turn, id, run, &due);
    return err ? err : lia_run_look_at(turn, id, due);
}

lia_err lia_run_go_on(lia_turn *turn, lia_id id, lia_span payload)
{
    Automation__Run *run;
    lia_book *book;
    lia_start start;
    int64_t due;
    lia_err err = lia_book_open(turn, &book);
    if (!err) err = lia_load(turn, LIA_RUN, id, &run);
    if (err == LIA_EABSENT)
        return read_start(payload, &start) ? begin(turn, book, id, &start) : LIA_OK;
    if (err)
        return lia_run_must_wait(err)
                   ? lia_job_set(turn, LIA_RUN_JOB, id, (lia_time){turn->now.ms + LIA_RUN_MEND_MS},
                                 payload)
                   : err;
    if ((int)run->department != (int)turn->department || lia_run_has_ended(run)) return LIA_OK;
    if (run->node != lia_turn_member(turn)) {
        err = take_over_at(turn, id, run, &due);
        if (err || due > turn->now.ms) return err ? err : lia_run_look_at(turn, id, due);
        LIA_LOG(WARN, "run.taken_over", LIA_ID("run", id), LIA_INT("from", run->node));
    }
    return lia_run_do_step(turn, book, id, run);
}

/* ---- woken by a change ------------------------------------------------------------------------
 */

#define WOKEN_MAX 64

lia_err lia_runs_wake(lia_turn *turn, lia_id record)
{
    const lia_field *field =
        lia_field_by_name(lia_kind_find(LIA_RUN)->message, LIA_SPAN("watches"));
    lia_key prefix = lia_key_index_value(LIA_RUN, field, lia_id_span(&record));
    lia_id runs[WOKEN_MAX];
    size_t count = 0;
    lia_scan *scan;
    lia_span key, row;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (count < WOKEN_MAX && lia_scan_next(scan, &key, &row))
        runs[count++] = lia_key_index_id(key);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    for (size_t i = 0; i < count && !err; i++) {
        Automation__Run *run;
        err = lia_load(turn, LIA_RUN, runs[i], &run);
        if (!err && (int)run->department == (int)turn->department &&
            run->node == lia_turn_member(turn))
            err = lia_run_look_at(turn, runs[i], turn->now.ms);
        if (err == LIA_EABSENT) err = LIA_OK;
    }
    return err;
}

/* ---- what people do ---------------------------------------------------------------------------
 */

static const lia_refusal_text IS_NOT_FAILED[1] = {
    {"run-is-not-failed", "Only a run that failed can be tried again."}};
static const lia_refusal_text HAS_ENDED[1] = {{"run-has-ended", "The run has ended already."}};

static lia_err load_own(lia_turn *turn, lia_id id, Automation__Run **run)
{
    lia_err err = lia_load(turn, LIA_RUN, id, run);
    if (err || (int)(*run)->department == (int)turn->department) return err;
    return lia_turn_fail(turn, LIA_EOWNER, "the run is the work of %s: ask there",
                         lia_department_name((lia_department)(*run)->department));
}

lia_err lia_run_retry(lia_turn *turn, lia_id id)
{
    Automation__Run *run;
    lia_err err = load_own(turn, id, &run);
    if (err) return err;
    if (run->state != LIA_RUN_STATE(FAILED) || !run->plan) return lia_refuse(turn, IS_NOT_FAILED);
    LIA_SET(run, attempt, run->attempt + 1);
    LIA_CLEAR(run, ended_at);
    run->reason = NULL;
    return lia_run_go_to(turn, id, run, lia_plan_find(run->plan, run->at));
}

lia_err lia_run_cancel(lia_turn *turn, lia_id id)
{
    Automation__Run *run;
    lia_err err = load_own(turn, id, &run);
    if (err) return err;
    if (lia_run_has_ended(run) && run->state != LIA_RUN_STATE(FAILED))
        return lia_refuse(turn, HAS_ENDED);
    err = lia_run_end(turn, id, run, LIA_RUN_STATE(CANCELLED), NULL);
    return err ? err : lia_job_clear(turn, LIA_RUN_JOB, id);
}
