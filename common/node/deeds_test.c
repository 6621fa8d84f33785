/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody did is found by them and by time, newest first, whatever else was written: at every
 * node the same, one for a bulk run, and gone when the log has let go of it. */
#include "common/node/deeds.h"

#include "common/node/fold_rig.h"
#include "common/node/node_rig.h"

enum { NAME = 2, ANA = 7, BEN = 8 };

/* ---- rows alone ------------------------------------------------------------------------------ */

#define EVENTS_MAX 32

/* Events in the order in which they arrived. */
typedef struct arrived {
    fold fold;
    lia_span events[EVENTS_MAX];
    size_t count;
} arrived;

static void begin(arrived *a)
{
    fold_open(&a->fold);
    a->fold.applier.rows.pending = a->events;
    a->count = 0;
}

/* Somebody's event, so many seconds after the beginning; its number is its second, too. */
static lia_header header_of(uint32_t actor, uint64_t second)
{
    return (lia_header){.node = 1,
                        .incarnation = 5,
                        .seq = second + 1,
                        .hlc = lia_hlc_at(1795000000000 + 1000 * (int64_t)second),
                        .fact = LIA_RECORD_CHANGED,
                        .department = 1,
                        .parts = 1,
                        .actor = actor};
}

static void add(arrived *a, const lia_header *header)
{
    lia_buf out = lia_buf_make(&a->fold.arena);
    CHECK_OK(lia_event_build(&out, header, NULL, 0, LIA_SPAN_NONE, NULL));
    CHECK(a->count < EVENTS_MAX);
    a->events[a->count++] = lia_buf_get(&out);
    a->fold.applier.rows.pending_count = a->count;
    CHECK_OK(lia_deeds_add(a->fold.views, header, a->count));
}

/* The seconds of what is found, at most `max`, as letters: 'a' is the first one's. */
static const char *found(arrived *a, lia_deeds_ask ask, uint8_t *last, size_t max)
{
    static char text[EVENTS_MAX + 1];
    lia_deeds walk;
    lia_deed deed;
    lia_header header;
    size_t count = 0;
    CHECK_OK(lia_deeds_open(&walk, &a->fold.applier.rows, &ask, &a->fold.arena));
    while (count < max && lia_deeds_next(&walk, &deed) == LIA_OK) {
        CHECK_OK(lia_event_parse_header(&header, deed.bytes));
        text[count++] = (char)('a' + (header.seq - 1));
        if (last) memcpy(last, deed.place, sizeof deed.place);
    }
    lia_deeds_close(&walk);
    text[count] = 0;
    return text;
}

static lia_time at(int64_t second)
{
    return (lia_time){1795000000000 + 1000 * second};
}

TEST(deeds_are_told_newest_first_by_actor_and_time_and_pages_go_on)
{
    static const uint32_t actors[] = {ANA, BEN, ANA, 0, 9, BEN, ANA, 4000000000};
    arrived a;
    uint8_t last[LIA_CHANGE_PLACE_SIZE];
    begin(&a);
    /* In an order of their own, as from several nodes. */
    for (size_t i = 0; i < LIA_COUNT(actors); i++) {
        size_t second = (i * 5 + 3) % LIA_COUNT(actors);
        lia_header header = header_of(actors[second], second);
        add(&a, &header);
    }
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = ANA}, NULL, 9), "gca");
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = BEN}, NULL, 9), "fb");
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = 10}, NULL, 9), "");
    /* Nobody's ('d') are no deeds. */
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = 0}, NULL, 9), "hgfecba");
    CHECK_TEXT(found(&a, (lia_deeds_ask){.since = at(1), .until = at(5)}, NULL, 9), "ecb");
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = ANA, .since = at(1), .until = at(6)}, NULL, 9),
               "c");
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = ANA, .until = at(0)}, NULL, 9), "");

    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = 0}, last, 3), "hgf");
    const lia_deeds_ask rest = {.after = LIA_SPAN_OF(last)};
    CHECK_TEXT(found(&a, rest, last, 3), "ecb");
    CHECK_TEXT(found(&a, rest, last, 3), "a");
    CHECK_TEXT(found(&a, rest, NULL, 3), "");
    lia_deeds walk;
    const lia_deeds_ask wrong = {.after = LIA_SPAN("short")};
    CHECK_ERR(lia_deeds_open(&walk, &a.fold.applier.rows, &wrong, &a.fold.arena), LIA_EINVAL);
    lia_deeds_close(&walk);

    lia_header header = header_of(ANA, 2);
    CHECK_OK(lia_deeds_forget(a.fold.views, &header));
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = ANA}, NULL, 9), "ga");
    fold_close(&a.fold);
}

