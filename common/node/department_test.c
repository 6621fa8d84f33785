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

/* Makes two tasks, in an event each. */
static lia_err make_two(lia_turn *turn, const void *request)
{
    (void)request;
    lia_err err = LIA_OK;
    for (int i = 0; i < 2 && !err; i++) {
        lia_id id = lia_turn_new_id(turn);
        Crm__Task task = CRM__TASK__INIT;
        task.title = "made by a verb";
        err = lia_record(turn, LIA_TASK, id, &task);
        Crm__TaskCompleted fact = CRM__TASK_COMPLETED__INIT;
        LIA_SET_ID(&fact, task, &id);
        if (!err) err = lia_tell(turn, &fact);
        if (!i) lia_turn_answer(turn, LIA_TASK, id);
    }
    return err;
}

/* Makes one and tells nothing. */
static lia_err make_quietly(lia_turn *turn, const void *request)
{
    (void)request;
    lia_id id = lia_turn_new_id(turn);
    Crm__Task task = CRM__TASK__INIT;
    task.title = "made by a verb";
    lia_turn_answer(turn, LIA_TASK, id);
    return lia_record(turn, LIA_TASK, id, &task);
}

static lia_err add_one(lia_turn *turn, lia_span name)
{
    lia_span value;
    uint8_t bytes[8];
    uint64_t so_far = lia_fold_get(turn, name, &value) ? 0 : lia_get_u64(value.data);
    lia_put_u64(bytes, so_far + 1);
    return lia_fold_put(turn, name, LIA_SPAN_OF(bytes));
}

static lia_err count(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    return add_one(turn, LIA_SPAN("count"));
}

static lia_err count_logged(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    return add_one(turn, LIA_SPAN("logged"));
}

/* All nodes react to whichever event they have. */
static lia_err thank(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    Crm__User user = CRM__USER__INIT;
    user.name = "who is thanked";
    return lia_record(turn, LIA_USER, lia_turn_new_id(turn), &user);
}

enum { FINISH, TWO, QUIET };
static const lia_command_row commands[] = {
    {"task.finish", "finish", LIA_TASK, false, &crm__complete_task__descriptor, complete, ""},
    {"task.two", "two", LIA_TASK, true, &crm__complete_task__descriptor, make_two, ""},
    {"task.quiet", "quiet", LIA_TASK, true, &crm__complete_task__descriptor, make_quietly, ""}};
static const lia_fold_row folds[] = {{"count", TASK_COMPLETED, count, NULL},
                                     {"logged", LIA_INTERACTION_LOGGED, count_logged, NULL}};
static const lia_reactor_row reactors[] = {{"test.thank", TASK_COMPLETED, thank}};
static const lia_service sales = {.name = "sales",
                                  .department = LIA_SALES,
                                  .commands = commands,
                                  .command_count = LIA_COUNT(commands),
                                  .reactors = reactors,
                                  .reactor_count = 1,
                                  .folds = folds,
                                  .fold_count = LIA_COUNT(folds)};

static uint64_t figure(rig *r, size_t number, const char *name)
{
    lia_rows rows;
    lia_span value;
    lia_key key = lia_key_fold(lia_span_text(name));
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    uint64_t so_far = lia_rows_get(&rows, lia_key_span(&key), &value) ? 0 : lia_get_u64(value.data);
    lia_node_read_end(r->nodes[number], &rows);
    return so_far;
}

static uint64_t counted(rig *r, size_t number)
{
    return figure(r, number, "count");
}

static size_t records(rig *r, size_t number, uint16_t kind)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, row;
    size_t found = 0;
    lia_key prefix = lia_key_kind(kind);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &row))
        found +=
            key.size == prefix.size + LIA_ID_SIZE + 1 && key.data[key.size - 1] == LIA_TAG_STATE;
    lia_scan_close(scan);
    lia_node_read_end(r->nodes[number], &rows);
    return found;
}

static size_t users(rig *r, size_t number)
{
    return records(r, number, LIA_USER);
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

/* ---- creations ------------------------------------------------------------------------------- */

enum { MADE_CUSTOMER, MADE_INTERACTION, MADE_BY_VERB, OTHER_BODY, OTHER_ACTOR, ORDERED, CREATIONS };

typedef struct making {
    lia_id made[CREATIONS];
} making;

static lia_id keyed(rig *r, size_t number, lia_command *command, lia_id key, uint32_t actor)
{
    command->key = key;
    command->actor = actor;
    CHECK_OK(rig_do(r, number, command));
    return command->record;
}

static lia_id create_keyed(rig *r, size_t number, uint16_t kind, const void *message, lia_id key,
                           uint32_t actor)
{
    uint8_t bytes[512];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(kind),
                           .request = rig_pack(message, bytes, sizeof bytes)};
    return keyed(r, number, &command, key, actor);
}

static lia_command verb_of(size_t row)
{
    return (lia_command){.type = LIA_COMMAND_VERB, .row = &commands[row], .request = LIA_SPAN_NONE};
}

static lia_id key_of(const char *text)
{
    return lia_id_derive("test", lia_span_text(text));
}

static lia_id customer_keyed(rig *r, size_t number, const char *name, lia_id key, uint32_t actor)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = (char *)(uintptr_t)name;
    return create_keyed(r, number, LIA_CUSTOMER, &customer, key, actor);
}

