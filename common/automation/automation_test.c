/* SPDX-License-Identifier: Apache-2.0 */
/* Whole nodes with automation: who does what, when, and how often. */
#include "common/automation/automation_rig.h"

static const lia_id welcome = {{1}}, mei = {{2}};

#define NAMED(name) "{\"name\":\"" name "\",\"enabled\":true,\"department\":\"sales\","
#define TASK(step, title)                                                                          \
    "{\"name\":\"" step "\",\"action\":\"create\",\"kind\":\"task\",\"values\":[{\"field\":"       \
    "\"title\",\"value\":\"" title "\"}]}"
#define PLAN(steps) "\"plan\":{\"steps\":[" steps "]}}"

/* How many tasks have this title. */
static size_t tasks(rig *r, size_t number, const char *title)
{
    lia_id ids[512];
    size_t count = auto_list(r, number, LIA_TASK, ids, LIA_COUNT(ids)), found = 0;
    for (size_t i = 0; i < count && i < LIA_COUNT(ids); i++) {
        const Crm__Task *task = auto_read(r, number, LIA_TASK, ids[i]);
        found += task && task->title && strcmp(task->title, title) == 0;
    }
    return found;
}

static lia_id customer(rig *r, size_t number, const char *name)
{
    char json[128];
    snprintf(json, sizeof json, "{\"name\":\"%s\"}", name);
    return auto_create(r, number, LIA_CUSTOMER, LIA_ID_NONE, json);
}

/* ---- several nodes ----------------------------------------------------------------------------
 */

#define GREET                                                                                      \
    NAMED("Greet")                                                                                 \
    "\"trigger\":\"change\",\"change\":\"created\",\"kind\":\"customer\"," PLAN(                   \
        TASK("greet", "greet {{name}}"))

/* Made at any node, a customer is greeted once, by one node of sales. */
TEST(one_node_of_the_department_runs_a_rule_wherever_it_was_set_off)
{
    rig r = {0};
    auto_make(&r, 3);
    for (size_t i = 1; i <= 3; i++) auto_open(&r, i, 0);
    auto_create(&r, 3, LIA_RULE, welcome, GREET);
    RIG_UNTIL(&r, auto_count(&r, 1, LIA_RULE) && auto_count(&r, 2, LIA_RULE));
    for (size_t i = 0; i < 12; i++) customer(&r, 1 + i % 3, "x");
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) == 12 && auto_runs(&r, 2, RUN(DONE)) == 12 &&
                      auto_runs(&r, 3, RUN(DONE)) == 12);
    CHECK_EQ(auto_count(&r, 3, LIA_TASK), 12);
    /* Where it happened, or spread: each of the two has done some. */
    lia_id ids[12];
    size_t by[4] = {0};
    auto_list(&r, 1, LIA_RUN, ids, 12);
    for (size_t i = 0; i < 12; i++)
        by[((Automation__Run *)auto_read(&r, 1, LIA_RUN, ids[i]))->node]++;
    CHECK(by[1] >= 4 && by[2] >= 4);
    CHECK_EQ(by[3], 0);
    /* What the others kept in case nobody did it goes without doing anything. */
    for (size_t i = 1; i <= 2; i++) {
        lia_node_stats stats;
        RIG_UNTIL(&r, (lia_node_get_stats(r.nodes[i], &stats), stats.jobs_waiting == 0));
    }
    CHECK_EQ(auto_count(&r, 1, LIA_TASK), 12);
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 12);
    rig_end(&r);
}

/* While one node of sales is away the other does all; back again, it does nothing a second time. */
TEST(a_node_that_is_away_is_stood_in_for)
{
    rig r = {0};
    auto_make(&r, 3);
    for (size_t i = 1; i <= 3; i++) auto_open(&r, i, 0);
    auto_create(&r, 3, LIA_RULE, welcome, GREET);
    RIG_UNTIL(&r, auto_count(&r, 1, LIA_RULE) && auto_count(&r, 2, LIA_RULE));
    rig_stop(&r, 2);
    for (size_t i = 0; i < 8; i++) customer(&r, 3, "x");
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) == 8);
    auto_open(&r, 2, 0);
    RIG_UNTIL(&r, auto_runs(&r, 2, RUN(DONE)) == 8);
    lia_node_stats stats;
    RIG_UNTIL(&r, (lia_node_get_stats(r.nodes[2], &stats), stats.jobs_waiting == 0));
    CHECK_EQ(auto_count(&r, 1, LIA_TASK), 8);
    CHECK_EQ(auto_count(&r, 2, LIA_TASK), 8);
    CHECK_EQ(auto_count(&r, 2, LIA_RUN), 8);
    rig_end(&r);
}

