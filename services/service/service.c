/* SPDX-License-Identifier: Apache-2.0 */
/* service - the switchboard of the service department: what is asked of it, what it reacts to and
 * when its clocks ring. The rules are in ticket.c and hours.c. */
#include "services/service/service.h"

#include "common/crm/desk.h"
#include "common/crm/interaction.h"
#include "common/crm/lookup.h"
#include "common/node/fields.h"
#include "services/service/ticket.h"

#define RESPONSE "ticket.response"

/* ---- the clock ------------------------------------------------------------------------------- */

/* Sets the timer as the ticket says, or takes it away. */
static lia_err keep_clock(lia_turn *turn, lia_id id, const Service__Ticket *ticket)
{
    if (!lia_ticket_clock_runs(ticket)) return lia_job_clear(turn, RESPONSE, id);
    return lia_job_set(turn, RESPONSE, id, (lia_time){ticket->respond_by}, LIA_SPAN_NONE);
}

/* The first answer is overdue: marked and told, once. */
static lia_err ring(lia_turn *turn, lia_id id, lia_span payload)
{
    (void)payload;
    Service__Ticket *ticket;
    lia_err err = lia_load(turn, LIA_TICKET, id, &ticket);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;

    if (!lia_ticket_breach(ticket, turn->now))
        return lia_ticket_clock_runs(ticket) ? keep_clock(turn, id, ticket) : LIA_OK;

    err = lia_record(turn, LIA_TICKET, id, ticket);
    if (err) return err;

    Service__TicketBreached fact = SERVICE__TICKET_BREACHED__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    LIA_SET(&fact, respond_by, ticket->respond_by);
    return lia_tell(turn, &fact);
}

/* ---- tickets: create and change -------------------------------------------------------------- */

static lia_err tell_opened(lia_turn *turn, lia_id id, const Service__Ticket *ticket)
{
    lia_err err = keep_clock(turn, id, ticket);
    if (err) return err;
    Service__TicketOpened fact = SERVICE__TICKET_OPENED__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    LIA_SET(&fact, respond_by, ticket->respond_by);
    return lia_tell(turn, &fact);
}

static lia_err prepare_ticket(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Service__Ticket *was = before;
    Service__Ticket *ticket = after;
    if (!was || !lia_id_equal(lia_id_in(was->customer), lia_id_in(ticket->customer))) {
        lia_err err = lia_customer_must_exist(turn, ticket->customer);
        if (err) return err;
    }
    if (!was) {
        lia_ticket_open(ticket, turn->now, &lia_hours_office);
        return tell_opened(turn, id, ticket);
    }
    if (was->priority == ticket->priority) return LIA_OK;
    lia_ticket_reset_clock(ticket, &lia_hours_office);
    return keep_clock(turn, id, ticket);
}

/* ---- tickets: verbs -------------------------------------------------------------------------- */

/* Loads a ticket, makes the move, records it and keeps its clock. */
static lia_err make_move(lia_turn *turn, lia_id id, lia_ticket_move move, Service__Ticket **out)
{
    lia_err err = lia_load(turn, LIA_TICKET, id, out);
    if (err) return err;

    lia_refusal no = lia_ticket_make_move(*out, move, turn->now, &lia_hours_office);
    if (no) return lia_refuse(turn, no);

    err = lia_record(turn, LIA_TICKET, id, *out);
    return err ? err : keep_clock(turn, id, *out);
}

/* What was answered, as an interaction of the customer: an event of its own. */
static lia_err log_reply(lia_turn *turn, lia_id ticket_id, const Service__Ticket *ticket,
                         const Service__RespondTicket *ask)
{
    Crm__Channel channel = ask->has_channel ? ask->channel : ticket->channel;
    Crm__Interaction reply = CRM__INTERACTION__INIT;
    LIA_SET(&reply, customer, ticket->customer);
    LIA_SET(&reply, type, lia_interaction_type(channel));
    if (channel) LIA_SET(&reply, channel, channel);
    LIA_SET(&reply, direction, CRM__DIRECTION__DIRECTION_OUTBOUND);
    reply.subject = ticket->subject;
    reply.text = ask->text;
    LIA_SET_ID(&reply, ticket, &ticket_id);
    lia_refusal no = lia_interaction_complete(&reply, turn->now);
    if (no) return lia_refuse(turn, no);

    lia_err err = lia_record(turn, LIA_INTERACTION, lia_turn_new_id(turn), &reply);
    if (err) return err;
    Crm__InteractionLogged fact = CRM__INTERACTION_LOGGED__INIT;
    return lia_tell(turn, &fact);
}

static lia_err respond_ticket(lia_turn *turn, const void *request)
{
    const Service__RespondTicket *ask = request;
    lia_id id = lia_id_in(ask->ticket);
    Service__Ticket *ticket;
    lia_err err = make_move(turn, id, LIA_TICKET_RESPOND, &ticket);
    if (err) return err;

    /* A further answer changes nothing of the ticket, and is still about the customer. */
    lia_about(turn, lia_id_in(ticket->customer));
    Service__TicketResponded fact = SERVICE__TICKET_RESPONDED__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    LIA_SET(&fact, in_time, !ticket->response_breached);
    LIA_SET(&fact, first, ticket->responded_at == turn->now.ms);
    err = lia_tell(turn, &fact);
    if (err || lia_text_is_empty(ask->text)) return err;
    return log_reply(turn, id, ticket, ask);
}

static lia_err wait_ticket(lia_turn *turn, const void *request)
{
    const Service__WaitTicket *ask = request;
    lia_id id = lia_id_in(ask->ticket);
    Service__Ticket *ticket;
    lia_err err = make_move(turn, id, LIA_TICKET_WAIT, &ticket);
    if (err) return err;

    Service__TicketWaiting fact = SERVICE__TICKET_WAITING__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    return lia_tell(turn, &fact);
}

