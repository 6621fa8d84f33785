/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts the machine as the real node does: blocks queue for one writer, a commit takes what is
 * queued, own events get their numbers when the commit begins, and only what came back from the
 * disk is told to the machine. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/node/rollback.h"
#include "common/wire/pb.h"
#include "tests/sim/sim.h"

lia_time sim_node_wall(const sim_node *node)
{
    return (lia_time){SIM_WALL_MS + node->world->clock.now_ms + node->skew_ms};
}

lia_origin sim_node_origin(const sim_node *node)
{
    return (lia_origin){node->number, node->incarnation};
}

/* ---- the writer ---------------------------------------------------------------------------- */

static void enqueue(sim_node *node, sim_write take)
{
    if (node->queue_count == node->queue_capacity) {
        node->queue_capacity = node->queue_capacity ? 2 * node->queue_capacity : 16;
        node->queue = realloc(node->queue, node->queue_capacity * sizeof *node->queue);
        lia_assert(node->queue);
    }
    node->queue[node->queue_count++] = take;
}

/* Drops what is queued of one origin, from place `from` on. */
static void drop_queued(sim_node *node, lia_origin origin, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < node->queue_count; i++) {
        if (lia_origin_equal(node->queue[i].origin, origin))
            sim_block_fini(&node->queue[i].block);
        else
            node->queue[kept++] = node->queue[i];
    }
    node->queue_count = kept;
}

size_t sim_node_waiting(const sim_node *node, lia_origin origin, size_t *total)
{
    size_t bytes = 0;
    for (size_t i = 0; i < node->queue_count; i++) {
        const sim_write *write = &node->queue[i];
        if (write->mends) continue; /* asked for one by one */
        if (lia_origin_equal(write->origin, origin)) bytes += write->block.bytes;
        if (!lia_origin_equal(write->origin, sim_node_origin(node))) *total += write->block.bytes;
    }
    return bytes;
}

/* The first of what is to be told, if anything; else it says nothing. */
static sim_content content_of(sim_node *node, const lia_header *header, lia_arena *arena)
{
    sim_content content = {0};
    if (!node->tell_count) return content;
    node->tells[0].author(node, header, node->tells[0].number, arena, &content);
    node->tell_count--;
    memmove(node->tells, node->tells + 1, node->tell_count * sizeof node->tells[0]);
    return content;
}

static lia_span build_event(sim_node *node, lia_arena *arena, uint64_t seq)
{
    static const uint8_t salt[16];
    uint8_t text[400];
    size_t size = 12 + sim_roll(node->world, sim_roll(node->world, 8) ? 60 : sizeof text - 12);
    memset(text, (int)('a' + seq % 26), size);
    lia_buf fact = lia_buf_make(arena);
    lia_pb_put_bytes(&fact, 1, lia_span_make(text, size));
    lia_header header = {.node = node->number,
                         .incarnation = node->incarnation,
                         .seq = seq,
                         .hlc = lia_hlc_at(sim_node_wall(node).ms),
                         .fact = 1,
                         .department = 1,
                         .parts = 1};
    bool tells = node->tell_count > 0;
    sim_content content = content_of(node, &header, arena);
    if (!tells) header.customer = sim_erasure_customer(node->world, node);
    if (content.fact) header.fact = content.fact;
    lia_span said = content.fact ? content.said : lia_buf_get(&fact);
    lia_buf out = lia_buf_make(arena);
    if (lia_event_build(&out, &header, content.ops, content.op_count, said, salt))
        sim_fail(node->world, "an event can't be built");
    return lia_buf_get(&out);
}

static lia_hash chain_over(const lia_sealed *sealed)
{
    lia_hash hash = sealed->before, leaf;
    for (uint32_t i = 0; i < sealed->count; i++) {
        lia_assert(lia_event_leaf(sealed->events[i], &leaf) == LIA_OK);
        hash = lia_chain_next(&hash, &leaf);
    }
    return hash;
}

static void seal(sim_node *node, lia_sealed *sealed)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    sealed->hash = chain_over(sealed);
    size_t size = lia_seal_message(message, node->world->cluster, sealed->origin,
                                   sealed->first + sealed->count - 1, &sealed->hash);
    sealed->signature =
        lia_sign(sim_key(node->index, node->disk.signing), lia_span_make(message, size));
}

