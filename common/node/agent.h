/* SPDX-License-Identifier: Apache-2.0 */
/* agent - what a turn may do that acts for somebody who is not there: commands as people give them,
 * with their rules and refusals, parcels for channels, and doing it once. For reactors and jobs;
 * made for common/automation. Writer thread only. */
#ifndef LIA_NODE_AGENT_H
#define LIA_NODE_AGENT_H

#include "common/bus/members.h"
#include "common/node/node.h"
#include "common/node/turn.h"

/* What the turn's events will say of where they come from. */
typedef struct lia_agent {
    lia_id key; /* what is done under one key is done once, on whichever node */
    uint32_t actor;
    lia_position cause; /* seq 0: none */
    uint32_t depth;     /* length of the chain of causes */
} lia_agent;

/* Gives the turn another origin, before anything is staged.
 *   LIA_EEXIST  something was done under this key already: record nothing */
LIA_MUST_USE lia_err lia_turn_as(lia_turn *turn, const lia_agent *agent);

/* Stages what a command would do. Of `command` the question counts; *made, if given, is the record
 * that it made or changed. Errors as commands have them; then lia_turn_drop, or the turn fails. */
LIA_MUST_USE lia_err lia_turn_command(lia_turn *turn, const lia_command *command, lia_id *made);
/* A verb of any service that runs here; NULL when there is none. */
const lia_command_row *lia_turn_verb(lia_turn *turn, uint16_t kind, lia_span verb, bool bare);
/* Gives a parcel to a channel, in an event of its own. LIA_EABSENT and a sentence: there is no such
 * channel here. */
LIA_MUST_USE lia_err lia_turn_hand_to(lia_turn *turn, const char *channel,
                                      const lia_parcel *parcel);
bool lia_turn_has_channel(lia_turn *turn, const char *channel);

/* Whether this node has a mail server, for the channel that would queue for it. */
bool lia_turn_sends_mail(lia_turn *turn);

/* Ends the event under way as a plain change of its first record; nothing when there is none. */
LIA_MUST_USE lia_err lia_turn_end_event(lia_turn *turn);
/* Whether what is staged could be kept: LIA_EFULL an event is too large, LIA_EGONE its customer was
 * erased. */
LIA_MUST_USE lia_err lia_turn_fits(lia_turn *turn);
/* Forgets all that was staged, timers too; origin and ids stay. */
void lia_turn_drop(lia_turn *turn);

/* What failed last, in words: the refusal's sentence or the one of lia_turn_fail; "" when nobody
 * said one. */
const char *lia_turn_why(lia_turn *turn);

/* The state of a service's background row, or NULL when it does not run here. */
void *lia_turn_background(lia_turn *turn, const lia_background_row *row);

/* When this node's store was made: what happened before was for others to react to. */
lia_time lia_turn_born(lia_turn *turn);
/* How long one waits for the member that something falls to. */
uint64_t lia_turn_take_over_ms(lia_turn *turn);

/* This node's number. */
uint16_t lia_turn_member(lia_turn *turn);
/* Which member of this node's department is to act on `matter`, whichever member asks: the one that
 * the matter falls to when `rank` is 0, those that stand in for it when 1, 2 ... are given
 * (rendezvous hashing, Thaler and Ravishankar 1998). 0: there are not so many. */
uint16_t lia_turn_member_for(lia_turn *turn, lia_id matter, size_t rank);

#endif
