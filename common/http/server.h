/* SPDX-License-Identifier: Apache-2.0 */
/* server - HTTP/1.1 (RFC 9110, 9112) on the node's libuv loop.
 *
 * One request at a time per connection: while its answer is outstanding later bytes are held and
 * reading stops, so pipelined requests cannot overtake or starve one another. An answer may come
 * much later (after a group commit); the request lives until it is answered and whoever answered it
 * has returned to the loop, also when its client has gone. All calls on the loop thread. */
#ifndef LIA_HTTP_SERVER_H
#define LIA_HTTP_SERVER_H

#include <uv.h>

#include "common/base/arena.h"
#include "common/base/trace.h"
#include "common/http/tls.h"

typedef struct lia_http_server lia_http_server;
typedef struct lia_http_request lia_http_request;
typedef struct lia_http_stream lia_http_stream;

typedef enum lia_http_method {
    LIA_HTTP_GET,
    LIA_HTTP_HEAD,
    LIA_HTTP_POST,
    LIA_HTTP_PUT,
    LIA_HTTP_PATCH,
    LIA_HTTP_DELETE,
    LIA_HTTP_OPTIONS,
    LIA_HTTP_METHODS
} lia_http_method;

/* Called when a request is complete. It must be answered by exactly one lia_http_reply,
 * lia_http_stream_open or lia_http_drop, now or later. */
typedef void lia_http_handler(lia_http_request *request, void *context);

/* Called with method and path as soon as the head is read: the most body bytes this route takes.
 * More is answered 413 without reading it. */
typedef size_t lia_http_body_limit(lia_http_method method, lia_span path, void *context);

typedef struct lia_http_options {
    uv_loop_t *loop;
    const char *address; /* numeric */
    bool outside;        /* others than loopback are accepted */
    lia_tls *tls;        /* TLS on every connection; NULL: none. Borrowed until it has closed */
    uint16_t port;       /* 0 takes a free one, see lia_http_port */
    lia_http_handler *handler;
    lia_http_body_limit *body_limit; /* NULL: LIA_HTTP_BODY_BYTES_MAX for all */
    void *context;
    unsigned connections_max; /* 0: LIA_HTTP_CONNECTIONS_MAX */
    /* time-outs in ms; 0 takes the default: head 10 s from its first byte, body at least 1 kB/s
     * after 10 s, keep-alive 60 s, stalled write 10 s */
    uint32_t head_ms, body_ms, idle_ms, write_ms;
} lia_http_options;

/* Binds and listens. Ignores SIGPIPE for the process if it was left at its default, and raises the
 * soft limit of open files towards connections_max.
 *   LIA_EBUSY    the port is taken          LIA_EDENIED  the address is not loopback, or the port
 *   LIA_EINVAL   the address is not numeric              is privileged
 *   LIA_EIO      the system refused otherwise */
LIA_MUST_USE lia_err lia_http_open(lia_http_server **out, const lia_http_options *options,
                                   lia_why *why);
uint16_t lia_http_port(const lia_http_server *server);

/* Stops listening, lets answers that are under way finish for up to `grace_ms`, closes all
 * connections (streams are told at once), frees the server, then calls `closed` (may be NULL) from
 * the loop. Requests that are still unanswered stay valid until they are answered, on this loop. */
void lia_http_close(lia_http_server *server, uint32_t grace_ms, void (*closed)(void *),
                    void *context);

typedef struct lia_http_stats {
    uint64_t requests, connections_total, refused; /* refused: answered 4xx by the parser */
    unsigned connections, streams;
    size_t memory; /* bytes held for connections */
    int64_t certificate_expires; /* as lia_tls_expires; 0: plain HTTP */
} lia_http_stats;
void lia_http_get_stats(const lia_http_server *server, lia_http_stats *out);

/* ---- the request -----------------------------------------------------------------------------
 * It, its spans and its arena live on after the answer, until the call of the loop in which it was
 * given has returned: a handler, the end of a worker's job or of a commit may answer and go on
 * reading, and end what it began. */

lia_http_method lia_http_get_method(const lia_http_request *request);
/* Path: percent-decoded once, valid UTF-8, no dot segments, begins with '/'. Query: raw. */
lia_span lia_http_get_path(const lia_http_request *request);
lia_span lia_http_get_query(const lia_http_request *request);
/* A header's value without surrounding blanks; the name in any case. False when absent. Repeated
 * fields give the first. */
