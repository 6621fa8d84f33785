/* SPDX-License-Identifier: Apache-2.0 */
/* few - the documents of an asker who may read little. Who sees some records of a million would
 * otherwise have candidates looked at and refused one by one; here they are known before, from the
 * indexes of owners, and the postings are read through them. It only narrows what is proposed: each
 * record is tested as always. Internal to common/search. */
#ifndef LIA_SEARCH_FEW_H
#define LIA_SEARCH_FEW_H

#include "common/search/layout.h"
#include "common/search/search.h"

/* More documents than these are looked at one by one: their share of the index is large then. */
#define LIA_FEW_MAX       20000
#define LIA_FEW_KINDS_MAX 256

typedef struct lia_few {
    uint8_t *documents;                /* bits; NULL: no kind is narrowed */
    lia_document end;                  /* documents have lower numbers */
    uint16_t kinds[LIA_FEW_KINDS_MAX]; /* those that are narrowed, ascending */
    size_t kind_count, count;
} lia_few;

/* Asks whose records the asker may read, and finds these. Lives in the arena, which gives an eighth
 * of a byte for each document.   LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_few_find(lia_few *few, lia_snapshot *index, const lia_rows *rows,
                                  const lia_search_question *question, lia_arena *arena);

/* Whether only documents that are marked count, of that kind. */
bool lia_few_narrows(const lia_few *few, uint16_t kind);

static inline bool lia_few_has(const lia_few *few, lia_document document)
{
    return document < few->end && few->documents[document / 8] >> document % 8 & 1;
}

#endif
