/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sync/desk.h"
#include "tests/support/test.h"

#define SESSION 5

/* ---- looking at what was said -------------------------------------------------------------- */

static void forget(desk *on)
{
    on->said_count = 0;
}

static const Bus__Fetch *fetch_to(const desk *on, uint16_t to)
{
    const Bus__Fetch *last = NULL;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->fetch) last = on->said[i].frame->fetch;
    return last;
}

static const Bus__Ack *ack_to(const desk *on, uint16_t to)
{
    const Bus__Ack *last = NULL;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->ack) last = on->said[i].frame->ack;
    return last;
}

static Bus__ProblemCode problem_to(const desk *on, uint16_t to)
{
    Bus__ProblemCode last = BUS__PROBLEM_CODE__PROBLEM_NONE;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->problem)
            last = on->said[i].frame->problem->code;
    return last;
}

static size_t batches_to(const desk *on, uint16_t to)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == to && on->said[i].frame->batch;
    return count;
}

static size_t hellos_to(const desk *on, uint16_t to)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == to && on->said[i].frame->hello;
    return count;
}

static lia_sync_lane_status lane_of(const desk *on, lia_origin origin)
{
    lia_sync_lane_status lanes[64];
    size_t count = lia_sync_lanes(on->sync, lanes, LIA_COUNT(lanes));
    for (size_t i = 0; i < count && i < LIA_COUNT(lanes); i++)
        if (lia_origin_equal(lanes[i].origin, origin)) return lanes[i];
    return (lia_sync_lane_status){0};
}

/* ---- greeting ------------------------------------------------------------------------------ */

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
        CHECK_EQ(problem_to(on, 2), cases[i].want);
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
    CHECK_EQ(problem_to(on, 2), BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION);
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
    CHECK_EQ(problem_to(on, 2), BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION);
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

/* ---- asking -------------------------------------------------------------------------------- */

TEST(a_lane_is_asked_from_its_origin_and_else_from_whoever_holds_most)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(2), &a, 2, 0);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    CHECK(fetch_to(on, 3));
    desk_welcome(on, 4, SESSION, &b);
    CHECK(!fetch_to(on, 4)); /* one at a time */
    desk_welcome(on, 2, SESSION, &a);
    CHECK(fetch_to(on, 2)); /* home to the origin */
    CHECK_EQ(fetch_to(on, 3)->credit, 0);
    CHECK_EQ(lane_of(on, desk_origin(2)).server, 2);
    CHECK_EQ(lane_of(on, desk_origin(2)).target, 5);
    desk_close(on);
}

