/* SPDX-License-Identifier: Apache-2.0 */
/* fold - characters as normal forms see them, one at a time and without malloc. */
#ifndef LIA_IDENTITY_FOLD_H
#define LIA_IDENTITY_FOLD_H

#include "common/base/span.h"

#define LIA_FOLD_MAX 18 /* the longest decomposition in Unicode (U+FDFA) */

/* Takes the first character off `text` and gives what it is without case and accents: 0 to
 * LIA_FOLD_MAX letters. A byte that is not UTF-8 is one space. */
size_t lia_fold_next(lia_span *text, int32_t letters[LIA_FOLD_MAX]);

/* The same, but accents stay: for e-mails and host names. */
size_t lia_fold_case(lia_span *text, int32_t letters[LIA_FOLD_MAX]);

typedef enum lia_fold_class { LIA_FOLD_SPLITS, LIA_FOLD_LETTER, LIA_FOLD_NOTHING } lia_fold_class;

/* Does a folded character belong to a word, end it, or (an apostrophe) vanish? */
lia_fold_class lia_fold_classify(int32_t letter);

/* Appends a character as UTF-8; returns its size, 1 to 4. */
size_t lia_fold_letter(int32_t letter, uint8_t *out);

#endif
