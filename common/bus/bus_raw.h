/* SPDX-License-Identifier: Apache-2.0 */
/* bus_raw - sockets of a test's own, which need not keep to what is agreed, towards the buses of a
 * rig. */
#ifndef LIA_BUS_BUS_RAW_H
#define LIA_BUS_BUS_RAW_H

#include <zmq.h>

#include "common/bus/bus_rig.h"
#include "common/bus/curve.h"
#include "common/bus/zmq_inner.h"

static bus_rig *r;

#define NODE(number)   (&r->nodes[(number)-1])
#define MEMBER(number) (&r->members.list[(number)-1])

/* A socket of the test's own, with what happened to its connection. */
typedef struct raw {
    void *context, *socket, *monitor;
    unsigned admitted, refused, broken;
} raw;

static inline void raw_open(raw *at, int type, const char *address, const lia_member *server,
                            const lia_node_keys *as)
{
    *at = (raw){.context = zmq_ctx_new()};
    lia_curve_client spec = {.type = type,
                             .address = address,
                             .server = server->curve_key,
                             .public = as->curve_public,
                             .secret = as->curve_secret};
    at->socket = lia_curve_connect(at->context, &spec, &at->monitor);
    CHECK(at->socket != NULL);
}

static inline void raw_close(raw *at)
{
    if (at->monitor) lia_curve_forget(at->socket);
    zmq_close(at->socket);
    if (at->monitor) zmq_close(at->monitor);
    zmq_ctx_term(at->context);
}

static inline void raw_look(raw *at)
{
    unsigned event;
    while ((event = lia_curve_event(at->monitor, NULL))) {
        at->admitted += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        at->refused += event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        at->broken += event == ZMQ_EVENT_DISCONNECTED;
    }
}

/* Runs the loop until the raw socket is let in or not. */
static inline bool raw_enters(raw *at)
{
    unsigned before = at->admitted + at->refused;
    RIG_UNTIL_WITH(r, at->admitted + at->refused > before, raw_look(at));
    return at->refused == 0;
}

static inline void say(raw *at, const char *text, int flags)
{
    CHECK(zmq_send(at->socket, text, strlen(text), flags | ZMQ_DONTWAIT) >= 0);
}

/* Reads on until [topic][message], or just [message] with no topic. */
static inline bool hears(raw *at, const char *topic, const char *message)
{
    char got[256];
    int size;
    while ((size = zmq_recv(at->socket, got, sizeof got, ZMQ_DONTWAIT)) >= 0) {
        bool wanted = !topic || lia_span_is(lia_span_make(got, (size_t)size), topic);
        if (topic) size = zmq_recv(at->socket, got, sizeof got, ZMQ_DONTWAIT);
        if (wanted && lia_span_is(lia_span_make(got, (size_t)size), message)) return true;
    }
    return false;
}

static inline bool is_silent(raw *at)
{
    return zmq_recv(at->socket, NULL, 0, ZMQ_DONTWAIT) < 0;
}

static inline uint64_t heard_from(uint16_t node, uint16_t peer)
{
    return NODE(node)->flows[peer][LIA_BUS_SERVER].received;
}

static inline void start(size_t count)
{
    r = rig_init(count);
    r->strict = true;
    rig_open(r, 0);
    rig_tick(r);
}

#endif
