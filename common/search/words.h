/* SPDX-License-Identifier: Apache-2.0 */
/* words - text as search sees it: words without case and accents, and whether two of them are the
 * same but for one typing error. Records and questions are read by this same code. Pure. */
#ifndef LIA_SEARCH_WORDS_H
#define LIA_SEARCH_WORDS_H

#include "common/base/span.h"

/* Of a longer word the first letters that fit are compared. */
#define LIA_WORD_BYTES_MAX 48

typedef struct lia_text_word {
    lia_span plain;  /* "muller" for "Müller"; letters and digits only, UTF-8 */
    lia_span spelt;  /* "mueller", as it is written where there are no umlauts; empty: the same */
    size_t from, to; /* where it stands in the text, in bytes */
} lia_text_word;

/* A walk over a text, which it borrows. What is not UTF-8 separates words. */
typedef struct lia_text_words {
    lia_span text;
    size_t at;
    uint8_t plain[LIA_WORD_BYTES_MAX], spelt[LIA_WORD_BYTES_MAX];
} lia_text_words;

void lia_text_words_begin(lia_text_words *words, lia_span text);
/* The next word, or false at the end. Its forms are valid until the next call. An ideograph is a
 * word by itself, since nothing shows where a longer one ends. */
bool lia_text_words_next(lia_text_words *words, lia_text_word *out);

/* Fewer letters say too little to be guessed at. */
#define LIA_NEAR_LETTERS_MIN 4
/* The beginning of a longer word is guessed at from so many letters on. */
#define LIA_NEAR_START_MIN 5

/* Whether a folded word is one that typing errors are looked for in: long enough, and without
 * digits, for another number is another thing. */
bool lia_near_wanted(lia_span word);
/* Whether one letter more, less or other, or two neighbours swapped, make `a` of `b`. Equal words
 * are near. */
bool lia_near(lia_span a, lia_span b);
/* Whether a longer word begins with something near `start`, whose last letter is right. */
bool lia_near_start(lia_span start, lia_span word);

#endif
