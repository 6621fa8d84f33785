/* SPDX-License-Identifier: Apache-2.0 */
/* Damage in the own log, one machine on a desk; real files are in common/node/damage_test.c. */
#include "common/sync/desk_peer.h"
#include "tests/support/test.h"

#define BLOCKS 4

typedef struct play {
    desk *on;
    lia_sealed theirs[BLOCKS]; /* of node 2, held here */
} play;

static play begin(void)
{
    static lia_sync_ops ops;
    ops = desk_ops;
    ops.mend = desk_mend;
    play p = {.on = desk_open_with(0, &ops)};
    for (size_t i = 0; i < BLOCKS; i++) {
        p.theirs[i] = desk_block_make(p.on, desk_origin(2), i ? &p.theirs[i - 1] : NULL, 3, 0);
        desk_hold(p.on, &p.theirs[i]);
    }
    desk_tick(p.on, 0);
    return p;
}

static void pass_over(play *p)
{
    for (int i = 0; i < 4; i++) desk_tick(p->on, 60000);
    desk_welcome(p->on, 3, ++p->on->asked, &p->theirs[BLOCKS - 1]);
    for (int i = 0; i < 15; i++) desk_tick(p->on, 100);
}

/* Another byte in an event of a block. */
static void spoil(play *p, size_t block)
{
    desk_block *held = &p->on->held[block];
    uint8_t *bytes = (uint8_t *)(uintptr_t)held->events[1].data;
    bytes[held->events[1].size - 1] ^= 1;
}

static const Bus__Mend *last_mend(const desk *on, uint16_t *to)
{
    for (size_t i = on->said_count; i-- > 0;)
        if (on->said[i].frame->mend) {
            *to = on->said[i].to;
            return on->said[i].frame->mend;
        }
    return NULL;
}

static void says_mended(desk *on, uint16_t from, const lia_sealed *block)
{
    /* A batch frame with another number in front: both are Batch. */
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Batch batch;
    desk_fill_batch(on, &batch, block);
    frame.mended = &batch;
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, on->asked, &frame));
}

static lia_sync_inspection seen_by(const play *p)
{
    lia_sync_inspection seen;
    lia_sync_get_inspection(p->on->sync, &seen);
    return seen;
}

TEST(a_whole_log_is_passed_over_in_silence)
{
    play p = begin();
    pass_over(&p);
    CHECK(seen_by(&p).passes >= 1);
    CHECK(seen_by(&p).blocks >= BLOCKS);
    CHECK_EQ(seen_by(&p).damaged, 0);
    CHECK_EQ(p.on->alarms[LIA_SYNC_DAMAGED], 0);
    desk_close(p.on);
}

TEST(a_damaged_block_is_alarmed_once_and_asked_for_until_somebody_has_it_whole)
{
    for (size_t at = 0; at < BLOCKS; at++) {
        play p = begin();
        uint16_t to = 0;
        lia_sealed other =
            desk_block_make(p.on, desk_origin(2), at ? &p.theirs[at - 1] : NULL, 3, 1);
        lia_sealed spoilt = p.theirs[at];
        lia_span events[3];
        for (int i = 0; i < 3; i++)
            events[i] = lia_arena_copy(&p.on->arena, p.theirs[at].events[i]);
        spoilt.events = events;
        ((uint8_t *)(uintptr_t)events[2].data)[events[2].size - 1] ^= 1;
        spoil(&p, at);
        pass_over(&p);
        pass_over(&p);
        CHECK_EQ(p.on->alarms[LIA_SYNC_DAMAGED], 1);
        CHECK_EQ(seen_by(&p).damaged, 1);
        CHECK_EQ(seen_by(&p).first[0].seq, p.theirs[at].first);
        CHECK(last_mend(p.on, &to) && to == 3);
        CHECK_EQ(last_mend(p.on, &to)->seq, p.theirs[at].first);
        says_mended(p.on, 3, &spoilt); /* damaged there, too */
        says_mended(p.on, 3, &other);  /* truly signed, but of another history */
        CHECK_EQ(p.on->mended, 0);
        CHECK_EQ(seen_by(&p).damaged, 1);
        says_mended(p.on, 3, &p.theirs[at]);
        says_mended(p.on, 3, &p.theirs[at]); /* an echo */
        CHECK_EQ(p.on->mended, 1);
        pass_over(&p);
        CHECK_EQ(seen_by(&p).damaged, 0);
        CHECK_EQ(p.on->alarms[LIA_SYNC_DAMAGED], 1);
        desk_close(p.on);
    }
}

static const desk_said *last_problem(const desk *on)
{
    for (size_t i = on->said_count; i-- > 0;)
        if (on->said[i].frame->problem) return &on->said[i];
    return NULL;
}

