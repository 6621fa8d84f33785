/* SPDX-License-Identifier: Apache-2.0 */
/* Members come, go, move and change their keys while whole nodes run. */
#include "common/node/node_rig.h"
#include "tests/support/failing.h"

static const lia_service services[] = {{.name = "sales", .department = LIA_SALES},
                                       {.name = "marketing", .department = LIA_MARKETING},
                                       {.name = "service", .department = LIA_SERVICE},
                                       {.name = "analytics", .department = LIA_ANALYTICS}};
static rig r;
static lia_sign_key admin;
static lia_members list; /* the latest that was signed */

static const char *path_of(const char *name, const char *file)
{
    static char path[700];
    snprintf(path, sizeof path, "%s/%s%s%s", r.dir, name, *name ? "/" : "", file);
    return path;
}

/* `count` members in the list, of whom the first `open` run. */
static void begin(size_t count, size_t open)
{
    lia_why why = {0};
    r = (rig){.services = {NULL, &services[0], &services[1], &services[2], &services[3]}};
    rig_make(&r, count);
    CHECK_OK(lia_admin_key_read(&admin, r.dir, &why));
    list = r.members;
    for (size_t i = 1; i <= open; i++) rig_open(&r, i);
    for (size_t i = 1; i <= open; i++)
        RIG_UNTIL(&r, lia_node_health(r.nodes[i], NULL) != LIA_EBUSY);
}

static lia_err offer_signed(size_t node, const lia_members *next, const lia_sign_key *key,
                            lia_why *why)
{
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    size_t size;
    CHECK_OK(lia_members_sign(next, key, bytes, &size, why));
    return lia_node_offer_members(r.nodes[node], lia_span_make(bytes, size), why);
}

/* Signs `list` as the next one and gives it to one node. */
static void offer(size_t node)
{
    lia_why why = {0};
    list.epoch++;
    lia_err err = offer_signed(node, &list, &admin, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

static bool all_have(uint64_t epoch)
{
    for (size_t i = 1; i <= RIG_NODES; i++)
        if (r.nodes[i] && lia_node_list_epoch(r.nodes[i]) != epoch) return false;
    return true;
}

static bool agree(size_t a, size_t b)
{
    return rig_same_digests(&r, a, b);
}

static bool holds(size_t node, lia_id customer)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(r.nodes[node], &rows));
    lia_span row;
    lia_key key = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_STATE);
    bool held = lia_rows_get(&rows, lia_key_span(&key), &row) == LIA_OK;
    lia_node_read_end(r.nodes[node], &rows);
    return held;
}

/* New keys are laid down at the node, and the list is to have them. */
static void make_next_keys(size_t node)
{
    lia_why why = {0};
    lia_node_keys keys;
    lia_node_keys_make(&keys);
    CHECK_OK(
        lia_node_keys_write(&keys, path_of(r.members.list[node - 1].name, "node.keys.next"), &why));
    CHECK_OK(lia_members_rekey(&list, (uint16_t)node, keys.curve_public, &keys.verify, &why));
}

static uint64_t incarnation_of(size_t node)
{
    return lia_node_origin(r.nodes[node]).incarnation;
}

/* Anything that one says is heard by the other. */
static void check_flow(size_t from, size_t to)
{
    lia_id customer = rig_customer(&r, from, "Somebody");
    RIG_UNTIL(&r, holds(to, customer));
}

/* ---- the list travels ------------------------------------------------------------------------ */

TEST(one_node_that_is_told_teaches_the_rest)
{
    static lia_members got;
    lia_why why = {0};
    begin(3, 3);
    strcpy(list.list[2].http, "127.0.0.1:9");
    offer(2);
    RIG_UNTIL(&r, all_have(2));
    for (size_t i = 0; i < 3; i++) { /* and each keeps it */
        CHECK_OK(lia_members_latest(&got, r.dir, list.list[i].name, NULL, NULL, &why));
        CHECK_EQ(got.epoch, 2);
        CHECK(strcmp(got.list[2].http, "127.0.0.1:9") == 0);
    }
    rig_stop(&r, 1);
    rig_start(&r, 1);
    CHECK_EQ(lia_node_list_epoch(r.nodes[1]), 2);
    rig_end(&r);
}

TEST(what_is_no_list_that_may_follow_is_refused_and_changes_nothing)
{
    static lia_members next;
    lia_why why = {0};
    lia_sign_key other;
    lia_verify_key other_public;
    begin(2, 1);
    lia_sign_keys(&other_public, &other);
    next = list;
    next.epoch = 2;
    CHECK_ERR(offer_signed(1, &next, &other, &why), LIA_EDENIED);
    next.epoch = 1;
    CHECK_ERR(offer_signed(1, &next, &admin, &why), LIA_EEXIST);
    next.epoch = 2;
    next.cluster.bytes[0] ^= 1;
    CHECK_ERR(offer_signed(1, &next, &admin, &why), LIA_EINVAL);
    next = list;
    next.epoch = 2;
    strcpy(next.list[1].name, "another");
    CHECK_ERR(offer_signed(1, &next, &admin, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "number 2") != NULL);
    CHECK_ERR(lia_node_offer_members(r.nodes[1], LIA_SPAN("nonsense"), &why), LIA_EINVAL);
    CHECK_EQ(lia_node_members(r.nodes[1])->epoch, 1);
    CHECK(access(path_of(list.list[0].name, "members"), F_OK) != 0);
    rig_end(&r);
}

