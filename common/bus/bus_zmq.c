/* SPDX-License-Identifier: Apache-2.0 */
/* The default carrier. Peers are known by the key that they proved to hold (User-Id of the body
 * frame: libzmq 4.3.4 may lose it on the first), never by a routing id. The sockets that we bind
 * are in zmq_door.c. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "common/base/log.h"
#include "common/bus/address.h"
#include "common/bus/zmq_inner.h"

/* How often the connections are looked at. */
#define LOOK_MS 100

/* Questions and acknowledgements of one connection: an honest peer, which acknowledges commits,
 * sends a few thousand when all are as busy as can be. */
#define ASKED_FRAMES_PER_S 20000

int64_t lia_zmq_now_ms(const lia_zmq *bus)
{
    return (int64_t)uv_now(bus->pump.loop);
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
    if (drop_peers(bus, members) || shut) err = lia_doors_replace(bus);
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
    return is_less && bus->pub_listener >= 0 ? lia_doors_replace_pub(bus) : LIA_OK;
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
    lia_doors_close(bus);
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
static lia_err join_loop(lia_zmq *bus, const lia_bus_options *options, lia_raw_doors *doors,
                         lia_why *why)
{
    lia_pump_open(&bus->pump, options->loop);
    uv_timer_init(options->loop, &bus->look);
    bus->look.data = bus;
    uv_timer_start(&bus->look, look_at_connections, LOOK_MS, LOOK_MS);
    lia_pump_hold(&bus->pump);
    lia_err err = lia_doors_watch(bus, doors);
    if (!err) err = take_peers(bus, options->members);
    if (!err) return LIA_OK;
    close_bus(&bus->base, NULL, NULL);
    return lia_why_set(why, err, "the bus finds no more memory or descriptors: raise the limits");
}

uint16_t lia_zmq_port(const char *address)
{
    lia_address parsed;
    if (lia_address_parse(address, &parsed)) return 0;
    return ntohs(parsed.to.any.sa_family == AF_INET6 ? parsed.to.v6.sin6_port
                                                     : parsed.to.v4.sin_port);
}

/* The list's port at an address of this machine. */
static lia_err listen_at(char address[64], const char *host, lia_why *why)
{
    char at[64];
    lia_address unused;
    uint16_t port = lia_zmq_port(address);
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
    lia_raw_doors doors;
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
    if (!err) err = lia_doors_open(&doors, bus, fault, why);
    if (err) {
        fini(bus);
        return err;
    }
    err = join_loop(bus, options, &doors, why);
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
