/* SPDX-License-Identifier: Apache-2.0 */
/* desk - one machine on a desk, for tests and fuzzing: all it says and writes is caught, peers are
 * played by hand. Node 1 is the machine; 2, 3 and 4 are peers with keys. */
#ifndef LIA_SYNC_DESK_H
#define LIA_SYNC_DESK_H

#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/limits.h"
#include "common/sync/ledger.h"
#include "common/sync/sync.h"
#include "common/wire/event.h"
#include "proto/bus.pb-c.h"

#define DESK_NODES  4
#define DESK_FEATURES 7 /* that the machine understands */
#define DESK_BLOCKS 128
#define DESK_ERASURES 8192
#define DESK_WALL   ((lia_time){INT64_C(1795000000000)})

typedef struct desk_block {
    lia_sealed sealed;
    lia_span events[LIA_BLOCK_EVENTS_MAX];
} desk_block;

typedef struct desk_said {
    uint16_t to;
    lia_sync_role role;
    size_t size;
    Bus__Frame *frame;
} desk_said;

typedef struct desk {
    lia_sync *sync;
    lia_arena arena; /* of frames and blocks */
    int64_t now_ms;
    lia_id cluster;
    lia_origin own;
    desk_said said[4096];
    size_t said_count;
    desk_block held[DESK_BLOCKS]; /* what the machine's log holds, and what it writes */
    size_t held_count, write_count;
    unsigned alarms[LIA_SYNC_ALARMS];
    uint64_t acked;
    bool deaf;        /* sends fail */
    bool full;        /* there is no room for blocks */
    lia_snap_chunk parts[4]; /* of the state that is given; their cursor is a byte */
    size_t part_count;
    lia_snap_chunk imported; /* the last part that came, in the arena */
    size_t import_count;
    uint8_t import_at; /* where the import goes on */
    uint64_t dropped; /* of each lane, what is not above this has left the log */
    lia_hash state;
    bool has_state;
    lia_id learnt[DESK_ERASURES]; /* that the machine wants erased */
    size_t learnt_count;
    lia_ledger peers_erased; /* by all peers alike, as they greet */
    size_t list_count; /* that peers offered */
    uint64_t cut; /* begun and not ended; 0: none */
    unsigned cuts_begun, cuts_ended;
    lia_sync_mark goal[8];
    size_t goal_count;
    uint16_t wrong[4]; /* buckets in which a peer's state is another */
    size_t wrong_count;
    unsigned mended;
    size_t heard;       /* words of peers */
    lia_span last_word; /* in the arena */
    uint64_t asked; /* for tests: number of the session that a peer was welcomed with */
} desk;

static lia_sign_key desk_keys[DESK_NODES + 1];
static lia_verify_key desk_checks[DESK_NODES + 1];

static inline lia_origin desk_origin(uint16_t node)
{
    return (lia_origin){node, UINT64_C(0x1000) + node};
}

/* ---- what the machine asks ----------------------------------------------------------------- */

static inline void *desk_take(void *arena, size_t size)
{
    return lia_arena_take(arena, size);
}
static inline void desk_give(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

static inline bool desk_send(void *context, uint16_t to, lia_sync_role role, lia_span bytes)
{
    desk *on = context;
    if (on->deaf) return false;
    if (on->said_count == LIA_COUNT(on->said)) on->said_count = 0;
    ProtobufCAllocator allocator = {desk_take, desk_give, &on->arena};
    Bus__Frame *frame = bus__frame__unpack(&allocator, bytes.size, bytes.data);
    lia_assert(frame && frame->protocol == 1);
    on->said[on->said_count++] = (desk_said){to, role, bytes.size, frame};
    return true;
}

/* A block that is written must be what its origin sealed, whoever brought it. */
static inline void desk_check_seal(const desk *on, const lia_sealed *sealed)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    uint64_t last = sealed->first + sealed->count - 1;
    size_t size = lia_seal_message(message, on->cluster, sealed->origin, last, &sealed->hash);
    lia_assert(sealed->origin.node >= 1 && sealed->origin.node <= DESK_NODES);
    lia_assert(lia_sign_check(&desk_checks[sealed->origin.node], lia_span_make(message, size),
                              &sealed->signature));
}

