/* SPDX-License-Identifier: Apache-2.0 */
/* villain DIR AS TARGET WHAT SECONDS - a member that means harm (AS, of whom it has the keys) or,
 * for the last three, a stranger. What it does to TARGET for so long:
 *
 *     frames    sends frames that are none, as fast as they go
 *     hellos    greets without end and reads nothing
 *     fetches   greets, grants gigabytes for every lane, reads nothing, and greets again
 *     noack     fetches everything, reads it, never acknowledges, and begins anew
 *     trickle   grants a byte at a time, and reads one frame a second
 *     parts     sends messages of a hundred thousand parts
 *     many      connects with its key again and again
 *     knock     connects to the bus and says one byte a second; 500 at once
 *     pub       the same to the public stream's door
 *     http      the same to the web door
 *
 * Prints "in" when it begins, and what it did, as JSON. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include "common/base/time.h"
#include "common/bus/address.h"
#include "common/bus/curve.h"
#include "proto/bus.pb-c.h"

#define STRANGERS 500

typedef struct villain {
    lia_members members;
    lia_node_keys keys;
    const lia_member *self, *target;
    void *context, *socket, *monitor;
    uint64_t until_ns, sent, received, refused, connected;
    uint64_t session, boot;
    Bus__Head heads[64]; /* of the target, by its welcome */
    uint8_t hashes[64][32];
    size_t head_count;
} villain;

static bool is_over(const villain *v)
{
    return lia_time_ticks_ns() >= v->until_ns;
}

static void *memory(void *unused, size_t size)
{
    (void)unused;
    return malloc(size);
}
static void give(void *unused, void *at)
{
    (void)unused;
    free(at);
}
static ProtobufCAllocator allocator = {memory, give, NULL};

/* ---- a member's socket ----------------------------------------------------------------------- */

static void join(villain *v)
{
    const lia_curve_client spec = {.type = ZMQ_DEALER,
                                   .address = v->target->bus,
                                   .server = v->target->curve_key,
                                   .public = v->keys.curve_public,
                                   .secret = v->keys.curve_secret};
    v->socket = lia_curve_connect(v->context, &spec, &v->monitor);
    if (!v->socket) exit(2);
    v->connected++;
}

static void leave(villain *v)
{
    lia_curve_forget(v->socket);
    zmq_close(v->socket);
    zmq_close(v->monitor);
}

/* Again, when it was cut off or refused and libzmq would leave it at that. True when it is in. */
static bool look(villain *v)
{
    unsigned event;
    bool again = false, in = false;
    while ((event = lia_curve_event(v->monitor, NULL))) {
        again |= event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL ||
                 event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        in |= event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    }
    if (!again) return in;
    leave(v);
    poll(NULL, 0, 100);
    join(v);
    return false;
}

/* It may still be shut out for what it did before. */
static void enter(villain *v)
{
    join(v);
    for (int i = 0; i < 2000 && !look(v); i++) poll(NULL, 0, 10);
}

static void send_bytes(villain *v, const void *bytes, size_t size)
{
    if (zmq_send(v->socket, bytes, size, ZMQ_DONTWAIT) >= 0) {
        v->sent++;
        return;
    }
    v->refused++;
    poll(NULL, 0, 1);
    look(v);
}

static void send_frame(villain *v, Bus__Frame *frame)
{
    static uint8_t bytes[1 << 16];
    frame->has_protocol = frame->has_session = true;
    frame->protocol = 1;
    frame->session = frame->hello ? 0 : v->session;
    send_bytes(v, bytes, bus__frame__pack(frame, bytes));
}

static void greet(villain *v)
{
    Bus__Hello hello = BUS__HELLO__INIT;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.hello = &hello;
    hello.has_cluster = hello.has_node = hello.has_boot = true;
    hello.cluster =
        (ProtobufCBinaryData){sizeof v->members.cluster, (uint8_t *)&v->members.cluster};
    hello.node = v->self->number;
    hello.boot = v->boot;
    hello.has_protocol_min = hello.has_protocol_max = hello.has_wall_ms = true;
    hello.protocol_min = hello.protocol_max = 1;
    hello.wall_ms = lia_time_now().ms;
    send_frame(v, &frame);
}

