/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: greetings, peers that fall silent, garbage, and short words between nodes. */
#include "common/sync/desk_peer.h"
#include "common/sync/desk_said.h"
#include "tests/support/test.h"

#define SESSION 5

TEST(a_greeting_is_answered_with_a_session_of_its_own)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    uint64_t first = desk_greets(on, 2), second = desk_greets(on, 2), other = desk_greets(on, 3);
    CHECK(first && second && other && first != second && second != other);
    desk_close(on);
}

TEST(a_greeting_that_is_not_of_this_cluster_is_refused)
{
    static const struct {
        uint32_t node, low, high;
        char cluster;
        Bus__ProblemCode want;
    } cases[] = {
        {2, 1, 1, 't', BUS__PROBLEM_CODE__PROBLEM_NONE},
        {2, 1, 9, 't', BUS__PROBLEM_CODE__PROBLEM_NONE},
        {2, 1, 1, 'x', BUS__PROBLEM_CODE__PROBLEM_OTHER_CLUSTER},
        {3, 1, 1, 't', BUS__PROBLEM_CODE__PROBLEM_OTHER_CLUSTER},
        {2, 2, 3, 't', BUS__PROBLEM_CODE__PROBLEM_PROTOCOL},
        {2, 0, 0, 't', BUS__PROBLEM_CODE__PROBLEM_PROTOCOL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        desk *on = desk_open(0);
        Bus__Frame frame = BUS__FRAME__INIT;
        Bus__Hello hello = desk_hello(on, (uint16_t)cases[i].node);
        lia_id cluster = on->cluster;
        cluster.bytes[0] = (uint8_t)cases[i].cluster;
        hello.cluster = desk_bytes(&cluster, sizeof cluster);
        hello.protocol_min = cases[i].low;
        hello.protocol_max = cases[i].high;
        frame.hello = &hello;
        desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, 0, &frame));
        CHECK_EQ(problem_code_to(on, 2), cases[i].want);
        desk_close(on);
    }
}

TEST(greetings_are_repeated_with_a_growing_pause)
{
    desk *on = desk_open(0);
    static const size_t want[] = {1, 0, 0, 1, 0, 0, 0, 0, 1};
    for (size_t i = 0; i < LIA_COUNT(want); i++) {
        forget(on);
        desk_tick(on, i ? 100 : 0);
        CHECK_EQ(hellos_to(on, 3), want[i]);
    }
    desk_close(on);
}

TEST(a_server_that_forgot_the_session_is_greeted_again)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, NULL);
    forget(on);
    desk_problem(on, 2, SESSION + 1, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION, on->own, 0);
    desk_tick(on, 10);
    CHECK_EQ(hellos_to(on, 2), 0); /* that was another session */
    desk_problem(on, 2, SESSION, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION, on->own, 0);
    desk_tick(on, 10);
    CHECK_EQ(hellos_to(on, 2), 1);
    desk_close(on);
}

TEST(a_stranger_is_told_to_greet)
{
    desk *on = desk_open(0);
    desk_fetch(on, 2, 999, desk_origin(2), 0, NULL, 100);
    CHECK_EQ(problem_code_to(on, 2), BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION);
    CHECK_EQ(on->said[0].frame->session, 999);
    desk_close(on);
}

TEST(what_belongs_to_an_earlier_session_is_void)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    desk_hold(on, &a);
    uint64_t old = desk_greets(on, 2), present = desk_greets(on, 2);
    desk_fetch(on, 2, old, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(problem_code_to(on, 2), BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION);
    CHECK_EQ(batches_to(on, 2), 0);
    desk_fetch(on, 2, present, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(batches_to(on, 2), 1);
    desk_close(on);
}

TEST(an_echo_of_a_welcome_does_not_revive_its_session)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &a);
    lia_sync_link(on->sync, 2, false, on->now_ms);
    forget(on);
    desk_welcome(on, 2, SESSION, &a);
    CHECK(!fetch_to(on, 2));
    desk_welcome(on, 2, SESSION + 1, &a);
    CHECK(fetch_to(on, 2));
    desk_close(on);
}

