/* SPDX-License-Identifier: Apache-2.0 */
/* bus - a carrier of frames between members, and the public stream of committed events. One
 * interface, several carriers: zmq (bus_zmq.c) is the default. Frames may be lost or cut off at
 * any time; order holds while a link lives. All calls on the loop thread. */
#ifndef LIA_BUS_BUS_H
#define LIA_BUS_BUS_H

#include <uv.h>

#include "common/bus/members.h"

typedef struct lia_bus lia_bus;

/* The local end of a link: LIA_BUS_CLIENT frames go to the peer's server end and back. */
typedef enum lia_bus_end { LIA_BUS_CLIENT, LIA_BUS_SERVER } lia_bus_end;

typedef struct lia_bus_handler {
    /* A frame from an authenticated member. `frame` is valid during the call. */
    void (*receive)(void *context, uint16_t peer, lia_bus_end end, lia_span frame);
    /* The link on which this node is the client came up or went down, where the carrier can tell;
     * a hint, and the moment to greet. Of the other end only silence tells. May be NULL. */
    void (*link)(void *context, uint16_t peer, bool up);
    void *context;
} lia_bus_handler;

#define LIA_BUS_SPARES_MAX 2

typedef struct lia_bus_options {
    uv_loop_t *loop;
    uint16_t node; /* own number in `members` */
    const lia_members *members;
    const lia_node_keys *keys;
    /* Numeric address at which to listen, on the list's ports, where the list's own address leads here
     * by other ways (containers, address translation); NULL: at the list's. Copied. */
    const char *listen;
    /* Own keys under which others may know this node still, or already: tried in turn with those
     * whose doorkeepers refuse the present ones. At most LIA_BUS_SPARES_MAX; copied. */
    const lia_node_keys *spares;
    size_t spare_count;
    lia_bus_handler handler;
    /* Public CURVE keys of tools that may subscribe although they are no members; copied. */
    const uint8_t (*readers)[LIA_CURVE_KEY_SIZE];
    size_t reader_count;
    /* What one who asks may send: bytes that wait for the loop, frames a second. Beyond it the peer
     * is cut off for some seconds. 0: what honest nodes never need (4 MiB, 20,000). */
    size_t asked_bytes_max;
    unsigned asked_frames_per_s;
} lia_bus_options;

/* What waits for one end of a peer at most: several times what is ever under way to one that reads,
 * little enough that a few who do not read cost a node nothing it needs. */
#define LIA_BUS_QUEUE_BYTES_MAX ((size_t)16 << 20)

/* What a carrier implements. */
typedef struct lia_bus_carrier {
    const char *name;
    lia_err (*open)(lia_bus **out, const lia_bus_options *options, lia_why *why);
    void (*close)(lia_bus *bus, void (*closed)(void *), void *context);
    lia_err (*send)(lia_bus *bus, uint16_t peer, lia_bus_end end, lia_span frame);
    size_t (*queued)(const lia_bus *bus, uint16_t peer, lia_bus_end end);
    bool (*wanted)(const lia_bus *bus);
    lia_err (*publish)(lia_bus *bus, const char *topic, lia_span message);
    lia_err (*members)(lia_bus *bus, const lia_members *members);
    void (*spares)(lia_bus *bus, const lia_node_keys *spares, size_t count);
    lia_err (*readers)(lia_bus *bus, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count);
    bool (*refused)(const lia_bus *bus, uint16_t peer);
} lia_bus_carrier;

extern const lia_bus_carrier lia_bus_zmq;

/* Binds, connects to all other members, and proves before it returns that a key which is not in
 * the list is refused (a CURVE server without a live handler would let everybody in).
 *   LIA_EBUSY    a port is taken           LIA_EDENIED  the proof failed: an unknown key got in
 *   LIA_EINVAL   an address is not numeric, or the own key does not belong to the list */
LIA_MUST_USE lia_err lia_bus_open(lia_bus **out, const lia_bus_carrier *carrier,
                                  const lia_bus_options *options, lia_why *why);
/* Closes sockets and context, frees, then calls `closed`. */
void lia_bus_close(lia_bus *bus, void (*closed)(void *), void *context);

/* Sends one frame (copied). Never blocks.
 *   LIA_EABSENT  the peer is not connected      LIA_EFULL  its queue is full: it does not read
 *   LIA_EINVAL   larger than LIA_FRAME_BYTES_MAX */
LIA_MUST_USE lia_err lia_bus_send(lia_bus *bus, uint16_t peer, lia_bus_end end, lia_span frame);

/* Bytes that were sent to that end of the peer and have not left yet. Who sends much looks first:
 * at LIA_BUS_QUEUE_BYTES_MAX everything is refused. */
size_t lia_bus_queued(const lia_bus *bus, uint16_t peer, lia_bus_end end);

/* Publishes to whoever subscribes; slow subscribers lose (and fetch what they miss by HTTP). Topics
 * are short ASCII words, "sales.deal.won". On the wire: [topic][message]. */
LIA_MUST_USE lia_err lia_bus_publish(lia_bus *bus, const char *topic, lia_span message);

/* Whether anybody subscribes to anything now. Without a subscriber publishing is work for nobody.
 */
bool lia_bus_wanted(const lia_bus *bus);

/* Takes a new member list: new peers are connected, removed ones cut off and refused. When a key
 * goes, all who are connected here are cut off with it, since a carrier need not be able to end
 * one connection; those who stay are back within moments and greet again. Own addresses stay as
 * they were at open.
 *   LIA_EINVAL   the own node or key is not in the list, or an address is not numeric; nothing changed
 *   LIA_EFULL    no socket or memory is left; removed members are out, new ones may be missing
 *   LIA_EDENIED  the new doors did not prove to refuse strangers: they are closed
 */
LIA_MUST_USE lia_err lia_bus_set_members(lia_bus *bus, const lia_members *members);

/* Other spare keys, from the next attempt on. */
void lia_bus_set_spares(lia_bus *bus, const lia_node_keys *spares, size_t count);

/* Other tools that may subscribe (LIA_READERS_MAX at most). When a key goes, all who subscribe here are
 * cut off with it; those who stay are back within moments, and fetch what they missed.
 *   LIA_EFULL    no socket or memory is left: nobody can subscribe
 *   LIA_EDENIED  the new door did not prove to refuse strangers: it is closed */
LIA_MUST_USE lia_err lia_bus_set_readers(lia_bus *bus, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE],
                                         size_t count);

/* Whether this peer was reached last and did not let this node in: its member list has other keys
 * for this node, or no such node. */
bool lia_bus_refused(const lia_bus *bus, uint16_t peer);

#endif