static void learn(villain *v, const Bus__Hello *welcome, uint64_t session)
{
    v->session = session;
    v->head_count = 0;
    for (size_t i = 0; i < welcome->n_heads && v->head_count < 64; i++) {
        v->heads[v->head_count] = *welcome->heads[i];
        v->head_count++;
    }
}

/* Reads one frame if there is any. */
static bool hear(villain *v)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool any = zmq_msg_recv(&message, v->socket, ZMQ_DONTWAIT) >= 0;
    Bus__Frame *frame =
        any ? bus__frame__unpack(&allocator, zmq_msg_size(&message), zmq_msg_data(&message)) : NULL;
    if (frame && frame->welcome) learn(v, frame->welcome, frame->session);
    if (frame) bus__frame__free_unpacked(frame, &allocator);
    v->received += any;
    zmq_msg_close(&message);
    return any;
}

static void fetch_all(villain *v, uint64_t credit)
{
    uint8_t nothing[32] = {0};
    for (size_t i = 0; i < v->head_count; i++) {
        Bus__Fetch fetch = BUS__FETCH__INIT;
        Bus__Frame frame = BUS__FRAME__INIT;
        frame.fetch = &fetch;
        fetch.has_node = fetch.has_incarnation = fetch.has_after = fetch.has_credit = true;
        fetch.node = v->heads[i].node;
        fetch.incarnation = v->heads[i].incarnation;
        fetch.has_hash = true;
        fetch.hash = (ProtobufCBinaryData){sizeof nothing, nothing};
        fetch.credit = credit;
        send_frame(v, &frame);
    }
}

/* Once, as an honest member would, to learn what there is. */
static void introduce(villain *v)
{
    greet(v);
    for (int i = 0; i < 5000 && !v->head_count; i++) {
        if (!hear(v)) poll(NULL, 0, 1);
        if (i % 500 == 499) greet(v);
    }
    if (!v->head_count) {
        fprintf(stderr, "villain: the target does not answer\n");
        exit(2);
    }
}

/* ---- what members do ------------------------------------------------------------------------- */

static void frames(villain *v)
{
    static uint8_t bytes[16 << 10];
    memset(bytes, 0x7f, sizeof bytes);
    while (!is_over(v)) send_bytes(v, bytes, v->sent % 2 ? sizeof bytes : 20);
}

static void hellos(villain *v)
{
    while (!is_over(v)) greet(v);
}

/* Session numbers grow by one, so they need not be read. */
static void fetches(villain *v)
{
    introduce(v);
    while (!is_over(v)) {
        greet(v);
        for (unsigned i = 0; i < 4; i++) {
            v->session++;
            fetch_all(v, UINT64_MAX);
        }
        poll(NULL, 0, 1);
    }
}

static void noack(villain *v)
{
    while (!is_over(v)) {
        introduce(v);
        fetch_all(v, UINT64_MAX);
        for (uint64_t until = lia_time_ticks_ns() + 200 * 1000000u; lia_time_ticks_ns() < until;)
            if (!hear(v)) poll(NULL, 0, 1);
        v->head_count = 0;
    }
}

static void trickle(villain *v)
{
    introduce(v);
    fetch_all(v, 1);
    while (!is_over(v)) {
        hear(v);
        poll(NULL, 0, 1000);
    }
}

static void parts(villain *v)
{
    static uint8_t part[600];
    while (!is_over(v)) {
        for (unsigned i = 0; i < 100000; i++)
            zmq_send(v->socket, part, sizeof part, ZMQ_SNDMORE | ZMQ_DONTWAIT);
        send_bytes(v, part, sizeof part);
        poll(NULL, 0, 200);
        look(v);
    }
}

static void many(villain *v)
{
    static struct {
        void *socket, *monitor;
    } all[50];
    for (size_t i = 0; !is_over(v); i = (i + 1) % LIA_COUNT(all)) {
        if (all[i].socket) {
            v->socket = all[i].socket, v->monitor = all[i].monitor;
            leave(v);
        }
        join(v);
        greet(v);
        all[i].socket = v->socket, all[i].monitor = v->monitor;
        poll(NULL, 0, 5);
    }
}

