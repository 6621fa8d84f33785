/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of request objects, and what a handler asks of one. The pool is a stack, so that a
 * busy server works in a few objects that stay in the processor's cache.
 *
 * A handler may answer and go on looking at its request: whoever answers stands on the stack still.
 * So an object that is given back is put aside first, and what it holds goes when the loop has the
 * word again, or at once behind the call of the handler. */
#include <stdlib.h>

#include "common/http/internal.h"
#include "common/http/query.h"

/* Address space of a request's arena, and the use beyond which its pages are not kept. */
#define ARENA_BYTES      ((size_t)16 << 20)
#define ARENA_KEEP_BYTES ((size_t)128 << 10)
/* A body buffer begins with this, and one that grew larger is not kept. */
#define LARGE_BYTES ((size_t)64 << 10)
#define SPARE_MAX   256

static void enlist(lia_http_request *request, lia_http_request **list)
{
    request->next = *list;
    request->link = list;
    if (request->next) request->next->link = &request->next;
    *list = request;
}

static void delist(lia_http_request *request)
{
    *request->link = request->next;
    if (request->next) request->next->link = request->link;
}

/* Tells whoever keeps something for it. */
static void end(lia_http_request *request)
{
    void (*ended)(void *) = request->ended;
    request->ended = NULL;
    if (ended) ended(request->ended_context);
}

static void destroy(lia_http_request *request)
{
    end(request);
    if (request->server) request->server->stats.memory -= sizeof *request + request->large_capacity;
    lia_arena_fini(&request->arena);
    free(request->large);
    free(request);
}

static lia_http_request *create(lia_http_server *server)
{
    lia_http_request *request = malloc(sizeof *request);
    if (!request) return NULL;
    memset(request, 0, offsetof(lia_http_request, head)); /* the rest is filled by reading */
    server->stats.memory += sizeof *request;
    return request;
}

lia_http_request *lia_http_request_take(lia_http_connection *connection)
{
    lia_http_server *server = connection->server;
    lia_http_request *request = server->spare;
    if (request) {
        delist(request);
        if (--server->spare_count < server->spare_low) server->spare_low = server->spare_count;
    } else if (!(request = create(server))) {
        return NULL;
    }
    enlist(request, &server->under_way);
    request->server = server;
    request->loop = server->options.loop;
    request->connection = connection;
    request->over = false;
    request->in_size = request->end = 0;
    return request;
}

/* Forgets the last request. Memory that only a large one needed is given back. */
static void clean(lia_http_request *request)
{
    request->large_size = 0;
    if (request->large_capacity > LARGE_BYTES) {
        if (request->server) request->server->stats.memory -= request->large_capacity;
        free(request->large);
        request->large = NULL;
        request->large_capacity = 0;
    }
    if (request->arena.high > ARENA_KEEP_BYTES)
        lia_arena_fini(&request->arena);
    else if (request->arena.base)
        lia_arena_reset(&request->arena);
    request->arena.exhausted = false;
    request->chunks = (lia_http_chunks){0};
    request->body = LIA_SPAN_NONE;
    request->secure = false;
    request->status = 0;
    request->trace[0] = 0;
}

static void recycle(lia_http_request *request)
{
    lia_http_server *server = request->server;
    if (server->spare_count == SPARE_MAX) {
        destroy(request);
        return;
    }
    end(request);
    clean(request);
    enlist(request, &server->spare);
    server->spare_count++;
}

void lia_http_request_sweep(lia_http_server *server)
{
    while (server->answered) {
        lia_http_request *request = server->answered;
        delist(request);
        recycle(request);
    }
    if (!server->finished) uv_prepare_stop(&server->before_rest);
}

static void before_rest(uv_prepare_t *prepare)
{
    lia_http_request_sweep(prepare->data);
}

static void orphan_closed(uv_handle_t *handle)
{
    destroy(handle->data);
}

void lia_http_request_release(lia_http_request *request)
{
    lia_http_server *server = request->server;
    request->connection = NULL;
    request->over = true;
    if (!server) { /* a handle that closes is the loop's next word */
        request->orphan.data = request;
        uv_idle_init(request->loop, &request->orphan);
        uv_close((uv_handle_t *)&request->orphan, orphan_closed);
        return;
    }
    delist(request);
    enlist(request, &server->answered);
    if (!server->finished) uv_prepare_start(&server->before_rest, before_rest);
}

