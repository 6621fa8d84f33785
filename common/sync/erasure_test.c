/* SPDX-License-Identifier: Apache-2.0 */
/* Who was erased is known to both ends of a link before a block goes over it. */
#include "common/sync/desk_peer.h"
#include "tests/support/test.h"

static lia_id id_of(uint64_t number)
{
    uint8_t seed[8];
    lia_put_u64(seed, number);
    return lia_id_derive("erasure test", LIA_SPAN_OF(seed));
}

static size_t said_batches(const desk *on)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++) count += on->said[i].frame->batch != NULL;
    return count;
}

static const Bus__ErasureAsk *last_ask(const desk *on, uint16_t to)
{
    for (size_t i = on->said_count; i-- > 0;)
        if (on->said[i].to == to && on->said[i].frame->erasure_ask)
            return on->said[i].frame->erasure_ask;
    return NULL;
}

static bool said_fetch(const desk *on, uint16_t to)
{
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->fetch) return true;
    return false;
}

static void say_page(desk *on, uint16_t from, uint64_t session, lia_span after, const lia_id *ids,
                     size_t count, bool end, bool held)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__ErasurePage page = BUS__ERASURE_PAGE__INIT;
    page.has_after = page.has_customers = page.has_end = page.has_held = true;
    page.after = desk_bytes(after.data, after.size);
    page.customers = desk_bytes(ids, count * sizeof *ids);
    page.end = end;
    page.held = held;
    frame.erasure_page = &page;
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, session, &frame));
}

/* The peer's answer to an ask, as a server gives it that erases at once. False: there is none. */
static bool answer(desk *on, uint16_t from, uint64_t session, const Bus__ErasureAsk *ask,
                   size_t page_max)
{
    lia_id after = lia_id_from(lia_span_make(ask->after.data, ask->after.len));
    bool held = true;
    for (size_t i = 0; i < ask->customers.len / 16; i++) {
        lia_id said = lia_id_from(lia_span_make(ask->customers.data + 16 * i, 16));
        lia_err err = lia_ledger_add(&on->peers_erased, said);
        CHECK(!err || err == LIA_EEXIST);
        held &= err == LIA_EEXIST;
    }
    if (ask->done) return false;
    size_t first = lia_ledger_place(&on->peers_erased, after);
    size_t count = (size_t)on->peers_erased.sum.count - first;
    bool end = count <= page_max;
    say_page(on, from, session, lia_id_span(&after),
             on->peers_erased.ids ? on->peers_erased.ids + first : NULL, end ? count : page_max,
             end, held);
    return true;
}

static void keep_learnt(desk *on)
{
    for (size_t i = 0; i < on->learnt_count; i++)
        CHECK_OK(lia_sync_erased(on->sync, on->learnt[i]));
    on->learnt_count = 0;
}

