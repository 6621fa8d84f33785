/* SPDX-License-Identifier: Apache-2.0 */
/* What people get who may not see everything. Mei of the north sees what her team owns, without
 * the customers' notes; Abel of the south owns a customer, a deal and a task that she must not
 * learn of: by an answer, an error, a count, a page token or a stream.
 *
 * The table of attempts says what each of them gets. Whatever is hidden must be answered word for
 * word like what does not exist; `absent` is an id that nothing has. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/hidden.h"

static lia_process node;
static char admin[LIA_TOKEN_SIZE], mei[LIA_TOKEN_SIZE], abel[LIA_TOKEN_SIZE];
static char ada_id[40], mei_id[40], abel_id[40];
static char hers[40], his[40]; /* customers */
static char her_deal[40], his_deal[40], his_task[40], her_purchase[40];

static void start(void)
{
    char north[40], south[40], role[40], field[40];
    if (node.pid) return;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    lia_found(&node, admin);
    lia_reply reply = lia_say(&node, "GET", "/api/v1/session", admin, "");
    lia_cut(&reply, "id", ada_id, sizeof ada_id);
    lia_reply_fini(&reply);
    lia_make(&node, north, "/api/v1/teams", admin, "{\"name\":\"North\"}");
    lia_make(&node, south, "/api/v1/teams", admin, "{\"name\":\"South\"}");
    lia_make(&node, field, "/api/v1/custom_fields", admin,
             "{\"of\":\"customer\",\"name\":\"hat_size\",\"label\":\"Felt\",\"type\":\"text\","
             "\"searchable\":true}");
    lia_make(&node, field, "/api/v1/custom_kinds", admin,
             "{\"name\":\"vault\",\"plural\":\"vaults\",\"label\":\"Steel\"}");
    lia_make(&node, role, "/api/v1/roles", admin,
             "{\"name\":\"Seller\",\"grants\":[{\"kind\":\"vault\"},"
             "{\"kind\":\"*\",\"read\":\"team\",\"create\":\"own\",\"change\":\"own\","
             "\"archive\":\"own\",\"export\":\"team\"}],"
             "\"hidden\":[\"customer.note\",\"deal.amount\",\"customer.hat_size\"],\"locked\":["
             "\"customer.country\"]}");
    lia_hire(&node, admin, "mei", north, role, mei_id, mei);
    lia_hire(&node, admin, "abel", south, role, abel_id, abel);
    lia_make(&node, hers, "/api/v1/customers", mei, "{\"name\":\"Hers\"}");
    lia_make(&node, his, "/api/v1/customers?check=false", admin,
             "{\"name\":\"His secret\",\"owner\":\"%s\",\"note\":\"a word to the wise\","
             "\"hat_size\":\"borsalino\","
             "\"country\":\"NO\"}",
             abel_id);
    lia_make(&node, her_deal, "/api/v1/deals", mei, "{\"name\":\"Hers\",\"customer\":\"%s\"}",
             hers);
    lia_make(&node, his_deal, "/api/v1/deals", admin,
             "{\"name\":\"His secret\",\"customer\":\"%s\",\"owner\":\"%s\","
             "\"amount\":{\"amount_minor\":777,\"currency\":\"EUR\"}}",
             his, abel_id);
    lia_make(&node, his_task, "/api/v1/tasks", admin,
             "{\"title\":\"His secret\",\"customer\":\"%s\",\"owner\":\"%s\"}", his, abel_id);
    lia_make(
        &node, her_purchase, "/api/v1/interactions", mei,
        "{\"customer\":\"%s\",\"type\":\"purchase\",\"amount\":{\"amount_minor\":100,\"currency\":"
        "\"EUR\"}}",
        hers);
}

/* ---- what is hidden is as what is not there -----------------------------------------------------
 */