#define SLOW                                                                                       \
    NAMED("Slow")                                                                                  \
    "\"kind\":\"customer\"," PLAN(                                                                 \
        TASK("first", "first") ",{\"name\":\"wait\",\"action\":\"wait\",\"period\":\"1s\"}," TASK( \
            "last", "last"))

/* The node that waits dies; the other goes on from where the run stood. */
TEST(a_run_under_way_is_taken_over)
{
    rig r = {0};
    auto_make(&r, 2);
    for (size_t i = 1; i <= 2; i++) auto_open(&r, i, 0);
    auto_create(&r, 1, LIA_FLOW, welcome, SLOW);
    auto_create(&r, 1, LIA_CUSTOMER, mei, "{\"name\":\"Mei\"}");
    lia_id run = auto_verb(&r, 1, LIA_RUN, "", welcome, mei, LIA_ID_NONE);
    RIG_UNTIL(&r, auto_runs(&r, 2, RUN(WAITING)) == 1);
    rig_stop(&r, 1);
    RIG_UNTIL(&r, auto_runs(&r, 2, RUN(DONE)) == 1);
    const Automation__Run *done = auto_read(&r, 2, LIA_RUN, run);
    CHECK_EQ(done->n_steps, 3);
    CHECK_EQ(done->node, 2);
    auto_open(&r, 1, 0);
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) == 1);
    lia_node_stats stats;
    RIG_UNTIL(&r, (lia_node_get_stats(r.nodes[1], &stats), stats.jobs_waiting == 0));
    CHECK_EQ(tasks(&r, 1, "first"), 1);
    CHECK_EQ(tasks(&r, 1, "last"), 1);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    rig_end(&r);
}

/* A node with an empty disk fetches all that ever happened, and does none of it again. */
TEST(a_newcomer_does_nothing_that_happened_before_it)
{
    rig r = {0};
    auto_make(&r, 3);
    auto_open(&r, 3, 0);
    auto_create(&r, 3, LIA_RULE, welcome, GREET);
    for (size_t i = 0; i < 8; i++) customer(&r, 3, "before");
    auto_open(&r, 1, 0);
    RIG_UNTIL(&r, auto_count(&r, 1, LIA_CUSTOMER) == 8);
    customer(&r, 3, "after");
    RIG_UNTIL(&r, tasks(&r, 1, "greet after") == 1);
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 1);
    rig_end(&r);
}

/* ---- time -------------------------------------------------------------------------------------
 */

static void put_time(char text[LIA_TIME_TEXT_SIZE], int64_t ahead_ms)
{
    lia_time_print((lia_time){lia_time_now().ms + ahead_ms}, text);
}

/* Each record at its moment, once; not those whose moment was past when the rule came, nor those
 * that the condition leaves out. A restart in between changes nothing. */
TEST(a_moment_sets_a_rule_off_once)
{
    rig r = {0};
    char due[LIA_TIME_TEXT_SIZE], json[600];
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    static const int64_t ahead_ms[] = {-60000, -500, 700, 700, 1200, 1500, 3600000};
    for (size_t i = 0; i < LIA_COUNT(ahead_ms); i++) {
        put_time(due, ahead_ms[i]);
        snprintf(json, sizeof json, "{\"title\":\"%s\",\"due_at\":\"%s\"}",
                 i == 5 ? "leave" : "call", due);
        auto_create(&r, 1, LIA_TASK, LIA_ID_NONE, json);
    }
    auto_create(&r, 1, LIA_RULE, welcome,
                NAMED("Remind") "\"trigger\":\"moment\",\"field\":\"due_at\",\"kind\":\"task\","
                                "\"condition\":\"title = call\"," PLAN(
                                    "{\"name\":\"mark\",\"action\":\"set\",\"values\":[{\"field\":"
                                    "\"text\",\"value\":\"{{text}}!\"}]}"));
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) >= 2);
    rig_stop(&r, 1);
    auto_open(&r, 1, 0);
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) >= 3);
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 3);
    lia_id ids[8];
    size_t count = auto_list(&r, 1, LIA_TASK, ids, 8), marked = 0;
    for (size_t i = 0; i < count; i++) {
        const Crm__Task *task = auto_read(&r, 1, LIA_TASK, ids[i]);
        CHECK(!task->text || strcmp(task->text, "!") == 0);
        marked += task->text != NULL;
    }
    CHECK_EQ(marked, 3);
    rig_end(&r);
}

