/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/cluster.h"
#include "tests/support/test.h"

#define MEMBERS_MAX 80
#define EDGES_MAX   200

typedef struct component {
    lia_cluster_member members[MEMBERS_MAX];
    size_t member_count;
    lia_edge edges[EDGES_MAX];
    size_t edge_count;
} component;

static lia_arena arena;

static lia_arena *scratch(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

static lia_id id_of(unsigned n)
{
    lia_id id = {{0}};
    lia_put_u32(id.bytes + 12, n + 1);
    return id;
}
static unsigned number_of(lia_id id)
{
    return lia_get_u32(id.bytes + 12) - 1;
}

/* Members 0 .. count - 1, the later the younger. */
static component of_members(size_t count)
{
    component out = {.member_count = count};
    for (unsigned i = 0; i < count; i++)
        out.members[i] = (lia_cluster_member){.id = id_of(i), .created = 100 + i};
    return out;
}

static void add(component *all, unsigned a, unsigned b, lia_edge_kind kind, bool person,
                int32_t score)
{
    all->edges[all->edge_count++] =
        (lia_edge){.a = id_of(a), .b = id_of(b), .kind = kind, .person = person, .score = score};
}

static void make(component *all)
{
    CHECK_OK(
        lia_cluster_make(all->members, all->member_count, all->edges, all->edge_count, scratch()));
}

/* The customer of member n; members are sorted by id, which is by number. */
static unsigned customer(const component *all, unsigned n)
{
    return number_of(all->members[n].customer);
}

static lia_edge_fate fate(const component *all, unsigned a, unsigned b)
{
    for (size_t i = 0; i < all->edge_count; i++)
        if (number_of(all->edges[i].a) == a && number_of(all->edges[i].b) == b)
            return all->edges[i].fate;
    return LIA_EDGE_OVERRULED;
}

TEST(a_customer_is_called_by_its_oldest_member)
{
    component all = of_members(4);
    all.members[2].created = 1;
    all.members[3].created = all.members[1].created;
    add(&all, 0, 1, LIA_EDGE_LINK, false, 500);
    add(&all, 2, 1, LIA_EDGE_LINK, false, 400);
    make(&all);
    CHECK_EQ(customer(&all, 0), 2);
    CHECK_EQ(customer(&all, 1), 2);
    CHECK_EQ(customer(&all, 2), 2);
    CHECK_EQ(customer(&all, 3), 3);
}

TEST(a_rule_does_not_join_what_a_person_holds_apart)
{
    component all = of_members(3);
    add(&all, 0, 1, LIA_EDGE_LINK, false, 500);
    add(&all, 1, 2, LIA_EDGE_LINK, false, 600);
    add(&all, 0, 2, LIA_EDGE_APART, true, 0);
    make(&all);
    CHECK_EQ(customer(&all, 1), customer(&all, 2)); /* the better link */
    CHECK(customer(&all, 0) != customer(&all, 1));
    CHECK_EQ(fate(&all, 0, 1), LIA_EDGE_HELD);
}

TEST(a_person_overrules_rules_and_not_persons)
{
    component all = of_members(4);
    add(&all, 0, 1, LIA_EDGE_APART, false, 0);
    add(&all, 0, 1, LIA_EDGE_LINK, true, 0);
    add(&all, 2, 3, LIA_EDGE_APART, true, 0);
    add(&all, 2, 3, LIA_EDGE_LINK, true, 0);
    make(&all);
    CHECK_EQ(customer(&all, 0), customer(&all, 1));
    CHECK(customer(&all, 2) != customer(&all, 3));
}

TEST(a_mailbox_of_two_people_links_to_neither)
{
    component all = of_members(4);
    add(&all, 0, 1, LIA_EDGE_LINK, false, 500); /* the mailbox, and one of them */
    add(&all, 0, 2, LIA_EDGE_MAYBE, false, 400);
    add(&all, 1, 2, LIA_EDGE_APART, false, 0);
    add(&all, 1, 3, LIA_EDGE_LINK, false, 300);
    make(&all);
    CHECK_EQ(customer(&all, 0), 0);
    CHECK_EQ(customer(&all, 3), 1);
    CHECK_EQ(fate(&all, 0, 1), LIA_EDGE_AMBIGUOUS);
}

TEST(rules_stop_at_the_cap_and_people_do_not)
{
    component all = of_members(40);
    for (unsigned i = 1; i < 40; i++)
        add(&all, i - 1, i, LIA_EDGE_LINK, false, (int32_t)(1000 - i));
    make(&all);
    CHECK_EQ(customer(&all, LIA_CLUSTER_MAX - 1), 0);
    CHECK(customer(&all, LIA_CLUSTER_MAX) != 0);
    CHECK_EQ(fate(&all, LIA_CLUSTER_MAX - 1, LIA_CLUSTER_MAX), LIA_EDGE_FULL);
    for (size_t i = 0; i < all.edge_count; i++) all.edges[i].person = true;
    make(&all);
    CHECK_EQ(customer(&all, 39), 0);
}

TEST(edges_that_lead_nowhere_say_nothing)
{
    component all = of_members(2);
    add(&all, 0, 0, LIA_EDGE_LINK, true, 0);
    add(&all, 1, 7, LIA_EDGE_LINK, true, 0);
    make(&all);
    CHECK_EQ(customer(&all, 0), 0);
    CHECK_EQ(customer(&all, 1), 1);
    component nobody = of_members(0);
    make(&nobody);
}

/* ---- whatever the order -----------------------------------------------------------------------
 */

static component random_component(lia_dice *dice)
{
    component out = of_members(2 + lia_dice_below(dice, MEMBERS_MAX - 2));
    size_t edges = lia_dice_below(dice, EDGES_MAX), near = 2 + lia_dice_below(dice, 40);
    for (size_t i = 0; i < out.member_count; i++) out.members[i].created = lia_dice_below(dice, 10);
    for (size_t i = 0; i < edges; i++) {
        unsigned a = (unsigned)lia_dice_below(dice, out.member_count);
        unsigned b = (unsigned)((a + lia_dice_below(dice, near)) % out.member_count);
        uint64_t kind = lia_dice_below(dice, 10);
        add(&out, a, b,
            kind == 0   ? LIA_EDGE_APART
            : kind == 1 ? LIA_EDGE_MAYBE
                        : LIA_EDGE_LINK,
            lia_dice_below(dice, 4) == 0, (int32_t)lia_dice_below(dice, 20));
    }
    return out;
}

static void shuffle(component *all, lia_dice *dice)
{
    for (size_t i = all->member_count; i > 1; i--) {
        size_t j = lia_dice_below(dice, i);
        lia_cluster_member keep = all->members[i - 1];
        all->members[i - 1] = all->members[j];
        all->members[j] = keep;
    }
    for (size_t i = all->edge_count; i > 1; i--) {
        size_t j = lia_dice_below(dice, i);
        lia_edge keep = all->edges[i - 1];
        all->edges[i - 1] = all->edges[j];
        all->edges[j] = keep;
        if (lia_dice_below(dice, 2)) {
            lia_id a = all->edges[j].a;
            all->edges[j].a = all->edges[j].b;
            all->edges[j].b = a;
        }
    }
}

static void check_same(const component *a, const component *b)
{
    for (size_t i = 0; i < a->member_count; i++) {
        CHECK(lia_id_equal(a->members[i].id, b->members[i].id));
        CHECK(lia_id_equal(a->members[i].customer, b->members[i].customer));
    }
    for (size_t i = 0; i < a->edge_count; i++) {
        CHECK(lia_id_equal(a->edges[i].a, b->edges[i].a) &&
              lia_id_equal(a->edges[i].b, b->edges[i].b));
        CHECK_EQ(a->edges[i].fate, b->edges[i].fate);
    }
}

/* What the header says of every outcome. */
static void check_promises(const component *all)
{
    unsigned size[MEMBERS_MAX] = {0};
    bool people = false;
    for (size_t i = 0; i < all->member_count; i++) size[customer(all, (unsigned)i)]++;
    for (size_t i = 0; i < all->edge_count; i++) {
        const lia_edge *edge = &all->edges[i];
        people |= edge->person && edge->kind == LIA_EDGE_LINK;
        unsigned a = customer(all, number_of(edge->a)), b = customer(all, number_of(edge->b));
        if (edge->person && edge->kind == LIA_EDGE_APART &&
            number_of(edge->a) != number_of(edge->b))
            CHECK(a != b);
        if (edge->kind == LIA_EDGE_LINK && edge->fate == LIA_EDGE_USED) CHECK_EQ(a, b);
    }
    for (size_t i = 0; i < all->member_count && !people; i++) CHECK(size[i] <= LIA_CLUSTER_MAX);
}

TEST(the_order_of_members_and_edges_means_nothing)
{
    lia_dice dice = {3};
    for (unsigned round = 0; round < 3000; round++) {
        component first = random_component(&dice);
        component other = first;
        make(&first);
        check_promises(&first);
        for (unsigned again = 0; again < 3; again++) {
            shuffle(&other, &dice);
            make(&other);
            check_same(&first, &other);
        }
        make(&other); /* what came out gives the same again */
        check_same(&first, &other);
    }
}

TEST(without_room_nothing_is_made)
{
    component all = of_members(40);
    lia_arena small = {0};
    CHECK_OK(lia_arena_init(&small, 64));
    while (lia_arena_take(&small, 64)) {
    }
    CHECK_ERR(lia_cluster_make(all.members, all.member_count, all.edges, 0, &small), LIA_EFULL);
    lia_arena_fini(&small);
}
