/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere while the loop answers a request: the answer is the same as ever, or says
 * that it could not be given, or the connection ends; what was answered to have been done is done,
 * and the next request is served. Every few allocations fail, all of them with LIA_FAIL_ALL=1. */
#include <stdlib.h>

#include "tests/api/door.h"
#include "tests/support/failing.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};

typedef struct office {
    rig r;
    door d;
    char customer[LIA_ID_TEXT_SIZE];
} office;

static bool all_of_them(void)
{
    return getenv("LIA_FAIL_ALL") != NULL;
}

/* The answer in `out`; false when the connection ended without a whole one. */
static bool ask(office *o, const char *request, uint64_t n, lia_reply *out, bool *fired)
{
    asking a;
    lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA, n);
    door_ask_begin(&o->r, &o->d, request, &a);
    RIG_UNTIL(&o->r, __atomic_load_n(&a.done, __ATOMIC_ACQUIRE));
    *fired = lia_failing_disarm();
    pthread_join(a.thread, NULL);
    uv_close((uv_handle_t *)&a.wake, NULL);
    uv_run(&o->r.loop, UV_RUN_NOWAIT);
    *out = a.reply;
    return a.ok;
}

static void text_of(char *out, size_t size, const char *method, const char *path, const char *body)
{
    snprintf(out, size,
             "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
             "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
             method, path, strchr(body, '\n') ? "application/jsonl" : "application/json",
             strlen(body), body);
}

/* Says what is the matter, in the form that all errors have. */
static bool is_clear_no(const lia_reply *reply)
{
    return reply->status >= 500 && strstr(reply->body, "\"title\"");
}

/* The record that was answered to have been made. */
static bool is_there(office *o, const lia_reply *made)
{
    char path[200];
    lia_reply reply;
    const char *id = strstr(made->body, "\"id\":\"");
    CHECK(id != NULL);
    snprintf(path, sizeof path, "/api/v1/customers/%.36s", id + 6);
    reply = door_ask(&o->r, &o->d, "GET", path);
    bool found = reply.status == 200;
    lia_reply_fini(&reply);
    return found;
}

typedef enum compared { SAME_BODY, SAME_STATUS } compared;

/* How many allocations could be made to fail. */
static size_t try_each(office *o, const char *method, const char *path, const char *body,
                       compared how)
{
    char request[600];
    lia_reply usual, reply;
    bool fired = false;
    size_t count = 0, bad = 0;
    text_of(request, sizeof request, method, path, body);
    bool answered = ask(o, request, 0, &usual, &fired);
    if (!answered || usual.status >= 300)
        print_error("%s %s: %u %s\n", method, path, usual.status, answered ? usual.body : "");
    CHECK(answered && usual.status < 300);
    fired = true;
    for (uint64_t n = 1; fired; n += all_of_them() ? 1 : 1 + n / 6) {
        answered = ask(o, request, n, &reply, &fired);
        bool same = answered && reply.status == usual.status &&
                    (how == SAME_STATUS || !strcmp(reply.body, usual.body));
        bool fine = same || (fired && (!answered || is_clear_no(&reply)));
        if (!fine)
            print_error("%s %s, allocation %llu: %u %s\n", method, path, (unsigned long long)n,
                        reply.status, reply.body);
        bad += !fine;
        count += fired;
        CHECK(!answered || reply.status != 201 || is_there(o, &reply));
        lia_reply_fini(&reply);
        CHECK_OK(lia_node_health(o->r.nodes[1], NULL));
    }
    CHECK_EQ(bad, 0);
    CHECK(ask(o, request, 0, &reply, &fired) && reply.status == usual.status);
    lia_reply_fini(&reply);
    lia_reply_fini(&usual);
    return count;
}

static void open_office(office *o)
{
    memset(o, 0, sizeof *o);
    rig_make(&o->r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    crm_start(&o->r, 1, &sales, false);
    door_open(&o->r, 1, &o->d);
    for (int i = 0; i < 12; i++)
        lia_id_print(rig_customer(&o->r, 1, i ? "Ben" : "Ana"), o->customer);
}

static void close_office(office *o)
{
    door_close(&o->r, &o->d);
    rig_end(&o->r);
}

TEST(what_is_read_without_memory_is_the_same_or_is_refused)
{
    static const struct {
        const char *path;
        compared how;
    } reads[] = {
        {"/", SAME_BODY},
        {"/readyz", SAME_STATUS},
        {"/metrics", SAME_STATUS},
        {"/api/v1/status", SAME_STATUS},
        {"/api/v1/kinds", SAME_BODY},
        {"/api/v1/openapi.json", SAME_BODY},
        {"/api/v1/members", SAME_STATUS},
        {"/api/v1/digest", SAME_STATUS},
        {"/api/v1/duplicates", SAME_BODY},
        {"/api/v1/customers", SAME_BODY},
        {"/api/v1/customers?pageSize=3&orderBy=name", SAME_BODY},
        {"/api/v1/customers?filter=name%%3DBen", SAME_BODY},
        {"/api/v1/customers/%s", SAME_BODY},
        {"/api/v1/customers/%s/timeline", SAME_BODY},
        {"/api/v1/customers/%s/export", SAME_STATUS},
        {"/api/v1/customers/%s/consents", SAME_BODY},
    };
    office o;
    open_office(&o);
    for (size_t i = 0; i < LIA_COUNT(reads); i++) {
        char path[200];
        snprintf(path, sizeof path, reads[i].path, o.customer);
        CHECK(try_each(&o, "GET", path, "", reads[i].how) > 1);
    }
    close_office(&o);
}

TEST(what_is_done_without_memory_is_done_or_refused)
{
    office o;
    char path[200];
    open_office(&o);
    CHECK(try_each(&o, "POST", "/api/v1/customers", "{\"name\":\"Mei\"}", SAME_STATUS) > 3);
    snprintf(path, sizeof path, "/api/v1/customers/%s", o.customer);
    CHECK(try_each(&o, "PATCH", path, "{\"name\":\"Ada\"}", SAME_STATUS) > 3);
    CHECK(try_each(&o, "POST", "/api/v1/customers:batchCreate",
                   "{\"name\":\"Mei\"}\n{\"name\":\"Mo\"}\n", SAME_STATUS) > 3);
    close_office(&o);
}
