/* SPDX-License-Identifier: Apache-2.0 */
/* Custom fields in a running node: their index while it is built, kept, taken away and begun again,
 * with records that were there before it, that change meanwhile and that are erased; what another
 * node calls a field whose definition it gets late. The rows of an index are compared with what the
 * records say. */
#include "common/crm/crm_rig.h"
#include "common/wire/catalog.h"
#include "proto/custom.pb-c.h"

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
    {.name = "service", .department = LIA_SERVICE},
};

enum { RECORDS = 500 };

static rig r;
static lia_arena arena;

static void begin(size_t count)
{
    r = (rig){.check_ms = 20};
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)64 << 20));
    lia_arena_reset(&arena);
    rig_make(&r, count);
    for (size_t n = 1; n <= count; n++) crm_start(&r, n, &departments[n], false);
}

static lia_id define(const char *of, const char *name, Custom__FieldType type, bool indexed)
{
    Custom__CustomField field = CUSTOM__CUSTOM_FIELD__INIT;
    field.of = of;
    field.name = field.label = name;
    LIA_SET(&field, type, type);
    LIA_SET(&field, indexed, indexed);
    return rig_create(&r, SALES, LIA_CUSTOM_FIELD, &field);
}

static void set_indexed(lia_id definition, bool indexed)
{
    static const uint32_t mask[] = {12};
    Custom__CustomField field = CUSTOM__CUSTOM_FIELD__INIT;
    LIA_SET(&field, indexed, indexed);
    crm_change(&r, SALES, LIA_CUSTOM_FIELD, definition, &field, mask, 1);
}

/* As the node's loop thread sees it now; NULL: there is none. */
static const lia_field *find(size_t number, const char *kind, const char *name)
{
    lia_catalog_use(lia_node_catalog(r.nodes[number]));
    const lia_kind *of = lia_kind_by_name(lia_span_text(kind));
    return of ? lia_field_by_name(of->message, lia_span_text(name)) : NULL;
}

static bool is_indexed(size_t number, const char *kind, const char *name)
{
    const lia_field *field = find(number, kind, name);
    return field && field->indexed;
}

/* A task with a number in that custom field; without `has` it has none. */
static lia_command task_command(lia_id id, uint32_t field, bool has, int64_t value)
{
    lia_buf request = lia_buf_make(&arena);
    lia_pb_put_bytes(&request, 1, LIA_SPAN("Ring up"));
    if (has) lia_pb_put_varint(&request, field, (uint64_t)value);
    uint32_t *mask = lia_arena_copy(&arena, lia_span_make(&field, sizeof field)).data
                         ? lia_arena_take(&arena, sizeof field)
                         : NULL;
    *mask = field;
    return (lia_command){.type = lia_id_is_none(id) ? LIA_COMMAND_CREATE : LIA_COMMAND_CHANGE,
                         .kind = lia_kind_find(LIA_TASK),
                         .id = id,
                         .mask = mask,
                         .mask_count = 1,
                         .request = lia_buf_get(&request)};
}

static lia_id put_task(lia_id id, uint32_t field, bool has, int64_t value)
{
    lia_command command = task_command(id, field, has, value);
    CHECK_OK(rig_do(&r, SALES, &command));
    return command.record;
}

/* ---- the rows of an index -------------------------------------------------------------------- */

typedef struct rows_seen {
    lia_id ids[RECORDS + 64];
    int64_t values[RECORDS + 64];
    size_t count;
} rows_seen;

/* In the order of the index. */
static void read_index(uint32_t number, rows_seen *out)
{
    const lia_field field = {.number = number, .type = LIA_T_INT, .bits = 64};
    lia_key prefix = lia_key_index_prefix(LIA_TASK, &field);
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    out->count = 0;
    CHECK_OK(lia_node_read(r.nodes[SALES], &rows));
    CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &value)) {
        CHECK(out->count < LIA_COUNT(out->ids));
        out->values[out->count] =
            (int64_t)(lia_get_u64(key.data + prefix.size) ^ (UINT64_C(1) << 63));
        out->ids[out->count++] = lia_key_index_id(key);
    }
    lia_scan_close(scan);
    lia_node_read_end(r.nodes[SALES], &rows);
}

