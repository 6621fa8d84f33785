/* SPDX-License-Identifier: Apache-2.0 */
/* node - runs a department: one writer thread that loads, decides, appends and applies; one loop
 * thread that serves people, peers and tools.
 *
 *     loop thread                          writer thread
 *     http, bus, sync, timers              commands, foreign blocks, due jobs: one batch
 *        | submit ---------------------->  handle, append to log, apply to views, react
 *        |                                 commit (one flush), publish views
 *        | <---------------------- done    for everybody in the batch
 *
 * All calls on the loop thread unless they say otherwise. */
#ifndef LIA_NODE_NODE_H
#define LIA_NODE_NODE_H

#include <uv.h>

#include "common/bus/bus.h"
#include "common/node/copies.h"
#include "common/node/feature.h"
#include "common/node/service.h"
#include "common/sync/sync.h"
#include "common/wire/catalog.h"

typedef struct lia_node lia_node;

typedef struct lia_node_options {
    uv_loop_t *loop;
    const char *dir;          /* the cluster's folder: members, admin.pub, <name>/ */
    const char *name;         /* which member this is; NULL: the service's name */
    const char *listen;       /* as in lia_bus_options */
    const lia_service *service;
    const lia_service *shared; /* what all departments share (lia_crm); NULL: nothing */
    size_t map_bytes;         /* 0: default */
    size_t table_bytes;       /* of the views; 0: default */
    size_t group_events_max;  /* most commands of one commit; 0: default */
    int64_t log_keep_ms;      /* events that are older may leave the log; 0: none ever does */
    uint64_t check_ms;        /* between two looks at whether the views are right; 0: a minute */
    uint64_t agree_ms;        /* between two comparisons with a peer; 0: a third of that */
    size_t jobs_max;          /* most timers of one commit; 0: default */
    bool sends_mail;          /* it has a mail server: rules may have mail sent from here */
    uint64_t take_over_ms;    /* until another node of the department does what one should have; 0: default */
    const int64_t *wall_offset_ms; /* for tests: added to the wall clock that peers see; may change */
    lia_copies copies;        /* what is kept beside the store; zeroed: nothing */
    bool rebuild;             /* drop the views first */
    bool offline;             /* open stores and replay only: no bus, no writer thread */
} lia_node_options;

/* Opens stores, replays what the views miss (progress is logged), starts the writer and the bus.
 * `why` tells an operator what to do. Errors as of log, views, members and bus. */
LIA_MUST_USE lia_err lia_node_open(lia_node **out, const lia_node_options *options, lia_why *why);

/* Stops taking commands, commits what is queued, writes out views, closes, frees; then `closed`. */
void lia_node_close(lia_node *node, void (*closed)(void *), void *context);

const lia_service *lia_node_service(const lia_node *node);
const lia_member *lia_node_member(const lia_node *node);
/* The list in force. Any thread; it stays as it is until the node is closed. */
const lia_members *lia_node_members(const lia_node *node);
/* The lane that this node writes: its number and the incarnation of its store. */
lia_origin lia_node_origin(const lia_node *node);

/* ---- commands ------------------------------------------------------------------------------- */

typedef enum lia_command_type {
    LIA_COMMAND_CREATE,  /* kind, request: message of the kind */
    LIA_COMMAND_CHANGE,  /* kind, id, request, mask, if_match */
    LIA_COMMAND_ARCHIVE, /* kind, id, if_match; `restore` takes it back */
    LIA_COMMAND_VERB     /* row, id, request: message of row->request */
} lia_command_type;

