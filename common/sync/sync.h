/* SPDX-License-Identifier: Apache-2.0 */
/* sync - replication as a pure state machine: (state, message or tick or commit done) ->
 * (messages, writes). No socket, no disk, no clock: the simulator and the real node run this code.
 *
 * Every node both asks and serves. Towards each peer it has two links: as client (it greets,
 * fetches, acknowledges) and as server (it answers). A client asks per lane for what follows its
 * head; the server sends sealed blocks while the client's credit lasts, and at the tail keeps the
 * request parked until there is more. So live delivery and catching up are one path, and a slow
 * peer only spends its own credit.
 *
 *     client                                server
 *       | hello {heads} ---------------------> |  new session
 *       | <--------------- welcome {heads}     |
 *       | fetch {lane, after, hash, credit} -> |
 *       | <--------------- batch, batch ...    |  then parked; continues at commits
 *   write, commit                              |
 *       | ack {lane, durable, credit} -------> |
 *       | <--------------- heads               |  each second, and after commits to those who do
 *                                              |  not fetch that lane here
 *
 * Before any block goes over a link, both ends know of everybody whom the other knows to be erased,
 * and what is sent of those has no bodies.
 *
 * A block counts only if it follows the own head (number and chain hash), its events chain to its
 * hash, their headers carry the lane and number, and the origin signed it. */
#ifndef LIA_SYNC_SYNC_H
#define LIA_SYNC_SYNC_H

#include "common/base/arena.h"
#include "common/base/crypto.h"
#include "common/base/id.h"
#include "common/base/origin.h"
#include "common/base/time.h"

typedef struct lia_sync lia_sync;

/* A run of consecutive events of one origin, as sealed by it. */
typedef struct lia_sealed {
    lia_origin origin;
    uint64_t first;
    uint32_t count;
    lia_hash before, hash;
    lia_signature signature; /* over lia_seal_message */
    const lia_span *events;
} lia_sealed;

/* ---- state, for those who come too late for the events ---- */

#define LIA_SNAP_CURSOR_MAX 80

/* What events of a lane up to `seq` said is in the state; there a block ends. */
typedef struct lia_snap_lane {
    lia_origin origin;
    uint64_t seq;
    lia_hash hash;           /* chain hash at seq */
    lia_signature signature; /* of `hash`, by the origin */
} lia_snap_lane;

typedef struct lia_snap_row {
    lia_span key, value;
} lia_snap_row;

/* A part of the state. What keys, values and cursors mean is the hosts' business. */
typedef struct lia_snap_chunk {
    const lia_snap_lane *lanes; /* as of now; the same for all parts, or further */
    size_t lane_count;
    const lia_span *events; /* whole ones */
    size_t event_count;
    const lia_snap_row *rows;
    size_t row_count;
    lia_span next; /* where the next part begins; empty: this is the last */
    uint64_t all;  /* events and rows of all parts, about */
} lia_snap_chunk;

/* Which end of a link the local node is: frames from a client link go to the peer's server side. */
typedef enum lia_sync_role { LIA_SYNC_CLIENT, LIA_SYNC_SERVER } lia_sync_role;

typedef struct lia_sync_member {
    uint16_t node;
    lia_verify_key key; /* of its signatures */
} lia_sync_member;

/* A key that signs no more, of a member or of a node that was one. What it has signed counts. */
typedef struct lia_sync_former {
    uint16_t node;
    lia_verify_key key;
    uint64_t incarnation, last; /* up to this event of this incarnation; 0: all of the node's */
} lia_sync_former;

/* Who belongs to the cluster. `epoch`, then `mark`, say which of two lists is the later one. */
typedef struct lia_sync_members {
    uint64_t epoch, mark;
    const lia_sync_member *members; /* all, the own one too */
    size_t member_count;
    const lia_sync_former *former;
    size_t former_count;
    lia_span list; /* as the administrators signed it: what peers with an earlier one are given */
} lia_sync_members;

