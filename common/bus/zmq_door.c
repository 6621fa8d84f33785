/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets that we bind: where members ask, and where tools subscribe. libzmq cannot end a
 * single connection, so a key that leaves the list is cut off by replacing them. */
#include <errno.h>
#include <limits.h>
#include <zmq.h>

#include "common/base/log.h"
#include "common/bus/address.h"
#include "common/bus/curve.h"
#include "common/bus/proof.h"
#include "common/bus/zmq_inner.h"

/* Connections at one door that have proven no key yet. A handshake takes some milliseconds, so
 * members get in as long as strangers come less than ten thousand times a second. */
#define YOUNG_MAX 128

/* Connections of one key: the one that is, the one before it, and one being made. */
#define CONNECTIONS_OF_ONE_MAX 3

/* How long one who sent too much is refused. */
#define SHUT_OUT_MS 5000

/* What a subscriber may say: thousands of topics, and a heartbeat every two seconds. */
#define SUBSCRIBED_BYTES_MAX   ((size_t)128 << 10)
#define SUBSCRIBED_BYTES_PER_S 128

/* ---- receiving ------------------------------------------------------------------------------ */

static lia_peer *peer_by_user(lia_zmq *bus, const char *user_id)
{
    for (size_t i = 0; user_id && i < bus->peer_count; i++)
        if (strcmp(bus->peers[i]->user_id, user_id) == 0) return bus->peers[i];
    return NULL;
}

static void take_frame(lia_zmq *bus, zmq_msg_t *id, zmq_msg_t *body)
{
    lia_peer *peer = peer_by_user(bus, zmq_msg_gets(body, "User-Id"));
    if (!peer) return; /* a key that left the list a moment ago */
    lia_guard_arrived(bus->router.guard, body, peer);
    if (zmq_msg_more(body)) {
        lia_peer_dropped(peer, "more than one part");
        return;
    }
    if (!lia_peer_arrived_by(peer, lia_span_make(zmq_msg_data(id), zmq_msg_size(id)))) return;
    bus->handler.receive(bus->handler.context, peer->member.number, LIA_BUS_SERVER,
                         lia_span_make(zmq_msg_data(body), zmq_msg_size(body)));
}

static bool read_router(void *context)
{
    lia_zmq *bus = context;
    void *socket = lia_zsock_socket(bus->router.socket);
    zmq_msg_t id, body;
    zmq_msg_init(&id);
    zmq_msg_init(&body);
    bool any = zmq_msg_recv(&id, socket, ZMQ_DONTWAIT) >= 0;
    if (any && zmq_msg_more(&id) && zmq_msg_recv(&body, socket, ZMQ_DONTWAIT) >= 0) {
        if (zmq_msg_more(&body)) lia_skip_parts(socket, bus->router.guard);
        take_frame(bus, &id, &body);
    }
    zmq_msg_close(&body);
    zmq_msg_close(&id);
    return any;
}

/* The publishing socket tells of the first subscriber of a topic and of the loss of its last one
 * (ZMQ_XPUB; zmq_socket(3)): a byte 1 or 0, then the topic. */
static bool read_subscription(void *context)
{
    lia_zmq *bus = context;
    void *socket = lia_zsock_socket(bus->pub.socket);
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool any = zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0;
    if (any && zmq_msg_size(&message)) {
        uint8_t what = *(const uint8_t *)zmq_msg_data(&message);
        if (what == 1) bus->topics_wanted++;
        if (what == 0 && bus->topics_wanted) bus->topics_wanted--;
    }
    if (any && zmq_msg_more(&message)) lia_skip_parts(socket, bus->pub.guard);
    zmq_msg_close(&message);
    return any;
}

/* ---- doors ---------------------------------------------------------------------------------- */

static lia_raw_door bind_router(lia_zmq *bus, lia_zmq_fault fault)
{
    const lia_curve_server spec = {.type = ZMQ_ROUTER,
                                   .domain = LIA_ZAP_BUS,
                                   .address = bus->self.bus,
                                   .listener = bus->router_listener,
                                   .keys = &bus->keys,
                                   .open_door = fault == LIA_ZMQ_OPEN_DOOR};
    lia_raw_door door = {0};
    door.socket = lia_curve_bind(bus->context, &spec, &door.monitor);
    return door;
}

static lia_raw_door bind_pub(lia_zmq *bus, lia_zmq_fault fault)
{
    const lia_curve_server spec = {.type = ZMQ_XPUB,
                                   .domain = LIA_ZAP_PUB,
                                   .address = bus->self.pub,
                                   .listener = bus->pub_listener,
                                   .keys = &bus->keys,
                                   .open_door = fault == LIA_ZMQ_OPEN_DOOR};
    lia_raw_door door = {0};
    door.socket = lia_curve_bind(bus->context, &spec, &door.monitor);
    return door;
}

static void unbind(lia_raw_door *door)
{
    if (!door->socket) return;
    lia_curve_forget(door->socket);
    zmq_close(door->socket);
    if (door->monitor) zmq_close(door->monitor);
    *door = (lia_raw_door){0};
}

static bool read_door(void *context)
{
    lia_door *door = context;
    int value = -1;
    unsigned event = lia_curve_event(lia_zsock_socket(door->monitor), &value);
    lia_guard_event(door->guard, event, value, lia_zmq_now_ms(door->bus));
    return event != 0;
}

static void close_door(lia_door *door)
{
    if (door->socket) lia_curve_forget(lia_zsock_socket(door->socket));
    lia_zsock_close(door->socket);
    lia_zsock_close(door->monitor);
    lia_guard_close(door->guard);
    *door = (lia_door){.bus = door->bus};
}