/* Every record that has a value is there once with it, and nothing else is. */
static void check_index(uint32_t number, const lia_id *ids, const int64_t *values, const bool *has)
{
    static rows_seen seen;
    size_t wanted = 0;
    read_index(number, &seen);
    for (size_t i = 0; i < RECORDS; i++) wanted += has[i];
    CHECK_EQ(seen.count, wanted);
    for (size_t i = 1; i < seen.count; i++) CHECK(seen.values[i - 1] <= seen.values[i]);
    for (size_t i = 0; i < seen.count; i++) {
        size_t at = 0;
        while (at < RECORDS && !lia_id_equal(ids[at], seen.ids[i])) at++;
        CHECK(at < RECORDS && has[at] && values[at] == seen.values[i]);
    }
}

TEST(an_index_is_built_kept_taken_away_and_begun_again)
{
    static lia_id ids[RECORDS];
    static int64_t values[RECORDS];
    static bool has[RECORDS];
    static rows_seen none;
    lia_dice dice = {7};
    begin(1);
    lia_id definition = define("task", "urgency", CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER, false);
    const lia_field *field = find(SALES, "task", "urgency");
    CHECK(field && !field->indexed && !field->added->indexing);
    uint32_t number = field->number;
    for (size_t i = 0; i < RECORDS; i++) {
        has[i] = lia_dice_below(&dice, 4) > 0;
        values[i] = (int64_t)lia_dice_below(&dice, 100) - 50;
        ids[i] = put_task(LIA_ID_NONE, number, has[i], values[i]);
    }
    read_index(number, &none);
    CHECK_EQ(none.count, 0);

    /* Built while records change; in between it is not used. */
    set_indexed(definition, true);
    for (size_t i = 0; i < 40; i++) {
        size_t at = (size_t)lia_dice_below(&dice, RECORDS);
        has[at] = lia_dice_below(&dice, 4) > 0;
        values[at] = (int64_t)lia_dice_below(&dice, 100) - 50;
        (void)put_task(ids[at], number, has[at], values[at]);
    }
    RIG_UNTIL(&r, is_indexed(SALES, "task", "urgency"));
    check_index(number, ids, values, has);
    for (size_t i = 0; i < 40; i++) {
        size_t at = (size_t)lia_dice_below(&dice, RECORDS);
        has[at] = true;
        values[at] = (int64_t)i;
        (void)put_task(ids[at], number, true, values[at]);
    }
    check_index(number, ids, values, has);

    /* It outlives a start, and is begun anew with new views. */
    rig_stop(&r, SALES);
    crm_start(&r, SALES, &departments[SALES], false);
    CHECK(is_indexed(SALES, "task", "urgency"));
    check_index(number, ids, values, has);
    rig_stop(&r, SALES);
    crm_start(&r, SALES, &departments[SALES], true);
    RIG_UNTIL(&r, is_indexed(SALES, "task", "urgency"));
    check_index(number, ids, values, has);

    /* Off and on again at once: what was written in between is in it, too. */
    set_indexed(definition, false);
    CHECK(!is_indexed(SALES, "task", "urgency"));
    values[3] = 1000;
    has[3] = true;
    (void)put_task(ids[3], number, true, 1000);
    set_indexed(definition, true);
    RIG_UNTIL(&r, is_indexed(SALES, "task", "urgency"));
    check_index(number, ids, values, has);

    set_indexed(definition, false);
    RIG_UNTIL(&r, (read_index(number, &none), none.count == 0));

    /* Nothing of it was a difference from the log. */
    lia_node_stats stats;
    lia_node_get_stats(r.nodes[SALES], &stats);
    CHECK_EQ(stats.audit.rows_repaired, 0);
    rig_end(&r);
}

/* ---- erased ---------------------------------------------------------------------------------- */

static size_t rows_below(lia_span prefix, lia_id id)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    size_t count = 0;
    CHECK_OK(lia_node_read(r.nodes[SALES], &rows));
    CHECK_OK(lia_rows_scan(&rows, prefix, &scan));
    while (lia_scan_next(scan, &key, &value))
        count += memmem(key.data, key.size, id.bytes, LIA_ID_SIZE) != NULL;
    lia_scan_close(scan);
    lia_node_read_end(r.nodes[SALES], &rows);
    return count;
}

