/* SPDX-License-Identifier: Apache-2.0 */
/* ticket - a customer's request for help: its rules, pure. What each state allows stands in one
 * table in ticket.c.
 *
 *              respond           wait
 *     NEW ---------------> OPEN -----> WAITING
 *      |  \                 | ^ reopen  |
 *      |   '--- resolve ----+-|---------+------> RESOLVED ---close---> CLOSED
 *      '------- close --------|---------------------|--------------------^ |
 *                             '----- reopen --------'----------------------'
 *
 * From its opening until the first answer the response clock runs, in business hours. */
#ifndef LIA_SERVICE_TICKET_H
#define LIA_SERVICE_TICKET_H

#include "proto/service.pb-c.h"
#include "services/service/hours.h"

#define TICKET_STATE(name)  SERVICE__TICKET_STATE__TICKET_STATE_##name
#define LIA_TICKET_NEW      TICKET_STATE(NEW)
#define LIA_TICKET_OPEN     TICKET_STATE(OPEN)
#define LIA_TICKET_WAITING  TICKET_STATE(WAITING)
#define LIA_TICKET_RESOLVED TICKET_STATE(RESOLVED)
#define LIA_TICKET_CLOSED   TICKET_STATE(CLOSED)

extern const lia_refusal_text LIA_TICKET_IS_ARCHIVED[1];
extern const lia_refusal_text LIA_TICKET_IS_NEW[1];
extern const lia_refusal_text LIA_TICKET_IS_OPEN[1];
extern const lia_refusal_text LIA_TICKET_IS_WAITING[1];
extern const lia_refusal_text LIA_TICKET_IS_NOT_RESOLVED[1];
extern const lia_refusal_text LIA_TICKET_IS_RESOLVED[1];
extern const lia_refusal_text LIA_TICKET_IS_CLOSED[1];

/* Business time until the first answer is due. */
int64_t lia_ticket_target_ms(Service__Priority priority);

/* Makes a ticket ready: new, its clock running. */
void lia_ticket_open(Service__Ticket *ticket, lia_time now, const lia_hours *hours);

typedef enum lia_ticket_move {
    LIA_TICKET_RESPOND,
    LIA_TICKET_WAIT,
    LIA_TICKET_RESOLVE,
    LIA_TICKET_CLOSE,
    LIA_TICKET_REOPEN,
    LIA_TICKET_MOVES
} lia_ticket_move;

/* Makes a move if the state allows it. The first answer stops the clock; reopening a ticket that
 * was never answered starts it anew. */
lia_refusal lia_ticket_make_move(Service__Ticket *ticket, lia_ticket_move move, lia_time now,
                                 const lia_hours *hours);

/* Whether the response clock runs: nobody has answered, and it is neither solved nor late. */
bool lia_ticket_clock_runs(const Service__Ticket *ticket);

/* Sets the clock by another priority, counted from when the ticket was opened. */
void lia_ticket_reset_clock(Service__Ticket *ticket, const lia_hours *hours);

/* Marks a ticket whose answer is overdue. False when there is nothing to mark. */
bool lia_ticket_breach(Service__Ticket *ticket, lia_time now);

/* Whether a message from the customer brings the ticket back to work. */
bool lia_ticket_wakes(const Service__Ticket *ticket);

#endif
