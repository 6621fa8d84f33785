/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing states at a cut, one machine on a desk; whole nodes are in common/node/agree_test.c. */
#include "common/sync/desk_peer.h"
#include "tests/support/test.h"

#define SESSION 9

static const lia_sync_mark two_lanes[] = {{{1, 0x1001}, 7}, {{2, 0x1002}, 3}};

static void says_cut(desk *on, uint16_t from, lia_sync_role role, uint64_t session, uint64_t number,
                     const lia_sync_mark *marks, size_t count, bool refused)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Cut said = BUS__CUT__INIT;
    Bus__Head heads[8], *list[8];
    for (size_t i = 0; i < count; i++) {
        bus__head__init(list[i] = &heads[i]);
        heads[i].has_node = heads[i].has_incarnation = heads[i].has_seq = true;
        heads[i].node = marks[i].origin.node;
        heads[i].incarnation = marks[i].origin.incarnation;
        heads[i].seq = marks[i].seq;
    }
    said.has_number = said.has_refused = true;
    said.number = number;
    said.refused = refused;
    said.heads = list;
    said.n_heads = count;
    frame.cut = &said;
    desk_hear(on, from, role, desk_pack(on, session, &frame));
}

static void says_sums(desk *on, uint16_t from, lia_sync_role role, uint64_t session,
                      uint64_t number, const uint8_t *sums, size_t size)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Sums said = BUS__SUMS__INIT;
    said.has_number = said.has_sums = true;
    said.number = number;
    said.sums = desk_bytes(sums, size);
    frame.sums = &said;
    desk_hear(on, from, role, desk_pack(on, session, &frame));
}

static const desk_said *last_cut(const desk *on)
{
    for (size_t i = on->said_count; i-- > 0;)
        if (on->said[i].frame->cut) return &on->said[i];
    return NULL;
}

static size_t sums_said(const desk *on)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++) count += on->said[i].frame->sums != NULL;
    return count;
}

static uint64_t goal_of(const desk *on, uint16_t node)
{
    for (size_t i = 0; i < on->goal_count; i++)
        if (on->goal[i].origin.node == node) return on->goal[i].seq;
    return 0;
}

static lia_sync_peer_status status_of(const desk *on, uint16_t node)
{
    lia_sync_peer_status peers[DESK_NODES];
    size_t count = lia_sync_peers(on->sync, peers, DESK_NODES);
    for (size_t i = 0; i < count; i++)
        if (peers[i].node == node) return peers[i];
    return (lia_sync_peer_status){0};
}

static desk *meet(uint16_t peer)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    desk_welcome(on, peer, SESSION, NULL);
    desk_tick(on, 100);
    return on;
}

/* The machine asks node 2 and both know what to compare. */
static desk *ask(void)
{
    desk *on = meet(2);
    CHECK(on->cut != 0);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    CHECK(last_cut(on) && last_cut(on)->to == 2 && last_cut(on)->role == LIA_SYNC_CLIENT);
    lia_sync_mark theirs[] = {{{2, 0x1002}, 9}, {{1, 0x1001}, 5}, {{3, 0x1003}, 1}};
    says_cut(on, 2, LIA_SYNC_CLIENT, SESSION, last_cut(on)->frame->cut->number, theirs, 3, false);
    return on;
}

TEST(both_are_to_have_the_higher_number_of_each_lane)
{
    desk *on = ask();
    CHECK_EQ(on->goal_count, 3);
    CHECK_EQ(goal_of(on, 1), 7);
    CHECK_EQ(goal_of(on, 2), 9);
    CHECK_EQ(goal_of(on, 3), 1);
    desk_close(on);
}

TEST(equal_sums_end_a_comparison_and_others_name_their_buckets)
{
    static uint8_t own[LIA_SYNC_SUMS_BYTES], theirs[LIA_SYNC_SUMS_BYTES];
    for (int differ = 0; differ < 2; differ++) {
        desk *on = ask();
        memset(theirs, 0, sizeof theirs);
        if (differ) theirs[16 * 5 + 15] = theirs[16 * 1023] = 1;
        uint64_t number = last_cut(on)->frame->cut->number;
        says_sums(on, 2, LIA_SYNC_CLIENT, SESSION, number, theirs, sizeof theirs);
        CHECK_EQ(status_of(on, 2).comparisons, 0); /* its own are not known yet */
        lia_sync_cut_reached(on->sync, on->cut, own);
        CHECK_EQ(sums_said(on), 1);
        CHECK_EQ(on->cut, 0);
        CHECK_EQ(status_of(on, 2).comparisons, 1);
        CHECK_EQ(status_of(on, 2).differs, differ);
        CHECK_EQ(status_of(on, 2).buckets, 2 * differ);
        CHECK_EQ(on->alarms[LIA_SYNC_DIFFERS], differ);
        CHECK_EQ(on->wrong_count, 2 * differ);
        if (differ) CHECK(on->wrong[0] == 5 && on->wrong[1] == 1023);
        desk_close(on);
    }
}

