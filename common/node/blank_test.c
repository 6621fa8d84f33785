/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the order in which an interaction, what others said of it and the announcement that it
 * is blanked reach a node, and whichever bodies are overwritten by then, the state is the same. */
#include "common/node/blank.h"

#include "common/node/erase.h"
#include "common/node/fold_rig.h"

enum { MADE, OTHER, CHANGED, MOVED, ARCHIVED, BLANKED, EVENTS };

enum { CUSTOMER = 1, TYPE = 2, OCCURRED_AT = 5, TEXT = 7, ARCHIVED_FIELD = 60, PAGE_VIEW = 13 };

static const lia_id view = {"the-page-view..."}, call = {"the-call-stays.."},
                    mei = {"customer-mei...."}, ben = {"customer-ben...."},
                    rule = {"the-rule........"};

static lia_arena events_arena;

/* ---- the events ------------------------------------------------------------------------------ */

static lia_header header_of(uint16_t node, uint64_t seq, uint32_t fact, lia_id about)
{
    return (lia_header){.node = node,
                        .incarnation = node,
                        .seq = seq,
                        .hlc = lia_hlc_at(1795000000000 + 1000 * (int64_t)(10 * seq + node)),
                        .fact = fact,
                        .department = node,
                        .parts = 1,
                        .customer = about};
}

static lia_span built(const lia_header *header, const lia_op *ops, size_t count, lia_span fact)
{
    lia_buf out = lia_buf_make(&events_arena);
    CHECK_OK(lia_event_build(&out, header, ops, count, fact, NULL));
    return lia_buf_get(&out);
}

static lia_span logged(const lia_header *header, lia_id id, lia_id customer)
{
    lia_buf set = lia_buf_make(&events_arena);
    lia_pb_put_bytes(&set, CUSTOMER, lia_id_span(&customer));
    lia_pb_put_varint(&set, TYPE, PAGE_VIEW);
    lia_pb_put_varint(&set, OCCURRED_AT, 1000);
    lia_pb_put_bytes(&set, TEXT, LIA_SPAN("looked at it"));
    const lia_op op = {.record = id, .kind = LIA_INTERACTION, .set = lia_buf_get(&set)};
    return built(header, &op, 1, LIA_SPAN_NONE);
}

static lia_span wrote(const lia_header *header, uint32_t field, const lia_header *saw, lia_id value)
{
    lia_buf set = lia_buf_make(&events_arena);
    if (field == ARCHIVED_FIELD)
        lia_pb_put_varint(&set, field, 1);
    else
        lia_pb_put_bytes(&set, field, lia_id_span(&value));
    lia_touch touch = {.field = field};
    if (saw) touch.seen = lia_header_stamp(saw);
    const lia_op op = {.record = view,
                       .kind = LIA_INTERACTION,
                       .set = lia_buf_get(&set),
                       .touches = &touch,
                       .touch_count = saw ? 1 : 0};
    return built(header, &op, 1, LIA_SPAN_NONE);
}

static void make_events(lia_span out[EVENTS])
{
    const lia_header made = header_of(1, 1, LIA_INTERACTION_LOGGED, mei),
                     other = header_of(1, 2, LIA_INTERACTION_LOGGED, mei),
                     changed = header_of(2, 1, LIA_RECORD_CHANGED, mei),
                     moved = header_of(3, 1, LIA_RECORD_CHANGED, ben),
                     archived = header_of(2, 2, LIA_RECORD_ARCHIVED, mei),
                     blanked = header_of(1, 3, LIA_RETENTION_BLANKED, LIA_ID_NONE);
    lia_buf fact = lia_buf_make(&events_arena);
    lia_pb_put_bytes(&fact, 1, lia_id_span(&rule));
    lia_pb_put_varint(&fact, 2, LIA_INTERACTION);
    lia_pb_put_bytes(&fact, 3, lia_id_span(&view));
    out[MADE] = logged(&made, view, mei);
    out[OTHER] = logged(&other, call, mei);
    out[CHANGED] = wrote(&changed, TEXT, &made, rule);
    out[MOVED] = wrote(&moved, CUSTOMER, &made, ben);
    out[ARCHIVED] = wrote(&archived, ARCHIVED_FIELD, NULL, LIA_ID_NONE);
    out[BLANKED] = built(&blanked, NULL, 0, lia_buf_get(&fact));
}

