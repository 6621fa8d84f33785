/* SPDX-License-Identifier: Apache-2.0 */
/* retention - which interactions a retention rule takes away: pure rules, and the walk that looks
 * for them. The dry run and the run itself share both, so the one says what the other does. */
#ifndef LIA_CRM_RETENTION_H
#define LIA_CRM_RETENTION_H

#include "common/node/rows.h"
#include "common/wire/filter.h"
#include "proto/crm.pb-c.h"

extern const lia_refusal_text LIA_RETENTION_HAS_NO_TYPES[1];
extern const lia_refusal_text LIA_RETENTION_KEEPS_TYPE[1];
extern const lia_refusal_text LIA_RETENTION_IS_TOO_YOUNG[1];

/* Purchases, returns and payments are never blanked: classes of customers are folded from them and
 * could not be taken back one by one, and books are kept for their own time. */
bool lia_retention_may_blank(uint64_t type);

/* Checks a new or changed rule and completes it: since when it runs each day. `before` is NULL for
 * a new one. Refusals in the order above. */
lia_refusal lia_retention_complete(const Crm__RetentionRule *before, Crm__RetentionRule *after,
                                   lia_time now);

/* Whether a node blanks what node `origin` has recorded: its own, and that of a node which has not
 * applied the rule for a week (and as many days more as `self` says, so that not all do it at
 * once). */
bool lia_retention_is_ours(const Crm__RetentionRule *rule, uint16_t self, uint16_t origin,
                           lia_time now);

/* ---- the walk -------------------------------------------------------------------------------- */

typedef struct lia_retention_terms {
    uint64_t types;     /* a bit for each */
    lia_filter *filter; /* NULL: all */
    lia_time now, before;
} lia_retention_terms;

/* Reads a rule into the arena. `why` names the field. LIA_EINVAL: its filter cannot be read, or
 * asks more than the interaction itself.   LIA_EFULL */
LIA_MUST_USE lia_err lia_retention_make(lia_retention_terms *out, const Crm__RetentionRule *rule,
                                        lia_time now, lia_arena *arena, lia_why *why);

/* An interaction that the rule takes away. */
typedef struct lia_retention_find {
    lia_id id, customer;
    uint64_t type;
    lia_time occurred;
    uint16_t origin; /* the node that recorded it */
    size_t bytes;    /* of the event that made it */
} lia_retention_find;

/* Looks at interactions in the order of their ids. Rows must not be written while it is open. */
typedef struct lia_retention_walk {
    const lia_rows *rows;
    const lia_retention_terms *rule;
    lia_arena *arena; /* scratch */
    lia_scan *scan;
    lia_id last;     /* that was looked at */
    uint64_t looked; /* rows */
} lia_retention_walk;

/* Begins behind `after`, or with the first one. */
LIA_MUST_USE lia_err lia_retention_open(lia_retention_walk *walk, const lia_rows *rows,
                                        const lia_retention_terms *rule, lia_id after,
                                        lia_arena *arena);
/* The next one within `max` rows from the beginning.
 *   LIA_EABSENT  there are no more    LIA_EBUSY  so many rows were looked at; another walk goes on
 *   behind walk->last */
LIA_MUST_USE lia_err lia_retention_next(lia_retention_walk *walk, uint64_t max,
                                        lia_retention_find *out);
void lia_retention_close(lia_retention_walk *walk);

#endif
