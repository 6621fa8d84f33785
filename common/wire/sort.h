/* SPDX-License-Identifier: Apache-2.0 */
/* sort - in place, without malloc (glibc's qsort takes some for large arrays) and without a bad
 * case, since what is sorted comes from outside. */
#ifndef LIA_WIRE_SORT_H
#define LIA_WIRE_SORT_H

#include <stddef.h>

/* Sorts ascending; equal members may change places. An array in order costs one pass. */
void lia_sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