/* Wherever memory ends while a list is offered: it is refused for that reason and can be offered
 * again, or it is in force and goes on to the others. */
TEST(a_list_that_finds_no_memory_is_in_force_or_can_be_offered_again)
{
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    size_t size, refused = 0;
    bool fired = true;
    begin(2, 2);
    lia_log_set_level(LIA_ERROR + 1);
    for (uint64_t n = 1; fired; n++) {
        lia_why why = {0};
        list.epoch++;
        CHECK_OK(lia_members_sign(&list, &admin, bytes, &size, &why));
        lia_failing_arm(LIA_FAIL_HEAP, n);
        lia_err err = lia_node_offer_members(r.nodes[1], lia_span_make(bytes, size), &why);
        fired = lia_failing_disarm();
        if (err) {
            CHECK(fired && err == LIA_EFULL && why.text[0]);
            CHECK_OK(lia_node_offer_members(r.nodes[1], lia_span_make(bytes, size), &why));
            refused++;
        }
        CHECK_EQ(lia_node_members(r.nodes[1])->epoch, list.epoch);
        RIG_UNTIL(&r, lia_node_members(r.nodes[2])->epoch == list.epoch);
    }
    CHECK(refused > 1);
    RIG_UNTIL(&r, all_have(list.epoch));
    rig_end(&r);
}

/* ---- coming ---------------------------------------------------------------------------------- */

TEST(a_node_is_added_while_the_others_run)
{
    lia_why why = {0};
    begin(4, 0);
    list.count = 3;
    CHECK_OK(lia_members_write(&list, &admin, path_of("", "members"), &why));
    for (size_t i = 1; i <= 3; i++) rig_start(&r, i);
    lia_id early = rig_customer(&r, 1, "Early");
    list = r.members;
    offer(3);
    CHECK_OK(lia_members_write(&list, &admin, path_of("", "members"), &why)); /* for the new one */
    rig_start(&r, 4);
    RIG_UNTIL(&r, all_have(2) && holds(4, early));
    check_flow(4, 1);
    check_flow(2, 4);
    RIG_UNTIL(&r, agree(1, 4) && agree(2, 4) && agree(3, 4));
    rig_end(&r);
}

/* ---- going ----------------------------------------------------------------------------------- */

TEST(a_removed_node_is_cut_off_and_says_so_and_what_it_wrote_stays)
{
    lia_why why = {0};
    begin(3, 3);
    lia_id written = rig_customer(&r, 3, "Written");
    RIG_UNTIL(&r, holds(1, written));
    CHECK_OK(lia_members_remove(&list, 3, &why));
    offer(1);
    RIG_UNTIL(&r, all_have(2));
    CHECK_ERR(lia_node_health(r.nodes[3], &why), LIA_EBUSY);
    CHECK(strstr(why.text, "removed") != NULL);
    lia_command command = {.type = LIA_COMMAND_CREATE, .kind = lia_kind_find(LIA_CUSTOMER)};
    CHECK_ERR(lia_node_submit(r.nodes[3], &command), LIA_EBUSY);
    check_flow(1, 2);
    check_flow(2, 1);
    lia_id later = rig_customer(&r, 1, "Later");
    RIG_UNTIL(&r, holds(2, later));
    CHECK(!holds(3, later));
    lia_sync_peer_status peers[4];
    CHECK_EQ(lia_node_peers(r.nodes[1], peers, 4), 1);

    rig_stop(&r, 2); /* who comes back without it still finds what it wrote, and checks it */
    rig_start(&r, 2);
    RIG_UNTIL(&r, agree(1, 2) && holds(2, written));
    rig_stop(&r, 3);
    lia_node_options options = {.loop = &r.loop, .dir = r.dir, .service = r.services[3]};
    CHECK_ERR(lia_node_open(&r.nodes[3], &options, &why), LIA_EABSENT);
    CHECK(strstr(why.text, "removed") != NULL);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    rig_end(&r);
}

/* ---- other keys, other addresses --------------------------------------------------------------
 */

TEST(a_node_changes_its_keys_while_it_works)
{
    begin(3, 3);
    uint64_t before = incarnation_of(2);
    lia_id early = rig_customer(&r, 2, "Early");
    make_next_keys(2);
    offer(1);
    lia_id during = rig_customer(&r, 2, "During");
    RIG_UNTIL(&r, all_have(2) && incarnation_of(2) != before);
    check_flow(2, 1);
    check_flow(1, 2);
    check_flow(3, 2);
    RIG_UNTIL(&r, holds(3, early) && holds(3, during) && agree(1, 2) && agree(2, 3));
    /* The former keys are destroyed when everybody knows the present ones. */
    RIG_UNTIL(&r, access(path_of("marketing", "node.keys.former"), F_OK) != 0);
    CHECK(access(path_of("marketing", "node.keys.next"), F_OK) != 0);
    uint64_t after = incarnation_of(2);
    rig_stop(&r, 2);
    rig_start(&r, 2);
    CHECK_EQ(incarnation_of(2), after); /* once */
    check_flow(2, 3);
    rig_end(&r);
}

