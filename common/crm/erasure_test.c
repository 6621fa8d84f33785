/* SPDX-License-Identifier: Apache-2.0 */
/* A customer is forgotten by whole departments: no byte is left in any file, and all agree, whoever
 * was away, whoever was stopped in the middle, and after views are built anew. */
#include "common/crm/erasure_rig.h"

TEST(an_erased_customer_is_gone_and_absorbs_what_comes)
{
    rig r;
    make(&r, 1);
    lia_id mei = make_customer(&r, 1), ben = rig_customer(&r, 1, "Ben");
    lia_id call = log_call(&r, 1, mei, CANARY_TEXT), kept = log_call(&r, 1, ben, "hello");
    lia_id changed = log_call(&r, 1, mei, CANARY_TEXT), task = make_task(&r, 1, mei);
    Crm__Interaction text = CRM__INTERACTION__INIT;
    text.text = "more " CANARY_TEXT;
    uint32_t mask = 7;
    crm_change(&r, 1, LIA_INTERACTION, changed, &text, &mask, 1);
    crm_archive(&r, 1, LIA_INTERACTION, changed);
    write_out(&r, 1);
    CHECK_OK(erase(&r, 1, mei));
    CHECK_ERR(read_state(&r, 1, LIA_CUSTOMER, mei), LIA_EGONE);
    CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, call), LIA_EABSENT);
    CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, changed), LIA_EABSENT);
    CHECK_ERR(read_state(&r, 1, LIA_TASK, task), LIA_EABSENT);
    CHECK_ERR(erase(&r, 1, mei), LIA_EGONE);
    Crm__Interaction late = CRM__INTERACTION__INIT;
    LIA_SET_ID(&late, customer, &mei);
    LIA_SET(&late, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    uint8_t bytes[256];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_INTERACTION),
                           .request = rig_pack(&late, bytes, sizeof bytes)};
    CHECK_ERR(rig_do(&r, 1, &command), LIA_EGONE);
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    const Crm__Erasure *done = crm_read(&r, 1, LIA_ERASURE, lia_erasure_id(mei));
    CHECK_EQ(done->receipts[0]->events,
             6); /* customer, two calls, a change, an archiving, a task */
    CHECK_TEXT(done->receipts[0]->node, "sales");
    CHECK_EQ(canaries(&r, 1), 0);
    CHECK(knows(&r, 1, LIA_CUSTOMER, ben) && knows(&r, 1, LIA_INTERACTION, kept));
    rig_end(&r);
    CHECK_EQ(canaries(&r, 1), 0);
}

TEST(all_nodes_erase_also_the_one_that_was_away_and_agree)
{
    rig r;
    make(&r, 4);
    lia_id mei = make_customer(&r, 2);
    for (size_t n = 1; n <= 4; n++) {
        RIG_UNTIL(&r, knows(&r, n, LIA_CUSTOMER, mei));
        log_call(&r, n, mei, "said " CANARY_TEXT);
        make_task(&r, n, mei);
    }
    lia_timeline_entry entries[16];
    for (size_t n = 1; n <= 4; n++) RIG_UNTIL(&r, rig_timeline(&r, n, mei, entries, 16) == 4);
    for (size_t n = 1; n <= 3; n++) write_out(&r, n);
    rig_stop(&r, 4);
    CHECK_OK(erase(&r, 1, mei));
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 3);
    for (size_t n = 1; n <= 3; n++) CHECK_EQ(canaries(&r, n), 0);
    CHECK(rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3));

    CHECK(canaries(&r, 4) > 0);
    start(&r, 4);
    for (size_t n = 1; n <= 4; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 4);
    for (size_t n = 1; n <= 4; n++) CHECK_EQ(canaries(&r, n), 0);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3) &&
                      rig_same_digests(&r, 1, 4));

    /* Built anew from erased events the views are the same. */
    rig_stop(&r, 3);
    crm_start(&r, 3, &departments[3], true);
    CHECK_ERR(read_state(&r, 3, LIA_CUSTOMER, mei), LIA_EGONE);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3));
    rig_end(&r);
    for (size_t n = 1; n <= 4; n++) CHECK_EQ(canaries(&r, n), 0);
}