static const attempt attempts[] = {
    {"another team's customer by id", "GET", "/api/v1/customers/{}", "", his, 404},
    {"its page", "GET", "/api/v1/customers/{}?timeline=20", "", his, 404},
    {"its timeline", "GET", "/api/v1/customers/{}/timeline", "", his, 404},
    {"its consents", "GET", "/api/v1/customers/{}/consents", "", his, 404},
    {"its export", "GET", "/api/v1/customers/{}/export", "", his, 404},
    {"its duplicates", "GET", "/api/v1/duplicates?customer={}", "", his, 404},
    {"its events", "GET", "/api/v1/events?until=now&from=start&customer={}", "", his, 404},
    {"its deals", "GET", "/api/v1/deals?customer={}", "", his, 404},
    {"its record alone", "GET", "/api/v1/customers/{}?alone=true", "", his, 404},
    {"another team's deal", "GET", "/api/v1/deals/{}", "", his_deal, 404},
    {"its history", "GET", "/api/v1/deals/{}?history=1", "", his_deal, 404},
    {"another team's task", "GET", "/api/v1/tasks/{}", "", his_task, 404},
    {"a change of it", "PATCH", "/api/v1/customers/{}", "{\"name\":\"Mine\"}", his, 404},
    {"its end", "DELETE", "/api/v1/customers/{}", "", his, 404},
    {"its return", "POST", "/api/v1/customers/{}:restore", "", his, 404},
    {"its erasure", "POST", "/api/v1/customers/{}:erase", "{\"reason\":\"x\"}", his, 404},
    {"its deal won", "POST", "/api/v1/deals/{}:win", "", his_deal, 404},
    {"a deal with it", "POST", "/api/v1/deals", "{\"name\":\"Mine\",\"customer\":\"{}\"}", his,
     400},
    {"an own deal given to it", "PATCH", "/api/v1/deals/HER_DEAL", "{\"customer\":\"{}\"}", his,
     400},
    {"somebody who works there, too", "POST", "/api/v1/customers?check=false",
     "{\"name\":\"x\",\"affiliations\":[{\"organization\":\"{}\",\"role\":\"y\"}]}", his, 400},
    {"its changes", "GET", "/api/v1/changes?kind=customers&record={}", "", his, 200},
    {"a link to it", "POST", "/api/v1/customers/HERS:link", "{\"other\":\"{}\"}", his, 400},
    {"an interaction with it", "POST", "/api/v1/interactions",
     "{\"type\":\"call\",\"customer\":\"{}\"}", his, 400},
    {"its deals counted", "GET", "/api/v1/deals:aggregate?customer={}", "", his, 404},
    {"its deals as they were", "GET", "/api/v1/deals?as_of=2026-01-01&customer={}", "", his, 404},
    {"who looks at it", "GET", "/api/v1/customers/{}/presence", "", his, 404},
    {"to look at it", "PUT", "/api/v1/customers/{}/presence", "", his, 404},
    {"how many have its id", "GET", "/api/v1/customers:aggregate?filter=id%20=%20%22{}%22", "", his,
     200},
    {"an order over its id", "GET", "/api/v1/customers?order_by=name,type&filter=id%20=%20%22{}%22",
     "", his, 200},
    {"a filter on its id", "GET", "/api/v1/customers?filter=id%20=%20%22{}%22", "", his, 200},
    {"a filter on what refers to it", "GET", "/api/v1/deals?filter=customer%20=%20%22{}%22", "",
     his, 200},
};

static lia_reply attempt_with(const attempt *a, const char *id)
{
    char path[1024], body[1024];
    fill(a->path, id, path);
    fill(a->body, id, body);
    char *at = strstr(path, "HER_DEAL");
    if (at) snprintf(at, sizeof path - (size_t)(at - path), "%s", her_deal);
    at = strstr(path, "HERS");
    if (at) snprintf(at, sizeof path - (size_t)(at - path), "%s:link", hers);
    return lia_say(&node, a->method, path, mei, body);
}