typedef enum lia_sync_alarm {
    LIA_SYNC_FORK,      /* same number, another hash: the lane is quarantined */
    LIA_SYNC_FORGED,    /* a block without its origin's signature, or with a broken chain */
    LIA_SYNC_MALFORMED, /* a frame that is none */
    LIA_SYNC_SKEWED,    /* a peer's wall clock is more than 500 ms away */
    LIA_SYNC_DIFFERS,   /* a peer holds the same events and another state */
    LIA_SYNC_DAMAGED,   /* a block of the own log is not what its origin sealed; peer is 0 */
    LIA_SYNC_ALARMS
} lia_sync_alarm;

/* A lane up to a number. */
typedef struct lia_sync_mark {
    lia_origin origin;
    uint64_t seq;
} lia_sync_mark;

/* The state's sums, bucket after bucket. */
#define LIA_SYNC_BUCKETS    1024
#define LIA_SYNC_SUM_SIZE   16
#define LIA_SYNC_SUMS_BYTES (LIA_SYNC_BUCKETS * LIA_SYNC_SUM_SIZE)

/* Most bytes of a word. */
#define LIA_SYNC_WORD_MAX ((size_t)16 << 10)

/* What the machine asks of the world; called during the calls below, never otherwise, and never
 * calling back into the machine: commits, lost links and failed writes are told later. */
typedef struct lia_sync_ops {
    /* Sends one frame to `peer`; false when the link cannot take it (then the session is ended
     * and greeted anew later). The frame is copied by the callee. */
    bool (*send)(void *context, uint16_t peer, lia_sync_role role, lia_span frame);
    /* Takes a checked block to be appended; the next in its lane, in order. `sealed` and all it
     * points to is valid only during the call. Answered by lia_sync_committed or, once, by
     * lia_sync_write_failed. More blocks of the lane may come before the answer. */
    void (*write)(void *context, const lia_sealed *sealed);
    /* The stored block of `origin` that begins at or holds `seq`. Spans are valid until the next
     * call of this function. Must see all that lia_sync_committed was told. LIA_EABSENT when it
     * is not held; LIA_EGONE when it was, and has left the log: then out->first is where the log
     * begins now. */
    lia_err (*read)(void *context, lia_origin origin, uint64_t seq, lia_sealed *out);
    void (*alarm)(void *context, lia_sync_alarm alarm, uint16_t peer, lia_origin origin,
                  uint64_t seq);
    /* This node's own lane is durable at `peer` up to `seq`. The latest word counts: it grows
     * while the peer's process lives, and begins anew when that was restarted. */
    void (*acked)(void *context, uint16_t peer, lia_origin origin, uint64_t seq);
    /* The hash of the state made of exactly what lia_sync_committed was told; false when that is
     * not known at the moment. Sent with the heads of each second and compared with peers that hold
     * the same. May be NULL. */
    bool (*state)(void *context, lia_hash *out);
    /* `peer` says that these customers were erased. Answered by lia_sync_erased, for each, once the
     * node has made it durable and shows nothing of them any more; until then it may be said again. */
    void (*erase)(void *context, uint16_t peer, const lia_id *customers, size_t count);
    /* A peer says that this is a later member list. Nothing about it was checked. False when it is
     * none: then that peer's word on lists is void. When it counts, the host calls
     * lia_sync_set_members, but not from in here. May be NULL. */
    bool (*members)(void *context, uint16_t peer, lia_span list);
    /* Begins to remember the state as it is at some moment from now on, and answers with that
     * moment (lia_sync_cut_begun). One cut at a time; `number` names it. NULL: never. */
    void (*cut_begin)(void *context, uint64_t number);
    /* The sums are wanted of exactly these events, which is no less than was answered: what came
     * meanwhile and is not among them does not count, what is missing will come. Answered by
     * lia_sync_cut_reached, or lia_sync_cut_failed when it can't be told. */
    void (*cut_goal)(void *context, uint64_t number, const lia_sync_mark *marks, size_t count);
    void (*cut_end)(void *context, uint64_t number);
    /* Takes a block that is held, but damaged, as its origin sealed it; like `write`, but nothing is
     * answered: a later look at the log tells. NULL: the log is not looked through. */
    void (*mend)(void *context, const lia_sealed *sealed);
    /* A peer's state of the same events is another in these buckets. */
    void (*differs)(void *context, uint16_t peer, const uint16_t *buckets, size_t count);
    /* Whether `peer`'s client end has room for more blocks; when not it is served later. A peer
     * that grants credit and never reads must not fill this node's memory. May be NULL. */
    bool (*room)(void *context, uint16_t peer);

    /* A peer said something in passing (lia_sync_say): anything may be in it, of at most
     * LIA_SYNC_WORD_MAX bytes. Valid only during the call. NULL: nobody listens. */
    void (*heard)(void *context, uint16_t peer, lia_span word);

    /* The part of the state behind `after` (empty: the first), at most about 256 KiB; borrows as
     * `read`. LIA_EINVAL: it is no cursor. May be NULL. */
    lia_err (*state_read)(void *context, lia_span after, lia_snap_chunk *out);
    /* Where the import that is under way goes on: the size of the cursor, 0 for the beginning. */
    size_t (*import_from)(void *context, uint8_t cursor[LIA_SNAP_CURSOR_MAX]);
    /* Takes a part; its lanes are signed, its events have headers and leaves. Valid only during the
     * call. Answered by lia_sync_imported. NULL: state is never asked for. */
    void (*import)(void *context, uint16_t peer, const lia_snap_chunk *chunk);
} lia_sync_ops;

