/* SPDX-License-Identifier: Apache-2.0 */
/* service - what a department is, as const tables: commands, rules of its record kinds, reactors,
 * jobs and folds. Dispatch, rights, routes, metrics and the API document read these tables. */
#ifndef LIA_NODE_SERVICE_H
#define LIA_NODE_SERVICE_H

#include <protobuf-c/protobuf-c.h>

#include "common/node/rows.h"

typedef struct lia_turn lia_turn;

/* A verb beside create, change and archive: POST /api/v1/<plural>/{id}:<verb>, or
 * POST /api/v1/<plural>:<verb> when it is not about one record yet. */
typedef struct lia_command_row {
    const char *name; /* "deal.advance": noun and verb, also the metric's label */
    const char *verb; /* "advance"; "" with `bare` for POST /api/v1/<plural> itself */
    uint16_t kind;    /* of the path */
    bool bare;        /* no {id} in the path */
    const ProtobufCMessageDescriptor *request; /* its first field takes the id of the path */
    lia_err (*handle)(lia_turn *turn, const void *request);
    const char *help; /* one sentence for the API document */
} lia_command_row;

/* What happens when somebody creates or changes a record of a kind through the general commands.
 * `before` is NULL on create; `after` may be completed (defaults, clocks). To decline, return
 * lia_refuse. To announce something better than record.created or record.changed, lia_tell it. */
typedef struct lia_rule_row {
    uint16_t kind;
    lia_err (*prepare)(lia_turn *turn, lia_id id, const void *before, void *after);
} lia_rule_row;

/* What a handler sees of the event it reacts to or folds. */
typedef struct lia_occurrence {
    const lia_event *event;
    const lia_fact *kind;     /* NULL for events without a fact or with an unknown one */
    const void *fact;         /* unpacked protobuf-c struct of the fact; NULL if kind is */
    lia_time time;            /* of the event: interaction's occurred_at, else its clock */
    uint64_t arrival;
} lia_occurrence;

/* Runs once per event of that fact, own and others', in the writer; what it records is committed
 * together with the position behind which it has looked. Never runs in a rebuild. */
typedef struct lia_reactor_row {
    const char *name;
    uint32_t fact; /* 0: every event */
    lia_err (*react)(lia_turn *turn, const lia_occurrence *seen);
} lia_reactor_row;

/* The same for those whose wishes change with the records: they are asked before an event is read.
 * One asked of every event must be quick about it; the turn is as in `react`, for reading. */
typedef struct lia_listener_row {
    const char *name;
    bool (*wants)(lia_turn *turn, uint32_t fact);
    lia_err (*react)(lia_turn *turn, const lia_occurrence *seen);
} lia_listener_row;

/* Something to be brought to somebody outside, by a channel. */
typedef struct lia_parcel {
    lia_id key;                /* the same parcel has the same key: it is brought once */
    const char *to;            /* address, user's id, hook: as the channel understands it */
    const char *subject, *text; /* may be NULL */
    uint16_t kind;             /* of the record that it is about; 0: none */
    lia_id record, customer;   /* or none */
    const char *from;          /* name of the rule or flow that sends it */
} lia_parcel;

/* A way to the outside ("mail", "notification", "webhook"), offered by whoever has the transport. */
typedef struct lia_channel_row {
    const char *name;
    /* Takes a parcel over by recording it: durable with the turn's commit, tried until it is brought
     * or given up, which the channel's own records tell. LIA_EREFUSED, LIA_EINVAL, LIA_EABSENT: it
     * cannot be brought, and a refusal or a sentence (lia_turn_fail) says why; not configured is
     * such a reason. */
    lia_err (*take)(lia_turn *turn, const lia_parcel *parcel);
} lia_channel_row;

/* A durable timer, set by lia_job_set. Runs at or after its time, once, also after a crash: what
 * it records is committed together with its removal. It may set itself again. */
typedef struct lia_job_row {
    const char *name;
    lia_err (*run)(lia_turn *turn, lia_id key, lia_span payload);
    /* It is never set further ahead than this; 0: for any time. One that waits for longer was set
     * by a clock that has been put back, and runs at once. */
    uint32_t within_ms;
} lia_job_row;

/* Maintains the department's own rows. Called for every event in arrival order, also in a rebuild,
 * so it must depend on the event and on its own rows alone (lia_fold_get, lia_fold_put). */
typedef struct lia_fold_row {
    const char *name;
    uint32_t fact; /* 0: every event */
    lia_err (*fold)(lia_turn *turn, const lia_occurrence *seen);
    /* Takes back what `fold` did with this event, which made an interaction that a retention rule
     * blanks, or one of a customer who is being erased: afterwards the rows are those of a fold that
     * never saw it. NULL: nothing of it is in them. Rows of a customer's own go with the fact
     * `erasure.requested`, which may come more than once; so they must not depend on interactions of
     * types that rules may blank (crm/retention.h). */
    lia_err (*unfold)(lia_turn *turn, const lia_occurrence *seen);
} lia_fold_row;

