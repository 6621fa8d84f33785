/* SPDX-License-Identifier: Apache-2.0 */
/* bus_rig - several buses in one process on one loop, for tests: keys, a list, free ports, counts
 * of what arrives. Waiting means running the loop until something is true, with a time limit. */
#ifndef LIA_BUS_BUS_RIG_H
#define LIA_BUS_BUS_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/bus/bus.h"
#include "tests/support/address.h"
#include "tests/support/test.h"

/* libzmq, and libsodium on its threads, are not built with the sanitizer, which therefore sees none
 * of their synchronisation. */
#ifdef __SANITIZE_THREAD__
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libzmq.so\nrace:libzmq.so\nmutex:libzmq.so\n"
           "race:libsodium.so\nrace:rig_receive\n";
}
#endif

#define RIG_NODES  4
#define RIG_MS_MAX 30000

/* What one end of a link has sent and seen. Frames begin with a counter, so order is checked. */
typedef struct rig_flow {
    uint64_t sent, received, bytes;
    bool disordered;
} rig_flow;

typedef struct rig_node {
    lia_node_keys keys;
    lia_bus *bus;
    uint16_t number;
    rig_flow flows[RIG_NODES + 1][2]; /* by peer and own end */
    unsigned ups[RIG_NODES + 1], downs[RIG_NODES + 1];
    bool echo; /* answers what comes to its server end */
    bool closed;
    void (*on_receive)(struct rig_node *node, uint16_t peer, lia_bus_end end, lia_span frame);
} rig_node;

typedef struct bus_rig {
    uv_loop_t loop;
    uv_timer_t limit, tick;
    bool late;
    lia_members members;
    rig_node nodes[RIG_NODES];
    bool strict; /* those who ask too much are cut off; else they may ask without end */
} bus_rig;

static inline void rig_receive(void *context, uint16_t peer, lia_bus_end end, lia_span frame)
{
    rig_node *node = context;
    rig_flow *flow = &node->flows[peer][end];
    if (frame.size < 8 || lia_get_u64(frame.data) != flow->received) flow->disordered = true;
    flow->received++;
    flow->bytes += frame.size;
    if (node->echo && end == LIA_BUS_SERVER) CHECK_OK(lia_bus_send(node->bus, peer, end, frame));
    if (node->on_receive) node->on_receive(node, peer, end, frame);
}

static inline void rig_link(void *context, uint16_t peer, bool up)
{
    rig_node *node = context;
    if (up)
        node->ups[peer]++;
    else
        node->downs[peer]++;
}

/* Makes keys and a list of `count`; opens nothing. */
static inline bus_rig *rig_init(size_t count)
{
    lia_log_set_level(LIA_ERROR);
    bus_rig *rig = calloc(1, sizeof *rig);
    CHECK(rig != NULL);
    CHECK_OK(lia_crypto_init());
    CHECK_EQ(uv_loop_init(&rig->loop), 0);
    CHECK_EQ(uv_timer_init(&rig->loop, &rig->limit), 0);
    CHECK_EQ(uv_timer_init(&rig->loop, &rig->tick), 0);
    uv_unref((uv_handle_t *)&rig->limit);
    rig->members = (lia_members){.cluster = lia_id_make(1), .epoch = 1, .count = count};
    for (size_t i = 0; i < count; i++) {
        lia_member *member = &rig->members.list[i];
        rig_node *node = &rig->nodes[i];
        lia_node_keys_make(&node->keys);
        node->number = member->number = (uint16_t)(i + 1);
        snprintf(member->name, sizeof member->name, "n%zu", i + 1);
        lia_test_address(member->bus, sizeof member->bus);
        lia_test_address(member->pub, sizeof member->pub);
        memcpy(member->curve_key, node->keys.curve_public, LIA_CURVE_KEY_SIZE);
        member->verify_key = node->keys.verify;
    }
    return rig;
}

static inline lia_bus_options rig_options(bus_rig *rig, size_t index)
{
    rig_node *node = &rig->nodes[index];
    return (lia_bus_options){.loop = &rig->loop,
                             .node = node->number,
                             .members = &rig->members,
                             .keys = &node->keys,
                             .asked_bytes_max = rig->strict ? 0 : SIZE_MAX,
                             .asked_frames_per_s = rig->strict ? 0 : UINT32_MAX,
                             .handler = {rig_receive, rig_link, node}};
}

