/* SPDX-License-Identifier: Apache-2.0 */
/* The way that a dry run tells is the one that the run has gone; what could not be known forks, and
 * one of the ways is the one that it went. */
#include "common/automation/automation_rig.h"
#include "common/automation/trial.h"

enum { CUSTOMERS = 10 };

#define FLOW(steps, more)                                                                          \
    "{\"name\":\"Look\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\"," more     \
    "\"plan\":{\"steps\":[" steps "]}}"
#define TASK(name)                                                                                 \
    "{\"name\":\"" name "\",\"action\":\"create\",\"kind\":\"task\",\"values\":[{\"field\":"       \
    "\"title\",\"value\":\"" name "\"}]}"
#define BRANCH(name, condition, to)                                                                \
    "{\"name\":\"" name "\",\"action\":\"branch\",\"condition\":\"" condition "\",\"then\":\"" to  \
    "\"}"
#define STARTS                                                                                     \
    "{\"name\":\"Begin\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\","         \
    "\"trigger\":\"change\",\"change\":\"created\",\"plan\":{\"steps\":[{\"name\":\"go\","         \
    "\"action\":\"start\",\"flow\":\"01000000-0000-0000-0000-000000000000\"}]}}"

static const lia_id flow_id = {{1}};

/* One at a time; the one before is closed. */
static lia_trial *try(rig *r, uint16_t kind, lia_id id)
{
    static lia_trial *trial;
    lia_rows rows;
    lia_why why = {0};
    bool more = true;
    lia_trial_close(trial);
    trial = NULL;
    if (!r) return NULL;
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    lia_err err = lia_trial_open(&trial, &rows, kind, id, lia_node_visible(r->nodes[1]),
                                 lia_time_now(), 1, &why);
    lia_node_read_end(r->nodes[1], &rows);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    while (more) {
        CHECK_OK(lia_node_scan(r->nodes[1], &rows));
        CHECK_OK(lia_trial_slice(trial, &rows, &more));
        lia_node_scan_end(&rows);
    }
    CHECK(!trial->stopped);
    return trial;
}

static void begin(rig *r)
{
    *r = (rig){0};
    auto_make(r, 1);
    auto_open(r, 1, 0);
}

static void finish(rig *r)
{
    (void)try(NULL, 0, LIA_ID_NONE);
    rig_end(r);
}

/* "ask? [answered: high+ ; unanswered: ask!]" */
static void print_way(char *out, size_t size, const lia_way *way)
{
    static const char marks[LIA_WAY_OUTCOMES] = {'.', '+', '-', '~', '?', '!', 'x', 'e', '#'};
    for (const lia_way_step *step = way->first; step; step = step->next) {
        size_t used = strlen(out);
        snprintf(out + used, size - used, "%s%s%c", used && out[used - 1] != ' ' ? " " : "",
                 step->step->name, marks[step->outcome]);
        for (const lia_way *one = step->ways; one; one = one->next) {
            used = strlen(out);
            snprintf(out + used, size - used, " [%s: ", one->when);
            print_way(out, size, one);
            used = strlen(out);
            snprintf(out + used, size - used, "]");
        }
    }
}

static const char *told(const lia_trial *trial, size_t example)
{
    static char text[4000];
    text[0] = 0;
    CHECK(example < trial->example_count && trial->examples[example].way);
    print_way(text, sizeof text, trial->examples[example].way);
    return text;
}

/* ---- what ran -------------------------------------------------------------------------------- */

/* Whether some way through the forks goes by exactly these steps. */
static bool goes_by(const lia_way_step *step, const Automation__Run *run, size_t at)
{
    if (!step) return at == run->n_steps;
    if (at == run->n_steps || strcmp(step->step->name, run->steps[at]->name) != 0) return false;
    bool found = false;
    for (const lia_way *way = step->ways; way && !found; way = way->next)
        found = goes_by(way->first, run, at + 1);
    return found || (!step->ways && goes_by(step->next, run, at + 1));
}

static const Automation__Run *run_about(rig *r, lia_id record)
{
    lia_id runs[4 * CUSTOMERS];
    size_t count = auto_list(r, 1, LIA_RUN, runs, LIA_COUNT(runs));
    for (size_t i = 0; i < count; i++) {
        const Automation__Run *run = auto_read(r, 1, LIA_RUN, runs[i]);
        if (run->has_flow && lia_id_equal(lia_id_in(run->record), record)) return run;
    }
    return NULL;
}

