/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks whose receiver does not want an event, or wants none any more, or was away until events
 * had left the log: what is skipped, what stops, who is told, and what a rule sends to one. */
#include "common/hooks/hook.h"
#include "common/hooks/hooks.h"
#include "common/store/log_retain.h"
#include "proto/access.pb-c.h"
#include "proto/automation.pb-c.h"
#include "proto/collab.pb-c.h"
#include "tests/api/door.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};

#define NOBODY "\n\n" /* in no body */

typedef struct receiver {
    rig r;
    lia_http_server *server;
    lia_hooks *hooks;
    lia_id hook;
    unsigned status;     /* what it answers */
    const char *to;      /* to bodies with this in them; NULL: to all */
    char taken[1 << 16]; /* what it answered 2xx to */
    size_t refused;
} receiver;

static void handle(lia_http_request *request, void *context)
{
    receiver *w = context;
    lia_span body = lia_http_get_body(request);
    char text[4096];
    snprintf(text, sizeof text, "%.*s\n", (int)body.size, (const char *)body.data);
    bool refuses = !w->to || strstr(text, w->to);
    if (refuses)
        w->refused++;
    else
        strncat(w->taken, text, sizeof w->taken - strlen(w->taken) - 1);
    lia_http_reply(request, refuses ? w->status : 204, NULL, NULL, 0, LIA_SPAN_NONE);
}

static size_t limit(lia_http_method method, lia_span path, void *context)
{
    (void)method, (void)path, (void)context;
    return 1 << 20;
}

static void change_hook(receiver *w, bool enabled)
{
    Hooks__Webhook hook = HOOKS__WEBHOOK__INIT;
    uint32_t mask[] = {8};
    LIA_SET(&hook, enabled, enabled);
    crm_change(&w->r, 1, LIA_WEBHOOK, w->hook, &hook, mask, 1);
}

/* A node, its receiver, and a webhook for customers. */
static void begin(receiver *w, int64_t log_keep_ms, int64_t give_up_ms)
{
    char url[64];
    lia_why why = {0};
    static char dir[600];
    *w = (receiver){.to = NOBODY, .r = {.log_keep_ms = log_keep_ms, .check_ms = 20}};
    rig_make(&w->r, 1);
    crm_start(&w->r, 1, &sales, false);
    const lia_http_options options = {.loop = &w->r.loop,
                                      .address = "127.0.0.1",
                                      .handler = handle,
                                      .body_limit = limit,
                                      .context = w};
    CHECK_OK(lia_http_open(&w->server, &options, &why));
    snprintf(dir, sizeof dir, "%s/hooks", w->r.dir);
    const lia_hooks_options how = {.loop = &w->r.loop,
                                   .node = w->r.nodes[1],
                                   .dir = dir,
                                   .to_private = true,
                                   .retry_base_ms = 20,
                                   .give_up_ms = give_up_ms};
    CHECK_OK(lia_hooks_open(&w->hooks, &how, &why));
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", lia_http_port(w->server));
    Hooks__Webhook hook = HOOKS__WEBHOOK__INIT;
    hook.name = "out";
    hook.url = url;
    hook.kind = "customers";
    w->hook = rig_create(&w->r, 1, LIA_WEBHOOK, &hook);
    lia_hook_status status;
    RIG_UNTIL(&w->r, lia_hooks_status(w->hooks, w->hook, &status) && status.active);
}

static void end(receiver *w)
{
    bool closed = false;
    lia_hooks_close(w->hooks, rig_noted, &closed);
    RIG_UNTIL(&w->r, closed);
    closed = false;
    lia_http_close(w->server, 0, rig_noted, &closed);
    RIG_UNTIL(&w->r, closed);
    rig_end(&w->r);
}

static bool has_taken(const receiver *w, const char *name)
{
    char text[80];
    snprintf(text, sizeof text, "\"name\":\"%s\"", name);
    return strstr(w->taken, text) != NULL;
}

