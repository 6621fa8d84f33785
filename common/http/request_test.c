/* SPDX-License-Identifier: Apache-2.0 */
/* A request lives until whoever answered it has returned to the loop: handlers read on after their
 * answer, as the address sanitizer and the text that they left there show. */
#include "common/http/test_world.h"

#define HOST "Host: x\r\n"
#define LOOK "POST /look HTTP/1.1\r\n" HOST "Content-Length: 14\r\n\r\nwhat was asked"

static unsigned ends;

static void count_end(void *context)
{
    (void)context;
    ends++;
}

/* A request for /hold with `behind` sent behind it, in the test's hands. */
static lia_http_request *take_held(world *w, client *c, const char *behind)
{
    size_t before = w->held_count;
    *c = client_connect(w);
    client_say(w, c, "POST /hold HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody");
    client_say(w, c, behind);
    WAIT_UNTIL(w, w->held_count == before + 1);
    ends = 0;
    lia_http_at_end(w->held[before], count_end, NULL);
    return w->held[before];
}

TEST(a_handler_that_has_answered_reads_on)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, LOOK);
    client_hear(&w, &c, "what was asked");
    client_say(&w, &c, LOOK LOOK LOOK); /* the next one lies in the same buffer */
    WAIT_UNTIL(&w, client_count(&c, "what was asked") == 4);
    client_say(&w, &c,
               "POST /look HTTP/1.1\r\n" HOST "Connection: close\r\n"
               "Transfer-Encoding: chunked\r\n\r\ne\r\nwhat was asked\r\n0\r\n\r\n");
    client_hear_end(&w, &c);
    CHECK_EQ(client_count(&c, "what was asked"), 5);
    client_close(&c);
    world_close(&w, 0);
}

/* As a commit or a worker does: the answer comes from a call of its own. */
static void answer_and_look(world *w, const char *behind, const char *heard)
{
    client c;
    lia_http_request *request = take_held(w, &c, behind);
    leftover left = leave(request);
    answer(request, 200, LIA_SPAN("late"));
    check_left(&left, "/hold", "body");
    CHECK_EQ(ends, 0);
    client_hear(w, &c, heard);
    WAIT_UNTIL(w, ends == 1);
    client_close(&c);
}

TEST(whoever_answers_later_reads_on_too)
{
    world w = {0};
    world_open(&w);
    answer_and_look(&w, "", "late");
    answer_and_look(&w, "GET /second HTTP/1.1\r\n" HOST "\r\n", "/second");
    answer_and_look(&w, LOOK, "what was asked");
    world_close(&w, 0);
}

TEST(a_request_without_its_client_is_read_after_its_answer)
{
    world w = {0};
    world_open(&w);
    client c;
    lia_http_request *request = take_held(&w, &c, "");
    client_reset(&c);
    WAIT_UNTIL(&w, world_stats(&w).connections == 0);
    leftover left = leave(request);
    answer(request, 200, LIA_SPAN("nobody hears it"));
    check_left(&left, "/hold", "body");
    WAIT_UNTIL(&w, ends == 1);
    world_close(&w, 0);
}

TEST(what_is_dropped_and_what_became_a_stream_is_read_afterwards)
{
    world w = {0};
    world_open(&w);
    client c;
    lia_http_request *request = take_held(&w, &c, "");
    leftover left = leave(request);
    lia_http_drop(request);
    check_left(&left, "/hold", "body");
    client_hear_end(&w, &c);
    client_close(&c);
    WAIT_UNTIL(&w, ends == 1);

    request = take_held(&w, &c, "");
    left = leave(request);
    lia_http_stream *stream =
        lia_http_stream_open(request, 200, "text/plain", NULL, 0, 1000, NULL, NULL, NULL);
    check_left(&left, "/hold", "body");
    WAIT_UNTIL(&w, ends == 1);
    lia_http_stream_end(stream);
    client_hear(&w, &c, "0\r\n\r\n");
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_request_without_its_server_is_read_after_its_answer)
{
    world w = {0};
    world_open(&w);
    client c;
    lia_http_request *request = take_held(&w, &c, "");
    lia_http_close(w.server, 0, on_world_closed, &w);
    WAIT_UNTIL(&w, w.closed);
    leftover left = leave(request);
    answer(request, 200, LIA_SPAN("nobody hears it"));
    check_left(&left, "/hold", "body");
    WAIT_UNTIL(&w, ends == 1);
    client_close(&c);
    CHECK_EQ(uv_loop_close(&w.loop), 0);
}

TEST(a_request_that_is_answered_while_the_server_closes_goes_with_it)
{
    world w = {0};
    world_open(&w);
    client c;
    lia_http_request *request = take_held(&w, &c, "");
    lia_http_close(w.server, 0, on_world_closed, &w);
    leftover left = leave(request);
    answer(request, 200, LIA_SPAN("nobody hears it"));
    check_left(&left, "/hold", "body");
    WAIT_UNTIL(&w, w.closed);
    CHECK_EQ(ends, 1);
    client_close(&c);
    CHECK_EQ(uv_loop_close(&w.loop), 0);
}
