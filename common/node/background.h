/* SPDX-License-Identifier: Apache-2.0 */
/* background - what the services' tables want done beside the batches: who is told of changes, when
 * there is time for it and how much. Internal to common/node; writer thread only. */
#ifndef LIA_NODE_BACKGROUND_H
#define LIA_NODE_BACKGROUND_H

#include "common/node/service.h"

#define LIA_BACKGROUNDS_MAX 8

typedef struct lia_backgrounds {
    struct {
        const lia_background_row *row;
        void *state;
        uint64_t spent_ns;
    } list[LIA_BACKGROUNDS_MAX];
    size_t count, next; /* whose turn it is */
    uint64_t credit_ns; /* time that the batches have left to it */
} lia_backgrounds;

/* Opens those of both services. On an error none is open. */
LIA_MUST_USE lia_err lia_backgrounds_open(lia_backgrounds *all, const lia_service *const *services,
                                          size_t count, const lia_rows *rows);
void lia_backgrounds_close(lia_backgrounds *all);

LIA_MUST_USE lia_err lia_backgrounds_changed(lia_backgrounds *all, const lia_rows *rows,
                                             uint32_t kind, lia_id record, const lia_op *op,
                                             lia_arena *arena);
LIA_MUST_USE lia_err lia_backgrounds_erased(lia_backgrounds *all, const lia_rows *rows,
                                            lia_id customer, lia_arena *arena);

/* Whether any of them has work. */
bool lia_backgrounds_wait(const lia_backgrounds *all);
/* One slice of one of them, a few milliseconds; *worked: rows were written. `busy_ns` is what the
 * batch before it took, 0 when there was none: then the slice is free, else the batches leave it a
 * share of their time. */
LIA_MUST_USE lia_err lia_backgrounds_work(lia_backgrounds *all, const lia_rows *rows,
                                          uint64_t busy_ns, lia_arena *arena, bool *worked);
/* At most `max`; returns how many. */
size_t lia_backgrounds_progress(const lia_backgrounds *all, lia_progress *out, size_t max);

#endif
