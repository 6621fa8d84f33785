/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves out half of the steps, a quarter ... one, as long as the run still fails in some way
 * (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002). */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/sim.h"

static bool fails(const sim_run *run)
{
    pid_t child = fork();
    lia_assert(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        sim_scenario(run);
        _exit(0);
    }
    int status;
    lia_assert(waitpid(child, &status, 0) == child);
    return status != 0;
}

/* Tries to do without each run of `size` steps. */
static void leave_out(sim_run *run, unsigned size)
{
    for (unsigned from = 0; from < run->steps; from += size) {
        sim_run without = *run;
        bool any = false;
        for (unsigned i = from; i < from + size && i < run->steps; i++) {
            any |= !without.skip[i];
            without.skip[i] = true;
        }
        if (any && fails(&without)) *run = without;
    }
}

bool sim_minimise(sim_run *run)
{
    run->print = run->frames = false;
    if (!fails(run)) return false;
    for (unsigned size = (run->steps + 1) / 2; size; size /= 2) leave_out(run, size);
    leave_out(run, 1);
    return true;
}
