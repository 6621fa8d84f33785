/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to a request: the head, what it promises, and the body, each as far as it has come. */
#include "common/http/internal.h"
#include "common/http/query.h"

/* ---- refusing ------------------------------------------------------------------------------- */

static const char *detail_of(int status)
{
    switch (status) {
    case 413:
        return "The body is longer than this server takes.";
    case 414:
        return "The request line is too long.";
    case 417:
        return "The only expectation that is known is 100-continue.";
    case 431:
        return "The header fields are too many or too long.";
    case 501:
        return "The method or the transfer coding is not known here.";
    case 503:
        return "The server holds as much as it can; try again soon.";
    case 505:
        return "This server speaks HTTP/1.1.";
    default:
        return "The request is not valid HTTP/1.1.";
    }
}

bool lia_http_receive_refuse(lia_http_connection *connection, int status)
{
    connection->server->stats.refused++;
    lia_http_connection_refuse(connection, (unsigned)status, detail_of(status));
    return false;
}

/* ---- the head ------------------------------------------------------------------------------- */

static bool find_method(lia_span text, lia_http_method *method)
{
    static const char *const names[LIA_HTTP_METHODS] = {
        [LIA_HTTP_GET] = "GET",        [LIA_HTTP_HEAD] = "HEAD",   [LIA_HTTP_POST] = "POST",
        [LIA_HTTP_PUT] = "PUT",        [LIA_HTTP_PATCH] = "PATCH", [LIA_HTTP_DELETE] = "DELETE",
        [LIA_HTTP_OPTIONS] = "OPTIONS"};
    for (unsigned i = 0; i < LIA_HTTP_METHODS; i++)
        if (lia_span_is(text, names[i])) return *method = (lia_http_method)i, true;
    return false;
}

static size_t body_max(lia_http_server *server, const lia_http_request *request)
{
    const lia_http_options *options = &server->options;
    if (!options->body_limit) return LIA_HTTP_BODY_BYTES_MAX;
    return options->body_limit(request->method, request->path, options->context);
}

static bool ask_to_continue(lia_http_connection *connection)
{
    const lia_http_request *request = connection->request;
    bool has_body = request->head.chunked || request->head.length;
    if (!request->head.expects_continue || !has_body) return true;
    if (request->in_size > request->head_size) return true; /* it did not wait */
    lia_span go = LIA_SPAN("HTTP/1.1 100 Continue\r\n\r\n");
    return lia_http_connection_send(connection, &go, 1);
}

bool lia_http_receive_head(lia_http_connection *connection)
{
    lia_http_request *request = connection->request;
    if (request->over) lia_http_request_next(request);
    int size = lia_http_parse_head(lia_span_make(request->in, request->in_size), &request->head);
    if (size == 0) return lia_http_connection_want(connection), false;
    if (size < 0) return lia_http_receive_refuse(connection, -size);
    request->head_size = (size_t)size;
    request->path = request->head.path;
    if (!find_method(request->head.method, &request->method))
        return lia_http_receive_refuse(connection, 501);
    if (lia_http_path_decode(&request->path) != LIA_OK)
        return lia_http_receive_refuse(connection, 400);
    request->body_max = body_max(connection->server, request);
    if (request->head.length > request->body_max) return lia_http_receive_refuse(connection, 413);
    lia_http_connection_enter(connection, LIA_HTTP_AT_BODY);
    return ask_to_continue(connection);
}

/* ---- the body ------------------------------------------------------------------------------- */

static bool fits_behind_head(const lia_http_request *request)
{
    return request->head.length <= sizeof request->in - request->head_size;
}

bool lia_http_receives_large(const lia_http_connection *connection)
{
    const lia_http_request *request = connection->request;
    return connection->state == LIA_HTTP_AT_BODY && !request->head.chunked &&
           !fits_behind_head(request);
}

/* A body of known length stays behind its head if it fits, else it moves into a buffer. */
static bool read_plain(lia_http_connection *connection)
{
    lia_http_request *request = connection->request;
    size_t length = (size_t)request->head.length, head = request->head_size;
    if (fits_behind_head(request)) {
        if (request->in_size < head + length) return lia_http_connection_want(connection), false;
        request->body = lia_span_make(request->in + head, length);
        request->end = head + length;
        return true;
    }
    if (request->large_size == 0) {
        if (!lia_http_request_grow(request, length))
            return lia_http_receive_refuse(connection, 503);
        request->large_size = request->in_size - head;
        memcpy(request->large, request->in + head, request->large_size);
        request->in_size = request->end = head;
    }
    if (request->large_size < length) return lia_http_connection_want(connection), false;
    request->body = lia_span_make(request->large, length);
    return true;
}

/* 0, or the status to refuse with. */
static int keep(lia_http_request *request, lia_span data)
{
    if (data.size > request->body_max - request->large_size) return 413;
    while (data.size) {
        if (!lia_http_request_grow(request, request->body_max)) return 503;
        size_t room = request->large_capacity - request->large_size;
        size_t size = data.size < room ? data.size : room;
        memcpy(request->large + request->large_size, data.data, size);
        request->large_size += size;
        data = lia_span_skip(data, size);
    }
    return 0;
}

static bool read_chunked(lia_http_connection *connection)
{
    lia_http_request *request = connection->request;
    size_t at = request->head_size;
    bool done = false;
    while (at < request->in_size && !done) {
        lia_span data, rest = lia_span_make(request->in + at, request->in_size - at);
        int64_t size = lia_http_parse_chunk(&request->chunks, rest, &data, &done);
        if (size < 0) return lia_http_receive_refuse(connection, (int)-size);
        int status = keep(request, data);
        if (status) return lia_http_receive_refuse(connection, status);
        at += (size_t)size;
    }
    if (!done) {
        request->in_size = request->head_size;
        return lia_http_connection_want(connection), false;
    }
    request->body = lia_span_make(request->large, request->large_size);
    request->end = at;
    return true;
}

bool lia_http_receive_body(lia_http_connection *connection)
{
    return connection->request->head.chunked ? read_chunked(connection) : read_plain(connection);
}