/* The fourth node hears of the customer only after everybody else has forgotten it. */
TEST(a_node_that_gets_erased_events_only_agrees_with_those_that_had_the_bodies)
{
    rig r;
    make(&r, 4);
    rig_stop(&r, 4);
    lia_id mei = make_customer(&r, 1);
    log_call(&r, 1, mei, CANARY_TEXT);
    make_task(&r, 1, mei);
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, mei));
    CHECK_OK(erase(&r, 1, mei));
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 3);
    start(&r, 4);
    for (size_t n = 1; n <= 4; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 4);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3) &&
                      rig_same_digests(&r, 1, 4));
    CHECK_EQ(canaries(&r, 4), 0);
    rig_end(&r);
}

static void move(rig *r, size_t number, lia_id interaction, lia_id customer)
{
    Crm__Interaction to = CRM__INTERACTION__INIT;
    LIA_SET_ID(&to, customer, &customer);
    to.text = "moved " CANARY_TEXT;
    static const uint32_t mask[] = {1, 7};
    crm_change(r, number, LIA_INTERACTION, interaction, &to, mask, 2);
}

static lia_id make_task_of_nobody(rig *r, size_t number, lia_id later)
{
    Crm__Task task = CRM__TASK__INIT;
    task.title = "order paper";
    lia_id id = rig_create(r, number, LIA_TASK, &task);
    task.title = CANARY_TEXT;
    LIA_SET_ID(&task, customer, &later);
    static const uint32_t mask[] = {1, 3};
    crm_change(r, number, LIA_TASK, id, &task, mask, 2);
    return id;
}

/* What events about others said stays, whether a node has seen the erased ones or not. */
TEST(of_a_record_that_was_moved_the_other_customers_share_is_left_everywhere)
{
    rig r;
    make(&r, 3);
    lia_id mei = make_customer(&r, 1), ben = rig_customer(&r, 1, "Ben");
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, ben) && knows(&r, 3, LIA_CUSTOMER, ben));
    rig_stop(&r, 3);
    lia_id to_mei = log_call(&r, 1, ben, "hello"), from_mei = log_call(&r, 1, mei, CANARY_TEXT);
    lia_id twice = log_call(&r, 1, mei, CANARY_TEXT), task = make_task_of_nobody(&r, 1, mei);
    lia_id back = log_call(&r, 1, ben, "hello");
    move(&r, 1, to_mei, mei);
    move(&r, 1, back, mei);
    Crm__Interaction plain = CRM__INTERACTION__INIT;
    LIA_SET_ID(&plain, customer, &ben);
    plain.text = "plain";
    static const uint32_t mask[] = {1, 7};
    crm_change(&r, 1, LIA_INTERACTION, from_mei, &plain, mask, 2);
    crm_change(&r, 1, LIA_INTERACTION, back, &plain, mask, 2);
    move(&r, 1, twice, ben);
    crm_change(&r, 1, LIA_INTERACTION, twice, &plain, mask, 2);
    move(&r, 1, twice, mei);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    CHECK_OK(erase(&r, 1, mei));
    for (size_t n = 1; n <= 2; n++) {
        RIG_UNTIL(&r, receipts(&r, n, mei) == 2);
        const Crm__Interaction *call = crm_read(&r, n, LIA_INTERACTION, to_mei);
        CHECK(call && lia_id_equal(lia_id_in(call->customer), ben));
        CHECK_TEXT(call->text, "hello");
        call = crm_read(&r, n, LIA_INTERACTION, from_mei);
        CHECK(call && lia_id_equal(lia_id_in(call->customer), ben) && !call->has_type);
        CHECK_TEXT(((Crm__Task *)crm_read(&r, n, LIA_TASK, task))->title, "order paper");
        lia_timeline_entry entries[8];
        CHECK_EQ(rig_timeline(&r, n, ben, entries, 8), 2); /* those that were made about Ben */
    }
    CHECK(rig_same_digests(&r, 1, 2));

    start(&r, 3);
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 3);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3) && rig_same_digests(&r, 2, 3));
    rig_stop(&r, 2);
    crm_start(&r, 2, &departments[2], true);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    CHECK_TEXT(((Crm__Task *)crm_read(&r, 2, LIA_TASK, task))->title, "order paper");
    rig_end(&r);
}

