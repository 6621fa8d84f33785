/* SPDX-License-Identifier: Apache-2.0 */
/* simulate - runs seeds until one fails.
 *
 *     simulate [--seed FIRST] [--seeds COUNT] [--steps N] [--only STEP,...] [--trace] [--frames]
 *              [--twice] [--minimise]
 *
 * COUNT 0 goes on for ever. LIA_SIM_SEEDS in the environment replaces COUNT. --frames shows each
 * frame too. --twice runs each seed twice and compares the traces. --minimise looks which steps of
 * a seed that fails matter, and prints the flags that do only these. */
#include <stdlib.h>

#include "common/base/log.h"
#include "tests/sim/sim.h"

typedef struct flags {
    uint64_t seeds;
    bool twice, minimise;
    const char *only;
    sim_run run;
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

static void read_only(sim_run *run, const char *only)
{
    for (unsigned i = 0; i < run->steps; i++) run->skip[i] = true;
    for (char *end; *only; only = *end ? end + 1 : end) {
        unsigned long step = strtoul(only, &end, 10);
        if (end == only || step >= run->steps || (*end && *end != ',')) {
            fprintf(stderr, "simulate: --only wants steps below %u: 3,17\n", run->steps);
            exit(2);
        }
        run->skip[step] = false;
    }
}

static void check(const flags *read)
{
    if (read->run.steps <= SIM_STEPS_MAX) return;
    fprintf(stderr, "simulate: at most %u steps\n", SIM_STEPS_MAX);
    exit(2);
}

static void read_flags(flags *read, char **arguments)
{
    *read = (flags){.seeds = 1, .run = {.seed = 1, .steps = 60}};
    for (char **at = arguments; *at; at++) {
        if (!strcmp(*at, "--trace"))
            read->run.print = true;
        else if (!strcmp(*at, "--frames"))
            read->run.print = read->run.frames = true;
        else if (!strcmp(*at, "--twice"))
            read->twice = true;
        else if (!strcmp(*at, "--minimise"))
            read->minimise = true;
        else if (!strcmp(*at, "--seed"))
            read->run.seed = number_of(at[1], *at), at++;
        else if (!strcmp(*at, "--seeds"))
            read->seeds = number_of(at[1], *at), at++;
        else if (!strcmp(*at, "--steps"))
            read->run.steps = (unsigned)number_of(at[1], *at), at++;
        else if (!strcmp(*at, "--only") && at[1])
            read->only = *++at;
        else
            fprintf(stderr, "simulate: unknown flag %s\n", *at), exit(2);
    }
    const char *seeds = getenv("LIA_SIM_SEEDS");
    if (seeds) read->seeds = number_of(seeds, "LIA_SIM_SEEDS");
    check(read);
    if (read->only) read_only(&read->run, read->only);
}

static int minimise(sim_run *run)
{
    if (!sim_minimise(run)) {
        printf("seed %llu holds\n", (unsigned long long)run->seed);
        return 0;
    }
    printf("simulate ");
    sim_run_print(run, stdout);
    printf(" --trace\n");
    return 1;
}

static void run_seed(flags *how)
{
    sim_run *run = &how->run;
    uint64_t hash = sim_scenario(run);
    bool print = run->print;
    if (print)
        printf("seed %llu: %016llx\n", (unsigned long long)run->seed, (unsigned long long)hash);
    run->print = false;
    if (how->twice && sim_scenario(run) != hash) {
        fprintf(stderr, "seed %llu has two traces\n", (unsigned long long)run->seed);
        exit(1);
    }
    run->print = print;
}

int main(int count, char **arguments)
{
    static flags how;
    read_flags(&how, arguments + (count > 0));
    lia_log_set_level(LIA_ERROR + 1); /* what nodes complain of is the run's business */
    if (how.minimise) return minimise(&how.run);
    for (uint64_t i = 0; i < how.seeds || !how.seeds; i++, how.run.seed++) {
        run_seed(&how);
        if (i % 1000 == 999) fprintf(stderr, "%llu seeds\n", (unsigned long long)(i + 1));
    }
    printf("%llu seeds of %u steps hold\n", (unsigned long long)how.seeds, how.run.steps);
    return 0;
}
