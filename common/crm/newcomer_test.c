/* SPDX-License-Identifier: Apache-2.0 */
/* A node that comes when the others' logs begin late gets what they said as state, in parts. */
#include "common/crm/crm_rig.h"
#include "common/node/turn.h"

/* Counts interactions: a fold that is wrong as soon as one event is missed or comes twice. */
static lia_err count_fold(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    lia_span value;
    uint8_t bytes[8];
    uint64_t count = lia_fold_get(turn, LIA_SPAN("count"), &value) ? 0 : lia_get_u64(value.data);
    lia_put_u64(bytes, count + 1);
    return lia_fold_put(turn, LIA_SPAN("count"), LIA_SPAN_OF(bytes));
}

static unsigned reactions;
static lia_err note(lia_turn *turn, const lia_occurrence *seen)
{
    (void)turn;
    reactions += lia_time_now().ms - lia_hlc_ms(seen->event->header.hlc) > 0;
    return LIA_OK;
}

static const lia_fold_row folds[] = {{"count", LIA_INTERACTION_LOGGED, count_fold, NULL}};
static const lia_reactor_row reactors[] = {{"test.note", LIA_INTERACTION_LOGGED, note}};
static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES, .folds = folds, .fold_count = 1},
    {.name = "marketing", .department = LIA_MARKETING, .folds = folds, .fold_count = 1},
    {.name = "service",
     .department = LIA_SERVICE,
     .folds = folds,
     .fold_count = 1,
     .reactors = reactors,
     .reactor_count = 1},
};

static void start(rig *r, size_t number)
{
    crm_start(r, number, &departments[number], false);
}

static void make(rig *r, size_t count)
{
    *r = (rig){.log_keep_ms = 1, .check_ms = 50};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n);
}

static uint64_t counted(rig *r, size_t number)
{
    lia_rows rows;
    lia_span value;
    lia_key key = lia_key_fold(LIA_SPAN("count"));
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    uint64_t count = lia_rows_get(&rows, lia_key_span(&key), &value) ? 0 : lia_get_u64(value.data);
    lia_node_read_end(r->nodes[number], &rows);
    return count;
}

static bool is_importing(rig *r, size_t number, lia_sync_import_status *out)
{
    lia_sync_import_status status;
    return lia_node_import(r->nodes[number], out ? out : &status);
}

/* It has all, and is sure of it. */
static bool is_equal(rig *r, size_t number, size_t other)
{
    return !is_importing(r, number, NULL) && rig_same_digests(r, number, other);
}

static void join_cluster(rig *r, size_t count)
{
    for (size_t n = 1; n < count; n++) rig_stop(r, n);
    rig_members(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n);
}

static void check_audit(rig *r, size_t number)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[number], &stats);
    uint64_t seen = stats.audit.refolds;
    RIG_UNTIL(r, (lia_node_get_stats(r->nodes[number], &stats), stats.audit.refolds >= seen + 2));
    CHECK_EQ(stats.audit.rows_repaired, 0);
    CHECK_EQ(stats.audit.sums_repaired, 0);
}

static void log_call(rig *r, size_t number, lia_id who, const char *text)
{
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &who);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    call.text = (char *)text;
    rig_create(r, number, LIA_INTERACTION, &call);
}

static void rename_customer(rig *r, size_t number, lia_id who, const char *name)
{
    static const uint32_t mask = 2;
    Crm__Customer change = CRM__CUSTOMER__INIT;
    change.name = (char *)name;
    crm_change(r, number, LIA_CUSTOMER, who, &change, &mask, 1);
}

