/* SPDX-License-Identifier: Apache-2.0 */
/* test_marked - for tests of erasure: a log whose events are known from their numbers, every
 * hundredth full of canaries. */
#ifndef LIA_STORE_TEST_MARKED_H
#define LIA_STORE_TEST_MARKED_H

#include <stdlib.h>

#include "common/store/log.h"
#include "common/store/test_canary.h"

#define MARKED_MAP ((size_t)256 << 20)

enum { MARKED_MAX = 7000, MARKED_BLOCK = 200, MARKED_UNTIL = 100000 };

static uint64_t marked_until = MARKED_UNTIL;

static inline bool marked_is(uint64_t n)
{
    return n % 100 == 7 && n < marked_until;
}

/* Every value is known from its number. Some are large, on pages of their own. */
static inline lia_span marked_event(uint64_t n, bool erased, uint8_t bytes[MARKED_MAX])
{
    size_t size = 24 + n * 37 % 500;
    if (n % 300 == 7 || n % 300 == 9) size = 2040 + n * 7 % 4900;
    memset(bytes, erased ? 0 : (int)(n & 0xff), size);
    if (marked_is(n) && !erased) canary_fill(bytes, size);
    lia_put_u64(bytes, n);
    return lia_span_make(bytes, size);
}

static inline lia_log *marked_open(const char *dir)
{
    lia_log *log;
    lia_why why = {0};
    lia_err err = lia_log_open(&log, dir, MARKED_MAP, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return log;
}

static inline lia_hash marked_hash(uint64_t n)
{
    lia_hash hash = {{0}};
    lia_put_u64(hash.bytes, n);
    return hash;
}

/* A block in the batch under way. */
static inline lia_err marked_add_block(lia_log *log, uint64_t first, uint32_t count)
{
    static uint8_t bytes[MARKED_BLOCK][MARKED_MAX];
    lia_span events[MARKED_BLOCK];
    lia_block block = {.first = first,
                       .count = count,
                       .before = marked_hash(first - 1),
                       .hash = marked_hash(first + count - 1)};
    for (uint32_t i = 0; i < count; i++) events[i] = marked_event(first + i, false, bytes[i]);
    lia_err err = lia_log_lane(log, (lia_origin){1, 2}, &block.lane);
    return err ? err : lia_log_append(log, &block, events);
}

static inline lia_err marked_add(lia_log *log, uint64_t first, uint32_t count)
{
    lia_err err = lia_log_begin(log, NULL);
    if (err) return err;
    err = marked_add_block(log, first, count);
    lia_err end = lia_log_commit(log, NULL);
    return end ? end : err;
}

/* Events from..until, in commits of all sizes. */
static inline lia_err marked_fill(lia_log *log, uint64_t from, uint64_t until, lia_dice *dice)
{
    lia_err err = LIA_OK;
    while (!err && from <= until) {
        uint64_t left = until - from + 1;
        uint64_t count = 1 + lia_dice_below(dice, lia_dice_below(dice, 3) ? MARKED_BLOCK : 4);
        if (count > left) count = left;
        err = marked_add(log, from, (uint32_t)count);
        from += count;
    }
    return err;
}

/* Overwrites the marked ones among 1..until, in one batch. */
static inline lia_err marked_erase(lia_log *log, uint64_t until)
{
    uint8_t bytes[MARKED_MAX];
    lia_err err = lia_log_begin(log, NULL);
    if (err) return err;
    for (uint64_t n = 7; !err && n <= until; n += 100)
        err = lia_log_overwrite(log, n, marked_event(n, true, bytes));
    lia_err end = lia_log_commit(log, NULL);
    return end ? end : err;
}

/* Events up to `erased` are erased if marked, those after it are whole; in between either. */
static inline void marked_check(lia_log *log, uint64_t held, uint64_t erased, uint64_t whole_from)
{
    lia_log_reader *reader;
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK(lia_log_next(reader) > held);
    for (uint64_t n = 1; n < lia_log_next(reader); n++) {
        uint8_t bytes[MARKED_MAX];
        lia_span event;
        CHECK_OK(lia_log_event(reader, n, &event));
        bool gone = marked_is(n) && n < whole_from &&
                    (n <= erased || lia_span_equal(event, marked_event(n, true, bytes)));
        CHECK_BYTES(event, marked_event(n, gone, bytes));
    }
    lia_log_reader_close(reader);
}

static inline void marked_scrub(lia_log *log)
{
    lia_why why = {0};
    lia_err err = lia_log_scrub(log, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

#endif
