/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/zsock.h"

#include <stdlib.h>
#include <zmq.h>

#include "common/base/assert.h"

/* One socket's share of a pass: enough to amortise the query, short enough that the loop's other
 * work (heartbeats, HTTP) is not held up by a peer that catches up. */
#define READ_MAX    64
#define READ_NS_MAX (1000 * 1000)

/* Unlinking keeps `next`, and memory lives until the loop's closing phase, so a walk that is
 * under way passes through closed sockets unharmed. */
struct lia_zsock {
    lia_pump *pump;
    lia_zsock *next, **link;
    void *socket;
    bool (*read)(void *context);
    void *context;
    bool touched; /* woken or sent on since it was last found quiet */
    bool ready;   /* there may be something to read; implies touched */
    bool closing;
    uv_poll_t poll;
};

/* ---- one turn of the loop ------------------------------------------------------------------- */

static bool is_readable(const lia_zsock *zsock)
{
    int events = 0;
    size_t size = sizeof events;
    if (zmq_getsockopt(zsock->socket, ZMQ_EVENTS, &events, &size)) return false;
    return zsock->read && (events & ZMQ_POLLIN);
}

bool lia_zsock_is_readable(lia_zsock *zsock)
{
    lia_zsock_stir(zsock); /* asking may swallow an edge */
    return is_readable(zsock);
}

static void wake(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    ((lia_zsock *)poll->data)->touched = ((lia_zsock *)poll->data)->ready = true;
}

static void drain(lia_zsock *zsock)
{
    uint64_t until = uv_hrtime() + READ_NS_MAX;
    zsock->ready = false;
    for (int i = 0; i < READ_MAX && !zsock->closing && zsock->read(zsock->context); i++)
        if (uv_hrtime() > until) break;
}

static void read_ready(uv_check_t *check)
{
    lia_pump *pump = check->data;
    for (lia_zsock *zsock = pump->first; zsock; zsock = zsock->next)
        if (zsock->ready && !zsock->closing && zsock->read) drain(zsock);
}

static void nothing(uv_idle_t *idle)
{
    (void)idle;
}

/* An edge is swallowed only by calls on the socket itself. One that was quiet and has not been
 * touched since needs no question: in a large cluster most do not. */
static void ask_touched(uv_prepare_t *prepare)
{
    lia_pump *pump = prepare->data;
    bool any = false;
    for (lia_zsock *zsock = pump->first; zsock; zsock = zsock->next)
        if (zsock->touched) any |= zsock->touched = zsock->ready = is_readable(zsock);
    if (any)
        uv_idle_start(&pump->idle, nothing);
    else
        uv_idle_stop(&pump->idle);
}

/* The loop comes round to the prepare once more before it sleeps. */
void lia_zsock_stir(lia_zsock *zsock)
{
    zsock->touched = true;
    if (!zsock->pump->closing) uv_idle_start(&zsock->pump->idle, nothing);
}

/* ---- lifetime ------------------------------------------------------------------------------- */

void lia_pump_hold(lia_pump *pump)
{
    pump->handles++;
}

void lia_pump_release(lia_pump *pump)
{
    lia_assert(pump->handles > 0);
    if (--pump->handles == 0 && pump->closing) pump->closed(pump->context);
}

static void handle_closed(uv_handle_t *handle)
{
    lia_pump_release(handle->data);
}

void lia_pump_open(lia_pump *pump, uv_loop_t *loop)
{
    *pump = (lia_pump){.loop = loop, .handles = 3};
    uv_prepare_init(loop, &pump->prepare);
    uv_idle_init(loop, &pump->idle);
    uv_check_init(loop, &pump->check);
    pump->prepare.data = pump->idle.data = pump->check.data = pump;
    uv_prepare_start(&pump->prepare, ask_touched);
    uv_check_start(&pump->check, read_ready);
}

void lia_pump_close(lia_pump *pump, void (*closed)(void *), void *context)
{
    lia_assert(!pump->closing);
    pump->closing = true;
    pump->closed = closed;
    pump->context = context;
    while (pump->first) lia_zsock_close(pump->first);
    uv_close((uv_handle_t *)&pump->prepare, handle_closed);
    uv_close((uv_handle_t *)&pump->idle, handle_closed);
    uv_close((uv_handle_t *)&pump->check, handle_closed);
}

static void link_first(lia_pump *pump, lia_zsock *zsock)
{
    zsock->next = pump->first;
    zsock->link = &pump->first;
    if (pump->first) pump->first->link = &zsock->next;
    pump->first = zsock;
}

static int watch(lia_zsock *zsock)
{
    int fd;
    size_t size = sizeof fd;
    if (zmq_getsockopt(zsock->socket, ZMQ_FD, &fd, &size)) return -1;
    return uv_poll_init(zsock->pump->loop, &zsock->poll, fd);
}

lia_err lia_zsock_take(lia_zsock **out, lia_pump *pump, void *socket, bool (*read)(void *context),
                       void *context)
{
    *out = NULL;
    lia_zsock *zsock = calloc(1, sizeof *zsock);
    if (zsock)
        *zsock = (lia_zsock){.pump = pump, .socket = socket, .read = read, .context = context};
    if (!zsock || watch(zsock)) {
        free(zsock);
        return LIA_EFULL;
    }
    zsock->poll.data = zsock;
    uv_poll_start(&zsock->poll, UV_READABLE, wake);
    link_first(pump, zsock);
    lia_pump_hold(pump);
    lia_zsock_stir(zsock);
    *out = zsock;
    return LIA_OK;
}

static void poll_closed(uv_handle_t *handle)
{
    lia_zsock *zsock = handle->data;
    lia_pump *pump = zsock->pump;
    zmq_close(zsock->socket);
    free(zsock);
    lia_pump_release(pump);
}

void lia_zsock_close(lia_zsock *zsock)
{
    if (!zsock) return;
    lia_assert(!zsock->closing);
    zsock->closing = true;
    *zsock->link = zsock->next;
    if (zsock->next) zsock->next->link = zsock->link;
    uv_poll_stop(&zsock->poll);
    uv_close((uv_handle_t *)&zsock->poll, poll_closed);
}

void *lia_zsock_socket(const lia_zsock *zsock)
{
    return zsock->socket;
}
