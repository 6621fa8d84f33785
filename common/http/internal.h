/* SPDX-License-Identifier: Apache-2.0 */
/* internal - what the files of the server share; nobody else includes it.
 *
 * A connection costs little: what a request needs (head, buffer, arena) is a lia_http_request,
 * taken from a pool when the first byte comes and given back when the answer has left.
 *
 *     IDLE --bytes--> HEAD --> BODY --> BUSY --reply--> FLUSH --drained--> IDLE or HEAD
 *                      '--------'--refused--------------^ |  '--last--> LINGER --> CLOSED
 *                                         BUSY --> STREAM -'                            */
#ifndef LIA_HTTP_INTERNAL_H
#define LIA_HTTP_INTERNAL_H

#include "common/http/parser.h"
#include "common/http/server.h"

/* Room for the largest head and, behind it, for a small body or a read of chunks. */
#define LIA_HTTP_IN_BYTES (LIA_HTTP_HEAD_BYTES_MAX + 4096)
/* Room for an answer's head. */
#define LIA_HTTP_OUT_BYTES ((size_t)16 << 10)
/* Bodies and unread answers of all clients together; beyond it they are turned away with 503, so
 * that many clients with large bodies cannot fill the machine. */
#define LIA_HTTP_MEMORY_MAX ((size_t)256 << 20)
/* What lingering and streaming connections still send is read into here and forgotten. */
#define LIA_HTTP_WASTE_BYTES ((size_t)64 << 10)

/* What came over TLS, on its way to becoming text. */
#define LIA_HTTP_CIPHER_BYTES ((size_t)32 << 10)

typedef struct lia_http_connection lia_http_connection;

typedef enum lia_http_state {
    LIA_HTTP_IDLE, /* between requests; no request object */
    LIA_HTTP_AT_HEAD,
    LIA_HTTP_AT_BODY,
    LIA_HTTP_BUSY,  /* the handler has the request */
    LIA_HTTP_FLUSH, /* the answer is being written */
    LIA_HTTP_STREAM,
    LIA_HTTP_LINGER, /* all is said; waits for the client to hang up, so that it reads the answer */
    LIA_HTTP_CLOSED
} lia_http_state;

struct lia_http_request {
    lia_http_server *server;         /* NULL once the server is gone */
    lia_http_connection *connection; /* NULL once the client is gone */
    lia_http_request *next, **link;  /* in the server's list of requests under way, answered, or spare */
    uv_loop_t *loop;
    uv_idle_t orphan; /* closes to free one that was answered when the server was gone */
    lia_http_method method;
    lia_span path, body;
    void (*ended)(void *); /* see lia_http_at_end */
    void *ended_context;
    lia_arena arena; /* reserved at first use */
    size_t body_max;
    bool secure;
    bool over;      /* answered; goes when the next head is looked for */
    unsigned status; /* that was answered; 0: not yet */
    char trace[LIA_TRACE_TEXT_SIZE]; /* "": the answer says none */
    uint8_t *large; /* a body that does not fit behind its head, or was chunked */
    size_t large_size, large_capacity;
    lia_http_chunks chunks;
    size_t in_size;   /* bytes in `in` */
    size_t head_size; /* of these, the head */
    size_t end;       /* where the next request begins */
    lia_http_head head;
    uint8_t in[LIA_HTTP_IN_BYTES];
};

struct lia_http_connection {
    uv_tcp_t tcp;      /* its data is the connection */
    lia_tls_line *tls; /* NULL: plain */
    lia_http_server *server;
    lia_http_connection *next, **link; /* in the server's list */
    lia_http_connection *later_next;
    lia_http_request *request;
    lia_http_stream *stream;
    uint64_t since_ms; /* loop time when the state, or the last progress in writing, began */
    size_t queue_seen; /* bytes queued at the last sweep */
    lia_span rest;     /* of a body that is lent to us: what has not been sent or queued yet */
    char peer[LIA_HTTP_PEER_SIZE];
    uint8_t state;
    bool local;   /* the peer is this machine */
    bool fresh;   /* has not sent a byte yet */
    bool reading; /* bytes are being asked for */
    bool ended;   /* the client has sent its last byte */
    bool last;    /* close when the answer has left */
    bool dispatching;
    bool later; /* in the server's list of connections to go on with */
    bool held;  /* text may be left in the TLS line, which the network says nothing of */
};

struct lia_http_stream {
    lia_http_connection *connection;
    size_t lag_max;
    bool chunked;
    void (*ready)(lia_http_stream *, void *);
    void (*closed)(lia_http_stream *, void *);
    void *context;
};

