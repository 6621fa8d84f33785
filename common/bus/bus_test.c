/* SPDX-License-Identifier: Apache-2.0 */
/* What a bus promises, whatever carries it. */
#include "common/bus/bus_rig.h"

static bus_rig *r;

#define GOT(node, peer, end) (r->nodes[(node)-1].flows[peer][end].received)
#define NODE(number)         (&r->nodes[(number)-1])

static bool in_order(void)
{
    for (size_t i = 0; i < RIG_NODES; i++)
        for (size_t peer = 0; peer <= RIG_NODES; peer++)
            if (r->nodes[i].flows[peer][0].disordered || r->nodes[i].flows[peer][1].disordered)
                return false;
    return true;
}

/* Both directions of one link and both links between two nodes. */
static void exchange(size_t size, uint64_t total)
{
    r = rig_open_all(2);
    CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, size)); /* the other end learns the way back */
    CHECK_OK(rig_send(NODE(2), 1, LIA_BUS_CLIENT, size));
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_SERVER) == 1 && GOT(1, 2, LIA_BUS_SERVER) == 1);
    RIG_UNTIL_WITH(r,
                   GOT(1, 2, LIA_BUS_CLIENT) == total && GOT(1, 2, LIA_BUS_SERVER) == total &&
                       GOT(2, 1, LIA_BUS_CLIENT) == total && GOT(2, 1, LIA_BUS_SERVER) == total,
                   {
                       rig_send_some(NODE(1), 2, LIA_BUS_CLIENT, size, total);
                       rig_send_some(NODE(1), 2, LIA_BUS_SERVER, size, total);
                       rig_send_some(NODE(2), 1, LIA_BUS_CLIENT, size, total);
                       rig_send_some(NODE(2), 1, LIA_BUS_SERVER, size, total);
                   });
    CHECK(in_order());
    CHECK_EQ(r->nodes[0].downs[2] + r->nodes[1].downs[1], 0);
    rig_fini(r);
}

TEST(a_hundred_thousand_small_frames_arrive_in_order)
{
    exchange(40, 50000);
}

TEST(large_frames_arrive_in_order)
{
    exchange((size_t)96 << 10, 300);
}

TEST(the_largest_frame_fits_and_a_larger_one_is_refused_here)
{
    static uint8_t frame[LIA_FRAME_BYTES_MAX + 1];
    r = rig_open_all(2);
    CHECK_ERR(lia_bus_send(NODE(1)->bus, 2, LIA_BUS_CLIENT, LIA_SPAN_OF(frame)), LIA_EINVAL);
    CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, LIA_FRAME_BYTES_MAX));
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_SERVER) == 1);
    CHECK_EQ(NODE(2)->flows[1][LIA_BUS_SERVER].bytes, LIA_FRAME_BYTES_MAX);
    rig_fini(r);
}

/* Each of four asks each other one question; each gets its own answer. */
TEST(four_nodes_hear_one_another)
{
    r = rig_open_all(4);
    for (uint16_t i = 1; i <= 4; i++) {
        NODE(i)->echo = true;
        for (uint16_t j = 1; j <= 4; j++)
            if (i != j) CHECK_OK(rig_send(NODE(i), j, LIA_BUS_CLIENT, 64));
    }
    for (uint16_t i = 1; i <= 4; i++)
        for (uint16_t j = 1; j <= 4; j++)
            if (i != j) RIG_UNTIL(r, GOT(i, j, LIA_BUS_CLIENT) == 1);
    CHECK(in_order());
    rig_fini(r);
}

/* Frames sent in the same turn as others arrive, and answers to answers, wait for no timer. */
TEST(a_conversation_never_stalls)
{
    r = rig_open_all(2);
    NODE(2)->echo = true;
    for (uint64_t i = 1; i <= 3000; i++) {
        CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
        RIG_UNTIL(r, GOT(1, 2, LIA_BUS_CLIENT) == i);
    }
    rig_fini(r);
}

