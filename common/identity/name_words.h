/* SPDX-License-Identifier: Apache-2.0 */
/* name_words - words of names that mean something by themselves: titles, particles, legal forms,
 * and given names that are used for one another. */
#ifndef LIA_IDENTITY_NAME_WORDS_H
#define LIA_IDENTITY_NAME_WORDS_H

#include "common/identity/normal.h"

typedef enum lia_name_word_is {
    LIA_WORD_IS_TITLE = 1,
    LIA_WORD_IS_PARTICLE = 2,
    LIA_WORD_IS_LEGAL_FORM = 4,
} lia_name_word_is;

typedef struct lia_name_word {
    uint8_t is;           /* bits of lia_name_word_is */
    uint8_t nicknames[2]; /* as in lia_name_token */
} lia_name_word;

/* What the word is; one that is in no list is nothing. Never NULL; any thread. */
const lia_name_word *lia_name_word_find(const lia_name_token *token);

#endif
