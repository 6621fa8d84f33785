/* SPDX-License-Identifier: Apache-2.0 */
/* One client: bytes in, requests out, one at a time. While a request is with its handler, at most
 * one more read is held, then reading stops; so the kernel, not this process, holds a client back
 * that sends more than it lets us answer. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/base/assert.h"
#include "common/http/internal.h"

/* Requests of one client answered in a row before others get their turn. */
#define TURNS_MAX 16
/* How long a client may take to read its last answer and hang up. */
#define LINGER_MS 2000

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *room);
static void took_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *room);
static void give_cipher_room(uv_handle_t *handle, size_t hint, uv_buf_t *room);
static void took_cipher(uv_stream_t *stream, ssize_t count, const uv_buf_t *room);

static uint64_t now_ms(const lia_http_connection *connection)
{
    return uv_now(connection->server->options.loop);
}

void lia_http_connection_enter(lia_http_connection *connection, lia_http_state state)
{
    connection->state = state;
    connection->since_ms = now_ms(connection);
    connection->queue_seen = 0;
}

size_t lia_http_connection_queued(const lia_http_connection *connection)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void enlist(lia_http_connection *connection)
{
    lia_http_server *server = connection->server;
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next) connection->next->link = &connection->next;
    server->connections = connection;
    server->stats.memory += sizeof *connection;
    server->stats.connections++;
    server->stats.connections_total++;
}

static void freed(uv_handle_t *handle)
{
    lia_http_connection *connection = handle->data;
    lia_http_server *server = connection->server;
    *connection->link = connection->next;
    if (connection->next) connection->next->link = connection->link;
    lia_tls_line_close(connection->tls);
    server->stats.memory -= sizeof *connection;
    server->stats.connections--;
    free(connection);
    lia_http_server_left(server);
}

static void note_peer(lia_http_connection *connection)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
    if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&address, &size) != 0) return;
    if (address.ss_family == AF_INET) {
        connection->local = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
        uv_inet_ntop(AF_INET, &v4->sin_addr, connection->peer, sizeof connection->peer);
    } else if (address.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        connection->local = v6->sin6_addr.s6_addr[12] == 127;
        uv_inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], connection->peer,
                     sizeof connection->peer);
    } else if (address.ss_family == AF_INET6) {
        connection->local = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
        uv_inet_ntop(AF_INET6, &v6->sin6_addr, connection->peer, sizeof connection->peer);
    }
}

bool lia_http_connection_accept(lia_http_server *server)
{
    lia_http_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return false;
    connection->server = server;
    if (uv_tcp_init(server->options.loop, &connection->tcp) != 0) {
        free(connection);
        return false;
    }
    connection->tcp.data = connection;
    connection->fresh = true;
    enlist(connection);
    lia_http_connection_enter(connection, LIA_HTTP_IDLE);
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&connection->tcp) != 0) {
        lia_http_connection_close(connection, false);
        return false;
    }
    note_peer(connection);
    if (server->options.tls && !(connection->tls = lia_tls_line_open(server->options.tls))) {
        lia_http_connection_close(connection, true);
        return true; /* it has been taken, and is gone */
    }
    lia_http_connection_read(connection, true);
    return true;
}

/* Lets go of the request: pooled, or left to the handler that has it. */
static void drop_request(lia_http_connection *connection, bool with_handler)
{
    lia_http_request *request = connection->request;
    if (!request) return;
    connection->request = NULL;
    if (with_handler)
        request->connection = NULL;
    else
        lia_http_request_release(request);
}

void lia_http_connection_close(lia_http_connection *connection, bool reset)
{
    if (connection->state == LIA_HTTP_CLOSED) return;
    bool with_handler = connection->state == LIA_HTTP_BUSY;
    lia_http_connection_enter(connection, LIA_HTTP_CLOSED);
    lia_http_server_forget_later(connection);
    drop_request(connection, with_handler);
    lia_http_stream *stream = connection->stream;
    connection->stream = NULL;
    if (!reset || uv_tcp_close_reset(&connection->tcp, freed) != 0)
        uv_close((uv_handle_t *)&connection->tcp, freed);
    if (!stream) return;
    connection->server->stats.streams--;
    if (stream->closed) stream->closed(stream, stream->context);
    free(stream);
}

/* Says that nothing more comes and waits for the client to hang up: closing at once would reset
 * the connection while unread bytes arrive, and the reset could overtake the answer. */
static void linger(lia_http_connection *connection)
{
    drop_request(connection, false);
    int fd;
    if (connection->tls) {
        lia_tls_farewell(connection->tls);
        if (!lia_http_connection_send_raw(connection)) return;
    }
    if (connection->ended || connection->server->draining ||
        uv_fileno((uv_handle_t *)&connection->tcp, &fd) != 0 || shutdown(fd, SHUT_WR) != 0) {
        lia_http_connection_close(connection, false);
        return;
    }
    lia_http_connection_enter(connection, LIA_HTTP_LINGER);
    lia_http_connection_read(connection, true);
}

