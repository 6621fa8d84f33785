/* SPDX-License-Identifier: Apache-2.0 */
/* test_lives - a process that is killed at its n-th write or flush, for every n, and what it had
 * promised by then. For tests that include test_disk.h. */
#ifndef LIA_STORE_TEST_LIVES_H
#define LIA_STORE_TEST_LIVES_H

#include <sys/wait.h>

#include "common/store/test_disk.h"

/* What a node has promised so far, shared with the process that will be killed. */
typedef struct promises {
    _Atomic uint64_t acked, begun, flushed, erased, first;
} promises;

typedef struct short_life {
    /* The child's: it works until it is killed, or to its end. Returns 0, or which step failed. */
    int (*live)(const char *dir, promises *p, uint64_t n);
    /* Checks what is left in the folder. */
    void (*check)(const char *dir, promises *p);
    uint64_t fine; /* the first deaths are one after the other, then ever further apart: n / fine */
} short_life;

/* All 0. To be given to munmap, 4096 bytes. */
static inline promises *share_promises(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

/* Runs a life that dies at the `n`-th write or flush; true when it came that far. */
static inline bool die_at(const short_life *of, const char *dir, promises *p, disk_fault how,
                          uint64_t n)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        disk_arm(how, n, false);
        _exit(of->live(dir, p, n));
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
        CHECK_EQ(WEXITSTATUS(status), 0);
        return false;
    }
    CHECK_EQ(WTERMSIG(status), SIGKILL);
    return true;
}

/* Each life in a folder of its own, until one comes to its end. */
static inline void die_everywhere(const short_life *of, disk_fault how)
{
    promises *p = share_promises();
    const char *base = lia_test_dir();
    bool died = true;
    for (uint64_t n = 1; died; n += 1 + n / of->fine) {
        char dir[600];
        snprintf(dir, sizeof dir, "%s/%llu", base, (unsigned long long)n);
        *p = (promises){0};
        died = die_at(of, dir, p, how, n);
        of->check(dir, p);
    }
    munmap(p, 4096);
}

#endif
