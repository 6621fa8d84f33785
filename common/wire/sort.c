/* SPDX-License-Identifier: Apache-2.0 */
/* Quicksort (Hoare 1961) that turns to heapsort (Williams 1964, Floyd 1964) where it would go deep
 * (Musser 1997), and for a few members insertion: they mostly come as two ascending runs, which it
 * merges with few moves. Members too large to keep one aside are sorted by heap alone. */
#include "common/wire/sort.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct members {
    uint8_t *at;
    size_t size;
    int (*compare)(const void *, const void *);
} members;

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
    uint8_t keep[64];
    for (size_t done = 0; done < size;) {
        size_t part = size - done < sizeof keep ? size - done : sizeof keep;
        memcpy(keep, a + done, part);
        memcpy(a + done, b + done, part);
        memcpy(b + done, keep, part);
        done += part;
    }
}

/* Lets the member at `place` sink until none of its children is above it. */
static void sink(const members *all, size_t place, size_t count)
{
    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        uint8_t *at = all->at + child * all->size;
        if (child + 1 < count && all->compare(at, at + all->size) < 0) {
            child++;
            at += all->size;
        }
        if (all->compare(all->at + place * all->size, at) >= 0) return;
        swap(all->at + place * all->size, at, all->size);
    }
}

static bool in_order(const members *all, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const uint8_t *at = all->at + i * all->size;
        if (all->compare(at - all->size, at) > 0) return false;
    }
    return true;
}

#define FEW      32
#define KEEP_MAX 512 /* bytes of a member that insertion keeps aside */

static void insert_few(const members *all, size_t count)
{
    uint8_t keep[KEEP_MAX];
    for (size_t i = 1; i < count; i++) {
        uint8_t *from = all->at + i * all->size, *to = from;
        while (to > all->at && all->compare(to - all->size, from) > 0) to -= all->size;
        if (to == from) continue;
        memcpy(keep, from, all->size);
        memmove(to + all->size, to, (size_t)(from - to));
        memcpy(to, keep, all->size);
    }
}

static void heap_sort(const members *all, size_t count)
{
    for (size_t i = count / 2; i-- > 0;) sink(all, i, count);
    for (size_t last = count - 1; last > 0; last--) {
        swap(all->at, all->at + last * all->size, all->size);
        sink(all, 0, last);
    }
}

static const uint8_t *median(const members *all, size_t count)
{
    const uint8_t *a = all->at, *b = a + count / 2 * all->size, *c = a + (count - 1) * all->size;
    if (all->compare(a, b) > 0) {
        const uint8_t *keep = a;
        a = b;
        b = keep;
    }
    if (all->compare(b, c) <= 0) return b;
    return all->compare(a, c) > 0 ? a : c;
}

/* Returns how many are in the lower part, in which none is above one of the upper part. Neither is
 * empty: of first, middle and last one two at least are not below the pivot, and two not above it.
 */
static size_t split(const members *all, size_t count)
{
    uint8_t pivot[KEEP_MAX];
    uint8_t *low = all->at, *high = all->at + (count - 1) * all->size;
    memcpy(pivot, median(all, count), all->size);
    for (;; low += all->size, high -= all->size) {
        while (all->compare(low, pivot) < 0) low += all->size;
        while (all->compare(high, pivot) > 0) high -= all->size;
        if (low >= high) return (size_t)(high - all->at) / all->size + 1;
        swap(low, high, all->size);
    }
}

/* The smaller part is sorted first, so it never calls itself more than log2(count) deep. */
static void sort_part(members all, size_t count, unsigned depth)
{
    for (; count > FEW; depth--) {
        if (!depth) {
            heap_sort(&all, count);
            return;
        }
        size_t low = split(&all, count);
        members upper = {all.at + low * all.size, all.size, all.compare};
        if (low < count - low) {
            sort_part(all, low, depth - 1);
            all = upper;
            count -= low;
        } else {
            sort_part(upper, count - low, depth - 1);
            count = low;
        }
    }
    insert_few(&all, count);
}

void lia_sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    members all = {array, size, compare};
    if (count > FEW && in_order(&all, count)) return;
    unsigned depth = 2;
    for (size_t left = count; left > 1; left /= 2) depth += 2;
    if (size <= KEEP_MAX)
        sort_part(all, count, depth);
    else if (count)
        heap_sort(&all, count);
}
