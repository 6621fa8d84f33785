/* SPDX-License-Identifier: Apache-2.0 */
#include "services/service/ticket.h"

#include "common/base/assert.h"
#include "common/node/fields.h"

const lia_refusal_text LIA_TICKET_IS_ARCHIVED[1] = {
    {"ticket-is-archived", "The ticket is archived; restore it first."}};
const lia_refusal_text LIA_TICKET_IS_NEW[1] = {
    {"ticket-is-new", "Nobody has answered the ticket; answer it first."}};
const lia_refusal_text LIA_TICKET_IS_OPEN[1] = {{"ticket-is-open", "The ticket is open already."}};
const lia_refusal_text LIA_TICKET_IS_WAITING[1] = {
    {"ticket-is-waiting", "The ticket is waiting for the customer already."}};
const lia_refusal_text LIA_TICKET_IS_NOT_RESOLVED[1] = {
    {"ticket-is-not-resolved", "Somebody works on the ticket; resolve it first."}};
const lia_refusal_text LIA_TICKET_IS_RESOLVED[1] = {
    {"ticket-is-resolved", "The ticket is resolved; reopen it first."}};
const lia_refusal_text LIA_TICKET_IS_CLOSED[1] = {
    {"ticket-is-closed", "The ticket is closed; reopen it first."}};

/* What each state answers to each move: a refusal, or the state that follows. The table is the
 * specification. */