void lia_http_request_next(lia_http_request *request)
{
    end(request);
    clean(request);
    request->over = false;
    request->in_size -= request->end;
    memmove(request->in, request->in + request->end, request->in_size);
    request->end = 0;
}

bool lia_http_request_grow(lia_http_request *request, size_t size_max)
{
    size_t old = request->large_capacity;
    if (request->large_size < old) return true;
    size_t capacity = old ? old * 2 : LARGE_BYTES;
    if (capacity > size_max && size_max > LARGE_BYTES) capacity = size_max;
    if (request->server->stats.memory + capacity - old > LIA_HTTP_MEMORY_MAX) return false;
    uint8_t *large = realloc(request->large, capacity);
    if (!large) return false;
    request->large = large;
    request->large_capacity = capacity;
    request->server->stats.memory += capacity - old;
    return true;
}

void lia_http_request_trim(lia_http_server *server, unsigned keep)
{
    unsigned idle =
        server->spare_low < server->spare_count ? server->spare_low : server->spare_count;
    for (; idle > keep; idle--) {
        lia_http_request *request = server->spare;
        delist(request);
        server->spare_count--;
        destroy(request);
    }
    server->spare_low = server->spare_count;
}

void lia_http_request_disown(lia_http_server *server)
{
    lia_http_request_sweep(server);
    server->spare_low = server->spare_count;
    lia_http_request_trim(server, 0);
    for (lia_http_request *request = server->under_way; request; request = request->next)
        request->server = NULL;
}

/* ---- what a handler asks ------------------------------------------------------------------- */

lia_http_method lia_http_get_method(const lia_http_request *request)
{
    return request->method;
}

lia_span lia_http_get_path(const lia_http_request *request)
{
    return request->path;
}

lia_span lia_http_get_query(const lia_http_request *request)
{
    return request->head.query;
}

lia_span lia_http_get_body(const lia_http_request *request)
{
    return request->body;
}

bool lia_http_get_header(const lia_http_request *request, const char *name, lia_span *value)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < request->head.field_count; i++) {
        const lia_http_field *field = &request->head.fields[i];
        if (field->name.size != size) continue;
        if (strncasecmp((const char *)field->name.data, name, size) != 0) continue;
        *value = field->value;
        return true;
    }
    return false;
}

size_t lia_http_get_headers(const lia_http_request *request, const char *name, lia_span *values,
                            size_t max)
{
    size_t size = strlen(name), count = 0;
    for (size_t i = 0; i < request->head.field_count; i++) {
        const lia_http_field *field = &request->head.fields[i];
        if (field->name.size != size) continue;
        if (strncasecmp((const char *)field->name.data, name, size) != 0) continue;
        if (count < max) values[count] = field->value;
        count++;
    }
    return count;
}

const char *lia_http_get_peer(const lia_http_request *request)
{
    return request->connection ? request->connection->peer : "";
}

bool lia_http_is_local(const lia_http_request *request)
{
    return request->connection && request->connection->local;
}

bool lia_http_is_secure(const lia_http_request *request)
{
    return request->secure || (request->connection && request->connection->tls);
}

void lia_http_say_secure(lia_http_request *request)
{
    request->secure = true;
}

void lia_http_say_trace(lia_http_request *request, const lia_trace *trace)
{
    lia_trace_print(trace, request->trace);
}

unsigned lia_http_get_status(const lia_http_request *request)
{
    return request->status;
}

void lia_http_at_end(lia_http_request *request, void (*ended)(void *), void *context)
{
    request->ended = ended;
    request->ended_context = context;
}

lia_arena *lia_http_get_arena(lia_http_request *request)
{
    if (!request->arena.base && lia_arena_init(&request->arena, ARENA_BYTES) != LIA_OK)
        request->arena = (lia_arena){.exhausted = true}; /* gives nothing, as a full one */
    return &request->arena;
}

lia_err lia_http_get_param(lia_http_request *request, const char *name, lia_span *value)
{
    lia_span raw;
    *value = LIA_SPAN_NONE;
    if (!lia_http_query_find(request->head.query, name, &raw)) return LIA_EABSENT;
    uint8_t *text = lia_arena_take(lia_http_get_arena(request), raw.size + 1);
    size_t size;
    lia_err err = text ? lia_http_query_decode(raw, text, &size) : LIA_EFULL;
    if (err) return err;
    text[size] = 0;
    *value = lia_span_make(text, size);
    return LIA_OK;
}