static void chain(rig_node *node, uint16_t peer, lia_bus_end end, lia_span frame)
{
    (void)end, (void)frame;
    rig_flow *flow = &node->flows[peer][LIA_BUS_CLIENT];
    if (flow->sent < 2000) CHECK_OK(rig_send(node, peer, LIA_BUS_CLIENT, 64));
}

/* Every frame is sent from inside the receipt of another, on a socket other than the one that is
 * being read: the edge on its descriptor is swallowed each time. */
TEST(sending_while_receiving_loses_no_wake_up)
{
    r = rig_open_all(4);
    for (uint16_t i = 1; i <= 4; i++) NODE(i)->on_receive = chain;
    for (uint16_t i = 1; i <= 4; i++)
        for (uint16_t j = 1; j <= 4; j++)
            if (i != j) CHECK_OK(rig_send(NODE(i), j, LIA_BUS_CLIENT, 64));
    for (uint16_t i = 1; i <= 4; i++)
        for (uint16_t j = 1; j <= 4; j++)
            if (i != j) RIG_UNTIL(r, GOT(i, j, LIA_BUS_SERVER) == 2000);
    CHECK(in_order());
    rig_fini(r);
}

/* Frames and connection events that came before the loop ever polled are found. */
TEST(what_came_before_the_loop_ran_is_found)
{
    r = rig_open_all(2);
    for (int i = 0; i < 10; i++) CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
    uv_sleep(20); /* until libzmq's threads have moved them: nothing to wait for is visible */
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_SERVER) == 10);
    rig_fini(r);
}

/* At rest the loop sleeps: no turn without a reason, which here are heartbeats. */
TEST(an_idle_bus_lets_the_loop_sleep)
{
    r = rig_open_all(2);
    uint64_t turns = 0, until = uv_hrtime() + 300 * 1000 * 1000;
    RIG_UNTIL_WITH(r, uv_hrtime() > until, {
        uv_timer_start(&r->limit, rig_out_of_time, 310, 0);
        turns++;
    });
    CHECK(turns < 200);
    rig_fini(r);
}

TEST(a_peer_that_was_never_there_is_absent)
{
    r = rig_init(2);
    rig_open(r, 0);
    CHECK_ERR(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    CHECK_ERR(rig_send(NODE(1), 2, LIA_BUS_SERVER, 64), LIA_EABSENT);
    CHECK_ERR(rig_send(NODE(1), 1, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    CHECK_ERR(rig_send(NODE(1), 4, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    rig_fini(r);
}

static void reset_flows(void)
{
    for (size_t i = 0; i < RIG_NODES; i++) memset(r->nodes[i].flows, 0, sizeof r->nodes[i].flows);
}

/* The one who stayed sees the link go and come back, and is heard again in both directions. */
TEST(a_peer_that_dies_and_comes_back_is_heard_again)
{
    r = rig_open_all(2);
    NODE(1)->echo = NODE(2)->echo = true;
    for (unsigned round = 1; round <= 3; round++) {
        reset_flows();
        CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
        CHECK_OK(rig_send(NODE(2), 1, LIA_BUS_CLIENT, 64));
        RIG_UNTIL(r, GOT(1, 2, LIA_BUS_CLIENT) == 1 && GOT(2, 1, LIA_BUS_CLIENT) == 1);
        rig_close(r, 1);
        RIG_UNTIL(r, NODE(1)->downs[2] == round);
        CHECK_ERR(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64), LIA_EABSENT);
        lia_err err;
        RIG_UNTIL(r, (err = rig_send(NODE(1), 2, LIA_BUS_SERVER, 64)) == LIA_EABSENT);
        rig_open(r, 1);
        RIG_UNTIL(r, NODE(1)->ups[2] == round + 1 && NODE(2)->ups[1] == round + 1);
    }
    rig_fini(r);
}

TEST(a_full_queue_is_refused_and_what_was_taken_arrives)
{
    r = rig_open_all(2);
    lia_err err = LIA_OK;
    while (!err) err = rig_send(NODE(1), 2, LIA_BUS_CLIENT, 4096); /* nobody reads: no loop */
    CHECK_ERR(err, LIA_EFULL);
    uint64_t taken = NODE(1)->flows[2][LIA_BUS_CLIENT].sent;
    CHECK(taken > 1000);
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_SERVER) == taken);
    CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_SERVER) == taken + 1);
    CHECK(in_order());
    rig_fini(r);
}