TEST(a_run_of_a_hundred_thousand_rows_is_one_deed)
{
    enum { ROWS = 100000 };
    arrived a;
    size_t count;
    bool any;
    begin(&a);
    for (size_t i = 0; i < 3; i++) {
        lia_header header = header_of(ANA, i);
        add(&a, &header);
    }
    const lia_position run = {.incarnation = 5, .seq = 2, .node = 1}, none = {5, 1, 1};
    for (size_t i = 0; i < ROWS; i++) {
        lia_header line = header_of(ANA, 3 + i);
        line.cause = run;
        CHECK_OK(lia_deeds_add(a.fold.views, &line, 3));
    }
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = ANA}, NULL, 9), "cba");
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = 0}, NULL, 9), "cba");
    CHECK_OK(lia_deeds_any_of_run(&a.fold.applier.rows, run, &any));
    CHECK(any);
    CHECK_OK(lia_deeds_any_of_run(&a.fold.applier.rows, none, &any));
    CHECK(!any);
    CHECK_OK(lia_deeds_count_run(&a.fold.applier.rows, run, 2 * ROWS, &count));
    CHECK_EQ(count, ROWS);
    CHECK_OK(lia_deeds_count_run(&a.fold.applier.rows, run, 1000, &count));
    CHECK_EQ(count, 1000);

    /* What a rule did because of an event is the rule's own deed. */
    lia_header caused = header_of(BEN, 9);
    caused.cause = run;
    caused.depth = 1;
    add(&a, &caused);
    CHECK_TEXT(found(&a, (lia_deeds_ask){.actor = BEN}, NULL, 9), "j");
    fold_close(&a.fold);
}

TEST(where_very_many_write_one_of_them_is_to_be_named)
{
    arrived a;
    lia_deeds walk;
    begin(&a);
    for (uint32_t i = 0; i <= LIA_DEEDS_ACTORS_MAX; i++) {
        lia_header header = header_of(1 + i, i);
        CHECK_OK(lia_deeds_add(a.fold.views, &header, 1));
    }
    const lia_deeds_ask everybody = {.actor = 0}, one = {.actor = 17};
    CHECK_ERR(lia_deeds_open(&walk, &a.fold.applier.rows, &everybody, &a.fold.arena), LIA_EREFUSED);
    lia_deeds_close(&walk);
    CHECK_OK(lia_deeds_open(&walk, &a.fold.applier.rows, &one, &a.fold.arena));
    lia_deeds_close(&walk);
    fold_close(&a.fold);
}

/* ---- whole nodes ----------------------------------------------------------------------------- */

static void rename_as(rig *r, size_t node, uint32_t actor, lia_id id, const char *name)
{
    static const uint32_t mask[] = {NAME};
    uint8_t bytes[256];
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = (char *)(uintptr_t)name;
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = id,
                           .actor = actor,
                           .mask = mask,
                           .mask_count = 1,
                           .request = rig_pack(&customer, bytes, sizeof bytes)};
    CHECK_OK(rig_do(r, node, &command));
}

/* What ANA did as a node sees it: places, one after the other. */
static size_t deeds_of(rig *r, size_t node, uint8_t *places, size_t max)
{
    lia_rows rows;
    lia_deeds walk;
    lia_deed deed;
    lia_arena arena;
    size_t count = 0;
    const lia_deeds_ask ask = {.actor = ANA};
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    CHECK_OK(lia_node_read(r->nodes[node], &rows));
    CHECK_OK(lia_deeds_open(&walk, &rows, &ask, &arena));
    while (count < max && lia_deeds_next(&walk, &deed) == LIA_OK)
        memcpy(places + LIA_CHANGE_PLACE_SIZE * count++, deed.place, sizeof deed.place);
    lia_deeds_close(&walk);
    lia_node_read_end(r->nodes[node], &rows);
    lia_arena_fini(&arena);
    return count;
}

static bool is_there(rig *r, size_t node, lia_id id)
{
    lia_rows rows;
    bool any;
    lia_key prefix = lia_key_record(LIA_CUSTOMER, id);
    CHECK_OK(lia_node_read(r->nodes[node], &rows));
    CHECK_OK(lia_rows_any(&rows, lia_key_span(&prefix), &any));
    lia_node_read_end(r->nodes[node], &rows);
    return any;
}

TEST(nodes_that_were_apart_tell_the_same_of_somebody)
{
    static const lia_service sales = {.name = "sales", .department = LIA_SALES},
                             marketing = {.name = "marketing", .department = LIA_MARKETING};
    rig r = {.services = {[1] = &sales, [2] = &marketing}};
    uint8_t one[8 * LIA_CHANGE_PLACE_SIZE], other[sizeof one];
    rig_make(&r, 2);
    rig_start(&r, 1);
    rig_start(&r, 2);
    lia_id id = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, is_there(&r, 2, id));
    rig_stop(&r, 2); /* apart: each writes while the other is away */
    rename_as(&r, 1, ANA, id, "Mei Tan");
    rename_as(&r, 1, BEN, id, "Mei Oak");
    rig_stop(&r, 1);
    rig_start(&r, 2);
    rename_as(&r, 2, ANA, id, "Mei Chen");
    rename_as(&r, 2, ANA, id, "Mei Berg");
    rig_start(&r, 1);
    RIG_UNTIL(&r, deeds_of(&r, 1, one, 8) == 3 && deeds_of(&r, 2, other, 8) == 3);
    CHECK(!memcmp(one, other, 3 * LIA_CHANGE_PLACE_SIZE));
    rig_end(&r);
}