static lia_span erased(lia_span event)
{
    lia_buf out = lia_buf_make(&events_arena);
    CHECK_OK(lia_event_erase(&out, event));
    return lia_buf_get(&out);
}

/* ---- a department that counts ---------------------------------------------------------------- */

static lia_err count(lia_turn *turn, int by)
{
    lia_span row;
    uint8_t sum[8] = {0};
    lia_err err = lia_fold_get(turn, LIA_SPAN("n"), &row);
    if (err && err != LIA_EABSENT) return err;
    if (!err) memcpy(sum, row.data, sizeof sum);
    lia_put_u64(sum, lia_get_u64(sum) + (uint64_t)(int64_t)by);
    return lia_fold_put(turn, LIA_SPAN("n"), LIA_SPAN_OF(sum));
}

static lia_err count_up(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    return count(turn, 1);
}

static lia_err count_down(lia_turn *turn, const lia_occurrence *seen)
{
    (void)seen;
    return count(turn, -1);
}

static const lia_fold_row folds[] = {{"count", LIA_INTERACTION_LOGGED, count_up, count_down}};
static const lia_service counting = {
    .name = "sales", .department = LIA_SALES, .folds = folds, .fold_count = 1};

/* ---- a node's fold of some order ------------------------------------------------------------- */

static void open_counting(fold *f)
{
    fold_open(f);
    f->applier.services[0] = &counting;
}

/* As if it had seen nothing: opening another one would cost a flush. */
static void forget(fold *f)
{
    lia_arena_reset(&f->arena);
    for (;;) {
        lia_scan *scan;
        lia_span key, row;
        CHECK_OK(lia_views_scan(f->views, LIA_SPAN_NONE, &scan));
        bool any = lia_scan_next(scan, &key, &row);
        if (any) key = lia_arena_copy(&f->arena, key);
        lia_scan_close(scan);
        if (!any) break;
        CHECK_OK(lia_views_del(f->views, key));
    }
    f->applier.digests = (lia_digests){0};
    f->applier.blanked = 0;
}

static void close_counting(fold *f)
{
    lia_erase_unload(&f->applier);
    fold_close(f);
}

/* Rows whose key has the id in it. */
static size_t rows_with(fold *f, lia_id id)
{
    lia_scan *scan;
    lia_span key, row;
    size_t found = 0;
    CHECK_OK(lia_views_scan(f->views, LIA_SPAN_NONE, &scan));
    while (lia_scan_next(scan, &key, &row))
        found += memmem(key.data, key.size, id.bytes, LIA_ID_SIZE) != NULL;
    lia_scan_close(scan);
    return found;
}

static uint64_t counted(fold *f)
{
    lia_span row;
    return lia_fold_get(&f->turn, LIA_SPAN("n"), &row) ? 0 : lia_get_u64(row.data);
}

/* One row is left of the page view, all of the call, and only that is counted. */
static void check(fold *f, const lia_digests *want)
{
    CHECK(lia_blank_is(&f->applier, LIA_INTERACTION, view));
    CHECK(!lia_blank_is(&f->applier, LIA_INTERACTION, call));
    CHECK_EQ(rows_with(f, view), 1);
    CHECK_EQ(rows_with(f, call), 1);
    CHECK_EQ(rows_with(f, mei), 1); /* the call's on the timeline */
    CHECK_EQ(rows_with(f, ben), 0);
    CHECK_EQ(counted(f), 1);
    CHECK(memcmp(f->applier.digests.sum, want->sum, sizeof want->sum) == 0);
}

