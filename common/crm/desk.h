/* SPDX-License-Identifier: Apache-2.0 */
/* desk - a department that answers hand-overs by itself: it accepts, and opens a record of its own
 * for the customer, exactly once; or it refuses, and says why.
 *
 * Hand-over and customer may come from different nodes, whose events arrive in any order, so an
 * unknown customer is first waited for. An offer that has waited for this node to come back is not
 * answered at once either: its withdrawal may be on the way behind it. The answer, the opened
 * record and the position of the reactor (or the removal of the job) are one commit. */
#ifndef LIA_CRM_DESK_H
#define LIA_CRM_DESK_H

#include "common/crm/handover.h"
#include "common/node/turn.h"

typedef struct lia_desk {
    const char *job;    /* of the service: looks again for a customer that has not arrived */
    uint16_t kind;      /* LIA_DEAL or LIA_TICKET: what is opened */
    const char *cannot; /* the answer when `open` declines */
    /* Makes the record `work` for a hand-over and tells that it is open. LIA_EREFUSED, with nothing
     * recorded, when a rule declines it. */
    lia_err (*open)(lia_turn *turn, lia_id work, lia_id handover, const Crm__Handover *offer);
} lia_desk;

/* An older offer than this was made while this node was away or behind. */
#define LIA_DESK_FRESH_MS LIA_SECOND_MS
/* How long one waits before looking again, and how often for an unknown customer. */
#define LIA_DESK_LOOK_MS   (2 * LIA_SECOND_MS)
#define LIA_DESK_LOOKS_MAX 30

/* The body of a reactor on handover.offered. */
LIA_MUST_USE lia_err lia_desk_react(const lia_desk *desk, lia_turn *turn,
                                    const lia_occurrence *seen);

/* The body of the job `desk->job`. */
LIA_MUST_USE lia_err lia_desk_look(const lia_desk *desk, lia_turn *turn, lia_id handover,
                                   lia_span payload);

/* What accept and refuse do, by people and by desks: records the changed hand-over and tells. */
LIA_MUST_USE lia_err lia_handover_tell_accepted(lia_turn *turn, lia_id id,
                                                const Crm__Handover *handover);
LIA_MUST_USE lia_err lia_handover_tell_refused(lia_turn *turn, lia_id id,
                                               const Crm__Handover *handover);

#endif
