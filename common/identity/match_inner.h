/* SPDX-License-Identifier: Apache-2.0 */
/* match_inner - shared by the files that compare profiles. */
#ifndef LIA_IDENTITY_MATCH_INNER_H
#define LIA_IDENTITY_MATCH_INNER_H

#include "common/identity/match.h"

/* How far two names go together. */
typedef enum lia_accord {
    LIA_NAMES_ABSENT, /* one has no name */
    LIA_NAMES_AGREE,
    LIA_NAMES_MISSPELT, /* the family name is */
    LIA_NAMES_DOUBT,    /* nothing contradicts, but it is not enough */
    LIA_NAMES_MOVED,    /* given name equal, family name not: a marriage, or two people */
    LIA_NAMES_DIFFER
} lia_accord;

/* The pair under comparison. */
typedef struct lia_comparison {
    const lia_profile *a, *b;
    const lia_model *model;
    lia_match *match;
    lia_accord names;
    bool rare;     /* a certain rule holds by a key of few holders */
    int crowd;     /* weight of a shared phone of more holders than that */
    bool own;      /* a sign of one person alone is shared */
    bool conflict; /* something that one customer has once differs */
} lia_comparison;

/* Adds the outcome's weight (and `more`) to the score and to the reasons. */
void lia_match_add(lia_comparison *pair, lia_outcome outcome, int more, lia_span a, lia_span b);

/* Compares the names, adds their outcomes and sets `names`. */
void lia_match_names(lia_comparison *pair);

#endif
