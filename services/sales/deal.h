/* SPDX-License-Identifier: Apache-2.0 */
/* deal - a sale in the making: its rules, pure.
 *
 *               advance
 *                .---.
 *                v   |
 *     create --> OPEN ----win----> WON ----.
 *                ^ |                       | reopen
 *                | '------lose---> LOST ---+
 *                '-------------------------'
 *
 * Every stay in a stage is a visit in the deal's history: when it began and when it ended. */
#ifndef LIA_SALES_DEAL_H
#define LIA_SALES_DEAL_H

#include "common/base/arena.h"
#include "common/base/time.h"
#include "services/sales/pipeline.h"

#define LIA_DEAL_OPEN    DEAL_STATE(OPEN)
#define LIA_DEAL_WON     DEAL_STATE(WON)
#define LIA_DEAL_LOST    DEAL_STATE(LOST)
#define DEAL_STATE(name) SALES__DEAL_STATE__DEAL_STATE_##name

/* A deal that moved this often is no deal but a toy; each visit is kept for ever. */
#define LIA_DEAL_VISITS_MAX 200

extern const lia_refusal_text LIA_DEAL_IS_CLOSED[1];
extern const lia_refusal_text LIA_DEAL_IS_OPEN[1];
extern const lia_refusal_text LIA_DEAL_IS_ARCHIVED[1];
extern const lia_refusal_text LIA_DEAL_IS_THERE_ALREADY[1];
extern const lia_refusal_text LIA_DEAL_HAS_NO_SUCH_STAGE[1];
extern const lia_refusal_text LIA_DEAL_HAS_NO_REASON[1];
extern const lia_refusal_text LIA_DEAL_HAS_NO_PIPELINE[1];
extern const lia_refusal_text LIA_DEAL_IS_ABOVE_CERTAIN[1];
extern const lia_refusal_text LIA_DEAL_HAS_MOVED_TOO_OFTEN[1];

/* Room for one more visit, so that rules need not allocate. It belongs to the deal once a rule has
 * used it. */
typedef struct lia_deal_room {
    Sales__StageVisit *visit;
    Sales__StageVisit **list; /* one more than the deal has */
} lia_deal_room;

/*   LIA_EFULL   the arena */
LIA_MUST_USE lia_err lia_deal_room_make(lia_deal_room *room, const Sales__Deal *deal,
                                        lia_arena *arena);

/* Makes a deal ready: open, in the first stage of its pipeline, with that stage's probability
 * unless it has one of its own. */
lia_refusal lia_deal_open(Sales__Deal *deal, const Sales__Pipeline *pipeline, lia_time now,
                          lia_deal_room room);

/* Moves an open deal to another stage of its pipeline. */
lia_refusal lia_deal_advance(Sales__Deal *deal, const Sales__Pipeline *pipeline, const char *stage,
                             lia_time now, lia_deal_room room);

lia_refusal lia_deal_win(Sales__Deal *deal, lia_time now);

/* `note` may be NULL and is borrowed. */
lia_refusal lia_deal_lose(Sales__Deal *deal, Sales__LostReason reason, const char *note,
                          lia_time now);

/* Opens a closed deal again, in the stage it was in or, if that is gone, in the first. */
lia_refusal lia_deal_reopen(Sales__Deal *deal, const Sales__Pipeline *pipeline, lia_time now,
                            lia_deal_room room);

/* Checks what somebody changed: the amount, the customer and the pipeline of a closed deal
 * stand. */
lia_refusal lia_deal_change(const Sales__Deal *before, const Sales__Deal *after);

#endif
