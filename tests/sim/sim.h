/* SPDX-License-Identifier: Apache-2.0 */
/* sim - a whole cluster in one process, from one seed. Everything that a real node takes from the
 * world comes from here: time (clock), chance (dice), the wire (network), the disk. So a run can
 * be repeated exactly, and a day of faults takes a second.
 *
 *     main.c       flags, many seeds, repeats
 *     minimise.c   the steps that matter of a run that fails
 *     scenario.c   a run: its parts, their operations in any order, the end, the wait for agreement
 *     work.c, faults.c ...  the parts: what happens, and what must hold of it
 *     dice.c       numbers from the seed
 *     clock.c      virtual time and the queue of what happens next
 *     network.c    links that are slow, cut one way or both, silently reset; frames lost, doubled
 *     member.c     who belongs to the cluster, by which list
 *     disk.c       a log in memory: commits take time, fail when full, a crash forgets the rest
 *     writer.c     what common/node/rollback.h asks of the writer
 *     retain.c     blocks leave a log, and latecomers get what they said as state
 *     node.c       the machine under test between network and disk, as the real node hosts it
 *     erasure.c    customers are erased, old disks come back
 *     views.c      rows that nodes make of their logs, compared at common cuts, judged by the log
 *     damage.c     wrong bytes in rows and logs
 *     villain.c    a member with valid keys that lies
 *     checker.c    what must always hold
 *     trace.c      the story of a run, and its hash */
#ifndef LIA_TESTS_SIM_SIM_H
#define LIA_TESTS_SIM_SIM_H

#include "common/base/assert.h"
#include "common/base/hlc.h"
#include "common/sync/ledger.h"
#include "common/sync/sync.h"
#include "common/wire/event.h"

#include <stdarg.h>
#include <stdio.h>

#define SIM_NODES_MAX 7
#define SIM_STEPS_MAX 10000
#define SIM_LANES_MAX 192
#define SIM_KEYS_MAX  4 /* that a node can have one after the other */
#define SIM_WALL_MS   INT64_C(1795000000000) /* the wall clock at virtual time 0 */

/* What can't fail here. */
static inline void require(lia_err err)
{
    lia_assert(err == LIA_OK);
}

typedef struct sim sim;
typedef struct sim_node sim_node;

/* ---- clock.c ------------------------------------------------------------------------------- */

typedef void (*sim_action)(sim *world, void *what, uint64_t number);

typedef struct sim_event {
    int64_t at_ms;
    uint64_t order; /* equal times: as they were planned */
    sim_action action;
    void *what;
    uint64_t number;
} sim_event;

typedef struct sim_clock {
    int64_t now_ms;
    uint64_t planned;
    sim_event *heap;
    size_t count, capacity;
} sim_clock;

/* Plans `action` for `in_ms` from now. */
void sim_clock_plan(sim *world, int64_t in_ms, sim_action action, void *what, uint64_t number);
/* Lets time pass until `until_ms`, doing what is planned. */
void sim_clock_run(sim *world, int64_t until_ms);
/* Does everything that is still planned, and frees the queue. All nodes are dead. */
void sim_clock_fini(sim *world);

/* ---- network.c ----------------------------------------------------------------------------- */

typedef struct sim_way {
    bool blocked;     /* what is sent is lost, and nobody is told */
    int64_t delay_ms; /* of each frame */
    int64_t jitter_ms;
    int64_t bytes_per_ms; /* 0: no limit */
    int64_t busy_until_ms, last_ms;
} sim_way;

/* One node's link as client to another's server side. Order holds within an epoch. */
typedef struct sim_link {
    uint64_t epoch;
    bool down;
    sim_way to_server, to_client;
    size_t queued_bytes;
    /* credit check: blocks sent and not delivered, of the present session */
    uint64_t session;
    size_t flying[SIM_LANES_MAX];
} sim_link;

typedef struct sim_network {
    sim_link links[SIM_NODES_MAX][SIM_NODES_MAX]; /* [client][server], by index */
    unsigned lose_permille, double_permille, reset_permille;
    size_t queue_bytes_max; /* send says no above; 0: never */
} sim_network;

