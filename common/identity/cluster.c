/* SPDX-License-Identifier: Apache-2.0 */
/* Sets are kept as circular lists beside the usual forest (Tarjan 1975): joining asks whether
 * anything holds the two apart, and the list of the smaller one answers that in the number of its
 * marks. */
#include "common/identity/cluster.h"

#include "common/wire/sort.h"

#define NOBODY UINT32_MAX

typedef struct node {
    uint32_t parent; /* in the forest */
    uint32_t next;   /* in the circle of its set */
    uint32_t size;   /* of the set, at its root */
    uint32_t oldest; /* in the set, at its root */
    uint32_t first_mark, seen_by;
} node;

/* One end of an edge that holds apart; each member has a list of them. */
typedef struct mark {
    uint32_t other, next;
    bool person;
} mark;

typedef struct sets {
    lia_cluster_member *members;
    node *nodes;
    size_t count;
    mark *marks;
    uint32_t mark_count;
} sets;

/* ---- order ---------------------------------------------------------------------------------- */

static int compare_members(const void *a, const void *b)
{
    const lia_cluster_member *left = a, *right = b;
    return memcmp(&left->id, &right->id, sizeof left->id);
}

/* People first, then what holds apart, then higher scores, then the pair. */
static int compare_edges(const void *a, const void *b)
{
    const lia_edge *left = a, *right = b;
    if (left->person != right->person) return left->person ? -1 : 1;
    if (left->kind != right->kind) return left->kind < right->kind ? -1 : 1;
    if (left->score != right->score) return left->score > right->score ? -1 : 1;
    int order = memcmp(&left->a, &right->a, sizeof left->a);
    return order ? order : memcmp(&left->b, &right->b, sizeof left->b);
}

static void order_ends(lia_edge *edge)
{
    if (memcmp(&edge->a, &edge->b, sizeof edge->a) <= 0) return;
    lia_id keep = edge->a;
    edge->a = edge->b;
    edge->b = keep;
}

static uint32_t place_of(const sets *all, lia_id id)
{
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(&all->members[middle].id, &id, sizeof id);
        if (order == 0) return (uint32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NOBODY;
}

/* ---- sets ----------------------------------------------------------------------------------- */

static uint32_t root_of(const sets *all, uint32_t at)
{
    node *nodes = all->nodes;
    while (nodes[at].parent != at) {
        nodes[at].parent = nodes[nodes[at].parent].parent;
        at = nodes[at].parent;
    }
    return at;
}

static bool is_older(const sets *all, uint32_t a, uint32_t b)
{
    const lia_cluster_member *left = &all->members[a], *right = &all->members[b];
    if (left->created != right->created) return left->created < right->created;
    return memcmp(&left->id, &right->id, sizeof left->id) < 0;
}

/* Joins two roots; the larger set keeps its root. */
static void join(sets *all, uint32_t a, uint32_t b)
{
    node *nodes = all->nodes;
    if (nodes[a].size < nodes[b].size) {
        uint32_t keep = a;
        a = b;
        b = keep;
    }
    nodes[b].parent = a;
    nodes[a].size += nodes[b].size;
    if (is_older(all, nodes[b].oldest, nodes[a].oldest)) nodes[a].oldest = nodes[b].oldest;
    uint32_t next = nodes[a].next;
    nodes[a].next = nodes[b].next;
    nodes[b].next = next;
}

/* Does a mark lead from one root's set to the other's? Only people's marks count against people. */
static bool are_apart(const sets *all, uint32_t a, uint32_t b, bool only_persons)
{
    const node *nodes = all->nodes;
    uint32_t start = nodes[a].size <= nodes[b].size ? a : b, other = start == a ? b : a;
    uint32_t at = start;
    do {
        for (uint32_t i = nodes[at].first_mark; i != NOBODY; i = all->marks[i].next)
            if ((all->marks[i].person || !only_persons) &&
                root_of(all, all->marks[i].other) == other)
                return true;
        at = nodes[at].next;
    } while (at != start);
    return false;
}

static void add_mark(sets *all, uint32_t at, uint32_t other, bool person)
{
    all->marks[all->mark_count] = (mark){other, all->nodes[at].first_mark, person};
    all->nodes[at].first_mark = all->mark_count++;
}

/* ---- ambiguous links ------------------------------------------------------------------------ */

/* The rule links of each member, as lists through the edges' ends: end 2i is edge i's a. */
typedef struct ends {
    uint32_t *first, *next; /* by member; by end */
} ends;

static bool is_rule_link(const lia_edge *edge)
{
    return !edge->person && edge->kind != LIA_EDGE_APART && edge->fate == LIA_EDGE_USED;
}

static uint32_t other_end(const sets *all, const lia_edge *edges, uint32_t end)
{
    const lia_edge *edge = &edges[end / 2];
    return place_of(all, end % 2 ? edge->a : edge->b);
}

static void list_ends(const sets *all, const lia_edge *edges, size_t count, ends *of)
{
    for (size_t i = 0; i < all->count; i++) of->first[i] = NOBODY;
    for (size_t i = 0; i < count; i++) {
        if (!is_rule_link(&edges[i])) continue;
        uint32_t at[2] = {place_of(all, edges[i].a), place_of(all, edges[i].b)};
        for (uint32_t end = 0; end < 2; end++) {
            of->next[2 * i + end] = of->first[at[end]];
            of->first[at[end]] = (uint32_t)(2 * i + end);
        }
    }
}

static bool is_marked_within(const sets *all, uint32_t at, uint32_t seen_by)
{
    for (uint32_t i = all->nodes[at].first_mark; i != NOBODY; i = all->marks[i].next)
        if (!all->marks[i].person && all->nodes[all->marks[i].other].seen_by == seen_by)
            return true;
    return false;
}

/* Of the member's links, those that lead to records held apart from another of them. */
static void find_ambiguous(sets *all, const lia_edge *edges, const ends *of, uint32_t member,
                           uint8_t *ambiguous)
{
    for (uint32_t end = of->first[member]; end != NOBODY; end = of->next[end])
        all->nodes[other_end(all, edges, end)].seen_by = member;
    for (uint32_t end = of->first[member]; end != NOBODY; end = of->next[end])
        if (is_marked_within(all, other_end(all, edges, end), member)) ambiguous[end / 2] = 1;
}

/* ---- the order of things --------------------------------------------------------------------- */

static lia_edge_fate follow(sets *all, const lia_edge *edge)
{
    uint32_t a = root_of(all, place_of(all, edge->a)), b = root_of(all, place_of(all, edge->b));
    if (a == b) return LIA_EDGE_USED;
    if (are_apart(all, a, b, edge->person))
        return edge->person ? LIA_EDGE_OVERRULED : LIA_EDGE_HELD;
    if (!edge->person && all->nodes[a].size + all->nodes[b].size > LIA_CLUSTER_MAX)
        return LIA_EDGE_FULL;
    join(all, a, b);
    return LIA_EDGE_USED;
}

/* What the end makes of edges that were not followed, or hold apart. */
static void settle(const sets *all, lia_edge *edges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (edges[i].fate == LIA_EDGE_OVERRULED) continue;
        bool joined =
            root_of(all, place_of(all, edges[i].a)) == root_of(all, place_of(all, edges[i].b));
        if (joined)
            edges[i].fate = edges[i].kind == LIA_EDGE_APART ? LIA_EDGE_OVERRULED : LIA_EDGE_USED;
    }
}

