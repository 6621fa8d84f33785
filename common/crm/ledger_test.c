/* SPDX-License-Identifier: Apache-2.0 */
/* Old disks come back: who was erased is known before anything of them is shown, from the file
 * beside the store or from the others. */
#include "common/crm/erasure_rig.h"

#include "common/bus/file.h"
#include "common/sync/ledger.h"

static void shell(const rig *r, const char *format)
{
    char command[2400];
    snprintf(command, sizeof command, format, r->dir, r->dir);
    CHECK_EQ(system(command), 0);
}

/* Runs the loop until the node shows what it reads, and reads the customer then and there. */
static lia_err first_answer(rig *r, size_t number, lia_id customer)
{
    r->services[number] = &departments[number];
    lia_why why = {0};
    lia_node_options options = {.loop = &r->loop,
                                .dir = r->dir,
                                .service = &departments[number],
                                .shared = &lia_crm,
                                .map_bytes = (size_t)1 << 30};
    CHECK_OK(lia_node_open(&r->nodes[number], &options, &why));
    RIG_UNTIL(r, lia_node_readable(r->nodes[number], &why) != LIA_EBUSY);
    return read_state(r, number, LIA_CUSTOMER, customer);
}

TEST(an_old_store_beside_the_list_forgets_again_before_the_first_answer)
{
    rig r;
    make(&r, 1);
    lia_id mei = make_customer(&r, 1), ben = rig_customer(&r, 1, "Ben");
    for (int i = 0; i < 20; i++) log_call(&r, 1, mei, CANARY_TEXT);
    lia_id task = make_task(&r, 1, mei);
    write_out(&r, 1);
    rig_stop(&r, 1);
    shell(&r, "cp -r %s/sales %s/backup");
    start(&r, 1);
    CHECK_OK(erase(&r, 1, mei));
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    rig_stop(&r, 1);
    CHECK_EQ(canaries(&r, 1), 0);

    shell(&r, "cd %s/sales && rm -r log views && cp -r ../backup/log ../backup/views . #%s");
    CHECK(canaries(&r, 1) > 0);
    CHECK_ERR(first_answer(&r, 1, mei), LIA_EGONE);
    CHECK_ERR(read_state(&r, 1, LIA_TASK, task), LIA_EABSENT);
    CHECK(knows(&r, 1, LIA_CUSTOMER, ben));
    /* Nobody is left who has the request: the node asks for it itself, and signs. */
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    CHECK_EQ(canaries(&r, 1), 0);
    CHECK_EQ(
        ((Crm__Erasure *)crm_read(&r, 1, LIA_ERASURE, lia_erasure_id(mei)))->receipts[0]->events,
        22);
    rig_end(&r);
    CHECK_EQ(canaries(&r, 1), 0);
}

TEST(an_old_disk_learns_of_erasures_from_the_others_before_it_shows_anything)
{
    rig r;
    make(&r, 3);
    lia_id mei = make_customer(&r, 1);
    log_call(&r, 2, rig_customer(&r, 2, "Ben"), "hello");
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, mei) && knows(&r, 3, LIA_CUSTOMER, mei));
    log_call(&r, 2, mei, CANARY_TEXT);
    write_out(&r, 2);
    rig_stop(&r, 2);
    shell(&r, "cp -r %s/marketing %s/backup");
    start(&r, 2);
    CHECK_OK(erase(&r, 1, mei));
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 3);
    rig_stop(&r, 2);

    shell(&r, "cd %s && rm -r marketing && cp -r backup marketing #%s");
    CHECK(canaries(&r, 2) > 0);
    CHECK_ERR(first_answer(&r, 2, mei), LIA_EGONE);
    RIG_UNTIL(&r, canaries(&r, 2) == 0);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3));
    for (size_t n = 1; n <= 3; n++) CHECK_EQ(canaries(&r, n), 0);
    rig_end(&r);
}

static void put_list(const rig *r, const char *name, lia_id customer)
{
    char path[700];
    lia_arena arena;
    lia_why why;
    lia_ledger ledger = {0};
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    CHECK_OK(lia_ledger_add(&ledger, customer));
    lia_buf text = lia_buf_make(&arena);
    lia_ledger_print(&ledger, r->members.cluster, &text);
    snprintf(path, sizeof path, "%s/%s/erasures", r->dir, name);
    CHECK_OK(lia_file_replace(path, lia_buf_get(&text), 0600, &why));
    lia_ledger_fini(&ledger);
    lia_arena_fini(&arena);
}