TEST(a_taken_port_is_named)
{
    lia_why why = {0};
    lia_bus *bus;
    r = rig_init(2);
    rig_open(r, 0);
    strcpy(r->members.list[1].bus, r->members.list[0].bus);
    lia_bus_options options = rig_options(r, 1);
    CHECK_ERR(lia_bus_open(&bus, &lia_bus_zmq, &options, &why), LIA_EBUSY);
    CHECK(bus == NULL);
    CHECK(strstr(why.text, r->members.list[0].bus) != NULL);
    rig_fini(r);
}

/* In a container, behind a translated address: the list says how others get here, not where we are. */
TEST(it_listens_where_it_is_told_when_the_list_leads_here_by_other_ways)
{
    lia_why why = {0};
    lia_bus *bus;
    char *member;
    r = rig_init(2);
    member = r->members.list[0].bus;
    char port[16];
    snprintf(port, sizeof port, "%s", strrchr(member, ':'));
    snprintf(member, sizeof r->members.list[0].bus, "192.0.2.1%s", port);
    *r->members.list[0].pub = 0;
    lia_bus_options options = rig_options(r, 0);
    CHECK_ERR(lia_bus_open(&bus, &lia_bus_zmq, &options, &why), LIA_EINVAL);
    options.listen = "127.0.0.0.1";
    CHECK_ERR(lia_bus_open(&bus, &lia_bus_zmq, &options, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "127.0.0.0.1") != NULL);
    options.listen = "0.0.0.0";
    CHECK_OK(lia_bus_open(&r->nodes[0].bus, &lia_bus_zmq, &options, &why)); /* it knocks at its own door */
    rig_fini(r);
}

TEST(keys_that_are_not_in_the_list_are_refused_at_open)
{
    lia_why why = {0};
    lia_bus *bus;
    r = rig_init(2);
    lia_bus_options options = rig_options(r, 0);
    options.keys = &r->nodes[1].keys;
    CHECK_ERR(lia_bus_open(&bus, &lia_bus_zmq, &options, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "n1") != NULL);
    options.node = 7;
    CHECK_ERR(lia_bus_open(&bus, &lia_bus_zmq, &options, &why), LIA_EINVAL);
    strcpy(r->members.list[1].bus, "localhost:27000");
    options = rig_options(r, 0);
    CHECK_ERR(lia_bus_open(&bus, &lia_bus_zmq, &options, &why), LIA_EINVAL);
    rig_fini(r);
}

