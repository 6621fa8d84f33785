/* SPDX-License-Identifier: Apache-2.0 */
/* People who work on the same records: Mei and Bo of the north see what their team owns, Abel of
 * the south does not. Who writes to whom, who is told, and who must not even learn that something
 * was said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/api/talk.h"
#include "tests/support/test.h"

static lia_process node;
static char admin[LIA_TOKEN_SIZE], mei[LIA_TOKEN_SIZE], bo[LIA_TOKEN_SIZE], abel[LIA_TOKEN_SIZE];
static char mei_id[40], bo_id[40], abel_id[40];
static char hers[40]; /* Mei's customer */

static void start(void)
{
    char north[40], south[40], role[40];
    if (node.pid) return;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    lia_found(&node, admin);
    lia_make(&node, north, "/api/v1/teams", admin, "{\"name\":\"North\"}");
    lia_make(&node, south, "/api/v1/teams", admin, "{\"name\":\"South\"}");
    lia_make(
        &node, role, "/api/v1/roles", admin,
        "{\"name\":\"Seller\",\"grants\":[{\"kind\":\"*\",\"read\":\"team\",\"create\":\"all\","
        "\"change\":\"team\",\"archive\":\"own\"},{\"kind\":\"user\",\"read\":\"all\"}]}");
    lia_hire(&node, admin, "mei", north, role, mei_id, mei);
    lia_hire(&node, admin, "bo", north, role, bo_id, bo);
    lia_hire(&node, admin, "abel", south, role, abel_id, abel);
    lia_make(&node, hers, "/api/v1/customers?check=false", mei,
             "{\"name\":\"Hers\",\"owner\":\"%s\"}", mei_id);
}

/* How many notices of a reason somebody has; -1 when the list is refused. The reaction is part of a
 * commit that follows the command's, so a wanted number is waited for. */
static int notices(const char *token, const char *reason, char id[40])
{
    char path[128];
    int count = 0;
    snprintf(path, sizeof path, "/api/v1/notices?filter=reason%%20%%3D%%20%s", reason);
    lia_reply reply = lia_say(&node, "GET", path, token, "");
    if (reply.status != 200) return -1;
    for (const char *at = reply.body; (at = strstr(at, "\"reason\":")); at++) count++;
    if (count && id) lia_cut(&reply, "id", id, 40);
    lia_reply_fini(&reply);
    return count;
}

static bool has_notices(const char *token, const char *reason, int wanted, char id[40])
{
    time_t end = time(NULL) + 60;
    while (time(NULL) < end)
        if (notices(token, reason, id) == wanted) return true;
    return false;
}

static bool says(const char *path, const char *token, const char *text)
{
    lia_reply reply = lia_say(&node, "GET", path, token, "");
    bool found = reply.status == 200 && strstr(reply.body, text);
    lia_reply_fini(&reply);
    return found;
}

TEST(a_mention_tells_those_who_may_read_the_record_and_nobody_else)
{
    char id[40], path[128];
    start();
    lia_reply reply =
        lia_say_text(&node, "POST", "/api/v1/comments", bo,
                     "{\"of\":\"customers\",\"record\":\"%s\",\"text\":\"A word about them\","
                     "\"mentions\":[\"%s\",\"%s\",\"%s\"]}",
                     hers, mei_id, abel_id, bo_id);
    if (reply.status != 201) print_error("%s\n", reply.body);
    CHECK_EQ(reply.status, 201);
    CHECK(strstr(reply.body, bo_id) != NULL); /* the author, whoever says otherwise */
    lia_cut(&reply, "id", id, sizeof id);
    lia_reply_fini(&reply);
    CHECK(has_notices(mei, "mention", 1, NULL));
    CHECK_EQ(notices(mei, "comment", NULL), 0); /* the owner was told already */
    CHECK_EQ(notices(bo, "mention", NULL), 0);  /* nobody is told what they did themselves */
    CHECK_EQ(notices(abel, "mention", NULL), 0);
    /* Nor is it in his lists, nor by its id. */
    CHECK(says("/api/v1/comments", mei, "A word about them"));
    CHECK(!says("/api/v1/comments", abel, "A word about them"));
    snprintf(path, sizeof path, "/api/v1/comments/%s", id);
    CHECK_EQ(lia_status_of(&node, "GET", path, mei, ""), 200);
    CHECK_EQ(lia_status_of(&node, "GET", path, abel, ""), 404);
    /* Only who wrote it changes it. */
    CHECK_EQ(lia_status_of(&node, "PATCH", path, mei, "{\"text\":\"Not my word\"}"), 403);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, bo, "{\"text\":\"Another word\"}"), 200);
    CHECK(says("/api/v1/comments", mei, "\"edited_at\":"));
}

