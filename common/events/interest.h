/* SPDX-License-Identifier: Apache-2.0 */
/* interest - which events a subscriber wants, by topic, kind, customer and filter: the same words
 * for live streams, webhooks and whatever else tells events to the outside. All that are given must
 * hold.
 *
 *     topic     beginnings of "department.fact", separated by commas: sales.deal.won,service.
 *     kind      plurals, separated by commas: events that changed such a record
 *     fact      one fact's name: deal.won
 *     filter    with one kind: over the record as it now is; with a fact: over the fact as it was
 * told customers records of one customer */
#ifndef LIA_EVENTS_INTEREST_H
#define LIA_EVENTS_INTEREST_H

#include "common/events/said.h"

#define LIA_TOPICS_MAX       16
#define LIA_KINDS_WANTED_MAX 16

typedef struct lia_interest lia_interest;

/* As it was asked for; empty: no such wish. Copied by lia_interest_make. */
typedef struct lia_interest_ask {
    lia_span topic, kind, fact, filter;
    const lia_id *customers;
    size_t customer_count;
} lia_interest_ask;

/* Everything lives in the arena. Kinds and filters are those that `who` sees (NULL: all of them).
 *   LIA_EINVAL  `why` begins with the word above that is wrong       LIA_EFULL */
LIA_MUST_USE lia_err lia_interest_make(lia_interest **out, const lia_interest_ask *ask,
                                       const lia_principal *who, lia_arena *arena, lia_why *why);

/* Whether it looks at records or the clock, and so wants said->beyond. */
bool lia_interest_has_filter(const lia_interest *interest);
/* The only kind that it wants; 0: any, or several. */
uint16_t lia_interest_kind(const lia_interest *interest);
/* The records of the customer; the count. */
size_t lia_interest_customers(const lia_interest *interest, const lia_id **out);

/* Whether the event is one of these. Takes from said->arena what reading records needs. A record
 * that could not be read matches no filter. */
bool lia_interest_holds(const lia_interest *interest, const lia_said *said);

#endif
