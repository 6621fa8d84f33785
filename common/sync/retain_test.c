/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors that point where a log no longer is, or never was. */
#include "common/sync/desk_peer.h"
#include "common/sync/desk_said.h"
#include "tests/support/test.h"

#define SESSION 5

/* Every cursor gets an answer that says what is wrong with it, and a right one is served right
 * after. The log has blocks of four: 1-4 are gone, 5-8 and 9-12 are there. */
TEST(every_cursor_is_answered_with_what_is_wrong_with_it)
{
    enum { BEFORE_ALL = 0, OF_4, OF_8, OF_12, STRANGE };
    static const struct {
        uint64_t after;
        int hash;
        uint64_t incarnation; /* 0: the lane's */
        Bus__ProblemCode want;
        uint64_t seq;
        size_t batches;
    } cases[] = {
        {4, OF_4, 0, BUS__PROBLEM_CODE__PROBLEM_NONE, 0, 2},
        {8, OF_8, 0, BUS__PROBLEM_CODE__PROBLEM_NONE, 0, 1},
        {12, OF_12, 0, BUS__PROBLEM_CODE__PROBLEM_NONE, 0, 0},
        /* older than what is retained */
        {0, BEFORE_ALL, 0, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, 4, 0},
        {0, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, 4, 0},
        {1, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, 4, 0},
        {3, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, 4, 0},
        /* another history, or corrupt */
        {4, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_FORK, 4, 0},
        {5, OF_4, 0, BUS__PROBLEM_CODE__PROBLEM_FORK, 5, 0},
        {8, OF_12, 0, BUS__PROBLEM_CODE__PROBLEM_FORK, 8, 0},
        {12, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_FORK, 12, 0},
        /* from the future */
        {13, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_NOT_HELD, 12, 0},
        {UINT64_MAX, STRANGE, 0, BUS__PROBLEM_CODE__PROBLEM_NOT_HELD, 12, 0},
        /* from another incarnation */
        {8, OF_8, 77, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_LANE, 0, 0},
        {0, BEFORE_ALL, 77, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_LANE, 0, 0},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        desk *on = desk_open(0);
        desk_tick(on, 0);
        lia_origin origin = desk_origin(3);
        lia_sealed one = desk_block_make(on, origin, NULL, 4, 0);
        lia_sealed two = desk_block_make(on, origin, &one, 4, 0);
        lia_sealed three = desk_block_make(on, origin, &two, 4, 0);
        lia_hash hashes[] = {{{0}}, one.hash, two.hash, three.hash, {{9}}};
        desk_hold(on, &one);
        desk_hold(on, &two);
        desk_hold(on, &three);
        on->dropped = 4;
        uint64_t session = desk_greets(on, 2);
        on->said_count = 0;
        if (cases[i].incarnation) origin.incarnation = cases[i].incarnation;
        desk_fetch(on, 2, session, origin, cases[i].after, &hashes[cases[i].hash], 1 << 20);
        const Bus__Problem *problem = problem_to(on, 2);
        CHECK_EQ(problem ? problem->code : BUS__PROBLEM_CODE__PROBLEM_NONE, cases[i].want);
        if (problem) CHECK_EQ(problem->seq, cases[i].seq);
        CHECK_EQ(batches_to(on, 2), cases[i].batches);

        session = desk_greets(on, 2);
        on->said_count = 0;
        desk_fetch(on, 2, session, one.origin, 4, &one.hash, 1 << 20);
        CHECK(!problem_to(on, 2));
        CHECK_EQ(batches_to(on, 2), 2);
        desk_close(on);
    }
}

TEST(who_is_parked_is_told_when_what_follows_leaves_the_log)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    lia_sealed one = desk_block_make(on, desk_origin(3), NULL, 4, 0);
    lia_sealed two = desk_block_make(on, desk_origin(3), &one, 4, 0);
    lia_sealed three = desk_block_make(on, desk_origin(3), &two, 4, 0);
    desk_hold(on, &one);
    desk_hold(on, &two);
    uint64_t session = desk_greets(on, 2);
    desk_fetch(on, 2, session, one.origin, 0, NULL, 1); /* room for one block only */
    CHECK_EQ(batches_to(on, 2), 1);
    on->dropped = 8;
    on->said_count = 0;
    desk_ack(on, 2, session, one.origin, 4, 1 << 20);
    CHECK_EQ(problem_to(on, 2)->code, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED);
    CHECK_EQ(problem_to(on, 2)->seq, 8);
    on->said_count = 0;
    desk_hold(on, &three);
    CHECK_EQ(batches_to(on, 2), 0); /* no longer parked */
    desk_close(on);
}

