/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/run_inner.h"

#include <stdio.h>

#include "common/automation/call.h"
#include "common/automation/plan.h"
#include "common/base/log.h"
#include "common/node/fields.h"

lia_err lia_run_look_at(lia_turn *turn, lia_id run, int64_t due_ms)
{
    return lia_job_set(turn, LIA_RUN_JOB, run, (lia_time){due_ms}, LIA_SPAN_NONE);
}

/* ---- keys -------------------------------------------------------------------------------------
 */

/* A retry is not the attempt before. */
lia_id lia_run_key(lia_id run, const char *what, uint32_t number, uint32_t attempt)
{
    uint8_t seed[LIA_ID_SIZE + 8];
    memcpy(seed, run.bytes, LIA_ID_SIZE);
    lia_put_u32(seed + LIA_ID_SIZE, number);
    lia_put_u32(seed + LIA_ID_SIZE + 4, attempt);
    return lia_id_derive(what, LIA_SPAN_OF(seed));
}

static lia_position read_cause(const char *text)
{
    unsigned node;
    unsigned long long incarnation, seq;
    if (!text || sscanf(text, "%u/%llx/%llu", &node, &incarnation, &seq) != 3)
        return (lia_position){0};
    return (lia_position){incarnation, seq, (uint16_t)node};
}

lia_err lia_run_act_as(lia_turn *turn, lia_id key, const Automation__Run *run)
{
    return lia_turn_as(turn, &(lia_agent){.key = key,
                                          .actor = run->actor,
                                          .cause = read_cause(run->cause),
                                          .depth = run->depth});
}

/* ---- telling ----------------------------------------------------------------------------------
 */

static lia_err tell_ended(lia_turn *turn, lia_id id, Automation__RunState state)
{
    Automation__RunEnded fact = AUTOMATION__RUN_ENDED__INIT;
    LIA_SET_ID(&fact, run, &id);
    LIA_SET(&fact, state, state);
    return lia_tell(turn, &fact);
}

static lia_err tell_failed(lia_turn *turn, lia_id id, const char *step)
{
    Automation__RunFailed fact = AUTOMATION__RUN_FAILED__INIT;
    LIA_SET_ID(&fact, run, &id);
    fact.step = step;
    return lia_tell(turn, &fact);
}

lia_err lia_run_tell_advanced(lia_turn *turn, lia_id id, const char *step)
{
    Automation__RunAdvanced fact = AUTOMATION__RUN_ADVANCED__INIT;
    LIA_SET_ID(&fact, run, &id);
    fact.step = step;
    return lia_tell(turn, &fact);
}

/* ---- states -----------------------------------------------------------------------------------
 */

static void stop_waiting(Automation__Run *run)
{
    LIA_CLEAR(run, wake_at);
    run->has_watches = false;
    run->watches = (ProtobufCBinaryData){0};
}

/* It waits for an answer that nobody needs any more. */
static bool stops_asking(const Automation__Run *run)
{
    size_t at = run->plan ? lia_plan_find(run->plan, run->at) : 0;
    return run->state == LIA_RUN_STATE(WAITING) && run->plan && at < run->plan->n_steps &&
           run->plan->steps[at]->action == AUTOMATION__ACTION__ACTION_HTTP;
}

/* Records the run as ended; nothing of it is needed for going on any more. */
lia_err lia_run_end(lia_turn *turn, lia_id id, Automation__Run *run, Automation__RunState state,
                    const char *reason)
{
    lia_err dropped = stops_asking(run) ? lia_call_drop(turn, id, run) : LIA_OK;
    if (dropped) return dropped;
    LIA_SET(run, state, state);
    LIA_SET(run, ended_at, turn->now.ms);
    run->reason = reason;
    run->at = NULL;
    run->plan = NULL;
    run->exit = NULL;
    stop_waiting(run);
    lia_err err = lia_record(turn, LIA_RUN, id, run);
    return err ? err : tell_ended(turn, id, state);
}

/* Plan and step stay, for a retry. */
lia_err lia_run_fail(lia_turn *turn, lia_id id, Automation__Run *run, const char *reason)
{
    LIA_SET(run, state, LIA_RUN_STATE(FAILED));
    LIA_SET(run, ended_at, turn->now.ms);
    run->reason = reason;
    stop_waiting(run);
    LIA_LOG(WARN, "run.failed", LIA_ID("run", id), LIA_TEXT("rule", run->name ? run->name : ""),
            LIA_TEXT("step", run->at ? run->at : ""));
    lia_err err = lia_record(turn, LIA_RUN, id, run);
    return err ? err : tell_failed(turn, id, run->at);
}

lia_err lia_run_go_to(lia_turn *turn, lia_id id, Automation__Run *run, size_t next)
{
    if (next >= run->plan->n_steps) return lia_run_end(turn, id, run, LIA_RUN_STATE(DONE), NULL);
    LIA_SET(run, state, LIA_RUN_STATE(RUNNING));
    LIA_SET(run, node, lia_turn_member(turn));
    run->at = run->plan->steps[next]->name;
    stop_waiting(run);
    lia_err err = lia_record(turn, LIA_RUN, id, run);
    if (!err) err = lia_run_tell_advanced(turn, id, run->at);
    return err ? err : lia_run_look_at(turn, id, turn->now.ms);
}