bool lia_http_get_header(const lia_http_request *request, const char *name, lia_span *value);
/* All values of a repeated header, in order: how many there are, of which the first `max` are given. */
size_t lia_http_get_headers(const lia_http_request *request, const char *name, lia_span *values,
                            size_t max);
lia_span lia_http_get_body(const lia_http_request *request);
/* Scratch memory that lives as long as the request (16 MiB of address space, shared by nobody). */
lia_arena *lia_http_get_arena(lia_http_request *request);

/* Where the client's connection comes from: a numeric address without the port, IPv4 never mapped into
 * IPv6. Empty when it has gone. */
#define LIA_HTTP_PEER_SIZE 46
const char *lia_http_get_peer(const lia_http_request *request);
/* Whether that is this machine. */
bool lia_http_is_local(const lia_http_request *request);
/* Whether nobody on the way can read it: by TLS here, or because somebody who knows has said so. Its answer tells
 * browsers to come by TLS only from now on. */
bool lia_http_is_secure(const lia_http_request *request);
void lia_http_say_secure(lia_http_request *request);

/* The answer will say which trace it belongs to. */
void lia_http_say_trace(lia_http_request *request, const lia_trace *trace);
/* The status that was answered, 0 before; for lia_http_at_end. */
unsigned lia_http_get_status(const lia_http_request *request);

/* Calls `ended` once, when the request has been answered or dropped and its memory is about to go,
 * from the loop.
 * One at a time: a later call replaces it. */
void lia_http_at_end(lia_http_request *request, void (*ended)(void *), void *context);

/* The first query parameter of that name, decoded ('+' is a blank) into the arena.
 *   LIA_EABSENT  there is none     LIA_EINVAL  a malformed escape, NUL or malformed UTF-8
 *   LIA_EFULL    memory */
LIA_MUST_USE lia_err lia_http_get_param(lia_http_request *request, const char *name, lia_span *value);

/* ---- the answer ----------------------------------------------------------------------------- */

typedef struct lia_http_header {
    const char *name, *value; /* CR, LF or NUL inside are a bug of the caller */
} lia_http_header;

/* Sends status, Content-Type (NULL: none), Content-Length, Date, what keeps browsers from doing more with it
 * than show it, and the extra headers, and ends the request. A Content-Security-Policy among these stands
 * instead of the one that allows nothing. The body is copied (or written at once); it may lie in the request. HEAD, 204 and 304
 * send no body. Headers beyond 16 KiB, or with CR or LF, are logged and answered 500 instead. The
 * next request of the connection reaches the handler from the loop, not from inside this call. */
void lia_http_reply(lia_http_request *request, unsigned status, const char *content_type,
                    const lia_http_header *headers, size_t header_count, lia_span body);

/* The same with a body that is lent until the server has closed: files that a node keeps. It leaves in pieces, so
 * that a client that does not read costs one piece of memory, of whatever size the body is. */
void lia_http_reply_lent(lia_http_request *request, unsigned status, const char *content_type,
                         const lia_http_header *headers, size_t header_count, lia_span body);

/* Closes the connection without an answer (shutdown). */
void lia_http_drop(lia_http_request *request);

/* Begins an endless answer (Server-Sent Events, exports). Chunked for 1.1. The request is ended;
 * the stream lives until lia_http_stream_end, or until `closed` is called because the client went
 * away or lagged more than `lag_max` bytes behind; after that it must not be touched. `ready` (may
 * be NULL) is called when the queue has drained and more can be sent. NULL when there is nobody to
 * stream to (the client has gone, or asked HEAD, which is then answered): neither is called. */
lia_http_stream *lia_http_stream_open(lia_http_request *request, unsigned status,
                                      const char *content_type, const lia_http_header *headers,
                                      size_t header_count, size_t lag_max,
                                      void (*ready)(lia_http_stream *, void *),
                                      void (*closed)(lia_http_stream *, void *), void *context);
/* Sends bytes, or queues a copy; one piece of any size when nothing is queued, so that there is
 * always a way on. False when they would exceed lag_max or the client has gone: then the stream
 * has been cut (`closed` is called before this returns). */
bool lia_http_stream_send(lia_http_stream *stream, lia_span bytes);
/* Bytes queued and not yet taken by the kernel. */
size_t lia_http_stream_lag(const lia_http_stream *stream);
/* Ends the answer in the middle, in a way that the client cannot take for its end; `closed` is not
 * called. */
void lia_http_stream_cut(lia_http_stream *stream);
/* Completes the answer and lets the connection go; `closed` is not called. */
void lia_http_stream_end(lia_http_stream *stream);

#endif
