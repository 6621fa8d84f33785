/* SPDX-License-Identifier: Apache-2.0 */
/* Service as a node: tickets, replies and what wakes them. */
#include "services/service/service.h"

#include "common/crm/crm_rig.h"
#include "common/crm/handover.h"
#include "services/service/ticket.h"

static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};

static lia_id new_ticket(rig *r, lia_id customer)
{
    Service__Ticket ticket = SERVICE__TICKET__INIT;
    ticket.subject = "the roof leaks";
    LIA_SET_ID(&ticket, customer, &customer);
    LIA_SET(&ticket, channel, CRM__CHANNEL__CHANNEL_EMAIL);
    return rig_create(r, SERVICE, LIA_TICKET, &ticket);
}

static const Service__Ticket *ticket_at(rig *r, size_t number, lia_id id)
{
    return crm_read(r, number, LIA_TICKET, id);
}

static void respond(rig *r, lia_id id, const char *text)
{
    Service__RespondTicket ask = SERVICE__RESPOND_TICKET__INIT;
    LIA_SET_ID(&ask, ticket, &id);
    ask.text = text;
    crm_do(r, SERVICE, LIA_TICKET, "respond", id, &ask);
}

TEST(the_first_answer_stops_the_clock_and_is_logged)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SERVICE, &lia_service_department, false);
    lia_id mei = rig_customer(&r, SERVICE, "Mei Chen"), id = new_ticket(&r, mei);
    CHECK(ticket_at(&r, SERVICE, id)->respond_by > ticket_at(&r, SERVICE, id)->opened_at);

    respond(&r, id, "We are on our way.");
    CHECK_EQ(ticket_at(&r, SERVICE, id)->state, LIA_TICKET_OPEN);
    CHECK(ticket_at(&r, SERVICE, id)->has_responded_at);
    lia_id reply_id;
    CHECK_EQ(crm_count(&r, SERVICE, LIA_INTERACTION, &reply_id), 1);
    const Crm__Interaction *reply = crm_read(&r, SERVICE, LIA_INTERACTION, reply_id);
    CHECK_TEXT(reply->text, "We are on our way.");
    CHECK_EQ(reply->direction, CRM__DIRECTION__DIRECTION_OUTBOUND);
    CHECK_EQ(reply->type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_EMAIL);
    respond(&r, id, NULL);
    CHECK_EQ(crm_count(&r, SERVICE, LIA_INTERACTION, NULL), 1);
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, SERVICE, mei, entries, 8), 4); /* opened, answered twice, reply */
    rig_end(&r);
}

/* The message is logged at marketing: whoever takes the call, the ticket comes back. */
TEST(a_customer_who_writes_again_wakes_a_waiting_ticket)
{
    static const struct {
        Crm__Direction direction;
        bool wakes;
    } cases[] = {
        {CRM__DIRECTION__DIRECTION_OUTBOUND, false},
        {CRM__DIRECTION__DIRECTION_NONE, false},
        {CRM__DIRECTION__DIRECTION_INBOUND, true},
    };
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SERVICE, &lia_service_department, false);
    crm_start(&r, MARKETING, &marketing, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen");
    RIG_UNTIL(&r, crm_read(&r, SERVICE, LIA_CUSTOMER, mei));
    lia_id id = new_ticket(&r, mei);
    respond(&r, id, NULL);
    Service__WaitTicket ask = SERVICE__WAIT_TICKET__INIT;
    LIA_SET_ID(&ask, ticket, &id);
    crm_do(&r, SERVICE, LIA_TICKET, "wait", id, &ask);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Interaction mail = CRM__INTERACTION__INIT;
        LIA_SET_ID(&mail, customer, &mei);
        LIA_SET(&mail, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_EMAIL);
        LIA_SET(&mail, direction, cases[i].direction);
        LIA_SET_ID(&mail, ticket, &id);
        lia_id sent = rig_create(&r, MARKETING, LIA_INTERACTION, &mail);
        RIG_UNTIL(&r, crm_read(&r, SERVICE, LIA_INTERACTION, sent));
        CHECK_EQ(ticket_at(&r, SERVICE, id)->state,
                 cases[i].wakes ? LIA_TICKET_OPEN : LIA_TICKET_WAITING);
    }
    RIG_UNTIL(&r, rig_same_digests(&r, MARKETING, SERVICE));
    CHECK_EQ(ticket_at(&r, MARKETING, id)->state, LIA_TICKET_OPEN);
    rig_end(&r);
}

TEST(a_customer_handed_to_service_becomes_one_ticket_with_a_clock)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &marketing, false);
    lia_id mei = rig_customer(&r, MARKETING, "Mei Chen");
    lia_id offer = crm_offer(&r, MARKETING, mei, SERVICE, "the roof leaks");
    for (int starts = 0; starts < 2; starts++) {
        crm_start(&r, SERVICE, &lia_service_department, false);
        RIG_UNTIL(&r, crm_handover_state(&r, MARKETING, offer) == LIA_HANDOVER_ACCEPTED);
        RIG_UNTIL(&r, rig_same_digests(&r, SERVICE, MARKETING));
        lia_id id;
        CHECK_EQ(crm_count(&r, SERVICE, LIA_TICKET, &id), 1);
        CHECK_TEXT(ticket_at(&r, MARKETING, id)->subject, "the roof leaks");
        rig_stop(&r, SERVICE);
    }
    rig_end(&r);
}

TEST(another_priority_moves_the_clock)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SERVICE, &lia_service_department, false);
    lia_id mei = rig_customer(&r, SERVICE, "Mei Chen"), id = new_ticket(&r, mei);
    int64_t before = ticket_at(&r, SERVICE, id)->respond_by;
    Service__Ticket change = SERVICE__TICKET__INIT;
    LIA_SET(&change, priority, SERVICE__PRIORITY__PRIORITY_URGENT);
    static const uint32_t mask[] = {5};
    crm_change(&r, SERVICE, LIA_TICKET, id, &change, mask, 1);
    CHECK(ticket_at(&r, SERVICE, id)->respond_by < before);
    rig_end(&r);
}
