/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts to get in: without a sign, with one that does not count, with somebody's browser, by odd
 * paths and by requests that two servers could read in two ways. Whoever makes them has no account;
 * the word that they are after is in a customer's name. Each must be refused, and the node must be
 * well after all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/time.h"
#include "tests/api/talk.h"
#include "tests/support/test.h"

#define WORD "Wanted by everybody"

static lia_process node;
static char admin[LIA_TOKEN_SIZE], cookie[LIA_TOKEN_SIZE], customer[40];

/* The bytes as they are; names in capitals are filled in. */
static char *fill(const char *request)
{
    static const struct {
        const char *word;
        char *value;
    } words[] = {{"COOKIE", cookie}, {"TOKEN", admin}, {"CUSTOMER", customer}};
    char *text = strdup(request);
    for (size_t i = 0; i < LIA_COUNT(words); i++) {
        char *at = strstr(text, words[i].word), *next;
        if (!at) continue;
        CHECK(asprintf(&next, "%.*s%s%s", (int)(at - text), text, words[i].value,
                       at + strlen(words[i].word)) > 0);
        free(text);
        text = next;
    }
    return text;
}

static lia_reply exchange(const char *request, size_t size)
{
    lia_reply reply = {0};
    if (!lia_exchange(node.port, request, size, &reply)) reply.status = 0; /* cut off: as well */
    return reply;
}

static void start(void)
{
    lia_reply reply;
    if (node.pid) return;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    lia_found(&node, admin);
    reply = lia_say(&node, "POST", "/api/v1/customers", admin, "{\"name\":\"" WORD "\"}");
    CHECK_EQ(reply.status, 201);
    lia_cut(&reply, "id", customer, sizeof customer);
    lia_reply_fini(&reply);
    reply = lia_say(&node, "POST", "/api/v1/session", NULL,
                    "{\"email\":\"ada@example.com\",\"password\":\"" LIA_PASSWORD "\"}");
    CHECK_EQ(reply.status, 201);
    char set[256];
    CHECK(lia_reply_header(&reply, "Set-Cookie", set, sizeof set));
    snprintf(cookie, sizeof cookie, "%.*s", 47, set + strlen("liaison="));
    lia_reply_fini(&reply);
}

/* ---- one request each ------------------------------------------------------------------------ */

#define H    " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
#define JSON "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"name\":\"Mine\"}"