static lia_err resolve_ticket(lia_turn *turn, const void *request)
{
    const Service__ResolveTicket *ask = request;
    lia_id id = lia_id_in(ask->ticket);
    Service__Ticket *ticket;
    lia_err err = make_move(turn, id, LIA_TICKET_RESOLVE, &ticket);
    if (err) return err;

    Service__TicketResolved fact = SERVICE__TICKET_RESOLVED__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    return lia_tell(turn, &fact);
}

static lia_err close_ticket(lia_turn *turn, const void *request)
{
    const Service__CloseTicket *ask = request;
    lia_id id = lia_id_in(ask->ticket);
    Service__Ticket *ticket;
    lia_err err = make_move(turn, id, LIA_TICKET_CLOSE, &ticket);
    if (err) return err;

    Service__TicketClosed fact = SERVICE__TICKET_CLOSED__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    return lia_tell(turn, &fact);
}

static lia_err reopen(lia_turn *turn, lia_id id)
{
    Service__Ticket *ticket;
    lia_err err = make_move(turn, id, LIA_TICKET_REOPEN, &ticket);
    if (err) return err;

    Service__TicketReopened fact = SERVICE__TICKET_REOPENED__INIT;
    LIA_SET_ID(&fact, ticket, &id);
    return lia_tell(turn, &fact);
}

static lia_err reopen_ticket(lia_turn *turn, const void *request)
{
    const Service__ReopenTicket *ask = request;
    return reopen(turn, lia_id_in(ask->ticket));
}

/* ---- reactions ------------------------------------------------------------------------------- */

enum { INTERACTION_DIRECTION = 4, INTERACTION_TICKET = 17, HANDOVER_OFFERED = 10 };

/* The ticket that an inbound interaction belongs to, or none. Read field by field: this passes by
 * for every interaction of every department. */
static lia_id inbound_ticket(const lia_event *event)
{
    lia_pb_field field;
    if (!event->op_count || event->ops[0].kind != LIA_INTERACTION) return LIA_ID_NONE;
    lia_span set = event->ops[0].set;
    if (!lia_pb_find(set, INTERACTION_DIRECTION, &field)) return LIA_ID_NONE;
    if (field.value != CRM__DIRECTION__DIRECTION_INBOUND) return LIA_ID_NONE;
    return lia_pb_find(set, INTERACTION_TICKET, &field) ? lia_id_from(field.bytes) : LIA_ID_NONE;
}

/* A customer who writes again brings a waiting or resolved ticket back to work. */
static lia_err wake_ticket(lia_turn *turn, const lia_occurrence *seen)
{
    lia_id id = inbound_ticket(seen->event);
    if (lia_id_is_none(id)) return LIA_OK;
    Service__Ticket *ticket;
    lia_err err = lia_load(turn, LIA_TICKET, id, &ticket);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    return lia_ticket_wakes(ticket) ? reopen(turn, id) : LIA_OK;
}

/* A customer handed to service becomes a ticket that nobody owns yet. */
static lia_err open_for_handover(lia_turn *turn, lia_id work, lia_id handover,
                                 const Crm__Handover *offer)
{
    Service__Ticket ticket = SERVICE__TICKET__INIT;
    ticket.subject = offer->reason;
    LIA_SET(&ticket, customer, offer->customer);
    LIA_SET_ID(&ticket, handover, &handover);
    lia_ticket_open(&ticket, turn->now, &lia_hours_office);
    lia_err err = lia_record(turn, LIA_TICKET, work, &ticket);
    return err ? err : tell_opened(turn, work, &ticket);
}

#define LOOK_AGAIN "service.handover"

static const lia_desk desk = {LOOK_AGAIN, LIA_TICKET, "Service cannot take it at the moment.",
                              open_for_handover};

static lia_err answer_handover(lia_turn *turn, const lia_occurrence *seen)
{
    return lia_desk_react(&desk, turn, seen);
}

static lia_err look_again(lia_turn *turn, lia_id handover, lia_span payload)
{
    return lia_desk_look(&desk, turn, handover, payload);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const lia_command_row commands[] = {
    {"ticket.respond", "respond", LIA_TICKET, false, &service__respond_ticket__descriptor,
     respond_ticket, "Answers a ticket; the text, if given, is logged as an interaction."},
    {"ticket.wait", "wait", LIA_TICKET, false, &service__wait_ticket__descriptor, wait_ticket,
     "Puts an answered ticket aside until the customer reacts."},
    {"ticket.resolve", "resolve", LIA_TICKET, false, &service__resolve_ticket__descriptor,
     resolve_ticket, "Marks a ticket as solved."},
    {"ticket.close", "close", LIA_TICKET, false, &service__close_ticket__descriptor, close_ticket,
     "Closes a solved ticket, or a new one that needs no answer."},
    {"ticket.reopen", "reopen", LIA_TICKET, false, &service__reopen_ticket__descriptor,
     reopen_ticket, "Brings a waiting, resolved or closed ticket back to work."},
};

static const lia_rule_row rules[] = {
    {LIA_TICKET, prepare_ticket},
};

static const lia_reactor_row reactors[] = {
    {"service.handover", HANDOVER_OFFERED, answer_handover},
    {"service.inbound", LIA_INTERACTION_LOGGED, wake_ticket},
};

static const lia_job_row jobs[] = {
    {RESPONSE, ring, 0},
    {LOOK_AGAIN, look_again, .within_ms = LIA_DESK_LOOK_MS},
};

const lia_service lia_service_department = {
    .name = "service",
    .department = LIA_SERVICE,
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .reactors = reactors,
    .reactor_count = LIA_COUNT(reactors),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
};
