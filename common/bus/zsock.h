/* SPDX-License-Identifier: Apache-2.0 */
/* zsock - ZeroMQ sockets on a libuv loop.
 *
 * A socket's ZMQ_FD is edge-triggered and says only "something happened"; any send or receive may
 * swallow the edge. So uv_poll is used as a mere wake-up. A uv_prepare, which runs right before the
 * loop would sleep, asks each socket that was touched what is really there; while anything is, an
 * empty uv_idle keeps the loop awake. A uv_check, right after, reads.
 *
 *     prepare: ask each --- quiet ---> sleep until an fd wakes us ---> check: read, bounded --+
 *        ^        |                                                      ^                    |
 *        |        +------ something there: idle on, do not sleep --------+                    |
 *        +------------------------------------------------------------------------------------+
 *
 * Reading is not left to the prepare itself, because what handlers do then would come too late for
 * other prepares of the same turn.
 * All calls on the loop thread. Closing is safe from inside any callback. */
#ifndef LIA_BUS_ZSOCK_H
#define LIA_BUS_ZSOCK_H

#include <uv.h>

#include "common/base/err.h"

typedef struct lia_zsock lia_zsock;

/* The sockets of one bus. `handles` counts what the loop still holds of it. */
typedef struct lia_pump {
    uv_loop_t *loop;
    uv_prepare_t prepare;
    uv_idle_t idle;
    uv_check_t check;
    lia_zsock *first;
    size_t handles;
    bool closing;
    void (*closed)(void *context);
    void *context;
} lia_pump;

void lia_pump_open(lia_pump *pump, uv_loop_t *loop);
/* Closes all sockets; `closed` comes when the loop holds nothing of the pump any more. */
void lia_pump_close(lia_pump *pump, void (*closed)(void *), void *context);

/* Counts a handle of the owner's among what lia_pump_close waits for; tell when it is closed. */
void lia_pump_hold(lia_pump *pump);
void lia_pump_release(lia_pump *pump);

/* Takes a connected or bound socket. `read` reads one whole message without waiting and says
 * whether there was one; NULL for sockets that only send. The socket is closed with it; when this
 * fails it stays the caller's.
 *   LIA_EFULL   the system is out of memory or descriptors */
LIA_MUST_USE lia_err lia_zsock_take(lia_zsock **out, lia_pump *pump, void *socket,
                                    bool (*read)(void *context), void *context);
/* NULL is fine. `read` is not called again. */
void lia_zsock_close(lia_zsock *zsock);

/* The ZeroMQ socket, to send on; stir afterwards. */
void *lia_zsock_socket(const lia_zsock *zsock);
/* Whether something is there to be read now. */
bool lia_zsock_is_readable(lia_zsock *zsock);
/* After sending: what arrived meanwhile must not wait for the next edge. */
void lia_zsock_stir(lia_zsock *zsock);

#endif