TEST(nobody_comments_what_they_cannot_read)
{
    start();
    lia_reply reply =
        lia_say_text(&node, "POST", "/api/v1/comments", abel,
                     "{\"of\":\"customers\",\"record\":\"%s\",\"text\":\"Who is it?\"}", hers);
    CHECK(reply.status >= 400 && reply.status < 500);
    lia_reply_fini(&reply);
    reply =
        lia_say_text(&node, "POST", "/api/v1/comments", mei,
                     "{\"of\":\"customers\",\"record\":\"0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee\","
                     "\"text\":\"x\"}");
    CHECK(reply.status >= 400 && reply.status < 500);
    lia_reply_fini(&reply);
    reply = lia_say_text(&node, "POST", "/api/v1/comments", mei,
                         "{\"of\":\"notices\",\"record\":\"%s\",\"text\":\"x\"}", hers);
    CHECK(reply.status >= 400 && reply.status < 500);
    lia_reply_fini(&reply);
}

TEST(whoever_follows_a_record_hears_of_it_until_they_do_not)
{
    char deal[40], id[40], path[128];
    start();
    lia_make(&node, deal, "/api/v1/deals", mei,
             "{\"name\":\"Big\",\"customer\":\"%s\",\"owner\":\"%s\"}", hers, mei_id);
    snprintf(path, sizeof path, "/api/v1/deals/%s", deal);
    lia_make(&node, id, "/api/v1/follows:set", bo, "{\"of\":\"deals\",\"record\":\"%s\"}", deal);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, mei, "{\"name\":\"Bigger\"}"), 200);
    CHECK(has_notices(bo, "changed", 1, NULL));
    lia_make(&node, id, "/api/v1/follows:set", bo,
             "{\"of\":\"deals\",\"record\":\"%s\",\"on\":false}", deal);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, mei, "{\"name\":\"Biggest\"}"), 200);
    /* Becoming the owner is told to who becomes it; the notice behind it shows that the change was
     * passed. */
    char body[128];
    snprintf(body, sizeof body, "{\"owner\":\"%s\"}", bo_id);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, mei, body), 200);
    CHECK(has_notices(bo, "assigned", 1, NULL));
    CHECK_EQ(notices(bo, "changed", NULL), 1);
}

TEST(a_notice_is_one_persons)
{
    char task[40], id[40], path[128];
    start();
    lia_make(&node, task, "/api/v1/tasks", mei,
             "{\"title\":\"For Bo\",\"owner\":\"%s\",\"customer\":\"%s\"}", bo_id, hers);
    for (int i = 0; i < 2000 && !says("/api/v1/notices", bo, "For Bo"); i++) continue;
    CHECK(notices(bo, "assigned", id) > 0);
    snprintf(path, sizeof path, "/api/v1/notices/%s", id);
    CHECK_EQ(lia_status_of(&node, "GET", path, bo, ""), 200);
    CHECK_EQ(lia_status_of(&node, "GET", path, mei, ""), 404);
    snprintf(path, sizeof path, "/api/v1/notices/%s:markRead", id);
    CHECK(lia_status_of(&node, "POST", path, mei, "") >= 400);
    CHECK_EQ(lia_status_of(&node, "POST", path, bo, ""), 200);
    snprintf(path, sizeof path, "/api/v1/notices/%s:snooze", id);
    CHECK_EQ(lia_status_of(&node, "POST", path, bo, "{\"until\":\"2001-01-01T00:00:00Z\"}"), 400);
    CHECK_EQ(lia_status_of(&node, "POST", path, bo, "{\"until\":\"2101-01-01T00:00:00Z\"}"), 200);
    CHECK_EQ(lia_status_of(&node, "POST", "/api/v1/notices:markAllRead", bo, "{}"), 200);
    CHECK(!says("/api/v1/notices", mei, "For Bo"));
}

