/* SPDX-License-Identifier: Apache-2.0 */
/* candidates - from a question to the documents that may answer it, best first, by the index alone.
 * What the index says is of a moment ago, so whoever shows a document looks at its record again.
 * Internal to common/search. */
#ifndef LIA_SEARCH_CANDIDATES_H
#define LIA_SEARCH_CANDIDATES_H

#include "common/search/few.h"
#include "common/search/question.h"
#include "common/search/text.h"

/* How much a match counts: the higher the better, 255 at most. */
unsigned lia_fit_weight(lia_text_class class, lia_search_how how);

/* Rows of postings that are looked at for one word, and at most as many are kept. A word that
 * begins more terms, such as a single letter, is not held against the documents; their records are.
 */
#define LIA_CANDIDATE_ROWS_MAX 30000

typedef struct lia_candidates {
    lia_snapshot *index;
    const lia_search_question *question;
    const lia_few *few;
    lia_arena *arena;
    /* what can be found: postings by weight of their field, for the asker */
    struct lia_candidate_fields *fields;
    /* the answer, as a heap: score << 32 | document */
    uint64_t *heap;
    size_t count;
} lia_candidates;

/* Finds the documents of a reading. `match` is zeroed but for index, question and arena; fields are
 * kept for the next reading. The heap is the caller's to free(). LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_candidates_find(lia_candidates *match, const lia_reading *reading);

/* Takes the best that is left; false when there is none. Of equal ones the newest. */
bool lia_candidates_next(lia_candidates *match, lia_document *out);

#endif
