/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

static void fold(uint64_t *hash, const char *text)
{
    for (; *text; text++) *hash = (*hash ^ (uint8_t)*text) * UINT64_C(1099511628211); /* FNV-1a */
}

void sim_say(sim *world, const char *format, ...)
{
    char line[256];
    int size = snprintf(line, sizeof line, "%8lld ", (long long)world->clock.now_ms);
    va_list args;
    va_start(args, format);
    vsnprintf(line + size, sizeof line - (size_t)size, format, args);
    va_end(args);
    fold(&world->trace.hash, line);
    if (world->trace.print) puts(line);
}

_Noreturn void sim_fail(sim *world, const char *format, ...)
{
    if (world->trace.print) sim_check_show(world);
    fflush(stdout);
    fprintf(stderr, "seed %llu, at %lld ms: ", (unsigned long long)world->seed,
            (long long)world->clock.now_ms);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n  repeat: simulate --seed %llu --steps %u --trace\n",
            (unsigned long long)world->seed, world->steps);
    exit(1);
}
