/* SPDX-License-Identifier: Apache-2.0 */
/* door - the HTTP API of a node that runs on a test's own loop (crm_rig.h), and exchanges with it.
 */
#ifndef LIA_TESTS_API_DOOR_H
#define LIA_TESTS_API_DOOR_H

#include <pthread.h>

#include "common/crm/crm_rig.h"
#include "common/http/api.h"
#include "tests/api/client.h"

typedef struct door {
    lia_api *api;
    lia_http_server *server;
} door;

static inline void door_open(rig *r, size_t number, door *out)
{
    lia_why why = {0};
    CHECK_OK(lia_api_open(&out->api, r->nodes[number], &r->loop));
    const lia_http_options options = {.loop = &r->loop,
                                      .address = "127.0.0.1",
                                      .handler = lia_api_handle,
                                      .body_limit = lia_api_body_limit,
                                      .context = out->api};
    CHECK_OK(lia_http_open(&out->server, &options, &why));
    lia_api_set_server(out->api, out->server);
}

static inline void door_close(rig *r, door *d)
{
    bool closed = false;
    lia_http_close(d->server, 0, rig_noted, &closed);
    RIG_UNTIL(r, closed);
    closed = false;
    lia_api_close(d->api, rig_noted, &closed);
    RIG_UNTIL(r, closed);
}

/* One exchange, by a thread that blocks while the loop answers. */
typedef struct asking {
    char request[600];
    uint16_t port;
    lia_reply reply;
    bool ok, done;
    pthread_t thread;
    uv_async_t wake;
} asking;

static inline void *door_ask_it(void *context)
{
    asking *a = context;
    a->ok = lia_exchange(a->port, a->request, strlen(a->request), &a->reply);
    __atomic_store_n(&a->done, true, __ATOMIC_RELEASE);
    uv_async_send(&a->wake);
    return NULL;
}

/* Sends a request as it is. */
static inline void door_ask_begin(rig *r, const door *d, const char *request, asking *a)
{
    *a = (asking){.port = lia_http_port(d->server)};
    snprintf(a->request, sizeof a->request, "%s", request);
    uv_async_init(&r->loop, &a->wake, NULL);
    CHECK(pthread_create(&a->thread, NULL, door_ask_it, a) == 0);
}

/* Waits for the end; free the reply. */
static inline lia_reply door_ask_end(rig *r, asking *a)
{
    RIG_UNTIL(r, __atomic_load_n(&a->done, __ATOMIC_ACQUIRE));
    pthread_join(a->thread, NULL);
    uv_close((uv_handle_t *)&a->wake, NULL);
    uv_run(&r->loop, UV_RUN_NOWAIT);
    CHECK(a->ok);
    return a->reply;
}

/* A request without a body. */
static inline lia_reply door_ask(rig *r, const door *d, const char *method, const char *path)
{
    asking a;
    char request[600];
    snprintf(request, sizeof request,
             "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
             method, path);
    door_ask_begin(r, d, request, &a);
    return door_ask_end(r, &a);
}

#endif
