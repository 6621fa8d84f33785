/* SPDX-License-Identifier: Apache-2.0 */
/* Passes that expired long ago leave all nodes, whatever comes of them later. */
#include "common/access/sweep.h"

#include "common/access/access_rig.h"

/* The job, when the test wants it. */
static lia_err sweep_now(lia_turn *turn, const void *request)
{
    (void)request;
    return lia_sweep_run(turn, LIA_ID_NONE, LIA_SPAN_NONE);
}

static const lia_command_row commands[] = {
    {"test.sweep", "sweep", LIA_PASS, true, &access__revoke_pass__descriptor, sweep_now, ""}};
static const lia_service *const parts[] = {&lia_access};
#define SERVICE(department_)                                                                       \
    {                                                                                              \
        .name = #department_, .department = department_, .parts = parts, .part_count = 1,          \
        .commands = commands, .command_count = 1                                                   \
    }
static const lia_service sales = SERVICE(LIA_SALES), marketing = SERVICE(LIA_MARKETING),
                         support = SERVICE(LIA_SERVICE);

static const int64_t DAY = (int64_t)LIA_DAY_MS;

static void start(rig *r)
{
    *r = (rig){.services = {NULL, &sales, &marketing, &support}, .check_ms = 20};
    rig_make(r, 3);
    for (size_t n = 1; n <= 3; n++) rig_start(r, n);
}

static void sweep(rig *r, size_t number)
{
    Access__RevokePass nothing = ACCESS__REVOKE_PASS__INIT;
    lia_id none = {"the-test's-own.."};
    LIA_SET_ID(&nothing, pass, &none);
    CHECK_OK(access_do(r, number, &commands[0], &nothing));
}

/* Sessions that ended long ago, in one group. */
static void give_many(rig *r, size_t number, lia_id user, size_t count)
{
    static lia_command each[LIA_SWEEP_PASSES_MAX + 5];
    static uint8_t bytes[LIA_COUNT(each)][200];
    bool done = false, others;
    CHECK(count <= LIA_COUNT(each));
    for (size_t i = 0; i < count; i++) {
        char secret[LIA_PASS_TEXT_SIZE];
        lia_pass_make(secret);
        lia_id id = lia_pass_id(lia_span_text(secret));
        Access__GivePass ask = ACCESS__GIVE_PASS__INIT;
        LIA_SET_ID(&ask, pass, &id);
        LIA_SET_ID(&ask, user, &user);
        LIA_SET(&ask, expires_at, lia_time_now().ms - 60 * DAY);
        each[i] = (lia_command){.type = LIA_COMMAND_VERB,
                                .kind = lia_kind_find(LIA_PASS),
                                .row = lia_give_pass,
                                .request = rig_pack(&ask, bytes[i], sizeof bytes[i]),
                                .done = rig_done,
                                .context = i + 1 < count ? &others : &done,
                                .next = i + 1 < count ? &each[i + 1] : NULL};
    }
    CHECK_OK(lia_node_submit_all(r->nodes[number], each, count));
    RIG_UNTIL(r, done);
}

static lia_err end_pass(rig *r, size_t number, lia_id id)
{
    Access__RevokePass ask = ACCESS__REVOKE_PASS__INIT;
    LIA_SET_ID(&ask, pass, &id);
    return access_do(r, number, lia_revoke_pass, &ask);
}

/* Passes that a node has whole: two index rows each, and the record. */
static size_t passes(rig *r, size_t number)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    size_t count = 0;
    const lia_kind *kind = lia_kind_find(LIA_PASS);
    const char *const fields[] = {"user", "expires_at"};
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    for (size_t i = 0; i < LIA_COUNT(fields); i++) {
        const lia_field *field = lia_field_by_name(kind->message, lia_span_text(fields[i]));
        lia_key prefix = lia_key_index_prefix(LIA_PASS, field);
        size_t found = 0;
        CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
        while (lia_scan_next(scan, &key, &value)) found++;
        lia_scan_close(scan);
        CHECK(!i || found == count);
        count = found;
    }
    lia_node_read_end(r->nodes[number], &rows);
    return count;
}

