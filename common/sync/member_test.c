/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sync/desk_peer.h"
#include "tests/support/test.h"

#define SESSION 5

/* ---- lists ----------------------------------------------------------------------------------- */

typedef struct roll {
    lia_sync_member members[DESK_NODES + 1];
    lia_sync_former former[4];
    lia_sync_members list;
} roll;

/* Everybody from 1 to `count`, 5 being new. */
static void roll_make(roll *out, uint64_t epoch, size_t count)
{
    lia_sign_key unused;
    *out = (roll){.list = {.epoch = epoch,
                           .members = out->members,
                           .member_count = count,
                           .former = out->former,
                           .list = LIA_SPAN("a later list")}};
    for (uint16_t i = 0; i < count && i < DESK_NODES; i++)
        out->members[i] = (lia_sync_member){(uint16_t)(i + 1), desk_checks[i + 1]};
    if (count <= DESK_NODES) return;
    out->members[DESK_NODES].node = 5;
    lia_sign_keys(&out->members[DESK_NODES].key, &unused);
}

static void roll_drop(roll *from, uint16_t node)
{
    size_t kept = 0;
    for (size_t i = 0; i < from->list.member_count; i++)
        if (from->members[i].node != node) from->members[kept++] = from->members[i];
    from->list.member_count = kept;
}

/* What `node` signed with the key that the desk has for it counts up to there. */
static void roll_former(roll *in, uint16_t node, uint64_t incarnation, uint64_t last)
{
    in->former[in->list.former_count++] =
        (lia_sync_former){node, desk_checks[node], incarnation, last};
}

/* `node` has another key, which nothing on the desk is signed with. */
static void roll_rekey(roll *in, uint16_t node)
{
    lia_sign_key unused;
    lia_sign_keys(&in->members[node - 1].key, &unused);
}

static void take(desk *on, const roll *what)
{
    CHECK_OK(lia_sync_set_members(on->sync, &what->list));
}

/* ---- what was said --------------------------------------------------------------------------- */

static size_t count_to(const desk *on, uint16_t to, char what)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++) {
        const Bus__Frame *frame = on->said[i].frame;
        if (on->said[i].to != to) continue;
        count += (what == 'h' && frame->hello) || (what == 'f' && frame->fetch) ||
                 (what == 'b' && frame->batch) || (what == 'l' && frame->members) ||
                 (what == 'a' && frame->members_ask) || what == '*';
    }
    return count;
}

static void says_list(desk *on, uint16_t from, lia_sync_role role, uint64_t session,
                      const char *text)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__MembersOffer offer = BUS__MEMBERS_OFFER__INIT;
    offer.has_list = true;
    offer.list = desk_bytes(text, strlen(text));
    frame.members = &offer;
    desk_hear(on, from, role, desk_pack(on, session, &frame));
}

/* Heads of nothing, with what the peer says of its list. */
static void says_epoch(desk *on, uint16_t from, uint64_t epoch, uint64_t mark)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Heads heads = BUS__HEADS__INIT;
    heads.has_epoch = heads.has_epoch_mark = true;
    heads.epoch = epoch;
    heads.epoch_mark = mark;
    frame.heads = &heads;
    desk_hear(on, from, LIA_SYNC_CLIENT, desk_pack(on, SESSION, &frame));
}

/* ---- who is a peer --------------------------------------------------------------------------- */

TEST(a_new_member_is_greeted_and_one_that_left_hears_nothing_more)
{
    roll next;
    desk *on = desk_open(0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, NULL);
    CHECK(desk_greets(on, 2));
    roll_make(&next, 2, 5);
    roll_drop(&next, 2);
    take(on, &next);
    CHECK(count_to(on, 2, 'l') > 0); /* but that */
    on->said_count = 0;
    desk_tick(on, 2500);
    CHECK(count_to(on, 5, 'h') == 1);
    CHECK(count_to(on, 3, 'h') == 1);
    CHECK_EQ(count_to(on, 2, '*'), 0);
    CHECK_EQ(desk_greets(on, 2), 0);
    lia_sync_peer_status peers[8];
    CHECK_EQ(lia_sync_peers(on->sync, peers, 8), 3);
    CHECK(desk_greets(on, 5));
    desk_close(on);
}