static size_t batches_said(const desk *on)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++) count += on->said[i].frame->batch != NULL;
    return count;
}

/* The peer knows that the block ends so; what follows says that it does not. */
TEST(a_damaged_row_is_no_proof_of_a_fork)
{
    play p = begin();
    desk_welcome(p.on, 3, ++p.on->asked, &p.theirs[BLOCKS - 1]);
    uint64_t three = desk_greets(p.on, 3);
    uint64_t after = p.theirs[2].first - 1;
    p.on->held[2].sealed.before.bytes[5] ^= 4;
    p.on->said_count = 0;
    desk_fetch(p.on, 3, three, desk_origin(2), after, &p.theirs[1].hash, 1 << 20);
    const desk_said *no = last_problem(p.on);
    CHECK(no && no->to == 3 && no->frame->problem->code == BUS__PROBLEM_CODE__PROBLEM_NOT_HELD);
    CHECK_EQ(no->frame->problem->seq, after);
    CHECK_EQ(p.on->alarms[LIA_SYNC_FORK], 0);
    CHECK_EQ(p.on->alarms[LIA_SYNC_DAMAGED], 1);
    says_mended(p.on, 3, &p.theirs[2]);
    CHECK_EQ(p.on->mended, 1);
    three = desk_greets(p.on, 3);
    p.on->said_count = 0;
    desk_fetch(p.on, 3, three, desk_origin(2), after, &p.theirs[1].hash, 1 << 20);
    CHECK_EQ(batches_said(p.on), BLOCKS - 2);
    three = desk_greets(p.on, 3);
    desk_fetch(p.on, 3, three, desk_origin(2), after, &p.theirs[0].hash, 1 << 20); /* a true fork */
    CHECK_EQ(p.on->alarms[LIA_SYNC_FORK], 1);
    desk_close(p.on);
}

TEST(a_block_that_is_known_to_be_damaged_is_given_to_nobody)
{
    play p = begin();
    spoil(&p, 1);
    pass_over(&p);
    CHECK_EQ(seen_by(&p).damaged, 1);
    uint64_t three = desk_greets(p.on, 3);
    p.on->said_count = 0;
    desk_fetch(p.on, 3, three, desk_origin(2), 0, NULL, 1 << 20);
    CHECK_EQ(batches_said(p.on), 1);
    const desk_said *no = last_problem(p.on);
    CHECK(no && no->frame->problem->code == BUS__PROBLEM_CODE__PROBLEM_NOT_HELD);
    CHECK_EQ(no->frame->problem->seq, p.theirs[1].first - 1);
    desk_close(p.on);
}

static const Bus__Batch *asks_to_mend(desk *on, uint64_t session, uint64_t seq)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Mend mend = BUS__MEND__INIT;
    mend.has_node = mend.has_incarnation = mend.has_seq = true;
    mend.node = desk_origin(2).node;
    mend.incarnation = desk_origin(2).incarnation;
    mend.seq = seq;
    frame.mend = &mend;
    on->said_count = 0;
    desk_hear(on, 3, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
    return on->said_count ? on->said[0].frame->mended : NULL;
}

TEST(what_is_given_to_mend_another_is_whole_and_has_nothing_of_who_was_erased)
{
    static const lia_id customer = {"somebody"};
    play p = begin();
    lia_sealed about = desk_block_about(p.on, desk_origin(2), &p.theirs[BLOCKS - 1], customer);
    desk_hold(p.on, &about);
    uint64_t three = desk_greets(p.on, 3);
    const Bus__Batch *given = asks_to_mend(p.on, three, about.first);
    CHECK(given && given->n_events == about.count);
    CHECK(memmem(given->events[1].data, given->events[1].len, "secret", 6));
    CHECK_OK(lia_sync_erased(p.on->sync, customer));
    given = asks_to_mend(p.on, three, about.first);
    CHECK(given && given->n_events == about.count);
    CHECK(!memmem(given->events[1].data, given->events[1].len, "secret", 6));
    CHECK(asks_to_mend(p.on, three, p.theirs[1].first) != NULL);
    spoil(&p, 1);
    CHECK(!asks_to_mend(p.on, three, p.theirs[1].first)); /* of no use */
    three = desk_greets(p.on, 3); /* it does not know of the erasure */
    CHECK(!asks_to_mend(p.on, three, about.first));
    desk_close(p.on);
}

TEST(a_block_that_was_not_asked_for_is_not_written)
{
    play p = begin();
    pass_over(&p);
    says_mended(p.on, 3, &p.theirs[1]);
    CHECK_EQ(p.on->mended, 0);
    desk_close(p.on);
}
