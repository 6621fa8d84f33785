/* SPDX-License-Identifier: Apache-2.0 */
/* Heapsort (Williams 1964, Floyd 1964), and for a few members insertion: they mostly come as two
 * ascending runs, which it merges with few moves. */
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

void lia_sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    members all = {array, size, compare};
    if (count <= FEW && size <= KEEP_MAX) {
        insert_few(&all, count);
        return;
    }
    if (in_order(&all, count)) return;
    for (size_t i = count / 2; i-- > 0;) sink(&all, i, count);
    for (size_t last = count - 1; last > 0; last--) {
        swap(all.at, all.at + last * size, size);
        sink(&all, 0, last);
    }
}
