/* SPDX-License-Identifier: Apache-2.0 */
/* hit - a record held against the question, as it is now and as the asker sees it: does it answer,
 * how well, and what of it is shown. Pure. Internal to common/search. */
#ifndef LIA_SEARCH_HIT_H
#define LIA_SEARCH_HIT_H

#include "common/search/candidates.h"

/* Characters of a long text that are shown. */
#define LIA_SNIPPET_LETTERS 160

/* Fills score, title, snippet and reasons when all that is wanted is in the record; *fits tells.
 * `kind` is as the asker sees it; spans borrow `message` and the reading.   LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_hit_make(lia_search_hit *out, const lia_kind *kind, lia_span message,
                                  const lia_reading *reading, lia_country home, lia_arena *arena,
                                  bool *fits);

#endif
