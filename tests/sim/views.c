/* SPDX-License-Identifier: Apache-2.0 */
/* What a node makes of its log: a few rows, each the sum of the leaves of its events, whatever
 * their order and whether they are erased. Two nodes compare them as real ones do: remembered when
 * the cut begins, events up to the goal added, sums of exactly these told (common/node/cut.h). Rows
 * that differ are folded from the log once more, unless the log is damaged (common/node/refold.h).
 */
#include "common/wire/event.h"
#include "tests/sim/sim.h"

#include <string.h>

#define BUCKETS_A_ROW (LIA_SYNC_BUCKETS / SIM_ROWS)
#define JUDGE_MS      200   /* what a walk through the log takes */
#define JUDGE_LATER   1000  /* the log was no judge */
#define BLAME_MS      25000 /* a cut that began before may still end */

typedef struct host {
    bool begins;     /* a cut is to begin */
    uint64_t number; /* of the latest wish */
    bool open, has_goal;
    uint64_t rows[SIM_ROWS][2]; /* when it began */
    lia_sync_mark begun[SIM_LANES_MAX], goal[SIM_LANES_MAX];
    size_t begun_count, goal_count;
    bool doubted[SIM_ROWS];
    int64_t judge_ms; /* 0: nothing is doubted */
} host;

static host hosts[SIM_NODES_MAX];
static int64_t wrong_ms[SIM_NODES_MAX][SIM_ROWS]; /* until when the row was; 0: never */

/* ---- rows ---------------------------------------------------------------------------------- */

/* What a villain tells, it may tell everybody otherwise. */
static size_t row_of(sim *world, lia_origin origin, const lia_hash *leaf)
{
    size_t half = SIM_ROWS / 2, row = leaf->bytes[0] % half;
    return sim_find(world, origin.node)->is_villain ? half + row : row;
}

static void add_block(sim *world, uint64_t rows[SIM_ROWS][2], lia_origin origin,
                      const sim_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        lia_hash leaf;
        require(lia_event_leaf(block->events[i], &leaf));
        uint64_t *row = rows[row_of(world, origin, &leaf)];
        row[0] += lia_get_u64(leaf.bytes + 8);
        row[1] += lia_get_u64(leaf.bytes + 16);
    }
}

void sim_views_add(sim_node *node, lia_origin origin, const sim_block *block)
{
    add_block(node->world, node->disk.views.rows, origin, block);
    add_block(node->world, node->disk.views.right, origin, block);
}

static void fold_log(sim_node *node, uint64_t rows[SIM_ROWS][2])
{
    memset(rows, 0, sizeof node->disk.views.rows);
    for (size_t i = 0; i < node->disk.lane_count; i++) {
        const sim_lane *lane = &node->disk.lanes[i];
        for (size_t k = 0; k < lane->count; k++)
            add_block(node->world, rows, lane->origin, sim_block_sound(&lane->blocks[k]));
    }
}

void sim_views_remake(sim_node *node)
{
    fold_log(node, node->disk.views.rows);
    fold_log(node, node->disk.views.right);
}

bool sim_views_row_is_wrong(const sim_node *node, size_t row)
{
    const sim_views *views = &node->disk.views;
    return memcmp(views->rows[row], views->right[row], sizeof views->rows[row]) != 0;
}

bool sim_views_any_wrong(const sim_node *node)
{
    for (size_t i = 0; i < SIM_ROWS; i++)
        if (sim_views_row_is_wrong(node, i)) return true;
    return false;
}

bool sim_views_doubts(const sim_node *node)
{
    return hosts[node->index].judge_ms != 0;
}

static bool is_to_blame(const sim_node *node, size_t row)
{
    int64_t now = node->world->clock.now_ms, until = wrong_ms[node->index][row];
    return sim_views_row_is_wrong(node, row) || (until && now - until < BLAME_MS) ||
           (node->lost_ms && now - node->lost_ms < BLAME_MS);
}

bool sim_views_may_differ(const sim_node *a, const sim_node *b)
{
    for (size_t i = 0; i < SIM_ROWS; i++)
        if (is_to_blame(a, i) || is_to_blame(b, i)) return true;
    return a->is_villain || b->is_villain || a->world->villainy == SIM_FORKER;
}

/* ---- cuts ---------------------------------------------------------------------------------- */

static void begin_cut(void *context, uint64_t number)
{
    host *at = &hosts[((sim_node *)context)->index];
    at->begins = true;
    at->open = at->has_goal = false;
    at->number = number;
}

static void take_goal(void *context, uint64_t number, const lia_sync_mark *marks, size_t count)
{
    host *at = &hosts[((sim_node *)context)->index];
    lia_assert(at->open && at->number == number && count <= SIM_LANES_MAX);
    memcpy(at->goal, marks, count * sizeof *marks);
    at->goal_count = count;
    at->has_goal = true;
}

static void end_cut(void *context, uint64_t number)
{
    host *at = &hosts[((sim_node *)context)->index];
    (void)number;
    at->begins = at->open = at->has_goal = false;
}

static uint64_t mark_of(const lia_sync_mark *marks, size_t count, lia_origin origin)
{
    for (size_t i = 0; i < count; i++)
        if (lia_origin_equal(marks[i].origin, origin)) return marks[i].seq;
    return 0;
}

