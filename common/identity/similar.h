/* SPDX-License-Identifier: Apache-2.0 */
/* similar - how alike two words are, in integers, so that every build and every machine agrees.
 * Words are those of normal forms: folded, without blanks. */
#ifndef LIA_IDENTITY_SIMILAR_H
#define LIA_IDENTITY_SIMILAR_H

#include "common/identity/normal.h"

/* Jaro-Winkler similarity in thousandths, 0 to 1000: Jaro (1989), J. Am. Stat. Assoc. 84:414, with
 * the reward for a common prefix of up to 4 letters of Winkler (1990), where Jaro's is above 0.7.
 * Each of the three ratios and the reward is rounded down. */
unsigned lia_similar(const lia_name_token *a, const lia_name_token *b);

/* The same for bytes; only the first 32 are looked at. */
unsigned lia_similar_bytes(lia_span a, lia_span b);

/* Soundex (Russell 1918, as the US National Archives use it): a letter and three digits. Words in
 * other scripts give their first letters. Returns the bytes written, at most LIA_SOUNDEX_MAX. */
#define LIA_SOUNDEX_MAX 12
size_t lia_soundex(const lia_name_token *token, uint8_t out[LIA_SOUNDEX_MAX]);

#endif
