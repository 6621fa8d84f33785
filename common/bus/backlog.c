/* SPDX-License-Identifier: Apache-2.0 */
/* A message owns its bytes and tells when libzmq frees them, which it does when it has encrypted
 * them for the wire. It encrypts no more than the kernel takes. */
#include "common/bus/backlog.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct lia_backlog {
    atomic_size_t bytes;
    atomic_size_t holders; /* its owner, and each message under way */
};

typedef struct parcel {
    lia_backlog *backlog;
    size_t size;
    uint8_t bytes[];
} parcel;

lia_backlog *lia_backlog_open(void)
{
    lia_backlog *backlog = calloc(1, sizeof *backlog);
    if (backlog) atomic_init(&backlog->holders, 1);
    return backlog;
}

static void let_go(lia_backlog *backlog)
{
    if (atomic_fetch_sub(&backlog->holders, 1) == 1) free(backlog);
}

void lia_backlog_close(lia_backlog *backlog)
{
    if (backlog) let_go(backlog);
}

size_t lia_backlog_bytes(const lia_backlog *backlog)
{
    return atomic_load(&backlog->bytes);
}

/* On libzmq's thread, or on the loop's when sending fails. */
static void left(void *data, void *hint)
{
    (void)data;
    parcel *sent = hint;
    atomic_fetch_sub(&sent->backlog->bytes, sent->size);
    let_go(sent->backlog);
    free(sent);
}

/* Owns its bytes from here on: closing gives them back, too. */
static lia_err make_parcel(lia_backlog *backlog, lia_span frame, zmq_msg_t *out)
{
    parcel *sent = malloc(sizeof *sent + frame.size);
    if (!sent) return LIA_EFULL;
    *sent = (parcel){.backlog = backlog, .size = frame.size};
    if (frame.size) memcpy(sent->bytes, frame.data, frame.size);
    if (zmq_msg_init_data(out, sent->bytes, frame.size, left, sent)) {
        free(sent);
        return LIA_EFULL;
    }
    atomic_fetch_add(&backlog->holders, 1);
    atomic_fetch_add(&backlog->bytes, frame.size);
    return LIA_OK;
}

static lia_err send_parts(void *socket, lia_span first, zmq_msg_t *last)
{
    if (first.size && zmq_send(socket, first.data, first.size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EAGAIN ? LIA_EFULL : errno == EHOSTUNREACH ? LIA_EABSENT : LIA_EIO;
    while (zmq_msg_send(last, socket, ZMQ_DONTWAIT) < 0)
        if (errno != EINTR || !first.size) return errno == EAGAIN ? LIA_EFULL : LIA_EIO;
    return LIA_OK;
}

/* Whether a ROUTER takes a message shows at the first part already. The second is made before it:
 * once the first is out, the message must come to an end. */
lia_err lia_backlog_send(lia_backlog *backlog, void *socket, lia_span first, lia_span frame)
{
    zmq_msg_t last;
    lia_err err = make_parcel(backlog, frame, &last);
    if (err) return err;
    err = send_parts(socket, first, &last);
    int error = errno;
    if (err) zmq_msg_close(&last);
    errno = error;
    return err;
}