void sim_network_init(sim *world);
bool sim_network_send(sim *world, sim_node *from, uint16_t to, lia_sync_role role, lia_span frame);
/* Loses everything under way. `told`: the ends are told. */
void sim_network_reset(sim *world, unsigned client, unsigned server, bool told);
void sim_network_cut(sim *world, unsigned client, unsigned server, bool cut, bool told);
void sim_network_heal(sim *world);

/* ---- disk.c -------------------------------------------------------------------------------- */

typedef struct sim_block {
    uint64_t first;
    uint32_t count;
    lia_hash before, hash;
    lia_signature signature;
    lia_span *events; /* one allocation, with their bytes */
    size_t bytes;
    struct sim_block *sound; /* what it was before the disk forgot a bit; NULL: it did not */
} sim_block;

typedef struct sim_lane {
    lia_origin origin;
    sim_block *blocks;
    size_t count, capacity;
    size_t dropped; /* of them, the first ones: no longer served, only given as state */
} sim_lane;

typedef struct sim_write {
    lia_origin origin;
    bool own; /* made here, in this commit */
    sim_block block;
    bool mends; /* stands in for a damaged one */
} sim_write;

/* State that is taken in, part by part; on the disk. */
typedef struct sim_import {
    uint8_t cursor[LIA_SNAP_CURSOR_MAX];
    size_t cursor_size; /* 0: none is under way */
    lia_snap_lane lanes[SIM_LANES_MAX];
    size_t lane_count;
    sim_write *blocks;
    size_t count;
} sim_import;

/* What a node makes of its log: each event changes one row. */
#define SIM_ROWS 64
typedef struct sim_views {
    uint64_t rows[SIM_ROWS][2];  /* as they stand there */
    uint64_t right[SIM_ROWS][2]; /* as they should */
} sim_views;

typedef struct sim_disk {
    sim_lane lanes[SIM_LANES_MAX];
    size_t lane_count;
    lia_ledger erased; /* customers */
    sim_import import;
    sim_views views;
    bool full;
    bool is_other; /* not what the node left when it died */
    bool doubted;  /* noted in it: others may know more of its own lane; see common/node/place.h */
    unsigned signing; /* the key under what is written here */
} sim_disk;

sim_lane *sim_disk_lane(sim_disk *disk, lia_origin origin);
uint64_t sim_lane_head(const sim_lane *lane);
lia_hash sim_lane_hash(const sim_lane *lane);
sim_block sim_block_copy(const lia_sealed *sealed);
/* The block as its origin sealed it. */
const sim_block *sim_block_sound(const sim_block *block);
/* So it stands there again. */
void sim_block_heal(sim_block *block);
void sim_block_fini(sim_block *block);
/* Appends, taking the block. */
void sim_lane_append(sim_lane *lane, sim_block take);
void sim_lane_drop_last(sim_lane *lane);
lia_err sim_disk_read(sim_disk *disk, lia_origin origin, uint64_t seq, lia_sealed *out);
/* A copy of all blocks, and of who was erased. */
sim_disk sim_disk_copy(const sim_disk *disk);
void sim_disk_fini(sim_disk *disk);

/* ---- node.c -------------------------------------------------------------------------------- */

/* What an own event says beside its number, in the arena of its commit. */
typedef struct sim_content {
    const lia_op *ops;
    size_t op_count;
    uint32_t fact; /* 0: says nothing */
    lia_span said;
} sim_content;
typedef void (*sim_author)(sim_node *node, const lia_header *header, uint64_t number,
                           lia_arena *arena, sim_content *out);

#define SIM_TELLS_MAX 32

