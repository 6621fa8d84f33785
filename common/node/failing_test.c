/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere while a node is opened, and while its writer works. */
#include "common/node/node_rig.h"
#include "tests/support/failing.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};
static lia_id ids[4096];
static size_t id_count;

static bool has(rig *r, lia_id id)
{
    lia_rows rows;
    lia_span row;
    lia_key key = lia_key_tag(LIA_CUSTOMER, id, LIA_TAG_STATE);
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    lia_err err = lia_rows_get(&rows, lia_key_span(&key), &row);
    lia_node_read_end(r->nodes[1], &rows);
    return err == LIA_OK;
}

static void check_all_are_there(rig *r)
{
    for (size_t i = 0; i < id_count; i++) CHECK(has(r, ids[i]));
}

static void make(rig *r)
{
    *r = (rig){.services = {NULL, &sales}};
    rig_make(r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    id_count = 0;
}

/* Store, views, bus, sync, feed, writer: each gives back what it had. */
TEST(a_node_that_finds_no_memory_does_not_open_says_why_and_opens_later)
{
    rig r;
    make(&r);
    rig_start(&r, 1);
    ids[id_count++] = rig_customer(&r, 1, "Mei");
    rig_stop(&r, 1);
    size_t failed = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n++) {
        lia_why why = {0};
        lia_node_options options = {
            .loop = &r.loop, .dir = r.dir, .service = &sales, .map_bytes = (size_t)64 << 20};
        lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA, n);
        lia_err err = lia_node_open(&r.nodes[1], &options, &why);
        fired = lia_failing_disarm();
        failed += err != LIA_OK;
        if (err) {
            CHECK(fired && why.text[0] && !r.nodes[1]);
            uv_run(&r.loop, UV_RUN_DEFAULT); /* what was open closes */
            continue;
        }
        check_all_are_there(&r);
        rig_stop(&r, 1);
    }
    CHECK(failed > 20);
    rig_start(&r, 1);
    check_all_are_there(&r);
    ids[id_count++] = rig_customer(&r, 1, "Ada");
    rig_end(&r);
}

static lia_err try_customer(rig *r, const char *name, lia_command *command)
{
    uint8_t bytes[4096];
    bool done = false;
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = name;
    *command = (lia_command){.type = LIA_COMMAND_CREATE,
                             .kind = lia_kind_find(LIA_CUSTOMER),
                             .request = rig_pack(&customer, bytes, sizeof bytes),
                             .done = rig_done,
                             .context = &done};
    lia_err err = lia_node_submit(r->nodes[1], command);
    if (err) return err;
    RIG_UNTIL(r, done);
    return command->err;
}

/* A command is refused, or the node stops writing and says so; what was acknowledged stays, and a
 * node that says that it is well takes the next command. */
TEST(a_writer_that_finds_no_memory_refuses_or_stops_and_loses_nothing)
{
    rig r;
    make(&r);
    rig_start(&r, 1);
    size_t failed = 0, stopped = 0;
    bool fired = true;
    for (uint64_t n = 1; fired; n++) {
        lia_command command;
        lia_why why = {0};
        lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA | LIA_FAIL_OTHERS, n);
        lia_err err = try_customer(&r, "Mei", &command);
        fired = lia_failing_disarm();
        if (!err) ids[id_count++] = command.record;
        CHECK(!err || fired);
        CHECK(!err || command.why.text[0]);
        failed += err != LIA_OK;
        if (lia_node_health(r.nodes[1], &why)) {
            CHECK(why.text[0]);
            stopped++;
            CHECK(try_customer(&r, "refused", &command) != LIA_OK);
            check_all_are_there(&r);
            rig_stop(&r, 1);
            rig_start(&r, 1);
        }
        check_all_are_there(&r);
        ids[id_count++] = rig_customer(&r, 1, "Ada");
    }
    CHECK(failed > 8);
    CHECK(stopped <= failed);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    check_all_are_there(&r);
    rig_end(&r);
}