TEST(what_somebody_may_not_see_is_answered_like_what_does_not_exist)
{
    start();
    check_hidden(attempts, LIA_COUNT(attempts), attempt_with, NULL);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Words behind a status that must occur, or with ! must not. */
static const struct {
    const char *name, *method, *path, *body;
    unsigned status;
    const char *words[4];
} answers[] = {
    {"a filter on a hidden field",
     "GET",
     "/api/v1/customers?filter=note:wise",
     "",
     400,
     {"column 1: no field 'note' in customer"}},
    {"a filter on a field that is none",
     "GET",
     "/api/v1/customers?filter=nose:wise",
     "",
     400,
     {"column 1: no field 'nose' in customer"}},
    {"a hidden field through a reference",
     "GET",
     "/api/v1/deals?filter=customer.note:wise",
     "",
     400,
     {"no field 'note' in customer"}},
    {"an order by a hidden field",
     "GET",
     "/api/v1/deals?order_by=amount",
     "",
     400,
     {"order_by", "!amount"}},
    {"a sum of a hidden field",
     "GET",
     "/api/v1/deals:aggregate?sum=amount",
     "",
     400,
     {"sum:", "!amount"}},
    {"an order by a hidden field behind another",
     "GET",
     "/api/v1/deals?order_by=name,amount",
     "",
     400,
     {"order_by", "!amount"}},
    {"a count of all customers",
     "GET",
     "/api/v1/customers:aggregate?group_by=name&explain=true",
     "",
     200,
     {"\"Hers\"", "!His secret", "!\"rows\""}},
    {"all customers in an order",
     "GET",
     "/api/v1/customers?order_by=name,type&explain=true",
     "",
     200,
     {"\"Hers\"", "!His secret", "!\"rows\"", "!next_page_token"}},
    {"all deals as they were",
     "GET",
     "/api/v1/deals?as_of=2026-01-01&explain=true",
     "",
     200,
     {"!His secret", "!amount", "!\"changes\""}},
    {"a hidden field that is written",
     "PATCH",
     "/api/v1/customers/HERS",
     "{\"note\":\"mine\"}",
     400,
     {"note"}},
    {"a locked field that is written",
     "PATCH",
     "/api/v1/customers/HERS",
     "{\"country\":\"SE\"}",
     400,
     {"country"}},
    {"a hidden field of a new record",
     "POST",
     "/api/v1/deals",
     "{\"name\":\"x\",\"amount\":{\"amount_minor\":1,\"currency\":\"EUR\"}}",
     400,
     {"amount"}},
    {"a record of somebody else's",
     "POST",
     "/api/v1/customers",
     "{\"name\":\"x\",\"owner\":\"ABEL\"}",
     400,
     {"no user has the id"}},
    {"the list of customers",
     "GET",
     "/api/v1/customers?explain=true",
     "",
     200,
     {"\"Hers\"", "!His secret", "!next_page_token"}},
    {"a table of all customers",
     "GET",
     "/api/v1/customers:export?format=csv",
     "",
     200,
     {"Hers", "!His secret", "!note", "!wise"}},
    {"lines of all deals",
     "GET",
     "/api/v1/deals:export",
     "",
     200,
     {"\"Hers\"", "!His secret", "!:777", "!amount"}},
    {"a hidden column",
     "GET",
     "/api/v1/customers:export?format=csv&columns=name,note",
     "",
     400,
     {"columns: 'note' is no column"}},
    {"an import of roles", "POST", "/api/v1/imports", "{\"kind\":\"roles\"}", 403, {NULL}},
    {"who changed what",
     "GET",
     "/api/v1/changes?page_size=1000",
     "",
     200,
     {"\"Hers\"", "!His secret", "!wise", "!amount_minor\":777"}},
    {"who changed what of a kind of administrators'",
     "GET",
     "/api/v1/changes?kind=roles",
     "",
     400,
     {"kind:"}},
    {"a stream from the start",
     "GET",
     "/api/v1/events?from=start&until=now",
     "",
     200,
     {"\"Hers\"", "!His secret", "!wise", "!amount_minor\":777"}},
    {"a stream filtered by a hidden field",
     "GET",
     "/api/v1/events?from=start&until=now&kind=customers&filter=note:wise",
     "",
     400,
     {"no field 'note'"}},
    {"a stream filtered through a reference",
     "GET",
     "/api/v1/events?from=start&until=now&kind=deals&filter=customer.note:wise",
     "",
     400,
     {"no field 'note'"}},
    {"the kinds",
     "GET",
     "/api/v1/kinds",
     "",
     200,
     {"\"plural\":\"deals\"", "!\"plural\":\"roles\"", "!\"passes\""}},
    {"duplicates of all", "GET", "/api/v1/duplicates", "", 200, {"!His secret"}},
    {"who might it be",
     "POST",
     "/api/v1/customers:check",
     "{\"name\":\"His secret\"}",
     200,
     {"!His secret"}},
    {"rights of roles", "GET", "/api/v1/roles", "", 403, {NULL}},
    {"a role of one's own making",
     "POST",
     "/api/v1/roles",
     "{\"name\":\"all\",\"administrator\":true}",
     403,
     {NULL}},
    {"more rights for oneself", "PATCH", "/api/v1/users/MEI", "{\"roles\":[]}", 403, {NULL}},
    {"a new user",
     "POST",
     "/api/v1/users",
     "{\"name\":\"x\",\"email\":\"x@example.com\"}",
     403,
     {NULL}},
    {"a link for the administrator", "POST", "/api/v1/users/ADA:invite", "", 403, {NULL}},
    {"another's tokens", "GET", "/api/v1/tokens?user=ADA", "", 403, {NULL}},
    {"the members", "GET", "/api/v1/members", "", 403, {NULL}},
    {"the digest", "GET", "/api/v1/digest", "", 403, {NULL}},
    {"a bucket of it", "GET", "/api/v1/digest/1", "", 403, {NULL}},
    {"the trail", "GET", "/api/v1/audit", "", 403, {NULL}},
    {"the secrets", "GET", "/api/v1/passes", "", 404, {NULL}},
    {"one's own customer's export", "GET", "/api/v1/customers/HERS/export", "", 403, {"!Hers"}},
};

static void name_ids(char text[1024])
{
    static const struct {
        const char *word, *id;
    } ids[] = {{"HERS", hers}, {"ABEL", abel_id}, {"MEI", mei_id}, {"ADA", ada_id}};
    for (size_t i = 0; i < LIA_COUNT(ids); i++) {
        char rest[1024], *at = strstr(text, ids[i].word);
        if (!at) continue;
        snprintf(rest, sizeof rest, "%s", at + strlen(ids[i].word));
        snprintf(at, 1024 - (size_t)(at - text), "%s%s", ids[i].id, rest);
    }
}

static bool has_words(const char *const *words, const char *text)
{
    bool good = true;
    for (size_t i = 0; i < 4 && words[i]; i++)
        good &= *words[i] == '!' ? !strstr(text, words[i] + 1) : !!strstr(text, words[i]);
    return good;
}

TEST(hidden_fields_and_what_is_for_administrators_stay_so_on_every_way)
{
    size_t wrong = 0;
    start();
    for (size_t i = 0; i < LIA_COUNT(answers); i++) {
        char path[1024], body[1024];
        snprintf(path, sizeof path, "%s", answers[i].path);
        snprintf(body, sizeof body, "%s", answers[i].body);
        name_ids(path);
        name_ids(body);
        lia_reply reply = lia_say(&node, answers[i].method, path, mei, body);
        bool good = reply.status == answers[i].status && has_words(answers[i].words, reply.body);
        if (!good) print_error("%s: %u %.1500s\n", answers[i].name, reply.status, reply.body);
        wrong += !good;
        lia_reply_fini(&reply);
    }
    CHECK_EQ(wrong, 0);
}

/* ---- what was added at run time -------------------------------------------------------------- */

/* A custom field and a custom kind that are hidden, beside names that nothing has. */
static const struct {
    const char *name, *method, *path, *body;
    const char *hidden, *nothing;
    unsigned status;
} unknown[] = {
    {"a filter", "GET", "/api/v1/customers?filter=hat_size:x", "", "hat_size", "hat_sise", 400},
    {"a filter through a reference", "GET", "/api/v1/deals?filter=customer.hat_size:x", "",
     "hat_size", "hat_sise", 400},
    {"an order", "GET", "/api/v1/customers?order_by=hat_size", "", "hat_size", "hat_sise", 400},
    {"a change", "PATCH", "/api/v1/customers/HERS", "{\"hat_size\":\"7\"}", "hat_size", "hat_sise",
     400},
    {"a new record", "POST", "/api/v1/customers", "{\"name\":\"x\",\"hat_size\":\"7\"}", "hat_size",
     "hat_sise", 400},
    {"a column", "GET", "/api/v1/customers:export?format=csv&columns=name,hat_size", "", "hat_size",
     "hat_sise", 400},
    {"a stream", "GET", "/api/v1/events?from=start&until=now&kind=customers&filter=hat_size:x", "",
     "hat_size", "hat_sise", 400},
    {"its history", "GET", "/api/v1/customers/HERS/history?field=hat_size", "", "hat_size",
     "hat_sise", 400},
    {"a list of a kind", "GET", "/api/v1/vaults", "", "vaults", "vaulto", 404},
    {"a record of a kind", "POST", "/api/v1/vaults", "{\"name\":\"x\"}", "vaults", "vaulto", 404},
    {"a verb of a kind", "POST", "/api/v1/vaults:batchCreate", "{}", "vaults", "vaulto", 404},
    {"a stream of a kind", "GET", "/api/v1/events?from=start&until=now&kind=vaults", "", "vaults",
     "vaulto", 400},
    {"changes of a kind", "GET", "/api/v1/changes?kind=vaults", "", "vaults", "vaulto", 400},
    {"a search in a kind", "GET", "/api/v1/search?q=x&kind=vaults", "", "vaults", "vaulto", 400},
    {"an import of a kind", "POST", "/api/v1/imports", "{\"kind\":\"vaults\"}", "vaults", "vaulto",
     400},
    {"a comment on a kind", "POST", "/api/v1/comments",
     "{\"of\":\"vaults\",\"record\":\"0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee\",\"text\":\"x\"}",
     "vaults", "vaulto", 403},
};

TEST(a_custom_field_or_kind_that_is_hidden_is_as_one_that_is_not_there)
{
    size_t wrong = 0;
    start();
    for (size_t i = 0; i < LIA_COUNT(unknown); i++) {
        char path[1024], body[1024];
        snprintf(path, sizeof path, "%s", unknown[i].path);
        snprintf(body, sizeof body, "%s", unknown[i].body);
        name_ids(path);
        lia_reply hidden = lia_say(&node, unknown[i].method, path, mei, body);
        swap(path, unknown[i].hidden, unknown[i].nothing);
        swap(body, unknown[i].hidden, unknown[i].nothing);
        lia_reply nothing = lia_say(&node, unknown[i].method, path, mei, body);
        swap(hidden.body, unknown[i].hidden, unknown[i].nothing);
        bool good = hidden.status == unknown[i].status && nothing.status == unknown[i].status &&
                    !strcmp(hidden.body, nothing.body);
        if (!good)
            print_error("%s: hidden %u %s\n  nothing %u %s\n", unknown[i].name, hidden.status,
                        hidden.body, nothing.status, nothing.body);
        wrong += !good;
        lia_reply_fini(&hidden);
        lia_reply_fini(&nothing);
    }
    CHECK_EQ(wrong, 0);
}

/* Nor does a document, a page or a stream that is shown say anything of it; to who may see it, all
 * do. */
TEST(no_document_or_answer_speaks_of_what_is_hidden)
{
    static const char *const paths[] = {
        "/api/v1/kinds",          "/api/v1/openapi.json",
        "/api/v1/asyncapi.json",  "/api/v1/customers?show_archived=true",
        "/api/v1/customers/HERS", "/api/v1/events?from=start&until=now",
        "/api/v1/session",
    };
    static const char *const words[] = {"hat_size", "borsalino", "vault", "Felt", "Steel"};
    start();
    for (size_t i = 0; i < LIA_COUNT(paths); i++) {
        char path[256];
        snprintf(path, sizeof path, "%s", paths[i]);
        char *at = strstr(path, "HERS");
        if (at) snprintf(at, 41, "%s", hers);
        lia_reply reply = lia_say(&node, "GET", path, mei, "");
        CHECK_EQ(reply.status, 200);
        for (size_t w = 0; w < LIA_COUNT(words); w++)
            if (strstr(reply.body, words[w])) fail_msg("%s says %s", path, words[w]);
        lia_reply_fini(&reply);
    }
    static const char *const told[] = {"/api/v1/kinds", "/api/v1/openapi.json",
                                       "/api/v1/asyncapi.json"};
    for (size_t i = 0; i < LIA_COUNT(told); i++) {
        lia_reply reply = lia_say(&node, "GET", told[i], admin, "");
        CHECK(strstr(reply.body, "hat_size") && strstr(reply.body, "vault"));
        lia_reply_fini(&reply);
    }
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/custom_fields", mei, ""), 403);
    CHECK_EQ(lia_status_of(&node, "POST", "/api/v1/custom_kinds", mei, "{}"), 403);
}

static bool finds(const char *token, const char *word, const char *what)
{
    char path[128];
    snprintf(path, sizeof path, "/api/v1/search?wait_ms=10000&q=%s", word);
    lia_reply reply = lia_say(&node, "GET", path, token, "");
    CHECK_EQ(reply.status, 200);
    bool found = strstr(reply.body, what) != NULL;
    lia_reply_fini(&reply);
    return found;
}

TEST(a_search_finds_nothing_by_hidden_records_or_fields)
{
    char path[128];
    start();
    snprintf(path, sizeof path, "/api/v1/customers/%s", hers);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, admin, "{\"note\":\"likes wisteria\"}"), 200);
    CHECK(finds(admin, "wisteria", hers));
    CHECK(!finds(mei, "wisteria", hers)); /* her own customer's, in a field that she does not see */
    CHECK(finds(mei, "hers", hers));
    CHECK(finds(admin, "secret", his));
    CHECK(finds(abel, "secret", his));
    CHECK(!finds(mei, "secret", his));
    CHECK(!finds(mei, "secret", his_deal));
    CHECK(!finds(mei, "secret", his_task));
}

