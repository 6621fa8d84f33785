/* SPDX-License-Identifier: Apache-2.0 */
/* inner - what the files of sync share: its state, and who changes what.
 *
 *     sync.c     the public calls: open, committed, receive, tick
 *     session.c  greetings, heads, silence, clock skew
 *     member.c   who belongs to the cluster, whose signature counts, later lists
 *     table.c    lanes, and what each peer is known to hold
 *     lane.c     asking: choice of server, credit, the check of a block
 *     serve.c    answering: fetch, ack, parked requests
 *     erasure.c  who was erased: compared before anything is fetched
 *     snapshot.c the state in parts, where events are gone
 *     agree.c    comparing states at common cuts
 *     inspect.c  looking through the own log, having damaged blocks mended
 *     frame.c    frames <-> bytes
 *     status.c   what an operator sees */
#ifndef LIA_SYNC_INNER_H
#define LIA_SYNC_INNER_H

#include "common/base/limits.h"
#include "common/sync/ledger.h"
#include "common/sync/sync.h"
#include "proto/bus.pb-c.h"

#define PROTOCOL 1

/* Greetings are repeated with this back-off; the cap is what a returning peer waits at most. */
#define GREET_MS_MIN 250
#define GREET_MS_MAX 2000

/* Heads come each second: two missing ones make a peer doubtful (others are preferred, the status
 * says so), six end its session. Doubled up to the cap while sessions die without a frame, so
 * that a block which needs longer on a slow link gets through at last. */
#define HEADS_MS       1000
#define DOUBTFUL_MS    2000
#define SILENCE_MS     6000
#define SILENCE_MS_MAX 24000

/* A fetch that brings nothing for this long, although somebody has more, moves elsewhere; the
 * peer is avoided for that lane, longer each time. */
#define STALL_MS        3000
#define PATIENCE_MS_MAX 24000
#define STRIKES_MAX     4
#define SHUN_MS         60000 /* after a forged or forked block: not even as a last resort */
#define REFUSED_MS      1000  /* before the own disk is tried again */
#define STATE_STALL_MS  10000 /* a part of the state that does not come */
#define SKEW_MS         500
/* Greetings of a peer that are answered: so many at once, and one more in this time. Each costs a
 * list of heads, and lets the peer ask for everything again. */
#define GREETED_BURST 16
#define GREETED_MS    100
#define MALFORMED_MS  1000 /* at most one alarm per peer in this time */

/* Ids of erased customers in one frame. */
#define ERASURES_PAGE 2048
/* A page that does not come is asked for anew. */
#define ERASURES_MS 1000
/* Between two passes, while disks work; the own one says when it is done. */
#define ERASURES_REST_MS 250
/* A peer whose heads show another set for this long is compared with again. Most differences end by
 * themselves: the request is on its way. */
#define ERASURES_DRIFT_MS 3000

/* Work per call: enough to fill a fast link between two acknowledgements, little enough that one
 * peer's catching up delays the others by a millisecond. */
#define SERVE_BLOCKS 64
#define SERVE_BYTES  ((size_t)512 << 10)
#define TICK_BYTES   ((size_t)4 << 20)

/* Lanes learnt from one peer's word alone, not yet from a block: what a liar can occupy. */
#define UNPROVEN_MAX 16
/* Incarnations of one node that are learnt from peers. */
#define INCARNATIONS_MAX 64

#define LANE_INDEX   (2 * LIA_LANES_MAX)
#define UNPACK_BYTES ((size_t)4 << 20)
#define PACK_BYTES   ((size_t)2 << 20)

/* What one peer and one lane have to do with each other. */
typedef struct peer_lane {
    uint64_t head;          /* durable there, as far as it said ... */
    int64_t head_ms;        /* ... since then; monotonic */
    int64_t avoid_until_ms; /* as a server of this lane */
    uint64_t floor;         /* what is not above this has left its log */
    uint64_t sent;          /* served to it up to here */
    int64_t credit;         /* what it still has room for; below zero by at most one block */
    uint8_t strikes;
    bool shunned;   /* avoided even when there is nobody else */
    bool forked;    /* has said another hash; alarmed */
    bool asked;     /* fetched from it in this session: again only in a new one, so that late
                     * blocks of the first request can't be taken for answers to the second */
    bool parked;    /* it asks for this lane here */
    bool answered;  /* it asked in its session: what comes again is an echo */
    uint64_t acked; /* by the last acknowledgement that counted; echoes grant nothing */
} peer_lane;