TEST(work_with_those_who_stay_goes_on)
{
    roll next;
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(4), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(4), &a, 3, 0);
    desk_hold(on, &a);
    desk_tick(on, 0);
    desk_welcome(on, 4, SESSION, &b); /* the last of the peers: it takes another place */
    CHECK_EQ(count_to(on, 4, 'f'), 1);
    uint64_t asker = desk_greets(on, 4);
    desk_fetch(on, 4, asker, on->own, 0, NULL, 1 << 20);
    roll_make(&next, 2, 4);
    roll_drop(&next, 2);
    take(on, &next);
    on->said_count = 0;
    desk_batch(on, 4, SESSION, &b); /* what was asked for before */
    CHECK_EQ(on->write_count, 1);
    desk_commit(on, &b);
    desk_tick(on, 100);
    CHECK_EQ(count_to(on, 4, 'h'), 0); /* the session lives */
    lia_sync_lane_status lane;
    CHECK(lia_sync_lane(on->sync, desk_origin(4), &lane));
    CHECK_EQ(lane.head, 6);
    CHECK_EQ(lane.server, 4);
    desk_close(on);
}

TEST(a_list_without_the_own_node_or_with_a_number_twice_changes_nothing)
{
    roll next;
    desk *on = desk_open(0);
    roll_make(&next, 2, 4);
    roll_drop(&next, 1);
    CHECK_ERR(lia_sync_set_members(on->sync, &next.list), LIA_EINVAL);
    roll_make(&next, 2, 4);
    next.members[2].node = 2;
    CHECK_ERR(lia_sync_set_members(on->sync, &next.list), LIA_EINVAL);
    lia_sync_peer_status peers[8];
    CHECK_EQ(lia_sync_peers(on->sync, peers, 8), 3);
    desk_close(on);
}

/* ---- whose signature counts -------------------------------------------------------------------
 */

TEST(what_a_removed_member_wrote_counts_up_to_where_it_was_settled)
{
    roll next;
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    lia_sealed b = desk_block_make(on, desk_origin(2), &a, 3, 0);
    roll_make(&next, 2, 4);
    roll_drop(&next, 2);
    roll_former(&next, 2, desk_origin(2).incarnation, 3);
    take(on, &next);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    desk_batch(on, 3, SESSION, &a);
    CHECK_EQ(on->write_count, 1);
    desk_commit(on, &a);
    desk_heads(on, 3, SESSION, &b); /* nobody can hold more than there was */
    lia_sync_lane_status lane;
    CHECK(lia_sync_lane(on->sync, desk_origin(2), &lane));
    CHECK_EQ(lane.target, 3);
    desk_batch(on, 3, SESSION, &b); /* signed by its true key, stolen since */
    CHECK_EQ(on->write_count, 1);
    CHECK_EQ(on->alarms[LIA_SYNC_FORGED], 1);
    desk_close(on);
}

TEST(a_removed_member_has_no_other_lanes_than_were_settled)
{
    roll next;
    desk *on = desk_open(0);
    lia_origin later = {2, 99};
    lia_sealed a = desk_block_make(on, later, NULL, 3, 0);
    roll_make(&next, 2, 4);
    roll_drop(&next, 2);
    roll_former(&next, 2, desk_origin(2).incarnation, 3);
    take(on, &next);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    lia_sync_lane_status lane;
    CHECK(!lia_sync_lane(on->sync, later, &lane));
    desk_close(on);
}

TEST(after_a_change_of_keys_the_former_one_counts_for_all_until_it_is_settled)
{
    roll next;
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    roll_make(&next, 2, 4);
    roll_rekey(&next, 2);
    roll_former(&next, 2, 0, 0);
    take(on, &next);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    desk_batch(on, 3, SESSION, &a);
    CHECK_EQ(on->write_count, 1);
    CHECK_EQ(on->alarms[LIA_SYNC_FORGED], 0);
    desk_close(on);
}

/* ---- later and earlier lists ------------------------------------------------------------------
 */

TEST(a_key_that_only_a_peer_with_a_later_list_can_know_is_no_reason_to_suspect)
{
    roll old, next;
    desk *on = desk_open(0);
    roll_make(&old, 2, 4);
    roll_rekey(&old, 2); /* here node 2 still has another key than it signs with now */
    take(on, &old);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    says_epoch(on, 3, 3, 1);
    desk_batch(on, 3, SESSION, &a);
    CHECK_EQ(on->write_count, 0);
    CHECK_EQ(on->alarms[LIA_SYNC_FORGED], 0);
    roll_make(&next, 3, 4);
    take(on, &next);
    lia_sync_link(on->sync, 3, false, on->now_ms);
    desk_welcome(on, 3, SESSION + 1, &a); /* asked again in a new session */
    desk_batch(on, 3, SESSION + 1, &a);
    CHECK_EQ(on->write_count, 1);
    desk_close(on);
}