/* ---- reading -------------------------------------------------------------------------------- */

void lia_http_connection_read(lia_http_connection *connection, bool on)
{
    if (connection->reading == on || connection->ended) return;
    connection->reading = on;
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    if (!on)
        uv_read_stop(stream);
    else if (connection->tls)
        uv_read_start(stream, give_cipher_room, took_cipher);
    else
        uv_read_start(stream, give_room, took_bytes);
    if (on && connection->held) lia_http_server_later(connection);
}

void lia_http_connection_want(lia_http_connection *connection)
{
    if (connection->ended)
        lia_http_connection_close(connection, false);
    else
        lia_http_connection_read(connection, true);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *room)
{
    (void)hint;
    lia_http_connection *connection = handle->data;
    lia_http_server *server = connection->server;
    *room = uv_buf_init(NULL, 0);
    if (connection->state == LIA_HTTP_LINGER || connection->state == LIA_HTTP_STREAM) {
        *room = uv_buf_init((char *)server->waste, sizeof server->waste);
        return;
    }
    if (!connection->request) connection->request = lia_http_request_take(connection);
    lia_http_request *request = connection->request;
    if (!request) return;
    if (!lia_http_receives_large(connection)) {
        *room = uv_buf_init((char *)request->in + request->in_size,
                            (unsigned)(sizeof request->in - request->in_size));
        return;
    }
    size_t length = (size_t)request->head.length;
    if (!lia_http_request_grow(request, length)) return;
    size_t end = request->large_capacity < length ? request->large_capacity : length;
    *room = uv_buf_init((char *)request->large + request->large_size,
                        (unsigned)(end - request->large_size));
}

/* The client has said its last. An answer under way is still sent: it may only have shut down its
 * own half. */
static void end_input(lia_http_connection *connection)
{
    connection->ended = true;
    connection->reading = false;
    bool owes = connection->state == LIA_HTTP_BUSY || connection->state == LIA_HTTP_FLUSH ||
                connection->later;
    if (!owes) lia_http_connection_close(connection, false);
}

static void give_back_unused(lia_http_connection *connection)
{
    if (connection->request && connection->request->in_size == 0 &&
        (connection->state == LIA_HTTP_IDLE || connection->state == LIA_HTTP_FLUSH))
        drop_request(connection, false);
}

static void took_nothing(lia_http_connection *connection, ssize_t error)
{
    if (error == UV_ENOBUFS && connection->request && lia_http_receives_large(connection))
        lia_http_receive_refuse(connection, 503);
    else if (error == UV_ENOBUFS && connection->request)
        lia_http_connection_read(connection, false); /* as much is held as may be */
    else if (error == UV_EOF)
        end_input(connection);
    else if (error < 0)
        lia_http_connection_close(connection, false);
    if (connection->state != LIA_HTTP_CLOSED) give_back_unused(connection);
}

static void took_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *room)
{
    (void)room;
    lia_http_connection *connection = stream->data;
    if (count <= 0) {
        took_nothing(connection, count);
        return;
    }
    if (connection->state == LIA_HTTP_LINGER || connection->state == LIA_HTTP_STREAM) return;
    connection->fresh = false;
    if (lia_http_receives_large(connection))
        connection->request->large_size += (size_t)count;
    else
        connection->request->in_size += (size_t)count;
    if (connection->state == LIA_HTTP_BUSY || connection->state == LIA_HTTP_FLUSH) {
        lia_http_connection_read(connection, false);
        return;
    }
    if (connection->state == LIA_HTTP_IDLE) lia_http_connection_enter(connection, LIA_HTTP_AT_HEAD);
    if (!connection->later) lia_http_connection_advance(connection);
}

/* ---- TLS ------------------------------------------------------------------------------------- */

static void give_cipher_room(uv_handle_t *handle, size_t hint, uv_buf_t *room)
{
    (void)hint;
    lia_http_server *server = ((lia_http_connection *)handle->data)->server;
    *room = uv_buf_init((char *)server->cipher, sizeof server->cipher);
}

/* What is left of a line that broke, an alert at most, and then the end. */
static void break_off(lia_http_connection *connection)
{
    if (lia_http_connection_send_raw(connection)) lia_http_connection_close(connection, false);
}

/* Takes text out of the line as long as it is wanted: whatever stays there has been read from the
 * network, which will not say so again. */
static void take_text(lia_http_connection *connection)
{
    uv_buf_t room;
    ptrdiff_t got = 1;
    while (got > 0 && connection->reading && connection->state != LIA_HTTP_CLOSED) {
        give_room((uv_handle_t *)&connection->tcp, 0, &room);
        if (!room.len) {
            took_nothing(connection, UV_ENOBUFS);
            break;
        }
        got = lia_tls_read(connection->tls, room.base, room.len);
        if (got > 0)
            took_bytes((uv_stream_t *)&connection->tcp, got, &room);
        else if (!lia_http_connection_send_raw(connection)) /* of the handshake */
            return;
    }
    if (connection->state == LIA_HTTP_CLOSED) return;
    connection->held = got > 0;
    if (got == LIA_TLS_BROKEN)
        break_off(connection);
    else if (got == LIA_TLS_ENDED)
        took_nothing(connection, UV_EOF);
    else if (got == LIA_TLS_WAIT)
        give_back_unused(connection);
}

