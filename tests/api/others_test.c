/* SPDX-License-Identifier: Apache-2.0 */
/* What is about people's work rather than customers, and is somebody else's: comments, notices,
 * views, favourites, followers, webhooks with their secrets and deliveries, imports, runs of rules,
 * mails. Mei of the north gets for each of Abel's the very words that she gets for one that nobody
 * has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/hidden.h"

static lia_process node;
static char admin[LIA_TOKEN_SIZE], mei[LIA_TOKEN_SIZE], abel[LIA_TOKEN_SIZE];
static char mei_id[40], abel_id[40], hers[40], his[40];
static char comment[40], notice[40], view[40], favourite[40], follow[40], webhook[40], import[40],
    run[40], mail[40];

/* The first of a list, once there is one: reactions are commits of their own. */
static void first_of(const char *path, const char *token, char id[40])
{
    for (int i = 0; i < 2000; i++) {
        lia_reply reply = lia_say(&node, "GET", path, token, "");
        bool found = reply.status == 200 && strstr(reply.body, "\"id\":");
        if (found) lia_cut(&reply, "id", id, 40);
        lia_reply_fini(&reply);
        if (found) return;
    }
    print_error("nothing is at %s\n", path);
    CHECK(false);
}

static void hire(void)
{
    char north[40], south[40], role[40];
    lia_make(&node, north, "/api/v1/teams", admin, "{\"name\":\"North\"}");
    lia_make(&node, south, "/api/v1/teams", admin, "{\"name\":\"South\"}");
    lia_make(
        &node, role, "/api/v1/roles", admin,
        "{\"name\":\"Seller\",\"grants\":[{\"kind\":\"*\",\"read\":\"team\",\"create\":\"own\","
        "\"change\":\"own\",\"archive\":\"own\",\"export\":\"team\"}]}");
    lia_hire(&node, admin, "mei", north, role, mei_id, mei);
    lia_hire(&node, admin, "abel", south, role, abel_id, abel);
    lia_make(&node, hers, "/api/v1/customers", mei, "{\"name\":\"Hers\"}");
    lia_make(&node, his, "/api/v1/customers?check=false", abel, "{\"name\":\"His secret\"}");
}

/* A rule of the administrator's makes a run about his customer. */
static void run_a_rule(void)
{
    char rule[40], task[40];
    lia_make(&node, rule, "/api/v1/rules", admin,
             "{\"name\":\"Secret\",\"enabled\":true,\"department\":\"sales\",\"trigger\":\"fact\","
             "\"fact\":\"record.created\","
             "\"kind\":\"task\",\"plan\":{\"steps\":[{\"name\":\"end\",\"action\":\"end\"}]}}");
    lia_make(&node, task, "/api/v1/tasks", abel, "{\"title\":\"His secret\",\"customer\":\"%s\"}",
             his);
    first_of("/api/v1/runs", admin, run);
}

static void start(void)
{
    char path[100];
    if (node.pid) return;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    lia_found(&node, admin);
    hire();
    lia_make(&node, comment, "/api/v1/comments", admin,
             "{\"of\":\"customers\",\"record\":\"%s\",\"text\":\"secret\",\"mentions\":[\"%s\"]}",
             his, abel_id);
    first_of("/api/v1/notices", abel, notice);
    lia_make(&node, view, "/api/v1/views", abel, "{\"name\":\"secret\",\"of\":\"deals\"}");
    lia_make(&node, favourite, "/api/v1/favourites", abel,
             "{\"path\":\"/deals\",\"label\":\"secret\"}");
    lia_make(&node, follow, "/api/v1/follows:set", abel, "{\"of\":\"customers\",\"record\":\"%s\"}",
             his);
    lia_make(&node, webhook, "/api/v1/webhooks", abel,
             "{\"name\":\"secret\",\"url\":\"https://example.com/secret\"}");
    lia_make(&node, import, "/api/v1/imports", abel, "{\"kind\":\"customers\"}");
    run_a_rule();
    snprintf(path, sizeof path, "/api/v1/users/%s:invite", abel_id);
    CHECK_EQ(lia_status_of(&node, "POST", path, admin, "{\"mail\":true}"), 202);
    first_of("/api/v1/mails", admin, mail);
}