static const struct {
    lia_refusal no;
    Service__TicketState next;
} moves[][LIA_TICKET_MOVES] = {
    [LIA_TICKET_NEW] =
        {
            [LIA_TICKET_RESPOND] = {LIA_ALLOWED, LIA_TICKET_OPEN},
            [LIA_TICKET_WAIT] = {LIA_TICKET_IS_NEW, LIA_TICKET_NEW},
            [LIA_TICKET_RESOLVE] = {LIA_ALLOWED, LIA_TICKET_RESOLVED},
            [LIA_TICKET_CLOSE] = {LIA_ALLOWED, LIA_TICKET_CLOSED},
            [LIA_TICKET_REOPEN] = {LIA_TICKET_IS_OPEN, LIA_TICKET_NEW},
        },
    [LIA_TICKET_OPEN] =
        {
            [LIA_TICKET_RESPOND] = {LIA_ALLOWED, LIA_TICKET_OPEN},
            [LIA_TICKET_WAIT] = {LIA_ALLOWED, LIA_TICKET_WAITING},
            [LIA_TICKET_RESOLVE] = {LIA_ALLOWED, LIA_TICKET_RESOLVED},
            [LIA_TICKET_CLOSE] = {LIA_TICKET_IS_NOT_RESOLVED, LIA_TICKET_OPEN},
            [LIA_TICKET_REOPEN] = {LIA_TICKET_IS_OPEN, LIA_TICKET_OPEN},
        },
    [LIA_TICKET_WAITING] =
        {
            [LIA_TICKET_RESPOND] = {LIA_ALLOWED, LIA_TICKET_WAITING},
            [LIA_TICKET_WAIT] = {LIA_TICKET_IS_WAITING, LIA_TICKET_WAITING},
            [LIA_TICKET_RESOLVE] = {LIA_ALLOWED, LIA_TICKET_RESOLVED},
            [LIA_TICKET_CLOSE] = {LIA_TICKET_IS_NOT_RESOLVED, LIA_TICKET_WAITING},
            [LIA_TICKET_REOPEN] = {LIA_ALLOWED, LIA_TICKET_OPEN},
        },
    [LIA_TICKET_RESOLVED] =
        {
            [LIA_TICKET_RESPOND] = {LIA_TICKET_IS_RESOLVED, LIA_TICKET_RESOLVED},
            [LIA_TICKET_WAIT] = {LIA_TICKET_IS_RESOLVED, LIA_TICKET_RESOLVED},
            [LIA_TICKET_RESOLVE] = {LIA_TICKET_IS_RESOLVED, LIA_TICKET_RESOLVED},
            [LIA_TICKET_CLOSE] = {LIA_ALLOWED, LIA_TICKET_CLOSED},
            [LIA_TICKET_REOPEN] = {LIA_ALLOWED, LIA_TICKET_OPEN},
        },
    [LIA_TICKET_CLOSED] =
        {
            [LIA_TICKET_RESPOND] = {LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
            [LIA_TICKET_WAIT] = {LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
            [LIA_TICKET_RESOLVE] = {LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
            [LIA_TICKET_CLOSE] = {LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
            [LIA_TICKET_REOPEN] = {LIA_ALLOWED, LIA_TICKET_OPEN},
        },
};

int64_t lia_ticket_target_ms(Service__Priority priority)
{
    switch (priority) {
    case SERVICE__PRIORITY__PRIORITY_URGENT:
        return 1 * LIA_HOUR_MS;
    case SERVICE__PRIORITY__PRIORITY_HIGH:
        return 4 * LIA_HOUR_MS;
    case SERVICE__PRIORITY__PRIORITY_LOW:
        return 16 * LIA_HOUR_MS;
    default:
        return 8 * LIA_HOUR_MS;
    }
}

static void start_clock(Service__Ticket *ticket, lia_time from, const lia_hours *hours)
{
    int64_t target_ms = lia_ticket_target_ms(ticket->priority);
    LIA_SET(ticket, respond_by, lia_hours_add(from, target_ms, hours).ms);
}

void lia_ticket_open(Service__Ticket *ticket, lia_time now, const lia_hours *hours)
{
    LIA_SET(ticket, state, LIA_TICKET_NEW);
    LIA_SET(ticket, opened_at, now.ms);
    if (!ticket->has_priority) LIA_SET(ticket, priority, SERVICE__PRIORITY__PRIORITY_NORMAL);
    start_clock(ticket, now, hours);
}

static void respond(Service__Ticket *ticket, lia_time now)
{
    if (ticket->has_responded_at) return;
    LIA_SET(ticket, responded_at, now.ms);
    if (ticket->has_respond_by && now.ms > ticket->respond_by)
        LIA_SET(ticket, response_breached, true);
}

static void reopen(Service__Ticket *ticket, lia_time now, const lia_hours *hours)
{
    LIA_CLEAR(ticket, resolved_at);
    LIA_CLEAR(ticket, closed_at);
    if (ticket->has_responded_at) return;
    LIA_SET(ticket, state, LIA_TICKET_NEW);
    if (!ticket->response_breached) start_clock(ticket, now, hours);
}

lia_refusal lia_ticket_make_move(Service__Ticket *ticket, lia_ticket_move move, lia_time now,
                                 const lia_hours *hours)
{
    if (ticket->archived) return LIA_TICKET_IS_ARCHIVED;
    lia_assert(move < LIA_TICKET_MOVES);
    if ((size_t)ticket->state >= LIA_COUNT(moves)) return LIA_TICKET_IS_CLOSED; /* a newer node's */
    lia_refusal no = moves[ticket->state][move].no;
    if (no) return no;

    LIA_SET(ticket, state, moves[ticket->state][move].next);
    if (move == LIA_TICKET_RESPOND) respond(ticket, now);
    if (move == LIA_TICKET_RESOLVE) LIA_SET(ticket, resolved_at, now.ms);
    if (move == LIA_TICKET_CLOSE) LIA_SET(ticket, closed_at, now.ms);
    if (move == LIA_TICKET_REOPEN) reopen(ticket, now, hours);
    return LIA_ALLOWED;
}

bool lia_ticket_clock_runs(const Service__Ticket *ticket)
{
    return ticket->state == LIA_TICKET_NEW && !ticket->has_responded_at &&
           !ticket->response_breached && ticket->has_respond_by && !ticket->archived;
}

void lia_ticket_reset_clock(Service__Ticket *ticket, const lia_hours *hours)
{
    if (!lia_ticket_clock_runs(ticket)) return;
    start_clock(ticket, (lia_time){ticket->opened_at}, hours);
}

bool lia_ticket_breach(Service__Ticket *ticket, lia_time now)
{
    if (!lia_ticket_clock_runs(ticket) || ticket->respond_by > now.ms) return false;
    LIA_SET(ticket, response_breached, true);
    return true;
}

bool lia_ticket_wakes(const Service__Ticket *ticket)
{
    return !ticket->archived &&
           (ticket->state == LIA_TICKET_WAITING || ticket->state == LIA_TICKET_RESOLVED);
}
