/* SPDX-License-Identifier: Apache-2.0 */
/* keep - what a delivering node keeps of a webhook on its own disk: how far it has come, and what
 * became of the last attempts. Rows in a box; attempts hold no bodies, of neither side.
 *
 *     's' webhook(16)            -> the state
 *     'a' webhook(16) number(8)  -> an attempt; the last LIA_ATTEMPTS_KEPT of each */
#ifndef LIA_HOOKS_KEEP_H
#define LIA_HOOKS_KEEP_H

#include "common/base/id.h"
#include "common/base/time.h"
#include "common/store/box.h"

#define LIA_KEEP_VERSION  1
#define LIA_ATTEMPTS_KEPT 1000

/* A range of arrivals that is told again; next > until: none. */
typedef struct lia_hook_state {
    uint64_t cursor;          /* all up to this arrival is done */
    uint64_t attempts;        /* number of the last attempt */
    uint32_t failures;        /* in a row */
    int64_t failing_since_ms; /* 0: it does not fail */
    int64_t retry_ms;         /* not before; 0: at once */
    uint64_t replay_next, replay_until;
} lia_hook_state;

typedef enum lia_hook_outcome {
    LIA_DELIVERED,
    LIA_FAILED,  /* tried again later */
    LIA_ENDED,   /* the webhook was stopped because of it */
    LIA_SKIPPED, /* passed: the event had left the log or was erased, or was refused for days while
                  * others are taken */
    LIA_TESTED   /* a test that did not succeed: not tried again */
} lia_hook_outcome;

typedef struct lia_attempt {
    uint64_t number;
    int64_t at_ms;
    uint64_t arrival; /* 0: of a test */
    uint32_t try;     /* 1: the first for this event since it was begun */
    uint16_t status;  /* HTTP; 0: there was no answer */
    uint32_t ms;
    uint8_t outcome; /* lia_hook_outcome */
    bool replayed;
    char id[64]; /* webhook-id */
    char type[96];
    char error[120]; /* "" when there was none */
} lia_attempt;

/* *out is zeroes, with replay_next 1, when there is none. False: there is none, or it cannot be
 * read. */
bool lia_keep_state(lia_box *box, lia_id webhook, lia_arena *arena, lia_hook_state *out);
/* Joins the batch under way.   LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_keep_set_state(lia_box *box, lia_id webhook, const lia_hook_state *state);
LIA_MUST_USE lia_err lia_keep_add(lia_box *box, lia_id webhook, const lia_attempt *attempt);
/* All of a webhook's rows.   LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_keep_forget(lia_box *box, lia_id webhook, uint64_t attempts);

/* The last attempts before number `before` (0: of all), newest first; *count is at most `max`. Any
 * thread.   LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_keep_attempts(lia_box *box, lia_id webhook, uint64_t before, size_t max,
                                       lia_attempt *out, size_t *count);

/* The rows' bytes. Reading refuses what was not written so (LIA_ECORRUPT). Fuzzed. */
#define LIA_STATE_ROW_SIZE  56
#define LIA_ATTEMPT_ROW_MAX 400
void lia_state_row_put(const lia_hook_state *state, uint8_t out[LIA_STATE_ROW_SIZE]);
LIA_MUST_USE lia_err lia_state_row_read(lia_span row, lia_hook_state *out);
size_t lia_attempt_row_put(const lia_attempt *attempt, uint8_t out[LIA_ATTEMPT_ROW_MAX]);
LIA_MUST_USE lia_err lia_attempt_row_read(lia_span row, lia_attempt *out);

#endif