typedef enum session_state { SESSION_DOWN, SESSION_GREETING, SESSION_UP } session_state;

typedef struct peer {
    uint16_t node;
    uint64_t epoch, mark; /* of its member list, as far as it said */
    bool no_lists;        /* it called something a list that was none */
    uint64_t boot;        /* of its process; 0: not met yet */

    /* the link on which this node asks */
    session_state state;
    uint64_t session;    /* the peer's number for the present or last one; they only grow */
    int64_t heard_ms;    /* last frame of this session */
    int64_t greeted_ms;  /* first greeting that is still unanswered */
    int64_t greet_at_ms; /* the next one */
    int64_t backoff_ms;
    int64_t silence_ms;
    bool fruitful; /* more than the welcome came in this session */
    bool agreed;   /* each knows of all whom the other knew to be erased */
    bool comparing;
    bool compared_new;    /* in the pass under way something was new to one of them */
    lia_id compare_after; /* the page asked for */
    bool compare_waits;   /* for that page; otherwise for the disks */
    bool compare_carries; /* the ask had ids for the server */
    int64_t compare_ms;   /* when it is asked for again, or the next pass begins */
    int64_t drift_ms;     /* since when its heads show another set; 0: they do not */

    /* the link on which it asks */
    uint64_t asker;   /* own number for its session; 0: none */
    unsigned greeted; /* greetings answered of late, less what time forgave */
    int64_t forgiven_ms;
    unsigned state_requests; /* since the last tick */
    bool state_waits;        /* the last one is answered at the next tick: */
    uint8_t state_after[LIA_SNAP_CURSOR_MAX];
    size_t state_after_size;
    uint64_t farewell; /* a session ended by this side, which it is to be told of */
    bool asker_agreed;
    bool hears; /* words may be sent to it */

    int64_t no_state_until_ms; /* it was asked for the state and did not give it */
    int64_t last_heard_ms;     /* on either link */
    int64_t skew_ms;
    int64_t clock_ms; /* the same by its last word, fresh but less exact */
    bool has_clock;
    bool skewed;
    int64_t malformed_ms; /* last alarm */
    int64_t compared_ms;  /* states, at the same heads */
    bool differs;
    uint64_t comparisons;
    size_t buckets;                 /* that differed at the last cut */
    uint32_t materializer;          /* of its state */
    uint64_t features, features_on; /* as it said in its last greeting */
    int64_t cut_at_ms;              /* the next one */
    uint64_t cut_wish;              /* the number of its last wish in this session */
    int64_t cut_barred_ms;          /* its wishes are refused until then */
    int64_t
        cut_refused_ms; /* since then it waits for another's comparison to end; 0: it does not */
    uint64_t received_bytes, sent_bytes, acked;
    peer_lane *lanes; /* LIA_LANES_MAX, numbered like lia_sync.lanes */
} peer;

/* Blocks handed to the writer: last number and frame bytes. When more are under way than fit, the
 * newest entry grows: its bytes count until its last block is committed. */
#define PENDING_MAX 16
typedef struct pending {
    uint64_t last;
    size_t bytes;
} pending;

typedef struct lane {
    lia_origin origin;
    uint64_t durable, received; /* held on disk; checked and handed to the writer */
    lia_hash durable_hash, received_hash;

    peer *server; /* asked now */
    int64_t open; /* granted to the server and not yet used; below zero by at most one block */
    size_t waiting_bytes; /* received, not durable */
    pending waiting[PENDING_MAX];
    unsigned waiting_count;

    int64_t progress_ms; /* last time a block came, or nothing was missing */
    int64_t patience_ms; /* STALL_MS, longer after each time */
    int64_t retry_ms;    /* after a refused write: not before */
    int64_t behind_since_ms;
    uint16_t advertiser; /* who spoke of it first; 0: the own log */
    bool dirty;          /* committed since the last heads */
    bool refused;
    bool quarantined; /* its origin signed two histories */
} lane;