TEST(an_erased_customer_is_in_no_index_and_takes_the_records_of_custom_kinds_along)
{
    begin(1);
    Custom__CustomKind boat = CUSTOM__CUSTOM_KIND__INIT;
    boat.name = "boat";
    boat.plural = "boats";
    boat.label = "Boat";
    (void)rig_create(&r, SALES, LIA_CUSTOM_KIND, &boat);
    (void)define("customer", "hat", CUSTOM__FIELD_TYPE__FIELD_TYPE_TEXT, true);
    (void)define("boat", "mast", CUSTOM__FIELD_TYPE__FIELD_TYPE_TEXT, true);
    RIG_UNTIL(&r, is_indexed(SALES, "customer", "hat") && is_indexed(SALES, "boat", "mast"));
    uint32_t hat = find(SALES, "customer", "hat")->number,
             mast = find(SALES, "boat", "mast")->number;
    lia_buf request = lia_buf_make(&arena);
    lia_pb_put_bytes(&request, 2, LIA_SPAN("Mei"));
    lia_pb_put_bytes(&request, hat, LIA_SPAN("felt"));
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .request = lia_buf_get(&request)};
    CHECK_OK(rig_do(&r, SALES, &command));
    lia_id mei = command.record;
    const lia_kind *kind = lia_kind_by_name(LIA_SPAN("boat"));
    lia_buf ship = lia_buf_make(&arena);
    lia_pb_put_bytes(&ship, 1, LIA_SPAN("Cloud"));
    lia_pb_put_bytes(&ship, 2, lia_id_span(&mei));
    lia_pb_put_bytes(&ship, mast, LIA_SPAN("pine"));
    command =
        (lia_command){.type = LIA_COMMAND_CREATE, .kind = kind, .request = lia_buf_get(&ship)};
    CHECK_OK(rig_do(&r, SALES, &command));
    lia_id cloud = command.record;
    CHECK_EQ(rows_below(LIA_SPAN("y"), mei), 1);
    CHECK_EQ(rows_below(LIA_SPAN("y"), cloud), 1);

    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &mei);
    ask.reason = "test";
    (void)crm_do(&r, SALES, LIA_CUSTOMER, "erase", mei, &ask);
    CHECK_EQ(rows_below(LIA_SPAN("y"), mei), 0);
    CHECK_EQ(rows_below(LIA_SPAN("y"), cloud), 0);
    CHECK_EQ(rows_below(LIA_SPAN("x"), cloud), 0);
    CHECK_EQ(rows_below(LIA_SPAN("r"), cloud), 0);
    rig_end(&r);
}

/* ---- two nodes ------------------------------------------------------------------------------- */

TEST(two_nodes_that_are_apart_agree_on_all_names_and_numbers)
{
    begin(2);
    rig_stop(&r, MARKETING);
    (void)define("task", "size", CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER, true);
    uint32_t of_sales = find(SALES, "task", "size")->number;
    lia_id a = put_task(LIA_ID_NONE, of_sales, true, 41);
    rig_stop(&r, SALES);
    crm_start(&r, MARKETING, &departments[MARKETING], false);
    lia_catalog_use(lia_node_catalog(r.nodes[MARKETING]));
    Custom__CustomField field = CUSTOM__CUSTOM_FIELD__INIT;
    field.of = "task";
    field.name = field.label = "size";
    LIA_SET(&field, type, CUSTOM__FIELD_TYPE__FIELD_TYPE_TEXT);
    (void)rig_create(&r, MARKETING, LIA_CUSTOM_FIELD, &field);
    CHECK_TEXT(find(MARKETING, "task", "size")->label, "size");
    crm_start(&r, SALES, &departments[SALES], false);
    RIG_UNTIL(&r, find(SALES, "task", "size_2") && find(MARKETING, "task", "size_2"));
    RIG_UNTIL(&r, rig_same_digests(&r, SALES, MARKETING));
    for (size_t n = SALES; n <= MARKETING; n++) {
        CHECK_EQ(find(n, "task", "size")->number, of_sales);
        CHECK_EQ(find(n, "task", "size")->type, LIA_T_INT);
        CHECK_TEXT(find(n, "task", "size_2")->added->wanted, "size");
        RIG_UNTIL(&r, is_indexed(n, "task", "size"));
    }
    lia_rows rows;
    lia_span message;
    lia_pb_field value;
    CHECK_OK(lia_node_read(r.nodes[MARKETING], &rows));
    CHECK_OK(lia_rows_message(&rows, lia_kind_find(LIA_TASK), a, &arena, &message, NULL));
    CHECK(lia_pb_find(message, of_sales, &value) && value.value == 41);
    lia_node_read_end(r.nodes[MARKETING], &rows);
    rig_end(&r);
}