TEST(a_peer_that_starts_anew_is_greeted_anew_and_tells_anew_what_it_holds)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(3), NULL, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &a);
    CHECK_EQ(lane_of(on, desk_origin(3)).target, 3);
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Hello hello = desk_hello(on, 2);
    hello.boot++; /* and without its disk */
    frame.hello = &hello;
    desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, 0, &frame));
    CHECK_EQ(lane_of(on, desk_origin(3)).target, 0);
    forget(on);
    desk_tick(on, 10);
    CHECK_EQ(hellos_to(on, 2), 1);
    desk_close(on);
}

TEST(a_clock_that_is_far_away_alarms_once)
{
    static const struct {
        int64_t ahead_ms;
        unsigned alarms;
    } cases[] = {{0, 0}, {400, 0}, {600, 1}, {-400, 0}, {-600, 1}, {INT64_MAX / 2, 1}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        desk *on = desk_open(0);
        desk_tick(on, 0);
        for (uint64_t session = 1; session < 3; session++) {
            Bus__Frame frame = BUS__FRAME__INIT;
            Bus__Hello hello = desk_hello(on, 2);
            hello.wall_ms += cases[i].ahead_ms;
            frame.welcome = &hello;
            desk_hear(on, 2, LIA_SYNC_CLIENT, desk_pack(on, session, &frame));
        }
        CHECK_EQ(on->alarms[LIA_SYNC_SKEWED], cases[i].alarms);
        desk_close(on);
    }
}

TEST(a_silent_peer_is_doubted_after_two_seconds_and_given_up_after_six)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sync_peer_status peers[DESK_NODES];
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &a);
    CHECK_EQ(lia_sync_peers(on->sync, peers, LIA_COUNT(peers)), DESK_NODES - 1);
    CHECK(peers[0].node == 2 && peers[0].connected);
    desk_tick(on, 2000);
    lia_sync_peers(on->sync, peers, LIA_COUNT(peers));
    CHECK(!peers[0].connected);
    CHECK_EQ(lane_of(on, desk_origin(2)).cause, LIA_SYNC_NO_PEER);
    forget(on);
    desk_tick(on, 3900);
    CHECK_EQ(hellos_to(on, 2), 0);
    for (int i = 0; i < 70; i++) desk_tick(on, 100); /* doubled: this session brought nothing */
    CHECK(hellos_to(on, 2) > 0);
    desk_close(on);
}

static size_t welcomes_to(const desk *on, uint16_t peer)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == peer && on->said[i].frame->welcome != NULL;
    return count;
}

TEST(greetings_without_end_are_answered_now_and_then)
{
    desk *on = desk_open(0);
    Bus__Hello hello = desk_hello(on, 2);
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.hello = &hello;
    for (int i = 0; i < 1000; i++) desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, 0, &frame));
    CHECK_EQ(welcomes_to(on, 2), 16);
    for (int i = 0; i < 1000; i++) {
        desk_tick(on, 10);
        desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, 0, &frame));
    }
    CHECK_EQ(welcomes_to(on, 2), 16 + 100);
    CHECK(desk_greets(on, 3) != 0); /* nobody else is concerned */
    desk_tick(on, 1000);
    CHECK(desk_greets(on, 2) != 0);
    desk_close(on);
}

TEST(a_link_that_takes_nothing_ends_that_session_only)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    desk_hold(on, &a);
    uint64_t session = desk_greets(on, 2), other = desk_greets(on, 3);
    on->deaf = true;
    desk_fetch(on, 2, session, on->own, 0, NULL, 1 << 20);
    on->deaf = false;
    forget(on);
    desk_fetch(on, 3, other, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(batches_to(on, 3), 1);
    desk_tick(on, 100);
    CHECK_EQ(problem_code_to(on, 2), BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION); /* it is told */
    CHECK_EQ(batches_to(on, 2), 0);
    desk_close(on);
}

