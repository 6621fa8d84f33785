/* SPDX-License-Identifier: Apache-2.0 */
/* Endless answers. How far a reader lags is only visible once the kernel's send buffer is full, so
 * that buffer is made small; a reader beyond its lag is cut and comes back for the rest. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/http/internal.h"

#define SEND_BUFFER_MIN (16 << 10)
#define SEND_BUFFER_MAX (256 << 10)

static void bound_send_buffer(lia_http_connection *connection, size_t lag_max)
{
    int size = lag_max < SEND_BUFFER_MIN   ? SEND_BUFFER_MIN
               : lag_max > SEND_BUFFER_MAX ? SEND_BUFFER_MAX
                                           : (int)lag_max;
    uv_send_buffer_size((uv_handle_t *)&connection->tcp, &size);
}

/* Sends the head; false when there is nobody to stream to. */
static bool begin(lia_http_connection *connection, const lia_http_answer *answer)
{
    lia_span head = lia_http_answer_head(connection->server, answer);
    if (!head.size) {
        LIA_LOG(ERROR, "http.answer.malformed", LIA_INT("status", answer->status));
        return false;
    }
    return lia_http_connection_send(connection, &head, 1);
}

/* Hands the connection over from the request to the stream. */
static void attach(lia_http_connection *connection, lia_http_stream *stream)
{
    lia_http_request *request = connection->request;
    connection->request = NULL;
    connection->stream = stream;
    connection->state = LIA_HTTP_STREAM;
    connection->last = true;
    connection->since_ms = uv_now(connection->server->options.loop);
    connection->queue_seen = SIZE_MAX; /* the first sweep only looks */
    connection->server->stats.streams++;
    lia_http_request_release(request);
    lia_http_connection_read(connection, true); /* to hear that the client hangs up */
}

lia_http_stream *lia_http_stream_open(lia_http_request *request, unsigned status,
                                      const char *content_type, const lia_http_header *headers,
                                      size_t header_count, size_t lag_max,
                                      void (*ready)(lia_http_stream *, void *),
                                      void (*closed)(lia_http_stream *, void *), void *context)
{
    lia_http_connection *connection = request->connection;
    const lia_http_answer answer = {
        .status = status,
        .content_type = content_type,
        .headers = headers,
        .header_count = header_count,
        .secure = lia_http_is_secure(request),
        .trace = request->trace,
        .chunked = !request->head.http_1_0 && request->method != LIA_HTTP_HEAD,
    };
    if (request->method == LIA_HTTP_HEAD) {
        lia_http_request_answer(request, answer, LIA_SPAN_NONE);
        return NULL;
    }
    request->status = status;
    lia_http_stream *stream = connection && !connection->ended ? malloc(sizeof *stream) : NULL;
    if (!stream || !begin(connection, &answer)) {
        free(stream);
        lia_http_drop(request);
        return NULL;
    }
    *stream = (lia_http_stream){connection, lag_max, answer.chunked, ready, closed, context};
    bound_send_buffer(connection, lag_max);
    attach(connection, stream);
    return stream;
}

size_t lia_http_stream_lag(const lia_http_stream *stream)
{
    return lia_http_connection_queued(stream->connection);
}

bool lia_http_stream_send(lia_http_stream *stream, lia_span bytes)
{
    if (!bytes.size) return true; /* an empty chunk would end the answer */
    size_t lag = lia_http_stream_lag(stream);
    if (lag && lag + bytes.size > stream->lag_max) {
        lia_http_connection_close(stream->connection, true);
        return false;
    }
    if (!stream->chunked) return lia_http_connection_send(stream->connection, &bytes, 1);
    char line[24];
    int size = snprintf(line, sizeof line, "%zx\r\n", bytes.size);
    lia_span parts[] = {lia_span_make(line, (size_t)size), bytes, LIA_SPAN("\r\n")};
    return lia_http_connection_send(stream->connection, parts, LIA_COUNT(parts));
}

void lia_http_stream_cut(lia_http_stream *stream)
{
    stream->closed = NULL;
    lia_http_connection_close(stream->connection, true);
}

void lia_http_stream_end(lia_http_stream *stream)
{
    lia_http_connection *connection = stream->connection;
    stream->closed = NULL; /* its owner ends it, and need not be told */
    lia_span last = LIA_SPAN("0\r\n\r\n");
    if (stream->chunked && !lia_http_connection_send(connection, &last, 1)) return;
    connection->stream = NULL;
    connection->server->stats.streams--;
    free(stream);
    lia_http_connection_flush(connection);
}
