/* SPDX-License-Identifier: Apache-2.0 */
/* identity - asking which records are one customer. Answers come from rows that the node keeps in
 * step beside its normal work, so they are those of a moment ago: lia_progress (service.h) says how
 * many records wait. When none does, all nodes that hold the same events give the same answers.
 *
 * Any thread that may use the rows; nothing here writes. */
#ifndef LIA_IDENTITY_IDENTITY_H
#define LIA_IDENTITY_IDENTITY_H

#include "common/identity/cluster.h"
#include "common/identity/match.h"
#include "common/node/rows.h"

/* A customer is made of at most so many records: people are declined more, see sameness.h. Nodes
 * that link at the same time may go beyond; readers then see the first. */
#define LIA_MEMBERS_SHOWN_MAX 256

/* ---- customers ------------------------------------------------------------------------------ */

/* What the record's customer is called: the id of the oldest record of its cluster, the record's
 * own where it is alone or not known. The id of any member stays good for good: it resolves to the
 * same customer as all others. */
LIA_MUST_USE lia_err lia_identity_customer(const lia_rows *rows, lia_id record, lia_id *customer);

/* The records of the customer that `record` belongs to, oldest first, itself included; of a record
 * that is alone itself. At most `max` are written. Archived ones count, erased ones never. */
LIA_MUST_USE lia_err lia_identity_members(const lia_rows *rows, lia_id record, lia_id *out,
                                          size_t max, size_t *count);

/* ---- edges ---------------------------------------------------------------------------------- */

/* What people said of a pair. Of words that were said at once the highest counts. */
typedef enum lia_word { LIA_WORD_NONE, LIA_WORD_SAME, LIA_WORD_NOT_SAME } lia_word;

/* What speaks for or against two records being one customer. */
typedef struct lia_tie {
    lia_id other;
    lia_verdict verdict; /* of the rules; LIA_MATCH_NOTHING when they say nothing */
    bool certain;        /* a certain rule holds */
    int32_t score;       /* sixteenths of a bit; 0 when the rules say nothing */
    lia_word word;       /* beats the rules */
    lia_edge_fate fate;  /* what became of it */
} lia_tie;

/* The ties of a record by ascending id of the other, those behind `after` (LIA_ID_NONE: all), at
 * most `max`. *more: there are others behind. */
LIA_MUST_USE lia_err lia_identity_ties(const lia_rows *rows, lia_id record, lia_id after,
                                       lia_tie *out, size_t max, size_t *count, bool *more);

/* The tie between two records; LIA_EABSENT: there is none. */
LIA_MUST_USE lia_err lia_identity_tie(const lia_rows *rows, lia_id a, lia_id b, lia_tie *out);

/* What people said of two records; it is in step with the records at once. */
LIA_MUST_USE lia_err lia_identity_word(const lia_rows *rows, lia_id a, lia_id b, lia_word *out);

/* ---- questions for people -------------------------------------------------------------------- */

/* A pair that a person should look at. Its fate says why it is not decided: LIA_EDGE_OPEN (the
 * score is between the thresholds), HELD (somebody said that two of those it would join are not the
 * same), FULL (too many records for rules), AMBIGUOUS (it fits two customers). Pairs of which
 * people have said something, and those with an archived record, are not asked. */
typedef struct lia_question {
    int32_t score;
    lia_id a, b; /* a is the lower */
    bool certain;
    lia_edge_fate fate;
} lia_question;

/* The queue by descending score, those behind `after` (NULL: from the first), at most `max`. */
LIA_MUST_USE lia_err lia_identity_questions(const lia_rows *rows, const lia_question *after,
                                            lia_question *out, size_t max, size_t *count,
                                            bool *more);

/* ---- comparing on demand --------------------------------------------------------------------- */

/* Compares two records as they are now, with how common their values are: the reasons of a pair.
 * Spans of the reasons live in the arena (some 20 kB). *out is what the rules say; people's words
 * are in the tie.
 *   LIA_EABSENT, LIA_EGONE, LIA_EINVAL   one of them is not there, was erased, is no customer
 *   LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_identity_compare(const lia_rows *rows, lia_id a, lia_id b,
                                          lia_arena *arena, lia_match *out);

/* A record that might be the same customer as another. */
typedef struct lia_double {
    lia_id record;
    lia_match
        match; /* LIA_MATCH_LINK or LIA_MATCH_ASK; `a` of its reasons is the one asked about */
} lia_double;

/* Which records might be the customer in `message`, which need not be stored: best first, at most
 * `max`. For the warning on entry. It looks at most at LIA_DOUBLES_LOOKED_MAX records, those with
 * the rarest values in common first, which takes some milliseconds.
 *   LIA_EFULL  the arena (allow 16 MiB) */
#define LIA_DOUBLES_LOOKED_MAX 256
LIA_MUST_USE lia_err lia_identity_doubles(const lia_rows *rows, const Crm__Customer *message,
                                          lia_arena *arena, lia_double *out, size_t max,
                                          size_t *count);

#endif
