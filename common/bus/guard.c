/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor of libzmq's may be closed and given to another file at any time, on its own thread.
 * So each connection is duplicated when it is heard of, and only the duplicate is ever touched; if
 * by then the number stands for something else, that is seen by its port, or put right by the
 * events that follow, which come in the order in which things happened. The duplicate is closed
 * at the disconnect event, and with it the connection. */
#include "common/bus/guard.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"

/* libzmq ends what has not proven a key by then (HANDSHAKE_MS_MAX of curve.c) by itself: a
 * connection that is older has proven one, also where it need not speak. */
#define YOUNG_MS 5000

/* Descriptors above are not followed; their connections are ended at once. */
#define NUMBERS_MAX 65536

typedef struct connection {
    int fd; /* our duplicate */
    bool used, young, cut;
    bool moved; /* something arrived since it was last known to be level */
    int64_t since_ms;
    uint64_t level;   /* bytes that had come when all that was whole had arrived */
    uint64_t arrived; /* bytes on the wire of what arrived since then */
    uint64_t frames;  /* that arrived since the last look */
    int64_t looked_ms;
    int64_t room; /* frames that may still arrive */
    const void *who;
} connection;

struct lia_guard {
    lia_guard_rules rules;
    connection *all; /* by libzmq's descriptor */
    size_t size;
    lia_guard_counts counts;
};

lia_guard *lia_guard_open(const lia_guard_rules *rules)
{
    lia_guard *guard = calloc(1, sizeof *guard);
    if (guard) guard->rules = *rules;
    return guard;
}

static void forget(lia_guard *guard, connection *at)
{
    if (!at->used) return;
    close(at->fd);
    guard->counts.connections--;
    guard->counts.young -= at->young;
    *at = (connection){0};
}

void lia_guard_close(lia_guard *guard)
{
    if (!guard) return;
    for (size_t i = 0; i < guard->size; i++) forget(guard, &guard->all[i]);
    free(guard->all);
    free(guard);
}

/* ---- cutting --------------------------------------------------------------------------------- */

/* What repeats is logged at 1, 2, 4, 8 ... */
static void cut(lia_guard *guard, connection *at, const char *reason)
{
    if (at->cut) return;
    at->cut = true;
    shutdown(at->fd, SHUT_RDWR);
    uint64_t count = ++guard->counts.cut;
    if ((count & (count - 1)) == 0)
        LIA_LOG(WARN, "bus.connection_cut", LIA_TEXT("door", guard->rules.door),
                LIA_TEXT("reason", reason), LIA_INT("count", count));
}

static uint64_t bytes_in(const connection *at)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(at->fd, IPPROTO_TCP, TCP_INFO, &info, &size)) return at->level;
    return info.tcpi_bytes_received;
}

static connection *oldest(lia_guard *guard, const void *who, bool young)
{
    connection *found = NULL;
    for (size_t i = 0; i < guard->size; i++) {
        connection *at = &guard->all[i];
        if (!at->used || at->cut || at->who != who || at->young != young) continue;
        if (!found || at->since_ms < found->since_ms) found = at;
    }
    return found;
}

/* ---- coming and going ------------------------------------------------------------------------ */

static connection *place_of(lia_guard *guard, int number)
{
    if (number < 0 || number >= NUMBERS_MAX) return NULL;
    if ((size_t)number >= guard->size) {
        size_t size = guard->size ? guard->size : 64;
        while (size <= (size_t)number) size *= 2;
        connection *all = realloc(guard->all, size * sizeof *all);
        if (!all) return NULL;
        for (size_t i = guard->size; i < size; i++) all[i] = (connection){0};
        guard->all = all;
        guard->size = size;
    }
    return &guard->all[number];
}

static bool is_of_this_door(const lia_guard *guard, int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } local = {0};
    socklen_t size = sizeof local;
    if (getsockname(fd, &local.any, &size)) return false;
    in_port_t port = local.any.sa_family == AF_INET    ? local.v4.sin_port
                     : local.any.sa_family == AF_INET6 ? local.v6.sin6_port
                                                       : 0;
    return port && (!guard->rules.port || ntohs(port) == guard->rules.port);
}

static void came(lia_guard *guard, int number, int64_t now_ms)
{
    connection *at = place_of(guard, number);
    int fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || !is_of_this_door(guard, fd)) { /* it has gone already */
        if (fd >= 0) close(fd);
        return;
    }
    if (!at) {
        shutdown(fd, SHUT_RDWR);
        close(fd);
        return;
    }
    forget(guard, at);
    bool young = guard->rules.port != 0;
    *at = (connection){.fd = fd,
                       .used = true,
                       .young = young,
                       .since_ms = now_ms,
                       .looked_ms = now_ms,
                       .room = guard->rules.frames_per_s / 2};
    guard->counts.connections++;
    guard->counts.young += young;
    if (guard->counts.young <= guard->rules.young_max) return;
    connection *first = oldest(guard, NULL, true);
    if (!first) return;
    first->young = false;
    guard->counts.young--;
    cut(guard, first, "too many that prove no key");
}