/* Own events become a block in the commit that writes them. */
static void enqueue_own(sim_node *node)
{
    enum { BLOCK = 16 };
    static lia_arena arena;
    if (!node->own_wanted || node->held || node->renewing) return;
    if (!arena.base) require(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
    lia_span events[BLOCK];
    sim_lane *own = sim_disk_lane(&node->disk, sim_node_origin(node));
    uint32_t count = node->own_wanted < BLOCK ? node->own_wanted : BLOCK;
    uint64_t first = sim_lane_head(own) + 1;
    for (uint32_t i = 0; i < count; i++) events[i] = build_event(node, &arena, first + i);
    lia_sealed sealed = {.origin = own->origin,
                         .first = first,
                         .count = count,
                         .before = sim_lane_hash(own),
                         .events = events};
    seal(node, &sealed);
    node->own_wanted -= count;
    enqueue(node, (sim_write){own->origin, true, sim_block_copy(&sealed), false});
}

static void begin_commit(sim_node *node);

void sim_node_keep(sim_node *node, sim_write *write)
{
    sim_lane *lane = sim_disk_lane(&node->disk, write->origin);
    uint64_t before = sim_lane_head(lane);
    if (write->own) sim_check_wrote(node->world, node, &write->block);
    sim_check_applied(node->world, node, write->origin, before, &write->block);
    sim_lane_append(lane, write->block);
    for (size_t i = 0; i < node->world->part_count; i++)
        if (node->world->parts[i]->applied)
            node->world->parts[i]->applied(node->world, node, write->origin,
                                           &lane->blocks[lane->count - 1]);
}

/* Tells the machine once per lane of the batch. */
static void tell_committed(sim_node *node, const lia_origin *origins, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool again = false;
        for (size_t k = i + 1; k < count; k++) again |= lia_origin_equal(origins[i], origins[k]);
        if (again) continue;
        const sim_lane *lane = sim_disk_lane(&node->disk, origins[i]);
        lia_hash hash = sim_lane_hash(lane);
        sim_say(node->world, "%u holds %u/%llx to %llu", node->number, origins[i].node,
                (unsigned long long)origins[i].incarnation,
                (unsigned long long)sim_lane_head(lane));
        lia_sync_committed(node->sync, origins[i], sim_lane_head(lane), &hash);
    }
}

static void commit_kept(sim_node *node)
{
    size_t count = node->batch_count;
    sim_erasure_commit(node);
    node->disk.doubted |= node->doubts;
    lia_origin *origins = malloc((count + 1) * sizeof *origins);
    lia_assert(origins);
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        sim_write *write = &node->queue[i];
        const sim_lane *lane = sim_disk_lane(&node->disk, write->origin);
        if (write->mends) {
            sim_damage_mend(node, write);
            continue;
        }
        origins[told++] = write->origin;
        if (write->block.first > sim_lane_head(lane))
            sim_node_keep(node, write);
        else /* the lane was moved ahead by state meanwhile */
            sim_block_fini(&write->block);
    }
    node->queue_count -= count;
    if (count) memmove(node->queue, node->queue + count, node->queue_count * sizeof *node->queue);
    node->telling = true;
    tell_committed(node, origins, told);
    node->telling = false;
    free(origins);
}

/* Nobody waits for them: the next look at the log tells. */
static void drop_mends(sim_node *node)
{
    size_t kept = 0, in_batch = 0;
    for (size_t i = 0; i < node->queue_count; i++) {
        if (node->queue[i].mends) {
            sim_block_fini(&node->queue[i].block);
            continue;
        }
        in_batch += i < node->batch_count;
        node->queue[kept++] = node->queue[i];
    }
    node->queue_count = kept;
    node->batch_count = in_batch;
}

/* The whole batch is refused, and what is queued behind it of the same lanes can't follow. */
static void commit_refused(sim_node *node)
{
    sim_say(node->world, "%u has a full disk", node->number);
    lia_ledger_fini(&node->learnt); /* said again */
    drop_mends(node);
    while (node->batch_count) {
        lia_origin origin = node->queue[0].origin;
        size_t before = node->queue_count, in_batch = 0;
        for (size_t i = 0; i < node->batch_count; i++)
            in_batch += lia_origin_equal(node->queue[i].origin, origin);
        drop_queued(node, origin, 0);
        lia_assert(node->queue_count < before);
        node->batch_count -= in_batch;
        if (!lia_origin_equal(origin, sim_node_origin(node)) || node->held)
            lia_sync_write_failed(node->sync, origin);
    }
}

static void look(sim_node *node)
{
    lia_rollback_look(node->rollback, node->sync, node->world->clock.now_ms);
}

