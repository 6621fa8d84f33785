/* SPDX-License-Identifier: Apache-2.0 */
/* fold_rig - rows without a node: a test folds the events that it makes into a table of its own, in
 * the order that it wants, and looks at what comes of it. */
#ifndef LIA_NODE_FOLD_RIG_H
#define LIA_NODE_FOLD_RIG_H

#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/node/work.h"
#include "tests/support/test.h"

typedef struct fold {
    lia_views *views;
    lia_log *log; /* nothing is in it: events are given as pending ones */
    lia_log_reader *reader;
    lia_arena arena;
    lia_applier applier; /* its rows are those to read */
    lia_turn turn;
    lia_turn_work work;
} fold;

static inline void fold_open(fold *f)
{
    uint64_t cursor;
    char log[300];
    lia_why why = {{0}};
    lia_views_options options = {.map_bytes = (size_t)16 << 20, .table_bytes = (size_t)64 << 20};
    *f = (fold){0};
    lia_log_set_level(LIA_ERROR);
    CHECK_OK(lia_crypto_init());
    snprintf(log, sizeof log, "%s/log", lia_test_dir());
    CHECK_OK(lia_log_open(&f->log, log, (size_t)16 << 20, &why));
    CHECK_OK(lia_log_reader_open(&f->reader, f->log));
    CHECK_OK(lia_views_open(&f->views, lia_test_dir(), &options, &cursor, &why));
    CHECK_OK(lia_arena_init(&f->arena, 8 << 20));
    f->applier = (lia_applier){.rows = {.views = f->views, .log = f->reader, .pending_first = 1},
                               .arena = &f->arena,
                               .turn = &f->turn};
    f->work = (lia_turn_work){.type = LIA_TURN_FOLD, .applier = &f->applier};
    f->turn = (lia_turn){.arena = &f->arena, .work = &f->work};
}

static inline void fold_close(fold *f)
{
    lia_views_drop(f->views);
    lia_log_reader_close(f->reader);
    lia_log_close(f->log);
    lia_arena_fini(&f->arena);
}

/* The events arrive one after the other; they must last as long as the rows are read. */
static inline void fold_apply(fold *f, const lia_span *events, size_t count)
{
    f->applier.rows.pending = events;
    f->applier.rows.pending_count = count;
    for (size_t i = 0; i < count; i++) {
        lia_event event;
        lia_arena_reset(&f->arena);
        CHECK_OK(lia_event_parse(&event, events[i], &f->arena, NULL));
        CHECK_OK(lia_apply_event(&f->applier, &event, i + 1));
    }
}

/* The k-th of the orders of `count` things. */
static inline void fold_permute(size_t k, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = k % i, kept = order[i - 1];
        k /= i;
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

#endif