/* From then on nothing of it is heard and nothing reaches it, while the others go on. */
TEST(a_removed_member_is_cut_off)
{
    static lia_members fewer;
    r = rig_open_all(3);
    for (uint16_t i = 1; i <= 3; i++) NODE(i)->echo = true;
    CHECK_OK(rig_send(NODE(3), 1, LIA_BUS_CLIENT, 64));
    CHECK_OK(rig_send(NODE(2), 1, LIA_BUS_CLIENT, 64));
    RIG_UNTIL(r, GOT(3, 1, LIA_BUS_CLIENT) == 1 && GOT(2, 1, LIA_BUS_CLIENT) == 1);
    fewer = r->members;
    fewer.count = 2;
    fewer.epoch = 2;
    CHECK_OK(lia_bus_set_members(NODE(1)->bus, &fewer));
    CHECK_ERR(rig_send(NODE(1), 3, LIA_BUS_SERVER, 64), LIA_EABSENT);
    CHECK_ERR(rig_send(NODE(1), 3, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    RIG_UNTIL(r, NODE(3)->downs[1] >= 1 && NODE(2)->ups[1] == 2);
    CHECK_EQ(NODE(3)->ups[1], 1); /* it knocked again and was refused */
    CHECK_ERR(rig_send(NODE(3), 1, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    CHECK_OK(rig_send(NODE(2), 1, LIA_BUS_CLIENT, 64));
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_CLIENT) == 2);
    CHECK_EQ(GOT(1, 3, LIA_BUS_SERVER), 1);
    rig_fini(r);
}

/* Nobody was removed, so nobody is cut off. */
TEST(a_new_member_disturbs_nobody)
{
    static lia_members all;
    r = rig_init(3);
    all = r->members;
    r->members.count = 2;
    rig_open(r, 0);
    rig_open(r, 1);
    RIG_UNTIL(r, NODE(1)->ups[2] == 1 && NODE(2)->ups[1] == 1);
    r->members.count = 3;
    rig_open(r, 2);
    CHECK_OK(lia_bus_set_members(NODE(1)->bus, &all));
    CHECK_OK(lia_bus_set_members(NODE(2)->bus, &all));
    RIG_UNTIL(r, rig_is_linked(r));
    CHECK_EQ(NODE(1)->downs[2] + NODE(2)->downs[1], 0);
    rig_fini(r);
}

/* Node 2 has other keys, of which node 1 has not heard. */
TEST(a_peer_that_knows_only_the_former_key_lets_it_in_by_that)
{
    static lia_members later;
    lia_node_keys fresh;
    lia_why why = {0};
    r = rig_init(2);
    rig_open(r, 0);
    later = r->members;
    lia_node_keys_make(&fresh);
    memcpy(later.list[1].curve_key, fresh.curve_public, LIA_CURVE_KEY_SIZE);
    lia_bus_options options = rig_options(r, 1);
    options.members = &later;
    options.keys = &fresh;
    CHECK_OK(lia_bus_open(&r->nodes[1].bus, &lia_bus_zmq, &options, &why));
    RIG_UNTIL(r, lia_bus_refused(r->nodes[1].bus, 1)); /* says so, and knocks on */
    CHECK_EQ(r->nodes[1].ups[1], 0);
    lia_bus_set_spares(r->nodes[1].bus, &r->nodes[1].keys, 1);
    RIG_UNTIL(r, r->nodes[1].ups[1] > 0);
    CHECK(!lia_bus_refused(r->nodes[1].bus, 1));
    CHECK_OK(rig_send(&r->nodes[1], 1, LIA_BUS_CLIENT, 100));
    RIG_UNTIL(r, r->nodes[0].flows[2][LIA_BUS_SERVER].received == 1);
    CHECK_OK(lia_bus_set_members(r->nodes[0].bus, &later)); /* taught: the former key is out */
    unsigned ups = r->nodes[1].ups[1];
    RIG_UNTIL(r, r->nodes[1].ups[1] > ups && r->nodes[0].ups[2] > 0);
    rig_fini(r);
}

TEST(a_list_without_the_own_node_changes_nothing)
{
    static lia_members without;
    r = rig_open_all(2);
    without = r->members;
    without.list[0] = without.list[1];
    without.count = 1;
    CHECK_ERR(lia_bus_set_members(NODE(1)->bus, &without), LIA_EINVAL);
    CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
    RIG_UNTIL(r, GOT(2, 1, LIA_BUS_SERVER) == 1);
    rig_fini(r);
}

static void close_in_receipt(rig_node *node, uint16_t peer, lia_bus_end end, lia_span frame)
{
    (void)peer, (void)end, (void)frame;
    if (!node->bus) return;
    lia_bus_close(node->bus, rig_closed, &node->closed);
    node->bus = NULL;
}

TEST(a_bus_may_be_closed_from_inside_a_receipt)
{
    r = rig_open_all(2);
    NODE(2)->on_receive = close_in_receipt;
    for (int i = 0; i < 100; i++) CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
    RIG_UNTIL(r, NODE(2)->closed);
    CHECK_EQ(GOT(2, 1, LIA_BUS_SERVER), 1);
    rig_fini(r);
}

TEST(opening_and_closing_leaves_nothing_behind)
{
    for (int i = 0; i < 10; i++) {
        r = rig_init(3);
        rig_open(r, 0);
        rig_open(r, 1);
        rig_fini(r);
    }
}