/* What a block must be to be written, and what is thought of one that is not. */
TEST(only_the_next_block_that_its_origin_sealed_is_written)
{
    enum spoil {
        NOTHING,
        SIGNATURE,
        EVENT,
        HASH,
        ORDER,
        STRANGER,
        OTHER_SEQ,
        EMPTY,
        FORK,
        GAP,
        DOUBLE
    };
    static const struct {
        enum spoil spoil;
        size_t writes;
        unsigned forged, forks;
    } cases[] = {
        {NOTHING, 2, 0, 0}, {SIGNATURE, 1, 1, 0}, {EVENT, 1, 1, 0},  {HASH, 1, 1, 0},
        {ORDER, 1, 1, 0},   {STRANGER, 1, 1, 0},  {EMPTY, 1, 1, 0},  {OTHER_SEQ, 1, 1, 0},
        {FORK, 1, 0, 1},    {GAP, 1, 0, 0},       {DOUBLE, 1, 0, 0},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        desk *on = desk_open(0);
        lia_origin origin = desk_origin(2);
        lia_sealed first = desk_block_make(on, origin, NULL, 3, 0);
        lia_sealed other = desk_block_make(on, origin, NULL, 3, 1);
        lia_sealed next = desk_block_make(on, origin, &first, 2, 0);
        lia_sealed after = desk_block_make(on, origin, &next, 2, 0);
        lia_span swapped[] = {next.events[1], next.events[0]};
        switch (cases[i].spoil) {
        case NOTHING:
            break;
        case SIGNATURE:
            next.signature.bytes[7] ^= 1;
            break;
        case EVENT:
            ((uint8_t *)next.events[1].data)[next.events[1].size - 1] ^= 1;
            break;
        case HASH:
            next.hash.bytes[0] ^= 1;
            break;
        case ORDER:
            next.events = swapped;
            break;
        case STRANGER:
            next.events = desk_block_make(on, desk_origin(3), &first, 2, 0).events;
            break;
        case OTHER_SEQ:
            next.events = after.events;
            break;
        case EMPTY:
            next.count = 0;
            break;
        case FORK:
            next = desk_block_make(on, origin, &other, 2, 1);
            break;
        case GAP:
            next = after;
            break;
        case DOUBLE:
            next = first;
            break;
        }
        desk_tick(on, 0);
        desk_welcome(on, 2, SESSION, &after);
        desk_batch(on, 2, SESSION, &first);
        desk_batch(on, 2, SESSION, &next);
        CHECK_EQ(on->write_count, cases[i].writes);
        CHECK_EQ(on->alarms[LIA_SYNC_FORGED], cases[i].forged);
        CHECK_EQ(on->alarms[LIA_SYNC_FORK], cases[i].forks);
        if (cases[i].spoil == FORK) CHECK_EQ(lane_of(on, origin).cause, LIA_SYNC_QUARANTINED);
        desk_close(on);
    }
}

TEST(after_a_forged_block_another_peer_is_asked)
{
    desk *on = desk_open(0);
    lia_sealed block = desk_block_make(on, desk_origin(2), NULL, 3, 0), bad = block;
    bad.signature.bytes[0] ^= 1;
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &block);
    desk_welcome(on, 3, SESSION, &block);
    desk_batch(on, 2, SESSION, &bad);
    CHECK(fetch_to(on, 3));
    desk_batch(on, 2, SESSION, &block); /* too late: it was left */
    CHECK_EQ(on->write_count, 0);
    desk_batch(on, 3, SESSION, &block);
    CHECK_EQ(on->write_count, 1);
    desk_close(on);
}

TEST(a_gap_means_lost_frames_so_the_peer_is_greeted_again)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(2), &a, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &b);
    desk_batch(on, 2, SESSION, &b);
    forget(on);
    desk_tick(on, 100);
    CHECK_EQ(hellos_to(on, 2), 1);
    desk_welcome(on, 2, SESSION + 1, &b);
    CHECK_EQ(fetch_to(on, 2)->after, 0);
    desk_batch(on, 2, SESSION, &a); /* of the old session */
    CHECK_EQ(on->write_count, 0);
    desk_close(on);
}

TEST(blocks_follow_one_another_without_waiting_for_the_disk)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(2), &a, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &b);
    desk_batch(on, 2, SESSION, &a);
    desk_batch(on, 2, SESSION, &b);
    CHECK_EQ(on->write_count, 2);
    CHECK_EQ(lane_of(on, desk_origin(2)).head, 0);
    CHECK_EQ(lane_of(on, desk_origin(2)).cause, LIA_SYNC_WRITING);
    CHECK(!ack_to(on, 2));
    desk_commit(on, &b);
    CHECK_EQ(ack_to(on, 2)->durable, 6);
    CHECK_EQ(lane_of(on, desk_origin(2)).cause, LIA_SYNC_CURRENT);
    desk_close(on);
}

TEST(an_acknowledgement_grants_what_became_free)
{
    desk *on = desk_open(10000);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(2), &a, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &b);
    CHECK_EQ(fetch_to(on, 2)->credit, 10000);
    size_t size = desk_batch_frame(on, SESSION, &a).size;
    desk_batch(on, 2, SESSION, &a);
    desk_batch(on, 2, SESSION, &b);
    desk_commit(on, &a);
    CHECK_EQ(ack_to(on, 2)->credit, size);
    desk_close(on);
}