static const attempt attempts[] = {
    {"a comment", "GET", "/api/v1/comments/{}", "", comment, 404},
    {"its history", "GET", "/api/v1/comments/{}/history", "", comment, 404},
    {"its change", "PATCH", "/api/v1/comments/{}", "{\"text\":\"mine\"}", comment, 404},
    {"its end", "DELETE", "/api/v1/comments/{}", "", comment, 404},
    {"its taking back", "POST", "/api/v1/comments/{}:undo", "", comment, 404},
    {"comments by id", "GET", "/api/v1/comments?filter=id%20=%20%22{}%22", "", comment, 200},
    {"comments on a record", "GET", "/api/v1/comments?filter=record%20=%20%22{}%22", "", his, 200},
    {"a comment on a record", "POST", "/api/v1/comments",
     "{\"of\":\"customers\",\"record\":\"{}\",\"text\":\"x\"}", his, 403},
    {"a notice", "GET", "/api/v1/notices/{}", "", notice, 404},
    {"a notice that is read", "POST", "/api/v1/notices/{}:markRead", "", notice, 404},
    {"a notice that is put off", "POST", "/api/v1/notices/{}:snooze",
     "{\"until\":\"2030-01-01T00:00:00Z\"}", notice, 404},
    {"notices by id", "GET", "/api/v1/notices?filter=id%20=%20%22{}%22", "", notice, 200},
    {"a view", "GET", "/api/v1/views/{}", "", view, 404},
    {"its change", "PATCH", "/api/v1/views/{}", "{\"sharing\":\"all\"}", view, 404},
    {"its end", "DELETE", "/api/v1/views/{}", "", view, 404},
    {"views by id", "GET", "/api/v1/views?filter=id%20=%20%22{}%22", "", view, 200},
    {"a favourite", "GET", "/api/v1/favourites/{}", "", favourite, 404},
    {"its end", "DELETE", "/api/v1/favourites/{}", "", favourite, 404},
    {"who follows", "GET", "/api/v1/follows/{}", "", follow, 404},
    {"followers of a record", "GET", "/api/v1/follows?filter=record%20=%20%22{}%22", "", his, 200},
    {"a webhook", "GET", "/api/v1/webhooks/{}", "", webhook, 404},
    {"its secret", "GET", "/api/v1/webhooks/{}/secret", "", webhook, 404},
    {"its deliveries", "GET", "/api/v1/webhooks/{}/deliveries", "", webhook, 404},
    {"its test", "POST", "/api/v1/webhooks/{}:test", "", webhook, 404},
    {"its replay", "POST", "/api/v1/webhooks/{}:replay", "{\"after\":\"start\"}", webhook, 404},
    {"another secret of it", "POST", "/api/v1/webhooks/{}:rotateSecret", "", webhook, 404},
    {"another receiver for it", "PATCH", "/api/v1/webhooks/{}",
     "{\"url\":\"https://evil.example/\"}", webhook, 404},
    {"its end", "DELETE", "/api/v1/webhooks/{}", "", webhook, 404},
    {"an import", "GET", "/api/v1/imports/{}", "", import, 404},
    {"its results", "GET", "/api/v1/imports/{}/results?list=failed", "", import, 404},
    {"its mapping", "PATCH", "/api/v1/imports/{}", "{\"mode\":\"create\"}", import, 404},
    {"its preview", "POST", "/api/v1/imports/{}:preview", "name\nx\n", import, 404},
    {"its run", "POST", "/api/v1/imports/{}:run?offset=0&last=true", "name\nx\n", import, 404},
    {"its undoing", "POST", "/api/v1/imports/{}:undo", "", import, 404},
    {"its end", "DELETE", "/api/v1/imports/{}", "", import, 404},
    {"a run", "GET", "/api/v1/runs/{}", "", run, 404},
    {"its history", "GET", "/api/v1/runs/{}/history", "", run, 404},
    {"its repetition", "POST", "/api/v1/runs/{}:retry", "", run, 404},
    {"its end", "POST", "/api/v1/runs/{}:cancel", "", run, 404},
    {"runs about a record", "GET", "/api/v1/runs?filter=record%20=%20%22{}%22", "", his, 200},
    {"runs of a customer", "GET", "/api/v1/runs?customer={}", "", his, 404},
    {"a mail", "GET", "/api/v1/mails/{}", "", mail, 404},
    {"a mail again", "POST", "/api/v1/mails/{}:retry", "", mail, 404},
    {"a mail that is not to leave", "POST", "/api/v1/mails/{}:cancel", "", mail, 404},
    {"mails by id", "GET", "/api/v1/mails?filter=id%20=%20%22{}%22", "", mail, 200},
};