/* All that a node sees when bodies are overwritten from the event `from` on, in its order. */
static void put_in_order(const lia_span *events, const size_t *order, size_t from, lia_span *out)
{
    for (size_t i = 0; i < EVENTS; i++) {
        bool goes = order[i] != OTHER && order[i] != BLANKED && i >= from;
        out[i] = goes ? erased(events[order[i]]) : events[order[i]];
    }
}

TEST(in_whatever_order_they_come_the_state_is_the_same)
{
    enum { ORDERS = 720 };
    lia_span events[EVENTS], seen[EVENTS];
    size_t order[EVENTS];
    lia_digests want = {0};
    fold f;
    CHECK_OK(lia_arena_init(&events_arena, 16 << 20));
    make_events(events);
    open_counting(&f);
    size_t mark = lia_arena_mark(&events_arena);
    for (size_t k = 0; k < ORDERS; k++) {
        fold_permute(k, order, EVENTS);
        size_t blanked = 0;
        while (order[blanked] != BLANKED) blanked++;
        /* All have bodies; those behind the announcement have none; none has any. */
        const size_t from[] = {EVENTS, blanked, 0};
        for (size_t i = 0; i < LIA_COUNT(from); i++) {
            put_in_order(events, order, from[i], seen);
            fold_apply(&f, seen, EVENTS);
            if (!k && !i) want = f.applier.digests;
            check(&f, &want);
            forget(&f);
            lia_arena_back(&events_arena, mark);
        }
    }
    close_counting(&f);
    lia_arena_fini(&events_arena);
}

/* What says more than the interaction stays as it is, but for the blanked record itself. */
TEST(only_events_that_say_nothing_else_are_covered)
{
    lia_span events[EVENTS];
    fold f;
    lia_event event;
    CHECK_OK(lia_arena_init(&events_arena, 16 << 20));
    make_events(events);
    open_counting(&f);
    CHECK(!lia_blank_covers_bytes(&f.applier, events[MADE], &f.arena));
    fold_apply(&f, &events[BLANKED], 1);
    CHECK_EQ(f.applier.blanked, 1);
    CHECK(lia_blank_covers_bytes(&f.applier, events[MADE], &f.arena));
    CHECK(lia_blank_covers_bytes(&f.applier, events[MOVED], &f.arena));
    CHECK(!lia_blank_covers_bytes(&f.applier, events[OTHER], &f.arena));
    CHECK(!lia_blank_covers_bytes(&f.applier, events[BLANKED], &f.arena));
    CHECK(!lia_blank_covers_bytes(&f.applier, erased(events[MADE]), &f.arena));
    CHECK_OK(lia_event_parse(&event, events[MADE], &f.arena, NULL));
    lia_op two[] = {event.ops[0], {.record = mei, .kind = LIA_CUSTOMER, .set = event.ops[0].set}};
    event.ops = two;
    event.op_count = 2;
    CHECK(!lia_blank_covers(&f.applier, &event));
    two[1] = two[0];
    two[1].record = call;
    CHECK(!lia_blank_covers(&f.applier, &event));
    close_counting(&f);
    lia_arena_fini(&events_arena);
}

/* A list from another member: ids that are none, and kinds of which no record may be blanked. */
TEST(an_announcement_names_records_that_may_go_and_no_others)
{
    static const uint32_t kinds[] = {
        0, LIA_CUSTOMER, LIA_TASK, LIA_CREDENTIAL, LIA_RETENTION_RULE, 65535, 70000};
    CHECK_OK(lia_arena_init(&events_arena, 1 << 20));
    for (size_t i = 0; i < LIA_COUNT(kinds); i++) {
        lia_buf fact = lia_buf_make(&events_arena);
        lia_pb_put_varint(&fact, 2, kinds[i]);
        lia_pb_put_bytes(&fact, 3, lia_id_span(&mei));
        lia_blank_ids ids = lia_blank_ids_of(lia_buf_get(&fact));
        lia_id id;
        CHECK(!lia_blank_next(&ids, &id));
    }
    lia_buf fact = lia_buf_make(&events_arena);
    lia_pb_put_bytes(&fact, 3, LIA_SPAN("fifteen bytes.."));
    lia_pb_put_bytes(&fact, 3, lia_id_span(&(lia_id){{0}}));
    lia_pb_put_bytes(&fact, 3, lia_id_span(&view));
    lia_pb_put_varint(&fact, 2, LIA_INTERACTION);
    lia_blank_ids ids = lia_blank_ids_of(lia_buf_get(&fact));
    lia_id id;
    CHECK(lia_blank_next(&ids, &id));
    CHECK(lia_id_equal(id, view));
    CHECK(!lia_blank_next(&ids, &id));
    lia_arena_fini(&events_arena);
}

