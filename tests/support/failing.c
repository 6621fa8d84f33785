/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/failing.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/base/arena.h"

static struct {
    unsigned what;
    uint64_t left; /* until the one that fails; 0: it did, or none is to */
    bool armed;
    pthread_t thread;
} plan;

void lia_failing_arm(unsigned what, uint64_t n)
{
    plan.what = what;
    plan.thread = pthread_self();
    __atomic_store_n(&plan.left, n, __ATOMIC_RELAXED);
    __atomic_store_n(&plan.armed, n > 0, __ATOMIC_RELEASE);
}

bool lia_failing_disarm(void)
{
    bool armed = __atomic_exchange_n(&plan.armed, false, __ATOMIC_ACQ_REL);
    return armed && __atomic_load_n(&plan.left, __ATOMIC_RELAXED) == 0;
}

static bool fails(unsigned what)
{
    if (!__atomic_load_n(&plan.armed, __ATOMIC_ACQUIRE) || !(plan.what & what)) return false;
    bool is_other = !pthread_equal(plan.thread, pthread_self());
    if (is_other != !!(plan.what & LIA_FAIL_OTHERS)) return false;
    uint64_t left = __atomic_load_n(&plan.left, __ATOMIC_RELAXED);
    while (left && !__atomic_compare_exchange_n(&plan.left, &left, left - 1, true, __ATOMIC_RELAXED,
                                                __ATOMIC_RELAXED))
        ;
    if (left != 1) return false;
    errno = ENOMEM;
    return true;
}

/* ---- in front of the C library -----------------------------------------------------------------
 */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails(LIA_FAIL_HEAP) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return fails(LIA_FAIL_HEAP) ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size)
{
    return fails(LIA_FAIL_HEAP) ? NULL : __real_realloc(memory, size);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    return fails(LIA_FAIL_HEAP) ? NULL : __real_strdup(text);
}

void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fd < 0 && fails(LIA_FAIL_HEAP)) return MAP_FAILED;
    return __real_mmap(at, size, protection, flags, fd, offset);
}

/* ---- in front of arenas -------------------------------------------------------------------------
 */

void *__real_lia_arena_take(lia_arena *arena, size_t size);
void *__wrap_lia_arena_take(lia_arena *arena, size_t size);
void *__wrap_lia_arena_take(lia_arena *arena, size_t size)
{
    if (!fails(LIA_FAIL_ARENA)) return __real_lia_arena_take(arena, size);
    arena->exhausted = true;
    return NULL;
}

void *__real_lia_arena_zero(lia_arena *arena, size_t size);
void *__wrap_lia_arena_zero(lia_arena *arena, size_t size);
void *__wrap_lia_arena_zero(lia_arena *arena, size_t size)
{
    if (!fails(LIA_FAIL_ARENA)) return __real_lia_arena_zero(arena, size);
    arena->exhausted = true;
    return NULL;
}

lia_span __real_lia_arena_copy(lia_arena *arena, lia_span span);
lia_span __wrap_lia_arena_copy(lia_arena *arena, lia_span span);
lia_span __wrap_lia_arena_copy(lia_arena *arena, lia_span span)
{
    if (!fails(LIA_FAIL_ARENA)) return __real_lia_arena_copy(arena, span);
    arena->exhausted = true;
    return LIA_SPAN_NONE;
}