/* ---- what strangers do ----------------------------------------------------------------------- */

static int knock(villain *v, const lia_address *to)
{
    int fd = socket(to->to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) connect(fd, &to->to.any, to->size);
    v->connected++;
    return fd;
}

static void crowd(villain *v, const char *door, const char *says)
{
    static struct {
        int fd;
        size_t said;
    } all[STRANGERS];
    lia_address to;
    if (lia_address_parse(door, &to)) exit(2);
    for (size_t i = 0; i < STRANGERS; i++) all[i].fd = -1;
    while (!is_over(v)) {
        for (size_t i = 0; i < STRANGERS; i++) {
            char word = says[all[i].said++ % strlen(says)];
            if (all[i].fd >= 0 && send(all[i].fd, &word, 1, MSG_NOSIGNAL) == 1) {
                v->sent++;
                continue;
            }
            if (all[i].fd >= 0 && errno == ENOTCONN) continue;
            if (all[i].fd >= 0) close(all[i].fd); /* it was thrown out: once more */
            all[i].fd = knock(v, &to);
            all[i].said = 0;
        }
        poll(NULL, 0, 250);
    }
}

static void strangers_at_bus(villain *v)
{
    crowd(v, v->target->bus, "\xff");
}
static void strangers_at_pub(villain *v)
{
    crowd(v, v->target->pub, "\xff");
}
static void strangers_at_http(villain *v)
{
    crowd(v, v->target->http, "GET / HTTP/1.1\r\nX: y\r\nZ: ");
}

/* ---- main ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    void (*run)(villain *);
    bool is_member;
} deeds[] = {{"frames", frames, true},
             {"hellos", hellos, true},
             {"fetches", fetches, true},
             {"noack", noack, true},
             {"trickle", trickle, true},
             {"parts", parts, true},
             {"many", many, true},
             {"knock", strangers_at_bus, false},
             {"pub", strangers_at_pub, false},
             {"http", strangers_at_http, false}};

static lia_err read_keys(villain *v, const char *dir, const char *as, const char *target,
                         lia_why *why)
{
    char path[1024];
    lia_verify_key admin;
    lia_err err = lia_crypto_init();
    if (!err) err = lia_admin_public_read(&admin, dir, why);
    snprintf(path, sizeof path, "%s/members", dir);
    if (!err) err = lia_members_read(&v->members, &admin, path, why);
    snprintf(path, sizeof path, "%s/%s/node.keys", dir, as);
    if (!err) err = lia_node_keys_read(&v->keys, path, why);
    if (err) return err;
    v->self = lia_members_by_name(&v->members, as);
    v->target = lia_members_by_name(&v->members, target);
    return v->self && v->target ? LIA_OK : lia_why_set(why, LIA_EABSENT, "no such member");
}

int main(int argc, char **argv)
{
    static villain v;
    lia_why why = {{0}};
    if (argc != 6 || read_keys(&v, argv[1], argv[2], argv[3], &why)) {
        fprintf(stderr, "villain: %s\n",
                why.text[0] ? why.text : "DIR AS TARGET WHAT SECONDS are wanted");
        return 2;
    }
    v.boot = lia_time_ticks_ns();
    v.context = zmq_ctx_new();
    zmq_ctx_set(v.context, ZMQ_BLOCKY, 0);
    for (size_t i = 0; i < LIA_COUNT(deeds); i++) {
        if (strcmp(deeds[i].name, argv[4])) continue;
        if (deeds[i].is_member) enter(&v);
        printf("in\n"); /* now it begins */
        fflush(stdout);
        v.until_ns = lia_time_ticks_ns() + strtoull(argv[5], NULL, 10) * 1000000000u;
        deeds[i].run(&v);
        printf("{\"sent\":%llu,\"received\":%llu,\"refused\":%llu,\"connected\":%llu}\n",
               (unsigned long long)v.sent, (unsigned long long)v.received,
               (unsigned long long)v.refused, (unsigned long long)v.connected);
        fflush(stdout);
        _exit(0); /* as rudely as it lived */
    }
    fprintf(stderr, "villain: no such deed: %s\n", argv[4]);
    return 2;
}
