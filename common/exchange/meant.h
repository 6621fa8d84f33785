/* SPDX-License-Identifier: Apache-2.0 */
/* meant - which word was probably meant by one that is none. Pure. */
#ifndef LIA_EXCHANGE_MEANT_H
#define LIA_EXCHANGE_MEANT_H

#include <stddef.h>

/* The word of `words` that `text` was probably meant to be, or NULL. */
const char *lia_word_meant(const char *text, const char *const *words, size_t count);

#endif
