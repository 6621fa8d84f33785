/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the order in which events come, a record's history and what it was at any moment are the
 * same; and what has left the log is said to have. */
#include "common/node/changes.h"

#include "common/node/before.h"
#include "common/node/fold_rig.h"
#include "common/node/node_rig.h"

enum { MADE, FIRST, SECOND, CHOSEN, CLEARED, EVENTS };
enum { NAME = 2 };

static const lia_id mei = {"customer-mei...."};
static lia_arena events_arena, past_arena, scratch;

/* ---- the events ------------------------------------------------------------------------------ */

/* Each second one more event, by different nodes; FIRST and SECOND do not know of one another. */
static lia_header header_of(size_t which)
{
    static const uint16_t nodes[EVENTS] = {1, 2, 3, 1, 2};
    static const uint64_t seqs[EVENTS] = {1, 1, 1, 2, 2};
    return (lia_header){.node = nodes[which],
                        .incarnation = nodes[which],
                        .seq = seqs[which],
                        .hlc = lia_hlc_at(1795000000000 + 1000 * (int64_t)which),
                        .fact = which == MADE ? LIA_RECORD_CREATED : LIA_RECORD_CHANGED,
                        .department = nodes[which],
                        .parts = 1,
                        .actor = 7 + (uint32_t)which,
                        .customer = mei};
}

static lia_span event_of(size_t which)
{
    static const char *const names[EVENTS] = {"Mei", "Mei Tan", "Mai Tan", "Mei Tan", NULL};
    static const size_t saw[EVENTS] = {0, MADE, MADE, SECOND, CHOSEN};
    lia_buf set = lia_buf_make(&events_arena), out = set;
    const lia_header header = header_of(which), seen = header_of(saw[which]);
    lia_touch touch = {.field = NAME, .clear = !names[which]};
    if (names[which]) lia_pb_put_bytes(&set, NAME, lia_span_text(names[which]));
    if (which != MADE) touch.seen = lia_header_stamp(&seen);
    const lia_op op = {.record = mei,
                       .kind = LIA_CUSTOMER,
                       .set = lia_buf_get(&set),
                       .touches = &touch,
                       .touch_count = which != MADE};
    CHECK_OK(lia_event_build(&out, &header, &op, 1, LIA_SPAN_NONE, NULL));
    return lia_buf_get(&out);
}

/* ---- a node's fold of some order ------------------------------------------------------------- */

static void forget(fold *f)
{
    lia_drop work = {&f->applier, 0};
    lia_arena_reset(&f->arena);
    CHECK_OK(lia_drop_record(&work, LIA_CUSTOMER, mei));
}

/* ---- what is asked --------------------------------------------------------------------------- */

/* The actors of the changes behind `after`, as letters: 'a' made it. The last one's place is left
 * in `after`. */
static const char *walked(const lia_rows *rows, uint8_t *after, size_t max)
{
    static char text[EVENTS + 1];
    lia_changes walk;
    lia_change change;
    lia_header header;
    size_t count = 0;
    lia_span from = after ? lia_span_make(after, LIA_CHANGE_PLACE_SIZE) : LIA_SPAN_NONE;
    CHECK_OK(lia_changes_open(&walk, rows, LIA_CUSTOMER, mei, from));
    while (count < max && lia_changes_next(&walk, &change) == LIA_OK) {
        CHECK_OK(lia_event_parse_header(&header, change.bytes));
        text[count++] = (char)('a' + (header.actor - 7));
        if (after) memcpy(after, change.place, sizeof change.place);
    }
    lia_changes_close(&walk);
    text[count] = 0;
    return text;
}

static lia_span name_of(const lia_record *record)
{
    const lia_register *reg = lia_record_find(record, NAME, LIA_SPAN_NONE);
    const lia_live *winner = reg ? lia_register_winner(reg, NULL) : NULL;
    return winner ? winner->value : LIA_SPAN_NONE;
}

