/* SPDX-License-Identifier: Apache-2.0 */
/* work - the inside of a turn: what a handler has staged so far. Internal to common/node. */
#ifndef LIA_NODE_WORK_H
#define LIA_NODE_WORK_H

#include "common/node/apply.h"
#include "common/node/node.h"

/* Longest chain of causes: reactions to reactions beyond it are dropped and logged. */
#define LIA_CAUSE_DEPTH_MAX 16

typedef struct lia_staged_event {
    lia_op *ops;
    size_t op_count;
    lia_hlc hlc;
    lia_id customer;
    const lia_fact *fact; /* NULL: none */
    lia_span fact_bytes;
    struct lia_staged_event *next;
} lia_staged_event;

typedef struct lia_staged_job {
    lia_span name;  /* job name, 0, key */
    lia_time due;   /* of a set */
    lia_span payload;
    bool clear;
    struct lia_staged_job *next;
} lia_staged_job;

typedef enum lia_turn_type { LIA_TURN_COMMAND, LIA_TURN_REACTION, LIA_TURN_JOB, LIA_TURN_FOLD } lia_turn_type;

/* All a turn has staged; what it points to lives in the turn's arena and ends with it. */
typedef struct lia_turn_work {
    lia_turn_type type;
    lia_applier *applier;
    lia_clock *clock;
    lia_why why;
    lia_refusal refusal;

    lia_staged_event *first, *last; /* told events */
    size_t told;
    lia_staged_event open;          /* ops since the last tell */
    size_t op_capacity;
    lia_staged_job *jobs, *jobs_last;

    uint16_t answer_kind;
    lia_id answer;

    /* What the events will say of their origin. */
    lia_id command;    /* idempotency key, or derived from the cause */
    const char *reactor; /* whose reaction this is: its key is derived when it is needed */
    uint64_t request;
    lia_position cause;
    const lia_event *caused_by; /* of a reaction */
    uint32_t depth;
    bool quiet;        /* no automation follows from the events */
    lia_trace trace;   /* what this is part of */
    uint32_t new_ids;  /* made so far, so that derived ones differ */
    bool repeated;     /* the record was made before under this key, of which no note is left */
} lia_turn_work;

/* Readies `turn` for another message; forgets all that was staged. The arena is not reset here. */
void lia_turn_begin(lia_turn *turn, lia_turn_type type, lia_time now, uint32_t actor);

/* Derives the key of a reaction from reactor and cause, once: most reactions record nothing and
 * need none. A cause that was a command with a key is known by that and by what it was about, not by
 * its position: two nodes of a department that did one command while apart have two events for it, and
 * whoever reacts to either gives the same answer. */
void lia_turn_take_key(lia_turn_work *work);

/* Ends the last event if ops are staged without a tell, as a plain change of `fact` (a number). */
LIA_MUST_USE lia_err lia_turn_finish(lia_turn *turn, uint32_t fact);

/* The general commands: create, change, archive (general.c). */
LIA_MUST_USE lia_err lia_general_handle(lia_turn *turn, const lia_command *command);

/* The rule of a kind in the services' tables, or NULL. */
const lia_rule_row *lia_rule_find(const lia_applier *applier, uint16_t kind);

#endif
