/* SPDX-License-Identifier: Apache-2.0 */
/* Who sees who looks at a record: nobody who may not see the record, not those whom they may not
 * see, not the fields that are hidden from them. Mei and Bo are of the north, which owns the deal;
 * Abel of the south sees deals of the south only; Cleo sees all deals, no amounts and no people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/api/talk.h"
#include "tests/support/test.h"

static lia_process node;
static char admin[LIA_TOKEN_SIZE], mei[LIA_TOKEN_SIZE], bo[LIA_TOKEN_SIZE], abel[LIA_TOKEN_SIZE],
    cleo[LIA_TOKEN_SIZE];
static char mei_id[40], bo_id[40], abel_id[40], cleo_id[40];
static char path[128]; /* of the presence at Mei's deal */

static void start(void)
{
    char north[40], south[40], seller[40], reader[40], customer[40], deal[40];
    if (node.pid) return;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    lia_found(&node, admin);
    lia_make(&node, north, "/api/v1/teams", admin, "{\"name\":\"North\"}");
    lia_make(&node, south, "/api/v1/teams", admin, "{\"name\":\"South\"}");
    lia_make(
        &node, seller, "/api/v1/roles", admin,
        "{\"name\":\"Seller\",\"grants\":[{\"kind\":\"*\",\"read\":\"team\",\"create\":\"all\","
        "\"change\":\"team\"},{\"kind\":\"user\",\"read\":\"all\"}]}");
    lia_make(&node, reader, "/api/v1/roles", admin,
             "{\"name\":\"Reader\",\"grants\":[{\"kind\":\"deal\",\"read\":\"all\"}],\"hidden\":"
             "[\"deal.amount\"]}");
    lia_hire(&node, admin, "mei", north, seller, mei_id, mei);
    lia_hire(&node, admin, "bo", north, seller, bo_id, bo);
    lia_hire(&node, admin, "abel", south, seller, abel_id, abel);
    lia_hire(&node, admin, "cleo", south, reader, cleo_id, cleo);
    lia_make(&node, customer, "/api/v1/customers?check=false", mei,
             "{\"name\":\"Hers\",\"owner\":\"%s\"}", mei_id);
    lia_make(&node, deal, "/api/v1/deals", mei,
             "{\"name\":\"Loom\",\"customer\":\"%s\",\"owner\":\"%s\"}", customer, mei_id);
    snprintf(path, sizeof path, "/api/v1/deals/%s/presence", deal);
}

static lia_reply put(const char *token, const char *body)
{
    lia_reply reply = lia_say(&node, "PUT", path, token, body);
    if (reply.status != 200) print_error("%s\n", reply.body);
    CHECK_EQ(reply.status, 200);
    return reply;
}

static void look(const char *token, const char *body)
{
    lia_reply reply = put(token, body);
    lia_reply_fini(&reply);
}

static bool says(const char *token, const char *text)
{
    lia_reply reply = lia_say(&node, "GET", path, token, "");
    bool found = reply.status == 200 && strstr(reply.body, text);
    lia_reply_fini(&reply);
    return found;
}

