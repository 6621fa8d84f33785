/* SPDX-License-Identifier: Apache-2.0 */
/* test_world - a server on a loop and clients with real sockets, in one thread: every wait turns
 * the loop until what it waits for has come. Header only, for the tests of this folder. */
#ifndef LIA_HTTP_TEST_WORLD_H
#define LIA_HTTP_TEST_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/http/server.h"
#include "tests/support/test.h"

#define PATIENCE_NS (UINT64_C(20) * 1000000000)

typedef struct world {
    uv_loop_t loop;
    lia_http_options options;
    lia_http_server *server;
    lia_http_request *held[1024]; /* by /hold, until somebody answers */
    size_t held_count;
    lia_http_stream *stream; /* of /stream, until it is closed */
    size_t lag_max;
    uint32_t grace_ms; /* of /quit */
    unsigned handled, streams_closed, streams_ready;
    bool closed;
} world;

typedef struct client {
    int fd;
    char *heard; /* NUL-terminated */
    size_t heard_size, capacity;
    bool ended, reset;
} client;

static inline bool path_is(const lia_http_request *request, const char *path)
{
    return lia_span_is(lia_http_get_path(request), path);
}

static inline void on_stream_ready(lia_http_stream *stream, void *context)
{
    (void)stream;
    ((world *)context)->streams_ready++;
}

static inline void on_stream_closed(lia_http_stream *stream, void *context)
{
    world *w = context;
    w->streams_closed++;
    if (w->stream == stream) w->stream = NULL;
}

static inline void on_world_closed(void *context)
{
    ((world *)context)->closed = true;
}

static inline void answer(lia_http_request *request, unsigned status, lia_span body)
{
    lia_http_reply(request, status, "text/plain", NULL, 0, body);
}

/* A text in which every place is told from every other: more than the kernel holds for a client, or, small, less. */
static inline lia_span lent_body(bool small)
{
    static char lent[16000000];
    if (!lent[0])
        for (size_t i = 0; i < sizeof lent; i += 10) {
            char line[12];
            snprintf(line, sizeof line, "%09zu\n", i / 10);
            memcpy(lent + i, line, 10);
        }
    return lia_span_make(lent, small ? 1000000 : sizeof lent);
}

/* What a handler may do with its request when it has answered it: read all of it, and its memory. */
typedef struct leftover {
    lia_http_request *request;
    uint8_t *small, *large; /* of its arena, filled */
} leftover;

#define LEFTOVER_LARGE ((size_t)256 << 10) /* a request that took as much gives it back */

static inline leftover leave(lia_http_request *request)
{
    leftover left = {request, lia_arena_take(lia_http_get_arena(request), 64),
                     lia_arena_take(lia_http_get_arena(request), LEFTOVER_LARGE)};
    CHECK(left.small && left.large);
    memset(left.small, 's', 64);
    memset(left.large, 'l', LEFTOVER_LARGE);
    return left;
}

static inline void check_left(const leftover *left, const char *path, const char *body)
{
    CHECK(path_is(left->request, path));
    CHECK(lia_span_is(lia_http_get_body(left->request), body));
    for (size_t i = 0; i < 64; i++) CHECK_EQ(left->small[i], 's');
    for (size_t i = 0; i < LEFTOVER_LARGE; i += 64) CHECK_EQ(left->large[i], 'l');
    CHECK(lia_arena_take(lia_http_get_arena(left->request), 100) != NULL);
}

/* /look answers, and goes on reading. /echo says the body, /path... the path, /param the parameter p, /size N bytes, /lent that text, /hold nothing
 * yet, /drop nothing at all, /stream begins a stream, /evil tries to split the answer, /quit closes
 * the server. */
static inline void on_request(lia_http_request *request, void *context)
{
    static uint8_t large[8 << 20];
    world *w = context;
    lia_span value;
    w->handled++;
    if (path_is(request, "/look")) {
        leftover left = leave(request);
        answer(request, 200, lia_http_get_body(request));
        check_left(&left, "/look", "what was asked");
    } else if (path_is(request, "/echo")) {
        answer(request, 200, lia_http_get_body(request));
    } else if (path_is(request, "/hold")) {
        w->held[w->held_count++] = request;
    } else if (path_is(request, "/param")) {
        bool found = lia_http_get_param(request, "p", &value) != LIA_EABSENT;
        answer(request, !found ? 404 : value.data ? 200 : 400, value);
    } else if (path_is(request, "/agent")) {
        bool found = lia_http_get_header(request, "user-agent", &value);
        answer(request, found ? 200 : 404, found ? value : LIA_SPAN_NONE);
    } else if (path_is(request, "/large")) {
        memset(large, 'x', sizeof large);
        answer(request, 200, lia_span_make(large, sizeof large));
    } else if (path_is(request, "/lent") || path_is(request, "/lent-small")) {
        lia_http_reply_lent(request, 200, "text/plain", NULL, 0, lent_body(path_is(request, "/lent-small")));
    } else if (path_is(request, "/nothing")) {
        answer(request, 204, LIA_SPAN_NONE);
    } else if (path_is(request, "/drop")) {
        lia_http_drop(request);
    } else if (path_is(request, "/quit")) {
        lia_http_close(w->server, w->grace_ms, on_world_closed, w);
        answer(request, 200, LIA_SPAN("good bye"));
    } else if (path_is(request, "/evil")) {
        lia_http_header header = {"X-Evil", "a\r\nX-Second: b"};
        lia_http_reply(request, 200, NULL, &header, 1, LIA_SPAN_NONE);
    } else if (path_is(request, "/stream")) {
        w->stream = lia_http_stream_open(request, 200, "text/event-stream", NULL, 0, w->lag_max,
                                         on_stream_ready, on_stream_closed, w);
    } else {
        answer(request, 200, lia_http_get_path(request));
    }
}