struct sim_node {
    sim *world;
    unsigned index;
    uint16_t number;
    uint64_t incarnation, boot;
    uint64_t life; /* counts starts: what was planned in an earlier life is void */
    bool alive, committing;
    bool telling; /* of some lanes of a commit, and not of all yet */
    bool held, doubts;      /* takes no commands: see common/node/rollback.h */
    bool renewal, renewing; /* wants another incarnation; with the commit under way */
    int64_t skew_ms, commit_ms;
    int64_t lost_ms; /* when its disk was lost; 0: never */
    lia_sync *sync;
    struct lia_rollback *rollback;
    sim_disk disk;
    struct sim_taking *taking; /* a part of state that is being written; see retain.c */
    sim_write *queue;
    size_t queue_count, queue_capacity, batch_count;
    unsigned own_wanted; /* events to append at the next commit */
    lia_ledger learnt;   /* to be erased with the next commit */
    struct {
        sim_author author;
        uint64_t number;
    } tells[SIM_TELLS_MAX]; /* what the first of them say; of the others it does not matter */
    unsigned tell_count;
    uint64_t alarms[LIA_SYNC_ALARMS];
    bool is_villain;
    bool outside; /* not a member, or no more, as far as it knows: it does not run */
    unsigned list, key; /* in force; the keys in use */
};

void sim_node_start(sim *world, sim_node *node);
void sim_node_crash(sim *world, sim_node *node);
void sim_node_append(sim *world, sim_node *node, unsigned events);
/* Appends one event whose content `author` makes, with `number`, in the commit that writes it. A
 * node that is dead or has too much to tell keeps silent. */
void sim_node_tell(sim *world, sim_node *node, sim_author author, uint64_t number);
void sim_node_receive(sim_node *node, uint16_t from, lia_sync_role role, lia_span frame);
/* Bytes that wait for the disk, of one origin; *total: of all foreign ones. */
size_t sim_node_waiting(const sim_node *node, lia_origin origin, size_t *total);
lia_time sim_node_wall(const sim_node *node);
lia_origin sim_node_origin(const sim_node *node);
/* The block is on the disk from now on. */
void sim_node_keep(sim_node *node, sim_write *write);
/* The next commit puts this in the place of a damaged block. */
void sim_node_mend(sim_node *node, const lia_sealed *sealed);
void sim_node_fini(sim_node *node);

/* ---- retain.c ------------------------------------------------------------------------------ */

/* What the machine asks: a part of the state, where an import goes on, and takes a part. */
lia_err sim_retain_read(sim_node *node, lia_span after, lia_snap_chunk *out);
size_t sim_retain_from(sim_node *node, uint8_t cursor[LIA_SNAP_CURSOR_MAX]);
void sim_retain_import(sim_node *node, const lia_snap_chunk *chunk);
/* The process ends; and the disk is gone. */
void sim_retain_crashed(sim_node *node);
void sim_retain_forget(sim_import *import);

/* ---- member.c ------------------------------------------------------------------------------ */

/* Everybody is a member. */
void sim_members_init(sim *world);
/* By the latest list there is. */
bool sim_is_listed(const sim_node *node);
/* By the list that the node has. Lives until the next call. */
lia_sync_members sim_members_of(const sim_node *node);
/* For lia_sync_ops; the context is the node. */
bool sim_members_heard(void *context, uint16_t peer, lia_span list);
/* Whether the two ends of a link know one another's keys. */
bool sim_members_let_in(sim *world, unsigned client, unsigned server);

/* writer.c: the node as common/node/rollback.h knows it. */
struct lia_writer *sim_node_writer(sim_node *node);

/* ---- villain.c ----------------------------------------------------------------------------- */

typedef enum sim_villainy {
    SIM_HONEST,
    SIM_FORGER,  /* changes bytes of what it passes on */
    SIM_FORKER,  /* tells every second peer another history of its own */
    SIM_LIAR,    /* wrong heads, wrong problems, silence where it promised blocks */
    SIM_BABBLER, /* garbage between the frames */
    SIM_VILLAINIES
} sim_villainy;

/* What the villain sends instead; frees nothing of the caller's. NULL data: nothing at all. The
 * result lives until the next call. */
lia_span sim_villain_says(sim *world, sim_node *villain, uint16_t to, lia_sync_role role,
                          lia_span frame);
