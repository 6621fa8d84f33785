/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks leave a node's log when all say that they hold them, and whoever comes later, with an empty or
 * an older disk, gets what they said as state. The state of the played disk is the dropped blocks
 * themselves: so it shows when one event is missing or comes twice. */
#include "tests/sim/sim.h"

#include <stdlib.h>

#define PART_BLOCKS 8
#define CURSOR_SIZE 18 /* origin 10, first 8: of the next block */

/* ---- dropping ------------------------------------------------------------------------------ */

static void drop_from(sim *world, sim_node *node, sim_lane *lane)
{
    uint16_t least;
    uint64_t held = lia_sync_held_by_all(node->sync, lane->origin, &least), before = lane->dropped;
    size_t most = 1 + sim_roll(world, 40);
    while (most-- && lane->dropped + 1 < lane->count) {
        const sim_block *block = &lane->blocks[lane->dropped];
        if (block->first + block->count - 1 > held || block->sound) break; /* not a damaged one */
        lane->dropped++;
    }
    if (lane->dropped > before)
        sim_say(world, "%u drops %u/%llx to %llu", node->number, lane->origin.node,
                (unsigned long long)lane->origin.incarnation,
                (unsigned long long)lane->blocks[lane->dropped].first - 1);
}

static void drop(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (!node->alive) return;
    for (size_t i = 0; i < node->disk.lane_count; i++)
        if (sim_roll(world, 2)) drop_from(world, node, &node->disk.lanes[i]);
}

/* ---- giving -------------------------------------------------------------------------------- */

static void put_cursor(uint8_t out[CURSOR_SIZE], lia_origin origin, uint64_t first)
{
    lia_put_u16(out, origin.node);
    lia_put_u64(out + 2, origin.incarnation);
    lia_put_u64(out + 10, first);
}

/* The first dropped block at the cursor or behind it, in the order of origins. */
static const sim_block *next_block(const sim_disk *disk, lia_span at, lia_origin *origin)
{
    const sim_block *best = NULL;
    uint8_t lowest[CURSOR_SIZE], cursor[CURSOR_SIZE];
    for (size_t i = 0; i < disk->lane_count; i++) {
        const sim_lane *lane = &disk->lanes[i];
        for (size_t k = 0; k < lane->dropped; k++) {
            put_cursor(cursor, lane->origin, lane->blocks[k].first);
            if (at.size && memcmp(cursor, at.data, CURSOR_SIZE) < 0) continue;
            if (best && memcmp(cursor, lowest, CURSOR_SIZE) > 0) break;
            memcpy(lowest, cursor, CURSOR_SIZE);
            best = &lane->blocks[k];
            *origin = lane->origin;
            break;
        }
    }
    return best;
}

/* What a part is made of; lives until the next one is read. */
static struct {
    lia_snap_lane lanes[SIM_LANES_MAX];
    lia_span events[PART_BLOCKS * 16];
    lia_snap_row rows[PART_BLOCKS];
    uint8_t keys[PART_BLOCKS][CURSOR_SIZE], values[PART_BLOCKS][4 + 2 * 32 + 64];
    uint8_t next[CURSOR_SIZE];
} part;

static void put_lanes(const sim_disk *disk, lia_snap_chunk *out)
{
    out->lanes = part.lanes;
    for (size_t i = 0; i < disk->lane_count; i++) {
        const sim_lane *lane = &disk->lanes[i];
        if (!lane->dropped) continue;
        const sim_block *last = &lane->blocks[lane->dropped - 1];
        part.lanes[out->lane_count++] = (lia_snap_lane){
            lane->origin, last->first + last->count - 1, last->hash, last->signature};
    }
}

static void put_block(lia_snap_chunk *out, lia_origin origin, const sim_block *block)
{
    size_t n = out->row_count++;
    uint8_t *value = part.values[n];
    put_cursor(part.keys[n], origin, block->first);
    lia_put_u32(value, block->count);
    memcpy(value + 4, block->before.bytes, 32);
    memcpy(value + 36, block->hash.bytes, 32);
    memcpy(value + 68, block->signature.bytes, 64);
    part.rows[n] = (lia_snap_row){LIA_SPAN_OF(part.keys[n]), LIA_SPAN_OF(part.values[n])};
    for (uint32_t i = 0; i < block->count; i++) part.events[out->event_count++] = block->events[i];
}

