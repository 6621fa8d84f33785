/* SPDX-License-Identifier: Apache-2.0 */
/* guard - watches the single connections of a socket, of which libzmq tells nothing. It holds the
 * parts of a message until the last has come, however many there are, and messages until they are
 * read (its own bound is not used: 4.3.4 can abort when a peer dies that has reached it); it lets
 * one key connect as often as it likes; and it gives anybody seconds to prove a key. The socket's
 * monitor tells us the descriptors of its connections, the kernel how many bytes came by each, and
 * delivered messages which of them get anywhere. One that goes too far is shut down, which libzmq
 * takes for the peer's own end: it frees what it held, and nobody else notices. On the loop thread;
 * costs nothing while nothing happens but a glance at each connection. */
#ifndef LIA_BUS_GUARD_H
#define LIA_BUS_GUARD_H

#include <zmq.h>

#include "common/base/err.h"

typedef struct lia_guard_rules {
    const char *door;       /* for the log */
    uint16_t port;          /* the local one of its connections; 0: it is the side that connects */
    size_t held_bytes_max;  /* may have come and not have arrived; 0: not looked at */
    size_t given_bytes_max; /* may come at all, and as many each second more; 0: no limit */
    size_t given_bytes_per_s; /* what heartbeats need */
    unsigned frames_per_s;    /* that may arrive, and half as many at once; 0: no limit */
    unsigned young_max;       /* connections that have not proven a key yet */
    bool must_speak;          /* the proof is a message; else that libzmq lets it live */
    unsigned same_max;        /* connections of one key */
    /* A connection of `who` was cut because more came by it than is right: it would come back at
     * once and go on. May be NULL. */
    void (*offended)(void *context, const void *who);
    void *context;
} lia_guard_rules;

typedef struct lia_guard lia_guard;

/* NULL when there is no memory. */
lia_guard *lia_guard_open(const lia_guard_rules *rules);
void lia_guard_close(lia_guard *guard);

/* An event of the socket's monitor, with its value. */
void lia_guard_event(lia_guard *guard, unsigned event, int value, int64_t now_ms);
/* A part of a message arrived by one of the connections. `who` proved to be the sender: any pointer
 * that stands for a key, NULL when it is not known. */
void lia_guard_arrived(lia_guard *guard, zmq_msg_t *part, const void *who);
/* From time to time, several times a second. `drained`: nothing whole waits at the socket now. */
void lia_guard_look(lia_guard *guard, int64_t now_ms, bool drained);

typedef struct lia_guard_counts {
    unsigned connections, young;
    uint64_t cut; /* since open */
} lia_guard_counts;
void lia_guard_count(const lia_guard *guard, lia_guard_counts *out);

#endif