static inline void desk_keep(desk *on, const lia_sealed *sealed)
{
    desk_block *kept = &on->held[on->held_count++ % DESK_BLOCKS];
    kept->sealed = *sealed;
    for (uint32_t i = 0; i < sealed->count; i++)
        kept->events[i] = lia_arena_copy(&on->arena, sealed->events[i]);
    kept->sealed.events = kept->events;
}

static inline void desk_write(void *context, const lia_sealed *sealed)
{
    desk *on = context;
    on->write_count++;
    desk_check_seal(on, sealed);
    desk_keep(on, sealed);
}

static inline lia_err desk_read(void *context, lia_origin origin, uint64_t seq, lia_sealed *out)
{
    desk *on = context;
    *out = (lia_sealed){.first = on->dropped + 1};
    if (seq <= on->dropped) return LIA_EGONE;
    for (size_t i = 0; i < on->held_count && i < DESK_BLOCKS; i++) {
        *out = on->held[i].sealed;
        if (lia_origin_equal(out->origin, origin) && seq >= out->first &&
            seq < out->first + out->count)
            return LIA_OK;
    }
    return LIA_EABSENT;
}

static inline void desk_alarm(void *context, lia_sync_alarm alarm, uint16_t peer, lia_origin origin,
                              uint64_t seq)
{
    (void)peer, (void)origin, (void)seq;
    ((desk *)context)->alarms[alarm]++;
}

static inline void desk_acked(void *context, uint16_t peer, lia_origin origin, uint64_t seq)
{
    (void)peer, (void)origin;
    ((desk *)context)->acked = seq;
}

static inline bool desk_state(void *context, lia_hash *out)
{
    *out = ((desk *)context)->state;
    return ((desk *)context)->has_state;
}

static inline void desk_erase(void *context, uint16_t peer, const lia_id *customers, size_t count)
{
    desk *on = context;
    (void)peer;
    for (size_t i = 0; i < count; i++) {
        if (on->learnt_count == DESK_ERASURES) on->learnt_count = 0;
        on->learnt[on->learnt_count++] = customers[i];
    }
}

static inline lia_err desk_state_read(void *context, lia_span after, lia_snap_chunk *out)
{
    desk *on = context;
    size_t part = after.size ? after.data[0] : 0;
    if (after.size > 1 || (on->part_count && part >= on->part_count)) return LIA_EINVAL;
    if (!on->part_count) return LIA_EABSENT;
    *out = on->parts[part];
    return LIA_OK;
}

static inline size_t desk_import_from(void *context, uint8_t cursor[LIA_SNAP_CURSOR_MAX])
{
    cursor[0] = ((desk *)context)->import_at;
    return cursor[0] != 0;
}

/* Looks at all that it was given, as the host does. */
static inline void desk_import(void *context, uint16_t peer, const lia_snap_chunk *chunk)
{
    desk *on = context;
    (void)peer;
    on->import_count++;
    on->imported = *chunk;
    on->imported.next = lia_arena_copy(&on->arena, chunk->next);
    for (size_t i = 0; i < chunk->event_count; i++) {
        lia_header header;
        lia_assert(lia_event_parse_header(&header, chunk->events[i]) == LIA_OK);
    }
    for (size_t i = 0; i < chunk->row_count; i++)
        lia_assert(chunk->rows[i].key.size <= LIA_SNAP_CURSOR_MAX && chunk->rows[i].value.size);
    for (size_t i = 0; i < chunk->lane_count; i++) {
        const lia_snap_lane *lane = &chunk->lanes[i];
        uint8_t message[LIA_SEAL_MESSAGE_SIZE];
        size_t size = lia_seal_message(message, on->cluster, lane->origin, lane->seq, &lane->hash);
        lia_assert(lane->origin.node <= DESK_NODES &&
                   lia_sign_check(&desk_checks[lane->origin.node], lia_span_make(message, size),
                                  &lane->signature));
    }
}