/* State that is fetched because events are gone. */
typedef struct import {
    peer *server; /* asked, or its part is with the host; NULL: nobody */
    uint64_t session;
    bool taking; /* the host has a part and has not answered */
    int64_t asked_ms, retry_ms;
    int64_t since_ms; /* 0: there is no need */
    uint64_t received, all;
} import;

/* The comparison under way, if any; see agree.c. */
typedef enum cut_state { CUT_NONE, CUT_BEGINNING, CUT_ASKING, CUT_REACHING } cut_state;
typedef struct cut {
    cut_state state;
    peer *with;
    bool is_asker;
    uint64_t number;  /* by which the host knows it */
    uint64_t asked;   /* by which the two nodes do */
    uint64_t session; /* in which it was asked */
    int64_t began_ms;
    lia_sync_mark marks[LIA_LANES_MAX]; /* what the asker holds, then what both are to have */
    size_t mark_count;
    bool has_own, has_theirs;
    uint8_t own[LIA_SYNC_SUMS_BYTES], theirs[LIA_SYNC_SUMS_BYTES];
} cut;

/* A block of the own log that is not what its origin sealed. */
#define DAMAGED_MAX 64
typedef struct damage {
    lane *of;
    uint64_t seq; /* in it; its first one if its row can be read */
    bool has_hash;
    lia_hash hash; /* at its end, as its row says */
    int64_t ask_ms;
    size_t turn; /* which peer is asked next */
} damage;

/* The pass over the own log. */
typedef struct inspection {
    size_t lane;
    uint64_t seq;    /* the next one in the lane; 0: its first */
    lia_hash before; /* the chain there */
    bool has_before;
    int64_t at_ms; /* not before */
    damage list[DAMAGED_MAX];
    size_t count;
    lia_sync_inspection status;
} inspection;

struct lia_sync {
    lia_sync_options options;
    lia_sync_former *keys; /* all whose signatures count, present ones without an end */
    size_t key_count;
    uint8_t *list; /* the signed member list */
    size_t list_size;
    peer peers[LIA_MEMBERS_MAX];
    size_t peer_count;
    lane lanes[LIA_LANES_MAX];
    size_t lane_count;
    uint16_t index[LANE_INDEX]; /* lane number + 1, open addressing */
    size_t held_bytes;          /* granted or waiting, of all lanes */
    uint64_t next_session;
    int64_t now_ms, heads_ms;
    lia_time wall;
    uint64_t hlc;
import import;
    size_t turn; /* which peer a tick serves first */
    cut cut;
    uint64_t next_cut;
    inspection inspection;
    bool dirty;
    lia_ledger erased;
    lia_arena in, out; /* one frame read, one frame written */
};

/* ---- member.c ------------------------------------------------------------------------------ */

/* Whether anything that carries this origin may be signed by anybody, up to which number. 0: no. */
uint64_t origin_limit(const lia_sync *sync, lia_origin origin);
/* Whether somebody signed the message whose word counts for this event of the origin. */
bool origin_signed(const lia_sync *sync, lia_origin origin, uint64_t last, lia_span message,
                   const lia_signature *signature);
/* Takes note of what list a peer has. `mark` is 0 where only the epoch was told. */
void learn_list(peer *from, uint64_t epoch, uint64_t mark);
/* Asks for a later list, or gives the own one, as the client. */
void exchange_list(lia_sync *sync, peer *with);
/* Whether the peer has a later list than this node: it may know keys that are unknown here. */
bool has_later_list(const lia_sync *sync, const peer *from);
void receive_list(lia_sync *sync, peer *from, const Bus__MembersOffer *offer);
void receive_list_ask(lia_sync *sync, peer *from);

/* ---- table.c ------------------------------------------------------------------------------- */