struct lia_http_server {
    lia_http_options options;
    uv_tcp_t listener;
    uv_timer_t sweep, grace;
    uv_idle_t later;
    uv_prepare_t before_rest; /* runs while requests are answered and not swept */
    unsigned handles; /* of the five above, not yet closed */
    uint16_t port;
    int spare_fd; /* closed to accept and turn away one client when files run out */
    bool full;    /* a client waits in the listener until a connection closes */
    bool turn_away;
    bool draining;
    bool finished;
    lia_http_connection *connections, *later_first;
    lia_http_request *under_way, *answered, *spare;
    unsigned spare_count, spare_low; /* now; the fewest since the last sweep */
    lia_http_stats stats;
    int64_t date_second;
    char date[32];
    void (*closed)(void *);
    void *closed_context;
    uint8_t out[LIA_HTTP_OUT_BYTES];
    uint8_t cipher[LIA_HTTP_CIPHER_BYTES];
    uint8_t waste[LIA_HTTP_WASTE_BYTES];
};

/* ---- server.c */

/* Goes on with the connection from the loop, not from inside the present call. */
void lia_http_server_later(lia_http_connection *connection);
void lia_http_server_forget_later(lia_http_connection *connection);
/* A connection's memory has been freed. */
void lia_http_server_left(lia_http_server *server);
/* "Date: ...\r\n", written anew once a second. */
lia_span lia_http_server_date(lia_http_server *server);

/* ---- connection.c */

void lia_http_connection_enter(lia_http_connection *connection, lia_http_state state);
/* Accepts the client that waits in the listener. False when it could not be kept. */
bool lia_http_connection_accept(lia_http_server *server);
/* Reads on, after what lies in the TLS line. */
void lia_http_connection_go_on(lia_http_connection *connection);
/* Takes requests from the bytes at hand for as long as they are answered at once. */
void lia_http_connection_advance(lia_http_connection *connection);
/* The answer has left: on to the next request, or the end. */
void lia_http_connection_answered(lia_http_connection *connection);
/* Safe to repeat. A request in a handler's hands lives on without it; a stream is told. `reset`
 * gives back at once what the kernel holds unsent. */
void lia_http_connection_close(lia_http_connection *connection, bool reset);
void lia_http_connection_read(lia_http_connection *connection, bool on);
/* Closes what has waited too long. */
void lia_http_connection_sweep(lia_http_connection *connection, uint64_t now_ms);
size_t lia_http_connection_queued(const lia_http_connection *connection);

/* Asks for more of the request that is at hand. */
void lia_http_connection_want(lia_http_connection *connection);

/* ---- receive.c */

/* False when they must wait for more, or refused; then nothing more is to be done. */
bool lia_http_receive_head(lia_http_connection *connection);
bool lia_http_receive_body(lia_http_connection *connection);
/* A body that does not fit behind its head is read to where it will stay. */
bool lia_http_receives_large(const lia_http_connection *connection);
/* Counts and answers what is not accepted. Returns false. */
bool lia_http_receive_refuse(lia_http_connection *connection, int status);

/* ---- request.c */

/* From the pool or new, with nothing in it. NULL when memory is short. */
lia_http_request *lia_http_request_take(lia_http_connection *connection);
/* Gives it back. It lives on until the loop has the word again, since whoever answered it may be
 * in the middle of something. */
void lia_http_request_release(lia_http_request *request);
/* Empties those that were given back. Nobody who answered one may be on the stack any more. */
void lia_http_request_sweep(lia_http_server *server);
/* Makes it ready for the next head, keeping the bytes behind `end`; as lia_http_request_sweep. */
void lia_http_request_next(lia_http_request *request);
/* Room for more bytes of a large body: at least one, as long as the body is below its limit.
 * False when memory is short, the server's or the machine's. */
bool lia_http_request_grow(lia_http_request *request, size_t size_max);
/* Frees pooled requests that were not needed since the last call, but `keep`. */
void lia_http_request_trim(lia_http_server *server, unsigned keep);
/* Frees the pool; requests that are still unanswered go on without a server. */
void lia_http_request_disown(lia_http_server *server);

/* ---- reply.c */

/* Writes what it can at once and queues a copy of the rest. False when the connection had to be
 * closed. */
bool lia_http_connection_send(lia_http_connection *connection, const lia_span *parts, size_t count);
/* Sends what a TLS line has ready. False when the connection had to be closed. */
bool lia_http_connection_send_raw(lia_http_connection *connection);
/* The answer is on its way; the connection goes on when it has left. */
void lia_http_connection_flush(lia_http_connection *connection);
/* Answers with a problem document of the server's own and ends the connection. */
void lia_http_connection_refuse(lia_http_connection *connection, unsigned status,
                                const char *detail);

/* What an answer's head is made of. */
typedef struct lia_http_answer {
    unsigned status;
    const char *content_type;
    const lia_http_header *headers;
    size_t header_count;
    bool has_length, chunked, keep_alive, say_keep_alive, secure;
    bool lent; /* the body outlives the request, and leaves in pieces */
    size_t length;
    const char *trace; /* its traceparent; NULL or "": none */
} lia_http_answer;
/* The head in server->out; empty when it has no room or a header would split the answer. */
lia_span lia_http_answer_head(lia_http_server *server, const lia_http_answer *answer);
/* Answers a request, or only forgets it when its client has gone. */
void lia_http_request_answer(lia_http_request *request, lia_http_answer answer, lia_span body);

#endif
