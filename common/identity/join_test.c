/* SPDX-License-Identifier: Apache-2.0 */
/* The step that makes customers of ties, on ties that are put by hand: what no node comes to by
 * itself in a test's time. All else is tested in common/crm/identity*_test.c. */
#include <stdlib.h>

#include "common/identity/engine_inner.h"
#include "tests/support/test.h"

typedef struct bed {
    lia_rows rows;
    lia_engine *engine;
    lia_arena arena;
} bed;

static bed make(void)
{
    uint64_t cursor;
    lia_why why = {0};
    bed b = {.engine = calloc(1, sizeof *b.engine)};
    CHECK(b.engine != NULL);
    CHECK_OK(lia_views_open(&b.rows.views, lia_test_dir(),
                            &(lia_views_options){.map_bytes = 1 << 28}, &cursor, &why));
    CHECK_OK(lia_arena_init(&b.arena, (size_t)256 << 20));
    CHECK_OK(lia_queues_open(b.engine, &b.rows));
    for (lia_step step = 0; step < LIA_STEPS; step++) b.engine->queues[step].scanned = true;
    return b;
}

static void end(bed *b)
{
    lia_queues_close(b->engine);
    free(b->engine);
    lia_arena_fini(&b->arena);
    lia_views_close(b->rows.views);
}

static lia_id id(size_t number)
{
    lia_id made = {{0}};
    made.bytes[0] = 1;
    lia_put_u32(made.bytes + 12, (uint32_t)number);
    return made;
}

static void tie(bed *b, size_t one, size_t other, lia_verdict verdict, lia_word word)
{
    lia_tie_row row = {.tie = {.other = id(other), .verdict = verdict, .word = word, .score = 500}};
    row.tie.fate = lia_tie_first_fate(&row.tie, NULL);
    CHECK_OK(lia_tie_change(b->engine, &b->rows, id(one), NULL, &row));
}

static void untie(bed *b, size_t one, size_t other)
{
    lia_tie_row was = {.tie = {.other = id(other)}};
    CHECK_OK(lia_identity_tie(&b->rows, id(one), id(other), &was.tie));
    was.asked = was.tie.fate != LIA_EDGE_USED;
    CHECK_OK(lia_tie_change(b->engine, &b->rows, id(one), &was, NULL));
    CHECK_OK(lia_queue_tell(b->engine, &b->rows, LIA_STEP_JOIN, id(one)));
    CHECK_OK(lia_queue_tell(b->engine, &b->rows, LIA_STEP_JOIN, id(other)));
}

static void join(bed *b, size_t number)
{
    CHECK_OK(lia_step_join(b->engine, &b->rows, id(number), &b->arena));
    lia_arena_reset(&b->arena);
}

/* Joins whoever waits, at most `max` of them; returns how many did. */
static size_t work(bed *b, size_t max)
{
    size_t count = 0;
    for (bool found = true; found && count < max; count += found) {
        lia_id next;
        CHECK_OK(lia_queue_take(b->engine, &b->rows, LIA_STEP_JOIN, &next, &found));
        if (found) CHECK_OK(lia_step_join(b->engine, &b->rows, next, &b->arena));
        lia_arena_reset(&b->arena);
    }
    return count;
}

static size_t customer(bed *b, size_t number)
{
    lia_id found;
    CHECK_OK(lia_identity_customer(&b->rows, id(number), &found));
    return lia_get_u32(found.bytes + 12);
}

static lia_edge_fate fate(bed *b, size_t one, size_t other)
{
    lia_tie found;
    CHECK_OK(lia_identity_tie(&b->rows, id(one), id(other), &found));
    return found.fate;
}

TEST(a_link_makes_one_customer_and_its_end_makes_two)
{
    bed b = make();
    tie(&b, 1, 2, LIA_MATCH_LINK, LIA_WORD_NONE);
    tie(&b, 2, 3, LIA_MATCH_LINK, LIA_WORD_NONE);
    join(&b, 3);
    for (size_t i = 1; i <= 3; i++) CHECK_EQ(customer(&b, i), 1);
    CHECK_EQ(fate(&b, 1, 2), LIA_EDGE_USED);
    untie(&b, 1, 2);
    CHECK_EQ(work(&b, 10), 2);
    CHECK_EQ(customer(&b, 1), 1);
    CHECK_EQ(customer(&b, 2), 2);
    CHECK_EQ(customer(&b, 3), 2);
    end(&b);
}

