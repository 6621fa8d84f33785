/* SPDX-License-Identifier: Apache-2.0 */
/* A node whose disk was empty says that it does not know what the others hold, until it does. It
 * takes commands all the while. */
#include "tests/api/door.h"

enum { CUSTOMERS = 300 };

static const lia_service sales = {.name = "sales", .department = LIA_SALES};
static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};

static void expect_ready(rig *r, size_t number, unsigned status, const char *says,
                         const char *says_not)
{
    door d;
    door_open(r, number, &d);
    lia_reply reply = door_ask(r, &d, "GET", "/readyz");
    if (reply.status != status || !strstr(reply.body, says) || strstr(reply.body, says_not))
        print_error("%u %s\n", reply.status, reply.body);
    CHECK_EQ(reply.status, status);
    CHECK(strstr(reply.body, says) && !strstr(reply.body, says_not));
    lia_reply_fini(&reply);
    door_close(r, &d);
}

static bool is_joining(rig *r, size_t number)
{
    bool met;
    return lia_node_joining(r->nodes[number], &met);
}

static size_t customers(rig *r, size_t number)
{
    return crm_count(r, number, LIA_CUSTOMER, NULL);
}

TEST(an_empty_disk_is_not_ready_beside_others_of_its_department_until_it_has_what_they_hold)
{
    rig r = {.all = LIA_SALES};
    rig_make(&r, 2);
    crm_start(&r, 1, &sales, false);
    for (size_t i = 0; i < CUSTOMERS; i++) rig_customer(&r, 1, "Mei");
    rig_stop(&r, 1);

    crm_start(&r, 2, &sales, false);
    expect_ready(&r, 2, 503,
                 "\"not-ready\",\"joining\":true,\"reason\":\"this node's disk was empty",
                 "to come");
    rig_customer(&r, 2, "Ben"); /* alone it takes commands all the same */
    rig_stop(&r, 2);
    crm_start(&r, 2, &sales, false); /* a disk with a past that met nobody is no better */
    RIG_UNTIL(&r, lia_node_readable(r.nodes[2], NULL) == LIA_OK);
    expect_ready(&r, 2, 503, "none of the other members was reached", "to come");

    crm_start(&r, 1, &sales, false);
    RIG_UNTIL(&r, !is_joining(&r, 2));
    CHECK_EQ(customers(&r, 2), CUSTOMERS + 1);
    RIG_UNTIL(&r, !is_joining(&r, 1));
    CHECK_EQ(customers(&r, 1), CUSTOMERS + 1);
    expect_ready(&r, 2, 200, "\"ready\"", "joining");

    /* For good: with what it has it serves alone. */
    rig_customer(&r, 2, "Ada");
    rig_stop(&r, 1);
    rig_stop(&r, 2);
    crm_start(&r, 2, &sales, false);
    RIG_UNTIL(&r, lia_node_readable(r.nodes[2], NULL) == LIA_OK);
    expect_ready(&r, 2, 200, "\"ready\"", "joining");
    rig_end(&r);
}

/* There is nowhere else to go. */
TEST(an_empty_disk_that_is_its_departments_only_one_serves_and_says_what_is_missing)
{
    rig r = {0};
    rig_make(&r, 2);
    crm_start(&r, 1, &sales, false);
    expect_ready(&r, 1, 200, "\"ready\",\"joining\":true,\"reason\":\"this node's disk was empty",
                 "to come");
    crm_start(&r, 2, &marketing, false);
    RIG_UNTIL(&r, !is_joining(&r, 1) && !is_joining(&r, 2));
    expect_ready(&r, 1, 200, "\"ready\"", "joining");
    rig_end(&r);
}

TEST(a_cluster_of_one_has_nobody_to_join)
{
    rig r = {0};
    rig_make(&r, 1);
    crm_start(&r, 1, &sales, false);
    expect_ready(&r, 1, 200, "\"ready\"", "joining");
    rig_end(&r);
}
