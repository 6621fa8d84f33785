/* SPDX-License-Identifier: Apache-2.0 */
/* zmq_inner - what the files of the zmq carrier share. */
#ifndef LIA_BUS_ZMQ_INNER_H
#define LIA_BUS_ZMQ_INNER_H

#include "common/bus/backlog.h"
#include "common/bus/carrier.h"
#include "common/bus/guard.h"
#include "common/bus/zap.h"
#include "common/bus/zsock.h"

typedef struct lia_zmq lia_zmq;

/* What may have come by one connection and wait for the loop, or for the end of its message. Those
 * who ask send little; those who answer send blocks as far as all our credit goes (sync: 64 MiB).
 */
#define LIA_BUS_ASKED_BYTES_MAX    ((size_t)4 << 20)
#define LIA_BUS_ANSWERED_BYTES_MAX ((size_t)96 << 20)

/* A routing id of the ROUTER; size 0 is none. It makes them itself, 5 bytes long. */
typedef struct lia_route {
    uint8_t bytes[15];
    uint8_t size;
} lia_route;

/* Another member. The dealer is our end of the link on which we are the client; the route leads to
 * it over the link on which it is. */
typedef struct lia_peer {
    lia_zmq *bus;
    lia_member member;
    char user_id[LIA_USER_ID_SIZE];
    lia_zsock *dealer, *monitor; /* NULL when it has no address */
    lia_guard *guard;            /* of the dealer's connection */
    lia_backlog *asks, *answers; /* what is on its way by the dealer, and by the route */
    uv_timer_t mend;             /* runs while the link is down */
    bool up;
    lia_route route;  /* of its latest connection */
    lia_route stale;  /* of the one before: what it still delivers is void */
    uint64_t dropped; /* frames that were not as agreed */
    uint64_t refused; /* times that its doorkeeper did not let us in */
    bool is_refused;  /* the last time, too */
    size_t try;       /* which of our keys is shown: 0 the present ones, then the spares */
} lia_peer;

/* A socket that we bound: what happens to its connections. */
typedef struct lia_door {
    lia_zmq *bus;
    lia_zsock *socket, *monitor;
    lia_guard *guard;
} lia_door;

struct lia_zmq {
    lia_bus base;
    lia_member self;
    lia_node_keys keys;
    lia_node_keys spares[LIA_BUS_SPARES_MAX];
    size_t spare_count;
    lia_bus_handler handler;
    size_t asked_bytes_max;
    unsigned asked_frames_per_s;
    void *context;
    lia_zap *zap;
    lia_pump pump;
    int router_listener, pub_listener; /* -1: none */
    lia_door router, pub;
    uv_timer_t look;      /* at the connections, now and then */
    size_t topics_wanted; /* by subscribers of pub */
    uint8_t readers[LIA_READERS_MAX][LIA_CURVE_KEY_SIZE];
    size_t reader_count;
    lia_peer *peers[LIA_MEMBERS_MAX];
    size_t peer_count;
    void (*closed)(void *context);
    void *closed_context;
};

/* ---- peer.c --------------------------------------------------------------------------------- */

/* LIA_EFULL   no socket or memory is left */
LIA_MUST_USE lia_err lia_peer_open(lia_peer **out, lia_zmq *bus, const lia_member *member);
/* Frees the peer when the loop lets go of it. */
void lia_peer_close(lia_peer *peer);
/* Takes new particulars; a new address is connected to. The key must be the same. */
LIA_MUST_USE lia_err lia_peer_change(lia_peer *peer, const lia_member *member);

LIA_MUST_USE lia_err lia_peer_ask(lia_peer *peer, lia_span frame);    /* on the dealer */
LIA_MUST_USE lia_err lia_peer_answer(lia_peer *peer, lia_span frame); /* on its route */

/* A frame came from `peer` over the connection `id`. False when that connection is over. */
bool lia_peer_arrived_by(lia_peer *peer, lia_span id);

/* Counts a frame that was not as agreed. */
void lia_peer_dropped(lia_peer *peer, const char *reason);

/* Where a guard takes its time from. */
int64_t lia_zmq_now_ms(const lia_zmq *bus);

/* Reads away what is left of a message that has more parts than agreed. */
void lia_skip_parts(void *socket, lia_guard *guard);

/* ---- zmq_door.c ----------------------------------------------------------------------------- */

/* Ways to break the key check, to see that opening notices. */
typedef enum lia_zmq_fault {
    LIA_ZMQ_SOUND,
    LIA_ZMQ_NO_KEEPER, /* nobody answers ZAP questions */
    LIA_ZMQ_OPEN_DOOR  /* and the servers do not insist on an answer */
} lia_zmq_fault;

/* Doors that nobody watches yet. */
typedef struct lia_raw_door {
    void *socket, *monitor;
} lia_raw_door;
typedef struct lia_raw_doors {
    lia_raw_door router, pub;
} lia_raw_doors;

/* Binds them, and proves that they refuse strangers. The loop is not touched. */
LIA_MUST_USE lia_err lia_doors_open(lia_raw_doors *raw, lia_zmq *bus, lia_zmq_fault fault,
                                    lia_why *why);
/* Takes over what is in `raw`, also when it fails. */
LIA_MUST_USE lia_err lia_doors_watch(lia_zmq *bus, lia_raw_doors *raw);
/* Whoever is connected must come back and show a key. The old doors close whatever happens, and the
 * new ones stay only if they are proven to refuse strangers. */
LIA_MUST_USE lia_err lia_doors_replace(lia_zmq *bus);
/* The same for the public door alone. */
LIA_MUST_USE lia_err lia_doors_replace_pub(lia_zmq *bus);
void lia_doors_close(lia_zmq *bus);

/* ---- bus_zmq.c ------------------------------------------------------------------------------ */

/* The port of an address, 0 when it is none. */
uint16_t lia_zmq_port(const char *address);

LIA_MUST_USE lia_err lia_zmq_open(lia_bus **out, const lia_bus_options *options,
                                  lia_zmq_fault fault, lia_why *why);

#endif
