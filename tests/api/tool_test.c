/* SPDX-License-Identifier: Apache-2.0 */
/* A tool at a node's public stream: not before it is admitted, not after it was withdrawn. */
#include "common/hooks/tool.h"

#include <zmq.h>

#include "common/access/access.h"
#include "common/bus/curve.h"
#include "common/hooks/hook.h"
#include "common/node/fields.h"
#include "common/node/node_rig.h"

static const lia_service *const parts[] = {&lia_access, &lia_hooks_tables};
static const lia_service service = {
    .name = "sales", .department = LIA_SALES, .parts = parts, .part_count = 2};

typedef struct listener {
    void *context, *socket, *monitor;
    bool refused;
} listener;

static void listen_in(listener *at, const rig *r, const lia_node_keys *as)
{
    *at = (listener){.context = zmq_ctx_new()};
    const lia_curve_client spec = {.type = ZMQ_SUB,
                                   .address = r->members.list[0].pub,
                                   .server = r->members.list[0].curve_key,
                                   .public = as->curve_public,
                                   .secret = as->curve_secret};
    at->socket = lia_curve_connect(at->context, &spec, &at->monitor);
    CHECK(at->socket != NULL);
    CHECK(zmq_setsockopt(at->socket, ZMQ_SUBSCRIBE, "", 0) == 0);
}

static void hang_up(listener *at)
{
    lia_curve_forget(at->socket);
    zmq_close(at->socket);
    zmq_close(at->monitor);
    zmq_ctx_term(at->context);
}

static bool is_refused(listener *at)
{
    unsigned event;
    while ((event = lia_curve_event(at->monitor, NULL)))
        at->refused |= event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    return at->refused;
}

/* Whether a topic came since the last question; makes an event so that one can. */
static bool hears(rig *r, listener *at, const char *wanted)
{
    char topic[128];
    int size;
    bool found = false;
    rig_customer(r, 1, "somebody");
    while ((size = zmq_recv(at->socket, topic, sizeof topic, ZMQ_DONTWAIT)) >= 0)
        found |= (size_t)size == strlen(wanted) && !memcmp(topic, wanted, (size_t)size);
    return found;
}

static lia_err withdraw(rig *r, lia_id id)
{
    uint8_t bytes[64];
    Hooks__WithdrawTool ask = HOOKS__WITHDRAW_TOOL__INIT;
    LIA_SET_ID(&ask, tool, &id);
    lia_command command = {.type = LIA_COMMAND_VERB,
                           .kind = lia_kind_find(LIA_TOOL),
                           .row =
                               lia_node_command(r->nodes[1], LIA_TOOL, LIA_SPAN("withdraw"), false),
                           .id = id,
                           .request = rig_pack(&ask, bytes, sizeof bytes)};
    return rig_do(r, 1, &command);
}

TEST(a_tool_subscribes_from_when_it_is_admitted_until_it_is_withdrawn)
{
    rig r = {.services = {NULL, &service}};
    lia_tools *tools;
    lia_node_keys keys;
    listener at;
    char hex[2 * LIA_CURVE_KEY_SIZE + 1];
    bool closed = false;
    rig_make(&r, 1);
    lia_test_address(r.members.list[0].pub, sizeof r.members.list[0].pub);
    rig_members(&r, 1);
    rig_start(&r, 1);
    CHECK_OK(lia_tools_open(&tools, r.nodes[1], &r.loop));
    lia_node_keys_make(&keys);
    listen_in(&at, &r, &keys);
    RIG_UNTIL(&r, is_refused(&at));
    hang_up(&at);

    Hooks__Tool tool = HOOKS__TOOL__INIT;
    lia_hex_print(LIA_SPAN_OF(keys.curve_public), hex);
    tool.name = "warehouse";
    tool.curve_key = hex;
    lia_id id = rig_create(&r, 1, LIA_TOOL, &tool);
    do { /* the doorkeeper hears of it within moments; a refused connection is not tried again */
        listen_in(&at, &r, &keys);
        uint64_t until_ns = lia_time_ticks_ns() + UINT64_C(500000000);
        while (!is_refused(&at) && !hears(&r, &at, "sales.record.created") &&
               lia_time_ticks_ns() < until_ns)
            uv_run(&r.loop, UV_RUN_NOWAIT);
        if (at.refused) hang_up(&at);
    } while (at.refused);
    RIG_UNTIL(&r, hears(&r, &at, "sales.record.created"));

    CHECK_OK(withdraw(&r, id));
    RIG_UNTIL(&r, is_refused(&at));
    (void)hears(&r, &at, "");
    CHECK(!hears(&r, &at, "sales.record.created"));
    hang_up(&at);
    lia_tools_close(tools, rig_noted, &closed);
    RIG_UNTIL(&r, closed);
    rig_end(&r);
}

TEST(a_key_that_is_none_is_not_admitted)
{
    static const char *const bad[] = {
        "", "00", "zz", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"};
    rig r = {.services = {NULL, &service}};
    rig_make(&r, 1);
    rig_start(&r, 1);
    for (size_t i = 0; i < LIA_COUNT(bad); i++) {
        uint8_t bytes[256];
        Hooks__Tool tool = HOOKS__TOOL__INIT;
        tool.name = "warehouse";
        tool.curve_key = bad[i];
        lia_command command = {.type = LIA_COMMAND_CREATE,
                               .kind = lia_kind_find(LIA_TOOL),
                               .request = rig_pack(&tool, bytes, sizeof bytes)};
        CHECK_ERR(rig_do(&r, 1, &command), LIA_EINVAL);
    }
    rig_end(&r);
}
