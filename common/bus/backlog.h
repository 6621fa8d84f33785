/* SPDX-License-Identifier: Apache-2.0 */
/* backlog - how many bytes were handed to libzmq for one connection that it has not begun to send.
 * Its own bound counts messages, whatever their size, and cannot be asked how full it is. */
#ifndef LIA_BUS_BACKLOG_H
#define LIA_BUS_BACKLOG_H

#include "common/base/err.h"

typedef struct lia_backlog lia_backlog;

/* NULL when there is no memory. */
lia_backlog *lia_backlog_open(void);
/* Messages that are under way may outlive it. NULL is fine. */
void lia_backlog_close(lia_backlog *backlog);

/* Any thread. */
size_t lia_backlog_bytes(const lia_backlog *backlog);

/* Sends a copy of `frame`, without waiting, as the last part of a message; `first` is the part
 * before it (size 0: none), which a ROUTER takes or refuses. All or nothing goes out. LIA_EFULL the
 * socket's queue is full, or there is no memory LIA_EABSENT  the ROUTER knows nobody by `first`
 *   LIA_EIO      errno says why */
LIA_MUST_USE lia_err lia_backlog_send(lia_backlog *backlog, void *socket, lia_span first,
                                      lia_span frame);

#endif