typedef struct lia_sync_options {
    lia_id cluster;
    uint16_t node;        /* own number */
    uint64_t incarnation; /* of the own store */
    uint64_t boot;        /* random per start */
    uint32_t materializer;
    uint64_t features;        /* bits: what this node understands */
    uint64_t features_on;     /* bits: what is switched on here */
    lia_sync_members members; /* copied */
    const lia_sync_ops *ops;
    void *context;
    int64_t agree_ms;    /* between two comparisons of states with a peer; 0: 20 s */
    int64_t inspect_ms;  /* rest between two passes over the own log; 0: a minute */
    size_t lane_credit;  /* bytes in flight per lane and peer; 0: 4 MiB */
    size_t total_credit; /* of all; 0: 64 MiB */
} lia_sync_options;

LIA_MUST_USE lia_err lia_sync_open(lia_sync **out, const lia_sync_options *options);
void lia_sync_close(lia_sync *sync);

/* Says what the log holds: once per lane after open and before the first tick, and after every
 * commit (own and foreign) with the new head. Serves parked requests, acknowledges. */
void lia_sync_committed(lia_sync *sync, lia_origin origin, uint64_t head, const lia_hash *hash);

/* Writes of this lane could not be kept (full disk): asks for them again later. Call it when no
 * block of the lane is left in the writer's queue, since those behind the failed one are void. */
void lia_sync_write_failed(lia_sync *sync, lia_origin origin);

/* This customer was erased, and the node shows nothing of them: told after open and before the first
 * tick for all that are known, then as soon as it is so and before the commit that says so is told.
 * From here on no body about them is sent. Again is fine. LIA_EFULL  there are too many */
LIA_MUST_USE lia_err lia_sync_erased(lia_sync *sync, lia_id customer);
bool lia_sync_is_erased(const lia_sync *sync, lia_id customer);

/* Told after open: a former process was handed the last part of a state, and the host is still
 * putting it in place. No state is asked for before lia_sync_imported. */