static lia_reply attempt_with(const attempt *a, const char *id)
{
    char path[1024], body[1024];
    fill(a->path, id, path);
    fill(a->body, id, body);
    return lia_say(&node, a->method, path, mei, body);
}

TEST(what_is_somebody_elses_is_answered_like_what_nobody_has)
{
    start();
    check_hidden(attempts, LIA_COUNT(attempts), attempt_with, "secret");
}

/* None was changed by the attempts: their owner, or the administrator, still has each as it was. */
TEST(the_attempts_left_everything_as_it_was)
{
    const struct {
        const char *path, *id, *token, *word;
    } kept[] = {{"comments", comment, admin, "\"text\":\"secret\""},
                {"notices", notice, abel, "secret"},
                {"views", view, abel, "\"name\":\"secret\""},
                {"favourites", favourite, abel, "\"label\":\"secret\""},
                {"webhooks", webhook, abel, "https://example.com/secret"},
                {"imports", import, abel, "\"kind\":\"customers\""},
                {"runs", run, admin, "\"name\":\"Secret\""},
                {"mails", mail, admin, "abel@example.com"}};
    start();
    for (size_t i = 0; i < LIA_COUNT(kept); i++) {
        char path[100];
        snprintf(path, sizeof path, "/api/v1/%s/%s", kept[i].path, kept[i].id);
        lia_reply reply = lia_say(&node, "GET", path, kept[i].token, "");
        bool good = reply.status == 200 && strstr(reply.body, kept[i].word);
        if (!good) print_error("%s: %u %.600s\n", path, reply.status, reply.body);
        CHECK(good);
        lia_reply_fini(&reply);
    }
}

/* Lists, counts, exports, searches and streams of each kind have none of his. */
TEST(no_list_of_theirs_has_anything_of_his)
{
    static const char *const paths[] = {
        "/api/v1/comments",        "/api/v1/notices",
        "/api/v1/views",           "/api/v1/favourites",
        "/api/v1/follows",         "/api/v1/webhooks",
        "/api/v1/imports",         "/api/v1/runs",
        "/api/v1/mails",           "/api/v1/runs:export",
        "/api/v1/mails:export",    "/api/v1/comments:export",
        "/api/v1/views:export",    "/api/v1/webhooks:export",
        "/api/v1/search?q=secret", "/api/v1/events?from=start&until=now"};
    start();
    for (size_t i = 0; i < LIA_COUNT(paths); i++) {
        lia_reply reply = lia_say(&node, "GET", paths[i], mei, "");
        /* the search says what was asked for */
        bool tells = strstr(reply.body, "His secret") || strstr(reply.body, "\"secret\"") ||
                     strstr(reply.body, "abel@example.com") || strstr(reply.body, "/secret") ||
                     strstr(reply.body, his);
        if (reply.status != 200 || (tells && !strstr(paths[i], "search")))
            print_error("%s: %u %.900s\n", paths[i], reply.status, reply.body);
        CHECK(reply.status == 200);
        CHECK(!strstr(reply.body, his));
        CHECK(!tells || strstr(paths[i], "search"));
        lia_reply_fini(&reply);
    }
    CHECK(lia_process_stop(&node));
}