TEST(garbage_alarms_but_not_more_than_once_a_second)
{
    desk *on = desk_open(0);
    for (int i = 0; i < 50; i++) {
        desk_hear(on, 2, LIA_SYNC_SERVER, LIA_SPAN("no frame"));
        desk_hear(on, 2, LIA_SYNC_CLIENT, LIA_SPAN_NONE);
        on->now_ms += 100;
    }
    CHECK(on->alarms[LIA_SYNC_MALFORMED] >= 4 && on->alarms[LIA_SYNC_MALFORMED] <= 6);
    CHECK_EQ(on->said_count, 0);
    desk_close(on);
}

/* ---- words --------------------------------------------------------------------------------- */

/* As desk_greets, by a peer that says whether it listens. */
static void greets_and_hears(desk *on, uint16_t peer, bool hears)
{
    Bus__Hello hello = desk_hello(on, peer);
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.hello = &hello;
    hello.has_hears = hello.hears = hears;
    desk_hear(on, peer, LIA_SYNC_SERVER, desk_pack(on, 0, &frame));
}

static size_t words_to(const desk *on, uint16_t peer)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == peer && on->said[i].frame->has_word;
    return count;
}

static void says(desk *on, uint16_t peer, lia_sync_role role, uint64_t session, size_t size)
{
    static const uint8_t zeroes[2 * LIA_SYNC_WORD_MAX];
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.has_word = true;
    frame.word = desk_bytes(zeroes, size);
    desk_hear(on, peer, role, desk_pack(on, session, &frame));
}

TEST(a_word_is_said_to_those_who_listen_and_have_room)
{
    desk *on = desk_open(0);
    greets_and_hears(on, 2, true);
    greets_and_hears(on, 3, false); /* of an earlier release: it would take it for garbage */
    lia_sync_say(on->sync, LIA_SPAN("a word"));
    CHECK_EQ(words_to(on, 2), 1);
    CHECK_EQ(words_to(on, 3), 0);
    CHECK_EQ(words_to(on, 4), 0); /* not met */
    on->full = true;
    lia_sync_say(on->sync, LIA_SPAN("another"));
    CHECK_EQ(words_to(on, 2), 1);
    on->full = false;
    lia_sync_link(on->sync, 2, false, on->now_ms);
    lia_sync_say(on->sync, LIA_SPAN("another"));
    CHECK_EQ(words_to(on, 2), 1);
    desk_close(on);
}

TEST(a_word_is_heard_within_a_session_and_when_it_is_short)
{
    desk *on = desk_open(0);
    says(on, 2, LIA_SYNC_CLIENT, SESSION, 5); /* a stranger so far */
    lia_sealed held = desk_block_make(on, desk_origin(2), NULL, 1, 0);
    desk_welcome(on, 2, SESSION, &held);
    says(on, 2, LIA_SYNC_CLIENT, SESSION + 1, 5); /* of another session */
    CHECK_EQ(on->heard, 0);
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 0);
    says(on, 2, LIA_SYNC_CLIENT, SESSION, LIA_SYNC_WORD_MAX);
    CHECK_EQ(on->heard, 1);
    CHECK_EQ(on->last_word.size, LIA_SYNC_WORD_MAX);
    says(on, 2, LIA_SYNC_CLIENT, SESSION, LIA_SYNC_WORD_MAX + 1);
    CHECK_EQ(on->heard, 1);
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
    desk_tick(on, 5000);
    greets_and_hears(on, 3, true); /* who asks here says nothing in passing */
    says(on, 3, LIA_SYNC_SERVER, on->said[on->said_count - 1].frame->session, 5);
    CHECK_EQ(on->heard, 1);
    desk_close(on);
}