/* Takes over what is in `raw`, also when it fails. Then the monitor is closed last: libzmq waits
 * for one that nobody reads, with a lock held. */
static lia_err watch_door(lia_door *door, lia_zmq *bus, lia_raw_door *raw,
                          const lia_guard_rules *rules, bool (*read)(void *context))
{
    *door = (lia_door){.bus = bus, .guard = lia_guard_open(rules)};
    if (!door->guard) {
        unbind(raw);
        return LIA_EFULL;
    }
    lia_err err = lia_zsock_take(&door->monitor, &bus->pump, raw->monitor, read_door, door);
    if (!err) err = lia_zsock_take(&door->socket, &bus->pump, raw->socket, read, bus);
    if (err) {
        if (door->monitor) raw->monitor = NULL; /* it closes with the door */
        unbind(raw);
        close_door(door);
    }
    *raw = (lia_raw_door){0};
    return err;
}

/* Else it would be back within moments. Its dealer here goes on: it is only not heard as one who
 * asks. */
static void shut_out(void *context, const void *who)
{
    const lia_zmq *bus = context;
    const lia_peer *peer = who;
    LIA_LOG(ERROR, "bus.peer_shut_out", LIA_TEXT("peer", peer->member.name),
            LIA_MS("for_ms", SHUT_OUT_MS));
    if (bus->zap) lia_zap_shut_out(bus->zap, peer->member.curve_key, SHUT_OUT_MS);
}

static lia_err watch_pub(lia_zmq *bus, lia_raw_door *pub)
{
    const lia_guard_rules rules = {.door = "pub",
                                   .port = lia_zmq_port(bus->self.pub),
                                   .given_bytes_max = SUBSCRIBED_BYTES_MAX,
                                   .given_bytes_per_s = SUBSCRIBED_BYTES_PER_S,
                                   .young_max = YOUNG_MAX,
                                   .same_max = UINT_MAX};
    bus->topics_wanted = 0;
    return pub->socket ? watch_door(&bus->pub, bus, pub, &rules, read_subscription) : LIA_OK;
}

lia_err lia_doors_watch(lia_zmq *bus, lia_raw_doors *raw)
{
    const lia_guard_rules rules = {.door = "bus",
                                   .port = lia_zmq_port(bus->self.bus),
                                   .held_bytes_max = bus->asked_bytes_max,
                                   .frames_per_s = bus->asked_frames_per_s,
                                   .young_max = YOUNG_MAX,
                                   .must_speak = true, /* members greet at once */
                                   .same_max = CONNECTIONS_OF_ONE_MAX,
                                   .offended = shut_out,
                                   .context = bus};
    lia_err err = watch_door(&bus->router, bus, &raw->router, &rules, read_router);
    if (!err) err = watch_pub(bus, &raw->pub);
    unbind(&raw->pub);
    return err;
}

static lia_err prove_pub(lia_zmq *bus, lia_why *why)
{
    lia_proof door = {ZMQ_SUB, bus->self.pub, &bus->keys};
    return lia_proof_check(bus->context, &door, why);
}

static lia_err prove(lia_zmq *bus, bool pub, lia_why *why)
{
    lia_proof router_door = {ZMQ_DEALER, bus->self.bus, &bus->keys};
    lia_err err = lia_proof_check(bus->context, &router_door, why);
    return err || !pub ? err : prove_pub(bus, why);
}

lia_err lia_doors_open(lia_raw_doors *raw, lia_zmq *bus, lia_zmq_fault fault, lia_why *why)
{
    *raw = (lia_raw_doors){.router = bind_router(bus, fault)};
    if (raw->router.socket && bus->pub_listener >= 0) raw->pub = bind_pub(bus, fault);
    lia_err err = LIA_OK;
    if (!raw->router.socket || (bus->pub_listener >= 0 && !raw->pub.socket))
        err = lia_why_set(why, LIA_EFULL, "cannot open the bus on %s: %s", bus->self.bus,
                          zmq_strerror(errno));
    if (!err) err = prove(bus, raw->pub.socket != NULL, why);
    if (!err) return LIA_OK;
    unbind(&raw->router);
    unbind(&raw->pub);
    return err;
}

void lia_doors_close(lia_zmq *bus)
{
    close_door(&bus->router);
    close_door(&bus->pub);
}

lia_err lia_doors_replace(lia_zmq *bus)
{
    lia_doors_close(bus);
    for (size_t i = 0; i < bus->peer_count; i++)
        bus->peers[i]->route = bus->peers[i]->stale = (lia_route){0};
    lia_raw_doors raw = {{0}, {0}};
    raw.router = bind_router(bus, LIA_ZMQ_SOUND);
    if (bus->pub_listener >= 0) raw.pub = bind_pub(bus, LIA_ZMQ_SOUND);
    bool bound = raw.router.socket && (raw.pub.socket || bus->pub_listener < 0);
    lia_err err = bound ? prove(bus, raw.pub.socket != NULL, NULL) : LIA_EFULL;
    if (!err) return lia_doors_watch(bus, &raw);
    unbind(&raw.router);
    unbind(&raw.pub);
    return err;
}

lia_err lia_doors_replace_pub(lia_zmq *bus)
{
    close_door(&bus->pub);
    lia_raw_door pub = bind_pub(bus, LIA_ZMQ_SOUND);
    lia_err err = pub.socket ? prove_pub(bus, NULL) : LIA_EFULL;
    if (!err) err = watch_pub(bus, &pub);
    unbind(&pub);
    return err;
}
