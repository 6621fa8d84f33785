/* SPDX-License-Identifier: Apache-2.0 */
/* node_rig - whole nodes in one process on one loop, for tests: a cluster folder, a small service
 * of its own, commands that are waited for. */
#ifndef LIA_NODE_NODE_RIG_H
#define LIA_NODE_NODE_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/node/node.h"
#include "proto/crm.pb-c.h"
#include "proto/sales.pb-c.h"
#include "tests/support/address.h"
#include "tests/support/test.h"

#define RIG_NODES   4
#define RIG_TICK_MS 2
#ifdef __SANITIZE_THREAD__
#define RIG_MS_MAX 300000
#else
#define RIG_MS_MAX 60000
#endif

typedef struct rig {
    uv_loop_t loop;
    const char *dir;
    lia_members members; /* `count` of them are in the list */
    lia_sign_key admin;
    lia_node *nodes[RIG_NODES + 1];
    const lia_service *services[RIG_NODES + 1];
    size_t map_bytes;
    uint64_t check_ms, agree_ms;
    int64_t log_keep_ms;
    lia_copies copies[RIG_NODES + 1];
    const int64_t *wall_offset_ms[RIG_NODES + 1];
    lia_department all; /* all members are of this department; 0: each of its own */
    uv_timer_t limit, tick;
    bool late;
} rig;