TEST(what_one_peer_has_dropped_is_asked_of_another_and_else_the_status_says_so)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    lia_sealed one = desk_block_make(on, desk_origin(3), NULL, 4, 0);
    lia_sealed two = desk_block_make(on, desk_origin(3), &one, 4, 0);
    desk_welcome(on, 3, SESSION, &two);
    desk_welcome(on, 2, SESSION, &two);
    CHECK(fetch_to(on, 3)); /* the origin */
    on->said_count = 0;
    desk_problem(on, 3, SESSION, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, one.origin, 4);
    CHECK_EQ(fetch_to(on, 2)->credit > 0, true);
    on->said_count = 0;
    desk_problem(on, 2, SESSION, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, one.origin, 4);
    CHECK_EQ(lane_of(on, one.origin).cause, LIA_SYNC_DROPPED);
    for (int i = 0; i < 50; i++) desk_tick(on, 100);
    const Bus__Fetch *again = fetch_to(on, 3);
    CHECK(!again || again->credit == 0); /* asking again would not help */

    /* A third one still has it. */
    desk_welcome(on, 4, SESSION, &two);
    CHECK_EQ(fetch_to(on, 4)->after, 0);
    desk_batch(on, 4, SESSION, &one);
    desk_commit(on, &one);
    CHECK_EQ(lane_of(on, one.origin).cause, LIA_SYNC_FETCHING);
    desk_close(on);
}

TEST(how_far_all_members_hold_a_lane_is_what_the_last_one_says)
{
    desk *on = desk_open(0);
    uint16_t least;
    desk_tick(on, 0);
    lia_sealed one = desk_block_make(on, desk_origin(1), NULL, 4, 0);
    lia_sealed two = desk_block_make(on, desk_origin(1), &one, 4, 0);
    desk_hold(on, &one);
    desk_hold(on, &two);
    CHECK_EQ(lia_sync_held_by_all(on->sync, one.origin, &least), 0);
    desk_welcome(on, 2, SESSION, &two);
    desk_welcome(on, 4, SESSION, &two);
    CHECK_EQ(lia_sync_held_by_all(on->sync, one.origin, &least), 0);
    CHECK_EQ(least, 3);
    desk_welcome(on, 3, SESSION, &one);
    CHECK_EQ(lia_sync_held_by_all(on->sync, one.origin, &least), 4);
    CHECK_EQ(least, 3);
    desk_tick(on, 50);
    desk_heads(on, 3, SESSION, &two);
    CHECK_EQ(lia_sync_held_by_all(on->sync, one.origin, &least), 8);
    lia_sync_holding held[8];
    CHECK_EQ(lia_sync_holdings(on->sync, one.origin, held, LIA_COUNT(held)), 3);
    for (size_t i = 0; i < 3; i++) CHECK_EQ(held[i].seq, 8);
    CHECK_EQ(held[1].node, 3);
    CHECK_EQ(held[1].at_ms, held[0].at_ms + 50);
    lia_sealed fork = desk_block_make(on, desk_origin(1), &one, 4, 7); /* another history */
    desk_heads(on, 4, SESSION, &fork);
    CHECK_EQ(lia_sync_held_by_all(on->sync, one.origin, &least), 0);
    CHECK_EQ(least, 4);
    desk_close(on);
}

/* ---- state instead of events ------------------------------------------------------------------
 */

static const Bus__StateRequest *asked_state(const desk *on, uint16_t to)
{
    const Bus__StateRequest *last = NULL;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->state_request)
            last = on->said[i].frame->state_request;
    return last;
}

static size_t parts_to(const desk *on, uint16_t to)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == to && on->said[i].frame->state_chunk;
    return count;
}

static void give_part(desk *on, uint16_t from, const lia_sealed *end, uint8_t next)
{
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_part_frame(on, SESSION, end, next));
}

