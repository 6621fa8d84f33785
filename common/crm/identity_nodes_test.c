/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are one customer depends on what was recorded and said, not on who heard of it in
 * which order. */
#include "common/crm/identity_rig.h"

/* Both are said while the nodes do not hear of each other. */
TEST(of_two_words_at_once_not_the_same_wins_on_every_node)
{
    rig r;
    make(&r, 3);
    lia_id mei = make_person(&r, 1, "Mei", NULL), ben = make_person(&r, 1, "Ben", NULL);
    for (size_t n = 2; n <= 3; n++)
        RIG_UNTIL(&r, knows(&r, n, LIA_CUSTOMER, mei) && knows(&r, n, LIA_CUSTOMER, ben));
    rig_stop(&r, 2);
    rig_stop(&r, 3);
    must_say(&r, 1, "notSame", mei, ben);
    rig_stop(&r, 1);
    start(&r, 2, false);
    must_say(&r, 2, "link", ben, mei); /* later, and it loses all the same */
    rest(&r, 2);
    CHECK(are_one(&r, 2, mei, ben));
    crm_open(&r, 1, &departments[1], false);
    start(&r, 3, false);
    for (size_t n = 1; n <= 3; n++) {
        RIG_UNTIL(&r, rig_same_digests(&r, 1, n) && rig_same_digests(&r, 2, n));
        rest(&r, n);
        CHECK(!are_one(&r, n, mei, ben));
        check(&r, n);
    }
    /* Who has heard of both may change it. */
    must_say(&r, 3, "link", mei, ben);
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, are_one(&r, n, mei, ben));
    rig_end(&r);
}

typedef enum doing {
    ACTED,
    WAITS, /* until the node has heard of the records, or somebody has begun */
    OVER
} doing;

static lia_id before(const story *s, size_t at)
{
    return s->ids[at % 12 == 7 || at % 12 == 8 ? at - 1 : at];
}

static bool may_act(const story *s, rig *r, size_t node, size_t at)
{
    if (!s->done[at]) return true;
    return knows(r, node, LIA_CUSTOMER, s->ids[at]) && knows(r, node, LIA_CUSTOMER, before(s, at));
}

/* The record's next action. */
static doing act(story *s, rig *r, size_t node, size_t at)
{
    const Crm__Customer *made = s->base.records[at].customer;
    lia_id id = s->ids[at];
    if (at % 12 == 11 && s->done[at] > 1) return OVER; /* erased */
    if (!may_act(s, r, node, at)) return WAITS;
    size_t action = s->done[at]++;
    if (action == 0) {
        (void)make_as(r, node, id, made);
        return ACTED;
    }
    switch (at % 12 * ACTIONS + action) {
    case 1 * ACTIONS + 1:
        rename_to(r, node, id, "Aleksandra Nowak");
        return ACTED;
    case 1 * ACTIONS + 2:
        rename_to(r, node, id, made->name ? made->name : "Jan Kowalski");
        return ACTED;
    case 4 * ACTIONS + 1:
        crm_archive(r, node, LIA_CUSTOMER, id);
        return ACTED;
    case 7 * ACTIONS + 1:
    case 8 * ACTIONS + 1:
        must_say(r, node, at % 12 == 7 ? "link" : "notSame", id, before(s, at));
        return ACTED;
    case 8 * ACTIONS + 2:
        must_say(r, node, "link", before(s, at), id);
        return ACTED;
    case 11 * ACTIONS + 1:
        erase(r, node, id);
        return ACTED;
    default:
        return OVER;
    }
}

static size_t teller(size_t at, uint64_t order)
{
    return 1 + (at + order) % 2;
}

static bool any_may_act(const story *s, rig *r, uint64_t order, const bool *over)
{
    for (size_t i = 0; i < s->base.record_count; i++)
        if (!over[i] && may_act(s, r, teller(i, order), i)) return true;
    return false;
}

/* Tells the story at two nodes, one record at one of them (what a node has not heard of it cannot
 * undo); with `pauses` the engines come to rest again and again in between,
 * so that everything is done step by step, without them at one go. Nothing but a command or a wait
 * lets the nodes hear of each other: when nobody may act they are waited for. */
static void tell(story *s, rig *r, uint64_t order, bool pauses)
{
    dirty_base dice = {.dice = {order}};
    size_t count = s->base.record_count, left = count, steps = 0, waits = 0;
    bool *over = lia_arena_zero(&s->arena, count * sizeof *over);
    memset(s->done, 0, sizeof s->done);
    while (left) {
        size_t at = dirty_below(&dice, count);
        if (over[at]) continue;
        doing what = act(s, r, teller(at, order), at);
        if (what == OVER) {
            over[at] = true;
            left--;
        }
        waits = what == WAITS ? waits + 1 : 0;
        if (waits > left) RIG_UNTIL(r, any_may_act(s, r, order, over));
        if (pauses && what == ACTED && ++steps % 16 == 0) {
            rest(r, 1);
            rest(r, 2);
        }
    }
    RIG_UNTIL(r, rig_same_digests(r, 1, 2));
    rest(r, 1);
    rest(r, 2);
}

