/* SPDX-License-Identifier: Apache-2.0 */
/* The oldest events leave the log: what they said stays, views made from what is left are the same
 * rows, and whoever is erased is erased there, too. */
#include "common/crm/crm_rig.h"
#include "common/store/test_canary.h"

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
    {.name = "service", .department = LIA_SERVICE},
    {.name = "analytics", .department = LIA_ANALYTICS},
};

#define CANARY_TEXT "retain-canary-2026"

static void start(rig *r, size_t number)
{
    crm_start(r, number, &departments[number], false);
}

static void make(rig *r, size_t count, int64_t keep_ms)
{
    *r = (rig){.log_keep_ms = keep_ms, .check_ms = 20};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n);
}

static uint64_t own_head(rig *r, size_t number)
{
    static lia_digests digests;
    static lia_lane_info lanes[16];
    size_t count;
    CHECK_OK(lia_node_digests(r->nodes[number], &digests, lanes, 16, &count));
    for (size_t i = 0; i < count; i++)
        if (lia_origin_equal(lanes[i].origin, lia_node_origin(r->nodes[number])))
            return lanes[i].head;
    return 0;
}

/* Whether all of the own lane that may go is gone: a lane's last block stays. */
static bool is_dropped(rig *r, size_t number)
{
    lia_origin own = lia_node_origin(r->nodes[number]);
    return lia_node_first(r->nodes[number], own) + 3 > own_head(r, number);
}

static size_t receipts(rig *r, size_t number, lia_id customer)
{
    const Crm__Erasure *erasure = crm_read(r, number, LIA_ERASURE, lia_erasure_id(customer));
    return erasure ? erasure->n_receipts : 0;
}

/* ---- all rows of the views --------------------------------------------------------------------
 */

typedef struct dump {
    lia_arena arena;
    lia_span *rows; /* key, value, key, value ... */
    size_t count;
} dump;

enum { DUMP_MAX = 40000 };

static void dump_group(dump *to, const lia_rows *rows, const char *group)
{
    lia_scan *scan;
    lia_span key, value;
    CHECK_OK(lia_rows_scan(rows, lia_span_text(group), &scan));
    while (lia_scan_next(scan, &key, &value)) {
        CHECK(to->count + 2 <= DUMP_MAX);
        to->rows[to->count++] = lia_arena_copy(&to->arena, key);
        to->rows[to->count++] = lia_arena_copy(&to->arena, value);
    }
    CHECK_OK(lia_scan_status(scan));
    lia_scan_close(scan);
}

static void take_dump(rig *r, size_t number, dump *to)
{
    static const char *const groups[] = {"r", "x", "e", "f"};
    lia_rows rows;
    if (!to->arena.base) CHECK_OK(lia_arena_init(&to->arena, 64 << 20));
    lia_arena_reset(&to->arena);
    to->rows = lia_arena_take(&to->arena, DUMP_MAX * sizeof *to->rows);
    to->count = 0;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    for (size_t i = 0; i < LIA_COUNT(groups); i++) dump_group(to, &rows, groups[i]);
    lia_node_read_end(r->nodes[number], &rows);
}

static void print_row(const char *what, lia_span key)
{
    print_error("%s %c", what, key.data[0]);
    for (size_t i = 1; i < key.size; i++) print_error("%02x", key.data[i]);
    print_error("\n");
}

static void check_same(const dump *a, const dump *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i += 2) {
        bool same = lia_span_equal(a->rows[i], b->rows[i]) &&
                    lia_span_equal(a->rows[i + 1], b->rows[i + 1]);
        if (same) continue;
        print_row("before:", a->rows[i]);
        print_row("after: ", b->rows[i]);
        CHECK(same);
    }
    CHECK_EQ(a->count, b->count);
}

static void rebuild(rig *r, size_t number)
{
    rig_stop(r, number);
    crm_start(r, number, &departments[number], true);
}

/* The views are judged by base, kept events and blocks all the while, and never found to be wrong.
 */