/* How many of the last attempts ended so. */
static size_t outcomes(receiver *w, lia_hook_outcome outcome, unsigned status)
{
    static lia_attempt attempts[500];
    size_t count, found = 0;
    CHECK_OK(lia_hooks_attempts(w->hooks, w->hook, 0, LIA_COUNT(attempts), attempts, &count));
    for (size_t i = 0; i < count; i++)
        found += attempts[i].outcome == outcome && attempts[i].status == status;
    return found;
}

static uint64_t skipped(receiver *w)
{
    lia_hooks_stats stats;
    lia_hooks_get_stats(w->hooks, &stats);
    return stats.skipped;
}

TEST(an_event_that_is_refused_for_ever_is_passed_once_another_is_taken_and_can_be_told_again)
{
    receiver w;
    begin(&w, 0, 400);
    w.status = 422;
    w.to = "poison";
    rig_customer(&w.r, 1, "before");
    rig_customer(&w.r, 1, "poison");
    RIG_UNTIL(&w.r, w.refused >= 3); /* it is tried again */
    rig_customer(&w.r, 1, "behind");
    rig_customer(&w.r, 1, "last");
    RIG_UNTIL(&w.r, has_taken(&w, "last"));
    CHECK(has_taken(&w, "before") && has_taken(&w, "behind") && !has_taken(&w, "poison"));
    CHECK(strstr(w.taken, "behind") < strstr(w.taken, "last"));
    RIG_UNTIL(&w.r, outcomes(&w, LIA_SKIPPED, 422) == 1);
    RIG_UNTIL(&w.r, skipped(&w) == 1);
    lia_hook_status status;
    CHECK(lia_hooks_status(w.hooks, w.hook, &status) && status.active);

    w.to = NOBODY; /* mended */
    CHECK_OK(lia_hooks_replay(w.hooks, w.hook, 1, lia_node_visible(w.r.nodes[1])));
    RIG_UNTIL(&w.r, has_taken(&w, "poison"));
    end(&w);
}

/* Nothing else comes: it waits, and is not passed on a guess. */
TEST(an_event_that_is_refused_is_not_passed_while_nothing_else_is_taken)
{
    receiver w;
    begin(&w, 0, 100);
    w.status = 400;
    w.to = "poison";
    rig_customer(&w.r, 1, "poison");
    uint64_t began = lia_time_ticks_ns();
    RIG_UNTIL(&w.r, w.refused >= 2 && lia_time_ticks_ns() - began > UINT64_C(600000000));
    CHECK_EQ(skipped(&w), 0);
    lia_hook_status status;
    CHECK(lia_hooks_status(w.hooks, w.hook, &status) && status.active);
    CHECK(status.state.cursor < lia_node_visible(w.r.nodes[1]));
    w.to = NOBODY;
    rig_customer(&w.r, 1, "next"); /* it is taken, and only that */
    RIG_UNTIL(&w.r, skipped(&w) == 1);
    CHECK(has_taken(&w, "next"));
    end(&w);
}

static lia_id make_user(receiver *w, const char *name, bool administrator)
{
    Access__Role role = ACCESS__ROLE__INIT;
    Access__Grant grant = ACCESS__GRANT__INIT, *grants[] = {&grant};
    Crm__User user = CRM__USER__INIT;
    grant.kind = "*";
    LIA_SET(&grant, read, ACCESS__SCOPE__SCOPE_ALL);
    role.name = name;
    role.grants = grants;
    role.n_grants = 1;
    LIA_SET(&role, administrator, administrator);
    lia_id id = rig_create(&w->r, 1, LIA_ROLE, &role);
    ProtobufCBinaryData roles[] = {{LIA_ID_SIZE, id.bytes}};
    user.name = name;
    user.roles = roles;
    user.n_roles = 1;
    return rig_create(&w->r, 1, LIA_USER, &user);
}

static bool is_stopped(receiver *w)
{
    const Hooks__Webhook *hook = crm_read(&w->r, 1, LIA_WEBHOOK, w->hook);
    return hook && !hook->enabled && hook->stopped;
}