/* So long after records were made, whose ids tell when; not for those whose id was given. */
TEST(a_moment_counts_from_the_making_too)
{
    rig r = {0};
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    auto_create(&r, 1, LIA_PRODUCT, mei, "{\"name\":\"p\"}");
    for (size_t i = 0; i < 20; i++)
        auto_create(&r, 1, LIA_PRODUCT, LIA_ID_NONE, "{\"name\":\"p\"}");
    auto_create(&r, 1, LIA_RULE, welcome,
                NAMED("Follow") "\"trigger\":\"moment\",\"field\":\"created_at\",\"after\":\"2s\","
                                "\"kind\":\"product\"," PLAN(TASK("follow", "follow")));
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 0);
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) == 20);
    CHECK_EQ(tasks(&r, 1, "follow"), 20);
    rig_end(&r);
}

/* A schedule's round is for all records that the condition holds for, and comes once. */
TEST(a_schedule_goes_through_all_records_once_a_round)
{
    rig r = {0};
    char first[LIA_TIME_TEXT_SIZE], json[600];
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    for (size_t i = 0; i < 300; i++)
        auto_create(&r, 1, LIA_PRODUCT, LIA_ID_NONE,
                    i % 3 ? "{\"name\":\"a\"}" : "{\"name\":\"b\"}");
    put_time(first, 500);
    snprintf(json, sizeof json,
             NAMED("Round") "\"trigger\":\"schedule\",\"every\":\"1h\",\"first_at\":\"%s\","
                            "\"kind\":\"product\","
                            "\"condition\":\"name = b\"," PLAN(
                                "{\"name\":\"mark\",\"action\":\"set\",\"values\":[{\"field\":"
                                "\"category\",\"value\":\"{{category}}x\"}]}"),
             first);
    auto_create(&r, 1, LIA_RULE, welcome, json);
    RIG_UNTIL(&r, auto_count(&r, 1, LIA_RUN) >= 100 && auto_runs(&r, 1, RUN(DONE)) == 100);
    lia_id ids[300];
    size_t marked = 0;
    CHECK_EQ(auto_list(&r, 1, LIA_PRODUCT, ids, 300), 300);
    for (size_t i = 0; i < 300; i++) {
        const Crm__Product *product = auto_read(&r, 1, LIA_PRODUCT, ids[i]);
        if (!product->category) continue;
        CHECK_TEXT(product->category, "x");
        marked++;
    }
    CHECK_EQ(marked, 100);
    rig_end(&r);
}

/* ---- who gets it ------------------------------------------------------------------------------
 */

static lia_id people[3] = {{{11}}, {{12}}, {{13}}};

static void hire(rig *r)
{
    for (size_t i = 0; i < 3; i++)
        auto_create(r, 1, LIA_USER, people[i], i ? "{\"name\":\"Bo\"}" : "{\"name\":\"Ana\"}");
}

static const char *among(void)
{
    static char text[200];
    char ids[3][LIA_ID_TEXT_SIZE];
    for (size_t i = 0; i < 3; i++) lia_id_print(people[i], ids[i]);
    snprintf(text, sizeof text, "\"users\":[\"%s\",\"%s\",\"%s\"]", ids[0], ids[1], ids[2]);
    return text;
}

