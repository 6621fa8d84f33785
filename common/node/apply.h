/* SPDX-License-Identifier: Apache-2.0 */
/* apply - folds one event into the views: registers, indexes, references, timeline, idempotency
 * notes, digests, and the department's own folds. Own and foreign, live and replayed events pass
 * here alike; the result depends on the set of events, not on their order. */
#ifndef LIA_NODE_APPLY_H
#define LIA_NODE_APPLY_H

#include "common/bus/members.h"
#include "common/node/background.h"
#include "common/node/cut.h"
#include "common/node/definitions.h"
#include "common/node/recount.h"
#include "common/node/service.h"
#include "common/node/state.h"
#include "common/node/turn.h"
#include "common/sync/ledger.h"


typedef struct lia_applier {
    lia_rows rows; /* the writer's */
    lia_digests digests;
    lia_recount recount; /* of the rows that the digests sum */
    lia_backgrounds backgrounds;
    lia_definitions *definitions; /* of custom fields and kinds; NULL: the thread's catalog stays */
    lia_cut cut;         /* a moment that peers compare */
    const lia_service *services[LIA_SERVICES_MAX];
    lia_arena *arena; /* of the turn or batch: scratch */
    lia_turn *turn;   /* what folds are given */
    uint16_t member;  /* this node's number */
    lia_time born;    /* when the store was made: others have reacted to what was before */
    uint64_t take_over_ms; /* see lia_node_options */
    bool sends_mail;
    uint64_t features; /* bits: what is switched on (feature.h) */
    const lia_members *const *members; /* where the list in force is found, or NULL */
    lia_ledger erased; /* all who were, as in the views */
    lia_ledger fresh;  /* of them those who were not told yet, see writer.h */
    size_t unrequested; /* of whom the request itself has not come yet */
    bool erase;       /* a request was applied: the bytes have to go, see eraser.h */
    uint64_t blanked;    /* arrival of the last event that blanked something, or was; 0: none */
    uint64_t blanked_ns; /* when that was noted */
    const lia_buckets *only; /* records of other buckets need not be blanked; NULL: all */
    bool damaged;     /* a row could not be read: all are to be counted now, see audit.h */
    lia_buckets suspects; /* of records whose rows could not be read, for the audit */
} lia_applier;

/* Keeps digests and counts in step with a change of a record's state row; either may be empty. */
void lia_applier_sum(lia_applier *applier, uint32_t kind, lia_id id, lia_span before,
                     lia_span after);

/* Fills in what handlers see of an event: its kind, unpacked fact and time. */
LIA_MUST_USE lia_err lia_occurrence_make(lia_occurrence *out, const lia_event *event, uint64_t arrival,
                                         lia_turn *turn);

/* Shows an event to the services' folds; `back`: to those that take it back. Errors as below. */
LIA_MUST_USE lia_err lia_apply_folds(lia_applier *applier, const lia_event *event, uint64_t arrival,
                                     bool back);

/* Applies a parsed event that arrived as `arrival`.
 *   LIA_EFULL   the views or the arena are full
 *   LIA_ECORRUPT, LIA_EIO   rows or log cannot be read */
LIA_MUST_USE lia_err lia_apply_event(lia_applier *applier, const lia_event *event, uint64_t arrival);

/* Applies what dropped events about one customer (or none) said of a record: `row` is a record's
 * encoded form. Doing it again changes nothing. Folds of every event see an event without origin
 * whose op names the record and sets nothing. Errors as above. */
LIA_MUST_USE lia_err lia_apply_base(lia_applier *applier, uint32_t kind, lia_id id, lia_id about,
                                    lia_span row);

#endif
