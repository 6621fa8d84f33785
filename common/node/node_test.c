/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/node_rig.h"

#include "common/node/turn.h"
#include "common/wire/pb.h"

/* A department for tests: counts purchases in a fold, answers each with a task, wakes itself. */
static lia_err count_fold(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    lia_span value;
    uint8_t bytes[8];
    uint64_t count = lia_fold_get(turn, LIA_SPAN("count"), &value) ? 0 : lia_get_u64(value.data);
    lia_put_u64(bytes, count + 1);
    return lia_fold_put(turn, LIA_SPAN("count"), LIA_SPAN_OF(bytes));
}

static lia_err answer_with_task(lia_turn *turn, const lia_occurrence *seen)
{
    lia_id id = lia_turn_new_id(turn);
    Crm__Task task = CRM__TASK__INIT;
    task.title = "thank them";
    task.has_customer = 1;
    task.customer = lia_id_bytes(&seen->event->header.customer);
    return lia_record(turn, LIA_TASK, id, &task);
}

static unsigned jobs_seen;
static lia_err ring(lia_turn *turn, lia_id key, lia_span payload)
{
    jobs_seen++;
    CHECK_BYTES(payload, LIA_SPAN("ring"));
    Crm__Task *task;
    lia_err err = lia_load(turn, LIA_TASK, key, &task);
    if (err) return err;
    task->text = "rung";
    return lia_record(turn, LIA_TASK, key, task);
}

static lia_err set_alarm(lia_turn *turn, const void *request)
{
    const Crm__CompleteTask *ask = request;
    return lia_job_set(turn, "test.ring", lia_id_in(ask->task), (lia_time){turn->now.ms - 1},
                       LIA_SPAN("ring"));
}

static const lia_refusal_text never = {"never", "this is never allowed"};
static lia_err refuse(lia_turn *turn, const void *request)
{
    const Crm__CompleteTask *ask = request;
    Crm__Task *task;
    lia_err err = lia_load(turn, LIA_TASK, lia_id_in(ask->task), &task);
    if (err) return err;
    task->text = "must not be seen";
    err = lia_record(turn, LIA_TASK, lia_id_in(ask->task), task);
    return err ? err : lia_refuse(turn, &never);
}

static const lia_fold_row folds[] = {{"count", LIA_INTERACTION_LOGGED, count_fold, NULL}};
static const lia_reactor_row reactors[] = {
    {"test.thank", LIA_INTERACTION_LOGGED, answer_with_task}};
static const lia_job_row jobs[] = {{.name = "test.ring", .run = ring}};
static const lia_command_row commands[] = {
    {"task.alarm", "alarm", LIA_TASK, false, &crm__complete_task__descriptor, set_alarm, ""},
    {"task.refuse", "refuse", LIA_TASK, false, &crm__complete_task__descriptor, refuse, ""},
};
static const lia_service sales = {.name = "sales",
                                  .department = LIA_SALES,
                                  .commands = commands,
                                  .command_count = 2,
                                  .reactors = reactors,
                                  .reactor_count = 1,
                                  .jobs = jobs,
                                  .job_count = 1,
                                  .folds = folds,
                                  .fold_count = 1};
static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};
static const lia_service service = {.name = "service", .department = LIA_SERVICE};
static const lia_service analytics = {.name = "analytics", .department = LIA_ANALYTICS};

static void make(rig *r, size_t count)
{
    *r = (rig){.services = {NULL, &sales, &marketing, &service, &analytics}};
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_start(r, i);
}

static uint64_t counted(rig *r)
{
    lia_rows rows;
    lia_span value;
    lia_key key = lia_key_fold(LIA_SPAN("count"));
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    uint64_t count = lia_rows_get(&rows, lia_key_span(&key), &value) ? 0 : lia_get_u64(value.data);
    lia_node_read_end(r->nodes[1], &rows);
    return count;
}

static lia_arena scratch;
static lia_span message_at(rig *r, size_t number, uint16_t kind, lia_id id)
{
    lia_rows rows;
    lia_span message = LIA_SPAN_NONE;
    if (!scratch.base) CHECK_OK(lia_arena_init(&scratch, 16 << 20));
    lia_arena_reset(&scratch);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    lia_err err = lia_rows_message(&rows, lia_kind_find(kind), id, &scratch, &message, NULL);
    lia_node_read_end(r->nodes[number], &rows);
    return err ? LIA_SPAN_NONE : message;
}

