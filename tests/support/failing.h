/* SPDX-License-Identifier: Apache-2.0 */
/* failing - memory that runs out at the n-th allocation, for every n in turn. The linker sends the
 * project's own calls (not those inside of libraries) here first: what malloc and its like give,
 * the mappings that arenas are, and what is taken from arenas.
 *
 *     static lia_err opens_a_log(void *dir) { ... return LIA_OK; }
 *     CHECK(lia_failing_each(opens_a_log, dir, LIA_FAIL_HEAP) > 3);
 *
 * A scenario does its work and gives everything back, whether that succeeded or not. When it says
 * that it succeeded it has checked what came of it: an allocation may fail unnoticed where nobody
 * needs it, but not change an answer. Leaks are the sanitizer's to see, at the end of the program.
 */
#ifndef LIA_TESTS_SUPPORT_FAILING_H
#define LIA_TESTS_SUPPORT_FAILING_H

#include "tests/support/test.h"

enum {
    LIA_FAIL_HEAP = 1,   /* malloc, calloc, realloc, strdup, mmap without a file */
    LIA_FAIL_ARENA = 2,  /* lia_arena_take, _zero, _copy and _text, and what grows in arenas */
    LIA_FAIL_OTHERS = 4, /* of all other threads; without it, of the one that arms */
};

/* The n-th allocation from now fails; 0: none. */
void lia_failing_arm(unsigned what, uint64_t n);
/* Whether it did. Ends it. */
bool lia_failing_disarm(void);

typedef lia_err (*lia_failing_run)(void *context);

/* Runs the scenario with the first allocation failing, then the second ... until it runs without
 * one that failed, and once more undisturbed after each. Returns how many failed. */
static inline size_t lia_failing_each(lia_failing_run run, void *context, unsigned what)
{
    for (uint64_t n = 1;; n++) {
        lia_failing_arm(what, n);
        lia_err err = run(context);
        if (!lia_failing_disarm()) {
            CHECK_OK(err);
            return n - 1;
        }
        CHECK_OK(run(context));
    }
}

#endif
