/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks that are minutes apart. */
#include "common/node/node_rig.h"
#include "common/node/skew.h"

TEST(the_clock_that_most_disagree_with_is_the_wrong_one)
{
    enum { NEAR = 59000, FAR = 61000 };
    static const struct {
        int64_t apart[4]; /* INT64_MAX: not heard */
        bool far;
    } cases[] = {
        {{INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}, false},
        {{0, INT64_MAX, INT64_MAX, INT64_MAX}, false},
        {{FAR, INT64_MAX, INT64_MAX, INT64_MAX}, false}, /* of two it is the one that is ahead */
        {{-FAR, INT64_MAX, INT64_MAX, INT64_MAX}, true},
        {{-NEAR, INT64_MAX, INT64_MAX, INT64_MAX}, false},
        {{FAR, 0, INT64_MAX, INT64_MAX}, false},
        {{FAR, FAR, INT64_MAX, INT64_MAX}, true},
        {{-FAR, -FAR, 0, INT64_MAX}, true},
        {{-FAR, -FAR, 0, 10}, false},
        {{-FAR, FAR, -FAR, 10}, true},
        {{NEAR, NEAR, NEAR, NEAR}, false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_sync_peer_status peers[4] = {{0}};
        int64_t apart;
        for (size_t k = 0; k < 4; k++) {
            peers[k].connected = peers[k].has_clock = cases[i].apart[k] != INT64_MAX;
            peers[k].clock_ms = cases[i].apart[k];
        }
        CHECK_EQ(lia_skew_is_far(peers, 4, &apart), cases[i].far);
        if (cases[i].far) CHECK(llabs(apart) == FAR);
    }
}

static const lia_service services[] = {{.name = "sales", .department = LIA_SALES},
                                       {.name = "marketing", .department = LIA_MARKETING},
                                       {.name = "service", .department = LIA_SERVICE}};

static bool knows_clock(rig *r, size_t node, int64_t apart_ms)
{
    lia_sync_peer_status peers[4];
    size_t count = lia_node_peers(r->nodes[node], peers, 4), near = 0;
    for (size_t i = 0; i < count && i < 4; i++)
        near += peers[i].has_clock && llabs(peers[i].clock_ms - apart_ms) < 30000;
    return near == count;
}

/* The others go on, and are not held up by one wrong clock; set right, the node goes on, too. */
TEST(a_node_whose_clock_is_far_from_the_others_writes_nothing_until_it_is_set)
{
    rig r = {.services = {NULL, &services[0], &services[1], &services[2]}};
    lia_why why = {0};
    int64_t offset_ms = 0;
    r.wall_offset_ms[3] = &offset_ms;
    rig_make(&r, 3);
    for (size_t i = 1; i <= 3; i++) rig_start(&r, i);
    rig_customer(&r, 3, "Before");
    offset_ms = 10 * 60000;
    RIG_UNTIL(&r, lia_node_health(r.nodes[3], &why) == LIA_EBUSY);
    CHECK(strstr(why.text, "clock") != NULL && strstr(why.text, "ahead") != NULL);
    lia_command command = {.type = LIA_COMMAND_CREATE, .kind = lia_kind_find(LIA_CUSTOMER)};
    CHECK_ERR(lia_node_submit(r.nodes[3], &command), LIA_EBUSY);
    rig_customer(&r, 1, "Meanwhile");
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3)); /* it hears on */
    CHECK_OK(lia_node_health(r.nodes[1], &why));
    CHECK_OK(lia_node_health(r.nodes[2], &why));
    offset_ms = 0;
    RIG_UNTIL(&r, lia_node_health(r.nodes[3], &why) == LIA_OK);
    rig_customer(&r, 3, "After");
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3));
    rig_end(&r);
}

TEST(below_a_minute_it_only_warns)
{
    rig r = {.services = {NULL, &services[0], &services[1], &services[2]}};
    int64_t offset_ms = 20000;
    r.wall_offset_ms[3] = &offset_ms;
    rig_make(&r, 3);
    for (size_t i = 1; i <= 3; i++) rig_start(&r, i);
    RIG_UNTIL(&r, knows_clock(&r, 3, -20000));
    CHECK_OK(lia_node_health(r.nodes[3], NULL));
    rig_customer(&r, 3, "Early bird");
    rig_end(&r);
}

/* The question is asked before the first command: nothing is stamped with the wrong time. */
TEST(a_node_that_starts_with_a_wrong_clock_takes_no_command)
{
    rig r = {.services = {NULL, &services[0], &services[1], &services[2]}};
    lia_why why = {0};
    int64_t offset_ms = 0;
    r.wall_offset_ms[3] = &offset_ms;
    rig_make(&r, 3);
    for (size_t i = 1; i <= 3; i++) rig_start(&r, i);
    rig_customer(&r, 3, "Before");
    rig_stop(&r, 3);
    offset_ms = -3600000;
    rig_open(&r, 3);
    do {
        CHECK_ERR(lia_node_health(r.nodes[3], &why), LIA_EBUSY);
        uv_run(&r.loop, UV_RUN_ONCE);
    } while (!strstr(why.text, "behind"));
    rig_end(&r);
}