static bool has_text(lia_span message, uint32_t field, const char *text)
{
    lia_pb_field found;
    return lia_pb_find(message, field, &found) && lia_span_is(found.bytes, text);
}

TEST(a_created_customer_reads_back_and_survives_a_restart)
{
    rig r;
    make(&r, 1);
    lia_id id = rig_customer(&r, 1, "Mei");
    CHECK(has_text(message_at(&r, 1, LIA_CUSTOMER, id), 2, "Mei"));
    rig_stop(&r, 1);
    rig_start(&r, 1);
    CHECK(has_text(message_at(&r, 1, LIA_CUSTOMER, id), 2, "Mei"));
    rig_end(&r);
}

TEST(interactions_stand_on_the_timeline_newest_first_and_each_is_answered_once)
{
    rig r;
    make(&r, 1);
    lia_id id = rig_customer(&r, 1, "Mei");
    for (int64_t i = 0; i < 10; i++) rig_purchase(&r, 1, id, 1000 * (i * 7 % 10), 100 + i);
    lia_timeline_entry entries[16];
    CHECK_EQ(rig_timeline(&r, 1, id, entries, 16), 10);
    for (int64_t i = 0; i < 10; i++) CHECK_EQ(entries[i].time.ms, 1000 * (9 - i));
    CHECK_EQ(counted(&r), 10);
    lia_node_stats stats;
    lia_node_get_stats(r.nodes[1], &stats);
    CHECK_EQ(stats.reactions, 10);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    lia_node_get_stats(r.nodes[1], &stats);
    CHECK_EQ(stats.reactions, 0);
    CHECK_EQ(counted(&r), 10);
    CHECK_EQ(rig_timeline(&r, 1, id, entries, 16), 10);
    rig_end(&r);
}

TEST(a_changed_interaction_shows_its_change_and_an_archived_one_leaves_the_timeline)
{
    rig r;
    make(&r, 1);
    lia_id id = rig_customer(&r, 1, "Mei"), purchase = rig_purchase(&r, 1, id, 5000, 100);
    rig_purchase(&r, 1, id, 4000, 100);
    Crm__Interaction change = CRM__INTERACTION__INIT;
    change.has_occurred_at = 1;
    change.occurred_at = 3000;
    change.subject = "a gift";
    uint8_t bytes[512];
    uint32_t mask[] = {5, 6};
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = lia_kind_find(LIA_INTERACTION),
                           .id = purchase,
                           .request = rig_pack(&change, bytes, sizeof bytes),
                           .mask = mask,
                           .mask_count = 2};
    CHECK_OK(rig_do(&r, 1, &command));
    lia_timeline_entry entries[4];
    CHECK_EQ(rig_timeline(&r, 1, id, entries, 4), 2);
    CHECK_EQ(entries[0].time.ms, 4000);
    CHECK_EQ(entries[1].time.ms, 3000);
    CHECK(entries[1].changed);
    CHECK(has_text(message_at(&r, 1, LIA_INTERACTION, purchase), 6, "a gift"));
    lia_command archive = {
        .type = LIA_COMMAND_ARCHIVE, .kind = lia_kind_find(LIA_INTERACTION), .id = purchase};
    CHECK_OK(rig_do(&r, 1, &archive));
    CHECK_EQ(rig_timeline(&r, 1, id, entries, 4), 1);
    archive.restore = true;
    CHECK_OK(rig_do(&r, 1, &archive));
    CHECK_EQ(rig_timeline(&r, 1, id, entries, 4), 2);
    rig_end(&r);
}

