/* SPDX-License-Identifier: Apache-2.0 */
/* Who belongs to the cluster. Lists are signed one after the other by an operator who sees
 * everything; nodes learn of them from one another, and now and then from the operator. Doors are
 * as the bus has them: a link exists when both ends' lists name the keys that the other uses, or,
 * for the client, the key that it used before or will use next.
 *
 *     an outsider is added - a member is taken out, and goes on knocking - a member gets new keys,
 *     and signs with them under a new incarnation as soon as its disk is free - what former keys
 *     count for is settled when everybody has the list and holds the same of the lane */
#include "common/node/rollback.h"
#include "tests/sim/sim.h"

#define LISTS_MAX  24
#define FORMER_MAX 64

typedef struct list {
    bool in[SIM_NODES_MAX];
    unsigned key[SIM_NODES_MAX];
    lia_sync_former former[FORMER_MAX];
    size_t former_count;
} list;

static struct {
    list lists[LISTS_MAX];
    unsigned count;
} known;

static const list *latest(void)
{
    return &known.lists[known.count - 1];
}

void sim_members_init(sim *world)
{
    known.count = 1;
    known.lists[0] = (list){0};
    for (unsigned i = 0; i < world->node_count; i++) known.lists[0].in[i] = true;
}

bool sim_is_listed(const sim_node *node)
{
    return latest()->in[node->index];
}

/* ---- lists as nodes see them ----------------------------------------------------------------- */

typedef struct signed_list {
    char mark[8];
    uint64_t number;
} signed_list;

static const char mark[8] = "a list";

lia_sync_members sim_members_of(const sim_node *node)
{
    static lia_sync_member members[SIM_NODES_MAX];
    static signed_list bytes;
    const list *of = &known.lists[node->list];
    size_t count = 0;
    for (unsigned i = 0; i < SIM_NODES_MAX; i++)
        if (of->in[i])
            members[count++] =
                (lia_sync_member){(uint16_t)(i + 1), lia_sign_public(sim_key(i, of->key[i]))};
    memcpy(bytes.mark, mark, sizeof mark);
    bytes.number = node->list;
    return (lia_sync_members){.epoch = node->list + 1,
                              .members = members,
                              .member_count = count,
                              .former = of->former,
                              .former_count = of->former_count,
                              .list = LIA_SPAN_OF(bytes)};
}

/* Doors are replaced, so whoever is connected comes back; with other keys this node does, too. */
static void reset_links(sim *world, const sim_node *node, bool both)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (i == node->index) continue;
        sim_network_reset(world, i, node->index, true);
        if (both) sim_network_reset(world, node->index, i, true);
    }
}

static bool cuts_off(const list *before, const list *after)
{
    for (unsigned i = 0; i < SIM_NODES_MAX; i++)
        if (before->in[i] && (!after->in[i] || before->key[i] != after->key[i])) return true;
    return false;
}

static void take(sim *world, void *what, uint64_t number)
{
    sim_node *node = what;
    if (!node->alive || number <= node->list) return;
    const list *before = &known.lists[node->list], *after = &known.lists[number];
    sim_say(world, "%u takes list %llu", node->number, (unsigned long long)number + 1);
    node->list = (unsigned)number;
    if (!after->in[node->index]) {
        sim_node_crash(world, node);
        node->outside = true;
        return;
    }
    bool own = node->key != after->key[node->index];
    node->key = after->key[node->index];
    if (own || cuts_off(before, after)) reset_links(world, node, own);
    lia_sync_members members = sim_members_of(node);
    require(lia_sync_set_members(node->sync, &members));
    if (node->disk.signing != node->key)
        lia_rollback_rekey(node->rollback, sim_key(node->index, node->key));
}

bool sim_members_heard(void *context, uint16_t peer, lia_span bytes)
{
    sim_node *node = context;
    signed_list said;
    (void)peer;
    if (bytes.size != sizeof said) return false;
    memcpy(&said, bytes.data, sizeof said);
    if (memcmp(said.mark, mark, sizeof mark) || said.number >= known.count) return false;
    if (said.number > node->list)
        sim_clock_plan(node->world, (int64_t)sim_roll(node->world, 150), take, node, said.number);
    return true;
}

bool sim_members_let_in(sim *world, unsigned client, unsigned server)
{
    const sim_node *c = &world->nodes[client], *s = &world->nodes[server];
    const list *cs = &known.lists[c->list], *ss = &known.lists[s->list];
    unsigned shown = ss->key[client];
    return cs->in[server] && cs->key[server] == s->key && ss->in[client] &&
           (shown == c->key || shown + 1 == c->key || shown == c->key + 1);
}

/* ---- what the operator does ------------------------------------------------------------------ */

static list *sign_next(void)
{
    known.lists[known.count] = *latest();
    return &known.lists[known.count++];
}

/* The operator's tool hands a list to a node or two itself; the others hear of it. */
static void hand_out(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++)
        if (sim_is_listed(&world->nodes[i]) && sim_roll(world, 3) == 0)
            sim_clock_plan(world, (int64_t)sim_roll(world, 50), take, &world->nodes[i],
                           known.count - 1);
}

static bool is_open(const list *of, uint16_t number)
{
    for (size_t i = 0; i < of->former_count; i++)
        if (of->former[i].node == number && of->former[i].incarnation == 0) return true;
    return false;
}

static bool may_sign(sim *world)
{
    return known.count < LISTS_MAX && latest()->former_count + 8 < FORMER_MAX &&
           sim_check_room(world);
}

static bool all_have_the_latest(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++)
        if (sim_is_listed(&world->nodes[i]) && world->nodes[i].list + 1 < known.count) return false;
    return true;
}