void lia_guard_event(lia_guard *guard, unsigned event, int value, int64_t now_ms)
{
    if (event == ZMQ_EVENT_ACCEPTED || event == ZMQ_EVENT_CONNECTED) came(guard, value, now_ms);
    if (event == ZMQ_EVENT_DISCONNECTED && value >= 0 && (size_t)value < guard->size)
        forget(guard, &guard->all[value]);
}

/* ---- what comes by them ---------------------------------------------------------------------- */

static void proved(lia_guard *guard, connection *at, const void *who)
{
    unsigned count = 0;
    guard->counts.young -= at->young;
    at->young = false;
    at->who = who;
    for (size_t i = 0; i < guard->size; i++)
        count += guard->all[i].used && !guard->all[i].cut && guard->all[i].who == who;
    if (count <= guard->rules.same_max) return;
    connection *first = oldest(guard, who, false);
    if (first) cut(guard, first, "too many of one key");
}

/* A CURVE MESSAGE (RFC 26: 33 bytes more than the part) in a ZMTP frame (RFC 23: 2 or 9). */
static size_t wire_size(size_t size)
{
    return size + 33 + (size + 33 > 255 ? 9 : 2);
}

void lia_guard_arrived(lia_guard *guard, zmq_msg_t *part, const void *who)
{
    const char *text = zmq_msg_gets(part, "__fd"); /* what ZMQ_SRCFD reads */
    int number = text ? atoi(text) : -1;
    if (number < 0 || (size_t)number >= guard->size || !guard->all[number].used) return;
    connection *at = &guard->all[number];
    at->moved = true;
    at->frames++;
    at->arrived += wire_size(zmq_msg_size(part));
    if (who && !at->who) proved(guard, at, who);
}

static void grow_up(lia_guard *guard, connection *at, int64_t now_ms)
{
    if (!at->young || guard->rules.must_speak || now_ms - at->since_ms < YOUNG_MS) return;
    at->young = false;
    guard->counts.young--;
}

static void offend(lia_guard *guard, connection *at, const char *reason)
{
    cut(guard, at, reason);
    if (at->who && guard->rules.offended) guard->rules.offended(guard->rules.context, at->who);
}

/* Heartbeats come and never arrive, so now and then the books are balanced: when nothing whole
 * waits, of a connection by which something arrived. By one that is inside of an endless message
 * nothing does. */
static void count_bytes(lia_guard *guard, connection *at, int64_t now_ms, bool drained)
{
    const lia_guard_rules *rules = &guard->rules;
    uint64_t bytes = bytes_in(at), age_s = (uint64_t)(now_ms - at->since_ms) / 1000;
    if (at->moved && drained) {
        at->level = bytes;
        at->arrived = 0;
        at->moved = false;
    } else if (rules->held_bytes_max && bytes - at->level > at->arrived &&
               bytes - at->level - at->arrived > rules->held_bytes_max) {
        offend(guard, at, "more than is taken in");
    }
    if (rules->given_bytes_max && bytes > rules->given_bytes_max + age_s * rules->given_bytes_per_s)
        cut(guard, at, "too much was sent");
}

static void count_frames(lia_guard *guard, connection *at, int64_t now_ms)
{
    int64_t per_s = guard->rules.frames_per_s;
    int64_t room = at->room + per_s * (now_ms - at->looked_ms) / 1000;
    at->room = (room > per_s / 2 ? per_s / 2 : room) - (int64_t)at->frames;
    at->looked_ms = now_ms;
    at->frames = 0;
    if (per_s && at->room < 0 && !at->cut) offend(guard, at, "too many frames");
}

void lia_guard_look(lia_guard *guard, int64_t now_ms, bool drained)
{
    unsigned left = guard->counts.connections;
    for (size_t i = 0; i < guard->size && left; i++) {
        if (!guard->all[i].used) continue;
        connection *at = &guard->all[i];
        grow_up(guard, at, now_ms);
        if (!at->cut) count_bytes(guard, at, now_ms, drained);
        count_frames(guard, at, now_ms);
        left--;
    }
}

void lia_guard_count(const lia_guard *guard, lia_guard_counts *out)
{
    *out = guard->counts;
}