/* Makes tasks with this title and counts whose they became, in order. */
static void deal_out(rig *r, const char *title, size_t count, size_t *owners)
{
    char json[128];
    snprintf(json, sizeof json, "{\"title\":\"%s\"}", title);
    for (size_t i = 0; i < count; i++) {
        lia_id id = auto_create(r, 1, LIA_TASK, LIA_ID_NONE, json);
        const Crm__Task *task = auto_read(r, 1, LIA_TASK, id);
        owners[i] = 9;
        for (size_t p = 0; p < 3 && task->has_owner; p++)
            if (lia_id_equal(lia_id_in(task->owner), people[p])) owners[i] = p;
    }
}

TEST(turns_go_round_evenly_also_when_somebody_leaves)
{
    rig r = {0};
    char json[800];
    size_t owners[30], had[3] = {0};
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    hire(&r);
    snprintf(json, sizeof json,
             NAMED("Turns") "\"trigger\":\"change\",\"change\":\"created\",\"kind\":\"task\"," PLAN(
                 "{\"name\":\"turn\",\"action\":\"assign\",\"field\":\"owner\",%s}"),
             among());
    auto_create(&r, 1, LIA_RULE, welcome, json);
    deal_out(&r, "t", 30, owners);
    for (size_t i = 0; i < 30; i++) {
        CHECK_EQ(owners[i], i % 3);
        had[owners[i]]++;
    }
    CHECK(had[0] == 10 && had[1] == 10 && had[2] == 10);
    rig_stop(&r, 1);
    auto_open(&r, 1, 0); /* whose turn it is is no memory of the process */
    deal_out(&r, "t", 1, owners);
    CHECK_EQ(owners[0], 0);
    lia_command archive = {
        .type = LIA_COMMAND_ARCHIVE, .kind = lia_kind_find(LIA_USER), .id = people[0]};
    CHECK_OK(rig_do(&r, 1, &archive));
    deal_out(&r, "t", 4, owners);
    CHECK(owners[0] == 1 && owners[1] == 2 && owners[2] == 1 && owners[3] == 2);
    rig_end(&r);
}

TEST(the_least_loaded_gets_it_and_of_equals_the_first)
{
    rig r = {0};
    char json[800], id[LIA_ID_TEXT_SIZE];
    size_t owners[4];
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    hire(&r);
    /* Ana has two open ones, the second one open and one done, the third nothing. */
    static const struct {
        size_t who;
        const char *state;
    } there[] = {{0, "open"}, {0, "open"}, {1, "open"}, {1, "done"}};
    for (size_t i = 0; i < LIA_COUNT(there); i++) {
        lia_id_print(people[there[i].who], id);
        snprintf(json, sizeof json, "{\"title\":\"old\",\"state\":\"%s\",\"owner\":\"%s\"}",
                 there[i].state, id);
        auto_create(&r, 1, LIA_TASK, LIA_ID_NONE, json);
    }
    snprintf(json, sizeof json,
             NAMED("Load") "\"trigger\":\"change\",\"change\":\"created\",\"kind\":\"task\","
                           "\"condition\":\"title = new\"," PLAN(
                               "{\"name\":\"least\",\"action\":\"assign\",\"field\":\"owner\","
                               "\"method\":\"least_loaded\","
                               "\"load\":\"NOT state = done\",%s}"),
             among());
    auto_create(&r, 1, LIA_RULE, welcome, json);
    deal_out(&r, "new", 4, owners);
    CHECK_EQ(owners[0], 2); /* 2 1 0 -> 2 1 1 */
    CHECK_EQ(owners[1], 1); /* of equals the first -> 2 2 1 */
    CHECK_EQ(owners[2], 2); /* 2 2 2 */
    CHECK_EQ(owners[3], 0);
    rig_end(&r);
}

