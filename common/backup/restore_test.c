/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of two lanes with real events, taken out in small steps while they are written, and put
 * back. */
#include "common/backup/restore.h"

#include <stdio.h>

#include "common/backup/check.h"
#include "common/backup/dump.h"
#include "common/backup/part.h"
#include "common/store/log_retain.h"
#include "common/store/test_canary.h"
#include "common/sync/sync.h"
#include "common/wire/event.h"
#include "tests/support/test.h"

#define LANES 2

typedef struct rig {
    const char *dir;
    lia_log *log;
    lia_log_reader *reader;
    lia_members members;
    lia_sign_key sign[LANES + 1];
    lia_arena arena, rows;
    int64_t clock_ms;
} rig;

static void setup(rig *r)
{
    *r = (rig){.dir = lia_test_dir(), .clock_ms = 1000};
    CHECK_OK(lia_crypto_init());
    CHECK_OK(lia_arena_init(&r->arena, (size_t)16 << 20));
    CHECK_OK(lia_arena_init(&r->rows, (size_t)256 << 20));
    CHECK_OK(lia_log_open(&r->log, r->dir, (size_t)64 << 20, NULL));
    CHECK_OK(lia_log_reader_open(&r->reader, r->log));
    CHECK_OK(lia_log_begin(r->log, NULL));
    for (uint16_t i = 1; i <= LANES; i++) {
        lia_lane lane;
        lia_member *member = &r->members.list[r->members.count++];
        member->number = i;
        lia_sign_keys(&member->verify_key, &r->sign[i]);
        CHECK_OK(lia_log_lane(r->log, (lia_origin){i, 50u + i}, &lane));
    }
    CHECK_OK(lia_log_commit(r->log, NULL));
}

static void teardown(rig *r)
{
    lia_log_reader_close(r->reader);
    lia_log_close(r->log);
    lia_arena_fini(&r->arena);
    lia_arena_fini(&r->rows);
}

/* One block; each event is a millisecond later than the one before, and says `text` of `customer`.
 */
static void append(rig *r, lia_lane lane, uint32_t count, lia_id customer, const char *text)
{
    lia_span events[16];
    lia_lane_info info;
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    lia_arena_reset(&r->arena);
    CHECK_OK(lia_log_begin(r->log, NULL));
    CHECK_OK(lia_log_lane_info(lia_log_batch_reader(r->log), lane, &info));
    lia_block block = {.lane = lane,
                       .first = info.head + 1,
                       .count = count,
                       .before = info.hash,
                       .hash = info.hash};
    for (uint32_t i = 0; i < count; i++) {
        lia_hash leaf;
        lia_buf bytes = lia_buf_make(&r->arena);
        lia_touch touch = {
            .field = 1, .element = LIA_SPAN("e"), .has_value = true, .value = lia_span_text(text)};
        lia_op op = {
            .record = {{9, lane, (uint8_t)i}}, .kind = 1, .touches = &touch, .touch_count = 1};
        const lia_header header = {.node = info.origin.node,
                                   .incarnation = info.origin.incarnation,
                                   .seq = block.first + i,
                                   .hlc = lia_hlc_at(r->clock_ms++),
                                   .department = 1,
                                   .parts = 1,
                                   .customer = customer};
        CHECK_OK(lia_event_build(&bytes, &header, &op, 1, LIA_SPAN_NONE, NULL));
        events[i] = lia_buf_get(&bytes);
        CHECK_OK(lia_event_leaf(events[i], &leaf));
        block.hash = lia_chain_next(&block.hash, &leaf);
    }
    size_t size = lia_seal_message(message, r->members.cluster, info.origin,
                                   block.first + count - 1, &block.hash);
    block.signature = lia_sign(&r->sign[info.origin.node], lia_span_make(message, size));
    CHECK_OK(lia_log_append(r->log, &block, events));
    CHECK_OK(lia_log_set_reactor(r->log, "looks", block.arrival));
    CHECK_OK(lia_log_set_job(r->log, LIA_SPAN("job"), (lia_time){r->clock_ms}, LIA_SPAN("due")));
    CHECK_OK(lia_log_commit(r->log, NULL));
}

/* A piece: its rows, those of each step one behind the other. `between` is done after each step. */
typedef struct piece {
    lia_dump dump;
    lia_buf rows;
    lia_err err;
} piece;

static piece take(rig *r, uint64_t from, void (*between)(rig *))
{
    piece p = {.rows = lia_buf_make(&r->rows)};
    lia_why why = {{0}};
    CHECK_OK(lia_log_refresh(r->reader));
    CHECK_OK(lia_dump_begin(&p.dump, r->reader, from, &p.rows, &why));
    while (!p.err && !p.dump.done) {
        if (between) between(r);
        CHECK_OK(lia_log_refresh(r->reader));
        p.err = lia_dump_step(&p.dump, r->reader, 100, &p.rows, &why);
        lia_log_rest(r->reader);
    }
    if (p.err) CHECK(why.text[0]);
    return p;
}

