/* SPDX-License-Identifier: Apache-2.0 */
/* A feature is wanted when this node and everybody else can, and everybody is there to say so; what
 * a peer has on already is taken on, as far as it is understood here. */
#include "common/sync/desk_peer.h"
#include "tests/support/test.h"

static void welcome(desk *on, uint16_t from, uint64_t session, uint64_t features, uint64_t are_on)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Hello hello = desk_hello(on, from);
    hello.has_erasures_agree = hello.erasures_agree = true;
    hello.has_features = hello.has_features_on = features != 0;
    hello.features = features;
    hello.features_on = are_on;
    frame.welcome = &hello;
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, session, &frame));
}

TEST(a_feature_is_wanted_when_all_can_and_are_there)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 0);
    welcome(on, 2, 1, 3, 0);
    welcome(on, 3, 1, 7, 0);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 0); /* 4 has said nothing */
    welcome(on, 4, 1, UINT64_MAX, 0);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 3); /* what no one lacks, and is understood here */
    welcome(on, 2, 2, 7, 0);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 7);
    desk_close(on);
}

TEST(a_peer_of_a_release_that_says_nothing_is_in_the_way)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    for (uint16_t peer = 2; peer <= DESK_NODES; peer++) welcome(on, peer, 1, 7, 0);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 7);
    welcome(on, 3, 2, 0, 0);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 0);
    desk_close(on);
}

TEST(a_peer_that_is_away_may_come_back_as_any_release)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    for (uint16_t peer = 2; peer <= DESK_NODES; peer++) welcome(on, peer, 1, 7, 0);
    lia_sync_link(on->sync, 4, false, on->now_ms);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 0);
    desk_close(on);
}

TEST(what_is_on_stays_on_and_is_taken_from_a_peer_that_has_it_on)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    welcome(on, 2, 1, 0xff, 0x12); /* of which 0x10 is not understood here */
    CHECK_EQ(lia_sync_features_wanted(on->sync), 2);
    CHECK_EQ(lia_sync_features_of_peers(on->sync), 0x12);
    lia_sync_set_features_on(on->sync, 2);
    lia_sync_link(on->sync, 2, false, on->now_ms);
    CHECK_EQ(lia_sync_features_wanted(on->sync), 2);
    desk_close(on);
}

TEST(greetings_say_what_is_understood_and_what_is_on)
{
    desk *on = desk_open(0);
    lia_sync_set_features_on(on->sync, 5);
    desk_tick(on, 0);
    size_t greetings = 0;
    for (size_t i = 0; i < on->said_count; i++) {
        const Bus__Hello *hello = on->said[i].frame->hello;
        if (!hello) continue;
        greetings++;
        CHECK_EQ(hello->features, DESK_FEATURES);
        CHECK_EQ(hello->features_on, 5);
    }
    CHECK_EQ(greetings, DESK_NODES - 1);
    CHECK(desk_greets(on, 3) != 0);
    CHECK_EQ(on->said[0].frame->welcome->features, DESK_FEATURES);
    desk_close(on);
}