/* How far something beside the batches is. */
typedef struct lia_progress {
    const char *name;       /* of the row */
    const char *doing;      /* what it is at; "" when nothing waits */
    uint64_t records;       /* that it looks after */
    uint64_t waiting;       /* of those: whose answer may not be what the log says yet */
    uint64_t doing_waiting; /* of those: who wait for what it is at */
    uint64_t spent_ns;      /* on it since the start */
} lia_progress;

/* What follows from the state and would cost too much inside of a batch. It is told which records
 * were changed, and catches up between batches: as fast as it can while nothing else is to do, with
 * a bounded share of the time otherwise. What it writes are rows of views of its own prefix, which
 * no digest sums; they appear to readers a slice at a time, and what a crash loses is told again by
 * the replay. So telling and working must be repeatable. Writer thread only. */
typedef struct lia_background_row {
    const char *name;
    /* Before the replay. *state is the row's own memory. */
    lia_err (*open)(void **state, const lia_rows *rows);
    void (*close)(void *state);
    /* A record was changed: by `op`, or in a way that is not known (NULL). Part of the batch: it
     * must cost next to nothing. */
    lia_err (*changed)(void *state, const lia_rows *rows, uint32_t kind, lia_id record,
                       const lia_op *op, lia_arena *arena);
    /* A customer was erased, its record says so already: no row may know it any more. */
    lia_err (*erased)(void *state, const lia_rows *rows, lia_id customer, lia_arena *arena);
    /* Works until `until_ns` (lia_time_ticks_ns), not much longer. */
    lia_err (*work)(void *state, const lia_rows *rows, uint64_t until_ns, lia_arena *arena);
    void (*progress)(const void *state, lia_progress *out); /* waiting 0: no work to do */
} lia_background_row;

/* A read of the department's own: GET /api/v1/<path>, or of one record, GET
 * /api/v1/<plural>/{id}:<path>. Runs on a worker thread over a snapshot. */
typedef struct lia_query {
    const lia_rows *rows;
    lia_arena *arena;
    lia_time now;
    lia_id id; /* of the path, or none */
    /* A query parameter, decoded; false when absent. */
    bool (*param)(const struct lia_query *query, const char *name, lia_span *value);
    const void *params;
    lia_buf *out; /* the JSON answer */
    lia_why *why; /* for LIA_EINVAL: names the parameter */
} lia_query;

#define LIA_QUERY_KINDS_MAX 4
typedef struct lia_query_row {
    const char *path; /* "figures" */
    lia_err (*answer)(lia_query *query);
    const char *help;
    /* What its answer is made of: it is for who sees all of these kinds. None: administrators only. */
    uint16_t kinds[LIA_QUERY_KINDS_MAX];
    uint16_t kind; /* whose records it is about; 0: it stands alone */
} lia_query_row;

/* All rows of a kind of table are found in the order own, shared, parts of both. */
typedef struct lia_service {
    const char *name; /* "sales" */
    lia_department department;
    const lia_command_row *commands;
    size_t command_count;
    const lia_rule_row *rules;
    size_t rule_count;
    const lia_reactor_row *reactors;
    size_t reactor_count;
    const lia_listener_row *listeners;
    size_t listener_count;
    const lia_channel_row *channels;
    size_t channel_count;
    const lia_job_row *jobs;
    size_t job_count;
    const lia_fold_row *folds;
    size_t fold_count;
    const lia_query_row *queries;
    size_t query_count;
    const lia_background_row *backgrounds;
    size_t background_count;
    uint32_t fold_version; /* raise when folds change: views are rebuilt */
    /* Services that this one is made of beside its own tables; they have no parts themselves. */
    const struct lia_service *const *parts;
    size_t part_count;
    /* Called in a turn when the node is ready, and again when it has got others' state instead of their events:
     * make what must exist (a default pipeline), begin to look at what is there. May be NULL. */
    lia_err (*ready)(lia_turn *turn);
} lia_service;

/* What a node runs: shared, own, and their parts; the rest is NULL. */
#define LIA_SERVICES_MAX 16
void lia_services_list(const lia_service *shared, const lia_service *own,
                       const lia_service *out[LIA_SERVICES_MAX]);

/* The commands of all of them in the order in which they are found; NULL behind the last. */
const lia_command_row *lia_services_command_at(const lia_service *shared, const lia_service *own,
                                               size_t index);

#endif