/* A new one; the string lives until the second call after this one. */
static const char *folder(void)
{
    static const char *all;
    static char paths[2][300];
    static unsigned count;
    if (!all) all = lia_test_dir();
    char *path = paths[++count % 2];
    snprintf(path, sizeof paths[0], "%s/%u", all, count);
    return path;
}

/* All rows of a log as one text, but for what says which file it is. */
static bool put_row(void *context, lia_span key, lia_span value)
{
    if (!lia_span_is(key, "doubted")) lia_part_put(context, 1, key, value);
    return true;
}

static lia_span all_rows(rig *r, const char *dir)
{
    lia_log *log = NULL;
    lia_log_reader *reader = r->reader;
    lia_buf out = lia_buf_make(&r->rows);
    if (dir) {
        CHECK_OK(lia_log_open(&log, dir, (size_t)64 << 20, NULL));
        CHECK_OK(lia_log_reader_open(&reader, log));
    } else {
        CHECK_OK(lia_log_refresh(reader));
    }
    for (int table = LIA_COPY_LANE; table < LIA_COPY_END; table++)
        CHECK_OK(lia_log_copy_walk(reader, (lia_copy_table)table, LIA_SPAN_NONE, put_row, &out));
    if (dir) {
        lia_log_reader_close(reader);
        lia_log_close(log);
    }
    return lia_buf_get(&out);
}

static lia_err put_back(const char *dir, const piece *pieces, size_t count,
                        const lia_ledger *ledger, uint64_t *erased, lia_why *why)
{
    uint64_t events;
    lia_restore *restore;
    CHECK_OK(lia_restore_open(&restore, dir, ledger, why));
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < count; i++)
        err = lia_restore_rows(restore, lia_buf_get(&pieces[i].rows), i + 1 == count, why);
    if (!err) err = lia_restore_end(restore, &events, erased, why);
    lia_restore_close(restore);
    return err;
}

static unsigned turn;
static void write_on(rig *r)
{
    turn++;
    append(r, (lia_lane)(1 + turn % LANES), 1 + turn % 5, LIA_ID_NONE, "meanwhile");
}

TEST(a_log_that_is_written_meanwhile_comes_back_row_by_row)
{
    rig r;
    piece pieces[4];
    uint64_t erased, from = 1;
    setup(&r);
    for (int i = 0; i < 40; i++) write_on(&r);
    for (int i = 0; i < 3; i++, from = pieces[i - 1].dump.to) {
        pieces[i] = take(&r, from, write_on);
        CHECK_OK(pieces[i].err);
        CHECK_EQ(pieces[i].dump.full, i == 0);
    }
    pieces[3] = take(&r, from, NULL); /* and now nothing is written */
    CHECK_OK(pieces[3].err);
    lia_span want = all_rows(&r, NULL);
    const char *dir = folder();
    CHECK_OK(put_back(dir, pieces, 4, NULL, &erased, NULL));
    CHECK_BYTES(all_rows(&r, dir), want);
    CHECK_OK(lia_backup_check(dir, &r.members, NULL, NULL, NULL));
    teardown(&r);
}

TEST(a_piece_that_is_left_out_is_missed)
{
    rig r;
    piece pieces[3];
    uint64_t erased, from = 1;
    lia_why why = {{0}};
    setup(&r);
    for (int i = 0; i < 3; i++, from = pieces[i - 1].dump.to) {
        write_on(&r);
        write_on(&r);
        pieces[i] = take(&r, from, NULL);
    }
    pieces[1] = pieces[2];
    CHECK_ERR(put_back(folder(), pieces, 2, NULL, &erased, &why), LIA_ECORRUPT);
    CHECK(strstr(why.text, "a piece is missing between"));
    teardown(&r);
}

TEST(who_was_erased_never_reaches_the_disk)
{
    const char *canary = "qvowjn53lekzru71";
    const lia_id gone = {{7}}, stays = {{8}};
    rig r;
    uint64_t erased;
    lia_ledger ledger = {0};
    setup(&r);
    append(&r, 1, 5, gone, canary);
    append(&r, 2, 5, stays, "stays");
    append(&r, 2, 3, gone, canary);
    piece whole = take(&r, 1, NULL);
    CHECK_OK(lia_ledger_add(&ledger, gone));
    const char *dir = folder();
    CHECK_OK(put_back(dir, &whole, 1, &ledger, &erased, NULL));
    CHECK_EQ(erased, 8);
    CHECK_OK(
        lia_backup_check(dir, &r.members, NULL, NULL, NULL)); /* the chain holds all the same */
    CHECK_EQ(canary_count(dir, lia_span_text(canary)), 0);
    const char *other = folder();
    CHECK_OK(put_back(other, &whole, 1, NULL, &erased, NULL)); /* the search finds what is there */
    CHECK_EQ(erased, 0);
    CHECK(canary_count(other, lia_span_text(canary)) > 0);
    lia_ledger_fini(&ledger);
    teardown(&r);
}