static inline void rig_expired(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

/* Nothing to do: the loop has turned, and whoever waits looks again. */
static inline void rig_ticked(uv_timer_t *timer)
{
    (void)timer;
}

/* Writes a later list, of the first `count` members. Nodes read it when they are opened. */
static inline void rig_members(rig *r, size_t count)
{
    char path[600];
    lia_why why = {0};
    r->members.epoch++;
    r->members.count = count;
    snprintf(path, sizeof path, "%s/members", r->dir);
    CHECK_OK(lia_members_write(&r->members, &r->admin, path, &why));
}

/* A cluster of `count` members, 1 .. count, departments in that order. */
static inline void rig_make(rig *r, size_t count)
{
    lia_log_set_level(LIA_ERROR);
    CHECK_OK(lia_crypto_init());
    uv_loop_init(&r->loop);
    uv_timer_init(&r->loop, &r->limit);
    r->limit.data = &r->late;
    uv_timer_init(&r->loop, &r->tick);
    r->dir = lia_test_dir();
    lia_random(&r->members.cluster, sizeof r->members.cluster);
    lia_why why = {0};
    lia_verify_key public;
    lia_sign_keys(&public, &r->admin);
    CHECK_OK(lia_admin_key_write(&r->admin, r->dir, &why));
    char path[600];
    for (size_t i = 0; i < RIG_NODES; i++) {
        lia_member *m = &r->members.list[i];
        lia_node_keys keys;
        lia_node_keys_make(&keys);
        *m = (lia_member){.number = (uint16_t)(i + 1),
                          .department = (uint8_t)(r->all ? (unsigned)r->all : i + 1)};
        snprintf(m->name, sizeof m->name, "%s", lia_department_name((lia_department)(i + 1)));
        lia_test_address(m->bus, sizeof m->bus);
        lia_test_address(m->http, sizeof m->http);
        memcpy(m->curve_key, keys.curve_public, sizeof m->curve_key);
        m->verify_key = keys.verify;
        snprintf(path, sizeof path, "%s/%s", r->dir, m->name);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/%s/node.keys", r->dir, m->name);
        CHECK_OK(lia_node_keys_write(&keys, path, &why));
    }
    rig_members(r, count);
}

/* Opens it; it may not take commands yet. */
static inline void rig_open(rig *r, size_t number)
{
    lia_why why = {0};
    lia_node_options options = {.loop = &r->loop,
                                .dir = r->dir,
                                .name = r->members.list[number - 1].name,
                                .service = r->services[number],
                                .check_ms = r->check_ms,
                                .wall_offset_ms = r->wall_offset_ms[number],
                                .agree_ms = r->agree_ms,
                                .log_keep_ms = r->log_keep_ms,
                                .copies = r->copies[number],
                                .map_bytes = r->map_bytes ? r->map_bytes : (size_t)1 << 30};
    lia_err err = lia_node_open(&r->nodes[number], &options, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

/* Runs the loop until `done` holds; fails after a minute. What a writer does beside its batches wakes
 * nobody, so it is looked for every few milliseconds. */
#define RIG_UNTIL(r, done)                                                                         \
    do {                                                                                           \
        (r)->late = false;                                                                         \
        uv_timer_start(&(r)->limit, rig_expired, RIG_MS_MAX, 0);                                   \
        uv_timer_start(&(r)->tick, rig_ticked, RIG_TICK_MS, RIG_TICK_MS);                          \
        while (!(done) && !(r)->late) uv_run(&(r)->loop, UV_RUN_ONCE);                             \
        uv_timer_stop(&(r)->tick);                                                                 \
        uv_timer_stop(&(r)->limit);                                                                \
        CHECK(!(r)->late);                                                                         \
    } while (0)

/* Opens it and waits until it takes commands. */
static inline void rig_start(rig *r, size_t number)
{
    rig_open(r, number);
    RIG_UNTIL(r, lia_node_health(r->nodes[number], NULL) != LIA_EBUSY);
}

static inline void rig_noted(void *flag)
{
    *(bool *)flag = true;
}

static inline void rig_stop(rig *r, size_t number)
{
    bool closed = false;
    lia_node_close(r->nodes[number], rig_noted, &closed);
    r->nodes[number] = NULL;
    RIG_UNTIL(r, closed);
}

static inline void rig_end(rig *r)
{
    for (size_t i = 1; i <= RIG_NODES; i++)
        if (r->nodes[i]) rig_stop(r, i);
    uv_close((uv_handle_t *)&r->limit, NULL);
    uv_close((uv_handle_t *)&r->tick, NULL);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    CHECK_EQ(uv_loop_close(&r->loop), 0);
}

static inline void rig_done(lia_command *command, void *context)
{
    (void)command;
    *(bool *)context = true;
}

/* Submits and waits. */
static inline lia_err rig_do(rig *r, size_t number, lia_command *command)
{
    bool done = false;
    command->done = rig_done;
    command->context = &done;
    CHECK_OK(lia_node_submit(r->nodes[number], command));
    RIG_UNTIL(r, done);
    return command->err;
}

static inline lia_span rig_pack(const void *message, uint8_t *to, size_t size)
{
    CHECK(protobuf_c_message_get_packed_size(message) <= size);
    return lia_span_make(to, protobuf_c_message_pack(message, to));
}

static inline lia_id rig_create(rig *r, size_t number, uint16_t kind, const void *message)
{
    uint8_t bytes[4096];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(kind),
                           .request = rig_pack(message, bytes, sizeof bytes)};
    lia_err err = rig_do(r, number, &command);
    if (err) print_error("create: %s %s\n", lia_err_text(err), command.why.text);
    CHECK_OK(err);
    return command.record;
}

static inline lia_id rig_customer(rig *r, size_t number, const char *name)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = name;
    return rig_create(r, number, LIA_CUSTOMER, &customer);
}

static inline lia_id rig_purchase(rig *r, size_t number, lia_id customer, int64_t when,
                                  int64_t cents)
{
    Crm__Money money = CRM__MONEY__INIT;
    money.has_amount_minor = 1;
    money.amount_minor = cents;
    money.currency = "USD";
    Crm__Interaction i = CRM__INTERACTION__INIT;
    i.has_customer = i.has_type = i.has_occurred_at = 1;
    i.customer = (ProtobufCBinaryData){LIA_ID_SIZE, customer.bytes};
    i.type = CRM__INTERACTION_TYPE__INTERACTION_TYPE_PURCHASE;
    i.occurred_at = when;
    i.amount = &money;
    return rig_create(r, number, LIA_INTERACTION, &i);
}

/* How many entries the customer's timeline shows at a node. */
static inline size_t rig_timeline(rig *r, size_t number, lia_id customer, lia_timeline_entry *out,
                                  size_t max)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 16 << 20));
    lia_arena_reset(&arena);
    lia_rows rows;
    size_t count = 0;
    lia_span next;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_rows_timeline(&rows, customer, LIA_SPAN_NONE, max, &arena, out, &count, &next));
    lia_node_read_end(r->nodes[number], &rows);
    return count;
}

static inline bool rig_same_digests(rig *r, size_t a, size_t b)
{
    static lia_digests one, two;
    lia_lane_info lanes[16];
    size_t count;
    CHECK_OK(lia_node_digests(r->nodes[a], &one, lanes, 16, &count));
    CHECK_OK(lia_node_digests(r->nodes[b], &two, lanes, 16, &count));
    return memcmp(one.sum, two.sum, sizeof one.sum) == 0;
}

#endif