static const struct {
    const char *name, *request;
    unsigned status[3]; /* one of them; 0: the connection is cut */
} attempts[] = {
    /* no sign, or one that does not count */
    {"no sign", "GET /api/v1/customers" H "\r\n", {401}},
    {"a bent token", "GET /api/v1/customers" H "Authorization: Bearer xTOKEN\r\n\r\n", {401}},
    {"a token with something behind it",
     "GET /api/v1/customers" H "Authorization: Bearer TOKENx\r\n\r\n",
     {401}},
    {"another scheme", "GET /api/v1/customers" H "Authorization: Basic TOKEN\r\n\r\n", {401}},
    {"a token in the query", "GET /api/v1/customers?access_token=TOKEN" H "\r\n", {401}},
    {"a token as cookie of another name",
     "GET /api/v1/customers" H "Cookie: __Host-liaison=TOKEN\r\n\r\n",
     {401}},
    {"a token made up",
     "GET /api/v1/customers" H
     "Authorization: Bearer lia_0000000000000000000000000000000000000000000\r\n\r\n",
     {401}},
    {"the customer's id as token",
     "GET /api/v1/customers" H "Authorization: Bearer CUSTOMER\r\n\r\n",
     {401}},
    {"a bad token beside a good cookie",
     "GET /api/v1/customers" H "Cookie: liaison=COOKIE\r\nAuthorization: Bearer x\r\n\r\n",
     {401}},
    /* somebody else's browser */
    {"a form of another site",
     "POST /api/v1/customers" H "Cookie: liaison=COOKIE\r\nOrigin: https://evil.example\r\n" JSON,
     {403}},
    {"a form of a sandboxed frame",
     "POST /api/v1/customers" H "Cookie: liaison=COOKIE\r\nOrigin: null\r\n" JSON,
     {403}},
    {"a page of a sibling",
     "POST /api/v1/customers" H "Cookie: liaison=COOKIE\r\nSec-Fetch-Site: same-site\r\n" JSON,
     {403}},
    {"an origin that begins like ours",
     "POST /api/v1/customers" H "Cookie: liaison=COOKIE\r\nOrigin: http://localhost.evil\r\n" JSON,
     {403}},
    {"a browser that says nothing",
     "POST /api/v1/customers" H "Cookie: liaison=COOKIE\r\n" JSON,
     {403}},
    {"an archiving by another site's link",
     "DELETE /api/v1/customers/CUSTOMER" H
     "Cookie: liaison=COOKIE\r\nSec-Fetch-Site: cross-site\r\n\r\n",
     {403}},
    {"a verb by another site's form",
     "POST /api/v1/customers/CUSTOMER:erase" H
     "Cookie: liaison=COOKIE\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n",
     {403}},
    {"a name that resolves to this machine",
     "GET /api/v1/customers HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
     "Cookie: liaison=COOKIE\r\n\r\n",
     {403}},
    {"another method by a header",
     "GET /api/v1/customers/CUSTOMER" H "X-HTTP-Method-Override: DELETE\r\n\r\n",
     {401}},
    /* odd paths */
    {"out of an open path", "GET /healthz/../api/v1/customers" H "\r\n", {400, 401}},
    {"out of the session's path", "GET /api/v1/session/../customers" H "\r\n", {400, 401}},
    {"the same, encoded", "GET /api/v1/session/%2e%2e/customers" H "\r\n", {400, 401}},
    {"encoded twice", "GET /api/v1/session/%252e%252e/customers" H "\r\n", {401}},
    {"with a back slash", "GET /healthz\\..\\api\\v1\\customers" H "\r\n", {400, 401}},
    {"two slashes", "GET //api/v1/customers" H "\r\n", {400, 401}},
    {"a slash behind", "GET /api/v1/customers/" H "\r\n", {401}},
    {"a semicolon", "GET /healthz;/api/v1/customers" H "\r\n", {401}},
    {"capitals", "GET /API/V1/CUSTOMERS" H "\r\n", {401}},
    {"a NUL", "GET /healthz%00/api/v1/customers" H "\r\n", {400}},
    {"bytes that are no UTF-8", "GET /api/v1/customers%ff" H "\r\n", {400}},
    {"an overlong dot", "GET /healthz/%c0%ae%c0%ae/api/v1/customers" H "\r\n", {400}},
    {"another host's URL", "GET http://localhost/api/v1/customers" H "\r\n", {401}},
    {"a file", "GET /../../../../etc/passwd" H "\r\n", {400, 401}},
    {"a file from the app's folder", "GET /assets/../../../../etc/passwd" H "\r\n", {400, 401}},
    {"the same, encoded once more", "GET /assets%2f..%2f..%2fetc%2fpasswd" H "\r\n", {400}},
    {"the same, with a back slash", "GET /assets/..%5c..%5cetc%5cpasswd" H "\r\n", {401}},
    {"a path from the root on", "GET //etc/passwd" H "\r\n", {400, 401}},
    {"what is hidden in the app's folder", "GET /.vite/manifest.json" H "\r\n", {401}},
    {"the app's folder", "GET /assets/" H "\r\n", {401}},
    {"a NUL before another ending", "GET /index.html%00.js" H "\r\n", {400}},
    {"data as if it was a page", "GET /api/v1/customers" H "Accept: text/html\r\n\r\n", {401}},
    {"a write to a page", "POST /customers" H "Accept: text/html\r\n" JSON, {401}},
    {"a tunnel", "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", {400, 405, 501}},
    {"an echo", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", {400, 405, 501}},
    {"an upgrade", "GET /api/v1/events" H "Upgrade: websocket\r\n\r\n", {401}},
    /* what two servers could read in two ways */
    {"two lengths",
     "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: "
     "40\r\n\r\nhelloGET /api/v1/customers HTTP/1.1\r\n\r\n",
     {400}},
    {"a length and chunks",
     "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\nGET /api/v1/customers HTTP/1.1\r\n\r\n",
     {400}},
    {"a folded header",
     "GET /api/v1/customers HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c: d\r\n\r\n",
     {400}},
    {"a bare line end", "GET /healthz HTTP/1.1\nHost: localhost\n\n", {400}},
    {"two hosts", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", {400}},
    {"no host", "GET /healthz HTTP/1.1\r\n\r\n", {400}},
    {"a header that ends early", "GET /healthz" H "X-A: a\rSet-Cookie: liaison=x\r\n\r\n", {400}},
    /* headers of ours made of what was sent */
    {"a line in a token's name",
     "POST /api/v1/session" H "User-Agent: a\tb\x7f\r\nContent-Type: application/json\r\n"
     "Content-Length: 53\r\n\r\n{\"email\":\"ada\\r\\nSet-Cookie: a=b\",\"password\":\"x\"}    ",
     {400, 401}},
    {"a line in a filter",
     "GET /api/v1/customers?filter=a%0d%0aSet-Cookie:%20a=b" H
     "Authorization: Bearer TOKEN\r\n\r\n",
     {400}},
    {"a line in an id",
     "GET /api/v1/customers/%0d%0aSet-Cookie:%20a=b" H "Authorization: Bearer TOKEN\r\n\r\n",
     {400}},
    {"a line in a key",
     "POST /api/v1/customers" H "Authorization: Bearer TOKEN\r\nIdempotency-Key: a\x01z\r\n" JSON,
     {400}},
};

static bool is_one_of(unsigned status, const unsigned *wanted)
{
    bool is = false;
    for (size_t i = 0; i < 3; i++) is |= wanted[i] == status && (status || !i);
    return is;
}

TEST(every_attempt_is_refused_and_tells_nothing)
{
    size_t wrong = 0;
    start();
    for (size_t i = 0; i < LIA_COUNT(attempts); i++) {
        char *request = fill(attempts[i].request);
        lia_reply reply = exchange(request, strlen(request));
        bool good = is_one_of(reply.status, attempts[i].status);
        if (reply.body) good &= !strstr(reply.body, WORD) && !strstr(reply.body, "root:");
        if (reply.head) good &= !strstr(reply.head, "\nSet-Cookie");
        if (!good) print_error("%s: %u %s\n", attempts[i].name, reply.status, reply.body);
        wrong += !good;
        lia_reply_fini(&reply);
        free(request);
    }
    CHECK_EQ(wrong, 0);
    char path[128];
    snprintf(path, sizeof path, "/api/v1/customers/%s", customer);
    lia_reply reply = lia_say(&node, "GET", path, admin, "");
    CHECK(reply.status == 200 && strstr(reply.body, WORD) && !strstr(reply.body, "archived"));
    lia_reply_fini(&reply);
}

/* ---- too much -------------------------------------------------------------------------------- */

static unsigned flood(const char *before, char byte, size_t count, const char *after)
{
    size_t size = strlen(before) + count + strlen(after);
    char *request = malloc(size + 1), *at = request;
    at = stpcpy(at, before);
    memset(at, byte, count);
    strcpy(at + count, after);
    lia_reply reply = exchange(request, size);
    unsigned status = reply.status;
    lia_reply_fini(&reply);
    free(request);
    return status;
}

TEST(what_is_too_large_is_refused_by_name_also_of_who_may_not_ask)
{
    start();
    CHECK_EQ(flood("GET /", 'a', 20000, H "\r\n"), 414);
    CHECK_EQ(flood("GET /healthz" H "Cookie: ", 'a', 20000, "\r\n\r\n"), 431);
    CHECK_EQ(flood("POST /api/v1/session" H "Content-Type: application/json\r\nContent-Length: "
                   "99999999\r\n\r\n",
                   'a', 10, ""),
             413);
    CHECK_EQ(flood("POST /api/v1/session" H "Content-Type: application/json\r\nContent-Length: "
                   "100000\r\n\r\n",
                   '[', 100000, ""),
             400);
    char many[70 * 8 + 1] = "";
    for (int i = 0; i < 70; i++) strcat(many, "A: b\r\n");
    strcat(many, "\r\n");
    CHECK_EQ(flood("GET /healthz" H, 'X', 0, many), 431);
}

/* ---- tokens that ended ----------------------------------------------------------------------- */

static void new_token(const char *expires, char id[40], char token[LIA_TOKEN_SIZE])
{
    char body[256];
    snprintf(body, sizeof body, "{\"name\":\"t\",\"expires_at\":\"%s\"}", expires);
    lia_reply reply = lia_say(&node, "POST", "/api/v1/tokens", admin, body);
    CHECK_EQ(reply.status, 201);
    lia_cut(&reply, "id", id, 40);
    lia_cut(&reply, "token", token, LIA_TOKEN_SIZE);
    lia_reply_fini(&reply);
}

TEST(a_token_counts_until_it_expires_or_is_revoked_and_not_a_request_longer)
{
    char id[40], token[LIA_TOKEN_SIZE], path[128], until[LIA_TIME_TEXT_SIZE];
    start();
    lia_time end = {lia_time_now().ms + 1500};
    lia_time_print(end, until);
    new_token(until, id, token);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/customers", token, ""), 200);
    while (lia_status_of(&node, "GET", "/api/v1/customers", token, "") == 200)
        CHECK(lia_time_now().ms < end.ms + 1000);
    CHECK(lia_time_now().ms >= end.ms);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/customers", token, ""), 401);

    lia_time_print((lia_time){end.ms + LIA_HOUR_MS}, until);
    new_token(until, id, token);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/customers", token, ""), 200);
    snprintf(path, sizeof path, "/api/v1/tokens/%s", id);
    CHECK_EQ(lia_status_of(&node, "DELETE", path, admin, ""), 204);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/customers", token, ""), 401);
    CHECK(lia_process_stop(&node));
}
