/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "common/wire/record.h"
#include "tests/support/test.h"

static lia_arena arena;

static void begin(void)
{
    lia_arena_fini(&arena);
    CHECK_OK(lia_arena_init(&arena, 64 << 20));
}

static lia_stamp stamp_at(uint64_t hlc, uint16_t node)
{
    return (lia_stamp){.hlc = hlc, .incarnation = 1000u + node, .seq = hlc, .node = node};
}

static lia_span row_of(const lia_record *record)
{
    lia_buf out = lia_buf_make(&arena);
    lia_record_encode(record, &out);
    CHECK(!out.failed);
    return lia_buf_get(&out);
}

/* A write to field 1 (plain, one byte) whose writer saw `seen`. */
static lia_op plain_write(uint8_t value, lia_stamp seen)
{
    lia_buf set = lia_buf_make(&arena);
    lia_pb_put_varint(&set, 1, value);
    lia_touch *touch = lia_arena_zero(&arena, sizeof *touch);
    *touch = (lia_touch){.field = 1, .seen = seen};
    return (lia_op){.kind = 1,
                    .set = lia_buf_get(&set),
                    .touches = touch,
                    .touch_count = lia_stamp_is_none(&seen) ? 0 : 1};
}

static void join(lia_record *record, lia_op op, lia_stamp stamp)
{
    CHECK_OK(lia_record_join_op(record, &op, stamp, &arena));
}

/* ---- registers ------------------------------------------------------------------------------ */

TEST(a_conflict_appears_exactly_when_neither_writer_saw_the_other)
{
    begin();
    lia_stamp first = stamp_at(10, 1), second = stamp_at(20, 2);
    lia_record apart = {0}, after = {0};
    join(&apart, plain_write(1, (lia_stamp){0}), first);
    join(&apart, plain_write(2, (lia_stamp){0}), second);
    const lia_register *reg = lia_record_find(&apart, 1, LIA_SPAN_NONE);
    CHECK_EQ(reg->count, 2);
    CHECK(lia_register_in_conflict(reg));
    CHECK_BYTES(lia_register_winner(reg, NULL)->value, LIA_SPAN("\x02"));

    join(&after, plain_write(2, first), second);
    join(&after, plain_write(1, (lia_stamp){0}), first); /* arrives late */
    reg = lia_record_find(&after, 1, LIA_SPAN_NONE);
    CHECK_EQ(reg->count, 1);
    CHECK(!lia_register_in_conflict(reg));
    CHECK_EQ(lia_stamp_compare(&reg->live[0].stamp, &second), 0);
}

TEST(writing_the_same_at_the_same_time_is_no_conflict)
{
    begin();
    lia_record record = {0};
    join(&record, plain_write(7, (lia_stamp){0}), stamp_at(10, 1));
    join(&record, plain_write(7, (lia_stamp){0}), stamp_at(10, 2));
    CHECK_EQ(record.registers[0].count, 2);
    CHECK(!lia_register_in_conflict(&record.registers[0]));
}

TEST(a_fifth_concurrent_write_pushes_out_the_lowest)
{
    begin();
    lia_record record = {0};
    for (uint16_t node = 6; node >= 1; node--)
        join(&record, plain_write((uint8_t)node, (lia_stamp){0}), stamp_at(10, node));
    const lia_register *reg = &record.registers[0];
    CHECK_EQ(reg->count, LIA_REGISTER_LIVE_MAX);
    for (size_t i = 0; i < reg->count; i++) CHECK_EQ(reg->live[i].stamp.node, 6 - i);
    /* seeing the lowest of the four leaves three; what was pushed out stays out */
    join(&record, plain_write(9, stamp_at(10, 3)), stamp_at(11, 1));
    join(&record, plain_write(2, (lia_stamp){0}), stamp_at(10, 2));
    CHECK_EQ(record.registers[0].count, 4);
    CHECK_EQ(record.registers[0].live[3].stamp.node, 4);
}

TEST(a_touch_raises_the_stamp_of_its_write)
{
    begin();
    lia_op op = plain_write(1, stamp_at(100, 2));
    op.touches[0].hlc = 101;
    lia_record record = {0};
    join(&record, plain_write(5, (lia_stamp){0}), stamp_at(100, 2));
    join(&record, op, stamp_at(50, 1));
    CHECK_EQ(record.registers[0].count, 1);
    CHECK_EQ(record.registers[0].live[0].stamp.hlc, 101);
    CHECK_EQ(lia_record_top(&record).hlc, 101);
}