/* One command and its answer. Owned by the caller, untouched by it between submit and done. */
typedef struct lia_command {
    lia_command_type type;
    const lia_command_row *row; /* VERB */
    const lia_kind *kind;   /* of a VERB the row's, may be NULL */
    lia_id id;              /* of the path; CREATE: wanted id, or none */
    lia_span request;       /* protobuf bytes */
    const uint32_t *mask;   /* CHANGE: fields mentioned */
    size_t mask_count;
    bool restore;
    lia_id key;             /* Idempotency-Key; none: no key */
    bool has_match;         /* If-Match: the version the writer saw */
    lia_stamp match;
    uint32_t actor;
    bool quiet;             /* no automation follows from it */
    /* Writer thread, just before it is handled, with all that was applied by then: whether whoever sent it
     * still may. LIA_EDENIED if not. NULL: nobody is asked. The arena is scratch. */
    bool (*admit)(const struct lia_command *command, const lia_rows *rows, lia_time now, lia_arena *arena);
    const void *admitted;   /* for it */
    /* Commands of one bulk run share it and it outlives them: the first that writes an event leaves its
     * position here, and the events of the others say that they belong to it (deeds.h). NULL: none. */
    lia_position *run;
    bool bulk;              /* one of thousands that nobody waits for: others go before it */
    lia_trace trace;        /* what it is part of; none: what the thread is at that submits it */

    void (*done)(struct lia_command *command, void *context); /* loop thread, after the commit */
    void *context;

    /* The answer. */
    lia_err err;
    lia_refusal refusal;    /* LIA_EREFUSED */
    lia_why why;
    lia_id record;          /* made or changed; none: the command has no record */
    uint16_t record_kind;
    lia_position position;  /* of its first event; seq 0: nothing had to change */
    lia_position last;      /* who holds its lane up to here holds all of it */
    bool repeated;          /* the key was known: this is the answer of the first time */

    struct lia_command *next; /* the node's */
    uint16_t number;          /* the same: of `kind`, which may be gone when it is handled */
} lia_command;

/* The number of the kind that it is about; `kind` is not looked at once it is submitted. */
static inline uint16_t lia_command_kind(const lia_command *command)
{
    return command->kind ? command->kind->number : command->row ? command->row->kind : 0;
}

/* Queues it; `done` is called later, never inside. When the node cannot take it (LIA_EFULL: queue;
 * LIA_ECLOSED: closing; LIA_EIO: the disk failed earlier) returns that and `done` is not called. */
LIA_MUST_USE lia_err lia_node_submit(lia_node *node, lia_command *command);
/* A list linked by `next`, in one step, bulk or not: all in one group if they fit. */
LIA_MUST_USE lia_err lia_node_submit_all(lia_node *node, lia_command *first, size_t count);

/* Finds a command row of the service or of what all share; NULL when there is none. */
const lia_command_row *lia_node_command(const lia_node *node, uint16_t kind, lia_span verb, bool bare);
/* All of them, service's first: index 0 .. until NULL. */
const lia_command_row *lia_node_command_at(const lia_node *node, size_t index);

/* ---- replication level ----------------------------------------------------------------------- */

/* How many other nodes are known to hold the position's lane up to it, flushed. */
size_t lia_node_holders(const lia_node *node, lia_position position);

/* An answer that waits until so many other nodes hold a position, or its time is up. Owned by the
 * caller, untouched by it until `done`, which may be called inside of lia_node_hold. */
typedef struct lia_hold {
    lia_position position;
    size_t wanted;
    uint64_t until_ns; /* lia_time_ticks_ns */
    void (*done)(struct lia_hold *hold, void *context);
    void *context;

    size_t holders; /* the answer: fewer than wanted when the time was up */

    struct lia_hold *next; /* the node's */
} lia_hold;
void lia_node_hold(lia_node *node, lia_hold *hold);
/* Ends all waiting, now and from now on: the node is about to close. */
void lia_node_release(lia_node *node);

/* ---- being copied ----------------------------------------------------------------------------- */

/* The cluster's folder, and what this node signs with now; valid until the loop runs again. */
const char *lia_node_dir(const lia_node *node);
const lia_sign_key *lia_node_signer(const lia_node *node);
/* For so long from now nothing leaves the log because of its age. */
void lia_node_spare(lia_node *node, int64_t ms);

/* ---- who belongs to the cluster --------------------------------------------------------------- */

/* The list in force as it was signed. Valid until the loop runs again. */
lia_span lia_node_signed_members(const lia_node *node);
/* Takes a later list, which goes on to all others from here. It counts at once; doors and links follow
 * within a moment (lia_node_list_epoch).
 *   LIA_EEXIST   it is in force already, or an earlier one
 *   LIA_EDENIED  not signed by the administrators      LIA_EINVAL  breaks a rule; `why` names it */
