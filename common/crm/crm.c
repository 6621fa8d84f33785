/* SPDX-License-Identifier: Apache-2.0 */
/* crm - the switchboard of what all departments share: customers, interactions, tasks and
 * hand-overs, as tables that every service joins to its own. */
#include "common/crm/crm.h"

#include "common/access/access.h"
#include "common/automation/automation.h"
#include "common/collab/collab.h"
#include "common/crm/consent_turn.h"
#include "common/crm/custom.h"
#include "common/crm/customer.h"
#include "common/crm/desk.h"
#include "common/crm/handover.h"
#include "common/crm/interaction.h"
#include "common/crm/lookup.h"
#include "common/crm/retention_read.h"
#include "common/crm/retention_turn.h"
#include "common/crm/sameness.h"
#include "common/crm/task.h"
#include "common/hooks/hook.h"
#include "common/identity/engine.h"
#include "common/identity/identity.h"
#include "common/mail/mail.h"
#include "common/node/fields.h"
#include "common/oidc/provider.h"
#include "proto/crm.pb-c.h"

/* ---- hand-overs ------------------------------------------------------------------------------ */

#define OVERDUE "handover.overdue"

/* Offers a customer to another department, and sets the clock for its answer. */
static lia_err offer_handover(lia_turn *turn, const void *request)
{
    const Crm__OfferHandover *ask = request;
    lia_err err = lia_customer_must_exist(turn, ask->customer);
    if (err) return err;

    Crm__Handover handover = CRM__HANDOVER__INIT;
    LIA_SET(&handover, customer, ask->customer);
    LIA_SET(&handover, to, ask->to);
    handover.reason = ask->reason;
    if (ask->has_deadline) LIA_SET(&handover, deadline, ask->deadline);
    lia_refusal no = lia_handover_offer(&handover, turn->department, turn->now);
    if (no) return lia_refuse(turn, no);

    lia_id id = lia_turn_new_id(turn);
    err = lia_record(turn, LIA_HANDOVER, id, &handover);
    if (err) return err;
    err = lia_job_set(turn, OVERDUE, id, (lia_time){handover.deadline}, LIA_SPAN_NONE);
    if (err) return err;
    lia_turn_answer(turn, LIA_HANDOVER, id);

    Crm__HandoverOffered fact = CRM__HANDOVER_OFFERED__INIT;
    LIA_SET_ID(&fact, handover, &id);
    LIA_SET(&fact, from, handover.from);
    LIA_SET(&fact, to, handover.to);
    fact.reason = handover.reason;
    return lia_tell(turn, &fact);
}

static lia_err accept_handover(lia_turn *turn, const void *request)
{
    const Crm__AcceptHandover *ask = request;
    lia_id id = lia_id_in(ask->handover);
    Crm__Handover *handover;
    lia_err err = lia_load(turn, LIA_HANDOVER, id, &handover);
    if (err) return err;

    lia_refusal no = lia_handover_accept(handover, turn->department);
    if (no) return lia_refuse(turn, no);
    return lia_handover_tell_accepted(turn, id, handover);
}

static lia_err refuse_handover(lia_turn *turn, const void *request)
{
    const Crm__RefuseHandover *ask = request;
    lia_id id = lia_id_in(ask->handover);
    Crm__Handover *handover;
    lia_err err = lia_load(turn, LIA_HANDOVER, id, &handover);
    if (err) return err;

    lia_refusal no = lia_handover_refuse(handover, turn->department, ask->answer);
    if (no) return lia_refuse(turn, no);
    return lia_handover_tell_refused(turn, id, handover);
}

static lia_err withdraw_handover(lia_turn *turn, const void *request)
{
    const Crm__WithdrawHandover *ask = request;
    lia_id id = lia_id_in(ask->handover);
    Crm__Handover *handover;
    lia_err err = lia_load(turn, LIA_HANDOVER, id, &handover);
    if (err) return err;

    lia_refusal no = lia_handover_withdraw(handover, turn->department);
    if (no) return lia_refuse(turn, no);
    err = lia_record(turn, LIA_HANDOVER, id, handover);
    if (err) return err;

    Crm__HandoverWithdrawn fact = CRM__HANDOVER_WITHDRAWN__INIT;
    LIA_SET_ID(&fact, handover, &id);
    LIA_SET(&fact, from, handover->from);
    LIA_SET(&fact, to, handover->to);
    return lia_tell(turn, &fact);
}

/* Nobody answered in time: marked and told by the department that waits. */
static lia_err mark_overdue(lia_turn *turn, lia_id id, lia_span payload)
{
    (void)payload;
    Crm__Handover *handover;
    lia_err err = lia_load(turn, LIA_HANDOVER, id, &handover);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;

    if (!lia_handover_lapse(handover, turn->now)) return LIA_OK;
    err = lia_record(turn, LIA_HANDOVER, id, handover);
    if (err) return err;

    Crm__HandoverOverdue fact = CRM__HANDOVER_OVERDUE__INIT;
    LIA_SET_ID(&fact, handover, &id);
    LIA_SET(&fact, from, handover->from);
    LIA_SET(&fact, to, handover->to);
    return lia_tell(turn, &fact);
}

