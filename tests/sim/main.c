/* SPDX-License-Identifier: Apache-2.0 */
/* simulate - runs seeds until one fails.
 *
 *     simulate [--seed FIRST] [--seeds COUNT] [--steps N] [--trace] [--frames] [--twice]
 *
 * COUNT 0 goes on for ever. LIA_SIM_SEEDS in the environment replaces COUNT. --frames
 * shows each frame too. --twice runs each
 * seed twice and compares the traces. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

typedef struct flags {
    uint64_t first, seeds;
    unsigned steps;
    bool trace, frames, twice;
} flags;

static uint64_t number_of(const char *text, const char *flag)
{
    char *end;
    if (!text || !*text || (strtoull(text, &end, 10), *end)) {
        fprintf(stderr, "simulate: %s wants a number\n", flag);
        exit(2);
    }
    return strtoull(text, NULL, 10);
}

static flags read_flags(char **arguments)
{
    flags read = {.first = 1, .seeds = 1, .steps = 60};
    for (char **at = arguments; *at; at++) {
        if (!strcmp(*at, "--trace"))
            read.trace = true;
        else if (!strcmp(*at, "--frames"))
            read.trace = read.frames = true;
        else if (!strcmp(*at, "--twice"))
            read.twice = true;
        else if (!strcmp(*at, "--seed"))
            read.first = number_of(at[1], *at), at++;
        else if (!strcmp(*at, "--seeds"))
            read.seeds = number_of(at[1], *at), at++;
        else if (!strcmp(*at, "--steps"))
            read.steps = (unsigned)number_of(at[1], *at), at++;
        else
            fprintf(stderr, "simulate: unknown flag %s\n", *at), exit(2);
    }
    const char *seeds = getenv("LIA_SIM_SEEDS");
    if (seeds) read.seeds = number_of(seeds, "LIA_SIM_SEEDS");
    return read;
}

static void run(const flags *how, uint64_t seed)
{
    uint64_t hash = sim_scenario(seed, how->steps, how->trace, how->frames);
    if (how->twice && sim_scenario(seed, how->steps, false, false) != hash) {
        fprintf(stderr, "seed %llu has two traces\n", (unsigned long long)seed);
        exit(1);
    }
    if (how->trace)
        printf("seed %llu: %016llx\n", (unsigned long long)seed, (unsigned long long)hash);
}

int main(int count, char **arguments)
{
    flags how = read_flags(arguments + (count > 0));
    for (uint64_t i = 0; i < how.seeds || !how.seeds; i++) {
        run(&how, how.first + i);
        if (i % 1000 == 999) fprintf(stderr, "%llu seeds\n", (unsigned long long)(i + 1));
    }
    printf("%llu seeds of %u steps hold\n", (unsigned long long)how.seeds, how.steps);
    return 0;
}