peer *find_peer(lia_sync *sync, uint16_t node);
lane *find_lane(lia_sync *sync, lia_origin origin);
/* NULL when the table is full. */
lane *find_or_add_lane(lia_sync *sync, lia_origin origin);
static inline peer_lane *between(const lia_sync *sync, const peer *from, const lane *of)
{
    return &from->lanes[of - sync->lanes];
}
static inline bool is_own(const lia_sync *sync, const lane *of)
{
    return of->origin.node == sync->options.node &&
           of->origin.incarnation == sync->options.incarnation;
}
/* The highest position that anybody holds; and among those who could be asked for it now. */
uint64_t lane_target(const lia_sync *sync, const lane *of);
uint64_t lane_reachable(const lia_sync *sync, const lane *of);
/* Takes note of what a peer says it holds. */
void learn_head(lia_sync *sync, peer *from, const Bus__Head *head);
/* The peer has said that it holds the lane up to `seq`. */
static inline void learn_holding(const lia_sync *sync, peer_lane *there, uint64_t seq)
{
    if (there->head != seq) there->head_ms = sync->now_ms;
    there->head = seq;
}
void learn_durable(lia_sync *sync, peer *from, lane *of, uint64_t seq);
/* A peer's process was started anew: old grudges end. */
void learn_boot(lia_sync *sync, peer *from, uint64_t boot);

/* ---- session.c ----------------------------------------------------------------------------- */

void session_tick(lia_sync *sync, peer *with);
/* Ends the session in which this node asks, and greets again at `at_ms` or later. */
void session_lost(lia_sync *sync, peer *with, int64_t at_ms);
/* Ends the one in which the peer asks; it is told. */
void asker_lost(peer *with);
/* What a greeting says of features (feature.c). */
void learn_features(peer *from, const Bus__Hello *hello);
void tell_features(const lia_sync *sync, Bus__Hello *hello);

void receive_hello(lia_sync *sync, peer *from, const Bus__Hello *hello);
void receive_welcome(lia_sync *sync, peer *from, uint64_t session, const Bus__Hello *welcome);
void receive_heads(lia_sync *sync, peer *from, const Bus__Heads *heads);
void receive_problem(lia_sync *sync, peer *from, const Bus__Problem *problem);
/* Sends heads to those who ask here: all each second, else the changed ones they don't fetch. */
void send_heads(lia_sync *sync);
bool is_doubtful(const lia_sync *sync, const peer *with);
void alarm_malformed(lia_sync *sync, peer *from);

/* ---- lane.c -------------------------------------------------------------------------------- */

/* Looks whether the lane should be asked for, and where. */
void lane_choose(lia_sync *sync, lane *of);
void lane_tick(lia_sync *sync, lane *of);
void lane_committed(lia_sync *sync, lane *of, uint64_t head, const lia_hash *hash);
void lane_refused(lia_sync *sync, lane *of);
/* Stops asking the present server; it is told while its session lives. */
void lane_leave(lia_sync *sync, lane *of);
/* Avoids `from` for the lane for a while: a little longer each time, or as a liar. */
void lane_avoid(lia_sync *sync, lane *of, peer *from, bool shun);
/* `from` has another history; alarms once. */
void lane_forked(lia_sync *sync, lane *of, peer *from, uint64_t seq);
void receive_batch(lia_sync *sync, peer *from, const Bus__Batch *batch, size_t frame_bytes);
/* The block of a frame, in sync->in; false when it is none. */
bool read_block(lia_sync *sync, lia_sealed *out, lane *of, const Bus__Batch *batch);
/* Whether its events chain to its hash and its origin signed that. */
bool is_sealed(lia_sync *sync, const lia_sealed *block);

/* Whether the origin has signed that a block ends so. */
bool is_signed_end(const lia_sync *sync, lia_origin origin, uint64_t last, const lia_hash *hash,
                   const lia_signature *signature);

/* ---- snapshot.c ---------------------------------------------------------------------------- */

void import_tick(lia_sync *sync);
void receive_state_request(lia_sync *sync, peer *from, const Bus__StateRequest *request);
void receive_state_chunk(lia_sync *sync, peer *from, const Bus__StateChunk *chunk);
/* A peer is in another place now, or (NULL) nowhere. */
void import_moved(lia_sync *sync, const peer *from, peer *to);
/* `from` does not give the state. */
void import_refused(lia_sync *sync, peer *from);