static inline bool desk_members(void *context, uint16_t peer, lia_span list)
{
    desk *on = context;
    (void)peer;
    on->list_count++;
    return lia_span_is(list, "a later list");
}

static inline void desk_heard(void *context, uint16_t peer, lia_span word)
{
    desk *on = context;
    lia_assert(peer >= 2 && peer <= DESK_NODES && word.size <= LIA_SYNC_WORD_MAX);
    on->heard++;
    on->last_word = lia_arena_copy(&on->arena, word);
}

static inline void desk_cut_begin(void *context, uint64_t number)
{
    desk *on = context;
    lia_assert(!on->cut && number);
    on->cut = number;
    on->cuts_begun++;
    on->goal_count = 0;
}

static inline void desk_cut_goal(void *context, uint64_t number, const lia_sync_mark *marks,
                                 size_t count)
{
    desk *on = context;
    lia_assert(on->cut == number && !on->goal_count);
    for (size_t i = 0; i < count && i < LIA_COUNT(on->goal); i++) on->goal[i] = marks[i];
    on->goal_count = count;
}

static inline void desk_cut_end(void *context, uint64_t number)
{
    desk *on = context;
    lia_assert(on->cut == number);
    on->cut = 0;
    on->cuts_ended++;
}

static inline void desk_differs(void *context, uint16_t peer, const uint16_t *buckets, size_t count)
{
    desk *on = context;
    (void)peer;
    on->wrong_count = count;
    for (size_t i = 0; i < count && i < LIA_COUNT(on->wrong); i++) on->wrong[i] = buckets[i];
}

static inline bool desk_room(void *context, uint16_t peer)
{
    (void)peer;
    return !((desk *)context)->full;
}

static const lia_sync_ops desk_ops = {
    .send = desk_send,
    .write = desk_write,
    .read = desk_read,
    .alarm = desk_alarm,
    .acked = desk_acked,
    .state = desk_state,
    .erase = desk_erase,
    .cut_begin = desk_cut_begin,
    .cut_goal = desk_cut_goal,
    .cut_end = desk_cut_end,
    .differs = desk_differs,
    .room = desk_room,
    .state_read = desk_state_read,
    .import_from = desk_import_from,
    .import = desk_import,
    .members = desk_members,
    .heard = desk_heard,
};