TEST(people_say_how_they_want_to_hear_of_things)
{
    char id[40];
    start();
    lia_make(&node, id, "/api/v1/notice_settings:set", mei,
             "{\"reason\":\"assigned\",\"here\":false,\"mail\":true}");
    lia_make(&node, id, "/api/v1/tasks", bo,
             "{\"title\":\"By mail\",\"owner\":\"%s\",\"customer\":\"%s\"}", mei_id, hers);
    for (int i = 0; i < 2000 && !says("/api/v1/mails", admin, "mei@example.com"); i++) continue;
    CHECK(says("/api/v1/mails", admin, "mei@example.com"));
    CHECK(!says("/api/v1/notices", mei, "By mail"));
    lia_reply reply = lia_say_text(&node, "POST", "/api/v1/notice_settings:set", mei,
                                   "{\"reason\":\"rain\",\"mail\":true}");
    CHECK_EQ(reply.status, 400);
    lia_reply_fini(&reply);
}

/* The dead letters of automation: administrators hear of each rule once a day, others never. */
TEST(a_rule_that_fails_is_told_to_the_administrators_once)
{
    char rule[40], id[40];
    start();
    for (int i = 0; i < 2; i++)
        lia_make(&node, rule, "/api/v1/rules", admin,
                 "{\"name\":\"Letter %d\",\"enabled\":true,\"department\":\"sales\","
                 "\"trigger\":\"change\",\"change\":\"created\",\"kind\":\"product\","
                 "\"plan\":{\"steps\":[{\"name\":\"send\",\"action\":\"notify\","
                 "\"to\":\"nobody@nowhere.test\",\"text\":\"x\"}]}}",
                 i);
    for (int i = 0; i < 5; i++)
        lia_make(&node, id, "/api/v1/products", admin, "{\"name\":\"Pen\"}");
    CHECK(has_notices(admin, "automation", 2, id));
    CHECK(says("/api/v1/notices?filter=reason%20%3D%20automation", admin,
               "failed at its step 'send'"));
    CHECK(says("/api/v1/notices?filter=reason%20%3D%20automation", admin, "nobody@nowhere.test"));
    CHECK(has_notices(admin, "automation", 2, NULL));
    CHECK_EQ(notices(mei, "automation", NULL), 0);
}