static lia_err stop_clock(lia_turn *turn, Liaison__Department from, ProtobufCBinaryData handover)
{
    if ((int)from != (int)turn->department) return LIA_OK;
    return lia_job_clear(turn, OVERDUE, lia_id_in(handover));
}

static lia_err stop_clock_accepted(lia_turn *turn, const lia_occurrence *seen)
{
    const Crm__HandoverAccepted *fact = seen->fact;
    return stop_clock(turn, fact->from, fact->handover);
}

static lia_err stop_clock_refused(lia_turn *turn, const lia_occurrence *seen)
{
    const Crm__HandoverRefused *fact = seen->fact;
    return stop_clock(turn, fact->from, fact->handover);
}

static lia_err stop_clock_withdrawn(lia_turn *turn, const lia_occurrence *seen)
{
    const Crm__HandoverWithdrawn *fact = seen->fact;
    return stop_clock(turn, fact->from, fact->handover);
}

/* ---- erasure --------------------------------------------------------------------------------- */

/* Asks all departments to forget a customer. The event names the customer in its fact and not in
 * its header, or it would be erased with the rest. */
/* Asks for one record's erasure, once. */
static lia_err ask_erasure(lia_turn *turn, const Crm__EraseCustomer *ask, lia_id customer,
                           const lia_id *also, size_t count)
{
    lia_id id = lia_erasure_id(customer);
    lia_err err = lia_record_exists(turn, LIA_ERASURE, id);
    if (err != LIA_EABSENT) return err;

    Crm__Erasure erasure = CRM__ERASURE__INIT;
    LIA_SET_ID(&erasure, customer, &customer);
    LIA_SET(&erasure, requested_at, turn->now.ms);
    erasure.reason = ask->reason;
    erasure.also = lia_arena_take(turn->arena, (count + 1) * sizeof *erasure.also);
    if (!erasure.also) return LIA_EFULL;
    for (size_t i = 0; i < count; i++)
        if (!lia_id_equal(also[i], customer))
            erasure.also[erasure.n_also++] = lia_id_bytes(&also[i]);
    err = lia_record(turn, LIA_ERASURE, id, &erasure);
    if (err) return err;

    Crm__ErasureRequested fact = CRM__ERASURE_REQUESTED__INIT;
    LIA_SET_ID(&fact, erasure, &id);
    LIA_SET_ID(&fact, customer, &customer);
    return lia_tell(turn, &fact);
}

/* A person may be several records: who asks to be forgotten means all of them. */
static lia_err erase_customer(lia_turn *turn, const void *request)
{
    const Crm__EraseCustomer *ask = request;
    lia_id customer = lia_id_in(ask->customer), records[LIA_MEMBERS_SHOWN_MAX];
    size_t count = 0;
    lia_err err = LIA_OK;
    if (!ask->alone)
        err = lia_identity_members(lia_turn_rows(turn), customer, records, LIA_COUNT(records),
                                   &count);
    if (!err) err = ask_erasure(turn, ask, customer, records, count);
    for (size_t i = 0; i < count && !err; i++) err = ask_erasure(turn, ask, records[i], NULL, 0);
    if (!err) lia_turn_answer(turn, LIA_ERASURE, lia_erasure_id(customer));
    return err;
}

/* ---- customers, interactions, tasks ---------------------------------------------------------- */

static lia_err prepare_customer(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id;
    lia_refusal no = lia_customer_complete(before, after, turn->arena);
    return no ? lia_refuse(turn, no) : LIA_OK;
}

static bool same_id(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return lia_id_equal(lia_id_in(a), lia_id_in(b));
}

static lia_err prepare_interaction(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id;
    const Crm__Interaction *was = before;
    Crm__Interaction *interaction = after;
    if (!was || !same_id(was->customer, interaction->customer)) {
        lia_err err = lia_customer_must_exist(turn, interaction->customer);
        if (err) return err;
    }
    lia_refusal no = lia_interaction_complete(interaction, turn->now);
    if (no) return lia_refuse(turn, no);
    if (was) return LIA_OK;

    Crm__InteractionLogged fact = CRM__INTERACTION_LOGGED__INIT;
    return lia_tell(turn, &fact);
}

static lia_err prepare_task(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id;
    Crm__Task *task = after;
    if (!task->has_state) LIA_SET(task, state, LIA_TASK_OPEN);
    if (before || !task->has_customer) return LIA_OK;
    return lia_customer_must_exist(turn, task->customer);
}

