/* SPDX-License-Identifier: Apache-2.0 */
/* phone - telephone numbers as search sees them: by their first digits in E.164 and by their last
 * ones, so that a number is found in any form in which somebody writes it. Pure. */
#ifndef LIA_SEARCH_PHONE_H
#define LIA_SEARCH_PHONE_H

#include "common/identity/normal.h"

/* Fewer digits are no telephone number, but may be the number of something else. */
#define LIA_PHONE_DIGITS_MIN 5
#define LIA_PHONE_DIGITS_MAX 20

/* Empty forms: the text has none. */
typedef struct lia_phone_forms {
    uint8_t whole[LIA_PHONE_DIGITS_MAX]; /* E.164 without its plus */
    uint8_t back[LIA_PHONE_DIGITS_MAX];  /* last digit first; what was dialled before them is off */
    size_t whole_size, back_size;
} lia_phone_forms;

/* The forms of what a record holds: `back` are those of `whole`. `country` is whose numbers are
 * written without a calling code.   LIA_EFULL */
LIA_MUST_USE lia_err lia_phone_of_record(lia_phone_forms *out, lia_span text, lia_country country,
                                         lia_arena *arena);
/* The forms of what somebody looks for, which may be the beginning or the end of a number. `whole`
 * is there when the calling code is or follows; `back` lacks the zeros that are dialled before a
 * number. LIA_EFULL */
LIA_MUST_USE lia_err lia_phone_of_question(lia_phone_forms *out, lia_span text, lia_country country,
                                           lia_arena *arena);

/* The first run of characters in `text` that may be a telephone number: digits with what stands
 * between them, LIA_PHONE_DIGITS_MIN at least. False when there is none. */
bool lia_phone_find(lia_span text, lia_span *run);

#endif