TEST(whoever_may_see_it_still_does)
{
    char path[128];
    start();
    snprintf(path, sizeof path, "/api/v1/customers/%s", his);
    lia_reply reply = lia_say(&node, "GET", path, abel, "");
    CHECK_EQ(reply.status, 200);
    CHECK(strstr(reply.body, "His secret") && !strstr(reply.body, "wise"));
    CHECK(strstr(reply.body, "\"country\":\"NO\"") != NULL);
    lia_reply_fini(&reply);
    reply = lia_say(&node, "GET", path, admin, "");
    CHECK(strstr(reply.body, "wise") != NULL);
    lia_reply_fini(&reply);
    reply = lia_say(&node, "GET", "/api/v1/events?from=start&until=now", admin, "");
    CHECK(strstr(reply.body, "wise") && !strstr(reply.body, "argon2id"));
    lia_reply_fini(&reply);
}

TEST(what_mei_makes_is_hers_and_events_say_that_it_was_she)
{
    char path[128];
    start();
    snprintf(path, sizeof path, "/api/v1/customers/%s", hers);
    lia_reply reply = lia_say(&node, "GET", path, mei, "");
    CHECK_EQ(reply.status, 200);
    char owner[40];
    lia_cut(&reply, "owner", owner, sizeof owner);
    CHECK_TEXT(owner, mei_id);
    lia_reply_fini(&reply);
    char asked[160];
    snprintf(asked, sizeof asked, "/api/v1/audit?actor=%s", mei_id);
    reply = lia_say(&node, "GET", asked, admin, "");
    CHECK(strstr(reply.body, mei_id) && strstr(reply.body, hers));
    lia_reply_fini(&reply);
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Walks the list page by page; the number of pages, and of `word` on them. */
static size_t walk(const char *token, const char *path, const char *word, size_t *words)
{
    char next[2048];
    size_t pages = 0;
    snprintf(next, sizeof next, "%s", path);
    *words = 0;
    while (*next && pages++ < 100) {
        char mark[1024] = "";
        lia_reply reply = lia_say(&node, "GET", next, token, "");
        CHECK_EQ(reply.status, 200);
        CHECK(!strstr(reply.body, "His secret"));
        for (const char *at = reply.body; (at = strstr(at, word)); at++) ++*words;
        *next = 0;
        if (strstr(reply.body, "next_page_token")) {
            lia_cut(&reply, "next_page_token", mark, sizeof mark);
            snprintf(next, sizeof next, "%s&page_token=%s", path, mark);
        }
        lia_reply_fini(&reply);
    }
    return pages;
}

TEST(pages_and_their_tokens_tell_nothing_of_rows_between)
{
    char id[40], mark[1024], path[2048];
    size_t words;
    start();
    for (int i = 0; i < 4; i++) {
        lia_make(&node, id, "/api/v1/tasks", mei, "{\"title\":\"Call back\",\"customer\":\"%s\"}",
                 hers);
        lia_make(&node, id, "/api/v1/tasks", admin,
                 "{\"title\":\"His secret\",\"customer\":\"%s\",\"owner\":\"%s\"}", his, abel_id);
    }
    CHECK_EQ(walk(mei, "/api/v1/tasks?page_size=1", "Call back", &words), 4);
    CHECK_EQ(words, 4);
    CHECK_EQ(walk(mei, "/api/v1/tasks?page_size=3", "Call back", &words), 2);
    CHECK_EQ(walk(mei, "/api/v1/tasks?page_size=2&order_by=owner", "Call back", &words), 2);
    CHECK_EQ(walk(mei, "/api/v1/tasks?page_size=4", "Call back", &words), 1);

    lia_reply reply = lia_say(&node, "GET", "/api/v1/tasks?page_size=1", mei, "");
    lia_cut(&reply, "next_page_token", mark, sizeof mark);
    lia_reply_fini(&reply);
    snprintf(path, sizeof path, "/api/v1/tasks?page_size=1&page_token=%s", mark);
    CHECK_EQ(lia_status_of(&node, "GET", path, mei, ""), 200);
    CHECK_EQ(lia_status_of(&node, "GET", path, abel, ""), 400); /* sealed for her */
    path[strlen(path) - 2] ^= 1;
    CHECK_EQ(lia_status_of(&node, "GET", path, mei, ""), 400);
    reply = lia_say(&node, "GET", "/api/v1/tasks?explain=true&page_size=1", mei, "");
    CHECK(strstr(reply.body, "explain") && !strstr(reply.body, "rows"));
    lia_reply_fini(&reply);
}

/* ---- when rights change ---------------------------------------------------------------------- */

/* Ten thousand customers in one request, which is judged line by line while lines before are being
 * written. */
typedef struct flood {
    char *request;
    size_t size;
    lia_reply reply;
    bool ok;
} flood;

enum { FLOOD_LINES = 10000 };

static void make_flood(flood *f, const char *token)
{
    static const char line[] = "{\"name\":\"Flood\"}\n";
    size_t body = FLOOD_LINES * (sizeof line - 1);
    f->request = malloc(1000 + body);
    CHECK(f->request != NULL);
    int head = snprintf(f->request, 1000,
                        "POST /api/v1/customers:batchCreate?check=false HTTP/1.1\r\n"
                        "Host: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n"
                        "Content-Type: application/jsonl\r\nContent-Length: %zu\r\n\r\n",
                        token, body);
    for (size_t i = 0; i < FLOOD_LINES; i++)
        memcpy(f->request + head + i * (sizeof line - 1), line, sizeof line - 1);
    f->size = (size_t)head + body;
}

static void *send_flood(void *context)
{
    flood *f = context;
    f->ok = lia_exchange(node.port, f->request, f->size, &f->reply);
    return NULL;
}

static bool is_there(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "/api/v1/customers?page_size=1&filter=name%%3D%%22%s%%22", name);
    lia_reply reply = lia_say(&node, "GET", path, admin, "");
    bool found = strstr(reply.body, "\"id\"") != NULL;
    lia_reply_fini(&reply);
    return found;
}