static void do_begin(sim_node *node, host *at)
{
    at->begins = false;
    if (sim_roll(node->world, 40) == 0) { /* no memory for it */
        lia_sync_cut_failed(node->sync, at->number);
        return;
    }
    at->open = true;
    at->begun_count = 0;
    memcpy(at->rows, node->disk.views.rows, sizeof at->rows);
    for (size_t i = 0; i < node->disk.lane_count; i++)
        at->begun[at->begun_count++] =
            (lia_sync_mark){node->disk.lanes[i].origin, sim_lane_head(&node->disk.lanes[i])};
    lia_sync_cut_begun(node->sync, at->number, at->begun, at->begun_count);
}

static bool is_reached(sim_node *node, const host *at)
{
    for (size_t i = 0; i < at->goal_count; i++)
        if (sim_lane_head(sim_disk_lane(&node->disk, at->goal[i].origin)) < at->goal[i].seq)
            return false;
    return true;
}

/* The rows of the beginning and what counts of all that came since. */
static void tell_sums(sim_node *node, host *at)
{
    static uint8_t sums[LIA_SYNC_SUMS_BYTES];
    for (size_t i = 0; i < node->disk.lane_count; i++) {
        const sim_lane *lane = &node->disk.lanes[i];
        uint64_t from = mark_of(at->begun, at->begun_count, lane->origin);
        uint64_t to = mark_of(at->goal, at->goal_count, lane->origin);
        for (size_t k = lane->count; k-- > 0 && lane->blocks[k].first > from;)
            if (lane->blocks[k].first <= to)
                add_block(node->world, at->rows, lane->origin, sim_block_sound(&lane->blocks[k]));
    }
    for (size_t i = 0; i < SIM_ROWS; i++) {
        uint8_t *bucket = sums + LIA_SYNC_SUM_SIZE * BUCKETS_A_ROW * i;
        lia_put_u64(bucket, at->rows[i][0]);
        lia_put_u64(bucket + 8, at->rows[i][1]);
    }
    at->open = at->has_goal = false;
    lia_sync_cut_reached(node->sync, at->number, sums);
}

/* ---- differences --------------------------------------------------------------------------- */

static void take_difference(void *context, uint16_t peer, const uint16_t *buckets, size_t count)
{
    sim_node *node = context;
    sim *world = node->world;
    host *at = &hosts[node->index];
    const sim_node *other = sim_find(world, peer);
    bool honest = !node->is_villain && !other->is_villain && world->villainy != SIM_FORKER;
    for (size_t i = 0; i < count; i++) {
        size_t row = buckets[i] / BUCKETS_A_ROW;
        bool blamed = is_to_blame(node, row) || is_to_blame(other, row);
        if (honest && (buckets[i] % BUCKETS_A_ROW || !blamed))
            sim_fail(world, "nodes %u and %u differ in row %zu, which is right at both",
                     node->number, peer, row);
        sim_say(world, "%u differs from %u in row %zu", node->number, peer, row);
        at->doubted[row] = true;
    }
    if (!at->judge_ms) at->judge_ms = world->clock.now_ms + JUDGE_MS;
}

static void judge_row(sim_node *node, size_t row, const uint64_t by_log[2])
{
    sim_views *views = &node->disk.views;
    if (memcmp(by_log, views->right[row], sizeof views->right[row]))
        sim_fail(node->world, "node %u judges row %zu by a wrong log", node->number, row);
    if (!sim_views_row_is_wrong(node, row)) return;
    sim_say(node->world, "%u puts row %zu right", node->number, row);
    memcpy(views->rows[row], by_log, sizeof views->rows[row]);
    wrong_ms[node->index][row] = node->world->clock.now_ms;
}

/* A damaged log is no judge. */
static void judge(sim_node *node, host *at)
{
    uint64_t by_log[SIM_ROWS][2];
    if (sim_damage_any(node)) {
        at->judge_ms = node->world->clock.now_ms + JUDGE_LATER;
        return;
    }
    fold_log(node, by_log);
    for (size_t i = 0; i < SIM_ROWS; i++)
        if (at->doubted[i]) judge_row(node, i, by_log[i]);
    memset(at->doubted, 0, sizeof at->doubted);
    at->judge_ms = 0;
}

static bool state(void *context, lia_hash *out)
{
    const sim_node *node = context;
    lia_span rows = lia_span_make(node->disk.views.rows, sizeof node->disk.views.rows);
    *out = lia_hash_of("liaison sim", &rows, 1);
    return !node->telling;
}

/* ---------------------------------------------------------------------------------------------- */

void sim_views_look(sim_node *node)
{
    host *at = &hosts[node->index];
    if (!sim_damage_is_on() || !node->alive) return;
    if (at->begins) do_begin(node, at);
    if (at->has_goal && is_reached(node, at)) tell_sums(node, at);
    if (at->judge_ms && node->world->clock.now_ms >= at->judge_ms) judge(node, at);
}

void sim_views_reset(const sim_node *node)
{
    hosts[node->index] = (host){0};
}

void sim_views_begin(void)
{
    memset(hosts, 0, sizeof hosts);
    memset(wrong_ms, 0, sizeof wrong_ms);
}

void sim_views_watch(lia_sync_ops *ops)
{
    ops->state = state;
    ops->cut_begin = begin_cut;
    ops->cut_goal = take_goal;
    ops->cut_end = end_cut;
    ops->differs = take_difference;
}
