/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/node_rig.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};
static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};

static void make(rig *r, size_t count, size_t map_bytes)
{
    *r = (rig){.services = {NULL, &sales, &marketing}, .map_bytes = map_bytes};
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_start(r, i);
}

static lia_err create(rig *r, const char *note, lia_command *command)
{
    static uint8_t bytes[32768];
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei";
    customer.note = note;
    *command = (lia_command){.type = LIA_COMMAND_CREATE,
                             .kind = lia_kind_find(LIA_CUSTOMER),
                             .request = rig_pack(&customer, bytes, sizeof bytes)};
    bool done = false;
    command->done = rig_done;
    command->context = &done;
    lia_err err = lia_node_submit(r->nodes[1], command);
    if (err) return err;
    RIG_UNTIL(r, done);
    return command->err;
}

static bool is_there(rig *r, lia_id id)
{
    lia_rows rows;
    lia_span row;
    lia_key key = lia_key_tag(LIA_CUSTOMER, id, LIA_TAG_STATE);
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    lia_err err = lia_rows_get(&rows, lia_key_span(&key), &row);
    lia_node_read_end(r->nodes[1], &rows);
    return err == LIA_OK;
}

TEST(a_full_store_stops_writes_says_why_and_loses_nothing)
{
    rig r;
    make(&r, 1, (size_t)4 << 20);
    static char note[16000];
    memset(note, 'x', sizeof note - 1);
    static lia_id ids[4096];
    size_t count = 0;
    lia_command command;
    lia_err err;
    while (!(err = create(&r, note, &command))) ids[count++] = command.record;
    CHECK_EQ(err, LIA_EIO);
    CHECK(strstr(command.why.text, "takes no writes"));
    CHECK(count > 10);

    /* From now on every command is refused, with the reason; reads go on. */
    lia_why why = {0};
    CHECK_EQ(lia_node_health(r.nodes[1], &why), LIA_EIO);
    CHECK(why.text[0]);
    CHECK_ERR(create(&r, "small", &command), LIA_EIO);
    for (size_t i = 0; i < count; i++) CHECK(is_there(&r, ids[i]));

    /* With room it starts, has all that was acknowledged, and goes on. */
    rig_stop(&r, 1);
    r.map_bytes = (size_t)64 << 20;
    rig_start(&r, 1);
    for (size_t i = 0; i < count; i++) CHECK(is_there(&r, ids[i]));
    CHECK_OK(create(&r, note, &command));
    rig_end(&r);
}

TEST(a_full_store_at_one_node_stops_no_other_and_heals_after_a_restart)
{
    rig r;
    make(&r, 2, (size_t)64 << 20);
    rig_stop(&r, 2);
    r.map_bytes = (size_t)2 << 20;
    rig_start(&r, 2);
    r.map_bytes = (size_t)64 << 20;
    static char note[16000];
    memset(note, 'x', sizeof note - 1);
    lia_command command;
    for (int i = 0; i < 300; i++) CHECK_OK(create(&r, note, &command));
    RIG_UNTIL(&r, lia_node_health(r.nodes[2], NULL) != LIA_OK);
    for (int i = 0; i < 10; i++) CHECK_OK(create(&r, note, &command));
    rig_stop(&r, 2);
    rig_start(&r, 2);
    uint64_t all = lia_node_visible(r.nodes[1]);
    RIG_UNTIL(&r, lia_node_visible(r.nodes[2]) >= all);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    rig_end(&r);
}

TEST(a_second_process_on_the_same_folder_is_refused)
{
    rig r;
    make(&r, 1, 0);
    lia_why why = {0};
    lia_node *second = NULL;
    lia_node_options options = {.loop = &r.loop, .dir = r.dir, .service = &sales};
    CHECK_ERR(lia_node_open(&second, &options, &why), LIA_EBUSY);
    CHECK(why.text[0]);
    rig_end(&r);
}

TEST(keys_that_do_not_belong_to_the_list_are_refused)
{
    rig r;
    make(&r, 1, 0);
    rig_stop(&r, 1);
    char path[600];
    lia_why why = {0};
    lia_node_keys other;
    lia_node_keys_make(&other);
    snprintf(path, sizeof path, "%s/sales/node.keys", r.dir);
    unlink(path);
    CHECK_OK(lia_node_keys_write(&other, path, &why));
    lia_node *node = NULL;
    lia_node_options options = {.loop = &r.loop, .dir = r.dir, .service = &sales};
    CHECK_ERR(lia_node_open(&node, &options, &why), LIA_EDENIED);
    CHECK(strstr(why.text, "sales"));
    rig_end(&r);
}
