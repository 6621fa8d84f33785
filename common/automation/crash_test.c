/* SPDX-License-Identifier: Apache-2.0 */
/* The node is killed before and after every write and flush of a run whose steps are a commit each,
 * and once more while it goes on. Afterwards the run is done, each step once. */
#include <sys/wait.h>

#include "common/automation/automation_rig.h"
#include "common/store/test_disk.h"

static const lia_id flow = {{1}}, mei = {{2}}, start = {{3}};

#define TASK(step)                                                                                 \
    "{\"name\":\"" step "\",\"action\":\"create\",\"kind\":\"task\",\"values\":[{\"field\":"       \
    "\"title\",\"value\":\"" step "\"},{\"field\":\"customer\",\"value\":\"{{id}}\"}]},"

static const char *const steps =
    "{\"name\":\"Welcome\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\","
    "\"plan\":{\"steps\":[" TASK(
        "one") "{\"name\":\"count\",\"action\":\"set\",\"values\":[{\"field\":\"note\",\"value\":"
               "\"{{note}}x\"}]},"
               "{\"name\":\"twice\",\"action\":\"loop\",\"back\":\"one\",\"times\":1},"
               "{\"name\":\"mail\",\"action\":\"mail\",\"to\":\"{{name}}\",\"subject\":\"mail\","
               "\"text\":\"{{note}}\"},"
               "{\"name\":\"wait\",\"action\":\"wait\",\"at\":\"{{now}}\"}," TASK(
                   "two") "{\"name\":\"which\",\"action\":\"branch\",\"condition\":\"note = "
                          "xx\",\"then\":\"end\"}," TASK("never") "{\"name\":\"end\",\"action\":"
                                                                  "\"end\"}]}}";

enum { STEPS = 11, TASKS = 4 };

static void begin_loop(rig *r)
{
    uv_loop_init(&r->loop);
    uv_timer_init(&r->loop, &r->limit);
    uv_timer_init(&r->loop, &r->tick);
    r->limit.data = &r->late;
}

/* What a person asks for, again and again under the same keys, until the run has ended. */
static int live(const char *dir, rig *r)
{
    r->dir = dir;
    begin_loop(r);
    auto_open(r, 1, 1);
    auto_create(r, 1, LIA_FLOW, flow, steps);
    auto_create(r, 1, LIA_CUSTOMER, mei, "{\"name\":\"Mei\"}");
    auto_verb(r, 1, LIA_RUN, "", flow, mei, start);
    RIG_UNTIL(r, auto_runs(r, 1, RUN(DONE)) + auto_runs(r, 1, RUN(FAILED)) >= 1);
    rig_end(r);
    return 0;
}

/* True when the life came to that point and was killed there. */
static bool die_at(rig *r, disk_fault how, uint64_t n)
{
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (n) disk_arm(how, n, false);
        _exit(live(r->dir, r));
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) CHECK_EQ(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void check_done_once(rig *r)
{
    lia_id ids[16];
    begin_loop(r);
    auto_open(r, 1, 1);
    CHECK_EQ(auto_list(r, 1, LIA_RUN, ids, 16), 1);
    const Automation__Run *run = auto_read(r, 1, LIA_RUN, ids[0]);
    CHECK_EQ(run->state, RUN(DONE));
    CHECK_EQ(run->count, STEPS);
    CHECK_EQ(run->n_steps, STEPS);
    for (size_t i = 0; i < STEPS; i++) CHECK_EQ(run->steps[i]->number, i + 1);
    CHECK_EQ(auto_count(r, 1, LIA_TASK), TASKS);
    CHECK_TEXT(((Crm__Customer *)auto_read(r, 1, LIA_CUSTOMER, mei))->note, "xx");
    rig_end(r);
}

/* A cluster of its own whose loop has not been used. */
static void prepare(rig *r)
{
    *r = (rig){0};
    auto_make(r, 1);
    rig_end(r);
}

/* Which points are tried: every one would take a minute. They move with the seed. */
static void die_everywhere(disk_fault how, uint64_t stride)
{
    static rig r;
    bool came = true;
    size_t deaths = 0;
    for (uint64_t n = 1 + (uint64_t)how % stride; came; n += stride) {
        prepare(&r);
        came = die_at(&r, how, n);
        deaths += came;
        if (came) (void)die_at(&r, how, 1 + n % 13);
        CHECK(!die_at(&r, how, 0));
        check_done_once(&r);
    }
    CHECK(deaths >= 5);
}

TEST(a_run_that_is_killed_before_any_write_does_each_step_once)
{
    die_everywhere(DISK_KILL_BEFORE, 7);
}

TEST(a_run_that_is_killed_after_any_write_does_each_step_once)
{
    die_everywhere(DISK_KILL_AFTER, 7);
}