static void check_audit(rig *r, size_t number)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[number], &stats);
    uint64_t seen = stats.audit.refolds;
    RIG_UNTIL(r, (lia_node_get_stats(r->nodes[number], &stats), stats.audit.refolds >= seen + 2));
    CHECK_EQ(stats.audit.rows_repaired, 0);
    CHECK_EQ(stats.audit.sums_repaired, 0);
}

/* ---- a busy office ----------------------------------------------------------------------------
 */

enum { PEOPLE = 6, THINGS = 24 };

typedef struct office {
    lia_dice dice;
    lia_id people[PEOPLE], calls[THINGS], tasks[THINGS];
    size_t call_count, task_count;
} office;

static lia_id anybody(office *o)
{
    return o->people[lia_dice_below(&o->dice, PEOPLE)];
}

static const char *some_text(office *o)
{
    static const char *const texts[] = {"red", "Blue", "gr\xc3\xbcn", "black and white"};
    return texts[lia_dice_below(&o->dice, LIA_COUNT(texts))];
}

static void log_call(rig *r, office *o)
{
    lia_id who = anybody(o);
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &who);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    LIA_SET(&call, occurred_at, 1000 * (int64_t)lia_dice_below(&o->dice, 50));
    call.text = some_text(o);
    o->calls[o->call_count++ % THINGS] = rig_create(r, 1, LIA_INTERACTION, &call);
}

static void make_task(rig *r, office *o)
{
    lia_id who = anybody(o);
    Crm__Task task = CRM__TASK__INIT;
    task.title = some_text(o);
    LIA_SET_ID(&task, customer, &who);
    o->tasks[o->task_count++ % THINGS] = rig_create(r, 1, LIA_TASK, &task);
}

static void change_customer(rig *r, office *o)
{
    static const uint32_t mask[] = {2, 7, 12};
    Crm__Customer change = CRM__CUSTOMER__INIT;
    Crm__Email email = CRM__EMAIL__INIT, *emails[] = {&email};
    const char *tags[] = {some_text(o), some_text(o)};
    email.value = lia_dice_below(&o->dice, 2) ? "mei@example.org" : "Mei@work.example";
    change.name = some_text(o);
    change.emails = emails;
    change.n_emails = lia_dice_below(&o->dice, 2);
    change.tags = tags;
    change.n_tags = lia_dice_below(&o->dice, 2);
    size_t from = lia_dice_below(&o->dice, 3);
    crm_change(r, 1, LIA_CUSTOMER, anybody(o), &change, mask + from, 3 - from);
}

/* Now and then it goes to somebody else. */
static void change_call(rig *r, office *o)
{
    static const uint32_t mask[] = {1, 7};
    if (!o->call_count) return;
    size_t i = lia_dice_below(&o->dice, o->call_count < THINGS ? o->call_count : THINGS);
    lia_id who = anybody(o);
    Crm__Interaction change = CRM__INTERACTION__INIT;
    LIA_SET_ID(&change, customer, &who);
    change.text = some_text(o);
    size_t from = lia_dice_below(&o->dice, 2);
    crm_change(r, 1, LIA_INTERACTION, o->calls[i], &change, mask + from, 2 - from);
}

static void change_task(rig *r, office *o)
{
    static const uint32_t mask[] = {1, 3};
    if (!o->task_count) return;
    size_t i = lia_dice_below(&o->dice, o->task_count < THINGS ? o->task_count : THINGS);
    lia_id who = anybody(o);
    Crm__Task change = CRM__TASK__INIT;
    LIA_SET_ID(&change, customer, &who);
    change.title = some_text(o);
    size_t from = lia_dice_below(&o->dice, 2);
    crm_change(r, 1, LIA_TASK, o->tasks[i], &change, mask + from, 2 - from);
}