/* Peers 2 and 3 hold two blocks of 3's, and have dropped the first. */
static desk *desk_late(lia_sealed *one, lia_sealed *two)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    *one = desk_block_make(on, desk_origin(3), NULL, 4, 0);
    *two = desk_block_make(on, desk_origin(3), one, 4, 0);
    for (uint16_t peer = 3; peer >= 2; peer--) desk_welcome(on, peer, SESSION, two);
    desk_problem(on, 3, SESSION, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, one->origin, 4);
    desk_problem(on, 2, SESSION, BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED, one->origin, 4);
    return on;
}

TEST(state_is_asked_for_part_by_part_and_then_the_events_that_follow)
{
    lia_sealed one, two;
    lia_sync_import_status status;
    desk *on = desk_late(&one, &two);
    CHECK(!lia_sync_import(on->sync, &status));
    on->said_count = 0;
    desk_tick(on, 100);
    CHECK(asked_state(on, 2) && !asked_state(on, 2)->has_after && !asked_state(on, 3));
    CHECK(lia_sync_import(on->sync, &status) && status.peer == 2);
    give_part(on, 2, &one, 7);
    CHECK_EQ(on->import_count, 1);
    CHECK_EQ(on->imported.next.size, 1);
    give_part(on, 2, &one, 7); /* an echo */
    CHECK_EQ(on->import_count, 1);

    on->import_at = 7;
    on->said_count = 0;
    lia_sync_imported(on->sync, LIA_OK, false);
    CHECK_EQ(asked_state(on, 2)->after.data[0], 7);
    give_part(on, 2, &one, 0);
    CHECK_EQ(on->imported.next.size, 0);
    on->import_at = 0;
    desk_commit(on, &one); /* the lane stands where the server's began */
    lia_sync_imported(on->sync, LIA_OK, true);
    CHECK(!lia_sync_import(on->sync, &status));
    desk_welcome(on, 3, SESSION + 1, &two);
    CHECK_EQ(fetch_to(on, 3)->after, 4);
    desk_batch(on, 3, SESSION + 1, &two);
    CHECK_EQ(on->write_count, 1);
    desk_close(on);
}

TEST(a_half_state_is_finished_also_when_no_lane_needs_it)
{
    lia_sealed one, two;
    lia_sync_import_status status;
    desk *on = desk_late(&one, &two);
    desk_tick(on, 100);
    give_part(on, 2, &one, 7);
    on->import_at = 7;
    lia_sync_imported(on->sync, LIA_OK, false);
    desk_commit(on, &one);
    desk_commit(on, &two); /* another way */
    on->said_count = 0;
    lia_sync_link(on->sync, 2, false, on->now_ms); /* and who gave it is gone */
    for (int i = 0; i < 12; i++) desk_tick(on, 100);
    desk_welcome(on, 3, SESSION + 1, &two);
    desk_tick(on, 100);
    CHECK(asked_state(on, 3) && asked_state(on, 3)->after.data[0] == 7);
    desk_hear(on, 3, LIA_SYNC_CLIENT, desk_part_frame(on, SESSION + 1, &one, 0));
    on->import_at = 0;
    lia_sync_imported(on->sync, LIA_OK, true);
    CHECK(!lia_sync_import(on->sync, &status));
    desk_close(on);
}

TEST(no_state_is_asked_for_while_that_of_a_former_process_is_put_in_place)
{
    lia_sealed one, two;
    lia_sync_import_status status;
    desk *on = desk_late(&one, &two);
    on->said_count = 0;
    lia_sync_importing(on->sync);
    for (int second = 0; second < 20; second++) desk_tick(on, 1000);
    CHECK(!asked_state(on, 2) && !asked_state(on, 3));
    CHECK(lia_sync_import(on->sync, &status) && status.peer == 0);
    desk_commit(on, &one);
    lia_sync_imported(on->sync, LIA_OK, true);
    CHECK(!lia_sync_import(on->sync, &status));
    desk_tick(on, 1000);
    CHECK(!asked_state(on, 2) && !asked_state(on, 3));
    desk_close(on);
}