TEST(a_newcomer_gets_the_state_and_what_follows)
{
    enum { PEOPLE = 20 };
    rig r;
    lia_id people[PEOPLE];
    lia_timeline_entry entries[8];
    make(&r, 2);
    for (size_t i = 0; i < PEOPLE; i++) {
        people[i] = rig_customer(&r, 1 + i % 2, "somebody");
        rename_customer(&r, 1 + i % 2, people[i], "Mei");
        for (size_t k = 0; k < i % 4; k++) log_call(&r, 1 + i % 2, people[i], "hello");
    }
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    for (size_t i = 0; i < PEOPLE; i++) rename_customer(&r, 2 - i % 2, people[i], "Ben");
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1) && crm_has_dropped(&r, 1, 2) &&
                      crm_has_dropped(&r, 2, 1) && crm_has_dropped(&r, 2, 2));
    uint64_t calls = counted(&r, 1);
    reactions = 0;

    join_cluster(&r, 3);
    RIG_UNTIL(&r, crm_count(&r, 3, LIA_CUSTOMER, NULL) == PEOPLE && is_equal(&r, 3, 1));
    CHECK_EQ(counted(&r, 3), calls);
    CHECK_EQ(reactions, 0);
    CHECK(lia_node_first(r.nodes[3], lia_node_origin(r.nodes[1])) > 10);
    for (size_t i = 0; i < PEOPLE; i++) CHECK_EQ(rig_timeline(&r, 3, people[i], entries, 8), i % 4);
    check_audit(&r, 3);

    log_call(&r, 1, people[0], "after that");
    log_call(&r, 3, people[1], "from the newcomer");
    RIG_UNTIL(&r, counted(&r, 3) == calls + 2 && counted(&r, 1) == calls + 2);
    RIG_UNTIL(&r, is_equal(&r, 3, 1) && is_equal(&r, 3, 2));

    /* What it has is its own: views are made anew from it, and what follows is dropped there, too.
     */
    RIG_UNTIL(&r, crm_has_dropped(&r, 3, 1) && crm_has_dropped(&r, 3, 3));
    rig_stop(&r, 3);
    crm_start(&r, 3, &departments[3], true);
    CHECK(rig_same_digests(&r, 3, 1));
    CHECK_EQ(counted(&r, 3), calls + 2);
    check_audit(&r, 3);
    rig_end(&r);
}

/* Far more than a part, in several sections. */
static void fill(rig *r, lia_id *people, size_t count)
{
    static char text[3000];
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < count; i++) {
        people[i] = rig_customer(r, 1, "somebody");
        log_call(r, 1, people[i], text);
        Crm__Customer change = CRM__CUSTOMER__INIT;
        static const uint32_t mask = 18;
        change.note = text;
        crm_change(r, 1, LIA_CUSTOMER, people[i], &change, &mask, 1);
    }
}

TEST(a_newcomer_that_is_stopped_again_and_again_goes_on_where_it_was)
{
    enum { PEOPLE = 400 };
    rig r;
    static lia_id people[PEOPLE];
    lia_sync_import_status status = {0};
    make(&r, 1);
    fill(&r, people, PEOPLE);
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1));
    join_cluster(&r, 2);
    uint64_t in_all = 0;
    for (int stop = 0; stop < 4; stop++) {
        RIG_UNTIL(&r, (is_importing(&r, 2, &status) && status.received > 0) ||
                          crm_count(&r, 2, LIA_CUSTOMER, NULL) == PEOPLE);
        in_all += status.received;
        rig_stop(&r, 2);
        start(&r, 2);
    }
    RIG_UNTIL(&r, (is_importing(&r, 2, &status), is_equal(&r, 2, 1)));
    CHECK_EQ(crm_count(&r, 2, LIA_CUSTOMER, NULL), PEOPLE);
    CHECK_EQ(counted(&r, 2), PEOPLE);
    CHECK(in_all < 3 * PEOPLE); /* it did not begin from the beginning each time */
    check_audit(&r, 2);
    rig_end(&r);
}

TEST(a_customer_who_was_erased_is_not_in_the_state)
{
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), ben = rig_customer(&r, 1, "Ben");
    log_call(&r, 1, mei, "secret");
    for (int i = 0; i < 10; i++) rig_customer(&r, 1, "another");
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1));
    lia_command command;
    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &mei);
    CHECK_OK(crm_try(&r, 1, LIA_CUSTOMER, "erase", mei, &ask, &command));
    for (int i = 0; i < 10; i++) rig_customer(&r, 1, "another");
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1));
    join_cluster(&r, 2);
    RIG_UNTIL(&r, crm_read(&r, 2, LIA_CUSTOMER, ben) && is_equal(&r, 2, 1));
    CHECK_EQ(counted(&r, 2), 0);
    CHECK(!crm_read(&r, 2, LIA_CUSTOMER, mei));
    RIG_UNTIL(
        &r, ((const Crm__Erasure *)crm_read(&r, 1, LIA_ERASURE, lia_erasure_id(mei)))->n_receipts ==
                2); /* the newcomer's, too */
    rig_end(&r);
}
