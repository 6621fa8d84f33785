/* SPDX-License-Identifier: Apache-2.0 */
/* Members who mean harm, and strangers who come in crowds: the node lives, what they take is
 * bounded, and others are heard. */
#include <sys/socket.h>

#include "common/bus/bus_raw.h"

static lia_guard_counts counts_at(const lia_door *door)
{
    lia_guard_counts counts;
    lia_guard_count(door->guard, &counts);
    return counts;
}

static const lia_zmq *inside(uint16_t node)
{
    return (const lia_zmq *)NODE(node)->bus;
}

/* A member that behaves gets through, both ways. */
static void check_others(uint16_t from)
{
    raw other;
    uint64_t before = heard_from(1, from);
    raw_open(&other, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(from)->keys);
    say(&other, "I am well", 0);
    RIG_UNTIL(r, heard_from(1, from) == before + 1);
    CHECK_OK(lia_bus_send(NODE(1)->bus, from, LIA_BUS_SERVER, LIA_SPAN("good")));
    RIG_UNTIL(r, hears(&other, NULL, "good"));
    raw_close(&other);
}

/* One message. Our libzmq begins to send it when it is whole, so it has an end after all; the
 * node's cannot know that while it comes. */
static void send_parts(raw *at, const void *part, size_t size, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        CHECK(zmq_send(at->socket, part, size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0);
    CHECK(zmq_send(at->socket, part, size, ZMQ_DONTWAIT) >= 0);
}

/* libzmq keeps parts until the last has come. */
TEST(a_message_of_endless_parts_costs_its_sender_the_connection)
{
    static char part[16 << 10];
    raw endless;
    start(3);
    raw_open(&endless, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    say(&endless, "at first all is well", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 1);
    raw_look(&endless);
    send_parts(&endless, part, sizeof part, 8 << 10); /* 128 MiB */
    RIG_UNTIL_WITH(r, endless.broken, raw_look(&endless));
    CHECK_EQ(counts_at(&inside(1)->router).cut, 1);
    CHECK_EQ(heard_from(1, 2), 1);
    check_others(3);
    raw_close(&endless);
    rig_fini(r);
}

/* The same from the side that we ask. */
TEST(an_answer_of_endless_parts_is_not_waited_for)
{
    static char part[256 << 10];
    char id[16];
    lia_why why;
    int listener;
    start(2);
    CHECK_OK(lia_address_listen(MEMBER(2)->bus, &listener, &why));
    void *context = zmq_ctx_new();
    lia_curve_server spec = {.type = ZMQ_ROUTER,
                             .domain = "any",
                             .address = MEMBER(2)->bus,
                             .listener = listener,
                             .keys = &NODE(2)->keys,
                             .open_door = true};
    raw server = {.socket = lia_curve_bind(context, &spec, NULL)};
    RIG_UNTIL(r, NODE(1)->ups[2] == 1);
    CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
    int size = zmq_recv(server.socket, id, sizeof id, 0);
    zmq_recv(server.socket, NULL, 0, 0);
    zmq_send(server.socket, id, (size_t)size, ZMQ_SNDMORE);
    send_parts(&server, part, sizeof part, 1 << 10); /* 256 MiB */
    RIG_UNTIL(r, NODE(1)->downs[2] == 1);
    CHECK_EQ(NODE(1)->flows[2][LIA_BUS_CLIENT].received, 0);
    zmq_close(server.socket);
    zmq_ctx_term(context);
    close(listener);
    rig_fini(r);
}

/* libzmq 4.3.4 aborts when a connection breaks that has reached RCVHWM, and its heartbeat is due
 * before anybody reads. */
TEST(a_flood_from_a_peer_that_dies_while_the_loop_is_busy_is_survived)
{
    raw flood;
    start(3);
    raw_open(&flood, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    CHECK(raw_enters(&flood));
    for (int i = 0; i < 30000; i++) {
        zmq_send(flood.socket, "x", 1, ZMQ_DONTWAIT);
        if (i % 1000 == 0) uv_sleep(5);
    }
    uv_sleep(200);
    raw_close(&flood);
    uv_sleep(4500); /* two heartbeats, in which nobody reads */
    check_others(3);
    rig_fini(r);
}

/* More comes than the loop takes in: the sender is cut off, whatever the sizes. */
TEST(a_flood_is_bounded)
{
    static char frame[64 << 10];
    raw flood;
    start(3);
    raw_open(&flood, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    CHECK(raw_enters(&flood));
    /* The loop runs a turn now and then, but the sockets' share of it is small. */
    for (int i = 0; i < 1000 && !flood.broken; i++) {
        for (int k = 0; k < 80; k++) zmq_send(flood.socket, frame, sizeof frame, ZMQ_DONTWAIT);
        uv_sleep(20);
        uv_update_time(&r->loop);
        lia_guard_look(inside(1)->router.guard, (int64_t)uv_now(&r->loop), false);
        raw_look(&flood);
    }
    CHECK(flood.broken);
    raw_close(&flood);
    check_others(3);
    rig_fini(r);
}

/* Small frames, each of which costs the loop a little: the sender waits outside. */
TEST(who_sends_too_many_frames_is_shut_out_for_a_while)
{
    raw flood;
    start(3);
    raw_open(&flood, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    CHECK(raw_enters(&flood));
    for (unsigned i = 0; i < 30000; i++) zmq_send(flood.socket, "x", 1, ZMQ_DONTWAIT);
    RIG_UNTIL_WITH(r, flood.broken, {
        for (unsigned i = 0; i < 1000; i++) zmq_send(flood.socket, "x", 1, ZMQ_DONTWAIT);
        raw_look(&flood);
    });
    raw_close(&flood);
    raw_open(&flood, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    CHECK(!raw_enters(&flood));
    raw_close(&flood);
    check_others(3);
    RIG_UNTIL_WITH(r, flood.admitted, {
        raw_open(&flood, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
        raw_enters(&flood);
        raw_close(&flood);
    });
    rig_fini(r);
}

TEST(who_does_not_read_is_sent_no_more_than_so_much)
{
    raw deaf;
    size_t sent = 0, heard = 0;
    static uint8_t frame[60000];
    start(3);
    raw_open(&deaf, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    int few = 4;
    zmq_setsockopt(deaf.socket, ZMQ_RCVHWM, &few, sizeof few);
    say(&deaf, "give me all", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 1);
    lia_err err = LIA_OK;
    for (int i = 0; i < 5000 && !err; i++) {
        err = lia_bus_send(NODE(1)->bus, 2, LIA_BUS_SERVER, LIA_SPAN_OF(frame));
        if (!err) sent++;
    }
    CHECK_ERR(err, LIA_EFULL);
    CHECK(lia_bus_queued(NODE(1)->bus, 2, LIA_BUS_SERVER) <= LIA_BUS_QUEUE_BYTES_MAX);
    check_others(3);
    /* It reads after all: everything that was taken arrives, and there is room again. */
    RIG_UNTIL_WITH(r, heard == sent,
                   heard += zmq_recv(deaf.socket, frame, sizeof frame, ZMQ_DONTWAIT) > 0);
    RIG_UNTIL(r, lia_bus_queued(NODE(1)->bus, 2, LIA_BUS_SERVER) == 0);
    CHECK_OK(lia_bus_send(NODE(1)->bus, 2, LIA_BUS_SERVER, LIA_SPAN_OF(frame)));
    raw_close(&deaf);
    rig_fini(r);
}

TEST(of_many_connections_of_one_key_few_stay)
{
    enum { MANY = 12 };
    raw all[MANY];
    start(3);
    for (size_t i = 0; i < MANY; i++) {
        raw_open(&all[i], ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
        say(&all[i], "me too", 0);
        RIG_UNTIL(r, heard_from(1, 2) > i);
    }
    /* Who was cut off is not to come back by itself here. */
    RIG_UNTIL_WITH(r, counts_at(&inside(1)->router).connections <= 3, {
        for (size_t i = 0; i < MANY - 1; i++) {
            if (!all[i].socket) continue;
            raw_look(&all[i]);
            if (!all[i].broken) continue;
            raw_close(&all[i]);
            all[i].socket = NULL;
        }
    });
    CHECK_OK(lia_bus_send(NODE(1)->bus, 2, LIA_BUS_SERVER, LIA_SPAN("to the latest")));
    RIG_UNTIL(r, hears(&all[MANY - 1], NULL, "to the latest"));
    check_others(3);
    for (size_t i = 0; i < MANY; i++)
        if (all[i].socket) raw_close(&all[i]);
    rig_fini(r);
}

static int knock(const char *address)
{
    lia_address to;
    CHECK_OK(lia_address_parse(address, &to));
    int fd = socket(to.to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK_EQ(connect(fd, &to.to.any, to.size), 0);
    return fd;
}

/* They say nothing, or half of a greeting, at either door. */
TEST(strangers_in_crowds_keep_nobody_out)
{
    enum { CROWD = 400 };
    static int fds[2][CROWD];
    start(3);
    for (size_t i = 0; i < CROWD; i++) {
        fds[0][i] = knock(MEMBER(1)->bus);
        fds[1][i] = knock(MEMBER(1)->pub);
        if (i % 2) CHECK_EQ(send(fds[0][i], "\xff", 1, MSG_NOSIGNAL), 1);
        if (i % 50 == 0) uv_run(&r->loop, UV_RUN_NOWAIT);
    }
    RIG_UNTIL(r, counts_at(&inside(1)->router).cut >= CROWD - 150);
    RIG_UNTIL(r, counts_at(&inside(1)->pub).cut >= CROWD - 150);
    check_others(3);
    CHECK(counts_at(&inside(1)->router).young <= 128);
    for (size_t i = 0; i < CROWD; i++) {
        close(fds[0][i]);
        close(fds[1][i]);
    }
    RIG_UNTIL(r, counts_at(&inside(1)->router).connections <= 2);
    rig_fini(r);
}

/* libzmq stores each topic, letter by letter. */
TEST(a_subscriber_to_everything_there_could_be_is_cut_off)
{
    raw greedy;
    unsigned topic = 0;
    start(2);
    raw_open(&greedy, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(2)->keys);
    CHECK(raw_enters(&greedy));
    while (topic < 20000 && !greedy.broken) {
        char name[64];
        snprintf(name, sizeof name, "a.topic.that.nobody.ever.heard.of.%u", topic++);
        CHECK_EQ(zmq_setsockopt(greedy.socket, ZMQ_SUBSCRIBE, name, strlen(name)), 0);
        uv_run(&r->loop, UV_RUN_NOWAIT);
        raw_look(&greedy);
    }
    RIG_UNTIL_WITH(r, greedy.broken, raw_look(&greedy));
    CHECK(counts_at(&inside(1)->pub).cut >= 1);
    check_others(2);
    raw_close(&greedy);
    rig_fini(r);
}
