/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/background.h"

#include "common/base/assert.h"
#include "common/base/time.h"

#define SLICE_NS   2000000
#define BUSY_SHARE 20 /* of the time of batches that follow one another: one part in so many */

static lia_err open_rows(lia_backgrounds *all, const lia_service *service, const lia_rows *rows)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < service->background_count && !err; i++) {
        lia_assert(all->count < LIA_BACKGROUNDS_MAX);
        const lia_background_row *row = &service->backgrounds[i];
        all->list[all->count].row = row;
        err = row->open(&all->list[all->count].state, rows);
        if (!err) all->count++;
    }
    return err;
}

lia_err lia_backgrounds_open(lia_backgrounds *all, const lia_service *const *services, size_t count,
                             const lia_rows *rows)
{
    lia_err err = LIA_OK;
    *all = (lia_backgrounds){.count = 0};
    for (size_t i = 0; i < count && !err; i++)
        if (services[i]) err = open_rows(all, services[i], rows);
    if (err) lia_backgrounds_close(all);
    return err;
}

void lia_backgrounds_close(lia_backgrounds *all)
{
    for (size_t i = 0; i < all->count; i++) all->list[i].row->close(all->list[i].state);
    all->count = 0;
}

lia_err lia_backgrounds_changed(lia_backgrounds *all, const lia_rows *rows, uint32_t kind,
                                lia_id record, const lia_op *op, lia_arena *arena)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < all->count && !err; i++)
        err = all->list[i].row->changed(all->list[i].state, rows, kind, record, op, arena);
    return err;
}

lia_err lia_backgrounds_erased(lia_backgrounds *all, const lia_rows *rows, lia_id customer,
                               lia_arena *arena)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < all->count && !err; i++)
        err = all->list[i].row->erased(all->list[i].state, rows, customer, arena);
    return err;
}

static bool has_work(const lia_backgrounds *all, size_t at)
{
    lia_progress progress;
    all->list[at].row->progress(all->list[at].state, &progress);
    return progress.waiting > 0;
}

bool lia_backgrounds_wait(const lia_backgrounds *all)
{
    bool any = false;
    for (size_t i = 0; i < all->count; i++) any |= has_work(all, i);
    return any;
}

/* A whole slice at once, so that a reader finds more than crumbs. */
static bool may_work(lia_backgrounds *all, uint64_t busy_ns)
{
    if (!busy_ns) return true;
    all->credit_ns += busy_ns / BUSY_SHARE;
    if (all->credit_ns < SLICE_NS) return false;
    all->credit_ns = 0;
    return true;
}

lia_err lia_backgrounds_work(lia_backgrounds *all, const lia_rows *rows, uint64_t busy_ns,
                             lia_arena *arena, bool *worked)
{
    *worked = false;
    if (!lia_backgrounds_wait(all) || !may_work(all, busy_ns)) return LIA_OK;
    while (!has_work(all, all->next % all->count)) all->next++;
    size_t at = all->next++ % all->count;
    uint64_t began_ns = lia_time_ticks_ns();
    lia_err err = all->list[at].row->work(all->list[at].state, rows, began_ns + SLICE_NS, arena);
    all->list[at].spent_ns += lia_time_ticks_ns() - began_ns;
    *worked = true;
    return err;
}

size_t lia_backgrounds_progress(const lia_backgrounds *all, lia_progress *out, size_t max)
{
    size_t count = all->count < max ? all->count : max;
    for (size_t i = 0; i < count; i++) {
        all->list[i].row->progress(all->list[i].state, &out[i]);
        out[i].name = all->list[i].row->name;
        out[i].spent_ns = all->list[i].spent_ns;
    }
    return count;
}