TEST(nobody_is_served_who_may_not_know_who_was_erased)
{
    desk *on = desk_open(0);
    lia_sealed own = desk_block_make(on, on->own, NULL, 2, 0);
    desk_hold(on, &own);
    CHECK_OK(lia_sync_erased(on->sync, id_of(1)));
    uint64_t session = desk_greets(on, 2);
    CHECK(session && !on->said[0].frame->welcome->erasures_agree);
    on->said_count = 0;
    desk_fetch(on, 2, session, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(said_batches(on), 0);
    desk_tick(on, 100);
    CHECK(on->said[0].frame->problem &&
          on->said[0].frame->problem->code == BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION);

    /* Who has the same set is served at once. */
    CHECK_OK(lia_ledger_add(&on->peers_erased, id_of(1)));
    session = desk_greets(on, 2);
    CHECK(on->said[0].frame->welcome->erasures_agree);
    desk_fetch(on, 2, session, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(said_batches(on), 1);
    desk_close(on);
}

TEST(a_client_that_has_heard_all_is_served)
{
    desk *on = desk_open(0);
    lia_sealed own = desk_block_make(on, on->own, NULL, 2, 0);
    desk_hold(on, &own);
    CHECK_OK(lia_sync_erased(on->sync, id_of(1)));
    uint64_t session = desk_greets(on, 2);
    lia_id theirs = id_of(2);
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__ErasureAsk ask = BUS__ERASURE_ASK__INIT;
    ask.has_customers = ask.has_done = ask.done = true;
    ask.customers = desk_bytes(&theirs, sizeof theirs);
    frame.erasure_ask = &ask;
    /* It says that all is done, and in the same breath somebody new: not yet. */
    desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
    CHECK_EQ(on->learnt_count, 1);
    CHECK(lia_id_equal(on->learnt[0], theirs));
    on->said_count = 0;
    ask.done = false;
    desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
    CHECK_EQ(on->said_count, 1);
    CHECK(!on->said[0].frame->erasure_page->held);
    keep_learnt(on);
    desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
    CHECK(on->said[1].frame->erasure_page->held && on->said[1].frame->erasure_page->end);
    CHECK_EQ(on->said[1].frame->erasure_page->customers.len, 2 * 16);
    ask.customers.len = 0;
    ask.done = true;
    desk_hear(on, 2, LIA_SYNC_SERVER, desk_pack(on, session, &frame));
    desk_fetch(on, 2, session, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(said_batches(on), 1);
    desk_close(on);
}

TEST(nothing_is_fetched_before_what_was_learnt_is_on_the_disk)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    lia_sealed theirs = desk_block_make(on, desk_origin(2), NULL, 1, 0);
    lia_id erased[] = {id_of(1)};
    CHECK_OK(lia_ledger_add(&on->peers_erased, erased[0]));
    on->said_count = 0;
    desk_welcome_erased(on, 2, 5, &theirs, false);
    CHECK(last_ask(on, 2) && !said_fetch(on, 2));
    CHECK(answer(on, 2, 5, last_ask(on, 2), 100));
    CHECK_EQ(on->learnt_count, 1);
    for (int i = 0; i < 20; i++) { /* the disk takes its time */
        desk_tick(on, 100);
        if (last_ask(on, 2)) answer(on, 2, 5, last_ask(on, 2), 100);
    }
    CHECK(!said_fetch(on, 2));
    lia_sync_peer_status peers[DESK_NODES];
    lia_sync_peers(on->sync, peers, DESK_NODES);
    CHECK(peers[0].connected && !peers[0].erasures_agree);
    keep_learnt(on);
    on->said_count = 0;
    desk_tick(on, 100);
    CHECK(answer(on, 2, 5, last_ask(on, 2), 100));
    CHECK(last_ask(on, 2)->done && said_fetch(on, 2));
    lia_sync_peers(on->sync, peers, DESK_NODES);
    CHECK(peers[0].erasures_agree);
    desk_close(on);
}

/* Many on both sides, by pages of any size; one ask of three is lost. */
TEST(both_end_up_with_all_whatever_is_lost_and_however_many_there_are)
{
    static const size_t pages[] = {1, 7, 2048};
    static const size_t counts[] = {40, 900, 7000};
    for (size_t k = 0; k < LIA_COUNT(pages); k++) {
        desk *on = desk_open(0);
        lia_ledger all = {0};
        desk_tick(on, 0);
        for (uint64_t i = 0; i < counts[k]; i++) {
            CHECK_OK(lia_ledger_add(&all, id_of(i)));
            if (i % 3) CHECK_OK(lia_sync_erased(on->sync, id_of(i)));
            if (i % 3 != 1) CHECK_OK(lia_ledger_add(&on->peers_erased, id_of(i)));
        }
        lia_sealed theirs = desk_block_make(on, desk_origin(2), NULL, 1, 0);
        desk_welcome_erased(on, 2, 5, &theirs, false);
        bool done = false;
        const Bus__ErasureAsk *seen = NULL;
        for (unsigned round = 0; !done && round < 20000; round++) {
            const Bus__ErasureAsk *ask = last_ask(on, 2);
            bool lost = k && id_of(round).bytes[0] % 3 == 2 && ask && !ask->done;
            if (ask && ask != seen && !lost) done = !answer(on, 2, 5, ask, pages[k]);
            seen = ask;
            if (last_ask(on, 2) == seen) desk_tick(on, 300);
            keep_learnt(on);
            if (on->said_count > 2000 && last_ask(on, 2) == seen) on->said_count = 0;
            if (on->now_ms % 5000 < 300) desk_heads(on, 2, 5, &theirs);
        }
        CHECK(done);
        CHECK(said_fetch(on, 2));
        CHECK(lia_ledger_same(&on->peers_erased.sum, &all.sum));
        for (uint64_t i = 0; i < counts[k]; i++) CHECK(lia_sync_is_erased(on->sync, id_of(i)));
        lia_ledger_fini(&all);
        desk_close(on);
    }
}

TEST(what_is_sent_of_an_erased_customer_has_no_body_and_the_same_hash)
{
    desk *on = desk_open(0);
    lia_sealed own = desk_block_about(on, on->own, NULL, id_of(1));
    desk_hold(on, &own);
    for (int erased = 0; erased < 2; erased++) {
        if (erased) CHECK_OK(lia_sync_erased(on->sync, id_of(1)));
        if (erased) CHECK_OK(lia_ledger_add(&on->peers_erased, id_of(1)));
        uint64_t session = desk_greets(on, 2);
        on->said_count = 0;
        desk_fetch(on, 2, session, on->own, 0, NULL, 1 << 20);
        CHECK_EQ(said_batches(on), 1);
        const Bus__Batch *batch = on->said[0].frame->batch;
        lia_hash hash = {{0}};
        for (int i = 0; i < 2; i++) {
            lia_event event;
            lia_hash leaf;
            lia_span bytes = lia_span_make(batch->events[i].data, batch->events[i].len);
            CHECK_OK(lia_event_parse(&event, bytes, &on->arena, NULL));
            CHECK_EQ(event.erased, erased && i == 1);
            CHECK_EQ(memmem(bytes.data, bytes.size, "secret", 6) != NULL, !erased && i == 1);
            CHECK_OK(lia_event_leaf(bytes, &leaf));
            hash = lia_chain_next(&hash, &leaf);
        }
        CHECK(lia_hash_equal(&hash, &own.hash));
    }
    desk_close(on);
}

/* The request was lost with its origin; one peer has heard of it from there. */
TEST(a_peer_that_knows_somebody_more_for_seconds_is_asked_again)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    desk_welcome(on, 2, 5, NULL);
    CHECK(!last_ask(on, 2));
    CHECK_OK(lia_ledger_add(&on->peers_erased, id_of(9)));
    for (int i = 0; i < 31; i++) {
        desk_tick(on, 100);
        Bus__Frame frame = BUS__FRAME__INIT;
        Bus__Heads heads = BUS__HEADS__INIT;
        Bus__Hello like = desk_hello(on, 2);
        heads.has_erasures = heads.has_erasures_sum = true;
        heads.erasures = like.erasures;
        heads.erasures_sum = like.erasures_sum;
        frame.heads = &heads;
        if (i < 30) CHECK(!last_ask(on, 2));
        desk_hear(on, 2, LIA_SYNC_CLIENT, desk_pack(on, 5, &frame));
        if (last_ask(on, 2)) break;
    }
    CHECK(last_ask(on, 2));
    CHECK(answer(on, 2, 5, last_ask(on, 2), 100));
    CHECK_EQ(on->learnt_count, 1);
    desk_close(on);
}

TEST(malformed_pages_alarm_and_erase_nobody)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    lia_sealed theirs = desk_block_make(on, desk_origin(2), NULL, 1, 0);
    lia_id ids[3] = {id_of(1), id_of(2), id_of(3)};
    lia_id none = LIA_ID_NONE;
    if (memcmp(ids[0].bytes, ids[1].bytes, 16) < 0) {
        lia_id first = ids[0];
        ids[0] = ids[1];
        ids[1] = first;
    }
    desk_welcome_erased(on, 2, 5, &theirs, false);
    say_page(on, 2, 5, lia_id_span(&none), ids, 2, true, true); /* not in order */
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 1);
    on->now_ms += 2000;
    say_page(on, 2, 5, lia_span_make(none.bytes, 15), ids, 1, true, true);
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 2);
    on->now_ms += 2000;
    say_page(on, 2, 5, lia_id_span(&none), ids, 0, false, true); /* would never end */
    CHECK_EQ(on->alarms[LIA_SYNC_MALFORMED], 3);
    lia_id other = id_of(7);
    say_page(on, 2, 5, lia_id_span(&other), &ids[2], 0, true, true); /* nobody asked for it */
    CHECK_EQ(on->learnt_count, 0);
    CHECK(!said_fetch(on, 2));
    desk_close(on);
}