/* How many were told that it was stopped; *user is one of them. */
static size_t were_told(receiver *w, lia_id *user)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    lia_record_key read;
    lia_id notices[16];
    size_t count = 0, told = 0;
    lia_key prefix = lia_key_kind(LIA_NOTICE);
    CHECK_OK(lia_node_read(w->r.nodes[1], &rows));
    CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
    while (count < 16 && lia_scan_next(scan, &key, &value))
        if (lia_record_key_read(key, &read) && read.tag == LIA_TAG_STATE)
            notices[count++] = read.id;
    lia_scan_close(scan);
    lia_node_read_end(w->r.nodes[1], &rows);
    for (size_t i = 0; i < count; i++) {
        const Collab__Notice *notice = crm_read(&w->r, 1, LIA_NOTICE, notices[i]);
        if (!notice || !strstr(notice->text, "'out' was stopped")) continue;
        *user = lia_id_in(notice->owner);
        told++;
    }
    return told;
}

/* They, and nobody else. */
static bool was_told(receiver *w, lia_id user)
{
    lia_id told;
    return were_told(w, &told) == 1 && lia_id_equal(told, user);
}

TEST(a_receiver_that_refuses_everything_is_left_alone_and_nothing_is_lost)
{
    receiver w;
    begin(&w, 0, 300);
    make_user(&w, "Ben", false);
    lia_id ada = make_user(&w, "Ada", true);
    w.status = 401;
    w.to = NULL;
    for (int i = 0; i < 5; i++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", i);
        rig_customer(&w.r, 1, name);
    }
    RIG_UNTIL(&w.r, is_stopped(&w));
    RIG_UNTIL(&w.r, was_told(&w, ada)); /* nobody's webhook: the administrators are told */
    CHECK_EQ(skipped(&w), 0);
    size_t refused = w.refused;
    rig_customer(&w.r, 1, "meanwhile");
    CHECK_EQ(w.refused, refused);

    w.to = NOBODY;
    change_hook(&w, true);
    RIG_UNTIL(&w.r, has_taken(&w, "meanwhile"));
    const char *at = w.taken;
    for (int i = 0; i < 5; i++) { /* each of them, in order, from the first that was refused on */
        char name[16];
        snprintf(name, sizeof name, "\"name\":\"c%d\"", i);
        CHECK((at = strstr(at, name)) != NULL);
    }
    end(&w);
}

TEST(the_owner_is_told_when_their_webhook_stops)
{
    receiver w;
    begin(&w, 0, 200);
    make_user(&w, "Ada", true);
    lia_id ben = make_user(&w, "Ben", false);
    Hooks__Webhook hook = HOOKS__WEBHOOK__INIT;
    uint32_t mask[] = {7};
    LIA_SET_ID(&hook, owner, &ben);
    crm_change(&w.r, 1, LIA_WEBHOOK, w.hook, &hook, mask, 1);
    w.status = 410;
    w.to = NULL;
    rig_customer(&w.r, 1, "gone");
    RIG_UNTIL(&w.r, is_stopped(&w));
    RIG_UNTIL(&w.r, was_told(&w, ben));
    end(&w);
}

static bool has_dropped(receiver *w, uint64_t up_to)
{
    lia_rows rows;
    uint64_t gap;
    CHECK_OK(lia_node_read(w->r.nodes[1], &rows));
    CHECK_OK(lia_log_gap(rows.log, &gap));
    lia_node_read_end(w->r.nodes[1], &rows);
    return gap >= up_to;
}