TEST(who_looks_is_seen_by_those_who_may_see_the_record_and_them)
{
    start();
    look(mei, "{\"field\":\"amount\"}");
    look(bo, "");
    CHECK(says(bo, mei_id) && says(bo, "\"name\":\"mei\"") && says(bo, "\"editing\":\"amount\""));
    CHECK(says(mei, bo_id));

    /* Without the right to see people one sees oneself; a hidden field is edited by nobody. */
    look(cleo, "");
    CHECK(says(cleo, cleo_id));
    CHECK(!says(cleo, mei_id) && !says(cleo, "amount"));
    CHECK_EQ(lia_status_of(&node, "PUT", path, cleo, "{\"field\":\"amount\"}"), 400);
    CHECK_EQ(lia_status_of(&node, "DELETE", path, cleo, ""), 204);
    CHECK(!says(mei, cleo_id));

    /* Without the right to see the record there is none. */
    static const char *const methods[] = {"GET", "PUT", "DELETE"};
    for (size_t i = 0; i < 3; i++) {
        char absent[128];
        snprintf(absent, sizeof absent, "/api/v1/deals/%s/presence", mei_id);
        lia_reply hidden = lia_say(&node, methods[i], path, abel, "");
        lia_reply none = lia_say(&node, methods[i], absent, abel, "");
        CHECK_EQ(hidden.status, 404);
        CHECK_EQ(none.status, 404);
        CHECK(strcmp(hidden.body, none.body) == 0 || strlen(hidden.body) == strlen(none.body));
        lia_reply_fini(&hidden);
        lia_reply_fini(&none);
        CHECK_EQ(lia_status_of(&node, methods[i], path, NULL, ""), 401);
    }
    CHECK(!says(mei, abel_id));
}

TEST(what_is_said_of_oneself_must_make_sense)
{
    start();
    static const char *const wrong[] = {"{\"field\":\"nonsense\"}", "{\"seconds\":4}",
                                        "{\"seconds\":61}",         "{\"seconds\":-1}",
                                        "{\"who\":\"me\"}",         "[]",
                                        "{\"hidden\":\"yes\"}",     "{"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQ(lia_status_of(&node, "PUT", path, mei, wrong[i]), 400);
    CHECK_EQ(lia_status_of(&node, "POST", path, mei, "{}"), 405);
}

static char heard[1 << 16];

/* Reads a stream until it says `text`, or (NULL) to its end; false when it ends before. */
static bool hears(int fd, const char *text)
{
    size_t size = 0;
    while (size < sizeof heard - 1) {
        ssize_t more = read(fd, heard + size, sizeof heard - 1 - size);
        if (more <= 0) return more == 0 && !text;
        size += (size_t)more;
        heard[size] = '\0';
        if (text && strstr(heard, text)) return true;
    }
    return false;
}

static int follow(const char *token, const char *query)
{
    char request[512];
    int size =
        snprintf(request, sizeof request,
                 "GET /api/v1/events?%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                 "%s\r\n\r\n",
                 query, token);
    int fd = lia_ask(node.port, request, (size_t)size);
    CHECK(fd >= 0 && hears(fd, "retry:"));
    return fd;
}

/* Whoever does not look, or may not, is told nothing: their stream ends with an event that comes
 * after all that could have been told. */
TEST(a_stream_tells_of_the_records_that_its_person_looks_at_and_no_others)
{
    start();
    CHECK_EQ(lia_status_of(&node, "DELETE", path, bo, ""), 204);
    look(mei, "{\"field\":\"name\"}");
    int of_mei = follow(mei, "presence=true&kind=customers");
    int of_bo = follow(bo, "presence=true&kind=customers&limit=1");
    int of_abel = follow(abel, "presence=true&kind=customers&limit=1");
    int without = follow(mei, "kind=customers&limit=1");
    look(bo, "{\"hidden\":true}"); /* no news */
    look(bo, "{\"field\":\"name\"}");
    CHECK(hears(of_mei, bo_id));
    char id[40];
    lia_make(&node, id, "/api/v1/customers?check=false", mei, "{\"name\":\"A\",\"owner\":\"%s\"}",
             mei_id);
    lia_make(&node, id, "/api/v1/customers?check=false", abel, "{\"name\":\"B\",\"owner\":\"%s\"}",
             abel_id);
    CHECK(hears(of_bo, NULL)); /* who looks is told of their own coming, too */
    CHECK(strstr(heard, "event: stream.presence\ndata: {") && strstr(heard, mei_id));
    CHECK(hears(of_abel, NULL) && !strstr(heard, "presence"));
    CHECK(hears(without, NULL) && !strstr(heard, "presence"));
    close(of_mei), close(of_bo), close(of_abel), close(without);
}

TEST(the_end)
{
    CHECK(lia_process_stop(&node));
}