/* Time passes, and the peer is still heard. */
static void pass(desk *on, int64_t ms)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Heads heads = BUS__HEADS__INIT;
    frame.heads = &heads;
    desk_hear(on, 2, LIA_SYNC_CLIENT, desk_pack(on, SESSION, &frame));
    desk_tick(on, ms);
}

TEST(who_is_refused_or_not_answered_asks_again)
{
    desk *on = meet(2);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    says_cut(on, 2, LIA_SYNC_CLIENT, SESSION, last_cut(on)->frame->cut->number, NULL, 0, true);
    CHECK_EQ(on->cuts_ended, 1);
    pass(on, 100);
    CHECK_EQ(on->cuts_begun, 1); /* not at once */
    pass(on, 1000);
    CHECK_EQ(on->cuts_begun, 2);
    lia_sync_cut_failed(on->sync, on->cut); /* the host could not */
    CHECK_EQ(on->cuts_ended, 2);
    pass(on, 1000);
    CHECK_EQ(on->cuts_begun, 3);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    for (int i = 0; i < 40; i++) pass(on, 500);        /* silence about the cut only */
    CHECK(on->cuts_ended == 3 && on->cuts_begun == 3); /* others' turn */
    for (int i = 0; i < 40; i++) pass(on, 500);
    CHECK(on->cuts_begun >= 4);
    desk_close(on);
}

static bool says_no(const desk_said *said, uint16_t to, lia_sync_role role, uint64_t number)
{
    return said && said->to == to && said->role == role && said->frame->cut->refused &&
           said->frame->cut->number == number;
}

TEST(who_can_not_go_on_says_so_and_nobody_waits_for_it)
{
    desk *on = ask(); /* the asker's host fails when both know the goal */
    uint64_t number = last_cut(on)->frame->cut->number;
    lia_sync_cut_failed(on->sync, on->cut);
    CHECK(says_no(last_cut(on), 2, LIA_SYNC_CLIENT, number));
    desk_close(on);

    on = ask(); /* the other's does */
    says_cut(on, 2, LIA_SYNC_CLIENT, SESSION, last_cut(on)->frame->cut->number, NULL, 0, true);
    CHECK(on->cut == 0 && on->cuts_ended == 1);
    desk_close(on);

    on = desk_open(0);
    desk_tick(on, 0);
    uint64_t two = desk_greets(on, 2), three = desk_greets(on, 3);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 5, two_lanes, 2, false);
    lia_sync_cut_failed(on->sync, on->cut); /* the asked one's */
    CHECK(says_no(last_cut(on), 2, LIA_SYNC_SERVER, 5));
    desk_tick(on, 700);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 6, two_lanes, 2, false);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 5, NULL, 0, true); /* of the one before */
    CHECK(on->cut != 0);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 6, NULL, 0, true); /* the asker's */
    CHECK(on->cut == 0);
    says_cut(on, 3, LIA_SYNC_SERVER, three, 1, two_lanes, 2, false);
    CHECK(on->cut != 0);
    desk_close(on);
}

TEST(an_echo_of_a_wish_is_not_compared_with_what_was_said_to_the_first)
{
    static uint8_t sums[LIA_SYNC_SUMS_BYTES];
    desk *on = desk_open(0);
    desk_tick(on, 0);
    uint64_t two = desk_greets(on, 2);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 5, two_lanes, 2, false);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    lia_sync_cut_reached(on->sync, on->cut, sums);
    says_sums(on, 2, LIA_SYNC_SERVER, two, 5, sums, sizeof sums);
    CHECK_EQ(status_of(on, 2).comparisons, 1);
    desk_tick(on, 3000);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 5, two_lanes, 2, false);
    CHECK_EQ(on->cut, 0);
    says_cut(on, 2, LIA_SYNC_SERVER, two, 6, two_lanes, 2, false);
    CHECK(on->cut != 0);
    desk_close(on);
}