/* Customers of several sorts; some get a note while the run waits for it, some too late. */
TEST(a_run_went_one_of_the_ways_that_its_dry_run_tells)
{
    rig r;
    lia_id ids[CUSTOMERS];
    size_t forks = 0;
    begin(&r);
    auto_create(&r, 1, LIA_FLOW, flow_id,
                FLOW(BRANCH("german", "country = DE", "wait") "," TASK(
                         "foreign") ","
                                    "{\"name\":\"wait\",\"action\":\"wait\",\"until\":\"note:*\","
                                    "\"period\":\"2s\","
                                    "\"otherwise\":\"mark\"}," TASK(
                                        "noted") ","
                                                 "{\"name\":\"mark\",\"action\":\"set\",\"values\":"
                                                 "[{\"field\":\"job_title\",\"value\":"
                                                 "\"{{job_title}}x\"}]},"
                                                 "{\"name\":\"again\",\"action\":\"loop\",\"back\":"
                                                 "\"mark\",\"times\":2,"
                                                 "\"condition\":\"country = FR\"}," BRANCH(
                                                     "marked", "job_title = xxx",
                                                     "end") "," TASK("few") ",{\"name\":\"end\","
                                                                            "\"action\":\"end\"}",
                     ""));
    auto_create(&r, 1, LIA_RULE, LIA_ID_NONE, STARTS);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        char json[100];
        snprintf(json, sizeof json, "{\"name\":\"m\",\"country\":\"%s\"%s}", i % 2 ? "DE" : "FR",
                 i % 5 ? "" : ",\"note\":\"early\"");
        ids[i] = auto_create(&r, 1, LIA_CUSTOMER, LIA_ID_NONE, json);
    }
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(WAITING)) > 0);
    for (size_t i = 0; i < CUSTOMERS; i += 3)
        auto_change(&r, 1, LIA_CUSTOMER, ids[i], "{\"note\":\"now\"}");
    RIG_UNTIL(&r, auto_runs(&r, 1, RUN(DONE)) == 2 * CUSTOMERS);
    auto_change(&r, 1, LIA_CUSTOMER, ids[1], "{\"note\":\"too late\",\"country\":\"AT\"}");

    const lia_trial *trial = try(&r, LIA_FLOW, flow_id);
    CHECK_EQ(trial->runs, CUSTOMERS);
    CHECK_EQ(trial->example_count, CUSTOMERS);
    CHECK_EQ(trial->starter_count, 1);
    CHECK_TEXT(trial->starters[0].name, "Begin");
    for (size_t i = 0; i < CUSTOMERS; i++) {
        const lia_trial_example *example = &trial->examples[i];
        const Automation__Run *run = run_about(&r, example->what.record);
        CHECK(example->way && run);
        if (!goes_by(example->way->first, run, 0)) {
            print_error("told: %s\nwent:", told(trial, i));
            for (size_t s = 0; s < run->n_steps; s++) print_error(" %s", run->steps[s]->name);
            fail();
        }
        forks += strstr(told(trial, i), "marked?") != NULL;
    }
    CHECK_EQ(forks, CUSTOMERS); /* what the run itself writes is not known before */
    CHECK_EQ(trial->reached[0], CUSTOMERS);
    CHECK_EQ(trial->reached[1], CUSTOMERS / 2);
    CHECK_EQ(trial->reached[6], CUSTOMERS);
    CHECK_EQ(trial->maybe[7], CUSTOMERS);
    finish(&r);
}

/* ---- what cannot be known -------------------------------------------------------------------- */

static const char *look(rig *r, const char *flow)
{
    lia_id id = auto_create(r, 1, LIA_FLOW, LIA_ID_NONE, flow);
    const lia_trial *trial = try(r, LIA_FLOW, id);
    CHECK_EQ(trial->starter_count, 0); /* as if it began with the record */
    CHECK_EQ(trial->runs, 1);
    return told(trial, 0);
}

TEST(what_is_not_known_before_it_runs_is_told_both_ways)
{
    static const struct {
        const char *flow, *way;
    } cases[] = {
        {FLOW("{\"name\":\"ask\",\"action\":\"http\",\"url\":\"https://x.example/\",\"takes\":[{"
              "\"name\":\"n\",\"type\":\"whole\"}]}," BRANCH("high", "http.n > 3 AND name = m",
                                                             "b") "," TASK("a") "," TASK("b"),
              ""),
         "ask? [answered: high? [holds: b.] [holds_not: a. b.]] [unanswered: ask!]"},
        {FLOW("{\"name\":\"ask\",\"action\":\"http\",\"url\":\"https://x.example/\",\"otherwise\":"
              "\"b\"}," TASK("a") "," TASK("b"),
              ""),
         "ask? [answered: a. b.] [unanswered: b.]"},
        {FLOW("{\"name\":\"wait\",\"action\":\"wait\",\"period\":\"3d\"}," BRANCH(
                  "still", "country = DE", "b") "," TASK("a") "," TASK("b"),
              ""),
         "wait~ still? [holds: b.] [holds_not: a. b.]"},
        {FLOW("{\"name\":\"wait\",\"action\":\"wait\",\"until\":\"note:*\",\"period\":\"3d\","
              "\"otherwise\":\"b\"}," TASK("a") "," TASK("b"),
              ""),
         "wait? [holds: a. b.] [holds_not: b.]"},
        {FLOW("{\"name\":\"set\",\"action\":\"set\",\"values\":[{\"field\":\"note\",\"value\":"
              "\"x\"}]}," BRANCH("note", "note = x", "c") "," TASK("b") "," BRANCH(
                  "other", "country = DE", "c") "," TASK("no") "," TASK("c"),
              ""),
         "set. note? [holds: c.] [holds_not: b. other+ c.]"},
        {FLOW("{\"name\":\"wait\",\"action\":\"wait\",\"at\":\"{{note}}\"}," TASK("a"), ""),
         "wait!"},
        {FLOW(TASK("a"), "\"exit\":\"country = DE\","), "ae"},
    };
    rig r;
    begin(&r);
    auto_create(&r, 1, LIA_CUSTOMER, LIA_ID_NONE, "{\"name\":\"m\",\"country\":\"DE\"}");
    for (size_t i = 0; i < LIA_COUNT(cases); i++) CHECK_TEXT(look(&r, cases[i].flow), cases[i].way);
    const char *cut = look(
        &r, FLOW(TASK("a") ",{\"name\":\"again\",\"action\":\"loop\",\"back\":\"a\",\"times\":100}",
                 ""));
    CHECK(cut[strlen(cut) - 1] == '#');
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), 0); /* and did nothing */
    CHECK_EQ(auto_count(&r, 1, LIA_TASK), 0);
    finish(&r);
}