/* Only a list has it, at one node; no event anywhere says so. */
TEST(what_only_one_list_knows_is_erased_everywhere_and_becomes_an_event)
{
    rig r;
    make(&r, 3);
    lia_id mei = make_customer(&r, 3);
    log_call(&r, 3, mei, CANARY_TEXT);
    RIG_UNTIL(&r, knows(&r, 1, LIA_CUSTOMER, mei) && knows(&r, 2, LIA_CUSTOMER, mei));
    for (size_t n = 1; n <= 3; n++) write_out(&r, n);
    rig_stop(&r, 2);
    put_list(&r, "marketing", mei);
    CHECK_ERR(first_answer(&r, 2, mei), LIA_EGONE);
    for (size_t n = 1; n <= 3; n++)
        RIG_UNTIL(&r, read_state(&r, n, LIA_CUSTOMER, mei) == LIA_EGONE);
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, receipts(&r, n, mei) == 3);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3));
    for (size_t n = 1; n <= 3; n++) CHECK_EQ(canaries(&r, n), 0);
    /* And from the log alone. */
    rig_stop(&r, 1);
    shell(&r, "rm %s/sales/erasures #%s");
    crm_start(&r, 1, &departments[1], true);
    CHECK_ERR(read_state(&r, 1, LIA_CUSTOMER, mei), LIA_EGONE);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    rig_end(&r);
}

TEST(a_list_that_is_damaged_or_of_another_cluster_is_named_and_nothing_starts)
{
    rig r;
    make(&r, 1);
    lia_id mei = make_customer(&r, 1);
    rig_stop(&r, 1);
    put_list(&r, "sales", mei);
    shell(&r, "sed -i '$d' %s/sales/erasures #%s");
    lia_why why = {0};
    lia_node_options options = {.loop = &r.loop,
                                .dir = r.dir,
                                .service = &departments[1],
                                .shared = &lia_crm,
                                .map_bytes = (size_t)1 << 30};
    CHECK_ERR(lia_node_open(&r.nodes[1], &options, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "sales/erasures: line 3: the file was cut short") != NULL);
    r.nodes[1] = NULL;
    lia_id cluster = r.members.cluster;
    r.members.cluster = mei;
    put_list(&r, "sales", mei);
    r.members.cluster = cluster;
    CHECK_ERR(lia_node_open(&r.nodes[1], &options, &why), LIA_EDENIED);
    r.nodes[1] = NULL;
    rig_end(&r);
}

static uint64_t own_head(rig *r, size_t number)
{
    static lia_digests digests;
    lia_lane_info lanes[16];
    size_t count;
    uint64_t head = 0;
    CHECK_OK(lia_node_digests(r->nodes[number], &digests, lanes, 16, &count));
    for (size_t i = 0; i < count; i++)
        if (lanes[i].origin.node == number) head += lanes[i].head;
    return head;
}

/* Its disk may be an old one, and the number in use already. */
TEST(a_node_that_must_not_write_yet_gives_no_receipt)
{
    rig r;
    make(&r, 2);
    lia_id mei = make_customer(&r, 1);
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, mei));
    rig_stop(&r, 2);
    CHECK_OK(erase(&r, 1, mei));
    rig_stop(&r, 1); /* long before it is done */
    lia_why why = {0};
    lia_node_options options = {.loop = &r.loop,
                                .dir = r.dir,
                                .service = &departments[1],
                                .shared = &lia_crm,
                                .map_bytes = (size_t)1 << 30};
    CHECK_OK(lia_node_open(&r.nodes[1], &options, &why));
    uint64_t head = own_head(&r, 1);
    bool held = true;
    while (held) {
        uint64_t now = own_head(&r, 1);
        held = lia_node_health(r.nodes[1], NULL) == LIA_EBUSY;
        if (held) CHECK_EQ(now, head);
        uv_run(&r.loop, UV_RUN_ONCE);
    }
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    CHECK(own_head(&r, 1) > head);
    rig_end(&r);
}
