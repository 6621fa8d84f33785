/* SPDX-License-Identifier: Apache-2.0 */
/* The default carrier. Peers are known by the key that they proved to hold (User-Id of the body
 * frame: libzmq 4.3.4 may lose it on the first), never by a routing id. libzmq cannot end a single
 * connection, so a key that leaves the list is cut off by replacing the sockets that we bound. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "common/base/log.h"
#include "common/bus/address.h"
#include "common/bus/curve.h"
#include "common/bus/proof.h"
#include "common/bus/zmq_inner.h"

/* How often the connections are looked at. */
#define LOOK_MS 100

/* Connections at one door that have proven no key yet. A handshake takes some milliseconds, so
 * members get in as long as strangers come less than ten thousand times a second. */
#define YOUNG_MAX 128

/* Connections of one key: the one that is, the one before it, and one being made. */
#define CONNECTIONS_OF_ONE_MAX 3

/* Questions and acknowledgements of one connection: an honest peer, which acknowledges commits,
 * sends a few thousand when all are as busy as can be. */
#define ASKED_FRAMES_PER_S 20000

/* How long one who sent too much is refused. */
#define SHUT_OUT_MS 5000

/* What a subscriber may say: thousands of topics, and a heartbeat every two seconds. */
#define SUBSCRIBED_BYTES_MAX   ((size_t)128 << 10)
#define SUBSCRIBED_BYTES_PER_S 128

int64_t lia_zmq_now_ms(const lia_zmq *bus)
{
    return (int64_t)uv_now(bus->pump.loop);
}

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

/* ---- sending -------------------------------------------------------------------------------- */

static lia_err send_frame(lia_bus *base, uint16_t number, lia_bus_end end, lia_span frame)
{
    lia_zmq *bus = (lia_zmq *)base;
    for (size_t i = 0; i < bus->peer_count; i++) {
        lia_peer *peer = bus->peers[i];
        if (peer->member.number != number) continue;
        return end == LIA_BUS_CLIENT ? lia_peer_ask(peer, frame) : lia_peer_answer(peer, frame);
    }
    return LIA_EABSENT;
}

static size_t queued(const lia_bus *base, uint16_t number, lia_bus_end end)
{
    const lia_zmq *bus = (const lia_zmq *)base;
    for (size_t i = 0; i < bus->peer_count; i++) {
        const lia_peer *peer = bus->peers[i];
        if (peer->member.number == number)
            return lia_backlog_bytes(end == LIA_BUS_CLIENT ? peer->asks : peer->answers);
    }
    return 0;
}

static bool wanted(const lia_bus *base)
{
    return ((const lia_zmq *)base)->topics_wanted > 0;
}

static lia_err publish(lia_bus *base, const char *topic, lia_span message)
{
    lia_zmq *bus = (lia_zmq *)base;
    if (!bus->pub.socket) return LIA_OK;
    void *socket = lia_zsock_socket(bus->pub.socket);
    bool sent = zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
                zmq_send(socket, message.data, message.size, ZMQ_DONTWAIT) >= 0;
    lia_zsock_stir(bus->pub.socket);
    return sent ? LIA_OK : LIA_EIO;
}

/* ---- doors ---------------------------------------------------------------------------------- */

/* A door that nobody watches yet. */
typedef struct raw_door {
    void *socket, *monitor;
} raw_door;

static raw_door bind_router(lia_zmq *bus, lia_zmq_fault fault)
{
    const lia_curve_server spec = {.type = ZMQ_ROUTER,
                                   .domain = LIA_ZAP_BUS,
                                   .address = bus->self.bus,
                                   .listener = bus->router_listener,
                                   .keys = &bus->keys,
                                   .open_door = fault == LIA_ZMQ_OPEN_DOOR};
    raw_door door = {0};
    door.socket = lia_curve_bind(bus->context, &spec, &door.monitor);
    return door;
}

static raw_door bind_pub(lia_zmq *bus, lia_zmq_fault fault)
{
    const lia_curve_server spec = {.type = ZMQ_XPUB,
                                   .domain = LIA_ZAP_PUB,
                                   .address = bus->self.pub,
                                   .listener = bus->pub_listener,
                                   .keys = &bus->keys,
                                   .open_door = fault == LIA_ZMQ_OPEN_DOOR};
    raw_door door = {0};
    door.socket = lia_curve_bind(bus->context, &spec, &door.monitor);
    return door;
}

