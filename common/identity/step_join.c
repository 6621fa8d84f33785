/* SPDX-License-Identifier: Apache-2.0 */
/* Which records a link's fate depends on: those that links lead to, from one to the next, and of
 * their other ties the far ends (a record that might also be the customer's neighbour makes a link
 * ambiguous). Ties that lead out of such a group are questions or marks; they join nothing.
 *
 * A group larger than GROUP_MAX is a crowd: something in the data or the model is wrong, and no
 * node should work on it for long. In a crowd only people's words join. Whether a record is in one
 * depends on its ties alone; the first of them to be looked at tells its neighbours, and so it
 * spreads. */
#include "common/base/log.h"
#include "common/identity/engine_inner.h"
#include "common/wire/sort.h"

#define GROUP_MAX 1024
#define TIES_MAX  65536

/* ---- sets of ids ----------------------------------------------------------------------------- */

typedef struct id_set {
    lia_id *ids;
    uint32_t *slots; /* open addressing; 0: free, else place + 1 */
    size_t count, capacity;
} id_set;

static bool set_make(id_set *set, size_t capacity, lia_arena *arena)
{
    size_t slots = 64;
    while (slots < 2 * capacity) slots *= 2;
    *set = (id_set){.capacity = slots};
    set->ids = lia_arena_take(arena, capacity * sizeof *set->ids);
    set->slots = lia_arena_zero(arena, slots * sizeof *set->slots);
    return set->ids && set->slots;
}

/* The place where the id is, or would be. The last bytes of an id are random. */
static uint32_t *set_slot(const id_set *set, lia_id id)
{
    size_t at = lia_get_u64(id.bytes + 8) & (set->capacity - 1);
    while (set->slots[at] && !lia_id_equal(set->ids[set->slots[at] - 1], id))
        at = (at + 1) & (set->capacity - 1);
    return &set->slots[at];
}

static bool set_has(const id_set *set, lia_id id)
{
    return *set_slot(set, id) != 0;
}

static void set_add(id_set *set, lia_id id)
{
    uint32_t *slot = set_slot(set, id);
    if (*slot) return;
    set->ids[set->count++] = id;
    *slot = (uint32_t)set->count;
}

/* ---- the group ------------------------------------------------------------------------------- */

/* A tie of a member. Of two members it is kept under the lower one. */
typedef struct bond {
    lia_id id;
    lia_tie_row row;
} bond;

typedef struct group {
    lia_engine *engine;
    const lia_rows *rows;
    lia_arena *arena;
    id_set members; /* links lead to them */
    bond *bonds;    /* by the pair, once they are sorted */
    size_t bond_count, bond_capacity;
    bool crowd; /* only people's links were followed */
    lia_cluster_member *clustered;
    uint32_t *sizes; /* beside them: of the customer that is called so */
    size_t clustered_count;
} group;

static bool joins(const group *g, const lia_tie *tie)
{
    return lia_tie_kind(tie) == LIA_EDGE_LINK && (!g->crowd || tie->word == LIA_WORD_SAME);
}

static lia_err keep_bond(group *g, lia_id id, const lia_tie_row *row)
{
    if (g->bond_count == g->bond_capacity) {
        size_t capacity = g->bond_capacity ? 2 * g->bond_capacity : 64;
        bond *grown = lia_arena_take(g->arena, capacity * sizeof *grown);
        if (!grown) return LIA_EFULL;
        if (g->bond_count) memcpy(grown, g->bonds, g->bond_count * sizeof *grown);
        g->bonds = grown;
        g->bond_capacity = capacity;
    }
    g->bonds[g->bond_count++] = (bond){id, *row};
    return LIA_OK;
}

static lia_err follow_ties(group *g, lia_id id, bool *too_large)
{
    lia_tie_row *ties;
    size_t count;
    lia_err err = lia_ties_read(g->rows, id, g->arena, &ties, &count);
    for (size_t i = 0; i < count && !err && !*too_large; i++) {
        const lia_tie *tie = &ties[i].tie;
        bool is_new = joins(g, tie) && !set_has(&g->members, tie->other);
        *too_large = (is_new && g->members.count == GROUP_MAX) || g->bond_count == TIES_MAX;
        if (*too_large) break;
        if (is_new) set_add(&g->members, tie->other);
        err = keep_bond(g, id, &ties[i]);
    }
    return err;
}

/* Everybody that links lead to from `id`. */
static lia_err gather(group *g, lia_id id, bool *too_large)
{
    g->bond_count = 0;
    *too_large = false;
    if (!set_make(&g->members, GROUP_MAX, g->arena)) return LIA_EFULL;
    set_add(&g->members, id);
    lia_err err = LIA_OK;
    for (size_t i = 0; i < g->members.count && !err && !*too_large; i++)
        err = follow_ties(g, g->members.ids[i], too_large);
    return err;
}

