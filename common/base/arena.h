/* SPDX-License-Identifier: Apache-2.0 */
/* arena - memory for one turn: allocate by bumping, free all at once.
 * The whole capacity is reserved as address space at init and touched only when used, so pointers
 * never move and a reset costs nothing. One thread per arena. */
#ifndef LIA_BASE_ARENA_H
#define LIA_BASE_ARENA_H

#include "common/base/err.h"

typedef struct lia_arena {
    uint8_t *base;
    size_t used, capacity;
    size_t high;    /* most bytes used since the pages were last given back */
    bool exhausted; /* an allocation failed since the last reset */
} lia_arena;

/* Reserves `capacity` bytes.
 *   LIA_EFULL   the address space is exhausted */
LIA_MUST_USE lia_err lia_arena_init(lia_arena *arena, size_t capacity);

/* Gives everything back; fine on a zeroed arena. */
void lia_arena_fini(lia_arena *arena);

/* Forgets all allocations. Pages beyond 1 MiB of the last use go back to the system. */
void lia_arena_reset(lia_arena *arena);

/* `size` bytes, 16-aligned, not cleared; NULL when the capacity is used up (and `exhausted` is
 * set until the next reset). Valid until reset or fini. */
void *lia_arena_take(lia_arena *arena, size_t size);

/* The same, cleared. */
void *lia_arena_zero(lia_arena *arena, size_t size);

/* A copy of `span` in the arena, with a NUL behind it that is not counted. data is NULL when
 * full. */
lia_span lia_arena_copy(lia_arena *arena, lia_span span);

/* A formatted string in the arena; NULL when full. */
char *lia_arena_text(lia_arena *arena, const char *format, ...) LIA_PRINTF(2, 3);

/* A place to return to: everything taken after lia_arena_mark is forgotten by lia_arena_back. */
static inline size_t lia_arena_mark(const lia_arena *arena) { return arena->used; }
static inline void lia_arena_back(lia_arena *arena, size_t mark) { arena->used = mark; }

#endif