/* All that a node answers, as text. */
static lia_span answers(const story *s, rig *r, size_t number, lia_arena *arena)
{
    static lia_tie ties[ORACLE_MAX];
    static lia_question questions[ORACLE_MAX];
    lia_rows rows;
    lia_buf out = lia_buf_make(arena);
    size_t count;
    bool more;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    for (size_t i = 0; i < s->base.record_count; i++) {
        lia_id customer;
        CHECK_OK(lia_identity_customer(&rows, s->ids[i], &customer));
        lia_buf_add(&out, customer.bytes, LIA_ID_SIZE);
        CHECK_OK(lia_identity_ties(&rows, s->ids[i], LIA_ID_NONE, ties, ORACLE_MAX, &count, &more));
        for (size_t t = 0; t < count; t++) {
            lia_buf_add(&out, ties[t].other.bytes, LIA_ID_SIZE);
            lia_buf_format(&out, " %d %d %d %d %d\n", ties[t].verdict, ties[t].certain,
                           ties[t].score, ties[t].word, ties[t].fate);
        }
    }
    CHECK_OK(lia_identity_questions(&rows, NULL, questions, ORACLE_MAX, &count, &more));
    for (size_t i = 0; i < count; i++) {
        lia_buf_add(&out, questions[i].a.bytes, LIA_ID_SIZE);
        lia_buf_add(&out, questions[i].b.bytes, LIA_ID_SIZE);
        lia_buf_format(&out, "%d %d\n", questions[i].score, questions[i].fate);
    }
    lia_node_read_end(r->nodes[number], &rows);
    CHECK(!out.failed);
    return lia_buf_get(&out);
}

TEST(who_is_one_customer_does_not_depend_on_the_order_nor_on_the_node)
{
    story *s = story_make(7);
    lia_span first = LIA_SPAN_NONE;
    for (uint64_t order = 1; order <= 3; order++) {
        rig r;
        make(&r, 2);
        tell(s, &r, order, order > 1);
        for (size_t n = 1; n <= 2; n++) {
            oracle_sums sums = check(&r, n);
            CHECK(sums.customers < sums.records && sums.questions > 0);
            lia_span said = answers(s, &r, n, &s->arena);
            if (!first.size) first = said;
            CHECK_BYTES(said, first);
        }
        if (order == 2) { /* made anew from the log, and read back from the disk */
            rig_stop(&r, 1);
            start(&r, 1, true);
            rest(&r, 1);
            CHECK_BYTES(answers(s, &r, 1, &s->arena), first);
            rig_stop(&r, 2);
            start(&r, 2, false);
            rest(&r, 2);
            CHECK_BYTES(answers(s, &r, 2, &s->arena), first);
            check(&r, 1);
        }
        rig_end(&r);
    }
    story_free(s);
}

/* ---- another model --------------------------------------------------------------------------- */

TEST(a_new_model_counts_on_all_nodes_and_the_highest_revision_wins)
{
    rig r;
    make(&r, 2);
    lia_id one = make_with_phone(&r, "Mei Chen", "+49 30 1234567");
    lia_id two = make_with_phone(&r, "Mei Chen", "030 1234567");
    rest(&r, 1);
    CHECK(!are_one(&r, 1, one, two));
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    rig_stop(&r, 2);
    Crm__MatchModel model = CRM__MATCH_MODEL__INIT;
    LIA_SET(&model, revision, 4);
    model.home = "DE"; /* then both are one number */
    lia_id record = rig_create(&r, 1, LIA_MATCH_MODEL, &model);
    RIG_UNTIL(&r, are_one(&r, 1, one, two));
    rig_stop(&r, 1);
    start(&r, 2, false);
    Crm__MatchModel older = CRM__MATCH_MODEL__INIT;
    LIA_SET(&older, revision, 3); /* later, but not higher */
    older.home = "FR";
    (void)rig_create(&r, 2, LIA_MATCH_MODEL, &older);
    start(&r, 1, false);
    for (size_t n = 1; n <= 2; n++) {
        RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
        rest(&r, n);
        CHECK(are_one(&r, n, one, two));
        check(&r, n);
    }
    crm_archive(&r, 2, LIA_MATCH_MODEL, record); /* and the other one counts */
    for (size_t n = 1; n <= 2; n++) {
        RIG_UNTIL(&r, !are_one(&r, n, one, two));
        rest(&r, n);
        check(&r, n);
    }
    rig_end(&r);
}
