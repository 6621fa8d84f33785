/* SPDX-License-Identifier: Apache-2.0 */
/* Answers. An answer is written at once, head and body in one system call and without a copy; only
 * what the kernel does not take is copied and queued. The next request of the connection waits
 * until the queue is empty, so a client that does not read holds one answer, not many. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/http/internal.h"

#define PARTS_MAX 4
/* Of a body that is lent: what all connections together then queue stays below LIA_HTTP_MEMORY_MAX. */
#define PIECE_BYTES ((size_t)32 << 10)

/* ---- writing -------------------------------------------------------------------------------- */

typedef struct write_job {
    uv_write_t write;
    lia_http_connection *connection;
    size_t size;
    uint8_t bytes[];
} write_job;

static void go_on(lia_http_connection *connection);

static void drained(lia_http_connection *connection)
{
    lia_http_stream *stream = connection->stream;
    if (connection->state == LIA_HTTP_FLUSH)
        go_on(connection);
    else if (connection->state == LIA_HTTP_STREAM && stream->ready)
        stream->ready(stream, stream->context);
}

static void written(uv_write_t *write, int status)
{
    write_job *job = write->data;
    lia_http_connection *connection = job->connection;
    connection->server->stats.memory -= sizeof *job + job->size;
    free(job);
    if (connection->state == LIA_HTTP_CLOSED) return;
    connection->since_ms = uv_now(connection->server->options.loop);
    if (status < 0)
        lia_http_connection_close(connection, false);
    else if (lia_http_connection_queued(connection) == 0)
        drained(connection);
}

/* Copies the parts without their first `sent` bytes. */
static bool queue(lia_http_connection *connection, const lia_span *parts, size_t count, size_t sent,
                  size_t size)
{
    if (connection->server->stats.memory + size > LIA_HTTP_MEMORY_MAX) return false;
    write_job *job = malloc(sizeof *job + size);
    if (!job) return false;
    job->connection = connection;
    job->size = size;
    job->write.data = job;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t skip = sent < parts[i].size ? sent : parts[i].size;
        sent -= skip;
        if (parts[i].size > skip)
            memcpy(job->bytes + at, parts[i].data + skip, parts[i].size - skip);
        at += parts[i].size - skip;
    }
    uv_buf_t buf = uv_buf_init((char *)job->bytes, (unsigned)size);
    if (uv_write(&job->write, (uv_stream_t *)&connection->tcp, &buf, 1, written) != 0) {
        free(job);
        return false;
    }
    connection->server->stats.memory += sizeof *job + size;
    return true;
}

static bool send_parts(lia_http_connection *connection, const lia_span *parts, size_t count)
{
    lia_assert(count <= PARTS_MAX);
    uv_buf_t bufs[PARTS_MAX];
    unsigned used = 0;
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (!parts[i].size) continue;
        bufs[used++] = uv_buf_init((char *)parts[i].data, (unsigned)parts[i].size);
        size += parts[i].size;
    }
    int sent = 0;
    if (lia_http_connection_queued(connection) == 0)
        sent = uv_try_write((uv_stream_t *)&connection->tcp, bufs, used);
    if (sent == UV_EAGAIN) sent = 0;
    if (sent >= 0 && (size_t)sent == size) return true;
    if (sent >= 0 && queue(connection, parts, count, (size_t)sent, size - (size_t)sent))
        return true;
    lia_http_connection_close(connection, false);
    return false;
}

bool lia_http_connection_send_raw(lia_http_connection *connection)
{
    lia_span ready = lia_tls_outgoing(connection->tls);
    if (!ready.size) return true;
    bool good = send_parts(connection, &ready, 1);
    lia_tls_sent(connection->tls);
    return good;
}

bool lia_http_connection_send(lia_http_connection *connection, const lia_span *parts, size_t count)
{
    if (!connection->tls) return send_parts(connection, parts, count);
    bool good = true;
    for (size_t i = 0; i < count && good; i++) good = lia_tls_write(connection->tls, parts[i]);
    if (good) return lia_http_connection_send_raw(connection);
    lia_http_connection_close(connection, false);
    return false;
}

/* ---- the head of an answer ------------------------------------------------------------------ */

