/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere in the server: one client is answered no or loses its connection, and the
 * next one is served. */
#include "common/http/test_world.h"
#include "tests/support/failing.h"

static world w;

static lia_err open_and_close(void *context)
{
    world *of = context;
    lia_why why = {{0}};
    lia_err err = lia_http_open(&of->server, &of->options, &why);
    if (err) {
        CHECK(why.text[0]);
        uv_run(&of->loop, UV_RUN_DEFAULT); /* what was open closes */
        return err;
    }
    of->closed = false;
    lia_http_close(of->server, 0, on_world_closed, of);
    WAIT_UNTIL(of, of->closed);
    return LIA_OK;
}

TEST(a_server_without_memory_does_not_open_and_opens_later)
{
    w = (world){.options = {.address = "127.0.0.1"}};
    uv_loop_init(&w.loop);
    w.options.loop = &w.loop;
    w.options.handler = on_request;
    w.options.body_limit = on_body_limit;
    w.options.context = &w;
    CHECK(lia_failing_each(open_and_close, &w, LIA_FAIL_HEAP | LIA_FAIL_ARENA) > 0);
    CHECK_EQ(uv_loop_close(&w.loop), 0);
}

static client connect_to_server(void)
{
    client c = client_connect(&w);
    uint64_t before = world_stats(&w).connections_total;
    WAIT_UNTIL(&w, world_stats(&w).connections_total > before);
    return c;
}

static void check_serves(void)
{
    client c = client_connect(&w);
    client_say(&w, &c, "GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client_hear(&w, &c, "HTTP/1.1 200");
    client_hear(&w, &c, "/after");
    client_close(&c);
}

TEST(a_client_that_there_is_no_memory_for_waits_and_is_served)
{
    w = (world){0};
    world_open(&w);
    client c = client_connect(&w);
    lia_failing_arm(LIA_FAIL_HEAP, 1);
    for (bool fired = false; !fired;) {
        world_turn(&w);
        fired = lia_failing_disarm();
        if (!fired) lia_failing_arm(LIA_FAIL_HEAP, 1);
    }
    client_say(&w, &c, "GET /waited HTTP/1.1\r\nHost: x\r\n\r\n");
    client_hear(&w, &c, "/waited");
    check_serves();
    client_close(&c);
    world_close(&w, 0);
}

/* Speaks while memory ends at the server's n-th allocation; whether it did. */
static bool speak(uint64_t n, const char *text)
{
    client c = connect_to_server();
    lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA, n);
    client_say(&w, &c, text);
    for (int i = 0; i < 50; i++) world_turn(&w);
    bool fired = lia_failing_disarm();
    WAIT_UNTIL(&w, client_has(&c, "HTTP/1.1 ") || c.ended);
    CHECK(fired || client_has(&c, "HTTP/1.1 200"));
    client_close(&c);
    return fired;
}

/* A server each time: one that has served keeps memory for the next request. */
static void try_all(const char *text, uint64_t least)
{
    uint64_t n = 0;
    for (bool fired = true; fired;) {
        w = (world){0};
        world_open(&w);
        fired = speak(++n, text);
        check_serves();
        world_close(&w, 0);
    }
    CHECK(n > least);
}

TEST(a_request_without_memory_ends_itself_and_no_other)
{
    try_all("GET /some HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 1);
}

TEST(a_body_without_memory_ends_itself_and_no_other)
{
    static char text[100000];
    int size = snprintf(text, sizeof text,
                        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n");
    memset(text + size, 'x', 90000);
    try_all(text, 2);
}

TEST(a_stream_without_memory_ends_itself_and_no_other)
{
    try_all("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", 2);
}
