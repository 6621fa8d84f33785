/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/meant.h"

#include <stdint.h>
#include <string.h>

#include "common/base/span.h"

/* Edit distance (Levenshtein) over one row; words longer than the row never match. */
static size_t distance(const char *a, const char *b)
{
    size_t row[33], size = strlen(b);
    if (size >= LIA_COUNT(row)) return SIZE_MAX;
    for (size_t j = 0; j <= size; j++) row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t change = corner + (*a != b[j - 1]);
            corner = row[j];
            size_t shorter = row[j - 1] < row[j] ? row[j - 1] : row[j];
            row[j] = shorter + 1 < change ? shorter + 1 : change;
        }
    }
    return row[size];
}

const char *lia_word_meant(const char *text, const char *const *words, size_t count)
{
    size_t best = strlen(text) / 3 + 2;
    const char *meant = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(text, words[i]);
        if (d >= best) continue;
        best = d;
        meant = words[i];
    }
    return meant;
}
