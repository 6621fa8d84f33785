/* SPDX-License-Identifier: Apache-2.0 */
/* The zmq carrier against sockets that do not keep to what is agreed. */
#include "common/bus/bus_raw.h"

/* ---- who gets in ---------------------------------------------------------------------------- */

TEST(an_unknown_key_is_refused_and_a_member_is_not)
{
    raw stranger, member;
    lia_node_keys random;
    start(2);
    lia_node_keys_make(&random);
    raw_open(&stranger, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &random);
    raw_open(&member, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    zmq_send(stranger.socket, "let me in", 9, ZMQ_DONTWAIT); /* fails if it was refused already */
    say(&member, "hello", 0);
    CHECK(!raw_enters(&stranger));
    CHECK(raw_enters(&member));
    RIG_UNTIL(r, heard_from(1, 2) == 1);
    raw_close(&stranger);
    raw_close(&member);
    rig_fini(r);
}

TEST(a_client_without_encryption_is_not_heard)
{
    char endpoint[LIA_ENDPOINT_SIZE];
    raw plain = {.context = zmq_ctx_new()}, member;
    int zero = 0;
    start(2);
    plain.socket = zmq_socket(plain.context, ZMQ_DEALER);
    zmq_setsockopt(plain.socket, ZMQ_LINGER, &zero, sizeof zero);
    lia_address_endpoint(MEMBER(1)->bus, endpoint);
    CHECK_EQ(zmq_connect(plain.socket, endpoint), 0);
    say(&plain, "hello", 0);
    raw_open(&member, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    for (int i = 0; i < 50; i++) say(&member, "hello", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 50);
    for (uint16_t peer = 0; peer <= RIG_NODES; peer++)
        CHECK_EQ(heard_from(1, peer), peer == 2 ? 50 : 0);
    raw_close(&member);
    raw_close(&plain);
    rig_fini(r);
}

static void refuses_to_open(lia_zmq_fault fault, const char *sentence)
{
    lia_why why = {0};
    lia_bus *bus;
    r = rig_init(1);
    lia_bus_options options = rig_options(r, 0);
    CHECK_ERR(lia_zmq_open(&bus, &options, fault, &why), LIA_EDENIED);
    CHECK(bus == NULL);
    CHECK(strstr(why.text, sentence) != NULL);
    rig_fini(r);
}

TEST(a_bus_that_would_let_everybody_in_does_not_open)
{
    refuses_to_open(LIA_ZMQ_OPEN_DOOR, "let an unknown key in");
}

TEST(a_bus_without_a_doorkeeper_does_not_open)
{
    refuses_to_open(LIA_ZMQ_NO_KEEPER, "did not refuse an unknown key");
}

TEST(opening_with_its_proof_takes_less_than_300_ms)
{
    r = rig_init(1);
    uint64_t before = uv_hrtime();
    rig_open(r, 0);
    CHECK(uv_hrtime() - before < 300u * 1000 * 1000);
    rig_fini(r);
}

/* The key in the list is pinned: somebody else at that address is not talked to. */
TEST(an_impostor_at_a_members_address_is_not_believed)
{
    lia_why why;
    int listener;
    lia_node_keys other;
    start(2);
    lia_node_keys_make(&other);
    CHECK_OK(lia_address_listen(MEMBER(2)->bus, &listener, &why));
    void *context = zmq_ctx_new();
    lia_curve_server spec = {.type = ZMQ_ROUTER,
                             .domain = "any",
                             .address = MEMBER(2)->bus,
                             .listener = listener,
                             .keys = &other,
                             .open_door = true};
    void *impostor = lia_curve_bind(context, &spec, NULL);
    CHECK(impostor != NULL);
    uint64_t until = uv_hrtime() + 500u * 1000 * 1000; /* several attempts */
    RIG_UNTIL(r, uv_hrtime() > until);
    CHECK_EQ(NODE(1)->ups[2], 0);
    CHECK_ERR(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    zmq_close(impostor);
    zmq_ctx_term(context);
    close(listener);
    rig_fini(r);
}

/* ---- members that misbehave ----------------------------------------------------------------- */

TEST(frames_in_several_parts_are_dropped_and_others_heard)
{
    raw member;
    start(2);
    raw_open(&member, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    CHECK(raw_enters(&member));
    for (int i = 0; i < 2000; i++) {
        say(&member, "", ZMQ_SNDMORE);
        say(&member, "garbage", 0);
    }
    for (int i = 0; i < 1000; i++) say(&member, "part", ZMQ_SNDMORE);
    say(&member, "last part", 0);
    say(&member, "one part", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 1);
    CHECK_EQ(NODE(1)->flows[2][LIA_BUS_SERVER].bytes, strlen("one part"));
    CHECK_OK(lia_bus_send(NODE(1)->bus, 2, LIA_BUS_SERVER, LIA_SPAN("answer")));
    RIG_UNTIL(r, hears(&member, NULL, "answer"));
    raw_close(&member);
    rig_fini(r);
}

TEST(an_oversize_frame_costs_its_sender_the_connection)
{
    static char large[LIA_FRAME_BYTES_MAX + 100];
    raw large_sender, other;
    start(3);
    raw_open(&large_sender, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    raw_open(&other, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(3)->keys);
    CHECK(raw_enters(&large_sender) && raw_enters(&other));
    CHECK(zmq_send(large_sender.socket, large, sizeof large, 0) >= 0);
    RIG_UNTIL_WITH(r, large_sender.broken, raw_look(&large_sender));
    say(&other, "hello", 0);
    RIG_UNTIL(r, heard_from(1, 3) == 1);
    CHECK_EQ(heard_from(1, 2), 0);
    raw_look(&other);
    CHECK_EQ(other.broken, 0);
    raw_close(&large_sender);
    raw_close(&other);
    rig_fini(r);
}

/* Replies follow the latest connection; the one before is void from then on. */
TEST(of_two_connections_with_one_key_the_later_one_counts)
{
    raw first, second;
    start(2);
    raw_open(&first, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    say(&first, "first", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 1);
    raw_open(&second, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &NODE(2)->keys);
    say(&second, "second", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 2);
    for (int i = 0; i < 100; i++) say(&first, "stale", 0);
    CHECK_OK(lia_bus_send(NODE(1)->bus, 2, LIA_BUS_SERVER, LIA_SPAN("answer")));
    RIG_UNTIL(r, hears(&second, NULL, "answer"));
    say(&second, "once again", 0);
    RIG_UNTIL(r, heard_from(1, 2) == 3);
    CHECK_EQ(NODE(1)->flows[2][LIA_BUS_SERVER].bytes, strlen("first"
                                                             "second"
                                                             "once again"));
    raw_close(&first);
    raw_close(&second);
    rig_fini(r);
}

/* libzmq never reconnects after a protocol error of the server's; we do. */
TEST(a_server_that_breaks_the_rules_is_left_and_tried_again)
{
    static char large[LIA_FRAME_BYTES_MAX + 100];
    lia_why why;
    int listener;
    char id[16];
    start(2);
    CHECK_OK(lia_address_listen(MEMBER(2)->bus, &listener, &why));
    void *context = zmq_ctx_new();
    lia_curve_server spec = {.type = ZMQ_ROUTER,
                             .domain = "any",
                             .address = MEMBER(2)->bus,
                             .listener = listener,
                             .keys = &NODE(2)->keys,
                             .open_door = true};
    void *server = lia_curve_bind(context, &spec, NULL);
    RIG_UNTIL(r, NODE(1)->ups[2] == 1);
    CHECK_OK(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64));
    int size = zmq_recv(server, id, sizeof id, 0);
    zmq_recv(server, NULL, 0, 0);
    zmq_send(server, id, (size_t)size, ZMQ_SNDMORE);
    zmq_send(server, "two", 3, ZMQ_SNDMORE);
    zmq_send(server, "parts", 5, 0);
    zmq_send(server, id, (size_t)size, ZMQ_SNDMORE);
    zmq_send(server, large, sizeof large, 0);
    RIG_UNTIL(r, NODE(1)->downs[2] == 1);
    CHECK_ERR(rig_send(NODE(1), 2, LIA_BUS_CLIENT, 64), LIA_EABSENT);
    RIG_UNTIL(r, NODE(1)->ups[2] == 2);
    CHECK_EQ(NODE(1)->flows[2][LIA_BUS_CLIENT].received, 0);
    zmq_close(server);
    zmq_ctx_term(context);
    close(listener);
    rig_fini(r);
}

static uint64_t refusals(uint16_t node, size_t index)
{
    return ((lia_zmq *)NODE(node)->bus)->peers[index]->refused;
}

/* The list reaches the nodes one after the other, so a new member is refused at first, and libzmq
 * would leave it at that. */
TEST(a_member_that_was_refused_too_early_gets_in_later)
{
    static lia_members all;
    r = rig_init(2);
    all = r->members;
    rig_open(r, 1);
    r->members.count = 1;
    rig_open(r, 0);
    RIG_UNTIL(r, refusals(2, 0) >= 1);
    CHECK_EQ(NODE(2)->ups[1], 0);
    CHECK_OK(lia_bus_set_members(NODE(1)->bus, &all));
    RIG_UNTIL(r, NODE(2)->ups[1] == 1 && NODE(1)->ups[2] == 1);
    rig_fini(r);
}

/* ---- the public stream ---------------------------------------------------------------------- */

/* Publishes until the subscriber hears it: that somebody subscribed does not say who. */
#define HEARS_WHEN_PUBLISHED(subscriber, topic)                                                    \
    RIG_UNTIL_WITH(r, hears(subscriber, topic, "message"),                                         \
                   CHECK_OK(lia_bus_publish(NODE(1)->bus, topic, LIA_SPAN("message"))))

static void subscribe(raw *at, const char *topic)
{
    CHECK_EQ(zmq_setsockopt(at->socket, ZMQ_SUBSCRIBE, topic, strlen(topic)), 0);
}

TEST(subscribers_hear_their_topics)
{
    raw deals, all;
    start(3);
    CHECK(!lia_bus_wanted(NODE(1)->bus));
    raw_open(&deals, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(2)->keys);
    raw_open(&all, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(3)->keys);
    subscribe(&deals, "sales.deal.");
    subscribe(&all, "");
    RIG_UNTIL(r, lia_bus_wanted(NODE(1)->bus));
    HEARS_WHEN_PUBLISHED(&deals, "sales.deal.won");
    HEARS_WHEN_PUBLISHED(&all, "sales.deal.won");
    CHECK_OK(lia_bus_publish(NODE(1)->bus, "service.ticket.opened", LIA_SPAN("ticket")));
    RIG_UNTIL(r, hears(&all, "service.ticket.opened", "ticket"));
    CHECK(!hears(&deals, "service.ticket.opened", "ticket"));
    raw_close(&deals);
    raw_close(&all);
    RIG_UNTIL(r, !lia_bus_wanted(NODE(1)->bus));
    rig_fini(r);
}

TEST(readers_may_subscribe_but_not_talk_and_strangers_neither)
{
    raw reader, talker, stranger;
    lia_node_keys keys, random;
    lia_why why = {0};
    lia_node_keys_make(&keys);
    lia_node_keys_make(&random);
    r = rig_init(1);
    rig_tick(r);
    lia_bus_options options = rig_options(r, 0);
    options.readers = (const uint8_t(*)[LIA_CURVE_KEY_SIZE])keys.curve_public;
    options.reader_count = 1;
    CHECK_OK(lia_bus_open(&NODE(1)->bus, &lia_bus_zmq, &options, &why));
    raw_open(&reader, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &keys);
    raw_open(&talker, ZMQ_DEALER, MEMBER(1)->bus, MEMBER(1), &keys);
    raw_open(&stranger, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &random);
    subscribe(&reader, "");
    subscribe(&stranger, "");
    CHECK(raw_enters(&reader));
    CHECK(!raw_enters(&talker));
    CHECK(!raw_enters(&stranger));
    HEARS_WHEN_PUBLISHED(&reader, "sales.deal.won");
    CHECK(is_silent(&stranger));
    raw_close(&reader);
    raw_close(&talker);
    raw_close(&stranger);
    rig_fini(r);
}

/* A tool's key that is withdrawn: its subscription ends and it does not come back; others are back. */
TEST(a_withdrawn_readers_subscription_ends)
{
    raw gone, kept, late;
    lia_node_keys keys[3];
    uint8_t readers[2][LIA_CURVE_KEY_SIZE];
    for (size_t i = 0; i < 3; i++) lia_node_keys_make(&keys[i]);
    memcpy(readers[0], keys[0].curve_public, LIA_CURVE_KEY_SIZE);
    memcpy(readers[1], keys[1].curve_public, LIA_CURVE_KEY_SIZE);
    start(2);
    raw_open(&late, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &keys[0]);
    CHECK(!raw_enters(&late)); /* not yet */
    raw_close(&late);
    CHECK_OK(lia_bus_set_readers(NODE(1)->bus, (const void *)readers, 2));
    raw_open(&gone, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &keys[0]);
    raw_open(&kept, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &keys[1]);
    subscribe(&gone, "");
    subscribe(&kept, "");
    HEARS_WHEN_PUBLISHED(&gone, "a");
    HEARS_WHEN_PUBLISHED(&kept, "a");
    memcpy(readers[0], keys[2].curve_public, LIA_CURVE_KEY_SIZE);
    CHECK_OK(lia_bus_set_readers(NODE(1)->bus, (const void *)readers, 2));
    RIG_UNTIL_WITH(r, gone.broken && gone.refused, raw_look(&gone));
    HEARS_WHEN_PUBLISHED(&kept, "b");
    CHECK(!hears(&gone, "b", "message"));
    CHECK_OK(lia_bus_set_readers(NODE(1)->bus, NULL, 0));
    RIG_UNTIL_WITH(r, kept.refused, raw_look(&kept));
    raw_close(&gone);
    raw_close(&kept);
    rig_fini(r);
}

TEST(a_removed_members_subscription_ends)
{
    static lia_members fewer;
    raw removed, kept;
    start(3);
    raw_open(&removed, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(3)->keys);
    raw_open(&kept, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(2)->keys);
    subscribe(&removed, "");
    subscribe(&kept, "");
    HEARS_WHEN_PUBLISHED(&removed, "a");
    HEARS_WHEN_PUBLISHED(&kept, "a");
    fewer = r->members;
    fewer.count = 2;
    CHECK_OK(lia_bus_set_members(NODE(1)->bus, &fewer));
    RIG_UNTIL_WITH(r, removed.broken && removed.refused, raw_look(&removed));
    HEARS_WHEN_PUBLISHED(&kept, "b");
    CHECK(!hears(&removed, "b", "message"));
    raw_close(&removed);
    raw_close(&kept);
    rig_fini(r);
}

TEST(topics_are_short_words)
{
    char topic[200];
    start(1);
    memset(topic, 'a', sizeof topic);
    topic[129] = 0;
    CHECK_ERR(lia_bus_publish(NODE(1)->bus, topic, LIA_SPAN("")), LIA_EINVAL);
    topic[128] = 0;
    CHECK_OK(lia_bus_publish(NODE(1)->bus, topic, LIA_SPAN("")));
    CHECK_ERR(lia_bus_publish(NODE(1)->bus, "", LIA_SPAN("")), LIA_EINVAL);
    rig_fini(r);
}

/* A subscriber that stops reading loses; publishing neither fails nor waits. */
TEST(a_slow_subscriber_holds_up_nobody)
{
    static uint8_t message[1000];
    raw slow;
    start(2);
    raw_open(&slow, ZMQ_SUB, MEMBER(1)->pub, MEMBER(1), &NODE(2)->keys);
    subscribe(&slow, "");
    HEARS_WHEN_PUBLISHED(&slow, "a");
    for (int i = 0; i < 50000; i++)
        CHECK_OK(lia_bus_publish(NODE(1)->bus, "a", LIA_SPAN_OF(message)));
    raw_close(&slow);
    rig_fini(r);
}