lia_err sim_retain_read(sim_node *node, lia_span after, lia_snap_chunk *out)
{
    lia_origin origin;
    if (after.size && after.size != CURSOR_SIZE) return LIA_EINVAL;
    *out = (lia_snap_chunk){.events = part.events, .rows = part.rows};
    put_lanes(&node->disk, out);
    const sim_block *block = next_block(&node->disk, after, &origin);
    for (; block && out->row_count < PART_BLOCKS; block = next_block(&node->disk, after, &origin)) {
        put_block(out, origin, block);
        put_cursor(part.next, origin, block->first + 1);
        after = LIA_SPAN_OF(part.next);
    }
    if (block) out->next = LIA_SPAN_OF(part.next);
    return LIA_OK;
}

/* ---- taking -------------------------------------------------------------------------------- */

size_t sim_retain_from(sim_node *node, uint8_t cursor[LIA_SNAP_CURSOR_MAX])
{
    const sim_import *import = &node->disk.import;
    memcpy(cursor, import->cursor, import->cursor_size);
    return import->cursor_size;
}

void sim_retain_forget(sim_import *import)
{
    for (size_t i = 0; i < import->count; i++) sim_block_fini(&import->blocks[i].block);
    free(import->blocks);
    *import = (sim_import){0};
}

static bool goes_with(const sim_import *import, const lia_snap_chunk *chunk)
{
    for (size_t i = 0; i < import->lane_count; i++) {
        bool found = false;
        for (size_t k = 0; k < chunk->lane_count && !found; k++)
            found = lia_origin_equal(chunk->lanes[k].origin, import->lanes[i].origin) &&
                    chunk->lanes[k].seq >= import->lanes[i].seq;
        if (!found) return false;
    }
    return true;
}

static void collect(sim *world, sim_import *import, const lia_snap_chunk *chunk)
{
    size_t at = 0;
    import->blocks =
        realloc(import->blocks, (import->count + chunk->row_count) * sizeof *import->blocks);
    lia_assert(import->blocks || !chunk->row_count);
    for (size_t i = 0; i < chunk->row_count; i++) {
        const uint8_t *key = chunk->rows[i].key.data, *value = chunk->rows[i].value.data;
        lia_sealed sealed = {.origin = {lia_get_u16(key), lia_get_u64(key + 2)},
                             .first = lia_get_u64(key + 10),
                             .count = lia_get_u32(value),
                             .events = chunk->events + at};
        memcpy(sealed.before.bytes, value + 4, 32);
        memcpy(sealed.hash.bytes, value + 36, 32);
        memcpy(sealed.signature.bytes, value + 68, 64);
        at += sealed.count;
        if (at > chunk->event_count) sim_fail(world, "a part of the state lacks events");
        import->blocks[import->count++] = (sim_write){sealed.origin, false, sim_block_copy(&sealed), false};
    }
}

/* The block of the state that follows the lane's head. */
static sim_block *following(sim_import *import, lia_origin origin, uint64_t first)
{
    for (size_t i = 0; i < import->count; i++)
        if (lia_origin_equal(import->blocks[i].origin, origin) &&
            import->blocks[i].block.first == first && import->blocks[i].block.events)
            return &import->blocks[i].block;
    return NULL;
}

/* What was here of it is merged, what was not comes from the state, and nothing is missing. */
static void move_lane(sim_node *node, const lia_snap_lane *to)
{
    sim *world = node->world;
    sim_lane *lane = sim_disk_lane(&node->disk, to->origin);
    if (sim_lane_head(lane) >= to->seq || lia_origin_equal(to->origin, sim_node_origin(node)))
        return;
    while (sim_lane_head(lane) < to->seq) {
        uint64_t head = sim_lane_head(lane);
        sim_block *block = following(&node->disk.import, to->origin, head + 1);
        lia_hash here = sim_lane_hash(lane);
        if (sim_find(world, to->origin.node)->is_villain &&
            (!block || !lia_hash_equal(&block->before, &here)))
            return; /* of another history of its own */
        if (!block)
            sim_fail(world, "the state that node %u got lacks %llu of %u", node->number,
                     (unsigned long long)head + 1, to->origin.node);
        sim_node_keep(node, &(sim_write){to->origin, false, *block, false});
        *block = (sim_block){0};
    }
    lane->dropped = lane->count;
    for (size_t i = 0; i < lane->count; i++) sim_block_heal(&lane->blocks[i]); /* the state has it */
    sim_say(world, "%u stands at %llu of %u/%llx by state", node->number,
            (unsigned long long)to->seq, to->origin.node,
            (unsigned long long)to->origin.incarnation);
    lia_hash hash = sim_lane_hash(lane);
    lia_sync_committed(node->sync, to->origin, to->seq, &hash);
}

