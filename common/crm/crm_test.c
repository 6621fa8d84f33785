/* SPDX-License-Identifier: Apache-2.0 */
/* The shared tables in real nodes: a department without work of its own answers by hand. */
#include "common/crm/crm_rig.h"
#include "common/crm/handover.h"
#include "common/crm/lookup.h"
#include "common/crm/task.h"

static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};
static const lia_service analytics = {.name = "analytics", .department = LIA_ANALYTICS};

TEST(an_interaction_needs_a_customer_that_is_known)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    lia_id nobody = lia_id_make(1), mei = rig_customer(&r, MARKETING, "Mei Chen");
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &nobody);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    uint8_t bytes[256];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_INTERACTION),
                           .request = rig_pack(&call, bytes, sizeof bytes)};
    CHECK_ERR(rig_do(&r, MARKETING, &command), LIA_EREFUSED);
    CHECK_EQ(command.refusal, LIA_CUSTOMER_UNKNOWN);

    LIA_SET_ID(&call, customer, &mei);
    lia_id id = rig_create(&r, MARKETING, LIA_INTERACTION, &call);
    const Crm__Interaction *got = crm_read(&r, MARKETING, LIA_INTERACTION, id);
    CHECK_EQ(got->channel, CRM__CHANNEL__CHANNEL_PHONE);
    CHECK(got->has_occurred_at);
    lia_timeline_entry entries[4];
    CHECK_EQ(rig_timeline(&r, MARKETING, mei, entries, 4), 1);
    rig_end(&r);
}

TEST(a_hand_over_is_accepted_by_the_other_department_and_passes_ownership)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    crm_start(&r, ANALYTICS, &analytics, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen");
    lia_id id = crm_offer(&r, MARKETING, mei, ANALYTICS, "score her");
    RIG_UNTIL(&r, crm_read(&r, ANALYTICS, LIA_HANDOVER, id));

    Crm__AcceptHandover ask = CRM__ACCEPT_HANDOVER__INIT;
    LIA_SET_ID(&ask, handover, &id);
    CHECK_EQ(crm_refused(&r, MARKETING, LIA_HANDOVER, "accept", id, &ask),
             LIA_HANDOVER_IS_NOT_YOURS);
    crm_do(&r, ANALYTICS, LIA_HANDOVER, "accept", id, &ask);
    RIG_UNTIL(&r, crm_handover_state(&r, MARKETING, id) == LIA_HANDOVER_ACCEPTED);
    const Crm__Handover *got = crm_read(&r, MARKETING, LIA_HANDOVER, id);
    CHECK_EQ(got->epoch, 2);
    CHECK_EQ(lia_handover_owner(got), LIA_ANALYTICS);

    Crm__WithdrawHandover back = CRM__WITHDRAW_HANDOVER__INIT;
    LIA_SET_ID(&back, handover, &id);
    CHECK_EQ(crm_refused(&r, MARKETING, LIA_HANDOVER, "withdraw", id, &back),
             LIA_HANDOVER_IS_ANSWERED);
    rig_end(&r);
}

/* Marketing withdraws and analytics accepts while neither hears the other. */
TEST(an_acceptance_beats_a_withdrawal_that_crossed_it)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    crm_start(&r, ANALYTICS, &analytics, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen");
    lia_id id = crm_offer(&r, MARKETING, mei, ANALYTICS, "score her");
    RIG_UNTIL(&r, crm_read(&r, ANALYTICS, LIA_HANDOVER, id));

    rig_stop(&r, MARKETING);
    Crm__AcceptHandover accept = CRM__ACCEPT_HANDOVER__INIT;
    LIA_SET_ID(&accept, handover, &id);
    crm_do(&r, ANALYTICS, LIA_HANDOVER, "accept", id, &accept);
    rig_stop(&r, ANALYTICS);
    crm_start(&r, MARKETING, &marketing, false);
    Crm__WithdrawHandover back = CRM__WITHDRAW_HANDOVER__INIT;
    LIA_SET_ID(&back, handover, &id);
    crm_do(&r, MARKETING, LIA_HANDOVER, "withdraw", id, &back);
    CHECK_EQ(crm_handover_state(&r, MARKETING, id), LIA_HANDOVER_WITHDRAWN);

    crm_start(&r, ANALYTICS, &analytics, false);
    RIG_UNTIL(&r, crm_handover_state(&r, MARKETING, id) == LIA_HANDOVER_ACCEPTED);
    RIG_UNTIL(&r, rig_same_digests(&r, MARKETING, ANALYTICS));
    CHECK_EQ(crm_handover_state(&r, ANALYTICS, id), LIA_HANDOVER_ACCEPTED);
    rig_end(&r);
}

TEST(an_offer_that_nobody_answers_is_marked_overdue_once)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen");
    Crm__OfferHandover ask = CRM__OFFER_HANDOVER__INIT;
    LIA_SET_ID(&ask, customer, &mei);
    LIA_SET(&ask, to, LIAISON__DEPARTMENT__DEPARTMENT_ANALYTICS);
    ask.reason = "score her";
    LIA_SET(&ask, deadline, lia_time_now().ms + 300);
    lia_id id = crm_do(&r, MARKETING, LIA_HANDOVER, "", LIA_ID_NONE, &ask);
    CHECK(!((const Crm__Handover *)crm_read(&r, MARKETING, LIA_HANDOVER, id))->overdue);
    RIG_UNTIL(&r, ((const Crm__Handover *)crm_read(&r, MARKETING, LIA_HANDOVER, id))->overdue);
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, MARKETING, mei, entries, 8), 2); /* offered, overdue */
    rig_end(&r);
}

TEST(a_task_is_completed_at_any_department)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    Crm__Task task = CRM__TASK__INIT;
    task.title = "call back";
    lia_id id = rig_create(&r, MARKETING, LIA_TASK, &task);
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    LIA_SET_ID(&ask, task, &id);
    crm_do(&r, MARKETING, LIA_TASK, "complete", id, &ask);
    CHECK_EQ(((const Crm__Task *)crm_read(&r, MARKETING, LIA_TASK, id))->state, LIA_TASK_DONE);
    CHECK_EQ(crm_refused(&r, MARKETING, LIA_TASK, "complete", id, &ask), LIA_TASK_IS_DONE);
    rig_end(&r);
}
