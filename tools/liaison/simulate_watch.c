/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/simulate_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/time.h"

#define SETTLE_MS_MAX 60000

static void keep_most(double *most, double value)
{
    if (value > *most) *most = value;
}

static void note_look(lia_watch *watch)
{
    long long behind = 0;
    for (size_t i = 0; i < watch->top->count; i++) {
        const lia_top_row *row = &watch->top->rows[i];
        snprintf(watch->out->nodes[i].name, sizeof watch->out->nodes[i].name, "%s", row->name);
        keep_most(&watch->out->nodes[i].behind_most, row->behind);
        keep_most(&watch->out->nodes[i].queue_most, row->queue);
        keep_most(&watch->out->nodes[i].flush_p99_s, row->flush_p99_s);
        keep_most(&watch->out->nodes[i].memory_most, row->memory);
        keep_most(&watch->out->nodes[i].events_s_most, row->events_s);
        behind += row->behind > 0 ? (long long)row->behind : row->behind < 0;
    }
    for (size_t i = 0; i < watch->top->lag_count; i++)
        if (watch->top->lags[i].ms > watch->out->lag_ms_most)
            watch->out->lag_ms_most = watch->top->lags[i].ms;
    watch->out->node_count = watch->top->count;
    atomic_store(&watch->behind, behind);
}

static void *look_on(void *context)
{
    lia_watch *watch = context;
    while (!atomic_load(&watch->over)) {
        lia_top_look(watch->top);
        note_look(watch);
        for (int i = 0; i < 10 && !atomic_load(&watch->over); i++)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return NULL;
}

lia_err lia_watch_start(lia_watch *watch, const lia_targets *targets, lia_simulated *out,
                        lia_why *why)
{
    watch->out = out;
    watch->top = calloc(1, sizeof *watch->top);
    if (!watch->top) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_top_open(watch->top, targets, why);
    if (err) return err;
    watch->running = pthread_create(&watch->thread, NULL, look_on, watch) == 0;
    return watch->running ? LIA_OK : lia_why_set(why, LIA_EFULL, "a thread cannot be started");
}

long long lia_watch_behind(const lia_watch *watch)
{
    return atomic_load(&watch->behind);
}

static void stop(lia_watch *watch)
{
    atomic_store(&watch->over, true);
    if (watch->running) pthread_join(watch->thread, NULL);
    watch->running = false;
}

void lia_watch_settle(lia_watch *watch)
{
    uint64_t begun_ns = lia_time_ticks_ns();
    int64_t ms = 0;
    stop(watch);
    watch->out->settled_ms = -1;
    while (watch->out->settled_ms < 0 && ms < SETTLE_MS_MAX) {
        ms = (int64_t)((lia_time_ticks_ns() - begun_ns) / 1000000);
        lia_top_look(watch->top);
        note_look(watch);
        if (lia_watch_behind(watch) == 0) watch->out->settled_ms = ms;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
}

void lia_watch_close(lia_watch *watch)
{
    stop(watch);
    if (watch->top) lia_top_close(watch->top);
    free(watch->top);
    watch->top = NULL;
}
