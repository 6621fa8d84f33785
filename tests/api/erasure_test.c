/* SPDX-License-Identifier: Apache-2.0 */
/* An erasure over HTTP, from the request to the last byte: what is answered while its pass runs,
 * afterwards, and by a node that does not know yet whom it has to forget. */
#include "common/crm/erasure_rig.h"
#include "tests/api/door.h"

/* Asks, and compares status and what the answer must say (NULL: nothing). */
static void expect(rig *r, const door *d, const char *method, const char *path, unsigned status,
                   const char *says)
{
    lia_reply reply = door_ask(r, d, method, path);
    if (reply.status != status || (says && !strstr(reply.body, says)))
        print_error("%s %s: %u %s\n", method, path, reply.status, reply.body);
    CHECK_EQ(reply.status, status);
    CHECK(!says || strstr(reply.body, says));
    lia_reply_fini(&reply);
}

/* Whether the answer to GET says so now. */
static bool says(rig *r, const door *d, const char *path, const char *what)
{
    lia_reply reply = door_ask(r, d, "GET", path);
    CHECK_EQ(reply.status, 200);
    bool found = strstr(reply.body, what) != NULL;
    lia_reply_fini(&reply);
    return found;
}

typedef struct paths {
    char customer[80], erase[90], erasure[80];
} paths;

static paths paths_of(lia_id customer)
{
    paths out;
    char text[LIA_ID_TEXT_SIZE];
    lia_id_print(customer, text);
    snprintf(out.customer, sizeof out.customer, "/api/v1/customers/%s", text);
    snprintf(out.erase, sizeof out.erase, "/api/v1/customers/%s:erase", text);
    lia_id_print(lia_erasure_id(customer), text);
    snprintf(out.erasure, sizeof out.erasure, "/api/v1/erasures/%s", text);
    return out;
}

/* Two members, of which the second is never there: an erasure that stays incomplete. */
static void make_two(rig *r, door *d)
{
    *r = (rig){0};
    rig_make(r, 2);
    start(r, 1);
    door_open(r, 1, d);
}

/* A reader that does not rest keeps the pass where it is. */
TEST(an_erasure_tells_how_far_it_is_and_whose_receipt_is_missing)
{
    rig r;
    door d;
    make_two(&r, &d);
    lia_id mei = make_customer(&r, 1), ben = make_customer(&r, 1);
    paths at = paths_of(mei), other = paths_of(ben);
    expect(&r, &d, "GET", at.erasure, 404, NULL);
    CHECK(!says(&r, &d, "/api/v1/status", "\"erasing\""));

    lia_rows reading;
    CHECK_OK(lia_node_scan(r.nodes[1], &reading));
    expect(&r, &d, "POST", at.erase, 200, "\"missing\":[\"sales\",\"marketing\"]");
    while (!says(&r, &d, at.erasure, "\"progress\":{\"node\":\"sales\",\"phase\":\"pages\"")) {
    }
    CHECK(says(&r, &d, "/api/v1/status",
               "\"erasing\":{\"customers\":1,\"waiting\":0,\"phase\":\"pages\""));
    CHECK(says(&r, &d, "/metrics", "liaison_erasure_customers 1\n"));
    expect(&r, &d, "POST", other.erase, 200, "\"phase\":\"waiting\"");
    while (!says(&r, &d, "/api/v1/status", "\"erasing\":{\"customers\":1,\"waiting\":1,")) {
    }
    expect(&r, &d, "GET", at.customer, 410, "/problems/erased");
    lia_node_scan_end(&reading);

    while (says(&r, &d, at.erasure, "\"progress\"")) {
    }
    while (says(&r, &d, other.erasure, "\"progress\"")) {
    }
    CHECK(says(&r, &d, at.erasure, "\"receipts\":[{\"node\":\"sales\""));
    CHECK(says(&r, &d, at.erasure, "\"missing\":[\"marketing\"],\"complete\":false"));
    CHECK(!says(&r, &d, "/api/v1/status", "\"erasing\""));
    CHECK(says(&r, &d, "/metrics", "liaison_erasure_passes_total 2\n"));
    expect(&r, &d, "POST", at.erase, 410, "/problems/erased");
    expect(&r, &d, "GET", at.customer, 410, "/problems/erased");
    expect(&r, &d, "POST", "/api/v1/customers/01900000-0000-7000-8000-000000000000:erase", 404,
           "/problems/not-found");
    expect(&r, &d, "POST", "/api/v1/customers/mei:erase", 404, "/problems/");
    expect(&r, &d, "GET", "/api/v1/erasures/mei", 404, "/problems/");
    CHECK_EQ(canaries(&r, 1), 0);
    door_close(&r, &d);
    rig_end(&r);
}

/* Starts the node. True when all was asked before the node had given up waiting for the others. */
static bool ask_too_early(rig *r, const paths *at, const paths *kept)
{
    door d;
    lia_reply replies[4];
    const lia_node_options options = {.loop = &r->loop,
                                      .dir = r->dir,
                                      .service = &departments[1],
                                      .shared = &lia_crm,
                                      .map_bytes = (size_t)1 << 30};
    CHECK_OK(lia_node_open(&r->nodes[1], &options, NULL));
    door_open(r, 1, &d);
    replies[0] = door_ask(r, &d, "GET", at->customer);
    replies[1] = door_ask(r, &d, "GET", at->erasure);
    replies[2] = door_ask(r, &d, "POST", at->erase);
    replies[3] = door_ask(r, &d, "POST", kept->erase);
    bool early = lia_node_readable(r->nodes[1], NULL) == LIA_EBUSY;
    for (size_t i = 0; i < LIA_COUNT(replies); i++) {
        if (early) {
            CHECK_EQ(replies[i].status, 503);
            CHECK(strstr(replies[i].body, "asks the others whom they have erased"));
        }
        lia_reply_fini(&replies[i]);
    }
    door_close(r, &d);
    if (!early) rig_stop(r, 1);
    return early;
}

TEST(a_node_that_has_not_asked_the_others_yet_shows_no_customer_and_erases_none)
{
    rig r;
    door d;
    make_two(&r, &d);
    lia_id mei = make_customer(&r, 1), ben = make_customer(&r, 1);
    paths at = paths_of(mei), kept = paths_of(ben);
    expect(&r, &d, "POST", at.erase, 200, NULL);
    while (says(&r, &d, at.erasure, "\"progress\"")) {
    }
    door_close(&r, &d);
    rig_stop(&r, 1);

    unsigned tries = 0;
    while (!ask_too_early(&r, &at, &kept)) CHECK(++tries < 10);
    door_open(&r, 1, &d);
    RIG_UNTIL(&r, lia_node_readable(r.nodes[1], NULL) == LIA_OK &&
                      lia_node_health(r.nodes[1], NULL) == LIA_OK);
    expect(&r, &d, "GET", at.customer, 410, "/problems/erased");
    expect(&r, &d, "GET", at.erasure, 200, "\"receipts\":[{\"node\":\"sales\"");
    expect(&r, &d, "POST", at.erase, 410, "/problems/erased");
    expect(&r, &d, "GET", kept.customer, 200, "\"name\":\"Mei");
    expect(&r, &d, "POST", kept.erase, 200, "\"complete\":false");
    door_close(&r, &d);
    rig_end(&r);
}
