/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes go and come in an order that a seed gives, also such that two of a department do the same
 * while neither knows of the other. In the end every step of every run was done once. */
#include <stdio.h>
#include <stdlib.h>

#include "common/automation/automation_rig.h"

enum { NODES = 3, STEPS = 30, CUSTOMERS_MAX = 24, TITLES = 4 };

static const lia_id greet = {{1}}, follow = {{2}};

#define NAMED(name) "{\"name\":\"" name "\",\"enabled\":true,\"department\":\"sales\","
#define TASK(step)                                                                                 \
    "{\"name\":\"" step "\",\"action\":\"create\",\"kind\":\"task\",\"values\":[{\"field\":"       \
    "\"title\",\"value\":\"" step " {{name}}\"}]}"

static const char *const flow = NAMED("Follow") "\"kind\":\"customer\",\"plan\":{\"steps\":[" TASK(
    "first") ",{\"name\":\"wait\",\"action\":\"wait\",\"period\":\"1s\"},"
             "{\"name\":\"mail\",\"action\":\"mail\",\"to\":\"{{name}}\",\"subject\":\"mail "
             "{{name}}\",\"text\":\"x\"}," TASK("last") "]}}";

static const char *const titles[TITLES] = {"greet", "first", "mail", "last"};

typedef struct office {
    rig r;
    lia_dice dice;
    size_t customers;
} office;

static size_t roll(office *o, size_t below)
{
    return (size_t)lia_dice_below(&o->dice, below);
}

static void open_all(office *o)
{
    for (size_t n = 1; n <= NODES; n++)
        if (!o->r.nodes[n]) auto_open(&o->r, n, 0);
}

static void start(office *o, uint64_t seed)
{
    char rule[1000], id[LIA_ID_TEXT_SIZE];
    *o = (office){.dice = {seed}};
    auto_make(&o->r, NODES);
    open_all(o);
    lia_id_print(follow, id);
    snprintf(
        rule, sizeof rule,
        NAMED("Greet") "\"trigger\":\"change\",\"change\":\"created\",\"kind\":\"customer\","
                       "\"plan\":{\"steps\":[" TASK(
                           "greet") ",{\"name\":\"go\",\"action\":\"start\",\"flow\":\"%s\"}]}}",
        id);
    auto_create(&o->r, 1, LIA_FLOW, follow, flow);
    auto_create(&o->r, 1, LIA_RULE, greet, rule);
    for (size_t n = 1; n <= NODES; n++)
        RIG_UNTIL(&o->r, auto_count(&o->r, n, LIA_RULE) && auto_count(&o->r, n, LIA_FLOW));
}

static void make_customer(office *o, size_t at)
{
    char json[64];
    if (o->customers == CUSTOMERS_MAX) return;
    snprintf(json, sizeof json, "{\"name\":\"c%zu\"}", o->customers++);
    auto_create(&o->r, at, LIA_CUSTOMER, LIA_ID_NONE, json);
}

/* Long enough for others to take over, or not. */
static void let_time_pass(office *o)
{
    uint64_t end = lia_time_ticks_ns() + (1 + roll(o, 500)) * UINT64_C(1000000);
    RIG_UNTIL(&o->r, lia_time_ticks_ns() >= end);
}

static void step(office *o)
{
    size_t n = 1 + roll(o, NODES);
    switch (roll(o, 4)) {
    case 0:
        if (o->r.nodes[n])
            rig_stop(&o->r, n);
        else
            auto_open(&o->r, n, 0);
        break;
    case 1:
        let_time_pass(o);
        break;
    default:
        if (o->r.nodes[n]) make_customer(o, n);
    }
}

static bool is_calm(office *o)
{
    for (size_t n = 1; n <= NODES; n++) {
        lia_node_stats stats;
        lia_node_get_stats(o->r.nodes[n], &stats);
        if (stats.jobs_waiting || auto_runs(&o->r, n, RUN(DONE)) != 2 * o->customers ||
            !rig_same_digests(&o->r, 1, n))
            return false;
    }
    return true;
}

/* Which title and customer a task is of; false: of none. */
static bool read_title(const char *title, size_t *which, size_t *customer)
{
    for (*which = 0; *which < TITLES; ++*which) {
        size_t size = strlen(titles[*which]);
        if (strncmp(title, titles[*which], size) != 0 || strncmp(title + size, " c", 2) != 0)
            continue;
        *customer = (size_t)atoi(title + size + 2);
        return true;
    }
    return false;
}

static void check_each_once(office *o, size_t n)
{
    static lia_id ids[CUSTOMERS_MAX * TITLES + 1];
    bool seen[TITLES][CUSTOMERS_MAX] = {{false}};
    size_t count = auto_list(&o->r, n, LIA_TASK, ids, LIA_COUNT(ids)), which, customer;
    CHECK_EQ(count, o->customers * TITLES);
    for (size_t i = 0; i < count; i++) {
        const Crm__Task *task = auto_read(&o->r, n, LIA_TASK, ids[i]);
        CHECK(task && read_title(task->title, &which, &customer));
        CHECK(customer < o->customers && !seen[which][customer]);
        seen[which][customer] = true;
    }
}

static void live(uint64_t seed)
{
    static office o;
    print_message("seed %llu\n", (unsigned long long)seed);
    start(&o, seed);
    for (size_t i = 0; i < STEPS; i++) step(&o);
    open_all(&o);
    make_customer(&o, 1);
    RIG_UNTIL(&o.r, is_calm(&o));
    for (size_t n = 1; n <= NODES; n++) check_each_once(&o, n);
    rig_end(&o.r);
}

/* LIA_SEED=7 for one of them. */
TEST(whoever_goes_and_comes_every_step_is_done_once)
{
    const char *only = getenv("LIA_SEED");
    if (only) {
        live(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= 3; seed++) live(seed);
}