/* What it makes of what it hears. */
lia_span sim_villain_hears(sim *world, sim_node *villain, uint16_t from, lia_sync_role role,
                           lia_span frame);

/* ---- checker.c ----------------------------------------------------------------------------- */

/* What an origin truly wrote. */
typedef struct sim_truth {
    lia_origin origin;
    lia_hash *chain; /* [seq] */
    uint64_t head, capacity;
} sim_truth;

typedef struct sim_checker {
    sim_truth truths[SIM_LANES_MAX];
    size_t truth_count;
    uint64_t acked[SIM_NODES_MAX][SIM_NODES_MAX]; /* [origin][peer] */
    int64_t applied_ms;                           /* last time a block was applied anywhere */
    size_t frame_max;                             /* largest block frame seen */
    uint64_t events, blocks, forged, forked;      /* written; lies that reached an asker */
} sim_checker;

/* A node's own block was committed: this is the truth from now on. */
void sim_check_wrote(sim *world, sim_node *node, const sim_block *block);
/* Any node committed a block behind what it had. */
void sim_check_applied(sim *world, sim_node *node, lia_origin origin, uint64_t head_before,
                       const sim_block *block);
void sim_check_acked(sim *world, sim_node *node, uint16_t peer, lia_origin origin, uint64_t seq);
/* After a start: what was acknowledged is still there. */
void sim_check_kept(sim *world, sim_node *node);
void sim_check_flying(sim *world, const sim_node *client, uint16_t server, const sim_link *link,
                      lia_origin origin, size_t frame);
/* What was received and not yet committed is within the bounds, too. */
void sim_check_waiting(sim *world, const sim_node *node, lia_origin origin);
/* True when all live honest nodes have written and hold the same of every honest origin. */
bool sim_check_agreed(sim *world);
/* Afterwards: statuses and acknowledgements say so too. */
void sim_check_calm(sim *world);
/* Says what each live node shows its operator. */
void sim_check_show(sim *world);
/* Another disk stands in for a dead node's: what it acknowledged is void. */
void sim_check_replaced(sim *world, sim_node *node);
/* It goes on in another lane, of which nobody has anything. */
void sim_check_renewed(sim *world, sim_node *node);
/* True while nodes may get new incarnations. */
bool sim_check_room(const sim *world);
lia_hash sim_truth_hash(sim *world, lia_origin origin, uint64_t seq);
void sim_checker_fini(sim_checker *checker);

/* ---- trace.c ------------------------------------------------------------------------------- */

typedef struct sim_trace {
    uint64_t hash;
    bool print, frames;
} sim_trace;

void sim_say(sim *world, const char *format, ...) LIA_PRINTF(2, 3);
/* Ends the process with the seed and the reason. */
_Noreturn void sim_fail(sim *world, const char *format, ...) LIA_PRINTF(2, 3);

/* ---- erasure.c ----------------------------------------------------------------------------- */

/* Whom the next event of the node is about, maybe none. */
lia_id sim_erasure_customer(sim *world, const sim_node *node);
/* Peers told the node of these; the next commit erases them. */
void sim_erasure_learnt(sim_node *node, const lia_id *customers, size_t count);
void sim_erasure_commit(sim_node *node);
/* Looks at every frame that a node sends, and at those that reach it as server. */
void sim_erasure_sent(sim *world, const sim_node *from, uint16_t to, lia_span frame);
void sim_erasure_heard(const sim_node *node, uint16_t from, lia_span frame);

/* Overwrites the bodies of who is erased. */
void sim_erasure_clean(const sim_block *block, const lia_ledger *erased);

/* ---- views.c ------------------------------------------------------------------------------- */

void sim_views_begin(void);
/* The process starts or ends; the rows stay. */
void sim_views_reset(const sim_node *node);
void sim_views_add(sim_node *node, lia_origin origin, const sim_block *block);
/* All rows anew from the log. */
void sim_views_remake(sim_node *node);
/* Answers to sync, and repairs: between batches. */
void sim_views_look(sim_node *node);
bool sim_views_row_is_wrong(const sim_node *node, size_t row);
bool sim_views_any_wrong(const sim_node *node);
/* Some rows wait for being judged by the log. */
bool sim_views_doubts(const sim_node *node);
/* Whether a wrong row of either is why the two may just have been found different. */
bool sim_views_may_differ(const sim_node *a, const sim_node *b);
void sim_views_watch(lia_sync_ops *ops);