TEST(a_node_that_died_between_list_and_keys_finds_them_at_its_start)
{
    lia_why why = {0};
    begin(2, 2);
    uint64_t before = incarnation_of(2);
    lia_id early = rig_customer(&r, 2, "Early");
    RIG_UNTIL(&r, holds(1, early));
    rig_stop(&r, 2);
    make_next_keys(2);
    list.epoch++;
    CHECK_OK(lia_members_write(&list, &admin, path_of("marketing", "members"), &why));
    rig_start(&r, 2);
    CHECK(incarnation_of(2) != before);
    RIG_UNTIL(&r, all_have(2)); /* node 1 lets in the former keys and is taught */
    check_flow(2, 1);
    check_flow(1, 2);
    rig_end(&r);
}

TEST(a_node_without_the_keys_that_the_list_has_is_cut_off_until_they_fit)
{
    lia_why why = {0};
    lia_node_keys elsewhere;
    begin(2, 2);
    lia_node_keys_make(&elsewhere);
    CHECK_OK(lia_members_rekey(&list, 2, elsewhere.curve_public, &elsewhere.verify, &why));
    offer(1);
    RIG_UNTIL(&r, all_have(2) && lia_node_health(r.nodes[2], &why) == LIA_EBUSY);
    CHECK(strstr(why.text, "other keys") != NULL);
    make_next_keys(2);
    offer(2);
    CHECK_OK(offer_signed(1, &list, &admin, &why)); /* neither can reach the other yet */
    RIG_UNTIL(&r, lia_node_health(r.nodes[2], &why) == LIA_OK);
    RIG_UNTIL(&r, all_have(3));
    check_flow(2, 1);
    check_flow(1, 2);
    rig_end(&r);
}

TEST(a_node_that_is_drained_takes_no_commands_and_goes_on_when_it_stays_after_all)
{
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    static lia_members without;
    size_t size;
    lia_why why = {0};
    begin(2, 2);
    without = list;
    without.epoch++;
    CHECK_OK(lia_members_sign(&without, &admin, bytes, &size, &why));
    CHECK_ERR(lia_node_drain(r.nodes[2], lia_span_make(bytes, size), &why), LIA_EINVAL);
    CHECK_OK(lia_members_remove(&without, 2, &why));
    CHECK_OK(lia_members_sign(&without, &admin, bytes, &size, &why));
    CHECK_OK(lia_node_drain(r.nodes[2], lia_span_make(bytes, size), &why));
    CHECK_ERR(lia_node_health(r.nodes[2], &why), LIA_EBUSY);
    check_flow(1, 2); /* it hears and is heard */
    CHECK_EQ(lia_node_list_epoch(r.nodes[2]), 1);
    strcpy(list.list[0].http, "127.0.0.1:9");
    offer(1);
    RIG_UNTIL(&r, all_have(2) && lia_node_health(r.nodes[2], &why) == LIA_OK);
    check_flow(2, 1);
    rig_end(&r);
}

TEST(a_node_moves_to_another_address)
{
    begin(2, 2);
    rig_customer(&r, 1, "Before");
    lia_test_address(list.list[1].bus, sizeof list.list[1].bus);
    offer(1);
    RIG_UNTIL(&r, all_have(2));
    check_flow(1, 2);
    check_flow(2, 1);
    rig_end(&r);
}

/* Everybody it knew is gone or has other keys and another address. */
TEST(a_node_that_was_away_for_all_of_it_comes_back_and_learns)
{
    lia_why why = {0};
    begin(4, 4);
    lia_id early = rig_customer(&r, 3, "Early");
    RIG_UNTIL(&r, holds(1, early) && holds(2, early) && holds(4, early));
    rig_stop(&r, 4);
    lia_id meanwhile = rig_customer(&r, 1, "Meanwhile");
    RIG_UNTIL(&r, holds(2, meanwhile));
    CHECK_OK(lia_members_remove(&list, 1, &why));
    offer(1);
    RIG_UNTIL(&r, all_have(2));
    rig_stop(&r, 1);
    make_next_keys(2);
    offer(3);
    RIG_UNTIL(&r, all_have(3));
    lia_test_address(list.list[1].bus, sizeof list.list[1].bus); /* 3 is now the second */
    offer(3);
    RIG_UNTIL(&r, all_have(4));
    rig_stop(&r, 3); /* only node 2 is left to teach it */
    lia_id late = rig_customer(&r, 2, "Late");
    rig_open(&r, 4);
    CHECK_EQ(lia_node_list_epoch(r.nodes[4]), 1);
    RIG_UNTIL(&r, all_have(4));
    RIG_UNTIL(&r, holds(4, meanwhile) && holds(4, late) && agree(2, 4));
    RIG_UNTIL(&r, lia_node_health(r.nodes[4], NULL) != LIA_EBUSY);
    check_flow(4, 2);
    rig_end(&r);
}