TEST(a_present_element_beats_a_concurrent_absence)
{
    begin();
    lia_touch add = {.field = 12, .element = LIA_SPAN("vip")}, drop = add;
    drop.clear = true;
    lia_op adding = {.kind = 1, .touches = &add, .touch_count = 1};
    lia_op dropping = {.kind = 1, .touches = &drop, .touch_count = 1};
    lia_record record = {0};
    join(&record, adding, stamp_at(10, 1));
    join(&record, dropping, stamp_at(20, 2));
    CHECK(lia_register_winner(&record.registers[0], NULL));
    drop.seen = stamp_at(20, 2);
    join(&record, dropping, stamp_at(30, 1));
    CHECK(!lia_register_winner(&record.registers[0], NULL));
}

TEST(a_field_that_merges_by_number_shows_the_highest)
{
    static const lia_field state = {.number = 1, .type = LIA_T_ENUM, .merge = LIA_MERGE_HIGHEST};
    begin();
    lia_record record = {0};
    join(&record, plain_write(3, (lia_stamp){0}), stamp_at(10, 1));
    join(&record, plain_write(2, (lia_stamp){0}), stamp_at(20, 2));
    const lia_register *reg = &record.registers[0];
    CHECK_BYTES(lia_register_winner(reg, &state)->value, LIA_SPAN("\x03"));
    CHECK_BYTES(lia_register_winner(reg, NULL)->value, LIA_SPAN("\x02"));
    lia_touch clear = {.field = 1, .clear = true};
    join(&record, (lia_op){.kind = 1, .touches = &clear, .touch_count = 1}, stamp_at(30, 3));
    CHECK_BYTES(lia_register_winner(&record.registers[0], &state)->value, LIA_SPAN("\x03"));
    CHECK(!lia_register_winner(&record.registers[0], NULL));
}

/* ---- the join is a semilattice -------------------------------------------------------------- */

#define OPS_MAX 14
#define NODES   5

typedef struct past {
    lia_op ops[OPS_MAX];
    lia_stamp stamps[OPS_MAX];
    size_t count;
} past;

/* One of a few registers: plain fields 1..3, elements "a".."c" of field 7. */
static void write_register(lia_dice *dice, const lia_record *known, lia_hlc now, lia_buf *set,
                           lia_touch *touch, size_t which, bool careless)
{
    static const char *const names[] = {"a", "b", "c"};
    bool plain = which < 3;
    touch->field = plain ? (uint32_t)which + 1 : 7;
    touch->element = plain ? LIA_SPAN_NONE : lia_span_text(names[which - 3]);
    touch->clear = lia_dice_below(dice, 4) == 0;
    const lia_register *reg = lia_record_find(known, touch->field, touch->element);
    if (reg) touch->seen = lia_register_top(reg);
    if (careless) touch->seen = (lia_stamp){0};
    if (careless && lia_dice_below(dice, 16) == 0)
        touch->seen = stamp_at(1 + lia_dice_below(dice, 30), (uint16_t)lia_dice_below(dice, 3));
    if (touch->seen.hlc >= now && !careless) touch->hlc = touch->seen.hlc + 1;
    if (touch->clear) return;
    if (plain) {
        lia_pb_put_varint(set, touch->field, lia_dice_below(dice, 3));
    } else if (lia_dice_below(dice, 2)) {
        touch->has_value = true;
        touch->value = lia_span_text(names[lia_dice_below(dice, 3)]);
    }
}

/* The next write: its node has seen a random part of what was written before. A careless one lies
 * about what it saw and reuses stamps. */
static void write_next(past *history, lia_dice *dice, bool careless)
{
    size_t at = history->count++;
    lia_record known = {0};
    for (size_t i = 0; i < at; i++)
        if (lia_dice_below(dice, 2)) join(&known, history->ops[i], history->stamps[i]);
    uint16_t node = (uint16_t)(1 + lia_dice_below(dice, NODES));
    lia_hlc now = 1 + lia_dice_below(dice, careless ? 6 : 30); /* clocks disagree wildly */
    lia_stamp stamp = {.hlc = now, .incarnation = node, .seq = careless ? 1 : at + 1, .node = node};

    lia_buf set = lia_buf_make(&arena);
    lia_touch *touches = lia_arena_zero(&arena, 6 * sizeof *touches);
    size_t count = 0;
    for (size_t which = 0; which < 6; which++)
        if (lia_dice_below(dice, 3) == 0)
            write_register(dice, &known, now, &set, &touches[count++], which, careless);
    history->stamps[at] = stamp;
    history->ops[at] =
        (lia_op){.kind = 1, .set = lia_buf_get(&set), .touches = touches, .touch_count = count};
}