LIA_MUST_USE lia_err lia_node_offer_members(lia_node *node, lia_span list, lia_why *why);
/* The same list as will remove this node: until then it takes no commands, so that the others can
 * fetch all that it has acknowledged. Ends with the process, or with a list that has it.
 *   LIA_EINVAL  the list does not remove this node; otherwise as above */
LIA_MUST_USE lia_err lia_node_drain(lia_node *node, lia_span list, lia_why *why);
/* The list by which this node lets others in. */
uint64_t lia_node_list_epoch(const lia_node *node);
/* The public CURVE keys of tools that may subscribe to the public stream, besides members. Who is not
 * among them any more is cut off. LIA_READERS_MAX at most. */
void lia_node_set_readers(lia_node *node, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count);
/* Whether that peer does not let this node in. */
bool lia_node_refused(const lia_node *node, uint16_t peer);
/* LIA_OK when the bus is open; otherwise why it is not, for the moment. */
lia_err lia_node_bus(const lia_node *node, lia_why *why);

/* ---- in passing ------------------------------------------------------------------------------ */

/* What a peer said in passing. Anything may be in it. */
typedef void lia_heard_fn(void *context, uint16_t peer, lia_span word);
/* Who listens, one at a time; NULL: nobody. Words that came before are lost. */
void lia_node_listen(lia_node *node, lia_heard_fn *heard, void *context);
/* Says a word (1 to LIA_SYNC_WORD_MAX bytes) to all members that are connected. It is heard or lost; no
 * log and no store has it. */
void lia_node_say(lia_node *node, lia_span word);

/* ---- reading -------------------------------------------------------------------------------- */

/* The kinds and fields as of the published state; the loop thread uses it (wire/catalog.h). Valid until
 * the loop runs again; hold it for longer. */
const lia_catalog *lia_node_catalog(const lia_node *node);

/* The published state, for one request on the loop thread. */
LIA_MUST_USE lia_err lia_node_read(lia_node *node, lia_rows *out);
void lia_node_read_end(lia_node *node, lia_rows *rows);

/* For a worker thread: own snapshot, own log reader and the catalog, which the worker uses; end with
 * lia_node_scan_end. */
LIA_MUST_USE lia_err lia_node_scan(lia_node *node, lia_rows *out);
void lia_node_scan_end(lia_rows *rows);

/* Highest arrival number that is committed and visible. */
uint64_t lia_node_visible(const lia_node *node);

/* Called on the loop thread after each commit, with the highest visible arrival. Returns a handle
 * for lia_node_unwatch. */
typedef struct lia_node_watch lia_node_watch;
lia_node_watch *lia_node_watch_commits(lia_node *node, void (*committed)(void *context, uint64_t visible),
                                       void *context);
void lia_node_unwatch(lia_node *node, lia_node_watch *watch);

/* ---- status --------------------------------------------------------------------------------- */

/* Whether the views are what digests and log say, and what was put right. */
typedef struct lia_audit_stats {
    uint64_t checks;      /* how often the rows were compared with their digests */
    uint64_t differences; /* buckets found wrong by that and not put right yet */
    uint64_t refolds;     /* how often a part of the views was compared with the log */
    uint64_t passes;      /* how often all parts were */
    uint64_t failures;    /* parts that could not be */
    uint64_t rows_repaired, sums_repaired;
    lia_time repaired; /* the last time; 0: never */
    struct {
        uint16_t kind;
        lia_id id;
    } named[8]; /* records whose rows were wrong then, the first ones */
    size_t named_count;
} lia_audit_stats;

/* The pass that makes sure that the bytes of erased customers are nowhere on this node's disk. */
typedef struct lia_erasing {
    const char *phase;  /* what it is at, in a word; NULL: no pass is under way */
    uint64_t done, all; /* rows, events or pages of this phase; `all` is 0 when they are not counted */
    size_t customers;   /* of this pass */
    size_t waiting;     /* for the next one, which is one pass for all of them */
    uint64_t began_ns;  /* lia_time_ticks_ns */
    uint64_t passes;    /* ended well since the start */
} lia_erasing;

