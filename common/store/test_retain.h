/* SPDX-License-Identifier: Apache-2.0 */
/* test_retain - for tests of dropping: one lane of known events. Of what is dropped every fifth
 * event is kept, and the numbers of all others are added up in base, so where the lane begins says
 * what base and kept must be. */
#ifndef LIA_STORE_TEST_RETAIN_H
#define LIA_STORE_TEST_RETAIN_H

#include "common/store/log_retain.h"
#include "common/store/test_fold.h"

#define RETAIN_MAP ((size_t)16 << 20)

static inline bool retain_keeps(uint64_t n)
{
    return n % 5 == 0;
}

/* Drops up to `blocks` of the lane's first blocks, in the batch under way; fewer if the lane ends.
 */
static inline lia_err retain_drop(lia_log *log, unsigned blocks)
{
    for (unsigned b = 0; b < blocks; b++) {
        bool keep[FOLD_BLOCK_MAX];
        lia_block block;
        lia_span row;
        lia_log_reader *reader = lia_log_batch_reader(log);
        lia_err err = lia_log_first_block(reader, 1, &block);
        if (err) return err == LIA_EABSENT ? LIA_OK : err;
        err = lia_log_base(reader, LIA_SPAN("sum"), &row);
        if (err && err != LIA_EABSENT) return err;
        uint64_t sum = err ? 0 : lia_get_u64(row.data);
        for (uint32_t i = 0; i < block.count; i++) {
            keep[i] = retain_keeps(block.first + i);
            if (!keep[i]) sum += block.first + i;
        }
        uint8_t bytes[8];
        lia_put_u64(bytes, sum);
        err = lia_log_drop(log, 1, keep);
        if (!err) err = lia_log_base_put(log, LIA_SPAN("sum"), LIA_SPAN_OF(bytes));
        if (err) return err;
    }
    return LIA_OK;
}

/* NULL when blocks, kept events and base are one whole, else what is wrong. */
static inline const char *retain_look(lia_log *log, uint64_t *first, uint64_t *head)
{
    lia_log_reader *reader;
    lia_lane_info info = {0};
    lia_hash before, want;
    lia_span row;
    const char *wrong = NULL;
    *first = 1;
    *head = 0;
    if (lia_log_reader_open(&reader, log)) return "the reader does not open";
    if (lia_log_lane_info(reader, 1, &info) == LIA_OK) {
        *head = info.head;
        if (lia_log_first(reader, 1, first, &before)) wrong = "the lane does not begin anywhere";
        want = fold_hash(*first - 1);
        if (!wrong && !lia_hash_equal(&before, &want)) wrong = "it begins with another hash";
    }
    uint64_t sum = 0, arrival;
    size_t kept_count = 0;
    for (uint64_t n = 1; n <= *head && !wrong; n++) {
        uint8_t bytes[512];
        lia_span event;
        lia_block block;
        bool dropped = n < *first, keeps = retain_keeps(n);
        lia_err kept = lia_log_kept(reader, fold_origin, n, &arrival);
        lia_err err = lia_log_event(reader, n, &event); /* one lane: arrival is number */
        sum += dropped && !keeps ? n : 0;
        kept_count += dropped && keeps;
        if ((kept == LIA_OK) != (dropped && keeps) || (!kept && arrival != n))
            wrong = "another event is kept";
        else if ((err == LIA_OK) != (!dropped || keeps))
            wrong = "an event is there that was dropped, or not there";
        else if (!err && !lia_span_equal(event, fold_event(n, bytes)))
            wrong = "an event is not as written";
        else if ((lia_log_block(reader, 1, n, &block) == LIA_OK) == dropped)
            wrong = "a block is there that was dropped, or not there";
    }
    size_t base_rows, kept_rows;
    lia_log_left(reader, &base_rows, &kept_rows);
    if (!wrong && kept_rows != kept_count) wrong = "more is kept than that";
    if (!wrong && lia_log_next(reader) != *head + 1) wrong = "the next arrival is another one";
    lia_err err = lia_log_base(reader, LIA_SPAN("sum"), &row);
    if (!wrong && (err ? 0 : lia_get_u64(row.data)) != sum) wrong = "base is not their sum";
    lia_log_reader_close(reader);
    return wrong;
}

static inline void retain_check(lia_log *log, uint64_t *first, uint64_t *head)
{
    const char *wrong = retain_look(log, first, head);
    if (wrong)
        print_error("first %llu, head %llu: %s\n", (unsigned long long)*first,
                    (unsigned long long)*head, wrong);
    CHECK(!wrong);
}

#endif