static bool make_room(sets *all, ends *of, uint8_t **ambiguous, size_t edge_count, lia_arena *arena)
{
    all->nodes = lia_arena_take(arena, all->count * sizeof *all->nodes + 1);
    all->marks = lia_arena_take(arena, 2 * edge_count * sizeof *all->marks + 1);
    of->first = lia_arena_take(arena, all->count * sizeof *of->first + 1);
    of->next = lia_arena_take(arena, 2 * edge_count * sizeof *of->next + 1);
    *ambiguous = lia_arena_zero(arena, edge_count + 1);
    return all->nodes && all->marks && of->first && of->next && *ambiguous;
}

/* Singletons, and marks at both ends of what holds apart. */
static void start(sets *all, lia_edge *edges, size_t count)
{
    for (uint32_t i = 0; i < all->count; i++) all->nodes[i] = (node){i, i, 1, i, NOBODY, NOBODY};
    for (size_t i = 0; i < count; i++) {
        uint32_t a = place_of(all, edges[i].a), b = place_of(all, edges[i].b);
        bool sound = a != NOBODY && b != NOBODY && a != b;
        edges[i].fate = sound ? LIA_EDGE_USED : LIA_EDGE_OVERRULED;
        if (!sound || edges[i].kind != LIA_EDGE_APART) continue;
        add_mark(all, a, b, edges[i].person);
        add_mark(all, b, a, edges[i].person);
    }
}

lia_err lia_cluster_make(lia_cluster_member *members, size_t member_count, lia_edge *edges,
                         size_t edge_count, lia_arena *arena)
{
    size_t arena_mark = lia_arena_mark(arena);
    sets all = {.members = members, .count = member_count};
    ends of;
    uint8_t *ambiguous;
    if (!make_room(&all, &of, &ambiguous, edge_count, arena)) return LIA_EFULL;
    for (size_t i = 0; i < edge_count; i++) order_ends(&edges[i]);
    lia_sort(members, member_count, sizeof *members, compare_members);
    lia_sort(edges, edge_count, sizeof *edges, compare_edges);
    start(&all, edges, edge_count);
    list_ends(&all, edges, edge_count, &of);
    for (uint32_t i = 0; i < member_count; i++) find_ambiguous(&all, edges, &of, i, ambiguous);
    for (size_t i = 0; i < edge_count; i++) {
        if (edges[i].kind == LIA_EDGE_APART || edges[i].fate != LIA_EDGE_USED) continue;
        edges[i].fate = edges[i].kind == LIA_EDGE_MAYBE ? LIA_EDGE_OPEN
                        : ambiguous[i]                  ? LIA_EDGE_AMBIGUOUS
                                                        : follow(&all, &edges[i]);
    }
    settle(&all, edges, edge_count);
    for (uint32_t i = 0; i < member_count; i++)
        members[i].customer = members[all.nodes[root_of(&all, i)].oldest].id;
    lia_arena_back(arena, arena_mark);
    return LIA_OK;
}