TEST(a_peer_that_gives_no_state_or_a_wrong_one_is_left_for_another)
{
    enum { SILENT, GONE, REFUSES, BAD_CURSOR, UNSIGNED, NO_EVENT, HOST_SAYS_NO, WAYS };
    for (int way = 0; way < WAYS; way++) {
        lia_sealed one, two, wrong;
        desk *on = desk_late(&one, &two);
        desk_tick(on, 100);
        CHECK(asked_state(on, 2));
        on->said_count = 0;
        switch (way) {
        case SILENT:
            for (int i = 0; i < 130; i++) {
                desk_tick(on, 100);
                desk_heads(on, 2, SESSION, &two);
                desk_heads(on, 3, SESSION, &two);
            }
            break;
        case GONE:
            lia_sync_link(on->sync, 2, false, on->now_ms);
            break;
        case REFUSES:
            desk_problem(on, 2, SESSION, BUS__PROBLEM_CODE__PROBLEM_NO_STATE, one.origin, 0);
            break;
        case BAD_CURSOR:
            desk_problem(on, 2, SESSION, BUS__PROBLEM_CODE__PROBLEM_BAD_CURSOR, one.origin, 0);
            break;
        case UNSIGNED:
            wrong = one;
            wrong.hash.bytes[3] ^= 1;
            give_part(on, 2, &wrong, 0);
            CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
            break;
        case NO_EVENT:
            wrong = one;
            wrong.events = &(lia_span){(const uint8_t *)"nonsense", 8};
            give_part(on, 2, &wrong, 0);
            CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
            break;
        default:
            give_part(on, 2, &one, 0);
            lia_sync_imported(on->sync, LIA_EINVAL, false);
            CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
        }
        CHECK_EQ(on->import_count, way == HOST_SAYS_NO);
        for (int i = 0; i < 15; i++) desk_tick(on, 100);
        CHECK(asked_state(on, 3) != NULL);
        desk_close(on);
    }
}

TEST(a_part_that_was_not_asked_for_is_dropped)
{
    lia_sealed one, two;
    desk *on = desk_late(&one, &two);
    give_part(on, 2, &one, 0);
    desk_tick(on, 100);
    give_part(on, 3, &one, 0); /* 2 was asked */
    CHECK_EQ(on->import_count, 0);
    desk_close(on);
}

TEST(state_is_given_by_cursor_and_a_flood_of_requests_waits)
{
    static const lia_snap_row row = {{(const uint8_t *)"k", 1}, {(const uint8_t *)"v", 1}};
    desk *on = desk_open(0);
    desk_tick(on, 0);
    uint64_t session = desk_greets(on, 2);
    on->said_count = 0;
    desk_asks_state(on, 2, session, LIA_SPAN_NONE);
    CHECK_EQ(problem_to(on, 2)->code, BUS__PROBLEM_CODE__PROBLEM_NO_STATE);
    on->parts[0] = on->parts[1] = (lia_snap_chunk){.rows = &row, .row_count = 1};
    on->parts[0].next = LIA_SPAN("\1");
    on->part_count = 2;
    on->said_count = 0;
    desk_asks_state(on, 2, session, LIA_SPAN_NONE);
    desk_asks_state(on, 2, session, LIA_SPAN("\1"));
    CHECK_EQ(on->said[0].frame->state_chunk->has_next, true);
    CHECK_EQ(on->said[1].frame->state_chunk->has_next, false);
    on->said_count = 0;
    desk_asks_state(on, 2, session, LIA_SPAN("\5"));
    CHECK_EQ(problem_to(on, 2)->code, BUS__PROBLEM_CODE__PROBLEM_BAD_CURSOR);
    on->said_count = 0;
    for (int i = 0; i < 1000; i++) desk_asks_state(on, 2, session, LIA_SPAN_NONE);
    CHECK(parts_to(on, 2) < 50);
    on->said_count = 0;
    desk_tick(on, 100);
    CHECK_EQ(parts_to(on, 2), 1); /* the last one */
    desk_close(on);
}

/* A node that took another incarnation before it wrote anything has such a lane in its log. */
TEST(a_lane_that_nobody_has_written_to_is_not_asked_for)
{
    desk *on = desk_open(0);
    static const lia_hash start;
    desk_tick(on, 0);
    lia_sync_committed(on->sync, desk_origin(3), 0, &start);
    desk_welcome(on, 3, SESSION, NULL);
    for (int i = 0; i < 20; i++) {
        desk_tick(on, 100);
        CHECK(!fetch_to(on, 3));
    }
    lia_sealed one = desk_block_make(on, desk_origin(3), NULL, 4, 0);
    desk_heads(on, 3, SESSION, &one);
    CHECK(fetch_to(on, 3));
    desk_close(on);
}