TEST(a_block_tells_which_list_its_sender_has)
{
    roll next;
    desk *on = desk_open(0);
    lia_sealed a = desk_block_make(on, on->own, NULL, 3, 0);
    roll_make(&next, 7, 4);
    take(on, &next);
    desk_hold(on, &a);
    uint64_t asker = desk_greets(on, 2);
    on->said_count = 0;
    desk_fetch(on, 2, asker, on->own, 0, NULL, 1 << 20);
    CHECK_EQ(count_to(on, 2, 'b'), 1);
    CHECK_EQ(on->said[0].frame->batch->epoch, 7);
    desk_close(on);
}

TEST(who_has_an_earlier_list_is_given_the_later_one_until_it_has_it)
{
    roll next;
    desk *on = desk_open(0);
    roll_make(&next, 7, 4);
    take(on, &next);
    desk_tick(on, 0);
    on->said_count = 0;
    desk_welcome(on, 2, SESSION, NULL);
    CHECK_EQ(count_to(on, 2, 'l'), 1);
    says_epoch(on, 2, 3, 0);
    CHECK_EQ(count_to(on, 2, 'l'), 2);
    says_epoch(on, 2, 7, 0);
    CHECK_EQ(count_to(on, 2, 'l'), 2);
    CHECK_EQ(count_to(on, 2, 'a'), 0);
    lia_sync_peer_status peers[8];
    CHECK_EQ(lia_sync_peers(on->sync, peers, 8), 3);
    CHECK_EQ(peers[0].epoch, 7);
    desk_close(on);
}

TEST(a_list_that_comes_into_force_is_handed_on_at_once)
{
    roll next;
    desk *on = desk_open(0);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, NULL);
    CHECK(desk_greets(on, 3));
    roll_make(&next, 7, 4);
    on->said_count = 0;
    take(on, &next);
    CHECK_EQ(count_to(on, 2, 'l'), 1);
    CHECK_EQ(count_to(on, 3, 'l'), 1);
    CHECK_EQ(count_to(on, 4, '*'), 0);
    desk_close(on);
}

TEST(a_later_list_is_asked_for_and_given_to_who_asks)
{
    roll next;
    desk *on = desk_open(0);
    roll_make(&next, 7, 4);
    next.list.mark = 5;
    take(on, &next);
    desk_tick(on, 0);
    desk_welcome(on, 2, SESSION, NULL);
    on->said_count = 0;
    says_epoch(on, 2, 8, 1);
    CHECK_EQ(count_to(on, 2, 'a'), 1);
    says_epoch(on, 2, 7, 6); /* signed at the same time: the mark decides */
    CHECK_EQ(count_to(on, 2, 'a'), 2);
    says_epoch(on, 2, 7, 4);
    CHECK_EQ(count_to(on, 2, 'a'), 2);
    CHECK_EQ(count_to(on, 2, 'l'), 1);
    says_list(on, 2, LIA_SYNC_CLIENT, SESSION, "a later list");
    CHECK_EQ(on->list_count, 1);
    says_list(on, 2, LIA_SYNC_CLIENT, SESSION + 1, "a later list"); /* of another session */
    CHECK_EQ(on->list_count, 1);

    uint64_t asker = desk_greets(on, 3);
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__MembersAsk ask = BUS__MEMBERS_ASK__INIT;
    frame.members_ask = &ask;
    on->said_count = 0;
    desk_hear(on, 3, LIA_SYNC_SERVER, desk_pack(on, asker, &frame));
    CHECK_EQ(count_to(on, 3, 'l'), 1);
    CHECK_EQ(on->said[0].frame->members->list.len, strlen("a later list"));
    desk_close(on);
}

TEST(who_calls_something_a_list_that_is_none_is_not_listened_to_any_more)
{
    roll old;
    desk *on = desk_open(0);
    roll_make(&old, 2, 4);
    roll_rekey(&old, 2);
    take(on, &old);
    lia_sealed a = desk_block_make(on, desk_origin(2), NULL, 3, 0);
    desk_tick(on, 0);
    desk_welcome(on, 3, SESSION, &a);
    says_epoch(on, 3, 1000, 0);
    says_list(on, 3, LIA_SYNC_CLIENT, SESSION, "nonsense");
    says_list(on, 3, LIA_SYNC_CLIENT, SESSION, "a later list");
    CHECK_EQ(on->list_count, 1);
    on->said_count = 0;
    says_epoch(on, 3, 1001, 0);
    CHECK_EQ(count_to(on, 3, 'a'), 0);
    desk_batch(on, 3, SESSION, &a); /* and its claim excuses nothing */
    CHECK_EQ(on->alarms[LIA_SYNC_FORGED], 1);
    desk_close(on);
}
