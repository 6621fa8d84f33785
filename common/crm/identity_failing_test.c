/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere in a node's threads while it works out who is one customer: afterwards, at
 * the latest when it was started again, the answer is what the pure functions make of the records.
 * Every few allocations fail, all of them with LIA_FAIL_ALL=1. */
#include <stdlib.h>

#include "common/crm/identity_rig.h"
#include "tests/support/failing.h"

/* A node that cannot write any more says why, and is well when it was started again. */
static bool heal(rig *r)
{
    lia_why why = {{0}};
    if (!lia_node_health(r->nodes[SALES], &why)) return false;
    CHECK(why.text[0]);
    rig_stop(r, SALES);
    start(r, SALES, false);
    return true;
}

static bool rests_or_stopped(rig *r)
{
    return crm_identity(r, SALES).waiting == 0 || lia_node_health(r->nodes[SALES], NULL);
}

/* Two records of one e-mail, told and compared while memory ends; then a word of people about them.
 */
TEST(who_is_one_customer_is_worked_out_though_memory_ended)
{
    rig r = {0};
    make(&r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    size_t stopped = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n += getenv("LIA_FAIL_ALL") ? 1 : 1 + n / 4) {
        char email[64];
        snprintf(email, sizeof email, "mei.%d@example.com", (int)n);
        lia_id a = make_person(&r, SALES, "Mei Chen", email);
        lia_id b = make_person(&r, SALES, "Mei L. Chen", email);
        lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA | LIA_FAIL_OTHERS, n);
        RIG_UNTIL(&r, rests_or_stopped(&r));
        fired = lia_failing_disarm();
        stopped += heal(&r);
        rest(&r, SALES);
        if (!are_one(&r, SALES, a, b)) must_say(&r, SALES, "link", a, b);
        rest(&r, SALES);
        CHECK(are_one(&r, SALES, a, b));
        (void)check(&r, SALES);
        if (n > 400) break;
    }
    CHECK(stopped > 0);
    rig_end(&r);
}