/* It wrote about the customer while it was alone, after the others had erased. */
TEST(what_a_returning_node_wrote_about_an_erased_customer_touches_no_disk)
{
    rig r;
    make(&r, 2);
    lia_id mei = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, mei));
    rig_stop(&r, 1);
    log_call(&r, 2, mei, "late " CANARY_TEXT);
    make_task(&r, 2, mei);
    write_out(&r, 2);
    rig_stop(&r, 2);

    start(&r, 1);
    CHECK_OK(erase(&r, 1, mei));
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    start(&r, 2);
    for (size_t n = 1; n <= 2; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 2);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    for (size_t n = 1; n <= 2; n++) CHECK_EQ(canaries(&r, n), 0);
    rig_end(&r);
    for (size_t n = 1; n <= 2; n++) CHECK_EQ(canaries(&r, n), 0);
}

TEST(two_nodes_that_erase_at_once_make_one_request)
{
    rig r;
    make(&r, 2);
    lia_id mei = make_customer(&r, 1);
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, mei));
    rig_stop(&r, 2);
    CHECK_OK(erase(&r, 1, mei));
    rig_stop(&r, 1);
    start(&r, 2);
    CHECK_OK(erase(&r, 2, mei));
    start(&r, 1);
    for (size_t n = 1; n <= 2; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 2);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    for (size_t n = 1; n <= 2; n++) CHECK_EQ(canaries(&r, n), 0);
    rig_end(&r);
}

TEST(an_erasure_that_was_cut_short_goes_on_at_the_next_start)
{
    rig r;
    make(&r, 1);
    lia_id mei = make_customer(&r, 1);
    for (int i = 0; i < 50; i++) log_call(&r, 1, mei, CANARY_TEXT);
    write_out(&r, 1);
    CHECK_OK(erase(&r, 1, mei));
    rig_stop(&r, 1); /* the command was answered, the work has hardly begun */
    start(&r, 1);
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    CHECK_EQ(canaries(&r, 1), 0);
    rig_end(&r);
}

static lia_erasing erasing(rig *r, lia_id customer, bool *its)
{
    lia_erasing out;
    bool under_way = lia_node_erasing(r->nodes[1], customer, &out);
    if (its) *its = under_way;
    return out;
}

/* A reader that does not rest keeps the pass where it is, so that all of this happens inside of it.
 */
TEST(who_is_erased_while_a_pass_runs_shares_the_next_one_and_both_tell_how_far_they_are)
{
    enum { OTHERS = 5 };
    rig r;
    bool its;
    make(&r, 1);
    lia_id mei = make_customer(&r, 1), others[OTHERS];
    for (size_t i = 0; i < OTHERS; i++) others[i] = make_customer(&r, 1);
    write_out(&r, 1);
    CHECK(!erasing(&r, mei, NULL).phase);
    lia_rows reading;
    CHECK_OK(lia_node_scan(r.nodes[1], &reading));
    CHECK_OK(erase(&r, 1, mei));
    lia_erasing now;
    RIG_UNTIL(&r, (now = erasing(&r, mei, &its), now.phase && !strcmp(now.phase, "pages")));
    CHECK(its);
    CHECK_EQ(now.customers, 1);
    CHECK_EQ(now.waiting, 0);
    for (size_t i = 0; i < OTHERS; i++) CHECK_OK(erase(&r, 1, others[i]));
    RIG_UNTIL(&r, erasing(&r, others[0], NULL).waiting == OTHERS);
    (void)erasing(&r, others[0], &its);
    CHECK(!its);
    CHECK_EQ(receipts(&r, 1, mei), 0);
    lia_node_scan_end(&reading);
    for (size_t i = 0; i < OTHERS; i++) RIG_UNTIL(&r, receipts(&r, 1, others[i]) == 1);
    CHECK_EQ(receipts(&r, 1, mei), 1);
    RIG_UNTIL(&r, !erasing(&r, mei, NULL).phase);
    CHECK_EQ(erasing(&r, mei, NULL).passes, 2);
    CHECK_EQ(canaries(&r, 1), 0);
    rig_end(&r);
}