static lia_err take(sim_node *node, const lia_snap_chunk *chunk, bool *done)
{
    sim_import *import = &node->disk.import;
    if (import->cursor_size && !goes_with(import, chunk)) {
        sim_retain_forget(import);
        return LIA_ECONFLICT;
    }
    if (!import->cursor_size) {
        sim_retain_forget(import);
        for (size_t i = 0; i < chunk->lane_count; i++) import->lanes[i] = chunk->lanes[i];
        import->lane_count = chunk->lane_count;
    }
    collect(node->world, import, chunk);
    import->cursor_size = chunk->next.size;
    if (chunk->next.size) memcpy(import->cursor, chunk->next.data, chunk->next.size);
    *done = !chunk->next.size;
    for (size_t i = 0; *done && i < import->lane_count; i++) move_lane(node, &import->lanes[i]);
    if (*done) sim_retain_forget(import);
    return LIA_OK;
}

/* A part on its way to the disk, with all it points to. */
struct sim_taking {
    lia_snap_chunk chunk;
    lia_arena arena;
};

static void free_taking(struct sim_taking *taking)
{
    if (taking) lia_arena_fini(&taking->arena);
    free(taking);
}

static void end_taking(sim *world, void *what, uint64_t life)
{
    sim_node *node = what;
    (void)world;
    if (!node->alive || node->life != life) return;
    struct sim_taking *taking = node->taking;
    bool done = false;
    node->taking = NULL;
    lia_err err = node->disk.full ? LIA_EIO : take(node, &taking->chunk, &done);
    free_taking(taking);
    lia_sync_imported(node->sync, err, done);
}

static lia_span copied(struct sim_taking *to, lia_span bytes)
{
    lia_span copy = lia_arena_copy(&to->arena, bytes);
    lia_assert(copy.data || !bytes.size);
    return copy;
}

void sim_retain_import(sim_node *node, const lia_snap_chunk *chunk)
{
    struct sim_taking *to = calloc(1, sizeof *to);
    lia_assert(to && !node->taking);
    require(lia_arena_init(&to->arena, (size_t)4 << 20));
    lia_snap_lane *lanes = lia_arena_take(&to->arena, (chunk->lane_count + 1) * sizeof *lanes);
    lia_snap_row *rows = lia_arena_take(&to->arena, (chunk->row_count + 1) * sizeof *rows);
    lia_span *events = lia_arena_take(&to->arena, (chunk->event_count + 1) * sizeof *events);
    lia_assert(lanes && rows && events);
    to->chunk = *chunk;
    for (size_t i = 0; i < chunk->lane_count; i++) lanes[i] = chunk->lanes[i];
    for (size_t i = 0; i < chunk->event_count; i++) events[i] = copied(to, chunk->events[i]);
    for (size_t i = 0; i < chunk->row_count; i++)
        rows[i] = (lia_snap_row){copied(to, chunk->rows[i].key), copied(to, chunk->rows[i].value)};
    to->chunk.lanes = lanes;
    to->chunk.events = events;
    to->chunk.rows = rows;
    to->chunk.next = copied(to, chunk->next);
    node->taking = to;
    int64_t in_ms = 1 + (int64_t)sim_roll(node->world, (uint64_t)node->commit_ms);
    sim_clock_plan(node->world, in_ms, end_taking, node, node->life);
}

void sim_retain_crashed(sim_node *node)
{
    free_taking(node->taking);
    node->taking = NULL;
}

/* ---------------------------------------------------------------------------------------------- */

static const sim_operation operations[] = {{"drop", 10, drop}};
const sim_part sim_retain = {
    .name = "retain", .operations = operations, .operation_count = LIA_COUNT(operations)};