/* Writes on in a lane of its own: as lia_batch_renew, in the commit that is done now. */
static void renew(sim_node *node)
{
    node->renewing = false;
    node->renewal = node->disk.full; /* once more */
    if (node->disk.full) return;
    node->incarnation = sim_dice(node->world);
    node->disk.signing = node->key;
    node->held = node->disk.doubted = node->doubts = false;
    sim_say(node->world, "%u goes on as %llx", node->number, (unsigned long long)node->incarnation);
    sim_check_renewed(node->world, node);
    lia_sync_set_incarnation(node->sync, node->incarnation);
    lia_rollback_renewed(node->rollback, sim_node_origin(node));
}

static void end_commit(sim *world, void *what, uint64_t life)
{
    (void)world;
    sim_node *node = what;
    if (!node->alive || node->life != life) return;
    node->committing = false;
    if (node->disk.full)
        commit_refused(node);
    else
        commit_kept(node);
    node->batch_count = 0;
    if (node->renewing) renew(node);
    look(node);
    sim_views_look(node);
    begin_commit(node);
}

static void begin_commit(sim_node *node)
{
    if (node->committing || !node->alive) return;
    enqueue_own(node);
    bool renews = node->renewal && !node->disk.full;
    if (!node->queue_count && !node->learnt.sum.count && !renews) return;
    node->committing = true;
    node->batch_count = node->queue_count;
    node->renewing = node->renewal;
    node->renewal = false;
    int64_t in_ms = 1 + (int64_t)sim_roll(node->world, (uint64_t)node->commit_ms);
    sim_clock_plan(node->world, in_ms, end_commit, node, node->life);
}

void sim_node_mend(sim_node *node, const lia_sealed *sealed)
{
    enqueue(node, (sim_write){sealed->origin, false, sim_block_copy(sealed), true});
    begin_commit(node);
}

void sim_node_append(sim *world, sim_node *node, unsigned events)
{
    if (!node->alive) return;
    sim_say(world, "%u appends %u", node->number, events);
    node->own_wanted += events;
    begin_commit(node);
}

void sim_node_tell(sim *world, sim_node *node, sim_author author, uint64_t number)
{
    if (!node->alive || node->tell_count == SIM_TELLS_MAX) return;
    node->tells[node->tell_count].author = author;
    node->tells[node->tell_count++].number = number;
    sim_node_append(world, node, 1);
}

/* ---- what the machine asks of the world ---------------------------------------------------- */

static bool send_frame(void *context, uint16_t to, lia_sync_role role, lia_span frame)
{
    sim_node *node = context;
    if (node->is_villain) frame = sim_villain_says(node->world, node, to, role, frame);
    sim_erasure_sent(node->world, node, to, frame);
    return !frame.data || sim_network_send(node->world, node, to, role, frame);
}

static void write_block(void *context, const lia_sealed *sealed)
{
    sim_node *node = context;
    enqueue(node, (sim_write){sealed->origin, false, sim_block_copy(sealed), false});
    sim_check_waiting(node->world, node, sealed->origin);
    begin_commit(node);
}

static lia_err read_block(void *context, lia_origin origin, uint64_t seq, lia_sealed *out)
{
    sim_node *node = context;
    return sim_disk_read(&node->disk, origin, seq, out);
}

static lia_err read_state(void *context, lia_span after, lia_snap_chunk *out)
{
    sim_node *node = context;
    /* What it would say is believed: see common/sync/README.md, Trust. */
    return node->is_villain ? LIA_EABSENT : sim_retain_read(node, after, out);
}
static size_t import_from(void *context, uint8_t cursor[LIA_SNAP_CURSOR_MAX])
{
    return sim_retain_from(context, cursor);
}
static void import_part(void *context, uint16_t peer, const lia_snap_chunk *chunk)
{
    (void)peer;
    sim_retain_import(context, chunk);
}

/* Honest nodes never suspect one another. */
static void take_alarm(void *context, lia_sync_alarm alarm, uint16_t peer, lia_origin origin,
                       uint64_t seq)
{
    static const char *const names[] = {"fork",   "forged",  "malformed",
                                        "skewed", "differs", "damaged"};
    sim_node *node = context;
    sim *world = node->world;
    node->alarms[alarm]++;
    if (alarm == LIA_SYNC_FORK) lia_rollback_forked(node->rollback, origin);
    sim_say(world, "%u alarms: %s by %u in %u/%llx at %llu", node->number, names[alarm], peer,
            origin.node, (unsigned long long)origin.incarnation, (unsigned long long)seq);
    const sim_node *author = origin.node ? sim_find(world, origin.node) : NULL;
    bool about_villain =
        (peer && sim_find(world, peer)->is_villain) || (author && author->is_villain);
    if (sim_damage_explains(node, alarm, peer, origin, seq)) return;
    if (alarm != LIA_SYNC_SKEWED && !about_villain && !node->is_villain)
        sim_fail(world, "node %u suspects honest node %u: %s", node->number, peer, names[alarm]);
}