static const char *reason(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 417:
        return "Expectation Failed";
    case 421:
        return "Misdirected Request";
    case 422:
        return "Unprocessable Content";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    case 507:
        return "Insufficient Storage";
    default:
        return "";
    }
}

/* Text growing in server->out; `failed` once it did not fit or was not fit to be sent. */
typedef struct text {
    uint8_t *at, *end;
    bool failed;
} text;

static void add(text *out, lia_span span)
{
    if ((size_t)(out->end - out->at) < span.size) {
        out->failed = true;
        return;
    }
    memcpy(out->at, span.data, span.size);
    out->at += span.size;
}

static void add_number(text *out, size_t number)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + number % 10);
    } while (number /= 10);
    add(out, lia_span_make(digits + at, sizeof digits - at));
}

static void add_field(text *out, const char *name, const char *value)
{
    if (strpbrk(name, "\r\n:") || strpbrk(value, "\r\n")) out->failed = true;
    add(out, lia_span_text(name));
    add(out, LIA_SPAN(": "));
    add(out, lia_span_text(value));
    add(out, LIA_SPAN("\r\n"));
}

static bool has_policy(const lia_http_answer *answer)
{
    bool has = false;
    for (size_t i = 0; i < answer->header_count && !has; i++)
        has = strcmp(answer->headers[i].name, "Content-Security-Policy") == 0;
    return has;
}

/* What keeps a browser from doing more with an answer than show it: no guessing of types, no
 * frames, no addresses told to others, nothing loaded. */