/* ---- damage.c ------------------------------------------------------------------------------ */

/* States are compared and logs looked through, if the run has this. */
void sim_damage_watch(sim *world, lia_sync_options *options);
bool sim_damage_is_on(void);
bool sim_damage_any(const sim_node *node);
/* What was sent by its peers as it should be stands in its place from now on. */
void sim_damage_mend(sim_node *node, sim_write *write);
/* Whether the alarm is due to what was done to the disk of one of the two; `peer` 0: of `node`. */
bool sim_damage_explains(const sim_node *node, lia_sync_alarm alarm, uint16_t peer,
                         lia_origin origin, uint64_t seq);
/* For how long nothing may happen after the faults, beyond what is usual. */
int64_t sim_damage_patience_ms(void);

/* ---- scenario.c ---------------------------------------------------------------------------- */

/* Something that may happen in a step; `weight` of the weights of all. */
typedef struct sim_operation {
    const char *name;
    unsigned weight;
    void (*run)(sim *world);
} sim_operation;

/* A concern of a run: what happens on its account, and what must hold of it. A part is one file
 * with its state in statics, and one line in scenario.c's table. Any function may be absent. */
typedef struct sim_part {
    const char *name;
    bool always; /* in every run; otherwise in half of them */
    uint64_t mark; /* not 0: the seed's bits and this say whether, so that runs without it are the
                      same as before there was such a part */
    const sim_operation *operations;
    size_t operation_count;
    void (*begin)(sim *world);                   /* before the first node starts */
    void (*started)(sim *world, sim_node *node); /* with the disk as it now is */
    void (*crashed)(sim *world, sim_node *node); /* keeps its disk */
    void (*applied)(sim *world, sim_node *node, lia_origin origin,
                    const sim_block *block); /* is on its disk from now on */
    void (*faults_end)(sim *world);
    bool (*agreed)(sim *world); /* what it waits for in the end */
    void (*check)(sim *world);  /* some time after agreement: fails, or is fine */
    void (*end)(sim *world);    /* frees; the nodes' disks are still there */
} sim_part;

#define SIM_PARTS_MAX 16
extern const sim_part sim_work, sim_faults, sim_identity, sim_restore, sim_retain, sim_erasure,
    sim_member, sim_damage;

struct sim {
    const struct sim_run *run;
    uint64_t dice;
    sim_clock clock;
    sim_network network;
    sim_checker checker;
    sim_trace trace;
    sim_node nodes[SIM_NODES_MAX];
    unsigned node_count;
    lia_id cluster;
    size_t lane_credit, total_credit;
    sim_villainy villainy; /* of the last node */
    const sim_part *parts[SIM_PARTS_MAX];
    size_t part_count;
};

/* dice.c: the next number, and one below `bound`. */
uint64_t sim_dice(sim *world);
uint64_t sim_roll(sim *world, uint64_t bound);
sim_node *sim_find(sim *world, uint16_t number);
sim_node *sim_any_node(sim *world);
const lia_sign_key *sim_key(unsigned index, unsigned version);

/* What to run. A step is the same whichever others are left out. */
typedef struct sim_run {
    uint64_t seed;
    unsigned steps;
    bool skip[SIM_STEPS_MAX];
    bool print, frames;
} sim_run;

/* Runs one seed from beginning to end; returns the hash of its trace. */
uint64_t sim_scenario(const sim_run *run);
/* The flags that repeat it, as "--seed 7 --steps 60 --only 3,17". */
void sim_run_print(const sim_run *run, FILE *out);
/* Leaves out as many steps of a run that fails as it can, each tried in a process of its own. False
 * when it does not fail. */
bool sim_minimise(sim_run *run);

#endif