static lia_err complete_task(lia_turn *turn, const void *request)
{
    const Crm__CompleteTask *ask = request;
    lia_id id = lia_id_in(ask->task);
    Crm__Task *task;
    lia_err err = lia_load(turn, LIA_TASK, id, &task);
    if (err) return err;

    lia_refusal no = lia_task_complete(task);
    if (no) return lia_refuse(turn, no);
    err = lia_record(turn, LIA_TASK, id, task);
    if (err) return err;

    Crm__TaskCompleted fact = CRM__TASK_COMPLETED__INIT;
    LIA_SET_ID(&fact, task, &id);
    return lia_tell(turn, &fact);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const lia_command_row commands[] = {
    {"handover.offer", "", LIA_HANDOVER, true, &crm__offer_handover__descriptor, offer_handover,
     "Offers a customer to another department, with a reason and a deadline for its answer."},
    {"handover.accept", "accept", LIA_HANDOVER, false, &crm__accept_handover__descriptor,
     accept_handover, "Takes over a customer that was offered to this department."},
    {"handover.refuse", "refuse", LIA_HANDOVER, false, &crm__refuse_handover__descriptor,
     refuse_handover, "Declines a customer that was offered to this department, and says why."},
    {"handover.withdraw", "withdraw", LIA_HANDOVER, false, &crm__withdraw_handover__descriptor,
     withdraw_handover, "Takes back an offer that has not been answered."},
    {"task.complete", "complete", LIA_TASK, false, &crm__complete_task__descriptor, complete_task,
     "Marks a task as done."},
    {"customer.erase", "erase", LIA_CUSTOMER, false, &crm__erase_customer__descriptor,
     erase_customer,
     "Erases a customer and all that was recorded about them, at every department and for good."},
    {"customer.link", "link", LIA_CUSTOMER, false, &crm__link_customer__descriptor,
     lia_customer_link, "Says that another record is the same customer."},
    {"customer.unlink", "unlink", LIA_CUSTOMER, false, &crm__unlink_customer__descriptor,
     lia_customer_unlink,
     "Takes apart two records that are one customer, by people's word or by rules."},
    {"customer.not_same", "notSame", LIA_CUSTOMER, false, &crm__tell_customer_apart__descriptor,
     lia_customer_tell_apart,
     "Says that another record is not the same customer; rules never link them."},
    {"consent.permit", "permit", LIA_CUSTOMER, false, &crm__permit_use__descriptor,
     lia_consent_handle_permit,
     "Records that the customer's data or a channel may be used for a purpose, and on which "
     "basis."},
    {"consent.withdraw", "withdraw", LIA_CUSTOMER, false, &crm__withdraw_use__descriptor,
     lia_consent_handle_withdraw, "Records that the customer withdrew a permission."},
    {"consent.object", "object", LIA_CUSTOMER, false, &crm__object_to_use__descriptor,
     lia_consent_handle_object,
     "Records that the customer objects to a use; without purpose and channel to any contact."},
    {"consent.lift", "lift", LIA_CONSENT, false, &crm__lift_objection__descriptor,
     lia_consent_handle_lift, "Records that the customer took an objection back."},
    {"retention_rule.apply", "apply", LIA_RETENTION_RULE, false,
     &crm__apply_retention_rule__descriptor, lia_retention_handle_apply,
     "Blanks, at every department and for good, what the rule names; :preview says what that is."},
};

static const lia_rule_row rules[] = {
    {LIA_CUSTOMER, prepare_customer},
    {LIA_INTERACTION, prepare_interaction},
    {LIA_TASK, prepare_task},
    {LIA_MATCH_MODEL, lia_match_model_prepare},
    {LIA_RETENTION_RULE, lia_retention_prepare},
    {LIA_CUSTOM_FIELD, lia_custom_prepare_field},
    {LIA_CUSTOM_KIND, lia_custom_prepare_kind},
};

/* Numbers of facts, as in proto/crm.proto. */
enum { ACCEPTED = 11, REFUSED = 12, WITHDRAWN = 13 };

static const lia_reactor_row reactors[] = {
    {"handover.clock.accepted", ACCEPTED, stop_clock_accepted},
    {"handover.clock.refused", REFUSED, stop_clock_refused},
    {"handover.clock.withdrawn", WITHDRAWN, stop_clock_withdrawn},
    {"retention.asked", LIA_RETENTION_ASKED, lia_retention_react},
};

static const lia_job_row jobs[] = {
    {OVERDUE, mark_overdue, 0},
    {LIA_RETENTION_DAY_JOB, lia_retention_day, LIA_DAY_MS},
    {LIA_RETENTION_RUN_JOB, lia_retention_run, LIA_RETENTION_PAUSE_MS},
};

static const lia_query_row queries[] = {
    {"preview",
     lia_retention_preview,
     "What the rule would blank if it were applied now, and how much of it: nothing is changed.",
     {LIA_RETENTION_RULE, LIA_INTERACTION},
     LIA_RETENTION_RULE},
};

static const lia_service *const parts[] = {&lia_access, &lia_hooks_tables, &lia_mail, &lia_collab,
                                           &lia_automation, &lia_oidc};

const lia_service lia_crm = {
    .name = "crm",
    .parts = parts,
    .part_count = LIA_COUNT(parts),
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .reactors = reactors,
    .reactor_count = LIA_COUNT(reactors),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .queries = queries,
    .query_count = LIA_COUNT(queries),
    .ready = lia_retention_ready,
    .backgrounds = &lia_identity_background,
    .background_count = 1,
};
