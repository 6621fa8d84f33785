/* SPDX-License-Identifier: Apache-2.0 */
/* question - what somebody looks for, read from the text they wrote: words, each of which must be
 * found. Digits that may be a telephone number are read as one, and as words too. Pure. */
#ifndef LIA_SEARCH_QUESTION_H
#define LIA_SEARCH_QUESTION_H

#include "common/search/phone.h"
#include "common/search/search.h"
#include "common/search/words.h"

/* One thing that must be found: a word in its forms, a telephone number, or either. */
typedef struct lia_wanted {
    lia_span written; /* borrows the question */
    uint8_t plain[LIA_WORD_BYTES_MAX], spelt[LIA_WORD_BYTES_MAX];
    uint8_t plain_size, spelt_size; /* 0: no such form */
    lia_phone_forms phone;
} lia_wanted;

static inline lia_span lia_wanted_plain(const lia_wanted *wanted)
{
    return lia_span_make(wanted->plain, wanted->plain_size);
}
static inline lia_span lia_wanted_spelt(const lia_wanted *wanted)
{
    return lia_span_make(wanted->spelt, wanted->spelt_size);
}

typedef struct lia_reading {
    lia_wanted list[LIA_SEARCH_WORDS_MAX];
    size_t count;
} lia_reading;

/* The ways to read it: one or two. `home` is whose telephone numbers are written without a calling
 * code.
 *   LIA_EINVAL  too long, not UTF-8, no word or too many; `why` says so     LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_question_read(lia_reading out[2], size_t *count, lia_span text,
                                       lia_country home, lia_arena *arena, lia_why *why);

/* How well a word of a record, or its whole text if that is a telephone number, fits. */
lia_search_how lia_wanted_word(const lia_wanted *wanted, const lia_text_word *word);
lia_search_how lia_wanted_phone(const lia_wanted *wanted, const lia_phone_forms *phone);

#endif