static void put_away(rig *r, office *o)
{
    size_t calls = o->call_count < THINGS ? o->call_count : THINGS;
    size_t tasks = o->task_count < THINGS ? o->task_count : THINGS;
    bool call = lia_dice_below(&o->dice, 2);
    if (call ? !calls : !tasks) return;
    lia_id id = call ? o->calls[lia_dice_below(&o->dice, calls)]
                     : o->tasks[lia_dice_below(&o->dice, tasks)];
    lia_command command = {.type = LIA_COMMAND_ARCHIVE,
                           .kind = lia_kind_find(call ? LIA_INTERACTION : LIA_TASK),
                           .id = id,
                           .restore = lia_dice_below(&o->dice, 2)};
    CHECK_OK(rig_do(r, 1, &command));
}

static void work(rig *r, office *o, unsigned steps)
{
    static void (*const acts[])(rig *, office *) = {log_call,        log_call,    make_task,
                                                    change_customer, change_call, change_task,
                                                    change_customer, put_away};
    for (unsigned i = 0; i < steps; i++) acts[lia_dice_below(&o->dice, LIA_COUNT(acts))](r, o);
}

static void open_office(rig *r, office *o, uint64_t seed)
{
    *o = (office){.dice = {seed}};
    for (size_t i = 0; i < PEOPLE; i++) o->people[i] = rig_customer(r, 1, "somebody");
}

/* ---- tests ------------------------------------------------------------------------------------
 */

TEST(views_made_anew_from_base_kept_events_and_what_is_left_are_the_same_rows)
{
    static dump before, after;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        rig r;
        office o;
        make(&r, 1, 1);
        open_office(&r, &o, seed);
        for (int round = 0; round < 2; round++) {
            work(&r, &o, 150);
            RIG_UNTIL(&r, is_dropped(&r, 1));
            work(&r, &o, 30); /* above what was dropped */
            check_audit(&r, 1);
            take_dump(&r, 1, &before);
            rebuild(&r, 1);
            take_dump(&r, 1, &after);
            check_same(&before, &after);
        }
        rig_end(&r);
    }
    lia_arena_fini(&before.arena);
    lia_arena_fini(&after.arena);
}

/* Each customer in turn is erased at a node whose views come from base, and at one that folded all
 * events as they came. */
TEST(erasures_end_alike_whatever_has_left_the_log)
{
    rig r;
    office o;
    make(&r, 2, 1);
    open_office(&r, &o, 5);
    work(&r, &o, 250);
    RIG_UNTIL(&r, is_dropped(&r, 1) && rig_same_digests(&r, 1, 2));
    rebuild(&r, 1);
    CHECK(rig_same_digests(&r, 1, 2));
    for (size_t i = 0; i < PEOPLE; i++) {
        lia_command command;
        Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
        LIA_SET_ID(&ask, customer, &o.people[i]);
        LIA_SET(&ask, alone, true); /* rules may hold some of them for one person */
        CHECK_OK(crm_try(&r, 1 + i % 2, LIA_CUSTOMER, "erase", o.people[i], &ask, &command));
        RIG_UNTIL(&r, receipts(&r, 1, o.people[i]) == 2 && receipts(&r, 2, o.people[i]) == 2);
        RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
        rebuild(&r, 1);
        CHECK(rig_same_digests(&r, 1, 2));
    }
    CHECK_EQ(crm_count(&r, 1, LIA_INTERACTION, NULL), 0);
    CHECK_EQ(crm_count(&r, 1, LIA_TASK, NULL), 0);
    rig_end(&r);
}