TEST(a_territory_takes_what_its_condition_holds_for_and_nobody_the_rest)
{
    rig r = {0};
    char json[900], ids[3][LIA_ID_TEXT_SIZE];
    size_t owners[1];
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    hire(&r);
    for (size_t i = 0; i < 3; i++) lia_id_print(people[i], ids[i]);
    snprintf(json, sizeof json,
             NAMED("Land") "\"trigger\":\"change\",\"change\":\"created\",\"kind\":\"task\"," PLAN(
                 "{\"name\":\"land\",\"action\":\"assign\",\"field\":\"owner\",\"method\":"
                 "\"territory\",\"territories\":["
                 "{\"name\":\"z\",\"condition\":\"title:north\",\"user\":\"%s\"},"
                 "{\"name\":\"a\",\"condition\":\"title:or\",\"user\":\"%s\"}]}"),
             ids[2], ids[1]);
    auto_create(&r, 1, LIA_RULE, welcome, json);
    deal_out(&r, "north", 1, owners);
    CHECK_EQ(owners[0], 2);
    deal_out(&r, "corner", 1, owners);
    CHECK_EQ(owners[0], 1);
    deal_out(&r, "south", 1, owners);
    CHECK_EQ(owners[0], 9);
    CHECK_EQ(auto_runs(&r, 1, RUN(FAILED)), 1);
    rig_end(&r);
}

/* ---- channels, erasure ------------------------------------------------------------------------
 */

TEST(a_parcel_is_queued_once_and_a_refusal_fails_the_step)
{
    rig r = {0};
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    auto_create(&r, 1, LIA_FLOW, welcome,
                NAMED("Post") "\"kind\":\"customer\"," PLAN(
                    "{\"name\":\"mail\",\"action\":\"mail\",\"to\":\"{{name}}\",\"subject\":\"to "
                    "{{name}}\",\"text\":\"x\"}"));
    auto_create(&r, 1, LIA_CUSTOMER, mei, "{\"name\":\"mei\"}");
    lia_id other = customer(&r, 1, "nobody");
    lia_id sent = auto_verb(&r, 1, LIA_RUN, "", welcome, mei, LIA_ID_NONE);
    lia_id failed = auto_verb(&r, 1, LIA_RUN, "", welcome, other, LIA_ID_NONE);
    const Automation__Run *run = auto_read(&r, 1, LIA_RUN, sent);
    CHECK_EQ(run->state, RUN(DONE));
    CHECK_EQ(run->steps[0]->outcome, AUTOMATION__STEP_OUTCOME__STEP_OUTCOME_QUEUED);
    CHECK_EQ(tasks(&r, 1, "to mei"), 1);
    run = auto_read(&r, 1, LIA_RUN, failed);
    CHECK_EQ(run->state, RUN(FAILED));
    CHECK_TEXT(run->reason, "mail: mail: 'nobody' is no address");
    auto_change(&r, 1, LIA_CUSTOMER, other, "{\"name\":\"bo\"}");
    auto_verb(&r, 1, LIA_RUN, "retry", failed, LIA_ID_NONE, LIA_ID_NONE);
    run = auto_read(&r, 1, LIA_RUN, failed);
    CHECK_EQ(run->state, RUN(DONE));
    CHECK_EQ(run->n_steps, 2);
    CHECK_EQ(tasks(&r, 1, "to bo"), 1);
    rig_end(&r);
}

/* Before the change: values that a set had, and values that were never there. */
TEST(a_rule_sees_what_the_record_was)
{
    rig r = {0};
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    auto_create(
        &r, 1, LIA_RULE, welcome,
        NAMED("Lost") "\"trigger\":\"change\",\"kind\":\"customer\",\"before\":\"tags:vip AND "
                      "country = SG\","
                      "\"condition\":\"NOT tags:vip\"," PLAN(TASK("lost", "lost {{name}}")));
    auto_create(&r, 1, LIA_CUSTOMER, mei,
                "{\"name\":\"mei\",\"country\":\"SG\",\"tags\":[\"vip\",\"new\"]}");
    auto_change(&r, 1, LIA_CUSTOMER, mei, "{\"tags\":[\"vip\"]}");
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 0);
    auto_change(&r, 1, LIA_CUSTOMER, mei, "{\"tags\":[],\"country\":\"DE\"}");
    CHECK_EQ(tasks(&r, 1, "lost mei"), 1);
    auto_change(&r, 1, LIA_CUSTOMER, mei, "{\"country\":\"SG\"}");
    auto_change(&r, 1, LIA_CUSTOMER, mei, "{\"country\":\"DE\"}");
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 1);
    rig_end(&r);
}
