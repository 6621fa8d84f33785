/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include "common/base/assert.h"

#define KEEP_BYTES ((size_t)1 << 20)

/* Under the address sanitizer memory that was forgotten may not be touched until it is taken again:
 * the first KEEP_BYTES, so that a large arena costs no more shadow than a small one. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

static size_t guarded(size_t size)
{
    return size < KEEP_BYTES ? size : KEEP_BYTES;
}

static void forbid(const lia_arena *arena)
{
    if (arena->used) ASAN_POISON_MEMORY_REGION(arena->base, guarded(arena->used));
}

static void allow(const lia_arena *arena, size_t at, size_t size)
{
    if (size) ASAN_UNPOISON_MEMORY_REGION(arena->base + at, size);
}

static void allow_all(const lia_arena *arena)
{
    allow(arena, 0, guarded(arena->capacity));
}
#else
static void forbid(const lia_arena *arena)
{
    (void)arena;
}

static void allow(const lia_arena *arena, size_t at, size_t size)
{
    (void)arena;
    (void)at;
    (void)size;
}

static void allow_all(const lia_arena *arena)
{
    (void)arena;
}
#endif

lia_err lia_arena_init(lia_arena *arena, size_t capacity)
{
    *arena = (lia_arena){0};
    capacity = (capacity + 4095) & ~(size_t)4095;
    void *base = mmap(NULL, capacity, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return LIA_EFULL;
    arena->base = base;
    arena->capacity = capacity;
    return LIA_OK;
}

void lia_arena_fini(lia_arena *arena)
{
    if (arena->base) {
        allow_all(arena); /* whoever gets the addresses next knows nothing of it */
        munmap(arena->base, arena->capacity);
    }
    *arena = (lia_arena){0};
}

void lia_arena_reset(lia_arena *arena)
{
    if (arena->used > arena->high) arena->high = arena->used;
    forbid(arena);
    arena->used = 0;
    arena->exhausted = false;
    if (arena->high > KEEP_BYTES) {
        madvise(arena->base + KEEP_BYTES, arena->capacity - KEEP_BYTES, MADV_DONTNEED);
        arena->high = 0;
    }
}

void *lia_arena_take(lia_arena *arena, size_t size)
{
    size_t at = (arena->used + 15) & ~(size_t)15;
    if (at > arena->capacity || size > arena->capacity - at) {
        arena->exhausted = true;
        return NULL;
    }
    arena->used = at + size;
    allow(arena, at, size);
    if (arena->used > arena->high) arena->high = arena->used;
    return arena->base + at;
}

void *lia_arena_zero(lia_arena *arena, size_t size)
{
    void *memory = lia_arena_take(arena, size);
    return memory ? memset(memory, 0, size) : NULL;
}

lia_span lia_arena_copy(lia_arena *arena, lia_span span)
{
    uint8_t *copy = lia_arena_take(arena, span.size + 1);
    if (!copy) return LIA_SPAN_NONE;
    if (span.size) memcpy(copy, span.data, span.size);
    copy[span.size] = 0;
    return lia_span_make(copy, span.size);
}

char *lia_arena_text(lia_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size < 0) return NULL;
    char *text = lia_arena_take(arena, (size_t)size + 1);
    if (!text) return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return text;
}