static lia_err gather_group(group *g, lia_id id)
{
    bool too_large;
    lia_err err = gather(g, id, &too_large);
    if (err || !too_large) return err;
    g->crowd = true;
    err = gather(g, id, &too_large);
    if (err || !too_large) return err;
    /* People, too, said more than anybody can have meant: the record stays alone. */
    LIA_LOG(WARN, "identity.crowd", LIA_ID("customer", id));
    g->members.count = g->bond_count = 0;
    memset(g->members.slots, 0, g->members.capacity * sizeof *g->members.slots);
    set_add(&g->members, id);
    return LIA_OK;
}

/* ---- clusters -------------------------------------------------------------------------------- */

static int compare_pair(lia_id a1, lia_id b1, lia_id a2, lia_id b2)
{
    int order = memcmp(&a1, &a2, sizeof a1);
    return order ? order : memcmp(&b1, &b2, sizeof b1);
}

static lia_id lower_of(const bond *b)
{
    return memcmp(&b->id, &b->row.tie.other, sizeof b->id) < 0 ? b->id : b->row.tie.other;
}

static lia_id upper_of(const bond *b)
{
    return memcmp(&b->id, &b->row.tie.other, sizeof b->id) < 0 ? b->row.tie.other : b->id;
}

static int compare_bonds(const void *a, const void *b)
{
    return compare_pair(lower_of(a), upper_of(a), lower_of(b), upper_of(b));
}

/* Sorts them by pair; of those between members one of the two stays. */
static void sort_bonds(group *g)
{
    size_t kept = 0;
    lia_sort(g->bonds, g->bond_count, sizeof *g->bonds, compare_bonds);
    for (size_t i = 0; i < g->bond_count; i++)
        if (!kept || compare_bonds(&g->bonds[kept - 1], &g->bonds[i]) != 0)
            g->bonds[kept++] = g->bonds[i];
    g->bond_count = kept;
}

/* In a crowd the rules have no say, neither for nor against. */
static bool counts(const group *g, const lia_tie *tie)
{
    return !g->crowd || tie->word;
}

static lia_err make_clusters(group *g, lia_edge **edges, size_t *edge_count)
{
    id_set all;
    if (!set_make(&all, g->members.count + g->bond_count, g->arena)) return LIA_EFULL;
    for (size_t i = 0; i < g->members.count; i++) set_add(&all, g->members.ids[i]);
    *edges = lia_arena_take(g->arena, g->bond_count * sizeof **edges + 1);
    if (!*edges) return LIA_EFULL;
    *edge_count = 0;
    for (size_t i = 0; i < g->bond_count; i++) {
        const bond *b = &g->bonds[i];
        if (!counts(g, &b->row.tie)) continue;
        set_add(&all, b->row.tie.other);
        (*edges)[(*edge_count)++] = (lia_edge){.a = lower_of(b),
                                               .b = upper_of(b),
                                               .kind = lia_tie_kind(&b->row.tie),
                                               .person = b->row.tie.word != LIA_WORD_NONE,
                                               .score = b->row.tie.score};
    }
    g->clustered = lia_arena_zero(g->arena, all.count * sizeof *g->clustered);
    if (!g->clustered) return LIA_EFULL;
    g->clustered_count = all.count;
    /* An id begins with the time at which it was made, so the lowest is the oldest. */
    for (size_t i = 0; i < all.count; i++) g->clustered[i].id = all.ids[i];
    return lia_cluster_make(g->clustered, all.count, *edges, *edge_count, g->arena);
}