/* The registers as of an event, encoded; empty: there was no record. */
static lia_span as_of(const lia_rows *rows, lia_stamp limit)
{
    lia_past past;
    lia_buf out = lia_buf_make(&past_arena);
    lia_err err = lia_past_read(&past, rows, LIA_CUSTOMER, mei, &limit, &past_arena, &scratch);
    if (err == LIA_EABSENT) return LIA_SPAN_NONE;
    CHECK_OK(err);
    CHECK_EQ(past.unknown_count, 0);
    lia_record_encode(&past.record, &out);
    return lia_buf_get(&out);
}

/* What the record was after the first events of the order of stamps. */
static void make_wanted(fold *f, const lia_span *events, lia_span want[EVENTS])
{
    for (size_t i = 0; i < EVENTS; i++) {
        lia_record record;
        lia_buf out = lia_buf_make(&events_arena);
        fold_apply(f, events, i + 1);
        CHECK_OK(lia_rows_record(&f->applier.rows, LIA_CUSTOMER, mei, &past_arena, &record));
        lia_record_encode(&record, &out);
        want[i] = lia_buf_get(&out);
        forget(f);
    }
}

TEST(history_and_past_do_not_depend_on_the_order_in_which_events_come)
{
    enum { ORDERS = 120 };
    lia_span events[EVENTS], seen[EVENTS], want[EVENTS];
    size_t order[EVENTS];
    fold f;
    CHECK_OK(lia_arena_init(&events_arena, 1 << 20));
    CHECK_OK(lia_arena_init(&past_arena, 1 << 20));
    CHECK_OK(lia_arena_init(&scratch, 1 << 20));
    fold_open(&f);
    for (size_t i = 0; i < EVENTS; i++) events[i] = event_of(i);
    make_wanted(&f, events, want);
    for (size_t k = 0; k < ORDERS; k++) {
        fold_permute(k, order, EVENTS);
        for (size_t i = 0; i < EVENTS; i++) seen[i] = events[order[i]];
        fold_apply(&f, seen, EVENTS);
        const lia_rows *rows = &f.applier.rows;
        /* SECOND's rival was overwritten and nobody had seen it: it is told all the same. */
        CHECK_TEXT(walked(rows, NULL, EVENTS + 1), "edcba");
        for (size_t i = 0; i < EVENTS; i++) {
            lia_arena_reset(&past_arena);
            const lia_header header = header_of(i);
            lia_span then = as_of(rows, lia_header_stamp(&header));
            CHECK(lia_span_equal(then, want[i]));
            CHECK(lia_span_equal(as_of(rows, lia_stamp_at((lia_time){lia_hlc_ms(header.hlc)})),
                                 then));
        }
        CHECK(!as_of(rows, lia_stamp_at((lia_time){1795000000000 - 1})).size);
        forget(&f);
        CHECK_TEXT(walked(rows, NULL, EVENTS), "");
    }
    fold_close(&f);
}

TEST(a_walk_goes_on_behind_each_place_and_misses_nothing)
{
    lia_span events[EVENTS];
    uint8_t after[LIA_CHANGE_PLACE_SIZE] = {0};
    fold f;
    CHECK_OK(lia_arena_init(&events_arena, 1 << 20));
    fold_open(&f);
    for (size_t i = 0; i < EVENTS; i++) events[i] = event_of(i);
    fold_apply(&f, events, EVENTS);
    const lia_rows *rows = &f.applier.rows;
    CHECK_TEXT(walked(rows, after, 2), "ed");
    CHECK_TEXT(walked(rows, after, 2), "cb");
    CHECK_TEXT(walked(rows, after, 2), "a");
    CHECK_TEXT(walked(rows, after, 2), "");
    lia_changes walk;
    CHECK_ERR(lia_changes_open(&walk, rows, LIA_CUSTOMER, mei, LIA_SPAN("short")), LIA_EINVAL);
    lia_changes_close(&walk);
    fold_close(&f);
}