TEST(a_receiver_that_was_away_until_events_had_left_the_log_is_told_of_the_gap)
{
    receiver w;
    begin(&w, 1, 0);
    w.status = 503;
    w.to = NULL;
    for (int i = 0; i < 8; i++) rig_customer(&w.r, 1, "lost");
    uint64_t lost = lia_node_visible(w.r.nodes[1]) - 1;
    RIG_UNTIL(&w.r, has_dropped(&w, lost - 2));
    w.to = NOBODY;
    rig_customer(&w.r, 1, "found");
    RIG_UNTIL(&w.r, has_taken(&w, "found") || strstr(w.taken, "liaison.stream.gap"));
    RIG_UNTIL(&w.r, has_taken(&w, "found"));
    const char *gap = strstr(w.taken, "liaison.stream.gap");
    CHECK(gap != NULL && gap < strstr(w.taken, "\"name\":\"found\""));
    CHECK(strstr(gap, "\"first\":\"") != NULL);
    end(&w);
}

/* ---- rules that call one -----------------------------------------------------------------------
 */

TEST(a_call_goes_to_the_webhook_that_it_names_and_to_no_other)
{
    receiver w;
    lia_id customer;
    begin(&w, 0, 0);
    Hooks__Webhook all = HOOKS__WEBHOOK__INIT; /* wants everything there is */
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/all", lia_http_port(w.server));
    all.name = "all";
    all.url = url;
    lia_id other = rig_create(&w.r, 1, LIA_WEBHOOK, &all);
    customer = rig_customer(&w.r, 1, "Mei");
    RIG_UNTIL(&w.r, has_taken(&w, "Mei"));

    Automation__Step step = AUTOMATION__STEP__INIT, *steps[] = {&step};
    Automation__Plan plan = AUTOMATION__PLAN__INIT;
    Automation__Flow flow = AUTOMATION__FLOW__INIT;
    char to[LIA_ID_TEXT_SIZE];
    lia_id_print(w.hook, to);
    step.name = "call";
    LIA_SET(&step, action, AUTOMATION__ACTION__ACTION_WEBHOOK);
    step.to = to;
    step.subject = "Hello";
    step.text = "Call {{name}}";
    plan.steps = steps;
    plan.n_steps = 1;
    flow.name = "Caller";
    LIA_SET(&flow, enabled, true);
    LIA_SET(&flow, department, (Liaison__Department)LIA_SALES);
    flow.kind = "customer";
    flow.plan = &plan;
    lia_id id = rig_create(&w.r, 1, LIA_FLOW, &flow);
    Automation__StartFlow start = AUTOMATION__START_FLOW__INIT;
    LIA_SET_ID(&start, flow, &id);
    LIA_SET_ID(&start, record, &customer);
    lia_id run = crm_do(&w.r, 1, LIA_RUN, "", LIA_ID_NONE, &start);
    RIG_UNTIL(&w.r, strstr(w.taken, "liaison.sales.webhook.called"));
    CHECK(strstr(w.taken, "Call Mei") && strstr(w.taken, "\"from\":\"Caller\""));
    rig_customer(&w.r, 1, "behind"); /* comes to both, behind the call */
    lia_hook_status status;
    uint64_t visible = lia_node_visible(w.r.nodes[1]);
    RIG_UNTIL(&w.r, lia_hooks_status(w.hooks, other, &status) && status.state.cursor >= visible);
    RIG_UNTIL(&w.r, lia_hooks_status(w.hooks, w.hook, &status) && status.state.cursor >= visible);
    const char *first = strstr(w.taken, "webhook.called");
    CHECK(strstr(first + 20, "liaison.sales.webhook.called") == NULL);
    const Automation__Run *done = crm_read(&w.r, 1, LIA_RUN, run);
    CHECK_EQ(done->state, AUTOMATION__RUN_STATE__RUN_STATE_DONE);

    /* One that is off, or is none, fails the step. */
    change_hook(&w, false);
    run = crm_do(&w.r, 1, LIA_RUN, "", LIA_ID_NONE, &start);
    RIG_UNTIL(&w.r, (done = crm_read(&w.r, 1, LIA_RUN, run)) &&
                        done->state == AUTOMATION__RUN_STATE__RUN_STATE_FAILED);
    CHECK(strstr(done->reason, "not enabled") != NULL);
    end(&w);
}