static const lia_cluster_member *clustered(const group *g, lia_id id)
{
    size_t low = 0, high = g->clustered_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(&g->clustered[middle].id, &id, sizeof id);
        if (order == 0) return &g->clustered[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- customers ------------------------------------------------------------------------------- */

static lia_err drop_row(const group *g, lia_id id, lia_id customer)
{
    lia_err err = lia_identity_del(g->rows, lia_identity_row_of(LIA_IDENTITY_CUSTOMER, id));
    return err ? err
               : lia_identity_del(g->rows,
                                  lia_identity_row_of_pair(LIA_IDENTITY_MEMBER, customer, id));
}

static lia_err put_row(const group *g, lia_id id, lia_id customer, bool alone)
{
    uint8_t row[LIA_CUSTOMER_ROW_SIZE];
    row[0] = g->crowd ? LIA_CUSTOMER_CROWDED : 0;
    memcpy(row + 1, customer.bytes, LIA_ID_SIZE);
    lia_err err =
        lia_identity_put(g->rows, lia_identity_row_of(LIA_IDENTITY_CUSTOMER, id), LIA_SPAN_OF(row));
    if (err || alone) return err;
    return lia_identity_put(g->rows, lia_identity_row_of_pair(LIA_IDENTITY_MEMBER, customer, id),
                            LIA_SPAN_NONE);
}

static lia_err count_sizes(group *g)
{
    g->sizes = lia_arena_zero(g->arena, g->clustered_count * sizeof *g->sizes);
    if (!g->sizes) return LIA_EFULL;
    for (size_t i = 0; i < g->members.count; i++) {
        lia_id customer = clustered(g, g->members.ids[i])->customer;
        g->sizes[clustered(g, customer) - g->clustered]++;
    }
    return LIA_OK;
}

static lia_err put_customer(group *g, lia_id id)
{
    lia_id was = id, is = clustered(g, id)->customer;
    bool crowded, alone = g->sizes[clustered(g, is) - g->clustered] < 2;
    lia_err err = lia_identity_customer_row(g->rows, id, &was, &crowded);
    bool had = !err, has = !alone || g->crowd;
    if (err && err != LIA_EABSENT) return err;
    err = LIA_OK;
    /* Alone in a crowd and alone with one other look alike here; both rows are put again. */
    if (had && has && crowded == g->crowd && !crowded && lia_id_equal(was, is)) return LIA_OK;
    if (had) err = drop_row(g, id, was);
    if (!err && has) err = put_row(g, id, is, alone);
    return err ? err : lia_queue_drop(g->engine, g->rows, LIA_STEP_JOIN, id);
}

/* ---- fates ----------------------------------------------------------------------------------- */

static lia_err is_archived(const group *g, lia_id id, bool *archived)
{
    lia_holds holds;
    lia_err err = lia_identity_holds(g->rows, id, &holds);
    *archived = !err && holds.flags & LIA_HOLDS_ARCHIVED;
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err is_asked(const group *g, const bond *b, lia_edge_fate fate, bool *asked)
{
    const lia_tie *tie = &b->row.tie;
    bool archived = false;
    *asked = !tie->word && (tie->verdict == LIA_MATCH_ASK || tie->verdict == LIA_MATCH_LINK) &&
             (fate == LIA_EDGE_OPEN || fate == LIA_EDGE_HELD || fate == LIA_EDGE_FULL ||
              fate == LIA_EDGE_AMBIGUOUS);
    lia_err err = *asked ? is_archived(g, b->id, &archived) : LIA_OK;
    if (!err && *asked && !archived) err = is_archived(g, tie->other, &archived);
    *asked &= !archived;
    return err;
}

/* Of what had no say in a crowd. */
static lia_edge_fate fate_in_crowd(const group *g, const bond *b)
{
    const lia_cluster_member *other = clustered(g, b->row.tie.other);
    bool joined = other && lia_id_equal(other->customer, clustered(g, b->id)->customer);
    switch (lia_tie_kind(&b->row.tie)) {
    case LIA_EDGE_APART:
        return joined ? LIA_EDGE_OVERRULED : LIA_EDGE_USED;
    case LIA_EDGE_LINK:
        return joined ? LIA_EDGE_USED : LIA_EDGE_FULL;
    default:
        return joined ? LIA_EDGE_USED : LIA_EDGE_OPEN;
    }
}

static const lia_edge *edge_of(const lia_edge *by_pair, size_t count, const bond *b)
{
    size_t low = 0, high = count;
    lia_id lower = lower_of(b), upper = upper_of(b);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_pair(by_pair[middle].a, by_pair[middle].b, lower, upper);
        if (order == 0) return &by_pair[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int compare_edges_by_pair(const void *a, const void *b)
{
    const lia_edge *left = a, *right = b;
    return compare_pair(left->a, left->b, right->a, right->b);
}

static lia_err put_fates(group *g, lia_edge *edges, size_t edge_count)
{
    lia_err err = LIA_OK;
    lia_sort(edges, edge_count, sizeof *edges, compare_edges_by_pair);
    for (size_t i = 0; i < g->bond_count && !err; i++) {
        const bond *b = &g->bonds[i];
        const lia_edge *edge = edge_of(edges, edge_count, b);
        lia_tie_row is = b->row;
        is.tie.fate = edge ? edge->fate : fate_in_crowd(g, b);
        err = is_asked(g, b, is.tie.fate, &is.asked);
        if (err || (is.tie.fate == b->row.tie.fate && is.asked == b->row.asked)) continue;
        err = lia_tie_change(g->engine, g->rows, b->id, &b->row, &is);
    }
    return err;
}

/* Who is in the crowd and does not know it yet. */
static lia_err tell_crowd(group *g)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < g->bond_count && !err; i++) {
        const lia_tie *tie = &g->bonds[i].row.tie;
        lia_id customer;
        bool crowded;
        if (lia_tie_kind(tie) != LIA_EDGE_LINK || set_has(&g->members, tie->other)) continue;
        err = lia_identity_customer_row(g->rows, tie->other, &customer, &crowded);
        if (err == LIA_EABSENT) err = LIA_OK;
        if (!err && !crowded) err = lia_queue_tell(g->engine, g->rows, LIA_STEP_JOIN, tie->other);
    }
    return err;
}

lia_err lia_step_join(lia_engine *engine, const lia_rows *rows, lia_id id, lia_arena *arena)
{
    group g = {.engine = engine, .rows = rows, .arena = arena};
    lia_edge *edges;
    size_t edge_count;
    lia_err err = gather_group(&g, id);
    if (err) return err;
    sort_bonds(&g);
    err = make_clusters(&g, &edges, &edge_count);
    if (!err) err = count_sizes(&g);
    for (size_t i = 0; i < g.members.count && !err; i++) err = put_customer(&g, g.members.ids[i]);
    if (!err) err = put_fates(&g, edges, edge_count);
    return err || !g.crowd ? err : tell_crowd(&g);
}
