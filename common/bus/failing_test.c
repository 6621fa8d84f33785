/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends while a bus is opened, takes a list, sends and hears. What libzmq takes for itself is
 * its own affair. */
#include "common/bus/bus_raw.h"
#include "tests/support/failing.h"

#define WHAT (LIA_FAIL_HEAP | LIA_FAIL_ARENA)

static lia_err open_and_close(void *context)
{
    bus_rig *rig = context;
    rig_node *node = &rig->nodes[0];
    lia_why why = {{0}};
    lia_bus_options options = rig_options(rig, 0);
    node->closed = false;
    lia_err err = lia_bus_open(&node->bus, &lia_bus_zmq, &options, &why);
    if (err) {
        CHECK(why.text[0] && !node->bus);
        uv_run(&rig->loop, UV_RUN_DEFAULT); /* what was open closes */
        return err;
    }
    rig_close(rig, 0);
    return LIA_OK;
}

TEST(a_bus_without_memory_does_not_open_says_why_and_opens_later)
{
    bus_rig *rig = rig_init(2);
    lia_log_set_level(LIA_ERROR + 1);
    CHECK(lia_failing_each(open_and_close, rig, WHAT) > 5);
    rig_open(rig, 0);
    rig_open(rig, 1);
    RIG_UNTIL(rig, rig_is_linked(rig));
    rig_fini(rig);
}

/* Buses of their own each time: who is taken once is kept. */
TEST(a_list_without_memory_is_refused_and_taken_later)
{
    size_t refused = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n++) {
        r = rig_init(3);
        lia_log_set_level(LIA_ERROR + 1);
        lia_members all = r->members;
        r->members.count = 2;
        rig_open(r, 0);
        r->members.count = 3;
        rig_open(r, 1);
        rig_open(r, 2);
        lia_failing_arm(WHAT, n);
        lia_err err = lia_bus_set_members(NODE(1)->bus, &all);
        fired = lia_failing_disarm();
        CHECK(!err || (fired && err == LIA_EFULL));
        refused += err != LIA_OK;
        if (err) CHECK_OK(lia_bus_set_members(NODE(1)->bus, &all));
        RIG_UNTIL(r, rig_is_linked(r));
        rig_fini(r);
    }
    CHECK(refused > 1);
}

/* The next frame is taken, and all that were taken have arrived, in order and once. */
static void check_carries(rig_node *from, rig_node *to, lia_bus_end end)
{
    rig_flow *out = &from->flows[to->number][end];
    const rig_flow *in = &to->flows[from->number][!end];
    uint64_t before = out->sent;
    rig_tick(r);
    RIG_UNTIL_WITH(r, out->sent > before && in->received == out->sent,
                   (void)(out->sent > before || rig_send(from, to->number, end, 100)));
    uv_timer_stop(&r->tick);
    CHECK(!in->disordered);
}

/* Both doors are made anew when somebody leaves. The old ones, which libzmq closes when it gets to
 * it, may still answer a knock at the new ones: then these are not proven, and it is for the next
 * try. */
TEST(doors_that_find_no_memory_stay_shut_and_open_with_the_next_list)
{
    size_t refused = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n++) {
        raw reader;
        r = rig_init(3);
        lia_log_set_level(LIA_ERROR + 1);
        rig_open(r, 0);
        rig_open(r, 1);
        RIG_UNTIL(r, NODE(1)->ups[2] && NODE(2)->ups[1]);
        lia_members two = r->members;
        two.count = 2;
        lia_failing_arm(WHAT, n);
        lia_err err = lia_bus_set_members(NODE(1)->bus, &two);
        fired = lia_failing_disarm();
        CHECK(!err || err == LIA_EDENIED || (fired && err == LIA_EFULL));
        refused += err == LIA_EFULL;
        rig_tick(r);
        if (err) RIG_UNTIL(r, lia_bus_set_members(NODE(1)->bus, &two) == LIA_OK);
        uint64_t before = heard_from(1, 2);
        RIG_UNTIL_WITH(r, heard_from(1, 2) > before,
                       (void)(rig_send(NODE(2), 1, LIA_BUS_CLIENT, 100)));
        raw_open(&reader, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(2)->keys);
        CHECK(raw_enters(&reader));
        raw_close(&reader);
        rig_fini(r);
    }
    CHECK(refused > 3);
}

/* One end asks and the other answers. A frame is refused, or it arrives, and no other does. */
TEST(frames_without_memory_are_refused_or_arrive)
{
    size_t refused = 0;
    r = rig_open_all(2);
    rig_node *one = NODE(1), *two = NODE(2);
    check_carries(one, two, LIA_BUS_CLIENT); /* the way back is known now */
    for (uint64_t n = 1; n <= 20; n++) {
        lia_failing_arm(WHAT, n);
        for (int i = 0; i < 8; i++) {
            lia_err ask = rig_send(one, 2, LIA_BUS_CLIENT, 2000);
            lia_err answer = rig_send(two, 1, LIA_BUS_SERVER, 2000);
            CHECK(!ask || ask == LIA_EFULL);
            CHECK(!answer || answer == LIA_EFULL);
            refused += (ask != LIA_OK) + (answer != LIA_OK);
            uv_run(&r->loop, UV_RUN_NOWAIT);
        }
        lia_failing_disarm();
        check_carries(one, two, LIA_BUS_CLIENT);
        check_carries(two, one, LIA_BUS_SERVER);
    }
    CHECK(refused >= 16);
    rig_fini(r);
}