#define RULE(steps)                                                                                \
    "{\"name\":\"Begin\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\","         \
    "\"trigger\":\"change\",\"change\":\"created\",\"plan\":{\"steps\":[" steps "]}}"
#define WAIT(period) "{\"name\":\"hold\",\"action\":\"wait\",\"period\":\"" period "\"}"
#define START                                                                                      \
    "{\"name\":\"go\",\"action\":\"start\",\"flow\":\"01000000-0000-0000-0000-000000000000\"}"

/* What the rule does before it starts the flow is told, and the flow's steps come behind it. */
TEST(a_flow_that_a_rule_starts_begins_behind_the_rules_own_steps)
{
    static const struct {
        const char *rule, *way;
        uint32_t reached, maybe; /* of the flow's first step */
    } cases[] = {
        {RULE(START), "a. b+ d.", 1, 0},
        {RULE(WAIT("2d") "," START "," TASK("behind")),
         "hold~ a. b? [holds: d.] [holds_not: c. d.]", 1, 0},
        {RULE("{\"name\":\"say\",\"action\":\"set\",\"values\":[{\"field\":\"country\",\"value\":"
              "\"FR\"}]}," START),
         "say. a. b? [holds: d.] [holds_not: c. d.]", 1, 0},
        {RULE(BRANCH("is", "country = FR", "go") ",{\"name\":\"no\",\"action\":\"end\"}," START),
         "is- nox", 0, 0},
        {RULE("{\"name\":\"ask\",\"action\":\"http\",\"url\":\"https://x/"
              "\",\"otherwise\":\"no\"}," START ",{\"name\":\"no\",\"action\":\"end\"}"),
         "ask? [answered: a. b+ d.] [unanswered: nox]", 0, 1},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        rig r;
        begin(&r);
        auto_create(
            &r, 1, LIA_FLOW, flow_id,
            FLOW(TASK("a") "," BRANCH("b", "country = DE", "d") "," TASK("c") "," TASK("d"), ""));
        auto_create(&r, 1, LIA_CUSTOMER, LIA_ID_NONE, "{\"name\":\"m\",\"country\":\"DE\"}");
        auto_create(&r, 1, LIA_RULE, LIA_ID_NONE, cases[i].rule);
        const lia_trial *trial = try(&r, LIA_FLOW, flow_id);
        CHECK_EQ(trial->starter_count, 1);
        CHECK_TEXT(told(trial, 0), cases[i].way);
        CHECK_EQ(trial->reached[0], cases[i].reached);
        CHECK_EQ(trial->maybe[0], cases[i].maybe);
        const lia_way_step *first = trial->examples[0].way->first;
        CHECK_EQ(first->of_rule, i > 0);
        if (first->outcome == LIA_WAY_WAITS) {
            CHECK_EQ(first->until.ms - first->at.ms, 2 * LIA_DAY_MS);
            CHECK(!first->next->of_rule);
            CHECK_EQ(first->next->at.ms, first->until.ms);
        }
        finish(&r);
    }
}

TEST(forks_within_forks_are_told_up_to_a_bound)
{
    rig r;
    char steps[4000] = "", flow[5000];
    begin(&r);
    auto_create(&r, 1, LIA_CUSTOMER, LIA_ID_NONE, "{\"name\":\"m\"}");
    for (int i = 0; i < 20; i++) {
        size_t used = strlen(steps);
        snprintf(
            steps + used, sizeof steps - used,
            "%s{\"name\":\"h%d\",\"action\":\"http\",\"url\":\"https://x/\",\"otherwise\":\"end\"}",
            i ? "," : "", i);
    }
    snprintf(
        flow, sizeof flow,
        "{\"name\":\"Look\",\"department\":\"sales\",\"kind\":\"customer\",\"plan\":{\"steps\":["
        "%s,{\"name\":\"end\",\"action\":\"end\"}]}}",
        steps);
    const char *way = look(&r, flow);
    CHECK(strstr(way, "h4#") != NULL && strstr(way, "h5") == NULL);
    finish(&r);
}