/* Puts the block in the place of the damaged one. */
static inline void desk_mend(void *context, const lia_sealed *sealed)
{
    desk *on = context;
    desk_check_seal(on, sealed);
    on->mended++;
    for (size_t i = 0; i < on->held_count; i++) {
        desk_block *held = &on->held[i];
        if (!lia_origin_equal(held->sealed.origin, sealed->origin) ||
            held->sealed.first != sealed->first)
            continue;
        held->sealed = *sealed;
        held->sealed.events = held->events;
        for (uint32_t k = 0; k < sealed->count; k++)
            held->events[k] = lia_arena_copy(&on->arena, sealed->events[k]);
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

static inline void desk_make_keys(void)
{
    static bool made;
    if (made) return;
    made = true;
    lia_assert(lia_crypto_init() == LIA_OK);
    for (int i = 1; i <= DESK_NODES; i++) lia_sign_keys(&desk_checks[i], &desk_keys[i]);
}

static inline desk *desk_open_with(size_t lane_credit, const lia_sync_ops *ops)
{
    desk_make_keys();
    desk *on = calloc(1, sizeof *on);
    lia_assert(on && lia_arena_init(&on->arena, (size_t)1 << 30) == LIA_OK);
    memcpy(on->cluster.bytes, "the cluster here", 16);
    on->own = desk_origin(1);
    on->now_ms = 1000;
    lia_sync_member members[DESK_NODES];
    for (uint16_t i = 0; i < DESK_NODES; i++)
        members[i] = (lia_sync_member){(uint16_t)(i + 1), desk_checks[i + 1]};
    lia_sync_options options = {.cluster = on->cluster,
                                .node = 1,
                                .incarnation = on->own.incarnation,
                                .boot = 77,
                                .members = {.members = members, .member_count = DESK_NODES},
                                .features = DESK_FEATURES,
        .ops = ops,
                                .context = on,
                                .lane_credit = lane_credit};
    lia_assert(lia_sync_open(&on->sync, &options) == LIA_OK);
    return on;
}

/* A machine with `lane_credit` (0: the default), not yet ticked. */
static inline desk *desk_open(size_t lane_credit)
{
    return desk_open_with(lane_credit, &desk_ops);
}

static inline void desk_close(desk *on)
{
    lia_sync_close(on->sync);
    lia_ledger_fini(&on->peers_erased);
    lia_arena_fini(&on->arena);
    free(on);
}

static inline void desk_tick(desk *on, int64_t ms)
{
    on->now_ms += ms;
    lia_sync_tick(on->sync, on->now_ms, DESK_WALL, 1);
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* Chain hash and signature for the events that are there. */
static inline void desk_seal(const desk *on, lia_sealed *made)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    made->hash = made->before;
    for (uint32_t i = 0; i < made->count; i++) {
        lia_hash leaf;
        lia_assert(!lia_event_leaf(made->events[i], &leaf));
        made->hash = lia_chain_next(&made->hash, &leaf);
    }
    uint64_t last = made->first + made->count - 1;
    size_t size = lia_seal_message(message, on->cluster, made->origin, last, &made->hash);
    made->signature = lia_sign(&desk_keys[made->origin.node], lia_span_make(message, size));
}

/* A block behind `before` (NULL: the first of its lane), signed by its origin. `flavour` makes
 * other histories. Lives until the desk is closed. */
static inline lia_sealed desk_block_make(desk *on, lia_origin origin, const lia_sealed *before,
                                         uint32_t count, uint8_t flavour)
{
    uint8_t salt[16] = {flavour};
    lia_span *events = lia_arena_take(&on->arena, count * sizeof *events);
    lia_sealed made = {.origin = origin, .first = 1, .count = count, .events = events};
    if (before) made.first = before->first + before->count;
    if (before) made.before = before->hash;
    for (uint32_t i = 0; i < count; i++) {
        lia_header header = {.node = origin.node,
                             .incarnation = origin.incarnation,
                             .seq = made.first + i,
                             .hlc = 1,
                             .department = 1,
                             .parts = 1};
        lia_buf out = lia_buf_make(&on->arena);
        lia_assert(!lia_event_build(&out, &header, NULL, 0, LIA_SPAN_NONE, salt));
        events[i] = lia_buf_get(&out);
    }
    desk_seal(on, &made);
    return made;
}

/* The same of two events, the second about a customer: "secret". */
static inline lia_sealed desk_block_about(desk *on, lia_origin origin, const lia_sealed *before,
                                          lia_id customer)
{
    lia_sealed made = desk_block_make(on, origin, before, 2, 0);
    lia_header header = {.node = origin.node,
                         .incarnation = origin.incarnation,
                         .seq = made.first + 1,
                         .hlc = 1,
                         .fact = 1,
                         .department = 1,
                         .parts = 1,
                         .customer = customer};
    lia_buf out = lia_buf_make(&on->arena);
    lia_assert(!lia_event_build(&out, &header, NULL, 0, LIA_SPAN("\x0a\x06secret"), NULL));
    ((lia_span *)made.events)[1] = lia_buf_get(&out);
    desk_seal(on, &made);
    return made;
}

static inline void desk_commit(desk *on, const lia_sealed *block)
{
    lia_sync_committed(on->sync, block->origin, block->first + block->count - 1, &block->hash);
}

/* Puts a block into the machine's log. */
static inline void desk_hold(desk *on, const lia_sealed *block)
{
    desk_keep(on, block);
    desk_commit(on, block);
}

#endif