/* It begins comparisons and never ends them. */
TEST(a_hostile_peer_leaves_others_room_for_comparisons)
{
    desk *on = desk_open(0);
    unsigned served = 0;
    desk_tick(on, 0);
    uint64_t two = desk_greets(on, 2), three = desk_greets(on, 3);
    for (uint64_t i = 1; i < 600; i++) {
        uint64_t before = on->cut;
        says_cut(on, 2, LIA_SYNC_SERVER, two, i, two_lanes, 2, false);
        if (on->cut && on->cut != before) lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
        before = on->cut;
        if (i % 7 == 0) says_cut(on, 3, LIA_SYNC_SERVER, three, i, two_lanes, 2, false);
        if (on->cut && on->cut != before) {
            says_cut(on, 3, LIA_SYNC_SERVER, three, i, NULL, 0, true);
            served++;
        }
        desk_tick(on, 100);
    }
    CHECK(served > 20); /* in a minute */
    desk_close(on);
}

/* Node 2 is asked when it is due, and refuses; node 3 was refused meanwhile. */
static desk *refuse_three(uint64_t *three)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, NULL);
    *three = desk_greets(on, 3);
    desk_tick(on, 100);
    CHECK(on->cut != 0);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    uint64_t number = last_cut(on)->frame->cut->number;
    says_cut(on, 3, LIA_SYNC_SERVER, *three, 1, two_lanes, 2, false);
    CHECK(says_no(last_cut(on), 3, LIA_SYNC_SERVER, 1));
    says_cut(on, 2, LIA_SYNC_CLIENT, SESSION, number, NULL, 0, true);
    CHECK_EQ(on->cut, 0);
    return on;
}

TEST(who_was_refused_because_another_was_there_comes_next)
{
    uint64_t three;
    desk *on = refuse_three(&three);
    for (int i = 0; i < 18; i++) pass(on, 100); /* node 2 is due again */
    CHECK_EQ(on->cut, 0);
    says_cut(on, 2, LIA_SYNC_SERVER, desk_greets(on, 2), 1, two_lanes, 2, false);
    CHECK_EQ(on->cut, 0);
    says_cut(on, 3, LIA_SYNC_SERVER, three, 2, two_lanes, 2, false);
    CHECK(on->cut != 0);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    CHECK(last_cut(on)->to == 3 && !last_cut(on)->frame->cut->refused);
    desk_close(on);
}

TEST(who_was_refused_and_does_not_come_again_is_not_waited_for)
{
    uint64_t three;
    desk *on = refuse_three(&three);
    for (int i = 0; i < 22; i++) pass(on, 100);
    CHECK(on->cut != 0); /* node 2's */
    for (uint64_t i = 2; i < 9; i++) {
        lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
        uint64_t number = last_cut(on)->frame->cut->number;
        says_cut(on, 3, LIA_SYNC_SERVER, three, i, two_lanes, 2, false);
        says_cut(on, 2, LIA_SYNC_CLIENT, SESSION, number, NULL, 0, true);
        CHECK_EQ(on->cut, 0);
        for (int k = 0; k < 8; k++) pass(on, 100);
        CHECK(on->cut != 0); /* it got its place once, and not again so soon */
    }
    desk_close(on);
}

TEST(a_comparison_with_a_peer_that_fell_silent_is_over)
{
    desk *on = ask();
    for (int i = 0; i < 25; i++) desk_tick(on, 100);
    CHECK_EQ(on->cut, 0);
    desk_close(on);
}

