/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/curve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

#include "common/bus/address.h"

/* A draft name in zmq.h, accepted by the library. Without it a CURVE server that finds no
 * doorkeeper lets everybody in; with it, nobody. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* What comes in is bounded by guard.c, not by RCVHWM: in 4.3.4 a connection that has reached it and
 * breaks aborts the process when its next heartbeat is due before somebody reads.
 *
 * Frames of one connection before a send is refused. Bytes are bounded by the sessions' credit and
 * by peer.c; this is a last guard, and large enough for two group commits sent frame by frame. */
#define QUEUE_FRAMES_MAX (2 * LIA_GROUP_EVENTS_MAX)

/* A silent peer is given up after 6 s. */
#define HEARTBEAT_MS         2000
#define HEARTBEAT_TIMEOUT_MS 6000

/* After a partition every attempt is young, so a link is back within about 4 s of its healing. */
#define RECONNECT_MS     100
#define RECONNECT_MS_MAX 2000
#define CONNECT_MS_MAX   2000
#define HANDSHAKE_MS_MAX 4000

/* libzmq measures what is on the wire: a CURVE MESSAGE is its name, a nonce, a MAC and flags more
 * than the frame in it (RFC 26: 33 bytes). */
#define CURVE_BYTES 64

/* Topics are short, but the handshake passes the same gate. */
#define SUBSCRIPTION_BYTES_MAX 1024

#define EVENTS                                                                                     \
    (ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CONNECT_DELAYED |                        \
     ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |   \
     ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |                         \
     ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

static bool set(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_key(void *socket, int option, const uint8_t *key)
{
    return zmq_setsockopt(socket, option, key, LIA_CURVE_KEY_SIZE) == 0;
}

static bool set_common(void *socket, const char *address, int64_t bytes_max)
{
    int64_t frame_max = bytes_max + CURVE_BYTES;
    return set(socket, ZMQ_LINGER, 0) && set(socket, ZMQ_SNDHWM, QUEUE_FRAMES_MAX) &&
           set(socket, ZMQ_RCVHWM, 0) && set(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
           set(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS) &&
           set(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS) &&
           set(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS_MAX) &&
           set(socket, ZMQ_IPV6, address[0] == '[') &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0;
}

/* zmq_close may change errno, which callers print. */
static void *give_up(void *socket)
{
    int error = errno;
    if (socket) zmq_close(socket);
    errno = error;
    return NULL;
}

/* ---- monitors ------------------------------------------------------------------------------- */

void lia_curve_forget(void *socket)
{
    zmq_socket_monitor(socket, NULL, 0);
}

/* Names of inproc monitors are never used twice: reuse can hang. The queue is unlimited since a
 * full one would block libzmq's I/O thread; the loop reads faster than connections come. */
static void *watch(void *zmq, void *socket)
{
    static atomic_uint count;
    char endpoint[48];
    snprintf(endpoint, sizeof endpoint, "inproc://liaison.monitor.%u", atomic_fetch_add(&count, 1));
    if (zmq_socket_monitor(socket, endpoint, EVENTS)) return NULL;
    void *monitor = zmq_socket(zmq, ZMQ_PAIR);
    if (monitor && set(monitor, ZMQ_LINGER, 0) && set(monitor, ZMQ_RCVHWM, 0) &&
        zmq_connect(monitor, endpoint) == 0)
        return monitor;
    lia_curve_forget(socket);
    return give_up(monitor);
}

/* ---- servers -------------------------------------------------------------------------------- */

static bool set_server(void *socket, const lia_curve_server *spec)
{
    return set(socket, ZMQ_CURVE_SERVER, 1) &&
           set_key(socket, ZMQ_CURVE_SECRETKEY, spec->keys->curve_secret) &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, spec->domain, strlen(spec->domain)) == 0 &&
           set(socket, ZMQ_ZAP_ENFORCE_DOMAIN, !spec->open_door) &&
           (spec->type != ZMQ_ROUTER || set(socket, ZMQ_ROUTER_MANDATORY, 1));
}

/* The listener is ours and outlives its sockets: libzmq lets go of a port at some later time, but
 * a socket that is replaced must be back at once. */
static bool bind_to(void *socket, const lia_curve_server *spec)
{
    char endpoint[LIA_ENDPOINT_SIZE];
    lia_address_endpoint(spec->address, endpoint);
    int fd = fcntl(spec->listener, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return false;
    if (set(socket, ZMQ_USE_FD, fd) && zmq_bind(socket, endpoint) == 0) return true;
    int error = errno;
    close(fd);
    errno = error;
    return false;
}

/* Subscribers say nothing but topics, which libzmq stores letter by letter. */
static int64_t frame_bytes_max(int type)
{
    return type == ZMQ_ROUTER ? (int64_t)LIA_FRAME_BYTES_MAX : SUBSCRIPTION_BYTES_MAX;
}

void *lia_curve_bind(void *zmq, const lia_curve_server *spec, void **monitor)
{
    void *socket = zmq_socket(zmq, spec->type), *watcher = NULL;
    if (socket && set_common(socket, spec->address, frame_bytes_max(spec->type)) &&
        set_server(socket, spec) && (!monitor || (watcher = watch(zmq, socket))) &&
        bind_to(socket, spec)) {
        if (monitor) *monitor = watcher;
        return socket;
    }
    if (watcher) lia_curve_forget(socket);
    give_up(watcher);
    return give_up(socket);
}

/* ---- clients -------------------------------------------------------------------------------- */

static bool set_client(void *socket, const lia_curve_client *spec)
{
    return set_key(socket, ZMQ_CURVE_SERVERKEY, spec->server) &&
           set_key(socket, ZMQ_CURVE_PUBLICKEY, spec->public) &&
           set_key(socket, ZMQ_CURVE_SECRETKEY, spec->secret) &&
           set(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
           set(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX) &&
           set(socket, ZMQ_CONNECT_TIMEOUT, CONNECT_MS_MAX);
}

void *lia_curve_connect(void *zmq, const lia_curve_client *spec, void **monitor)
{
    char endpoint[LIA_ENDPOINT_SIZE];
    lia_address_endpoint(spec->address, endpoint);
    *monitor = NULL;
    void *socket = zmq_socket(zmq, spec->type);
    if (!socket || !set_common(socket, spec->address, LIA_FRAME_BYTES_MAX) ||
        !set_client(socket, spec))
        return give_up(socket);
    *monitor = watch(zmq, socket);
    if (*monitor && zmq_connect(socket, endpoint) == 0) return socket;
    if (*monitor) lia_curve_forget(socket);
    *monitor = give_up(*monitor);
    return give_up(socket);
}

/* [event number, 16 bits; value, 32 bits][endpoint] */
unsigned lia_curve_event(void *monitor, int *value)
{
    uint8_t head[6];
    uint16_t event = 0;
    if (zmq_recv(monitor, head, sizeof head, ZMQ_DONTWAIT) != sizeof head) return 0;
    memcpy(&event, head, sizeof event);
    if (value) memcpy(value, head + sizeof event, sizeof *value);
    zmq_recv(monitor, NULL, 0, ZMQ_DONTWAIT);
    return event;
}
