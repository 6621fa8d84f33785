/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/assert.h"
#include "tests/sim/sim.h"

static bool earlier(const sim_event *a, const sim_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void swap(sim_event *a, sim_event *b)
{
    sim_event kept = *a;
    *a = *b;
    *b = kept;
}

static void grow(sim_clock *clock)
{
    if (clock->count < clock->capacity) return;
    clock->capacity = clock->capacity ? 2 * clock->capacity : 256;
    clock->heap = realloc(clock->heap, clock->capacity * sizeof *clock->heap);
    lia_assert(clock->heap);
}

void sim_clock_plan(sim *world, int64_t in_ms, sim_action action, void *what, uint64_t number)
{
    sim_clock *clock = &world->clock;
    grow(clock);
    size_t at = clock->count++;
    clock->heap[at] = (sim_event){clock->now_ms + in_ms, clock->planned++, action, what, number};
    for (; at && earlier(&clock->heap[at], &clock->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&clock->heap[at], &clock->heap[(at - 1) / 2]);
}

static sim_event take_first(sim_clock *clock)
{
    sim_event first = clock->heap[0];
    clock->heap[0] = clock->heap[--clock->count];
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child >= clock->count) break;
        if (child + 1 < clock->count && earlier(&clock->heap[child + 1], &clock->heap[child]))
            child++;
        if (!earlier(&clock->heap[child], &clock->heap[at])) break;
        swap(&clock->heap[child], &clock->heap[at]);
        at = child;
    }
    return first;
}

void sim_clock_run(sim *world, int64_t until_ms)
{
    sim_clock *clock = &world->clock;
    while (clock->count && clock->heap[0].at_ms <= until_ms) {
        sim_event next = take_first(clock);
        clock->now_ms = next.at_ms;
        next.action(world, next.what, next.number);
    }
    clock->now_ms = until_ms;
}

void sim_clock_fini(sim *world)
{
    while (world->clock.count) sim_clock_run(world, world->clock.heap[0].at_ms);
    free(world->clock.heap);
    world->clock = (sim_clock){0};
}