TEST(a_server_that_sends_more_than_it_was_granted_is_left)
{
    desk *on = desk_open(1); /* one block at a time */
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(2), &a, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &b);
    desk_batch(on, 2, SESSION, &a);
    desk_batch(on, 2, SESSION, &b);
    CHECK_EQ(on->write_count, 1);
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
    CHECK_EQ(lane_of(on, desk_origin(2)).server, 0);
    desk_close(on);
}

TEST(a_write_that_failed_is_asked_for_again)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &a);
    desk_batch(on, 2, SESSION, &a);
    lia_sync_write_failed(on->sync, desk_origin(2));
    CHECK_EQ(lane_of(on, desk_origin(2)).cause, LIA_SYNC_REFUSED);
    desk_tick(on, 1000); /* a fetch needs a new session, so that old blocks can't be mistaken */
    desk_tick(on, 100);
    forget(on);
    desk_welcome(on, 2, SESSION + 1, &a);
    CHECK_EQ(fetch_to(on, 2)->after, 0);
    desk_batch(on, 2, SESSION + 1, &a);
    desk_commit(on, &a);
    CHECK_EQ(lane_of(on, desk_origin(2)).cause, LIA_SYNC_CURRENT);
    desk_close(on);
}

TEST(a_fetch_that_stalls_moves_to_another_peer)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, &a);
    desk_welcome(on, 3, SESSION, &a);
    for (int i = 0; i < 35; i++) {
        desk_heads(on, 2, SESSION, &a); /* alive, but does not deliver */
        desk_heads(on, 3, SESSION, &a);
        if (i == 25) CHECK_EQ(lane_of(on, desk_origin(2)).cause, LIA_SYNC_STALLED);
        desk_tick(on, 100);
    }
    CHECK_EQ(lane_of(on, desk_origin(2)).server, 3);
    desk_batch(on, 3, SESSION, &a);
    CHECK_EQ(on->write_count, 1);
    desk_close(on);
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

TEST(another_hash_at_the_same_number_alarms_and_others_are_asked)
{
    desk *on = desk_open(0);
    lia_sealed ours = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed next = desk_block_make(on, desk_origin(2), &ours, 3, 0);
    lia_sealed theirs = desk_block_make(on, desk_origin(2), NULL, 3, 1);
    desk_hold(on, &ours);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &theirs);
    desk_heads(on, 3, SESSION, &theirs);
    CHECK_EQ(on->alarms[LIA_SYNC_FORK], 1);
    CHECK(!fetch_to(on, 3));
    desk_welcome(on, 4, SESSION, &next);
    CHECK(fetch_to(on, 4));
    desk_batch(on, 4, SESSION, &next);
    CHECK_EQ(on->write_count, 1);
    desk_close(on);
}

TEST(the_own_tail_is_fetched_from_a_peer_that_holds_more)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    lia_sealed b = desk_block_make(on, on->own, &a, 3, 0);
    desk_hold(on, &a);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    CHECK(!fetch_to(on, 3)); /* nobody needs to send what is here */
    desk_welcome(on, 4, SESSION, &b);
    CHECK_EQ(fetch_to(on, 4)->after, 3);
    desk_batch(on, 4, SESSION, &b);
    CHECK_EQ(on->write_count, 1);
    desk_commit(on, &b);
    desk_tick(on, 100);
    CHECK_EQ(lane_of(on, on->own).server, 0);
    desk_close(on);
}

TEST(a_liar_can_invent_only_a_few_lanes)
{
    desk *on = desk_open(0);
    lia_sync_lane_status lanes[2];
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, NULL);
    for (uint64_t i = 1; i < 200; i++) {
        lia_sealed invented = desk_block_make(on, (lia_origin){2 + i % 3, i}, NULL, 1, 0);
        desk_heads(on, 2, SESSION, &invented);
    }
    CHECK(lia_sync_lanes(on->sync, lanes, 2) <= 16);
    lia_sealed true_one = desk_block_make(on, desk_origin(3), NULL, 1, 0);
    desk_welcome(on, 3, SESSION, &true_one);
    desk_batch(on, 3, SESSION, &true_one);
    CHECK_EQ(on->write_count, 1);
    desk_close(on);
}