/* ---- a pass ---------------------------------------------------------------------------------- */

enum { GIVEN, ENDED, SWEPT, PASS_EVENTS };

static void make_pass_events(lia_span out[PASS_EVENTS])
{
    enum { USER = 1, EXPIRES_AT = 5, REVOKED_AT = 6 };
    const lia_header given = header_of(1, 1, LIA_SECRETS_CHANGED, LIA_ID_NONE),
                     ended = header_of(2, 1, LIA_SECRETS_CHANGED, LIA_ID_NONE),
                     swept = header_of(3, 1, LIA_RETENTION_BLANKED, LIA_ID_NONE);
    lia_buf set = lia_buf_make(&events_arena), end = lia_buf_make(&events_arena),
            fact = lia_buf_make(&events_arena);
    lia_pb_put_bytes(&set, USER, lia_id_span(&mei));
    lia_pb_put_varint(&set, EXPIRES_AT, 1000);
    lia_pb_put_varint(&end, REVOKED_AT, 900);
    lia_pb_put_varint(&fact, 2, LIA_PASS);
    lia_pb_put_bytes(&fact, 3, lia_id_span(&view));
    const lia_op give = {.record = view, .kind = LIA_PASS, .set = lia_buf_get(&set)},
                 revoke = {.record = view, .kind = LIA_PASS, .set = lia_buf_get(&end)};
    out[GIVEN] = built(&given, &give, 1, LIA_SPAN_NONE);
    out[ENDED] = built(&ended, &revoke, 1, LIA_SPAN_NONE);
    out[SWEPT] = built(&swept, NULL, 0, lia_buf_get(&fact));
}

TEST(a_pass_that_is_swept_is_gone_in_every_order)
{
    static const size_t orders[][PASS_EVENTS] = {{GIVEN, ENDED, SWEPT}, {GIVEN, SWEPT, ENDED},
                                                 {ENDED, GIVEN, SWEPT}, {ENDED, SWEPT, GIVEN},
                                                 {SWEPT, GIVEN, ENDED}, {SWEPT, ENDED, GIVEN}};
    lia_span events[PASS_EVENTS], seen[PASS_EVENTS];
    lia_digests want = {0};
    fold f;
    CHECK_OK(lia_arena_init(&events_arena, 4 << 20));
    make_pass_events(events);
    open_counting(&f);
    for (size_t k = 0; k < 2 * LIA_COUNT(orders); k++) {
        for (size_t i = 0; i < PASS_EVENTS; i++) {
            size_t which = orders[k / 2][i];
            seen[i] = k % 2 && which != SWEPT ? erased(events[which]) : events[which];
        }
        fold_apply(&f, seen, PASS_EVENTS);
        if (!k) want = f.applier.digests;
        CHECK(lia_blank_is(&f.applier, LIA_PASS, view));
        CHECK(lia_blank_covers_bytes(&f.applier, events[GIVEN], &f.arena));
        CHECK(lia_blank_covers_bytes(&f.applier, events[ENDED], &f.arena));
        CHECK_EQ(rows_with(&f, view), 1);
        CHECK_EQ(rows_with(&f, mei), 0);
        CHECK(memcmp(f.applier.digests.sum, want.sum, sizeof want.sum) == 0);
        forget(&f);
    }
    close_counting(&f);
    lia_arena_fini(&events_arena);
}