static size_t number_in(const lia_reply *reply, const char *member)
{
    const char *at = strstr(reply->body, member);
    CHECK(at != NULL);
    return at ? strtoul(at + strlen(member), NULL, 10) : 0;
}

/* All of it was judged, or was to be, by what counted when it began. */
TEST(what_waits_for_the_writer_is_refused_when_the_right_is_gone)
{
    char team[40], role[40], id[40], token[LIA_TOKEN_SIZE], path[100];
    flood f = {0};
    pthread_t thread;
    start();
    lia_make(&node, role, "/api/v1/roles", admin,
             "{\"name\":\"Feeder\",\"grants\":[{\"kind\":\"customer\",\"read\":\"own\","
             "\"create\":\"own\"}]}");
    lia_make(&node, team, "/api/v1/teams", admin, "{\"name\":\"Feeding\"}");
    lia_hire(&node, admin, "noor", team, role, id, token);
    make_flood(&f, token);
    CHECK(pthread_create(&thread, NULL, send_flood, &f) == 0);
    while (!is_there("Flood")) continue;
    snprintf(path, sizeof path, "/api/v1/roles/%s", role);
    CHECK_EQ(lia_status_of(&node, "PATCH", path, admin, "{\"grants\":[]}"), 200);
    pthread_join(thread, NULL);
    CHECK(f.ok);
    CHECK_EQ(number_in(&f.reply, "\"created\":") + number_in(&f.reply, "\"failed\":"), FLOOD_LINES);
    CHECK(number_in(&f.reply, "\"created\":") > 0);
    CHECK(number_in(&f.reply, "\"failed\":") > 0);
    CHECK(strstr(f.reply.body, "your rights have changed") != NULL);
    lia_reply_fini(&f.reply);
    free(f.request);
}

TEST(who_is_let_go_gets_nothing_more_and_their_stream_ends)
{
    char path[128];
    start();
    const char ask[] = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ";
    char request[256];
    snprintf(request, sizeof request, "%s%s\r\n\r\n", ask, abel);
    int fd = lia_ask(node.port, request, strlen(request));
    CHECK(fd >= 0);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/customers", abel, ""), 200);
    snprintf(path, sizeof path, "/api/v1/users/%s", abel_id);
    CHECK_EQ(lia_status_of(&node, "DELETE", path, admin, ""), 200);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/customers", abel, ""), 401);
    lia_reply stream;
    (void)lia_listen_to_end(fd, &stream); /* or it would wait for ever */
    lia_reply_fini(&stream);
    CHECK(lia_process_stop(&node));
}
