/* SPDX-License-Identifier: Apache-2.0 */
/* One dealer for each peer, since a dealer with several connections deals them out in turn.
 *
 * libzmq reconnects by itself after a broken connection, but never again after a refusal (a 400 of
 * the peer's doorkeeper, an oversize frame): the session just ends. A peer whose member list is
 * older than ours refuses us at first, so a link that is down and shows no sign of trying is made
 * anew.
 *
 *     down --- handshake succeeded ---> up --- disconnected ---> down, soon
 *     down --- any attempt -----------> down, later
 *     down --- refused ---------------> down, soon
 *     down --- time is over ----------> new dealer, down, later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/base/log.h"
#include "common/bus/curve.h"
#include "common/bus/zmq_inner.h"

/* An attempt of libzmq shows itself within 2 s to connect, 2 s to wait and 0.1 s of dice. */
#define MEND_LATER_MS 5000
#define MEND_SOON_MS  1000

/* ---- frames --------------------------------------------------------------------------------- */

void lia_skip_parts(void *socket, lia_guard *guard)
{
    int more = 1;
    size_t size = sizeof more;
    zmq_msg_t part;
    while (more && zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more) {
        zmq_msg_init(&part);
        bool any = zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0;
        if (any) lia_guard_arrived(guard, &part, NULL);
        more = any || errno == EINTR;
        zmq_msg_close(&part);
    }
}

/* What repeats is logged at 1, 2, 4, 8 ... so that a flood of frames is not one of lines. */
static bool is_worth_a_line(uint64_t count)
{
    return (count & (count - 1)) == 0;
}

void lia_peer_dropped(lia_peer *peer, const char *reason)
{
    if (is_worth_a_line(++peer->dropped))
        LIA_LOG(WARN, "bus.frame_dropped", LIA_TEXT("peer", peer->member.name),
                LIA_TEXT("reason", reason), LIA_INT("count", peer->dropped));
}

static bool read_dealer(void *context)
{
    lia_peer *peer = context;
    lia_bus_handler handler = peer->bus->handler;
    void *socket = lia_zsock_socket(peer->dealer);
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&frame);
        return false;
    }
    lia_guard_arrived(peer->guard, &frame, NULL);
    if (zmq_msg_more(&frame)) {
        lia_skip_parts(socket, peer->guard);
        lia_peer_dropped(peer, "more than one part");
    } else {
        handler.receive(handler.context, peer->member.number, LIA_BUS_CLIENT,
                        lia_span_make(zmq_msg_data(&frame), zmq_msg_size(&frame)));
    }
    zmq_msg_close(&frame);
    return true;
}

/* Answers are sent as far as credit goes, and whoever grants it may never read. */
static bool is_over_full(const lia_backlog *backlog, lia_span frame)
{
    return lia_backlog_bytes(backlog) + frame.size > LIA_BUS_QUEUE_BYTES_MAX;
}

lia_err lia_peer_ask(lia_peer *peer, lia_span frame)
{
    if (!peer->dealer || !peer->up) return LIA_EABSENT;
    if (is_over_full(peer->asks, frame)) return LIA_EFULL;
    lia_err err =
        lia_backlog_send(peer->asks, lia_zsock_socket(peer->dealer), LIA_SPAN_NONE, frame);
    lia_zsock_stir(peer->dealer);
    return err;
}

/* ---- routes --------------------------------------------------------------------------------- */

static bool route_is(const lia_route *route, lia_span id)
{
    return route->size && lia_span_equal(lia_span_make(route->bytes, route->size), id);
}

/* The latest connection counts. Frames of the one before may still be queued behind its first
 * frame; they must not turn the route back. */
bool lia_peer_arrived_by(lia_peer *peer, lia_span id)
{
    if (route_is(&peer->route, id)) return true;
    if (id.size == 0 || id.size > sizeof peer->route.bytes || route_is(&peer->stale, id))
        return false;
    if (peer->route.size) peer->stale = peer->route;
    memcpy(peer->route.bytes, id.data, id.size);
    peer->route.size = (uint8_t)id.size;
    return true;
}

static void forget_route(lia_peer *peer)
{
    peer->stale = peer->route;
    peer->route.size = 0;
}

lia_err lia_peer_answer(lia_peer *peer, lia_span frame)
{
    lia_zmq *bus = peer->bus;
    if (!bus->router.socket || peer->route.size == 0) return LIA_EABSENT;
    if (is_over_full(peer->answers, frame)) return LIA_EFULL;
    lia_span route = lia_span_make(peer->route.bytes, peer->route.size);
    lia_err err =
        lia_backlog_send(peer->answers, lia_zsock_socket(bus->router.socket), route, frame);
    if (err == LIA_EABSENT) forget_route(peer);
    lia_zsock_stir(bus->router.socket);
    return err;
}

/* ---- the link ------------------------------------------------------------------------------- */

static void mend(uv_timer_t *timer);

static void mend_in(lia_peer *peer, uint64_t ms)
{
    /* The loop's clock stands still during a callback, and this may be a long one. */
    uv_update_time(peer->bus->pump.loop);
    uv_timer_start(&peer->mend, mend, ms, 0);
}

