/* SPDX-License-Identifier: Apache-2.0 */
/* What a node gives to its peers. */
#include "common/sync/desk_peer.h"
#include "common/sync/desk_said.h"
#include "tests/support/test.h"

#define SESSION 5

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
        CHECK_EQ(problem_code_to(on, 2), cases[i].problem);
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