/* Joins all ops in random order into a few states, some twice, some by way of their row, then the
 * states in random order, some into several. */
static lia_span any_order(const past *history, lia_dice *dice)
{
    lia_record parts[4] = {{0}};
    size_t order[2 * OPS_MAX], count = 0;
    for (size_t i = 0; i < history->count; i++)
        for (size_t copies = 1 + lia_dice_below(dice, 2); copies; copies--) order[count++] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = lia_dice_below(dice, i), keep = order[i - 1];
        order[i - 1] = order[j];
        order[j] = keep;
    }
    for (size_t i = 0; i < count; i++) {
        lia_record *part = &parts[lia_dice_below(dice, 4)];
        join(part, history->ops[order[i]], history->stamps[order[i]]);
        if (lia_dice_below(dice, 4) == 0) CHECK_OK(lia_record_decode(part, row_of(part), &arena));
        if (lia_dice_below(dice, 8) == 0)
            CHECK_OK(lia_record_join(&parts[lia_dice_below(dice, 4)], part, &arena));
    }
    size_t into = lia_dice_below(dice, 4);
    for (size_t i = 1; i < 4; i++)
        CHECK_OK(lia_record_join(&parts[into], &parts[(into + i) % 4], &arena));
    return row_of(&parts[into]);
}

/* The rule as it is written down, over all writes of a register at once. */
static void check_register(const past *history, const lia_record *record, uint32_t field,
                           lia_span element)
{
    lia_stamp seen = {0}, above[OPS_MAX];
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < history->count; i++)
            for (size_t j = 0; j < history->ops[i].touch_count; j++) {
                const lia_touch *touch = &history->ops[i].touches[j];
                if (touch->field != field || !lia_span_equal(touch->element, element)) continue;
                lia_stamp own = history->stamps[i];
                if (touch->hlc > own.hlc) own.hlc = touch->hlc;
                if (pass == 0 && lia_stamp_compare(&touch->seen, &seen) > 0) seen = touch->seen;
                if (pass == 1 && lia_stamp_compare(&own, &seen) > 0) above[count++] = own;
            }
    const lia_register *reg = lia_record_find(record, field, element);
    if (!reg) {
        CHECK_EQ(count, 0);
        return;
    }
    CHECK(count > 0); /* the highest write is always there */
    CHECK_EQ(reg->count, count < LIA_REGISTER_LIVE_MAX ? count : LIA_REGISTER_LIVE_MAX);
    for (size_t i = 0; i < reg->count; i++) {
        size_t higher = 0;
        for (size_t j = 0; j < count; j++)
            if (lia_stamp_compare(&above[j], &reg->live[i].stamp) > 0) higher++;
        CHECK_EQ(higher, i);
    }
}

TEST(any_order_grouping_and_repetition_of_the_same_writes_gives_the_same_bytes)
{
    begin();
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        lia_dice dice = {seed};
        lia_arena_reset(&arena);
        past history = {0};
        size_t count = 1 + lia_dice_below(&dice, OPS_MAX);
        while (history.count < count) write_next(&history, &dice, false);

        lia_span want = any_order(&history, &dice);
        for (size_t i = 0; i < 4; i++)
            if (!lia_span_equal(any_order(&history, &dice), want))
                fail_msg("seed %llu", (unsigned long long)seed);
        lia_record record;
        CHECK_OK(lia_record_decode(&record, want, &arena));
        for (uint32_t field = 1; field <= 3; field++)
            check_register(&history, &record, field, LIA_SPAN_NONE);
        check_register(&history, &record, 7, LIA_SPAN("a"));
        check_register(&history, &record, 7, LIA_SPAN("c"));
    }
}