/* The same client tells it to whichever node it reaches; but for two mistakes. */
static making make_all(rig *r, size_t number, lia_id ben, lia_id ordered)
{
    making m;
    char name[16];
    m.made[MADE_CUSTOMER] = customer_keyed(r, number, "Mei", key_of("customer"), 3);
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &ben);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    m.made[MADE_INTERACTION] =
        create_keyed(r, number, LIA_INTERACTION, &call, key_of("interaction"), 3);
    lia_command two = verb_of(TWO);
    m.made[MADE_BY_VERB] = keyed(r, number, &two, key_of("verb"), 3);
    snprintf(name, sizeof name, "Body %zu", number);
    m.made[OTHER_BODY] = customer_keyed(r, number, name, key_of("body"), 3);
    m.made[OTHER_ACTOR] = customer_keyed(r, number, "Actor", key_of("actor"), (uint32_t)number);
    m.made[ORDERED] = customer_keyed(r, number, "Ordered", ordered, 3);
    return m;
}

static void check_made(rig *r, size_t nodes, lia_id ben)
{
    lia_timeline_entry entries[8];
    RIG_UNTIL(r, all_agree(r, nodes) && users(r, 1) >= 2);
    for (size_t n = 1; n <= nodes; n++) {
        CHECK_EQ(records(r, n, LIA_CUSTOMER), 1 + 1 + 2 + 2 + 1);
        CHECK_EQ(records(r, n, LIA_INTERACTION), 1);
        CHECK_EQ(records(r, n, LIA_TASK), 2);
        CHECK_EQ(rig_timeline(r, n, ben, entries, 8), 1);
        CHECK_EQ(figure(r, n, "logged"), 1);
        CHECK_EQ(counted(r, n), 2);
        CHECK_EQ(users(r, n), 2); /* who reacts does so once to each task */
    }
}

static void remove_views(const rig *r, size_t number)
{
    char command[800];
    snprintf(command, sizeof command, "rm -r %s/%s/views", r->dir,
             r->members.list[number - 1].name);
    CHECK_EQ(system(command), 0);
}

TEST(a_creation_told_to_two_nodes_that_cannot_reach_one_another_makes_one_record)
{
    rig r = {.services = {NULL, &sales, &sales, &sales}, .all = LIA_SALES};
    rig_make(&r, 3);
    rig_start(&r, 1);
    rig_start(&r, 2);
    lia_id ben = rig_customer(&r, 1, "Ben"), ordered = lia_id_make(1700000000000);
    RIG_UNTIL(&r, records(&r, 2, LIA_CUSTOMER) == 1);
    rig_stop(&r, 2);
    making one = make_all(&r, 1, ben, ordered);
    rig_stop(&r, 1);
    rig_start(&r, 2);
    making two = make_all(&r, 2, ben, ordered);
    for (size_t i = 0; i < CREATIONS; i++)
        CHECK_EQ(lia_id_equal(one.made[i], two.made[i]), i != OTHER_BODY && i != OTHER_ACTOR);
    CHECK(memcmp(one.made[ORDERED].bytes, ordered.bytes, 6) == 0); /* in the order of its key */

    rig_start(&r, 1);
    rig_start(&r, 3);
    check_made(&r, 3, ben);

    /* Again, at one that did neither. */
    lia_id again = customer_keyed(&r, 3, "Mei", key_of("customer"), 3);
    CHECK(lia_id_equal(again, one.made[MADE_CUSTOMER]));
    lia_command verb = verb_of(TWO);
    CHECK(lia_id_equal(keyed(&r, 3, &verb, key_of("verb"), 3), one.made[MADE_BY_VERB]));
    CHECK(verb.repeated);
    check_made(&r, 3, ben);

    /* And folded anew, by those who had them in either order. */
    for (size_t n = 1; n <= 2; n++) {
        rig_stop(&r, n);
        remove_views(&r, n);
        rig_start(&r, n);
        check_made(&r, 3, ben);
    }
    rig_end(&r);
}

/* The lane's block with that event is not in the log any more. */
static bool has_left(rig *r, lia_position position)
{
    return lia_node_first(r->nodes[1], (lia_origin){position.node, position.incarnation}) >
           position.seq;
}

TEST(a_creation_that_is_repeated_when_its_event_has_left_the_log_makes_nothing_new)
{
    rig r = {.services = {NULL, &sales}, .log_keep_ms = 1};
    rig_make(&r, 1);
    rig_start(&r, 1);
    lia_id mei = customer_keyed(&r, 1, "Mei", key_of("customer"), 3);
    lia_command quiet = verb_of(QUIET);
    (void)keyed(&r, 1, &quiet, key_of("quiet"), 3);
    CHECK(!quiet.repeated);
    rig_customer(&r, 1, "Ben"); /* a lane's last block stays */
    rig_stop(&r, 1);            /* writes the views out */
    rig_start(&r, 1);
    RIG_UNTIL(&r, has_left(&r, quiet.last));
    size_t customers = records(&r, 1, LIA_CUSTOMER);
    rig_stop(&r, 1);
    remove_views(&r, 1);
    rig_start(&r, 1);

    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei";
    uint8_t bytes[64];
    lia_command again = {.type = LIA_COMMAND_CREATE,
                         .kind = lia_kind_find(LIA_CUSTOMER),
                         .request = rig_pack(&customer, bytes, sizeof bytes)};
    CHECK(lia_id_equal(keyed(&r, 1, &again, key_of("customer"), 3), mei));
    CHECK(again.repeated);
    quiet = verb_of(QUIET);
    quiet.key = key_of("quiet");
    quiet.actor = 3;
    CHECK_ERR(rig_do(&r, 1, &quiet), LIA_EEXIST);
    CHECK_EQ(records(&r, 1, LIA_CUSTOMER), customers);
    CHECK_EQ(records(&r, 1, LIA_TASK), 1);
    rig_end(&r);
}