static void took_cipher(uv_stream_t *stream, ssize_t count, const uv_buf_t *room)
{
    lia_http_connection *connection = stream->data;
    if (count <= 0) {
        took_nothing(connection, count);
        return;
    }
    if (connection->state == LIA_HTTP_LINGER || connection->state == LIA_HTTP_STREAM) return;
    if (connection->ended) return; /* it said its last, whatever comes behind */
    if (lia_tls_feed(connection->tls, lia_span_make(room->base, (size_t)count)))
        take_text(connection);
    else
        lia_http_connection_close(connection, true);
}

void lia_http_connection_go_on(lia_http_connection *connection)
{
    bool at_rest = connection->state == LIA_HTTP_AT_HEAD || connection->state == LIA_HTTP_AT_BODY;
    if (at_rest) lia_http_connection_advance(connection);
    if (connection->state != LIA_HTTP_CLOSED && connection->tls && connection->held)
        take_text(connection);
}

/* ---- one after the other -------------------------------------------------------------------- */

static void dispatch(lia_http_connection *connection)
{
    lia_http_server *server = connection->server;
    lia_http_request *request = connection->request;
    server->stats.requests++;
    lia_http_connection_enter(connection, LIA_HTTP_BUSY);
    connection->dispatching = true;
    if (request->path.data[0] == '*') {
        lia_http_header allow = {"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"};
        lia_http_reply(request, 204, NULL, &allow, 1, LIA_SPAN_NONE);
    } else {
        server->options.handler(request, server->options.context);
    }
    connection->dispatching = false;
    lia_http_request_sweep(server);
}

void lia_http_connection_advance(lia_http_connection *connection)
{
    for (unsigned turns = 0; turns < TURNS_MAX; turns++) {
        if (connection->state == LIA_HTTP_AT_HEAD && !lia_http_receive_head(connection)) return;
        if (connection->state != LIA_HTTP_AT_BODY || !lia_http_receive_body(connection)) return;
        dispatch(connection);
        if (connection->state != LIA_HTTP_AT_HEAD) return;
    }
    lia_http_server_later(connection);
}

void lia_http_connection_answered(lia_http_connection *connection)
{
    if (connection->last || connection->server->draining) {
        linger(connection);
        return;
    }
    if (connection->request && connection->request->in_size) {
        lia_http_connection_enter(connection, LIA_HTTP_AT_HEAD);
        if (!connection->dispatching) lia_http_server_later(connection);
        return;
    }
    lia_http_connection_enter(connection, LIA_HTTP_IDLE);
    lia_http_connection_want(connection);
}

/* ---- time ----------------------------------------------------------------------------------- */

static void check_body(lia_http_connection *connection, uint64_t waited_ms)
{
    const lia_http_request *request = connection->request;
    size_t got = request->large_size + request->in_size - request->head_size;
    if (waited_ms > connection->server->options.body_ms && got < waited_ms) /* 1 kB/s */
        lia_http_connection_refuse(connection, 408, "The body came too slowly.");
}

static void check_writing(lia_http_connection *connection, uint64_t now, uint64_t waited_ms)
{
    size_t queued = lia_http_connection_queued(connection), seen = connection->queue_seen;
    connection->queue_seen = queued;
    if (queued == 0 || queued < seen)
        connection->since_ms = now;
    else if (waited_ms >= connection->server->options.write_ms)
        lia_http_connection_close(connection, true);
}

void lia_http_connection_sweep(lia_http_connection *connection, uint64_t now)
{
    const lia_http_options *options = &connection->server->options;
    uint64_t waited = now - connection->since_ms;
    switch ((lia_http_state)connection->state) {
    case LIA_HTTP_IDLE:
        if (waited >= (connection->fresh ? options->head_ms : options->idle_ms))
            lia_http_connection_close(connection, false);
        break;
    case LIA_HTTP_AT_HEAD:
        if (waited >= options->head_ms && !connection->later)
            lia_http_connection_refuse(connection, 408, "The request head came too slowly.");
        break;
    case LIA_HTTP_AT_BODY:
        check_body(connection, waited);
        break;
    case LIA_HTTP_FLUSH:
    case LIA_HTTP_STREAM:
        check_writing(connection, now, waited);
        break;
    case LIA_HTTP_LINGER:
        if (waited >= LINGER_MS) lia_http_connection_close(connection, true);
        break;
    case LIA_HTTP_BUSY:
    case LIA_HTTP_CLOSED:
        break;
    }
}