static uint64_t head_of(rig *r, const char *dir, lia_lane lane)
{
    lia_log *log;
    lia_log_reader *reader;
    lia_lane_info info;
    CHECK_OK(lia_log_open(&log, dir, (size_t)64 << 20, NULL));
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_lane_info(reader, lane, &info));
    lia_log_reader_close(reader);
    lia_log_close(log);
    CHECK_OK(lia_backup_check(dir, &r->members, NULL, NULL, NULL));
    return info.head;
}

TEST(a_log_ends_at_the_moment_that_is_wanted)
{
    rig r;
    setup(&r);
    append(&r, 1, 2, LIA_ID_NONE, "before");
    piece first = take(&r, 1, NULL);
    int64_t began = r.clock_ms;
    append(&r, 1, 3, LIA_ID_NONE, "a"); /* began, +1, +2 */
    append(&r, 2, 2, LIA_ID_NONE, "b"); /* +3, +4 */
    append(&r, 1, 1, LIA_ID_NONE, "c"); /* +5 */
    append(&r, 2, 4, LIA_ID_NONE, "d"); /* +6 .. +9 */
    piece since = take(&r, first.dump.to, NULL), full = take(&r, 1, NULL);
    static const struct {
        int64_t after;
        uint64_t head1, head2;
    } cases[] = {{-1, 2, 0}, {1, 2, 0}, {2, 5, 0}, {3, 5, 0}, {4, 5, 2},
                 {5, 6, 2},  {8, 6, 2}, {9, 6, 6}, {99, 6, 6}};
    for (size_t i = 0; i < 2 * LIA_COUNT(cases); i++) {
        const piece *cut = i % 2 ? &full : &since;
        uint64_t events, erased;
        lia_restore *restore;
        const lia_time until = {began + cases[i / 2].after};
        const char *dir = folder();
        CHECK_OK(lia_restore_open(&restore, dir, NULL, NULL));
        CHECK_OK(lia_restore_rows(restore, lia_buf_get(&first.rows), true, NULL));
        CHECK_OK(lia_restore_look(restore, lia_buf_get(&cut->rows), first.dump.to, NULL));
        CHECK_OK(lia_restore_some(restore, lia_buf_get(&cut->rows), until, NULL));
        CHECK_OK(lia_restore_end(restore, &events, &erased, NULL));
        lia_restore_close(restore);
        CHECK_EQ(head_of(&r, dir, 1), cases[i / 2].head1);
        CHECK_EQ(head_of(&r, dir, 2), cases[i / 2].head2);
        CHECK_EQ(events, cases[i / 2].head1 + cases[i / 2].head2);
    }
    teardown(&r);
}

static void drop_first(rig *r)
{
    static bool keep[16];
    static unsigned times;
    if (times++ != 1) return;
    CHECK_OK(lia_log_begin(r->log, NULL));
    CHECK_OK(lia_log_drop(r->log, 1, keep));
    CHECK_OK(lia_log_commit(r->log, NULL));
}

TEST(a_log_that_is_shortened_meanwhile_is_copied_anew)
{
    rig r;
    uint64_t erased;
    setup(&r);
    for (int i = 0; i < 40; i++) write_on(&r);
    CHECK_ERR(take(&r, 1, drop_first).err, LIA_ECONFLICT);
    piece again = take(&r, 1, NULL);
    CHECK_OK(again.err);
    lia_span want = all_rows(&r, NULL);
    const char *dir = folder();
    CHECK_OK(put_back(dir, &again, 1, NULL, &erased, NULL));
    CHECK_BYTES(all_rows(&r, dir), want);
    /* Where something is missing of what came since, all is taken. */
    uint64_t gap;
    CHECK_OK(lia_log_refresh(r.reader));
    CHECK_OK(lia_log_gap(r.reader, &gap));
    CHECK(take(&r, gap, NULL).dump.full);
    CHECK(!take(&r, gap + 1, NULL).dump.full);
    teardown(&r);
}

TEST(rows_of_any_form_are_refused_with_a_sentence)
{
    rig r;
    lia_dice dice = {1};
    setup(&r);
    for (int i = 0; i < 6; i++) write_on(&r);
    piece whole = take(&r, 1, NULL);
    for (int i = 0; i < 60; i++) {
        uint64_t erased;
        lia_why why = {{0}};
        lia_buf bad = lia_buf_make(&r.rows);
        lia_buf_span(&bad, lia_buf_get(&whole.rows));
        if (i % 2)
            bad.size = (size_t)lia_dice_below(&dice, bad.size);
        else
            bad.data[lia_dice_below(&dice, bad.size)] ^= 0xff;
        const char *dir = folder();
        lia_err err = put_back(dir, &(piece){.rows = bad}, 1, NULL, &erased, &why);
        if (!err) err = lia_backup_check(dir, &r.members, NULL, NULL, &why);
        CHECK(!err || why.text[0]);
    }
    teardown(&r);
}
