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

void sim_run_print(const sim_run *run, FILE *out)
{
    const char *before = " --only ";
    bool skips = false;
    for (unsigned i = 0; i < run->steps; i++) skips |= run->skip[i];
    fprintf(out, "--seed %llu --steps %u", (unsigned long long)run->seed, run->steps);
    for (unsigned i = 0; i < run->steps && skips; i++) {
        if (run->skip[i]) continue;
        fprintf(out, "%s%u", before, i);
        before = ",";
    }
}

_Noreturn void sim_fail(sim *world, const char *format, ...)
{
    if (world->trace.print) sim_check_show(world);
    fflush(stdout);
    fprintf(stderr, "seed %llu, at %lld ms: ", (unsigned long long)world->run->seed,
            (long long)world->clock.now_ms);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n  repeat:   simulate ");
    sim_run_print(world->run, stderr);
    fprintf(stderr, " --trace\n  minimise: simulate --seed %llu --steps %u --minimise\n",
            (unsigned long long)world->run->seed, world->run->steps);
    exit(1);
}