TEST(nodes_that_lie_about_what_they_saw_or_reuse_stamps_make_nobody_diverge)
{
    begin();
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        lia_dice dice = {seed << 32};
        lia_arena_reset(&arena);
        past history = {0};
        while (history.count < OPS_MAX) write_next(&history, &dice, true);
        lia_span want = any_order(&history, &dice);
        for (size_t i = 0; i < 4; i++)
            if (!lia_span_equal(any_order(&history, &dice), want))
                fail_msg("seed %llu", (unsigned long long)seed);
    }
}

/* 3,000 elements each, half of them the same. */
static lia_op crowd(size_t first)
{
    static char names[6000][8];
    lia_touch *touches = lia_arena_zero(&arena, 3000 * sizeof *touches);
    for (size_t i = 0; i < 3000; i++) {
        size_t number = first + (i * 7919) % 3000; /* in no order */
        snprintf(names[number], sizeof names[number], "%04zu", number);
        touches[i] = (lia_touch){.field = 12, .element = lia_span_text(names[number])};
    }
    return (lia_op){.kind = 1, .touches = touches, .touch_count = 3000};
}

TEST(a_record_cut_at_its_limit_is_the_same_everywhere)
{
    begin();
    lia_op a = crowd(0), b = crowd(2000), c = plain_write(1, (lia_stamp){0});
    lia_record one = {0}, other = {0};
    join(&one, a, stamp_at(1, 1));
    join(&one, b, stamp_at(2, 2));
    join(&one, c, stamp_at(3, 3));
    join(&other, c, stamp_at(3, 3));
    join(&other, b, stamp_at(2, 2));
    join(&other, a, stamp_at(1, 1));
    CHECK_EQ(one.count, LIA_RECORD_REGISTERS_MAX);
    CHECK_BYTES(row_of(&one), row_of(&other));
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* Kept for ever: rows of every release are read by every later one. */
TEST(the_row_of_a_record_is_what_the_header_draws)
{
    begin();
    lia_record record = {0};
    lia_touch tag = {.field = 12, .element = LIA_SPAN("vip")};
    lia_op op = plain_write(9, stamp_at(0x10, 1));
    join(&record, (lia_op){.kind = 1, .touches = &tag, .touch_count = 1}, stamp_at(0x10, 1));
    join(&record, op, stamp_at(0x20, 2));
    static const uint8_t want[] = {
        1,  2, /* version, two stamps */
        0,  0, 0,   0,   0,      0,    0, 0x10, 0, 0,
        0,  0, 0,   0,   0x03,   0xe9,                /* hlc, incarnation 1001 */
        0,  0, 0,   0,   0,      0,    0, 0x10, 0, 1, /* seq, node */
        0,  0, 0,   0,   0,      0,    0, 0x20, 0, 0,
        0,  0, 0,   0,   0x03,   0xea,                /* */
        0,  0, 0,   0,   0,      0,    0, 0x20, 0, 2, /* */
        2,                                            /* two registers */
        1,  0, 1,   1,   1 << 4, 1,    9,          /* field 1: saw stamp 0; live: stamp 1, varint */
        12, 3, 'v', 'i', 'p',    0,    1, 2,    0, /* field 12, "vip": saw none; stamp 0, bytes */
    };
    CHECK_BYTES(row_of(&record), lia_span_make(want, sizeof want));
}

TEST(every_cut_and_every_changed_byte_of_a_row_is_refused_or_reads_as_a_record)
{
    begin();
    lia_dice dice = {1};
    past history = {0};
    while (history.count < OPS_MAX) write_next(&history, &dice, false);
    lia_span row = any_order(&history, &dice);
    uint8_t *copy = (uint8_t *)lia_arena_copy(&arena, row).data;
    size_t mark = lia_arena_mark(&arena);
    for (size_t i = 0; i < row.size; i++) {
        lia_arena_back(&arena, mark);
        lia_record record;
        if (i)
            CHECK_ERR(lia_record_decode(&record, lia_span_make(row.data, i), &arena), LIA_ECORRUPT);
        for (unsigned bit = 0; bit < 8; bit++) {
            copy[i] ^= (uint8_t)(1 << bit);
            if (!lia_record_decode(&record, lia_span_make(copy, row.size), &arena)) row_of(&record);
            copy[i] ^= (uint8_t)(1 << bit);
        }
    }
    lia_record none;
    CHECK_OK(lia_record_decode(&none, LIA_SPAN_NONE, &arena));
    CHECK_EQ(none.count, 0);
}