/* ---- a whole node ---------------------------------------------------------------------------- */

static lia_position rename_to(rig *r, lia_id id, const char *name)
{
    static const uint32_t mask[] = {NAME};
    uint8_t bytes[256];
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = (char *)(uintptr_t)name;
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = id,
                           .mask = mask,
                           .mask_count = 1,
                           .request = rig_pack(&customer, bytes, sizeof bytes)};
    CHECK_OK(rig_do(r, 1, &command));
    return command.position;
}

static bool has_left(rig *r, lia_position position)
{
    return lia_node_first(r->nodes[1], (lia_origin){position.node, position.incarnation}) >
           position.seq;
}

static size_t changes_of(const lia_rows *rows, lia_id id, lia_span *newest)
{
    lia_changes walk;
    lia_change change;
    size_t count = 0;
    CHECK_OK(lia_changes_open(&walk, rows, LIA_CUSTOMER, id, LIA_SPAN_NONE));
    for (; lia_changes_next(&walk, &change) == LIA_OK; count++)
        if (!count) *newest = change.bytes;
    lia_changes_close(&walk);
    return count;
}

/* What the record was when only base has it, and what its last change replaced. */
static void check_left(rig *r, lia_id id, lia_time between, const lia_stamp *replaced)
{
    lia_rows rows;
    lia_past past;
    lia_live before;
    bool left;
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_changes_left(&rows, LIA_CUSTOMER, id, &left));
    CHECK(left);
    const lia_write_place place = {LIA_CUSTOMER, id, NAME, LIA_SPAN_NONE};
    CHECK_OK(lia_write_find(&before, &rows, &place, replaced, &past_arena));
    CHECK(lia_span_is(before.value, "second"));
    /* Of what was overwritten before it left nobody knows any more. */
    lia_stamp limit = lia_stamp_at(between);
    CHECK_OK(lia_past_read(&past, &rows, LIA_CUSTOMER, id, &limit, &past_arena, &scratch));
    CHECK_EQ(past.unknown_count, 1);
    CHECK_EQ(past.unknown[0], NAME);
    CHECK(!name_of(&past.record).size);
    limit = lia_stamp_at(lia_time_now());
    CHECK_OK(lia_past_read(&past, &rows, LIA_CUSTOMER, id, &limit, &past_arena, &scratch));
    CHECK_EQ(past.unknown_count, 0);
    CHECK(lia_span_is(name_of(&past.record), "third"));
    lia_node_read_end(r->nodes[1], &rows);
}

TEST(what_has_left_the_log_is_said_to_have_and_its_last_values_are_known)
{
    rig r = {.log_keep_ms = 1};
    lia_rows rows;
    lia_span newest;
    lia_header header;
    CHECK_OK(lia_arena_init(&past_arena, 1 << 20));
    CHECK_OK(lia_arena_init(&scratch, 1 << 20));
    static const lia_service sales = {.name = "sales", .department = LIA_SALES};
    r.services[1] = &sales;
    rig_make(&r, 1);
    rig_start(&r, 1);
    lia_id id = rig_customer(&r, 1, "first");
    lia_time between = lia_time_now();
    while (lia_time_now().ms == between.ms) continue;
    lia_position second = rename_to(&r, id, "second");
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_EQ(changes_of(&rows, id, &newest), 2);
    CHECK_OK(lia_event_parse_header(&header, newest));
    const lia_stamp replaced = lia_header_stamp(&header);
    lia_node_read_end(r.nodes[1], &rows);

    rig_customer(&r, 1, "Ben"); /* a lane's last block stays */
    rig_stop(&r, 1);            /* writes the views out */
    rig_start(&r, 1);
    RIG_UNTIL(&r, has_left(&r, second));
    (void)rename_to(&r, id, "third");
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_EQ(changes_of(&rows, id, &newest), 1);
    lia_node_read_end(r.nodes[1], &rows);
    check_left(&r, id, between, &replaced);
    rig_end(&r);
}
