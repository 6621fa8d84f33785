/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/node_rig.h"

static const lia_service services[] = {{.name = "sales", .department = LIA_SALES},
                                       {.name = "marketing", .department = LIA_MARKETING},
                                       {.name = "service", .department = LIA_SERVICE}};

static void make(rig *r, size_t count)
{
    *r = (rig){.services = {NULL, &services[0], &services[1], &services[2]}};
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_start(r, i);
}

/* Creates a customer at node 1; answers where its last event is. */
static lia_position write_one(rig *r, lia_id key)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei";
    uint8_t bytes[256];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .key = key,
                           .request = rig_pack(&customer, bytes, sizeof bytes)};
    CHECK_OK(rig_do(r, 1, &command));
    CHECK(command.last.seq >= command.position.seq && command.last.seq > 0);
    return command.last;
}

static void told(lia_hold *hold, void *context)
{
    (void)hold;
    ++*(unsigned *)context;
}

static lia_hold hold_of(lia_position position, size_t wanted, uint64_t wait_ms, unsigned *count)
{
    return (lia_hold){.position = position,
                      .wanted = wanted,
                      .until_ns = lia_time_ticks_ns() + wait_ms * 1000000,
                      .done = told,
                      .context = count};
}

static size_t held(rig *r, lia_position position, size_t wanted, uint64_t wait_ms)
{
    unsigned count = 0;
    lia_hold hold = hold_of(position, wanted, wait_ms, &count);
    lia_node_hold(r->nodes[1], &hold);
    RIG_UNTIL(r, count > 0);
    CHECK_EQ(count, 1);
    return hold.holders;
}

static uint64_t head_at(rig *r, size_t number, lia_position position)
{
    lia_sync_lane_status lanes[16];
    size_t count = lia_node_lanes(r->nodes[number], lanes, 16);
    for (size_t i = 0; i < count; i++)
        if (lanes[i].origin.node == position.node &&
            lanes[i].origin.incarnation == position.incarnation)
            return lanes[i].head;
    return 0;
}

TEST(an_answer_is_held_until_so_many_others_have_it)
{
    rig r;
    make(&r, 3);
    for (int i = 0; i < 20; i++) {
        lia_position last = write_one(&r, LIA_ID_NONE);
        CHECK_EQ(held(&r, last, 2, RIG_MS_MAX), 2);
        CHECK(head_at(&r, 2, last) >= last.seq);
        CHECK(head_at(&r, 3, last) >= last.seq);
    }
    rig_end(&r);
}

TEST(a_held_answer_says_after_its_time_how_many_have_it_and_the_write_stays)
{
    rig r;
    make(&r, 3);
    CHECK_EQ(held(&r, write_one(&r, LIA_ID_NONE), 2, RIG_MS_MAX), 2);
    rig_stop(&r, 3);
    lia_position last = write_one(&r, LIA_ID_NONE);
    CHECK_EQ(held(&r, last, 1, RIG_MS_MAX), 1);
    CHECK_EQ(held(&r, last, 2, 50), 1);
    CHECK_EQ(held(&r, last, 2, 0), 1);
    rig_start(&r, 3);
    CHECK_EQ(held(&r, last, 2, RIG_MS_MAX), 2);
    rig_end(&r);
}

TEST(each_of_many_held_answers_ends_at_its_own_time)
{
    rig r;
    make(&r, 3);
    rig_stop(&r, 2);
    rig_stop(&r, 3);
    lia_position last = write_one(&r, LIA_ID_NONE);
    unsigned early = 0, late = 0, enough = 0;
    lia_hold holds[] = {hold_of(last, 1, 1500, &late), hold_of(last, 1, 20, &early),
                        hold_of(last, 2, 20, &early), hold_of(last, 0, 1500, &enough),
                        hold_of(last, 1, 1500, &late)};
    for (size_t i = 0; i < LIA_COUNT(holds); i++) lia_node_hold(r.nodes[1], &holds[i]);
    CHECK_EQ(enough, 1);
    RIG_UNTIL(&r, early == 2);
    CHECK_EQ(late, 0);
    RIG_UNTIL(&r, late == 2);
    for (size_t i = 0; i < LIA_COUNT(holds); i++) CHECK_EQ(holds[i].holders, 0);
    rig_end(&r);
}

TEST(a_repeated_command_ends_no_earlier_than_the_first_time)
{
    rig r;
    make(&r, 2);
    lia_id key = lia_id_make(1);
    lia_position first = write_one(&r, key);
    rig_stop(&r, 2);
    write_one(&r, LIA_ID_NONE);
    CHECK(write_one(&r, key).seq >= first.seq);
    rig_end(&r);
}

TEST(a_node_that_closes_lets_go_of_what_it_holds)
{
    rig r;
    make(&r, 2);
    rig_stop(&r, 2);
    unsigned count = 0;
    lia_hold hold = hold_of(write_one(&r, LIA_ID_NONE), 1, RIG_MS_MAX, &count), late = hold;
    lia_node_hold(r.nodes[1], &hold);
    CHECK_EQ(count, 0);
    lia_node_release(r.nodes[1]);
    CHECK_EQ(count, 1);
    lia_node_hold(r.nodes[1], &late);
    CHECK_EQ(count, 2);
    CHECK_EQ(late.holders, 0);
    rig_end(&r);
}
