/* SPDX-License-Identifier: Apache-2.0 */
#include "services/service/ticket.h"

#include <stdlib.h>
#include <time.h>

#include "common/node/fields.h"
#include "tests/support/test.h"

/* Wednesday 2026-11-18, 10:00 and 11:00 UTC. */
static const lia_time ten = {INT64_C(1794996000000)};
static const lia_time eleven = {INT64_C(1794999600000)};

static Service__Ticket new_ticket(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    Service__Ticket ticket = SERVICE__TICKET__INIT;
    lia_ticket_open(&ticket, ten, &lia_hours_office);
    return ticket;
}

static lia_refusal move(Service__Ticket *ticket, lia_ticket_move which, lia_time now)
{
    return lia_ticket_make_move(ticket, which, now, &lia_hours_office);
}

static Service__Ticket ticket_in(Service__TicketState state)
{
    Service__Ticket ticket = new_ticket();
    if (state >= LIA_TICKET_OPEN) CHECK_EQ(move(&ticket, LIA_TICKET_RESPOND, ten), LIA_ALLOWED);
    if (state == LIA_TICKET_WAITING) CHECK_EQ(move(&ticket, LIA_TICKET_WAIT, ten), LIA_ALLOWED);
    if (state >= LIA_TICKET_RESOLVED) CHECK_EQ(move(&ticket, LIA_TICKET_RESOLVE, ten), LIA_ALLOWED);
    if (state == LIA_TICKET_CLOSED) CHECK_EQ(move(&ticket, LIA_TICKET_CLOSE, ten), LIA_ALLOWED);
    CHECK_EQ(ticket.state, state);
    return ticket;
}

TEST(a_new_ticket_is_answered_by_its_priority)
{
    static const struct {
        bool given;
        Service__Priority priority;
        int64_t hours; /* from ten o'clock; night and weekend included */
    } cases[] = {
        {true, SERVICE__PRIORITY__PRIORITY_URGENT, 1},
        {true, SERVICE__PRIORITY__PRIORITY_HIGH, 4},
        {true, SERVICE__PRIORITY__PRIORITY_NORMAL, 24},
        {true, SERVICE__PRIORITY__PRIORITY_LOW, 48},
        {false, SERVICE__PRIORITY__PRIORITY_NORMAL, 24},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        new_ticket();
        Service__Ticket ticket = SERVICE__TICKET__INIT;
        if (cases[i].given) LIA_SET(&ticket, priority, cases[i].priority);
        lia_ticket_open(&ticket, ten, &lia_hours_office);
        CHECK_EQ(ticket.state, LIA_TICKET_NEW);
        CHECK_EQ(ticket.opened_at, ten.ms);
        CHECK_EQ(ticket.respond_by, ten.ms + cases[i].hours * LIA_HOUR_MS);
        CHECK(lia_ticket_clock_runs(&ticket));
    }
}

