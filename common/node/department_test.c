/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of one department: a client that does not know whether its command was taken tells another
 * one, which may not have heard of it yet. */
#include "common/node/fields.h"
#include "common/node/node_rig.h"
#include "common/node/turn.h"

enum { TASK_COMPLETED = 15, TASKS = 20 };

static lia_err complete(lia_turn *turn, const void *request)
{
    const Crm__CompleteTask *ask = request;
    lia_id id = lia_id_in(ask->task);
    Crm__Task *task;
    lia_err err = lia_load(turn, LIA_TASK, id, &task);
    if (err) return err;
    task->text = "done";
    err = lia_record(turn, LIA_TASK, id, task);
    if (err) return err;
    Crm__TaskCompleted fact = CRM__TASK_COMPLETED__INIT;
    LIA_SET_ID(&fact, task, &id);
    return lia_tell(turn, &fact);
}

static lia_err count(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    lia_span value;
    uint8_t bytes[8];
    uint64_t so_far = lia_fold_get(turn, LIA_SPAN("count"), &value) ? 0 : lia_get_u64(value.data);
    lia_put_u64(bytes, so_far + 1);
    return lia_fold_put(turn, LIA_SPAN("count"), LIA_SPAN_OF(bytes));
}

/* All nodes react to whichever event they have. */
static lia_err thank(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    Crm__User user = CRM__USER__INIT;
    user.name = "who is thanked";
    return lia_record(turn, LIA_USER, lia_turn_new_id(turn), &user);
}

static const lia_command_row commands[] = {
    {"task.finish", "finish", LIA_TASK, false, &crm__complete_task__descriptor, complete, ""}};
static const lia_fold_row folds[] = {{"count", TASK_COMPLETED, count, NULL}};
static const lia_reactor_row reactors[] = {{"test.thank", TASK_COMPLETED, thank}};
static const lia_service sales = {.name = "sales",
                                  .department = LIA_SALES,
                                  .commands = commands,
                                  .command_count = 1,
                                  .reactors = reactors,
                                  .reactor_count = 1,
                                  .folds = folds,
                                  .fold_count = 1};

static uint64_t counted(rig *r, size_t number)
{
    lia_rows rows;
    lia_span value;
    lia_key key = lia_key_fold(LIA_SPAN("count"));
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    uint64_t so_far = lia_rows_get(&rows, lia_key_span(&key), &value) ? 0 : lia_get_u64(value.data);
    lia_node_read_end(r->nodes[number], &rows);
    return so_far;
}

static size_t users(rig *r, size_t number)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, row;
    size_t found = 0;
    lia_key prefix = lia_key_kind(LIA_USER);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &row))
        found +=
            key.size == prefix.size + LIA_ID_SIZE + 1 && key.data[key.size - 1] == LIA_TAG_STATE;
    lia_scan_close(scan);
    lia_node_read_end(r->nodes[number], &rows);
    return found;
}

typedef struct telling {
    lia_command command;
    lia_id task;
    uint8_t bytes[64];
    bool done;
} telling;

static void tell(rig *r, size_t number, telling *out, lia_id task, lia_id key)
{
    *out = (telling){.task = task};
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    LIA_SET_ID(&ask, task, &out->task);
    out->command = (lia_command){.type = LIA_COMMAND_VERB,
                                 .row = &commands[0],
                                 .kind = lia_kind_find(LIA_TASK),
                                 .id = task,
                                 .key = key,
                                 .request = rig_pack(&ask, out->bytes, sizeof out->bytes),
                                 .done = rig_done,
                                 .context = &out->done};
    CHECK_OK(lia_node_submit(r->nodes[number], &out->command));
}

static bool all_agree(rig *r, size_t nodes)
{
    for (size_t n = 2; n <= nodes; n++)
        if (!rig_same_digests(r, 1, n)) return false;
    return true;
}

static lia_id make_task(rig *r)
{
    Crm__Task task = CRM__TASK__INIT;
    task.title = "call";
    return rig_create(r, 1, LIA_TASK, &task);
}

static void check_once(rig *r, size_t nodes)
{
    for (size_t n = 1; n <= nodes; n++) {
        RIG_UNTIL(r, all_agree(r, nodes) && users(r, n) >= TASKS);
        CHECK_EQ(counted(r, n), TASKS);
        CHECK_EQ(users(r, n), TASKS);
    }
}

TEST(a_command_told_to_two_nodes_of_a_department_at_once_has_one_effect)
{
    rig r = {.services = {NULL, &sales, &sales, &sales}, .all = LIA_SALES};
    static telling one[TASKS], two[TASKS];
    lia_id tasks[TASKS];
    unsigned apart = 0;
    rig_make(&r, 3);
    for (size_t n = 1; n <= 3; n++) rig_start(&r, n);
    for (size_t i = 0; i < TASKS; i++) tasks[i] = make_task(&r);
    RIG_UNTIL(&r, all_agree(&r, 3));
    for (size_t i = 0; i < TASKS; i++) { /* the loop does not turn between the two */
        lia_id key = lia_id_make(1 + (int64_t)i);
        tell(&r, 1, &one[i], tasks[i], key);
        tell(&r, 2, &two[i], tasks[i], key);
        RIG_UNTIL(&r, one[i].done && two[i].done);
        CHECK_OK(one[i].command.err);
        CHECK_OK(two[i].command.err);
        apart += !one[i].command.repeated && !two[i].command.repeated;
    }
    CHECK(apart > 0);
    check_once(&r, 3);

    /* Once more, long afterwards, at the third. */
    static telling again;
    tell(&r, 3, &again, tasks[0], one[0].command.key);
    RIG_UNTIL(&r, again.done);
    CHECK_OK(again.command.err);
    CHECK(again.command.repeated);
    check_once(&r, 3);

    /* And folded anew. */
    rig_stop(&r, 2);
    rig_start(&r, 2);
    check_once(&r, 3);
    rig_end(&r);
}
