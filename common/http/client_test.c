/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that vanish, dawdle, crowd or run wild, and the end of the server. */
#include <sys/resource.h>

#include "common/http/test_world.h"

#define HOST        "Host: crm.local\r\n"
#define SAY(length) "POST /echo HTTP/1.1\r\n" HOST "Content-Length: " length "\r\n\r\n"

/* ---- clients that go away ------------------------------------------------------------------- */

TEST(answers_for_clients_that_vanished_are_dropped)
{
    world w = {0};
    world_open(&w);
    client clients[200];
    for (size_t i = 0; i < LIA_COUNT(clients); i++) {
        clients[i] = client_connect(&w);
        client_say(&w, &clients[i], "POST /hold HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nwait");
    }
    WAIT_UNTIL(&w, w.held_count == LIA_COUNT(clients));
    for (size_t i = 0; i < LIA_COUNT(clients); i++)
        (i % 2 ? client_reset : client_close)(&clients[i]);
    WAIT_UNTIL(&w, world_stats(&w).connections <= LIA_COUNT(clients) / 2); /* the resets */
    for (size_t i = 0; i < w.held_count; i++) {
        CHECK(path_is(w.held[i], "/hold"));
        CHECK(lia_span_is(lia_http_get_body(w.held[i]), "wait"));
        answer(w.held[i], 200, lia_http_get_body(w.held[i]));
    }
    WAIT_UNTIL(&w, world_stats(&w).connections == 0);
    client c = client_connect(&w);
    client_say(&w, &c, SAY("2") "ok");
    client_hear(&w, &c, "\r\n\r\nok");
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_client_that_only_shut_its_half_gets_all_its_answers)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "GET /hold HTTP/1.1\r\n" HOST "\r\nGET /second HTTP/1.1\r\n" HOST "\r\n");
    shutdown(c.fd, SHUT_WR);
    WAIT_UNTIL(&w, w.held_count == 1);
    for (unsigned i = 0; i < 10; i++) world_turn(&w);
    answer(w.held[0], 200, LIA_SPAN("first"));
    client_hear_end(&w, &c);
    CHECK(!c.reset);
    CHECK(client_has(&c, "first") && client_has(&c, "/second"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_client_may_vanish_at_any_byte_of_its_request)
{
    static const char text[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
    world w = {0};
    world_open(&w);
    for (size_t size = 0; size < 2 * sizeof text - 1; size++) {
        client c = client_connect(&w);
        client_send(&w, &c, lia_span_make(text, size / 2));
        world_turn(&w);
        (size % 2 ? client_reset : client_close)(&c);
    }
    WAIT_UNTIL(&w, world_stats(&w).connections == 0);
    world_close(&w, 0);
}

/* ---- clients that are slow ------------------------------------------------------------------ */

TEST(a_client_that_drips_its_head_is_cut)
{
    world w = {.options = {.head_ms = 40}};
    world_open(&w);
    client silent = client_connect(&w), dripping = client_connect(&w);
    client_say(&w, &dripping, "GET / HTTP/1.1\r\nX: ");
    while (!client_is_over(&dripping)) { /* every byte would restart a naive timer */
        client_say(&w, &dripping, "x");
        uv_run(&w.loop, UV_RUN_ONCE);
    }
    CHECK(client_has(&dripping, "HTTP/1.1 408 Request Timeout"));
    client_hear_end(&w, &silent);
    CHECK_EQ(silent.heard_size, 0);
    client_close(&dripping);
    client_close(&silent);
    world_close(&w, 0);
}

TEST(a_client_that_drips_its_body_is_cut)
{
    world w = {.options = {.body_ms = 40}};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, SAY("100000") "a");
    client_hear_end(&w, &c);
    CHECK(client_has(&c, "HTTP/1.1 408 Request Timeout"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(an_idle_connection_is_closed_but_not_one_that_waits_for_its_answer)
{
    world w = {.options = {.idle_ms = 30, .head_ms = 30}};
    world_open(&w);
    client idle = client_connect(&w), waiting = client_connect(&w);
    client_say(&w, &waiting, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    client_say(&w, &idle, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    client_hear(&w, &idle, "/x");
    client_hear_end(&w, &idle);
    CHECK(!client_is_over(&waiting));
    answer(w.held[0], 200, LIA_SPAN("late"));
    client_hear(&w, &waiting, "late");
    client_close(&idle);
    client_close(&waiting);
    world_close(&w, 0);
}

TEST(a_large_answer_waits_for_its_reader_and_a_stalled_one_is_cut)
{
    world w = {.options = {.write_ms = 250}};
    world_open(&w);
    client reader = client_connect(&w), stalled = client_connect(&w);
    client_say(&w, &stalled, "GET /large HTTP/1.1\r\n" HOST "\r\nGET /x HTTP/1.1\r\n" HOST "\r\n");
    client_say(&w, &reader,
               "GET /large HTTP/1.1\r\n" HOST "\r\nGET /behind HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(&w, client_is_over(&reader) || reader.heard_size > ((size_t)8 << 20) + 150);
    client_hear(&w, &reader, "/behind");
    WAIT_UNTIL(&w, world_stats(&w).connections == 1);
    CHECK_EQ(w.handled, 3); /* the stalled one was not asked on */
    client_close(&reader);
    client_close(&stalled);
    world_close(&w, 0);
}

/* ---- many ----------------------------------------------------------------------------------- */

TEST(idle_connections_cost_little_memory)
{
    world w = {0};
    world_open(&w);
    client clients[300];
    for (size_t i = 0; i < LIA_COUNT(clients); i++) {
        clients[i] = client_connect(&w);
        client_say(&w, &clients[i], SAY("2") "ok");
    }
    for (size_t i = 0; i < LIA_COUNT(clients); i++) client_hear(&w, &clients[i], "\r\n\r\nok");
    lia_http_stats stats = world_stats(&w);
    CHECK_EQ(stats.connections, LIA_COUNT(clients));
    CHECK(stats.memory < LIA_COUNT(clients) * 1024);
    for (size_t i = 0; i < LIA_COUNT(clients); i++) client_close(&clients[i]);
    WAIT_UNTIL(&w, world_stats(&w).connections == 0);
    world_close(&w, 0);
}

TEST(beyond_the_cap_clients_wait_until_one_leaves)
{
    world w = {.options = {.connections_max = 3}};
    world_open(&w);
    client clients[6];
    for (size_t i = 0; i < LIA_COUNT(clients); i++) {
        clients[i] = client_connect(&w);
        client_say(&w, &clients[i], "GET /here HTTP/1.1\r\n" HOST "\r\n");
    }
    for (size_t i = 0; i < LIA_COUNT(clients); i++) {
        client_hear(&w, &clients[i], "/here");
        CHECK(world_stats(&w).connections <= 3);
        client_close(&clients[i]);
    }
    world_close(&w, 0);
}

/* libuv keeps a file of its own to turn clients away with; it must also go well without it. */
static void run_out_of_files(bool with_spare)
{
    world w = {0};
    world_open(&w);
    if (!with_spare) {
        close(w.loop.emfile_fd);
        w.loop.emfile_fd = -1;
    }
    client clients[20];
    for (size_t i = 0; i < LIA_COUNT(clients); i++) clients[i] = client_connect(&w);
    struct rlimit before, less;
    getrlimit(RLIMIT_NOFILE, &before);
    less = before;
    less.rlim_cur = (rlim_t)clients[LIA_COUNT(clients) - 1].fd + 4; /* room for three */
    setrlimit(RLIMIT_NOFILE, &less);
    for (unsigned i = 0; i < 50; i++) world_turn(&w);
    CHECK(world_stats(&w).connections <= 5);
    setrlimit(RLIMIT_NOFILE, &before);
    for (size_t i = 0; i < LIA_COUNT(clients); i++) client_close(&clients[i]);
    client c = client_connect(&w);
    client_say(&w, &c, SAY("2") "ok");
    client_hear(&w, &c, "\r\n\r\nok");
    client_close(&c);
    world_close(&w, 0);
}

TEST(running_out_of_files_turns_clients_away_and_heals)
{
    run_out_of_files(true);
    run_out_of_files(false);
}

/* ---- the end -------------------------------------------------------------------------------- */

TEST(closing_lets_answers_under_way_finish)
{
    world w = {0};
    world_open(&w);
    client waiting = client_connect(&w), idle = client_connect(&w), half = client_connect(&w);
    client_say(&w, &waiting, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    client_say(&w, &idle, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    client_hear(&w, &idle, "/x");
    client_say(&w, &half, "GET /x HTTP/1.1\r\n");
    WAIT_UNTIL(&w, w.held_count == 1 && world_stats(&w).connections == 3);
    lia_http_close(w.server, 60000, on_world_closed, &w);
    client_hear_end(&w, &idle);
    client_hear_end(&w, &half);
    CHECK(!w.closed);
    answer(w.held[0], 200, LIA_SPAN("finished"));
    client_hear_end(&w, &waiting);
    CHECK(client_has(&waiting, "Connection: close\r\n\r\nfinished"));
    WAIT_UNTIL(&w, w.closed);
    CHECK_EQ(uv_loop_close(&w.loop), 0);
    client_close(&waiting);
    client_close(&idle);
    client_close(&half);
}

TEST(a_request_survives_its_server)
{
    world w = {0};
    world_open(&w);
    client a = client_connect(&w), b = client_connect(&w);
    client_say(&w, &a, "POST /hold?p=v HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na");
    client_say(&w, &b, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(&w, w.held_count == 2);
    lia_http_close(w.server, 5, on_world_closed, &w);
    WAIT_UNTIL(&w, w.closed);
    client_listen(&a);
    CHECK(a.ended && a.heard_size == 0);
    lia_span value;
    CHECK(lia_span_is(lia_http_get_body(w.held[0]), "a"));
    CHECK_OK(lia_http_get_param(w.held[0], "p", &value));
    CHECK(lia_span_is(value, "v"));
    answer(w.held[0], 200, LIA_SPAN("too late"));
    lia_http_drop(w.held[1]);
    client_close(&a);
    client_close(&b);
    world_turn(&w); /* gives their memory back */
    CHECK_EQ(uv_loop_close(&w.loop), 0);
}

TEST(a_handler_may_close_the_server)
{
    for (uint32_t grace_ms = 0; grace_ms <= 1000; grace_ms += 1000) {
        world w = {.grace_ms = grace_ms};
        world_open(&w);
        client c = client_connect(&w);
        client_say(&w, &c, "GET /quit HTTP/1.1\r\n" HOST "\r\nGET /x HTTP/1.1\r\n" HOST "\r\n");
        client_hear_end(&w, &c);
        CHECK_EQ(client_count(&c, "good bye"), grace_ms ? 1 : 0);
        WAIT_UNTIL(&w, w.closed);
        CHECK_EQ(uv_loop_close(&w.loop), 0);
        CHECK_EQ(w.handled, 1);
        client_close(&c);
    }
}

/* ---- all of it at once ---------------------------------------------------------------------- */

typedef struct wild_client {
    client client;
    unsigned asked;   /* whole requests sent */
    size_t half_sent; /* of the next one */
} wild_client;

static void wild_answer(world *w, lia_dice *dice)
{
    if (w->held_count == 0) return;
    size_t at = (size_t)lia_dice_below(dice, w->held_count);
    lia_http_request *request = w->held[at];
    w->held[at] = w->held[--w->held_count];
    if (lia_dice_below(dice, 10))
        answer(request, 200, lia_http_get_body(request));
    else
        lia_http_drop(request);
}

/* Sends a piece of an endless row of requests whose bodies count up. */
static void wild_say(world *w, wild_client *wild, lia_dice *dice)
{
    static const char *const paths[] = {"/hold", "/echo"};
    char text[256], body[32];
    int length = snprintf(body, sizeof body, "number %u.", wild->asked);
    bool chunked = wild->asked % 3 == 0;
    int size = chunked ? snprintf(text, sizeof text,
                                  "POST %s HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                                  "%x\r\n%s\r\n0\r\n\r\n",
                                  paths[wild->asked % 2], (unsigned)length, body)
                       : snprintf(text, sizeof text,
                                  "POST %s HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n%s",
                                  paths[wild->asked % 2], length, body);
    size_t left = (size_t)size - wild->half_sent;
    size_t piece = lia_dice_below(dice, 3) ? left : lia_dice_below(dice, left + 1);
    client_send(w, &wild->client, lia_span_make(text + wild->half_sent, piece));
    wild->half_sent += piece;
    if (wild->half_sent < (size_t)size) return;
    wild->half_sent = 0;
    wild->asked++;
}

/* What was heard must count up without a gap. */
static void wild_check(wild_client *wild)
{
    client_listen(&wild->client);
    const char *at = wild->client.heard;
    for (unsigned i = 0; (at = strstr(at, "number ")); i++, at++)
        CHECK_EQ(strtoul(at + 7, NULL, 10), i);
}

TEST(wild_clients_are_answered_in_order_and_leave_nothing_behind)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        world w = {.options = {.connections_max = 20}};
        world_open(&w);
        lia_dice dice = {seed};
        wild_client wild[30];
        for (size_t i = 0; i < LIA_COUNT(wild); i++)
            wild[i] = (wild_client){client_connect(&w), 0, 0};
        for (unsigned step = 0; step < 6000; step++) {
            wild_client *one = &wild[lia_dice_below(&dice, LIA_COUNT(wild))];
            uint64_t what = lia_dice_below(&dice, 100);
            if (what < 60) wild_say(&w, one, &dice);
            if (what >= 60 && what < 95) wild_answer(&w, &dice);
            if (what >= 95 || client_is_over(&one->client)) {
                wild_check(one);
                (what % 2 ? client_close : client_reset)(&one->client);
                *one = (wild_client){client_connect(&w), 0, 0};
            }
            if (what % 3 == 0) world_turn(&w);
        }
        CHECK(w.handled > 1000);
        for (size_t i = 0; i < LIA_COUNT(wild); i++) {
            wild_check(&wild[i]);
            client_close(&wild[i].client);
        }
        WAIT_UNTIL(&w, (wild_answer(&w, &dice), world_stats(&w).connections == 0));
        while (w.held_count) wild_answer(&w, &dice);
        world_close(&w, 0);
    }
}