/* The table is the specification. */
TEST(each_state_allows_its_moves)
{
    static const struct {
        Service__TicketState from;
        lia_ticket_move move;
        lia_refusal want;
        Service__TicketState to;
    } cases[] = {
        {LIA_TICKET_NEW, LIA_TICKET_RESPOND, LIA_ALLOWED, LIA_TICKET_OPEN},
        {LIA_TICKET_NEW, LIA_TICKET_WAIT, LIA_TICKET_IS_NEW, LIA_TICKET_NEW},
        {LIA_TICKET_NEW, LIA_TICKET_RESOLVE, LIA_ALLOWED, LIA_TICKET_RESOLVED},
        {LIA_TICKET_NEW, LIA_TICKET_CLOSE, LIA_ALLOWED, LIA_TICKET_CLOSED},
        {LIA_TICKET_NEW, LIA_TICKET_REOPEN, LIA_TICKET_IS_OPEN, LIA_TICKET_NEW},
        {LIA_TICKET_OPEN, LIA_TICKET_RESPOND, LIA_ALLOWED, LIA_TICKET_OPEN},
        {LIA_TICKET_OPEN, LIA_TICKET_WAIT, LIA_ALLOWED, LIA_TICKET_WAITING},
        {LIA_TICKET_OPEN, LIA_TICKET_RESOLVE, LIA_ALLOWED, LIA_TICKET_RESOLVED},
        {LIA_TICKET_OPEN, LIA_TICKET_CLOSE, LIA_TICKET_IS_NOT_RESOLVED, LIA_TICKET_OPEN},
        {LIA_TICKET_OPEN, LIA_TICKET_REOPEN, LIA_TICKET_IS_OPEN, LIA_TICKET_OPEN},
        {LIA_TICKET_WAITING, LIA_TICKET_RESPOND, LIA_ALLOWED, LIA_TICKET_WAITING},
        {LIA_TICKET_WAITING, LIA_TICKET_WAIT, LIA_TICKET_IS_WAITING, LIA_TICKET_WAITING},
        {LIA_TICKET_WAITING, LIA_TICKET_RESOLVE, LIA_ALLOWED, LIA_TICKET_RESOLVED},
        {LIA_TICKET_WAITING, LIA_TICKET_CLOSE, LIA_TICKET_IS_NOT_RESOLVED, LIA_TICKET_WAITING},
        {LIA_TICKET_WAITING, LIA_TICKET_REOPEN, LIA_ALLOWED, LIA_TICKET_OPEN},
        {LIA_TICKET_RESOLVED, LIA_TICKET_RESPOND, LIA_TICKET_IS_RESOLVED, LIA_TICKET_RESOLVED},
        {LIA_TICKET_RESOLVED, LIA_TICKET_WAIT, LIA_TICKET_IS_RESOLVED, LIA_TICKET_RESOLVED},
        {LIA_TICKET_RESOLVED, LIA_TICKET_RESOLVE, LIA_TICKET_IS_RESOLVED, LIA_TICKET_RESOLVED},
        {LIA_TICKET_RESOLVED, LIA_TICKET_CLOSE, LIA_ALLOWED, LIA_TICKET_CLOSED},
        {LIA_TICKET_RESOLVED, LIA_TICKET_REOPEN, LIA_ALLOWED, LIA_TICKET_OPEN},
        {LIA_TICKET_CLOSED, LIA_TICKET_RESPOND, LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
        {LIA_TICKET_CLOSED, LIA_TICKET_WAIT, LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
        {LIA_TICKET_CLOSED, LIA_TICKET_RESOLVE, LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
        {LIA_TICKET_CLOSED, LIA_TICKET_CLOSE, LIA_TICKET_IS_CLOSED, LIA_TICKET_CLOSED},
        {LIA_TICKET_CLOSED, LIA_TICKET_REOPEN, LIA_ALLOWED, LIA_TICKET_OPEN},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Service__Ticket ticket = ticket_in(cases[i].from);
        CHECK_EQ(move(&ticket, cases[i].move, eleven), cases[i].want);
        CHECK_EQ(ticket.state, cases[i].to);
    }
}

TEST(an_archived_ticket_does_not_move)
{
    for (lia_ticket_move which = 0; which < LIA_TICKET_MOVES; which++) {
        Service__Ticket ticket = new_ticket();
        LIA_SET(&ticket, archived, true);
        CHECK_EQ(move(&ticket, which, eleven), LIA_TICKET_IS_ARCHIVED);
        CHECK(!lia_ticket_clock_runs(&ticket));
    }
}

TEST(the_first_answer_stops_the_clock_and_later_ones_leave_it)
{
    Service__Ticket ticket = new_ticket();
    CHECK_EQ(move(&ticket, LIA_TICKET_RESPOND, eleven), LIA_ALLOWED);
    CHECK_EQ(ticket.responded_at, eleven.ms);
    CHECK(!ticket.response_breached);
    CHECK(!lia_ticket_clock_runs(&ticket));
    lia_time later = {eleven.ms + LIA_HOUR_MS};
    CHECK_EQ(move(&ticket, LIA_TICKET_RESPOND, later), LIA_ALLOWED);
    CHECK_EQ(ticket.responded_at, eleven.ms);
}

TEST(a_late_answer_is_marked_even_if_the_timer_was_slower)
{
    Service__Ticket ticket = new_ticket();
    CHECK_EQ(move(&ticket, LIA_TICKET_RESPOND, (lia_time){ticket.respond_by + 1}), LIA_ALLOWED);
    CHECK(ticket.response_breached);
}

TEST(a_ticket_is_breached_once_when_its_answer_is_overdue)
{
    static const struct {
        Service__TicketState state;
        int64_t after_ms; /* respond_by */
        bool want;
    } cases[] = {
        {LIA_TICKET_NEW, -1, false},     {LIA_TICKET_NEW, 0, true},
        {LIA_TICKET_OPEN, 0, false},     {LIA_TICKET_WAITING, 0, false},
        {LIA_TICKET_RESOLVED, 0, false}, {LIA_TICKET_CLOSED, 0, false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Service__Ticket ticket = ticket_in(cases[i].state);
        lia_time now = {ticket.respond_by + cases[i].after_ms};
        CHECK_EQ(lia_ticket_breach(&ticket, now), cases[i].want);
        CHECK_EQ(ticket.response_breached, cases[i].want);
        CHECK(!lia_ticket_breach(&ticket, now));
    }
}

TEST(a_ticket_reopened_before_any_answer_is_new_again)
{
    Service__Ticket ticket = new_ticket();
    CHECK_EQ(move(&ticket, LIA_TICKET_RESOLVE, ten), LIA_ALLOWED);
    CHECK(ticket.has_resolved_at && !lia_ticket_clock_runs(&ticket));
    int64_t before = ticket.respond_by;
    CHECK_EQ(move(&ticket, LIA_TICKET_REOPEN, eleven), LIA_ALLOWED);
    CHECK_EQ(ticket.state, LIA_TICKET_NEW);
    CHECK(!ticket.has_resolved_at);
    CHECK_EQ(ticket.respond_by, before + LIA_HOUR_MS);
    CHECK(lia_ticket_clock_runs(&ticket));
}

TEST(another_priority_sets_the_clock_from_the_opening)
{
    Service__Ticket ticket = new_ticket();
    LIA_SET(&ticket, priority, SERVICE__PRIORITY__PRIORITY_URGENT);
    lia_ticket_reset_clock(&ticket, &lia_hours_office);
    CHECK_EQ(ticket.respond_by, eleven.ms);
    CHECK_EQ(move(&ticket, LIA_TICKET_RESPOND, ten), LIA_ALLOWED);
    LIA_SET(&ticket, priority, SERVICE__PRIORITY__PRIORITY_LOW);
    lia_ticket_reset_clock(&ticket, &lia_hours_office);
    CHECK_EQ(ticket.respond_by, eleven.ms);
}

TEST(the_customer_wakes_a_ticket_that_waits_or_is_resolved)
{
    static const struct {
        Service__TicketState state;
        bool want;
    } cases[] = {
        {LIA_TICKET_NEW, false},     {LIA_TICKET_OPEN, false},   {LIA_TICKET_WAITING, true},
        {LIA_TICKET_RESOLVED, true}, {LIA_TICKET_CLOSED, false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Service__Ticket ticket = ticket_in(cases[i].state);
        CHECK_EQ(lia_ticket_wakes(&ticket), cases[i].want);
    }
}