TEST(who_is_asked_answers_with_the_goal_unless_it_is_busy)
{
    desk *on = desk_open(0);
    static uint8_t sums[LIA_SYNC_SUMS_BYTES];
    desk_tick(on, 0);
    uint64_t two = desk_greets(on, 2), three = desk_greets(on, 3);
    lia_sync_mark theirs[] = {{{2, 0x1002}, 9}};
    says_cut(on, 2, LIA_SYNC_SERVER, two, 77, theirs, 1, false);
    CHECK(on->cut != 0);
    says_cut(on, 3, LIA_SYNC_SERVER, three, 78, theirs, 1, false);
    CHECK(last_cut(on)->to == 3 && last_cut(on)->frame->cut->refused);
    lia_sync_cut_begun(on->sync, on->cut, two_lanes, 2);
    const desk_said *said = last_cut(on);
    CHECK(said->to == 2 && said->role == LIA_SYNC_SERVER && !said->frame->cut->refused);
    CHECK_EQ(said->frame->cut->number, 77);
    CHECK_EQ(said->frame->cut->n_heads, 2);
    CHECK_EQ(goal_of(on, 2), 9);
    CHECK_EQ(goal_of(on, 1), 7);
    lia_sync_cut_reached(on->sync, on->cut, sums);
    says_sums(on, 2, LIA_SYNC_SERVER, two, 76, sums, sizeof sums); /* of an earlier one */
    CHECK_EQ(status_of(on, 2).comparisons, 0);
    says_sums(on, 2, LIA_SYNC_SERVER, two, 77, sums, sizeof sums);
    CHECK_EQ(status_of(on, 2).comparisons, 1);
    CHECK_EQ(on->cut, 0);
    desk_close(on);
}

TEST(nonsense_ends_a_comparison_and_nothing_else)
{
    static uint8_t sums[LIA_SYNC_SUMS_BYTES];
    lia_sync_mark nobody[] = {{{0, 1}, 9}}, nothing[] = {{{2, 1}, 0}};
    desk *on = ask();
    uint64_t number = last_cut(on)->frame->cut->number;
    says_sums(on, 3, LIA_SYNC_CLIENT, SESSION, number, sums, sizeof sums);     /* another peer */
    says_sums(on, 2, LIA_SYNC_CLIENT, SESSION + 1, number, sums, sizeof sums); /* another session */
    CHECK(on->cut != 0);
    says_sums(on, 2, LIA_SYNC_CLIENT, SESSION, number, sums, sizeof sums - 1);
    CHECK_EQ(on->cut, 0);
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
    lia_sync_cut_begun(on->sync, 1, two_lanes, 2); /* the host is late */
    lia_sync_cut_reached(on->sync, 1, sums);
    uint64_t three = desk_greets(on, 3);
    says_cut(on, 3, LIA_SYNC_SERVER, three, 1, nobody, 1, false);
    says_cut(on, 3, LIA_SYNC_SERVER, three, 2, nothing, 1, false);
    CHECK_EQ(on->cut, 0);
    says_cut(on, 3, LIA_SYNC_SERVER, three, 3, two_lanes, 2, false);
    CHECK(on->cut != 0);
    CHECK_EQ(status_of(on, 2).comparisons, 0);
    desk_close(on);
}

/* ---- the state that peers tell beside their heads ------------------------------------------- */

static void says_state(desk *on, const lia_sealed *held, const lia_hash *state,
                       uint32_t materializer)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Heads said = BUS__HEADS__INIT;
    Bus__Head head = desk_head(held), *heads[] = {&head};
    said.heads = heads;
    said.n_heads = 1;
    said.has_state = said.has_materializer = true;
    said.state = desk_bytes(state, sizeof *state);
    said.materializer = materializer;
    frame.heads = &said;
    desk_hear(on, 2, LIA_SYNC_CLIENT, desk_pack(on, SESSION, &frame));
}

TEST(states_are_compared_only_of_the_same_events_and_by_the_same_code)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    lia_sealed b = desk_block_make(on, on->own, &a, 3, 0);
    lia_hash other = {0};
    other.bytes[0] = 1;
    on->has_state = true;
    desk_tick(on, 0);
    desk_hold(on, &a);
    desk_hold(on, &b);
    desk_welcome(on, 2, SESSION, &a);
    says_state(on, &a, &other, 0); /* it is behind */
    says_state(on, &b, &other, 1); /* of another release */
    on->has_state = false;
    says_state(on, &b, &other, 0); /* not known here just now */
    on->has_state = true;
    CHECK_EQ(on->alarms[LIA_SYNC_DIFFERS], 0);
    says_state(on, &b, &on->state, 0);
    CHECK_EQ(on->alarms[LIA_SYNC_DIFFERS], 0);
    says_state(on, &b, &other, 0);
    says_state(on, &b, &other, 0);
    CHECK_EQ(on->alarms[LIA_SYNC_DIFFERS], 1); /* once */
    says_state(on, &b, &on->state, 0);
    says_state(on, &b, &other, 0);
    CHECK_EQ(on->alarms[LIA_SYNC_DIFFERS], 2);
    desk_close(on);
}
