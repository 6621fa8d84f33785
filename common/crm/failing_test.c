/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere in a node's threads while what all departments share is commanded: it is
 * done or it is refused, never half of it, and the next try does it. Every few allocations fail,
 * all of them with LIA_FAIL_ALL=1. */
#include <stdlib.h>

#include "common/crm/crm_rig.h"
#include "common/crm/handover.h"
#include "common/crm/task.h"
#include "tests/support/failing.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};

typedef struct step {
    /* A record to begin with; made in peace. */
    lia_id (*before)(rig *r);
    lia_err (*command)(rig *r, lia_id id, lia_command *command);
    bool (*is_done)(rig *r, lia_id id);
} step;

static lia_id make_customer(rig *r)
{
    return rig_customer(r, SALES, "Mei Chen");
}

static lia_err offer(rig *r, lia_id id, lia_command *command)
{
    Crm__OfferHandover ask = CRM__OFFER_HANDOVER__INIT;
    LIA_SET_ID(&ask, customer, &id);
    LIA_SET(&ask, to, LIAISON__DEPARTMENT__DEPARTMENT_ANALYTICS);
    ask.reason = "score her";
    return crm_try(r, SALES, LIA_HANDOVER, "", LIA_ID_NONE, &ask, command);
}

/* An offer tells of itself in the customer's timeline: both are there, or none. */
static bool is_offered(rig *r, lia_id id)
{
    lia_timeline_entry entries[8];
    size_t shown = rig_timeline(r, SALES, id, entries, 8);
    CHECK(shown <= 1);
    return shown == 1;
}

static lia_id make_offer(rig *r)
{
    return crm_offer(r, SALES, make_customer(r), ANALYTICS, "score her");
}

static lia_err withdraw(rig *r, lia_id id, lia_command *command)
{
    Crm__WithdrawHandover ask = CRM__WITHDRAW_HANDOVER__INIT;
    LIA_SET_ID(&ask, handover, &id);
    return crm_try(r, SALES, LIA_HANDOVER, "withdraw", id, &ask, command);
}

static bool is_withdrawn(rig *r, lia_id id)
{
    return crm_handover_state(r, SALES, id) == LIA_HANDOVER_WITHDRAWN;
}

static lia_id make_task(rig *r)
{
    Crm__Task task = CRM__TASK__INIT;
    task.title = "call back";
    return rig_create(r, SALES, LIA_TASK, &task);
}

static lia_err complete(rig *r, lia_id id, lia_command *command)
{
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    LIA_SET_ID(&ask, task, &id);
    return crm_try(r, SALES, LIA_TASK, "complete", id, &ask, command);
}

static bool is_completed(rig *r, lia_id id)
{
    const Crm__Task *task = crm_read(r, SALES, LIA_TASK, id);
    CHECK(task != NULL);
    return task->state == LIA_TASK_DONE;
}

/* A node that cannot write any more says why, and is well when it was started again. */
static void heal(rig *r)
{
    lia_why why = {{0}};
    if (!lia_node_health(r->nodes[SALES], &why)) return;
    CHECK(why.text[0]);
    rig_stop(r, SALES);
    crm_start(r, SALES, &sales, false);
}

static void try_each(const step *of)
{
    rig r = {0};
    rig_make(&r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    crm_start(&r, SALES, &sales, false);
    size_t failed = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n += getenv("LIA_FAIL_ALL") ? 1 : 1 + n / 4) {
        lia_command command;
        lia_id id = of->before(&r);
        lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA | LIA_FAIL_OTHERS, n);
        lia_err err = of->command(&r, id, &command);
        fired = lia_failing_disarm();
        CHECK(!err || (fired && err != LIA_EREFUSED && command.why.text[0]));
        failed += err != LIA_OK;
        heal(&r);
        CHECK_EQ(of->is_done(&r, id), !err);
        if (err) CHECK_OK(of->command(&r, id, &command));
        CHECK(of->is_done(&r, id));
    }
    CHECK(failed > 3);
    rig_end(&r);
}

TEST(an_offer_without_memory_is_made_or_refused)
{
    try_each(&(step){make_customer, offer, is_offered});
}

TEST(a_withdrawal_without_memory_is_made_or_refused)
{
    try_each(&(step){make_offer, withdraw, is_withdrawn});
}

TEST(a_task_without_memory_is_completed_or_stays_open)
{
    try_each(&(step){make_task, complete, is_completed});
}