static void unbind(raw_door *door)
{
    if (!door->socket) return;
    lia_curve_forget(door->socket);
    zmq_close(door->socket);
    if (door->monitor) zmq_close(door->monitor);
    *door = (raw_door){0};
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

/* Takes over what is in `raw`, also when it fails. Then the monitor is closed last: libzmq waits for
 * one that nobody reads, with a lock held. */
static lia_err watch_door(lia_door *door, lia_zmq *bus, raw_door *raw, const lia_guard_rules *rules,
                          bool (*read)(void *context))
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
    *raw = (raw_door){0};
    return err;
}

static uint16_t port_of(const char *address)
{
    lia_address parsed;
    if (lia_address_parse(address, &parsed)) return 0;
    return ntohs(parsed.to.any.sa_family == AF_INET6 ? parsed.to.v6.sin6_port
                                                     : parsed.to.v4.sin_port);
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

static lia_err watch_pub(lia_zmq *bus, raw_door *pub)
{
    const lia_guard_rules rules = {.door = "pub",
                                   .port = port_of(bus->self.pub),
                                   .given_bytes_max = SUBSCRIBED_BYTES_MAX,
                                   .given_bytes_per_s = SUBSCRIBED_BYTES_PER_S,
                                   .young_max = YOUNG_MAX,
                                   .same_max = UINT_MAX};
    bus->topics_wanted = 0;
    return pub->socket ? watch_door(&bus->pub, bus, pub, &rules, read_subscription) : LIA_OK;
}

static lia_err watch_doors(lia_zmq *bus, raw_door *router, raw_door *pub)
{
    const lia_guard_rules rules = {.door = "bus",
                                   .port = port_of(bus->self.bus),
                                   .held_bytes_max = bus->asked_bytes_max,
                                   .frames_per_s = bus->asked_frames_per_s,
                                   .young_max = YOUNG_MAX,
                                   .must_speak = true, /* members greet at once */
                                   .same_max = CONNECTIONS_OF_ONE_MAX,
                                   .offended = shut_out,
                                   .context = bus};
    lia_err err = watch_door(&bus->router, bus, router, &rules, read_router);
    if (!err) err = watch_pub(bus, pub);
    unbind(pub);
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

/* Whoever is connected must come back and show a key. The old doors close whatever happens, and the
 * new ones stay only if they are proven to refuse strangers. */
static lia_err replace_doors(lia_zmq *bus)
{
    close_door(&bus->router);
    close_door(&bus->pub);
    for (size_t i = 0; i < bus->peer_count; i++)
        bus->peers[i]->route = bus->peers[i]->stale = (lia_route){0};
    raw_door router = bind_router(bus, LIA_ZMQ_SOUND), pub = {0};
    if (bus->pub_listener >= 0) pub = bind_pub(bus, LIA_ZMQ_SOUND);
    bool bound = router.socket && (pub.socket || bus->pub_listener < 0);
    lia_err err = bound ? prove(bus, pub.socket != NULL, NULL) : LIA_EFULL;
    if (!err) return watch_doors(bus, &router, &pub);
    unbind(&router);
    unbind(&pub);
    return err;
}

/* The same for the public door alone. */
static lia_err replace_pub(lia_zmq *bus)
{
    close_door(&bus->pub);
    raw_door pub = bind_pub(bus, LIA_ZMQ_SOUND);
    lia_err err = pub.socket ? prove_pub(bus, NULL) : LIA_EFULL;
    if (!err) err = watch_pub(bus, &pub);
    unbind(&pub);
    return err;
}

/* ---- members -------------------------------------------------------------------------------- */

static lia_err check_members(const lia_members *members, uint16_t node, const lia_node_keys *keys,
                             lia_why *why)
{
    lia_address unused;
    const lia_member *self = lia_members_find(members, node);
    if (!self) return lia_why_set(why, LIA_EINVAL, "node %u is not in the member list", node);
    if (memcmp(self->curve_key, keys->curve_public, LIA_CURVE_KEY_SIZE))
        return lia_why_set(why, LIA_EINVAL,
                           "the own keys are not those of member %s in the list: use its "
                           "node.keys, or have the administrators sign a new list",
                           self->name);
    if (!*self->bus)
        return lia_why_set(why, LIA_EINVAL, "member %s has no bus address", self->name);
    for (size_t i = 0; i < members->count; i++) {
        const lia_member *member = &members->list[i];
        if ((*member->bus && lia_address_parse(member->bus, &unused)) ||
            (*member->pub && lia_address_parse(member->pub, &unused)))
            return lia_why_set(why, LIA_EINVAL,
                               "member %s: an address is not numeric with a port, like "
                               "127.0.0.1:27104",
                               member->name);
    }
    return LIA_OK;
}

static bool is_same_key(const lia_peer *peer, const lia_member *member)
{
    return member && memcmp(peer->member.curve_key, member->curve_key, LIA_CURVE_KEY_SIZE) == 0;
}

/* Closes those who are not in the list any more; true when there were any. */
static bool drop_peers(lia_zmq *bus, const lia_members *members)
{
    size_t kept = 0, before = bus->peer_count;
    for (size_t i = 0; i < before; i++) {
        lia_peer *peer = bus->peers[i];
        if (is_same_key(peer, lia_members_find(members, peer->member.number)))
            bus->peers[kept++] = peer;
        else
            lia_peer_close(peer);
    }
    bus->peer_count = kept;
    return kept < before;
}

static lia_peer *peer_of(lia_zmq *bus, uint16_t number)
{
    for (size_t i = 0; i < bus->peer_count; i++)
        if (bus->peers[i]->member.number == number) return bus->peers[i];
    return NULL;
}

static lia_err take_peers(lia_zmq *bus, const lia_members *members)
{
    lia_err first = LIA_OK;
    for (size_t i = 0; i < members->count; i++) {
        const lia_member *member = &members->list[i];
        if (member->number == bus->self.number) continue;
        lia_peer *peer = peer_of(bus, member->number);
        lia_err err;
        if (peer) {
            err = lia_peer_change(peer, member);
        } else {
            err = lia_peer_open(&peer, bus, member);
            if (!err) bus->peers[bus->peer_count++] = peer;
        }
        if (!first) first = err;
    }
    return first;
}

static void set_spares(lia_bus *base, const lia_node_keys *spares, size_t count)
{
    lia_zmq *bus = (lia_zmq *)base;
    lia_wipe(bus->spares, sizeof bus->spares);
    bus->spare_count = count < LIA_BUS_SPARES_MAX ? count : LIA_BUS_SPARES_MAX;
    for (size_t i = 0; i < bus->spare_count; i++) bus->spares[i] = spares[i];
}

static bool refused(const lia_bus *base, uint16_t number)
{
    const lia_peer *peer = peer_of((lia_zmq *)base, number);
    return peer && peer->is_refused;
}

static lia_err set_members(lia_bus *base, const lia_members *members)
{
    lia_zmq *bus = (lia_zmq *)base;
    lia_err err = check_members(members, bus->self.number, &bus->keys, NULL);
    if (err) return err;
    lia_zap_set_members(bus->zap, members); /* first: who is cut off must not come back */
    bool shut = !bus->router.socket || (bus->pub_listener >= 0 && !bus->pub.socket);
    if (drop_peers(bus, members) || shut) err = replace_doors(bus);
    lia_err peers = take_peers(bus, members);
    return err ? err : peers;
}

/* ---- readers -------------------------------------------------------------------------------- */

static bool has_key(const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count, const uint8_t *key)
{
    for (size_t i = 0; i < count; i++)
        if (!memcmp(keys[i], key, LIA_CURVE_KEY_SIZE)) return true;
    return false;
}

static lia_err set_readers(lia_bus *base, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count)
{
    lia_zmq *bus = (lia_zmq *)base;
    bool is_less = false;
    if (count > LIA_READERS_MAX) count = LIA_READERS_MAX;
    for (size_t i = 0; i < bus->reader_count; i++)
        is_less |= !has_key(keys, count, bus->readers[i]);
    lia_zap_set_readers(bus->zap, (lia_zap_readers){keys, count}); /* first, as with members */
    if (count) memcpy(bus->readers, keys, count * LIA_CURVE_KEY_SIZE);
    bus->reader_count = count;
    return is_less && bus->pub_listener >= 0 ? replace_pub(bus) : LIA_OK;
}

/* ---- lifetime ------------------------------------------------------------------------------- */

/* When all sockets are closed and the loop holds nothing any more. */
static void fini(lia_zmq *bus)
{
    if (bus->router_listener >= 0) close(bus->router_listener);
    if (bus->pub_listener >= 0) close(bus->pub_listener);
    if (bus->context) zmq_ctx_shutdown(bus->context);
    lia_zap_close(bus->zap);
    while (bus->context && zmq_ctx_term(bus->context) && errno == EINTR) {
    }
    lia_wipe(&bus->keys, sizeof bus->keys);
    lia_wipe(bus->spares, sizeof bus->spares);
    free(bus);
}

static void pump_closed(void *context)
{
    lia_zmq *bus = context;
    void (*closed)(void *) = bus->closed;
    void *closed_context = bus->closed_context;
    fini(bus);
    if (closed) closed(closed_context);
}

static void look_closed(uv_handle_t *handle)
{
    lia_pump_release(&((lia_zmq *)handle->data)->pump);
}

static void close_bus(lia_bus *base, void (*closed)(void *), void *context)
{
    lia_zmq *bus = (lia_zmq *)base;
    bus->closed = closed;
    bus->closed_context = context;
    for (size_t i = 0; i < bus->peer_count; i++) lia_peer_close(bus->peers[i]);
    bus->peer_count = 0;
    close_door(&bus->router);
    close_door(&bus->pub);
    uv_close((uv_handle_t *)&bus->look, look_closed);
    lia_pump_close(&bus->pump, pump_closed, bus);
}

static lia_err listen_all(lia_zmq *bus, lia_why *why)
{
    lia_err err = lia_address_listen(bus->self.bus, &bus->router_listener, why);
    if (!err && *bus->self.pub) err = lia_address_listen(bus->self.pub, &bus->pub_listener, why);
    return err;
}

static lia_err start_keeper(lia_zmq *bus, const lia_bus_options *options, lia_zmq_fault fault)
{
    bus->context = zmq_ctx_new();
    if (!bus->context) return LIA_EFULL;
    if (fault != LIA_ZMQ_SOUND) return LIA_OK;
    lia_zap_readers readers = {options->readers, options->reader_count};
    bus->reader_count =
        options->reader_count < LIA_READERS_MAX ? options->reader_count : LIA_READERS_MAX;
    if (bus->reader_count)
        memcpy(bus->readers, options->readers, bus->reader_count * LIA_CURVE_KEY_SIZE);
    return lia_zap_open(&bus->zap, bus->context, options->members, readers);
}

static lia_err open_doors(lia_zmq *bus, lia_zmq_fault fault, raw_door *router, raw_door *pub,
                          lia_why *why)
{
    *router = bind_router(bus, fault);
    *pub = (raw_door){0};
    if (router->socket && bus->pub_listener >= 0) *pub = bind_pub(bus, fault);
    lia_err err = LIA_OK;
    if (!router->socket || (bus->pub_listener >= 0 && !pub->socket))
        err = lia_why_set(why, LIA_EFULL, "cannot open the bus on %s: %s", bus->self.bus,
                          zmq_strerror(errno));
    if (!err) err = prove(bus, pub->socket != NULL, why);
    if (!err) return LIA_OK;
    unbind(router);
    unbind(pub);
    return err;
}

static void look_at(lia_guard *guard, lia_zsock *socket, int64_t now_ms)
{
    if (guard && socket) lia_guard_look(guard, now_ms, !lia_zsock_is_readable(socket));
}

static void look_at_connections(uv_timer_t *timer)
{
    lia_zmq *bus = timer->data;
    int64_t now_ms = lia_zmq_now_ms(bus);
    look_at(bus->router.guard, bus->router.socket, now_ms);
    look_at(bus->pub.guard, bus->pub.socket, now_ms);
    for (size_t i = 0; i < bus->peer_count; i++)
        look_at(bus->peers[i]->guard, bus->peers[i]->dealer, now_ms);
}

/* What touches the loop comes last: from there on only closing by the loop can undo it. */
static lia_err join_loop(lia_zmq *bus, const lia_bus_options *options, raw_door *router,
                         raw_door *pub, lia_why *why)
{
    lia_pump_open(&bus->pump, options->loop);
    uv_timer_init(options->loop, &bus->look);
    bus->look.data = bus;
    uv_timer_start(&bus->look, look_at_connections, LOOK_MS, LOOK_MS);
    lia_pump_hold(&bus->pump);
    lia_err err = watch_doors(bus, router, pub);
    if (!err) err = take_peers(bus, options->members);
    if (!err) return LIA_OK;
    close_bus(&bus->base, NULL, NULL);
    return lia_why_set(why, err, "the bus finds no more memory or descriptors: raise the limits");
}

/* The list's port at an address of this machine. */
static lia_err listen_at(char address[64], const char *host, lia_why *why)
{
    char at[64];
    lia_address unused;
    uint16_t port = port_of(address);
    bool is_v6 = strchr(host, ':') != NULL;
    int size = snprintf(at, sizeof at, is_v6 ? "[%s]:%u" : "%s:%u", host, port);
    if (size >= (int)sizeof at || lia_address_parse(at, &unused))
        return lia_why_set(why, LIA_EINVAL,
                           "'%.60s' is no numeric address to listen at, like 0.0.0.0", host);
    memcpy(address, at, sizeof at);
    return LIA_OK;
}

static lia_err choose_addresses(lia_member *self, const char *host, lia_why *why)
{
    lia_err err = host ? listen_at(self->bus, host, why) : LIA_OK;
    return err || !host || !*self->pub ? err : listen_at(self->pub, host, why);
}

lia_err lia_zmq_open(lia_bus **out, const lia_bus_options *options, lia_zmq_fault fault,
                     lia_why *why)
{
    raw_door router, pub;
    *out = NULL;
    lia_err err = check_members(options->members, options->node, options->keys, why);
    if (err) return err;
    lia_zmq *bus = calloc(1, sizeof *bus);
    if (!bus) return lia_why_set(why, LIA_EFULL, "no memory for the bus");
    *bus = (lia_zmq){.base.carrier = &lia_bus_zmq,
                     .self = *lia_members_find(options->members, options->node),
                     .keys = *options->keys,
                     .handler = options->handler,
                     .asked_bytes_max = options->asked_bytes_max ? options->asked_bytes_max
                                                                 : LIA_BUS_ASKED_BYTES_MAX,
                     .asked_frames_per_s = options->asked_frames_per_s ? options->asked_frames_per_s
                                                                       : ASKED_FRAMES_PER_S,
                     .router_listener = -1,
                     .pub_listener = -1};
    set_spares(&bus->base, options->spares, options->spare_count);
    err = choose_addresses(&bus->self, options->listen, why);
    if (!err) err = listen_all(bus, why);
    if (!err && (err = start_keeper(bus, options, fault)))
        lia_why_set(why, err, "the bus cannot start: no memory, thread or descriptor is left");
    if (!err) err = open_doors(bus, fault, &router, &pub, why);
    if (err) {
        fini(bus);
        return err;
    }
    err = join_loop(bus, options, &router, &pub, why);
    if (err) return err;
    LIA_LOG(INFO, "bus.opened", LIA_TEXT("address", bus->self.bus),
            LIA_INT("peers", bus->peer_count));
    *out = &bus->base;
    return LIA_OK;
}

static lia_err open_sound(lia_bus **out, const lia_bus_options *options, lia_why *why)
{
    return lia_zmq_open(out, options, LIA_ZMQ_SOUND, why);
}

const lia_bus_carrier lia_bus_zmq = {
    .name = "zmq",
    .open = open_sound,
    .close = close_bus,
    .send = send_frame,
    .queued = queued,
    .wanted = wanted,
    .publish = publish,
    .members = set_members,
    .spares = set_spares,
    .readers = set_readers,
    .refused = refused,
};