/* ---- serving ------------------------------------------------------------------------------- */

TEST(a_fetch_is_answered_only_from_the_same_history)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    lia_sealed b = desk_block_make(on, on->own, &a, 3, 0);
    lia_hash other = {{1}};
    desk_hold(on, &a);
    desk_hold(on, &b);
    const struct {
        lia_origin origin;
        uint64_t after;
        const lia_hash *hash;
        Bus__ProblemCode problem;
        size_t batches;
    } cases[] = {
        {on->own, 0, NULL, BUS__PROBLEM_CODE__PROBLEM_NONE, 2},
        {on->own, 3, &a.hash, BUS__PROBLEM_CODE__PROBLEM_NONE, 1},
        {on->own, 6, &b.hash, BUS__PROBLEM_CODE__PROBLEM_NONE, 0},
        {on->own, 3, &other, BUS__PROBLEM_CODE__PROBLEM_FORK, 0},
        {on->own, 6, &other, BUS__PROBLEM_CODE__PROBLEM_FORK, 0},
        {on->own, 2, &a.hash, BUS__PROBLEM_CODE__PROBLEM_FORK, 0}, /* not at the end of a block */
        {on->own, 7, &b.hash, BUS__PROBLEM_CODE__PROBLEM_NOT_HELD, 0},
        {on->own, UINT64_MAX, &b.hash, BUS__PROBLEM_CODE__PROBLEM_NOT_HELD, 0},
        {desk_origin(3), 0, NULL, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_LANE, 0},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        uint64_t session = desk_greets(on, 2);
        desk_fetch(on, 2, session, cases[i].origin, cases[i].after, cases[i].hash, 1 << 20);
        CHECK_EQ(problem_to(on, 2), cases[i].problem);
        CHECK_EQ(batches_to(on, 2), cases[i].batches);
    }
    CHECK_EQ(on->alarms[LIA_SYNC_FORK], 1); /* once per peer and lane */
    desk_close(on);
}

TEST(a_parked_request_is_served_at_the_next_commit)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    lia_sealed b = desk_block_make(on, on->own, &a, 3, 0);
    desk_hold(on, &a);
    uint64_t session = desk_greets(on, 2);
    desk_fetch(on, 2, session, on->own, 3, &a.hash, 1 << 20);
    CHECK_EQ(batches_to(on, 2), 0);
    desk_hold(on, &b);
    CHECK_EQ(batches_to(on, 2), 1);
    const Bus__Batch *batch = on->said[on->said_count - 1].frame->batch;
    CHECK_EQ(batch->first, 4);
    CHECK_EQ(batch->n_events, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK_BYTES(lia_span_make(batch->events[i].data, batch->events[i].len), b.events[i]);
    desk_close(on);
}

TEST(serving_stops_when_the_credit_is_used_and_goes_on_with_an_acknowledgement)
{
    desk *on = desk_open(0);
    lia_sealed blocks[6];
    for (size_t i = 0; i < LIA_COUNT(blocks); i++) {
        blocks[i] = desk_block_make(on, on->own, i ? &blocks[i - 1] : NULL, 2, 0);
        desk_hold(on, &blocks[i]);
    }
    size_t size = desk_batch_frame(on, 1, &blocks[0]).size;
    uint64_t session = desk_greets(on, 2);
    desk_fetch(on, 2, session, on->own, 0, NULL, size + 1); /* one block may overdraw it */
    CHECK_EQ(batches_to(on, 2), 2);
    desk_tick(on, 100);
    CHECK_EQ(batches_to(on, 2), 2);
    desk_ack(on, 2, session, on->own, 2, 2 * size);
    CHECK_EQ(on->acked, 2);
    CHECK_EQ(batches_to(on, 2), 4);
    desk_ack(on, 2, session, on->own, 2, 100 * size); /* an echo grants nothing */
    CHECK_EQ(batches_to(on, 2), 4);
    desk_fetch(on, 2, session, on->own, 0, NULL, 100 * size);
    CHECK_EQ(batches_to(on, 2), 4);
    desk_fetch(on, 2, session, on->own, 8, NULL, 0); /* it left */
    desk_ack(on, 2, session, on->own, 8, 100 * size);
    CHECK_EQ(batches_to(on, 2), 4);
    desk_close(on);
}

