/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/server.h"

#include "common/http/test_world.h"

#define HOST        "Host: crm.local\r\n"
#define SAY(length) "POST /echo HTTP/1.1\r\n" HOST "Content-Length: " length "\r\n\r\n"

/* ---- answers -------------------------------------------------------------------------------- */

TEST(an_answer_has_status_date_type_length_and_body)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, SAY("5") "hello");
    client_hear(&w, &c, "hello");
    CHECK(strncmp(c.heard, "HTTP/1.1 200 OK\r\n", 17) == 0);
    CHECK(client_has(&c, "\r\nDate: "));
    CHECK(client_has(&c, "\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK(client_has(&c, "Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
    CHECK(!client_has(&c, "Strict-Transport-Security")); /* it came in the clear */
    CHECK(client_has(&c, " GMT\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_head_answer_has_the_length_but_not_the_body)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "HEAD /abcdef HTTP/1.1\r\n" HOST "\r\nGET /second HTTP/1.1\r\n" HOST "\r\n");
    client_hear(&w, &c, "/second");
    CHECK(client_has(&c, "Content-Length: 7\r\n\r\nHTTP/1.1 200"));
    CHECK(!client_has(&c, "/abcdef"));
    client_forget(&c);
    client_say(&w, &c, "GET /nothing HTTP/1.1\r\n" HOST "\r\n");
    client_hear(&w, &c, "\r\n\r\n");
    CHECK(client_has(&c, "204 No Content"));
    CHECK(!client_has(&c, "Content-Length"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_body_that_is_lent_arrives_whole_and_the_next_answer_behind_it)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    lia_span want = lent_body(true);
    client_say(&w, &c, "GET /lent-small HTTP/1.1\r\n" HOST "\r\nHEAD /lent-small HTTP/1.1\r\n" HOST
                       "\r\nGET /lent-small HTTP/1.1\r\n" HOST "\r\nGET /after HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(&w, (client_listen(&c), c.heard_size > 2 * want.size) || c.ended);
    client_hear(&w, &c, "\r\n\r\n/after");
    const char *body = strstr(c.heard, "\r\n\r\n") + 4;
    CHECK(memcmp(body, want.data, want.size) == 0);
    body = strstr(body + want.size, "\r\n\r\n") + 4; /* of HEAD, which has none */
    body = strstr(body, "\r\n\r\n") + 4;
    CHECK(memcmp(body, want.data, want.size) == 0);
    CHECK_EQ(client_count(&c, "Content-Length: 1000000\r\n"), 3);
    client_close(&c);
    world_close(&w, 0);
}

TEST(clients_that_do_not_read_what_is_lent_cost_a_piece_each_and_are_cut)
{
    enum { CLIENTS = 20 };
    world w = {.options = {.write_ms = 1000}};
    world_open(&w);
    client c[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++) {
        c[i] = client_connect(&w);
        int small = 4096;
        setsockopt(c[i].fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        client_say(&w, &c[i], "GET /lent HTTP/1.1\r\n" HOST "\r\n");
    }
    WAIT_UNTIL(&w, w.handled == CLIENTS);
    size_t most = 0;
    WAIT_UNTIL(&w, (most = world_stats(&w).memory > most ? world_stats(&w).memory : most,
                    world_stats(&w).connections == 0));
    CHECK(most < CLIENTS * ((size_t)100 << 10)); /* a request object, and 32 KiB */
    for (size_t i = 0; i < CLIENTS; i++) client_close(&c[i]);
    world_close(&w, 0);
}

TEST(an_answer_cannot_be_split_by_a_header)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "GET /evil HTTP/1.1\r\n" HOST "\r\n");
    client_hear(&w, &c, "\r\n\r\n");
    CHECK(client_has(&c, "500 Internal Server Error"));
    CHECK(!client_has(&c, "X-Evil") && !client_has(&c, "X-Second"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(handlers_see_decoded_paths_parameters_and_headers)
{
    static const struct {
        const char *request, *want;
    } cases[] = {
        {"GET /a%20b HTTP/1.1\r\n" HOST, "\r\n\r\n/a b"},
        {"GET http://x/y?z HTTP/1.1\r\n" HOST, "\r\n\r\n/y"},
        {"GET /param?q=1&p=a%2Bb+c HTTP/1.1\r\n" HOST, "\r\n\r\na+b c"},
        {"GET /param?p=%zz HTTP/1.1\r\n" HOST, "400 Bad Request"},
        {"GET /param?q HTTP/1.1\r\n" HOST, "404 Not Found"},
        {"GET /agent HTTP/1.1\r\nUSER-agent:  me \r\n" HOST, "\r\n\r\nme"},
        {"OPTIONS * HTTP/1.1\r\n" HOST, "204 No Content"},
    };
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        client_forget(&c);
        client_say(&w, &c, cases[i].request);
        client_say(&w, &c, "\r\n");
        client_hear(&w, &c, cases[i].want);
    }
    CHECK_EQ(world_stats(&w).connections_total, 1);
    client_close(&c);
    world_close(&w, 0);
}

/* ---- one after the other -------------------------------------------------------------------- */

TEST(a_connection_serves_many_requests_without_more_memory)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    size_t memory = 0;
    for (unsigned i = 0; i < 300; i++) {
        char wanted[32];
        client_forget(&c);
        client_say(&w, &c, SAY("9") "some ");
        client_say(&w, &c, "body");
        snprintf(wanted, sizeof wanted, "\r\n\r\nsome body");
        client_hear(&w, &c, wanted);
        if (i == 0) memory = world_stats(&w).memory;
    }
    CHECK_EQ(world_stats(&w).memory, memory);
    CHECK_EQ(world_stats(&w).connections_total, 1);
    CHECK_EQ(world_stats(&w).requests, 300);
    client_close(&c);
    world_close(&w, 0);
}

TEST(pipelined_requests_are_answered_in_order)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    char all[32768];
    size_t size = 0;
    for (unsigned i = 0; i < 500; i++)
        size +=
            (size_t)snprintf(all + size, sizeof all - size, "GET /n%u HTTP/1.1\r\n" HOST "\r\n", i);
    client_send(&w, &c, lia_span_make(all, size));
    client_hear(&w, &c, "/n499");
    const char *at = c.heard;
    for (unsigned i = 0; i < 500; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "\r\n\r\n/n%u", i);
        at = strstr(at, wanted);
        CHECK(at != NULL);
    }
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_request_waits_behind_an_unanswered_one)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "GET /hold HTTP/1.1\r\n" HOST "\r\nGET /second HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(&w, w.held_count == 1);
    client_say(&w, &c, "GET /third HTTP/1.1\r\n" HOST "\r\n");
    for (unsigned i = 0; i < 20; i++) world_turn(&w);
    CHECK_EQ(w.handled, 1);
    answer(w.held[0], 200, LIA_SPAN("first"));
    CHECK_EQ(w.handled, 1); /* never from inside an answer */
    client_hear(&w, &c, "/third");
    CHECK(strstr(c.heard, "first") < strstr(c.heard, "/second"));
    CHECK(strstr(c.heard, "/second") < strstr(c.heard, "/third"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_request_in_single_bytes_is_answered_once)
{
    static const char text[] = "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                               "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n" SAY("3") "xyz";
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        client_send(&w, &c, lia_span_make(text + i, 1));
        world_turn(&w);
    }
    client_hear(&w, &c, "\r\n\r\nxyz");
    CHECK(client_has(&c, "\r\n\r\nabcde"));
    CHECK_EQ(w.handled, 2);
    client_close(&c);
    world_close(&w, 0);
}

TEST(the_connection_ends_when_either_side_says_so)
{
    static const char *const requests[] = {
        "GET /x HTTP/1.1\r\nConnection: close\r\n" HOST "\r\n",
        "GET /x HTTP/1.0\r\n\r\n",
    };
    world w = {0};
    world_open(&w);
    for (size_t i = 0; i < LIA_COUNT(requests); i++) {
        client c = client_connect(&w);
        client_say(&w, &c, requests[i]);
        client_hear_end(&w, &c);
        CHECK(!c.reset);
        CHECK(client_has(&c, "Connection: close\r\n\r\n/x"));
        client_close(&c);
    }
    client c = client_connect(&w);
    client_say(&w, &c, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_hear(&w, &c, "Connection: keep-alive\r\n\r\n/x");
    client_say(&w, &c, "GET /drop HTTP/1.1\r\n" HOST "\r\n");
    client_hear_end(&w, &c);
    CHECK_EQ(client_count(&c, "HTTP/1.1"), 1);
    client_close(&c);
    world_close(&w, 0);
}

/* ---- bodies --------------------------------------------------------------------------------- */

static char *patterned(size_t size)
{
    char *body = malloc(size + 1);
    for (size_t i = 0; i < size; i++) body[i] = (char)('a' + i * 7 % 26);
    body[size] = 0;
    return body;
}

static void send_plain(world *w, client *c, const char *body, size_t size)
{
    char head[128];
    snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", size);
    client_say(w, c, head);
    client_send(w, c, lia_span_make(body, size));
}

static void send_chunked(world *w, client *c, const char *body, size_t size)
{
    client_say(w, c, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0, piece = 1; at < size; at += piece, piece = piece * 2 % 70001) {
        char line[32];
        if (piece > size - at) piece = size - at;
        snprintf(line, sizeof line, "%zX\r\n", piece);
        client_say(w, c, line);
        client_send(w, c, lia_span_make(body + at, piece));
        client_say(w, c, "\r\n");
    }
    client_say(w, c, "0\r\n\r\n");
}

TEST(bodies_of_every_size_arrive_whole)
{
    static const size_t sizes[] = {0,     1,     4000,  16000,  20000,       20400,  20480,
                                   20500, 65535, 65536, 300000, 1000 * 1000, 1 << 20};
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    for (size_t i = 0; i < 2 * LIA_COUNT(sizes); i++) {
        size_t size = sizes[i / 2];
        char *body = patterned(size), wanted[32];
        (i % 2 ? send_chunked : send_plain)(&w, &c, body, size);
        snprintf(wanted, sizeof wanted, "Content-Length: %zu\r\n\r\n", size);
        client_hear(&w, &c, wanted);
        const char *got = strstr(c.heard, wanted) + strlen(wanted);
        size_t before = (size_t)(got - c.heard);
        WAIT_UNTIL(&w, client_is_over(&c) || c.heard_size == before + size);
        CHECK(memcmp(c.heard + before, body, size) == 0);
        client_forget(&c);
        free(body);
    }
    CHECK_EQ(world_stats(&w).connections_total, 1);
    CHECK(world_stats(&w).memory < (size_t)256 << 10); /* large bodies are not kept */
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_body_beyond_the_limit_is_refused_before_it_comes)
{
    static const char *const requests[] = {
        "POST /x HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n",
        "POST /x HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
        "POST /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n",
        "GET /x HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n",
    };
    world w = {0};
    world_open(&w);
    char *body = patterned(200000);
    for (size_t i = 0; i < LIA_COUNT(requests); i++) {
        client c = client_connect(&w);
        client_say(&w, &c, requests[i]);
        client_say(&w, &c, body); /* which must not reset the answer away */
        client_hear_end(&w, &c);
        CHECK(strncmp(c.heard, "HTTP/1.1 413 ", 13) == 0);
        CHECK(client_has(&c, "application/problem+json"));
        CHECK(!c.reset);
        client_close(&c);
    }
    free(body);
    CHECK_EQ(w.handled, 0);
    world_close(&w, 0);
}

TEST(a_client_that_asks_is_told_to_continue)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c,
               "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    client_hear(&w, &c, "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK_EQ(w.handled, 0);
    client_say(&w, &c, "ok");
    client_hear(&w, &c, "\r\n\r\nok");
    client_close(&c);
    world_close(&w, 0);
}

/* ---- refusals ------------------------------------------------------------------------------- */

TEST(what_is_not_http_is_refused_with_a_problem_and_closed)
{
    static const struct {
        const char *request, *want;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
        {"\x16\x03\x01", "HTTP/1.1 400 "},
        {"GET /../etc HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 "},
        {"GET /a%2fb HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 "},
        {"GET /%00 HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 "},
        {"GET /%ff HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 "},
        {"BREW / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 "},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", "HTTP/1.1 505 "},
        {"POST /echo HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n", "HTTP/1.1 417 "},
        {"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n", "HTTP/1.1 400 "},
    };
    world w = {0};
    world_open(&w);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        client c = client_connect(&w);
        client_say(&w, &c, cases[i].request);
        client_say(&w, &c, "GET /smuggled HTTP/1.1\r\n" HOST "\r\n");
        client_hear_end(&w, &c);
        CHECK(strncmp(c.heard, cases[i].want, strlen(cases[i].want)) == 0);
        CHECK(client_has(&c, "Content-Type: application/problem+json\r\n"));
        CHECK(client_has(&c, "Connection: close\r\n"));
        CHECK(client_has(&c, "{\"type\":\"about:blank\",\"title\":\""));
        CHECK_EQ(client_count(&c, "HTTP/1.1 "), 1);
        client_close(&c);
    }
    CHECK_EQ(w.handled, 0);
    CHECK_EQ(world_stats(&w).refused, LIA_COUNT(cases));
    world_close(&w, 0);
}

TEST(only_loopback_may_be_bound_and_only_once)
{
    static const struct {
        const char *address;
        lia_err want;
    } cases[] = {{"0.0.0.0", LIA_EDENIED},          {"::", LIA_EDENIED},
                 {"192.168.1.1", LIA_EDENIED},      {"localhost", LIA_EINVAL},
                 {"::ffff:127.0.0.1", LIA_EDENIED}, {"", LIA_EINVAL}};
    world w = {0};
    w.options.address = "127.0.0.2";
    world_open(&w);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_http_options options = w.options;
        lia_http_server *server;
        lia_why why = {{0}};
        options.address = cases[i].address;
        CHECK_ERR(lia_http_open(&server, &options, &why), cases[i].want);
        CHECK(!server && why.text[0]);
    }
    lia_http_options options = w.options;
    lia_http_server *server;
    options.port = lia_http_port(w.server);
    CHECK_ERR(lia_http_open(&server, &options, NULL), LIA_EBUSY);
    world_close(&w, 0);
}