static void add_precautions(text *out, const lia_http_answer *answer)
{
    add(out, LIA_SPAN("X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"));
    if (!has_policy(answer))
        add(out,
            LIA_SPAN("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
    if (answer->trace && *answer->trace) add_field(out, "traceparent", answer->trace);
    if (answer->secure) add(out, LIA_SPAN("Strict-Transport-Security: max-age=31536000\r\n"));
}

lia_span lia_http_answer_head(lia_http_server *server, const lia_http_answer *answer)
{
    text out = {server->out, server->out + sizeof server->out, false};
    add(&out, LIA_SPAN("HTTP/1.1 "));
    add_number(&out, answer->status);
    add(&out, LIA_SPAN(" "));
    add(&out, lia_span_text(reason(answer->status)));
    add(&out, LIA_SPAN("\r\n"));
    add_precautions(&out, answer);
    add(&out, LIA_SPAN("Date: "));
    add(&out, lia_http_server_date(server));
    add(&out, LIA_SPAN("\r\n"));
    if (answer->content_type) add_field(&out, "Content-Type", answer->content_type);
    if (answer->has_length) {
        add(&out, LIA_SPAN("Content-Length: "));
        add_number(&out, answer->length);
        add(&out, LIA_SPAN("\r\n"));
    }
    if (answer->chunked) add(&out, LIA_SPAN("Transfer-Encoding: chunked\r\n"));
    if (!answer->keep_alive) add(&out, LIA_SPAN("Connection: close\r\n"));
    if (answer->say_keep_alive) add(&out, LIA_SPAN("Connection: keep-alive\r\n"));
    for (size_t i = 0; i < answer->header_count; i++)
        add_field(&out, answer->headers[i].name, answer->headers[i].value);
    add(&out, LIA_SPAN("\r\n"));
    if (out.failed) return LIA_SPAN_NONE;
    return lia_span_make(server->out, (size_t)(out.at - server->out));
}

/* ---- answering ------------------------------------------------------------------------------ */

static lia_span take_piece(lia_span *rest)
{
    lia_span piece = lia_span_make(rest->data, rest->size < PIECE_BYTES ? rest->size : PIECE_BYTES);
    *rest = lia_span_skip(*rest, piece.size);
    return piece;
}

/* Sends what is left of a body that is lent, for as long as it is taken at once; after all of it, the next
 * request. */
static void go_on(lia_http_connection *connection)
{
    while (lia_http_connection_queued(connection) == 0) {
        if (!connection->rest.size) {
            lia_http_connection_answered(connection);
            return;
        }
        lia_span piece = take_piece(&connection->rest);
        if (!lia_http_connection_send(connection, &piece, 1)) return;
    }
}

void lia_http_connection_flush(lia_http_connection *connection)
{
    connection->state = LIA_HTTP_FLUSH;
    connection->since_ms = uv_now(connection->server->options.loop);
    connection->queue_seen = SIZE_MAX; /* the first sweep only looks */
    go_on(connection);
}

/* Takes the request from its connection, leaving there what came behind it. */
static void end_request(lia_http_connection *connection)
{
    lia_http_request *request = connection->request;
    if (!connection->last && request->in_size > request->end) {
        request->over = true;
    } else {
        connection->request = NULL;
        lia_http_request_release(request);
    }
}

static bool stays_open(const lia_http_connection *connection)
{
    const lia_http_request *request = connection->request;
    bool more = request->in_size > request->end;
    return request->head.keep_alive && !connection->server->draining &&
           (more || !connection->ended);
}

/* Sends an answer of known length and goes on. */
static void send_answer(lia_http_connection *connection, const lia_http_answer *answer,
                        lia_span body)
{
    lia_span head = lia_http_answer_head(connection->server, answer);
    if (!head.size) {
        LIA_LOG(ERROR, "http.answer.malformed", LIA_INT("status", answer->status));
        const lia_http_answer mended = {500, .has_length = true, .keep_alive = answer->keep_alive};
        head = lia_http_answer_head(connection->server, &mended);
        body = LIA_SPAN_NONE;
    }
    connection->state = LIA_HTTP_FLUSH; /* from here on the request is the connection's again */
    connection->rest = LIA_SPAN_NONE;
    if (answer->lent) {
        connection->rest = body;
        body = take_piece(&connection->rest);
    }
    if (!lia_http_connection_send(connection, (lia_span[]){head, body}, 2)) return;
    if (connection->request) end_request(connection);
    lia_http_connection_flush(connection);
}

void lia_http_request_answer(lia_http_request *request, lia_http_answer answer, lia_span body)
{
    lia_http_connection *connection = request->connection;
    lia_assert(!request->over);
    request->status = answer.status;
    if (!connection) {
        lia_http_request_release(request);
        return;
    }
    lia_assert(connection->state == LIA_HTTP_BUSY && connection->request == request);
    connection->last = !stays_open(connection);
    answer.keep_alive = !connection->last;
    answer.secure = lia_http_is_secure(request);
    answer.trace = request->trace;
    answer.say_keep_alive = request->head.http_1_0 && answer.keep_alive;
    send_answer(connection, &answer, request->method == LIA_HTTP_HEAD ? LIA_SPAN_NONE : body);
}

static void reply(lia_http_request *request, unsigned status, const char *content_type,
                  const lia_http_header *headers, size_t header_count, lia_span body, bool lent)
{
    bool has_body = status != 204 && status != 304;
    const lia_http_answer answer = {
        .status = status,
        .content_type = content_type,
        .headers = headers,
        .header_count = header_count,
        .has_length = has_body,
        .length = body.size,
        .lent = lent,
    };
    lia_http_request_answer(request, answer, has_body ? body : LIA_SPAN_NONE);
}

void lia_http_reply(lia_http_request *request, unsigned status, const char *content_type,
                    const lia_http_header *headers, size_t header_count, lia_span body)
{
    reply(request, status, content_type, headers, header_count, body, false);
}

void lia_http_reply_lent(lia_http_request *request, unsigned status, const char *content_type,
                         const lia_http_header *headers, size_t header_count, lia_span body)
{
    reply(request, status, content_type, headers, header_count, body, true);
}

void lia_http_drop(lia_http_request *request)
{
    lia_http_connection *connection = request->connection;
    if (connection) lia_http_connection_close(connection, false);
    lia_http_request_release(request);
}

void lia_http_connection_refuse(lia_http_connection *connection, unsigned status,
                                const char *detail)
{
    char body[256];
    int size =
        snprintf(body, sizeof body,
                 "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"detail\":\"%s\"}",
                 reason(status), status, detail);
    connection->last = true;
    const lia_http_answer answer = {
        .status = status,
        .content_type = "application/problem+json",
        .has_length = true,
        .length = (size_t)size,
    };
    send_answer(connection, &answer, lia_span_make(body, (size_t)size));
}