TEST(preferences_are_one_persons_and_kept_name_by_name)
{
    char id[40], path[128], value[4100];
    start();
    lia_make(&node, id, "/api/v1/preferences:set", mei,
             "{\"name\":\"density\",\"value\":\"roomy\"}");
    lia_make(&node, id, "/api/v1/preferences:set", mei,
             "{\"name\":\"list.deals\",\"value\":\"{\\\"columns\\\":[\\\"name\\\"]}\"}");
    lia_make(&node, id, "/api/v1/preferences:set", mei,
             "{\"name\":\"density\",\"value\":\"compact\"}");
    snprintf(path, sizeof path, "/api/v1/preferences/%s", id);
    CHECK(says(path, mei, "\"density\"") && says(path, mei, "compact") &&
          says(path, mei, "columns"));
    CHECK(!says(path, mei, "roomy"));
    CHECK_EQ(lia_status_of(&node, "GET", path, bo, ""), 404);
    CHECK(!says("/api/v1/preferences", bo, "compact"));
    lia_make(&node, id, "/api/v1/preferences:set", mei, "{\"name\":\"density\"}");
    CHECK(!says(path, mei, "density") && says(path, mei, "list.deals"));

    static const char *const wrong[] = {"", "a b", "\xc3\xa4"};
    for (size_t i = 0; i < LIA_COUNT(wrong); i++) {
        lia_reply reply = lia_say_text(&node, "POST", "/api/v1/preferences:set", mei,
                                       "{\"name\":\"%s\",\"value\":\"x\"}", wrong[i]);
        CHECK_EQ(reply.status, 400);
        CHECK(strstr(reply.body, "name") != NULL);
        lia_reply_fini(&reply);
    }
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = 0;
    lia_reply reply = lia_say_text(&node, "POST", "/api/v1/preferences:set", mei,
                                   "{\"name\":\"long\",\"value\":\"%s\"}", value);
    CHECK_EQ(reply.status, 400);
    lia_reply_fini(&reply);
    for (int i = 0; i < 127; i++)
        lia_make(&node, id, "/api/v1/preferences:set", mei, "{\"name\":\"n%d\",\"value\":\"x\"}",
                 i);
    reply = lia_say_text(&node, "POST", "/api/v1/preferences:set", mei,
                         "{\"name\":\"n127\",\"value\":\"x\"}");
    CHECK_EQ(reply.status, 409);
    CHECK(strstr(reply.body, "too-many") != NULL);
    lia_reply_fini(&reply);
    lia_make(&node, id, "/api/v1/preferences:set", mei, "{\"name\":\"n3\"}");
    lia_make(&node, id, "/api/v1/preferences:set", mei, "{\"name\":\"n127\",\"value\":\"x\"}");
    CHECK_EQ(lia_status_of(&node, "POST", "/api/v1/preferences:set", bo,
                           "{\"name\":\"density\",\"value\":\"roomy\"}"),
             200);
    CHECK(says("/api/v1/preferences", bo, "roomy") && !says("/api/v1/preferences", bo, "n127"));
}

TEST(a_view_is_seen_by_whom_it_is_shared_with)
{
    char own[40], team[40], all[40], path[128];
    start();
    lia_make(&node, own, "/api/v1/views", mei,
             "{\"name\":\"Mine\",\"of\":\"customers\",\"filter\":\"country = \\\"DE\\\"\"}");
    lia_make(&node, team, "/api/v1/views", mei,
             "{\"name\":\"Ours\",\"of\":\"customers\",\"sharing\":\"team\"}");
    lia_make(&node, all, "/api/v1/views", mei,
             "{\"name\":\"Everybodys\",\"of\":\"customers\",\"sharing\":\"all\"}");
    CHECK(says("/api/v1/views", mei, "Mine") && says("/api/v1/views", mei, "Ours"));
    CHECK(!says("/api/v1/views", bo, "Mine") && says("/api/v1/views", bo, "Ours"));
    CHECK(!says("/api/v1/views", abel, "Ours") && says("/api/v1/views", abel, "Everybodys"));
    snprintf(path, sizeof path, "/api/v1/views/%s", all);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, abel, "{\"name\":\"His\"}"), 403);
    snprintf(path, sizeof path, "/api/v1/views/%s", own);
    CHECK_EQ(lia_status_of(&node, "GET", path, bo, ""), 404);
    lia_reply reply =
        lia_say_text(&node, "POST", "/api/v1/views", mei,
                     "{\"name\":\"Broken\",\"of\":\"customers\",\"filter\":\"contry = 1\"}");
    CHECK_EQ(reply.status, 400);
    CHECK(strstr(reply.body, "column") != NULL); /* names the place */
    lia_reply_fini(&reply);
}

TEST(a_favourite_is_ones_own_and_stays_within_the_app)
{
    char id[40], path[128];
    start();
    lia_make(&node, id, "/api/v1/favourites", mei,
             "{\"path\":\"/customers\",\"label\":\"Customers\"}");
    snprintf(path, sizeof path, "/api/v1/favourites/%s", id);
    CHECK_EQ(lia_status_of(&node, "GET", path, mei, ""), 200);
    CHECK_EQ(lia_status_of(&node, "GET", path, bo, ""), 404);
    lia_reply reply = lia_say_text(&node, "POST", "/api/v1/favourites", mei,
                                   "{\"path\":\"//elsewhere.example\",\"label\":\"Trap\"}");
    CHECK_EQ(reply.status, 400);
    lia_reply_fini(&reply);
}