TEST(what_dropped_events_said_of_an_erased_customer_is_in_no_file)
{
    rig r;
    make(&r, 1, 1);
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei " CANARY_TEXT;
    lia_id mei = rig_create(&r, 1, LIA_CUSTOMER, &customer), ben = rig_customer(&r, 1, "Ben");
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &mei);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    call.text = CANARY_TEXT;
    rig_create(&r, 1, LIA_INTERACTION, &call);
    for (int i = 0; i < 5; i++) rig_customer(&r, 1, "another");
    RIG_UNTIL(&r, is_dropped(&r, 1));
    char dir[1100];
    snprintf(dir, sizeof dir, "%s/%s", r.dir, r.members.list[0].name);
    CHECK(canary_count(dir, LIA_SPAN(CANARY_TEXT)) > 0);
    lia_command command;
    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &mei);
    CHECK_OK(crm_try(&r, 1, LIA_CUSTOMER, "erase", mei, &ask, &command));
    RIG_UNTIL(&r, receipts(&r, 1, mei) == 1);
    CHECK_EQ(canary_count(dir, LIA_SPAN(CANARY_TEXT)), 0);
    rebuild(&r, 1);
    CHECK(!crm_read(&r, 1, LIA_CUSTOMER, mei));
    CHECK(crm_read(&r, 1, LIA_CUSTOMER, ben));
    rig_end(&r);
}

TEST(a_creation_is_known_by_its_record_when_its_event_has_left_the_log)
{
    rig r;
    make(&r, 1, 1);
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei";
    uint8_t bytes[256];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .key = lia_id_make(1),
                           .request = rig_pack(&customer, bytes, sizeof bytes)};
    CHECK_OK(rig_do(&r, 1, &command));
    lia_id first = command.record;
    CHECK_OK(rig_do(&r, 1, &command)); /* the lane's last block stays */
    CHECK(command.repeated && lia_id_equal(first, command.record));
    for (int i = 0; i < 5; i++) rig_customer(&r, 1, "another");
    RIG_UNTIL(&r, is_dropped(&r, 1));
    CHECK_OK(rig_do(&r, 1, &command));
    CHECK(command.repeated && lia_id_equal(first, command.record));
    CHECK_EQ(crm_count(&r, 1, LIA_CUSTOMER, NULL), 6);
    customer.name = "Ben"; /* the key's first use is not known any more, so this is a new one */
    command.request = rig_pack(&customer, bytes, sizeof bytes);
    CHECK_OK(rig_do(&r, 1, &command));
    CHECK(!command.repeated && !lia_id_equal(first, command.record));
    rig_end(&r);
}

static const lia_held_back *holds_back(rig *r, size_t number, uint16_t member)
{
    static lia_retention retention;
    lia_node_get_retention(r->nodes[number], &retention);
    for (size_t i = 0; i < retention.held_back_count; i++)
        if (retention.held_back[i].member == member) return &retention.held_back[i];
    return NULL;
}

TEST(a_member_that_is_away_holds_the_log_back_and_is_named)
{
    rig r;
    make(&r, 3, 1);
    lia_id mei = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, crm_read(&r, 3, LIA_CUSTOMER, mei) && crm_read(&r, 2, LIA_CUSTOMER, mei));
    rig_stop(&r, 3);
    for (int i = 0; i < 20; i++) rig_customer(&r, 1, "another");
    RIG_UNTIL(&r, holds_back(&r, 1, 3));
    const lia_held_back *held = holds_back(&r, 1, 3);
    CHECK(held->events >= 19);
    CHECK(held->origin.node == 1 && held->oldest.ms > 0);
    CHECK(lia_node_first(r.nodes[1], lia_node_origin(r.nodes[1])) <= own_head(&r, 1) - 19);
    start(&r, 3);
    RIG_UNTIL(&r, is_dropped(&r, 1) && !holds_back(&r, 1, 3));
    CHECK_EQ(crm_count(&r, 3, LIA_CUSTOMER, NULL), 21);
    rig_end(&r);
}

TEST(nothing_leaves_a_log_that_has_no_rule)
{
    rig r;
    make(&r, 1, 0);
    for (int i = 0; i < 20; i++) rig_customer(&r, 1, "somebody");
    rig_stop(&r, 1);
    start(&r, 1);
    CHECK_EQ(lia_node_first(r.nodes[1], lia_node_origin(r.nodes[1])), 1);
    rig_end(&r);
}