TEST(a_key_makes_a_command_happen_once_and_another_request_under_it_is_refused)
{
    rig r;
    make(&r, 1);
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei";
    uint8_t bytes[256];
    lia_id key = lia_id_make(1);
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .key = key,
                           .request = rig_pack(&customer, bytes, sizeof bytes)};
    CHECK_OK(rig_do(&r, 1, &command));
    lia_id first = command.record;
    CHECK(!command.repeated);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    CHECK_OK(rig_do(&r, 1, &command));
    CHECK(command.repeated);
    CHECK(lia_id_equal(first, command.record));
    customer.name = "Ben";
    command.request = rig_pack(&customer, bytes, sizeof bytes);
    CHECK_ERR(rig_do(&r, 1, &command), LIA_EREUSED);
    rig_end(&r);
}

TEST(a_refusal_leaves_nothing_and_a_stale_version_is_told)
{
    rig r;
    make(&r, 1);
    Crm__Task task = CRM__TASK__INIT;
    task.title = "call";
    lia_id id = rig_create(&r, 1, LIA_TASK, &task);
    uint64_t before = lia_node_visible(r.nodes[1]);
    lia_command command = {.type = LIA_COMMAND_VERB,
                           .id = id,
                           .row =
                               lia_node_command(r.nodes[1], LIA_TASK, LIA_SPAN("refuse"), false)};
    uint8_t request[32];
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    ask.has_task = 1;
    ask.task = lia_id_bytes(&id);
    command.request = rig_pack(&ask, request, sizeof request);
    CHECK_ERR(rig_do(&r, 1, &command), LIA_EREFUSED);
    CHECK_TEXT(command.refusal->code, "never");
    CHECK_EQ(lia_node_visible(r.nodes[1]), before);
    CHECK(!has_text(message_at(&r, 1, LIA_TASK, id), 2, "must not be seen"));

    Crm__Task change = CRM__TASK__INIT;
    change.title = "write";
    uint8_t bytes[64];
    uint32_t mask = 1;
    lia_command patch = {.type = LIA_COMMAND_CHANGE,
                         .kind = lia_kind_find(LIA_TASK),
                         .id = id,
                         .mask = &mask,
                         .mask_count = 1,
                         .request = rig_pack(&change, bytes, sizeof bytes),
                         .has_match = true,
                         .match = {.hlc = 1, .seq = 1, .incarnation = 1, .node = 1}};
    CHECK_ERR(rig_do(&r, 1, &patch), LIA_ECONFLICT);
    patch.has_match = false;
    CHECK_OK(rig_do(&r, 1, &patch));
    CHECK(has_text(message_at(&r, 1, LIA_TASK, id), 1, "write"));
    rig_end(&r);
}

TEST(a_job_runs_once_with_its_payload)
{
    rig r;
    make(&r, 1);
    jobs_seen = 0;
    Crm__Task task = CRM__TASK__INIT;
    task.title = "call";
    lia_id id = rig_create(&r, 1, LIA_TASK, &task);
    uint8_t request[32];
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    ask.has_task = 1;
    ask.task = lia_id_bytes(&id);
    lia_command command = {.type = LIA_COMMAND_VERB,
                           .id = id,
                           .row = lia_node_command(r.nodes[1], LIA_TASK, LIA_SPAN("alarm"), false),
                           .request = rig_pack(&ask, request, sizeof request)};
    CHECK_OK(rig_do(&r, 1, &command));
    RIG_UNTIL(&r, has_text(message_at(&r, 1, LIA_TASK, id), 2, "rung"));
    rig_stop(&r, 1);
    rig_start(&r, 1);
    rig_customer(&r, 1, "Mei");
    CHECK_EQ(jobs_seen, 1);
    rig_end(&r);
}

TEST(another_departments_record_is_not_ours_to_change)
{
    rig r;
    make(&r, 2);
    Sales__Deal deal = SALES__DEAL__INIT;
    deal.name = "x";
    uint8_t bytes[64];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_DEAL),
                           .request = rig_pack(&deal, bytes, sizeof bytes)};
    CHECK_ERR(rig_do(&r, 2, &command), LIA_EOWNER);
    rig_end(&r);
}

