/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/server.h"
#include "common/http/test_world.h"

#define HOST   "Host: crm.local\r\n"
#define STREAM "GET /stream HTTP/1.1\r\n" HOST "\r\n"

TEST(a_stream_arrives_in_chunks_until_it_ends)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, STREAM);
    client_hear(&w, &c, "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    CHECK_EQ(world_stats(&w).streams, 1);
    CHECK(lia_http_stream_send(w.stream, LIA_SPAN("data: 1\n\n")));
    client_hear(&w, &c, "\r\n\r\n9\r\ndata: 1\n\n\r\n");
    CHECK(lia_http_stream_send(w.stream, LIA_SPAN_NONE));
    CHECK(lia_http_stream_send(w.stream, LIA_SPAN("data: 20\n\n")));
    CHECK_EQ(lia_http_stream_lag(w.stream), 0);
    lia_http_stream_end(w.stream);
    client_hear_end(&w, &c);
    CHECK(client_has(&c, "a\r\ndata: 20\n\n\r\n0\r\n\r\n"));
    CHECK_EQ(w.streams_closed, 0);
    CHECK_EQ(world_stats(&w).streams, 0);
    client_close(&c);
    world_close(&w, 0);
}

TEST(an_old_client_gets_a_stream_without_chunks)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "GET /stream HTTP/1.0\r\n\r\n");
    WAIT_UNTIL(&w, w.stream);
    CHECK(lia_http_stream_send(w.stream, LIA_SPAN("abc")));
    lia_http_stream_end(w.stream);
    client_hear_end(&w, &c);
    CHECK(client_has(&c, "\r\nConnection: close\r\n\r\nabc"));
    CHECK(!client_has(&c, "Transfer-Encoding"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_stream_is_told_when_its_reader_goes)
{
    world w = {0};
    world_open(&w);
    for (unsigned i = 0; i < 4; i++) {
        client c = client_connect(&w);
        client_say(&w, &c, STREAM);
        WAIT_UNTIL(&w, w.stream);
        client_say(&w, &c, "what a stream still hears does not matter");
        (i % 2 ? client_reset : client_close)(&c);
        WAIT_UNTIL(&w, w.streams_closed == i + 1);
        CHECK(!w.stream);
    }
    CHECK_EQ(world_stats(&w).streams, 0);
    world_close(&w, 0);
}

TEST(a_reader_that_never_reads_is_cut_within_its_lag)
{
    world w = {.lag_max = (size_t)32 << 10};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, STREAM);
    WAIT_UNTIL(&w, w.stream);
    size_t sent = 0, most = 0;
    uint8_t event[500];
    memset(event, 'e', sizeof event);
    while (w.stream && lia_http_stream_send(w.stream, lia_span_make(event, sizeof event))) {
        sent += sizeof event;
        size_t memory = world_stats(&w).memory;
        if (memory > most) most = memory;
        CHECK(lia_http_stream_lag(w.stream) <= w.lag_max + 16);
        CHECK(sent < (size_t)16 << 20); /* the kernel must not hide megabytes */
        world_turn(&w);
    }
    CHECK_EQ(w.streams_closed, 1);
    CHECK(most < (size_t)160 << 10);
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_stalled_reader_is_cut_after_the_time_for_writing)
{
    world w = {.options = {.write_ms = 60}, .lag_max = (size_t)64 << 20};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, STREAM);
    WAIT_UNTIL(&w, w.stream);
    static uint8_t piece[8 << 20];
    CHECK(lia_http_stream_send(w.stream, lia_span_make(piece, sizeof piece)));
    CHECK(lia_http_stream_lag(w.stream) > 0);
    WAIT_UNTIL(&w, w.streams_closed == 1);
    client_close(&c);
    world_close(&w, 0);
}

TEST(a_stream_is_told_when_more_can_be_sent)
{
    world w = {.lag_max = (size_t)4 << 20};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, STREAM);
    WAIT_UNTIL(&w, w.stream);
    static uint8_t piece[5 << 20]; /* more than the lag, which one piece may be */
    memset(piece, 'p', sizeof piece);
    CHECK(lia_http_stream_send(w.stream, lia_span_make(piece, sizeof piece)));
    CHECK_EQ(w.streams_ready, 0);
    WAIT_UNTIL(&w, client_is_over(&c) || w.streams_ready == 1);
    CHECK_EQ(lia_http_stream_lag(w.stream), 0);
    lia_http_stream_end(w.stream);
    client_hear_end(&w, &c);
    CHECK(client_has(&c, "\r\n500000\r\nppp"));
    CHECK(client_has(&c, "ppp\r\n0\r\n\r\n"));
    client_close(&c);
    world_close(&w, 0);
}

TEST(head_of_a_stream_is_answered_without_one)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "HEAD /stream HTTP/1.1\r\n" HOST "\r\nGET /x HTTP/1.1\r\n" HOST "\r\n");
    client_hear(&w, &c, "\r\n\r\n/x");
    CHECK(client_has(&c, "text/event-stream\r\n\r\nHTTP/1.1"));
    CHECK(!w.stream && w.streams_closed == 0);
    client_close(&c);
    world_close(&w, 0);
}

TEST(there_is_no_stream_for_a_client_that_has_gone)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(&w, w.held_count == 1);
    client_reset(&c);
    WAIT_UNTIL(&w, world_stats(&w).connections == 0);
    CHECK(!lia_http_stream_open(w.held[0], 200, "text/plain", NULL, 0, 1000, NULL, NULL, NULL));
    world_close(&w, 0);
}

TEST(closing_the_server_tells_its_streams)
{
    world w = {0};
    world_open(&w);
    client c = client_connect(&w);
    client_say(&w, &c, STREAM);
    WAIT_UNTIL(&w, w.stream);
    world_close(&w, 1000);
    CHECK_EQ(w.streams_closed, 1);
    client_hear_end(&w, &c);
    client_close(&c);
}