/* ---- serve.c ------------------------------------------------------------------------------- */

void receive_fetch(lia_sync *sync, peer *from, const Bus__Fetch *fetch);
void receive_ack(lia_sync *sync, peer *from, const Bus__Ack *ack);
/* Sends what is due of one lane to one peer, within the bounds of one call. Returns its bytes. */
size_t serve_lane(lia_sync *sync, peer *to, lane *of);
void serve_tick(lia_sync *sync);

/* ---- erasure.c ----------------------------------------------------------------------------- */

/* What is said of the own set, in greetings and heads. */
typedef struct erasure_sum {
    uint64_t count;
    uint8_t sum[16];
} erasure_sum;
erasure_sum erasures_own(const lia_sync *sync);
bool erasures_equal(const lia_sync *sync, uint64_t count, bool has_sum, ProtobufCBinaryData sum);
/* Begins, or does not have to, with a session as client. */
void erasures_begin(lia_sync *sync, peer *with, bool agree);
void erasures_tick(lia_sync *sync, peer *with);
void receive_erasure_heads(lia_sync *sync, peer *from, const Bus__Heads *heads);
void receive_erasure_ask(lia_sync *sync, peer *from, const Bus__ErasureAsk *ask);
void receive_erasure_page(lia_sync *sync, peer *from, const Bus__ErasurePage *page);
/* Takes bodies that are erased out of a block, into sync->in. LIA_EFULL  no room at the moment */
LIA_MUST_USE lia_err erasures_apply(lia_sync *sync, lia_sealed *block);
/* Whether lanes may be fetched from it. */
static inline bool is_serving(const peer *from)
{
    return from->state == SESSION_UP && from->agreed;
}

/* ---- agree.c ------------------------------------------------------------------------------- */

/* The same events have made the same state, or not; alarms at the first time that they have not. */
void agree_compared(lia_sync *sync, peer *with, bool differs);
void agree_tick(lia_sync *sync);
/* A peer stands elsewhere now, or is gone (NULL). */
void agree_moved(lia_sync *sync, const peer *from, peer *to);
void receive_cut(lia_sync *sync, peer *from, lia_sync_role role, const Bus__Cut *cut);
void receive_sums(lia_sync *sync, peer *from, lia_sync_role role, const Bus__Sums *sums);

/* ---- inspect.c ----------------------------------------------------------------------------- */

void inspect_tick(lia_sync *sync);
/* Looks at a block of the own log out of turn: false when it is damaged, which is taken note of. */
bool inspect_block(lia_sync *sync, lane *of, const lia_sealed *block);
/* Whether it is among those that are to be mended: it is not given to anybody. */
bool inspect_knows(const lia_sync *sync, const lane *of, const lia_sealed *block);
void receive_mend(lia_sync *sync, peer *from, const Bus__Mend *mend);
void receive_mended(lia_sync *sync, peer *from, const Bus__Batch *batch);

/* ---- frame.c ------------------------------------------------------------------------------- */

/* Unpacks; NULL when it is no frame or needs more memory than an honest one. Lives until the next
 * call. */
Bus__Frame *frame_read(lia_sync *sync, lia_span bytes);
/* Packs and sends. False ended the session of that link. Parts of the message may live in
 * sync->out, which is empty again afterwards. */
bool frame_send(lia_sync *sync, peer *to, lia_sync_role role, Bus__Frame *frame);
/* The same for a block, without copying its events twice. 0, or the size of the frame. */
size_t frame_send_block(lia_sync *sync, peer *to, const lia_sealed *block);
/* The same as an answer to mend. */
bool frame_send_mended(lia_sync *sync, peer *to, const lia_sealed *block);
bool frame_send_problem(lia_sync *sync, peer *to, uint64_t session, Bus__ProblemCode code,
                        lia_origin origin, uint64_t seq);
bool read_hash(lia_hash *out, bool has, ProtobufCBinaryData bytes);
bool read_origin(lia_origin *out, uint32_t node, uint64_t incarnation);
ProtobufCBinaryData as_bytes(const void *data, size_t size);

#endif