static inline size_t on_body_limit(lia_http_method method, lia_span path, void *context)
{
    (void)context;
    if (method == LIA_HTTP_GET) return 0;
    return lia_span_is(path, "/echo") ? (size_t)1 << 20 : 1000;
}

/* Opens the server with what was put into w->options. */
static inline void world_open(world *w)
{
    lia_why why = {{0}};
    uv_loop_init(&w->loop);
    w->options.loop = &w->loop;
    if (!w->options.address) w->options.address = "127.0.0.1";
    w->options.handler = on_request;
    w->options.body_limit = on_body_limit;
    w->options.context = w;
    if (!w->lag_max) w->lag_max = (size_t)16 << 10;
    CHECK_OK(lia_http_open(&w->server, &w->options, &why));
    CHECK(lia_http_port(w->server) != 0);
}

static inline void world_turn(world *w)
{
    uv_run(&w->loop, UV_RUN_NOWAIT);
}

/* Turns the loop until `condition` holds. */
#define WAIT_UNTIL(w, condition)                                                                   \
    do {                                                                                           \
        for (uint64_t start = uv_hrtime(); !(condition);) {                                        \
            world_turn(w);                                                                         \
            CHECK(uv_hrtime() - start < PATIENCE_NS);                                              \
        }                                                                                          \
    } while (0)

static inline void world_close(world *w, uint32_t grace_ms)
{
    lia_http_close(w->server, grace_ms, on_world_closed, w);
    WAIT_UNTIL(w, w->closed);
    CHECK_EQ(uv_loop_close(&w->loop), 0);
}

static inline lia_http_stats world_stats(const world *w)
{
    lia_http_stats stats;
    lia_http_get_stats(w->server, &stats);
    return stats;
}

static inline client client_connect(const world *w)
{
    client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .capacity = 4096};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(lia_http_port(w->server))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(connect(c.fd, (struct sockaddr *)&to, sizeof to), 0);
    int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c.heard = calloc(1, c.capacity);
    return c;
}

static inline void client_close(client *c)
{
    if (c->fd >= 0) close(c->fd);
    free(c->heard);
    *c = (client){.fd = -1};
}

/* Goes away with a reset instead of a farewell. */
static inline void client_reset(client *c)
{
    struct linger now = {.l_onoff = 1};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client_close(c);
}

/* Reads what is there. */
static inline void client_listen(client *c)
{
    while (!c->ended) {
        if (c->capacity - c->heard_size < 4096) {
            c->capacity *= 2;
            c->heard = realloc(c->heard, c->capacity);
        }
        ssize_t size =
            recv(c->fd, c->heard + c->heard_size, c->capacity - c->heard_size - 1, MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN) return;
        c->ended = size <= 0;
        c->reset = size < 0;
        if (size > 0) c->heard_size += (size_t)size;
        c->heard[c->heard_size] = 0;
    }
}

/* Sends bytes, turning the loop while the server has not taken them; stops when it hangs up. */
static inline void client_send(world *w, client *c, lia_span bytes)
{
    while (bytes.size) {
        ssize_t size = send(c->fd, bytes.data, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN) return;
        if (size > 0) bytes = lia_span_skip(bytes, (size_t)size);
        world_turn(w);
    }
}

static inline void client_say(world *w, client *c, const char *text)
{
    client_send(w, c, lia_span_text(text));
}

static inline bool client_has(client *c, const char *text)
{
    client_listen(c);
    return strstr(c->heard, text) != NULL;
}

/* Waits for `text` in what has been heard. */
static inline void client_hear(world *w, client *c, const char *text)
{
    WAIT_UNTIL(w, client_has(c, text) || c->ended);
    if (!client_has(c, text)) print_error("wanted \"%s\", heard \"%s\"\n", text, c->heard);
    CHECK(client_has(c, text));
}

static inline bool client_is_over(client *c)
{
    client_listen(c);
    return c->ended;
}

static inline void client_hear_end(world *w, client *c)
{
    WAIT_UNTIL(w, client_is_over(c));
}

/* Forgets what was heard. */
static inline void client_forget(client *c)
{
    c->heard_size = 0;
    c->heard[0] = 0;
}

/* How often `text` was heard. */
static inline size_t client_count(client *c, const char *text)
{
    client_listen(c);
    size_t count = 0;
    for (const char *at = c->heard; (at = strstr(at, text)); at += strlen(text)) count++;
    return count;
}

#endif