static inline void rig_open(bus_rig *rig, size_t index)
{
    lia_why why = {0};
    lia_bus_options options = rig_options(rig, index);
    lia_err err = lia_bus_open(&rig->nodes[index].bus, &lia_bus_zmq, &options, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    rig->nodes[index].closed = false;
}

static inline void rig_out_of_time(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

#define RIG_UNTIL(rig, condition) RIG_UNTIL_WITH(rig, condition, (void)0)
/* Runs the loop until `condition`; `work` is done before each turn. */
#define RIG_UNTIL_WITH(rig, condition, work)                                                       \
    do {                                                                                           \
        bool rig_is_so_;                                                                           \
        (rig)->late = false;                                                                       \
        (rig)->limit.data = &(rig)->late;                                                          \
        uv_update_time(&(rig)->loop);                                                              \
        uv_timer_start(&(rig)->limit, rig_out_of_time, RIG_MS_MAX, 0);                             \
        while (!(rig_is_so_ = (condition)) && !(rig)->late) {                                      \
            work;                                                                                  \
            uv_run(&(rig)->loop, UV_RUN_ONCE);                                                     \
        }                                                                                          \
        uv_timer_stop(&(rig)->limit);                                                              \
        CHECK(rig_is_so_);                                                                         \
    } while (0)

static inline void rig_closed(void *context)
{
    *(bool *)context = true;
}

static inline void rig_close(bus_rig *rig, size_t index)
{
    rig_node *node = &rig->nodes[index];
    if (!node->bus) return;
    lia_bus_close(node->bus, rig_closed, &node->closed);
    node->bus = NULL;
    RIG_UNTIL(rig, node->closed);
}

/* Closing leaves nothing behind on the loop. */
static inline void rig_fini(bus_rig *rig)
{
    for (size_t i = 0; i < RIG_NODES; i++) rig_close(rig, i);
    uv_close((uv_handle_t *)&rig->limit, NULL);
    uv_close((uv_handle_t *)&rig->tick, NULL);
    uv_run(&rig->loop, UV_RUN_DEFAULT);
    CHECK_EQ(uv_loop_close(&rig->loop), 0);
    free(rig);
}

static inline void rig_ticked(uv_timer_t *tick)
{
    (void)tick;
}

/* For tests that wait for something of which the loop knows nothing. */
static inline void rig_tick(bus_rig *rig)
{
    uv_timer_start(&rig->tick, rig_ticked, 1, 1);
}

/* Sends the next counted frame of `size` bytes. */
static inline lia_err rig_send(rig_node *from, uint16_t to, lia_bus_end end, size_t size)
{
    static uint8_t frame[LIA_FRAME_BYTES_MAX];
    rig_flow *flow = &from->flows[to][end];
    lia_put_u64(frame, flow->sent);
    lia_err err = lia_bus_send(from->bus, to, end, lia_span_make(frame, size));
    if (!err) flow->sent++;
    return err;
}

/* Sends until `total` are out or the queue is full. */
static inline void rig_send_some(rig_node *from, uint16_t to, lia_bus_end end, size_t size,
                                 uint64_t total)
{
    lia_err err = LIA_OK;
    for (int i = 0; i < 200 && !err && from->flows[to][end].sent < total; i++)
        err = rig_send(from, to, end, size);
    CHECK(err == LIA_OK || err == LIA_EFULL);
}

/* Opens all and waits until every client link is up. */
static inline bool rig_is_linked(const bus_rig *rig)
{
    for (size_t i = 0; i < rig->members.count; i++)
        for (size_t j = 0; j < rig->members.count; j++)
            if (i != j && rig->nodes[i].ups[j + 1] == 0) return false;
    return true;
}

static inline bus_rig *rig_open_all(size_t count)
{
    bus_rig *rig = rig_init(count);
    for (size_t i = 0; i < count; i++) rig_open(rig, i);
    RIG_UNTIL(rig, rig_is_linked(rig));
    return rig;
}

#endif
