/* SPDX-License-Identifier: Apache-2.0 */
/* What a node asks of its peers, and what it takes of their answers. */
#include "common/sync/desk_peer.h"
#include "common/sync/desk_said.h"
#include "tests/support/test.h"

#define SESSION 5

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