static void turn(lia_peer *peer, bool up)
{
    lia_bus_handler handler = peer->bus->handler;
    if (up) uv_timer_stop(&peer->mend);
    if (up) peer->is_refused = false;
    if (peer->up == up) return;
    peer->up = up;
    LIA_LOG(INFO, up ? "bus.link_up" : "bus.link_down", LIA_TEXT("peer", peer->member.name));
    if (handler.link) handler.link(handler.context, peer->member.number, up);
}

static bool read_monitor(void *context)
{
    lia_peer *peer = context;
    int value = -1;
    unsigned event = lia_curve_event(lia_zsock_socket(peer->monitor), &value);
    lia_guard_event(peer->guard, event, value, lia_zmq_now_ms(peer->bus));
    switch (event) {
    case 0:
        return false;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        turn(peer, true);
        return true;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        peer->is_refused = true;
        peer->try++;
        if (is_worth_a_line(++peer->refused))
            LIA_LOG(WARN, "bus.peer_refused_us", LIA_TEXT("peer", peer->member.name),
                    LIA_INT("count", peer->refused));
        /* fall through */
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_DISCONNECTED:
        mend_in(peer, MEND_SOON_MS);
        turn(peer, false);
        return true;
    default: /* an attempt */
        if (!peer->up) mend_in(peer, MEND_LATER_MS);
        return true;
    }
}

static void disconnect(lia_peer *peer)
{
    if (peer->dealer) lia_curve_forget(lia_zsock_socket(peer->dealer));
    lia_zsock_close(peer->dealer);
    lia_zsock_close(peer->monitor);
    lia_guard_close(peer->guard);
    peer->dealer = peer->monitor = NULL;
    peer->guard = NULL;
    peer->up = false;
}

/* A peer that was away while this node got other keys lets in the former ones only, and one that
 * heard of new keys before we did, those. */
static const lia_node_keys *keys_to_show(const lia_peer *peer)
{
    const lia_zmq *bus = peer->bus;
    size_t which = peer->try % (1 + bus->spare_count);
    return which ? &bus->spares[which - 1] : &bus->keys;
}

static lia_err connect_to(lia_peer *peer)
{
    lia_zmq *bus = peer->bus;
    if (!*peer->member.bus) return LIA_OK;
    const lia_node_keys *shown = keys_to_show(peer);
    lia_curve_client spec = {.type = ZMQ_DEALER,
                             .address = peer->member.bus,
                             .server = peer->member.curve_key,
                             .public = shown->curve_public,
                             .secret = shown->curve_secret};
    const lia_guard_rules rules = {.door = peer->member.name,
                                   .held_bytes_max = LIA_BUS_ANSWERED_BYTES_MAX,
                                   .same_max = UINT_MAX};
    mend_in(peer, MEND_LATER_MS);
    peer->guard = lia_guard_open(&rules);
    if (!peer->guard) return LIA_EFULL;
    void *monitor, *dealer = lia_curve_connect(bus->context, &spec, &monitor);
    if (!dealer) {
        disconnect(peer);
        return LIA_EFULL;
    }
    lia_err err = lia_zsock_take(&peer->monitor, &bus->pump, monitor, read_monitor, peer);
    if (!err) err = lia_zsock_take(&peer->dealer, &bus->pump, dealer, read_dealer, peer);
    if (!err) return LIA_OK;
    lia_curve_forget(dealer); /* first: libzmq waits for a monitor that nobody reads, locked */
    zmq_close(dealer);
    if (!peer->monitor) zmq_close(monitor);
    disconnect(peer);
    return err;
}

static void mend(uv_timer_t *timer)
{
    lia_peer *peer = timer->data;
    disconnect(peer);
    lia_err err = connect_to(peer);
    if (err)
        LIA_LOG(ERROR, "bus.connect_failed", LIA_TEXT("peer", peer->member.name), LIA_ERR(err));
}

/* ---- lifetime ------------------------------------------------------------------------------- */

lia_err lia_peer_open(lia_peer **out, lia_zmq *bus, const lia_member *member)
{
    *out = NULL;
    lia_peer *peer = calloc(1, sizeof *peer);
    if (!peer) return LIA_EFULL;
    *peer = (lia_peer){
        .bus = bus, .member = *member, .asks = lia_backlog_open(), .answers = lia_backlog_open()};
    lia_user_id_print(member->curve_key, peer->user_id);
    uv_timer_init(bus->pump.loop, &peer->mend);
    peer->mend.data = peer;
    lia_pump_hold(&bus->pump);
    lia_err err = peer->asks && peer->answers ? connect_to(peer) : LIA_EFULL;
    if (err)
        lia_peer_close(peer);
    else
        *out = peer;
    return err;
}

static void timer_closed(uv_handle_t *handle)
{
    lia_peer *peer = handle->data;
    lia_pump *pump = &peer->bus->pump;
    lia_backlog_close(peer->asks);
    lia_backlog_close(peer->answers);
    free(peer);
    lia_pump_release(pump);
}

void lia_peer_close(lia_peer *peer)
{
    disconnect(peer);
    uv_close((uv_handle_t *)&peer->mend, timer_closed);
}

lia_err lia_peer_change(lia_peer *peer, const lia_member *member)
{
    bool moved = strcmp(peer->member.bus, member->bus) != 0;
    peer->member = *member;
    if (!moved) return LIA_OK;
    disconnect(peer);
    return connect_to(peer);
}
