/* SPDX-License-Identifier: Apache-2.0 */
/* Answers come from rows; here the rows are put by hand. What puts them is tested in
 * common/crm/identity_test.c and identity_nodes_test.c. */
#include "common/identity/layout.h"
#include "tests/support/test.h"

static lia_id id(uint8_t last)
{
    lia_id made = {{0}};
    made.bytes[0] = 1;
    made.bytes[15] = last;
    return made;
}

static lia_rows open_rows(void)
{
    uint64_t cursor;
    lia_why why = {0};
    lia_rows rows = {0};
    CHECK_OK(lia_views_open(&rows.views, lia_test_dir(), &(lia_views_options){.map_bytes = 1 << 24},
                            &cursor, &why));
    return rows;
}

static void put(lia_rows *rows, lia_key key, lia_span value)
{
    CHECK_OK(lia_views_put(rows->views, lia_key_span(&key), value));
}

TEST(a_record_that_stands_nowhere_is_a_customer_of_its_own)
{
    lia_rows rows = open_rows();
    lia_id customer, members[4];
    size_t count;
    lia_tie tie;
    CHECK_OK(lia_identity_customer(&rows, id(7), &customer));
    CHECK(lia_id_equal(customer, id(7)));
    CHECK_OK(lia_identity_members(&rows, id(7), members, 4, &count));
    CHECK_EQ(count, 1);
    CHECK(lia_id_equal(members[0], id(7)));
    CHECK_ERR(lia_identity_tie(&rows, id(7), id(8), &tie), LIA_EABSENT);
    lia_views_close(rows.views);
}

TEST(every_member_leads_to_the_same_customer_and_its_members)
{
    lia_rows rows = open_rows();
    for (uint8_t i = 3; i <= 6; i++) {
        uint8_t row[LIA_CUSTOMER_ROW_SIZE] = {0};
        memcpy(row + 1, id(3).bytes, LIA_ID_SIZE);
        put(&rows, lia_identity_row_of(LIA_IDENTITY_CUSTOMER, id(i)), LIA_SPAN_OF(row));
        put(&rows, lia_identity_row_of_pair(LIA_IDENTITY_MEMBER, id(3), id(i)), LIA_SPAN_NONE);
    }
    for (uint8_t i = 3; i <= 6; i++) {
        lia_id customer, members[4];
        size_t count;
        CHECK_OK(lia_identity_customer(&rows, id(i), &customer));
        CHECK(lia_id_equal(customer, id(3)));
        CHECK_OK(lia_identity_members(&rows, id(i), members, 4, &count));
        CHECK_EQ(count, 4);
        for (uint8_t m = 0; m < 4; m++) CHECK(lia_id_equal(members[m], id((uint8_t)(3 + m))));
        CHECK_OK(lia_identity_members(&rows, id(i), members, 2, &count));
        CHECK_EQ(count, 2);
    }
    lia_views_close(rows.views);
}

TEST(ties_are_paged_by_the_other_and_keep_what_they_hold)
{
    lia_rows rows = open_rows();
    for (uint8_t i = 1; i <= 5; i++) {
        uint8_t value[LIA_TIE_SIZE];
        lia_tie_row row = {.tie = {.verdict = LIA_MATCH_ASK,
                                   .certain = i == 2,
                                   .score = -3 * i,
                                   .word = LIA_WORD_NOT_SAME,
                                   .fate = LIA_EDGE_HELD},
                           .asked = true};
        lia_identity_put_tie(value, &row);
        put(&rows, lia_identity_row_of_pair(LIA_IDENTITY_TIE, id(9), id(i)), LIA_SPAN_OF(value));
    }
    lia_tie ties[2];
    lia_id after = LIA_ID_NONE;
    size_t count, seen = 0;
    bool more = true;
    while (more) {
        CHECK_OK(lia_identity_ties(&rows, id(9), after, ties, 2, &count, &more));
        for (size_t i = 0; i < count; i++) {
            seen++;
            after = ties[i].other;
            CHECK(lia_id_equal(ties[i].other, id((uint8_t)seen)));
            CHECK_EQ(ties[i].score, -3 * (int32_t)seen);
            CHECK_EQ(ties[i].certain, seen == 2);
            CHECK_EQ(ties[i].verdict, LIA_MATCH_ASK);
            CHECK_EQ(ties[i].word, LIA_WORD_NOT_SAME);
            CHECK_EQ(ties[i].fate, LIA_EDGE_HELD);
        }
    }
    CHECK_EQ(seen, 5);
    lia_views_close(rows.views);
}

TEST(questions_come_by_falling_score_also_below_zero)
{
    static const int32_t scores[] = {700, 33, 33, 0, -5, -6000};
    lia_rows rows = open_rows();
    for (size_t i = LIA_COUNT(scores); i-- > 0;)
        put(&rows, lia_identity_question(scores[i], id((uint8_t)i), id(99)), LIA_SPAN("\1\1"));
    lia_question page[4], last;
    size_t count, seen = 0;
    bool more = true;
    while (more) {
        CHECK_OK(lia_identity_questions(&rows, seen ? &last : NULL, page, 4, &count, &more));
        for (size_t i = 0; i < count; i++, seen++) {
            CHECK_EQ(page[i].score, scores[seen]);
            CHECK(lia_id_equal(page[i].a, id((uint8_t)seen)) && lia_id_equal(page[i].b, id(99)));
            CHECK_EQ(page[i].fate, LIA_EDGE_OPEN);
        }
        last = page[count - 1];
    }
    CHECK_EQ(seen, LIA_COUNT(scores));
    lia_views_close(rows.views);
}