static bool all_have(rig *r, size_t count)
{
    for (size_t n = 1; n <= 3; n++)
        if (!r->nodes[n] || passes(r, n) != count) return false;
    return rig_same_digests(r, 1, 2) && rig_same_digests(r, 1, 3);
}

static lia_id new_user(rig *r)
{
    Crm__User user = CRM__USER__INIT;
    user.name = "Mei";
    user.email = "mei@x.test";
    return rig_create(r, 1, LIA_USER, &user);
}

static bool has_user(rig *r, size_t number, lia_id id)
{
    static lia_arena arena;
    lia_rows rows;
    ProtobufCMessage *user;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    lia_arena_reset(&arena);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_record_read(&rows, LIA_USER, id, &arena, &user));
    lia_node_read_end(r->nodes[number], &rows);
    return user;
}

TEST(what_expired_long_ago_leaves_every_node_and_nothing_else_does)
{
    rig r;
    start(&r);
    lia_id user = new_user(&r);
    lia_id gone = access_give(&r, 1, user, -60 * DAY), stays = access_give(&r, 1, user, DAY);
    access_give(&r, 1, user, -29 * DAY); /* within the grace */
    RIG_UNTIL(&r, all_have(&r, 3));
    sweep(&r, 1);
    RIG_UNTIL(&r, all_have(&r, 2));
    sweep(&r, 1); /* finds nothing */
    CHECK_EQ(end_pass(&r, 2, gone), LIA_EABSENT);
    CHECK_OK(end_pass(&r, 2, stays));
    RIG_UNTIL(&r, all_have(&r, 2));
    rig_stop(&r, 3); /* a restart brings nothing back */
    rig_start(&r, 3);
    RIG_UNTIL(&r, all_have(&r, 2));
    rig_end(&r);
}

/* The one with the lowest number goes first; the next waits a day. */
TEST(nodes_wait_for_one_another)
{
    rig r;
    start(&r);
    lia_id user = new_user(&r);
    access_give(&r, 1, user, -31 * DAY - DAY / 2);
    RIG_UNTIL(&r, all_have(&r, 1));
    sweep(&r, 2);
    sweep(&r, 3);
    RIG_UNTIL(&r, all_have(&r, 1));
    sweep(&r, 1);
    RIG_UNTIL(&r, all_have(&r, 0));
    rig_end(&r);
}

TEST(one_announcement_names_a_bounded_number)
{
    rig r;
    start(&r);
    lia_id user = new_user(&r);
    give_many(&r, 1, user, LIA_SWEEP_PASSES_MAX + 5);
    RIG_UNTIL(&r, all_have(&r, LIA_SWEEP_PASSES_MAX + 5));
    sweep(&r, 1); /* and sets its job to a second from now */
    RIG_UNTIL(&r, all_have(&r, 5));
    RIG_UNTIL(&r, all_have(&r, 0));
    rig_end(&r);
}

/* Two nodes apart: one ends the pass, the other takes it away; and both take the same away. */
TEST(nodes_that_were_apart_agree_on_what_is_gone)
{
    rig r;
    start(&r);
    lia_id user = new_user(&r);
    lia_id pass = access_give(&r, 1, user, -60 * DAY);
    RIG_UNTIL(&r, all_have(&r, 1) && has_user(&r, 2, user));
    rig_stop(&r, 1);
    rig_stop(&r, 3);
    CHECK_OK(end_pass(&r, 2, pass));
    sweep(&r, 2);
    access_give(&r, 2, user, -50 * DAY);
    rig_stop(&r, 2);
    rig_start(&r, 1);
    sweep(&r, 1);
    CHECK_EQ(passes(&r, 1), 0);
    rig_start(&r, 3);
    RIG_UNTIL(&r, passes(&r, 3) == 0 && rig_same_digests(&r, 1, 3));
    rig_start(&r, 2);
    RIG_UNTIL(&r, all_have(&r, 1));
    sweep(&r, 3);
    RIG_UNTIL(&r, all_have(&r, 0));
    rig_end(&r);
}