#define LIA_PROGRESS_MAX 8

/* How long commits took is counted up to each bound, and beyond the last. */
#define LIA_COMMIT_BUCKETS 12
extern const uint32_t lia_commit_bounds_us[LIA_COMMIT_BUCKETS - 1];

typedef struct lia_node_stats {
    uint64_t commands, refused, events_own, events_foreign, commits, reactions, jobs_run;
    uint64_t commit_ns, apply_ns; /* spent */
    uint64_t commit_buckets[LIA_COMMIT_BUCKETS]; /* commits by how long they took */
    size_t queue, group_last, group_max;
    uint64_t arrival;      /* visible */
    size_t log_used, log_cap;
    lia_views_stats views;
    lia_time started;
    size_t jobs_waiting;
    int64_t jobs_late_ms; /* by which the earliest of them is overdue; 0: none is */
    lia_progress backgrounds[LIA_PROGRESS_MAX];
    size_t background_count;
    lia_audit_stats audit;
    lia_erasing erasing;
} lia_node_stats;
void lia_node_get_stats(lia_node *node, lia_node_stats *out);
/* Bytes that the file system of the node's folder has left for it, and all of it; 0: not known. */
void lia_node_get_room(const lia_node *node, uint64_t *free_bytes, uint64_t *all_bytes);
/* How far the pass is, and whether it is this customer's. */
bool lia_node_erasing(lia_node *node, lia_id customer, lia_erasing *out);

/* A lane whose oldest events could go, but for a member that does not have them. */
typedef struct lia_held_back {
    lia_origin origin;
    uint64_t seq;    /* the member has it up to here */
    uint16_t member;
    uint64_t events; /* that it has not acknowledged */
    lia_time oldest; /* of those that could go */
} lia_held_back;

/* What leaves the log, and what keeps it from leaving. */
typedef struct lia_retention {
    int64_t keep_ms;        /* 0: for ever */
    uint64_t dropped, kept; /* events since the start: gone, and left behind by their block */
    lia_held_back held_back[LIA_MEMBERS_MAX];
    size_t held_back_count;
} lia_retention;
void lia_node_get_retention(lia_node *node, lia_retention *out);

/* State that is fetched from a peer because events are gone: this node does not know all yet. False
 * when it does. */
bool lia_node_import(lia_node *node, lia_sync_import_status *out);

/* The first event of a lane that the log holds; head + 1 when it holds none. */
uint64_t lia_node_first(lia_node *node, lia_origin origin);

/* Whether no command is taken any more because disk or memory were full, and not the log's own limit:
 * a node that is opened anew, once there is room, goes on. */
bool lia_node_is_full(lia_node *node);
/* What is switched on here (feature.h). */
void lia_node_get_features(lia_node *node, lia_features *out);
/* LIA_OK when commands are taken. Otherwise what stopped them and, in `why`, the sentence. */
lia_err lia_node_health(lia_node *node, lia_why *why);
/* Whether the disk was empty at the node's first start and what the others hold is not here yet. The
 * node takes commands meanwhile. `*met`: others were met, and it catches up. */
bool lia_node_joining(const lia_node *node, bool *met);
/* LIA_OK when what the node reads may be shown. A store with a past first asks the others whom they
 * have erased, for 2 s at most; until then LIA_EBUSY, and `why` says so. */
LIA_MUST_USE lia_err lia_node_readable(const lia_node *node, lia_why *why);
/* Lanes with distance and cause; peers. */
size_t lia_node_lanes(lia_node *node, lia_sync_lane_status *out, size_t max);
/* The pass over the log that looks for damage. */
void lia_node_get_inspection(lia_node *node, lia_sync_inspection *out);
size_t lia_node_peers(lia_node *node, lia_sync_peer_status *out, size_t max);
size_t lia_node_holdings(lia_node *node, lia_origin origin, lia_sync_holding *out, size_t max);
/* Buckets of the state digest at the moment of the last commit, with the vector they belong to. */
LIA_MUST_USE lia_err lia_node_digests(lia_node *node, lia_digests *out, lia_lane_info *lanes,
                                      size_t max, size_t *lane_count);

#endif