TEST(four_nodes_show_one_customer_and_agree)
{
    rig r;
    make(&r, 4);
    lia_id id = rig_customer(&r, 2, "Mei");
    for (size_t n = 1; n <= 4; n++)
        RIG_UNTIL(&r, has_text(message_at(&r, n, LIA_CUSTOMER, id), 2, "Mei"));
    for (int64_t i = 0; i < 20; i++) rig_purchase(&r, (size_t)i % 4 + 1, id, 1000 * i, 100);
    lia_timeline_entry entries[32];
    for (size_t n = 1; n <= 4; n++) RIG_UNTIL(&r, rig_timeline(&r, n, id, entries, 32) == 20);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3) &&
                      rig_same_digests(&r, 1, 4));
    rig_end(&r);
}

TEST(a_node_that_was_away_catches_up_and_one_that_is_away_stops_nobody)
{
    rig r;
    make(&r, 3);
    lia_id id = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, has_text(message_at(&r, 3, LIA_CUSTOMER, id), 2, "Mei"));
    rig_stop(&r, 3);
    for (int64_t i = 0; i < 50; i++) rig_purchase(&r, 1, id, 1000 * i, 100);
    rig_start(&r, 3);
    lia_timeline_entry entries[64];
    RIG_UNTIL(&r, rig_timeline(&r, 3, id, entries, 64) == 50);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3) && rig_same_digests(&r, 2, 3));
    rig_end(&r);
}

TEST(views_rebuilt_from_the_log_are_the_same)
{
    rig r;
    make(&r, 1);
    lia_id id = rig_customer(&r, 1, "Mei");
    for (int64_t i = 0; i < 30; i++) rig_purchase(&r, 1, id, 1000 * i, 100);
    static lia_digests before, after;
    lia_lane_info lanes[4];
    size_t count;
    CHECK_OK(lia_node_digests(r.nodes[1], &before, lanes, 4, &count));
    rig_stop(&r, 1);
    lia_why why = {0};
    lia_node_options options = {.loop = &r.loop,
                                .dir = r.dir,
                                .service = &sales,
                                .map_bytes = 1 << 30,
                                .rebuild = true,
                                .offline = true};
    CHECK_OK(lia_node_open(&r.nodes[1], &options, &why));
    rig_stop(&r, 1);
    rig_start(&r, 1);
    CHECK_OK(lia_node_digests(r.nodes[1], &after, lanes, 4, &count));
    CHECK(memcmp(before.sum, after.sum, sizeof before.sum) == 0);
    CHECK_EQ(counted(&r), 30);
    rig_end(&r);
}

static lia_hlc last_own_hlc(rig *r)
{
    lia_rows rows;
    lia_span bytes;
    lia_header header = {0};
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_rows_event(&rows, lia_node_visible(r->nodes[1]), &bytes));
    CHECK_OK(lia_event_parse_header(&header, bytes));
    lia_node_read_end(r->nodes[1], &rows);
    return header.hlc;
}

TEST(stamps_go_on_rising_after_a_restart)
{
    rig r;
    make(&r, 1);
    rig_customer(&r, 1, "Mei");
    lia_hlc before = last_own_hlc(&r);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    rig_customer(&r, 1, "Ben");
    CHECK(last_own_hlc(&r) > before);
    rig_end(&r);
}

TEST(a_turn_of_many_large_events_still_replicates)
{
    rig r;
    make(&r, 2);
    static char note[40000];
    memset(note, 'x', sizeof note - 1);
    static lia_command commands_at_once[60];
    static uint8_t bytes[60][40960];
    static bool done[60];
    for (size_t i = 0; i < 60; i++) {
        Crm__Customer customer = CRM__CUSTOMER__INIT;
        customer.name = "Mei";
        customer.note = note;
        commands_at_once[i] =
            (lia_command){.type = LIA_COMMAND_CREATE,
                          .kind = lia_kind_find(LIA_CUSTOMER),
                          .request = rig_pack(&customer, bytes[i], sizeof bytes[i]),
                          .done = rig_done,
                          .context = &done[i],
                          .next = i < 59 ? &commands_at_once[i + 1] : NULL};
        done[i] = false;
    }
    CHECK_OK(lia_node_submit_all(r.nodes[1], commands_at_once, 60));
    RIG_UNTIL(&r, done[59]);
    uint64_t all = lia_node_visible(r.nodes[1]);
    RIG_UNTIL(&r, lia_node_visible(r.nodes[2]) == all);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    rig_end(&r);
}