TEST(one_call_does_bounded_work)
{
    desk *on = desk_open(0);
    lia_sealed last = {0};
    for (size_t i = 0; i < 100; i++) {
        last = desk_block_make(on, on->own, i ? &last : NULL, 1, 0);
        desk_hold(on, &last);
    }
    uint64_t session = desk_greets(on, 2);
    desk_fetch(on, 2, session, on->own, 0, NULL, 1 << 30);
    size_t at_once = batches_to(on, 2);
    CHECK(at_once > 10 && at_once < 100);
    for (int i = 0; i < 5; i++) desk_tick(on, 10);
    CHECK_EQ(batches_to(on, 2), 100);
    desk_close(on);
}

TEST(a_peer_that_does_not_read_is_served_when_there_is_room_again)
{
    desk *on = desk_open(0);
    lia_sealed last = {0};
    for (size_t i = 0; i < 10; i++) {
        last = desk_block_make(on, on->own, i ? &last : NULL, 1, 0);
        desk_hold(on, &last);
    }
    uint64_t session = desk_greets(on, 2);
    on->full = true;
    desk_fetch(on, 2, session, on->own, 0, NULL, UINT64_MAX);
    for (int i = 0; i < 5; i++) desk_tick(on, 100);
    CHECK_EQ(batches_to(on, 2), 0);
    on->full = false;
    desk_tick(on, 100);
    CHECK_EQ(batches_to(on, 2), 10); /* in the same session, without a new request */
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
    CHECK_EQ(problem_to(on, 2), BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION); /* it is told */
    CHECK_EQ(batches_to(on, 2), 0);
    desk_close(on);
}

TEST(heads_go_out_each_second_and_after_commits_to_those_who_do_not_fetch_here)
{
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    lia_sealed b = desk_block_make(on, on->own, &a, 3, 0);
    desk_tick(on, 0);
    desk_hold(on, &a);
    uint64_t fetching = desk_greets(on, 2);
    desk_greets(on, 3);
    desk_fetch(on, 2, fetching, on->own, 3, &a.hash, 1 << 20);
    desk_tick(on, 100);
    forget(on);
    desk_hold(on, &b);
    desk_tick(on, 100);
    size_t to[DESK_NODES + 1] = {0};
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].frame->heads) to[on->said[i].to] += on->said[i].frame->heads->n_heads;
    CHECK_EQ(to[2], 0);
    CHECK_EQ(to[3], 1);
    forget(on);
    desk_tick(on, 1000);
    memset(to, 0, sizeof to);
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].frame->heads) to[on->said[i].to] += on->said[i].frame->heads->n_heads;
    CHECK_EQ(to[2], 1);
    CHECK_EQ(to[3], 1);
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

/* ---- the seal ------------------------------------------------------------------------------ */

TEST(the_signed_bytes_name_cluster_origin_number_and_hash)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    lia_id cluster = {{0xc1, 0xc2}};
    lia_hash hash = {{0xaa}};
    lia_origin origin = {0x0102, UINT64_C(0x030405060708090a)};
    CHECK_EQ(lia_seal_message(message, cluster, origin, 0x0b0c, &hash), sizeof message);
    CHECK_BYTES(lia_span_make(message, 44),
                LIA_SPAN("lia-seal\xc1\xc2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02"
                         "\x03\x04\x05\x06\x07\x08\x09\x0a\0\0\0\0\0\0\x0b\x0c\xaa\0"));
}

/* ---- agreement ------------------------------------------------------------------------------ */

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