/* 1,100 records in a row: a crowd is told from one to the next, and people's words still count. */
TEST(in_a_crowd_rules_join_nobody_and_people_do)
{
    enum { CROWD = 1100, HALF = CROWD / 2 };
    bed b = make();
    for (size_t i = 1; i < CROWD; i++) tie(&b, i, i + 1, LIA_MATCH_LINK, LIA_WORD_NONE);
    join(&b, 500);
    CHECK_EQ(customer(&b, 500), 500);
    CHECK_EQ(fate(&b, 500, 501), LIA_EDGE_FULL);
    CHECK_EQ(b.engine->queues[LIA_STEP_JOIN].waiting, 2); /* its neighbours */
    CHECK_EQ(work(&b, 20), 20);                           /* who tell theirs */
    CHECK_EQ(b.engine->queues[LIA_STEP_JOIN].waiting, 2);
    tie(&b, 3, 900, LIA_MATCH_NOTHING, LIA_WORD_SAME);
    join(&b, 900);
    CHECK_EQ(customer(&b, 900), 3);
    CHECK_EQ(customer(&b, 899), 899);
    CHECK_EQ(fate(&b, 3, 900), LIA_EDGE_USED);

    /* Cut in two it is no crowd any more, and rules join again, 32 at most. */
    lia_tie_row row = {.tie = {.other = id(900), .word = LIA_WORD_SAME, .fate = LIA_EDGE_USED}};
    CHECK_OK(lia_tie_change(b.engine, &b.rows, id(3), &row, NULL));
    untie(&b, HALF, HALF + 1);
    join(&b, 1);
    join(&b, CROWD);
    size_t together = 0;
    for (size_t i = 1; i <= CROWD; i++) {
        CHECK((customer(&b, i) <= HALF) == (i <= HALF));
        together += customer(&b, i) != i;
    }
    CHECK(together > CROWD / 2);
    lia_id members[LIA_MEMBERS_SHOWN_MAX];
    size_t count;
    CHECK_OK(lia_identity_members(&b.rows, id(500), members, LIA_COUNT(members), &count));
    CHECK(count > 1 && count <= LIA_CLUSTER_MAX);
    end(&b);
}

/* The record that the middle one might also be makes its link ambiguous, also from outside. */
TEST(a_question_to_a_record_outside_makes_a_link_ambiguous)
{
    bed b = make();
    tie(&b, 1, 2, LIA_MATCH_LINK, LIA_WORD_NONE);
    tie(&b, 2, 3, LIA_MATCH_ASK, LIA_WORD_NONE);
    join(&b, 1);
    CHECK_EQ(customer(&b, 2), 1);
    tie(&b, 1, 3, LIA_MATCH_APART, LIA_WORD_NONE);
    join(&b, 1);
    CHECK_EQ(customer(&b, 2), 2);
    CHECK_EQ(fate(&b, 1, 2), LIA_EDGE_AMBIGUOUS);
    CHECK_EQ(fate(&b, 2, 3), LIA_EDGE_OPEN);
    end(&b);
}

/* More than the ring holds, some of them done beside others. */
TEST(whoever_waits_is_taken_once_also_when_memory_holds_not_all)
{
    enum { MANY = 3 * LIA_QUEUE_RING };
    bed b = make();
    static bool taken[MANY];
    for (size_t i = 0; i < MANY; i++) {
        CHECK_OK(lia_queue_tell(b.engine, &b.rows, LIA_STEP_INDEX, id(i)));
        CHECK_OK(lia_queue_tell(b.engine, &b.rows, LIA_STEP_INDEX, id(i)));
    }
    for (size_t i = 0; i < MANY; i += 5)
        CHECK_OK(lia_queue_drop(b.engine, &b.rows, LIA_STEP_INDEX, id(i)));
    CHECK_EQ(lia_queue_length(b.engine, LIA_STEP_INDEX), MANY - (MANY + 4) / 5);
    size_t count = 0;
    for (bool found = true; found;) {
        lia_id next;
        CHECK_OK(lia_queue_take(b.engine, &b.rows, LIA_STEP_INDEX, &next, &found));
        if (!found) break;
        size_t number = lia_get_u32(next.bytes + 12);
        CHECK(!taken[number] && number % 5 != 0);
        taken[number] = true;
        count++;
    }
    CHECK_EQ(count, MANY - (MANY + 4) / 5);
    CHECK_EQ(lia_queue_length(b.engine, LIA_STEP_INDEX), 0);
    end(&b);
}