void lia_sync_importing(lia_sync *sync);
/* The part of the state that was handed over is durable (LIA_OK), and with it the cursor of the
 * next; `done`: it was the last, and lia_sync_committed has told where the lanes stand now.
 *   LIA_ECONFLICT  it does not go with the parts before: import_from says 0 now
 *   LIA_EINVAL     it is malformed: the peer is avoided       others: try again later */
void lia_sync_imported(lia_sync *sync, lia_err err, bool done);

/* Another member list is in force: new peers are greeted, those who left are no peers any more,
 * and blocks are checked against the new keys. What is under way goes on.
 *   LIA_EINVAL  the own node is not in it, or a number is there twice; nothing changed
 *   LIA_EFULL   memory; nothing changed */
LIA_MUST_USE lia_err lia_sync_set_members(lia_sync *sync, const lia_sync_members *members);

/* The features that are switched on here, or should be: those that this node and all members
 * understand, as far as all of them are connected now, and those that a connected peer has on already. */
uint64_t lia_sync_features_wanted(const lia_sync *sync);
/* All that connected peers have on, whether it is understood here or not. */
uint64_t lia_sync_features_of_peers(const lia_sync *sync);
/* These are on from here; peers hear of it in the next greetings. */
void lia_sync_set_features_on(lia_sync *sync, uint64_t on);

/* This node writes under another incarnation from now on; the old lane is one like any other. */
void lia_sync_set_incarnation(lia_sync *sync, uint64_t incarnation);

/* A frame came in. Anything may be in it. `role` is the local end that received it. */
void lia_sync_receive(lia_sync *sync, uint16_t peer, lia_sync_role role, lia_span frame,
                      int64_t now_ms, lia_time wall);

/* Says something in passing to all peers that are connected and listen: what is lost is lost, and
 * nobody keeps it. `word` is at most LIA_SYNC_WORD_MAX bytes and not empty. */
void lia_sync_say(lia_sync *sync, lia_span word);

/* The carrier lost or gained the connection (hints; silence is found out by ticks as well). */
void lia_sync_link(lia_sync *sync, uint16_t peer, bool up, int64_t now_ms);

/* Answers to cut_begin and cut_goal; others than to the last ones are passed over. Marks and sums
 * are copied. */
void lia_sync_cut_begun(lia_sync *sync, uint64_t number, const lia_sync_mark *marks, size_t count);
void lia_sync_cut_reached(lia_sync *sync, uint64_t number, const uint8_t sums[LIA_SYNC_SUMS_BYTES]);
void lia_sync_cut_failed(lia_sync *sync, uint64_t number);

/* Time passes: greetings, heads, time-outs, choice of servers. Call about every 100 ms. `now_ms` is
 * monotonic, `wall` only measures peers' skew. */
void lia_sync_tick(lia_sync *sync, int64_t now_ms, lia_time wall, uint64_t hlc);

/* The bytes that an origin signs for a block: cluster, origin, number and chain hash of its last
 * event. Returns the size. */
#define LIA_SEAL_MESSAGE_SIZE 74
size_t lia_seal_message(uint8_t out[LIA_SEAL_MESSAGE_SIZE], lia_id cluster, lia_origin origin,
                        uint64_t last, const lia_hash *hash);

/* ---- what an operator sees ------------------------------------------------------------------ */

typedef enum lia_sync_cause {
    LIA_SYNC_CURRENT, /* nothing is missing as far as anybody says */
    LIA_SYNC_FETCHING,
    LIA_SYNC_NO_PEER,     /* nobody who is ahead is reachable */
    LIA_SYNC_STALLED,     /* the server does not deliver; another is tried */
    LIA_SYNC_WRITING,     /* received, waiting for the own disk */
    LIA_SYNC_QUARANTINED, /* forked */
    LIA_SYNC_REFUSED,     /* the own disk does not take it */
    LIA_SYNC_DROPPED      /* what is missing has left the logs of those who are ahead */
} lia_sync_cause;
const char *lia_sync_cause_text(lia_sync_cause cause);