/* A service that loads a record as a struct and records it again must not lose what the struct has
 * no member for. */
TEST(a_command_that_writes_the_whole_record_keeps_its_custom_values)
{
    begin(1);
    (void)define("task", "urgency", CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER, false);
    uint32_t number = find(SALES, "task", "urgency")->number;
    lia_id task = put_task(LIA_ID_NONE, number, true, -7);
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    LIA_SET_ID(&ask, task, &task);
    (void)crm_do(&r, SALES, LIA_TASK, "complete", task, &ask);
    lia_rows rows;
    lia_span message;
    lia_pb_field value;
    CHECK_OK(lia_node_read(r.nodes[SALES], &rows));
    CHECK_OK(lia_rows_message(&rows, lia_kind_find(LIA_TASK), task, &arena, &message, NULL));
    CHECK(lia_pb_find(message, number, &value) && (int64_t)value.value == -7);
    lia_node_read_end(r.nodes[SALES], &rows);
    rig_end(&r);
}

static lia_err try_task(lia_id id, uint32_t field, int64_t value)
{
    lia_command command = task_command(id, field, true, value);
    return rig_do(&r, SALES, &command);
}

TEST(a_unique_value_is_of_one_record_that_is_not_put_away)
{
    begin(1);
    Custom__CustomField field = CUSTOM__CUSTOM_FIELD__INIT;
    field.of = "task";
    field.name = field.label = "badge";
    LIA_SET(&field, type, CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER);
    LIA_SET(&field, indexed, true);
    LIA_SET(&field, unique, true);
    (void)rig_create(&r, SALES, LIA_CUSTOM_FIELD, &field);
    RIG_UNTIL(&r, is_indexed(SALES, "task", "badge"));
    uint32_t number = find(SALES, "task", "badge")->number;
    lia_id first = put_task(LIA_ID_NONE, number, true, 7);
    CHECK_EQ(try_task(LIA_ID_NONE, number, 7), LIA_EEXIST);
    lia_id second = put_task(LIA_ID_NONE, number, true, 70); /* 7 is how 70 begins */
    CHECK_EQ(try_task(second, number, 7), LIA_EEXIST);
    CHECK_OK(try_task(second, number, 70)); /* its own */
    CHECK_OK(try_task(first, number, 8));
    CHECK_OK(try_task(second, number, 7));
    (void)put_task(LIA_ID_NONE, number, false, 0); /* none is nobody's */
    (void)put_task(LIA_ID_NONE, number, false, 0);
    lia_command archive = {
        .type = LIA_COMMAND_ARCHIVE, .kind = lia_kind_find(LIA_TASK), .id = second};
    CHECK_OK(rig_do(&r, SALES, &archive));
    CHECK_OK(try_task(LIA_ID_NONE, number, 7));
    rig_end(&r);
}

/* In one group: what stands before is seen. */
TEST(two_records_made_at_once_do_not_get_one_unique_value)
{
    begin(1);
    Custom__CustomField field = CUSTOM__CUSTOM_FIELD__INIT;
    field.of = "task";
    field.name = field.label = "badge";
    LIA_SET(&field, type, CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER);
    LIA_SET(&field, indexed, true);
    LIA_SET(&field, unique, true);
    (void)rig_create(&r, SALES, LIA_CUSTOM_FIELD, &field);
    RIG_UNTIL(&r, is_indexed(SALES, "task", "badge"));
    uint32_t number = find(SALES, "task", "badge")->number;
    bool done[2] = {false};
    lia_command two[2];
    for (size_t i = 0; i < 2; i++) {
        two[i] = task_command(LIA_ID_NONE, number, true, 7);
        two[i].done = rig_done;
        two[i].context = &done[i];
    }
    two[0].next = &two[1];
    CHECK_OK(lia_node_submit_all(r.nodes[SALES], two, 2));
    RIG_UNTIL(&r, done[0] && done[1]);
    CHECK_OK(two[0].err);
    CHECK_EQ(two[1].err, LIA_EEXIST);
    rig_end(&r);
}