static void add(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (!node->outside || !may_sign(world) || node->list) return; /* removed ones stay out */
    list *next = sign_next();
    next->in[node->index] = true;
    sim_say(world, "%u is added", node->number);
    node->outside = false;
    node->list = known.count - 1;
    sim_node_start(world, node);
    hand_out(world);
}

static void open_key(list *in, const sim_node *node)
{
    lia_verify_key key = lia_sign_public(sim_key(node->index, in->key[node->index]));
    in->former[in->former_count++] = (lia_sync_former){.node = node->number, .key = key};
}

static void take_out(sim *world)
{
    sim_node *node = sim_any_node(world);
    unsigned members = 0;
    for (unsigned i = 0; i < world->node_count; i++) members += sim_is_listed(&world->nodes[i]);
    if (!sim_is_listed(node) || node->is_villain || members < 3 || !may_sign(world)) return;
    list *next = sign_next();
    open_key(next, node);
    next->in[node->index] = false;
    sim_say(world, "%u is taken out", node->number);
    hand_out(world);
}

/* Only one change of keys at a time: a node that is away knows the present keys or the ones before.
 */
static void rekey(sim *world)
{
    sim_node *node = sim_any_node(world);
    unsigned key = latest()->key[node->index];
    if (!sim_is_listed(node) || node->is_villain || key + 1 == SIM_KEYS_MAX || !may_sign(world) ||
        !all_have_the_latest(world))
        return;
    list *next = sign_next();
    open_key(next, node);
    next->key[node->index]++;
    sim_say(world, "%u gets new keys", node->number);
    hand_out(world);
}

/* Whether all members hold the same of the lane, and nothing of it is on its way to a disk. */
static bool lane_is_settled(sim *world, lia_origin origin, uint64_t *head)
{
    bool first = true;
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        size_t total = 0;
        if (!sim_is_listed(node) || node->is_villain) continue;
        uint64_t held = sim_lane_head(sim_disk_lane(&node->disk, origin));
        if (sim_node_waiting(node, origin, &total) || (!first && held != *head)) return false;
        *head = held;
        first = false;
    }
    return true;
}

/* Looks at every lane of the node that it does not write now. */
static bool settle_lanes(sim *world, sim_node *node, const lia_sync_former *open, list *in)
{
    for (size_t i = 0; i < world->checker.truth_count; i++) {
        lia_origin origin = world->checker.truths[i].origin;
        uint64_t head = 0;
        bool present = sim_is_listed(node) && origin.incarnation == node->incarnation;
        if (origin.node != node->number || present) continue;
        if (!lane_is_settled(world, origin, &head) || in->former_count == FORMER_MAX) return false;
        if (head)
            in->former[in->former_count++] =
                (lia_sync_former){open->node, open->key, origin.incarnation, head};
    }
    return true;
}

static void close_former(sim *world)
{
    sim_node *node = sim_any_node(world);
    list next = *latest();
    lia_sync_former open = {0};
    bool switched = !sim_is_listed(node) || node->disk.signing == next.key[node->index];
    if (node->is_villain || !is_open(&next, node->number) || !may_sign(world) || !switched ||
        !all_have_the_latest(world))
        return;
    for (size_t i = 0; i < next.former_count && !open.node; i++) {
        if (next.former[i].node != node->number || next.former[i].incarnation) continue;
        open = next.former[i];
        next.former[i] = next.former[--next.former_count];
    }
    if (is_open(&next, node->number) || !settle_lanes(world, node, &open, &next)) return;
    *sign_next() = next;
    sim_say(world, "former keys of %u are settled", node->number);
    hand_out(world);
}

/* ---- the part -------------------------------------------------------------------------------- */

static void begin(sim *world)
{
    for (unsigned i = 2; i < world->node_count; i++) {
        if (world->nodes[i].is_villain || sim_roll(world, 3)) continue;
        known.lists[0].in[i] = false;
        world->nodes[i].outside = true;
    }
}

#define LOOK_MS 5000

/* Whether the node can hear of the list from somebody who has it. */
static bool can_hear(sim *world, unsigned node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        const sim_node *other = &world->nodes[i];
        if (other->alive && !other->is_villain && other->list + 1 == known.count &&
            (sim_members_let_in(world, i, node) || sim_members_let_in(world, node, i)))
            return true;
    }
    return false;
}

/* Who can't hear of the list from anybody gets it from the operator. */
static void look(sim *world, void *what, uint64_t number)
{
    bool missing = false;
    (void)what, (void)number;
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        if (!node->alive || node->list + 1 == known.count) continue;
        missing = true;
        if (!can_hear(world, i)) take(world, node, known.count - 1);
    }
    if (missing) sim_clock_plan(world, LOOK_MS, look, NULL, 0);
}

static void faults_end(sim *world)
{
    sim_clock_plan(world, LOOK_MS, look, NULL, 0);
    for (unsigned i = 0; i < world->node_count; i++) {
        sim_node *node = &world->nodes[i];
        if (sim_is_listed(node)) continue;
        sim_node_crash(world, node);
        node->outside = true;
    }
}

static bool agreed(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        const sim_node *node = &world->nodes[i];
        if (!node->alive || node->is_villain || !sim_is_listed(node)) continue;
        if (node->list + 1 < known.count || node->disk.signing != latest()->key[i]) return false;
    }
    return true;
}

static const sim_operation operations[] = {
    {"add", 3, add}, {"remove", 2, take_out}, {"rekey", 3, rekey}, {"close", 3, close_former}};

const sim_part sim_member = {.name = "member",
                             .operations = operations,
                             .operation_count = LIA_COUNT(operations),
                             .begin = begin,
                             .faults_end = faults_end,
                             .agreed = agreed};