typedef struct lia_sync_lane_status {
    lia_origin origin;
    uint64_t head, target; /* held, and the highest that any peer is known to hold */
    uint16_t server;       /* asked now; 0: nobody */
    lia_sync_cause cause;
    int64_t behind_since_ms; /* monotonic; 0 when current */
} lia_sync_lane_status;

typedef struct lia_sync_peer_status {
    uint16_t node;
    bool connected; /* a session as client is established */
    int64_t last_heard_ms;
    int64_t skew_ms; /* its wall clock minus ours, at the last greeting */
    uint64_t features; /* bits: what it understands, said in its last greeting */
    uint64_t features_on;
    uint64_t received_bytes, sent_bytes;
    uint64_t acked; /* of this node's own lane */
    uint64_t epoch; /* of its member list; 0: not heard yet */
    int64_t clock_ms; /* its wall clock minus ours at its last word, which was seconds old at most */
    bool has_clock;
    int64_t
        compared_ms; /* when its state was last compared with this node's; monotonic, 0: never */
    bool differs;    /* and found to be another */
    bool erasures_agree; /* in this session: what the peer had erased is erased here */
    uint64_t comparisons; /* at cuts, so far */
    size_t buckets;       /* that differed in the last one */
} lia_sync_peer_status;

/* How many peers have said that they hold `origin`'s lane up to `seq` on disk, and have not shown
 * another history of it. */
size_t lia_sync_holders(const lia_sync *sync, lia_origin origin, uint64_t seq);

/* The import of state that is under way; false when there is none. */
typedef struct lia_sync_import_status {
    uint16_t peer;          /* asked now; 0: nobody can be reached that could help */
    uint64_t received, all; /* events and rows, since this process began; about */
    int64_t since_ms;       /* monotonic */
} lia_sync_import_status;
bool lia_sync_import(const lia_sync *sync, lia_sync_import_status *out);

/* How far each peer has said that it holds `origin`'s lane on disk. Fills up to `max`; returns how
 * many peers there are. */
typedef struct lia_sync_holding {
    uint16_t node;
    uint64_t seq;
    int64_t at_ms; /* since it said so; monotonic, 0: it has not yet */
} lia_sync_holding;
size_t lia_sync_holdings(const lia_sync *sync, lia_origin origin, lia_sync_holding *out,
                         size_t max);

/* How far all peers have said that they hold the lane on disk, and who holds least of it (0: there
 * is no peer). Peers that were not heard since this process began, or were started anew and not
 * heard since, hold nothing. */
uint64_t lia_sync_held_by_all(const lia_sync *sync, lia_origin origin, uint16_t *least);

/* One lane; false when it is not known. */
bool lia_sync_lane(const lia_sync *sync, lia_origin origin, lia_sync_lane_status *out);

/* The pass over the own log that looks for damage. */
typedef struct lia_sync_inspection {
    uint64_t passes, blocks, bytes; /* ended; looked at since the start */
    uint64_t seen, all;             /* events of the pass under way, and of all lanes */
    int64_t passed_ms;              /* when the last one ended; monotonic, 0: never */
    uint64_t mended;                /* blocks */
    size_t damaged;                 /* blocks now */
    lia_sync_mark first[4];         /* some of them */
} lia_sync_inspection;
void lia_sync_get_inspection(const lia_sync *sync, lia_sync_inspection *out);

/* Whether the events are the block's: they bear its lane and their numbers. *end is the chain hash
 * behind them, which of a whole block is its hash. */
bool lia_seal_chain(const lia_sealed *block, lia_hash *end);

/* Fill up to `max`; return how many there are. */
size_t lia_sync_lanes(const lia_sync *sync, lia_sync_lane_status *out, size_t max);
size_t lia_sync_peers(const lia_sync *sync, lia_sync_peer_status *out, size_t max);

#endif