static void take_acked(void *context, uint16_t peer, lia_origin origin, uint64_t seq)
{
    sim_node *node = context;
    sim_say(node->world, "%u knows %u has %llu", node->number, peer, (unsigned long long)seq);
    sim_check_acked(node->world, node, peer, origin, seq);
}

static void take_erased(void *context, uint16_t peer, const lia_id *customers, size_t count)
{
    sim_node *node = context;
    sim_say(node->world, "%u learns from %u of %zu erased", node->number, peer, count);
    sim_erasure_learnt(node, customers, count);
    begin_commit(node);
}

static const lia_sync_ops ops = {.send = send_frame,
                                 .write = write_block,
                                 .read = read_block,
                                 .alarm = take_alarm,
                                 .acked = take_acked,
                                 .erase = take_erased,
                                 .members = sim_members_heard,
                                 .state_read = read_state,
                                 .import_from = import_from,
                                 .import = import_part};

void sim_node_receive(sim_node *node, uint16_t from, lia_sync_role role, lia_span frame)
{
    if (!node->alive) return;
    if (node->is_villain) frame = sim_villain_hears(node->world, node, from, role, frame);
    if (role == LIA_SYNC_SERVER) sim_erasure_heard(node, from, frame);
    lia_sync_receive(node->sync, from, role, frame, node->world->clock.now_ms, sim_node_wall(node));
    look(node);
    begin_commit(node);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void tick(sim *world, void *what, uint64_t life)
{
    sim_node *node = what;
    if (!node->alive || node->life != life) return;
    lia_time wall = sim_node_wall(node);
    lia_sync_tick(node->sync, world->clock.now_ms, wall, lia_hlc_at(wall.ms));
    look(node);
    sim_views_look(node);
    begin_commit(node);
    sim_clock_plan(world, 90 + (int64_t)sim_roll(world, 20), tick, node, life);
}

/* Which key was used stands in the log: another one begins a lane of its own. */
static void take_key(sim *world, sim_node *node)
{
    if (node->disk.signing == node->key) return;
    node->disk.signing = node->key;
    node->incarnation = sim_dice(world);
    sim_check_renewed(world, node);
}

void sim_node_start(sim *world, sim_node *node)
{
    if (node->outside) return;
    take_key(world, node);
    lia_sync_options options = {.cluster = world->cluster,
                                .node = node->number,
                                .incarnation = node->incarnation,
                                .boot = sim_dice(world),
                                .members = sim_members_of(node),
                                .ops = &ops,
                                .context = node,
                                .lane_credit = world->lane_credit,
                                .total_credit = world->total_credit};
    sim_damage_watch(world, &options);
    require(lia_sync_open(&node->sync, &options));
    node->alive = true;
    node->life++;
    sim_say(world, "%u starts", node->number);
    node->held = true;
    node->rollback = calloc(1, sizeof *node->rollback);
    lia_assert(node->rollback);
    node->rollback->writer = sim_node_writer(node);
    node->rollback->self = sim_node_origin(node);
    lia_rollback_begin(node->rollback, node->disk.doubted, world->clock.now_ms);
    for (size_t i = 0; i < node->disk.lane_count; i++) {
        lia_hash hash = sim_lane_hash(&node->disk.lanes[i]);
        lia_sync_committed(node->sync, node->disk.lanes[i].origin,
                           sim_lane_head(&node->disk.lanes[i]), &hash);
    }
    sim_check_kept(world, node);
    for (size_t i = 0; i < world->part_count; i++)
        if (world->parts[i]->started) world->parts[i]->started(world, node);
    node->disk.is_other = false;
    sim_clock_plan(world, (int64_t)sim_roll(world, 100), tick, node, node->life);
}

void sim_node_crash(sim *world, sim_node *node)
{
    if (!node->alive) return;
    sim_say(world, "%u crashes", node->number);
    node->alive = node->committing = false;
    node->doubts = node->renewal = node->renewing = false;
    node->own_wanted = node->tell_count = 0;
    sim_retain_crashed(node);
    for (size_t i = 0; i < node->queue_count; i++) sim_block_fini(&node->queue[i].block);
    node->queue_count = node->batch_count = 0;
    lia_sync_close(node->sync);
    node->sync = NULL;
    free(node->rollback);
    node->rollback = NULL;
    for (size_t i = 0; i < world->part_count; i++)
        if (world->parts[i]->crashed) world->parts[i]->crashed(world, node);
}

void sim_node_fini(sim_node *node)
{
    free(node->queue);
    sim_disk_fini(&node->disk);
}
